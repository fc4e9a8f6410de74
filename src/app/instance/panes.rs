//! The rows of an instance's panes, rebuilt only when their data has changed.

use std::{cmp::Reverse, collections::HashSet};

use super::Instance;
use crate::{
    app::{
        layout::{Layout, Pane},
        order::{SortBy, role_rank},
    },
    domain::{directory::Community, id::GroupId, name::fold::sort_key},
};

/// The inputs from which the rows of the right pane were last built.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    filter: Option<String>,
    /// The revision of the marks, if only they are shown.
    only: Option<u64>,
    /// The revision of the listings, if only marks are shown and some of their names come from listings alone.
    named_by: Option<u64>,
    /// How many marks belong in the right pane but are hidden by its filter.
    hidden: usize,
    /// The revision of the marks at which they were counted; `None` once the rows have changed.
    counted: Option<u64>,
    /// If only marked groups are shown: those that match the filter.
    shown: HashSet<GroupId>,
    filters: [String; 2],
}

impl Instance {
    /// Rebuilds the panes whose data has changed, and sets the height of every list.
    pub fn settle(&mut self, layout: &Layout) {
        self.communities.set_height(layout.list_height(Pane::Communities));
        let height = |pane: Pane, above: u16| layout.list_height(pane).saturating_sub(usize::from(above));
        self.groups.set_height(height(Pane::Groups, self.lines_above(Pane::Groups)));
        self.items.set_height(layout.list_height(Pane::Operation));
        let stale = std::mem::take(&mut self.stale);
        if stale.communities {
            self.settle_communities();
        }
        self.subgroups.set_height(height(Pane::Subgroups, self.lines_above(Pane::Subgroups)));
        if stale.subgroups || stale.communities {
            self.settle_subgroups();
        }
        if stale.groups {
            self.settle_groups();
        }
        if stale.communities || stale.subgroups || stale.groups {
            self.count_hidden_marks();
        }
    }

    fn settle_communities(&mut self) {
        let mut rows: Vec<&Community> = self.directory.communities().iter().collect();
        rows.sort_by_cached_key(|community| {
            let name = community.name.as_ref();
            (name.is_none(), name.map(|name| sort_key(name.shown())), community.id.clone())
        });
        match self.communities_by {
            SortBy::Name | SortBy::Role => {}
            SortBy::Size => rows.sort_by_key(|community| Reverse(community.size())),
            // The limit is the same for all, so the smallest have the most room.
            SortBy::Capacity => {
                rows.sort_by_key(|community| (community.size().is_none(), community.size()));
            }
        }
        let rows = self.filters.communities.keep(rows, |community| {
            (community.name.as_ref().map_or("", |name| name.shown()), community.id.bare())
        });
        let rows = rows.into_iter().map(|community| community.id.clone()).collect();
        self.communities.set_rows(rows);
        let typed = self.filters.communities.input.value();
        if typed != self.made.filters[0] {
            typed.clone_into(&mut self.made.filters[0]);
            if !self.filters.communities.is_empty() {
                self.communities.to_top();
            }
        }
    }

    fn settle_subgroups(&mut self) {
        self.middle.clear();
        let Some(listing) = self.chosen().and_then(|community| community.listing.clone()) else {
            self.subgroups.set_rows(Vec::new());
            return;
        };
        let ordinary: Vec<GroupId> = listing.subgroups.iter().map(|subgroup| subgroup.id.clone()).collect();
        for group in &ordinary {
            if let Some(name) = self.name_of(group) {
                self.middle.entry(name).or_default().push(group.clone());
            }
        }
        let mut rows = ordinary;
        if self.only_marked {
            rows.retain(|group| self.marks.has(group));
        }
        let mut rows = self.sorted_and_kept(rows, Pane::Subgroups);
        let is_whole = self.filters.subgroups.is_empty() && !self.only_marked;
        if let Some(announcements) = listing.announcements.as_ref().filter(|_| is_whole) {
            rows.insert(0, announcements.id.clone());
        }
        self.subgroups.set_rows(rows);
        let typed = self.filters.subgroups.input.value();
        if typed != self.made.filters[1] {
            typed.clone_into(&mut self.made.filters[1]);
            if !self.filters.subgroups.is_empty() {
                self.subgroups.to_top();
            }
        }
    }

    /// Sorts a few groups, and keeps those that match a pane's filter.
    fn sorted_and_kept(&self, mut rows: Vec<GroupId>, pane: Pane) -> Vec<GroupId> {
        rows.sort_by_cached_key(|group| {
            let size = self.members_of(group).filter(|_| self.groups_by == SortBy::Size);
            let role =
                if self.groups_by == SortBy::Role { role_rank(self.directory.role_in(group)) } else { 0 };
            let name = self.name_of(group);
            let shown = name.as_ref().map(|name| (sort_key(name.shown()), name.shown().to_owned()));
            (Reverse(size), role, shown)
        });
        let Some(filter) = self.filter(pane).filter(|filter| !filter.is_empty()) else { return rows };
        let named: Vec<_> = rows.into_iter().map(|group| (self.name_of(&group), group)).collect();
        let kept =
            filter.keep(named, |(name, group)| (name.as_ref().map_or("", |name| name.shown()), group.bare()));
        kept.into_iter().map(|(_, group)| group).collect()
    }

    fn settle_groups(&mut self) {
        let stock_changed = self.shelf.stock(&self.directory, self.shown, self.groups_by);
        self.groups_of_pane = if self.only_marked { self.marks.len() } else { self.shelf.len() };
        self.parents_are_known =
            self.profile.capabilities.lists_communities || self.shelf.parents_are_known();
        let filter = &self.filters.groups;
        let typed = (!filter.is_empty()).then(|| filter.input.value().to_owned());
        let only = self.only_marked.then(|| self.marks.revision());
        let names_changed = self.made.named_by.is_some_and(|by| by != self.directory.listings_revision());
        if !(stock_changed || names_changed) && self.made.filter == typed && self.made.only == only {
            if self.filters.groups.is_open {
                self.shelf.prepare(self.directory.groups().map(AsRef::as_ref));
            }
            return;
        }
        let rows = if self.only_marked {
            // All marks, whichever pane they belong to: one pane must show them all.
            let marked: Vec<_> = self.marks.in_order().into_iter().map(|mark| mark.group).collect();
            let unlisted = marked.iter().any(|group| self.directory.place_of(group).is_none());
            self.made.named_by = unlisted.then(|| self.directory.listings_revision());
            self.sorted_and_kept(marked, Pane::Groups)
        } else {
            self.made.named_by = None;
            self.shelf.rows(typed.as_deref(), self.directory.groups().map(AsRef::as_ref))
        };
        self.made.shown =
            if self.only_marked && typed.is_some() { rows.iter().cloned().collect() } else { HashSet::new() };
        self.groups.set_rows(rows);
        if typed.is_some() && typed != self.made.filter {
            self.groups.to_top();
        }
        self.made.filter = typed;
        self.made.only = only;
        self.made.counted = None;
    }

    /// Whether another group in the middle or right pane, hidden or not, has the same name.
    pub fn has_twin(&self, group: &GroupId) -> bool {
        let Some(name) = self.name_of(group).filter(|name| !name.shown().is_empty()) else { return false };
        let in_middle = self.middle.get(&name).is_some_and(|alike| alike.iter().any(|other| other != group));
        let place = self.directory.place_of(group);
        let list = self.directory.groups();
        in_middle || list.is_some_and(|list| self.shelf.has_name(name.shown(), place, list))
    }

    fn right_has(&self, group: &GroupId) -> bool {
        self.only_marked || self.directory.place_of(group).is_some_and(|place| self.shelf.has(place))
    }

    fn right_shows(&self, group: &GroupId) -> bool {
        if self.only_marked {
            self.made.filter.is_none() || self.made.shown.contains(group)
        } else {
            self.directory.place_of(group).is_some_and(|place| self.shelf.shows(place))
        }
    }

    /// Counts the marks that belong in a pane but are hidden by its filter. Those of the right pane are counted only
    /// when they or its rows have changed; then those that only the middle pane hides or shows.
    fn count_hidden_marks(&mut self) {
        if self.made.counted != Some(self.marks.revision()) {
            let is_hidden = |group: &GroupId| self.right_has(group) && !self.right_shows(group);
            self.made.hidden = if self.made.filter.is_none() {
                0
            } else {
                self.marks.iter().filter(|mark| is_hidden(&mark.group)).count()
            };
            self.made.counted = Some(self.marks.revision());
        }
        self.hidden_marks = self.made.hidden;
        let (mut more, mut fewer) = (0, 0);
        if self.filters.subgroups.is_empty() && self.made.filter.is_none() {
            return;
        }
        let shown: HashSet<&GroupId> = self.subgroups.rows().iter().collect();
        let chosen = self.communities.selected();
        let listing = self.chosen().and_then(|community| community.listing.as_ref());
        for subgroup in listing.iter().flat_map(|listing| &listing.subgroups) {
            let Some(mark) = self.marks.get(&subgroup.id) else { continue };
            let in_right = self.right_has(&mark.group);
            let right_shows = self.right_shows(&mark.group);
            let in_middle = mark.source.is_some() && mark.source.as_ref() == chosen;
            let is_hidden = (in_middle || in_right) && !(shown.contains(&mark.group) || right_shows);
            match (in_right && !right_shows, is_hidden) {
                (true, false) => fewer += 1,
                (false, true) => more += 1,
                _ => {}
            }
        }
        self.hidden_marks = self.hidden_marks + more - fewer;
    }
}
