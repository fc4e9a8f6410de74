//! The communities and groups of an instance, and which group is in which community according to all readings.
//!
//! It owns the facts and the queries on them. The indexes that make the queries cheap are in `index`; the rules that make a
//! reading suspect are in `witnesses`.

mod index;
mod listing;
mod remembered;
mod roles;
mod slots;
mod take;
mod union;
mod witnesses;

use std::sync::Arc;

use hashbrown::HashSet;
use index::Index;
pub use listing::Listing;
pub use remembered::{LastGroup, LastListing, LastRead, Remembered};
use roles::Roles;
pub use roles::{KnownRole, ROLE_LASTS};
use slots::Slots;
pub use slots::{Entry, Moves, Slot};
pub use union::{SameCommunities, best_role};
use witnesses::{TakenAway, Witnesses};

use super::{
    community::{CommunityListing, CommunityRef, GroupKind, GroupList, GroupRef, Groups, Parent, Subgroup},
    failure::Failure,
    id::{CommunityId, GroupId, bare},
    name::{Name, NameRef},
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
    pub listing: Option<Arc<Listing>>,
    /// Why the newest read of its listing failed, if it did.
    pub failure: Option<Failure>,
    witnesses: Witnesses<Listing>,
}

/// Whether a name has visible content: a name without any never replaces another.
fn is_told(name: NameRef<'_>) -> bool {
    !name.shown().is_empty()
}

/// The communities and groups of one instance, joined. Applying a reading takes time proportional to that reading, not to the
/// whole directory. Only a newer list of groups rebuilds the indexes.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    communities: Vec<Community>,
    groups: Option<Arc<GroupList>>,
    slots: Slots,
    /// The moves since the last call of [`Self::take_moves`].
    moves: Option<Moves>,
    groups_failure: Option<Failure>,
    witnesses: Witnesses<GroupList>,
    taken_away: TakenAway,
    /// Groups that a probe found to be ordinary, by their ids without suffix.
    ordinary: HashSet<Box<str>>,
    /// Groups that were left since the list of groups was read, by their ids without suffix.
    left: HashSet<Box<str>>,
    roles: Roles,
    /// The list of groups may name a community that has been forgotten.
    has_forgotten: bool,
    /// See [`Self::list_says_places`].
    list_says_places: bool,
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
    pub fn group(&self, id: &GroupId) -> Option<GroupRef<'_>> {
        self.groups.as_ref()?.groups.find_same(id.as_str())
    }

    /// The slot of a group that a reading shows.
    pub fn slot(&self, group: &GroupId) -> Option<Slot> {
        self.slots.find(group.as_str())
    }

    /// The group in a slot.
    pub fn entry(&self, slot: Slot) -> Option<Entry<'_>> {
        self.slots.get(slot)
    }

    /// The community that a group is in, according to all readings.
    pub fn parent_of(&self, group: &GroupId) -> Option<&CommunityId> {
        self.parent_at(self.slot(group)?)
    }

    /// The community that the group in a slot is in, according to all readings.
    pub fn parent_at(&self, slot: Slot) -> Option<&CommunityId> {
        if !self.index.has_parent(slot) {
            return None;
        }
        match self.index.parent(slot) {
            Some(at) => self.communities.get(at).map(|community| &community.id),
            None => match self.groups.as_ref()?.groups.get(slot.index())?.parent() {
                Parent::Community(forgotten) => Some(forgotten),
                Parent::Unknown | Parent::None => None,
            },
        }
    }

    /// The position of the community that the group in a slot is in, among [`Self::communities`]; `None` also if that community is
    /// not known.
    pub fn parent_place_at(&self, slot: Slot) -> Option<usize> {
        self.index.parent(slot)
    }

    /// The position of a community among [`Self::communities`].
    pub fn place_of(&self, community: &CommunityId) -> Option<usize> {
        self.index.community(community.as_str())
    }

    /// The number of slots.
    pub fn slot_count(&self) -> usize {
        self.slots.len()
    }

    /// The slots of the groups that the list of groups does not show.
    pub fn unlisted_slots(&self) -> impl Iterator<Item = Slot> {
        (self.slots.listed()..self.slots.len()).map(Slot::at)
    }

    /// Gives a group a slot although no reading may show it.
    pub fn keep(&mut self, group: &GroupId, name: &Name) {
        if self.slot(group).is_none() {
            self.slots.find_or_add(&Subgroup { id: group.clone(), name: name.clone() });
            self.index_new_slots();
        }
    }

    /// Whether the group in a slot is itself a community.
    pub fn is_community_at(&self, slot: Slot) -> bool {
        self.index.is_community(slot)
    }

    /// Whether the group in a slot is a community's announcement group.
    pub fn is_announcements_at(&self, slot: Slot) -> bool {
        let list = self.groups.as_ref();
        let listed = list.and_then(|list| list.groups.get(slot.index())).map(GroupRef::kind);
        self.index.is_announcements(slot) || listed == Some(GroupKind::Announcements)
    }

    /// Whether a group is a community's announcement group.
    pub fn is_announcements(&self, group: &GroupId) -> bool {
        self.slot(group).is_some_and(|slot| self.is_announcements_at(slot))
    }

    /// The community that a group itself is, if it is one.
    pub fn as_community(&self, group: &GroupId) -> Option<&Community> {
        self.communities.get(self.index.community(group.as_str())?)
    }

    /// Whether a reading showed that a group is ordinary: a field of the list, a community's listing, or a probe.
    pub fn is_known_ordinary(&self, group: &GroupId) -> bool {
        self.ordinary.contains(group.bare())
            || self.slot(group).is_some_and(|slot| self.is_known_ordinary_at(slot))
    }

    /// The same for the group in a slot.
    pub fn is_known_ordinary_at(&self, slot: Slot) -> bool {
        let list = self.groups.as_ref();
        let was_probed = || {
            !self.ordinary.is_empty()
                && self.entry(slot).is_some_and(|group| self.ordinary.contains(bare(group.id())))
        };
        self.index.has_parent(slot)
            || list.and_then(|list| list.groups.get(slot.index())).is_some_and(|group| {
                group.kind() == GroupKind::Ordinary || matches!(group.parent(), Parent::Community(_))
            })
            || was_probed()
    }

    /// Whether a listed group belongs in a list of groups that people act on: it is neither a community nor an announcements
    /// group, and the number has not left it.
    pub fn is_ordinary_row(&self, group: GroupRef<'_>) -> bool {
        let slot = Slot::at(group.place());
        !matches!(group.kind(), GroupKind::Community | GroupKind::Announcements)
            && (self.left.is_empty() || !self.left.contains(bare(group.id())))
            && !self.index.is_announcements(slot)
            && !self.index.is_community(slot)
    }

    /// Whether any reading says that the group in a slot is in a community.
    pub fn has_parent_at(&self, slot: Slot) -> bool {
        self.index.has_parent(slot)
    }

    /// The new slots of the groups since the last call, if any group got another one. All earlier slots are then invalid.
    pub fn take_moves(&mut self) -> Option<Moves> {
        self.moves.take()
    }

    /// Changes whenever a list with other groups is taken, or a listed group becomes, or stops being, ordinary or part of a
    /// community.
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
        if let Some(name) = community.name.filter(|name| is_told(name.by_ref())) {
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
        self.forget_role(group);
        self.index.rows_revision += 1;
    }

    /// Takes a newer list of groups and marks it as incomplete if too much vanished from it. Records the communities that it
    /// shows.
    pub fn take_groups(&mut self, list: Arc<GroupList>) {
        if !self.is_newer(&list) {
            return;
        }
        if self.hold_list(list) {
            self.index_later_list();
        } else {
            self.reindex();
        }
        self.name_by_entries();
    }

    /// Whether a list of groups is at least as new as the present one.
    fn is_newer(&self, list: &GroupList) -> bool {
        self.groups.as_ref().is_none_or(|held| held.begun <= list.begun)
    }

    /// Replaces the list of groups, except in the indexes. Returns whether it shows the same groups as before.
    fn hold_list(&mut self, list: Arc<GroupList>) -> bool {
        let list = self.weighed_list(list);
        self.groups_failure = None;
        if !self.left.is_empty() {
            self.left.clear();
            self.index.rows_revision += 1;
        }
        let held = self.groups.as_ref().filter(|_| !self.has_forgotten);
        let are_same = held.is_some_and(|held| held.groups.is_same(&list.groups));
        self.has_forgotten = false;
        for group in list.groups.iter().filter(|group| group.kind() == GroupKind::Community) {
            let id = CommunityId::from(&group.to_id());
            self.learn_quietly(CommunityRef { id, name: Some(group.name().to_name()) });
        }
        for parent in list.groups.communities() {
            self.place(parent, KnownFrom::Listing);
        }
        self.renumber(list.groups.clone());
        self.list_says_places = list.says_places();
        self.groups = Some(list);
        self.replace_roles();
        are_same
    }

    /// Gives communities the names of their own entries in the list of groups. These are more reliable than the names of their
    /// announcement groups.
    fn name_by_entries(&mut self) {
        let Some(list) = &self.groups else { return };
        for (at, community) in self.communities.iter_mut().enumerate() {
            let entry = self.index.entry(at).and_then(|entry| list.groups.get(entry));
            if let Some(name) = entry.map(GroupRef::name).filter(|name| is_told(*name))
                && community.name.as_ref().map(Name::by_ref) != Some(name)
            {
                community.name = Some(name.to_name());
            }
        }
    }

    /// Gives the groups the slots of a newer list. Everything that refers to a slot follows.
    fn renumber(&mut self, groups: Groups) {
        let mut is_used = vec![false; self.slots.len()];
        for known in &self.communities {
            let listed = known.listing.iter().flat_map(|listing| listing.slots());
            listed.chain(known.witnesses.slots()).for_each(|slot| is_used[slot.index()] = true);
        }
        let Some(moves) = self.slots.take(groups, |slot| is_used[slot.index()]) else { return };
        for known in &mut self.communities {
            let after = known.listing.as_ref().map(|listing| Arc::new(listing.moved(&moves)));
            known.witnesses.follow(&moves, known.listing.as_ref().zip(after.as_ref()));
            known.listing = after;
        }
        let since = self.moves.take();
        self.moves = Some(match since {
            Some(since) => since.into_iter().map(|slot| moves[slot?.index()]).collect(),
            None => moves,
        });
    }

    /// Records that the list of groups could not be read.
    pub fn take_groups_failure(&mut self, failure: Failure) {
        self.groups_failure = Some(failure);
    }

    /// Takes a newer listing of a community and marks it as incomplete if too much vanished from it.
    pub fn take_listing(&mut self, listing: &CommunityListing) {
        let at =
            self.learn_quietly(CommunityRef { id: listing.community.clone(), name: listing.name.clone() });
        let held = &self.communities[at].listing;
        if held.as_ref().is_some_and(|held| held.begun > listing.begun) {
            return;
        }
        let announced = listing.announcements.as_ref().map(|announcements| announcements.name.by_ref());
        let listing = Arc::new(Listing::of(listing, &mut self.slots));
        self.index_new_slots();
        let listing = self.weighed_listing(at, listing);
        let known = &mut self.communities[at];
        if known.name.is_none() {
            let entry = self.index.entry(at).and_then(|entry| self.groups.as_ref()?.groups.get(entry));
            let entry = entry.map(GroupRef::name).filter(|name| is_told(*name));
            known.name = entry.or(announced.filter(|name| is_told(*name))).map(NameRef::to_name);
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
        if let Some(name) = community.name.filter(|name| is_told(name.by_ref())) {
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
}
