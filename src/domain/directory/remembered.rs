//! What a directory has read, in the form in which the next start finds it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Directory, KnownFrom,
    listing::Listing,
    slots::{Entry, Slot},
};
use crate::domain::{
    community::{CommunityRef, GroupList, Subgroup},
    id::{CommunityId, GroupId},
    time::Millis,
};

/// The facts that earlier runs learned about an instance, each sorted by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    pub communities: Vec<CommunityRef>,
    /// The groups that were found to be ordinary.
    pub ordinary: Vec<GroupId>,
}

/// The last readings of an instance, each with the time of its read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastRead {
    /// The list of groups. The listings refer to its places.
    pub groups: Option<Arc<GroupList>>,
    pub listings: Vec<LastListing>,
}

/// The last listing of a community.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastListing {
    pub community: CommunityId,
    /// When the read began.
    pub begun: Millis,
    /// The announcement group.
    pub announcements: Option<LastGroup>,
    /// The places of the subgroups that the list of groups shows.
    pub listed: Vec<u32>,
    /// The other subgroups.
    pub unlisted: Vec<Subgroup>,
}

/// A group of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LastGroup {
    /// Its place in the list of groups.
    Listed(u32),
    Unlisted(Subgroup),
}

impl LastRead {
    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.groups.is_none() && self.listings.is_empty()
    }
}

impl LastListing {
    /// The same listing without places, for when the list of groups that they refer to is not stored.
    #[must_use]
    pub fn without_places(&self, list: &GroupList) -> Self {
        let subgroup = |place: &u32| {
            let group = list.groups.get(*place as usize)?;
            Some(Subgroup { id: group.to_id(), name: group.name().to_name() })
        };
        let announcements = match &self.announcements {
            Some(LastGroup::Listed(place)) => subgroup(place).map(LastGroup::Unlisted),
            other => other.clone(),
        };
        let listed = self.listed.iter().filter_map(subgroup);
        let unlisted = listed.chain(self.unlisted.iter().cloned()).collect();
        Self { announcements, listed: Vec::new(), unlisted, ..self.clone() }
    }
}

impl Directory {
    /// The listings that were read since a point in time, with the list of groups that they refer to.
    pub fn last_read(&self, since: Millis) -> LastRead {
        let read = self.communities.iter().filter_map(|known| Some((&known.id, known.listing.as_deref()?)));
        let read = read.filter(|(_, listing)| listing.begun >= since);
        LastRead {
            groups: self.groups.clone(),
            listings: read.map(|(id, listing)| self.last_listing(id, listing)).collect(),
        }
    }

    fn last_listing(&self, community: &CommunityId, listing: &Listing) -> LastListing {
        let mut last = LastListing {
            community: community.clone(),
            begun: listing.begun,
            announcements: None,
            listed: Vec::with_capacity(listing.subgroups.len()),
            unlisted: Vec::new(),
        };
        let place = |slot: Slot| u32::try_from(slot.index()).unwrap_or(u32::MAX);
        let is_listed = |slot: Slot| self.groups.is_some() && slot.index() < self.slots.listed();
        let own = |slot: Slot| {
            self.entry(slot).map(|group| Subgroup { id: group.to_id(), name: group.name().to_name() })
        };
        for slot in listing.subgroups.iter().copied() {
            if is_listed(slot) {
                last.listed.push(place(slot));
            } else {
                last.unlisted.extend(own(slot));
            }
        }
        last.announcements = listing.announcements.and_then(|slot| {
            if is_listed(slot) {
                Some(LastGroup::Listed(place(slot)))
            } else {
                own(slot).map(LastGroup::Unlisted)
            }
        });
        last
    }

    /// Takes the facts that earlier runs learned.
    pub fn remember(&mut self, remembered: Remembered) {
        for community in remembered.communities {
            self.learn(community, KnownFrom::Memory);
        }
        remembered.ordinary.iter().for_each(|group| self.learn_ordinary(group));
    }

    /// Takes the last readings of an earlier run. Those that are older than the present ones are ignored.
    pub fn recall(&mut self, read: LastRead) {
        let list = read.groups;
        let taken = list.clone().filter(|list| self.is_newer(list));
        let is_taken = taken.is_some();
        if let Some(list) = taken {
            self.hold_list(list);
            self.make_room();
        }
        // The places are those of the recalled list, even if a newer one is held.
        let is_held = match (&list, &self.groups) {
            (Some(recalled), Some(held)) => held.groups.have_same_places(&recalled.groups),
            _ => false,
        };
        for listing in read.listings {
            let listing = match &list {
                Some(list) if !is_held => listing.without_places(list),
                _ => listing,
            };
            self.recall_listing(&listing);
        }
        self.reindex();
        if is_taken {
            self.name_by_entries();
        }
    }

    fn recall_listing(&mut self, last: &LastListing) {
        let (at, _) = self.place(&last.community, KnownFrom::Memory);
        if self.communities[at].listing.as_ref().is_some_and(|held| held.begun > last.begun) {
            return;
        }
        let mut slot = |group: &LastGroup| match group {
            LastGroup::Listed(place) => {
                Some(Slot::at(*place as usize)).filter(|slot| slot.index() < self.slots.listed())
            }
            LastGroup::Unlisted(group) => Some(self.slots.find_or_add(group)),
        };
        let announcements = last.announcements.as_ref().and_then(&mut slot);
        let listed = last.listed.iter().filter_map(|place| slot(&LastGroup::Listed(*place)));
        let mut subgroups: Vec<Slot> = listed.collect();
        subgroups.extend(last.unlisted.iter().map(|group| self.slots.find_or_add(group)));
        self.index_new_slots();
        let listing = Arc::new(Listing { begun: last.begun, is_cut: false, announcements, subgroups });
        let listing = self.weighed_listing(at, listing);
        let known = &mut self.communities[at];
        if known.name.is_none() {
            let announced = announcements.and_then(|slot| self.slots.get(slot)).map(Entry::name);
            known.name = announced.filter(|name| super::is_told(*name)).map(super::NameRef::to_name);
        }
        known.listing = Some(listing);
    }
}
