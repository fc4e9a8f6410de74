//! What is to be read afresh, and what a fresh read gave.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    community::{CommunityListing, CommunityRef, GroupDetails, GroupList},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    instance::Connection,
    time::Millis,
};

/// How far apart the requests of a search for communities are.
pub const PROBE_PACE: Duration = Duration::from_millis(700);

/// One thing that can be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Whether the instance is connected.
    Connection,
    /// The list of groups.
    Groups,
    /// The communities, from a call that lists them, where the gateway has one.
    Communities,
    /// A community's listing.
    Community(CommunityId),
    /// A group's details.
    Details(GroupId),
    /// Whether a group is a community that nobody recognised.
    Probe(GroupId),
}

/// What asking whether a group is a community gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Its subgroups were listed, with an announcements group: it is a community.
    Community(Arc<CommunityListing>),
    /// The gateway listed nothing for it.
    Ordinary,
    /// The gateway could not be asked, or did not answer.
    Failed(Failure),
}

/// What was read afresh, each part with its own success.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    /// When the first of the reads began.
    pub begun: Millis,
    /// The instance's connection.
    pub connection: Option<Result<Connection, Failure>>,
    /// The list of groups.
    pub groups: Option<Result<Arc<GroupList>, Failure>>,
    /// The communities, where a call that lists them was made.
    pub listed: Option<Result<Vec<CommunityRef>, Failure>>,
    /// Communities' listings.
    pub communities: BTreeMap<CommunityId, Result<Arc<CommunityListing>, Failure>>,
    /// Groups' details.
    pub details: BTreeMap<GroupId, Result<GroupDetails, Failure>>,
    /// Whether groups are communities.
    pub probes: BTreeMap<GroupId, Probe>,
}

impl Readings {
    /// The fresh listing of a community, where it was asked for.
    pub fn community(&self, id: &CommunityId) -> Option<&Result<Arc<CommunityListing>, Failure>> {
        self.communities
            .get(id)
            .or_else(|| self.communities.iter().find(|(known, _)| known.same_as(id)).map(|(_, read)| read))
    }

    /// Whether probes that found nothing mean anything: a community's listing was read beside them, and none lacked what
    /// makes it one.
    pub fn vouch_for_probes(&self) -> bool {
        let is_blind = |read: &Result<_, Failure>| matches!(read, Err(failure) if failure.kind == FailureKind::NoListing);
        let probed = self.probes.values().any(|probe| matches!(probe, Probe::Community(_)));
        let listed = self.communities.values().any(Result::is_ok);
        (probed || listed) && !self.communities.values().any(is_blind)
    }

    /// The fresh list of groups, where it could be read.
    pub fn group_list(&self) -> Option<&Arc<GroupList>> {
        self.groups.as_ref()?.as_ref().ok()
    }
}
