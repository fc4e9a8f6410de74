//! The claim in a write's answer (`docs/gateways/ryzeapi.md`, 8.7, 9.2, 9.3).

use http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use synod::{
    domain::{failure::FailureKind, outcome::Claim},
    gateway::Answer,
};

use super::{HARBOR, LAB, RECEPTION, answering, community, group};
use crate::support::gateway::{CANARY, Server, client_over, dropped, error, harbor, json as answer, raw};

async fn linked(status: u16, body: Value) -> Answer {
    answering(status, body).writes().unwrap().link(&community(), &group(RECEPTION)).await
}

fn kind(answer: &Answer) -> FailureKind {
    answer.failure.as_ref().unwrap().kind
}

#[tokio::test(start_paused = true)]
async fn a_link_is_one_group_with_the_token_in_a_header_and_nowhere_else() {
    let server = Server::new();
    let done = json!({ "success": true, "linked": [RECEPTION], "failed": [] });
    let client =
        client_over(server.answering(move |_| std::future::ready(answer(200, done.clone()))), harbor());
    assert_eq!(client.writes().unwrap().link(&community(), &group(RECEPTION)).await, Answer::yes());
    assert_eq!(client.writes().unwrap().unlink(&community(), &group(RECEPTION)).await, Answer::yes());
    let seen = server.seen();
    assert_eq!(server.paths(), ["/api/community/link/harbor", "/api/community/unlink/harbor"]);
    for request in seen {
        assert_eq!(request.method, Method::POST);
        assert_eq!(request.body, json!({ "communityJid": HARBOR, "groupJid": [RECEPTION] }));
        assert_eq!(request.headers["token"], CANARY);
        assert_eq!(request.headers["content-type"], "application/json");
        assert!(request.headers.get("authorization").is_none());
    }
}

#[rstest]
#[case::in_linked_alone(json!({ "success": true, "linked": [RECEPTION], "failed": [] }), Claim::Yes)]
#[case::failed_absent(json!({ "success": true, "linked": [RECEPTION] }), Claim::Yes)]
#[case::failed_null(json!({ "success": true, "linked": [RECEPTION], "failed": null }), Claim::Yes)]
#[case::an_object(json!({ "success": true, "linked": [{ "jid": RECEPTION }], "failed": [] }), Claim::Yes)]
#[case::the_array_outweighs_success(json!({ "success": false, "linked": [RECEPTION] }), Claim::Yes)]
#[case::in_failed_alone(json!({ "success": false, "linked": [], "failed": [RECEPTION] }), Claim::No)]
#[case::failed_in_spite_of_success(json!({ "success": true, "linked": [LAB], "failed": [RECEPTION] }), Claim::No)]
#[case::linked_null(json!({ "success": false, "linked": null, "failed": [RECEPTION] }), Claim::No)]
#[case::in_both(json!({ "success": true, "linked": [RECEPTION], "failed": [RECEPTION] }), Claim::Silence)]
#[case::in_neither(json!({ "success": true, "linked": [], "failed": [] }), Claim::Silence)]
#[case::others_alone(json!({ "success": true, "linked": [LAB], "failed": [] }), Claim::Silence)]
#[case::no_arrays(json!({ "success": true, "message": "Linked 1 of 1 groups to community" }), Claim::Silence)]
#[case::failed_without_arrays(json!({ "success": false, "message": "Linked 0 of 1 groups" }), Claim::Silence)]
#[case::an_error_text(json!({ "success": false, "error": { "message": "no such community" } }), Claim::No)]
#[case::arrays_of_an_odd_type(json!({ "success": true, "linked": 1, "failed": "none" }), Claim::Silence)]
#[case::no_object(json!(["ok"]), Claim::Silence)]
#[tokio::test(start_paused = true)]
async fn only_the_array_that_contains_a_group_claims_anything(#[case] body: Value, #[case] claim: Claim) {
    for status in [200, 201, 202] {
        assert_eq!(linked(status, body.clone()).await.claim, claim);
    }
}

#[rstest]
#[case(json!({ "jid": RECEPTION, "error": "already in another community" }))]
#[case(json!({ "groupJid": RECEPTION, "reason": "already in another community" }))]
#[case(json!({ "jid": RECEPTION, "message": "already in another community" }))]
#[case(json!({ "jid": RECEPTION, "error": { "message": "already in another community" } }))]
#[tokio::test(start_paused = true)]
async fn a_given_reason_is_kept(#[case] entry: Value) {
    let refused = linked(200, json!({ "success": false, "linked": [], "failed": [entry] })).await;
    assert_eq!((refused.claim, kind(&refused)), (Claim::No, FailureKind::Refused));
    let words = refused.failure.unwrap().words.unwrap();
    assert_eq!(words.shown(), "already in another community");
}

#[tokio::test(start_paused = true)]
async fn a_group_in_neither_array_is_reported_as_unmentioned() {
    let body = json!({ "success": true, "message": "Linked 1 of 1 groups", "linked": [LAB], "failed": [] });
    let failure = linked(200, body).await.failure.unwrap();
    assert_eq!((failure.kind, failure.words), (FailureKind::Unmentioned, None));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_failed_without_a_reason_has_none() {
    let body =
        json!({ "success": false, "message": "Linked 0 of 1 groups", "linked": [], "failed": [RECEPTION] });
    assert_eq!(linked(200, body).await.failure.unwrap().words, None);
}

#[rstest]
#[case(400, "community jid is required", Claim::No, FailureKind::WrongRequest)]
#[case(400, "Instance is not connected to WhatsApp", Claim::No, FailureKind::NotConnected)]
#[case(503, "Instance is not connected to WhatsApp", Claim::No, FailureKind::NotConnected)]
#[case(401, "Invalid token", Claim::No, FailureKind::TokenRefused)]
#[case(403, "not allowed", Claim::No, FailureKind::Forbidden)]
#[case(404, "Instance not found", Claim::No, FailureKind::UnknownInstance)]
#[case(409, "conflict", Claim::No, FailureKind::Refused)]
#[case(500, "error parse community jid: bad", Claim::No, FailureKind::WrongRequest)]
#[case(500, "Failed to get instance", Claim::No, FailureKind::GatewayError)]
#[case(500, "context deadline exceeded", Claim::Silence, FailureKind::TimedOut)]
#[case(500, "failed to link group: timeout", Claim::Silence, FailureKind::ServerFault)]
#[case(503, "bridge missing", Claim::Silence, FailureKind::ServerFault)]
#[case(501, "unsupported", Claim::No, FailureKind::Unsupported)]
#[tokio::test(start_paused = true)]
async fn an_error_claims_no_only_if_the_gateway_certainly_did_nothing(
    #[case] status: u16,
    #[case] message: &str,
    #[case] claim: Claim,
    #[case] wanted: FailureKind,
) {
    let reply = linked(status, json!({ "success": false, "error": { "message": message } })).await;
    assert_eq!((reply.claim, kind(&reply)), (claim, wanted));
    assert_eq!(reply.failure.unwrap().status, Some(status));
}

#[rstest]
#[case::html(raw(502, "text/html", "<html>Bad Gateway</html>"), Claim::Silence, FailureKind::NotJson)]
#[case::a_page_for_an_answer(
    raw(200, "text/html", "<html>Hello</html>"),
    Claim::Silence,
    FailureKind::NotJson
)]
#[case::nothing(raw(200, "application/json", ""), Claim::Silence, FailureKind::EmptyAnswer)]
#[case::a_blank(raw(200, "application/json", " \n"), Claim::Silence, FailureKind::EmptyAnswer)]
#[case::cut_off(raw(200, "application/json", "{\"success\": tr"), Claim::Silence, FailureKind::NotJson)]
#[case::redirected(raw(302, "text/html", ""), Claim::Silence, FailureKind::Redirected)]
#[case::a_broken_connection(dropped(), Claim::Silence, FailureKind::Dropped)]
#[case::a_refusal_by_a_proxy(raw(413, "text/html", "<html>"), Claim::Silence, FailureKind::NotJson)]
#[case::wrong_method(raw(405, "text/plain", "no"), Claim::Silence, FailureKind::NotJson)]
#[tokio::test(start_paused = true)]
async fn an_unusable_answer_is_silence(
    #[case] given: axum::response::Response,
    #[case] claim: Claim,
    #[case] wanted: FailureKind,
) {
    let given = std::sync::Mutex::new(Some(given));
    let given = std::sync::Arc::new(given);
    let router = Server::new().answering(move |_| std::future::ready(given.lock().unwrap().take().unwrap()));
    let reply = client_over(router, harbor()).writes().unwrap().link(&community(), &group(RECEPTION)).await;
    assert_eq!((reply.claim, kind(&reply)), (claim, wanted));
    assert_eq!(reply.failure.unwrap().words, None, "a page is not quoted");
}

#[tokio::test(start_paused = true)]
async fn a_write_without_an_answer_in_time_is_silence_and_sent_once() {
    let server = Server::new();
    let client = client_over(server.answering(|_| std::future::pending()), harbor());
    let begun = tokio::time::Instant::now();
    let reply = client.writes().unwrap().link(&community(), &group(RECEPTION)).await;
    assert_eq!((reply.claim, kind(&reply)), (Claim::Silence, FailureKind::TimedOut));
    assert_eq!(begun.elapsed().as_secs(), 65);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_leave_names_its_group_in_the_query() {
    let server = Server::new();
    let done = json!({ "success": true, "message": "Successfully left the group", "groupJid": RECEPTION });
    let client =
        client_over(server.answering(move |_| std::future::ready(answer(200, done.clone()))), harbor());
    assert_eq!(client.writes().unwrap().leave(&group(RECEPTION)).await, Answer::yes());
    let seen = server.seen().remove(0);
    assert_eq!(seen.method, Method::DELETE);
    assert_eq!(seen.path, "/api/group/leave/harbor?identifier=120363400000000011%40g.us");
    assert_eq!(seen.body, Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_community_is_left_by_its_own_id() {
    let server = Server::new();
    let client = client_over(
        server.answering(|_| std::future::ready(answer(200, json!({ "success": true })))),
        harbor(),
    );
    assert_eq!(client.writes().unwrap().leave_community(&community()).await, Answer::yes());
    assert_eq!(server.paths(), ["/api/group/leave/harbor?identifier=120363400000000001%40g.us"]);
}

#[rstest]
#[case(200, json!({ "success": true, "groupJid": LAB }), Claim::Silence, FailureKind::Malformed)]
#[case(200, json!({ "message": "Successfully left the group" }), Claim::Silence, FailureKind::Malformed)]
#[case(200, json!({ "success": false }), Claim::No, FailureKind::Refused)]
#[case(200, json!({ "success": false, "message": "nope" }), Claim::No, FailureKind::Refused)]
#[case(200, json!({ "success": false, "error": { "message": "no" } }), Claim::No, FailureKind::Refused)]
#[case(403, json!({ "error": { "message": "Not allowed to leave this group" } }), Claim::No, FailureKind::Forbidden)]
#[case(404, json!({ "error": { "message": "Group not found or you are not a member of this group" } }), Claim::No, FailureKind::NotMember)]
#[case(404, json!({ "error": { "message": "route not found" } }), Claim::No, FailureKind::NotFound)]
#[case(400, json!({ "error": { "message": "Identifier is required" } }), Claim::No, FailureKind::WrongRequest)]
#[tokio::test(start_paused = true)]
async fn a_leave_is_done_only_when_the_answer_says_so(
    #[case] status: u16,
    #[case] body: Value,
    #[case] claim: Claim,
    #[case] wanted: FailureKind,
) {
    let reply = answering(status, body).writes().unwrap().leave(&group(RECEPTION)).await;
    assert_eq!((reply.claim, kind(&reply)), (claim, wanted));
}

#[tokio::test(start_paused = true)]
async fn a_404_without_the_gateways_words_does_not_prove_absence() {
    let router = Server::new().answering(|_| std::future::ready(raw(404, "text/html", "<h1>Not Found</h1>")));
    let reply = client_over(router, harbor()).writes().unwrap().leave(&group(RECEPTION)).await;
    assert_eq!((reply.claim, kind(&reply)), (Claim::Silence, FailureKind::NotJson));
    let router = Server::new().answering(|_| std::future::ready(error(404, "Instance not found")));
    let reply = client_over(router, harbor()).writes().unwrap().leave(&group(RECEPTION)).await;
    assert!(reply.failure.unwrap().stops_everything());
}
