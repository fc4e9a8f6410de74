//! No error of either client shows a secret, whatever a server or a transport does: the answers here repeat the whole
//! request, credentials included.

use std::{collections::BTreeSet, future, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};
use synod::{
    clock::Clock,
    domain::{
        base_url::BaseUrl,
        failure::{Failure, FailureKind},
        id::{CommunityId, GroupId},
        instance::GatewayKind,
        pairing::Way,
        private::Private,
        settings::Timeouts,
        time::Millis,
    },
    gateway::{
        BudgetBook, ClientParts, FnTransport, Gateway, InstanceSpec, Transport, TransportError,
        check_community_id, open,
    },
    scrub::Scrubber,
    text::Text,
};

/// Characters that are encoded in a path but not in a header.
const TOKEN: &str = "Canary/To+ken=7f3a";
const INSTANCE: &str = "Canary Inst%ance=91bc";
const CLIENT_TOKEN: &str = "Canary&Client?d04e";

/// Secrets of another instance: they must not appear in this one either.
const OTHER: &str = "CanaryOther5b22";

/// Parts that every spelling of the secrets contains.
const TRACES: [&str; 5] = ["canary", "7f3a", "91bc", "d04e", "5b22"];

fn spec(kind: GatewayKind) -> InstanceSpec {
    InstanceSpec {
        kind,
        base_url: BaseUrl::parse("https://gateway.example").unwrap(),
        // RyzeAPI's instance is a name that Synod shows; only Z-API's is a secret.
        instance: Some(SecretString::from(if kind == GatewayKind::Zapi { INSTANCE } else { "harbor" })),
        token: SecretString::from(TOKEN),
        client_token: (kind == GatewayKind::Zapi).then(|| SecretString::from(CLIENT_TOKEN)),
    }
}

fn parts(transport: Arc<dyn Transport>) -> ClientParts {
    ClientParts {
        timeouts: Timeouts::default(),
        clock: Clock::fixed(Millis(1_780_000_000_000)),
        budgets: BudgetBook::new(),
        transport,
        scrubber: Arc::new(Scrubber::new([SecretString::from(OTHER)])),
    }
}

/// The whole request, as a careless server would repeat it.
fn repeated(request: &Request<Bytes>) -> String {
    let headers: Vec<String> = request
        .headers()
        .values()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    format!("{} {} {OTHER} {INSTANCE} not allowed", request.uri(), headers.join(" "))
        // Only on Z-API, whose paths have it, is it a secret.
        .replace(if request.uri().path().starts_with("/instances/") { "\n" } else { INSTANCE }, "")
}

/// The shapes that a text in a body may have.
fn bodies(text: &str) -> Vec<String> {
    let shapes: Vec<Value> = vec![
        json!({ "error": text }),
        json!({ "error": { "message": text } }),
        json!({ "error": { "code": text } }),
        json!({ "message": text }),
        json!({ "success": false, "message": text }),
        json!({ "success": false, "error": { "message": text } }),
        json!({ "value": false, "message": text }),
        json!({ "success": true, "message": text, "linked": [], "failed": [{ "error": text }] }),
        json!({ "connected": false, "error": text }),
        json!({ "instances": [{ "name": "harbor", "connection": { "state": text } }] }),
        json!({ "instances": [{ "name": text, "token": text, "status": text }, { "name": "harbor" }] }),
        json!({ "subGroups": text, "id": text, "communityJid": text, "groups": text }),
        json!({ "status": 400, "detail": text }),
        json!({ "message": "operation failed", "errorMessage": text }),
        json!({ "status": 400, "response": { "message": [[text]] } }),
        json!({ "instance": { "token": text, "state": text, "status": text }, "status": { "connected": false } }),
        json!({ "instance": { "state": text }, "isConnected": false, "detail": text }),
        json!([text]),
        json!(text),
        json!(null),
    ];
    let broken = [format!("<html>{text}</html>"), format!("{{\"error\": \"{text}"), String::new()];
    shapes.iter().map(ToString::to_string).chain(broken).collect()
}

/// Every call, with its whole result as text, and the kinds of its failures.
async fn everything(gateway: &Gateway) -> (String, BTreeSet<String>) {
    let community = CommunityId::parse("120363400000000001@g.us").unwrap();
    let group = GroupId::parse("120363400000000011@g.us").unwrap();
    let mut text = String::new();
    let mut kinds = BTreeSet::new();
    let mut note = |debug: String, failure: Option<Failure>| {
        text.push_str(&debug);
        if let Some(failure) = failure {
            text.push_str(&serde_json::to_string(&failure).unwrap());
            if let Some(words) = &failure.words {
                text.push_str(words.exact());
                text.push_str(words.shown());
            }
            kinds.insert(format!("{:?}", failure.kind).split(' ').next().unwrap().to_owned());
        }
    };
    macro_rules! read {
        ($call:expr) => {{
            let read = $call.await;
            note(format!("{read:?}"), read.err());
        }};
    }
    read!(gateway.connection());
    read!(gateway.communities());
    read!(gateway.groups());
    read!(gateway.listing(&community));
    read!(gateway.details(&group));
    read!(gateway.instances());
    for given in ["120363400000000001", "https://chat.whatsapp.com/Kx7SecretNineCode"] {
        read!(gateway.find_community(&Private::new(given).unwrap()));
    }
    for way in [Way::Qr, Way::Number(Private::new("5511900000009").unwrap()), Way::Session] {
        read!(gateway.writes().unwrap().connect(&way));
    }
    note(format!("{:?}", gateway.probe(&group).await), None);
    for answer in [
        gateway.writes().unwrap().link(&community, &group).await,
        gateway.writes().unwrap().unlink(&community, &group).await,
        gateway.writes().unwrap().leave(&group).await,
        gateway.writes().unwrap().leave_community(&community).await,
    ] {
        note(format!("{answer:?}"), answer.failure);
    }
    note(format!("{:?} {:?}", gateway.capabilities(), gateway.budget()), None);
    (text, kinds)
}

fn assert_clean(text: &str, what: &str) {
    let lower = text.to_lowercase();
    for trace in TRACES {
        assert!(!lower.contains(trace), "{what}: {trace} is in {text}");
    }
    assert!(!lower.contains("gateway.example/instances"), "{what}: an address is in {text}");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn no_answer_reveals_a_secret(
    #[values(200, 201, 302, 400, 401, 403, 404, 405, 409, 415, 418, 429, 500, 501, 502, 503)] status: u16,
) {
    for kind in GatewayKind::ALL {
        no_shape_reveals_a_secret(kind, status).await;
    }
}

async fn no_shape_reveals_a_secret(kind: GatewayKind, status: u16) {
    let shapes = bodies("").len();
    let mut kinds = BTreeSet::new();
    for shape in 0..shapes {
        let transport = FnTransport::new(move |request: Request<Bytes>| {
            let text = repeated(&request);
            let location = request.uri().to_string();
            let response = Response::builder()
                .status(status)
                .header("location", location)
                .header("retry-after", TOKEN.replace('=', ""))
                .header("x-ratelimit-remaining", "1")
                .body(Bytes::from(bodies(&text).swap_remove(shape)))
                .unwrap();
            future::ready(Ok(response))
        });
        let gateway = open(&spec(kind), &parts(Arc::new(transport))).unwrap();
        let (text, failed) = everything(&gateway).await;
        assert_clean(&text, &format!("{kind:?} {status} shape {shape}"));
        kinds.extend(failed);
    }
    assert!(!kinds.is_empty(), "nothing failed, so nothing was tested");
    if status == 405 || status == 415 {
        assert!(kinds.contains("WrongRequest"), "{kinds:?}");
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn no_failure_of_the_transport_reveals_a_secret(
    #[values(
        Some(TransportError::Unreachable),
        Some(TransportError::Tls),
        Some(TransportError::ProxyAuth),
        Some(TransportError::TooLong),
        Some(TransportError::Dropped),
        Some(TransportError::Body),
        None
    )]
    error: Option<TransportError>,
) {
    let transport = FnTransport::new(move |_request: Request<Bytes>| async move {
        match error {
            Some(error) => Err(error),
            None => future::pending().await,
        }
    });
    let transport: Arc<dyn Transport> = Arc::new(transport);
    let expected = match error {
        Some(TransportError::Unreachable) => "Unreachable",
        Some(TransportError::Tls) => "Tls",
        Some(TransportError::ProxyAuth) => "ProxyAuth",
        Some(TransportError::TooLong) => "TooLong",
        Some(TransportError::Dropped | TransportError::Body) => "Dropped",
        None => "TimedOut",
    };
    for kind in GatewayKind::ALL {
        let gateway = open(&spec(kind), &parts(Arc::clone(&transport))).unwrap();
        let (text, kinds) = everything(&gateway).await;
        assert_clean(&text, "a failed transport");
        assert!(kinds.contains(expected), "{kind:?}: {kinds:?}");
    }
    assert_clean(
        &format!("{error:?} {}", error.map(|error| error.to_string()).unwrap_or_default()),
        "itself",
    );
}

#[rstest]
fn an_instance_that_cannot_be_opened_shows_no_secret(
    #[values(GatewayKind::RyzeApi, GatewayKind::Zapi)] kind: GatewayKind,
) {
    let nowhere = || -> Arc<dyn Transport> {
        Arc::new(FnTransport::new(|_request| future::ready(Err(TransportError::Unreachable))))
    };
    let good = spec(kind);
    assert_clean(&format!("{good:?} {:?}", parts(nowhere())), "the specification");
    let mut mistakes = vec![
        InstanceSpec { token: SecretString::from(""), ..good.clone() },
        InstanceSpec { instance: Some(SecretString::from("")), ..good.clone() },
    ];
    if kind == GatewayKind::RyzeApi {
        mistakes.push(InstanceSpec { token: SecretString::from(format!("{TOKEN}\n")), ..good });
    } else {
        let client_token = Some(SecretString::from(format!("{CLIENT_TOKEN}\n")));
        mistakes.push(InstanceSpec { client_token, ..good });
    }
    for given in [
        format!("https://user:{TOKEN}@gateway.example"),
        format!("http://gateway.example/{TOKEN}"),
        TOKEN.to_owned(),
    ] {
        let error = BaseUrl::parse(&given).unwrap_err();
        assert_clean(&format!("{error:?} {}", Text::english().tell(&error)), "a base URL");
    }
    for mistake in mistakes {
        let error = open(&mistake, &parts(nowhere())).err().unwrap();
        assert_clean(&format!("{error:?} {}", Text::english().tell(&error)), "the error");
    }
    let error = check_community_id(kind, "no id").unwrap_err();
    assert_clean(&format!("{error:?} {}", Text::english().tell(&error)), "a community's id");
}

#[tokio::test(start_paused = true)]
async fn the_client_token_is_sent_in_its_header_and_nothing_else_is_secret_there() {
    let transport = FnTransport::new(|request: Request<Bytes>| async move {
        assert_eq!(request.headers()["client-token"], CLIENT_TOKEN);
        assert!(request.headers()["client-token"].is_sensitive());
        assert!(!request.headers().contains_key("token"));
        assert!(
            request
                .uri()
                .path()
                .starts_with("/instances/Canary%20Inst%25ance%3D91bc/token/Canary%2FTo%2Bken%3D7f3a/")
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(Response::new(Bytes::from_static(b"[]")))
    });
    let gateway = open(&spec(GatewayKind::Zapi), &parts(Arc::new(transport))).unwrap();
    assert!(gateway.groups().await.unwrap().groups.is_empty());
    assert!(matches!(gateway.connection().await, Err(Failure { kind: FailureKind::Malformed, .. })));
}
