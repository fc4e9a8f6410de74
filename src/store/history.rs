//! The operations that name one group or community: what its details tell of the past.

use rusqlite::params;

use super::{Store, StoreError, journal::fold};
use crate::domain::{
    history::{Past, Subject, past},
    instance::InstanceKey,
};

impl Store {
    /// What the newest operations that name a group or community have to do with it, the newest first, at most so many.
    pub async fn history(
        &self,
        instance: &InstanceKey,
        subject: &Subject,
        newest: usize,
    ) -> Result<Vec<Past>, StoreError> {
        let (instance, subject) = (instance.clone(), subject.clone());
        let newest = i64::try_from(newest).unwrap_or(i64::MAX);
        self.read(move |transaction| {
            // An operation's first event holds all its groups and steps; what only looks alike is told apart below.
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
