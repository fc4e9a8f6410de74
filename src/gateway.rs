//! The interface to a gateway: what it [`Reads`], what it [`Writes`], and the [`Answer`] to a write.
//!
//! An implementation translates at its edge and nowhere else: ids, texts, JSON shapes, errors. Its abilities are a value,
//! [`Capabilities`]. Code outside an implementation never sees its wire format.

mod client;
mod community_id;
mod evolution;
mod fields;
mod http;
mod invite;
mod json;
mod members;
mod open;
mod pairing;
mod parts;
mod repair;
mod retry;
mod ryzeapi;
mod source;
mod uazapi;
mod waits;
mod words;
mod wsapi;
mod zapi;

use std::{ops::Deref, sync::Arc};

use async_trait::async_trait;
use tokio::sync::watch;

use crate::{
    clock::Clock,
    domain::{
        budget::Budget,
        capability::Capabilities,
        community::{CommunityListing, CommunityRef, GroupDetails, GroupList},
        failure::{Failure, FailureKind},
        id::{CommunityId, GroupId},
        instance::Connection,
        invite::InviteLink,
        name::Name,
        outcome::Claim,
        pairing::{ListedInstance, Offer, Way},
        private::Private,
        reading::{Probe, Reading, Scope},
        vitals::Vitals,
    },
};

pub use community_id::{CommunityIdError, check_community_id};
pub use http::{
    meter::BudgetBook,
    socket::{SocketError, SocketOptions, socket},
    transport::{FnTransport, Transport, TransportError},
};
pub use open::open;
pub use parts::{ClientParts, InstanceSpec, OpenError};
pub use waits::{Waiting, Waits};

use retry::Retrying;

/// The reads of one instance. They change nothing, so they may be repeated. Every listing is stamped with the time at which
/// its read began.
#[async_trait]
pub trait Reads: Send + Sync {
    /// What the gateway can do.
    fn capabilities(&self) -> Capabilities;

    /// The remaining requests of the token; updated after every response.
    fn budget(&self) -> watch::Receiver<Option<Budget>>;

    /// Whether the instance is connected, and its own number.
    async fn connection(&self) -> Result<Connection, Failure>;

    /// The number that is connected now; `None` if the gateway does not say it. Fails, unlike [`Self::connection`], if the number
    /// alone could not be read, and with [`FailureKind::NotConnected`] if none is connected.
    async fn number(&self) -> Result<Option<Name>, Failure> {
        let connection = self.connection().await?;
        if connection.is_connected() {
            Ok(connection.number)
        } else {
            Err(Failure::new(FailureKind::NotConnected))
        }
    }

    /// The communities that the number is in; [`FailureKind::Unsupported`] if the gateway cannot list them.
    async fn communities(&self) -> Result<Vec<CommunityRef>, Failure>;

    /// The groups that the number is in.
    async fn groups(&self) -> Result<GroupList, Failure>;

    /// A community's listing; [`FailureKind::NoListing`] if the answer lacks what every listing has: subgroups or,
    /// on `RyzeAPI`, the announcement group.
    async fn listing(&self, community: &CommunityId) -> Result<CommunityListing, Failure>;

    /// Whether a group is in fact a community that was not recognised as one.
    async fn probe(&self, group: &GroupId) -> Probe;

    /// One group's details; [`FailureKind::NotMember`] if the gateway says plainly that the number is not in it.
    async fn details(&self, group: &GroupId) -> Result<GroupDetails, Failure>;

    /// The details of the group that an invite link leads to, whether or not the number is in it. This does not use up the link.
    /// [`FailureKind::Unsupported`] if the gateway cannot resolve links. No failure repeats the link.
    async fn invited(&self, _link: &InviteLink) -> Result<GroupDetails, Failure> {
        Err(Failure::new(FailureKind::Unsupported))
    }

    /// A group's invite link; `None` if the gateway does not give it to the number.
    async fn invite_link(&self, _group: &GroupId) -> Result<Option<InviteLink>, Failure> {
        Ok(None)
    }

    /// The instances that the token gives access to, in the gateway's order; [`FailureKind::Unsupported`] if the gateway cannot
    /// list them.
    async fn instances(&self) -> Result<Vec<ListedInstance>, Failure> {
        Err(Failure::new(FailureKind::Unsupported))
    }

    /// The listing of a community given by its id or, if the gateway can resolve links, by an invite link or its code;
    /// [`FailureKind::NotFound`] for a text that can be neither.
    async fn find_community(&self, _given: &Private) -> Result<CommunityListing, Failure> {
        Err(Failure::new(FailureKind::Unsupported))
    }

    /// Facts collected from earlier responses. Sends no request.
    fn vitals(&self) -> Vitals {
        Vitals::default()
    }

    /// How many groups the newest list had; 0 if none was read. Sends no request.
    fn listed_groups(&self) -> usize {
        0
    }

    /// The waits of its reads. Callers that wait before a read report their waits here too. By default nobody follows them.
    fn waits(&self) -> Waits {
        Waits::default()
    }
}

/// The writes of one instance, whatever their HTTP method. An implementation sends each once per call and never repeats it.
#[async_trait]
pub trait Writes: Send + Sync {
    /// Links one group to a community.
    async fn link(&self, community: &CommunityId, group: &GroupId) -> Answer;

    /// Unlinks one group from a community.
    async fn unlink(&self, community: &CommunityId, group: &GroupId) -> Answer;

    /// Leaves one group.
    async fn leave(&self, group: &GroupId) -> Answer;

    /// Leaves a community itself, and with it its subgroups.
    async fn leave_community(&self, _community: &CommunityId) -> Answer {
        Answer::no(Failure::new(FailureKind::Unsupported))
    }

    /// Joins a group by its invite link.
    async fn join(&self, _group: &GroupId, _link: &InviteLink) -> Answer {
        Answer::no(Failure::new(FailureKind::Unsupported))
    }

    /// Begins to connect the instance. It first reads the connection state afresh. If the instance is connected, or if its state
    /// cannot be read, it sends nothing more.
    async fn connect(&self, _way: &Way) -> Result<Offer, Failure> {
        Err(Failure::new(FailureKind::Unsupported))
    }
}

/// One instance on a gateway: its reads, which it dereferences to, and its writes unless it is read-only.
#[derive(Clone)]
pub struct Gateway {
    pub reads: Arc<dyn Reads>,
    writes: Option<Arc<dyn Writes>>,
}

impl Gateway {
    /// The gateway of this client.
    pub fn new<Client: Reads + Writes + 'static>(client: Arc<Client>) -> Self {
        Self { reads: Arc::clone(&client) as Arc<dyn Reads>, writes: Some(client) }
    }

    /// Repeats reads that fail for a temporary reason. Writes are not repeated: the wrapper does not know them.
    #[must_use]
    pub fn retrying(self, clock: Clock) -> Self {
        Self { reads: Arc::new(Retrying::new(self.reads, clock)), writes: self.writes }
    }

    /// Drops the writes: the gateway becomes read-only.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { writes: None, ..self }
    }

    /// The writes; [`FailureKind::ReadOnly`] if the gateway is read-only.
    pub fn writes(&self) -> Result<&dyn Writes, Failure> {
        self.writes.as_deref().ok_or_else(|| Failure::new(FailureKind::ReadOnly))
    }
}

impl Deref for Gateway {
    type Target = dyn Reads;

    fn deref(&self) -> &Self::Target {
        self.reads.as_ref()
    }
}

/// Reads one scope, once. If the list of groups answers for it, the list comes too.
pub async fn read(gateway: &dyn Reads, scope: &Scope) -> Vec<Reading> {
    if is_in_groups(gateway, scope) {
        let groups = gateway.groups().await.map(Arc::new);
        let derived = derived(scope, &groups);
        return vec![Reading::Groups(groups), derived];
    }
    vec![read_one(gateway, scope).await]
}

/// Whether the list of groups answers for a scope, so that one read serves all such scopes.
pub fn is_in_groups(gateway: &dyn Reads, scope: &Scope) -> bool {
    matches!(scope, Scope::Communities | Scope::Community(_)) && gateway.capabilities().listings_from_groups
}

/// What a list of groups says about a scope that it answers for.
pub fn derived(scope: &Scope, groups: &Result<Arc<GroupList>, Failure>) -> Reading {
    match (scope, groups) {
        (Scope::Communities, Ok(list)) => Reading::Communities(Ok(list.communities())),
        (Scope::Community(id), Ok(list)) => Reading::Community(id.clone(), list.listing(id).map(Arc::new)),
        (_, Ok(list)) => Reading::Groups(Ok(Arc::clone(list))),
        (scope, Err(failure)) => Reading::failed(scope, failure),
    }
}

/// Reads one scope by its own request.
pub async fn read_one(gateway: &dyn Reads, scope: &Scope) -> Reading {
    match scope {
        Scope::Connection => Reading::Connection(gateway.connection().await),
        Scope::Groups => Reading::Groups(gateway.groups().await.map(Arc::new)),
        Scope::Communities => Reading::Communities(gateway.communities().await),
        Scope::Community(id) => Reading::Community(id.clone(), gateway.listing(id).await.map(Arc::new)),
        Scope::Details(id) => Reading::Details(id.clone(), gateway.details(id).await),
        Scope::Probe(id) => Reading::Probe(id.clone(), gateway.probe(id).await),
    }
}

/// The answer to a write: its claim and, if it failed, the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Yes, no, or silence.
    pub claim: Claim,
    /// The reason, unless the claim is yes.
    pub failure: Option<Failure>,
}

impl Answer {
    /// The gateway said that it carried out the write.
    pub fn yes() -> Self {
        Self { claim: Claim::Yes, failure: None }
    }

    /// The gateway said that it did not carry out the write.
    pub fn no(failure: Failure) -> Self {
        Self { claim: Claim::No, failure: Some(failure) }
    }

    /// The response allows no conclusion.
    pub fn silence(failure: Failure) -> Self {
        Self { claim: Claim::Silence, failure: Some(failure) }
    }

    /// The claim that a failed request makes: no if the gateway plainly refused it, silence if the gateway may have carried it
    /// out. A request that was never sent is a no.
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
