//! The operations that name one group or community, for the history in its details.

use rusqlite::params;

use super::{FileStore, StoreError, journal::fold};
use crate::domain::{
    history::{HistorySubject, Past, past},
    instance::InstanceKey,
};

impl FileStore {
    /// The history of a group or community from the newest operations that name it, newest first; at most `newest` operations.
    pub async fn history(
        &self,
        instance: &InstanceKey,
        subject: &HistorySubject,
        newest: usize,
    ) -> Result<Vec<Past>, StoreError> {
        let (instance, subject) = (instance.clone(), subject.clone());
        let newest = i64::try_from(newest).unwrap_or(i64::MAX);
        self.read(move |transaction| {
            // An operation's first event contains all its groups and steps; false matches are removed below.
            let sql = "SELECT operations.id FROM operations
                JOIN events ON events.operation = operations.id AND events.sequence = 0
                WHERE operations.instance = ?1 AND instr(events.body, ?2) > 0
                ORDER BY operations.id DESC LIMIT ?3";
            let mut statement = transaction.prepare_cached(sql)?;
            let values = params![instance.as_str(), subject.bare(), newest];
            let numbers = statement.query_map(values, |row| row.get(0))?;
            let numbers: Vec<i64> = numbers.collect::<rusqlite::Result<_>>()?;
            let mut found = Vec::new();
            for number in numbers {
                let folded = fold(transaction, &instance, number)?;
                found.extend(folded.and_then(|operation| past(&operation, &subject)));
            }
            Ok(found)
        })
        .await
    }
}
