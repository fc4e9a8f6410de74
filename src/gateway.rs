//! What Synod asks of a gateway: the trait, and what a write answers.
//!
//! A gateway's implementation translates at its edge and nowhere else: ids, words, shapes, errors. What it can do
//! is a value, [`Capabilities`]. Nobody outside an implementation sees its wire format.

mod community_id;
mod http;
mod invite;
mod json;
mod members;
mod mend;
mod open;
mod read_only;
mod retry;
mod ryzeapi;
mod source;
mod waits;
mod words;
mod zapi;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::domain::{
    budget::Budget,
    capability::Capabilities,
    community::{CommunityListing, CommunityRef, GroupDetails, GroupList},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    instance::Connection,
    invite::InviteLink,
    outcome::Claim,
    pairing::{ListedInstance, Offer, Way},
    private::Private,
    reading::{Probe, Reading, Scope},
    time::Millis,
    vitals::Vitals,
};

pub use community_id::{CommunityIdError, check_community_id};
pub use http::{
    base::BaseUrlError,
    meter::BudgetBook,
    socket::{SocketError, SocketOptions, socket},
    transport::{FnTransport, Transport, TransportError},
};
pub use open::{InstanceSpec, OpenError, Parts, open};
pub use read_only::ReadOnly;
pub use retry::Retrying;
pub use waits::{Waiting, Waits};

/// Tells the time: what stamps listings and measures waits until a reset.
pub type Now = Arc<dyn Fn() -> Millis + Send + Sync>;

/// One instance on a gateway.
///
/// Reads may be repeated; a write is sent once for each call and never repeated by an implementation. Every listing
/// bears the time at which its read began.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// What the gateway can do.
    fn capabilities(&self) -> Capabilities;

    /// What is left of the token's requests; follows every response.
    fn budget(&self) -> watch::Receiver<Option<Budget>>;

    /// Whether the instance is connected, and its own number.
    async fn connection(&self) -> Result<Connection, Failure>;

    /// The communities that the number is in; [`FailureKind::Unsupported`] where nothing lists them.
    async fn communities(&self) -> Result<Vec<CommunityRef>, Failure>;

    /// The groups that the number is in.
    async fn groups(&self) -> Result<GroupList, Failure>;

    /// A community's listing; [`FailureKind::NoListing`] when the answer lacks what makes it one.
    async fn listing(&self, community: &CommunityId) -> Result<CommunityListing, Failure>;

    /// Whether a group is a community that nobody recognised.
    async fn probe(&self, group: &GroupId) -> Probe;

    /// One group's details; [`FailureKind::NotMember`] when the gateway says plainly that the number is not in it.
    async fn details(&self, group: &GroupId) -> Result<GroupDetails, Failure>;

    /// The details of the group that an invite link leads to, whether the number is in it or not; the link is used up by
    /// nothing. [`FailureKind::Unsupported`] where the gateway cannot tell. No failure repeats the link.
    async fn invited(&self, _link: &InviteLink) -> Result<GroupDetails, Failure> {
        Err(Failure::new(FailureKind::Unsupported))
    }

    /// What the answers so far told by the way. Nothing is asked.
    fn vitals(&self) -> Vitals {
        Vitals::default()
    }

    /// The waits of its reads, which whoever waits before a read reports too. By default nobody follows them.
    fn waits(&self) -> Waits {
        Waits::default()
    }

    /// Links one group to a community.
    async fn link(&self, community: &CommunityId, group: &GroupId) -> Answer;

    /// Unlinks one group from a community.
    async fn unlink(&self, community: &CommunityId, group: &GroupId) -> Answer;

    /// Leaves one group.
    async fn leave(&self, group: &GroupId) -> Answer;

    /// Leaves a community itself, and with it its subgroups.
    async fn leave_community(&self, community: &CommunityId) -> Answer;

    /// A group's invite link, where the gateway gives it to the number; `None` where it gives none.
    async fn invite_link(&self, _group: &GroupId) -> Result<Option<InviteLink>, Failure> {
        Ok(None)
    }

    /// The instances that the token may speak for, in the gateway's order; [`FailureKind::Unsupported`] where nothing
    /// lists them.
    async fn instances(&self) -> Result<Vec<ListedInstance>, Failure> {
        Err(Failure::new(FailureKind::Unsupported))
    }

    /// Begins to connect the instance. Whether it is connected is read first, afresh, and one that is, or of which it
    /// cannot be read, is left alone. What follows is a write like any other, whatever its HTTP method: sent once for
    /// each call.
    async fn connect(&self, _way: &Way) -> Result<Offer, Failure> {
        Err(Failure::new(FailureKind::Unsupported))
    }

    /// The listing of the community that somebody names by an id, or, where the gateway can tell whose it is, by an
    /// invite link or its code; [`FailureKind::NotFound`] for a text that can be neither.
    async fn find_community(&self, _given: &Private) -> Result<CommunityListing, Failure> {
        Err(Failure::new(FailureKind::Unsupported))
    }

    /// Joins a group by its invite link. A write like any other: sent once for each call, whatever its HTTP method.
    async fn join(&self, _group: &GroupId, _link: &InviteLink) -> Answer {
        Answer::no(Failure::new(FailureKind::Unsupported))
    }
}

/// Reads one scope, once.
pub async fn read(gateway: &dyn Gateway, scope: &Scope) -> Reading {
    match scope {
        Scope::Connection => Reading::Connection(gateway.connection().await),
        Scope::Groups => Reading::Groups(gateway.groups().await.map(Arc::new)),
        Scope::Communities => Reading::Communities(gateway.communities().await),
        Scope::Community(id) => Reading::Community(id.clone(), gateway.listing(id).await.map(Arc::new)),
        Scope::Details(id) => Reading::Details(id.clone(), gateway.details(id).await),
        Scope::Probe(id) => Reading::Probe(id.clone(), gateway.probe(id).await),
    }
}

/// What a write answered: a claim, and why not, where it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Yes, no, or silence.
    pub claim: Claim,
    /// Why, where the claim is not yes.
    pub failure: Option<Failure>,
}

impl Answer {
    /// The gateway said that it did it.
    pub fn yes() -> Self {
        Self { claim: Claim::Yes, failure: None }
    }

    /// The gateway said that it did not.
    pub fn no(failure: Failure) -> Self {
        Self { claim: Claim::No, failure: Some(failure) }
    }

    /// Nothing can be concluded from what came back.
    pub fn silence(failure: Failure) -> Self {
        Self { claim: Claim::Silence, failure: Some(failure) }
    }

    /// A failed request as the claim that it makes: what the gateway plainly refused is no, what it may have carried
    /// out is silence. A request that never left is no.
    pub fn from_failure(failure: Failure) -> Self {
        match failure.kind {
            FailureKind::ServerFault
            | FailureKind::TimedOut
            | FailureKind::Dropped
            | FailureKind::NotJson
            | FailureKind::TooLong
            | FailureKind::EmptyAnswer
            | FailureKind::Unmentioned
            | FailureKind::Malformed
            | FailureKind::Redirected
            | FailureKind::NoListing => Self::silence(failure),
            _ => Self::no(failure),
        }
    }
}
