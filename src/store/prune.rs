//! Removes data that is no longer needed: old operations with all their events, and the invite links that no remaining operation
//! can use. Removed data also disappears from the files, as far as the system allows the database to ensure that.

use rusqlite::{Transaction, params};

use super::{FileStore, StoreError};
use crate::domain::{id::OperationId, instance::InstanceKey};

/// The groups that each recorded operation left or joined again. An unreadable event names no group.
pub(super) const LEFT_GROUPS: &str = "
    orders AS (
        SELECT operation, instance, iif(json_valid(body), body, '{}') AS body
        FROM operations JOIN events ON operation = operations.id AND sequence = 0
    ), left_groups AS (
        SELECT operation, instance, json_extract(body, fullkey || '.group') AS id
        FROM orders, json_each(body, '$.items') WHERE json_extract(body, '$.verb') IN ('leave', 'rejoin')
    )";

impl FileStore {
    /// Removes these operations, all or none, and every invite link that belongs to no other operation; their numbers are never
    /// reused.
    pub async fn remove_operations(&self, operations: &[OperationId]) -> Result<(), StoreError> {
        let numbers: Vec<i64> =
            operations.iter().filter_map(|operation| i64::try_from(operation.0).ok()).collect();
        let [operator, host] = self.signature();
        self.remove(move |transaction| {
            let sql = "INSERT INTO removals (operation, operator, host, recorded)
                SELECT id, ?2, ?3, unixepoch() * 1000 FROM operations WHERE id = ?1";
            let mut record = transaction.prepare_cached(sql)?;
            let mut remove = transaction.prepare_cached("DELETE FROM operations WHERE id = ?1")?;
            for number in &numbers {
                record.execute(params![number, operator, host])?;
                remove.execute([number])?;
            }
            let links = format!(
                "WITH {LEFT_GROUPS} DELETE FROM invite_links
                WHERE (instance, group_id) NOT IN (SELECT instance, id FROM left_groups WHERE id IS NOT NULL)"
            );
            transaction.execute(&links, []).map(drop)
        })
        .await
    }

    /// Removes the invite links of these instances, or of all instances ever used; returns how many there were.
    pub async fn forget_invite_links(
        &self,
        instances: Option<Vec<InstanceKey>>,
    ) -> Result<usize, StoreError> {
        self.remove(move |transaction| match instances {
            None => transaction.execute("DELETE FROM invite_links", []),
            Some(instances) => instances.iter().try_fold(0, |removed, instance| {
                let sql = "DELETE FROM invite_links WHERE instance = ?1";
                Ok(removed + transaction.execute(sql, [instance.as_str()])?)
            }),
        })
        .await
    }

    /// Writes, and also removes the deleted data from the files.
    async fn remove<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = self.write(work).await?;
        self.wipe().await;
        Ok(done)
    }
}
