//! Which waiting items newer readings change, and how.

use std::sync::Arc;

use rstest::rstest;
use synod::domain::{
    community::{CommunityListing, CommunityRef, GroupDetails, GroupKind, GroupList, Parent},
    directory::{Directory, KnownFrom},
    event::{ItemReason, SeenBefore},
    failure::{Failure, FailureKind},
    name::Name,
    operation::{ItemState, Operation},
    outcome::Outcome,
    plan::{
        Reason, Step, Verb,
        recheck::{judge, known, needs},
    },
    reading::{Reading, Readings, Scope},
    time::Millis,
};

use crate::support::domain::{
    self, CAPABILITIES, community, details, group, item, link, list, listing, order, unlink,
};

const NOW: Millis = Millis(1_000);

fn operation(id: u64, verb: Verb, items: &[(&str, Vec<Step>)]) -> Operation {
    let items = items.iter().map(|(text, steps)| item(&group(text), steps.clone())).collect();
    domain::operation(id, order(verb, items), [])
}

/// An operation with one item, the group g.
fn one(verb: Verb, steps: Vec<Step>) -> Operation {
    operation(7, verb, &[("g", steps)])
}

/// The same, if an earlier operation has already sent something for the item.
fn sent_before(mut operation: Operation) -> Operation {
    operation.items[0].was_sent = true;
    operation
}

#[derive(Clone, Default)]
struct Fresh(Readings);

impl Fresh {
    fn listing(mut self, listing: CommunityListing) -> Self {
        self.0.take(Reading::Community(listing.community.clone(), Ok(Arc::new(listing))));
        self
    }

    fn unread(mut self, scope: &Scope) -> Self {
        self.0.take(Reading::failed(scope, &timed_out()));
        self
    }

    fn groups(mut self, list: GroupList) -> Self {
        self.0.take(Reading::Groups(Ok(Arc::new(list))));
        self
    }

    fn details(mut self, text: &str, read: Result<Option<bool>, FailureKind>) -> Self {
        let read = read.map_err(Failure::new).map(|own_number_listed| GroupDetails {
            own_number_listed,
            kind: GroupKind::Ordinary,
            ..details(text)
        });
        self.0.take(Reading::Details(group(text), read));
        self
    }

    /// The same communities, read once more.
    fn twice(mut self) -> Self {
        self.0.again = Some(Box::new(self.0.clone()));
        self
    }

    fn changes(&self, operation: &Operation) -> Vec<(usize, Outcome, Option<ItemReason>)> {
        let changes = judge(operation, &Directory::default(), &self.0, &CAPABILITIES, 50, NOW);
        changes.into_iter().map(|change| (change.item, change.outcome, change.reason)).collect()
    }
}

fn timed_out() -> Failure {
    Failure::new(FailureKind::TimedOut)
}

fn halted() -> ItemReason {
    ItemReason::Halted(timed_out())
}

fn planned(reason: Reason) -> ItemReason {
    ItemReason::Plan(reason)
}

fn target(of: &str) -> Scope {
    Scope::Community(community(of))
}

#[test]
fn what_is_still_to_be_done_does_not_change() {
    let fresh = Fresh::default().listing(listing("a", &["g", "h"])).listing(listing("b", &["k"]));
    assert_eq!(fresh.changes(&one(Verb::Unlink, vec![unlink("a")])), []);
    assert_eq!(fresh.changes(&one(Verb::Move, vec![unlink("a"), link("b")])), []);
    let fresh = Fresh::default().listing(listing("b", &["k"])).groups(list(&[("g", Parent::None)]));
    assert_eq!(fresh.changes(&one(Verb::Link, vec![link("b")])), []);
    assert_eq!(fresh.changes(&one(Verb::Leave, vec![Step::Leave])), []);
}

#[test]
fn what_somebody_else_has_done_meanwhile_is_not_sent() {
    let fresh = Fresh::default().listing(listing("b", &["g"]));
    let link = one(Verb::Link, vec![link("b")]);
    assert_eq!(fresh.changes(&link), [(0, Outcome::AlreadySo, Some(planned(Reason::AlreadyIn)))]);
    assert_eq!(fresh.changes(&sent_before(link)), [(0, Outcome::Verified, None)], "it was ours");
    let gone = Fresh::default().details("g", Err(FailureKind::NotMember));
    let leave = one(Verb::Leave, vec![Step::Leave]);
    assert_eq!(gone.changes(&leave), [(0, Outcome::AlreadySo, Some(planned(Reason::NotMember)))]);
    let back = Fresh::default().details("g", Ok(Some(true)));
    let join = one(Verb::Rejoin, vec![Step::Join]);
    assert_eq!(back.changes(&join), [(0, Outcome::AlreadySo, Some(planned(Reason::AlreadyMember)))]);
}

#[test]
fn a_group_that_is_in_another_community_by_now_is_blocked() {
    let fresh = Fresh::default().listing(listing("a", &["g"])).listing(listing("b", &["k"]));
    let elsewhere = CommunityRef { id: community("a"), name: Some(Name::new("a-news")) };
    let blocked = [(0, Outcome::Blocked, Some(planned(Reason::InOtherCommunity(elsewhere))))];
    assert_eq!(fresh.changes(&one(Verb::Link, vec![link("b")])), blocked);
}

#[test]
fn nothing_is_sent_blindly_if_a_community_could_not_be_read() {
    let fresh = Fresh::default().unread(&target("a"));
    let not_sent = [(0, Outcome::NotSent, Some(halted()))];
    assert_eq!(fresh.changes(&one(Verb::Unlink, vec![unlink("a")])), not_sent);
    assert_eq!(fresh.changes(&one(Verb::Link, vec![link("a")])), not_sent);
}

#[test]
fn a_move_of_a_group_that_is_no_longer_there_is_not_sent_as_if_it_were() {
    let operation = one(Verb::Move, vec![unlink("a"), link("b")]);
    let gone = Fresh::default().listing(listing("a", &["h"])).listing(listing("b", &["k"]));
    let in_none = gone.clone().groups(list(&[("g", Parent::None)]));
    assert_eq!(in_none.changes(&operation), [(0, Outcome::Blocked, Some(planned(Reason::NotIn)))]);
    assert_eq!(gone.changes(&operation), [], "one listing that lacks it proves nothing");
    let gone = gone.twice();
    assert_eq!(gone.changes(&operation), [(0, Outcome::Blocked, Some(planned(Reason::PlaceUnknown)))]);
    // The request that was sent may have taken it out: the retry links it.
    let mut retry = sent_before(operation);
    assert_eq!(gone.changes(&retry), [(0, Outcome::NotSent, Some(ItemReason::LeftStanding))]);
    retry.items[0].step = 1;
    assert_eq!(gone.changes(&retry), [], "only the link is left to be sent");
}

#[test]
fn only_items_that_wait_for_their_first_request_are_judged() {
    let fresh = Fresh::default().listing(listing("b", &["g", "h"]));
    let steps = || vec![link("b")];
    let base = operation(7, Verb::Link, &[("g", steps()), ("h", steps()), ("k", steps())]);
    let items = |operation: &Operation| -> Vec<usize> {
        assert!(needs(operation, &Directory::default(), &CAPABILITIES).is_some());
        fresh.changes(operation).into_iter().map(|(item, ..)| item).collect()
    };
    assert_eq!(items(&base), [0, 1]);
    let mut attempted = base.clone();
    attempted.items[0].attempts = 1;
    assert_eq!(items(&attempted), [1]);
    let mut sending = base.clone();
    sending.items[0].state = ItemState::Sending;
    assert_eq!(items(&sending), [1]);
    let mut finished = base.clone();
    finished.items[0].outcome = Some(Outcome::NotSent);
    assert_eq!(items(&finished), [1]);
    let mut done = base;
    for item in &mut done.items {
        item.outcome = Some(Outcome::Verified);
    }
    assert_eq!(fresh.changes(&done), []);
    assert_eq!(needs(&done, &Directory::default(), &CAPABILITIES), None);
}

#[test]
fn a_recheck_reads_what_the_steps_need_and_no_kinds() {
    let first = |steps| needs(&one(Verb::Move, steps), &Directory::default(), &CAPABILITIES).unwrap().first();
    let scopes = |more: &[Scope]| [&[Scope::Connection, Scope::Groups], more].concat();
    assert_eq!(first(vec![unlink("a"), link("b")]), scopes(&[target("a"), target("b")]));
    assert_eq!(first(vec![unlink("a")]), scopes(&[target("a")]));
    assert_eq!(first(vec![link("b")]), scopes(&[target("b")]));
    assert_eq!(first(vec![Step::Leave]), scopes(&[]));
    assert_eq!(first(vec![Step::Join]), scopes(&[]));
    let community_left = vec![Step::LeaveCommunity(community("g"))];
    assert_eq!(first(community_left), scopes(&[target("g"), Scope::Details(group("g"))]));
}

#[rstest]
#[case::details_failed(SeenBefore { was_listed: true, had_details: false, ..SeenBefore::default() }, true)]
#[case::only_details_before(SeenBefore { was_listed: false, had_details: true, ..SeenBefore::default() }, true)]
#[case::never_seen(SeenBefore::default(), false)]
fn a_group_is_not_left_if_nothing_shows_any_more_that_the_number_is_in_it(
    #[case] evidence: SeenBefore,
    #[case] is_halted: bool,
) {
    let mut operation = one(Verb::Leave, vec![Step::Leave]);
    operation.items[0].evidence = evidence;
    let expected = if is_halted { vec![(0, Outcome::NotSent, Some(halted()))] } else { Vec::new() };
    let unread = Fresh::default().unread(&Scope::Groups);
    assert_eq!(unread.changes(&operation), expected, "the list of groups was not read");
    let details = Fresh::default().unread(&Scope::Details(group("g")));
    assert_eq!(details.changes(&operation), expected, "the details were not read");
    assert_eq!(details.groups(list(&[("g", Parent::None)])).changes(&operation), [], "the list shows it");
    assert_eq!(Fresh::default().changes(&operation), [], "nothing failed");
    let mut link = one(Verb::Link, vec![link("b")]);
    link.items[0].evidence = evidence;
    assert_eq!(unread.listing(listing("b", &["k"])).changes(&link), [], "a link does not depend on it");
}

#[rstest]
#[case::out_of_it(Err(FailureKind::NotMember), false, Some((Outcome::AlreadySo, Some(planned(Reason::NotMember)))))]
#[case::out_of_it_by_our_request(Err(FailureKind::NotMember), true, Some((Outcome::Verified, None)))]
#[case::still_in_it(Ok(Some(true)), false, None)]
#[case::no_contradiction(Ok(None), false, None)]
#[case::details_failed(Err(FailureKind::TimedOut), false, Some((Outcome::NotSent, Some(halted()))))]
fn a_community_is_left_unless_the_answers_say_that_it_was_or_failed(
    #[case] details: Result<Option<bool>, FailureKind>,
    #[case] was_sent: bool,
    #[case] change: Option<(Outcome, Option<ItemReason>)>,
) {
    let mut operation = one(Verb::Leave, vec![Step::LeaveCommunity(community("g"))]);
    operation.items[0].was_sent = was_sent;
    operation.items[0].evidence = SeenBefore { was_listed: true, had_details: true, ..SeenBefore::default() };
    let fresh = Fresh::default().listing(listing("g", &["h"])).details("g", details);
    let expected: Vec<_> = change.into_iter().map(|(outcome, reason)| (0, outcome, reason)).collect();
    assert_eq!(fresh.changes(&operation), expected);
}

#[test]
fn other_operations_on_the_same_groups_show_where_they_may_be() {
    let operation = one(Verb::Link, vec![link("b")]);
    let other = self::operation(
        8,
        Verb::Move,
        &[("g", vec![unlink("c"), link("d")]), ("h", vec![link("e")]), ("g", vec![Step::Leave])],
    );
    let known = known(&operation, &[operation.clone(), other]);
    let ids: Vec<_> = known.communities().iter().map(|known| known.id.clone()).collect();
    assert_eq!(ids, ["c", "d"].map(community), "neither its own target nor those of other groups");
    assert!(known.communities().iter().all(|known| known.known_from == KnownFrom::Memory));
}
