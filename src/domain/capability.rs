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
    /// It has a call that links a group to a community.
    pub links: bool,
    /// It has a call that unlinks a group from its community.
    pub unlinks: bool,
    /// It has no call for a community's listing: communities and their subgroups are in the list of groups, so one read of that
    /// list shows them all.
    pub listings_from_groups: bool,
    /// Every listing of a community contains its announcement group: an answer without it is no listing.
    pub announcements_in_listing: bool,
    /// The most groups that a list of groups contains, if a limit is known: a list of that length proves no absence.
    pub most_listed: Option<u32>,
    /// A community itself can be left, which is known to take the number out of its subgroups too.
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
