//! Finds the group or community that an operator means by an id or a name. It owns the order in which ids and names are compared.
//! It never chooses: a name that matches more than one is an error that lists all of them.

use std::collections::HashMap;

use super::{
    community::CommunityRef,
    directory::{Directory, Slot},
    id::{CommunityId, GroupId, bare},
    invite::InviteLink,
    name::{Name, fold::Folded},
};

/// How many similar names an error lists.
const NEAR: usize = 3;
/// The minimum number of digits in an id.
const ID_DIGITS: usize = 10;
/// The minimum number of characters for a prefix to match a name.
const LEAST_BEGINNING: usize = 3;

/// A possible meaning of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<Id> {
    pub id: Id,
    /// Its name; empty if unknown.
    pub name: Name,
    /// The community that it is in, if known; it distinguishes equal names.
    pub community: Option<CommunityRef>,
    /// Its number of members, if known.
    pub members: Option<u32>,
}

/// Why a text does not identify one known group or community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError<Id> {
    /// Nothing has that id or name.
    Unknown {
        /// The text, cleaned for display.
        given: Name,
        /// The candidates with the most similar names, at most three.
        near: Vec<Candidate<Id>>,
    },
    /// More than one has that name, or a name with that prefix.
    Ambiguous {
        /// The text, cleaned for display.
        given: Name,
        /// All that match, in the order of the directory.
        candidates: Vec<Candidate<Id>>,
    },
}

/// How much of a name a text must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    Whole,
    /// The whole name, or else a prefix. Use it only if everything that could match the whole name is known.
    Beginning,
}

/// All possible meanings of a text, indexed for many look-ups.
#[derive(Clone, Debug)]
pub struct Lookup<Id> {
    entries: Vec<Entry<Id>>,
    by_id: HashMap<String, Vec<usize>>,
    /// By the displayed name, then by its folded form without accents; ordinary groups separate from the rest.
    by_name: [Names; 2],
}

#[derive(Clone, Debug)]
struct Entry<Id> {
    candidate: Candidate<Id>,
    name: Folded,
    is_ordinary: bool,
}

#[derive(Clone, Debug, Default)]
struct Names {
    exact: HashMap<String, Vec<usize>>,
    folded: HashMap<String, Vec<usize>>,
}

impl<Id: Clone + AsRef<str>> Lookup<Id> {
    /// The meanings that have only an id and a name.
    pub fn named(all: impl IntoIterator<Item = (Id, Name)>) -> Self {
        let candidate = |(id, name)| (Candidate { id, name, community: None, members: None }, true);
        Self::of(all.into_iter().map(candidate).collect())
    }

    fn of(candidates: Vec<(Candidate<Id>, bool)>) -> Self {
        let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_name = [Names::default(), Names::default()];
        let mut entries = Vec::with_capacity(candidates.len());
        for (at, (candidate, is_ordinary)) in candidates.into_iter().enumerate() {
            by_id.entry(bare(candidate.id.as_ref()).to_owned()).or_default().push(at);
            let (shown, name) = (candidate.name.shown(), Folded::new(candidate.name.shown()));
            if !shown.is_empty() {
                let names = &mut by_name[usize::from(!is_ordinary)];
                names.exact.entry(shown.to_owned()).or_default().push(at);
                names.folded.entry(name.plain().to_owned()).or_default().push(at);
            }
            entries.push(Entry { candidate, name, is_ordinary });
        }
        Self { entries, by_id, by_name }
    }

    /// Finds the match: by id, else by the exact displayed name, else by the folded name, else the only name with that prefix.
    /// Among groups, an announcement group or a community matches a name only if no ordinary group does.
    pub fn find(&self, given: &str) -> Result<&Candidate<Id>, LookupError<Id>> {
        Self::find_in(&[self], &[given], Accept::Beginning)
    }

    /// The same for the first reading of a line that matches anything, in the first of several look-ups that knows it. A whole
    /// name in any look-up has priority over a prefix.
    pub fn find_in<'a>(
        lookups: &[&'a Self],
        readings: &[&str],
        accept: Accept,
    ) -> Result<&'a Candidate<Id>, LookupError<Id>> {
        Self::locate_in(lookups, readings, accept).map_err(|error| match error {
            LookupError::Unknown { given, .. } => {
                let wanted = Folded::new(readings.last().copied().unwrap_or_default());
                let near = lookups.last().map_or_else(Vec::new, |lookup| lookup.near(&wanted));
                LookupError::Unknown { given, near }
            }
            ambiguous @ LookupError::Ambiguous { .. } => ambiguous,
        })
    }

    /// The same without the search for similar names, which is slow if there are many names.
    pub fn locate_in<'a>(
        lookups: &[&'a Self],
        readings: &[&str],
        accept: Accept,
    ) -> Result<&'a Candidate<Id>, LookupError<Id>> {
        let given: Vec<Given<'_>> = readings.iter().map(|text| Given::new(text)).collect();
        let whole = |given: &Given<'_>| lookups.iter().find_map(|lookup| lookup.whole(given));
        let beginning = |given: &Given<'_>| lookups.iter().find_map(|lookup| lookup.beginning(given));
        let begun = || given.iter().find_map(beginning).filter(|_| accept == Accept::Beginning);
        let found = given.iter().find_map(whole).or_else(begun);
        found.unwrap_or_else(|| {
            let given = given.into_iter().next().map_or_else(|| Name::new(""), |given| given.name);
            Err(LookupError::Unknown { near: Vec::new(), given })
        })
    }

    /// Whether the text equals a known id or a whole name, exactly or in its folded form.
    pub fn knows(&self, given: &str) -> bool {
        self.whole(&Given::new(given)).is_some()
    }

    /// The ordinary candidates, each with a text that finds only it: its name, or else its id.
    pub fn texts(&self) -> impl Iterator<Item = (&Candidate<Id>, &str)> {
        self.entries.iter().filter(|entry| entry.is_ordinary).map(|entry| {
            let candidate = &entry.candidate;
            let (id, name) = (candidate.id.as_ref(), candidate.name.shown());
            let is_found =
                matches!(self.whole(&Given::new(name)), Some(Ok(found)) if found.id.as_ref() == id);
            (candidate, if is_found { name } else { id })
        })
    }

    fn whole(&self, given: &Given<'_>) -> Option<Result<&Candidate<Id>, LookupError<Id>>> {
        if let Some(found) = self.of_id(given.text) {
            return Some(Ok(found));
        }
        if given.folded.is_empty() {
            return None;
        }
        self.by_name.iter().find_map(|names| {
            if let Some(exact) = names.exact.get(given.name.shown()) {
                return Some(self.only(given, exact));
            }
            let alike = names.folded.get(given.folded.plain())?;
            let is_meant = |at: &&usize| self.entries[**at].name.is(&given.folded);
            let meant: Vec<usize> = alike.iter().filter(is_meant).copied().collect();
            (!meant.is_empty()).then(|| self.only(given, &meant))
        })
    }

    fn beginning(&self, given: &Given<'_>) -> Option<Result<&Candidate<Id>, LookupError<Id>>> {
        if given.folded.plain().chars().count() < LEAST_BEGINNING {
            return None;
        }
        [true, false].into_iter().find_map(|is_ordinary| {
            let begins =
                |entry: &Entry<Id>| entry.is_ordinary == is_ordinary && entry.name.begins_with(&given.folded);
            let meant: Vec<usize> = (0..self.entries.len()).filter(|at| begins(&self.entries[*at])).collect();
            (!meant.is_empty()).then(|| self.only(given, &meant))
        })
    }

    fn only(&self, given: &Given<'_>, found: &[usize]) -> Result<&Candidate<Id>, LookupError<Id>> {
        match found {
            [one] => Ok(&self.entries[*one].candidate),
            many => Err(LookupError::Ambiguous {
                candidates: many.iter().map(|at| self.entries[*at].candidate.clone()).collect(),
                given: given.name.clone(),
            }),
        }
    }

    /// The candidate with exactly this id, or the only one whose id differs just in its suffix.
    fn of_id(&self, given: &str) -> Option<&Candidate<Id>> {
        let alike = self.by_id.get(bare(given))?;
        let exact = alike.iter().find(|at| self.entries[**at].candidate.id.as_ref() == given);
        let only = || alike.first().filter(|_| alike.len() == 1);
        exact.or_else(only).map(|at| &self.entries[*at].candidate)
    }

    /// The most similar names: first those that contain the text, then those that are a few letters away.
    fn near(&self, wanted: &Folded) -> Vec<Candidate<Id>> {
        let wanted = wanted.plain();
        if wanted.is_empty() {
            return Vec::new();
        }
        let length = wanted.chars().count();
        let most = (length / 3).max(1);
        let letters = letters(wanted);
        let mut near: Vec<(usize, usize)> = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let name = entry.name.plain();
            if name.contains(wanted) {
                near.push((0, at));
                continue;
            }
            // Each letter missing from the name counts as a change.
            if (letters & !self::letters(name)).count_ones() as usize > most {
                continue;
            }
            // The text may be the start of a longer name.
            let end = name.char_indices().nth(length).map_or(name.len(), |(end, _)| end);
            let distance = |name: &str| strsim::osa_distance(name, wanted);
            let distance = distance(name).min(distance(&name[..end]));
            if distance <= most {
                near.push((distance, at));
            }
        }
        near.sort_unstable();
        near.into_iter().take(NEAR).map(|(_, at)| self.entries[at].candidate.clone()).collect()
    }
}

/// The letters of a text as a set; several letters may share a bit.
fn letters(text: &str) -> u64 {
    text.chars().fold(0, |set, letter| set | 1 << (u32::from(letter) % 64))
}

/// An input text in the forms used for comparison.
struct Given<'a> {
    text: &'a str,
    name: Name,
    folded: Folded,
}

impl<'a> Given<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.trim();
        let name = Name::new(text);
        Self { text, folded: Folded::new(name.shown()), name }
    }
}

impl Lookup<GroupId> {
    /// All groups in the list of groups or in a community's listing; with `within`, only those of that community.
    pub fn groups(directory: &Directory, within: Option<&CommunityId>) -> Self {
        let named = |id: &CommunityId| CommunityRef {
            id: id.clone(),
            name: directory.community(id).and_then(|community| community.name.clone()),
        };
        let mut entries: Vec<(Candidate<GroupId>, bool)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for group in directory.groups().iter().flat_map(|list| list.groups.iter()) {
            let slot = Slot::at(group.place());
            let community = directory.parent_at(slot);
            let is_inside = within.is_none_or(|within| community.is_some_and(|id| id.same_as(within)));
            if is_inside {
                seen.insert(slot);
                let community = community.map(named);
                let (id, name) = (group.to_id(), group.name().to_name());
                let candidate = Candidate { id, name, community, members: group.members() };
                entries.push((candidate, directory.is_ordinary_row(group)));
            }
        }
        for community in directory.communities() {
            let Some(listing) = &community.listing else { continue };
            if within.is_some_and(|within| !within.same_as(&community.id)) {
                continue;
            }
            for slot in listing.subgroups.iter().chain(&listing.announcements) {
                if seen.insert(*slot)
                    && let Some(group) = directory.entry(*slot)
                {
                    let community = Some(named(&community.id));
                    let (id, name) = (group.to_id(), group.name().to_name());
                    let is_ordinary = Some(*slot) != listing.announcements;
                    entries.push((Candidate { id, name, community, members: None }, is_ordinary));
                }
            }
        }
        Self::of(entries)
    }
}

impl Lookup<CommunityId> {
    /// All known communities.
    pub fn communities(directory: &Directory) -> Self {
        let entry = |community: &super::directory::Community| {
            let name = community.name.clone().unwrap_or_else(|| Name::new(""));
            (Candidate { id: community.id.clone(), name, community: None, members: None }, true)
        };
        Self::of(directory.communities().iter().map(entry).collect())
    }
}

/// Which of several labels a person means: those that are exactly the text, else those that are the same name, else those whose
/// accents the text omits. Returns the places of all that match equally well.
pub fn meant<'a>(given: &str, labels: impl IntoIterator<Item = &'a str>) -> Vec<usize> {
    let labels: Vec<&str> = labels.into_iter().collect();
    let folded: Vec<Folded> = labels.iter().map(|label| Folded::new(label)).collect();
    let typed = Folded::new(given);
    let levels: [&dyn Fn(usize) -> bool; 3] =
        [&|at| labels[at] == given, &|at| folded[at].is_same_name(&typed), &|at| folded[at].is(&typed)];
    let matching = |is_meant: &dyn Fn(usize) -> bool| {
        (0..labels.len()).filter(|at| is_meant(*at)).collect::<Vec<usize>>()
    };
    levels.into_iter().map(matching).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Whether a text that matches nothing known is an unknown id rather than a mistyped name: without its suffix it is a long
/// number, perhaps in two parts.
pub fn looks_like_id(given: &str) -> bool {
    let bare = bare(given);
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    digits >= ID_DIGITS
        && bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        && bare.split('-').all(|part| !part.is_empty())
}

/// Whether a text can only be an id: it looks like an id, and either has an id suffix or is longer than any number in a name,
/// such as a telephone number.
pub fn is_surely_id(given: &str) -> bool {
    const MORE_THAN_A_NUMBER: usize = 17;
    let digits = given.bytes().filter(u8::is_ascii_digit).count();
    looks_like_id(given) && (bare(given) != given || digits >= MORE_THAN_A_NUMBER)
}

/// An invite link in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invited {
    Link(InviteLink),
    /// It may be the code of a link, or a name without a space.
    PerhapsCode(InviteLink),
}

/// The invite link, or possible invite code, in a text. Either is a secret and must not be shown.
pub fn invited(given: &str) -> Option<Invited> {
    const PLACE: &str = "chat.whatsapp.com";
    let given = given.trim();
    if given.to_ascii_lowercase().contains(PLACE) {
        let path = given.split(['?', '#']).next().unwrap_or_default();
        let code = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
        // A link without a code is passed on unchanged: the gateway rejects it, and no message shows it.
        let link = if is_code(code) { format!("https://{PLACE}/{code}") } else { given.to_owned() };
        return InviteLink::new(&link).map(Invited::Link);
    }
    is_code(given).then(|| InviteLink::new(given).map(Invited::PerhapsCode)).flatten()
}

/// Whether a text has the form of an invite code: 20 to 26 letters, digits, `-` or `_`, with letters in both cases.
fn is_code(text: &str) -> bool {
    (20..=26).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
}
