//! What read-backs show, case by case.

use rstest::rstest;

use super::*;
use crate::{
    domain::{
        community::{Group, GroupDetails, GroupKind, Role},
        event::SeenBefore,
        name::Name,
        reading::Reading,
        time::Millis,
    },
    engine::samples::{self, CAPABILITIES, community, group},
};

const ENDED: Millis = Millis(1_000);

fn subject(step: Step) -> ReadbackSubject {
    let seen = SeenBefore { was_listed: true, had_details: false, ..SeenBefore::default() };
    let (was_unlinked, is_seen_by_list) = (false, false);
    ReadbackSubject {
        item: 0,
        group: group("g@g.us"),
        step,
        attempt: 1,
        seen,
        ended: ENDED,
        was_unlinked,
        has_next_step: false,
        is_seen_by_list,
    }
}

fn capabilities(shows_all: bool) -> Capabilities {
    Capabilities { community_may_pass_for_group: true, lists_every_subgroup: shows_all, ..CAPABILITIES }
}

fn listing(begun: Millis, groups: &[&str]) -> Reading {
    Reading::Community(community(), Ok(Arc::new(samples::listing(begun, groups))))
}

fn list(begun: Millis, groups: &[&str], parent: &Parent) -> Arc<GroupList> {
    let listed = |id: &&str| Group {
        id: group(id),
        name: Name::new(id),
        members: None,
        role: Role::Unknown,
        parent: parent.clone(),
        kind: GroupKind::Unknown,
    };
    Arc::new(GroupList { begun, groups: groups.iter().map(listed).collect(), skipped: 0, is_cut: false })
}

fn details(own_number_listed: Option<bool>) -> GroupDetails {
    GroupDetails {
        id: group("g@g.us"),
        name: Name::new("g"),
        description: None,
        members: Some(3),
        role: Role::Unknown,
        admins: None,
        own_number_listed,
        parent: Parent::Unknown,
        kind: GroupKind::Unknown,
        has_invite_link: false,
    }
}

fn reads(readings: impl IntoIterator<Item = Reading>) -> ReadbackData {
    let mut reads = ReadbackData::default();
    readings.into_iter().for_each(|reading| reads.fresh.take(reading));
    reads
}

fn response(read: Result<GroupDetails, FailureKind>) -> Reading {
    Reading::Details(group("g@g.us"), read.map_err(Failure::new))
}

fn shown(subject: &ReadbackSubject, reads: &ReadbackData, shows_all: bool) -> Option<Shows> {
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
    let link = subject(Step::Link(community()));
    assert_eq!(shown(&link, &reads([listing(begun, groups)]), false), Some(shows));
}

#[rstest]
#[case::still_a_member(ENDED, &["g@g.us"], Parent::Unknown, Shows::Unconfirmed)]
#[case::a_member_in_no_community(ENDED, &["g@g.us"], Parent::None, Shows::Wanted)]
#[case::named_as_its_parent(ENDED, &["g@g.us"], Parent::Community(community()), Shows::Unreadable)]
#[case::in_neither(ENDED, &["h@g.us"], Parent::Unknown, Shows::Unreadable)]
#[case::an_empty_list(ENDED, &[], Parent::Unknown, Shows::Unreadable)]
#[case::an_old_list(Millis(999), &["g@g.us"], Parent::None, Shows::Unreadable)]
fn an_unlink_if_listings_show_only_own_groups(
    #[case] begun: Millis,
    #[case] groups: &[&str],
    #[case] parent: Parent,
    #[case] shows: Shows,
) {
    let unlink = subject(Step::Unlink(community()));
    let mut reads = reads([listing(ENDED, &["h@g.us"])]);
    assert_eq!(shown(&unlink, &reads, true), Some(Shows::Unconfirmed));
    assert_eq!(examine(&unlink, &reads, &capabilities(false)), Needs(Scope::Groups));
    reads.fresh.take(Reading::Groups(Ok(list(begun, groups, &parent))));
    if let Needs(scope) = examine(&unlink, &reads, &capabilities(false)) {
        assert_eq!(scope, Scope::Details(group("g@g.us")));
        reads.fresh.take(response(Err(FailureKind::NotMember)));
    }
    assert_eq!(shown(&unlink, &reads, false), Some(shows));
}

#[test]
fn an_earlier_list_of_groups_counts_for_its_entries() {
    let unlink = subject(Step::Unlink(community()));
    let mut reads = reads([listing(Millis(9_000), &[])]);
    let mut after = |begun, parent| {
        reads.earlier_groups = Some(list(Millis(begun), &["g@g.us"], &parent));
        shown(&unlink, &reads, false)
    };
    assert_eq!(after(2_000, Parent::Unknown), Some(Shows::Unconfirmed));
    assert_eq!(after(2_000, Parent::None), Some(Shows::Wanted));
    assert_eq!(after(2_000, Parent::Community(community())), None);
    let other = CommunityId::parse("d@g.us").unwrap();
    assert_eq!(after(2_000, Parent::Community(other)), Some(Shows::Wanted), "it is in another community");
    assert_eq!(after(999, Parent::None), None);
}

#[rstest]
#[case::not_a_member(Err(FailureKind::NotMember), Some(Shows::Wanted))]
#[case::still_a_member(Ok(details(Some(true))), Some(Shows::Unwanted))]
#[case::not_among_the_members(Ok(details(Some(false))), Some(Shows::Unconfirmed))]
#[case::nobody_can_tell(Ok(details(None)), None)]
#[case::cannot_be_read(Err(FailureKind::NotFound), None)]
fn a_leave_is_checked_in_the_details(
    #[case] read: Result<GroupDetails, FailureKind>,
    #[case] shows: Option<Shows>,
) {
    let leave = subject(Step::Leave);
    assert_eq!(
        examine(&leave, &ReadbackData::default(), &capabilities(false)),
        Needs(Scope::Details(group("g@g.us")))
    );
    assert_eq!(shown(&leave, &reads([response(read)]), false), shows);
}

#[rstest]
#[case::gone_from_the_list(Err(FailureKind::ServerFault), &["h@g.us"], Shows::Unconfirmed)]
#[case::still_in_the_list(Err(FailureKind::ServerFault), &["g@g.us"], Shows::Unwanted)]
#[case::an_empty_list(Err(FailureKind::ServerFault), &[], Shows::Unreadable)]
#[case::details_speak_against_it(Ok(details(None)), &["h@g.us"], Shows::Unreadable)]
fn a_leave_without_conclusive_details_is_checked_in_the_list(
    #[case] read: Result<GroupDetails, FailureKind>,
    #[case] groups: &[&str],
    #[case] shows: Shows,
) {
    let leave = subject(Step::Leave);
    let reads = reads([response(read), Reading::Groups(Ok(list(ENDED, groups, &Parent::Unknown)))]);
    assert_eq!(shown(&leave, &reads, false), Some(shows));
}

#[test]
fn a_group_that_was_never_listed_is_not_left_because_the_list_lacks_it() {
    let mut leave = subject(Step::Leave);
    leave.seen.was_listed = false;
    let list = Reading::Groups(Ok(list(ENDED, &["h@g.us"], &Parent::Unknown)));
    let reads = reads([response(Err(FailureKind::ServerFault)), list]);
    assert_eq!(shown(&leave, &reads, true), Some(Shows::Unconfirmed));
    leave.is_seen_by_list = true;
    assert_eq!(
        examine(&leave, &ReadbackData::default(), &capabilities(true)),
        Needs(Scope::Details(group("g@g.us")))
    );
}

#[test]
fn members_that_never_showed_the_number_prove_no_leave() {
    let mut leave = subject(Step::Leave);
    leave.seen.lacked_own_number = true;
    let read = |more: &[&str]| {
        let list = Reading::Groups(Ok(list(ENDED, more, &Parent::Unknown)));
        reads([response(Ok(details(Some(false)))), list])
    };
    let only_details = reads([response(Ok(details(Some(false))))]);
    assert_eq!(examine(&leave, &only_details, &capabilities(true)), Needs(Scope::Groups));
    assert_eq!(shown(&leave, &read(&["g@g.us", "h@g.us"]), true), Some(Shows::Unreadable), "it is listed");
    assert_eq!(shown(&leave, &read(&["h@g.us"]), true), Some(Shows::Unconfirmed), "the list lacks it too");
    // Where the list says nothing about membership, only the gateway's words do.
    let silent = Capabilities { group_list_shows_membership: false, ..capabilities(true) };
    assert_eq!(examine(&leave, &only_details, &silent), proves_nothing());
    let told = reads([response(Err(FailureKind::NotMember))]);
    assert_eq!(examine(&leave, &told, &silent), found(Shows::Wanted));
}

#[test]
fn a_community_without_details_before_is_left_when_the_list_and_its_listing_agree() {
    let mut leave = subject(Step::LeaveCommunity(community()));
    let gone = Reading::Details(community().as_group(), Err(Failure::new(FailureKind::NotMember)));
    let mut reads = reads([gone]);
    assert_eq!(examine(&leave, &reads, &capabilities(false)), Needs(Scope::Groups));
    reads.fresh.take(Reading::Groups(Ok(list(ENDED, &["h@g.us"], &Parent::Unknown))));
    assert_eq!(examine(&leave, &reads, &capabilities(false)), Needs(Scope::Community(community())));
    reads.fresh.take(listing(ENDED, &[]));
    assert_eq!(shown(&leave, &reads, false), Some(Shows::Unreadable), "its listing is still there");
    reads.fresh.take(Reading::Community(community(), Err(Failure::new(FailureKind::NotFound))));
    assert_eq!(shown(&leave, &reads, false), Some(Shows::Unconfirmed));
    reads.fresh.take(Reading::Groups(Ok(list(ENDED, &["h@g.us"], &Parent::Community(community())))));
    assert_eq!(shown(&leave, &reads, false), Some(Shows::Unreadable), "one of its groups is still listed");
    leave.seen.was_listed = false;
    assert_eq!(shown(&leave, &reads, false), Some(Shows::Unreadable), "it was never listed");
    leave.seen.had_details = true;
    assert_eq!(shown(&leave, &reads, false), Some(Shows::Wanted));
}

#[test]
fn a_list_of_groups_that_cannot_be_read_is_the_reason_why_an_unlink_is_not_shown() {
    let unlink = subject(Step::Unlink(community()));
    let failure = Failure::new(FailureKind::ServerFault);
    let reads = reads([listing(ENDED, &["h@g.us"]), Reading::Groups(Err(failure.clone()))]);
    assert_eq!(examine(&unlink, &reads, &capabilities(false)), no_listing(&failure));
}

#[test]
fn a_group_that_the_list_lacks_is_searched_in_its_details_before_it_is_in_neither() {
    let unlink = subject(Step::Unlink(community()));
    let list = Reading::Groups(Ok(list(ENDED, &["h@g.us"], &Parent::Unknown)));
    let mut reads = reads([listing(ENDED, &["h@g.us"]), list]);
    assert_eq!(examine(&unlink, &reads, &capabilities(false)), Needs(Scope::Details(group("g@g.us"))));
    reads.fresh.take(response(Err(FailureKind::NotMember)));
    assert_eq!(examine(&unlink, &reads, &capabilities(false)), unreadable(ItemReason::InNeither));
}

#[rstest]
#[case::the_number_is_not_in_it(Some(false), FailureKind::NotMember)]
#[case::they_do_not_mention_the_number(None, FailureKind::Unmentioned)]
fn details_of_a_community_that_prove_nothing_say_why(
    #[case] own_number_listed: Option<bool>,
    #[case] kind: FailureKind,
) {
    let mut leave = subject(Step::LeaveCommunity(community()));
    leave.seen = SeenBefore { was_listed: false, had_details: true, lacked_own_number: true };
    let told = GroupDetails { id: community().as_group(), ..details(own_number_listed) };
    let reads = reads([Reading::Details(community().as_group(), Ok(told))]);
    assert_eq!(examine(&leave, &reads, &capabilities(false)), no_listing(&Failure::new(kind)));
}

/// Only a step that has a next step depends on where the group is.
#[test]
fn an_unlink_tells_the_groups_other_place_only_to_its_next_step() {
    let other = CommunityId::parse("d@g.us").unwrap();
    let mut unlink = subject(Step::Unlink(community()));
    let mut reads = reads([listing(ENDED, &["h@g.us"])]);
    reads.earlier_groups = Some(list(ENDED, &["g@g.us"], &Parent::Community(other.clone())));
    assert_eq!(examine(&unlink, &reads, &capabilities(true)), found(Shows::Unconfirmed));
    unlink.has_next_step = true;
    let place = ItemReason::MovedElsewhere(CommunityRef { id: other, name: None });
    assert_eq!(examine(&unlink, &reads, &capabilities(true)), Found(Shows::Unconfirmed, Some(place)));
}
