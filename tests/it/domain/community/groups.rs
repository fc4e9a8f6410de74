//! The look-ups give the same results as a search through the list.

use std::collections::BTreeSet;

use proptest::prelude::*;
use synod::domain::{
    community::{Group, GroupKind, GroupRef, Groups, Parent, Role},
    id::{GroupId, bare},
    name::{Name, fold::sort_key},
};

fn group(id: u8, name: &str) -> Group {
    Group {
        id: GroupId::parse(&format!("{id}@g.us")).unwrap(),
        name: Name::new(name),
        members: None,
        role: Role::Unknown,
        parent: Parent::Unknown,
        kind: GroupKind::Unknown,
    }
}

const NAMES: [&str; 10] =
    ["", "Choir", "choir", "Chór", "Chor", "Zoo", "a", "á", "Ändern und Nähen 1", "Ändern und Nähen 2"];

proptest! {
    #[test]
    fn property_look_ups_find_the_same_as_a_search(rows in prop::collection::vec((0_u8..30, 0..NAMES.len()), 0..40)) {
        let rows: Vec<Group> = rows.iter().map(|(id, name)| group(*id, NAMES[*name])).collect();
        let groups = Groups::from(rows.clone());
        let mut known = BTreeSet::new();
        let mut rows: Vec<Group> = rows.into_iter().filter(|row| known.insert(row.id.clone())).collect();
        rows.sort_by_key(|row| (sort_key(row.name.shown()), row.name.shown().to_owned()));
        prop_assert_eq!(groups.iter().map(GroupRef::to_group).collect::<Vec<_>>(), rows.clone());
        for id in 0..30 {
            let id = group(id, "").id;
            let row = rows.iter().find(|row| row.id == id).cloned();
            let other_form = GroupId::parse(&format!("{}-group", id.bare())).unwrap();
            prop_assert_eq!((groups.has(&id), groups.has(&other_form)), (row.is_some(), row.is_some()));
            prop_assert_eq!(groups.find(other_form.as_str()).map(GroupRef::to_group), None);
            prop_assert_eq!(groups.find_same(other_form.as_str()).map(GroupRef::to_group), row.clone());
            prop_assert_eq!(groups.find(id.as_str()).map(GroupRef::to_group), row);
        }
        for name in NAMES {
            prop_assert_eq!(groups.first_named(name), rows.iter().position(|row| row.name.shown() == name));
        }
        let by_id: Vec<&str> = groups.by_id().map(|(id, _)| id).collect();
        prop_assert!(by_id.is_sorted_by_key(|id| bare(id)));
        prop_assert!(groups.by_id().all(|(id, place)| groups.get(place).unwrap().id() == id));
    }

    #[test]
    fn property_groups_are_found_again_in_a_newer_list(
        old in prop::collection::vec((0_u8..30, 0..NAMES.len()), 0..40),
        new in prop::collection::vec((0_u8..30, 0..NAMES.len()), 0..40),
    ) {
        let list = |rows: Vec<(u8, usize)>| rows.into_iter().map(|(id, name)| group(id, NAMES[name])).collect::<Groups>();
        let (old, new) = (list(old), list(new));
        for (group, place) in old.iter().zip(old.places_in(&new)) {
            let found = new.find(group.id()).map(GroupRef::place);
            prop_assert_eq!(place.map(|place| place as usize), found);
        }
    }

    /// Whatever a list shares with the one that it replaces, it finds the same as without that one.
    #[test]
    fn property_a_list_that_replaces_another_finds_its_own_groups(
        old in prop::collection::vec((0_u8..12, 0..NAMES.len()), 0..12),
        new in prop::collection::vec((0_u8..12, 0..NAMES.len()), 0..12),
        keeps in 0..3,
    ) {
        let list = |rows: &[(u8, usize)]| rows.iter().map(|(id, name)| group(*id, NAMES[*name])).collect::<Groups>();
        // The same ids with other names, the same groups, or any others.
        let new = match keeps {
            0 => old.iter().map(|(id, name)| (*id, (name + usize::from(*id % 5 == 0)) % NAMES.len())).collect(),
            1 => old.clone(),
            _ => new,
        };
        let old = list(&old);
        old.folded();
        let replacing = list(&new).replacing(&old);
        let alone = list(&new);
        prop_assert_eq!(&replacing, &alone);
        prop_assert_eq!(replacing.is_same(&old), replacing == old);
        for id in 0..12 {
            let id = group(id, "").id;
            let place = |groups: &Groups| groups.find_same(id.as_str()).map(GroupRef::place);
            prop_assert_eq!(place(&replacing), place(&alone));
        }
        for place in 0..alone.len() {
            prop_assert_eq!(replacing.folded().plain(place), alone.folded().plain(place));
            prop_assert_eq!(replacing.folded().accented(place), alone.folded().accented(place));
        }
    }

    /// A stored list that somebody changed is refused, or it is a list like any other.
    #[test]
    fn property_an_altered_list_never_panics(
        rows in prop::collection::vec((0_u8..30, 0..NAMES.len()), 0..12),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let groups: Groups = rows.into_iter().map(|(id, name)| group(id, NAMES[name])).collect();
        let mut bytes = postcard::to_allocvec(&groups).unwrap();
        prop_assert_eq!(&postcard::from_bytes::<Groups>(&bytes).unwrap(), &groups);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(read) = postcard::from_bytes::<Groups>(&bytes) {
            for group in read.iter() {
                prop_assert_eq!(read.find(group.id()).map(GroupRef::place), Some(group.place()));
                let _ = (group.to_group(), read.first_named(group.name().shown()), group.parent());
                let is_clean = !group.name().shown().contains(char::is_control);
                prop_assert!(is_clean);
            }
            let _ = (read.folded(), groups.places_in(&read), read.places_in(&groups));
        }
    }
}
