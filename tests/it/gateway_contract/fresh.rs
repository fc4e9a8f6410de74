//! Every change must show at once: no read accepts a cached response.

use std::future::ready;

use rstest::rstest;
use serde_json::json;
use synod::{
    domain::instance::GatewayKind::{self, RyzeApi, Zapi},
    gateway::InstanceSpec,
};

use super::{LAB, RECEPTION, community, group};
use crate::support::gateway::{Server, client_over, harbor, json as answer};

#[rstest]
#[tokio::test(start_paused = true)]
async fn every_read_asks_for_a_fresh_answer(#[values(RyzeApi, Zapi)] kind: GatewayKind) {
    let server = Server::new();
    let router = server.answering(|seen| {
        ready(if seen.path.ends_with("/status") {
            answer(200, json!({ "connected": true }))
        } else {
            answer(200, json!({ "success": true, "phone": RECEPTION, "name": "Reception", "jid": RECEPTION }))
        })
    });
    let gateway = client_over(router, InstanceSpec { kind, ..harbor() });
    let _ = gateway.connection().await;
    let _ = gateway.communities().await;
    let _ = gateway.groups().await;
    let _ = gateway.listing(&community()).await;
    let _ = gateway.probe(&group(LAB)).await;
    let _ = gateway.details(&group(RECEPTION)).await;
    let _ = gateway.invite_link(&group(LAB)).await;
    let _ = gateway.writes().unwrap().link(&community(), &group(RECEPTION)).await;
    let _ = gateway.writes().unwrap().leave(&group(RECEPTION)).await;
    let seen = server.seen();
    let reads = seen.iter().filter(|seen| seen.method == http::Method::GET);
    assert!(reads.clone().count() >= 5);
    for request in seen {
        let asked = request.headers.get("cache-control").map(|value| value.to_str().unwrap());
        let wanted = (request.method == http::Method::GET).then_some("no-cache");
        assert_eq!(asked, wanted, "{} {}", request.method, request.path);
    }
}
