//! Why a group is under its heading in a plan.

use serde::{Deserialize, Serialize};

use crate::domain::{community::CommunityRef, failure::Failure, id::OperationId};

/// Why a row is under its heading. The names are part of the journal format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// An announcement group cannot be linked, unlinked, or left on its own.
    AnnouncementsGroup,
    /// A community cannot be linked, unlinked or left as if it were a group.
    IsCommunity,
    /// The gateway has no call that leaves a community.
    NoCallToLeaveCommunity,
    /// The gateway has no call that links a group.
    NoCallToLink,
    /// The gateway has no call that unlinks a group.
    NoCallToUnlink,
    /// It is in another community; a move would take it out of there.
    InOtherCommunity(CommunityRef),
    /// Somebody else has moved it to this community since it was marked, or since the earlier operation.
    MovedElsewhere(CommunityRef),
    /// It appears both in its target community and in this one: the gateway contradicts itself.
    ListedTwice(CommunityRef),
    /// No answer says which community it is in, or that it is in none.
    PlaceUnknown,
    /// The community would exceed its limit of groups.
    OverLimit,
    /// A community must keep at least one ordinary subgroup.
    LastSubgroup,
    /// The gateway may refuse to unlink the last ordinary subgroup.
    LastSubgroupMayBeRefused,
    /// The number is not an admin of the group.
    NotAdmin,
    /// The number is not an admin of the community; the link may become a suggestion to its admins.
    NotAdminOfCommunity,
    /// The number is the only admin of the group.
    OnlyAdmin,
    /// It is neither in the community nor in the list of groups.
    InNeither,
    /// Another operation, running or waiting, holds it.
    InOperation(OperationId),
    AlreadyIn,
    NotIn,
    InNoCommunity,
    NotMember,
    /// It was not checked. It may be a community, and leaving that would take the number out of all its groups.
    NotChecked,
    /// The gateway refused the request that would be undone: somebody else may have made the change.
    MayBeOthers,
    /// The gateway does not know this group, and nothing has ever shown it.
    NoSuchGroup,
    /// No answer says whether it is an ordinary group or an announcement group.
    KindUnknown,
    /// The gateway has no answer that says whether it is a community.
    MayBeCommunity,
    /// Synod could not read whether it is a community.
    ProbeFailed(Failure),
    /// The gateway says that it is not a community, but no community and no ordinary group is known to check that answer against.
    ProbeUnreliable,
    /// Its details could not be read.
    DetailsFailed(Failure),
    /// The listing of the community it is in could not be read.
    SourceUnread(Failure),
    /// The listing of its target community could not be read.
    TargetUnread(Failure),
    AlreadyMember,
    /// No invite link was kept for it.
    NoInviteLink,
    /// The operator did not tick it.
    NotTicked(Box<Reason>),
    /// The operator left it out.
    LeftOut,
}
