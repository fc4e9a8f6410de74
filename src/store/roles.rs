//! The number's roles in groups, for gateways whose list of groups does not say them: each with the time of its read.

use rusqlite::params;

use super::{FileStore, StoreError};
use crate::domain::{
    community::Role,
    directory::{KnownRole, ROLE_LASTS},
    id::GroupId,
    instance::InstanceKey,
    time::Millis,
};

const ADMIN: &str = "admin";
const MEMBER: &str = "member";

/// The start of the time in which a role must have been read.
fn oldest(now: Millis) -> i64 {
    now.0.saturating_sub(i64::try_from(ROLE_LASTS.as_millis()).unwrap_or(i64::MAX))
}

impl FileStore {
    /// Stores roles at once, and removes those that are too old.
    pub async fn keep_roles(
        &self,
        instance: &InstanceKey,
        roles: Vec<KnownRole>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let instance = instance.clone();
        self.write(move |transaction| {
            let sql =
                "INSERT OR REPLACE INTO roles (instance, group_id, role, begun) VALUES (?1, ?2, ?3, ?4)";
            let mut statement = transaction.prepare_cached(sql)?;
            for known in &roles {
                let role = match known.role {
                    Role::Admin => ADMIN,
                    Role::Member => MEMBER,
                    Role::Unknown => continue,
                };
                statement.execute(params![instance.as_str(), known.group.as_str(), role, known.begun.0])?;
            }
            let sql = "DELETE FROM roles WHERE instance = ?1 AND (begun < ?2 OR begun > ?3)";
            transaction.prepare_cached(sql)?.execute(params![instance.as_str(), oldest(now), now.0])?;
            Ok(())
        })
        .await
    }

    /// The stored roles that still count. A role from after `now` does not: the clock was set back.
    pub async fn remembered_roles(
        &self,
        instance: &InstanceKey,
        now: Millis,
    ) -> Result<Vec<KnownRole>, StoreError> {
        let instance = instance.clone();
        self.read(move |transaction| {
            let sql = "SELECT group_id, role, begun FROM roles
                WHERE instance = ?1 AND begun BETWEEN ?2 AND ?3 ORDER BY group_id";
            let mut statement = transaction.prepare_cached(sql)?;
            let rows = statement.query_map(params![instance.as_str(), oldest(now), now.0], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, Millis(row.get(2)?)))
            })?;
            let known = |(group, role, begun): (String, String, Millis)| {
                let role = match role.as_str() {
                    ADMIN => Role::Admin,
                    MEMBER => Role::Member,
                    _ => return None,
                };
                Some(KnownRole { group: GroupId::parse(&group).ok()?, role, begun })
            };
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().filter_map(known).collect())
        })
        .await
    }
}
