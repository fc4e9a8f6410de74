//! Removing operations that nobody needs any more, with all their events.

use super::{Store, StoreError};
use crate::domain::id::OperationId;

impl Store {
    /// Removes these operations, all of them or none; their numbers are never given again.
    pub async fn remove_operations(&self, operations: &[OperationId]) -> Result<(), StoreError> {
        let numbers: Vec<i64> =
            operations.iter().filter_map(|operation| i64::try_from(operation.0).ok()).collect();
        self.write(move |transaction| {
            let mut statement = transaction.prepare_cached("DELETE FROM operations WHERE id = ?1")?;
            numbers.iter().try_for_each(|number| statement.execute([number]).map(drop))
        })
        .await
    }
}
