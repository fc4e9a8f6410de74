//! The requests of other processes to running operations, and the operations on their way from one process to another.

use rusqlite::params;

use super::{
    FileStore, StoreError,
    form::{control_name, control_request, number_of, stored},
};
use crate::{
    domain::{id::OperationId, instance::InstanceKey, operation::RunControl, time::Millis},
    engine::journal::{ControlRequest, HandedOver},
};

impl FileStore {
    /// Stores a request to pause, resume or stop an operation, for the process that runs it.
    pub(super) async fn keep_request(
        &self,
        operation: OperationId,
        control: RunControl,
        at: Millis,
    ) -> Result<(), StoreError> {
        let (request, [operator, host]) = (control_name(control), self.signature());
        self.write(move |transaction| {
            let sql =
                "INSERT INTO requests (operation, request, at, operator, host) VALUES (?1, ?2, ?3, ?4, ?5)";
            let values = params![stored(operation.0), request, at.0, operator, host];
            transaction.prepare_cached(sql)?.execute(values).map(drop)
        })
        .await
    }

    /// The requests after a position, in their order.
    pub(super) async fn requests_after(
        &self,
        instance: &InstanceKey,
        after: u64,
    ) -> Result<Vec<ControlRequest>, StoreError> {
        let instance = instance.clone();
        self.read(move |transaction| {
            let sql = "SELECT position, operation, request FROM requests
                WHERE position > ?2 AND operation IN (SELECT id FROM operations WHERE instance = ?1)
                ORDER BY position";
            let mut statement = transaction.prepare_cached(sql)?;
            let rows = statement.query_map(params![instance.as_str(), stored(after)], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
            })?;
            let request = |(position, operation, request): (i64, i64, String)| {
                control_request(position, operation, &request)
            };
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().filter_map(request).collect())
        })
        .await
    }

    /// Records until when another process may take over operations; `None` if none may any more.
    pub(super) async fn mark_handed_over(
        &self,
        operations: &[OperationId],
        until: Option<Millis>,
    ) -> Result<(), StoreError> {
        let numbers: Vec<i64> = operations.iter().map(|operation| stored(operation.0)).collect();
        self.write(move |transaction| {
            let sql = "UPDATE operations SET handed_over_until = ?2 WHERE id = ?1";
            let mut statement = transaction.prepare_cached(sql)?;
            let until = until.map(|until| until.0);
            numbers.iter().try_for_each(|number| statement.execute(params![number, until]).map(drop))
        })
        .await
    }

    /// The unfinished operations that another process offered.
    pub(super) async fn marked_handed_over(
        &self,
        instance: &InstanceKey,
    ) -> Result<Vec<HandedOver>, StoreError> {
        let instance = instance.clone();
        self.read(move |transaction| {
            let sql = "SELECT id, handed_over_until FROM operations
                WHERE instance = ?1 AND ended IS NULL AND handed_over_until IS NOT NULL ORDER BY id";
            let mut statement = transaction.prepare_cached(sql)?;
            let rows = statement.query_map([instance.as_str()], |row| {
                Ok(HandedOver { operation: number_of(row.get(0)?), until: Millis(row.get(1)?) })
            })?;
            rows.collect()
        })
        .await
    }
}
