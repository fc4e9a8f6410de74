//! Values for the unit tests of the engine: one group, its community, and the answers about them.

use crate::domain::{
    capability::{Capabilities, LastSubgroup},
    community::{CommunityListing, Subgroup},
    event::{Fate, OperationEvent, Order, OrderItem, Record, SeenBefore},
    id::{CommunityId, GroupId, OperationId},
    instance::InstanceKey,
    name::Name,
    operation::{Item, Operation},
    pairing::Pairing,
    plan::{Step, Verb},
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
    Item::from_order(ordered(vec![step]))
}

fn ordered(steps: Vec<Step>) -> OrderItem {
    OrderItem {
        group: group("g@g.us"),
        name: Name::new("g"),
        steps,
        done: 0,
        fate: Fate::Send,
        reason: None,
        evidence: SeenBefore::default(),
        sent_before: false,
        subgroups: Vec::new(),
    }
}

/// An operation that has just begun, with this many groups to move.
pub(super) fn moving(count: usize) -> Operation {
    let items = vec![ordered(vec![Step::Unlink(community()), Step::Link(community())]); count];
    let order = Order { verb: Verb::Move, target: None, parent: None, items };
    let (instance, operation) = (InstanceKey::new("one"), OperationId(1));
    let event = OperationEvent::Created(Box::new(order));
    let record = Record { instance, operation, sequence: 0, at: Millis(0), writer: None, event };
    Operation::begin(&record).unwrap()
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
