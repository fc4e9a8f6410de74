//! Which items a follow-up includes, and which it does not.

use rstest::rstest;
use synod::domain::{
    event::{Guess, ItemReason, OperationEvent, StopReason},
    failure::{Failure, FailureKind},
    id::OperationId,
    operation::{Operation, Phase},
    outcome::{Claim, Outcome},
    plan::{
        Earlier, Origin, Step, Verb, Want,
        again::{
            Loss, losses, may_go_on, may_retry, may_undo, newest_interrupted, rejoin, resume, retry, undo,
        },
    },
};

use crate::support::domain::{self, community, group, item, order};

/// An ended operation with one item and these events.
fn operation(verb: Verb, steps: Vec<Step>, events: Vec<OperationEvent>) -> Operation {
    let order = order(verb, vec![item(&group("g"), steps)]);
    domain::operation(7, order, events.into_iter().chain([OperationEvent::Ended]))
}

fn ended(outcome: Outcome, reason: Option<ItemReason>) -> Vec<OperationEvent> {
    vec![
        OperationEvent::Sending { item: 0, step: 0, attempt: 1, timeout_ms: None },
        OperationEvent::ItemFinished { item: 0, outcome, reason },
    ]
}

fn link() -> Vec<Step> {
    vec![Step::Link(community("b"))]
}

fn half_moved(outcome: Outcome) -> Operation {
    let steps = vec![Step::Unlink(community("a")), Step::Link(community("b"))];
    let reason = Some(ItemReason::LeftStanding);
    let events = vec![
        OperationEvent::Sending { item: 0, step: 0, attempt: 1, timeout_ms: None },
        OperationEvent::StepVerified { item: 0 },
        OperationEvent::Sending { item: 0, step: 1, attempt: 1, timeout_ms: None },
        OperationEvent::ItemFinished { item: 0, outcome, reason },
    ];
    operation(Verb::Move, steps, events)
}

fn passing() -> ItemReason {
    ItemReason::Gateway(Failure::new(FailureKind::GatewayError))
}

fn lasting() -> ItemReason {
    ItemReason::Gateway(Failure::new(FailureKind::Refused).saying("no"))
}

#[rstest]
#[case::contradicted(Outcome::Contradicted, Some(ItemReason::MayAwaitApproval), true)]
#[case::refused_for_good(Outcome::Refused, Some(lasting()), false)]
#[case::refused_in_passing(Outcome::Refused, Some(passing()), true)]
#[case::refused_without_a_reason(Outcome::Refused, None, true)]
#[case::refused_as_we_guess(Outcome::Refused, Some(ItemReason::Guess(Guess::CommunityFull)), true)]
#[case::unknown(Outcome::Unknown, None, true)]
#[case::cannot_be_shown(Outcome::Unknown, Some(ItemReason::CannotBeShown), false)]
#[case::not_sent(Outcome::NotSent, Some(ItemReason::Stopped), true)]
#[case::verified(Outcome::Verified, None, false)]
#[case::already_so(Outcome::AlreadySo, None, false)]
#[case::blocked(Outcome::Blocked, None, false)]
fn what_is_retried(#[case] outcome: Outcome, #[case] reason: Option<ItemReason>, #[case] is_retried: bool) {
    let request = retry(&operation(Verb::Link, link(), ended(outcome, reason)));
    assert_eq!(request.is_some(), is_retried);
    if let Some(request) = request {
        assert_eq!(request.parent, Some(OperationId(7)));
        assert_eq!(request.target(), Some(&community("b")));
        assert!(request.wishes[0].was_sent());
    }
}

#[test]
fn a_move_that_was_left_standing_is_taken_up_even_when_it_was_refused_for_good() {
    let wish = retry(&half_moved(Outcome::Refused)).unwrap().wishes.remove(0);
    let (from, to) = (community("a"), community("b"));
    assert_eq!((wish.want, wish.from), (Want::In(to), Origin::Only(from)));
}

#[test]
fn what_ended_early_is_resumed_and_what_ended_by_itself_is_not() {
    let not_sent = OperationEvent::ItemFinished { item: 0, outcome: Outcome::NotSent, reason: None };
    let stopped = vec![OperationEvent::Stopping { why: StopReason::Interrupted }, not_sent.clone()];
    let interrupted = operation(Verb::Link, link(), stopped);
    assert!(!resume(&interrupted).unwrap().wishes[0].was_sent());
    assert_eq!(resume(&operation(Verb::Link, link(), vec![not_sent])), None);
    let contradicted = vec![
        OperationEvent::Stopping { why: StopReason::Interrupted },
        OperationEvent::ItemFinished { item: 0, outcome: Outcome::Contradicted, reason: None },
    ];
    assert_eq!(resume(&operation(Verb::Link, link(), contradicted)), None);
    assert_eq!(newest(std::slice::from_ref(&interrupted)), Some(interrupted.id));
    let mut child = interrupted.clone();
    (child.id, child.parent) = (OperationId(8), Some(interrupted.id));
    child.phase = Phase::Ended(None);
    assert_eq!(newest(&[interrupted, child]), None);
}

fn newest(all: &[Operation]) -> Option<OperationId> {
    newest_interrupted(all.iter().map(|known| &known.summary)).map(|known| known.id)
}

#[test]
fn each_verb_is_undone_by_its_inverse() {
    let undone = |verb, steps| {
        let request = undo(&operation(verb, steps, ended(Outcome::Verified, None)))?;
        let wish = request.wishes.into_iter().next()?;
        Some((request.verb, wish.want, wish.from))
    };
    let (a, b) = (community("a"), community("b"));
    let unlink = vec![Step::Unlink(a.clone())];
    assert_eq!(undone(Verb::Link, link()), Some((Verb::Unlink, Want::InNone, Origin::Only(b.clone()))));
    assert_eq!(
        undone(Verb::Unlink, unlink.clone()),
        Some((Verb::Link, Want::In(a.clone()), Origin::Nowhere))
    );
    assert_eq!(undone(Verb::Rejoin, vec![Step::Join]), Some((Verb::Leave, Want::Left, Origin::Anywhere)));
    assert_eq!(undone(Verb::Leave, vec![Step::Leave]), None);
    // A move is verified at its last step.
    let mut moved = half_moved(Outcome::Verified);
    moved.items[0].reason = None;
    let request = undo(&moved).unwrap();
    assert_eq!((request.verb, request.target()), (Verb::Move, Some(&a)));
    assert_eq!(request.wishes[0].from, Origin::Only(b));
}

#[test]
fn what_was_not_verified_is_not_undone_but_half_a_move_is() {
    assert_eq!(undo(&operation(Verb::Link, link(), ended(Outcome::Contradicted, None))), None);
    assert_eq!(undo(&half_moved(Outcome::NotSent)).unwrap().target(), Some(&community("a")));
}

#[test]
fn what_is_lost_is_told_and_a_kept_link_leads_back() {
    let left = operation(Verb::Leave, vec![Step::Leave], ended(Outcome::Verified, None));
    assert_eq!(losses(&left), [(0, Loss::Left)]);
    assert_eq!(rejoin(&left, |_| false), None);
    let back = rejoin(&left, |_| true).unwrap();
    assert_eq!((back.verb, back.parent), (Verb::Rejoin, Some(OperationId(7))));
    let unknown = operation(Verb::Link, link(), ended(Outcome::Unknown, None));
    assert_eq!(losses(&unknown), [(0, Loss::Unknown)]);
}

#[test]
fn what_still_runs_is_neither_retried_nor_undone() {
    let mut running = operation(Verb::Link, link(), ended(Outcome::Verified, None));
    running.phase = Phase::Running;
    assert_eq!(undo(&running), None);
    running.items[0].outcome = Some(Outcome::Contradicted);
    assert_eq!(retry(&running), None);
}

#[test]
fn a_glance_at_the_totals_offers_only_what_there_may_be() {
    for outcome in Outcome::ALL {
        let ended = |verb, steps| operation(verb, steps, ended(outcome, None));
        let linked = ended(Verb::Link, link());
        let is_left =
            matches!(outcome, Outcome::Contradicted | Outcome::NotSent | Outcome::Unknown | Outcome::Refused);
        assert_eq!(may_retry(&linked), is_left, "{outcome:?}");
        assert_eq!(may_undo(&linked), outcome == Outcome::Verified, "{outcome:?}");
        assert!(!may_go_on(&linked), "it ended by itself: {outcome:?}");
        let left = ended(Verb::Leave, vec![Step::Leave]);
        assert!(!may_undo(&left), "{outcome:?}");
        assert_eq!(may_go_on(&left), outcome == Outcome::Verified, "{outcome:?}");
        let moved = ended(Verb::Move, vec![Step::Unlink(community("a")), Step::Link(community("b"))]);
        assert!(may_undo(&moved), "half of it may be done: {outcome:?}");
        let mut stopped = linked.clone();
        stopped.phase = Phase::Ended(Some(StopReason::Operator));
        let is_open = matches!(outcome, Outcome::NotSent | Outcome::Unknown);
        assert_eq!(may_go_on(&stopped), is_open, "{outcome:?}");
        for mut live in [linked, left, moved] {
            live.phase = Phase::Running;
            assert!(!(may_retry(&live) || may_undo(&live) || may_go_on(&live)), "{outcome:?}");
        }
    }
}

#[test]
fn a_retry_wants_what_the_operation_wanted() {
    let again = |verb, steps| {
        let wish = retry(&operation(verb, steps, ended(Outcome::NotSent, None)))?.wishes.remove(0);
        Some((wish.want, wish.from))
    };
    let (a, b) = (community("a"), community("b"));
    let (unlink, link) = (Step::Unlink(a.clone()), Step::Link(b.clone()));
    let in_b = || Want::In(b.clone());
    assert_eq!(again(Verb::Link, vec![link.clone()]), Some((in_b(), Origin::Nowhere)));
    let both = vec![unlink.clone(), link.clone()];
    assert_eq!(again(Verb::Move, both), Some((in_b(), Origin::Only(a.clone()))));
    assert_eq!(again(Verb::Move, vec![link]), Some((in_b(), Origin::Nowhere)), "it was in none");
    assert_eq!(again(Verb::Unlink, vec![unlink]), Some((Want::InNone, Origin::Only(a.clone()))));
    assert_eq!(again(Verb::Leave, vec![Step::Leave]), Some((Want::Left, Origin::Anywhere)));
    let community_left = vec![Step::LeaveCommunity(a.clone())];
    assert_eq!(again(Verb::Leave, community_left), Some((Want::CommunityLeft(a), Origin::Anywhere)));
    assert_eq!(again(Verb::Rejoin, vec![Step::Join]), Some((Want::Member, Origin::Anywhere)));
    assert_eq!(again(Verb::Unlink, Vec::new()), None, "there is nothing to send");
}

#[rstest]
#[case::refused_without_words(ItemReason::Gateway(Failure::new(FailureKind::Refused)), true)]
#[case::a_right_is_lacking(ItemReason::Gateway(Failure::new(FailureKind::Forbidden)), false)]
#[case::for_another_reason(ItemReason::Stopped, false)]
fn a_refusal_is_retried_only_if_it_may_pass(#[case] reason: ItemReason, #[case] is_retried: bool) {
    let refused = operation(Verb::Link, link(), ended(Outcome::Refused, Some(reason)));
    assert_eq!(retry(&refused).is_some(), is_retried);
}

#[test]
fn a_resumed_operation_omits_what_nothing_can_show() {
    let stopped = |outcome, reason| {
        let mut events = vec![OperationEvent::Stopping { why: StopReason::Operator }];
        events.extend(ended(outcome, reason));
        resume(&operation(Verb::Link, link(), events)).is_some()
    };
    assert!(stopped(Outcome::Unknown, None));
    assert!(stopped(Outcome::NotSent, None));
    assert!(!stopped(Outcome::Unknown, Some(ItemReason::CannotBeShown)));
    assert!(!stopped(Outcome::Verified, None));
}

#[test]
fn an_undo_warns_if_the_gateway_had_refused_what_was_there_all_the_same() {
    let undone = |claim| {
        let mut done = operation(Verb::Link, link(), ended(Outcome::Verified, None));
        done.items[0].claim = claim;
        undo(&done).unwrap().wishes[0].earlier
    };
    let earlier = |may_be_others| Some(Earlier { may_be_others, ..Earlier::default() });
    assert_eq!(undone(Some(Claim::No)), earlier(true));
    assert_eq!(undone(Some(Claim::Yes)), earlier(false));
    assert_eq!(undone(None), earlier(false));
}

#[test]
fn only_what_was_sent_and_cannot_be_brought_back_is_a_loss() {
    let community_left = vec![Step::LeaveCommunity(community("a"))];
    let lost = operation(Verb::Leave, community_left, ended(Outcome::Verified, None));
    assert_eq!(losses(&lost), [(0, Loss::LeftCommunity)]);
    let mut unsent = operation(Verb::Link, link(), ended(Outcome::Unknown, None));
    unsent.items[0].was_sent = false;
    assert_eq!(losses(&unsent), []);
    assert_eq!(losses(&half_moved(Outcome::Unknown)), [], "half of it can be undone");
    assert_eq!(losses(&operation(Verb::Link, link(), ended(Outcome::Verified, None))), []);
}

#[test]
fn only_groups_that_were_left_and_verified_are_joined_again() {
    let leave = |outcome| operation(Verb::Leave, vec![Step::Leave], ended(outcome, None));
    let back = rejoin(&leave(Outcome::Verified), |group| group.as_str() == "g@g.us").unwrap();
    assert_eq!((&back.wishes[0].want, back.wishes.len()), (&Want::Member, 1));
    assert_eq!(rejoin(&leave(Outcome::Unknown), |_| true), None);
    let linked = operation(Verb::Link, link(), ended(Outcome::Verified, None));
    assert_eq!(rejoin(&linked, |_| true), None);
}

#[test]
fn the_newest_interrupted_operation_that_has_something_left_is_offered() {
    let stopped = |id, why, outcome| {
        let events = [vec![OperationEvent::Stopping { why }], ended(outcome, None)].concat();
        let mut operation = operation(Verb::Link, link(), events);
        operation.id = OperationId(id);
        operation
    };
    let older = stopped(7, StopReason::Interrupted, Outcome::NotSent);
    let newer = stopped(8, StopReason::Journal, Outcome::Unknown);
    let by_operator = stopped(9, StopReason::Operator, Outcome::NotSent);
    let complete = stopped(10, StopReason::Interrupted, Outcome::Verified);
    let all = [older.clone(), newer.clone(), by_operator, complete];
    assert_eq!(newest(&all), Some(newer.id));
    let mut follow_up = stopped(11, StopReason::Operator, Outcome::Verified);
    follow_up.parent = Some(newer.id);
    let hidden = [
        OperationEvent::Stopping { why: StopReason::Interrupted },
        OperationEvent::ItemFinished {
            item: 0,
            outcome: Outcome::Unknown,
            reason: Some(ItemReason::CannotBeShown),
        },
    ];
    let hidden = operation(Verb::Link, link(), hidden.to_vec());
    assert_eq!((newest(std::slice::from_ref(&hidden)), resume(&hidden)), (None, None));
    assert_eq!(newest(&[older.clone(), newer, follow_up]), Some(older.id));
}
