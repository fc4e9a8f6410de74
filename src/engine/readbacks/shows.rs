//! Interprets a read-back of an item: the wanted state, not the wanted state, or nothing. Pure.
//!
//! It owns the list of reads for each kind of step. `domain::evidence` decides what an answer proves.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::{Readback, ReadbackSubject};
use crate::domain::{
    capability::Capabilities,
    community::{CommunityRef, GroupList, GroupRef, Parent},
    event::ItemReason,
    evidence::{Answers, Lacking, Proof},
    failure::{Failure, FailureKind},
    id::CommunityId,
    outcome::Shows,
    plan::Step,
    reading::{Readings, Scope},
};

/// The readings of a read-back so far.
#[derive(Debug, Default)]
pub(in crate::engine) struct ReadbackData {
    pub(in crate::engine) fresh: Readings,
    /// The list of groups of an earlier read-back. An entry in it counts; a missing entry may be due to its age.
    pub(in crate::engine) earlier_groups: Option<Arc<GroupList>>,
}

/// The conclusion about an item from the readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) enum ReadbackFinding {
    /// Another read is needed.
    Needs(Scope),
    /// The state that is shown; with a reason if nothing can be read, or if the group is somewhere else.
    Found(Shows, Option<ItemReason>),
}

use ReadbackFinding::{Found, Needs};

fn found(shows: Shows) -> ReadbackFinding {
    Found(shows, None)
}

fn unreadable(reason: ItemReason) -> ReadbackFinding {
    Found(Shows::Unreadable, Some(reason))
}

fn no_listing(failure: &Failure) -> ReadbackFinding {
    unreadable(ItemReason::NoListing(failure.clone()))
}

/// An answer that arrived but proves nothing, such as a listing that began before the attempt ended.
fn proves_nothing() -> ReadbackFinding {
    unreadable(ItemReason::NoListing(Failure::new(FailureKind::NoListing)))
}

/// The next read that a read-back needs; `None` when it has everything.
pub(in crate::engine) fn next_read(
    look: &Readback,
    reads: &ReadbackData,
    capabilities: &Capabilities,
) -> Option<Scope> {
    look.subjects.iter().find_map(|subject| match examine(subject, reads, capabilities) {
        Needs(scope) => Some(scope),
        Found(..) => None,
    })
}

/// What the readings show about an item.
pub(in crate::engine) fn examine(
    subject: &ReadbackSubject,
    reads: &ReadbackData,
    capabilities: &Capabilities,
) -> ReadbackFinding {
    let answers = Answers::new(&reads.fresh, subject.ended, capabilities);
    let examiner = Examiner { subject, reads, capabilities, answers };
    match &subject.step {
        Step::Link(community) => examiner.link(community),
        Step::Unlink(community) => examiner.unlink(community),
        Step::Leave => examiner.leave(),
        Step::LeaveCommunity(community) => examiner.leave_community(community),
        Step::Join => examiner.join(),
    }
}

struct Examiner<'a> {
    subject: &'a ReadbackSubject,
    reads: &'a ReadbackData,
    capabilities: &'a Capabilities,
    answers: Answers<'a>,
}

impl Examiner<'_> {
    /// Asks for this scope if it is not read yet, or gives the reason why it could not be read.
    fn unread(&self, scope: Scope) -> Option<ReadbackFinding> {
        let fresh = &self.reads.fresh;
        let failure = match &scope {
            Scope::Community(community) => match fresh.community(community) {
                Some(read) => read.as_ref().err(),
                None => return Some(Needs(scope)),
            },
            Scope::Groups => fresh.groups.as_ref().and_then(|read| read.as_ref().err()),
            _ => None,
        };
        match failure {
            Some(failure) => Some(no_listing(failure)),
            None if !fresh.has(&scope) && !matches!(scope, Scope::Community(_)) => Some(Needs(scope)),
            None => None,
        }
    }

    fn link(&self, community: &CommunityId) -> ReadbackFinding {
        if let Some(unread) = self.unread(Scope::Community(community.clone())) {
            return unread;
        }
        let group = &self.subject.group;
        match self.answers.contains(community, group) {
            Proof::Yes => found(Shows::Wanted),
            Proof::No | Proof::Absent(_) => {
                // A move has taken it out of its community, so its current place is worth a request.
                let details = Scope::Details(group.clone());
                if self.subject.was_unlinked && !self.reads.fresh.has(&details) {
                    return Needs(details);
                }
                let elsewhere = self.elsewhere(community);
                if self.subject.was_unlinked && elsewhere.is_none() && !self.reads.fresh.has(&Scope::Groups) {
                    return Needs(Scope::Groups);
                }
                Found(Shows::Unwanted, elsewhere.filter(|_| self.subject.was_unlinked))
            }
            Proof::Unknown => self.cannot_tell(community),
        }
    }

    /// Why the listing that was read shows nothing: the answers contradict each other, or it does not prove absence.
    fn cannot_tell(&self, community: &CommunityId) -> ReadbackFinding {
        if self.answers.contradict(community, &self.subject.group) {
            return unreadable(ItemReason::AnswersDiffer);
        }
        proves_nothing()
    }

    fn unlink(&self, community: &CommunityId) -> ReadbackFinding {
        if let Some(unread) = self.unread(Scope::Community(community.clone())) {
            return unread;
        }
        let shows = match self.answers.contains(community, &self.subject.group) {
            Proof::Yes => return found(Shows::Unwanted),
            Proof::Unknown => return self.cannot_tell(community),
            Proof::No => Shows::Wanted,
            Proof::Absent(_) => Shows::Unconfirmed,
        };
        let finding = if self.capabilities.lists_every_subgroup {
            found(shows)
        } else {
            self.unlinked(community, shows)
        };
        match finding {
            // The next step continues from the place where this step left the group, not from where somebody else has put it.
            Found(shows, None) if self.subject.has_next_step => Found(shows, self.elsewhere(community)),
            finding => finding,
        }
    }

    /// Another community that contains the group according to an answer.
    fn elsewhere(&self, community: &CommunityId) -> Option<ItemReason> {
        let group = &self.subject.group;
        let earlier = self.reads.earlier_groups.as_ref().filter(|list| list.begun >= self.subject.ended);
        let listed = earlier.and_then(|list| list.find(group)).and_then(|entry| match entry.parent() {
            Parent::Community(parent) => Some(parent),
            Parent::None | Parent::Unknown => None,
        });
        let mut places = self.answers.places(group).into_iter().chain(listed);
        let id = places.find(|place| !place.same_as(community))?.clone();
        Some(ItemReason::MovedElsewhere(CommunityRef { id, name: None }))
    }

    /// The group is absent from a listing of only the number's own groups: it was unlinked if the number is still in it.
    fn unlinked(&self, community: &CommunityId, shows: Shows) -> ReadbackFinding {
        let group = &self.subject.group;
        let earlier = self.reads.earlier_groups.as_ref().filter(|list| list.begun >= self.subject.ended);
        match earlier.and_then(|list| list.find(group)).map(GroupRef::parent) {
            Some(Parent::Unknown) => return found(shows),
            Some(Parent::None) => return found(Shows::Wanted),
            Some(Parent::Community(parent)) if !parent.same_as(community) => return found(Shows::Wanted),
            // It contradicts the listing, perhaps because it is older.
            Some(Parent::Community(_)) | None => {}
        }
        if let Some(unread) = self.unread(Scope::Groups) {
            return unread;
        }
        match self.answers.is_member(group) {
            Proof::Yes => found(shows),
            // The list of groups may have been cut.
            _ if !self.reads.fresh.has(&Scope::Details(group.clone())) => {
                Needs(Scope::Details(group.clone()))
            }
            _ => unreadable(ItemReason::InNeither),
        }
    }

    fn leave(&self) -> ReadbackFinding {
        let group = &self.subject.group;
        let details = Scope::Details(group.clone());
        let has_list = self.capabilities.group_list_shows_membership && self.subject.seen.was_listed;
        if self.subject.is_seen_by_list && has_list {
            if let Some(unread) = self.unread(Scope::Groups) {
                return unread;
            }
        } else if !self.reads.fresh.has(&details) {
            return Needs(details);
        }
        match self.answers.is_member(group) {
            Proof::No => found(Shows::Wanted),
            // If the members did not show the number before either, only the list can.
            Proof::Absent(Lacking::Members) if self.subject.seen.lacked_own_number => {
                if has_list && !self.reads.fresh.has(&Scope::Groups) {
                    Needs(Scope::Groups)
                } else {
                    proves_nothing()
                }
            }
            Proof::Absent(_) => found(Shows::Unconfirmed),
            Proof::Yes => found(Shows::Unwanted),
            Proof::Unknown if has_list && !self.reads.fresh.has(&Scope::Groups) => Needs(Scope::Groups),
            Proof::Unknown => self.why_unread(),
        }
    }

    /// Why the details of the group could not be read, if that is why nothing is known.
    fn why_unread(&self) -> ReadbackFinding {
        match self.reads.fresh.details.get(&self.subject.group) {
            Some(Err(failure)) => no_listing(failure),
            _ => proves_nothing(),
        }
    }

    fn join(&self) -> ReadbackFinding {
        let group = &self.subject.group;
        let scope = if self.capabilities.group_list_shows_membership {
            Scope::Groups
        } else {
            Scope::Details(group.clone())
        };
        if !self.reads.fresh.has(&scope) {
            return Needs(scope);
        }
        match self.answers.is_member(group) {
            Proof::Yes => found(Shows::Wanted),
            Proof::No | Proof::Absent(_) => found(Shows::Unwanted),
            Proof::Unknown => match self.reads.fresh.groups.as_ref().and_then(|read| read.as_ref().err()) {
                Some(failure) => no_listing(failure),
                None => self.why_unread(),
            },
        }
    }

    fn leave_community(&self, community: &CommunityId) -> ReadbackFinding {
        let group = community.as_group();
        let failure = match self.reads.fresh.details.get(&group) {
            None => return Needs(Scope::Details(group)),
            Some(Ok(details)) if details.own_number_listed == Some(false) => {
                Failure::new(FailureKind::NotMember)
            }
            Some(Ok(_)) => Failure::new(FailureKind::Unmentioned),
            Some(Err(failure)) => failure.clone(),
        };
        let is_in = || self.answers.is_in_community(community, self.subject.seen);
        if is_in() == Proof::Unknown && self.subject.seen.was_listed {
            if let Some(unread) = self.unread(Scope::Groups) {
                return unread;
            }
            if self.reads.fresh.community(community).is_none() {
                return Needs(Scope::Community(community.clone()));
            }
        }
        match is_in() {
            Proof::Yes => found(Shows::Unwanted),
            Proof::No => found(Shows::Wanted),
            Proof::Absent(_) => found(Shows::Unconfirmed),
            Proof::Unknown => no_listing(&failure),
        }
    }
}
