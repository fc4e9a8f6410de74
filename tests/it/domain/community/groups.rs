//! The look-ups give the same results as a search through the list.

use std::collections::BTreeSet;

use proptest::prelude::*;
use synod::domain::{
    community::{Group, GroupKind, Groups, Parent, Role},
    id::GroupId,
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
        let rows: Vec<Group> = rows.into_iter().filter(|row| known.insert(row.id.clone())).collect();
        prop_assert_eq!(&*groups, &*rows);
        for id in 0..30 {
            let id = group(id, "").id;
            let place = rows.iter().position(|row| row.id == id);
            prop_assert_eq!(groups.place_of(&id), place);
            let other_form = GroupId::parse(&format!("{}-group", id.bare())).unwrap();
            prop_assert_eq!(groups.place_of(&other_form), None);
            prop_assert_eq!((groups.has(&id), groups.has(&other_form)), (place.is_some(), place.is_some()));
            prop_assert_eq!(groups.find(id.as_str()), place.map(|place| &rows[place]));
        }
        let mut sorted: Vec<usize> = (0..rows.len()).collect();
        sorted.sort_by_key(|place| (sort_key(rows[*place].name.shown()), rows[*place].name.shown(), *place));
        let by_name: Vec<usize> = groups.by_name().iter().map(|place| *place as usize).collect();
        prop_assert_eq!(by_name, sorted);
        for one in 0..rows.len() {
            for other in 0..rows.len() {
                let is_equal = groups.name_number(one) == groups.name_number(other);
                prop_assert_eq!(is_equal, rows[one].name == rows[other].name);
            }
        }
        for name in NAMES {
            let place = rows.iter().position(|row| row.name.shown() == name);
            prop_assert_eq!(groups.number_of_name(name), place.and_then(|place| groups.name_number(place)));
        }
    }
}
