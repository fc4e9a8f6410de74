//! What a gateway can do, as a value that the plan and the screen ask. Nobody above the gateways asks for a
//! gateway's name.

use super::pairing::Pairing;

/// What a gateway can do and how its listings are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact of a gateway's contract")]
pub struct Capabilities {
    /// The gateway has a call that lists communities; without it they come from the configuration, from
    /// memory, from fields of the list of groups and from a probe.
    pub lists_communities: bool,
    /// A community can be left by itself, which takes the number out of its subgroups too.
    pub leaves_communities: bool,
    /// On this gateway a community's id is also a group's, so that an unrecognised community may stand in the
    /// list of groups and be left as if it were an ordinary group.
    pub community_may_pass_for_group: bool,
    /// A community's listing shows every subgroup. Where it shows only those that the number is in, its length
    /// is a lower bound, and an unlink is shown only together with the list of groups.
    pub lists_every_subgroup: bool,
    /// The list of groups shows the groups that the number is in, and no others: absence proves a leave.
    pub group_list_shows_membership: bool,
    /// What becomes of unlinking the last ordinary subgroup.
    pub last_subgroup: LastSubgroup,
    /// Requests that the gateway takes in a minute for one token, where it says so.
    pub requests_per_minute: Option<u32>,
    /// The gateway gives reasons for a refused link or unlink.
    pub gives_reasons: bool,
    /// How an instance is connected.
    pub pairing: Pairing,
}

/// What is known of unlinking a community's last ordinary subgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastSubgroup {
    /// The gateway documents that it cannot be unlinked.
    Blocked,
    /// Nothing is documented; it may be refused.
    Risky,
}
