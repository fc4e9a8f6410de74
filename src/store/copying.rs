//! Reads the whole journal of a file as it is stored, for a copy in another store. It changes nothing.

use rusqlite::{OptionalExtension, params};

use super::{
    FileStore, StoreError,
    form::{number_of, stored},
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
    pub has_ended: bool,
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
    /// The name that distinguishes this journal from all others.
    pub async fn journal_name(&self) -> Result<String, StoreError> {
        self.read(|transaction| transaction.query_row("SELECT id FROM journal", [], |row| row.get(0))).await
    }

    /// All operations of all instances ever used, oldest first.
    pub async fn stored_operations(&self) -> Result<Vec<StoredOperation>, StoreError> {
        self.read(|transaction| {
            let mut statement = transaction
                .prepare_cached("SELECT id, instance, ended IS NOT NULL FROM operations ORDER BY id")?;
            let rows = statement.query_map([], |row| {
                let instance: String = row.get(1)?;
                Ok(StoredOperation {
                    id: number_of(row.get(0)?),
                    instance: InstanceKey::new(&instance),
                    has_ended: row.get(2)?,
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

    /// The invite links of all instances ever used.
    pub async fn all_invite_links(&self) -> Result<Vec<(InstanceKey, GroupId, InviteLink)>, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT instance, group_id, link FROM invite_links ORDER BY instance, group_id";
            let mut statement = transaction.prepare_cached(sql)?;
            let mut rows = statement.query(params![])?;
            let mut links = Vec::new();
            while let Some(row) = rows.next()? {
                let instance = InstanceKey::new(row.get_ref(0)?.as_str()?);
                let group = GroupId::parse(row.get_ref(1)?.as_str()?).ok();
                let link = InviteLink::new(row.get_ref(2)?.as_str()?);
                links.extend(group.zip(link).map(|(group, link)| (instance, group, link)));
            }
            Ok(links)
        })
        .await
    }
}
