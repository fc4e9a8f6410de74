//! Answers at the edge of valid JSON and beyond any size: a bad name spoils only that name, and nothing is read without
//! a limit.

use axum::{body::Body, response::Response};
use proptest::prelude::*;
use rstest::rstest;
use synod::{
    domain::{failure::FailureKind, instance::GatewayKind, pairing::Way},
    gateway::{Gateway, InstanceSpec},
};

use super::{RECEPTION, community, group};
use crate::support::gateway::{Server, client_over, harbor};

fn spec(kind: GatewayKind) -> InstanceSpec {
    InstanceSpec { kind, ..harbor() }
}

fn bytes(body: Vec<u8>) -> Response {
    Response::builder().header("content-type", "application/json").body(Body::from(body)).unwrap()
}

/// A client whose gateway gives this answer to everything.
fn answered(kind: GatewayKind, body: Vec<u8>) -> Gateway {
    let router = Server::new().answering(move |_| std::future::ready(bytes(body.clone())));
    client_over(router, spec(kind))
}

#[rstest]
#[case::half_a_surrogate(br"\ud83d", "x\u{fffd}y")]
#[case::the_other_half(br"\udc4d\ud83d", "x\u{fffd}\u{fffd}y")]
#[case::a_raw_byte(b"\xff", "x\u{fffd}y")]
#[case::a_cut_character(b"\xf0\x9f\x98", "x\u{fffd}y")]
#[case::another_charset(b"Reuni\xe3o", "xReuni\u{fffd}oy")]
#[case::a_control(b"\x01", "x\u{fffd}y")]
#[case::a_line_end(b"\r\n", "x\u{fffd}\u{fffd}y")]
#[case::an_unknown_escape(br"\x41", "x\u{fffd}x41y")]
#[tokio::test(start_paused = true)]
async fn a_bad_name_spoils_only_itself_and_the_list_loads(#[case] bad: &[u8], #[case] name: &str) {
    for kind in [GatewayKind::RyzeApi, GatewayKind::Zapi] {
        let entry = |at: usize, name: &[u8]| {
            let ids = format!(
                "{{\"jid\":\"12036340000000{at:04}@g.us\",\"phone\":\"12036340000000{at:04}-group\",\"name\":\""
            );
            [ids.as_bytes(), name, b"\"}"].concat()
        };
        let entries =
            [entry(1, b"before"), entry(2, &[b"x", bad, b"y"].concat()), entry(3, b"after")].join(&b","[..]);
        let list = match kind {
            GatewayKind::RyzeApi => [&b"{\"success\":true,\"groups\":["[..], &entries, b"]}"].concat(),
            _ => [&b"["[..], &entries, b"]"].concat(),
        };
        let groups = answered(kind, list).groups().await.unwrap().groups;
        let mut ids: Vec<(&str, &str)> =
            groups.iter().map(|group| (group.id(), group.name().exact())).collect();
        ids.sort_unstable();
        let names: Vec<&str> = ids.into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["before", name, "after"], "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_a_list_is_read_only_up_to_a_mebibyte() {
    let body = |length: usize| format!("{{\"message\":\"{}\"}}", "x".repeat(length)).into_bytes();
    let id = group(RECEPTION);
    for kind in [GatewayKind::RyzeApi, GatewayKind::Zapi] {
        let long = answered(kind, body(1 << 20));
        let failure = long.details(&id).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::TooLong, "{kind:?}");
        let answer = long.writes().unwrap().leave(&id).await;
        assert_eq!(answer.failure.unwrap().kind, FailureKind::TooLong);
        assert_ne!(answered(kind, body(1 << 19)).details(&id).await.unwrap_err().kind, FailureKind::TooLong);
        // Within the length limit, and with more values than any group has members.
        let many = format!("{{\"group\":[{}0]}}", "0,".repeat(100_000)).into_bytes();
        assert_eq!(answered(kind, many).details(&id).await.unwrap_err().kind, FailureKind::TooLong);
        let longest = answered(kind, body(33 << 20));
        assert_eq!(longest.groups().await.unwrap_err().kind, FailureKind::TooLong);
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_requires_a_password_is_recognised_whatever_else_it_says() {
    for body in ["", "<html>Proxy</html>", "{\"error\":\"item-not-found\"}"] {
        let router = Server::new()
            .answering(move |_| std::future::ready(crate::support::gateway::raw(407, "text/html", body)));
        let failure = client_over(router, harbor()).groups().await.unwrap_err();
        assert_eq!((failure.kind, failure.status), (FailureKind::ProxyAuth, Some(407)), "{body}");
        let answer = synod::text::Text::english().failure(&failure);
        assert!(answer.contains("proxy") && answer.contains("407"), "{answer}");
    }
}

/// Bytes that resemble an answer to some degree.
fn any_answer() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "null",
        "true",
        "false",
        "0",
        "-1e999",
        "1e5",
        "18446744073709551616",
        "\"groups\"",
        "\"data\"",
        "\"instances\"",
        "\"subgroups\"",
        "\"subGroups\"",
        "\"jid\"",
        "\"phone\"",
        "\"name\"",
        "\"success\"",
        "\"value\"",
        "\"error\"",
        "\"message\"",
        "\"participants\"",
        "\"linked\"",
        "\"failed\"",
        "\"connection\"",
        "\"120363400000000001@g.us\"",
        "\"120363400000000001-group\"",
        "\\ud83d",
        "\\u0000",
        "\u{feff}",
        "\u{202e}",
        " ",
        "\n",
    ];
    let piece = prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec());
    let raw = prop::collection::vec(any::<u8>(), 0..6);
    prop::collection::vec(prop_oneof![4 => piece, 1 => raw], 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
    #[test]
    fn property_no_answer_makes_a_decoder_panic(body in any_answer(), status in prop::sample::select(vec![200_u16, 400, 401, 404, 429, 500])) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        for kind in [GatewayKind::RyzeApi, GatewayKind::Zapi] {
            runtime.block_on(async {
                let body = body.clone();
                let router = Server::new().answering(move |_| {
                    let mut response = bytes(body.clone());
                    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
                    std::future::ready(response)
                });
                let client = client_over(router, spec(kind));
                let id = group(RECEPTION);
                let _ = (client.connection().await, client.groups().await, client.communities().await);
                let _ = (client.listing(&community()).await, client.probe(&id).await, client.details(&id).await);
                let _ = (client.writes().unwrap().link(&community(), &id).await, client.writes().unwrap().unlink(&community(), &id).await);
                let _ = (client.writes().unwrap().leave(&id).await, client.invite_link(&id).await, client.instances().await);
                let _ = client.writes().unwrap().connect(&Way::Qr).await;
            });
        }
    }
}
