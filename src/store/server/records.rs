//! Folds the events on a server: operations, their summaries, the history of a group, and the list. Also removes old operations, and
//! records that.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::ServerStore;
use crate::{
    domain::{
        community::CommunityRef,
        directory::{KnownRole, LastRead, Remembered},
        history::{HistorySubject, Past, past},
        id::{CommunityId, GroupId, OperationId},
        instance::InstanceKey,
        operation::Operation,
        time::Millis,
        writer::Writer,
    },
    store::{
        Listed, Renamed, Store, StoreError,
        folding::Folding,
        form::{number_of, stored},
    },
};

const EVENTS: &str = "
    SELECT sequence, (extract(epoch FROM recorded) * 1000)::bigint, body, operations.operator, operations.host, created
    FROM events JOIN operations ON operations.id = operation
    WHERE operations.id = $1 AND instance = $2 ORDER BY sequence";
const NEWEST: &str = "SELECT id FROM operations WHERE instance = $1 ORDER BY id DESC LIMIT $2";
const NAMING: &str = "
    SELECT operations.id FROM operations
    JOIN events ON events.operation = operations.id AND events.sequence = 0
    WHERE operations.instance = $1 AND position($2 IN events.body) > 0 ORDER BY operations.id DESC LIMIT $3";
const LIST: &str = "
    SELECT id, summary, (SELECT max(sequence) + 1 FROM events WHERE operation = id),
        (extract(epoch FROM (SELECT max(recorded) FROM events WHERE operation = id)) * 1000)::bigint, ended IS NULL,
        operator, host
    FROM operations WHERE instance = $1 ORDER BY id DESC LIMIT $2";
const KEEP: &str = "UPDATE operations SET summary = $2 WHERE id = $1";
const REMOVE: &str = "
    WITH removed AS (
        DELETE FROM operations WHERE id = ANY ($1::bigint[]) RETURNING id
    ), unneeded AS (
        -- The links of groups that no other operation left or joined again.
        DELETE FROM invite_links links WHERE NOT EXISTS (
            SELECT 1 FROM operations JOIN events ON events.operation = operations.id AND events.sequence = 0
            WHERE operations.instance = links.instance AND operations.id <> ALL ($1::bigint[])
                AND (body LIKE '%\"verb\":\"leave\"%' OR body LIKE '%\"verb\":\"rejoin\"%')
                AND position('\"group\":\"' || links.group_id || '\"' IN body) > 0
        )
    ) INSERT INTO removals (operations, operator, host)
    SELECT coalesce(array_agg(id), '{}'), $2, $3 FROM removed";
const HAS_ANY: &str = "SELECT 1 FROM operations WHERE instance = $1 LIMIT 1";
const RENAME: &str = "UPDATE operations SET instance = $2 WHERE instance = $1";

impl ServerStore {
    /// An operation, folded from its events; `None` if the instance has no such operation.
    pub(super) async fn folded(
        &self,
        instance: &InstanceKey,
        number: i64,
    ) -> Result<Option<Operation>, StoreError> {
        let rows = self.shared.query(EVENTS, &[&number, &instance.as_str()]).await?;
        let begun_by = rows.first().and_then(|row| Writer::recorded(row.get(3), row.get(4)));
        let begun_at = rows.first().map(|row| Millis(row.get(5))).unwrap_or_default();
        let mut folding = Folding::new(instance, number_of(number), begun_by);
        for row in rows {
            folding.push(row.get(0), Millis(row.get(1)), row.get(2));
        }
        Ok(folding.begun_at(begun_at).done())
    }

    /// The newest operations of an instance, newest first.
    pub(super) async fn newest(
        &self,
        instance: &InstanceKey,
        newest: usize,
    ) -> Result<Vec<Operation>, StoreError> {
        let newest = i64::try_from(newest).unwrap_or(i64::MAX);
        let mut operations = Vec::new();
        for row in self.shared.query(NEWEST, &[&instance.as_str(), &newest]).await? {
            operations.extend(self.folded(instance, row.get(0)).await?);
        }
        Ok(operations)
    }
}

#[async_trait]
impl Store for ServerStore {
    fn is_new(&self) -> bool {
        false
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn open_ahead(&self) {
        let shared = std::sync::Arc::clone(&self.shared);
        tokio::spawn(async move { shared.link().await.map(drop) });
        self.local.open_ahead();
    }

    async fn rename(&self, renamed: Vec<Renamed>) -> Result<(), StoreError> {
        for one in &renamed {
            // A server that only allows reads can be read all the same.
            if !self.shared.query(HAS_ANY, &[&one.from.as_str()]).await?.is_empty() {
                let values: super::Values<'_> = &[&one.from.as_str(), &one.to.as_str()];
                self.shared.query(RENAME, values).await?;
            }
            self.rebind(one).await?;
        }
        self.local.rename(renamed).await
    }

    async fn remember(
        &self,
        instance: &InstanceKey,
        communities: Vec<CommunityRef>,
        ordinary: Vec<GroupId>,
    ) -> Result<(), StoreError> {
        self.local.remember(instance, communities, ordinary).await
    }

    async fn remembered(&self, instance: &InstanceKey) -> Result<Remembered, StoreError> {
        self.local.remembered(instance).await
    }

    async fn forget_community(
        &self,
        instance: &InstanceKey,
        community: &CommunityId,
    ) -> Result<(), StoreError> {
        self.local.forget_community(instance, community).await
    }

    async fn keep_roles(
        &self,
        instance: &InstanceKey,
        roles: Vec<KnownRole>,
        now: Millis,
    ) -> Result<(), StoreError> {
        self.local.keep_roles(instance, roles, now).await
    }

    async fn remembered_roles(
        &self,
        instance: &InstanceKey,
        now: Millis,
    ) -> Result<Vec<KnownRole>, StoreError> {
        self.local.remembered_roles(instance, now).await
    }

    async fn keep_directory(
        &self,
        instance: &InstanceKey,
        read: LastRead,
        writes_list: bool,
        now: Millis,
    ) -> Result<(), StoreError> {
        self.local.keep_directory(instance, read, writes_list, now).await
    }

    async fn last_read(&self, instance: &InstanceKey, now: Millis) -> Result<LastRead, StoreError> {
        self.local.last_read(instance, now).await
    }

    async fn history(
        &self,
        instance: &InstanceKey,
        subject: &HistorySubject,
        newest: usize,
    ) -> Result<Vec<Past>, StoreError> {
        let newest = i64::try_from(newest).unwrap_or(i64::MAX);
        let values: super::Values<'_> = &[&instance.as_str(), &subject.bare(), &newest];
        let mut found = Vec::new();
        // An operation's first event contains all its groups and steps; false matches are removed here.
        for row in self.shared.query(NAMING, values).await? {
            let folded = self.folded(instance, row.get(0)).await?;
            found.extend(folded.and_then(|operation| past(&operation, subject)));
        }
        Ok(found)
    }

    async fn groups_with_invite_link(&self, instance: &InstanceKey) -> Result<BTreeSet<GroupId>, StoreError> {
        self.groups_opened(instance).await
    }

    async fn groups_with_any_invite_link(
        &self,
        instance: &InstanceKey,
    ) -> Result<BTreeSet<GroupId>, StoreError> {
        self.groups_sealed(instance).await
    }

    fn has_link_key(&self) -> bool {
        self.key.is_some()
    }

    async fn count_invite_links(&self, instances: Option<Vec<InstanceKey>>) -> Result<usize, StoreError> {
        self.count_sealed(instances).await
    }

    async fn forget_invite_links(&self, instances: Option<Vec<InstanceKey>>) -> Result<usize, StoreError> {
        self.forget_sealed(instances).await
    }

    async fn remove_operations(&self, operations: &[OperationId]) -> Result<(), StoreError> {
        let numbers: Vec<i64> = operations.iter().map(|operation| stored(operation.0)).collect();
        let [operator, host] = self.shared.signature();
        self.shared.query(REMOVE, &[&numbers, &operator, &host]).await.map(drop)
    }

    async fn list(&self, instance: &InstanceKey, newest: usize) -> Result<Vec<Listed>, StoreError> {
        let newest = i64::try_from(newest).unwrap_or(i64::MAX);
        let oldest_reading = self.local.oldest_reading(instance).await?;
        let rows = self.shared.query(LIST, &[&instance.as_str(), &newest]).await?;
        let listed = |row: &tokio_postgres::Row| {
            let last = row.get::<_, Option<i64>>(3).map(Millis);
            let is_since = |reading: Millis| row.get::<_, bool>(4) || last.is_none_or(|last| last >= reading);
            let begun_by = Writer::recorded(row.get(5), row.get(6));
            let listed = Listed::new((row.get(0), instance), row.get(1), row.get(2), begun_by);
            Listed { is_since_reading: oldest_reading.is_some_and(is_since), ..listed }
        };
        Ok(rows.iter().map(listed).collect())
    }

    async fn fold(&self, instance: &InstanceKey, listed: &Listed) -> Result<Option<Operation>, StoreError> {
        let folded = self.folded(instance, stored(listed.id.0)).await?;
        let is_missing = |operation: &&Operation| !operation.is_live() && listed.summary.is_none();
        if let Some(ended) = folded.as_ref().filter(is_missing)
            && let Ok(json) = serde_json::to_string(&ended.summary)
        {
            // A summary that cannot be kept is made again the next time.
            let _ = self.shared.query(KEEP, &[&stored(listed.id.0), &json]).await;
        }
        Ok(folded)
    }
}
