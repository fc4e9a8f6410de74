//! What people call a group or a community, an id or a name, and which one they mean. It owns the order in which ids
//! and names are compared; it guesses nothing: a name that fits more than one is an error that holds them all.

use std::collections::HashMap;

use super::{
    community::CommunityRef,
    directory::Directory,
    id::{CommunityId, GroupId, bare},
    invite::InviteLink,
    name::Name,
};

/// How many near names an error holds.
const NEAR: usize = 5;
/// Digits of an id that is longer than any number in a name.
const ID_DIGITS: usize = 10;

/// Something that a text may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<Id> {
    /// Its id.
    pub id: Id,
    /// Its name; empty where none was told.
    pub name: Name,
    /// The community that it is in, where that is known: what tells equal names apart.
    pub community: Option<CommunityRef>,
}

/// Why a text means nothing that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError<Id> {
    /// Nothing bears that id or name.
    Unknown {
        /// The text, cleaned for showing.
        given: Name,
        /// What bears a name that holds the text, a few at most.
        near: Vec<Candidate<Id>>,
    },
    /// More than one bears that name.
    Ambiguous {
        /// The text, cleaned for showing.
        given: Name,
        /// All that bear it, in the order of the directory.
        candidates: Vec<Candidate<Id>>,
    },
}

/// Everything that a text may mean, ready to be asked many times.
#[derive(Clone, Debug)]
pub struct Lookup<Id> {
    entries: Vec<Candidate<Id>>,
    by_id: HashMap<String, Vec<usize>>,
    /// By the name as it is shown, then by the same in small letters; ordinary groups apart from the rest.
    by_name: [Names; 2],
}

#[derive(Clone, Debug, Default)]
struct Names {
    exact: HashMap<String, Vec<usize>>,
    folded: HashMap<String, Vec<usize>>,
}

impl Names {
    fn insert(&mut self, name: &Name, at: usize) {
        if !name.shown().is_empty() {
            self.exact.entry(name.shown().to_owned()).or_default().push(at);
            self.folded.entry(folded(name.shown())).or_default().push(at);
        }
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

impl<Id: Clone + AsRef<str>> Lookup<Id> {
    fn of(entries: Vec<(Candidate<Id>, bool)>) -> Self {
        let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_name = [Names::default(), Names::default()];
        for (at, (entry, is_ordinary)) in entries.iter().enumerate() {
            by_id.entry(bare(entry.id.as_ref()).to_owned()).or_default().push(at);
            by_name[usize::from(!is_ordinary)].insert(&entry.name, at);
        }
        Self { entries: entries.into_iter().map(|(entry, _)| entry).collect(), by_id, by_name }
    }

    /// The one that is meant: of that id, else of that name exactly as it is shown, else of that name in whatever
    /// letter case. An announcements group and a community bear a name among groups only where no ordinary group does.
    pub fn find(&self, given: &str) -> Result<&Candidate<Id>, LookupError<Id>> {
        self.locate(given).map_err(|error| match error {
            LookupError::Unknown { given, .. } => {
                LookupError::Unknown { near: self.near(given.shown()), given }
            }
            ambiguous @ LookupError::Ambiguous { .. } => ambiguous,
        })
    }

    /// The same without looking for near names, which takes a while where there are many.
    pub fn locate(&self, given: &str) -> Result<&Candidate<Id>, LookupError<Id>> {
        let given = given.trim();
        if let Some(found) = self.of_id(given) {
            return Ok(found);
        }
        let name = Name::new(given);
        for names in &self.by_name {
            let exact = names.exact.get(name.shown());
            let Some(found) = exact.or_else(|| names.folded.get(&folded(name.shown()))) else { continue };
            return match found.as_slice() {
                [one] => Ok(&self.entries[*one]),
                many => Err(LookupError::Ambiguous {
                    candidates: many.iter().map(|at| self.entries[*at].clone()).collect(),
                    given: name,
                }),
            };
        }
        Err(LookupError::Unknown { near: Vec::new(), given: name })
    }

    /// Exactly this id, or the only one that differs in nothing but the suffix of its form.
    fn of_id(&self, given: &str) -> Option<&Candidate<Id>> {
        let alike = self.by_id.get(bare(given))?;
        let exact = alike.iter().find(|at| self.entries[**at].id.as_ref() == given);
        let only = || alike.first().filter(|_| alike.len() == 1);
        exact.or_else(only).map(|at| &self.entries[*at])
    }

    fn near(&self, given: &str) -> Vec<Candidate<Id>> {
        let part = folded(given);
        if part.is_empty() {
            return Vec::new();
        }
        let holds = |entry: &&Candidate<Id>| folded(entry.name.shown()).contains(&part);
        self.entries.iter().filter(holds).take(NEAR).cloned().collect()
    }
}

impl Lookup<GroupId> {
    /// All groups that the list of groups or a community's listing shows; with `within`, only that community's.
    pub fn groups(directory: &Directory, within: Option<&CommunityId>) -> Self {
        let named = |id: &CommunityId| CommunityRef {
            id: id.clone(),
            name: directory.community(id).and_then(|community| community.name.clone()),
        };
        let mut entries: Vec<(Candidate<GroupId>, bool)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for group in directory.groups().iter().flat_map(|list| &list.groups) {
            let community = directory.parent_of(&group.id);
            let is_inside = within.is_none_or(|within| community.is_some_and(|id| id.same_as(within)));
            if is_inside && seen.insert(group.id.clone()) {
                let community = community.map(named);
                let candidate = Candidate { id: group.id.clone(), name: group.name.clone(), community };
                entries.push((candidate, directory.is_ordinary_row(group)));
            }
        }
        for community in directory.communities() {
            let Some(listing) = &community.listing else { continue };
            if within.is_some_and(|within| !within.same_as(&community.id)) {
                continue;
            }
            let shown = listing.subgroups.iter().map(|subgroup| (subgroup, true));
            for (group, is_ordinary) in shown.chain(listing.announcements.iter().map(|group| (group, false)))
            {
                if seen.insert(group.id.clone()) {
                    let community = Some(named(&community.id));
                    let candidate = Candidate { id: group.id.clone(), name: group.name.clone(), community };
                    entries.push((candidate, is_ordinary));
                }
            }
        }
        Self::of(entries)
    }
}

impl Lookup<CommunityId> {
    /// All communities that are known.
    pub fn communities(directory: &Directory) -> Self {
        let entry = |community: &super::directory::Community| {
            let name = community.name.clone().unwrap_or_else(|| Name::new(""));
            (Candidate { id: community.id.clone(), name, community: None }, true)
        };
        Self::of(directory.communities().iter().map(entry).collect())
    }
}

/// Whether a text that nothing known bears is the id of something unknown rather than a mistyped name: what is left
/// without the suffix of its form is a long number, perhaps in two parts.
pub fn looks_like_id(given: &str) -> bool {
    let bare = bare(given);
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    digits >= ID_DIGITS
        && bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        && bare.split('-').all(|part| !part.is_empty())
}

/// Whether a text can only be an id: what looks like one, with the suffix of a form or longer than what names hold, such
/// as a telephone number.
pub fn is_surely_id(given: &str) -> bool {
    const MORE_THAN_A_NUMBER: usize = 17;
    let digits = given.bytes().filter(u8::is_ascii_digit).count();
    looks_like_id(given) && (bare(given) != given || digits >= MORE_THAN_A_NUMBER)
}

/// An invite link in what people give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invited {
    /// It is one.
    Link(InviteLink),
    /// It may be the code of one, or a name without a space.
    PerhapsCode(InviteLink),
}

/// The invite link, or what may be the code of one, that a text is. Either is a secret, and not to be shown.
pub fn invited(given: &str) -> Option<Invited> {
    const PLACE: &str = "chat.whatsapp.com";
    let given = given.trim();
    if given.to_ascii_lowercase().contains(PLACE) {
        let path = given.split(['?', '#']).next().unwrap_or_default();
        let code = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
        // One that has no code is handed on as it is: the gateway says no to it, and nobody shows it.
        let link = if is_code(code) { format!("https://{PLACE}/{code}") } else { given.to_owned() };
        return InviteLink::new(&link).map(Invited::Link);
    }
    is_code(given).then(|| InviteLink::new(given).map(Invited::PerhapsCode)).flatten()
}

/// Whether a text has the form of an invite code: about 22 letters and digits, of both cases.
fn is_code(text: &str) -> bool {
    (20..=26).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests;
