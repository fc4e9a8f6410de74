//! The panes of an instance: their rows, filters and orders. Rows are rebuilt only when their data has changed.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    ops::{Deref, DerefMut},
};

use super::{
    filter::Filter,
    group_index::GroupIndex,
    list::List,
    order::{Shown, SortBy, role_rank},
    selection::Marks,
};
use crate::domain::{
    community::CommunityListing,
    directory::{Community, Directory},
    id::{CommunityId, GroupId},
    name::{Name, fold::sort_key},
    operation::{ItemState, Operation},
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
}

impl<Id> Default for Rows<Id> {
    fn default() -> Self {
        let (list, filter, built_for) = (List::default(), Filter::default(), String::new());
        Self { list, filter, is_stale: true, built_for }
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
    fn show(&mut self, rows: Vec<Id>) {
        self.list.set_rows(rows);
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
}

impl Source<'_> {
    /// A group's name, from the latest data.
    pub fn name_of(&self, group: &GroupId) -> Option<Name> {
        if let Some(group) = self.directory.group(group) {
            return Some(group.name.clone());
        }
        let parent = self.directory.parent_of(group);
        let listed = parent.into_iter().chain(self.chosen);
        listed.filter_map(|id| self.directory.community(id)?.listing.as_ref()).find_map(|listing| {
            let all = listing.subgroups.iter().chain(&listing.announcements);
            all.into_iter().find(|subgroup| subgroup.id == *group).map(|subgroup| subgroup.name.clone())
        })
    }

    fn listing(&self) -> Option<&CommunityListing> {
        self.directory.community(self.chosen?)?.listing.as_deref()
    }

    /// Sorts a few groups, and keeps those that match a filter.
    fn sorted_and_kept(&self, mut rows: Vec<GroupId>, sort: SortBy, filter: &Filter) -> Vec<GroupId> {
        rows.sort_by_cached_key(|group| {
            let members = self.directory.group(group).and_then(|group| group.members);
            let size = members.filter(|_| sort == SortBy::Size);
            let role = if sort == SortBy::Role { role_rank(self.directory.role_in(group)) } else { 0 };
            let name = self.name_of(group);
            let shown = name.as_ref().map(|name| (sort_key(name.shown()), name.shown().to_owned()));
            (Reverse(size), role, shown)
        });
        if filter.is_empty() {
            return rows;
        }
        let named: Vec<_> = rows.into_iter().map(|group| (self.name_of(&group), group)).collect();
        let kept =
            filter.keep(named, |(name, group)| (name.as_ref().map_or("", |name| name.shown()), group.bare()));
        kept.into_iter().map(|(_, group)| group).collect()
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
    pub(super) fn settle(&mut self, directory: &Directory) {
        let mut rows = by_name(directory);
        match self.sort {
            SortBy::Name | SortBy::Role => {}
            SortBy::Size => rows.sort_by_key(|community| Reverse(community.size())),
            // The limit is the same for all, so the smallest have the most room.
            SortBy::Capacity => rows.sort_by_key(|community| (community.size().is_none(), community.size())),
        }
        self.rows.show(kept(rows, &self.rows.filter));
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

/// The communities that match a filter.
pub(super) fn kept(rows: Vec<&Community>, filter: &Filter) -> Vec<CommunityId> {
    let rows = filter.keep(rows, |community| {
        (community.name.as_ref().map_or("", |name| name.shown()), community.id.bare())
    });
    rows.into_iter().map(|community| community.id.clone()).collect()
}

/// The middle pane.
#[derive(Clone, Debug, Default)]
pub struct SubgroupsPane {
    pub rows: Rows<GroupId>,
    /// The groups of the pane by name, including hidden ones.
    by_name: HashMap<Name, Vec<GroupId>>,
}

impl SubgroupsPane {
    /// Rebuilds the rows.
    pub(super) fn settle(&mut self, source: Source<'_>, sort: SortBy) {
        self.by_name.clear();
        let Some(listing) = source.listing() else {
            self.rows.set_rows(Vec::new());
            return;
        };
        let mut rows: Vec<GroupId> = listing.subgroups.iter().map(|subgroup| subgroup.id.clone()).collect();
        for group in &rows {
            if let Some(name) = source.name_of(group) {
                self.by_name.entry(name).or_default().push(group.clone());
            }
        }
        if source.only_marked {
            rows.retain(|group| source.marks.has(group));
        }
        let mut rows = source.sorted_and_kept(rows, sort, &self.rows.filter);
        let is_whole = self.rows.filter.is_empty() && !source.only_marked;
        if let Some(announcements) = listing.announcements.as_ref().filter(|_| is_whole) {
            rows.insert(0, announcements.id.clone());
        }
        self.rows.show(rows);
    }

    /// Whether another group in the pane, hidden or not, has this name.
    pub(super) fn has_other(&self, name: &Name, group: &GroupId) -> bool {
        self.by_name.get(name).is_some_and(|alike| alike.iter().any(|other| other != group))
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
    /// How many marks belong in the pane but are hidden by its filter.
    hidden: usize,
    /// The revision of the marks at which they were counted; `None` once the rows have changed.
    counted: Option<u64>,
    /// If only marked groups are shown: those that match the filter.
    shown: HashSet<GroupId>,
}

/// The right pane.
#[derive(Clone, Debug, Default)]
pub struct GroupsPane {
    pub rows: Rows<GroupId>,
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
        let list = directory.groups().map(AsRef::as_ref);
        let eligible_changed = self.index.eligible(directory, self.shown, self.sort);
        self.total = if only_marked { marks.len() } else { self.index.len() };
        self.parents_are_known = self.index.parents_are_known();
        let filter = &self.rows.filter;
        let typed = (!filter.is_empty()).then(|| filter.input.value().to_owned());
        let only = only_marked.then(|| marks.revision());
        let names_changed = self.built.named_by.is_some_and(|by| by != directory.listings_revision());
        if !(eligible_changed || names_changed) && self.built.filter == typed && self.built.only == only {
            if filter.is_open {
                self.index.prepare(list);
            }
            return;
        }
        let rows = if only_marked {
            // All marks, whichever pane they belong to: one pane must show them all.
            let marked: Vec<_> = marks.in_order().into_iter().map(|mark| mark.group).collect();
            let unlisted = marked.iter().any(|group| directory.place_of(group).is_none());
            self.built.named_by = unlisted.then(|| directory.listings_revision());
            source.sorted_and_kept(marked, self.sort, filter)
        } else {
            self.built.named_by = None;
            self.index.rows(typed.as_deref(), list)
        };
        self.built.shown =
            if only_marked && typed.is_some() { rows.iter().cloned().collect() } else { HashSet::new() };
        self.rows.show(rows);
        self.built.filter = typed;
        self.built.only = only;
        self.built.counted = None;
    }

    /// Whether another group in the pane, hidden or not, has this name.
    pub(super) fn has_other(&self, name: &Name, group: &GroupId, directory: &Directory) -> bool {
        let place = directory.place_of(group);
        directory.groups().is_some_and(|list| self.index.has_name(name.shown(), place, list))
    }

    fn has(&self, group: &GroupId, source: Source<'_>) -> bool {
        source.only_marked || source.directory.place_of(group).is_some_and(|place| self.index.has(place))
    }

    fn shows(&self, group: &GroupId, source: Source<'_>) -> bool {
        if source.only_marked {
            self.built.filter.is_none() || self.built.shown.contains(group)
        } else {
            source.directory.place_of(group).is_some_and(|place| self.index.shows(place))
        }
    }

    /// Counts the marks that belong in the pane but are hidden by its filter, if they or its rows have changed.
    fn count_hidden_marks(&mut self, source: Source<'_>) {
        if self.built.counted == Some(source.marks.revision()) {
            return;
        }
        let is_hidden = |group: &GroupId| self.has(group, source) && !self.shows(group, source);
        self.built.hidden = if self.built.filter.is_none() {
            0
        } else {
            source.marks.iter().filter(|mark| is_hidden(&mark.group)).count()
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
    let shown: HashSet<&GroupId> = middle.rows.rows().iter().collect();
    for subgroup in source.listing().iter().flat_map(|listing| &listing.subgroups) {
        let Some(mark) = source.marks.get(&subgroup.id) else { continue };
        let in_right = right.has(&mark.group, source);
        let right_shows = right.shows(&mark.group, source);
        let in_middle = mark.source.is_some() && mark.source.as_ref() == source.chosen;
        let is_hidden = (in_middle || in_right) && !(shown.contains(&mark.group) || right_shows);
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
    /// The items, by their indices in the operation.
    pub items: List<usize>,
}

impl OperationPane {
    /// Shows the items of an operation; the active item is under the cursor if the pane follows it.
    pub(super) fn show(&mut self, operation: &Operation, follows: bool) {
        let items = &operation.items;
        if self.items.rows().len() != items.len() {
            self.items.set_rows((0..items.len()).collect());
        }
        let sending = items.iter().position(|item| item.state == ItemState::Sending);
        let active = sending.or_else(|| items.iter().position(|item| item.state != ItemState::Finished));
        if let Some(active) = active.filter(|_| follows) {
            self.items.select(&active);
        }
    }
}
