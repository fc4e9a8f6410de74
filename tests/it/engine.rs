//! The outcomes of items: claims against listings, steps, attempts, and the rule that the journal comes first.

use std::time::Duration;

use synod::{
    domain::{
        capability::Capabilities,
        event::{Fate, ItemReason, OperationEvent, SeenBefore, StopReason},
        failure::{Failure, FailureKind},
        operation::{ItemState, Phase, RunControl},
        outcome::Outcome::{self, AlreadySo, Blocked, Contradicted, NotSent, Refused, Unknown, Verified},
        plan::Step,
    },
    engine::{SubmitError, journal::Journal},
};

use crate::support::{
    fake_gateway::{FakeGateway, Fault, capable, clock, community, group},
    rig::{Rig, UP_TO_DATE, leave, leave_community, link, move_all, outcomes, unlink},
};

fn refused(words: &str) -> Failure {
    Failure::new(FailureKind::Refused).saying(words)
}

/// Links one group, with these faults, and returns the outcome and the number of requests.
async fn link_one(faults: impl IntoIterator<Item = Fault>) -> (Outcome, Option<ItemReason>, usize) {
    let clock = clock();
    let gateway = FakeGateway::new(clock).faults(&group(1), faults).with_lag(Duration::from_secs(4));
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), [group(1)])).await;
    let item = &operation.items[0];
    (item.outcome.unwrap(), item.reason.clone(), rig.gateway.writes().len())
}

#[tokio::test(start_paused = true)]
async fn a_change_that_took_effect_is_verified() {
    assert_eq!(link_one([]).await, (Verified, None, 1));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_answer_after_the_change_is_verified_with_one_write_although_the_listing_lags() {
    assert_eq!(link_one([Fault::DropAfter]).await, (Verified, None, 1));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_request_is_sent_again_after_all_readbacks() {
    assert_eq!(link_one([Fault::DropBefore]).await, (Verified, None, 2));
    let (outcome, reason, writes) = link_one([Fault::DropBefore, Fault::DropBefore]).await;
    assert_eq!((outcome, writes), (Unknown, 2));
    assert_eq!(reason, Some(ItemReason::Gateway(Failure::new(FailureKind::Dropped))));
}

#[tokio::test(start_paused = true)]
async fn a_lie_is_contradicted() {
    assert_eq!(link_one([Fault::Lie]).await, (Contradicted, Some(ItemReason::MayAwaitApproval), 1));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_keeps_the_gateways_words_and_is_verified_if_it_took_effect() {
    let failure = refused("group is elsewhere");
    let (outcome, reason, _) = link_one([Fault::Refuse(failure.clone())]).await;
    assert_eq!((outcome, reason), (Refused, Some(ItemReason::Gateway(failure.clone()))));
    assert_eq!(link_one([Fault::RefuseAfter(failure)]).await, (Verified, None, 1));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_without_words_is_marked_as_a_guess() {
    let (outcome, reason, _) = link_one([Fault::Refuse(Failure::new(FailureKind::Refused))]).await;
    assert_eq!(outcome, Refused);
    assert!(matches!(reason, Some(ItemReason::Guess(_))), "{reason:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_breaks_down_is_silence_and_the_next_operation_still_runs() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).faults(&group(1), [Fault::Panic, Fault::Panic]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), [group(1)])).await;
    assert_eq!(outcomes(&operation), [Unknown]);
    let operation = rig.run(link(&community("c"), [group(2)])).await;
    assert_eq!(outcomes(&operation), [Verified]);
}

#[tokio::test(start_paused = true)]
async fn listings_that_cannot_be_read_turn_nothing_green() {
    let clock = clock();
    let faults = [Fault::DropAfter];
    let gateway = FakeGateway::new(clock).member_of((0..5).map(group)).faults(&group(1), faults).blind();
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), (0..3).map(group))).await;
    assert_eq!(outcomes(&operation), [Unknown; 3]);
    assert!(matches!(operation.items[0].reason, Some(ItemReason::NoListing(_))));
    assert_eq!(rig.gateway.writes().len(), 3, "nothing is sent again without a readable read-back");
}

#[tokio::test(start_paused = true)]
async fn rows_that_the_plan_does_not_send_are_finished_from_the_start() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    let mut asked = link(&community("c"), [group(1), group(2)]);
    asked.items[0].fate = Fate::AlreadySo;
    asked.items[1].fate = Fate::Blocked;
    let operation = rig.run(asked).await;
    assert_eq!(outcomes(&operation), [AlreadySo, Blocked]);
    assert_eq!((rig.gateway.writes().len(), rig.gateway.reads()), (0, 0));
    assert!(!rig.engine.is_busy());
}

#[tokio::test(start_paused = true)]
async fn a_later_listing_can_verify_a_contradicted_item() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).faults(&group(1), [Fault::Lie]);
    let mut rig = Rig::new(clock, gateway);
    let id = rig.submit(link(&community("c"), (0..40).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::ItemFinished { outcome: Contradicted, .. }))
        .await;
    rig.gateway.settle(&Step::Link(community("c")), &group(1));
    let operation = rig.ended(id).await;
    assert_eq!(operation.items[1].outcome, Some(Verified));
    assert_eq!(operation.totals.of(Contradicted), 0);
}

#[tokio::test(start_paused = true)]
async fn a_move_links_a_group_once_its_unlink_shows_and_does_not_delay_others() {
    let clock = clock();
    let (from, to) = (community("a"), community("b"));
    let gateway = FakeGateway::new(clock).linked(&from, (0..12).map(group));
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(move_all(&from, &to, (0..12).map(group))).await;
    assert_eq!(outcomes(&operation), [Verified; 12]);
    let writes = rig.gateway.writes();
    let first_link = writes.iter().position(|write| matches!(write.step, Step::Link(_))).unwrap();
    assert!((2..12).contains(&first_link), "the links begin before the unlinks end: {first_link}");
    assert_eq!(writes.len(), 24);
    assert!((0..12).all(|at| rig.gateway.truth().has(&to, &group(at))));
}

#[tokio::test(start_paused = true)]
async fn a_move_whose_link_fails_is_left_standing_and_one_whose_unlink_fails_is_not_linked() {
    let clock = clock();
    let (from, to) = (community("a"), community("b"));
    let gateway = FakeGateway::new(clock)
        .linked(&from, (0..3).map(group))
        .faults(&group(0), [Fault::Slow(Duration::ZERO), Fault::Refuse(refused("full"))])
        .faults(&group(1), [Fault::Lie]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(move_all(&from, &to, (0..3).map(group))).await;
    assert_eq!(outcomes(&operation), [Refused, Contradicted, Verified]);
    assert_eq!(operation.items[0].reason, Some(ItemReason::LeftStanding));
    assert!(rig.gateway.truth().has(&from, &group(1)));
}

#[tokio::test(start_paused = true)]
async fn an_unlink_that_the_listing_cannot_show_needs_the_list_of_groups() {
    let clock = clock();
    let source = community("c");
    let capabilities = Capabilities { lists_every_subgroup: false, ..capable() };
    let gateway = FakeGateway::new(clock)
        .with_capabilities(capabilities)
        .linked(&source, (0..3).map(group))
        .member_of([group(0), group(1), group(9)]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(unlink(&source, (0..3).map(group))).await;
    assert_eq!(outcomes(&operation), [Verified, Verified, Unknown]);
    assert_eq!(operation.items[2].reason, Some(ItemReason::InNeither));
}

#[tokio::test(start_paused = true)]
async fn a_leave_is_shown_by_the_list_of_groups_or_by_details() {
    let clock = clock();
    let gateway = FakeGateway::new(clock)
        .member_of((0..9).map(group))
        .faults(&group(1), [Fault::Lie])
        .faults(&group(3), [Fault::RefuseAfter(Failure::new(FailureKind::NotMember))]);
    let mut rig = Rig::new(clock, gateway);
    let mut asked = leave((0..4).map(group));
    asked.items[2].evidence = SeenBefore::default();
    let operation = rig.run(asked).await;
    assert_eq!(outcomes(&operation), [Verified, Contradicted, Verified, Verified]);
    let starts: Vec<i64> = rig.gateway.writes().iter().map(|write| write.began.0).collect();
    assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= 3_000), "{starts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_leave_that_no_listing_can_show_is_accepted_and_unknown() {
    let clock = clock();
    let capabilities = Capabilities { group_list_shows_membership: false, ..capable() };
    let world =
        |clock| FakeGateway::new(clock).with_capabilities(capabilities).member_of([group(0), group(1)]);
    let mut rig = Rig::new(clock, world(clock).blind());
    let operation = rig.run(leave([group(0)])).await;
    assert_eq!(outcomes(&operation), [Unknown]);
    assert_eq!(operation.items[0].reason, Some(ItemReason::CannotBeShown));
    let mut rig = Rig::new(clock, world(clock));
    assert_eq!(outcomes(&rig.run(leave([group(0)])).await), [Verified]);
}

#[tokio::test(start_paused = true)]
async fn the_details_of_a_community_show_a_leave() {
    let clock = clock();
    let target = community("c");
    let gateway = FakeGateway::new(clock).member_of([target.as_group(), group(1)]);
    let mut rig = Rig::new(clock, gateway);
    assert_eq!(outcomes(&rig.run(leave_community(&target)).await), [Verified]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_before_it_is_recorded() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    rig.journal.block(true);
    let id = rig.submit(link(&community("c"), [group(1)])).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    rig.catch_up();
    assert_eq!((rig.gateway.writes().len(), rig.heard.len()), (0, 1));
    rig.journal.block(false);
    assert_eq!(outcomes(&rig.ended(id).await), [Verified]);
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_be_written_stops_the_sending() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).with_delay(Duration::from_secs(2));
    let mut rig = Rig::new(clock, gateway);
    rig.submit(link(&community("c"), (0..9).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::Sending { item: 2, .. })).await;
    rig.journal.fail_on(Some(|_| true));
    tokio::time::sleep(Duration::from_secs(600)).await;
    rig.catch_up();
    assert_eq!(rig.gateway.writes().len(), 3);
    assert!(rig.gateway.writes().iter().all(|write| write.ended.is_some()), "the one in flight ends");
    assert!(!rig.failures.is_empty() && rig.failures[0].contains("disk is full"));
    assert!(!rig.engine.is_busy());
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_failed_once_records_sent_requests_and_readbacks_continue() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    let id = rig.submit(link(&community("c"), (0..9).map(group))).await;
    rig.journal.fail_on(Some(|event| matches!(event, OperationEvent::Sending { item: 3, .. })));
    let operation = rig.ended(id).await;
    assert_eq!(outcomes(&operation)[..3], [Verified; 3]);
    assert_eq!(outcomes(&operation)[3..], [NotSent; 6]);
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::Journal)));
    assert_eq!(rig.failures.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_operation_waits_its_turn() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    let first = rig.submit(link(&community("c"), (0..3).map(group))).await;
    let second = rig.submit(link(&community("d"), (3..6).map(group))).await;
    assert!(rig.engine.is_busy());
    rig.ended(first).await;
    assert_eq!(rig.operations[&second].phase, Phase::Waiting);
    assert!(rig.operations[&second].items.iter().all(|item| item.state == ItemState::Queued));
    assert_eq!(outcomes(&rig.ended(second).await), [Verified; 3]);
    assert!(!rig.engine.is_busy());
}

#[tokio::test(start_paused = true)]
async fn shutting_down_records_the_request_in_flight_and_does_not_wait_for_readbacks() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).with_delay(Duration::from_secs(5));
    let mut rig = Rig::new(clock, gateway);
    let first = rig.submit(link(&community("c"), (0..3).map(group))).await;
    let second = rig.submit(link(&community("d"), (3..6).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::Sending { item: 0, .. })).await;
    let before = clock.now();
    rig.engine.shutdown().await;
    assert!(clock.now().since(before) <= Duration::from_secs(5));
    rig.catch_up();
    let first = &rig.operations[&first];
    assert_eq!(first.items[0].state, ItemState::Accepted);
    assert!(first.items[1..].iter().all(|item| item.outcome == Some(NotSent)));
    assert_eq!(rig.operations[&second].phase, Phase::Ended(Some(StopReason::Operator)));
    assert!(!rig.engine.is_busy());
    let again = rig.engine.submit(&rig.key, link(&community("c"), [group(7)]), UP_TO_DATE).await;
    assert_eq!(again, Err(SubmitError::ShuttingDown));
}

#[tokio::test(start_paused = true)]
async fn the_journal_equals_the_reported_events() {
    let clock = clock();
    let gateway = FakeGateway::new(clock)
        .faults(&group(0), [Fault::DropBefore])
        .faults(&group(1), [Fault::Lie])
        .faults(&group(2), [Fault::Refuse(Failure::new(FailureKind::Throttled { until: None }))]);
    let mut rig = Rig::new(clock, gateway);
    let id = rig.submit(link(&community("c"), (0..12).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::Resumed)).await;
    rig.engine.control(&rig.key, RunControl::Pause);
    rig.until_event(|event| matches!(event, OperationEvent::Paused { .. })).await;
    rig.engine.control(&rig.key, RunControl::Resume);
    let heard = rig.ended(id).await;
    assert_eq!(rig.journal.operations(&rig.key, 1).await.unwrap(), [heard]);
}
