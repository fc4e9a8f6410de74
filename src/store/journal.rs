//! The journal in the store: the recorded events, and operations folded from them.

use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{
    FileStore,
    folding::Folding,
    form::{encode, number_of, stored},
};
use crate::{
    domain::{
        event::{OperationEvent, Order, Record},
        id::{GroupId, OperationId},
        instance::InstanceKey,
        invite::InviteLink,
        operation::{Operation, RunControl, Summary},
        time::Millis,
        writer::Writer,
    },
    engine::journal::{ControlRequest, HandedOver, Journal, JournalError},
};

#[async_trait]
impl Journal for FileStore {
    async fn begin(&self, instance: &InstanceKey, at: Millis, order: Order) -> Result<Record, JournalError> {
        let event = OperationEvent::Created(Box::new(order));
        let body = encode(&event)?;
        let (key, signature) = (instance.clone(), self.signature());
        let number = self
            .write(move |transaction| {
                let [operator, host] = &signature;
                let sql =
                    "INSERT INTO operations (instance, created, operator, host) VALUES (?1, ?2, ?3, ?4)";
                transaction.prepare_cached(sql)?.execute(params![key.as_str(), at.0, operator, host])?;
                let number = transaction.last_insert_rowid();
                insert(transaction, (number, 0), at, &body, &signature)?;
                Ok(number)
            })
            .await?;
        let operation = number_of(number);
        let writer = self.writer().cloned();
        Ok(Record { instance: instance.clone(), operation, sequence: 0, at, writer, event })
    }

    async fn append(&self, records: Vec<Record>) -> Result<(), JournalError> {
        let mut rows = Vec::with_capacity(records.len());
        for record in &records {
            rows.push((
                stored(record.operation.0),
                stored(record.sequence),
                record.at,
                encode(&record.event)?,
            ));
        }
        let signature = self.signature();
        let written = self.write(move |transaction| {
            for (operation, sequence, at, body) in &rows {
                insert(transaction, (*operation, *sequence), *at, body, &signature)?;
            }
            for record in records.iter().filter(|record| record.event == OperationEvent::Ended) {
                let number = stored(record.operation.0);
                let sql = "UPDATE operations SET ended = ?2 WHERE id = ?1";
                transaction.prepare_cached(sql)?.execute(params![number, record.at.0])?;
                let folded = fold(transaction, &record.instance, number)?;
                folded.map_or(Ok(()), |operation| keep(transaction, &operation.summary))?;
                forget_requests(transaction, number)?;
            }
            Ok(())
        });
        Ok(written.await?)
    }

    async fn position(&self, instance: &InstanceKey) -> Result<u64, JournalError> {
        let key = instance.clone();
        let read = self.read(move |transaction| {
            // The newest event of each operation is at the end of its part of the index.
            let sql = "SELECT max((
                    SELECT position FROM events WHERE operation = operations.id ORDER BY sequence DESC LIMIT 1
                )) FROM operations WHERE instance = ?1";
            let newest: Option<i64> =
                transaction.prepare_cached(sql)?.query_row([key.as_str()], |row| row.get(0))?;
            Ok(newest.and_then(|position| u64::try_from(position).ok()).unwrap_or_default())
        });
        Ok(read.await?)
    }

    async fn last_sendings(&self, instance: &InstanceKey, _: Millis) -> Result<Vec<Record>, JournalError> {
        let key = instance.clone();
        let read = self.read(move |transaction| {
            // The search runs backwards from the end, which `+` ensures: the event is near the end, in whichever operation.
            let sql = r#"SELECT operation, sequence, at, body, operator, host FROM events
                WHERE +operation IN (SELECT id FROM operations WHERE instance = ?1)
                AND body LIKE '{"event":"sending"%' ORDER BY position DESC LIMIT 1"#;
            let mut statement = transaction.prepare_cached(sql)?;
            let mut rows = statement.query([key.as_str()])?;
            let Some(row) = rows.next()? else { return Ok(Vec::new()) };
            let event = serde_json::from_str(row.get_ref(3)?.as_str()?).ok();
            let (operation, at) = (number_of(row.get(0)?), Millis(row.get(2)?));
            let sequence = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
            let writer = writer(row, 4)?;
            let record = |event| Record { instance: key.clone(), operation, sequence, at, writer, event };
            Ok(event.map(record).into_iter().collect())
        });
        Ok(read.await?)
    }

    async fn unfinished(&self, instance: &InstanceKey) -> Result<Vec<OperationId>, JournalError> {
        let key = instance.clone();
        let read = self.read(move |transaction| {
            let sql = "SELECT id FROM operations WHERE instance = ?1 AND ended IS NULL ORDER BY id";
            let mut statement = transaction.prepare_cached(sql)?;
            let numbers = statement.query_map([key.as_str()], |row| row.get(0))?;
            numbers.map(|number| number.map(number_of)).collect()
        });
        Ok(read.await?)
    }

    async fn operation(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
    ) -> Result<Option<Operation>, JournalError> {
        let key = instance.clone();
        Ok(self.read(move |transaction| fold(transaction, &key, stored(operation.0))).await?)
    }

    async fn records(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
        from: u64,
    ) -> Result<Vec<Record>, JournalError> {
        let key = instance.clone();
        let read = self.read(move |transaction| {
            let sql = "SELECT sequence, at, body, operator, host FROM events
                WHERE operation = ?1 AND sequence >= ?2 ORDER BY sequence";
            let mut statement = transaction.prepare_cached(sql)?;
            let mut rows = statement.query(params![stored(operation.0), stored(from)])?;
            let mut records = Vec::new();
            while let Some(row) = rows.next()? {
                // Ignore an event that only a newer version understands.
                if let Ok(event) = serde_json::from_str(row.get_ref(2)?.as_str()?) {
                    let sequence = u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default();
                    let (at, writer) = (Millis(row.get(1)?), writer(row, 3)?);
                    records.push(Record { instance: key.clone(), operation, sequence, at, writer, event });
                }
            }
            Ok(records)
        });
        Ok(read.await?)
    }

    async fn keep_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
        link: &InviteLink,
    ) -> Result<(), JournalError> {
        Ok(self.keep_invite_link(instance, group, link).await?)
    }

    async fn kept_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
    ) -> Result<Option<InviteLink>, JournalError> {
        Ok(self.invite_link(instance, group).await?)
    }

    async fn request(
        &self,
        operation: OperationId,
        control: RunControl,
        at: Millis,
    ) -> Result<(), JournalError> {
        Ok(self.keep_request(operation, control, at).await?)
    }

    async fn requests(
        &self,
        instance: &InstanceKey,
        after: u64,
    ) -> Result<Vec<ControlRequest>, JournalError> {
        Ok(self.requests_after(instance, after).await?)
    }

    async fn hand_over(
        &self,
        operations: &[OperationId],
        time: Option<Duration>,
        now: Millis,
    ) -> Result<(), JournalError> {
        Ok(self.mark_handed_over(operations, time.map(|time| now + time)).await?)
    }

    async fn handed_over(&self, instance: &InstanceKey, _: Millis) -> Result<Vec<HandedOver>, JournalError> {
        Ok(self.marked_handed_over(instance).await?)
    }

    async fn operations(
        &self,
        instance: &InstanceKey,
        newest: usize,
    ) -> Result<Vec<Operation>, JournalError> {
        let key = instance.clone();
        let newest = i64::try_from(newest).unwrap_or(i64::MAX);
        let read = self.read(move |transaction| {
            let sql = "SELECT id FROM operations WHERE instance = ?1 ORDER BY id DESC LIMIT ?2";
            let mut statement = transaction.prepare_cached(sql)?;
            let numbers = statement.query_map(params![key.as_str(), newest], |row| row.get(0))?;
            let numbers: Vec<i64> = numbers.collect::<rusqlite::Result<_>>()?;
            let folded = numbers.into_iter().map(|number| fold(transaction, &key, number));
            Ok(folded.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
        });
        Ok(read.await?)
    }
}

fn insert(
    transaction: &Transaction<'_>,
    (operation, sequence): (i64, i64),
    at: Millis,
    body: &str,
    [operator, host]: &[Option<String>; 2],
) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO events (operation, sequence, at, body, operator, host) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = params![operation, sequence, at.0, body, operator, host];
    transaction.prepare_cached(sql)?.execute(values).map(drop)
}

/// Who wrote a row, from this column and the next.
pub(super) fn writer(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Writer>> {
    let [operator, host] = [row.get_ref(column)?, row.get_ref(column + 1)?];
    Ok(Writer::recorded(operator.as_str_or_null()?, host.as_str_or_null()?))
}

/// An operation, folded from its events; `None` if the instance has no such operation or its first event cannot be read.
///
/// Events that this version does not know are skipped, so that the rest still counts.
pub(super) fn fold(
    transaction: &Transaction<'_>,
    instance: &InstanceKey,
    number: i64,
) -> rusqlite::Result<Option<Operation>> {
    let sql = "SELECT operator, host FROM operations WHERE id = ?1 AND instance = ?2";
    let mut statement = transaction.prepare_cached(sql)?;
    let begun = statement.query_row(params![number, instance.as_str()], |row| writer(row, 0)).optional()?;
    let Some(writer) = begun else { return Ok(None) };
    let sql = "SELECT sequence, at, body FROM events WHERE operation = ?1 ORDER BY sequence";
    let mut statement = transaction.prepare_cached(sql)?;
    let mut rows = statement.query([number])?;
    let mut folding = Folding::new(instance, number_of(number), writer);
    while let Some(row) = rows.next()? {
        folding.push(row.get(0)?, Millis(row.get(1)?), row.get_ref(2)?.as_str()?);
    }
    Ok(folding.done())
}

/// Keeps the summary of an operation that has ended. It is valid until another event follows.
pub(super) fn keep(transaction: &Transaction<'_>, summary: &Summary) -> rusqlite::Result<()> {
    let Ok(json) = serde_json::to_string(summary) else { return Ok(()) };
    let sql = "UPDATE operations SET summary = ?2 WHERE id = ?1";
    transaction.prepare_cached(sql)?.execute(params![stored(summary.id.0), json]).map(drop)
}

/// Removes the requests for an operation that has ended.
fn forget_requests(transaction: &Transaction<'_>, operation: i64) -> rusqlite::Result<()> {
    let sql = "DELETE FROM requests WHERE operation = ?1";
    transaction.prepare_cached(sql)?.execute([operation]).map(drop)
}
