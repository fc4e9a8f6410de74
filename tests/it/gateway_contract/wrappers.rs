//! Reads are repeated, writes never; a read-only gateway sends no write.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::response::Response;
use rstest::rstest;
use serde_json::json;
use synod::{
    domain::{
        failure::{Failure, FailureKind},
        outcome::Claim,
        reading::Probe,
        time::Millis,
    },
    gateway::Gateway,
};

use super::{RECEPTION, community, group};
use crate::support::{
    fake_gateway::{self, FakeGateway},
    gateway::{Server, client_over, clock, dropped, error, harbor, json as answer, raw, with_headers},
};

/// A client that fails this often before it answers.
fn failing(times: usize, failure: fn() -> Response) -> (Server, Gateway) {
    let server = Server::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let router = server.answering(move |_| {
        let fails = asked.fetch_add(1, Ordering::SeqCst) < times;
        let good = || answer(200, json!({ "success": true, "groups": [], "subgroups": [] }));
        std::future::ready(if fails { failure() } else { good() })
    });
    (server, client_over(router, harbor()).retrying(clock()))
}

#[rstest]
#[case(|| raw(502, "text/html", "<html>"))]
#[case(|| error(500, "failed to get groups: x"))]
#[case(|| raw(200, "text/html", "<html>"))]
#[case(dropped)]
#[tokio::test(start_paused = true)]
async fn a_read_is_sent_three_times_with_pauses(#[case] failure: fn() -> Response) {
    let (server, client) = failing(2, failure);
    let begun = tokio::time::Instant::now();
    assert!(client.groups().await.is_ok());
    assert_eq!(server.seen().len(), 3);
    assert!((1_500..3_000).contains(&begun.elapsed().as_millis()));

    let (server, client) = failing(3, failure);
    assert!(matches!(client.probe(&group(RECEPTION)).await, Probe::Failed(_)));
    assert_eq!(server.seen().len(), 3);
}

#[rstest]
#[case(|| error(401, "Invalid token"))]
#[case(|| error(400, "Instance is not connected to WhatsApp"))]
#[case(|| error(403, "no"))]
#[case(|| raw(302, "text/html", ""))]
#[tokio::test(start_paused = true)]
async fn a_failure_that_a_repeat_cannot_fix_is_not_repeated(#[case] failure: fn() -> Response) {
    let (server, client) = failing(9, failure);
    assert!(client.groups().await.is_err());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_read_over_the_limit_waits_for_the_reset() {
    let (server, client) = failing(1, || {
        let headers = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1772366442")];
        with_headers(error(429, "Rate limit exceeded. Try again later."), &headers)
    });
    let begun = tokio::time::Instant::now();
    assert!(client.groups().await.is_ok());
    assert_eq!(server.seen().len(), 2);
    assert!((42..44).contains(&begun.elapsed().as_secs()));
}

/// Even if a distant time is requested, a read waits two minutes at a time, and finally reports the failure.
#[rstest]
#[case::limit(|until| FailureKind::RateLimited { until: Some(until) })]
#[case::throttling(|until| FailureKind::Throttled { until: Some(until) })]
#[tokio::test(start_paused = true)]
async fn a_wait_of_a_day_is_bounded_and_the_day_is_reported(#[case] kind: fn(Millis) -> FailureKind) {
    let clock = fake_gateway::clock();
    let day = clock.now() + Duration::from_secs(86_400);
    for times in [1, 3] {
        let failures = std::iter::repeat_n(Some(Failure::new(kind(day))), times);
        let fake = Arc::new(FakeGateway::new(clock).read_faults(failures));
        let client = Gateway::new(fake.clone()).retrying(clock);
        let begun = tokio::time::Instant::now();
        let read = client.groups().await;
        let waits = times.min(2) as u64;
        assert!((120 * waits..123 * waits).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        match times {
            1 => assert!(read.is_ok()),
            _ => assert_eq!(read.unwrap_err().kind, kind(day)),
        }
        assert_eq!(fake.reads(), times.min(2) + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_a_day_is_tried_again_after_two_minutes() {
    let (server, client) = failing(1, || {
        let headers = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1772452800")];
        with_headers(error(429, "Rate limit exceeded. Try again later."), &headers)
    });
    let begun = tokio::time::Instant::now();
    assert!(client.groups().await.is_ok());
    assert_eq!(server.seen().len(), 2);
    assert!(begun.elapsed() < Duration::from_secs(123), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_throttled_read_waits_long() {
    let (_, client) = failing(2, || error(429, "rate-overlimit"));
    let begun = tokio::time::Instant::now();
    assert!(client.groups().await.is_ok());
    assert_eq!(begun.elapsed().as_secs(), 90);
}

#[tokio::test(start_paused = true)]
async fn a_write_is_never_repeated() {
    let (server, client) = failing(9, || raw(502, "text/html", ""));
    assert_eq!(client.writes().unwrap().link(&community(), &group(RECEPTION)).await.claim, Claim::Silence);
    assert_eq!(client.writes().unwrap().unlink(&community(), &group(RECEPTION)).await.claim, Claim::Silence);
    assert_eq!(client.writes().unwrap().leave(&group(RECEPTION)).await.claim, Claim::Silence);
    assert_eq!(client.writes().unwrap().leave_community(&community()).await.claim, Claim::Silence);
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn read_only_reads_and_sends_no_write() {
    let (server, client) = failing(0, || raw(500, "", ""));
    let client = client.read_only();
    assert_eq!(client.writes().err().unwrap().kind, FailureKind::ReadOnly);
    assert!(server.seen().is_empty());
    assert!(client.groups().await.is_ok());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_waits_for_whatsapp_says_so_until_it_continues() {
    let (_server, client) = failing(1, || error(429, "info query returned status 429: rate-overlimit"));
    let mut waits = client.waits().follow();
    let read = tokio::spawn({
        let client = client.clone();
        async move { client.groups().await }
    });
    waits.changed().await.unwrap();
    let wait = waits.borrow_and_update().expect("a wait");
    assert!((30_000..32_000).contains(&(wait.until.0 - clock().now().0)), "{wait:?}");
    waits.changed().await.unwrap();
    assert_eq!(*waits.borrow_and_update(), None);
    assert!(read.await.unwrap().is_ok());
    // The wait for a temporary fault is too short to be reported.
    let (_server, client) = failing(2, dropped);
    let waits = client.waits().follow();
    assert!(client.groups().await.is_ok());
    assert!(!waits.has_changed().unwrap());
}
