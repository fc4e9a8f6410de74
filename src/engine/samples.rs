//! Values for the unit tests of the engine: one group, its community, and the answers about them.

use crate::domain::{
    capability::{Capabilities, LastSubgroup},
    community::{CommunityListing, Subgroup},
    event::{Fate, OrderItem, SeenBefore},
    id::{CommunityId, GroupId},
    name::Name,
    operation::Item,
    pairing::Pairing,
    plan::Step,
    time::Millis,
};

/// A gateway whose listings are complete, and whose list of groups shows membership.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    lists_communities: true,
    links: true,
    unlinks: true,
    listings_from_groups: false,
    announcements_in_listing: true,
    most_listed: None,
    leaves_communities: true,
    community_may_pass_for_group: false,
    lists_every_subgroup: true,
    group_list_shows_membership: true,
    last_subgroup: LastSubgroup::Risky,
    requests_per_minute: None,
    gives_reasons: true,
    pairing: Pairing::NONE,
};

pub(super) fn group(text: &str) -> GroupId {
    GroupId::parse(text).unwrap()
}

pub(super) fn community() -> CommunityId {
    CommunityId::parse("c@g.us").unwrap()
}

/// An item that is to be sent for the group.
pub(super) fn item(step: Step) -> Item {
    Item::from_order(OrderItem {
        group: group("g@g.us"),
        name: Name::new("g"),
        steps: vec![step],
        done: 0,
        fate: Fate::Send,
        reason: None,
        evidence: SeenBefore::default(),
        sent_before: false,
        subgroups: Vec::new(),
    })
}

/// A complete listing of the community.
pub(super) fn listing(begun: Millis, groups: &[&str]) -> CommunityListing {
    let subgroup = |id: &&str| Subgroup { id: group(id), name: Name::new(id) };
    CommunityListing {
        community: community(),
        name: None,
        begun,
        announcements: Some(subgroup(&"news@g.us")),
        subgroups: groups.iter().map(subgroup).collect(),
        is_cut: false,
    }
}
