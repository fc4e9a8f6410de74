//! The known facts about the rows of the panes, for search terms such as `is:full`. Facts come from the columns of the directory, so
//! that a row costs no allocation.
//!
//! An unknown fact is neither true nor false: it matches no term.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map},
};

use super::{
    filter::{Condition, Facts, Is, Terms, Test},
    group_index::Places,
    selection::Marks,
};
use crate::domain::{
    capability::Capabilities,
    community::{GroupKind, GroupRef, Parent, Role},
    directory::{Community, Directory, Entry, Slot},
    id::CommunityId,
    name::{Name, fold::Folded},
};

/// What the facts depend on, besides the directory and the marks.
#[derive(Clone, Copy, Debug)]
pub struct FactRules {
    pub capabilities: Capabilities,
    /// How many subgroups a community can have.
    pub limit: usize,
}

/// The facts about groups, by their slots.
#[derive(Clone, Copy, Debug)]
pub struct GroupFacts<'a> {
    pub directory: &'a Directory,
    pub marks: &'a Marks,
    pub rules: FactRules,
    /// The community whose listing shows all these groups.
    pub inside: Option<&'a CommunityId>,
}

impl<'a> GroupFacts<'a> {
    /// The position of the community that a group is in.
    fn parent(&self) -> impl Fn(Slot) -> Option<usize> + 'a {
        let directory = self.directory;
        let inside = self.inside.and_then(|community| directory.place_of(community));
        move |slot| inside.or_else(|| directory.parent_place_at(slot))
    }

    /// The groups whose community is one of these.
    fn in_one_of(&self, communities: impl Fn(&Community) -> Option<bool>) -> Test<'a> {
        let fulfil: Vec<Option<bool>> = self.directory.communities().iter().map(communities).collect();
        let parent = self.parent();
        Box::new(move |row| match parent(slot(row)) {
            Some(at) => fulfil.get(at).copied().flatten(),
            None => Some(false),
        })
    }

    fn are_standalone(&self) -> Test<'a> {
        let Self { directory, rules, inside, .. } = *self;
        let is_read = |known: &Community| {
            let is_complete = known.listing.as_ref().is_some_and(|listing| listing.proves_absence());
            is_complete && known.failure.is_none()
        };
        // A group that no listing of all communities shows is in none.
        let listings_tell = rules.capabilities.lists_communities
            && rules.capabilities.lists_every_subgroup
            && directory.communities().iter().all(is_read);
        Box::new(move |row| {
            let slot = slot(row);
            if inside.is_some() || directory.has_parent_at(slot) || directory.is_announcements_at(slot) {
                return Some(false);
            }
            let group = directory.entry(slot).and_then(Entry::listed)?;
            let may_be_community = rules.capabilities.community_may_pass_for_group
                && group.kind() == GroupKind::Unknown
                && !directory.is_known_ordinary_at(slot);
            let is_in_none = group.parent() == Parent::None || listings_tell;
            (is_in_none && !may_be_community).then_some(true)
        })
    }

    /// The groups that share their name with another one, in whatever case and with whatever blanks it is written.
    fn duplicates(&self) -> Places {
        let directory = self.directory;
        let unlisted = directory.unlisted_slots().filter_map(|slot| {
            let is_shown = directory.has_parent_at(slot) && !directory.is_announcements_at(slot);
            let entry = directory.entry(slot).filter(|_| is_shown)?;
            Some((Cow::Owned(Folded::new(entry.name().shown()).accented().to_owned()), slot))
        });
        let listed = directory.groups().into_iter().flat_map(|list| {
            let folded = list.groups.folded();
            let groups = list.groups.iter().filter(|group| directory.is_ordinary_row(*group));
            groups.map(move |group| (Cow::Borrowed(folded.whole(group.place())), Slot::at(group.place())))
        });
        let mut first_of: HashMap<Cow<'_, str>, Slot> = HashMap::with_capacity(directory.slot_count());
        let mut alike = Vec::new();
        for (name, slot) in listed.chain(unlisted).filter(|(name, _)| !name.is_empty()) {
            match first_of.entry(name) {
                hash_map::Entry::Vacant(free) => drop(free.insert(slot)),
                hash_map::Entry::Occupied(first) => alike.extend([index(*first.get()), index(slot)]),
            }
        }
        Places::of(alike.into_iter(), directory.slot_count())
    }

    fn marked(&self) -> Places {
        let slots = self.marks.iter().filter_map(|mark| self.directory.slot(&mark.group));
        Places::of(slots.map(index), self.directory.slot_count())
    }
}

impl Facts for GroupFacts<'_> {
    fn test<'a>(&'a self, condition: &'a Condition) -> Test<'a> {
        let Self { directory, rules, .. } = *self;
        match condition {
            Condition::Is(Is::Standalone) => self.are_standalone(),
            Condition::Is(Is::Full) => self.in_one_of(|community| directory.is_full(community, rules.limit)),
            Condition::Is(Is::Duplicate) => {
                let alike = self.duplicates();
                Box::new(move |row| Some(alike.has(row as usize)))
            }
            Condition::Is(is @ (Is::Admin | Is::NotAdmin)) => {
                Box::new(move |row| has_role(directory.role_at(slot(row)), *is))
            }
            Condition::Is(Is::Marked) => {
                let marked = self.marked();
                Box::new(move |row| Some(marked.has(row as usize)))
            }
            Condition::In(words) => self.in_one_of(|community| Some(is_named(community, words))),
            Condition::Members(range) => Box::new(move |row| {
                let listed = directory.entry(slot(row)).and_then(Entry::listed);
                let members = listed.and_then(GroupRef::members)?;
                Some(range.contains(members.into()))
            }),
        }
    }
}

/// The facts about a few groups, by their positions among these slots.
#[derive(Clone, Copy, Debug)]
pub struct FewGroups<'a>(pub GroupFacts<'a>, pub &'a [Slot]);

impl Facts for FewGroups<'_> {
    fn test<'a>(&'a self, condition: &'a Condition) -> Test<'a> {
        let test = self.0.test(condition);
        Box::new(move |row| test(index(*self.1.get(row as usize)?)))
    }
}

/// The facts about communities, by their positions among these.
#[derive(Clone, Copy, Debug)]
pub struct CommunityFacts<'a> {
    pub directory: &'a Directory,
    pub rules: FactRules,
    pub rows: &'a [&'a Community],
}

impl Facts for CommunityFacts<'_> {
    fn test<'a>(&'a self, condition: &'a Condition) -> Test<'a> {
        let folded = |community: &Community| Folded::new(shown(community)).accented().to_owned();
        let mut names: HashMap<String, usize> = HashMap::new();
        if *condition == Condition::Is(Is::Duplicate) {
            for community in self.directory.communities() {
                *names.entry(folded(community)).or_default() += 1;
            }
        }
        let holds = |community: &Community| match condition {
            Condition::Is(Is::Full) => self.directory.is_full(community, self.rules.limit),
            Condition::Is(Is::Duplicate) => {
                let name = folded(community);
                Some(!name.is_empty() && names.get(&name).is_some_and(|count| *count > 1))
            }
            Condition::Is(is @ (Is::Admin | Is::NotAdmin)) => {
                has_role(self.directory.role_in_community(community), *is)
            }
            Condition::Is(Is::Standalone | Is::Marked) | Condition::In(_) | Condition::Members(..) => None,
        };
        let facts: Vec<Option<bool>> = self.rows.iter().map(|community| holds(community)).collect();
        Box::new(move |row| facts.get(row as usize).copied().flatten())
    }
}

fn slot(row: u32) -> Slot {
    Slot::at(row as usize)
}

fn index(slot: Slot) -> u32 {
    u32::try_from(slot.index()).unwrap_or(u32::MAX)
}

fn has_role(role: Role, is: Is) -> Option<bool> {
    match role {
        Role::Unknown => None,
        Role::Admin => Some(is == Is::Admin),
        Role::Member => Some(is == Is::NotAdmin),
    }
}

fn is_named(community: &Community, words: &Terms) -> bool {
    words.are_in_name_or_id(shown(community), community.id.bare())
}

fn shown(community: &Community) -> &str {
    community.name.as_ref().map_or("", Name::shown)
}
