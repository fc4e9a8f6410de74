//! The groups of a list, indexed by id and by name order. Both indexes are built once, when the list is read, so that displaying
//! a hundred thousand groups needs neither sorting nor searching.

use std::{fmt, hash::BuildHasher, ops::Deref};

use hashbrown::{DefaultHashBuilder, HashSet, HashTable, hash_table::Entry};

use super::Group;
use crate::domain::{
    id::{GroupId, bare},
    name::fold::{sort_key, sort_key_into},
};

/// The groups of a list, each once, in the gateway's order. If an answer repeats a group, the first entry counts.
#[derive(Clone, Default)]
pub struct Groups {
    rows: Vec<Group>,
    /// Positions by ids without their suffixes, so that two forms of one id are equal.
    places: HashTable<u32>,
    hashes: DefaultHashBuilder,
    by_name: Vec<u32>,
    /// By position: the number of the name among all names; equal names have the same number.
    names: Vec<u32>,
}

impl Groups {
    /// The position of the group with an id.
    pub fn place_of(&self, id: &GroupId) -> Option<usize> {
        self.place_of_text(id.as_str())
    }

    /// The group with exactly this id.
    pub fn find(&self, id: &str) -> Option<&Group> {
        self.rows.get(self.place_of_text(id)?)
    }

    /// Whether a group is among them, whatever suffix its id has.
    pub fn has(&self, id: &GroupId) -> bool {
        self.find_same(id).is_some()
    }

    /// The group with an id, whatever suffix either has.
    pub fn find_same(&self, id: &GroupId) -> Option<&Group> {
        let is_it = |place: &u32| self.rows[*place as usize].id.same_as(id);
        let place = self.places.find(self.hashes.hash_one(id.bare()), is_it)?;
        self.rows.get(*place as usize)
    }

    /// The positions of all groups by name, ignoring case and accents, 2 before 10; equal names in the gateway's order.
    pub fn by_name(&self) -> &[u32] {
        &self.by_name
    }

    /// The number of the name at a position: equal names, and only those, have the same number.
    pub fn name_number(&self, place: usize) -> Option<u32> {
        self.names.get(place).copied()
    }

    /// The number of a displayed name, if a group has it.
    pub fn number_of_name(&self, name: &str) -> Option<u32> {
        let shown = |place: u32| self.rows[place as usize].name.shown();
        let wanted = (sort_key(name), name);
        let at = self.by_name.partition_point(|place| {
            (sort_key(shown(*place)).as_str(), shown(*place)) < (wanted.0.as_str(), name)
        });
        let place = *self.by_name.get(at)?;
        if shown(place) == name { self.name_number(place as usize) } else { None }
    }

    fn place_of_text(&self, id: &str) -> Option<usize> {
        let hash = self.hashes.hash_one(bare(id));
        let place = self.places.find(hash, |place| self.rows[*place as usize].id.as_str() == id)?;
        Some(*place as usize)
    }

    fn find_places(&mut self) {
        let hash = |place: &u32| self.hashes.hash_one(self.rows[*place as usize].id.bare());
        self.places.reserve(self.rows.len(), hash);
        let mut repeats = HashSet::new();
        for (place, group) in (0_u32..).zip(&self.rows) {
            let is_it = |known: &u32| self.rows[*known as usize].id == group.id;
            match self.places.entry(hash(&place), is_it, hash) {
                Entry::Vacant(free) => _ = free.insert(place),
                Entry::Occupied(_) => _ = repeats.insert(place),
            }
        }
        if repeats.is_empty() {
            return;
        }
        let mut places = 0_u32..;
        self.rows.retain(|_| places.next().is_none_or(|place| !repeats.contains(&place)));
        self.places.clear();
        self.find_places();
    }

    fn sort_names(&mut self) {
        let mut text = String::new();
        let mut folded = (String::new(), String::new());
        let mut keys = Vec::with_capacity(self.rows.len());
        for (place, group) in (0_u32..).zip(&self.rows) {
            let start = text.len();
            sort_key_into(group.name.shown(), &mut folded, &mut text);
            keys.push((beginning(&text[start..]), start, text.len(), place));
        }
        let shown = |place: u32| self.rows[place as usize].name.shown();
        keys.sort_unstable_by(|one, other| {
            one.0
                .cmp(&other.0)
                .then_with(|| text[one.1..one.2].cmp(&text[other.1..other.2]))
                .then_with(|| shown(one.3).cmp(shown(other.3)))
                .then_with(|| one.3.cmp(&other.3))
        });
        self.names = vec![0; self.rows.len()];
        let (mut number, mut before) = (0, None);
        for (.., place) in &keys {
            let name = shown(*place);
            number += u32::from(before.is_some_and(|before| before != name));
            before = Some(name);
            self.names[*place as usize] = number;
        }
        self.by_name = keys.into_iter().map(|(.., place)| place).collect();
    }
}

/// The first bytes of a text as a number that sorts like the text.
fn beginning(text: &str) -> u128 {
    let mut bytes = [0; 16];
    let length = text.len().min(16);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    u128::from_be_bytes(bytes)
}

impl From<Vec<Group>> for Groups {
    fn from(rows: Vec<Group>) -> Self {
        let mut groups = Self { rows, ..Self::default() };
        groups.find_places();
        groups.sort_names();
        groups
    }
}

impl FromIterator<Group> for Groups {
    fn from_iter<T: IntoIterator<Item = Group>>(groups: T) -> Self {
        Self::from(groups.into_iter().collect::<Vec<_>>())
    }
}

impl Deref for Groups {
    type Target = [Group];

    fn deref(&self) -> &[Group] {
        &self.rows
    }
}

impl<'a> IntoIterator for &'a Groups {
    type Item = &'a Group;
    type IntoIter = std::slice::Iter<'a, Group>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

impl PartialEq for Groups {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}

impl Eq for Groups {}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.fmt(f)
    }
}
