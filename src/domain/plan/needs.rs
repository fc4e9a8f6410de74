//! The reads of a plan: first the initial scopes, then everything that is still unknown, and a second read if a single answer is not
//! enough. Pure.

use std::{collections::BTreeSet, time::Duration};

use super::{Plan, Request, Want, Wish};
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
pub(super) const SILENCE: Duration = Duration::from_secs(5 * 60);

/// The maximum number of communities in which Synod searches for a group before it links it.
pub(super) const MOST_SOUGHT: usize = 50;

/// Whether nothing that was read says which community a group is in, or that it is in none.
pub(super) fn is_unplaced(group: &GroupId, directory: &Directory) -> bool {
    directory.parent_of(group).is_none()
        && directory.group(group).is_none_or(|group| group.parent() == Parent::Unknown)
}

/// The communities that may now contain a group that is to be linked, or unlinked from its unknown community: no field gives its
/// place, and the listings are old.
fn sought<'a>(request: &Request, directory: &'a Directory, now: Millis) -> Vec<&'a CommunityId> {
    let is_doubtful =
        |wish: &Wish| wish.is_about_place() && wish.source().is_none() && Plan::seeks(&wish.group, directory);
    let mut doubtful = request.wishes.iter().filter(|wish| is_doubtful(wish)).peekable();
    if doubtful.peek().is_none() {
        return Vec::new();
    }
    // In a follow-up of an earlier operation, others may have moved its groups a moment ago.
    let silence = if doubtful.any(|wish| wish.earlier.is_some()) { Duration::ZERO } else { SILENCE };
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
        if self.capabilities.group_list_shows_membership {
            let left: BTreeSet<&GroupId> = left(&self.request).map(|wish| &wish.group).collect();
            self.first.retain(|scope| !matches!(scope, Scope::Details(group) if left.contains(group)));
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
    let mut scopes = vec![Scope::Connection, Scope::Groups];
    let mut communities = BTreeSet::new();
    for wish in request.wishes.iter().filter(|wish| wish.is_about_place()) {
        communities.extend(wish.source().or_else(|| directory.parent_of(&wish.group)).cloned());
        communities.extend(wish.target().cloned());
    }
    for community in sought(request, directory, now) {
        if !communities.iter().any(|known| known.same_as(community)) {
            communities.insert(community.clone());
        }
    }
    // The details of a community show the number's role in it only if a community is itself a group.
    let is_role_unknown = |community: &&CommunityId| {
        capabilities.community_may_pass_for_group
            && directory.listed_role(&community.as_group()) == Role::Unknown
    };
    let mut details: Vec<GroupId> =
        communities.iter().filter(is_role_unknown).map(CommunityId::as_group).collect();
    communities.extend(left(request).filter_map(|wish| directory.parent_of(&wish.group)).cloned());
    // The fresh list and the listings decide which groups to ask about; a known community is the control for the answers.
    if capabilities.community_may_pass_for_group
        && left(request).any(|wish| !is_shown_as_ordinary(&wish.group, directory))
    {
        communities.extend(control(directory));
    }
    for wish in &request.wishes {
        match &wish.want {
            Want::In(_) | Want::InNone => {}
            Want::CommunityLeft(community) => {
                communities.insert(community.clone());
                details.push(wish.group.clone());
            }
            Want::Member if capabilities.group_list_shows_membership => {}
            Want::Member | Want::Left => details.push(wish.group.clone()),
        }
    }
    details.extend(demoted(request, directory));
    scopes.extend(communities.into_iter().map(Scope::Community));
    scopes.extend(details.into_iter().map(Scope::Details));
    scopes
}

/// The groups in which the number was not an admin when their details were read. That would block them, and somebody may have made
/// the number an admin since.
fn demoted(request: &Request, directory: &Directory) -> Vec<GroupId> {
    let was_member =
        |group: &GroupId| directory.role_in(group) == Role::Member && directory.role_read(group).is_some();
    let placed = request.wishes.iter().filter(|wish| wish.is_about_place() && was_member(&wish.group));
    placed.map(|wish| wish.group.clone()).collect()
}

/// The wishes to leave a group.
fn left(request: &Request) -> impl Iterator<Item = &Wish> {
    request.wishes.iter().filter(|wish| wish.want == Want::Left)
}

/// Whether an earlier reading shows a group as ordinary. The plan itself judges by its own fresh readings.
fn is_shown_as_ordinary(group: &GroupId, directory: &Directory) -> bool {
    directory.parent_of(group).is_some()
        || directory.group(group).is_some_and(|group| group.kind() == GroupKind::Ordinary)
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
    for wish in &request.wishes {
        match wish.want {
            Want::Left => doubts.leave(&wish.group, &mut scopes),
            Want::In(_) | Want::InNone => doubts.place(wish, &mut scopes),
            Want::CommunityLeft(_) | Want::Member => {}
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

    fn place(&self, wish: &Wish, scopes: &mut BTreeSet<Scope>) {
        let places = self.answers.places(&wish.group);
        let sources = wish.source().into_iter().chain(places);
        for source in sources {
            match self.answers.community(source) {
                None => drop(scopes.insert(Scope::Community(source.clone()))),
                Some(Ok(_)) => self.role(source, scopes),
                Some(Err(_)) => {}
            }
            if self.needs_a_second_look(source, &wish.group) {
                scopes.insert(Scope::Community(source.clone()));
            }
        }
        if self.has_moved_on(wish) {
            let unread = self.needs.elsewhere.iter().filter(|place| self.answers.community(place).is_none());
            scopes.extend(unread.cloned().map(Scope::Community));
        }
        if let Some(target) = wish.target() {
            self.role(target, scopes);
            if self.answers.contradict(target, &wish.group) && !self.was_read_twice() {
                scopes.insert(Scope::Community(target.clone()));
            }
        }
    }

    /// Whether a group is no longer where it was, and no answer places it or says that it is in no community. For a group that only
    /// has to be taken out, the search is worth its requests only if an earlier operation put it there.
    fn has_moved_on(&self, wish: &Wish) -> bool {
        let is_worth_it = wish.moves() || wish.earlier.is_some();
        let Some(source) = wish.source().filter(|_| is_worth_it) else { return false };
        self.answers.contains_by_both(self.second.as_ref(), source, &wish.group) == Proof::No
            && self.answers.places(&wish.group).is_empty()
            && !self.answers.is_in_none(&wish.group)
    }

    fn needs_a_second_look(&self, community: &CommunityId, group: &GroupId) -> bool {
        !self.was_read_twice()
            && self.answers.listing(community).is_some()
            && (self.answers.contains(community, group).is_absence()
                || self.answers.contradict(community, group))
    }

    /// A community's details show the number's role in it or, if a community is not itself a group, those of its announcement
    /// group.
    fn role(&self, community: &CommunityId, scopes: &mut BTreeSet<Scope>) {
        if self.answers.role_in_community(community) != Role::Unknown {
            return;
        }
        if self.needs.capabilities.community_may_pass_for_group {
            let group = community.as_group();
            if !self.readings.details.contains_key(&group) {
                scopes.insert(Scope::Details(group));
            }
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
        let is_doubtful = |wish: &Wish| {
            self.readings.probes.contains_key(&wish.group)
                && self.answers.is_community(&wish.group) == Proof::Unknown
        };
        self.needs.request.wishes.iter().any(is_doubtful)
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
