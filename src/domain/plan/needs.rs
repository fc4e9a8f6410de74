//! What a plan has to read: at first, and then in view of what was read: what is still unknown, and a second look at what a
//! single answer lacks. Pure.

use std::{collections::BTreeSet, time::Duration};

use super::{Mark, Plan, Request, Verb, rules::verb_of};
use crate::domain::{
    capability::Capabilities,
    community::{GroupKind, Parent, Role},
    directory::{Community, Directory},
    evidence::{Answers, Proof},
    id::{CommunityId, GroupId},
    instance::Connection,
    reading::{Readings, Scope},
    time::Millis,
};

/// How old a listing may be that says, by its silence, that a group is not in its community.
const SILENCE: Duration = Duration::from_secs(5 * 60);

/// In how many communities a group is sought at most before it is linked.
pub(super) const MOST_SOUGHT: usize = 50;

/// Whether nothing that was read says which community a group is in, or that it is in none.
pub(super) fn is_unplaced(group: &GroupId, directory: &Directory) -> bool {
    directory.parent_of(group).is_none()
        && directory.group(group).is_none_or(|group| group.parent == Parent::Unknown)
}

/// The communities in which a group may be by now that is to be linked, or unlinked from wherever it is: no field tells,
/// and their listings are old.
fn sought<'a>(request: &Request, directory: &'a Directory, now: Millis) -> Vec<&'a CommunityId> {
    let is_doubtful = |mark: &Mark| {
        let is_sought = match verb_of(request, mark) {
            Verb::Link => true,
            Verb::Unlink => mark.source.is_none(),
            Verb::Move | Verb::Leave | Verb::Rejoin => false,
        };
        is_sought && Plan::seeks(&mark.group, directory)
    };
    if !request.marks.iter().any(is_doubtful) {
        return Vec::new();
    }
    let is_old =
        |known: &&Community| known.listing.as_ref().is_none_or(|listing| now.since(listing.begun) > SILENCE);
    directory.communities().iter().filter(is_old).map(|community| &community.id).collect()
}

/// What has to be read afresh for a request.
pub(super) fn first(
    request: &Request,
    directory: &Directory,
    capabilities: &Capabilities,
    now: Millis,
) -> Vec<Scope> {
    let mut communities: BTreeSet<CommunityId> = request.target.iter().cloned().collect();
    for mark in &request.marks {
        communities.extend(mark.source.clone().or_else(|| directory.parent_of(&mark.group).cloned()));
        communities.extend(mark.again.iter().filter_map(|again| again.target.clone()));
    }
    for community in sought(request, directory, now) {
        if !communities.iter().any(|known| known.same_as(community)) {
            communities.insert(community.clone());
        }
    }
    let mut scopes = vec![Scope::Connection, Scope::Groups];
    if request.verb == Verb::Rejoin {
        if !capabilities.group_list_shows_membership {
            scopes.extend(request.marks.iter().map(|mark| Scope::Details(mark.group.clone())));
        }
        return scopes;
    }
    if request.verb != Verb::Leave {
        // Only if a community is itself a group do its details tell what the number is in it.
        let untold = |community: &&CommunityId| {
            capabilities.community_may_pass_for_group
                && directory.role_in(&community.as_group()) == Role::Unknown
        };
        let roles: Vec<Scope> =
            communities.iter().filter(untold).map(|community| Scope::Details(community.as_group())).collect();
        scopes.extend(communities.into_iter().map(Scope::Community));
        scopes.extend(roles);
        return scopes;
    }
    if request.leaves_community {
        let target = request.target.iter();
        scopes.extend(target.clone().map(|target| Scope::Community(target.clone())));
        scopes.extend(target.map(|target| Scope::Details(target.as_group())));
        return scopes;
    }
    // Which groups have to be asked about the fresh list and listings tell; a known community is what they are held against.
    let is_doubtful = |mark: &Mark| !is_shown_as_ordinary(&mark.group, directory);
    if capabilities.community_may_pass_for_group && request.marks.iter().any(is_doubtful) {
        communities.extend(control(directory));
    }
    scopes.extend(communities.into_iter().map(Scope::Community));
    scopes.extend(request.marks.iter().map(|mark| Scope::Details(mark.group.clone())));
    scopes
}

/// Whether something that was read before shows a group as an ordinary one; the plan judges by what it reads itself.
fn is_shown_as_ordinary(group: &GroupId, directory: &Directory) -> bool {
    directory.parent_of(group).is_some()
        || directory.group(group).is_some_and(|group| group.kind == GroupKind::Ordinary)
}

/// A known community, best one with subgroups: what the gateway answers for it and for them shows what its answer for
/// another group means.
fn control(directory: &Directory) -> Option<CommunityId> {
    let has_subgroups =
        |known: &&Community| known.listing.as_ref().is_some_and(|listing| !listing.subgroups.is_empty());
    let mut communities = directory.communities().iter();
    let best = communities.clone().find(has_subgroups).or_else(|| communities.next());
    best.map(|known| known.id.clone())
}

/// What is still to be read for a request.
pub(super) fn more(request: &Request, readings: &Readings, capabilities: &Capabilities) -> Vec<Scope> {
    if readings.connection.as_ref().is_some_and(|read| !read.as_ref().is_ok_and(Connection::is_connected)) {
        return Vec::new();
    }
    let answers = Answers::new(readings, Millis::default(), capabilities);
    let needs = Needs { request, readings, capabilities, answers };
    let mut scopes = BTreeSet::new();
    for mark in &request.marks {
        match verb_of(request, mark) {
            Verb::Leave => needs.leave(&mark.group, &mut scopes),
            Verb::Link | Verb::Unlink | Verb::Move => needs.place(mark, &mut scopes),
            Verb::Rejoin => {}
        }
    }
    if scopes.iter().any(|scope| matches!(scope, Scope::Probe(_))) || needs.lacks_a_control() {
        scopes.extend(needs.control());
    }
    scopes.into_iter().collect()
}

struct Needs<'a> {
    request: &'a Request,
    readings: &'a Readings,
    capabilities: &'a Capabilities,
    answers: Answers<'a>,
}

impl Needs<'_> {
    /// Whether a scope may be read once more.
    fn was_read_twice(&self) -> bool {
        self.readings.again.is_some()
    }

    fn leave(&self, group: &GroupId, scopes: &mut BTreeSet<Scope>) {
        if self.answers.is_community(group) == Proof::Unknown && !self.readings.probes.contains_key(group) {
            scopes.insert(Scope::Probe(group.clone()));
        }
        if !self.answers.is_member(group).is_absence() {
            return;
        }
        if !self.readings.details.contains_key(group) {
            scopes.insert(Scope::Details(group.clone()));
        } else if !self.was_read_twice() {
            scopes.insert(Scope::Details(group.clone()));
            scopes.extend(self.capabilities.group_list_shows_membership.then_some(Scope::Groups));
        }
    }

    fn place(&self, mark: &Mark, scopes: &mut BTreeSet<Scope>) {
        let target = match &mark.again {
            Some(again) => again.target.as_ref(),
            None => self.request.target.as_ref(),
        };
        let places = self.answers.places(&mark.group);
        let sources = mark.source.as_ref().into_iter().chain(places);
        for source in sources {
            match self.readings.community(source) {
                None => drop(scopes.insert(Scope::Community(source.clone()))),
                Some(Ok(_)) => self.role(source, scopes),
                Some(Err(_)) => {}
            }
            if self.needs_a_second_look(source, &mark.group) {
                scopes.insert(Scope::Community(source.clone()));
            }
        }
        if let Some(target) = target {
            self.role(target, scopes);
            if self.answers.contradict(target, &mark.group) && !self.was_read_twice() {
                scopes.insert(Scope::Community(target.clone()));
            }
        }
    }

    fn needs_a_second_look(&self, community: &CommunityId, group: &GroupId) -> bool {
        !self.was_read_twice()
            && self.answers.listing(community).is_some()
            && (self.answers.contains(community, group).is_absence()
                || self.answers.contradict(community, group))
    }

    /// If a community is no group itself, the details of its announcements group tell what the number is in it.
    fn role(&self, community: &CommunityId, scopes: &mut BTreeSet<Scope>) {
        if self.capabilities.community_may_pass_for_group
            || self.answers.role_in_community(community) != Role::Unknown
        {
            return;
        }
        let listing = self.answers.listing(community);
        let announcements = listing.and_then(|listing| listing.announcements.as_ref());
        if let Some(announcements) =
            announcements.filter(|group| !self.readings.details.contains_key(&group.id))
        {
            scopes.insert(Scope::Details(announcements.id.clone()));
        }
    }

    /// Whether groups were probed and no probe of a known ordinary group stands beside them.
    fn lacks_a_control(&self) -> bool {
        let is_doubtful = |mark: &Mark| {
            self.readings.probes.contains_key(&mark.group)
                && self.answers.is_community(&mark.group) == Proof::Unknown
        };
        self.request.marks.iter().any(is_doubtful)
    }

    /// A subgroup of a listing, whose probe shows how the gateway speaks of an ordinary group.
    fn control(&self) -> Option<Scope> {
        let listings = self.readings.communities.values().flatten();
        let mut subgroups =
            listings.filter(|listing| listing.proves_absence()).flat_map(|listing| &listing.subgroups);
        if subgroups.clone().any(|subgroup| self.readings.probes.contains_key(&subgroup.id)) {
            return None;
        }
        subgroups.next().map(|subgroup| Scope::Probe(subgroup.id.clone()))
    }
}
