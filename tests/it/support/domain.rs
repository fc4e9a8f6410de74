//! Ids made of a few letters, and the smallest readings and operations with them, for tests of the domain.

use std::sync::Arc;

use synod::domain::{
    capability::{Capabilities, LastSubgroup},
    community::{CommunityListing, Group, GroupDetails, GroupKind, GroupList, Parent, Role, Subgroup},
    directory::Directory,
    event::{Fate, OperationEvent, Order, OrderItem, Record, SeenBefore},
    id::{CommunityId, GroupId, OperationId},
    instance::InstanceKey,
    name::Name,
    operation::Operation,
    pairing::Pairing,
    plan::{Step, Verb},
    time::Millis,
};

/// When the readings began.
pub(crate) const BEGUN: Millis = Millis(10);

/// A gateway whose listings are complete, and whose list of groups shows membership.
pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    lists_communities: false,
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
    gives_reasons: false,
    pairing: Pairing::NONE,
};

/// RyzeAPI: a community is also a group, and listings show only the groups of the number.
pub(crate) const RYZEAPI: Capabilities = Capabilities {
    community_may_pass_for_group: true,
    lists_every_subgroup: false,
    requests_per_minute: Some(100),
    ..CAPABILITIES
};

pub(crate) fn group(text: &str) -> GroupId {
    GroupId::parse(&format!("{text}@g.us")).unwrap()
}

pub(crate) fn community(text: &str) -> CommunityId {
    CommunityId::parse(&format!("{text}@g.us")).unwrap()
}

pub(crate) fn link(to: &str) -> Step {
    Step::Link(community(to))
}

pub(crate) fn unlink(from: &str) -> Step {
    Step::Unlink(community(from))
}

pub(crate) fn subgroup(text: &str) -> Subgroup {
    Subgroup { id: group(text), name: Name::new(text) }
}

/// A complete listing of a community.
pub(crate) fn listing(of: &str, groups: &[&str]) -> CommunityListing {
    CommunityListing {
        community: community(of),
        name: None,
        begun: BEGUN,
        announcements: Some(subgroup(&format!("{of}-news"))),
        subgroups: groups.iter().map(|text| subgroup(text)).collect(),
        is_cut: false,
    }
}

/// An entry of the list of groups that says nothing about the group.
pub(crate) fn entry(text: &str) -> Group {
    Group {
        id: group(text),
        name: Name::new(text),
        members: Some(4),
        role: Role::Unknown,
        parent: Parent::Unknown,
        kind: GroupKind::Unknown,
    }
}

/// Details that say nothing about the group.
pub(crate) fn details(text: &str) -> GroupDetails {
    GroupDetails {
        id: group(text),
        name: Name::new(text),
        description: None,
        members: Some(4),
        role: Role::Unknown,
        admins: None,
        own_number_listed: None,
        parent: Parent::Unknown,
        kind: GroupKind::Unknown,
        has_invite_link: false,
    }
}

/// A list of groups that gives each group its parent.
pub(crate) fn list(groups: &[(&str, Parent)]) -> GroupList {
    let entry = |(text, parent): &(&str, Parent)| Group { parent: parent.clone(), ..entry(text) };
    GroupList { begun: BEGUN, groups: groups.iter().map(entry).collect(), skipped: 0, is_cut: false }
}

/// A directory whose list of groups gives the group g this parent.
pub(crate) fn directory(parent: Parent) -> Directory {
    let mut directory = Directory::default();
    directory.take_groups(Arc::new(list(&[("g", parent)])));
    directory
}

/// An item that is to be sent.
pub(crate) fn item(group: &GroupId, steps: Vec<Step>) -> OrderItem {
    OrderItem {
        group: group.clone(),
        name: Name::new(group.bare()),
        steps,
        done: 0,
        fate: Fate::Send,
        reason: None,
        evidence: SeenBefore::default(),
        sent_before: false,
        subgroups: Vec::new(),
    }
}

pub(crate) fn order(verb: Verb, items: Vec<OrderItem>) -> Order {
    Order { verb, target: None, parent: None, items }
}

/// The operation of an order after these events.
pub(crate) fn operation(
    id: u64,
    order: Order,
    events: impl IntoIterator<Item = OperationEvent>,
) -> Operation {
    let record = |sequence, event| Record {
        instance: InstanceKey::new("i"),
        operation: OperationId(id),
        sequence,
        at: Millis(1_000),
        writer: None,
        event,
    };
    let mut operation = Operation::begin(&record(0, OperationEvent::Created(Box::new(order)))).unwrap();
    for (sequence, event) in (1..).zip(events) {
        operation.apply(&record(sequence, event));
    }
    operation
}
