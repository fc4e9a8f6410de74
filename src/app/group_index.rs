//! An index over the list of groups for the right pane: the groups in order, those that belong in the pane, and those
//! that match its filter. Each stage is rebuilt only when its inputs have changed, so a key in the filter costs only
//! the matching, and moving the cursor costs nothing.

use std::cmp::Reverse;

use crate::domain::{
    community::{GroupRef, Groups, Parent},
    directory::{Directory, Slot},
};

use super::{
    filter::{Facts, IncrementalFilter, Matches, Query},
    order::{Shown, SortBy, role_rank},
};

/// A set of indices into the list of groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(Vec<u64>);

impl Places {
    pub(super) fn of(places: impl Iterator<Item = u32>, size: usize) -> Self {
        let mut words = vec![0; size.div_ceil(64)];
        for place in places {
            words[place as usize / 64] |= 1 << (place % 64);
        }
        Self(words)
    }

    pub(super) fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word & (1 << (place % 64)) != 0)
    }
}

/// How many groups that may match to keep.
const MOST_UNKNOWN: usize = 16;

/// The inputs of `eligible`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ShownFrom {
    rows: u64,
    shown: Shown,
    sort: SortBy,
    /// The revision of the roles, if they decide the order.
    roles: Option<u64>,
}

/// The groups of the right pane, stage by stage.
#[derive(Clone, Debug, Default)]
pub struct GroupIndex {
    from: Option<ShownFrom>,
    /// Indices of the groups that belong in the pane, in order.
    eligible: Vec<u32>,
    in_eligible: Places,
    /// Whether the list does not show the parent of some group in `eligible`.
    parents_are_unknown: bool,
    filter: IncrementalFilter,
    /// The first groups that may match the filter, but a fact about them is not known.
    unknown: Vec<u32>,
    /// The groups that match the filter, if it hides anything.
    kept: Option<Places>,
}

impl GroupIndex {
    /// Brings `eligible` up to date. Returns whether it changed.
    pub(super) fn eligible(&mut self, directory: &Directory, shown: Shown, sort: SortBy) -> bool {
        let roles = (sort == SortBy::Role).then(|| directory.roles_revision());
        let from = ShownFrom { rows: directory.rows_revision(), shown, sort, roles };
        if self.from == Some(from) {
            return false;
        }
        let Some(list) = directory.groups() else {
            let was_empty = self.eligible.is_empty();
            *self = Self { from: Some(from), ..Self::default() };
            return !was_empty;
        };
        self.from = Some(from);
        let belongs = |group: &GroupRef<'_>| {
            directory.is_ordinary_row(*group)
                && (shown == Shown::All || !directory.has_parent_at(Slot::at(group.place())))
        };
        let belonging = (0_u32..).zip(list.groups.iter()).filter(|(_, group)| belongs(group));
        self.eligible = belonging.map(|(place, _)| place).collect();
        let group = |place: &u32| list.groups.get(*place as usize);
        match sort {
            SortBy::Name | SortBy::Capacity => {}
            SortBy::Size => {
                self.eligible.sort_by_key(|place| Reverse(group(place).and_then(GroupRef::members)));
            }
            SortBy::Role => {
                let role = |place: u32| directory.role_at(Slot::at(place as usize));
                self.eligible.sort_by_key(|place| role_rank(role(*place)));
            }
        }
        let parents = self.eligible.iter().filter_map(group).map(GroupRef::parent);
        self.parents_are_unknown = parents.into_iter().any(|parent| parent == Parent::Unknown);
        self.in_eligible = Places::of(self.eligible.iter().copied(), list.groups.len());
        self.filter.clear();
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

    /// Has the filter applied again to all rows: facts about them have changed.
    pub(super) fn facts_changed(&mut self) {
        self.filter.clear();
    }

    /// The rows that match a filter, best first, and how many others may match. If it is `None`, all rows in order.
    pub(super) fn rows(
        &mut self,
        filter: Option<Query>,
        groups: Option<&Groups>,
        facts: &impl Facts,
    ) -> (Vec<Slot>, usize) {
        let slot = |place: &u32| Slot::at(*place as usize);
        let Some((query, groups)) = filter.zip(groups) else {
            self.kept = None;
            self.unknown.clear();
            self.filter.clear();
            return (self.eligible.iter().map(slot).collect(), 0);
        };
        let Matches { rows: kept, unknown } = self.filter.keep_matching(query, groups, facts, &self.eligible);
        self.kept = Some(Places::of(kept.iter().copied(), groups.len()));
        self.unknown = unknown.iter().take(MOST_UNKNOWN).map(|(place, _)| *place).collect();
        (kept.iter().map(slot).collect(), unknown.len())
    }

    /// The first groups that may match the filter, but a fact about them is not known.
    pub(super) fn unknown(&self) -> impl Iterator<Item = Slot> {
        self.unknown.iter().map(|place| Slot::at(*place as usize))
    }

    /// Whether the group at an index belongs in the pane.
    pub(super) fn has(&self, place: usize) -> bool {
        self.in_eligible.has(place)
    }

    /// Whether the group at an index belongs in the pane and matches the filter.
    pub(super) fn shows(&self, place: usize) -> bool {
        self.has(place) && self.kept.as_ref().is_none_or(|kept| kept.has(place))
    }

    /// Whether a group of the pane other than the one at `place` has this name. Equal names are neighbours in the list.
    pub(super) fn has_name(&self, name: &str, place: Option<usize>, groups: &Groups) -> bool {
        let has_it = |place: usize| groups.get(place).is_some_and(|group| group.name().shown() == name);
        let Some(start) = place.filter(|place| has_it(*place)).or_else(|| groups.first_named(name)) else {
            return false;
        };
        let before = (0..start).rev().take_while(|place| has_it(*place));
        let after = (start..groups.len()).take_while(|place| has_it(*place));
        before.chain(after).any(|other| Some(other) != place && self.has(other))
    }
}
