//! The groups of a list as columns: one buffer of names, one of ids, and a plain vector per field. A group is its place, and the
//! places are in the order of the names, so that displaying a hundred thousand groups needs neither sorting nor searching, and a
//! list takes a hundred bytes per group. The columns are made once, off the main loop, and never change.

use std::{
    cmp::Ordering,
    collections::HashMap,
    fmt,
    hash::{BuildHasher, Hash, Hasher},
    sync::{Arc, OnceLock},
};

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize, Serializer};

use super::{Group, GroupKind, Parent, Role};
use crate::domain::{
    id::{CommunityId, GroupId, bare, is_id},
    name::{
        NameRef, cleaned,
        fold::{sort_key, sort_key_into},
        folded_names::FoldedNames,
    },
    texts::Texts,
};

/// The groups of a list, each once, in the order of their names: ignoring case and accents, 2 before 10. If an answer repeats a
/// group, the first entry counts.
#[derive(Clone, Default, Deserialize)]
#[serde(try_from = "Columns")]
pub struct Groups(Arc<Table>);

#[derive(Default)]
struct Table {
    columns: Columns,
    cleaned: CleanedNames,
    /// The place of each group by its rank.
    places: Vec<u32>,
    by_hash: OnceLock<Arc<ByHash>>,
    folded: OnceLock<Arc<FoldedNames>>,
}

/// The ranks by the ids without suffixes.
#[derive(Default)]
struct ByHash {
    ranks: HashTable<u32>,
    hashes: DefaultHashBuilder,
}

impl ByHash {
    fn of(ids: &Texts) -> Arc<Self> {
        let mut all =
            Self { ranks: HashTable::with_capacity(ids.len()), hashes: DefaultHashBuilder::default() };
        let hash = |rank: &u32| all.hashes.hash_one(bare(ids.get(*rank as usize)));
        for rank in 0..small(ids.len()) {
            all.ranks.insert_unique(hash(&rank), rank, hash);
        }
        Arc::new(all)
    }
}

/// The columns that are stored. All are in the order of the names, except the ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Columns {
    /// The names as the gateway gave them.
    names: Texts,
    /// The numbers of members plus one; 0 if unknown.
    members: Vec<u32>,
    roles: Vec<Role>,
    kinds: Vec<GroupKind>,
    /// The communities that the groups are in: a number of `communities` plus two, or one of the two below.
    parents: Vec<u32>,
    communities: Vec<CommunityId>,
    /// The ids in their own order: first by the ids without suffixes. A group's rank is the position of its id.
    ids: Texts,
    ranks: Vec<u32>,
}

/// The list does not say which community a group is in.
const UNKNOWN: u32 = 0;
/// The list says that a group is in no community.
const IN_NONE: u32 = 1;

/// A group of a list.
#[derive(Clone, Copy)]
pub struct GroupRef<'a> {
    groups: &'a Groups,
    place: usize,
}

impl<'a> GroupRef<'a> {
    /// Its position in the list.
    pub fn place(self) -> usize {
        self.place
    }

    /// Its id as the gateway gave it.
    pub fn id(self) -> &'a str {
        self.groups.id(self.place)
    }

    /// Its id as an own value, to be kept.
    pub fn to_id(self) -> GroupId {
        GroupId::of_checked(self.id())
    }

    /// Its name.
    pub fn name(self) -> NameRef<'a> {
        let Table { columns, cleaned, .. } = &*self.groups.0;
        let exact = columns.names.get(self.place);
        NameRef::of_cleaned(exact, cleaned.get(small(self.place)).unwrap_or(exact))
    }

    /// Its number of members, if the list gives it.
    pub fn members(self) -> Option<u32> {
        self.groups.0.columns.members[self.place].checked_sub(1)
    }

    /// The number's role in it, if the list gives it.
    pub fn role(self) -> Role {
        self.groups.0.columns.roles[self.place]
    }

    /// The community that it belongs to, if the list gives it.
    pub fn parent(self) -> Parent<&'a CommunityId> {
        match self.groups.0.columns.parents[self.place] {
            UNKNOWN => Parent::Unknown,
            IN_NONE => Parent::None,
            number => Parent::Community(&self.groups.0.columns.communities[number as usize - 2]),
        }
    }

    /// All its fields as an own value, to be kept.
    pub fn to_group(self) -> Group {
        let parent = match self.parent() {
            Parent::Unknown => Parent::Unknown,
            Parent::None => Parent::None,
            Parent::Community(id) => Parent::Community(id.clone()),
        };
        let (id, name) = (self.to_id(), self.name().to_name());
        Group { id, name, members: self.members(), role: self.role(), parent, kind: self.kind() }
    }

    /// Its kind, if the list gives it.
    pub fn kind(self) -> GroupKind {
        self.groups.0.columns.kinds[self.place]
    }
}

impl Groups {
    fn of(columns: Columns, places: Vec<u32>, cleaned: CleanedNames) -> Self {
        Self(Arc::new(Table { columns, cleaned, places, ..Table::default() }))
    }

    /// Whether both are the same columns in memory.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The place of each of these groups among newer ones, if it is among them.
    pub fn places_in(&self, newer: &Self) -> Vec<Option<u32>> {
        let (old, new) = (&self.0.columns, &newer.0.columns);
        if old.ids == new.ids {
            return old.ranks.iter().map(|rank| Some(newer.0.places[*rank as usize])).collect();
        }
        let mut places = vec![None; self.len()];
        let mut others = newer.by_id().peekable();
        for (id, place) in self.by_id() {
            // Most groups are among both.
            let mut same = others.next_if(|(other, _)| *other == id);
            if same.is_none() {
                while others.next_if(|(other, _)| by_id(other, id) == Ordering::Less).is_some() {}
                same = others.next_if(|(other, _)| *other == id);
            }
            places[place] = same.map(|(_, there)| small(there));
        }
        places
    }

    /// Whether both are the same groups.
    pub fn has_same_ids(&self, other: &Self) -> bool {
        self.is_same(other) || self.0.columns.ids == other.0.columns.ids
    }

    /// The places of the groups with these ids, whatever suffix either has. Faster than one look-up per id, which needs a hash table.
    pub fn places_of<'a>(&self, ids: impl Iterator<Item = &'a str>) -> Vec<Option<usize>> {
        if self.0.by_hash.get().is_some() {
            return ids.map(|id| self.find_same(id).map(GroupRef::place)).collect();
        }
        let mut wanted: Vec<(&str, usize)> = ids.zip(0..).collect();
        wanted.sort_unstable_by_key(|(id, _)| bare(id));
        let mut found = vec![None; wanted.len()];
        let mut known = self.by_id().peekable();
        for (id, at) in wanted {
            while known.next_if(|(known, _)| bare(known) < bare(id)).is_some() {}
            found[at] = known.peek().filter(|(known, _)| bare(known) == bare(id)).map(|(_, place)| *place);
        }
        found
    }

    /// Whether both have the same ids, in the same places.
    pub fn have_same_places(&self, other: &Self) -> bool {
        self.is_same(other)
            || self.0.columns.ranks == other.0.columns.ranks && self.0.columns.ids == other.0.columns.ids
    }

    /// Hashes the data that decides which group is at which place.
    pub fn hash_places(&self, hasher: &mut impl Hasher) {
        self.0.columns.ids.hash(hasher);
        self.0.columns.ranks.hash(hasher);
    }

    /// The number of groups.
    pub fn len(&self) -> usize {
        self.0.columns.ranks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.columns.ranks.is_empty()
    }

    /// The group at a place.
    pub fn get(&self, place: usize) -> Option<GroupRef<'_>> {
        (place < self.len()).then_some(GroupRef { groups: self, place })
    }

    /// All groups, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = GroupRef<'_>> + DoubleEndedIterator + Clone {
        (0..self.len()).map(|place| GroupRef { groups: self, place })
    }

    /// The group with exactly this id.
    pub fn find(&self, id: &str) -> Option<GroupRef<'_>> {
        self.find_same(id).filter(|group| group.id() == id)
    }

    /// The group with an id, whatever suffix either has; preferably the one with exactly this id.
    pub fn find_same(&self, id: &str) -> Option<GroupRef<'_>> {
        let ids = &self.0.columns.ids;
        let by_hash = self.0.by_hash.get_or_init(|| ByHash::of(ids));
        let is_same = |rank: &u32| bare(ids.get(*rank as usize)) == bare(id);
        let mut same =
            by_hash.ranks.iter_hash(by_hash.hashes.hash_one(bare(id))).filter(|rank| is_same(rank));
        let first = same.next()?;
        let is_exact = |rank: &&u32| ids.get(**rank as usize) == id;
        let rank = std::iter::once(first).chain(same).find(is_exact).unwrap_or(first);
        self.at_rank(*rank as usize)
    }

    /// Whether a group is among them, whatever suffix its id has.
    pub fn has(&self, id: &GroupId) -> bool {
        self.find_same(id.as_str()).is_some()
    }

    /// The communities that the groups are in, according to the list.
    pub fn communities(&self) -> &[CommunityId] {
        &self.0.columns.communities
    }

    /// The number of the community that a group is in, among [`Self::communities`].
    pub fn parent_number(&self, place: usize) -> Option<usize> {
        self.0.columns.parents.get(place)?.checked_sub(2).map(|number| number as usize)
    }

    /// The ids in the order of the ranks, each with the group's place.
    pub fn by_id(&self) -> impl ExactSizeIterator<Item = (&str, usize)> {
        self.0.columns.ids.iter().zip(self.0.places.iter().map(|place| *place as usize))
    }

    /// The place of the first group that is displayed under this name.
    pub fn first_named(&self, name: &str) -> Option<usize> {
        let key = sort_key(name);
        let shown = |place: usize| self.get(place).map_or("", |group| group.name().shown());
        let (mut least, mut most) = (0, self.len());
        while least < most {
            let middle = least.midpoint(most);
            let known = shown(middle);
            match sort_key(known).cmp(&key).then_with(|| known.cmp(name)) {
                Ordering::Less => least = middle + 1,
                Ordering::Equal | Ordering::Greater => most = middle,
            }
        }
        (least < self.len() && shown(least) == name).then_some(least)
    }

    /// The number of bytes of all names as the gateway gave them.
    pub fn bytes_of_names(&self) -> usize {
        self.0.columns.names.bytes()
    }

    /// The names in the forms in which they are compared, by place. They are made at the first use.
    pub fn folded(&self) -> &FoldedNames {
        self.0.folded.get_or_init(|| Arc::new(self.iter().map(|group| group.name().shown()).collect()))
    }

    /// The same groups, prepared to replace earlier ones in little time. Parts that are equal share the earlier ones' memory. If the
    /// names of the earlier groups were folded on demand, the names of these are folded now.
    #[must_use]
    pub fn replacing(self, earlier: &Self) -> Self {
        if self == *earlier {
            return earlier.clone();
        }
        if self.has_same_ids(earlier)
            && let Some(by_hash) = earlier.0.by_hash.get()
        {
            let _ = self.0.by_hash.set(Arc::clone(by_hash));
        }
        if let Some(folded) = earlier.0.folded.get() {
            if self.0.columns.names == earlier.0.columns.names {
                let _ = self.0.folded.set(Arc::clone(folded));
            }
            self.folded();
        }
        self
    }

    fn id(&self, place: usize) -> &str {
        self.0.columns.ids.get(self.0.columns.ranks[place] as usize)
    }

    fn at_rank(&self, rank: usize) -> Option<GroupRef<'_>> {
        self.get(*self.0.places.get(rank)? as usize)
    }
}

/// The order of ids: first without their suffixes, so that the forms of one id are neighbours.
fn by_id(one: &str, other: &str) -> Ordering {
    bare(one).cmp(bare(other)).then_with(|| one.cmp(other))
}

/// Why stored columns cannot be used: somebody changed them.
#[derive(Debug, thiserror::Error)]
#[error("the columns do not fit each other")]
pub struct Unsound;

impl TryFrom<Columns> for Groups {
    type Error = Unsound;

    /// Checks everything that the columns promise, and cleans the names again.
    fn try_from(columns: Columns) -> Result<Self, Unsound> {
        let count = columns.ids.len();
        let counts = [
            columns.names.len(),
            columns.members.len(),
            columns.roles.len(),
            columns.kinds.len(),
            columns.parents.len(),
            columns.ranks.len(),
        ];
        let is_whole = counts.iter().all(|other| *other == count)
            && columns.names.is_sound()
            && columns.ids.is_sound()
            && columns.ids.iter().all(is_id)
            && columns.ids.iter().is_sorted_by(|one, other| by_id(one, other) == Ordering::Less)
            && columns.parents.iter().all(|parent| (*parent as usize) < columns.communities.len() + 2);
        let places = if is_whole { inverse(&columns.ranks) } else { None };
        let places = places.ok_or(Unsound)?;
        let mut all = CleanedNames::default();
        for (place, name) in (0_u32..).zip(columns.names.iter()) {
            if let Some(shown) = cleaned(name) {
                all.push(place, &shown);
            }
        }
        Ok(Self::of(columns, places, all))
    }
}

/// The position of each number, if each number below the count occurs once.
fn inverse(numbers: &[u32]) -> Option<Vec<u32>> {
    let mut at = vec![u32::MAX; numbers.len()];
    for (place, number) in (0_u32..).zip(numbers) {
        let free = at.get_mut(*number as usize).filter(|at| **at == u32::MAX)?;
        *free = place;
    }
    Some(at)
}

/// The names that are displayed in another form, by position.
#[derive(Debug, Default)]
struct CleanedNames {
    positions: Vec<u32>,
    shown: Texts,
}

impl CleanedNames {
    fn get(&self, position: u32) -> Option<&str> {
        if self.positions.is_empty() {
            return None;
        }
        self.positions.binary_search(&position).ok().map(|at| self.shown.get(at))
    }

    /// Adds a name after all others.
    fn push(&mut self, position: u32, shown: &str) {
        self.positions.push(position);
        self.shown.push(shown);
    }
}

impl Serialize for Groups {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.columns.serialize(serializer)
    }
}

/// Collects the groups of an answer, one at a time, in the gateway's order.
#[derive(Debug, Default)]
pub struct GroupsBuilder {
    columns: Columns,
    cleaned: CleanedNames,
    numbers: HashMap<CommunityId, u32>,
}

impl GroupsBuilder {
    /// Adds a group.
    pub fn push(&mut self, group: &Group) {
        let columns = &mut self.columns;
        if group.name.was_cleaned() {
            self.cleaned.push(small(columns.ids.len()), group.name.shown());
        }
        columns.names.push(group.name.exact());
        columns.ids.push(group.id.as_str());
        columns.members.push(group.members.map_or(0, |members| members.saturating_add(1)));
        columns.roles.push(group.role);
        columns.kinds.push(group.kind);
        columns.parents.push(match &group.parent {
            Parent::Unknown => UNKNOWN,
            Parent::None => IN_NONE,
            Parent::Community(parent) => {
                if let Some(number) = self.numbers.get(parent) {
                    *number
                } else {
                    columns.communities.push(parent.clone());
                    let number = small(columns.communities.len() + 1);
                    self.numbers.insert(parent.clone(), number);
                    number
                }
            }
        });
    }

    /// The groups that were added.
    pub fn finish(self) -> Groups {
        let (found, cleaned) = (self.columns, self.cleaned);
        let shown = |at: u32| cleaned.get(at).unwrap_or_else(|| found.names.get(at as usize));
        let (by_id, rank_of) = ids_in_order(&found.ids);
        let order =
            names_in_order((0..small(found.ids.len())).filter(|at| rank_of[*at as usize] != NO_RANK), shown);
        let pick = |column: &[u32]| order.iter().map(|at| column[*at as usize]).collect::<Vec<_>>();
        let texts = |texts: &Texts, order: &[u32]| {
            let mut picked = Texts::with_capacity(order.len(), texts.bytes());
            for at in order {
                picked.push(texts.get(*at as usize));
            }
            picked
        };
        let columns = Columns {
            names: texts(&found.names, &order),
            members: pick(&found.members),
            roles: order.iter().map(|at| found.roles[*at as usize]).collect(),
            kinds: order.iter().map(|at| found.kinds[*at as usize]).collect(),
            parents: pick(&found.parents),
            communities: found.communities,
            ids: texts(&found.ids, &by_id),
            ranks: pick(&rank_of),
        };
        let places = inverse(&columns.ranks).unwrap_or_default();
        let mut all = CleanedNames::default();
        for (place, at) in (0_u32..).zip(&order) {
            if let Some(shown) = cleaned.get(*at) {
                all.push(place, shown);
            }
        }
        let by_hash = ByHash::of(&columns.ids).into();
        Groups(Arc::new(Table { columns, cleaned: all, places, by_hash, ..Table::default() }))
    }
}

/// A group that repeats an earlier one.
const NO_RANK: u32 = u32::MAX;

/// The positions of the ids in their order, the first of each, and the rank of each position.
fn ids_in_order(ids: &Texts) -> (Vec<u32>, Vec<u32>) {
    let mut keys: Vec<([u8; 16], u32)> =
        (0_u32..).zip(ids.iter()).map(|(at, id)| (beginning(bare(id)), at)).collect();
    let id = |at: u32| ids.get(at as usize);
    keys.sort_unstable_by(|(one, at), (other, other_at)| {
        one.cmp(other).then_with(|| by_id(id(*at), id(*other_at))).then_with(|| at.cmp(other_at))
    });
    keys.dedup_by(|(_, later), (_, first)| id(*later) == id(*first));
    let order: Vec<u32> = keys.into_iter().map(|(_, at)| at).collect();
    let mut ranks = vec![NO_RANK; ids.len()];
    (0_u32..).zip(&order).for_each(|(rank, at)| ranks[*at as usize] = rank);
    (order, ranks)
}

/// The positions of names in the order of the names; equal names in their order.
fn names_in_order<'a>(positions: impl Iterator<Item = u32>, shown: impl Fn(u32) -> &'a str) -> Vec<u32> {
    let mut text = String::new();
    let mut folded = (String::new(), String::new());
    let mut keys = Vec::with_capacity(positions.size_hint().1.unwrap_or(0));
    for at in positions {
        let start = text.len();
        sort_key_into(shown(at), &mut folded, &mut text);
        keys.push((beginning(&text[start..]), small(start), small(text.len()), at));
    }
    let whole = |start: u32, end: u32| &text[start as usize..end as usize];
    keys.sort_unstable_by(|one, other| {
        one.0
            .cmp(&other.0)
            .then_with(|| whole(one.1, one.2).cmp(whole(other.1, other.2)))
            .then_with(|| shown(one.3).cmp(shown(other.3)))
            .then_with(|| one.3.cmp(&other.3))
    });
    keys.into_iter().map(|(.., at)| at).collect()
}

/// The first bytes of a text, which sort like the text. As bytes they need no alignment: there is one for each group.
fn beginning(text: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    let length = text.len().min(16);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    bytes
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl FromIterator<Group> for Groups {
    fn from_iter<T: IntoIterator<Item = Group>>(groups: T) -> Self {
        let mut all = GroupsBuilder::default();
        groups.into_iter().for_each(|group| all.push(&group));
        all.finish()
    }
}

impl From<Vec<Group>> for Groups {
    fn from(groups: Vec<Group>) -> Self {
        groups.into_iter().collect()
    }
}

impl PartialEq for Groups {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || self.0.columns == other.0.columns
    }
}

impl Eq for Groups {}

impl Hash for Groups {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.columns.hash(hasher);
    }
}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for GroupRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, parent) = (self.name().exact(), self.parent());
        let fields = (self.id(), name, self.members(), self.role(), parent, self.kind());
        fields.fmt(f)
    }
}
