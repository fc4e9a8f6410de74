//! What a plan has to read after its first reads, in view of what they gave: what is still unknown, and a second look at what
//! a single answer lacks. Pure.

use std::collections::BTreeSet;

use super::{Mark, Request, Verb};
use crate::domain::{
    capability::Capabilities,
    community::Role,
    evidence::{Answers, Proof},
    id::{CommunityId, GroupId},
    reading::{Readings, Scope},
    time::Millis,
};

/// What is still to be read for a request.
pub(super) fn scopes(request: &Request, readings: &Readings, capabilities: &Capabilities) -> Vec<Scope> {
    if readings.connection.as_ref().is_some_and(|read| !read.as_ref().is_ok_and(|now| now.is_connected())) {
        return Vec::new();
    }
    let answers = Answers::new(readings, Millis::default(), capabilities);
    let needs = Needs { request, readings, capabilities, answers };
    let mut scopes = BTreeSet::new();
    for mark in &request.marks {
        match mark.again.as_ref().map_or(request.verb, |again| again.verb) {
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
        if self.answers.is_member(group) == Proof::Absent {
            let was_asked_for = self.readings.details.contains_key(group);
            if !was_asked_for || !self.was_read_twice() {
                scopes.insert(Scope::Details(group.clone()));
            }
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
            && (self.answers.contains(community, group) == Proof::Absent
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
