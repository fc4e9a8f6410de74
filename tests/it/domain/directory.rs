//! How a directory combines its inputs, in any order.

mod roles;
mod union;
mod witnesses;

use std::sync::Arc;

use proptest::prelude::*;
use synod::domain::{
    community::{
        CommunityListing, CommunityRef, Group, GroupKind, GroupList, GroupRef, Parent, Role, Subgroup,
    },
    directory::{Directory, Entry, KnownFrom, Slot},
    id::{CommunityId, GroupId},
    name::Name,
    time::Millis,
};

fn id() -> CommunityId {
    CommunityId::parse("1@g.us").unwrap()
}

fn entry(name: &str, begun: i64) -> Arc<GroupList> {
    let group = Group {
        id: id().as_group(),
        name: Name::new(name),
        members: None,
        role: Role::Unknown,
        parent: Parent::Unknown,
        kind: GroupKind::Community,
    };
    Arc::new(GroupList { begun: Millis(begun), groups: vec![group].into(), skipped: 0, is_cut: false })
}

fn listing(name: Option<&str>, announcements: &str, begun: i64) -> Arc<CommunityListing> {
    let announcements = Subgroup { id: GroupId::parse("2@g.us").unwrap(), name: Name::new(announcements) };
    Arc::new(CommunityListing {
        community: id(),
        name: name.map(Name::new),
        begun: Millis(begun),
        announcements: Some(announcements),
        subgroups: Vec::new(),
        is_cut: false,
    })
}

#[test]
fn an_empty_name_never_replaces_another() {
    let mut directory = Directory::default();
    let name =
        |directory: &Directory| directory.communities()[0].name.as_ref().map(|name| name.shown().to_owned());
    directory.learn(CommunityRef { id: id(), name: Some(Name::new("")) }, KnownFrom::Memory);
    directory.take_groups(entry(" ", 1));
    directory.take_listing(&listing(None, "", 2));
    assert_eq!(name(&directory), None);
    directory.take_listing(&listing(None, "News", 3));
    assert_eq!(name(&directory).as_deref(), Some("News"));
    directory.take_groups(entry("Harbor", 4));
    directory.take_groups(entry("", 5));
    directory.take_listing(&listing(Some(""), "News", 6));
    directory.learn(CommunityRef { id: id(), name: Some(Name::new("\u{200b}")) }, KnownFrom::Probe);
    assert_eq!(name(&directory).as_deref(), Some("Harbor"));
}

/// One input of a directory.
#[derive(Clone, Debug)]
enum Told {
    Groups {
        begun: i64,
        parents: Vec<Parent>,
    },
    /// The same list once more.
    Again(i64),
    Left(u8),
    Listing {
        community: u8,
        begun: i64,
        announcements: u8,
        groups: Vec<u8>,
    },
    Learn(u8),
    Forget(u8),
    /// What another directory read last, after these inputs.
    Recalled(Vec<Told>),
}

/// The last one is itself a group.
fn community(number: u8) -> CommunityId {
    if number == 3 {
        CommunityId::from(&group(7))
    } else {
        CommunityId::parse(&format!("9{number}@g.us")).unwrap()
    }
}

fn group(number: u8) -> GroupId {
    GroupId::parse(&format!("5{number}@g.us")).unwrap()
}

fn told() -> impl Strategy<Value = Told> {
    let recalled = prop::collection::vec(told_by_reading(), 0..6).prop_map(Told::Recalled);
    prop_oneof![6 => told_by_reading(), 1 => recalled]
}

fn told_by_reading() -> impl Strategy<Value = Told> {
    let parent = prop_oneof![
        Just(Parent::Unknown),
        Just(Parent::None),
        (0_u8..4).prop_map(|parent| Parent::Community(community(parent)))
    ];
    prop_oneof![
        (0_i64..9, prop::collection::vec(parent, 0..12))
            .prop_map(|(begun, parents)| Told::Groups { begun, parents }),
        (0_u8..4, 0_i64..9, 20_u8..22, prop::collection::vec(0_u8..14, 0..6)).prop_map(
            |(community, begun, announcements, groups)| Told::Listing {
                community,
                begun,
                announcements,
                groups
            }
        ),
        (0_i64..9).prop_map(Told::Again),
        (0_u8..14).prop_map(Told::Left),
        (0_u8..4).prop_map(Told::Learn),
        (0_u8..4).prop_map(Told::Forget),
    ]
}

fn tell(directory: &mut Directory, told: Told) {
    match told {
        Told::Groups { begun, parents } => {
            let groups = (0_u8..).zip(parents).map(|(number, parent)| Group {
                id: group(number),
                name: Name::new("Group"),
                members: None,
                role: Role::Unknown,
                parent,
                kind: GroupKind::Unknown,
            });
            let groups = groups.collect();
            directory.take_groups(Arc::new(GroupList {
                begun: Millis(begun),
                groups,
                skipped: 0,
                is_cut: false,
            }));
        }
        Told::Listing { community: number, begun, announcements, groups } => {
            let subgroup = |number: u8| Subgroup { id: group(number), name: Name::new("Group") };
            directory.take_listing(&Arc::new(CommunityListing {
                community: community(number),
                name: None,
                begun: Millis(begun),
                announcements: Some(subgroup(announcements)),
                subgroups: groups.into_iter().map(subgroup).collect(),
                is_cut: false,
            }));
        }
        Told::Again(begun) => {
            let list =
                directory.groups().map(|list| GroupList { begun: Millis(begun), ..GroupList::clone(list) });
            if let Some(list) = list {
                directory.take_groups(Arc::new(list));
            }
        }
        Told::Left(number) => directory.learn_left(&group(number)),
        Told::Learn(number) => {
            directory.learn(CommunityRef { id: community(number), name: None }, KnownFrom::Memory);
        }
        Told::Forget(number) => directory.forget(&community(number)),
        Told::Recalled(steps) => {
            let mut other = Directory::default();
            for step in steps {
                tell(&mut other, step);
            }
            directory.recall(other.last_read(Millis(i64::MIN)));
        }
    }
}

/// The ids of the groups in these slots.
fn shown<'a>(directory: &'a Directory, slots: &'a [Slot]) -> impl Iterator<Item = GroupId> + 'a {
    directory.entries(slots).map(Entry::to_id)
}

/// The community of a group, computed from all readings one after the other.
fn parent_by_hand(directory: &Directory, group: &GroupId) -> Option<CommunityId> {
    let list = directory.groups();
    let entry = list.and_then(|list| list.groups.iter().find(|entry| entry.id() == group.as_str()));
    let begun = |id: &CommunityId| Some(directory.community(id)?.listing.as_ref()?.begun);
    let is_older = |id: &CommunityId| list.zip(begun(id)).is_some_and(|(list, begun)| list.begun > begun);
    let is_denied = |id: &CommunityId| match entry.map(GroupRef::parent) {
        Some(Parent::None) => true,
        Some(Parent::Community(named)) => !named.same_as(id),
        Some(Parent::Unknown) | None => false,
    };
    let shown = directory.communities().iter().enumerate().filter(|(_, community)| {
        community
            .listing
            .as_ref()
            .is_some_and(|listing| shown(directory, &listing.subgroups).any(|id| id == *group))
            && !(is_denied(&community.id) && is_older(&community.id))
    });
    let newest = shown.max_by_key(|(at, community)| (begun(&community.id), *at));
    let named = entry.and_then(|entry| match entry.parent() {
        Parent::Community(named) => Some(named.clone()),
        Parent::Unknown | Parent::None => None,
    });
    newest
        .map(|(_, community)| community.id.clone())
        .or(named.filter(|named| begun(named).is_none() || is_older(named)))
}

proptest! {
    #[test]
    fn property_incremental_readings_equal_all_readings_at_once(steps in prop::collection::vec(told(), 1..24)) {
        let mut directory = Directory::default();
        for step in steps {
            let (before, were) = (directory.rows_revision(), rows(&directory));
            tell(&mut directory, step);
            for number in 0..22 {
                let group = group(number);
                let parent = parent_by_hand(&directory, &group);
                prop_assert_eq!(directory.parent_of(&group), parent.as_ref());
                let announces = directory.communities().iter().any(|community| {
                    community.listing.as_ref().is_some_and(|listing| {
                        shown(&directory, listing.announcements.as_slice()).any(|id| id == group)
                    })
                });
                prop_assert_eq!(directory.is_announcements(&group), announces);
            }
            for group in directory.groups().into_iter().flat_map(|list| list.groups.iter()) {
                let slot = Slot::at(group.place());
                prop_assert_eq!(directory.has_parent_at(slot), directory.parent_of(&group.to_id()).is_some());
                prop_assert_eq!(directory.slot(&group.to_id()), Some(slot));
            }
            prop_assert!(before != directory.rows_revision() || were == rows(&directory));
        }
    }
}

/// The part of the list of groups that a pane shows.
fn rows(directory: &Directory) -> Vec<(GroupId, bool, bool)> {
    let list = directory.groups().into_iter().flat_map(|list| list.groups.iter());
    list.map(|group| {
        (group.to_id(), directory.is_ordinary_row(group), directory.has_parent_at(Slot::at(group.place())))
    })
    .collect()
}
