//! Operations go from one Synod to another, and other Synods control them.

use std::time::Duration;

use synod::{
    domain::{
        event::{OperationEvent, StopReason},
        operation::{Phase, RunControl},
        outcome::Outcome::{NotSent, Verified},
    },
    engine::journal::Journal,
};

use crate::support::{
    fake_gateway::{community, group},
    rig::{UP_TO_DATE, in_time, link, outcomes},
    shared::{Shared, Synod, key},
};

fn shared() -> Shared {
    Shared::new(|gateway| gateway.linked(&community("c"), []))
}

async fn handed_over(synod: &Synod) -> Vec<synod::domain::id::OperationId> {
    let offered = in_time(synod.engine.hand_over()).await.unwrap();
    offered.into_iter().flat_map(|(_, operations)| operations).collect()
}

#[tokio::test(start_paused = true)]
async fn another_process_continues_between_two_requests() {
    let shared = shared();
    let (mut first, second) = shared.two();
    let id = first.submit(link(&community("c"), (0..5).map(group))).await;
    first.until_answered(1).await;
    assert_eq!(handed_over(&first).await, [id]);
    let at_once = shared.gateway.writes().len();
    assert!(at_once < 5);
    assert_eq!(in_time(second.engine.take_over(&key(), &[id])).await.unwrap(), [id]);
    second.until_idle().await;
    let operation = second.newest().await;
    assert_eq!((outcomes(&operation), &operation.phase), (vec![Verified; 5], &Phase::Ended(None)));
    assert_eq!(shared.gateway.writes().len(), 5, "each was requested once");
}

#[tokio::test(start_paused = true)]
async fn what_waits_behind_another_operation_is_handed_over_too() {
    let shared = shared();
    let (mut first, second) = shared.two();
    let one = first.submit(link(&community("c"), (0..3).map(group))).await;
    let two = first.submit(link(&community("c"), (3..5).map(group))).await;
    first.until_answered(0).await;
    let ids = handed_over(&first).await;
    assert_eq!(ids, [one, two]);
    assert_eq!(in_time(second.engine.take_over(&key(), &ids)).await.unwrap(), ids);
    second.until_idle().await;
    assert!(second.newest().await.items.iter().all(|item| item.outcome == Some(Verified)));
    assert_eq!(shared.gateway.writes().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn nobody_treats_an_operation_on_its_way_as_interrupted_until_its_time_is_over() {
    let shared = shared();
    let (mut first, second) = shared.two();
    first.submit(link(&community("c"), (0..4).map(group))).await;
    first.until_answered(0).await;
    handed_over(&first).await;
    assert_eq!(second.engine.recover(&key()).await.unwrap(), []);
    assert!(second.newest().await.is_live());
    // Another operation in between leaves it alone as well.
    second.run(link(&community("c"), [group(9)]), UP_TO_DATE).await;
    assert_eq!(second.store.unfinished(&key()).await.unwrap().len(), 1);
    tokio::time::sleep(Duration::from_secs(200)).await;
    let recovered = second.engine.recover(&key()).await.unwrap();
    assert_eq!(recovered.len(), 1, "nobody took it over");
    assert_eq!(recovered[0].phase, Phase::Stopping(StopReason::Interrupted));
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_was_not_handed_over_is_not_taken() {
    let shared = shared();
    let (first, second) = shared.two();
    let id = first.submit(link(&community("c"), [group(0)])).await;
    first.until_idle().await;
    assert_eq!(second.engine.take_over(&key(), &[id]).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_paused_operation_stays_paused_in_its_new_process() {
    let shared = shared();
    let (mut first, mut second) = shared.two();
    let id = first.submit(link(&community("c"), (0..4).map(group))).await;
    first.until_answered(0).await;
    first.engine.control(&key(), RunControl::Pause);
    first.until(|event| matches!(event, OperationEvent::Paused { .. })).await;
    handed_over(&first).await;
    in_time(second.engine.take_over(&key(), &[id])).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let sent = shared.gateway.writes().len();
    assert!(sent < 4, "it is still paused");
    second.engine.control(&key(), RunControl::Resume);
    second.until(|event| *event == OperationEvent::Ended).await;
    assert_eq!(shared.gateway.writes().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn another_process_pauses_resumes_and_stops() {
    let shared = shared();
    let (mut first, second) = shared.two();
    first.submit(link(&community("c"), (0..9).map(group))).await;
    first.until_answered(0).await;
    second.engine.control_anywhere(&key(), RunControl::Pause).await.unwrap();
    first.until(|event| matches!(event, OperationEvent::Paused { .. })).await;
    let sent = shared.gateway.writes().len();
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(shared.gateway.writes().len(), sent);
    second.engine.control_anywhere(&key(), RunControl::Resume).await.unwrap();
    first.until(|event| *event == OperationEvent::Resumed).await;
    first.until(|event| matches!(event, OperationEvent::Sending { .. })).await;
    second.engine.control_anywhere(&key(), RunControl::Stop).await.unwrap();
    first.until(|event| *event == OperationEvent::Ended).await;
    let operation = first.newest().await;
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::Operator)));
    assert!(outcomes(&operation).contains(&NotSent) && outcomes(&operation).contains(&Verified));
    assert_eq!(second.store.requests(&key(), 0).await.unwrap(), [], "they are forgotten with its end");
}

/// A request is read before each send, however short the time between two of them.
#[tokio::test(start_paused = true)]
async fn a_request_for_a_waiting_operation_concerns_only_that_one() {
    let shared = shared();
    let (mut first, second) = shared.two();
    let one = first.submit(link(&community("c"), (0..3).map(group))).await;
    let two = first.submit(link(&community("c"), (3..6).map(group))).await;
    first.until_answered(0).await;
    second.store.request(two, RunControl::Stop, shared.clock.now()).await.unwrap();
    first.until_idle().await;
    let of = async |id| second.store.operation(&key(), id).await.unwrap().unwrap();
    assert_eq!(outcomes(&of(one).await), [Verified; 3]);
    assert_eq!(outcomes(&of(two).await), [NotSent; 3]);
    assert_eq!(shared.gateway.writes().len(), 3);
}
