//! What a read shows of an item: the wanted state, not the wanted state, or nothing. Pure.
//!
//! The rules are those of `docs/operations.md`, "Listings".

use std::{collections::BTreeMap, sync::Arc};

use super::{Look, Subject};
use crate::domain::{
    capability::Capabilities,
    community::{CommunityListing, GroupDetails, GroupList},
    event::ItemReason,
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    outcome::Shows,
    plan::Step,
};

/// One read of a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Read {
    /// A community's listing.
    Listing(CommunityId),
    /// The list of groups.
    Groups,
    /// A group's details.
    Details(GroupId),
}

/// What a look has read so far.
#[derive(Debug, Default)]
pub(in crate::engine) struct Reads {
    pub(in crate::engine) listing: Option<Result<Arc<CommunityListing>, Failure>>,
    pub(in crate::engine) groups: Option<Result<Arc<GroupList>, Failure>>,
    /// The list of groups of an earlier look: what it has, it has; what it lacks, it may lack by its age.
    pub(in crate::engine) earlier_groups: Option<Arc<GroupList>>,
    pub(in crate::engine) details: BTreeMap<GroupId, Result<GroupDetails, Failure>>,
}

/// What is known of an item by what was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Finding {
    /// Another read is needed.
    Needs(Read),
    /// It is shown so; why, where nothing can be read.
    Found(Shows, Option<ItemReason>),
}

use Finding::{Found, Needs};

fn wanted() -> Finding {
    Found(Shows::Wanted, None)
}

fn unwanted() -> Finding {
    Found(Shows::Unwanted, None)
}

fn unreadable(reason: ItemReason) -> Finding {
    Found(Shows::Unreadable, Some(reason))
}

fn no_listing(failure: &Failure) -> Finding {
    unreadable(ItemReason::NoListing(failure.clone()))
}

/// The read that a look needs next; `None` when it has all.
pub(in crate::engine) fn next_read(look: &Look, reads: &Reads, capabilities: &Capabilities) -> Option<Read> {
    look.subjects.iter().find_map(|subject| match examine(subject, reads, capabilities) {
        Needs(read) => Some(read),
        Found(..) => None,
    })
}

/// What was read shows of an item.
pub(in crate::engine) fn examine(subject: &Subject, reads: &Reads, capabilities: &Capabilities) -> Finding {
    match &subject.step {
        Step::Link(community) | Step::Unlink(community) => {
            let listing = match &reads.listing {
                None => return Needs(Read::Listing(community.clone())),
                Some(Err(failure)) => return no_listing(failure),
                Some(Ok(listing)) if listing.begun < subject.ended => return tells_nothing(),
                Some(Ok(listing)) => listing,
            };
            match (&subject.step, listing.has(&subject.group)) {
                (Step::Link(_), true) => wanted(),
                (Step::Link(_), false) | (_, true) => unwanted(),
                (_, false) if capabilities.lists_every_subgroup => wanted(),
                (_, false) => unlinked(subject, reads),
            }
        }
        Step::Leave if !capabilities.group_list_shows_membership => left_by_members(subject, reads),
        Step::Leave if subject.evidence.was_listed => left_by_list(subject, reads),
        Step::Leave => left_by_details(subject, reads),
        Step::LeaveCommunity(community) => left_community(subject, community, reads),
    }
}

/// An answer that came and proves nothing, such as a listing that began before the attempt ended.
fn tells_nothing() -> Finding {
    unreadable(ItemReason::NoListing(Failure::new(FailureKind::NoListing)))
}

/// The list of groups, where it was read, began after the attempt and lists anything at all.
enum Listed<'a> {
    NotRead,
    Unreadable(Failure),
    List(&'a GroupList),
}

fn listed<'a>(subject: &Subject, reads: &'a Reads) -> Listed<'a> {
    match &reads.groups {
        None => Listed::NotRead,
        Some(Err(failure)) => Listed::Unreadable(failure.clone()),
        Some(Ok(list)) if list.begun < subject.ended || !list.proves_absence() => {
            Listed::Unreadable(Failure::new(FailureKind::NoListing))
        }
        Some(Ok(list)) => Listed::List(list),
    }
}

/// Absent from a listing that shows only the groups that the number is in: unlinked if the number is still in it.
fn unlinked(subject: &Subject, reads: &Reads) -> Finding {
    let earlier = reads.earlier_groups.as_ref().filter(|list| list.begun >= subject.ended);
    if earlier.is_some_and(|list| list.has(&subject.group)) {
        return wanted();
    }
    match listed(subject, reads) {
        Listed::NotRead => Needs(Read::Groups),
        Listed::Unreadable(failure) => no_listing(&failure),
        Listed::List(list) if list.has(&subject.group) => wanted(),
        Listed::List(_) => unreadable(ItemReason::InNeither),
    }
}

fn left_by_list(subject: &Subject, reads: &Reads) -> Finding {
    match listed(subject, reads) {
        Listed::NotRead => Needs(Read::Groups),
        Listed::List(list) if list.has(&subject.group) => unwanted(),
        Listed::List(_) => wanted(),
        Listed::Unreadable(_) => left_by_details(subject, reads),
    }
}

fn left_by_details(subject: &Subject, reads: &Reads) -> Finding {
    match reads.details.get(&subject.group) {
        None => Needs(Read::Details(subject.group.clone())),
        Some(Ok(_)) => unwanted(),
        Some(Err(failure)) if failure.kind == FailureKind::NotMember => wanted(),
        Some(Err(failure)) => no_listing(failure),
    }
}

/// Where the list of groups proves nothing, the members of the group do.
fn left_by_members(subject: &Subject, reads: &Reads) -> Finding {
    match reads.details.get(&subject.group) {
        None => Needs(Read::Details(subject.group.clone())),
        Some(Ok(details)) => match details.own_number_listed {
            Some(true) => unwanted(),
            Some(false) => wanted(),
            None => tells_nothing(),
        },
        Some(Err(failure)) if matches!(failure.kind, FailureKind::NotFound | FailureKind::NotMember) => {
            wanted()
        }
        Some(Err(failure)) => no_listing(failure),
    }
}

fn left_community(subject: &Subject, community: &CommunityId, reads: &Reads) -> Finding {
    let group = community.as_group();
    let failure = match reads.details.get(&group) {
        None => return Needs(Read::Details(group)),
        Some(Ok(_)) => return unwanted(),
        Some(Err(failure)) if failure.kind == FailureKind::NotMember && subject.evidence.had_details => {
            return wanted();
        }
        Some(Err(failure)) => failure,
    };
    if !subject.evidence.was_listed {
        return no_listing(failure);
    }
    match listed(subject, reads) {
        Listed::NotRead => Needs(Read::Groups),
        Listed::List(list) if !list.has(&group) => wanted(),
        Listed::List(_) | Listed::Unreadable(_) => no_listing(failure),
    }
}
