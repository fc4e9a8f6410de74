//! The tables, and the migration of those of earlier versions.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Renamed, StoreError, surroundings};

/// The changes of each version; the file's `user_version` is how many of them it has. Only ever append.
const MIGRATIONS: &[&str] = &[
    "
    -- An index over the events, which alone are the truth.
    CREATE TABLE operations (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        instance TEXT NOT NULL,
        created  INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX operations_of_instance ON operations (instance, id);
    CREATE TABLE events (
        operation INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        sequence  INTEGER NOT NULL,
        at        INTEGER NOT NULL,
        body      TEXT NOT NULL,
        PRIMARY KEY (operation, sequence)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE communities (
        instance  TEXT NOT NULL,
        community TEXT NOT NULL,
        name      TEXT,
        PRIMARY KEY (instance, community)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE ordinary_groups (
        instance TEXT NOT NULL,
        group_id TEXT NOT NULL,
        PRIMARY KEY (instance, group_id)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- When an operation ended, according to its events, so that those without an end are found at once.
    ALTER TABLE operations ADD COLUMN ended INTEGER;
    UPDATE operations SET ended = (
        SELECT max(at) FROM events WHERE operation = id AND json_extract(body, '$.event') = 'ended'
    );
    CREATE INDEX operations_without_end ON operations (instance, id) WHERE ended IS NULL;
    -- Secrets: whoever has a link can enter the group.
    CREATE TABLE invite_links (
        instance TEXT NOT NULL,
        group_id TEXT NOT NULL,
        link     TEXT NOT NULL,
        PRIMARY KEY (instance, group_id)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- What each instance had when it was last read, a part a row; only ever shown, with its age, until it is read again.
    CREATE TABLE directory (
        instance  TEXT NOT NULL,
        community TEXT NOT NULL, -- empty: the list of groups
        begun     INTEGER NOT NULL,
        body      TEXT NOT NULL,
        PRIMARY KEY (instance, community)
    ) STRICT;
",
    "
    -- One order of all events, whoever writes them: `position` grows and is never given again. Those of earlier versions
    -- get theirs by operation.
    CREATE TABLE positioned_events (
        position  INTEGER PRIMARY KEY AUTOINCREMENT,
        operation INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        sequence  INTEGER NOT NULL,
        at        INTEGER NOT NULL,
        body      TEXT NOT NULL,
        UNIQUE (operation, sequence)
    ) STRICT;
    INSERT INTO positioned_events (operation, sequence, at, body)
        SELECT operation, sequence, at, body FROM events ORDER BY operation, sequence;
    DROP TABLE events;
    ALTER TABLE positioned_events RENAME TO events;
",
    "
    -- What each instance had when it was last read; only ever shown, with its age, until it is read again. `places` says which
    -- list of groups a listing refers to.
    DROP TABLE directory;
    CREATE TABLE lists (
        instance TEXT PRIMARY KEY,
        begun    INTEGER NOT NULL,
        places   INTEGER NOT NULL,
        digest   INTEGER NOT NULL,
        body     BLOB NOT NULL
    ) STRICT;
    CREATE TABLE listings (
        instance  TEXT NOT NULL,
        community TEXT NOT NULL,
        begun     INTEGER NOT NULL,
        places    INTEGER NOT NULL,
        body      BLOB NOT NULL,
        PRIMARY KEY (instance, community)
    ) STRICT;
",
    "
    -- The summary of an ended operation, so that a list needs no events. Valid only up to the sequence number in it; made again
    -- from the events if it is missing or older.
    ALTER TABLE operations ADD COLUMN summary TEXT;
",
    "
    -- The number's roles in groups whose list does not say them, each with the time of its read.
    CREATE TABLE roles (
        instance TEXT NOT NULL,
        group_id TEXT NOT NULL,
        role     TEXT NOT NULL,
        begun    INTEGER NOT NULL,
        PRIMARY KEY (instance, group_id)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- What other processes ask of a running operation; removed when it ends.
    CREATE TABLE requests (
        position  INTEGER PRIMARY KEY AUTOINCREMENT,
        operation INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        request   TEXT NOT NULL,
        at        INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX requests_of_operation ON requests (operation, position);
    -- Until when another process may take over the operation from the one that ran it.
    ALTER TABLE operations ADD COLUMN handed_over_until INTEGER;
",
];

/// Migrates the tables to this version; leaves a newer file alone.
pub(super) fn migrate(connection: &mut Connection, file: &Path) -> Result<(), StoreError> {
    let failed = |error| surroundings::explain(file, &error);
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = version(connection).map_err(failed)?;
    if found == known {
        return Ok(());
    }
    // Another Synod may be about to migrate too, so the version is read again under the lock.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let found = version(&transaction).map_err(failed)?;
    let missing = usize::try_from(found).ok().and_then(|found| MIGRATIONS.get(found..));
    let Some(missing) = missing else {
        return Err(StoreError::Newer { file: file.to_owned(), found, known });
    };
    for migration in missing {
        transaction.execute_batch(migration).map_err(failed)?;
    }
    transaction.pragma_update(None, "user_version", known).map_err(failed)?;
    transaction.commit().map_err(failed)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// All tables that store an instance's data under its key, except its operations. If both keys have an entry, that of the present
/// key stays.
const OF_INSTANCES: [&str; 6] =
    ["communities", "ordinary_groups", "invite_links", "lists", "listings", "roles"];

/// Moves the records under former instance keys to the present ones.
pub(super) fn rename(connection: &mut Connection, renamed: &[Renamed]) -> rusqlite::Result<()> {
    let tables = || ["operations"].into_iter().chain(OF_INSTANCES);
    for Renamed { from, to } in renamed {
        let (from, to) = (from.as_str(), to.as_str());
        // Most files contain no such records, and are only read.
        let mut is_found = false;
        for table in tables() {
            let sql = format!("SELECT 1 FROM {table} WHERE instance = ?1 LIMIT 1");
            is_found |= connection.query_row(&sql, [from], |_| Ok(())).optional()?.is_some();
        }
        if !is_found {
            continue;
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for table in tables() {
            let sql = format!("UPDATE OR IGNORE {table} SET instance = ?2 WHERE instance = ?1");
            transaction.execute(&sql, params![from, to])?;
        }
        for table in OF_INSTANCES {
            transaction.execute(&format!("DELETE FROM {table} WHERE instance = ?1"), [from])?;
        }
        transaction.commit()?;
    }
    Ok(())
}
