//! How the clients of the gateways that people run themselves interpret answers (`docs/gateways/wsapi.md`, `whatsmiau.md`,
//! `evolution.md`, `uazapi.md`), against small servers in the same process.

use std::future::ready;

use http::Method;
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};
use synod::{
    config::keys,
    domain::{
        community::{GroupKind, Parent, Role},
        failure::FailureKind,
        instance::{ConnectionState, GatewayKind},
        outcome::Claim,
        pairing::{Offer, Way},
        private::Private,
    },
    gateway::{Answer, Gateway, InstanceSpec},
};

use super::{HARBOR, LAB, RECEPTION, community, group};
use crate::support::gateway::{CANARY, Server, client_over, harbor, json as answer, raw};

const THROTTLED: FailureKind = FailureKind::Throttled { until: None };

fn spec(kind: GatewayKind) -> InstanceSpec {
    let instance = keys::key(kind, "instance").map(|_| SecretString::from("quay"));
    InstanceSpec { kind, instance, ..harbor() }
}

/// A client that gets the state of a connected instance, and this answer to everything else.
fn client(kind: GatewayKind, status: u16, body: &str) -> (Gateway, Server) {
    let (server, body) = (Server::new(), body.to_owned());
    let router = server.answering(move |seen| {
        let state = match kind {
            GatewayKind::WsApi if seen.path.ends_with("/session/status") => {
                Some(json!({ "isConnected": true, "isLoggedIn": true, "deviceId": "5511900000001:12@s.whatsapp.net" }))
            }
            GatewayKind::Uazapi if seen.path == "/instance/status" => {
                Some(json!({ "instance": {}, "status": { "connected": true, "jid": "5511900000001:3@s.whatsapp.net" } }))
            }
            _ if seen.path.contains("/connectionState/") => Some(json!({ "instance": { "state": "open" } })),
            _ if seen.path.contains("/fetchInstances") => Some(json!([
                { "instanceName": "another", "ownerJid": "5511900000009@s.whatsapp.net" },
                { "instanceName": "quay", "ownerJid": "5511900000001@s.whatsapp.net" },
            ])),
            _ => None,
        };
        ready(match state {
            Some(state) => answer(200, state),
            None => raw(status, "application/json", &body),
        })
    });
    (client_over(router, spec(kind)), server)
}

fn reply(answer: Answer) -> (Claim, Option<FailureKind>) {
    (answer.claim, answer.failure.map(|failure| failure.kind))
}

/// An error as a gateway writes it.
fn error(kind: GatewayKind, status: u16, words: &str) -> String {
    match kind {
        GatewayKind::WsApi => json!({ "status": status, "detail": words }),
        GatewayKind::Whatsmiau if status == 500 => {
            json!({ "error": {}, "message": "operation failed", "errorMessage": words })
        }
        GatewayKind::Whatsmiau => json!({ "error": null, "message": words, "errorMessage": "" }),
        GatewayKind::Evolution => {
            json!({ "status": status, "error": "Error", "response": { "message": [["Failed"], words] } })
        }
        _ => json!({ "error": words }),
    }
    .to_string()
}

#[rstest]
#[case::gone(GatewayKind::WsApi, 404, "not found: that group does not exist", FailureKind::NotFound)]
#[case::left(
    GatewayKind::WsApi,
    404,
    "not found: you're not participating in that group",
    FailureKind::NotMember
)]
#[case::by_whatsapp(
    GatewayKind::WsApi,
    404,
    "not found: info query returned status 404: item-not-found",
    FailureKind::NotFound
)]
#[case::slow(GatewayKind::WsApi, 404, "not found: info query timed out", FailureKind::TimedOut)]
#[case::limit(
    GatewayKind::WsApi,
    404,
    "not found: info query returned status 429: rate-overlimit",
    THROTTLED
)]
#[case::dead(GatewayKind::WsApi, 404, "not found: websocket not connected", FailureKind::NotConnected)]
#[case::anything(GatewayKind::WsApi, 404, "not found: unexpected EOF", FailureKind::GatewayError)]
#[case::no_path(GatewayKind::WsApi, 404, "not found", FailureKind::WrongRequest)]
#[case::no_instance(GatewayKind::WsApi, 404, "instance not found", FailureKind::UnknownInstance)]
#[case::no_id(GatewayKind::WsApi, 400, "missing X-Instance-Id header", FailureKind::NoInstance)]
#[case::no_phone(GatewayKind::WsApi, 409, "device not paired", FailureKind::NotConnected)]
#[case::hosted(GatewayKind::WsApi, 403, "device not ready", FailureKind::NotConnected)]
#[case::key(GatewayKind::WsApi, 401, "unauthorized", FailureKind::TokenRefused)]
#[case::crash(GatewayKind::WsApi, 500, "", FailureKind::ServerFault)]
#[case::off(GatewayKind::Whatsmiau, 404, "instance is not connected", FailureKind::NotConnected)]
#[case::no_instance(GatewayKind::Whatsmiau, 404, "instance not found", FailureKind::UnknownInstance)]
#[case::gone(GatewayKind::Whatsmiau, 404, "group not found", FailureKind::NotFound)]
#[case::left(GatewayKind::Whatsmiau, 403, "not a member of this group", FailureKind::NotMember)]
#[case::limit(GatewayKind::Whatsmiau, 429, "rate limit exceeded, try again later", THROTTLED)]
#[case::by_whatsapp(
    GatewayKind::Whatsmiau,
    500,
    "x: info query returned status 403: forbidden",
    FailureKind::Forbidden
)]
#[case::anything(GatewayKind::Whatsmiau, 500, "unexpected EOF", FailureKind::ServerFault)]
#[case::vague(GatewayKind::Evolution, 404, "Error fetching group", FailureKind::Refused)]
#[case::no_instance(
    GatewayKind::Evolution,
    404,
    "The \"quay\" instance does not exist",
    FailureKind::UnknownInstance
)]
#[case::key(GatewayKind::Evolution, 401, "Unauthorized", FailureKind::TokenRefused)]
#[case::no_path(GatewayKind::Evolution, 404, "Cannot GET /group", FailureKind::WrongRequest)]
#[case::key(GatewayKind::Uazapi, 401, "Unauthorized", FailureKind::TokenRefused)]
#[case::gone(GatewayKind::Uazapi, 404, "that group does not exist", FailureKind::NotFound)]
#[case::anything(GatewayKind::Uazapi, 500, "unexpected EOF", FailureKind::ServerFault)]
#[tokio::test(start_paused = true)]
async fn an_error_means_what_its_words_say(
    #[case] kind: GatewayKind,
    #[case] status: u16,
    #[case] words: &str,
    #[case] expected: FailureKind,
) {
    let (client, _) =
        client(kind, status, &if words.is_empty() { String::new() } else { error(kind, status, words) });
    assert_eq!(client.details(&group(RECEPTION)).await.unwrap_err().kind, expected);
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_404_without_words_is_not_believed(#[values(404)] status: u16) {
    for kind in [GatewayKind::WsApi, GatewayKind::Whatsmiau, GatewayKind::Evolution, GatewayKind::Uazapi] {
        let (client, _) = client(kind, status, "{}");
        assert_eq!(client.details(&group(RECEPTION)).await.unwrap_err().kind, FailureKind::GatewayError);
    }
}

#[rstest]
#[case(400, "info query returned status 403: forbidden", Claim::No, FailureKind::Forbidden)]
#[case(400, "info query returned status 405: not-allowed", Claim::No, FailureKind::Forbidden)]
#[case(400, "info query returned status 400: bad-request", Claim::No, FailureKind::Refused)]
// Only of RyzeAPI is it known that this says that the community is full.
#[case(400, "info query returned status 406: not-acceptable", Claim::No, FailureKind::Refused)]
#[case(400, "info query returned status 419: resource-limit", Claim::No, FailureKind::LimitReached)]
#[case(400, "websocket not connected", Claim::No, FailureKind::NotConnected)]
#[case(400, "info query timed out", Claim::Silence, FailureKind::TimedOut)]
#[case(
    400,
    "websocket disconnected before info query returned response",
    Claim::Silence,
    FailureKind::Dropped
)]
#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_from_silence_by_the_librarys_words(
    #[case] status: u16,
    #[case] words: &str,
    #[case] claim: Claim,
    #[case] kind: FailureKind,
) {
    for (gateway, status) in [(GatewayKind::WsApi, status), (GatewayKind::Whatsmiau, 500)] {
        let (client, _) = client(gateway, status, &error(gateway, status, words));
        let writes = client.writes().unwrap();
        let answers = [
            writes.link(&community(), &group(RECEPTION)).await,
            writes.unlink(&community(), &group(RECEPTION)).await,
            writes.leave(&group(RECEPTION)).await,
        ];
        for answer in answers {
            assert_eq!(
                answer.failure.as_ref().and_then(|failure| failure.words.clone()).unwrap().shown(),
                words
            );
            assert_eq!(reply(answer), (claim, Some(kind)), "{gateway:?}");
        }
    }
}

#[rstest]
#[case(json!({ "success": [RECEPTION], "failed": [] }), Claim::Yes, None)]
#[case(json!({ "success": [RECEPTION], "failed": null }), Claim::Yes, None)]
#[case(json!({ "success": null, "failed": [RECEPTION] }), Claim::No, Some(FailureKind::Refused))]
#[case(json!({ "success": [LAB], "failed": [] }), Claim::Silence, Some(FailureKind::Unmentioned))]
#[case(json!({ "success": null, "failed": null }), Claim::Silence, Some(FailureKind::Unmentioned))]
#[case(json!({ "success": [RECEPTION], "failed": [RECEPTION] }), Claim::Silence, Some(FailureKind::Malformed))]
#[tokio::test(start_paused = true)]
async fn on_uazapi_only_the_lists_claim_something(
    #[case] body: Value,
    #[case] claim: Claim,
    #[case] kind: Option<FailureKind>,
) {
    let (client, _) = client(GatewayKind::Uazapi, 200, &body.to_string());
    let answer = client.writes().unwrap().link(&community(), &group(RECEPTION)).await;
    assert_eq!(reply(answer), (claim, kind));
}

#[tokio::test(start_paused = true)]
async fn wsapi_gets_ids_as_they_are_and_answers_without_a_body() {
    let (client, server) = client(GatewayKind::WsApi, 204, "");
    let writes = client.writes().unwrap();
    assert_eq!(writes.link(&community(), &group(RECEPTION)).await, Answer::yes());
    assert_eq!(writes.unlink(&community(), &group(RECEPTION)).await, Answer::yes());
    assert_eq!(writes.leave(&group(RECEPTION)).await, Answer::yes());
    assert_eq!(
        server.paths(),
        [
            format!("/communities/{HARBOR}/groups/link"),
            format!("/communities/{HARBOR}/groups/{RECEPTION}"),
            format!("/groups/{RECEPTION}/leave"),
        ]
    );
    let seen = server.seen();
    assert_eq!((&seen[0].method, &seen[1].method), (&Method::POST, &Method::DELETE));
    assert_eq!(seen[0].body, json!({ "groupId": RECEPTION }));
    assert_eq!(
        (seen[0].headers["x-api-key"].as_bytes(), seen[0].headers["x-instance-id"].as_bytes()),
        (CANARY.as_bytes(), &b"quay"[..])
    );
}

#[tokio::test(start_paused = true)]
async fn the_code_for_a_phone_is_asked_with_the_number_as_it_is() {
    let server = Server::new();
    let router = server.answering(|seen| {
        ready(if seen.path.ends_with("/status") {
            answer(200, json!({ "isConnected": false, "isLoggedIn": false, "deviceId": "" }))
        } else {
            answer(200, json!({ "code": "ABCD-EFGH" }))
        })
    });
    let client = client_over(router, InstanceSpec { instance: None, ..spec(GatewayKind::WsApi) });
    let number = Way::Number(Private::new("5511900000001").unwrap());
    let offer = client.writes().unwrap().connect(&number).await.unwrap();
    assert_eq!(offer, Offer::Code(Private::new("ABCD-EFGH").unwrap()));
    assert_eq!(server.paths()[1], "/session/pair-code/+5511900000001");
    assert!(!server.seen()[1].headers.contains_key("x-instance-id"), "a server of a single instance");
}

/// An entry of each gateway's list: a group of the harbour's community, in which the number is an admin.
fn entry(kind: GatewayKind) -> Value {
    let people = json!([{ "id": "100000000000001@lid", "phone": "5511900000001", "isAdmin": true }]);
    match kind {
        GatewayKind::WsApi => json!([
            { "groupId": RECEPTION, "name": "Reception", "communityId": HARBOR, "participants": people },
            { "groupId": HARBOR, "name": "Harbor", "participants": people },
            { "groupId": LAB, "name": "Lab", "participants": people },
        ]),
        GatewayKind::Uazapi => json!({ "groups": [
            { "JID": RECEPTION, "Name": "Reception", "IsParent": false, "LinkedParentJID": HARBOR, "OwnerIsAdmin": true, "ParticipantCount": 0 },
            { "JID": HARBOR, "Name": "Harbor", "IsParent": true, "LinkedParentJID": "", "OwnerIsAdmin": true },
            { "JID": LAB, "Name": "Lab", "IsParent": false, "LinkedParentJID": "", "OwnerIsAdmin": true },
        ] }),
        _ => json!([
            { "id": RECEPTION, "subject": "Reception", "isCommunity": false, "isCommunityAnnounce": false, "linkedParent": HARBOR, "size": 1 },
            { "id": HARBOR, "subject": "Harbor", "isCommunity": true, "isCommunityAnnounce": false, "size": 1 },
            { "id": LAB, "subject": "Lab", "isCommunity": false, "isCommunityAnnounce": false, "size": 1 },
        ]),
    }
}

#[rstest]
// The list does not mark communities: nothing says that a group in no community is not one.
#[case(GatewayKind::WsApi, [GroupKind::Ordinary, GroupKind::Unknown, GroupKind::Unknown], Role::Admin)]
// The flag of an announcement group may be lost, so a subgroup may be one.
#[case(GatewayKind::Whatsmiau, [GroupKind::Unknown, GroupKind::Community, GroupKind::Ordinary], Role::Unknown)]
#[case(GatewayKind::Evolution, [GroupKind::Ordinary, GroupKind::Community, GroupKind::Ordinary], Role::Unknown)]
#[case(GatewayKind::Uazapi, [GroupKind::Ordinary, GroupKind::Community, GroupKind::Ordinary], Role::Admin)]
#[tokio::test(start_paused = true)]
async fn a_list_of_groups_shows_communities_and_roles_as_far_as_the_contract_goes(
    #[case] kind: GatewayKind,
    #[case] kinds: [GroupKind; 3],
    #[case] role: Role,
) {
    let (client, _) = client(kind, 200, &entry(kind).to_string());
    let list = client.groups().await.unwrap();
    let of = |id: &str| list.find(&group(id)).unwrap().to_group();
    assert_eq!([RECEPTION, HARBOR, LAB].map(|id| of(id).kind), kinds);
    assert_eq!(of(RECEPTION).parent, Parent::Community(community()));
    assert_eq!((of(LAB).parent, of(RECEPTION).role), (Parent::None, role));
}

#[rstest]
#[case(GatewayKind::WsApi)]
#[case(GatewayKind::Whatsmiau)]
#[case(GatewayKind::Uazapi)]
#[tokio::test(start_paused = true)]
async fn a_list_as_long_as_the_librarys_limit_proves_no_absence(#[case] kind: GatewayKind) {
    for (count, proves) in [(499, true), (500, false), (700, false)] {
        let entries: Vec<Value> = (0..count)
            .map(|at| {
                let id = format!("12036340000000{at:04}@g.us");
                json!({ "groupId": id, "id": id, "JID": id, "name": "n", "subject": "n", "Name": "n" })
            })
            .collect();
        let body = if kind == GatewayKind::Uazapi { json!({ "groups": entries }) } else { json!(entries) };
        let (client, _) = client(kind, 200, &body.to_string());
        assert_eq!(client.groups().await.unwrap().proves_absence(), proves, "{count}");
    }
}

#[rstest]
#[case(json!({ "instance": { "status": "connecting" }, "status": { "connected": false } }), ConnectionState::Connecting)]
#[case(json!({ "instance": { "status": "connected" } }), ConnectionState::Connected)]
#[case(json!({ "instance": { "status": "connected" }, "status": { "connected": true, "loggedIn": true, "jid": { "user": "5511900000001" } } }), ConnectionState::Connected)]
#[tokio::test(start_paused = true)]
async fn uazapis_state_is_read_and_its_secrets_are_not(
    #[case] mut body: Value,
    #[case] state: ConnectionState,
) {
    body["instance"]["token"] = json!(CANARY);
    let router = Server::new().answering(move |_| ready(answer(200, body.clone())));
    let connection = client_over(router, spec(GatewayKind::Uazapi)).connection().await.unwrap();
    assert_eq!(connection.state, state);
    assert!(!format!("{connection:?}").contains(CANARY));
}

#[tokio::test(start_paused = true)]
async fn a_failure_within_a_success_is_one() {
    let failed = json!({ "error": true, "message": "Error: no" }).to_string();
    let router = Server::new().answering(move |seen| {
        let is_state = seen.path.contains("connectionState");
        let state = || answer(200, json!({ "instance": { "instanceName": "quay", "state": "close" } }));
        ready(if is_state { state() } else { raw(200, "application/json", &failed) })
    });
    let client = client_over(router, spec(GatewayKind::Evolution));
    let failure = client.writes().unwrap().connect(&Way::Qr).await.unwrap_err();
    assert_eq!((failure.kind, failure.words.unwrap().shown()), (FailureKind::Refused, "Error: no"));
    // The failure of a read is explained by the state.
    assert_eq!(client.groups().await.unwrap_err().kind, FailureKind::NotConnected);
}

/// The number is in an answer of its own, which fails; the state is fine.
#[rstest]
#[case::zapi(GatewayKind::Zapi, "/status", json!({ "connected": true }))]
#[case::evolution(GatewayKind::Evolution, "/connectionState/", json!({ "instance": { "state": "open" } }))]
#[tokio::test(start_paused = true)]
async fn a_number_that_could_not_be_read_differs_from_one_that_the_gateway_does_not_say(
    #[case] kind: GatewayKind,
    #[case] state: &'static str,
    #[case] connected: serde_json::Value,
) {
    // The token that is refused for the number was accepted for the state.
    for (status, expected) in
        [(503, Err(FailureKind::ServerFault)), (401, Err(FailureKind::Forbidden)), (200, Ok(None))]
    {
        let connected = connected.clone();
        let router = Server::new().answering(move |seen| {
            let is_state = seen.path.contains(state);
            let empty = if kind == GatewayKind::Zapi { json!({}) } else { json!([]) };
            ready(if is_state { answer(200, connected.clone()) } else { answer(status, empty) })
        });
        let gateway = client_over(router, spec(kind));
        assert_eq!(gateway.reads.number().await.map_err(|failure| failure.kind), expected, "{status}");
        let connection = gateway.connection().await.unwrap();
        assert!(connection.is_connected() && connection.number.is_none(), "{status}");
    }
}

#[rstest]
#[case(GatewayKind::Zapi, json!({ "connected": false }))]
#[case(GatewayKind::Evolution, json!({ "instance": { "state": "close" } }))]
#[tokio::test(start_paused = true)]
async fn no_number_is_connected_if_the_instance_is_not(
    #[case] kind: GatewayKind,
    #[case] state: serde_json::Value,
) {
    let router = Server::new().answering(move |_| ready(answer(200, state.clone())));
    let number = client_over(router, spec(kind)).reads.number().await;
    assert_eq!(number.map_err(|failure| failure.kind), Err(FailureKind::NotConnected));
}
