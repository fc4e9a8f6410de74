//! The order of the list of groups. Names are folded and compared once a list; every other order is made of that one.

use std::cmp::Reverse;

use nucleo_matcher::chars;

use crate::{
    app::{filter::fold_into, instance::SortBy},
    domain::community::{GroupList, Role},
};

/// The list of groups by name, and which names are equal.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    of: Option<u64>,
    by_name: Vec<u32>,
    /// By place in the list: the number of the name, the same for equal names.
    numbers: Vec<u32>,
}

/// A name as it is compared when sorting: without regard to case and accents.
pub(in crate::app) fn key(name: &str) -> String {
    let mut folded = Vec::new();
    fold_into(name, &mut folded);
    folded.into_iter().map(chars::to_lower_case).collect()
}

/// The beginning of a text as a number that compares like it.
fn beginning(text: &str) -> u128 {
    let mut bytes = [0; 16];
    let length = text.len().min(16);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    u128::from_be_bytes(bytes)
}

impl Order {
    /// The places in an order; the list is compared only where it is another than before.
    pub(super) fn by(&mut self, sort: SortBy, list: &GroupList, revision: u64) -> Vec<u32> {
        if self.of != Some(revision) {
            self.of = Some(revision);
            self.compare(list);
        }
        let mut order = self.by_name.clone();
        let group = |place: &u32| &list.groups[*place as usize];
        match sort {
            SortBy::Name | SortBy::Capacity => {}
            SortBy::Size => order.sort_by_cached_key(|place| Reverse(group(place).members)),
            SortBy::Role => order.sort_by_key(|place| role_rank(group(place).role)),
        }
        order
    }

    /// The number of the name at a place.
    pub(super) fn name(&self, place: usize) -> u32 {
        self.numbers[place]
    }

    /// The number of a name, where a group of the list bears it.
    pub(super) fn number_of(&self, name: &str, list: &GroupList) -> Option<u32> {
        let shown = |place: u32| list.groups[place as usize].name.shown();
        let wanted = (key(name), name);
        let at = self.by_name.partition_point(|place| (key(shown(*place)), shown(*place)) < wanted);
        let place = *self.by_name.get(at)?;
        (shown(place) == name).then(|| self.name(place as usize))
    }

    fn compare(&mut self, list: &GroupList) {
        let mut text = String::new();
        let mut keys = Vec::with_capacity(list.groups.len());
        let mut folded = Vec::new();
        for (place, group) in (0_u32..).zip(&list.groups) {
            let start = text.len();
            fold_into(group.name.shown(), &mut folded);
            text.extend(folded.iter().map(|letter| chars::to_lower_case(*letter)));
            keys.push((beginning(&text[start..]), start, text.len(), place));
        }
        let shown = |place: u32| list.groups[place as usize].name.shown();
        keys.sort_unstable_by(|one, other| {
            one.0
                .cmp(&other.0)
                .then_with(|| text[one.1..one.2].cmp(&text[other.1..other.2]))
                .then_with(|| shown(one.3).cmp(shown(other.3)))
                .then_with(|| one.3.cmp(&other.3))
        });
        self.by_name = keys.iter().map(|key| key.3).collect();
        self.numbers = vec![0; list.groups.len()];
        let (mut number, mut before) = (0, None);
        for place in &self.by_name {
            let name = shown(*place);
            number += u32::from(before.is_some_and(|before| before != name));
            before = Some(name);
            self.numbers[*place as usize] = number;
        }
    }
}

/// Where the number is an admin comes first, where it is none last.
pub(in crate::app) fn role_rank(role: Role) -> u8 {
    match role {
        Role::Admin => 0,
        Role::Unknown => 1,
        Role::Member => 2,
    }
}
