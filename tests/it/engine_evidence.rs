//! The engine's conclusions from read-backs that are incomplete, contradict each other, or follow a request that asked to
//! wait; and the items that a new check of an ended operation settles.

use std::time::Duration;

use rstest::rstest;
use synod::domain::{
    capability::Capabilities,
    community::CommunityRef,
    event::{ItemReason, OperationEvent, StopReason},
    failure::{Failure, FailureKind},
    id::CommunityId,
    operation::RunControl,
    outcome::Outcome::{self, Contradicted, NotSent, Refused, Unknown, Verified},
    plan::Step,
};

use crate::support::{
    fake_gateway::{FakeGateway, Fault, Twist, capable, clock, community, group},
    rig::{Rig, in_time, leave, link, move_all, outcomes, unlink},
};

fn throttled() -> Failure {
    Failure::new(FailureKind::Throttled { until: None })
}

fn limited() -> Failure {
    Failure::new(FailureKind::RateLimited { until: None })
}

/// Like `RyzeAPI`, whose listings show only the groups that the number is in.
fn ryzeapi() -> Capabilities {
    Capabilities { lists_every_subgroup: false, ..capable() }
}

fn named(at: usize, parent: &CommunityId) -> Twist {
    Twist::Parent(group(at), parent.clone())
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_request_that_asked_to_wait_is_read_back_before_a_stop_calls_it_not_sent(
    #[values(throttled(), limited())] failure: Failure,
    #[values(true, false)] took_effect: bool,
) {
    let clock = clock();
    let fault = if took_effect { Fault::RefuseAfter(failure) } else { Fault::Refuse(failure) };
    let mut rig = Rig::new(clock, FakeGateway::new(clock).faults(&group(0), [fault]));
    let id = rig.submit(link(&community("c"), [group(0), group(1)])).await;
    rig.until_event(|event| matches!(event, OperationEvent::PutBack { .. })).await;
    rig.engine.control(&rig.key, RunControl::Stop);
    let operation = rig.ended(id).await;
    let expected = if took_effect { Verified } else { NotSent };
    assert_eq!(outcomes(&operation), [expected, NotSent]);
    assert_eq!(rig.gateway.writes().len(), 1, "nothing was sent after the stop");
    assert!(rig.gateway.reads() > 0, "it was read back");
}

/// It never left the queue: it is sent again, and nothing says that it is tried once more.
#[tokio::test(start_paused = true)]
async fn a_request_that_asked_to_wait_is_sent_again_from_its_place_in_the_queue() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).faults(&group(0), [Fault::Refuse(throttled())]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), [group(0)])).await;
    assert_eq!((outcomes(&operation), rig.gateway.writes().len()), (vec![Verified], 2));
    assert_eq!(rig.count(|event| matches!(event, OperationEvent::TryingAgain { .. })), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_without_an_answer_is_not_tried_again_after_a_stop() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).faults(&group(0), [Fault::DropBefore]);
    let mut rig = Rig::new(clock, gateway);
    let id = rig.submit(link(&community("c"), [group(0)])).await;
    rig.until_event(|event| matches!(event, OperationEvent::Answered { .. })).await;
    rig.engine.control(&rig.key, RunControl::Stop);
    rig.engine.control(&rig.key, RunControl::Stop);
    let operation = rig.ended(id).await;
    assert_eq!((outcomes(&operation), rig.gateway.writes().len()), (vec![Unknown], 1));
    assert_eq!(rig.count(|event| matches!(event, OperationEvent::TryingAgain { .. })), 0);
    assert_eq!(rig.journal.empty_writes(), 0, "the second stop records nothing");
}

#[tokio::test(start_paused = true)]
async fn the_fifth_pause_for_throttling_stops_after_a_readback() {
    let clock = clock();
    let faults = (0..4).map(|_| Fault::Refuse(throttled())).chain([Fault::RefuseAfter(throttled())]);
    let mut rig = Rig::new(clock, FakeGateway::new(clock).faults(&group(0), faults));
    let operation = rig.run(link(&community("c"), [group(0), group(1)])).await;
    assert_eq!(outcomes(&operation), [Verified, NotSent]);
    assert_eq!(rig.gateway.writes().len(), 5);
    assert!(rig.heard.iter().any(|record| {
        matches!(&record.event, OperationEvent::Stopping { why: StopReason::Failure(why) } if why.asks_to_wait())
    }));
}

#[tokio::test(start_paused = true)]
async fn one_listing_that_lacks_a_group_does_not_verify_an_unlink() {
    let clock = clock();
    let from = community("c");
    let no = Failure::new(FailureKind::Refused).saying("not allowed");
    let gateway = FakeGateway::new(clock)
        .linked(&from, (0..3).map(group))
        .faults(&group(0), [Fault::Refuse(no)])
        .twists([Twist::Lacks(group(0))]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(unlink(&from, [group(0)])).await;
    assert_eq!(outcomes(&operation), [Refused]);
}

#[tokio::test(start_paused = true)]
async fn a_parent_field_that_contradicts_the_listing_voids_the_readback() {
    let clock = clock();
    let from = community("c");
    let no = Failure::new(FailureKind::Refused).saying("not allowed");
    let gateway = FakeGateway::new(clock)
        .with_capabilities(ryzeapi())
        .member_of((0..3).map(group))
        .linked(&from, (0..3).map(group))
        .faults(&group(0), [Fault::Refuse(no)])
        .twists([Twist::Lacks(group(0)), named(0, &from), Twist::Lacks(group(0)), named(0, &from)]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(unlink(&from, [group(0)])).await;
    assert_eq!(outcomes(&operation), [Refused]);
    let truth = rig.gateway.truth();
    assert!(truth.has(&from, &group(0)));
}

#[tokio::test(start_paused = true)]
async fn alternating_listings_prove_nothing() {
    let clock = clock();
    let from = community("c");
    // The link is done, but every second listing still shows the group in its old place.
    let gateway = FakeGateway::new(clock)
        .linked(&from, (0..3).map(group))
        .twists((0..12).map(|at| if at % 2 == 0 { Twist::None } else { Twist::Holds(group(0)) }));
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(unlink(&from, [group(0)])).await;
    assert_eq!(outcomes(&operation), [Unknown]);
    assert_eq!(operation.items[0].reason, Some(ItemReason::AnswersDiffer));
}

/// The first readback agrees with the gateway, and all later ones do not.
#[tokio::test(start_paused = true)]
async fn an_accepted_change_that_one_listing_showed_is_not_contradicted() {
    let clock = clock();
    let from = community("c");
    let gateway = FakeGateway::new(clock)
        .linked(&from, (0..3).map(group))
        .faults(&group(0), [Fault::Lie])
        .twists([Twist::Lacks(group(0))]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(unlink(&from, [group(0)])).await;
    assert_eq!(outcomes(&operation), [Unknown]);
    assert_eq!(operation.items[0].reason, Some(ItemReason::AnswersDiffer));
}

#[rstest]
#[case::a_refusal_that_came_about(Fault::RefuseAfter(Failure::new(FailureKind::Forbidden)), Verified)]
#[case::a_refusal(Fault::Refuse(Failure::new(FailureKind::Forbidden)), Refused)]
#[case::a_lie(Fault::Lie, Contradicted)]
#[tokio::test(start_paused = true)]
async fn a_leave_is_settled_by_its_details(#[case] fault: Fault, #[case] outcome: Outcome) {
    let clock = clock();
    let gateway = FakeGateway::new(clock).member_of((0..3).map(group)).faults(&group(0), [fault]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(leave([group(0)])).await;
    assert_eq!(outcomes(&operation), [outcome]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_leave_is_not_verified_by_one_list_that_lacks_the_group() {
    let clock = clock();
    let no = Failure::new(FailureKind::Forbidden);
    let unread = || Twist::Fails(Failure::new(FailureKind::ServerFault));
    let gateway = FakeGateway::new(clock)
        .member_of((0..3).map(group))
        .faults(&group(0), [Fault::Refuse(no)])
        .twists([unread(), Twist::Lacks(group(0))]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(leave([group(0)])).await;
    assert_eq!(outcomes(&operation), [Refused]);
}

#[tokio::test(start_paused = true)]
async fn a_group_beyond_the_end_of_the_list_is_searched_in_its_details() {
    let clock = clock();
    let mut order = leave([group(0)]);
    order.items[0].evidence.was_listed = false;
    let gateway = FakeGateway::new(clock).member_of((0..3).map(group)).faults(&group(0), [Fault::Lie]);
    let mut rig = Rig::new(clock, gateway);
    assert_eq!(outcomes(&rig.run(order).await), [Contradicted]);
}

/// The first step of a move is refused, and somebody else has put the group into a third community.
#[rstest]
#[case::refused(Some(Fault::Refuse(Failure::new(FailureKind::Refused))), Refused)]
#[case::no_answer(Some(Fault::DropBefore), NotSent)]
#[tokio::test(start_paused = true)]
async fn a_move_continues_only_from_the_place_of_its_unlink(
    #[case] fault: Option<Fault>,
    #[case] outcome: Outcome,
    #[values(true, false)] names_parents: bool,
) {
    let clock = clock();
    let (from, to, third) = (community("c"), community("to"), community("third"));
    let mut gateway = FakeGateway::new(clock)
        .linked(&from, [group(0), group(1)])
        .linked(&to, [group(2)])
        .linked(&third, [group(3)])
        .member_of((0..4).map(group))
        .faults(&group(0), fault);
    if names_parents {
        gateway = gateway.with_capabilities(Capabilities { lists_every_subgroup: false, ..capable() });
        gateway.twist(std::iter::repeat_n(Twist::Parent(group(0), third.clone()), 60));
    }
    let mut rig = Rig::new(clock, gateway);
    let id = rig.submit(move_all(&from, &to, [group(0)])).await;
    rig.until_event(|event| matches!(event, OperationEvent::Answered { .. })).await;
    rig.gateway.settle(&Step::Unlink(from.clone()), &group(0));
    rig.gateway.settle(&Step::Link(third.clone()), &group(0));
    let done = rig.ended(id).await;
    if names_parents || outcome == Refused {
        assert_eq!(outcomes(&done), [outcome], "{done:#?}");
        assert!(
            rig.gateway.truth().has(&third, &group(0)),
            "it stays in the place where somebody else has put it"
        );
        assert_eq!(rig.gateway.writes().len(), 1, "nothing more is sent for it");
    }
    if names_parents {
        let place = CommunityRef { id: third, name: None };
        assert_eq!(done.items[0].reason, Some(ItemReason::MovedElsewhere(place)));
    }
}

/// The time between the starts of two requests.
fn apart(rig: &Rig) -> Duration {
    let writes = rig.gateway.writes();
    writes[1].began.since(writes[0].ended.unwrap())
}

#[rstest]
#[case::timed_out(FailureKind::TimedOut, None, true)]
#[case::the_connection_broke(FailureKind::Dropped, None, true)]
#[case::timed_out_at_the_gateway(FailureKind::ServerFault, Some(504), true)]
#[case::bad_gateway(FailureKind::ServerFault, Some(502), true)]
#[case::a_proxys_page(FailureKind::NotJson, Some(524), true)]
#[case::a_fault_that_the_gateway_tells(FailureKind::ServerFault, Some(500), false)]
#[case::a_page_of_a_proxy_that_let_nothing_through(FailureKind::NotJson, Some(403), false)]
#[tokio::test(start_paused = true)]
async fn nothing_is_sent_while_the_gateway_may_still_work_on_a_request(
    #[case] kind: FailureKind,
    #[case] status: Option<u16>,
    #[case] is_waited_for: bool,
    #[values(true, false)] took_effect: bool,
) {
    let clock = clock();
    let failure = Failure { status, ..Failure::new(kind) };
    let fault = if took_effect { Fault::RefuseAfter(failure) } else { Fault::Refuse(failure) };
    // If the first read-back shows the result, nothing waits any longer.
    let (least, most) = match (is_waited_for, took_effect) {
        (false, _) => (1, 3),
        (true, true) => (3, 5),
        (true, false) => (9, 30),
    };
    let mut rig = Rig::new(clock, FakeGateway::new(clock).faults(&group(0), [fault]));
    let operation = rig.run(link(&community("c"), [group(0), group(1)])).await;
    assert_eq!(outcomes(&operation), [Verified, Verified]);
    let apart = apart(&rig);
    assert!((least..=most).contains(&apart.as_secs()), "{apart:?}");
}

#[tokio::test(start_paused = true)]
async fn a_check_of_an_ended_operation_settles_its_items_and_sends_nothing() {
    let clock = clock();
    let target = community("c");
    let gateway = FakeGateway::new(clock)
        .faults(&group(0), [Fault::Lie])
        .faults(&group(1), [Fault::Lie])
        .linked(&target, []);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&target, (0..3).map(group))).await;
    assert_eq!(outcomes(&operation), [Contradicted, Contradicted, Verified]);
    let writes = rig.gateway.writes().len();
    rig.gateway.settle(&Step::Link(target.clone()), &group(0));
    assert!(rig.engine.look_again(&rig.key, operation.id).await.unwrap());
    in_time(rig.engine.until_idle(&rig.key)).await;
    rig.catch_up();
    let looked = rig.operations[&operation.id].clone();
    assert_eq!(outcomes(&looked), [Verified, Contradicted, Verified]);
    let is_verified = |event: &OperationEvent| {
        matches!(event, OperationEvent::ItemFinished { item: 0, outcome: Verified, .. })
    };
    assert_eq!(rig.count(is_verified), 1, "it is recorded once");
    assert!(!looked.is_live(), "it has ended all the same");
    assert_eq!(rig.gateway.writes().len(), writes);
    rig.gateway.settle(&Step::Link(target), &group(1));
    assert!(rig.engine.look_again(&rig.key, operation.id).await.unwrap());
    in_time(rig.engine.until_idle(&rig.key)).await;
    assert!(!rig.engine.look_again(&rig.key, operation.id).await.unwrap(), "nothing is left to check");
}

#[rstest]
#[case::accepted(Fault::Lie, ItemReason::MayAwaitApproval)]
#[case::refused(
    Fault::Refuse(Failure::new(FailureKind::Forbidden)),
    ItemReason::Gateway(Failure::new(FailureKind::Forbidden))
)]
#[tokio::test(start_paused = true)]
async fn a_check_that_can_read_no_longer_says_that_nothing_could_be_read(
    #[case] fault: Fault,
    #[case] reason: ItemReason,
) {
    let clock = clock();
    let unread = Failure::new(FailureKind::ServerFault);
    let gateway = FakeGateway::new(clock)
        .faults(&group(0), [fault])
        .read_faults(std::iter::repeat_n(Some(unread.clone()), 9));
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), [group(0)])).await;
    assert_eq!(operation.items[0].reason, Some(ItemReason::NoListing(unread)));
    rig.gateway.heal();
    rig.engine.look_again(&rig.key, operation.id).await.unwrap();
    in_time(rig.engine.until_idle(&rig.key)).await;
    rig.catch_up();
    let looked = &rig.operations[&operation.id];
    assert_eq!((outcomes(looked), looked.items[0].reason.clone()), (vec![Unknown], Some(reason)));
}

#[tokio::test(start_paused = true)]
async fn a_check_of_an_ended_operation_needs_two_agreeing_readbacks_for_a_refusal() {
    let clock = clock();
    let from = community("c");
    let no = Failure::new(FailureKind::Refused).saying("no");
    let gateway =
        FakeGateway::new(clock).linked(&from, (0..3).map(group)).faults(&group(0), [Fault::Refuse(no)]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(unlink(&from, [group(0)])).await;
    assert_eq!(outcomes(&operation), [Refused]);
    rig.gateway.twist([Twist::Lacks(group(0))]);
    rig.engine.look_again(&rig.key, operation.id).await.unwrap();
    in_time(rig.engine.until_idle(&rig.key)).await;
    rig.catch_up();
    assert_eq!(outcomes(&rig.operations[&operation.id]), [Refused], "one listing lacked it by accident");
    rig.gateway.settle(&Step::Unlink(from), &group(0));
    rig.engine.look_again(&rig.key, operation.id).await.unwrap();
    in_time(rig.engine.until_idle(&rig.key)).await;
    rig.catch_up();
    assert_eq!(outcomes(&rig.operations[&operation.id]), [Verified]);
}

/// Either its details or the list of groups name the community.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_move_that_somebody_else_finished_shows_where_the_group_is(
    #[values(true, false)] has_details: bool,
) {
    let clock = clock();
    let (from, to, other) = (community("a"), community("b"), community("z"));
    let full = Failure::new(FailureKind::Refused).saying("already in another community");
    let gateway = FakeGateway::new(clock)
        .member_of([group(0)])
        .linked(&from, [group(0), group(1)])
        .linked(&other, [])
        .faults(&group(0), [Fault::Slow(Duration::ZERO), Fault::Refuse(full)]);
    let gateway = if has_details { gateway } else { gateway.without_details() };
    gateway.twist(std::iter::repeat_n(named(0, &other), if has_details { 0 } else { 60 }));
    let mut rig = Rig::new(clock, gateway);
    let id = rig.submit(move_all(&from, &to, [group(0)])).await;
    rig.until_event(|event| matches!(event, OperationEvent::StepVerified { .. })).await;
    rig.gateway.settle(&Step::Link(other.clone()), &group(0));
    let operation = rig.ended(id).await;
    assert_eq!(outcomes(&operation), [Refused]);
    let reason = operation.items[0].reason.clone();
    assert!(matches!(&reason, Some(ItemReason::MovedElsewhere(place)) if place.id == other), "{reason:?}");
}
