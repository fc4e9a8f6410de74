//! Answers to requests to connect an instance, and to list the instances of a token: odd shapes, and secrets that
//! come back (`docs/gateways/ryzeapi.md`, 7; `docs/gateways/zapi.md`, 9.4).

use std::future::ready;

use axum::response::Response;
use http::Method;
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};
use synod::{
    domain::{
        failure::FailureKind,
        instance::{ConnectionState, GatewayKind},
        pairing::{Offer, Way},
        private::Private,
    },
    gateway::{Gateway, InstanceSpec},
};

use crate::support::gateway::{
    CANARY, Server, client_over, clock, dropped, error, harbor, json as answer, raw,
};

const NUMBER: &str = "5511977770001";

fn number() -> Way {
    Way::Number(Private::new(NUMBER).unwrap())
}

fn shop() -> InstanceSpec {
    InstanceSpec { kind: GatewayKind::Zapi, instance: Some(SecretString::from("SHOP")), ..harbor() }
}

/// A client of an instance that is not connected, and whose other requests get this answer.
fn disconnected(spec: InstanceSpec, then: fn() -> Response) -> (Server, Gateway) {
    let server = Server::new();
    let router = server.answering(move |seen| {
        let state = json!({ "state": "disconnected" });
        ready(if seen.path.starts_with("/api/instance/list") {
            answer(200, json!({ "success": true, "instances": [{ "name": "harbor", "connection": state }] }))
        } else if seen.path.ends_with("/status") {
            answer(200, json!({ "connected": false, "error": "You are not connected." }))
        } else {
            then()
        })
    });
    (server, client_over(router, spec))
}

/// The requests other than those for the state.
fn asked(server: &Server) -> Vec<String> {
    let is_state = |path: &String| path.starts_with("/api/instance/list") || path.ends_with("/status");
    server.paths().into_iter().filter(|path| !is_state(path)).collect()
}

#[rstest]
#[case::both(json!({ "qrCode": "2@abc", "qrCodeBase64": "data:image/png;base64,AA" }), Way::Qr, Some("2@abc"))]
#[case::within_data(json!({ "data": { "qrCode": "2@abc" } }), Way::Qr, Some("2@abc"))]
#[case::a_picture_as_text(json!({ "qrCode": "data:image/png;base64,AA" }), Way::Qr, None)]
#[case::a_picture(json!({ "qrCodeBase64": "data:image/png;base64,AA" }), Way::Qr, None)]
#[case::a_code(json!({ "pairingCode": " ABCD1234 " }), number(), Some("ABCD1234"))]
#[tokio::test(start_paused = true)]
async fn ryzeapis_codes_are_read(#[case] body: Value, #[case] way: Way, #[case] code: Option<&str>) {
    let server = Server::new();
    let router = server.answering(move |seen| {
        let listed = json!({ "instances": [{ "name": "harbor", "status": "disconnected" }] });
        let is_state = seen.path.starts_with("/api/instance/list");
        ready(answer(200, if is_state { listed } else { body.clone() }))
    });
    let offer = client_over(router, harbor()).writes().unwrap().connect(&way).await.unwrap();
    match &offer {
        Offer::Qr(reply) | Offer::Code(reply) => assert_eq!(Some(reply.expose()), code),
        Offer::Picture => assert_eq!(code, None),
        other => panic!("{other:?}"),
    }
    assert!(!format!("{offer:?}{way:?}").contains("2@abc") && !format!("{offer:?}{way:?}").contains(NUMBER));
}

#[rstest]
#[case::nothing(|| answer(200, json!({ "success": true })), FailureKind::Malformed)]
#[case::of_another_type(|| answer(200, json!({ "qrCode": 7, "pairingCode": ["x"], "value": {} })), FailureKind::Malformed)]
#[case::no(|| answer(200, json!({ "success": false, "error": { "message": "busy" } })), FailureKind::Refused)]
#[case::a_page(|| raw(200, "text/html", "<html>2@x</html>"), FailureKind::NotJson)]
#[case::a_proxys_page(|| raw(502, "text/html", "<html>"), FailureKind::NotJson)]
#[case::nothing_at_all(|| raw(200, "application/json", ""), FailureKind::EmptyAnswer)]
#[case::dropped(dropped, FailureKind::Dropped)]
#[tokio::test(start_paused = true)]
async fn an_answer_without_a_code_is_a_failure_and_is_requested_once(
    #[case] then: fn() -> Response,
    #[case] kind: FailureKind,
    #[values(GatewayKind::RyzeApi, GatewayKind::Zapi)] gateway: GatewayKind,
) {
    for way in [Way::Qr, number()] {
        let spec = if gateway == GatewayKind::RyzeApi { harbor() } else { shop() };
        let (server, client) = disconnected(spec, then);
        // Reads are repeated, but this is not.
        let failure = client.retrying(clock()).writes().unwrap().connect(&way).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{way:?}");
        assert_eq!(asked(&server).len(), 1, "{way:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_routes_match_the_contracts() {
    for (way, path) in [
        (Way::Qr, "/api/instance/connect/harbor"),
        (number(), "/api/instance/connect/harbor?number=5511977770001"),
        (Way::Session, "/api/instance/reconnect/harbor"),
    ] {
        let (server, client) = disconnected(harbor(), || answer(200, json!({ "success": true })));
        let _ = client.writes().unwrap().connect(&way).await;
        assert_eq!(asked(&server), [path]);
        let method = if way == Way::Session { Method::POST } else { Method::GET };
        assert_eq!(server.seen().last().unwrap().method, method);
    }
    for (way, operation) in
        [(Way::Qr, "qr-code"), (number(), "phone-code/5511977770001"), (Way::Session, "restore-session")]
    {
        let (server, client) = disconnected(shop(), || answer(200, json!({ "value": true })));
        let _ = client.writes().unwrap().connect(&way).await;
        assert!(asked(&server)[0].ends_with(&format!("/{operation}")), "{way:?}");
        assert!(server.seen().iter().all(|seen| seen.method == Method::GET));
    }
}

#[tokio::test(start_paused = true)]
async fn read_only_asks_nothing() {
    let (server, client) = disconnected(harbor(), || answer(200, json!({ "qrCode": "2@abc" })));
    assert_eq!(client.read_only().writes().err().unwrap().kind, FailureKind::ReadOnly);
    assert!(server.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_state_connects_nothing() {
    for spec in [harbor(), shop()] {
        let server = Server::new();
        let router = server.answering(|_| ready(raw(502, "text/html", "<html>")));
        let client = client_over(router, spec);
        assert!(client.writes().unwrap().connect(&Way::Qr).await.is_err());
        assert_eq!(asked(&server), Vec::<String>::new());
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_number_in_an_error_is_not_shown(
    #[values(GatewayKind::RyzeApi, GatewayKind::Zapi)] kind: GatewayKind,
) {
    let spec = if kind == GatewayKind::RyzeApi { harbor() } else { shop() };
    let echo: fn() -> Response = || error(400, "5511977770001 is no number");
    let (_, client) = disconnected(spec, echo);
    let failure = client.writes().unwrap().connect(&number()).await.unwrap_err();
    assert_eq!((failure.kind, failure.words), (FailureKind::Refused, None));
}

#[rstest]
#[case::one_that_repeats_the_token(json!({ "name": CANARY, "status": "connected" }), 0)]
#[case::nameless(json!({ "status": "connected" }), 0)]
#[case::of_another_type(json!({ "name": 7, "status": ["x"] }), 0)]
#[case::no_object(json!("annex"), 0)]
#[case::of_few_fields(json!({ "name": "annex" }), 1)]
#[case::with_a_secret_state(json!({ "name": "annex", "connection": { "state": CANARY } }), 1)]
#[tokio::test(start_paused = true)]
async fn odd_entries_in_a_list_of_instances_are_harmless(#[case] entry: Value, #[case] count: usize) {
    let router = Server::new().answering(move |_| {
        let own = json!({ "name": "harbor", "connection": { "state": "connected" }, "token": CANARY });
        ready(answer(200, json!({ "instances": [own, entry.clone()] })))
    });
    let listed = client_over(router, harbor()).instances().await.unwrap();
    assert_eq!(listed.len(), 1 + count);
    assert_eq!(listed[0].connection.state, ConnectionState::Connected);
    assert!(!format!("{listed:?}").contains("canary"));
}
