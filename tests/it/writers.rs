//! Several Synods and one number: whose work counts, which requests may still be in flight, and what happens to a writer
//! that loses its journal or lock.

use std::{sync::mpsc::RecvTimeoutError, time::Duration};

use rstest::rstest;
use synod::{
    domain::{
        budget::Budget,
        capability::Capabilities,
        community::CommunityRef,
        event::{ItemReason, OperationEvent, Order, PauseReason, Record, StopReason},
        failure::{Failure, FailureKind},
        id::OperationId,
        instance::InstanceKey,
        operation::{Phase, RunControl},
        outcome::{
            Claim,
            Outcome::{AlreadySo, Blocked, NotSent, Unknown, Verified},
            Shows,
        },
        plan::{Reason, Step, Verb, again},
        time::Millis,
    },
    engine::journal::Journal,
    store::FileStore,
};
use tempfile::TempDir;

use crate::support::{
    fake_gateway::{FakeGateway, Fault, Twist, capable, clock, community, group},
    rig::{Rig, UP_TO_DATE, in_time, leave, leave_community, link, move_all, outcomes, unlink},
    shared::{Shared, key},
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn changes_by_another_synod_since_the_plan_are_not_sent_again() {
    let target = community("c");
    let shared = Shared::new(|gateway| gateway.linked(&target, []));
    let (first, second) = shared.two();
    let read_from = second.position().await;
    assert_eq!(outcomes(&first.run(link(&target, (0..3).map(group)), UP_TO_DATE).await), [Verified; 3]);
    let done = second.run(link(&target, (0..4).map(group)), read_from).await;
    assert_eq!(outcomes(&done), [AlreadySo, AlreadySo, AlreadySo, Verified]);
    assert_eq!(shared.gateway.writes().len(), 4, "each was requested once");
}

/// Every kind of request, from two who read their plans at the same time.
#[rstest]
#[case::link(link(&community("c"), [group(1)]), true)]
#[case::unlink(unlink(&community("c"), [group(1)]), true)]
#[case::move_all(move_all(&community("c"), &community("to"), [group(1)]), true)]
#[case::leave(leave([group(1)]), true)]
#[case::leave_where_details_tell(leave([group(1)]), false)]
#[case::leave_community(leave_community(&community("c")), true)]
#[tokio::test(start_paused = true)]
async fn a_change_by_another_synod_happens_once_with_every_verb(
    #[case] order: Order,
    #[case] list_shows_membership: bool,
) {
    let is_link = order.verb == Verb::Link;
    let places = if is_link { vec![group(2)] } else { vec![group(1), group(2)] };
    let capabilities = Capabilities { group_list_shows_membership: list_shows_membership, ..capable() };
    let members = (0..4).map(group).chain([community("c").as_group(), community("to").as_group()]);
    let shared = Shared::new(|gateway| {
        let gateway = gateway.with_capabilities(capabilities).member_of(members);
        gateway.linked(&community("c"), places).linked(&community("to"), [group(3)])
    });
    let (first, second) = shared.two();
    let read_from = second.position().await;
    assert_eq!(outcomes(&first.run(order.clone(), UP_TO_DATE).await), [Verified]);
    let before = shared.gateway.writes().len();
    assert_eq!(outcomes(&second.run(order, read_from).await), [AlreadySo]);
    assert_eq!(shared.gateway.writes().len(), before, "it was requested once");
}

/// The unlink of an earlier life takes effect while the rest of its move waits: a retry links the group.
#[tokio::test(start_paused = true)]
async fn a_retry_can_link_a_group_that_an_earlier_life_unlinked() {
    let clock = clock();
    let (from, to) = (community("c"), community("to"));
    let gateway = FakeGateway::new(clock).linked(&from, [group(1), group(2)]).linked(&to, [group(3)]);
    let mut rig = Rig::new(clock, gateway);
    // The journal has an event of the instance, so the plan is checked.
    rig.run(link(&to, [group(9)])).await;
    let before = rig.gateway.writes().len();
    rig.gateway.settle(&Step::Unlink(from.clone()), &group(1));
    let mut order = move_all(&from, &to, [group(1)]);
    order.items[0].sent_before = true;
    let id = rig.engine.submit(&rig.key, order, None).await.unwrap();
    let done = rig.ended(id).await;
    assert_eq!(
        (outcomes(&done), done.items[0].reason.clone()),
        (vec![NotSent], Some(ItemReason::LeftStanding))
    );
    assert!(again::retry(&done).is_some() && rig.gateway.writes().len() == before);
}

/// Another Synod links the group too and moves it on; its journal says where to.
#[tokio::test(start_paused = true)]
async fn a_link_is_not_sent_for_a_group_that_another_synod_has_moved() {
    let (target, third) = (community("c"), community("third"));
    let shared = Shared::new(|gateway| gateway.linked(&target, [group(8)]).linked(&third, [group(9)]));
    let (first, second) = shared.two();
    let read_from = second.position().await;
    first.run(link(&target, [group(0)]), UP_TO_DATE).await;
    first.run(move_all(&target, &third, [group(0)]), UP_TO_DATE).await;
    let before = shared.gateway.writes().len();
    let done = second.run(link(&target, [group(0)]), read_from).await;
    assert_eq!(outcomes(&done), [Blocked], "{done:#?}");
    let place = CommunityRef { id: third, name: None };
    let why = done.items[0].reason.clone();
    let is_told =
        matches!(&why, Some(ItemReason::Plan(Reason::InOtherCommunity(told))) if told.id == place.id);
    assert!(is_told, "{why:?}");
    assert_eq!(shared.gateway.writes().len(), before);
}

/// No field names the group's community: only its listing shows where the group is.
#[tokio::test(start_paused = true)]
async fn an_unlink_tells_where_another_synod_has_moved_its_group() {
    let (home, new) = (community("c"), community("new"));
    let shared = Shared::new(|gateway| gateway.linked(&home, [group(1), group(2)]).linked(&new, [group(3)]));
    let (first, second) = shared.two();
    let read_from = second.position().await;
    assert_eq!(outcomes(&first.run(move_all(&home, &new, [group(1)]), UP_TO_DATE).await), [Verified]);
    let done = second.run(unlink(&home, [group(1)]), read_from).await;
    assert_eq!(outcomes(&done), [Blocked]);
    let why = &done.items[0].reason;
    let is_told = matches!(why, Some(ItemReason::Plan(Reason::MovedElsewhere(told))) if told.id == new);
    assert!(is_told, "{why:?}");
}

/// Two read-backs without the group that an unlink in flight was to remove end the wait for it.
#[tokio::test(start_paused = true)]
async fn two_agreeing_readbacks_end_the_wait_for_an_unlink_in_flight() {
    let clock = clock();
    let source = community("c");
    let gateway = FakeGateway::new(clock).linked(&source, [group(0), group(1)]).member_of((0..2).map(group));
    let mut rig = Rig::new(clock, gateway);
    let sent = clock.now();
    cut_off(&mut rig, unlink(&source, [group(0)]), sent, [sending(Some(65_000))]).await;
    rig.gateway.settle(&Step::Unlink(source.clone()), &group(0));
    let operation = rig.run(link(&source, [group(5)])).await;
    assert_eq!(outcomes(&operation), [Verified]);
    assert!((4..20).contains(&first_write(&rig, sent)), "{}", first_write(&rig, sent));
}

/// The evidence is no longer readable: Synod does not send changes that cannot be undone.
#[rstest]
#[case::leave(leave([group(1)]))]
#[case::leave_community(leave_community(&community("c")))]
#[tokio::test(start_paused = true)]
async fn irreversible_changes_are_not_sent_if_the_check_cannot_read(#[case] order: Order) {
    let capabilities = Capabilities { group_list_shows_membership: false, ..capable() };
    let shared = Shared::new(|gateway| {
        let gateway = gateway.with_capabilities(capabilities).linked(&community("c"), [group(1), group(2)]);
        gateway.member_of([group(1), community("c").as_group()])
    });
    let synod = shared.synod();
    synod.run(link(&community("d"), [group(5)]), UP_TO_DATE).await;
    let before = shared.gateway.writes().len();
    shared.gateway.twist(std::iter::repeat_n(Twist::Fails(Failure::new(FailureKind::ServerFault)), 9));
    assert_eq!(outcomes(&synod.run(order, None).await), [NotSent]);
    assert_eq!(shared.gateway.writes().len(), before);
}

/// A move whose group is no longer in its planned place, on a gateway that names no parent.
#[tokio::test(start_paused = true)]
async fn a_waiting_move_is_not_sent_for_a_group_that_someone_moved() {
    let clock = clock();
    let (from, to) = (community("c"), community("to"));
    let gateway =
        FakeGateway::new(clock).linked(&from, [group(1), group(2), group(4)]).linked(&to, [group(3)]);
    let mut rig = Rig::new(clock, gateway);
    let id = rig.submit(move_all(&from, &to, [group(4), group(1)])).await;
    rig.until_event(|event| matches!(event, OperationEvent::Sending { .. })).await;
    rig.engine.control(&rig.key, RunControl::Pause);
    rig.gateway.settle(&Step::Unlink(from.clone()), &group(1));
    rig.gateway.settle(&Step::Link(community("third")), &group(1));
    tokio::time::sleep(Duration::from_secs(120)).await;
    rig.engine.control(&rig.key, RunControl::Resume);
    let done = rig.ended(id).await;
    assert_eq!(outcomes(&done), [Verified, Blocked]);
    assert_eq!(done.items[1].reason, Some(ItemReason::Plan(Reason::PlaceUnknown)));
    assert!(rig.gateway.writes().iter().all(|write| write.group == group(4)));
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_later_events_is_not_checked_again() {
    let target = community("c");
    let shared = Shared::new(|gateway| gateway.linked(&target, []));
    let synod = shared.synod();
    synod.run(link(&target, [group(0)]), None).await;
    assert_eq!(shared.gateway.reads(), 1, "only the read-back: the journal had nothing of the instance");
    let read_from = synod.position().await;
    synod.run(link(&target, [group(1)]), read_from).await;
    assert_eq!(shared.gateway.reads(), 2, "only the read-back");
    synod.run(link(&target, [group(2)]), None).await;
    assert!(shared.gateway.reads() > 3, "nobody knows when the plan was read");
}

#[tokio::test]
async fn the_position_of_an_instance_grows_with_each_of_its_events() {
    let directory = TempDir::new().unwrap();
    let store = FileStore::open(directory.path()).unwrap();
    let other = InstanceKey::new("other");
    assert_eq!(store.position(&key()).await.unwrap(), 0);
    let one = store.begin(&key(), Millis(9), link(&community("c"), [group(1)])).await.unwrap();
    let two = store.begin(&other, Millis(1), link(&community("c"), [group(1)])).await.unwrap();
    let (at_one, at_two) = (store.position(&key()).await.unwrap(), store.position(&other).await.unwrap());
    assert!(0 < at_one && at_one < at_two);
    store
        .append(vec![Record { sequence: 1, at: Millis(2), event: OperationEvent::Ended, ..one }])
        .await
        .unwrap();
    let newest = store.position(&key()).await.unwrap();
    assert!(newest > at_two);
    store.remove_operations(&[OperationId(1)]).await.unwrap();
    assert_eq!(store.position(&key()).await.unwrap(), 0);
    store.begin(&key(), Millis(9), link(&community("c"), [group(1)])).await.unwrap();
    assert!(store.position(&key()).await.unwrap() > newest, "a position is never reused");
    assert_eq!(store.position(&two.instance).await.unwrap(), at_two);
}

/// An operation that was cut off after these events. The last event is a request or its silence.
async fn cut_off(rig: &mut Rig, order: Order, at: Millis, events: impl IntoIterator<Item = OperationEvent>) {
    let created = rig.journal.begin(&rig.key, at, order).await.unwrap();
    let records =
        events.into_iter().zip(1..).map(|(event, sequence)| Record { event, sequence, ..created.clone() });
    rig.journal.append(records.collect()).await.unwrap();
    rig.catch_up_with(&created);
}

const SILENCE: OperationEvent = OperationEvent::Answered { item: 0, claim: Claim::Silence, failure: None };

fn sending(timeout_ms: Option<u64>) -> OperationEvent {
    OperationEvent::Sending { item: 0, step: 0, attempt: 1, timeout_ms }
}

/// The time of the first request, in seconds after that time.
fn first_write(rig: &Rig, after: Millis) -> u64 {
    rig.gateway.writes()[0].began.since(after).as_secs()
}

#[tokio::test(start_paused = true)]
async fn the_next_request_waits_for_one_that_may_be_in_flight_until_its_time_is_over() {
    for (timeout_ms, seconds) in [(Some(30_000), 30), (None, 65)] {
        let clock = clock();
        let (target, other) = (community("c"), community("d"));
        let mut rig = Rig::new(clock, FakeGateway::new(clock).linked(&target, []).linked(&other, []));
        let sent = clock.now();
        cut_off(&mut rig, link(&target, [group(0)]), sent, [sending(timeout_ms)]).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        // The next request, for any group.
        let operation = rig.run(link(&other, [group(5)])).await;
        assert_eq!(outcomes(&operation), [Verified]);
        assert_eq!(first_write(&rig, sent), seconds);
        let until = sent + Duration::from_secs(seconds);
        assert_eq!(
            rig.count(|event| *event == OperationEvent::Paused { why: PauseReason::InFlight { until } }),
            1
        );
        assert_eq!(rig.count(|event| *event == OperationEvent::Resumed), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_readback_that_shows_the_request_in_flight_ends_the_wait() {
    let clock = clock();
    let target = community("c");
    let mut rig = Rig::new(clock, FakeGateway::new(clock).linked(&target, []));
    let sent = clock.now();
    cut_off(&mut rig, link(&target, [group(0)]), sent, [sending(Some(65_000))]).await;
    rig.submit(link(&target, [group(0), group(1)])).await;
    tokio::time::sleep(Duration::from_secs(32)).await;
    rig.gateway.settle(&Step::Link(target.clone()), &group(0));
    let operation = rig.ended(OperationId(2)).await;
    assert_eq!(outcomes(&operation), [AlreadySo, Verified], "the plan was checked after the wait");
    assert!((32..40).contains(&first_write(&rig, sent)));
}

/// The gateway allows no reads for a while. Meanwhile the worker waits, and uses no processor time.
#[test]
fn a_request_in_flight_is_read_back_only_when_the_budget_allows_it() {
    on_a_watched_thread(async || {
        let clock = clock();
        let target = community("c");
        let mut rig = Rig::new(clock, FakeGateway::new(clock).linked(&target, [group(0)]));
        let sent = clock.now();
        cut_off(&mut rig, link(&target, [group(0)]), sent, [sending(Some(65_000))]).await;
        let resets_at = sent + Duration::from_secs(20);
        rig.gateway.set_budget(Budget { limit: 100, remaining: 0, resets_at, told_by_gateway: true });
        assert_eq!(outcomes(&rig.run(link(&target, [group(1)])).await), [Verified]);
        assert_eq!(rig.gateway.shown()[0].begun, resets_at);
        assert_eq!(first_write(&rig, sent), 20, "the readback ended the wait");
    });
}

/// Runs a test with a paused clock on a thread of its own. A program that never waits also stops the clock, so that `in_time`
/// cannot end such a test.
fn on_a_watched_thread(test: impl AsyncFnOnce() + Send + 'static) {
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        let _done = done;
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().start_paused(true).build().unwrap().block_on(test());
    });
    let ended = is_done.recv_timeout(Duration::from_secs(60));
    assert_eq!(ended, Err(RecvTimeoutError::Disconnected), "the program does not wait");
    thread.join().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_request_without_an_answer_in_this_synod_delays_no_other_operation() {
    let clock = clock();
    let target = community("c");
    let mut rig =
        Rig::new(clock, FakeGateway::new(clock).faults(&group(0), [Fault::DropBefore, Fault::DropBefore]));
    assert_eq!(outcomes(&rig.run(link(&target, [group(0)])).await), [Unknown]);
    rig.run(link(&target, [group(1)])).await;
    assert_eq!(rig.count(|event| matches!(event, OperationEvent::Paused { .. })), 0);
}

/// A link without an answer that another Synod recorded with the time stamps of the next hour, and that is read back; and the time
/// before that.
async fn link_from_the_future() -> (Rig, Millis) {
    let clock = clock();
    let target = community("c");
    let mut rig = Rig::new(clock, FakeGateway::new(clock).linked(&target, []));
    let begun = clock.now();
    cut_off(&mut rig, link(&target, [group(0)]), begun + HOUR, [sending(Some(65_000)), SILENCE]).await;
    rig.engine.recover(&rig.key).await.unwrap();
    in_time(rig.engine.until_idle(&rig.key)).await;
    rig.catch_up();
    (rig, begun)
}

#[tokio::test(start_paused = true)]
async fn time_stamps_from_the_future_delay_nothing_for_longer_than_a_request_may_take() {
    let (mut rig, begun) = link_from_the_future().await;
    assert!(rig.clock.now().since(begun) < Duration::from_secs(15), "its read-backs happened at once");
    let operation = rig.run(link(&community("c"), [group(1)])).await;
    assert_eq!(outcomes(&operation), [Verified]);
    assert!(rig.clock.now().since(begun) < Duration::from_secs(100));
}

/// The request of the other Synod ends at the same time for each operation that waits for it.
#[tokio::test(start_paused = true)]
async fn a_second_operation_does_not_wait_anew_for_a_request_from_the_future() {
    let (mut rig, begun) = link_from_the_future().await;
    let first = rig.submit(link(&community("c"), [group(1)])).await;
    tokio::time::sleep(Duration::from_secs(40)).await;
    rig.engine.control(&rig.key, RunControl::Stop);
    assert_eq!(outcomes(&rig.ended(first).await), [NotSent]);
    assert_eq!(outcomes(&rig.run(link(&community("c"), [group(2)])).await), [Verified]);
    assert!(rig.clock.now().since(begun) < Duration::from_secs(100));
}

/// The process ended between two attempts, and the first attempt took effect after its last read-back.
#[tokio::test(start_paused = true)]
async fn an_item_that_waited_for_another_attempt_is_read_back_before_it_ends() {
    let clock = clock();
    let target = community("c");
    let mut rig = Rig::new(clock, FakeGateway::new(clock).linked(&target, [group(0)]));
    let events = [sending(None), SILENCE, OperationEvent::TryingAgain { item: 0 }];
    cut_off(&mut rig, link(&target, [group(0)]), clock.now(), events).await;
    rig.engine.recover(&rig.key).await.unwrap();
    in_time(rig.engine.until_idle(&rig.key)).await;
    rig.catch_up();
    assert_eq!(outcomes(&rig.operations[&OperationId(1)]), [Verified]);
    assert_eq!(rig.gateway.writes().len(), 0, "recovery sends nothing");
}

/// One read-back before the end of the process and one after it, each without the group, are not two in a row.
#[tokio::test(start_paused = true)]
async fn a_readback_before_the_end_of_the_process_does_not_count_as_the_first_of_two() {
    let clock = clock();
    let source = community("c");
    let gateway = FakeGateway::new(clock).linked(&source, [group(0), group(1)]).member_of([group(0)]);
    let mut rig = Rig::new(clock, gateway.twists([Twist::Lacks(group(0))]));
    let yes = OperationEvent::Answered { item: 0, claim: Claim::Yes, failure: None };
    let looked = OperationEvent::Looked { seen: vec![(0, Shows::Unconfirmed)] };
    cut_off(&mut rig, unlink(&source, [group(0)]), clock.now(), [sending(None), yes, looked]).await;
    rig.engine.recover(&rig.key).await.unwrap();
    in_time(rig.engine.until_idle(&rig.key)).await;
    rig.catch_up();
    assert_eq!(outcomes(&rig.operations[&OperationId(1)]), [Unknown]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_once_the_state_directory_is_gone() {
    let shared = Shared::new(|gateway| gateway);
    let mut synod = shared.synod();
    synod.submit(link(&community("c"), (0..6).map(group))).await;
    synod.until_answered(1).await;
    std::fs::remove_dir_all(shared.directory()).unwrap();
    synod.until_idle().await;
    assert_eq!(shared.gateway.writes().len(), 2);
    let failures = synod.failures();
    assert!(failures[0].contains("removed or replaced"), "{failures:?}");
    assert!(!shared.directory().exists(), "nothing is created in its place");
}

#[tokio::test(start_paused = true)]
async fn a_replaced_journal_accepts_nothing_more() {
    let shared = Shared::new(|gateway| gateway);
    let synod = shared.synod();
    synod.run(link(&community("c"), [group(0)]), UP_TO_DATE).await;
    let file = synod.store.file().to_owned();
    std::fs::rename(&file, shared.directory().join("elsewhere")).unwrap();
    let begun = synod.store.begin(&key(), shared.clock.now(), link(&community("c"), [group(1)])).await;
    assert!(begun.is_err());
    std::fs::write(&file, "").unwrap();
    let begun = synod.store.begin(&key(), shared.clock.now(), link(&community("c"), [group(1)])).await;
    assert!(begun.is_err());
    std::fs::rename(shared.directory().join("elsewhere"), &file).unwrap();
    synod.store.begin(&key(), shared.clock.now(), link(&community("c"), [group(1)])).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_replaced_lock_ends_the_sending_of_its_holder() {
    let shared = Shared::new(|gateway| gateway);
    let mut first = shared.synod();
    first.submit(link(&community("c"), (0..6).map(group))).await;
    first.until_answered(1).await;
    let lock = shared.directory().join("locks").join(format!("{}.lock", key()));
    std::fs::remove_file(&lock).unwrap();
    std::fs::write(&lock, "").unwrap();
    first.until_idle().await;
    let operation = first.newest().await;
    assert_eq!(outcomes(&operation), [Verified, Verified, NotSent, NotSent, NotSent, NotSent]);
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::Journal)));
    assert_eq!(shared.gateway.writes().len(), 2);
    let failures = first.failures();
    assert!(failures[0].contains(".lock was removed or replaced"), "{failures:?}");
}
