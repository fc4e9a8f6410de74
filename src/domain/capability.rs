//! The capabilities of a gateway, as a value that the plan and the screen read. No code above the gateways asks for a gateway's
//! name.

use super::pairing::Pairing;

/// The capabilities of a gateway, and how to interpret its listings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact of a gateway's contract")]
pub struct Capabilities {
    /// The gateway has a call that lists communities. Without it they come from the configuration, from memory, from fields of
    /// the list of groups and from a probe.
    pub lists_communities: bool,
    /// A community itself can be left, which also takes the number out of its subgroups.
    pub leaves_communities: bool,
    /// On this gateway a community's id is also a group's id, so an unrecognised community may be in the list of groups and be
    /// left as if it were an ordinary group.
    pub community_may_pass_for_group: bool,
    /// A community's listing shows every subgroup. If it shows only those that the number is in, its length is a lower bound, and
    /// an unlink is proven only together with the list of groups.
    pub lists_every_subgroup: bool,
    /// The list of groups shows exactly the groups that the number is in: absence proves a leave.
    pub group_list_shows_membership: bool,
    /// How the gateway treats the unlinking of the last ordinary subgroup.
    pub last_subgroup: LastSubgroup,
    /// The requests per minute that the gateway allows for one token, if it says so.
    pub requests_per_minute: Option<u32>,
    /// The gateway gives reasons for a refused link or unlink.
    pub gives_reasons: bool,
    /// How an instance is connected.
    pub pairing: Pairing,
}

/// The known behaviour when a community's last ordinary subgroup is unlinked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastSubgroup {
    /// The gateway documents that it cannot be unlinked.
    Blocked,
    /// Nothing is documented; it may be refused.
    Risky,
}
