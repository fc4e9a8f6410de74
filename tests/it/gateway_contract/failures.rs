//! Failures of all gateways: limits, the quota, time-outs (`docs/gateways/ryzeapi.md`, 5).

use std::time::Duration;

use axum::response::Response;
use rstest::rstest;
use serde_json::json;
use synod::{
    domain::{
        budget::Budget,
        failure::{Failure, FailureKind},
        time::Millis,
    },
    gateway::open,
};

use super::{RECEPTION, answering, community, group};
use crate::support::gateway::{
    EPOCH, Server, client_over, clock, error, harbor, json as answer, parts_over, raw, with_headers,
};

const LIMIT: &str = "Rate limit exceeded. Try again later.";

async fn failing(given: fn() -> Response) -> Failure {
    let router = Server::new().answering(move |_| std::future::ready(given()));
    client_over(router, harbor()).groups().await.unwrap_err()
}

fn after(seconds: u64) -> Millis {
    EPOCH + Duration::from_secs(seconds)
}

#[rstest]
#[case::by_its_text(|| error(429, LIMIT), FailureKind::RateLimited { until: Some(after(60)) })]
#[case::with_the_reset(
    || with_headers(error(429, LIMIT), &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1772366442")]),
    FailureKind::RateLimited { until: Some(after(42)) }
)]
#[case::by_its_headers(
    || with_headers(raw(429, "text/html", "slow down"), &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1772366407")]),
    FailureKind::RateLimited { until: Some(after(7)) }
)]
#[case::asked_for_a_wait(|| with_headers(error(429, LIMIT), &[("retry-after", "9")]), FailureKind::RateLimited { until: Some(after(9)) })]
#[case::throttled(|| error(429, "rate-overlimit"), FailureKind::Throttled { until: None })]
#[case::throttled_with_budget_left(
    || with_headers(error(429, "rate-overlimit"), &[("x-ratelimit-remaining", "40"), ("x-ratelimit-reset", "1772366442")]),
    FailureKind::Throttled { until: None }
)]
#[case::throttled_for_a_time(|| with_headers(error(429, "rate-overlimit"), &[("retry-after", "45")]), FailureKind::Throttled { until: Some(after(45)) })]
#[tokio::test(start_paused = true)]
async fn the_two_meanings_of_429_are_distinguished(
    #[case] given: fn() -> Response,
    #[case] kind: FailureKind,
) {
    assert_eq!(failing(given).await.kind, kind);
}

#[rstest]
#[case(|| error(403, "Instance token does not match the instance"), FailureKind::TokenRefused)]
#[case(|| error(401, "anything"), FailureKind::TokenRefused)]
#[case(|| raw(401, "text/html", "<html>"), FailureKind::NotJson)]
#[case(|| raw(401, "application/json", ""), FailureKind::TokenRefused)]
#[case(|| error(500, "failed to get groups: websocket closed"), FailureKind::GatewayError)]
#[case(|| error(500, "failed to get groups: Instance is not connected to WhatsApp"), FailureKind::NotConnected)]
#[case(|| error(418, "odd"), FailureKind::Refused)]
#[case(|| raw(308, "text/html", ""), FailureKind::Redirected)]
#[case(|| raw(599, "text/html", ""), FailureKind::ServerFault)]
#[tokio::test(start_paused = true)]
async fn other_failures_are_classified_by_text_then_status(
    #[case] given: fn() -> Response,
    #[case] kind: FailureKind,
) {
    assert_eq!(failing(given).await.kind, kind);
}

#[tokio::test(start_paused = true)]
async fn the_quota_follows_every_response_including_failures() {
    let router = Server::new().answering(|seen| {
        let given =
            if seen.path.contains("leave") { error(403, "no") } else { answer(200, json!({ "groups": [] })) };
        let remaining = if seen.path.contains("leave") { "86" } else { "87" };
        let headers = [
            ("x-ratelimit-limit", "120"),
            ("x-ratelimit-remaining", remaining),
            ("x-ratelimit-reset", "1772366442"),
        ];
        std::future::ready(with_headers(given, &headers))
    });
    let client = client_over(router, harbor());
    let budget = client.budget();
    assert_eq!(*budget.borrow(), None);
    client.groups().await.unwrap();
    let reply = Budget {
        limit: 120,
        remaining: 87,
        resets_at: EPOCH + Duration::from_secs(42),
        told_by_gateway: true,
    };
    assert_eq!(*budget.borrow(), Some(reply));
    let _ = client.writes().unwrap().leave(&group(RECEPTION)).await;
    assert_eq!(*budget.borrow(), Some(Budget { remaining: 86, ..reply }));
}

#[tokio::test(start_paused = true)]
async fn without_headers_the_client_counts_a_hundred_a_minute() {
    let client = answering(200, json!({ "groups": [] }));
    let budget = client.budget();
    for left in [99, 98] {
        client.groups().await.unwrap();
        let reply = budget.borrow().unwrap();
        assert_eq!((reply.limit, reply.remaining, reply.told_by_gateway), (100, left, false));
    }
    tokio::time::advance(Duration::from_secs(60)).await;
    let now = clock().now() + Duration::from_secs(60);
    assert_eq!(budget.borrow().unwrap().remaining_at(now), 100);
}

#[tokio::test(start_paused = true)]
async fn clients_with_one_token_share_one_quota() {
    let router = Server::new().answering(|_| std::future::ready(answer(200, json!({ "groups": [] }))));
    let parts = parts_over(router);
    let mut second = harbor();
    second.instance = Some("quay".to_owned().into());
    let mut third = harbor();
    third.token = "another".to_owned().into();
    let [first, second, third] = [harbor(), second, third].map(|spec| open(&spec, &parts).unwrap());
    first.groups().await.unwrap();
    second.groups().await.unwrap();
    assert_eq!(first.budget().borrow().unwrap().remaining, 98);
    assert_eq!(second.budget().borrow().unwrap().remaining, 98);
    assert!(third.budget().borrow().is_none());
}

#[tokio::test(start_paused = true)]
async fn the_client_waits_longer_for_listings_than_for_other_answers() {
    let client = client_over(Server::new().answering(|_| std::future::pending()), harbor());
    let begun = tokio::time::Instant::now();
    assert_eq!(client.groups().await.unwrap_err().kind, FailureKind::TimedOut);
    assert_eq!(begun.elapsed().as_secs(), 90);
    assert_eq!(client.listing(&community()).await.unwrap_err().kind, FailureKind::TimedOut);
    assert_eq!(client.connection().await.unwrap_err().kind, FailureKind::TimedOut);
    assert_eq!(begun.elapsed().as_secs(), 90 + 90 + 65);
}
