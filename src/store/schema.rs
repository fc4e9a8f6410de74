//! Brings the tables of a file to this version, and renames the instances in them.

use std::{collections::HashSet, path::Path};

use rusqlite::{Connection, TransactionBehavior, params};

use super::{Renamed, StoreError, migrations, surroundings};

/// Migrates the tables to this version; leaves a newer file alone.
pub(super) fn migrate(connection: &mut Connection, file: &Path) -> Result<(), StoreError> {
    let failed = |error| surroundings::explain(file, &error);
    let known = migrations::newest();
    let found = version(connection).map_err(failed)?;
    if found == known {
        return Ok(());
    }
    // Another Synod may be about to migrate too, so the version is read again under the lock.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let found = version(&transaction).map_err(failed)?;
    let Some(missing) = migrations::missing(found) else {
        return Err(StoreError::Newer { file: file.to_owned(), found, known });
    };
    for migration in missing {
        transaction.execute_batch(migration.file).map_err(failed)?;
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
    // Most files contain no such records, and are only read: once, however many instances there are.
    let former: Vec<&str> = renamed.iter().map(|renamed| renamed.from.as_str()).collect();
    let former = serde_json::Value::from(former).to_string();
    let mut found: HashSet<String> = HashSet::new();
    for table in tables() {
        let sql = format!(
            "SELECT DISTINCT instance FROM {table} WHERE instance IN (SELECT value FROM json_each(?1))"
        );
        let mut query = connection.prepare(&sql)?;
        let keys = query.query_map([&former], |row| row.get(0))?;
        found.extend(keys.collect::<Result<Vec<String>, _>>()?);
    }
    for Renamed { from, to } in renamed {
        let (from, to) = (from.as_str(), to.as_str());
        if !found.contains(from) {
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
        found.insert(to.to_owned());
    }
    Ok(())
}
