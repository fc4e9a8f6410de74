//! Reads the whole journal of a file as it is stored, for a copy in another store. It changes nothing.

use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use super::{
    FileStore, StoreError,
    form::{number_of, stored},
    prune::LEFT_GROUPS,
};
use crate::domain::{
    id::{GroupId, OperationId},
    instance::InstanceKey,
    invite::InviteLink,
};

/// An operation of a journal, without its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOperation {
    pub id: OperationId,
    pub instance: InstanceKey,
    /// Distinguishes it from an operation with the same number in another journal.
    pub(super) digest: String,
}

/// All that a file keeps of an operation, in the form in which it keeps it.
pub(super) struct StoredRows {
    pub(super) instance: String,
    pub(super) created: i64,
    pub(super) ended: Option<i64>,
    pub(super) writer: [Option<String>; 2],
    pub(super) events: Vec<StoredEvent>,
}

pub(super) struct StoredEvent {
    pub(super) sequence: i64,
    pub(super) at: i64,
    pub(super) body: String,
    pub(super) writer: [Option<String>; 2],
}

impl FileStore {
    /// All operations of all instances ever used, oldest first.
    pub async fn stored_operations(&self) -> Result<Vec<StoredOperation>, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT id, instance, created, body
                FROM operations LEFT JOIN events ON operation = operations.id AND sequence = 0 ORDER BY id";
            let mut statement = transaction.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| {
                let instance = row.get_ref(1)?.as_str()?;
                let order = row.get_ref(3)?.as_str_or_null()?.unwrap_or_default();
                Ok(StoredOperation {
                    id: number_of(row.get(0)?),
                    instance: InstanceKey::new(instance),
                    digest: digest(instance, row.get(2)?, order),
                })
            })?;
            rows.collect()
        })
        .await
    }

    /// All that is kept of an operation; `None` if it was removed.
    pub(super) async fn stored_rows(&self, operation: OperationId) -> Result<Option<StoredRows>, StoreError> {
        let number = stored(operation.0);
        self.read(move |transaction| {
            let sql = "SELECT instance, created, ended, operator, host FROM operations WHERE id = ?1";
            let mut statement = transaction.prepare_cached(sql)?;
            let operation = statement.query_row([number], |row| {
                Ok(StoredRows {
                    instance: row.get(0)?,
                    created: row.get(1)?,
                    ended: row.get(2)?,
                    writer: [row.get(3)?, row.get(4)?],
                    events: Vec::new(),
                })
            });
            let Some(mut operation) = operation.optional()? else { return Ok(None) };
            let sql = "SELECT sequence, at, body, operator, host FROM events WHERE operation = ?1 ORDER BY sequence";
            let mut statement = transaction.prepare_cached(sql)?;
            let rows = statement.query_map([number], |row| {
                Ok(StoredEvent {
                    sequence: row.get(0)?,
                    at: row.get(1)?,
                    body: row.get(2)?,
                    writer: [row.get(3)?, row.get(4)?],
                })
            })?;
            operation.events = rows.collect::<rusqlite::Result<_>>()?;
            Ok(Some(operation))
        })
        .await
    }

    /// The kept invite links of the groups that an operation left or joined again.
    pub async fn invite_links_of(
        &self,
        operation: OperationId,
    ) -> Result<Vec<(GroupId, InviteLink)>, StoreError> {
        let number = stored(operation.0);
        self.read(move |transaction| {
            let sql = format!(
                "WITH {LEFT_GROUPS} SELECT group_id, link FROM invite_links
                WHERE (instance, group_id) IN (SELECT instance, id FROM left_groups WHERE operation = ?1)
                ORDER BY group_id"
            );
            let mut statement = transaction.prepare_cached(&sql)?;
            let mut rows = statement.query([number])?;
            let mut links = Vec::new();
            while let Some(row) = rows.next()? {
                let group = GroupId::parse(row.get_ref(0)?.as_str()?).ok();
                links.extend(group.zip(InviteLink::new(row.get_ref(1)?.as_str()?)));
            }
            Ok(links)
        })
        .await
    }
}

/// What an operation is known by in every copy of its journal: its instance, its time and its order, as they are stored.
fn digest(instance: &str, created: i64, order: &str) -> String {
    let mut digest = Sha256::new();
    for part in ["synod operation 1", instance, &created.to_string(), order] {
        // No part contains a zero byte, so two different operations never give the same text.
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    format!("{:x}", digest.finalize())
}
