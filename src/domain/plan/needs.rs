//! What a plan has to read: first the initial scopes, then whatever is still unknown, and a second read if a single answer is not
//! enough. Pure.

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

/// The maximum age of a listing whose silence shows that a group is not in its community.
const SILENCE: Duration = Duration::from_secs(5 * 60);

/// The maximum number of communities in which Synod searches for a group before it links it.
pub(super) const MOST_SOUGHT: usize = 50;

/// Whether nothing that was read says which community a group is in, or that it is in none.
pub(super) fn is_unplaced(group: &GroupId, directory: &Directory) -> bool {
    directory.parent_of(group).is_none()
        && directory.group(group).is_none_or(|group| group.parent == Parent::Unknown)
}

/// The communities that may now contain a group that is to be linked, or unlinked from its unknown community: no field gives its
/// place, and the listings are old.
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
    // In a follow-up of an earlier operation, others may have moved its groups a moment ago.
    let silence = if doubtful.any(|mark| mark.again.is_some()) { Duration::ZERO } else { SILENCE };
    let is_old =
        |known: &&Community| known.listing.as_ref().is_none_or(|listing| now.since(listing.begun) > silence);
    directory.communities().iter().filter(is_old).map(|community| &community.id).collect()
}

/// What Synod has to read to plan a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    request: Request,
    capabilities: Capabilities,
    /// The scopes that are always read, the cheap and decisive ones first.
    first: Vec<Scope>,
    /// Whether to ask for the kind of each group that is to be left.
    asks_for_kinds: bool,
    /// The communities to search for a group that is no longer where it was.
    elsewhere: Vec<CommunityId>,
}

impl Needs {
    /// The needs of a request, given the earlier readings.
    pub fn new(request: &Request, directory: &Directory, capabilities: &Capabilities, now: Millis) -> Self {
        let first = first(request, directory, capabilities, now);
        let known = directory.communities();
        let is_searchable = known.len() <= MOST_SOUGHT;
        let elsewhere = known.iter().filter(|_| is_searchable).map(|known| known.id.clone()).collect();
        Self { request: request.clone(), capabilities: *capabilities, first, asks_for_kinds: true, elsewhere }
    }

    /// The same, without asking for the kind of each group that is to be left: only membership remains to be asked.
    #[must_use]
    pub fn of_known_kinds(mut self) -> Self {
        self.asks_for_kinds = false;
        if self.request.verb == Verb::Leave && !self.request.leaves_community {
            let is_told_by_the_list = self.capabilities.group_list_shows_membership;
            self.first.retain(|scope| !(is_told_by_the_list && matches!(scope, Scope::Details(_))));
        }
        self
    }

    /// The scopes to read before anything else is known, the cheap and decisive ones first.
    pub fn first(&self) -> Vec<Scope> {
        self.first.clone()
    }

    /// The further scopes to read, given the readings so far: those still unknown, and a second read if a single answer is not
    /// enough. Empty after a second read.
    pub fn more(&self, readings: &Readings) -> Vec<Scope> {
        more(self, readings)
    }
}

/// The scopes that a request needs to read afresh.
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
        // The details of a community show the number's role in it only if a community is itself a group.
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
    // The fresh list and the listings decide which groups to ask about; a known community is the control for the answers.
    let is_doubtful = |mark: &Mark| !is_shown_as_ordinary(&mark.group, directory);
    if capabilities.community_may_pass_for_group && request.marks.iter().any(is_doubtful) {
        communities.extend(control(directory));
    }
    scopes.extend(communities.into_iter().map(Scope::Community));
    scopes.extend(request.marks.iter().map(|mark| Scope::Details(mark.group.clone())));
    scopes
}

/// Whether an earlier reading shows a group as ordinary. The plan itself judges by its own fresh readings.
fn is_shown_as_ordinary(group: &GroupId, directory: &Directory) -> bool {
    directory.parent_of(group).is_some()
        || directory.group(group).is_some_and(|group| group.kind == GroupKind::Ordinary)
}

/// A known community, preferably one with subgroups. The gateway's answers for it and its subgroups show what its answer for
/// another group means.
fn control(directory: &Directory) -> Option<CommunityId> {
    let has_subgroups =
        |known: &&Community| known.listing.as_ref().is_some_and(|listing| !listing.subgroups.is_empty());
    let mut communities = directory.communities().iter();
    let best = communities.clone().find(has_subgroups).or_else(|| communities.next());
    best.map(|known| known.id.clone())
}

/// The scopes still to be read for a request.
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

/// The doubts that the first answers leave.
struct Doubts<'a> {
    needs: &'a Needs,
    readings: &'a Readings,
    answers: Answers<'a>,
    second: Option<Answers<'a>>,
}

impl Doubts<'_> {
    /// Whether a second read was made.
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

    /// Whether a group of a move is no longer where it was, and no answer places it or says that it is in no community.
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

    /// If a community is not itself a group, the details of its announcements group show the number's role in it.
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

    /// Whether groups were probed without a probe of a known ordinary group to compare with.
    fn lacks_a_control(&self) -> bool {
        let is_doubtful = |mark: &Mark| {
            self.readings.probes.contains_key(&mark.group)
                && self.answers.is_community(&mark.group) == Proof::Unknown
        };
        self.needs.request.marks.iter().any(is_doubtful)
    }

    /// A subgroup from a listing; its probe shows how the gateway answers for an ordinary group.
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
