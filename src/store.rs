//! Synod's stored data: the journal of operations, and the facts learned about each instance. It decides nothing about operations.
//!
//! [`Store`] is the trait that everything above uses. [`ServerStore`], a `PostgreSQL` server that several machines share, implements it
//! in `store::server`. [`FileStore`], a `SQLite` file on this machine, is the default. `store::file` owns its connection,
//! `store::migrations` the tables of both stores, `store::journal` the events, `store::control` the requests of other processes,
//! `store::summaries` the summaries of operations, `store::communities` the remembered communities and groups,
//! `store::roles` the roles in them, `store::directory` the last readings, `store::invites` the invite links, `store::sealing` their
//! encryption on a server, `store::copying` what a copy of the journal needs, and `store::history` the history of one group.

mod communities;
mod control;
mod copying;
mod directory;
mod error;
mod file;
mod folding;
mod form;
mod history;
mod invites;
mod journal;
mod migrations;
mod prune;
mod roles;
mod schema;
mod sealing;
mod server;
mod summaries;
mod surroundings;

use std::{collections::BTreeSet, fmt};

use async_trait::async_trait;

use crate::{
    domain::{
        community::CommunityRef,
        directory::{KnownRole, LastRead, Remembered},
        history::{HistorySubject, Past},
        id::{CommunityId, GroupId, OperationId},
        instance::InstanceKey,
        invite::StoredLinks,
        operation::{Operation, Summary},
        time::Millis,
    },
    engine::journal::Journal,
};

pub use self::{
    copying::StoredOperation,
    error::StoreError,
    file::FileStore,
    sealing::{LinkKey, NoLinkKey},
    server::{
        AddressError, Holding, Numbers, ServerAddress, ServerFault, ServerLocks, ServerPatience, ServerStore,
        ServerVitals,
    },
    summaries::Listed,
};

/// An instance key that an earlier version used, and its present one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    pub from: InstanceKey,
    pub to: InstanceKey,
}

/// Everything that outlives a run: the journal, and the facts learned about the instances.
#[async_trait]
pub trait Store: Journal + fmt::Debug {
    /// Whether nothing has been kept yet.
    fn is_new(&self) -> bool;

    /// Whether several operators may write to it.
    fn is_shared(&self) -> bool;

    /// Begins to open it, off this thread; its first use reports what fails.
    fn open_ahead(&self);

    /// Makes everything recorded under former keys of an instance available under the present one.
    async fn rename(&self, renamed: Vec<Renamed>) -> Result<(), StoreError>;

    /// Stores communities, and groups that were found to be ordinary, at once. A missing name does not replace a known one. A
    /// community's own group never counts as ordinary: leaving it would remove the number from all the community's groups.
    async fn remember(
        &self,
        instance: &InstanceKey,
        communities: Vec<CommunityRef>,
        ordinary: Vec<GroupId>,
    ) -> Result<(), StoreError>;

    /// The stored communities and ordinary groups.
    async fn remembered(&self, instance: &InstanceKey) -> Result<Remembered, StoreError>;

    /// Removes a community and its last reading.
    async fn forget_community(
        &self,
        instance: &InstanceKey,
        community: &CommunityId,
    ) -> Result<(), StoreError>;

    /// Stores roles at once, and removes those that are too old.
    async fn keep_roles(
        &self,
        instance: &InstanceKey,
        roles: Vec<KnownRole>,
        now: Millis,
    ) -> Result<(), StoreError>;

    /// The stored roles that still count. A role from after `now` does not: the clock was set back.
    async fn remembered_roles(
        &self,
        instance: &InstanceKey,
        now: Millis,
    ) -> Result<Vec<KnownRole>, StoreError>;

    /// Stores readings of an instance. A part replaces an older one, never a newer one. A part from after `now` does not count as
    /// newer: the clock was set back after it was stored. Without `writes_list`, the list of groups is not written.
    async fn keep_directory(
        &self,
        instance: &InstanceKey,
        read: LastRead,
        writes_list: bool,
        now: Millis,
    ) -> Result<(), StoreError>;

    /// The last readings of an instance from before `now`.
    async fn last_read(&self, instance: &InstanceKey, now: Millis) -> Result<LastRead, StoreError>;

    /// The history of a group or community from the newest operations that name it, newest first; at most `newest` operations.
    async fn history(
        &self,
        instance: &InstanceKey,
        subject: &HistorySubject,
        newest: usize,
    ) -> Result<Vec<Past>, StoreError>;

    /// The groups of an instance whose invite link is stored and opens here.
    async fn groups_with_invite_link(&self, instance: &InstanceKey) -> Result<BTreeSet<GroupId>, StoreError>;

    /// The groups of an instance that have a stored invite link, also if it does not open here.
    async fn groups_with_any_invite_link(
        &self,
        instance: &InstanceKey,
    ) -> Result<BTreeSet<GroupId>, StoreError>;

    /// Whether it has a key for the invite links, or needs none.
    fn has_link_key(&self) -> bool;

    /// The stored invite links of an instance: those that open here, and the others.
    async fn stored_links(&self, instance: &InstanceKey) -> Result<StoredLinks, StoreError> {
        let mut closed = self.groups_with_any_invite_link(instance).await?;
        let open =
            if closed.is_empty() { BTreeSet::new() } else { self.groups_with_invite_link(instance).await? };
        closed.retain(|group| !open.contains(group));
        Ok(StoredLinks { open, closed, has_key: self.has_link_key() })
    }

    /// How many invite links are stored for these instances, or for all instances ever used.
    async fn count_invite_links(&self, instances: Option<Vec<InstanceKey>>) -> Result<usize, StoreError>;

    /// Removes the invite links of these instances, or of all instances ever used; returns how many there were.
    async fn forget_invite_links(&self, instances: Option<Vec<InstanceKey>>) -> Result<usize, StoreError>;

    /// Removes these operations, all or none, and every invite link that belongs to no other operation; their numbers are never
    /// reused.
    async fn remove_operations(&self, operations: &[OperationId]) -> Result<(), StoreError>;

    /// The newest operations of an instance, newest first. Folds nothing.
    async fn list(&self, instance: &InstanceKey, newest: usize) -> Result<Vec<Listed>, StoreError>;

    /// Folds an operation from its events, and keeps its summary if the list lacks it. `None` if no readable one exists.
    async fn fold(&self, instance: &InstanceKey, listed: &Listed) -> Result<Option<Operation>, StoreError>;

    /// The newest operations of an instance without their groups, newest first. Folds only those whose summary is missing.
    async fn summaries(&self, instance: &InstanceKey, newest: usize) -> Result<Vec<Summary>, StoreError> {
        let mut summaries = Vec::new();
        for listed in self.list(instance, newest).await? {
            let folded = match &listed.summary {
                Some(_) => None,
                None => self.fold(instance, &listed).await?.map(|operation| operation.summary),
            };
            summaries.extend(listed.summary.or(folded));
        }
        Ok(summaries)
    }
}

#[async_trait]
impl Store for FileStore {
    fn is_new(&self) -> bool {
        !self.file().exists()
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn open_ahead(&self) {
        Self::open_ahead(self);
    }

    async fn rename(&self, renamed: Vec<Renamed>) -> Result<(), StoreError> {
        Self::rename(self, renamed).await
    }

    async fn remember(
        &self,
        instance: &InstanceKey,
        communities: Vec<CommunityRef>,
        ordinary: Vec<GroupId>,
    ) -> Result<(), StoreError> {
        Self::remember(self, instance, communities, ordinary).await
    }

    async fn remembered(&self, instance: &InstanceKey) -> Result<Remembered, StoreError> {
        Self::remembered(self, instance).await
    }

    async fn forget_community(
        &self,
        instance: &InstanceKey,
        community: &CommunityId,
    ) -> Result<(), StoreError> {
        Self::forget_community(self, instance, community).await
    }

    async fn keep_roles(
        &self,
        instance: &InstanceKey,
        roles: Vec<KnownRole>,
        now: Millis,
    ) -> Result<(), StoreError> {
        Self::keep_roles(self, instance, roles, now).await
    }

    async fn remembered_roles(
        &self,
        instance: &InstanceKey,
        now: Millis,
    ) -> Result<Vec<KnownRole>, StoreError> {
        Self::remembered_roles(self, instance, now).await
    }

    async fn keep_directory(
        &self,
        instance: &InstanceKey,
        read: LastRead,
        writes_list: bool,
        now: Millis,
    ) -> Result<(), StoreError> {
        Self::keep_directory(self, instance, read, writes_list, now).await
    }

    async fn last_read(&self, instance: &InstanceKey, now: Millis) -> Result<LastRead, StoreError> {
        Self::last_read(self, instance, now).await
    }

    async fn history(
        &self,
        instance: &InstanceKey,
        subject: &HistorySubject,
        newest: usize,
    ) -> Result<Vec<Past>, StoreError> {
        Self::history(self, instance, subject, newest).await
    }

    async fn groups_with_invite_link(&self, instance: &InstanceKey) -> Result<BTreeSet<GroupId>, StoreError> {
        Self::groups_with_invite_link(self, instance).await
    }

    async fn groups_with_any_invite_link(
        &self,
        instance: &InstanceKey,
    ) -> Result<BTreeSet<GroupId>, StoreError> {
        Self::groups_with_invite_link(self, instance).await
    }

    fn has_link_key(&self) -> bool {
        true
    }

    async fn count_invite_links(&self, instances: Option<Vec<InstanceKey>>) -> Result<usize, StoreError> {
        Self::count_invite_links(self, instances).await
    }

    async fn forget_invite_links(&self, instances: Option<Vec<InstanceKey>>) -> Result<usize, StoreError> {
        Self::forget_invite_links(self, instances).await
    }

    async fn remove_operations(&self, operations: &[OperationId]) -> Result<(), StoreError> {
        Self::remove_operations(self, operations).await
    }

    async fn list(&self, instance: &InstanceKey, newest: usize) -> Result<Vec<Listed>, StoreError> {
        Self::list(self, instance, newest).await
    }

    async fn fold(&self, instance: &InstanceKey, listed: &Listed) -> Result<Option<Operation>, StoreError> {
        Self::fold(self, instance, listed).await
    }
}
