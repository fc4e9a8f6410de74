//! The communities and groups of an instance, and which group is in which community according to all readings.
//!
//! It owns the facts and the queries on them. The indexes that make the queries cheap are in `index`; the rules that make a
//! reading suspect are in `witnesses`.

mod index;
mod take;
mod witnesses;

use std::{ptr, sync::Arc};

use hashbrown::HashSet;
use index::Index;
use witnesses::{TakenAway, Witnesses};

use super::{
    community::{CommunityListing, CommunityRef, Group, GroupKind, GroupList, Parent, Role, Subgroup},
    failure::Failure,
    id::{CommunityId, GroupId},
    name::Name,
};

/// How a community became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownFrom {
    /// The operator named it in the configuration or on the screen.
    Configuration,
    /// It was confirmed before and remembered.
    Memory,
    Listing,
    Probe,
}

/// A community and the last readings of it.
#[derive(Clone, Debug)]
pub struct Community {
    /// Its id, in the form that the gateway takes.
    pub id: CommunityId,
    /// Its name, if any reading gave one.
    pub name: Option<Name>,
    /// How it became known.
    pub known_from: KnownFrom,
    /// The last listing that could be read.
    pub listing: Option<Arc<CommunityListing>>,
    /// Why the newest read of its listing failed, if it did.
    pub failure: Option<Failure>,
    witnesses: Witnesses<CommunityListing>,
}

impl Community {
    /// The number of ordinary subgroups in the last listing.
    pub fn size(&self) -> Option<usize> {
        self.listing.as_ref().map(|listing| listing.subgroups.len())
    }
}

/// Whether a name has visible content: a name without any never replaces another.
fn is_told(name: &Name) -> bool {
    !name.shown().is_empty()
}

/// The communities and groups of one instance, joined. Applying a reading takes time proportional to that reading, not to the
/// whole directory. Only a newer list of groups rebuilds the indexes.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    communities: Vec<Community>,
    groups: Option<Arc<GroupList>>,
    groups_failure: Option<Failure>,
    witnesses: Witnesses<GroupList>,
    taken_away: TakenAway,
    /// Groups that a probe found to be ordinary, by their ids without suffix.
    ordinary: HashSet<Box<str>>,
    /// Groups that were left since the list of groups was read, by their ids without suffix.
    left: HashSet<Box<str>>,
    /// The list of groups may name a community that has been forgotten.
    has_forgotten: bool,
    index: Index,
}

impl Directory {
    /// The communities, in the order in which they became known.
    pub fn communities(&self) -> &[Community] {
        &self.communities
    }

    /// The community with this id.
    pub fn community(&self, id: &CommunityId) -> Option<&Community> {
        self.communities.get(self.index.community(id.as_str())?)
    }

    /// The last list of groups that could be read.
    pub fn groups(&self) -> Option<&Arc<GroupList>> {
        self.groups.as_ref()
    }

    /// Why the newest read of the list of groups failed, if it did.
    pub fn groups_failure(&self) -> Option<&Failure> {
        self.groups_failure.as_ref()
    }

    /// The group with this id in the last list of groups.
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        self.groups.as_ref()?.groups.find(id.as_str())
    }

    /// The position of a group in the last list of groups.
    pub fn place_of(&self, id: &GroupId) -> Option<usize> {
        self.groups.as_ref()?.groups.place_of(id)
    }

    /// The community that a group is in, according to all readings.
    pub fn parent_of(&self, group: &GroupId) -> Option<&CommunityId> {
        let slot = self.slot(group).filter(|slot| self.index.has_parent(*slot))?;
        match self.index.parent(slot) {
            Some(at) => self.communities.get(at).map(|community| &community.id),
            None => match &self.groups.as_ref()?.groups.get(slot)?.parent {
                Parent::Community(forgotten) => Some(forgotten),
                Parent::Unknown | Parent::None => None,
            },
        }
    }

    /// Whether a group is a community's announcements group.
    pub fn is_announcements(&self, group: &GroupId) -> bool {
        self.slot(group).is_some_and(|slot| self.index.is_announcements(slot))
            || self.group(group).is_some_and(|group| group.kind == GroupKind::Announcements)
    }

    /// The community that a group itself is, if it is one.
    pub fn as_community(&self, group: &GroupId) -> Option<&Community> {
        self.communities.get(self.index.community(group.as_str())?)
    }

    /// Whether a reading showed that a group is ordinary: a field of the list, a community's listing, or a probe.
    pub fn is_known_ordinary(&self, group: &GroupId) -> bool {
        self.ordinary.contains(group.bare())
            || self.parent_of(group).is_some()
            || self.group(group).is_some_and(|group| {
                group.kind == GroupKind::Ordinary || matches!(group.parent, Parent::Community(_))
            })
    }

    /// The number's role in a group, according to the list of groups.
    pub fn role_in(&self, group: &GroupId) -> Role {
        self.group(group).map_or(Role::Unknown, |group| group.role)
    }

    /// Whether a group belongs in a list of groups that people act on: it is neither a community nor an announcements group, and
    /// the number has not left it.
    pub fn is_ordinary_row(&self, group: &Group) -> bool {
        group.kind != GroupKind::Community
            && !self.left.contains(group.id.bare())
            && !self.is_announcements(&group.id)
            && self.as_community(&group.id).is_none()
    }

    /// The same for the group at a position in the list of groups, without looking up its id.
    pub fn is_ordinary_at(&self, place: usize) -> bool {
        let group = self.groups.as_ref().and_then(|list| list.groups.get(place));
        let was_left = |group: &Group| !self.left.is_empty() && self.left.contains(group.id.bare());
        group.is_some_and(|group| {
            !matches!(group.kind, GroupKind::Community | GroupKind::Announcements) && !was_left(group)
        }) && !self.index.is_announcements(place)
            && !self.index.is_community(place)
    }

    /// Whether any reading says that the group at a position in the list of groups is in a community.
    pub fn has_parent_at(&self, place: usize) -> bool {
        self.index.has_parent(place)
    }

    /// Changes whenever a new list of groups is taken.
    pub fn list_revision(&self) -> u64 {
        self.index.list_revision
    }

    /// Changes whenever a listed group becomes, or stops being, ordinary or part of a community.
    pub fn rows_revision(&self) -> u64 {
        self.index.rows_revision
    }

    /// Changes whenever a new listing of a community is taken.
    pub fn listings_revision(&self) -> u64 {
        self.index.listings_revision
    }

    /// Records a community, at most once; never replaces a name with an empty one.
    pub fn learn(&mut self, community: CommunityRef, known_from: KnownFrom) {
        self.ordinary.remove(community.id.bare());
        let (at, was_known) = self.place(&community.id, known_from);
        let known = &mut self.communities[at];
        if let Some(name) = community.name.filter(is_told) {
            known.name = Some(name);
        }
        if was_known {
            known.known_from = known.known_from.min(known_from);
        }
    }

    /// Forgets a community that turned out not to be one, or that the number has left.
    pub fn forget(&mut self, community: &CommunityId) {
        self.communities.retain(|known| !known.id.same_as(community));
        self.has_forgotten = true;
        self.reindex();
    }

    /// Records that a probe found a group to be ordinary.
    pub fn learn_ordinary(&mut self, group: &GroupId) {
        self.ordinary.insert(group.bare().into());
    }

    /// Records that the number has left a group, until a newer list of groups is read.
    pub fn learn_left(&mut self, group: &GroupId) {
        self.left.insert(group.bare().into());
        self.index.rows_revision += 1;
    }

    /// Takes a newer list of groups and marks it as incomplete if too much vanished from it. Records the communities that it
    /// shows.
    pub fn take_groups(&mut self, list: Arc<GroupList>) {
        if self.groups.as_ref().is_some_and(|held| held.begun > list.begun) {
            return;
        }
        let list = self.weighed_list(list);
        self.groups_failure = None;
        self.left.clear();
        self.has_forgotten = false;
        // Groups of one community are often adjacent.
        let mut before = None;
        for group in &list.groups {
            if group.kind == GroupKind::Community {
                let found = CommunityRef { id: CommunityId::from(&group.id), name: Some(group.name.clone()) };
                self.learn_quietly(found);
            }
            if let Parent::Community(parent) = &group.parent
                && before != Some(parent)
            {
                self.place(parent, KnownFrom::Listing);
                before = Some(parent);
            }
        }
        self.groups = Some(list);
        self.reindex();
        let Some(list) = &self.groups else { return };
        for (at, community) in self.communities.iter_mut().enumerate() {
            // Its own entry is more reliable than its announcements group, which may have another name.
            if let Some(entry) = self.index.entry(at).and_then(|entry| list.groups.get(entry))
                && is_told(&entry.name)
            {
                community.name = Some(entry.name.clone());
            }
        }
    }

    /// Records that the list of groups could not be read.
    pub fn take_groups_failure(&mut self, failure: Failure) {
        self.groups_failure = Some(failure);
    }

    /// Takes a newer listing of a community and marks it as incomplete if too much vanished from it.
    pub fn take_listing(&mut self, listing: Arc<CommunityListing>) {
        let at =
            self.learn_quietly(CommunityRef { id: listing.community.clone(), name: listing.name.clone() });
        let held = &self.communities[at].listing;
        if held.as_ref().is_some_and(|held| held.begun > listing.begun) {
            return;
        }
        let listing = self.sharing(listing);
        let listing = self.weighed_listing(at, listing);
        let entry = self.index.entry(at).and_then(|entry| self.groups.as_ref()?.groups.get(entry));
        let entry = entry.map(|entry| entry.name.clone()).filter(is_told);
        let known = &mut self.communities[at];
        if known.name.is_none() {
            let announced = listing.announcements.as_ref().map(|announcements| announcements.name.clone());
            known.name = entry.or(announced.filter(is_told));
        }
        known.failure = None;
        let before = known.listing.replace(listing);
        self.relist(at, before.as_deref());
    }

    /// Records that a community's listing could not be read; the earlier listing stays.
    pub fn take_listing_failure(&mut self, community: &CommunityId, failure: Failure) {
        if let Some(at) = self.index.community(community.as_str()) {
            self.communities[at].failure = Some(failure);
        }
    }

    /// Records a community that a reading shows, with its name if that is visible. Returns its position.
    fn learn_quietly(&mut self, community: CommunityRef) -> usize {
        self.ordinary.remove(community.id.bare());
        let (at, _) = self.place(&community.id, KnownFrom::Listing);
        if let Some(name) = community.name.filter(is_told) {
            self.communities[at].name = Some(name);
        }
        at
    }

    /// The position of a community, and whether it was known before.
    fn place(&mut self, id: &CommunityId, known_from: KnownFrom) -> (usize, bool) {
        if let Some(at) = self.index.community(id.as_str()) {
            return (at, true);
        }
        let at = self.communities.len();
        self.communities.push(Community {
            id: id.clone(),
            name: None,
            known_from,
            listing: None,
            failure: None,
            witnesses: Witnesses::default(),
        });
        self.index_community(at);
        if self.has_forgotten {
            self.reindex();
        }
        (at, false)
    }

    /// Returns the listing with ids and names that equal those of the list of groups shared with it, so that each is stored once.
    fn sharing(&self, listing: Arc<CommunityListing>) -> Arc<CommunityListing> {
        let is_shared = |subgroup: &Subgroup| {
            self.group(&subgroup.id).is_some_and(|group| ptr::eq(group.id.as_str(), subgroup.id.as_str()))
        };
        // A listing that was restored together with the list of groups shares everything with it.
        if self.groups.is_none() || listing.subgroups.first().is_some_and(is_shared) {
            return listing;
        }
        let mut listing = Arc::unwrap_or_clone(listing);
        for subgroup in listing.subgroups.iter_mut().chain(&mut listing.announcements) {
            if let Some(group) = self.group(&subgroup.id) {
                subgroup.id = group.id.clone();
                if subgroup.name == group.name {
                    subgroup.name = group.name.clone();
                }
            }
        }
        Arc::new(listing)
    }
}
