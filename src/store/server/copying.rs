//! Copies operations from the journal of a machine: each with all its events and the invite links of its groups in one transaction,
//! together with the note that it was copied. So a copy that was cut short goes on where it ended, and links that were removed here
//! do not come back.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{Link, ServerStore, Values};
use crate::{
    domain::{
        id::{GroupId, OperationId},
        invite::InviteLink,
    },
    store::{
        FileStore, StoreError,
        copying::{StoredOperation, StoredRows},
        form::{number_of, stored},
    },
};

/// The numbers of copied operations: in their journal, and here.
pub type Numbers = BTreeMap<OperationId, OperationId>;

const COPIED: &str = "
    SELECT operation, copied_as
    FROM copies JOIN unnest($1::text[], $2::bigint[]) AS own (digest, operation) USING (digest, operation)";
/// Nobody else gets a number meanwhile.
const LOCK: &str = "LOCK TABLE operations IN SHARE ROW EXCLUSIVE MODE";
/// A number that was never given stays, so that the operation keeps it.
const KEEP_NUMBER: &str = "
    SELECT setval(pg_get_serial_sequence('operations', 'id'), $1, false)
    FROM (SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('operations', 'id')::regclass), 0) AS given) AS last
    WHERE given < $1";
const OPERATION: &str = "
    INSERT INTO operations (instance, created, ended, operator, host) VALUES ($1, $2, $3, $4, $5) RETURNING id";
const EVENTS: &str = "
    INSERT INTO events (operation, sequence, at, body, operator, host, recorded)
    SELECT $1, sequence, at, body, operator, host, to_timestamp(at::double precision / 1000)
    FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY
        AS new (sequence, at, body, operator, host, place) ORDER BY place";
const NOTE: &str = "
    WITH noted AS (
        INSERT INTO copies (digest, operation, copied_as) VALUES ($1, $2, $3) RETURNING 1
    ) SELECT pg_notify('synod', $4) FROM noted";

impl ServerStore {
    /// Those of the operations of a journal that were copied, from it or from a copy of it.
    pub async fn copied(&self, operations: &[StoredOperation]) -> Result<Numbers, StoreError> {
        let digests: Vec<&str> = operations.iter().map(|operation| operation.digest.as_str()).collect();
        let numbers: Vec<i64> = operations.iter().map(|operation| stored(operation.id.0)).collect();
        let rows = self.shared.query(COPIED, &[&digests, &numbers]).await?;
        Ok(rows.iter().map(|row| (number_of(row.get(0)), number_of(row.get(1)))).collect())
    }

    /// Copies an operation from a journal with these invite links, and adds its number here to `numbers`, which has those of the older
    /// operations. Returns how many of the links were not here. Copies nothing if the operation was removed meanwhile.
    pub async fn copy(
        &self,
        journal: &FileStore,
        operation: &StoredOperation,
        links: &[(GroupId, InviteLink)],
        numbers: &mut Numbers,
    ) -> Result<usize, StoreError> {
        let Some(mut rows) = journal.stored_rows(operation.id).await? else { return Ok(0) };
        if let Some(first) = rows.events.iter_mut().find(|event| event.sequence == 0) {
            first.body = renumbered(&first.body, numbers);
        }
        let link = self.shared.link().await?;
        self.shared.query_on(&link, "BEGIN", &[]).await?;
        match self.insert(&link, operation, &rows, links).await {
            Ok((number, new_links)) => {
                self.shared.query_on(&link, "COMMIT", &[]).await?;
                numbers.insert(operation.id, number);
                Ok(new_links)
            }
            Err(error) => {
                // If this fails too, the connection is lost, and the transaction with it.
                let _ = self.shared.query_on(&link, "ROLLBACK", &[]).await;
                Err(error)
            }
        }
    }

    async fn insert(
        &self,
        link: &Arc<Link>,
        operation: &StoredOperation,
        rows: &StoredRows,
        links: &[(GroupId, InviteLink)],
    ) -> Result<(OperationId, usize), StoreError> {
        let mut new_links = 0;
        for (group, invite) in links {
            new_links += usize::from(self.add_sealed(link, &operation.instance, group, invite).await?);
        }
        let number = stored(operation.id.0);
        self.shared.query_on(link, LOCK, &[]).await?;
        self.shared.query_on(link, KEEP_NUMBER, &[&number]).await?;
        let [operator, host] = &rows.writer;
        let values: Values<'_> = &[&rows.instance, &rows.created, &rows.ended, operator, host];
        let inserted = self.shared.query_on(link, OPERATION, values).await?;
        let copied: i64 = inserted.first().map(|row| row.get(0)).unwrap_or_default();
        let events = || rows.events.iter();
        let sequences: Vec<i64> = events().map(|event| event.sequence).collect();
        let times: Vec<i64> = events().map(|event| event.at).collect();
        let bodies: Vec<&str> = events().map(|event| event.body.as_str()).collect();
        let operators: Vec<Option<&str>> = events().map(|event| event.writer[0].as_deref()).collect();
        let hosts: Vec<Option<&str>> = events().map(|event| event.writer[1].as_deref()).collect();
        let values: Values<'_> = &[&copied, &sequences, &times, &bodies, &operators, &hosts];
        self.shared.query_on(link, EVENTS, values).await?;
        self.shared.query_on(link, NOTE, &[&operation.digest, &number, &copied, &rows.instance]).await?;
        Ok((number_of(copied), new_links))
    }

    /// Whether this process can keep invite links here.
    pub fn keeps_links(&self) -> bool {
        self.key.is_some()
    }
}

/// The first event of an operation with the numbers that the operations which it names have here. A parent that was removed has none.
fn renumbered(body: &str, numbers: &Numbers) -> String {
    let Ok(mut event) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    let number = |old: &Value| numbers.get(&OperationId(old.as_u64()?)).map(|new| Value::from(new.0));
    let before = event.clone();
    if let Some(parent) = event.get_mut("parent").filter(|parent| !parent.is_null()) {
        *parent = number(parent).unwrap_or(Value::Null);
    }
    rename_all(&mut event, &number);
    if event == before { body.to_owned() } else { event.to_string() }
}

/// Changes the numbers of operations in the reasons of items.
fn rename_all(value: &mut Value, number: &impl Fn(&Value) -> Option<Value>) {
    match value {
        Value::Object(parts) => {
            for (key, part) in parts {
                match number(part).filter(|_| key == "in_operation") {
                    Some(new) => *part = new,
                    None => rename_all(part, number),
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| rename_all(part, number)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_in_an_event_are_those_of_the_copies() {
        let numbers: Numbers =
            [(9, 109), (12, 112)].map(|(old, new)| (OperationId(old), OperationId(new))).into();
        let body = r#"{"event":"created","verb":"move","parent":9,"items":[{"reason":{"in_operation":12}},{"step":12}]}"#;
        let new: Value = serde_json::from_str(&renumbered(body, &numbers)).unwrap();
        assert_eq!(new["parent"], 109);
        assert_eq!(new["items"][0]["reason"]["in_operation"], 112);
        assert_eq!(new["items"][1]["step"], 12);
        let orphan: Value = serde_json::from_str(&renumbered(r#"{"parent":5}"#, &numbers)).unwrap();
        assert_eq!(orphan["parent"], Value::Null);
        for unchanged in [r#"{"event":"created","verb":"link","items":[]}"#, "no JSON"] {
            assert_eq!(renumbered(unchanged, &numbers), unchanged);
        }
    }
}
