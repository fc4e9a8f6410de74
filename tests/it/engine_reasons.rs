//! The reasons that the engine gives, and the moments at which it waits, continues or stops.

use std::time::Duration;

use rstest::rstest;
use synod::{
    domain::{
        budget::Budget,
        capability::Capabilities,
        event::{Guess, ItemReason, OperationEvent, PauseReason, StopReason},
        failure::{Failure, FailureKind},
        operation::{Phase, RunControl},
        outcome::Outcome::{Contradicted, NotSent, Refused, Unknown, Verified},
        plan::Step,
        settings::OperationSettings,
    },
    engine::journal::Journal,
};

use crate::support::{
    fake_gateway::{FakeGateway, Fault, capable, clock, community, group},
    rig::{Rig, in_time, leave, link, outcomes, steady},
};

fn wordless() -> Fault {
    Fault::Refuse(Failure::new(FailureKind::Refused))
}

/// Links three groups to a community that already holds as many as it may; the first two are refused like this.
async fn link_to_a_full_community(fault: Fault) -> synod::domain::operation::Operation {
    let clock = clock();
    let gateway = FakeGateway::new(clock)
        .linked(&community("c"), [group(8), group(9)])
        .faults(&group(0), [fault.clone()])
        .faults(&group(1), [fault]);
    let mut settings = OperationSettings { subgroup_limit: 2, ..steady() };
    settings.pace.link = Duration::from_secs(600);
    let mut rig = Rig::with_settings(clock, gateway, settings);
    rig.run(link(&community("c"), (0..3).map(group))).await
}

#[tokio::test(start_paused = true)]
async fn two_refusals_without_words_stop_the_links_to_a_full_community() {
    let operation = link_to_a_full_community(wordless()).await;
    assert_eq!(outcomes(&operation), [Refused, Refused, NotSent]);
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::CommunityFull)));
    let full = Some(ItemReason::Guess(Guess::CommunityFull));
    assert!(operation.items.iter().all(|item| item.reason == full), "{operation:#?}");
}

#[tokio::test(start_paused = true)]
async fn two_accepted_links_that_did_not_come_about_stop_the_links_to_a_full_community() {
    let operation = link_to_a_full_community(Fault::Lie).await;
    assert_eq!(outcomes(&operation), [Contradicted, Contradicted, NotSent]);
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::CommunityFull)));
}

/// The community is full only when the last readbacks are due. The one that stops the links also shows that a request without
/// an answer took effect after all.
#[tokio::test(start_paused = true)]
async fn the_readback_that_stops_the_links_still_verifies_a_link_that_it_shows() {
    let clock = clock();
    let target = community("c");
    let mut gateway = FakeGateway::new(clock).linked(&target, [group(8)]);
    for at in 0..3 {
        gateway = gateway.faults(&group(at), [Fault::Lie]);
    }
    let gateway = gateway.faults(&group(3), [Fault::DropBefore]);
    let mut rig = Rig::with_settings(clock, gateway, OperationSettings { subgroup_limit: 2, ..steady() });
    let id = rig.submit(link(&target, (0..4).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::Answered { item: 3, .. })).await;
    rig.engine.control(&rig.key, RunControl::Pause);
    rig.until_event(|event| matches!(event, OperationEvent::TryingAgain { item: 3 })).await;
    rig.until_event(|event| matches!(event, OperationEvent::ItemFinished { item: 0, .. })).await;
    for at in [3, 9] {
        rig.gateway.settle(&Step::Link(target.clone()), &group(at));
    }
    let operation = rig.ended(id).await;
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::CommunityFull)));
    assert_eq!(outcomes(&operation), [Contradicted, Contradicted, Contradicted, Verified]);
}

#[tokio::test(start_paused = true)]
async fn refusals_with_words_do_not_show_that_a_community_is_full() {
    let no = Failure::new(FailureKind::Refused).saying("the group awaits approval").with_status(200);
    let operation = link_to_a_full_community(Fault::Refuse(no.clone())).await;
    assert_eq!(outcomes(&operation), [Refused, Refused, Verified]);
    assert_eq!(operation.items[0].reason, Some(ItemReason::Gateway(no)));
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_leave_whose_details_cannot_be_read_tells_why_they_could_not() {
    let clock = clock();
    let gateway = FakeGateway::new(clock)
        .with_capabilities(Capabilities { group_list_shows_membership: false, ..capable() })
        .member_of((0..3).map(group))
        .without_details()
        .faults(&group(0), [Fault::DropAfter]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(leave([group(0)])).await;
    assert_eq!(outcomes(&operation), [Unknown]);
    let unread = Failure::new(FailureKind::ServerFault);
    assert_eq!(operation.items[0].reason, Some(ItemReason::NoListing(unread)));
}

#[tokio::test(start_paused = true)]
async fn an_accepted_link_that_cannot_be_read_back_tells_why_it_could_not() {
    let clock = clock();
    let unread = Failure::new(FailureKind::ServerFault).saying("listing broken");
    let gateway = FakeGateway::new(clock)
        .with_capabilities(Capabilities { group_list_shows_membership: false, ..capable() })
        .read_faults(std::iter::repeat_n(Some(unread.clone()), 40));
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), [group(0)])).await;
    assert_eq!(outcomes(&operation), [Unknown]);
    assert_eq!(operation.items[0].reason, Some(ItemReason::NoListing(unread)));
}

/// The operator pauses an operation that waits for the budget: it then waits for the operator.
#[tokio::test(start_paused = true)]
async fn a_pause_by_the_operator_replaces_the_pause_for_the_budget() {
    let clock = clock();
    let gateway = FakeGateway::new(clock);
    let resets_at = clock.now() + Duration::from_secs(50);
    gateway.set_budget(Budget { limit: 100, remaining: 0, resets_at, told_by_gateway: true });
    let mut rig = Rig::new(clock, gateway);
    let id = rig.submit(link(&community("c"), [group(0)])).await;
    rig.until_event(|event| matches!(event, OperationEvent::Paused { why: PauseReason::Budget { .. } }))
        .await;
    rig.engine.control(&rig.key, RunControl::Pause);
    rig.until_event(|event| matches!(event, OperationEvent::Paused { why: PauseReason::Operator })).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(rig.gateway.writes().len(), 0);
    rig.engine.control(&rig.key, RunControl::Resume);
    assert_eq!(outcomes(&rig.ended(id).await), [Verified]);
}

/// A read-back waits for the budget too, but an operation with nothing left to send is not shown as paused.
#[tokio::test(start_paused = true)]
async fn nothing_is_paused_once_everything_is_sent() {
    let clock = clock();
    let gateway = FakeGateway::new(clock);
    let resets_at = clock.now() + Duration::from_secs(50);
    gateway.set_budget(Budget { limit: 100, remaining: 1, resets_at, told_by_gateway: true });
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), [group(0)])).await;
    assert_eq!(outcomes(&operation), [Verified]);
    assert!(clock.now() >= resets_at, "the read-back waited for the budget");
    assert_eq!(rig.count(|event| matches!(event, OperationEvent::Paused { .. })), 0);
}

/// A group's invite link is read before the number leaves it.
#[rstest]
#[case::it_asks_to_wait(FailureKind::RateLimited { until: None }, 1)]
#[case::it_fails_otherwise(FailureKind::ServerFault, 0)]
#[tokio::test(start_paused = true)]
async fn a_leave_waits_for_a_link_only_if_the_gateway_asks_for_it(
    #[case] kind: FailureKind,
    #[case] pauses: usize,
) {
    let clock = clock();
    let gateway = FakeGateway::new(clock)
        .with_links()
        .member_of((0..3).map(group))
        .read_faults([Some(Failure::new(kind))]);
    let mut rig = Rig::new(clock, gateway);
    assert_eq!(outcomes(&rig.run(leave([group(0)])).await), [Verified]);
    assert_eq!(rig.count(|event| matches!(event, OperationEvent::Paused { .. })), pauses);
    let kept = rig.journal.kept_link(&rig.key, &group(0)).await.unwrap();
    assert_eq!(kept.is_some(), pauses > 0, "it was read again after the wait");
}

#[tokio::test(start_paused = true)]
async fn an_operation_of_this_engine_is_neither_recovered_nor_followed_by_it() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock));
    let id = rig.submit(link(&community("c"), (0..4).map(group))).await;
    rig.until_event(|event| matches!(event, OperationEvent::Sending { item: 1, .. })).await;
    assert_eq!(rig.engine.recover(&rig.key).await.unwrap(), []);
    assert_eq!(rig.engine.follow(&rig.key).await.unwrap(), []);
    let operation = rig.ended(id).await;
    assert_eq!(outcomes(&operation), [Verified; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_check_of_an_ended_operation_reads_at_once_and_ends_with_its_only_reading() {
    let clock = clock();
    let gateway = FakeGateway::new(clock).faults(&group(0), [Fault::Lie]).linked(&community("c"), []);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(link(&community("c"), [group(0)])).await;
    assert_eq!(outcomes(&operation), [Contradicted]);
    let (asked, reads) = (clock.now(), rig.gateway.reads());
    assert!(rig.engine.look_again(&rig.key, operation.id).await.unwrap());
    in_time(rig.engine.until_idle(&rig.key)).await;
    assert_eq!(rig.gateway.reads(), reads + 1);
    assert_eq!(clock.now(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_leave_whose_details_cannot_be_read_is_then_read_back_in_the_list_alone() {
    let clock = clock();
    let settings = OperationSettings { keep_invite_links: false, ..steady() };
    let gateway = FakeGateway::new(clock).without_details().member_of((0..3).map(group));
    let mut rig = Rig::with_settings(clock, gateway, settings);
    assert_eq!(outcomes(&rig.run(leave([group(0)])).await), [Verified]);
    assert_eq!(rig.gateway.reads(), 3, "the details, the list, and the list once more");
}

/// A read-back was refused because of the number of requests, so the next group's link is not read at once either.
#[tokio::test(start_paused = true)]
async fn a_link_is_not_read_while_the_gateway_wants_no_reads() {
    let clock = clock();
    let limited = Failure::new(FailureKind::RateLimited { until: None });
    let gateway = FakeGateway::new(clock).with_links().member_of((0..3).map(group)).read_faults([
        None,
        None,
        Some(limited),
    ]);
    let mut settings = OperationSettings { read_back: vec![Duration::from_secs(2)], ..steady() };
    settings.pace.leave = Duration::from_secs(10);
    let mut rig = Rig::with_settings(clock, gateway, settings);
    assert_eq!(outcomes(&rig.run(leave((0..3).map(group))).await), [Verified; 3]);
    let writes = rig.gateway.writes();
    let apart = writes[2].began.since(writes[0].began);
    assert_eq!(apart.as_secs(), 62, "the read-back after two seconds, and the minute that it has to wait");
}

/// Listings are read before an operation that waited, and not again after each short pause.
#[tokio::test(start_paused = true)]
async fn a_short_pause_does_not_repeat_the_check_of_an_operation_that_waited() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock).linked(&community("c"), []));
    let resets_at = clock.now() + Duration::from_secs(90);
    rig.gateway.set_budget(Budget { limit: 100, remaining: 0, resets_at, told_by_gateway: true });
    let id = rig.submit(link(&community("c"), [group(0), group(1)])).await;
    rig.until_event(|event| matches!(event, OperationEvent::Sending { item: 0, .. })).await;
    rig.engine.control(&rig.key, RunControl::Pause);
    rig.until_event(|event| matches!(event, OperationEvent::ItemFinished { item: 0, .. })).await;
    let reads = rig.gateway.reads();
    rig.engine.control(&rig.key, RunControl::Resume);
    rig.until_event(|event| matches!(event, OperationEvent::Sending { item: 1, .. })).await;
    assert_eq!(rig.gateway.reads(), reads);
    assert_eq!(outcomes(&rig.ended(id).await), [Verified; 2]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_if_the_check_finds_the_number_disconnected() {
    let clock = clock();
    let mut rig = Rig::new(clock, FakeGateway::new(clock).disconnected().linked(&community("c"), []));
    let resets_at = clock.now() + Duration::from_secs(90);
    rig.gateway.set_budget(Budget { limit: 100, remaining: 0, resets_at, told_by_gateway: true });
    let operation = rig.run(link(&community("c"), [group(0)])).await;
    assert_eq!(outcomes(&operation), [NotSent]);
    let why = StopReason::Failure(Failure::new(FailureKind::NotConnected));
    assert_eq!(operation.phase, Phase::Ended(Some(why)));
    assert!(rig.gateway.writes().is_empty());
}

/// The listing lags, so the first read-backs show accepted links as missing from a community that seems to be full.
#[tokio::test(start_paused = true)]
async fn links_that_are_shown_late_do_not_stop_the_rest() {
    let clock = clock();
    let gateway = FakeGateway::new(clock)
        .linked(&community("c"), [group(8), group(9)])
        .with_lag(Duration::from_secs(3));
    let read_back = [2, 6].map(Duration::from_secs).to_vec();
    let mut settings = OperationSettings { subgroup_limit: 2, read_back, ..steady() };
    settings.pace.link = Duration::from_secs(20);
    let mut rig = Rig::with_settings(clock, gateway, settings);
    let operation = rig.run(link(&community("c"), (0..3).map(group))).await;
    assert_eq!(outcomes(&operation), [Verified; 3]);
}

/// The listings that an operation is checked against are fresh when its first request is sent.
#[tokio::test(start_paused = true)]
async fn an_operation_behind_another_is_checked_when_its_turn_to_send_has_come() {
    let clock = clock();
    let mut settings = steady();
    settings.pace.link = Duration::from_secs(100);
    let mut rig = Rig::with_settings(clock, FakeGateway::new(clock), settings);
    rig.submit(link(&community("c"), [group(0)])).await;
    let waiting = rig.submit(link(&community("d"), [group(1)])).await;
    assert_eq!(outcomes(&rig.ended(waiting).await), [Verified]);
    let (writes, shown) = (rig.gateway.writes(), rig.gateway.shown());
    let checked = shown.iter().find(|shown| shown.community == community("d")).unwrap();
    assert_eq!(checked.begun.since(writes[0].began), Duration::from_secs(100));
}

#[tokio::test(start_paused = true)]
async fn no_group_is_left_if_the_read_of_its_link_shows_that_all_is_over() {
    let clock = clock();
    let failure = Failure::new(FailureKind::NotConnected);
    let gateway = FakeGateway::new(clock)
        .with_links()
        .member_of((0..3).map(group))
        .read_faults([Some(failure.clone())]);
    let mut rig = Rig::new(clock, gateway);
    let operation = rig.run(leave([group(0), group(1)])).await;
    assert_eq!(outcomes(&operation), [NotSent; 2]);
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::Failure(failure))));
    assert!(rig.gateway.writes().is_empty());
}
