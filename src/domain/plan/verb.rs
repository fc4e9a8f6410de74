//! What an operator wants of groups, and the steps that it takes. The names that serde writes are part of the journal format.

use serde::{Deserialize, Serialize};

use crate::domain::id::CommunityId;

/// The four verbs, and the one that undoes a leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Link groups to a community.
    Link,
    /// Unlink groups from the communities that they are in.
    Unlink,
    /// Unlink groups from one community, then link them to another.
    Move,
    /// Leave groups, or one community itself.
    Leave,
    /// Rejoin groups that the number left, using the invite links that were kept.
    Rejoin,
}

/// The work of one request for a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Link(CommunityId),
    Unlink(CommunityId),
    Leave,
    /// Leave the community itself, which also leaves its subgroups.
    LeaveCommunity(CommunityId),
    /// Join the group by the invite link that was kept for it.
    Join,
}
