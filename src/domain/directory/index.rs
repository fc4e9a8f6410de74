//! The indexes of a directory: which community an id names, the position of a group, and the community it is in.
//!
//! A listing updates only the groups that it names.

use hashbrown::HashMap;

use super::{Directory, Listing, Slot};
use crate::domain::{
    community::{GroupKind, Parent, Role},
    id::bare,
    time::Millis,
};

/// Stands for no community.
const NONE: u32 = u32::MAX;

/// Stands for a community that the list of groups names and that was forgotten.
const FORGOTTEN: u32 = u32::MAX - 1;

/// The indexes over all readings.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// See [`Directory::rows_revision`].
    pub(super) rows_revision: u64,
    /// See [`Directory::listings_revision`].
    pub(super) listings_revision: u64,
    /// The position of a community, by its id without the suffix.
    communities: HashMap<Box<str>, u32>,
    /// Per community: its own entry in the list of groups.
    entries: Vec<u32>,
    /// Per community: the groups that are in it according to the list of groups.
    named: Vec<Vec<u32>>,
    /// Per community: its announcement group according to the list of groups.
    announced: Vec<u32>,
    /// Per community: when the read of its listing began.
    begun: Vec<Option<Millis>>,
    /// Per community that the list of groups names: its position.
    parents: Vec<u32>,
    /// The facts about each group, by slot.
    groups: Vec<Facts>,
    /// The other communities whose listings show a group; during a move there may be two for a while.
    also: HashMap<u32, Vec<u32>>,
}

/// The facts about one group.
#[derive(Clone, Copy, Debug)]
struct Facts {
    /// A community whose listing shows it.
    holder: u32,
    /// The community that it is in, all facts considered.
    parent: u32,
    is_announcements: bool,
    is_community: bool,
    /// The number's role in it, if its details gave one that no newer list of groups says.
    role: Role,
}

impl Facts {
    const EMPTY: Self = Self {
        holder: NONE,
        parent: NONE,
        is_announcements: false,
        is_community: false,
        role: Role::Unknown,
    };
}

fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

fn some(at: u32) -> Option<usize> {
    (at < FORGOTTEN).then_some(at as usize)
}

impl Index {
    /// The position of the community with an id, whatever its suffix.
    pub(super) fn community(&self, id: &str) -> Option<usize> {
        self.communities.get(bare(id)).and_then(|at| some(*at))
    }

    /// The position of a community's own entry in the list of groups.
    pub(super) fn entry(&self, community: usize) -> Option<usize> {
        self.entries.get(community).and_then(|at| some(*at))
    }

    /// Whether the list of groups shows any group of a community.
    pub(super) fn is_named(&self, community: usize) -> bool {
        self.named.get(community).is_some_and(|named| !named.is_empty())
            || self.announced(community).is_some()
    }

    /// The groups that are in a community according to the list of groups, and according to all facts.
    pub(super) fn named(&self, community: usize) -> impl Iterator<Item = Slot> {
        let named = self.named.get(community).into_iter().flatten();
        let slots = named.map(|slot| Slot::at(*slot as usize));
        slots.filter(move |slot| self.parent(*slot) == Some(community))
    }

    /// The announcement group of a community according to the list of groups.
    pub(super) fn announced(&self, community: usize) -> Option<Slot> {
        self.announced.get(community).and_then(|slot| some(*slot)).map(Slot::at)
    }

    /// The position of the community that contains the group in a slot.
    pub(super) fn parent(&self, slot: Slot) -> Option<usize> {
        some(self.groups.get(slot.index())?.parent)
    }

    /// Whether the group in a slot is in a community, known or not.
    pub(super) fn has_parent(&self, slot: Slot) -> bool {
        self.groups.get(slot.index()).is_some_and(|group| group.parent != NONE)
    }

    /// Whether a listing shows the group in a slot as its announcement group.
    pub(super) fn is_announcements(&self, slot: Slot) -> bool {
        self.groups.get(slot.index()).is_some_and(|group| group.is_announcements)
    }

    /// Whether the group in a slot is itself a community.
    pub(super) fn is_community(&self, slot: Slot) -> bool {
        self.groups.get(slot.index()).is_some_and(|group| group.is_community)
    }

    /// See [`Facts::role`].
    pub(super) fn role(&self, slot: Slot) -> Role {
        self.groups.get(slot.index()).map_or(Role::Unknown, |group| group.role)
    }

    pub(super) fn set_role(&mut self, slot: Slot, role: Role) {
        if let Some(group) = self.groups.get_mut(slot.index()) {
            group.role = role;
        }
    }

    fn hold(&mut self, slot: u32, community: u32) {
        let holder = &mut self.groups[slot as usize].holder;
        if *holder == NONE {
            *holder = community;
        } else if *holder != community {
            let also = self.also.entry(slot).or_default();
            if !also.contains(&community) {
                also.push(community);
            }
        }
    }

    fn release(&mut self, slot: u32, community: u32) {
        let holder = &mut self.groups[slot as usize].holder;
        let also = self.also.get_mut(&slot);
        if *holder == community {
            *holder = also.and_then(Vec::pop).unwrap_or(NONE);
        } else if let Some(also) = also {
            also.retain(|other| *other != community);
        }
        if self.also.get(&slot).is_some_and(Vec::is_empty) {
            self.also.remove(&slot);
        }
    }

    fn holders(&self, slot: u32) -> impl Iterator<Item = u32> {
        let also = if self.also.is_empty() { None } else { self.also.get(&slot) };
        let also = also.into_iter().flatten().copied();
        std::iter::once(self.groups[slot as usize].holder).filter(|holder| *holder != NONE).chain(also)
    }
}

impl Directory {
    /// Lets the indexes have all slots, whatever they say about them until they are built again.
    pub(super) fn make_room(&mut self) {
        self.index.groups.resize(self.slots.len(), Facts::EMPTY);
    }

    /// Adds the groups that got slots since the indexes were updated.
    pub(super) fn index_new_slots(&mut self) {
        for at in self.index.groups.len()..self.slots.len() {
            let id = self.slots.get(Slot::at(at)).map_or("", |group| group.id());
            let is_community = self.index.communities.contains_key(bare(id));
            let role = self.roles.of(id);
            self.index.groups.push(Facts { is_community, role, ..Facts::EMPTY });
        }
    }

    /// Updates the indexes for a community that became known.
    pub(super) fn index_community(&mut self, at: usize) {
        let Some(community) = self.communities.get(at) else { return };
        self.index.communities.insert(community.id.bare().into(), small(at));
        self.index.entries.resize(at + 1, NONE);
        self.index.named.resize(at + 1, Vec::new());
        self.index.announced.resize(at + 1, NONE);
        self.index.begun.resize(at + 1, None);
        let Some(slot) = self.slots.find(community.id.as_str()) else { return };
        self.index.groups[slot.index()].is_community = true;
        if self.groups.is_some() && slot.index() < self.slots.listed() {
            self.index.entries[at] = small(slot.index());
            self.index.rows_revision += 1;
        }
    }

    /// Rebuilds all indexes from the readings.
    pub(super) fn reindex(&mut self) {
        let Index { rows_revision, listings_revision, mut named, .. } = std::mem::take(&mut self.index);
        named.iter_mut().for_each(Vec::clear);
        named.resize(self.communities.len(), Vec::new());
        self.index = Index {
            rows_revision: rows_revision + 1,
            listings_revision: listings_revision + 1,
            named,
            announced: vec![NONE; self.communities.len()],
            begun: vec![None; self.communities.len()],
            ..Index::default()
        };
        for (at, community) in self.communities.iter().enumerate() {
            self.index.communities.insert(community.id.bare().into(), small(at));
        }
        self.index.entries = vec![NONE; self.communities.len()];
        self.index.groups = vec![Facts::EMPTY; self.slots.len()];
        for known in self.roles_since(Millis(i64::MIN)) {
            if let Some(slot) = self.slot(&known.group) {
                self.index.set_role(slot, known.role);
            }
        }
        self.index_list();
        for at in 0..self.communities.len() {
            self.hold_listed(at);
        }
        self.update_parents(0..small(self.slots.len()));
    }

    fn index_list(&mut self) {
        let ids = self.communities.iter().map(|community| community.id.as_str());
        for (at, place) in self.slots.places_of(ids).into_iter().enumerate() {
            let Some(place) = place else { continue };
            self.index.groups[place].is_community = true;
            if place < self.slots.listed() && self.groups.is_some() {
                self.index.entries[at] = small(place);
            }
        }
        let Some(list) = &self.groups else { return };
        let index = &mut self.index;
        index.parents = list
            .groups
            .communities()
            .iter()
            .map(|id| index.community(id.as_str()).map_or(FORGOTTEN, small))
            .collect();
        for group in list.groups.iter() {
            let number = list.groups.parent_number(group.place());
            let Some(parent) = number.and_then(|number| some(index.parents[number])) else { continue };
            if group.kind() == GroupKind::Announcements {
                index.announced[parent] = small(group.place());
            } else {
                index.named[parent].push(small(group.place()));
            }
        }
    }

    /// Records the groups in the listing of a community and returns their slots.
    fn hold_listed(&mut self, at: usize) -> Vec<u32> {
        let Some(listing) = self.communities.get(at).and_then(|community| community.listing.clone()) else {
            return Vec::new();
        };
        self.index.begun[at] = Some(listing.begun);
        if let Some(announcements) = listing.announcements {
            self.index.groups[announcements.index()].is_announcements = true;
        }
        let shown = listing.subgroups.iter().map(|slot| small(slot.index()));
        shown.clone().for_each(|slot| self.index.hold(slot, small(at)));
        shown.collect()
    }

    /// Replaces the previous listing of a community with a newer one.
    pub(super) fn relist(&mut self, at: usize, before: Option<&Listing>) {
        self.index.listings_revision += 1;
        let announced = |listing: &Listing| listing.announcements;
        let now = self.communities.get(at).and_then(|community| community.listing.as_deref());
        let (was, is) = (before.and_then(announced), now.and_then(announced));
        if was.is_some() && was != is {
            // Only all listings together show whether another community has the previous group as its announcement group.
            self.reindex();
            return;
        }
        let mut touched = Vec::new();
        for slot in before.iter().flat_map(|listing| &listing.subgroups) {
            self.index.release(small(slot.index()), small(at));
            touched.push(small(slot.index()));
        }
        let list = self.groups.as_ref();
        let newly = is.filter(|_| was.is_none()).and_then(|is| list?.groups.get(is.index()));
        if newly.is_some_and(|group| group.kind() != GroupKind::Announcements) {
            self.index.rows_revision += 1;
        }
        touched.extend(self.hold_listed(at));
        // The list of groups counts for this community only while it is newer than the listing.
        touched.extend_from_slice(&self.index.named[at]);
        touched.sort_unstable();
        touched.dedup();
        self.update_parents(touched.into_iter());
    }

    /// Works out again which communities these groups are in.
    fn update_parents(&mut self, slots: impl Iterator<Item = u32>) {
        let listed = self.groups.as_ref().map_or(0, |list| list.groups.len());
        for slot in slots {
            let parent = self.parent_now(slot);
            let known = &mut self.index.groups[slot as usize].parent;
            let turned = (*known == NONE) != (parent == NONE) && (slot as usize) < listed;
            *known = parent;
            self.index.rows_revision += u64::from(turned);
        }
    }

    /// Brings the indexes up to date when the same groups were listed again.
    pub(super) fn index_later_list(&mut self) {
        self.update_parents(0..small(self.slots.len()));
    }

    /// The community that a group is in: that of the newest listing that shows it, unless a newer list of groups says that it is
    /// in none or in another one; otherwise the one in the list of groups, unless that community's own listing is newer.
    fn parent_now(&self, slot: u32) -> u32 {
        let list = self.groups.as_ref();
        let entry = list.and_then(|list| list.groups.get(slot as usize));
        let begun = |community: u32| self.index.begun.get(community as usize).copied().flatten();
        let is_newer =
            |community: u32| list.zip(begun(community)).is_some_and(|(list, begun)| list.begun > begun);
        let is_in_none = entry.is_some_and(|entry| entry.parent() == Parent::None);
        let placed = entry.filter(|entry| entry.kind() != GroupKind::Announcements);
        let number = placed.zip(list).and_then(|(entry, list)| list.groups.parent_number(entry.place()));
        let named = number.map(|number| self.index.parents.get(number).copied().unwrap_or(FORGOTTEN));
        let is_denied = |holder: u32| is_in_none || named.is_some_and(|named| named != holder);
        let holder = self.index.groups[slot as usize].holder;
        if holder != NONE && !is_denied(holder) && self.index.also.is_empty() {
            return holder;
        }
        let held =
            self.index.holders(slot).filter(|community| !(is_denied(*community) && is_newer(*community)));
        if let Some(holder) = held.max_by_key(|community| (begun(*community), *community)) {
            return holder;
        }
        let Some(named) = named else { return NONE };
        if named == FORGOTTEN {
            return FORGOTTEN;
        }
        if begun(named).is_none() || is_newer(named) { named } else { NONE }
    }
}
