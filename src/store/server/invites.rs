//! The invite links on a server: only encrypted, and only if this process has the key.

use std::{collections::BTreeSet, sync::Arc};

use super::{Link, ServerFault, ServerStore};
use crate::{
    domain::{id::GroupId, instance::InstanceKey, invite::InviteLink},
    store::{Renamed, StoreError, sealing::LinkKey},
};

const KEEP: &str = "
    INSERT INTO invite_links (instance, group_id, sealed, operator, host) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (instance, group_id) DO UPDATE
    SET sealed = excluded.sealed, operator = excluded.operator, host = excluded.host";
const ADD: &str = "
    INSERT INTO invite_links (instance, group_id, sealed, operator, host) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING RETURNING group_id";
const KEPT: &str = "SELECT sealed FROM invite_links WHERE instance = $1 AND group_id = $2";
const ALL: &str = "SELECT group_id, sealed FROM invite_links WHERE instance = $1 ORDER BY group_id";
const GROUPS: &str = "SELECT group_id FROM invite_links WHERE instance = $1";
const COUNT: &str =
    "SELECT count(*) FROM invite_links WHERE $1::text[] IS NULL OR instance = ANY ($1::text[])";
const FORGET: &str = "
    WITH forgotten AS (
        DELETE FROM invite_links WHERE $1::text[] IS NULL OR instance = ANY ($1::text[]) RETURNING 1
    ) SELECT count(*) FROM forgotten";
const FORGET_ONE: &str = "DELETE FROM invite_links WHERE instance = $1 AND group_id = $2";

impl ServerStore {
    /// Stores a group's invite link, in place of an older one, if there is a key.
    pub(super) async fn keep_sealed(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
        link: &InviteLink,
    ) -> Result<(), StoreError> {
        if !self.keeps_links() {
            return Ok(());
        }
        let connection = self.shared.link().await?;
        self.put_sealed(&connection, KEEP, instance, group, link).await.map(drop)
    }

    /// The same on this connection, unless there is one already; says whether it was stored.
    pub(super) async fn add_sealed(
        &self,
        connection: &Arc<Link>,
        instance: &InstanceKey,
        group: &GroupId,
        link: &InviteLink,
    ) -> Result<bool, StoreError> {
        self.put_sealed(connection, ADD, instance, group, link).await
    }

    async fn put_sealed(
        &self,
        connection: &Arc<Link>,
        sql: &'static str,
        instance: &InstanceKey,
        group: &GroupId,
        link: &InviteLink,
    ) -> Result<bool, StoreError> {
        let Some(key) = &self.key else { return Ok(false) };
        // Who leaves a group relies on its link.
        let sealed = key.seal(instance, group, link);
        let sealed =
            sealed.ok_or_else(|| self.shared.fault(ServerFault::Other, "a link cannot be encrypted"))?;
        let [operator, host] = self.shared.signature();
        let values: super::Values<'_> = &[&instance.as_str(), &group.as_str(), &sealed, &operator, &host];
        Ok(!self.shared.query_on(connection, sql, values).await?.is_empty())
    }

    /// The stored invite link of a group, if this process has the key that it was encrypted with.
    pub(super) async fn opened(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
    ) -> Result<Option<InviteLink>, StoreError> {
        let Some(key) = &self.key else { return Ok(None) };
        let rows = self.shared.query(KEPT, &[&instance.as_str(), &group.as_str()]).await?;
        let link = rows.first().and_then(|row| key.open(instance, group, row.get(0)));
        if link.is_none() && !rows.is_empty() {
            tracing::warn!(%instance, "an invite link does not open with this key");
        }
        Ok(link)
    }

    /// The stored invite links of an instance that open with the key of this process.
    async fn all_opened(&self, instance: &InstanceKey) -> Result<Vec<(GroupId, InviteLink)>, StoreError> {
        let Some(key) = &self.key else { return Ok(Vec::new()) };
        let rows = self.shared.query(ALL, &[&instance.as_str()]).await?;
        let rows: Vec<(String, Vec<u8>)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let (key, owned) = (Arc::clone(key), instance.clone());
        // Each costs some time to open.
        let opened = tokio::task::spawn_blocking(move || all_of(&key, &owned, &rows)).await;
        Ok(opened.unwrap_or_default())
    }

    /// The groups whose invite link opens with the key of this process.
    pub(super) async fn groups_opened(
        &self,
        instance: &InstanceKey,
    ) -> Result<BTreeSet<GroupId>, StoreError> {
        Ok(self.all_opened(instance).await?.into_iter().map(|(group, _)| group).collect())
    }

    /// The groups that have an encrypted invite link, whatever key opens it.
    pub(super) async fn groups_sealed(
        &self,
        instance: &InstanceKey,
    ) -> Result<BTreeSet<GroupId>, StoreError> {
        let rows = self.shared.query(GROUPS, &[&instance.as_str()]).await?;
        Ok(rows.iter().filter_map(|row| GroupId::parse(row.get(0)).ok()).collect())
    }

    pub(super) async fn count_sealed(&self, of: Option<Vec<InstanceKey>>) -> Result<usize, StoreError> {
        self.counted(COUNT, of).await
    }

    pub(super) async fn forget_sealed(&self, of: Option<Vec<InstanceKey>>) -> Result<usize, StoreError> {
        self.counted(FORGET, of).await
    }

    async fn counted(&self, sql: &'static str, of: Option<Vec<InstanceKey>>) -> Result<usize, StoreError> {
        let keys: Option<Vec<String>> =
            of.map(|keys| keys.iter().map(|key| key.as_str().to_owned()).collect());
        let rows = self.shared.query(sql, &[&keys]).await?;
        let count: i64 = rows.first().map(|row| row.get(0)).unwrap_or_default();
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// Makes the links under a former key of an instance usable under the present one. They are bound to the instance's key, so only a
    /// process that can open them can move them.
    pub(super) async fn rebind(&self, Renamed { from, to }: &Renamed) -> Result<(), StoreError> {
        for (group, link) in self.all_opened(from).await? {
            let connection = self.shared.link().await?;
            self.add_sealed(&connection, to, &group, &link).await?;
            self.shared.query(FORGET_ONE, &[&from.as_str(), &group.as_str()]).await?;
        }
        Ok(())
    }
}

fn all_of(key: &LinkKey, instance: &InstanceKey, rows: &[(String, Vec<u8>)]) -> Vec<(GroupId, InviteLink)> {
    let opened = |(group, sealed): &(String, Vec<u8>)| {
        let group = GroupId::parse(group).ok()?;
        let link = key.open(instance, &group, sealed)?;
        Some((group, link))
    };
    rows.iter().filter_map(opened).collect()
}
