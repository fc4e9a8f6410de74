//! What a plan has to read: at first, and then in view of what was read: what is still unknown, and a second look at what a
//! single answer lacks. Pure.

use std::{collections::BTreeSet, time::Duration};

use super::{Mark, Plan, Request, Verb};
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
        let is_sought = match request.verb_of(mark) {
            Verb::Link => true,
            Verb::Unlink | Verb::Move => mark.source.is_none(),
            Verb::Leave | Verb::Rejoin => false,
        };
        is_sought && Plan::seeks(&mark.group, directory)
    };
    let mut doubtful = request.marks.iter().filter(|mark| is_doubtful(mark)).peekable();
    if doubtful.peek().is_none() {
        return Vec::new();
    }
    // Where an earlier operation is taken up, others may have moved its groups a moment ago.
    let silence = if doubtful.any(|mark| mark.again.is_some()) { Duration::ZERO } else { SILENCE };
    let is_old =
        |known: &&Community| known.listing.as_ref().is_none_or(|listing| now.since(listing.begun) > silence);
    directory.communities().iter().filter(is_old).map(|community| &community.id).collect()
}

/// What the plan of a request has to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    request: Request,
    capabilities: Capabilities,
    /// What is read in any case, the cheap and decisive first.
    first: Vec<Scope>,
    /// Whether groups that are to be left are asked what they are.
    asks_for_kinds: bool,
    /// The communities in which a group may be by now that is not where it was.
    elsewhere: Vec<CommunityId>,
}

impl Needs {
    /// The needs of a request, in view of all that was read before.
    pub fn new(request: &Request, directory: &Directory, capabilities: &Capabilities, now: Millis) -> Self {
        let first = first(request, directory, capabilities, now);
        let known = directory.communities();
        let is_searchable = known.len() <= MOST_SOUGHT;
        let elsewhere = known.iter().filter(|_| is_searchable).map(|known| known.id.clone()).collect();
        Self { request: request.clone(), capabilities: *capabilities, first, asks_for_kinds: true, elsewhere }
    }

    /// The same without the question what the groups are that are to be left: whether the number is in them is left to ask.
    #[must_use]
    pub fn of_known_kinds(mut self) -> Self {
        self.asks_for_kinds = false;
        if self.request.verb == Verb::Leave && !self.request.leaves_community {
            let is_told_by_the_list = self.capabilities.group_list_shows_membership;
            self.first.retain(|scope| !(is_told_by_the_list && matches!(scope, Scope::Details(_))));
        }
        self
    }

    /// What has to be read before anything else is known, the cheap and decisive first.
    pub fn first(&self) -> Vec<Scope> {
        self.first.clone()
    }

    /// What has to be read too, in view of what was read so far: what is still unknown, and once more what a single answer
    /// lacks. Nothing once a second read was made.
    pub fn more(&self, readings: &Readings) -> Vec<Scope> {
        more(self, readings)
    }
}

/// What has to be read afresh for a request.
fn first(request: &Request, directory: &Directory, capabilities: &Capabilities, now: Millis) -> Vec<Scope> {
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
fn more(needs: &Needs, readings: &Readings) -> Vec<Scope> {
    if readings.connection.as_ref().is_some_and(|read| !read.as_ref().is_ok_and(Connection::is_connected)) {
        return Vec::new();
    }
    let (request, capabilities) = (&needs.request, &needs.capabilities);
    let answers = Answers::new(readings, Millis::default(), capabilities);
    let second = readings.again.as_deref();
    let second = second.map(|again| Answers::new(again, Millis::default(), capabilities));
    let doubts = Doubts { needs, readings, answers, second };
    let mut scopes = BTreeSet::new();
    for mark in &request.marks {
        match request.verb_of(mark) {
            Verb::Leave => doubts.leave(&mark.group, &mut scopes),
            Verb::Link | Verb::Unlink | Verb::Move => doubts.place(mark, &mut scopes),
            Verb::Rejoin => {}
        }
    }
    if scopes.iter().any(|scope| matches!(scope, Scope::Probe(_))) || doubts.lacks_a_control() {
        scopes.extend(doubts.control());
    }
    scopes.into_iter().collect()
}

/// What the first answers leave in doubt.
struct Doubts<'a> {
    needs: &'a Needs,
    readings: &'a Readings,
    answers: Answers<'a>,
    second: Option<Answers<'a>>,
}

impl Doubts<'_> {
    /// Whether a scope may be read once more.
    fn was_read_twice(&self) -> bool {
        self.readings.again.is_some()
    }

    fn leave(&self, group: &GroupId, scopes: &mut BTreeSet<Scope>) {
        let is_unknown = self.answers.is_community(group) == Proof::Unknown;
        if self.needs.asks_for_kinds && is_unknown && !self.readings.probes.contains_key(group) {
            scopes.insert(Scope::Probe(group.clone()));
        }
        if !self.answers.is_member(group).is_absence() {
            return;
        }
        if !self.readings.details.contains_key(group) {
            scopes.insert(Scope::Details(group.clone()));
        } else if !self.was_read_twice() {
            scopes.insert(Scope::Details(group.clone()));
            scopes.extend(self.needs.capabilities.group_list_shows_membership.then_some(Scope::Groups));
        }
    }

    fn place(&self, mark: &Mark, scopes: &mut BTreeSet<Scope>) {
        let target = match &mark.again {
            Some(again) => again.target.as_ref(),
            None => self.needs.request.target.as_ref(),
        };
        let places = self.answers.places(&mark.group);
        let sources = mark.source.as_ref().into_iter().chain(places);
        for source in sources {
            match self.answers.community(source) {
                None => drop(scopes.insert(Scope::Community(source.clone()))),
                Some(Ok(_)) => self.role(source, scopes),
                Some(Err(_)) => {}
            }
            if self.needs_a_second_look(source, &mark.group) {
                scopes.insert(Scope::Community(source.clone()));
            }
        }
        if self.has_moved_on(mark) {
            let unread = self.needs.elsewhere.iter().filter(|place| self.answers.community(place).is_none());
            scopes.extend(unread.cloned().map(Scope::Community));
        }
        if let Some(target) = target {
            self.role(target, scopes);
            if self.answers.contradict(target, &mark.group) && !self.was_read_twice() {
                scopes.insert(Scope::Community(target.clone()));
            }
        }
    }

    /// Whether a group of a move is not where it was, and no answer places it or says that it is in no community.
    fn has_moved_on(&self, mark: &Mark) -> bool {
        let Some(source) = mark.source.as_ref().filter(|_| self.needs.request.verb_of(mark) == Verb::Move)
        else {
            return false;
        };
        self.answers.contains_by_both(self.second.as_ref(), source, &mark.group) == Proof::No
            && self.answers.places(&mark.group).is_empty()
            && !self.answers.is_in_none(&mark.group)
    }

    fn needs_a_second_look(&self, community: &CommunityId, group: &GroupId) -> bool {
        !self.was_read_twice()
            && self.answers.listing(community).is_some()
            && (self.answers.contains(community, group).is_absence()
                || self.answers.contradict(community, group))
    }

    /// If a community is no group itself, the details of its announcements group tell what the number is in it.
    fn role(&self, community: &CommunityId, scopes: &mut BTreeSet<Scope>) {
        if self.needs.capabilities.community_may_pass_for_group
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
        self.needs.request.marks.iter().any(is_doubtful)
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
