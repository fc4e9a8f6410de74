//! The invite links of groups that the number left, the only way back into them. Each is a secret: it is in the owner's file and
//! nowhere else.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::{FileStore, StoreError};
use crate::domain::{id::GroupId, instance::InstanceKey, invite::InviteLink};

impl FileStore {
    /// Stores a group's invite link, in place of an older one.
    pub async fn keep_invite_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
        link: &InviteLink,
    ) -> Result<(), StoreError> {
        let (instance, group, link) = (instance.clone(), group.clone(), link.clone());
        self.write(move |transaction| {
            let sql = "INSERT INTO invite_links (instance, group_id, link) VALUES (?1, ?2, ?3)
                ON CONFLICT DO UPDATE SET link = excluded.link";
            let values = params![instance.as_str(), group.as_str(), link.expose()];
            transaction.prepare_cached(sql)?.execute(values).map(drop)
        })
        .await
    }

    /// The stored invite link of a group.
    pub async fn invite_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
    ) -> Result<Option<InviteLink>, StoreError> {
        let (instance, group) = (instance.clone(), group.clone());
        self.read(move |transaction| {
            let sql = "SELECT link FROM invite_links WHERE instance = ?1 AND group_id = ?2";
            let mut statement = transaction.prepare_cached(sql)?;
            let link = statement
                .query_row([instance.as_str(), group.as_str()], |row| row.get::<_, String>(0))
                .optional()?;
            Ok(link.as_deref().and_then(InviteLink::new))
        })
        .await
    }

    /// The groups of an instance that have a stored invite link.
    pub async fn groups_with_invite_link(
        &self,
        instance: &InstanceKey,
    ) -> Result<BTreeSet<GroupId>, StoreError> {
        let instance = instance.clone();
        self.read(move |transaction| {
            let sql = "SELECT group_id FROM invite_links WHERE instance = ?1";
            let mut statement = transaction.prepare_cached(sql)?;
            let rows = statement.query_map([instance.as_str()], |row| row.get::<_, String>(0))?;
            let ids = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(ids.iter().filter_map(|id| GroupId::parse(id).ok()).collect())
        })
        .await
    }

    /// How many invite links are stored for these instances, or for all instances ever used.
    pub async fn count_invite_links(&self, instances: Option<Vec<InstanceKey>>) -> Result<usize, StoreError> {
        let read = self.read(move |transaction| {
            let count = |sql: &str, of: &[&str]| {
                transaction.query_row(sql, rusqlite::params_from_iter(of), |row| row.get::<_, i64>(0))
            };
            match instances {
                None => count("SELECT count(*) FROM invite_links", &[]),
                Some(instances) => instances.iter().try_fold(0, |all, instance| {
                    let sql = "SELECT count(*) FROM invite_links WHERE instance = ?1";
                    Ok(all + count(sql, &[instance.as_str()])?)
                }),
            }
        });
        Ok(usize::try_from(read.await?).unwrap_or_default())
    }

    /// Removes a group's invite link.
    pub async fn forget_invite_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
    ) -> Result<(), StoreError> {
        let (instance, group) = (instance.clone(), group.clone());
        self.write(move |transaction| {
            let sql = "DELETE FROM invite_links WHERE instance = ?1 AND group_id = ?2";
            let values = [instance.as_str(), group.as_str()];
            transaction.prepare_cached(sql)?.execute(values).map(drop)
        })
        .await
    }
}
