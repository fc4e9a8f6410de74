//! A community's listing as a directory keeps it.

use std::sync::Arc;

use super::{
    Directory,
    slots::{Entry, Moves, Slot, Slots},
};
use crate::domain::{
    community::CommunityListing,
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

    /// The listing of a community.
    pub fn listing(&self, community: &CommunityId) -> Option<&Arc<Listing>> {
        self.community(community)?.listing.as_ref()
    }
}
