//! Facts about an instance that would be costly to learn again: its communities, and the groups that were found to be ordinary.

use rusqlite::params;

use super::{FileStore, StoreError};
use crate::domain::{
    community::CommunityRef,
    directory::Remembered,
    id::{CommunityId, GroupId},
    instance::InstanceKey,
    name::Name,
};

impl FileStore {
    /// Stores communities, and groups that were found to be ordinary, at once. A missing name does not replace a known one. A
    /// community's own group never counts as ordinary: leaving it would remove the number from all the community's groups.
    pub async fn remember(
        &self,
        instance: &InstanceKey,
        communities: Vec<CommunityRef>,
        ordinary: Vec<GroupId>,
    ) -> Result<(), StoreError> {
        if communities.is_empty() && ordinary.is_empty() {
            return Ok(());
        }
        let instance = instance.clone();
        self.write(move |transaction| {
            let sql = "INSERT OR IGNORE INTO ordinary_groups (instance, group_id) VALUES (?1, ?2)";
            let mut is_ordinary = transaction.prepare_cached(sql)?;
            for group in &ordinary {
                is_ordinary.execute([instance.as_str(), group.as_str()])?;
            }
            let mut known = transaction.prepare_cached(
                "INSERT INTO communities (instance, community, name) VALUES (?1, ?2, ?3)
                ON CONFLICT DO UPDATE SET name = coalesce(excluded.name, name)",
            )?;
            let mut not_ordinary = transaction
                .prepare_cached("DELETE FROM ordinary_groups WHERE instance = ?1 AND group_id = ?2")?;
            for community in &communities {
                let name = community.name.as_ref().map(Name::exact);
                known.execute(params![instance.as_str(), community.id.as_str(), name])?;
                not_ordinary.execute([instance.as_str(), community.id.as_group().as_str()])?;
            }
            Ok(())
        })
        .await
    }

    /// The stored communities and ordinary groups of an instance.
    pub async fn remembered(&self, instance: &InstanceKey) -> Result<Remembered, StoreError> {
        let instance = instance.clone();
        self.read(move |transaction| {
            let sql = "SELECT community, name FROM communities WHERE instance = ?1 ORDER BY community";
            let mut statement = transaction.prepare_cached(sql)?;
            let rows = statement.query_map([instance.as_str()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
            })?;
            let known = |(id, name): (String, Option<String>)| {
                let id = CommunityId::parse(&id).ok()?;
                Some(CommunityRef { id, name: name.map(|name| Name::new(&name)) })
            };
            let communities = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            let sql = "SELECT group_id FROM ordinary_groups WHERE instance = ?1 ORDER BY group_id";
            let mut statement = transaction.prepare_cached(sql)?;
            let rows = statement.query_map([instance.as_str()], |row| row.get::<_, String>(0))?;
            let ordinary = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(Remembered {
                communities: communities.into_iter().filter_map(known).collect(),
                ordinary: ordinary.iter().filter_map(|id| GroupId::parse(id).ok()).collect(),
            })
        })
        .await
    }

    /// Removes a community and its last reading.
    pub async fn forget_community(
        &self,
        instance: &InstanceKey,
        community: &CommunityId,
    ) -> Result<(), StoreError> {
        let (instance, community) = (instance.clone(), community.clone());
        self.write(move |transaction| {
            let values = [instance.as_str(), community.as_str()];
            for sql in [
                "DELETE FROM communities WHERE instance = ?1 AND community = ?2",
                "DELETE FROM listings WHERE instance = ?1 AND community = ?2",
            ] {
                transaction.prepare_cached(sql)?.execute(values)?;
            }
            Ok(())
        })
        .await
    }
}
