//! The summaries of operations: kept with each operation that has ended, so that a list of operations folds no events.

use rusqlite::params;

use super::{
    FileStore, StoreError,
    form::{number_of, stored},
    journal::{fold, keep, writer},
};
use crate::domain::{
    id::OperationId,
    instance::InstanceKey,
    operation::{Operation, Summary},
    time::Millis,
    writer::Writer,
};

/// An entry in the list of operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: OperationId,
    /// Its summary; `None` if it has not ended, or if something was added since and it must be folded.
    pub summary: Option<Summary>,
    /// How many events it has.
    pub events: usize,
    /// Whether it ended after one of the stored readings began, or not at all: that reading may still show what it took away. A
    /// wrong clock only costs a second reading.
    pub is_since_reading: bool,
}

impl Listed {
    /// The entry of an operation, from what a store keeps of it: its summary, and the sequence number of its next event.
    pub(super) fn new(
        (number, instance): (i64, &InstanceKey),
        summary: Option<&str>,
        next: Option<i64>,
        begun_by: Option<Writer>,
    ) -> Self {
        let next = next.unwrap_or_default();
        let kept: Option<Summary> = summary.and_then(|json| serde_json::from_str(json).ok());
        let valid = kept.filter(|summary| stored(summary.next_sequence) == next && summary.is_plausible());
        // The instance may have been renamed.
        let summary = valid.map(|summary| Summary { instance: instance.clone(), begun_by, ..summary });
        let events = usize::try_from(next).unwrap_or_default();
        Self { id: number_of(number), summary, events, is_since_reading: false }
    }
}

impl FileStore {
    /// The newest operations of an instance, newest first. Folds nothing.
    pub async fn list(&self, instance: &InstanceKey, newest: usize) -> Result<Vec<Listed>, StoreError> {
        let key = instance.clone();
        let newest = i64::try_from(newest).unwrap_or(i64::MAX);
        self.read(move |transaction| {
            let sql = "SELECT id, summary, (SELECT max(sequence) + 1 FROM events WHERE operation = id), operator, host,
                    coalesce(ended IS NULL OR ended >= (SELECT min(begun) FROM (
                        SELECT begun FROM lists WHERE instance = ?1
                        UNION ALL SELECT begun FROM listings WHERE instance = ?1
                    )), 0)
                FROM operations WHERE instance = ?1 ORDER BY id DESC LIMIT ?2";
            let mut statement = transaction.prepare_cached(sql)?;
            let rows = statement.query_map(params![key.as_str(), newest], |row| {
                let listed = Listed::new(
                    (row.get(0)?, &key),
                    row.get_ref(1)?.as_str_or_null()?,
                    row.get(2)?,
                    writer(row, 3)?,
                );
                Ok(Listed { is_since_reading: row.get(5)?, ..listed })
            })?;
            rows.collect()
        })
        .await
    }

    /// Folds an operation from its events, and keeps its summary if the list lacks it. `None` if no readable one exists.
    pub async fn fold(
        &self,
        instance: &InstanceKey,
        listed: &Listed,
    ) -> Result<Option<Operation>, StoreError> {
        let (key, number) = (instance.clone(), stored(listed.id.0));
        let folded = self.read(move |transaction| fold(transaction, &key, number)).await?;
        let is_missing = |operation: &&Operation| !operation.is_live() && listed.summary.is_none();
        if let Some(ended) = folded.as_ref().filter(is_missing) {
            let summary = ended.summary.clone();
            // A summary that cannot be kept is made again the next time.
            let _ = self.write(move |transaction| keep(transaction, &summary)).await;
        }
        Ok(folded)
    }

    /// When the oldest stored reading of an instance began.
    pub(super) async fn oldest_reading(&self, instance: &InstanceKey) -> Result<Option<Millis>, StoreError> {
        let key = instance.clone();
        self.read(move |transaction| {
            let sql = "SELECT min(begun) FROM (SELECT begun FROM lists WHERE instance = ?1
                UNION ALL SELECT begun FROM listings WHERE instance = ?1)";
            let oldest = transaction.query_row(sql, [key.as_str()], |row| row.get::<_, Option<i64>>(0))?;
            Ok(oldest.map(Millis))
        })
        .await
    }
}
