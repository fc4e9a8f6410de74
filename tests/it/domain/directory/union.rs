//! What several numbers know, as one directory.

use std::{collections::BTreeSet, sync::Arc};

use proptest::prelude::*;
use synod::domain::{
    community::{CommunityListing, Group, GroupKind, GroupList, GroupRef, Parent, Role, Subgroup},
    directory::{Directory, Entry},
    id::{CommunityId, GroupId},
    name::Name,
    time::Millis,
};

/// A group of a number: its id, its suffix, and what the list says of it.
type Known = (u8, bool, Option<u32>, u8, u8);

fn id(number: u8, is_long: bool) -> GroupId {
    GroupId::parse(&format!("12{number:03}{}", if is_long { "@g.us" } else { "-group" })).unwrap()
}

fn community(number: u8, is_long: bool) -> CommunityId {
    // Another gateway has other ids for communities.
    CommunityId::parse(&if is_long { format!("77{number:03}@g.us") } else { format!("9877{number:03}") })
        .unwrap()
}

fn group(&(number, is_long, members, role, parent): &Known) -> Group {
    Group {
        id: id(number, is_long),
        name: Name::new(&format!("Group {number}")),
        members,
        role: [Role::Unknown, Role::Member, Role::Admin][usize::from(role % 3)],
        parent: match parent % 5 {
            0 | 1 => Parent::Unknown,
            2 => Parent::None,
            other => Parent::Community(community(other, is_long)),
        },
        kind: GroupKind::Ordinary,
    }
}

fn listing(number: u8, is_long: bool, groups: &[u8]) -> CommunityListing {
    let subgroup =
        |number: u8| Subgroup { id: id(number, is_long), name: Name::new(&format!("Group {number}")) };
    CommunityListing {
        community: community(number, is_long),
        name: Some(Name::new(&format!("Community {number}"))),
        begun: Millis(2),
        announcements: Some(subgroup(200 + number)),
        subgroups: groups.iter().map(|number| subgroup(*number)).collect(),
        is_cut: false,
    }
}

fn directory(known: &[Known], listed: &[u8], is_long: bool) -> Directory {
    let mut directory = Directory::default();
    let groups: Vec<Group> =
        known.iter().map(|known| group(&(known.0, is_long, known.2, known.3, known.4))).collect();
    let list = GroupList { begun: Millis(1), groups: groups.into(), skipped: 0, is_cut: false };
    directory.take_groups(Arc::new(list));
    directory.take_listing(&listing(3, is_long, listed));
    directory
}

fn bare_ids(directory: &Directory) -> BTreeSet<String> {
    let groups = directory.groups().into_iter().flat_map(|list| list.groups.iter());
    groups.map(|group| group.to_id().bare().to_owned()).collect()
}

fn known() -> impl Strategy<Value = Vec<Known>> {
    prop::collection::vec(
        (0_u8..12, any::<bool>(), prop::option::of(1_u32..9), any::<u8>(), any::<u8>()),
        0..10,
    )
}

proptest! {
    #[test]
    fn property_each_group_of_any_number_is_there_once_with_the_best_of_what_is_known(
        first in known(), second in known(), listed in prop::collection::vec(0_u8..12, 0..5),
    ) {
        let parts = [directory(&first, &listed, true), directory(&second, &[], false)];
        let (union, same) = Directory::union(&[&parts[0], &parts[1]]);
        let wanted: BTreeSet<String> = parts.iter().flat_map(bare_ids).collect();
        prop_assert_eq!(&bare_ids(&union), &wanted);
        let list = union.groups().unwrap();
        prop_assert_eq!(list.groups.len(), wanted.len(), "each is there once");
        let rank = |role: Role| [Role::Unknown, Role::Member, Role::Admin].iter().position(|known| *known == role);
        for group in list.groups.iter() {
            let known: Vec<_> = parts.iter().filter_map(|part| part.group(&group.to_id())).collect();
            let best = known.iter().map(|known| rank(known.role())).max().unwrap();
            prop_assert_eq!(rank(group.role()), best);
            prop_assert_eq!(group.members().is_some(), known.iter().any(|known| known.members().is_some()));
        }
        // The third community has another id on each gateway, and the same announcement group.
        let third = union.communities().iter().filter(|known| {
            known.name.as_ref().is_some_and(|name| name.shown() == "Community 3")
        });
        prop_assert_eq!(third.count(), 1);
        let elsewhere = community(3, false);
        prop_assert_eq!(same.shown(&elsewhere), &community(3, true));
        let listing = union.community(&community(3, true)).and_then(|known| known.listing.clone()).unwrap();
        let shown: BTreeSet<String> =
            union.entries(&listing.subgroups).map(|entry| entry.to_id().bare().to_owned()).collect();
        let wanted: BTreeSet<String> = listed.iter().map(|number| id(*number, true).bare().to_owned()).collect();
        prop_assert_eq!(shown, wanted);
    }

    /// Rows follow their groups from one union to the next.
    #[test]
    fn property_the_moves_lead_each_group_to_its_new_slot(first in known(), second in known()) {
        let mut before = Directory::union(&[&directory(&first, &[1, 2], true)]).0;
        let ids: Vec<GroupId> = {
            let groups = before.groups().into_iter().flat_map(|list| list.groups.iter());
            groups.map(GroupRef::to_id).collect()
        };
        let slots: Vec<_> = ids.iter().map(|id| before.slot(id).unwrap()).collect();
        let after = Directory::union(&[&directory(&second, &[2], true), &directory(&first, &[1, 2], true)]).0;
        let moves = before.turn_into(after);
        for (id, slot) in ids.iter().zip(slots) {
            let moved = moves[slot.index()].and_then(|slot| before.entry(slot)).map(Entry::to_id);
            prop_assert!(moved.is_some_and(|moved| moved.same_as(id)), "{id}");
        }
    }
}
