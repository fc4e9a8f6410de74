//! The panes of an instance: their rows, filters and orders. Rows are rebuilt only when their data has changed.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{HashMap, HashSet},
    ops::{Deref, DerefMut},
};

use super::{
    filter::{Filter, Searched},
    group_index::GroupIndex,
    list::List,
    order::{Shown, SortBy, role_rank},
    row_facts::{CommunityFacts, FactRules, FewGroups, GroupFacts},
    selection::Marks,
};
use crate::domain::{
    community::{GroupRef, Groups},
    directory::{Community, Directory, Entry, Listing, Moves, Slot},
    id::{CommunityId, OperationId, bare},
    name::{NameRef, fold::sort_key},
    operation::{Item, ItemState, Operation},
    outcome::Outcome,
};

/// The list of a pane, with the filter on its rows.
#[derive(Clone, Debug)]
pub struct Rows<Id> {
    list: List<Id>,
    pub filter: Filter,
    /// Whether the rows have to be rebuilt.
    pub is_stale: bool,
    /// The text of the filter when they were last built.
    built_for: String,
    /// How many hidden rows may match the filter, because a fact that it asks about is unknown.
    pub unknown: usize,
}

impl<Id> Default for Rows<Id> {
    fn default() -> Self {
        let (list, filter, built_for) = (List::default(), Filter::default(), String::new());
        Self { list, filter, is_stale: true, built_for, unknown: 0 }
    }
}

impl<Id> Deref for Rows<Id> {
    type Target = List<Id>;

    fn deref(&self) -> &List<Id> {
        &self.list
    }
}

impl<Id> DerefMut for Rows<Id> {
    fn deref_mut(&mut self) -> &mut List<Id> {
        &mut self.list
    }
}

impl<Id: Clone + PartialEq> Rows<Id> {
    /// Shows no rows and no filter until the rows are rebuilt.
    pub fn clear(&mut self) {
        *self = Self { built_for: std::mem::take(&mut self.built_for), ..Self::default() };
    }

    /// Replaces the rows. If the filter has changed, the best match is under the cursor.
    fn show(&mut self, (rows, unknown): (Vec<Id>, usize)) {
        self.list.set_rows(rows);
        self.unknown = unknown;
        let typed = self.filter.input.value();
        if typed != self.built_for {
            typed.clone_into(&mut self.built_for);
            if !self.filter.is_empty() {
                self.list.to_top();
            }
        }
    }
}

/// The data from which the panes with groups are built.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The communities and groups.
    pub directory: &'a Directory,
    pub marks: &'a Marks,
    /// Whether only marked groups are shown.
    pub only_marked: bool,
    /// The community under the cursor.
    pub chosen: Option<&'a CommunityId>,
    pub rules: FactRules,
    /// Changes whenever the directory has learned something.
    pub learned: u64,
}

impl<'a> Source<'a> {
    /// The facts about all groups, or about those of the chosen community.
    fn facts(&self, inside: Option<&'a CommunityId>) -> GroupFacts<'a> {
        GroupFacts { directory: self.directory, marks: self.marks, rules: self.rules, inside }
    }

    /// The groups in the community under the cursor.
    fn listing(&self) -> Option<Cow<'a, Listing>> {
        self.directory.shown_in(self.directory.community(self.chosen?)?)
    }

    /// Sorts a few groups, and keeps those that match a filter. Also returns how many others may match.
    fn sorted_and_kept(
        &self,
        mut rows: Vec<Slot>,
        sort: SortBy,
        filter: &Filter,
        inside: Option<&'a CommunityId>,
    ) -> (Vec<Slot>, usize) {
        let name = |slot: Slot| self.directory.entry(slot).map_or("", |group| group.name().shown());
        rows.sort_by_cached_key(|slot| {
            let listed = self.directory.entry(*slot).and_then(Entry::listed);
            let size = listed.and_then(GroupRef::members).filter(|_| sort == SortBy::Size);
            let role = if sort == SortBy::Role { role_rank(self.directory.role_at(*slot)) } else { 0 };
            (Reverse(size), role, sort_key(name(*slot)), name(*slot).to_owned())
        });
        let named = |slot: &Slot| {
            let entry = self.directory.entry(*slot);
            (entry.map_or(("", ""), |group| (group.name().shown(), bare(group.id()))), *slot)
        };
        let facts = FewGroups(self.facts(inside), &rows);
        let named = rows.iter().map(named).collect();
        let (kept, unknown) = filter.keep_where(named, |(names, _)| *names, (Searched::Groups, &facts));
        (kept.into_iter().map(|(_, slot)| slot).collect(), unknown)
    }
}

/// The left pane.
#[derive(Clone, Debug, Default)]
pub struct CommunitiesPane {
    pub rows: Rows<CommunityId>,
    pub sort: SortBy,
}

impl CommunitiesPane {
    /// Rebuilds the rows.
    pub(super) fn settle(&mut self, directory: &Directory, rules: FactRules) {
        let mut rows = by_name(directory);
        match self.sort {
            SortBy::Name | SortBy::Role => {}
            SortBy::Size => rows.sort_by_cached_key(|community| Reverse(directory.size_of(community))),
            // The limit is the same for all, so the smallest have the most room.
            SortBy::Capacity => rows.sort_by_cached_key(|community| {
                let size = directory.size_of(community);
                (size.is_none(), size)
            }),
        }
        self.rows.show(kept(directory, &rows, &self.rows.filter, rules));
    }
}

/// The communities, by name.
pub(super) fn by_name(directory: &Directory) -> Vec<&Community> {
    let mut rows: Vec<&Community> = directory.communities().iter().collect();
    rows.sort_by_cached_key(|community| {
        let name = community.name.as_ref();
        (name.is_none(), name.map(|name| sort_key(name.shown())), community.id.clone())
    });
    rows
}

/// The communities that match a filter, and how many others may match.
pub(super) fn kept(
    directory: &Directory,
    rows: &[&Community],
    filter: &Filter,
    rules: FactRules,
) -> (Vec<CommunityId>, usize) {
    let facts = CommunityFacts { directory, rules, rows };
    let (kept, unknown) = filter.keep_where(
        rows.to_vec(),
        |community| (community.name.as_ref().map_or("", |name| name.shown()), community.id.bare()),
        (Searched::Communities, &facts),
    );
    (kept.into_iter().map(|community| community.id.clone()).collect(), unknown)
}

/// The middle pane.
#[derive(Clone, Debug, Default)]
pub struct SubgroupsPane {
    pub rows: Rows<Slot>,
    /// The groups of the pane by their displayed names, including hidden ones.
    by_name: HashMap<Box<str>, Vec<Slot>>,
}

impl SubgroupsPane {
    /// Rebuilds the rows.
    pub(super) fn settle(&mut self, source: Source<'_>, sort: SortBy) {
        self.by_name.clear();
        let Some(listing) = source.listing() else {
            self.rows.set_rows(Vec::new());
            return;
        };
        let mut rows = listing.subgroups.clone();
        for slot in &rows {
            if let Some(group) = source.directory.entry(*slot) {
                self.by_name.entry(group.name().shown().into()).or_default().push(*slot);
            }
        }
        if source.only_marked {
            rows.retain(|slot| {
                source.directory.entry(*slot).is_some_and(|group| source.marks.has(group.id()))
            });
        }
        let (mut rows, unknown) = source.sorted_and_kept(rows, sort, &self.rows.filter, source.chosen);
        let is_whole = self.rows.filter.is_empty() && !source.only_marked;
        if let Some(announcements) = listing.announcements.filter(|_| is_whole) {
            rows.insert(0, announcements);
        }
        self.rows.show((rows, unknown));
    }

    /// Whether another group in the pane, hidden or not, has this name.
    pub(super) fn has_other(&self, name: NameRef<'_>, slot: Slot) -> bool {
        self.by_name.get(name.shown()).is_some_and(|alike| alike.iter().any(|other| *other != slot))
    }

    /// Follows groups to their new slots.
    pub(super) fn follow(&mut self, moves: &Moves) {
        self.by_name.clear();
        self.rows.rename(|slot| moves.get(slot.index()).copied().flatten());
    }
}

/// The inputs from which the rows of the right pane were last built.
#[derive(Clone, Debug, Default)]
struct Built {
    filter: Option<String>,
    /// The revision of the marks, if only they are shown.
    only: Option<u64>,
    /// The revision of the listings, if only marks are shown and some of their names come from listings alone.
    named_by: Option<u64>,
    /// What the directory had learned, and the revision of the marks, if the filter asks about facts.
    facts: Option<(u64, Option<u64>)>,
    /// How many marks belong in the pane but are hidden by its filter.
    hidden: usize,
    /// The revision of the marks at which they were counted; `None` once the rows have changed.
    counted: Option<u64>,
    /// If only marked groups are shown: those that match the filter.
    shown: HashSet<Slot>,
}

/// The right pane.
#[derive(Clone, Debug, Default)]
pub struct GroupsPane {
    pub rows: Rows<Slot>,
    /// Which groups it shows.
    pub shown: Shown,
    /// The order of the groups, in the middle pane too.
    pub sort: SortBy,
    /// Whether the list of groups shows, for each group in the pane, which community it is in, if any.
    pub parents_are_known: bool,
    /// How many groups belong in the pane, including hidden ones.
    pub total: usize,
    index: GroupIndex,
    built: Built,
}

impl GroupsPane {
    /// Rebuilds the rows.
    pub(super) fn settle(&mut self, source: Source<'_>) {
        let Source { directory, marks, only_marked, .. } = source;
        let groups = directory.groups().map(|list| &list.groups);
        let eligible_changed = self.index.eligible(directory, self.shown, self.sort);
        self.total = if only_marked { marks.len() } else { self.index.len() };
        self.parents_are_known = self.index.parents_are_known();
        let filter = &self.rows.filter;
        let typed = (!filter.is_empty()).then(|| filter.input.value().to_owned());
        let query = typed.is_some().then(|| filter.query(Searched::Groups));
        let asked = query.as_ref().filter(|query| !query.conditions.is_empty());
        let facts = asked.map(|query| (source.learned, query.asks_about_marks().then(|| marks.revision())));
        let facts_changed = self.built.facts != facts;
        if facts_changed {
            self.index.facts_changed();
        }
        let only = only_marked.then(|| marks.revision());
        let names_changed = self.built.named_by.is_some_and(|by| by != directory.listings_revision());
        let is_same = self.built.filter == typed && self.built.only == only && !facts_changed;
        if is_same && !(eligible_changed || names_changed) {
            // Fold the names now, so that the first key of the filter takes no longer than the next.
            if filter.is_open {
                let _ = groups.map(Groups::folded);
            }
            return;
        }
        let rows = if only_marked {
            // All marks, whichever pane they belong to: one pane must show them all.
            let marked: Vec<Slot> = marks.iter().filter_map(|mark| directory.slot(&mark.group)).collect();
            let is_unlisted = |slot: &Slot| directory.entry(*slot).and_then(Entry::listed).is_none();
            let unlisted = marked.iter().any(is_unlisted);
            self.built.named_by = unlisted.then(|| directory.listings_revision());
            source.sorted_and_kept(marked, self.sort, filter, None)
        } else {
            self.built.named_by = None;
            self.index.rows(query, groups, &source.facts(None))
        };
        self.built.shown =
            if only_marked && typed.is_some() { rows.0.iter().copied().collect() } else { HashSet::new() };
        self.rows.show(rows);
        self.built.filter = typed;
        self.built.facts = facts;
        self.built.only = only;
        self.built.counted = None;
    }

    /// Whether another group in the pane, hidden or not, has this name.
    pub(super) fn has_other(&self, name: NameRef<'_>, slot: Slot, directory: &Directory) -> bool {
        let listed = directory.entry(slot).and_then(Entry::listed).map(GroupRef::place);
        directory.groups().is_some_and(|list| self.index.has_name(name.shown(), listed, &list.groups))
    }

    /// Follows groups to their new slots.
    pub(super) fn follow(&mut self, moves: &Moves) {
        self.rows.rename(|slot| moves.get(slot.index()).copied().flatten());
    }

    /// The first groups that may match the filter, but whose role it asks about is not known.
    pub(super) fn without_role(&self) -> impl Iterator<Item = Slot> {
        let asks = self.rows.filter.query(Searched::Groups).asks_about_roles();
        self.index.unknown().filter(move |_| asks)
    }

    fn has(&self, slot: Slot, source: Source<'_>) -> bool {
        source.only_marked || self.index.has(slot.index())
    }

    fn shows(&self, slot: Slot, source: Source<'_>) -> bool {
        if source.only_marked {
            self.built.filter.is_none() || self.built.shown.contains(&slot)
        } else {
            self.index.shows(slot.index())
        }
    }

    /// Counts the marks that belong in the pane but are hidden by its filter, if they or its rows have changed.
    fn count_hidden_marks(&mut self, source: Source<'_>) {
        if self.built.counted == Some(source.marks.revision()) {
            return;
        }
        let is_hidden = |slot: Slot| self.has(slot, source) && !self.shows(slot, source);
        self.built.hidden = if self.built.filter.is_none() {
            0
        } else {
            source
                .marks
                .iter()
                .filter(|mark| source.directory.slot(&mark.group).is_some_and(is_hidden))
                .count()
        };
        self.built.counted = Some(source.marks.revision());
    }
}

/// How many marks belong in a pane but are hidden by its filter: those of the right pane, corrected by those that only the
/// middle pane hides or shows.
pub(super) fn hidden_marks(source: Source<'_>, middle: &SubgroupsPane, right: &mut GroupsPane) -> usize {
    right.count_hidden_marks(source);
    let hidden = right.built.hidden;
    if middle.rows.filter.is_empty() && right.built.filter.is_none() {
        return hidden;
    }
    let (mut more, mut fewer) = (0, 0);
    let shown: HashSet<&Slot> = middle.rows.rows().iter().collect();
    let listing = source.listing();
    for slot in listing.iter().flat_map(|listing| &listing.subgroups) {
        let Some(group) = source.directory.entry(*slot) else { continue };
        let Some(mark) = source.marks.get(group.id()) else { continue };
        let in_right = right.has(*slot, source);
        let right_shows = right.shows(*slot, source);
        let in_middle = mark.source.is_some() && mark.source.as_ref() == source.chosen;
        let is_hidden = (in_middle || in_right) && !(shown.contains(slot) || right_shows);
        match (in_right && !right_shows, is_hidden) {
            (true, false) => fewer += 1,
            (false, true) => more += 1,
            _ => {}
        }
    }
    hidden + more - fewer
}

/// The operation pane.
#[derive(Clone, Debug, Default)]
pub struct OperationPane {
    /// The items, by their indices in the operation: those that need attention come first.
    pub items: List<usize>,
    /// The operation whose items these are, and the number of its events when they were put in order.
    built: Option<(OperationId, u64)>,
}

impl OperationPane {
    /// The operation whose items are shown.
    pub fn operation(&self) -> Option<OperationId> {
        self.built.map(|(operation, _)| operation)
    }

    /// Shows the items of an operation, from the top unless the pane has the focus.
    pub(super) fn show(&mut self, operation: &Operation, has_focus: bool) {
        if self.operation() != Some(operation.id) {
            self.items = List::default();
        }
        let built = Some((operation.id, operation.next_sequence));
        if self.built != built {
            self.built = built;
            self.items.set_rows(urgent_first(&operation.items));
            if !has_focus {
                self.items.to_top();
            }
        }
    }
}

/// The indices of items in the order in which they are shown: first the items that need somebody's attention, then those in progress,
/// those that are done, those that wait for their turn, and the rest. Within each of these, the items keep their order.
pub(super) fn urgent_first(items: &[Item]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..items.len()).collect();
    rows.sort_by_key(|at| urgency(&items[*at]));
    rows
}

fn urgency(item: &Item) -> u8 {
    match (item.outcome, item.state) {
        (Some(Outcome::Refused | Outcome::Contradicted | Outcome::Unknown), _) => 0,
        (Some(Outcome::Blocked), _) if item.needs_somebody() => 1,
        (Some(Outcome::NotSent), _) if item.needs_somebody() => 2,
        (None, ItemState::Queued) => 5,
        (None, _) => 3,
        (Some(Outcome::Verified | Outcome::AlreadySo), _) => 4,
        (Some(Outcome::NotSent | Outcome::Blocked), _) => 6,
    }
}
