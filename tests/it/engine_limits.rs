//! Pace, quota, throttling, and the reasons to stop an operation.

use std::time::Duration;

use rstest::rstest;
use synod::{
    clock::Clock,
    domain::{
        budget::Budget,
        event::{ItemReason, OperationEvent, PauseReason, StopReason},
        failure::{Failure, FailureKind},
        operation::{Operation, Phase, RunControl},
        outcome::Outcome::{Contradicted, NotSent, Unknown, Verified},
        plan::Step,
        settings::OperationSettings,
        time::Millis,
    },
    engine::{EngineEvent, SubmitError},
    gateway::Gateway,
};

use crate::support::{
    fake_gateway::{FakeGateway, Fault, Twist, clock, community, group},
    rig::{Rig, UP_TO_DATE, in_time, link, move_all, outcomes, steady},
};

fn no(kind: FailureKind, words: &str) -> Fault {
    Fault::Refuse(Failure::new(kind).saying(words))
}

fn budget(clock: &Clock, remaining: u32, seconds: u64) -> Budget {
    let resets_at = clock.now() + Duration::from_secs(seconds);
    Budget { limit: 100, remaining, resets_at, told_by_gateway: true }
}

fn starts(rig: &Rig) -> Vec<Millis> {
    rig.gateway.writes().iter().map(|write| write.began).collect()
}

#[tokio::test(start_paused = true)]
async fn fifty_links_are_verified_within_a_minute_and_a_request_and_a_half_each() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    let began = clock.now();
    let id = rig.submit(link(&community("c"), (0..50).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::ItemFinished { outcome: Verified, .. })).await;
    assert!(clock.now().since(began) <= Duration::from_secs(5));
    let operation = rig.ended(id).await;
    assert_eq!(outcomes(&operation), [Verified; 50]);
    assert!(clock.now().since(began) <= Duration::from_secs(60));
    let requests = rig.gateway.writes().len() + rig.gateway.reads();
    assert!(requests <= 75, "{requests} requests");
}

#[tokio::test(start_paused = true)]
async fn one_write_is_in_flight_and_starts_keep_their_distance() {
    let clock = clock();
    let gateway = FakeGateway::new(clock)
        .with_delay(Duration::from_millis(300))
        .faults(&group(2), [Fault::Slow(Duration::from_secs(7))]);
    let mut rig = Rig::with_settings(clock, gateway, OperationSettings::default());
    rig.run(link(&community("c"), (0..12).map(group))).await;
    let writes = rig.gateway.writes();
    for pair in writes.windows(2) {
        assert!(pair[0].ended.unwrap() <= pair[1].began, "{pair:?}");
        assert!(pair[1].began.since(pair[0].began) >= Duration::from_secs(1), "{pair:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn stop_ends_the_sending_and_readbacks_continue() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).with_delay(Duration::from_millis(500));
    let mut rig = Rig::new(clock, gateway);
    let id = rig.submit(link(&community("c"), (0..9).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::Sending { item: 2, .. })).await;
    rig.engine.control(&rig.key, RunControl::Stop);
    let operation = rig.ended(id).await;
    assert_eq!(outcomes(&operation)[..3], [Verified; 3]);
    assert_eq!(outcomes(&operation)[3..], [NotSent; 6]);
    assert_eq!(operation.items[5].reason, Some(ItemReason::Stopped));
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::Operator)));
    assert_eq!(rig.gateway.writes().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn stop_also_ends_the_waiting_operations() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    rig.submit(link(&community("c"), (0..9).map(group))).await;
    let second = rig.submit(link(&community("d"), (10..19).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::Sending { .. })).await;
    rig.engine.control(&rig.key, RunControl::Stop);
    assert_eq!(outcomes(&rig.ended(second).await), [NotSent; 9]);
    assert_eq!(rig.gateway.writes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_move_that_is_stopped_between_its_steps_is_left_standing() {
    let clock = clock();
    let (from, to) = (community("a"), community("b"));
    let gateway = FakeGateway::new(clock).linked(&from, (0..2).map(group));
    let mut rig = Rig::new(clock, gateway);
    let id = rig.submit(move_all(&from, &to, (0..2).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::Answered { item: 1, .. })).await;
    rig.engine.control(&rig.key, RunControl::Stop);
    let operation = rig.ended(id).await;
    assert_eq!(outcomes(&operation), [NotSent; 2]);
    assert!(operation.items.iter().all(|item| item.reason == Some(ItemReason::LeftStanding)));
}

#[tokio::test(start_paused = true)]
async fn stop_leaves_items_without_a_response_unknown() {
    let clock = clock();
    let silent = [Fault::DropBefore];
    let mut rig = Rig::new(clock, FakeGateway::new(clock).faults(&group(0), silent));
    let id = rig.submit(link(&community("c"), [group(0)])).await;
    rig.until_event(|event| matches!(event, OperationEvent::Answered { .. })).await;
    rig.engine.control(&rig.key, RunControl::Stop);
    assert_eq!(outcomes(&rig.ended(id).await), [Unknown]);
    assert_eq!(rig.gateway.writes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn pause_holds_the_sending_and_readbacks_continue() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    let id = rig.submit(link(&community("c"), (0..4).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::Answered { item: 1, .. })).await;
    rig.engine.control(&rig.key, RunControl::Pause);
    rig.until_event(|event| matches!(event, OperationEvent::Paused { why: PauseReason::Operator })).await;
    rig.until_event(|event| matches!(event, OperationEvent::ItemFinished { item: 1, .. })).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(rig.gateway.writes().len(), 2);
    rig.engine.control(&rig.key, RunControl::Resume);
    assert_eq!(outcomes(&rig.ended(id).await), [Verified; 4]);
}

#[tokio::test(start_paused = true)]
async fn the_engine_waits_for_an_empty_quota() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    rig.gateway.set_budget(budget(&clock, 0, 42));
    let reset = clock.now() + Duration::from_secs(42);
    let operation = rig.run(link(&community("c"), (0..3).map(group))).await;
    assert_eq!(outcomes(&operation), [Verified; 3]);
    assert_eq!(starts(&rig)[0], reset);
    assert_eq!(
        rig.count(|event| *event == OperationEvent::Paused { why: PauseReason::Budget { until: reset } }),
        1
    );
    assert_eq!(rig.count(|event| *event == OperationEvent::Resumed), 1);
}

#[tokio::test(start_paused = true)]
async fn the_quota_is_never_overdrawn_and_leaves_room_for_readbacks() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    rig.gateway.set_budget(budget(&clock, 12, 60));
    let operation = rig.run(link(&community("c"), (0..12).map(group))).await;
    assert_eq!(outcomes(&operation), [Verified; 12]);
    let reset = Millis(1_060_000);
    let early = starts(&rig).iter().filter(|began| **began < reset).count();
    let looks = rig.gateway.shown().iter().filter(|shown| shown.begun < reset).count();
    assert!(looks >= 3 && early + looks <= 12, "{early} writes and {looks} read-backs");
}

#[rstest]
#[case::of_the_gateway(FailureKind::RateLimited { until: Some(Millis(1_030_000)) }, 30)]
#[case::untold(FailureKind::RateLimited { until: None }, 60)]
#[case::of_whatsapp(FailureKind::Throttled { until: None }, 30)]
#[tokio::test(start_paused = true)]
async fn a_rate_limited_request_is_read_back_and_sent_again(#[case] kind: FailureKind, #[case] seconds: u64) {
    let clock = clock();
    let gateway = FakeGateway::new(clock).faults(&group(0), [no(kind, "slow down")]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), (0..2).map(group))).await;
    assert_eq!(outcomes(&operation), [Verified; 2]);
    assert_eq!(rig.count(|event| matches!(event, OperationEvent::PutBack { item: 0, .. })), 1);
    let starts = starts(&rig);
    assert_eq!(starts.len(), 3);
    assert!(starts[1].since(starts[0]) >= Duration::from_secs(seconds), "{starts:?}");
    let again = rig.gateway.writes().iter().rposition(|write| write.group == group(0)).unwrap();
    assert!(rig.gateway.shown().iter().any(|shown| shown.begun <= starts[again]), "read back first");
}

#[tokio::test(start_paused = true)]
async fn a_requeued_request_that_took_effect_is_not_sent_again() {
    let clock = clock();
    let failure = Failure::new(FailureKind::Throttled { until: None });
    let gateway = FakeGateway::new(clock).faults(&group(0), [Fault::RefuseAfter(failure)]);
    let mut rig = Rig::new(clock, gateway);
    assert_eq!(outcomes(&rig.run(link(&community("c"), [group(0)])).await), [Verified]);
    assert_eq!(rig.gateway.writes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_request_waits_as_long_as_the_answer_says() {
    let clock = clock();
    let until = clock.now() + Duration::from_secs(200);
    let failure = no(FailureKind::Throttled { until: Some(until) }, "");
    let mut rig = Rig::new(clock, FakeGateway::new(clock).faults(&group(0), [failure]));
    assert_eq!(outcomes(&rig.run(link(&community("c"), [group(0)])).await), [Verified]);
    assert_eq!(starts(&rig)[1], until);
}

#[tokio::test(start_paused = true)]
async fn the_fifth_throttling_in_a_row_stops() {
    let clock = clock();
    let throttled = || no(FailureKind::Throttled { until: None }, "");
    let gateway = FakeGateway::new(clock).faults(&group(0), std::iter::repeat_with(throttled).take(9));
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), [group(0), group(1)])).await;
    let sent = rig.gateway.writes().iter().filter(|write| write.group == group(0)).count();
    assert!(matches!(operation.phase, Phase::Ended(_)));
    assert_eq!(operation.items[0].outcome, Some(NotSent));
    assert_eq!(sent, 5);
}

#[rstest]
#[case(FailureKind::TokenRefused)]
#[case(FailureKind::NotConnected)]
#[case(FailureKind::Banned)]
#[tokio::test(start_paused = true)]
async fn a_failure_that_affects_everything_stops_at_once(#[case] kind: FailureKind) {
    let clock = clock();
    let gateway = FakeGateway::new(clock).faults(&group(1), [no(kind, "")]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), (0..5).map(group))).await;
    // The gateway refused for a reason that has nothing to do with the group.
    assert_eq!(outcomes(&operation), [Verified, NotSent, NotSent, NotSent, NotSent]);
    assert_eq!(operation.items[1].reason, Some(ItemReason::Halted(Failure::new(kind))));
    assert_eq!(operation.items[4].reason, Some(ItemReason::Halted(Failure::new(kind))));
}

#[tokio::test(start_paused = true)]
async fn three_equal_refusals_stop_but_three_group_specific_ones_do_not() {
    for (kind, sent) in [(FailureKind::Forbidden, 3), (FailureKind::NotFound, 8)] {
        let clock = clock();
        let mut gateway = FakeGateway::new(clock);
        for at in 0..8 {
            gateway = gateway.faults(&group(at), [no(kind, "not allowed")]);
        }
        let mut rig = Rig::new(clock, gateway);
        let operation = rig.run(link(&community("c"), (0..8).map(group))).await;
        assert_eq!(rig.gateway.writes().len(), sent);
        assert_eq!(matches!(operation.phase, Phase::Ended(Some(StopReason::Alike(_)))), sent == 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_community_stops_the_links_to_it() {
    let clock = clock();
    let mut gateway = FakeGateway::new(clock).linked(&community("c"), (100..150).map(group));
    for at in 0..40 {
        gateway = gateway.faults(&group(at), [Fault::Lie]);
    }
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), (0..40).map(group))).await;
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::CommunityFull)));
    assert!(rig.gateway.writes().len() < 15);
    assert!(operation.totals.of(NotSent) > 20);
}

#[tokio::test(start_paused = true)]
async fn instances_run_side_by_side() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    let other = synod::domain::instance::InstanceKey::new("zapi-test");
    let gateway = std::sync::Arc::new(FakeGateway::new(clock));
    rig.engine.add_instance(other.clone(), Gateway::new(gateway), steady());
    let began = clock.now();
    let one = rig.submit(link(&community("c"), (0..20).map(group))).await;
    rig.engine.submit(&other, link(&community("c"), (0..20).map(group)), UP_TO_DATE).await.unwrap();
    rig.ended(one).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    rig.catch_up();
    assert!(rig.operations.values().all(|operation| outcomes(operation) == [Verified; 20]));
    assert!(clock.now().since(began) <= Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn rate_limited_readbacks_are_repeated() {
    let clock = clock();
    let limited =
        Failure::new(FailureKind::RateLimited { until: Some(clock.now() + Duration::from_secs(20)) });
    let gateway = FakeGateway::new(clock).read_faults([Some(limited.clone()), Some(limited)]);
    let mut rig = Rig::new(clock, gateway);
    assert_eq!(outcomes(&rig.run(link(&community("c"), [group(0)])).await), [Verified]);
}

#[tokio::test(start_paused = true)]
async fn it_reports_the_time_of_the_next_request() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    let id = rig.submit(link(&community("c"), (0..2).map(group))).await;
    rig.until(|engine_event| {
        matches!(engine_event, EngineEvent::NextSend { at: Some(Millis(1_001_000)), .. })
    })
    .await;
    rig.ended(id).await;
    assert_eq!(starts(&rig)[1], Millis(1_001_000));
}

#[tokio::test(start_paused = true)]
async fn the_readings_of_a_readback_are_shown() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    rig.submit(link(&community("c"), [group(0)])).await;
    rig.until(
        |engine_event| matches!(engine_event, EngineEvent::Listing { listing, .. } if listing.has(&group(0))),
    )
    .await;
}

/// An ended operation with a link that was not made, and that somebody else has made since.
async fn ended_and_settled_since() -> (Rig, Operation) {
    let (clock, target) = (clock(), community("c"));
    let gateway = FakeGateway::new(clock).faults(&group(0), [Fault::Lie]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&target, [group(0)])).await;
    assert_eq!(outcomes(&operation), [Contradicted]);
    rig.gateway.settle(&Step::Link(target), &group(0));
    (rig, operation)
}

/// Checks an ended operation again, and returns its new state.
async fn look_again(rig: &mut Rig, operation: &Operation) -> Operation {
    assert!(rig.engine.look_again(&rig.key, operation.id).await.unwrap());
    in_time(rig.engine.until_idle(&rig.key)).await;
    rig.catch_up();
    rig.operations[&operation.id].clone()
}

#[tokio::test(start_paused = true)]
async fn a_check_of_an_ended_operation_waits_for_the_quota() {
    let (mut rig, operation) = ended_and_settled_since().await;
    let clock = rig.clock;
    rig.gateway.set_budget(budget(&clock, 0, 42));
    let reset = clock.now() + Duration::from_secs(42);
    assert_eq!(outcomes(&look_again(&mut rig, &operation).await), [Verified]);
    assert!(rig.gateway.shown().last().unwrap().begun >= reset);
}

#[rstest]
#[case::of_the_gateway(FailureKind::RateLimited { until: None }, 60)]
#[case::of_whatsapp(FailureKind::Throttled { until: None }, 30)]
#[tokio::test(start_paused = true)]
async fn a_rate_limited_check_of_an_ended_operation_is_repeated(
    #[case] kind: FailureKind,
    #[case] seconds: u64,
) {
    let (mut rig, operation) = ended_and_settled_since().await;
    let began = rig.clock.now();
    rig.gateway.twist([Twist::Fails(Failure::new(kind)), Twist::Fails(Failure::new(kind))]);
    assert_eq!(outcomes(&look_again(&mut rig, &operation).await), [Verified]);
    let shown = rig.gateway.shown().last().unwrap().begun;
    assert!(shown.since(began) >= Duration::from_secs(2 * seconds), "{shown:?}");
}

#[tokio::test(start_paused = true)]
async fn a_check_of_an_ended_operation_gives_up_at_the_fifth_consecutive_refusal() {
    let (mut rig, operation) = ended_and_settled_since().await;
    let before = rig.gateway.reads();
    let throttled = || Twist::Fails(Failure::new(FailureKind::Throttled { until: None }));
    rig.gateway.twist(std::iter::repeat_with(throttled).take(9));
    assert_eq!(outcomes(&look_again(&mut rig, &operation).await), [Contradicted]);
    assert_eq!(rig.gateway.reads() - before, 5);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_check_of_an_ended_operation_can_be_stopped() {
    let (rig, operation) = ended_and_settled_since().await;
    let before = (rig.gateway.reads(), rig.clock.now());
    rig.gateway.set_budget(budget(&rig.clock, 0, 42));
    assert!(rig.engine.look_again(&rig.key, operation.id).await.unwrap());
    tokio::task::yield_now().await;
    rig.engine.control(&rig.key, RunControl::Stop);
    in_time(rig.engine.until_idle(&rig.key)).await;
    assert_eq!((rig.gateway.reads(), rig.clock.now()), before);
}

#[tokio::test(start_paused = true)]
async fn an_instance_with_an_operation_is_not_removed_and_a_removed_one_takes_no_orders() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    let order = link(&community("c"), [group(1), group(2)]);
    let id = rig.submit(order).await;
    assert!(rig.engine.is_in_use(&rig.key) && !rig.engine.remove_instance(&rig.key));
    let ended = rig.ended(id).await;
    assert_eq!(outcomes(&ended), [Verified, Verified]);
    rig.engine.until_idle(&rig.key).await;
    assert!(rig.engine.remove_instance(&rig.key) && !rig.engine.is_in_use(&rig.key));
    let refused = rig.engine.submit(&rig.key, link(&community("c"), [group(3)]), UP_TO_DATE).await;
    assert!(matches!(refused, Err(SubmitError::UnknownInstance(_))), "{refused:?}");
}
