//! A community's listing as a directory keeps it.

use std::{borrow::Cow, sync::Arc};

use super::{
    Community, Directory,
    slots::{Entry, Moves, Slot, Slots},
};
use crate::domain::{
    community::{CommunityListing, GroupKind, GroupList},
    id::{CommunityId, GroupId},
    time::Millis,
};

/// A community's listing: the slots of the groups that it showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// When the read began.
    pub begun: Millis,
    /// See [`CommunityListing::is_cut`].
    pub is_cut: bool,
    /// The announcement group.
    pub announcements: Option<Slot>,
    pub subgroups: Vec<Slot>,
}

impl Listing {
    pub(super) fn of(listing: &CommunityListing, slots: &mut Slots) -> Self {
        Self {
            begun: listing.begun,
            is_cut: listing.is_cut,
            announcements: listing.announcements.as_ref().map(|group| slots.find_or_add(group)),
            subgroups: listing.subgroups.iter().map(|group| slots.find_or_add(group)).collect(),
        }
    }

    /// See [`CommunityListing::proves_absence`].
    pub fn proves_absence(&self) -> bool {
        self.announcements.is_some() && !self.is_cut
    }

    /// The slots of all its groups.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        self.announcements.iter().chain(&self.subgroups).copied()
    }

    /// The same listing after groups got other slots.
    pub(super) fn moved(&self, moves: &Moves) -> Self {
        let new = |slot: &Slot| moves.get(slot.index()).copied().flatten();
        Self {
            announcements: self.announcements.as_ref().and_then(new),
            subgroups: self.subgroups.iter().filter_map(new).collect(),
            ..*self
        }
    }
}

impl Directory {
    /// Whether the listing of a community shows a group, as an ordinary subgroup or as its announcement group.
    pub fn shows(&self, listing: &Listing, group: &GroupId) -> bool {
        self.slot(group).is_some_and(|slot| listing.slots().any(|shown| shown == slot))
    }

    /// The groups of a listing.
    pub fn entries<'a>(&'a self, slots: &'a [Slot]) -> impl Iterator<Item = Entry<'a>> {
        slots.iter().filter_map(|slot| self.entry(*slot))
    }

    /// Whether the list of groups gives the kind and the community of each group. On a gateway whose listings show only the number's
    /// own groups, the listings would add nothing.
    pub fn list_says_places(&self) -> bool {
        self.list_says_places
    }

    /// Whether the list of groups shows a community, by itself or through its groups.
    pub fn is_shown_by_list(&self, community: &Community) -> bool {
        self.place_of(&community.id).is_some_and(|at| self.index.is_named(at) || self.is_entry(at))
    }

    fn is_entry(&self, at: usize) -> bool {
        let entry = self.index.entry(at).and_then(|entry| self.groups.as_ref()?.groups.get(entry));
        entry.is_some_and(|entry| entry.kind() == GroupKind::Community)
    }

    /// The announcement group of a community: that of its listing or, if that does not show one, of the list of groups.
    pub fn announcements_of(&self, community: &Community) -> Option<Slot> {
        let listed = || self.index.announced(self.place_of(&community.id)?);
        community.listing.as_ref().and_then(|listing| listing.announcements).or_else(listed)
    }

    /// Whether the list of groups shows the groups of a community, and is newer than the community's listing, if there is one.
    pub fn is_told_by_list(&self, community: &Community) -> bool {
        let is_newer = |list: &Arc<GroupList>| {
            community.listing.as_ref().is_none_or(|listing| listing.begun < list.begun)
        };
        self.list_says_places
            && self.groups.as_ref().is_some_and(is_newer)
            && self.is_shown_by_list(community)
    }

    /// The groups in a community, to be shown: from its listing or, if that is newer, from the list of groups.
    pub fn shown_in<'a>(&self, community: &'a Community) -> Option<Cow<'a, Listing>> {
        let list = self.groups.as_ref().filter(|_| self.is_told_by_list(community));
        let Some((list, at)) = list.zip(self.place_of(&community.id)) else {
            return community.listing.as_deref().map(Cow::Borrowed);
        };
        Some(Cow::Owned(Listing {
            begun: list.begun,
            is_cut: false,
            announcements: self.announcements_of(community),
            subgroups: self.index.named(at).collect(),
        }))
    }

    /// How many groups are in a community, as [`Self::shown_in`].
    pub fn size_of(&self, community: &Community) -> Option<usize> {
        match self.place_of(&community.id).filter(|_| self.is_told_by_list(community)) {
            Some(at) => Some(self.index.named(at).count()),
            None => community.listing.as_ref().map(|listing| listing.subgroups.len()),
        }
    }

    /// Whether a community has this many groups or more; `None` if its groups are not known. A listing may show only some of its
    /// groups, so fewer are not proof of room; but not every community of such a gateway is unknown.
    pub fn is_full(&self, community: &Community, limit: usize) -> Option<bool> {
        let listing = self.shown_in(community).filter(|_| community.failure.is_none())?;
        let is_full = listing.subgroups.len() >= limit;
        (is_full || !listing.is_cut).then_some(is_full)
    }

    /// The listing of a community.
    pub fn listing(&self, community: &CommunityId) -> Option<&Arc<Listing>> {
        self.community(community)?.listing.as_ref()
    }
}
