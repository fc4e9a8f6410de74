//! A number for each group of an instance, by which everything else refers to it: its place in the list of groups, and after
//! these places the groups that only listings show.

use hashbrown::HashMap;

use crate::domain::{
    community::{GroupRef, Groups, Subgroup},
    id::{GroupId, bare},
    name::NameRef,
};

/// The number of a group in its directory, until a list of groups with other groups is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u32);

impl Slot {
    /// The slot of the group at a place in the list of groups.
    pub fn at(place: usize) -> Self {
        Self(u32::try_from(place).unwrap_or(u32::MAX))
    }

    /// The slot as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A group of a directory.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'a> {
    /// The list of groups shows it.
    Listed(GroupRef<'a>),
    /// Only listings show it.
    Unlisted(&'a Subgroup),
}

impl<'a> Entry<'a> {
    /// Its id as the gateway gave it.
    pub fn id(self) -> &'a str {
        match self {
            Self::Listed(group) => group.id(),
            Self::Unlisted(group) => group.id.as_str(),
        }
    }

    /// Its id as an own value, to be kept.
    pub fn to_id(self) -> GroupId {
        match self {
            Self::Listed(group) => group.to_id(),
            Self::Unlisted(group) => group.id.clone(),
        }
    }

    /// Its name.
    pub fn name(self) -> NameRef<'a> {
        match self {
            Self::Listed(group) => group.name(),
            Self::Unlisted(group) => group.name.by_ref(),
        }
    }

    /// Its entry in the list of groups.
    pub fn listed(self) -> Option<GroupRef<'a>> {
        match self {
            Self::Listed(group) => Some(group),
            Self::Unlisted(_) => None,
        }
    }
}

/// The groups by their slots.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    list: Groups,
    unlisted: Vec<Subgroup>,
    /// Where the unlisted groups are, by their ids without suffixes.
    at: HashMap<Box<str>, u32>,
}

/// The new slot of each old one, if the group still has one.
pub type Moves = Vec<Option<Slot>>;

impl Slots {
    /// The number of slots.
    pub(super) fn len(&self) -> usize {
        self.list.len() + self.unlisted.len()
    }

    /// The number of slots of the list of groups; all others come after them.
    pub(super) fn listed(&self) -> usize {
        self.list.len()
    }

    /// The slot of the group with an id, whatever suffix either has.
    pub(super) fn find(&self, id: &str) -> Option<Slot> {
        if let Some(group) = self.list.find_same(id) {
            return Some(Slot::at(group.place()));
        }
        self.at.get(bare(id)).map(|at| Slot::at(self.list.len() + *at as usize))
    }

    /// The indexes of the slots of the groups with these ids.
    pub(super) fn places_of<'a>(&self, ids: impl Iterator<Item = &'a str> + Clone) -> Vec<Option<usize>> {
        let mut places = self.list.places_of(ids.clone());
        for (place, id) in places.iter_mut().zip(ids).filter(|(place, _)| place.is_none()) {
            *place = self.at.get(bare(id)).map(|at| self.list.len() + *at as usize);
        }
        places
    }

    /// The group in a slot.
    pub(super) fn get(&self, slot: Slot) -> Option<Entry<'_>> {
        let unlisted = || self.unlisted.get(slot.index().checked_sub(self.list.len())?).map(Entry::Unlisted);
        self.list.get(slot.index()).map(Entry::Listed).or_else(unlisted)
    }

    /// The slot of a group that a listing shows. A newer name counts.
    pub(super) fn find_or_add(&mut self, group: &Subgroup) -> Slot {
        let Some(slot) = self.find(group.id.as_str()) else {
            let at = u32::try_from(self.unlisted.len()).unwrap_or(u32::MAX);
            self.at.insert(group.id.bare().into(), at);
            self.unlisted.push(group.clone());
            return Slot::at(self.len() - 1);
        };
        let unlisted = slot.index().checked_sub(self.list.len());
        if let Some(known) = unlisted.and_then(|at| self.unlisted.get_mut(at))
            && known.name != group.name
        {
            known.name = group.name.clone();
        }
        slot
    }

    /// Replaces the list. Groups that it lacks keep a slot only if something refers to them. Returns the moves, unless all groups
    /// stay in their slots.
    pub(super) fn take(&mut self, list: Groups, is_needed: impl Fn(Slot) -> bool) -> Option<Moves> {
        if self.list.have_same_places(&list) {
            self.list = list;
            return None;
        }
        let before = std::mem::replace(self, Self { list, ..Self::default() });
        let places = before.list.places_in(&self.list);
        let mut moves: Moves =
            places.into_iter().map(|place| place.map(|at| Slot::at(at as usize))).collect();
        moves.resize(before.len(), None);
        for slot in (0..before.len()).map(Slot::at).filter(|slot| is_needed(*slot)) {
            if moves[slot.index()].is_none()
                && let Some(entry) = before.get(slot)
            {
                let group = Subgroup { id: entry.to_id(), name: entry.name().to_name() };
                moves[slot.index()] = Some(self.find_or_add(&group));
            }
        }
        Some(moves)
    }
}
