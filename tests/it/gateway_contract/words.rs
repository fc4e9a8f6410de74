//! Messages of the library under most gateways, which the gateways pass on with any HTTP status; and how a proxy's
//! page is recognised: the same on both gateways.

use std::future::ready;

use rstest::rstest;
use serde_json::json;
use synod::{
    domain::{
        failure::FailureKind,
        id::CommunityId,
        instance::GatewayKind::{self, RyzeApi, Zapi},
        outcome::Claim,
        reading::Probe,
    },
    gateway::{Answer, Gateway, InstanceSpec},
};

use super::{LAB, RECEPTION, answering, community, connected, group};
use crate::support::gateway::{Server, client_over, error, harbor, json as answer, raw};

/// A client that gets an error with these words to everything.
fn saying(kind: GatewayKind, status: u16, words: &str) -> Gateway {
    let words = words.to_owned();
    connected(kind, move || match kind {
        RyzeApi => error(status, &words),
        _ => answer(status, json!({ "error": words })),
    })
}

fn reply(answer: Answer) -> (Claim, FailureKind) {
    (answer.claim, answer.failure.map(|failure| failure.kind).unwrap())
}

async fn writes(gateway: &Gateway, kind: GatewayKind) -> Vec<(Claim, FailureKind)> {
    let community = match kind {
        RyzeApi => community(),
        _ => CommunityId::parse("98120363500000000001").unwrap(),
    };
    let answers = [
        gateway.writes().unwrap().link(&community, &group(RECEPTION)).await,
        gateway.writes().unwrap().unlink(&community, &group(RECEPTION)).await,
        gateway.writes().unwrap().leave(&group(RECEPTION)).await,
    ];
    answers.into_iter().map(reply).collect()
}

const THROTTLED: FailureKind = FailureKind::Throttled { until: None };

#[rstest]
#[case("info query returned status 429: rate-overlimit", Claim::No, THROTTLED)]
#[case("rate-overlimit", Claim::No, THROTTLED)]
#[case("status 429", Claim::No, THROTTLED)]
#[case("too many requests", Claim::No, THROTTLED)]
#[case("info query returned status 401: not-authorized", Claim::No, FailureKind::Forbidden)]
#[case("info query returned status 403: forbidden", Claim::No, FailureKind::Forbidden)]
#[case("forbidden", Claim::No, FailureKind::Forbidden)]
#[case("not-authorized", Claim::No, FailureKind::Forbidden)]
#[case("info query returned status 404: item-not-found", Claim::No, FailureKind::NotFound)]
#[case("item-not-found", Claim::No, FailureKind::NotFound)]
#[case("info query returned status 406: not-acceptable", Claim::No, FailureKind::CommunityFull)]
#[case("info query returned status 409: conflict", Claim::No, FailureKind::Refused)]
#[case("info query returned status 419: resource-limit", Claim::No, FailureKind::LimitReached)]
#[case("info query returned status 463", Claim::No, FailureKind::NotConnected)]
#[case("websocket not connected", Claim::No, FailureKind::NotConnected)]
#[case("device not paired", Claim::No, FailureKind::NotConnected)]
#[case("not logged in", Claim::No, FailureKind::NotConnected)]
#[case("no device JID", Claim::No, FailureKind::NotConnected)]
#[case("info query timed out", Claim::Silence, FailureKind::TimedOut)]
#[case("context deadline exceeded", Claim::Silence, FailureKind::TimedOut)]
#[case("websocket disconnected before info query returned response", Claim::Silence, FailureKind::Dropped)]
#[case("info query returned status 500: internal-server-error", Claim::Silence, FailureKind::ServerFault)]
#[tokio::test(start_paused = true)]
async fn the_librarys_words_mean_the_same_on_every_gateway_and_with_every_status(
    #[case] words: &str,
    #[case] claim: Claim,
    #[case] wanted: FailureKind,
    #[values(RyzeApi, Zapi)] kind: GatewayKind,
) {
    for status in [200, 400, 401, 403, 404, 409, 500, 503] {
        for text in [
            words.to_owned(),
            words.to_uppercase(),
            format!("failed to get groups: {words}"),
            format!("Failed to change \"Status 200\" in WhatsApp: {words}"),
        ] {
            let gateway = saying(kind, status, &text);
            assert_eq!(writes(&gateway, kind).await, [(claim, wanted); 3], "{status} {text}");
            let read = gateway.groups().await.unwrap_err();
            assert_eq!(read.kind, wanted, "{status} {text}");
            let details = gateway.details(&group(RECEPTION)).await.unwrap_err().kind;
            let is_proof =
                details == FailureKind::NotMember || (kind == Zapi && details == FailureKind::NotFound);
            assert!(!is_proof, "{status} {text}");
        }
    }
}

#[rstest]
#[case("Group \"Status 429\" is in another community")]
#[case("Status 429 is in another community")]
#[case("the group Conflict is in another community")]
#[case("Forbidden Island is full")]
#[case("info query returned status 400: bad-request")]
#[tokio::test(start_paused = true)]
async fn possible_names_and_unknown_words_are_classified_by_status(
    #[case] words: &str,
    #[values(RyzeApi, Zapi)] kind: GatewayKind,
) {
    for status in [200, 400] {
        let reply = writes(&saying(kind, status, words), kind).await;
        assert_eq!(reply, [(Claim::No, FailureKind::Refused); 3], "{status}");
    }
    let reply = writes(&saying(kind, 500, words), kind).await;
    assert_eq!(reply, [(Claim::Silence, FailureKind::ServerFault); 3]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_recognised_without_such_words() {
    for words in ["Invalid token", "Unauthorized", "status of the token: expired"] {
        let reply = writes(&saying(RyzeApi, 401, words), RyzeApi).await;
        assert_eq!(reply, [(Claim::No, FailureKind::TokenRefused); 3], "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_gateways_own_limit_is_recognised_with_every_status() {
    for status in [200, 400, 429, 500, 503] {
        let gateway = saying(RyzeApi, status, "Rate limit exceeded. Try again later.");
        for (claim, kind) in writes(&gateway, RyzeApi).await {
            assert_eq!(claim, Claim::No);
            assert!(matches!(kind, FailureKind::RateLimited { until: Some(_) }), "{status} {kind:?}");
        }
        assert_eq!(gateway.budget().borrow().unwrap().remaining, 0);
    }
}

#[rstest]
#[case("rate-overlimit", Claim::No, THROTTLED)]
#[case("info query returned status 403: forbidden", Claim::No, FailureKind::Forbidden)]
#[case("info query timed out", Claim::Silence, FailureKind::TimedOut)]
#[case("info query returned status 503: service-unavailable", Claim::Silence, FailureKind::ServerFault)]
#[tokio::test(start_paused = true)]
async fn the_reason_of_one_group_is_read_too(
    #[case] words: &str,
    #[case] claim: Claim,
    #[case] kind: FailureKind,
) {
    let body = json!({ "success": false, "linked": [], "failed": [{ "jid": RECEPTION, "error": words }] });
    assert_eq!(
        reply(answering(200, body).writes().unwrap().link(&community(), &group(RECEPTION)).await),
        (claim, kind)
    );
    let body = json!({ "success": false, "message": words });
    let zapi = connected(Zapi, move || answer(200, body.clone()));
    assert_eq!(reply(zapi.writes().unwrap().leave(&group(RECEPTION)).await), (claim, kind));
}

#[rstest]
#[case("rate-overlimit")]
#[case("info query returned status 429: rate-overlimit")]
#[case("info query returned status 400: bad-request")]
#[case("bad-request")]
#[case("info query returned status 401: not-authorized")]
#[case("info query returned status 403: forbidden")]
#[case("info query returned status 404: item-not-found")]
#[case("item-not-found")]
#[case("info query returned status 406: not-acceptable")]
#[case("info query returned status 409: conflict")]
#[case("info query returned status 419: resource-limit")]
#[case("info query returned status 463")]
#[case("websocket not connected")]
#[case("info query timed out")]
#[case("context deadline exceeded")]
#[case("websocket disconnected before info query returned response")]
#[case("internal-server-error")]
#[case("info query returned status 503: service-unavailable")]
#[case("not-allowed")]
#[case("gone")]
#[tokio::test(start_paused = true)]
async fn a_generic_error_says_nothing_about_the_probed_group(#[case] words: &str) {
    for status in [200, 400, 401, 403, 404, 500, 503] {
        for text in [words.to_owned(), format!("invalid community JID: {words}")] {
            let probe = saying(RyzeApi, status, &text).probe(&group(LAB)).await;
            let Probe::Failed(failure) = probe else { panic!("{status} {text}: {probe:?}") };
            assert_ne!(failure.kind, FailureKind::NotACommunity, "{status} {text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_gateways_own_words_say_that_something_is_not_a_community() {
    for status in [200, 400, 404] {
        let probe = saying(RyzeApi, status, "JID is not a community").probe(&group(LAB)).await;
        assert!(matches!(probe, Probe::Nothing(failure) if failure.kind == FailureKind::NotACommunity));
    }
    for words in ["Community not found", "not a community, or you are not an admin of it"] {
        let probe = saying(RyzeApi, 404, words).probe(&group(LAB)).await;
        assert!(matches!(probe, Probe::Nothing(failure) if failure.kind != FailureKind::NotACommunity));
    }
    for status in [401, 403, 500, 503] {
        let probe = saying(RyzeApi, status, "JID is not a community").probe(&group(LAB)).await;
        assert!(matches!(probe, Probe::Failed(_)), "{status}: {probe:?}");
    }
}

const STATUSES: [u16; 12] = [200, 400, 401, 403, 404, 405, 413, 429, 500, 502, 503, 524];

#[rstest]
#[case::a_page("text/html", "<!DOCTYPE html><title>Just a moment...</title>")]
#[case::a_text("text/plain", "Unauthorized")]
#[case::a_text_that_begins_like_json("application/json", "404 page not found")]
#[case::words_of_the_library("text/plain", "info query returned status 403: forbidden")]
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_json_is_a_proxys_page_with_any_status(
    #[case] content_type: &'static str,
    #[case] body: &'static str,
    #[values(RyzeApi, Zapi)] kind: GatewayKind,
) {
    for status in STATUSES {
        let gateway = connected(kind, move || raw(status, content_type, body));
        assert_eq!(writes(&gateway, kind).await, [(Claim::Silence, FailureKind::NotJson); 3], "{status}");
        for failure in [
            gateway.groups().await.unwrap_err(),
            gateway.listing(&community()).await.unwrap_err(),
            gateway.details(&group(RECEPTION)).await.unwrap_err(),
            gateway.invite_link(&group(RECEPTION)).await.unwrap_err(),
        ] {
            assert_eq!((failure.kind, failure.status), (FailureKind::NotJson, Some(status)));
            assert_eq!(failure.words, None, "a page is not quoted");
        }
        assert!(matches!(gateway.probe(&group(LAB)).await, Probe::Failed(_)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxys_page_says_nothing_about_the_credentials() {
    for (kind, path) in [(RyzeApi, "/api/instance/list"), (Zapi, "/status")] {
        let router = Server::new().answering(move |seen| {
            let is_asked = seen.path.contains(path);
            ready(if is_asked { raw(401, "text/html", "<html>") } else { error(400, "no") })
        });
        let spec = InstanceSpec { kind, ..harbor() };
        let failure = client_over(router, spec).connection().await.unwrap_err();
        assert_eq!((failure.kind, failure.status), (FailureKind::NotJson, Some(401)));
    }
}
