//! The state that an operator describes in a file: which groups belong in which community, and which in none. It owns the meaning
//! of the entries for one instance, and the differences between the instance and the entries. It knows no file format. It judges no
//! wish: the rules of a plan do that, and a difference is a change that a plan would make.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::{
    community::{CommunityRef, GroupRef, Parent},
    directory::{Community, Directory, Entry, Slot},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId, IdError, bare},
    lookup::{Accept, Lookup, LookupError, invited, looks_like_id},
    message::Message,
    name::{Name, fold::sort_key},
    plan::{Head, Origin, Plan, Reason, Row, Step, Want, Wish},
};

/// A name or id in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its line, counted from 1.
    pub line: usize,
    /// Its possible meanings, the most literal first.
    pub readings: Vec<String>,
}

/// Groups that belong in the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The instance, if the file names one.
    pub instance: Option<Given>,
    /// The community; `None` for groups that belong in no community.
    pub community: Option<Given>,
    pub groups: Vec<Given>,
    /// Whether ordinary subgroups that the file does not name are to be unlinked from the community.
    pub is_only: bool,
}

/// A file that says where groups belong, as far as it can be understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateFile {
    pub sections: Vec<Section>,
    /// Everything that is wrong with its form, by line.
    pub faults: Vec<(usize, Message)>,
}

/// Why an entry cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryError {
    Community(LookupError<CommunityId>),
    Group(LookupError<GroupId>),
    /// It looks like an id, but is not valid.
    NoId(IdError),
    /// It is an invite link, which is a secret and must not be shown.
    InviteLink,
    /// The group belongs in another place too, according to this line.
    InTwoPlaces {
        group: Name,
        id: GroupId,
        other: usize,
    },
}

/// An entry that cannot be used, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryFault {
    pub line: usize,
    pub why: EntryError,
}

/// The meaning of the entries for an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desired {
    /// One wish per named group, in the order of the file.
    pub wishes: Vec<Wish>,
    /// The communities of the file, in its order, with their first lines.
    pub communities: Vec<(CommunityId, usize)>,
    /// The communities in which only the named groups belong.
    pub only: Vec<CommunityId>,
    /// The groups that nothing known matches.
    pub unknown: Vec<UnknownGroup>,
    /// All other entries that cannot be used.
    pub faults: Vec<EntryFault>,
}

/// A group of the file that nothing known matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownGroup {
    pub line: usize,
    /// The community that it belongs in.
    pub community: Option<CommunityId>,
    /// The text, cleaned for display.
    pub given: Name,
    pub why: LookupError<GroupId>,
}

/// A community whose unnamed subgroups stay, because its listing does not prove which groups it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCompared {
    pub community: CommunityId,
    /// Why its listing could not be read; `None` if it was read and may be incomplete.
    pub failure: Option<Failure>,
}

/// How many unknown names are compared with all known ones: the search for similar names takes long.
const MOST_NEAR: usize = 20;

impl Desired {
    /// Resolves the entries of an instance. `new_community` turns the id of a community that nothing shows yet into the form of
    /// the gateway.
    pub fn of<'a>(
        sections: impl IntoIterator<Item = &'a Section>,
        directory: &Directory,
        accept: Accept,
        new_community: impl Fn(&str) -> Option<CommunityId>,
    ) -> Self {
        let communities = Lookup::communities(directory);
        let groups = Lookup::groups(directory, None);
        let mut desired = Self::default();
        let mut places: HashMap<String, (Option<CommunityId>, usize)> = HashMap::new();
        let (mut named, mut only) = (HashSet::new(), HashSet::new());
        for section in sections {
            let community = match &section.community {
                None => None,
                Some(given) => match community(&communities, given, accept, &new_community) {
                    Ok(community) => Some(community),
                    Err(why) => {
                        let why = EntryError::Community(why);
                        desired.faults.push(EntryFault { line: given.line, why });
                        // The groups are still checked against the directory.
                        for given in &section.groups {
                            if let Err(error) = group(&groups, given, accept, &desired) {
                                desired.reject(given, None, error);
                            }
                        }
                        continue;
                    }
                },
            };
            if let Some(community) = &community {
                if named.insert(community.bare().to_owned()) {
                    let line = section.community.as_ref().map_or(1, |given| given.line);
                    desired.communities.push((community.clone(), line));
                }
                if section.is_only && only.insert(community.bare().to_owned()) {
                    desired.only.push(community.clone());
                }
            }
            for given in &section.groups {
                let (id, name) = match group(&groups, given, accept, &desired) {
                    Ok(found) => found,
                    Err(error) => {
                        desired.reject(given, community.as_ref(), error);
                        continue;
                    }
                };
                if let Some((place, other)) = places.get(id.bare()) {
                    let is_same = match (place, &community) {
                        (Some(place), Some(community)) => place.same_as(community),
                        (place, community) => place.is_none() && community.is_none(),
                    };
                    if !is_same {
                        let why = EntryError::InTwoPlaces { group: name, id, other: *other };
                        desired.faults.push(EntryFault { line: given.line, why });
                    }
                    continue;
                }
                places.insert(id.bare().to_owned(), (community.clone(), given.line));
                let want = community.clone().map_or(Want::InNone, Want::In);
                desired.wishes.push(Wish { group: id, name, want, from: Origin::Anywhere, earlier: None });
            }
        }
        desired.faults.sort_by_key(|fault| fault.line);
        desired
    }

    /// Whether every entry means one known thing.
    pub fn is_complete(&self) -> bool {
        self.faults.is_empty() && self.unknown.is_empty()
    }

    fn reject(&mut self, given: &Given, community: Option<&CommunityId>, why: EntryError) {
        let line = given.line;
        match why {
            EntryError::Group(LookupError::Unknown { .. })
                if given.readings.iter().any(|reading| invited(reading).is_some()) =>
            {
                self.faults.push(EntryFault { line, why: EntryError::InviteLink });
            }
            EntryError::Group(why @ LookupError::Unknown { .. }) => {
                let shown = Name::new(given.readings.first().map_or("", String::as_str));
                self.unknown.push(UnknownGroup { line, community: community.cloned(), given: shown, why });
            }
            why => self.faults.push(EntryFault { line, why }),
        }
    }

    /// Adds the wishes to unlink the groups that do not belong in a community, by the listings that the directory holds. A
    /// listing that does not prove which groups are absent does not prove which are there either: nothing is unlinked from that
    /// community.
    pub fn unlink_others(&mut self, directory: &Directory) -> Vec<NotCompared> {
        // A group that is listed in several of the communities gets one wish, as in a plan.
        let mut named: HashSet<String> =
            self.wishes.iter().map(|wish| wish.group.bare().to_owned()).collect();
        let (mut others, mut skipped) = (Vec::new(), Vec::new());
        for community in &self.only {
            let known = directory.community(community);
            let listing =
                known.filter(|known| known.failure.is_none()).and_then(|known| known.listing.as_ref());
            let Some(listing) = listing.filter(|listing| listing.proves_absence()) else {
                let unread = |known: &Community| known.failure.clone();
                let failure = match (known.and_then(unread), listing) {
                    (None, None) => Some(Failure::new(FailureKind::NotRead)),
                    (failure, _) => failure,
                };
                skipped.push(NotCompared { community: community.clone(), failure });
                continue;
            };
            for entry in directory.entries(&listing.subgroups) {
                if !named.insert(bare(entry.id()).to_owned()) {
                    continue;
                }
                let (group, name) = (entry.to_id(), entry.name().to_name());
                let from = Origin::Only(community.clone());
                others.push(Wish { group, name, want: Want::InNone, from, earlier: None });
            }
        }
        self.wishes.extend(others);
        skipped
    }
}

fn texts(given: &Given) -> Vec<&str> {
    given.readings.iter().map(String::as_str).collect()
}

fn community(
    lookup: &Lookup<CommunityId>,
    given: &Given,
    accept: Accept,
    new: impl Fn(&str) -> Option<CommunityId>,
) -> Result<CommunityId, LookupError<CommunityId>> {
    let readings = texts(given);
    match Lookup::find_in(&[lookup], &readings, accept) {
        Ok(found) => Ok(found.id.clone()),
        Err(error @ LookupError::Unknown { .. }) => {
            let mut ids =
                readings.iter().map(|reading| reading.trim()).filter(|reading| looks_like_id(reading));
            ids.find_map(new).ok_or(error)
        }
        Err(error) => Err(error),
    }
}

/// The group that an entry means. An id need not be known.
fn group(
    lookup: &Lookup<GroupId>,
    given: &Given,
    accept: Accept,
    so_far: &Desired,
) -> Result<(GroupId, Name), EntryError> {
    let readings = texts(given);
    let found = if so_far.unknown.len() < MOST_NEAR {
        Lookup::find_in(&[lookup], &readings, accept)
    } else {
        Lookup::locate_in(&[lookup], &readings, accept)
    };
    match found {
        Ok(found) => Ok((found.id.clone(), found.name.clone())),
        Err(error @ LookupError::Unknown { .. }) => {
            let id =
                readings.iter().rev().map(|reading| reading.trim()).find(|reading| looks_like_id(reading));
            match id.map(GroupId::parse) {
                Some(Ok(id)) => Ok((id, Name::new(""))),
                Some(Err(error)) => Err(EntryError::NoId(error)),
                None => Err(EntryError::Group(error)),
            }
        }
        Err(error) => Err(EntryError::Group(error)),
    }
}

/// How a group differs from the desired state. The names are part of the JSON output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// It is in no community and belongs in one.
    Missing,
    /// It is in a community to which only other groups belong.
    Extra,
    /// It is in another community than it belongs in, or in one although it belongs in none.
    Elsewhere,
    /// The readings do not show its place.
    Unknown,
}

/// A group that is not in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<'a> {
    pub kind: DifferenceKind,
    pub row: &'a Row,
    /// The community that the group belongs in or, if it is extra, has to leave; `None` if it belongs in none.
    pub community: Option<&'a CommunityId>,
    /// The community that the group is in, if that is another one.
    pub place: Option<&'a CommunityId>,
    /// Why a plan would not change it, or only if the operator asks for it.
    pub reason: Option<&'a Reason>,
    /// The wish that would put it in its place.
    pub wish: &'a Wish,
}

/// The differences between an instance and the desired state that a plan was made for. A group is in its place exactly if the plan
/// has nothing to do for it.
pub fn differences(plan: &Plan) -> Vec<Difference<'_>> {
    let wishes = plan.request.wishes_by_group();
    plan.rows.iter().filter_map(|row| Difference::of(row, wishes.get(&row.group)?)).collect()
}

impl<'a> Difference<'a> {
    fn of(row: &'a Row, wish: &'a Wish) -> Option<Self> {
        if row.head == Head::AlreadySo {
            return None;
        }
        let shown = match row.reasons.first() {
            Some(Reason::ListedTwice(place) | Reason::MovedElsewhere(place)) => {
                Some((DifferenceKind::Elsewhere, Some(&place.id)))
            }
            Some(Reason::InNeither) => Some((DifferenceKind::Unknown, None)),
            _ => None,
        };
        let by_steps = || match (row.steps.as_slice(), wish.source()) {
            ([Step::Link(_)], _) => (DifferenceKind::Missing, None),
            ([Step::Unlink(_)], Some(_)) => (DifferenceKind::Extra, None),
            ([Step::Unlink(place), ..], _) => (DifferenceKind::Elsewhere, Some(place)),
            _ => (DifferenceKind::Unknown, None),
        };
        let (kind, place) = shown.unwrap_or_else(by_steps);
        let community = wish.target().or_else(|| wish.source());
        Some(Self { kind, row, community, place, reason: row.reasons.first(), wish })
    }
}

/// The groups that are in the same place, for a description of the present state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedGroups {
    /// `None` for groups in no community.
    pub community: Option<CommunityRef>,
    pub groups: Vec<(GroupId, Name)>,
}

/// The places of the ordinary groups: the communities in the order of their names, then the groups in none. Also returns how many
/// groups are left out because no reading shows their place; a plan would not find them in place either.
pub fn present(directory: &Directory) -> (Vec<PlacedGroups>, usize) {
    let listed = directory.groups().into_iter().flat_map(|list| list.groups.iter());
    let listed =
        listed.filter(|group| directory.is_ordinary_row(*group)).map(|group| Slot::at(group.place()));
    let shown = directory.communities().iter().filter_map(|known| known.listing.as_ref());
    let is_unlisted = |slot: &Slot| directory.entry(*slot).is_some_and(|entry| entry.listed().is_none());
    let unlisted = shown.flat_map(|listing| listing.subgroups.iter().copied()).filter(is_unlisted);
    let (mut inside, mut in_none, mut unknown) = (HashMap::<&CommunityId, Vec<Slot>>::new(), Vec::new(), 0);
    let mut seen = HashSet::new();
    for slot in listed.chain(unlisted).filter(|slot| seen.insert(*slot)) {
        let says_none = |group: GroupRef<'_>| group.parent() == Parent::None;
        match directory.parent_at(slot) {
            Some(community) => inside.entry(community).or_default().push(slot),
            None if directory.entry(slot).and_then(Entry::listed).is_some_and(says_none) => {
                in_none.push(slot);
            }
            None => unknown += 1,
        }
    }
    let groups = |mut slots: Vec<Slot>| -> Vec<(GroupId, Name)> {
        slots.sort_by_cached_key(|slot| directory.entry(*slot).map(|entry| sort_key(entry.name().shown())));
        directory.entries(&slots).map(|entry| (entry.to_id(), entry.name().to_name())).collect()
    };
    let named = |id: &CommunityId| CommunityRef {
        id: id.clone(),
        name: directory.community(id).and_then(|known| known.name.clone()),
    };
    let place = |(id, slots)| PlacedGroups { community: Some(named(id)), groups: groups(slots) };
    let mut places: Vec<PlacedGroups> = inside.into_iter().map(place).collect();
    places.sort_by_cached_key(|place| {
        let community = place.community.as_ref();
        let name = community.and_then(|community| community.name.as_ref()).map(|name| sort_key(name.shown()));
        (name.is_none(), name, community.map(|community| community.id.clone()))
    });
    if !in_none.is_empty() {
        places.push(PlacedGroups { community: None, groups: groups(in_none) });
    }
    (places, unknown)
}
