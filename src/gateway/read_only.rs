//! A read-only gateway: reads go through, every write is refused before a request is made.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

use super::{Answer, Gateway, Waits};
use crate::domain::{
    budget::Budget,
    capability::Capabilities,
    community::{CommunityListing, CommunityRef, GroupDetails, GroupList},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    instance::Connection,
    invite::InviteLink,
    pairing::{ListedInstance, Offer, Way},
    private::Private,
    reading::Probe,
    vitals::Vitals,
};

/// Lets reads through and refuses writes with [`FailureKind::ReadOnly`].
pub struct ReadOnly {
    inner: Arc<dyn Gateway>,
}

impl ReadOnly {
    /// Wraps a gateway so that it only reads.
    pub fn over(inner: Arc<dyn Gateway>) -> Arc<dyn Gateway> {
        Arc::new(Self { inner })
    }
}

fn refused() -> Answer {
    Answer::no(Failure::new(FailureKind::ReadOnly))
}

#[async_trait]
impl Gateway for ReadOnly {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn budget(&self) -> watch::Receiver<Option<Budget>> {
        self.inner.budget()
    }

    async fn connection(&self) -> Result<Connection, Failure> {
        self.inner.connection().await
    }

    async fn communities(&self) -> Result<Vec<CommunityRef>, Failure> {
        self.inner.communities().await
    }

    async fn groups(&self) -> Result<GroupList, Failure> {
        self.inner.groups().await
    }

    async fn listing(&self, community: &CommunityId) -> Result<CommunityListing, Failure> {
        self.inner.listing(community).await
    }

    async fn probe(&self, group: &GroupId) -> Probe {
        self.inner.probe(group).await
    }

    async fn details(&self, group: &GroupId) -> Result<GroupDetails, Failure> {
        self.inner.details(group).await
    }

    async fn invited(&self, link: &InviteLink) -> Result<GroupDetails, Failure> {
        self.inner.invited(link).await
    }

    fn vitals(&self) -> Vitals {
        self.inner.vitals()
    }

    fn waits(&self) -> Waits {
        self.inner.waits()
    }

    async fn link(&self, _community: &CommunityId, _group: &GroupId) -> Answer {
        refused()
    }

    async fn unlink(&self, _community: &CommunityId, _group: &GroupId) -> Answer {
        refused()
    }

    async fn leave(&self, _group: &GroupId) -> Answer {
        refused()
    }

    async fn leave_community(&self, _community: &CommunityId) -> Answer {
        refused()
    }

    async fn invite_link(&self, group: &GroupId) -> Result<Option<InviteLink>, Failure> {
        self.inner.invite_link(group).await
    }

    async fn instances(&self) -> Result<Vec<ListedInstance>, Failure> {
        self.inner.instances().await
    }

    async fn connect(&self, _way: &Way) -> Result<Offer, Failure> {
        Err(Failure::new(FailureKind::ReadOnly))
    }

    async fn find_community(&self, given: &Private) -> Result<CommunityListing, Failure> {
        self.inner.find_community(given).await
    }

    async fn join(&self, _group: &GroupId, _link: &InviteLink) -> Answer {
        refused()
    }
}
