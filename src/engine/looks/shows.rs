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
        Step::Join if capabilities.group_list_shows_membership => joined_by_list(subject, reads),
        Step::Join => joined_by_members(subject, reads),
    }
}

fn joined_by_list(subject: &Subject, reads: &Reads) -> Finding {
    match listed(subject, reads) {
        Listed::NotRead => Needs(Read::Groups),
        Listed::List(list) if list.has(&subject.group) => wanted(),
        Listed::List(_) => unwanted(),
        Listed::Unreadable(failure) => no_listing(&failure),
    }
}

fn joined_by_members(subject: &Subject, reads: &Reads) -> Finding {
    match reads.details.get(&subject.group) {
        None => Needs(Read::Details(subject.group.clone())),
        Some(Ok(details)) => match details.own_number_listed {
            Some(true) => wanted(),
            Some(false) => unwanted(),
            None => tells_nothing(),
        },
        Some(Err(failure)) if matches!(failure.kind, FailureKind::NotFound | FailureKind::NotMember) => {
            unwanted()
        }
        Some(Err(failure)) => no_listing(failure),
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
        // A list that does not prove absence still shows what is in it.
        Some(Ok(list))
            if list.begun < subject.ended || !(list.proves_absence() || list.has(&subject.group)) =>
        {
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::{
        capability::LastSubgroup,
        community::{Group, GroupKind, Parent, Role, Subgroup},
        event::Evidence,
        name::Name,
        pairing::Pairing,
        time::Millis,
    };

    const ENDED: Millis = Millis(1_000);

    fn group(text: &str) -> GroupId {
        GroupId::parse(text).unwrap()
    }

    fn subject(step: Step) -> Subject {
        let evidence = Evidence { was_listed: true, had_details: false };
        Subject { item: 0, group: group("g@g.us"), step, attempt: 1, evidence, ended: ENDED }
    }

    fn capabilities(shows_all: bool) -> Capabilities {
        Capabilities {
            lists_communities: false,
            leaves_communities: true,
            community_may_pass_for_group: true,
            lists_every_subgroup: shows_all,
            group_list_shows_membership: true,
            last_subgroup: LastSubgroup::Risky,
            requests_per_minute: None,
            gives_reasons: false,
            pairing: Pairing::NONE,
        }
    }

    fn listing(begun: Millis, groups: &[&str]) -> Arc<CommunityListing> {
        let subgroups = groups.iter().map(|id| Subgroup { id: group(id), name: Name::new(id) }).collect();
        let community = CommunityId::parse("c@g.us").unwrap();
        Arc::new(CommunityListing { community, name: None, begun, announcements: None, subgroups })
    }

    fn list(begun: Millis, groups: &[&str]) -> Arc<GroupList> {
        let listed = |id: &&str| Group {
            id: group(id),
            name: Name::new(id),
            members: None,
            role: Role::Unknown,
            parent: Parent::Unknown,
            kind: GroupKind::Unknown,
        };
        Arc::new(GroupList { begun, groups: groups.iter().map(listed).collect(), skipped: 0 })
    }

    fn shown(subject: &Subject, reads: &Reads, shows_all: bool) -> Option<Shows> {
        match examine(subject, reads, &capabilities(shows_all)) {
            Found(shows, _) => Some(shows),
            Needs(_) => None,
        }
    }

    #[rstest]
    #[case::in_it(Millis(1_001), &["g@g.us"], Shows::Wanted)]
    #[case::not_in_it(Millis(1_001), &["h@g.us"], Shows::Unwanted)]
    #[case::begun_before_the_attempt_ended(Millis(999), &["g@g.us"], Shows::Unreadable)]
    fn a_link(#[case] begun: Millis, #[case] groups: &[&str], #[case] shows: Shows) {
        let link = subject(Step::Link(CommunityId::parse("c@g.us").unwrap()));
        let reads = Reads { listing: Some(Ok(listing(begun, groups))), ..Reads::default() };
        assert_eq!(shown(&link, &reads, false), Some(shows));
    }

    #[rstest]
    #[case::still_a_member(ENDED, &["g@g.us"], Shows::Wanted)]
    #[case::in_neither(ENDED, &["h@g.us"], Shows::Unreadable)]
    #[case::an_empty_list(ENDED, &[], Shows::Unreadable)]
    #[case::an_old_list(Millis(999), &["g@g.us"], Shows::Unreadable)]
    fn an_unlink_where_listings_show_only_own_groups(
        #[case] begun: Millis,
        #[case] groups: &[&str],
        #[case] shows: Shows,
    ) {
        let unlink = subject(Step::Unlink(CommunityId::parse("c@g.us").unwrap()));
        let mut reads = Reads { listing: Some(Ok(listing(ENDED, &["h@g.us"]))), ..Reads::default() };
        assert_eq!(shown(&unlink, &reads, true), Some(Shows::Wanted));
        assert_eq!(examine(&unlink, &reads, &capabilities(false)), Needs(Read::Groups));
        reads.groups = Some(Ok(list(begun, groups)));
        assert_eq!(shown(&unlink, &reads, false), Some(shows));
    }

    #[test]
    fn an_earlier_list_of_groups_serves_for_what_it_has() {
        let unlink = subject(Step::Unlink(CommunityId::parse("c@g.us").unwrap()));
        let mut reads = Reads { listing: Some(Ok(listing(Millis(9_000), &[]))), ..Reads::default() };
        reads.earlier_groups = Some(list(Millis(2_000), &["g@g.us"]));
        assert_eq!(shown(&unlink, &reads, false), Some(Shows::Wanted));
        reads.earlier_groups = Some(list(Millis(999), &["g@g.us"]));
        assert_eq!(shown(&unlink, &reads, false), None);
    }

    #[rstest]
    #[case::not_a_member(Err(FailureKind::NotMember), Shows::Wanted)]
    #[case::cannot_be_read(Err(FailureKind::NotFound), Shows::Unreadable)]
    fn a_leave_with_an_empty_list_asks_for_details(
        #[case] read: Result<GroupDetails, FailureKind>,
        #[case] shows: Shows,
    ) {
        let leave = subject(Step::Leave);
        let mut reads = Reads { groups: Some(Ok(list(ENDED, &[]))), ..Reads::default() };
        assert_eq!(examine(&leave, &reads, &capabilities(false)), Needs(Read::Details(group("g@g.us"))));
        reads.details.insert(group("g@g.us"), read.map_err(Failure::new));
        assert_eq!(shown(&leave, &reads, false), Some(shows));
    }

    #[test]
    fn a_community_without_details_before_is_shown_as_left_by_the_list_of_groups() {
        let community = CommunityId::parse("c@g.us").unwrap();
        let leave = subject(Step::LeaveCommunity(community.clone()));
        let mut reads = Reads::default();
        reads.details.insert(community.as_group(), Err(Failure::new(FailureKind::NotMember)));
        assert_eq!(examine(&leave, &reads, &capabilities(false)), Needs(Read::Groups));
        reads.groups = Some(Ok(list(ENDED, &["h@g.us"])));
        assert_eq!(shown(&leave, &reads, false), Some(Shows::Wanted));
        reads.groups = Some(Ok(list(ENDED, &["c@g.us"])));
        assert_eq!(shown(&leave, &reads, false), Some(Shows::Unreadable));
    }
}
