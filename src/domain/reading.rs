//! The scopes of fresh reads, and their results.
//!
//! It owns how one reading is merged into all readings; `evidence` decides what they prove.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    community::{CommunityListing, CommunityRef, GroupDetails, GroupList},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    instance::Connection,
    name::Name,
    time::Millis,
};

/// The interval between the requests of a search for communities.
pub const PROBE_PACE: Duration = Duration::from_millis(700);

/// For how long readings count as current.
const FRESH: Duration = Duration::from_secs(60);

/// Whether readings that began at this time are current. A decision from older ones is checked again before it is sent.
pub fn is_fresh(begun: Millis, now: Millis) -> bool {
    now.since(begun) <= FRESH
}

/// One thing that can be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Whether the instance is connected.
    Connection,
    Groups,
    /// The communities, from a call that lists them, if the gateway has one.
    Communities,
    /// A community's listing.
    Community(CommunityId),
    Details(GroupId),
    /// Whether a group is an unrecognised community.
    Probe(GroupId),
}

/// The result of asking whether a group is a community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Its subgroups were listed, with an announcement group: it is a community.
    Community(Arc<CommunityListing>),
    /// The gateway answered but listed nothing, for this reason. `evidence` decides what that proves.
    Nothing(Failure),
    /// The gateway could not be asked, or did not answer.
    Failed(Failure),
}

/// The result of one read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The instance's connection.
    Connection(Result<Connection, Failure>),
    Groups(Result<Arc<GroupList>, Failure>),
    Communities(Result<Vec<CommunityRef>, Failure>),
    Community(CommunityId, Result<Arc<CommunityListing>, Failure>),
    Details(GroupId, Result<GroupDetails, Failure>),
    /// Whether a group is a community.
    Probe(GroupId, Probe),
}

impl Reading {
    /// A read that failed, or was not made, for this reason.
    pub fn failed(scope: &Scope, failure: &Failure) -> Self {
        let failure = failure.clone();
        match scope {
            Scope::Connection => Self::Connection(Err(failure)),
            Scope::Groups => Self::Groups(Err(failure)),
            Scope::Communities => Self::Communities(Err(failure)),
            Scope::Community(id) => Self::Community(id.clone(), Err(failure)),
            Scope::Details(id) => Self::Details(id.clone(), Err(failure)),
            Scope::Probe(id) => Self::Probe(id.clone(), Probe::Failed(failure)),
        }
    }

    /// Why it failed, if it did.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Connection(read) => read.as_ref().err(),
            Self::Groups(read) => read.as_ref().err(),
            Self::Communities(read) => read.as_ref().err(),
            Self::Community(_, read) => read.as_ref().err(),
            Self::Details(_, read) => read.as_ref().err(),
            Self::Probe(_, Probe::Failed(failure)) => Some(failure),
            Self::Probe(..) => None,
        }
    }

    /// A failure that would affect all remaining reads.
    pub fn end_of_all(&self) -> Option<Failure> {
        match self {
            Self::Connection(Ok(connection)) if !connection.is_connected() => {
                Some(Failure::new(FailureKind::NotConnected))
            }
            reading => reading.failure().filter(|failure| failure.stops_everything()).cloned(),
        }
    }
}

/// A result of a load, in the order of arrival.
#[derive(Clone, Debug)]
pub enum Loaded {
    /// Whether the instance is connected.
    Connection(Result<Connection, Failure>),
    /// The communities, if the gateway lists them.
    Communities(Result<Vec<CommunityRef>, Failure>),
    Groups(Result<Arc<GroupList>, Failure>),
    Community(CommunityId, Result<Arc<CommunityListing>, Failure>),
    /// A name for a community that had none.
    Name(CommunityId, Name),
    /// The load is over.
    Done,
}

/// Fresh readings, each part with its own success.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    /// When the first of the reads began.
    pub begun: Millis,
    /// The instance's connection.
    pub connection: Option<Result<Connection, Failure>>,
    pub groups: Option<Result<Arc<GroupList>, Failure>>,
    /// The communities, if a call that lists them was made.
    pub listed: Option<Result<Vec<CommunityRef>, Failure>>,
    pub communities: BTreeMap<CommunityId, Result<Arc<CommunityListing>, Failure>>,
    pub details: BTreeMap<GroupId, Result<GroupDetails, Failure>>,
    /// Whether groups are communities.
    pub probes: BTreeMap<GroupId, Probe>,
    /// A second read of whatever the first left in doubt.
    pub again: Option<Box<Self>>,
    /// The journal's position when the first of the reads began; `None` if it was not requested.
    pub journal: Option<u64>,
}

impl Readings {
    /// The fresh listing of a community, if it was requested.
    pub fn community(&self, id: &CommunityId) -> Option<&Result<Arc<CommunityListing>, Failure>> {
        self.communities
            .get(id)
            .or_else(|| self.communities.iter().find(|(known, _)| known.same_as(id)).map(|(_, read)| read))
    }

    /// Whether a scope was read, successfully or not.
    pub fn has(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Connection => self.connection.is_some(),
            Scope::Groups => self.groups.is_some(),
            Scope::Communities => self.listed.is_some(),
            Scope::Community(id) => self.communities.contains_key(id),
            Scope::Details(id) => self.details.contains_key(id),
            Scope::Probe(id) => self.probes.contains_key(id),
        }
    }

    /// Takes a reading, in place of an earlier one.
    pub fn take(&mut self, reading: Reading) {
        match reading {
            Reading::Connection(read) => self.connection = Some(read),
            Reading::Groups(read) => self.groups = Some(read),
            Reading::Communities(read) => self.listed = Some(read),
            Reading::Community(id, read) => drop(self.communities.insert(id, read)),
            Reading::Details(id, read) => drop(self.details.insert(id, read)),
            Reading::Probe(id, probe) => drop(self.probes.insert(id, probe)),
        }
    }

    /// The failures of all reads, in no particular order.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        let connection = self.connection.as_ref().and_then(|read| read.as_ref().err());
        let groups = self.groups.as_ref().and_then(|read| read.as_ref().err());
        let communities = self.communities.values().filter_map(|read| read.as_ref().err());
        let details = self.details.values().filter_map(|read| read.as_ref().err());
        connection.into_iter().chain(groups).chain(communities).chain(details)
    }

    /// The fresh list of groups, if it could be read.
    pub fn group_list(&self) -> Option<&Arc<GroupList>> {
        self.groups.as_ref()?.as_ref().ok()
    }
}
