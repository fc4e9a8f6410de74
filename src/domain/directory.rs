//! What an instance has: its communities, its groups, and which belong together as far as anything read says.
//!
//! It owns the facts and the questions about them; the look-ups that make the questions cheap are in `index`, and what
//! makes a reading suspect is in `witnesses`.

mod index;
#[cfg(test)]
mod tests;
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

/// Where a community is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownFrom {
    /// The operator named it in the configuration or on the screen.
    Configuration,
    /// It was confirmed before and remembered.
    Memory,
    /// A listing showed it.
    Listing,
    /// A probe found it.
    Probe,
}

/// A community and what was last read of it.
#[derive(Clone, Debug)]
pub struct Community {
    /// Its id, as the gateway takes it.
    pub id: CommunityId,
    /// Its name, as far as anything read gives it.
    pub name: Option<Name>,
    /// Where it is known from.
    pub known_from: KnownFrom,
    /// The last listing that could be read.
    pub listing: Option<Arc<CommunityListing>>,
    /// Why the newest read of its listing failed, where it did.
    pub failure: Option<Failure>,
    witnesses: Witnesses<CommunityListing>,
}

impl Community {
    /// How many ordinary subgroups the last listing showed.
    pub fn size(&self) -> Option<usize> {
        self.listing.as_ref().map(|listing| listing.subgroups.len())
    }
}

/// Whether a name tells anything: one of nothing visible never takes another's place.
fn is_told(name: &Name) -> bool {
    !name.shown().is_empty()
}

/// The communities and groups of one instance, joined. What a read changes costs as much as that read is long, not as
/// much as everything there is; only a newer list of groups makes the look-ups anew.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    communities: Vec<Community>,
    groups: Option<Arc<GroupList>>,
    groups_failure: Option<Failure>,
    witnesses: Witnesses<GroupList>,
    taken_away: TakenAway,
    /// Groups that a probe found to be ordinary ones, by their ids without suffix.
    ordinary: HashSet<Box<str>>,
    /// Groups that were left since the list of groups was read, by their ids without suffix.
    left: HashSet<Box<str>>,
    /// The list of groups may name a community that is not known any more.
    has_forgotten: bool,
    index: Index,
}

impl Directory {
    /// The communities, in the order in which they became known.
    pub fn communities(&self) -> &[Community] {
        &self.communities
    }

    /// The community of that id.
    pub fn community(&self, id: &CommunityId) -> Option<&Community> {
        self.communities.get(self.index.community(id.as_str())?)
    }

    /// The last list of groups that could be read.
    pub fn groups(&self) -> Option<&Arc<GroupList>> {
        self.groups.as_ref()
    }

    /// Why the newest read of the list of groups failed, where it did.
    pub fn groups_failure(&self) -> Option<&Failure> {
        self.groups_failure.as_ref()
    }

    /// The group of that id in the last list of groups.
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        self.groups.as_ref()?.groups.find(id.as_str())
    }

    /// Where a group stands in the last list of groups.
    pub fn place_of(&self, id: &GroupId) -> Option<usize> {
        self.groups.as_ref()?.groups.place_of(id)
    }

    /// The community that a group is in, as far as anything read says.
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

    /// The community that a group is itself, where it is one.
    pub fn as_community(&self, group: &GroupId) -> Option<&Community> {
        self.communities.get(self.index.community(group.as_str())?)
    }

    /// Whether something read showed that a group is an ordinary one: a field of the list, a community's listing,
    /// or a probe.
    pub fn is_known_ordinary(&self, group: &GroupId) -> bool {
        self.ordinary.contains(group.bare())
            || self.parent_of(group).is_some()
            || self.group(group).is_some_and(|group| {
                group.kind == GroupKind::Ordinary || matches!(group.parent, Parent::Community(_))
            })
    }

    /// What the number is in a group, as far as the list of groups says.
    pub fn role_in(&self, group: &GroupId) -> Role {
        self.group(group).map_or(Role::Unknown, |group| group.role)
    }

    /// Whether a group belongs into a list of groups that people act on: neither a community itself nor an
    /// announcements group.
    pub fn is_ordinary_row(&self, group: &Group) -> bool {
        group.kind != GroupKind::Community
            && !self.left.contains(group.id.bare())
            && !self.is_announcements(&group.id)
            && self.as_community(&group.id).is_none()
    }

    /// The same of the group at a place in the list of groups, without looking its id up.
    pub fn is_ordinary_at(&self, place: usize) -> bool {
        let group = self.groups.as_ref().and_then(|list| list.groups.get(place));
        let was_left = |group: &Group| !self.left.is_empty() && self.left.contains(group.id.bare());
        group.is_some_and(|group| {
            !matches!(group.kind, GroupKind::Community | GroupKind::Announcements) && !was_left(group)
        }) && !self.index.is_announcements(place)
            && !self.index.is_community(place)
    }

    /// Whether anything read says that the group at a place in the list of groups is in a community.
    pub fn has_parent_at(&self, place: usize) -> bool {
        self.index.has_parent(place)
    }

    /// Changes whenever another list of groups was taken.
    pub fn list_revision(&self) -> u64 {
        self.index.list_revision
    }

    /// Changes whenever a listed group came to be, or ceased to be, an ordinary one or one in a community.
    pub fn rows_revision(&self) -> u64 {
        self.index.rows_revision
    }

    /// Changes whenever another listing of a community was taken.
    pub fn listings_revision(&self) -> u64 {
        self.index.listings_revision
    }

    /// Makes a community known; once, and never forgetting a name for an empty one.
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

    /// Forgets a community that turned out to be none, or that the number has left.
    pub fn forget(&mut self, community: &CommunityId) {
        self.communities.retain(|known| !known.id.same_as(community));
        self.has_forgotten = true;
        self.reindex();
    }

    /// Remembers that a probe found a group to be an ordinary one.
    pub fn learn_ordinary(&mut self, group: &GroupId) {
        self.ordinary.insert(group.bare().into());
    }

    /// Takes note that the number has left a group, until a newer list of groups is read.
    pub fn learn_left(&mut self, group: &GroupId) {
        self.left.insert(group.bare().into());
        self.index.rows_revision += 1;
    }

    /// Takes a newer list of groups, as incomplete if too much vanished from it; communities that it shows become known.
    pub fn take_groups(&mut self, list: Arc<GroupList>) {
        if self.groups.as_ref().is_some_and(|held| held.begun > list.begun) {
            return;
        }
        let list = self.weighed_list(list);
        self.groups_failure = None;
        self.left.clear();
        self.has_forgotten = false;
        // Groups of one community often stand together.
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
            // Its own entry knows better than its announcements group, which may be called otherwise.
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

    /// Takes a newer listing of a community, as incomplete if too much vanished from it.
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

    /// Records that a community's listing could not be read; what was read before stays.
    pub fn take_listing_failure(&mut self, community: &CommunityId, failure: Failure) {
        if let Some(at) = self.index.community(community.as_str()) {
            self.communities[at].failure = Some(failure);
        }
    }

    /// Makes a community that something read shows known, with its name where that tells anything; says where it stands.
    fn learn_quietly(&mut self, community: CommunityRef) -> usize {
        self.ordinary.remove(community.id.bare());
        let (at, _) = self.place(&community.id, KnownFrom::Listing);
        if let Some(name) = community.name.filter(is_told) {
            self.communities[at].name = Some(name);
        }
        at
    }

    /// Where a community stands, and whether it was known before.
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

    /// A listing whose ids and names are those of the list of groups where they are equal: each is kept once.
    fn sharing(&self, listing: Arc<CommunityListing>) -> Arc<CommunityListing> {
        let is_shared = |subgroup: &Subgroup| {
            self.group(&subgroup.id).is_some_and(|group| ptr::eq(group.id.as_str(), subgroup.id.as_str()))
        };
        // One that was recalled together with the list of groups shares all with it.
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
