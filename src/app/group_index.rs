//! An index over the list of groups for the right pane: the groups in order, those that belong in the pane, and those
//! that match its filter. Each stage is rebuilt only when its inputs have changed, so a key in the filter costs only
//! the matching, and moving the cursor costs nothing.

use std::cmp::Reverse;

use crate::domain::{
    community::{GroupList, Parent},
    directory::Directory,
    id::GroupId,
};

use super::{
    filter::{Haystacks, IncrementalFilter},
    order::{Shown, SortBy, role_rank},
};

/// A set of indices into the list of groups.
#[derive(Clone, Debug, Default)]
struct Places(Vec<u64>);

impl Places {
    fn of(places: impl Iterator<Item = u32>, size: usize) -> Self {
        let mut words = vec![0; size.div_ceil(64)];
        for place in places {
            words[place as usize / 64] |= 1 << (place % 64);
        }
        Self(words)
    }

    fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word & (1 << (place % 64)) != 0)
    }
}

/// The inputs of `eligible`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ShownFrom {
    list: u64,
    rows: u64,
    shown: Shown,
    sort: SortBy,
}

/// The groups of the right pane, stage by stage.
#[derive(Clone, Debug, Default)]
pub struct GroupIndex {
    from: Option<ShownFrom>,
    /// Indices of the groups that belong in the pane, in order.
    eligible: Vec<u32>,
    in_eligible: Places,
    /// How often each name occurs in `eligible`, counted up to two.
    names: Vec<u8>,
    /// Whether the list does not show the parent of some group in `eligible`.
    parents_are_unknown: bool,
    haystacks: Option<Haystacks>,
    sieve: IncrementalFilter,
    /// The groups that match the filter, if it hides anything.
    kept: Option<Places>,
}

impl GroupIndex {
    /// Brings `eligible` up to date. Returns whether it changed.
    pub(super) fn eligible(&mut self, directory: &Directory, shown: Shown, sort: SortBy) -> bool {
        let from =
            ShownFrom { list: directory.list_revision(), rows: directory.rows_revision(), shown, sort };
        if self.from == Some(from) {
            return false;
        }
        let Some(list) = directory.groups() else {
            let was_empty = self.eligible.is_empty();
            *self = Self { from: Some(from), ..Self::default() };
            return !was_empty;
        };
        self.from = Some(from);
        let belongs = |place: &u32| {
            let place = *place as usize;
            directory.is_ordinary_at(place) && (shown == Shown::All || !directory.has_parent_at(place))
        };
        let mut eligible = places(sort, list);
        eligible.retain(belongs);
        self.parents_are_unknown =
            eligible.iter().any(|place| list.groups[*place as usize].parent == Parent::Unknown);
        self.in_eligible = Places::of(eligible.iter().copied(), list.groups.len());
        self.names = vec![0; list.groups.len()];
        for number in eligible.iter().filter_map(|place| list.groups.name_number(*place as usize)) {
            let count = &mut self.names[number as usize];
            *count = (*count + 1).min(2);
        }
        self.eligible = eligible;
        self.haystacks = None;
        true
    }

    /// How many groups belong in the pane, including hidden ones.
    pub fn len(&self) -> usize {
        self.eligible.len()
    }

    /// Whether no group belongs in the pane.
    pub fn is_empty(&self) -> bool {
        self.eligible.is_empty()
    }

    /// Whether the list shows the parent, if any, of each group in the pane.
    pub fn parents_are_known(&self) -> bool {
        !self.parents_are_unknown
    }

    /// Prepares the filter, so the first key costs no more than the next.
    pub(super) fn prepare(&mut self, list: Option<&GroupList>) {
        if self.haystacks.is_none() {
            self.sieve.clear();
            let groups = list.map_or(&[][..], |list| &*list.groups);
            let eligible = self.eligible.iter().filter_map(|place| groups.get(*place as usize));
            self.haystacks = Some(eligible.map(|group| (group.name.shown(), group.id.bare())).collect());
        }
    }

    /// The rows that match a filter, best first. If it is `None`, all rows in order.
    pub(super) fn rows(&mut self, filter: Option<&str>, list: Option<&GroupList>) -> Vec<GroupId> {
        let groups = list.map_or(&[][..], |list| &*list.groups);
        let id = |place: u32| groups.get(place as usize).map(|group| group.id.clone());
        let Some(text) = filter else {
            self.kept = None;
            self.sieve.clear();
            return self.eligible.iter().filter_map(|place| id(*place)).collect();
        };
        self.prepare(list);
        let Some(haystacks) = &self.haystacks else { return Vec::new() };
        let eligible = &self.eligible;
        let kept = self.sieve.keep_matching(text, haystacks).iter().map(|at| eligible[*at as usize]);
        self.kept = Some(Places::of(kept.clone(), groups.len()));
        kept.filter_map(id).collect()
    }

    /// Whether the group at an index belongs in the pane.
    pub(super) fn has(&self, place: usize) -> bool {
        self.in_eligible.has(place)
    }

    /// Whether the group at an index belongs in the pane and matches the filter.
    pub(super) fn shows(&self, place: usize) -> bool {
        self.has(place) && self.kept.as_ref().is_none_or(|kept| kept.has(place))
    }

    /// Whether a group of the pane other than the one at `place` has this name.
    pub(super) fn has_name(&self, name: &str, place: Option<usize>, list: &GroupList) -> bool {
        let listed =
            place.filter(|place| list.groups.get(*place).is_some_and(|group| group.name.shown() == name));
        let number = match listed {
            Some(place) => list.groups.name_number(place),
            None => list.groups.number_of_name(name),
        };
        let Some(number) = number else { return false };
        let itself = place.is_some_and(|place| self.has(place));
        self.names.get(number as usize).is_some_and(|count| *count > u8::from(itself))
    }
}

/// The indices into the list of groups, in a sort order. All orders are derived from the order by name.
fn places(sort: SortBy, list: &GroupList) -> Vec<u32> {
    let mut order = list.groups.by_name().to_vec();
    let group = |place: &u32| &list.groups[*place as usize];
    match sort {
        SortBy::Name | SortBy::Capacity => {}
        SortBy::Size => order.sort_by_cached_key(|place| Reverse(group(place).members)),
        SortBy::Role => order.sort_by_key(|place| role_rank(group(place).role)),
    }
    order
}
