//! The transport over a real socket: its refusals, and the difference between a broken connection and one never made.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use rstest::rstest;
use synod::{
    domain::{
        base_url::BaseUrl,
        failure::{Failure, FailureKind},
        outcome::Claim,
    },
    gateway::{Gateway, SocketError, SocketOptions, Transport, TransportError, open, socket},
    text::Text,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{RECEPTION, community, group};
use crate::support::gateway::{CANARY, Server, harbor, json, parts_over};

fn options() -> SocketOptions {
    SocketOptions { connect_timeout: Duration::from_secs(10), proxy: None, ca_file: None }
}

/// Answers each connection's first request with these bytes and closes it.
async fn speaking(answer: &'static [u8]) -> String {
    answering([answer]).await
}

/// Answers the requests on each connection with these texts, one after another, and closes it.
async fn answering<const N: usize>(answers: [&'static [u8]; N]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            for answer in answers {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(answer).await;
            }
        }
    });
    format!("http://{address}")
}

fn url(text: &str) -> BaseUrl {
    BaseUrl::parse(text).unwrap()
}

fn client(base_url: &str) -> Gateway {
    let mut parts = parts_over(axum::Router::new());
    parts.transport = socket(&url(base_url), &options()).unwrap();
    let mut spec = harbor();
    spec.base_url = url(base_url);
    open(&spec, &parts).unwrap()
}

async fn asked(
    base_url: &str,
    transport: &Arc<dyn Transport>,
) -> Result<http::Response<Bytes>, TransportError> {
    let request = http::Request::get(format!("{base_url}/api/{CANARY}")).body(Bytes::new()).unwrap();
    transport.send(request, LONGEST).await
}

/// A proxy on loopback that gives this answer to everything; Synod uses it although the gateway is elsewhere.
async fn behind_a_proxy(answer: &'static [u8]) -> Gateway {
    through(speaking(answer).await.replace("http://", "http://reader:canary-password@"))
}

fn through(proxy: String) -> Gateway {
    let options = SocketOptions { proxy: Some(proxy.into()), ..options() };
    let base_url = "https://gateway.invalid";
    let mut parts = parts_over(axum::Router::new());
    parts.transport = socket(&url(base_url), &options).unwrap();
    let mut spec = harbor();
    spec.base_url = url(base_url);
    open(&spec, &parts).unwrap()
}

#[tokio::test]
async fn a_proxy_that_requires_a_password_is_recognised_and_nothing_was_sent() {
    let proxy = b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n";
    let gateway = behind_a_proxy(proxy).await;
    let failure = gateway.groups().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::ProxyAuth);
    let named = failure.words.unwrap();
    assert!(
        named.shown().starts_with("127.0.0.1:") && !named.shown().contains("canary-password"),
        "{named:?}"
    );
    let told = gateway.writes().unwrap().link(&community(), &group(RECEPTION)).await;
    assert_eq!((told.claim, told.failure.unwrap().kind), (Claim::No, FailureKind::ProxyAuth));
}

fn assert_names_the_proxy(failure: &Failure) {
    assert_eq!(failure.kind, FailureKind::Unreachable);
    let told = Text::english().failure_and_advice(failure);
    assert!(told.contains("through the proxy 127.0.0.1:") && !told.contains("canary-password"), "{told}");
}

#[tokio::test]
async fn a_proxy_that_does_not_let_a_request_through_is_named() {
    for answer in [
        &b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"[..],
        b"HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\ndenied",
        b"HTTP/1.1 503 Service Unavailable\r\n\r\n",
        b"SSH-2.0-no proxy at all\r\n",
        b"",
    ] {
        assert_names_the_proxy(&behind_a_proxy(answer).await.groups().await.unwrap_err());
    }
    // Nothing listens there.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let gateway = through(format!("http://reader:canary-password@{free}"));
    assert_names_the_proxy(&gateway.groups().await.unwrap_err());
    let told = gateway.writes().unwrap().link(&community(), &group(RECEPTION)).await;
    assert_eq!(told.claim, Claim::No, "nothing was sent");
}

#[tokio::test]
async fn a_proxy_whose_certificate_is_not_accepted_is_named() {
    // The proxy opens a connection, and what answers there speaks no TLS.
    let proxy = answering([b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"]).await;
    let proxy = proxy.replace("http://", "http://reader:canary-password@");
    let failure = through(proxy).groups().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Tls);
    let told = Text::english().failure_and_advice(&failure);
    assert!(told.contains("through the proxy 127.0.0.1:") && !told.contains("canary-password"), "{told}");
}

#[tokio::test]
async fn a_served_router_is_reached_with_the_token() {
    let server = Server::new();
    let router = server.answering(|_| std::future::ready(json(200, serde_json::json!({ "groups": [] }))));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    assert!(client(&base_url).groups().await.is_ok());
    let seen = server.seen().remove(0);
    assert_eq!(seen.headers["token"], CANARY);
    assert!(seen.headers["user-agent"].to_str().unwrap().starts_with("synod/"));
    serving.abort();
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
    let failure = client(&speaking(elsewhere).await).groups().await.unwrap_err();
    assert_eq!((failure.kind, failure.status), (FailureKind::Redirected, Some(302)));
}

#[tokio::test]
async fn a_connection_that_breaks_may_have_carried_the_request() {
    let base_url = speaking(b"").await;
    let told = client(&base_url).writes().unwrap().link(&community(), &group(RECEPTION)).await;
    assert_eq!((told.claim, told.failure.unwrap().kind), (Claim::Silence, FailureKind::Dropped));
    let error = asked(&base_url, &socket(&url(&base_url), &options()).unwrap()).await.unwrap_err();
    assert_eq!(error, TransportError::Dropped);
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[tokio::test]
async fn a_truncated_body_is_not_an_answer() {
    let base_url = speaking(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"success\":true").await;
    let told = client(&base_url).writes().unwrap().leave(&group(RECEPTION)).await;
    assert_eq!((told.claim, told.failure.unwrap().kind), (Claim::Silence, FailureKind::Dropped));
}

/// The longest body that the tests accept: 4 MiB.
const LONGEST: usize = 4 << 20;

/// Answers each connection's first request with a head and a body of this many bytes, in chunks if it is `chunked`.
async fn speaking_at_length(length: usize, chunked: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let framing = if chunked {
                "transfer-encoding: chunked".to_owned()
            } else {
                format!("content-length: {length}")
            };
            let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n").as_bytes()).await;
            let piece = vec![b' '; 1 << 20];
            let mut left = length;
            while left > 0 {
                let size = left.min(piece.len());
                let chunk = format!("{size:x}\r\n");
                let (head, end) =
                    if chunked { (chunk.as_bytes(), &b"\r\n"[..]) } else { (&b""[..], &b""[..]) };
                for part in [head, &piece[..size], end] {
                    if stream.write_all(part).await.is_err() {
                        return;
                    }
                }
                left -= size;
            }
            let _ = stream.write_all(if chunked { b"0\r\n\r\n" } else { b"" }).await;
        }
    });
    format!("http://{address}")
}

#[rstest]
#[case::just_below(LONGEST, false, true)]
#[case::just_above(LONGEST + 1, false, false)]
#[case::streamed_just_below(LONGEST, true, true)]
#[case::streamed_far_above(2 * LONGEST, true, false)]
#[tokio::test]
async fn a_body_has_a_limit(#[case] length: usize, #[case] chunked: bool, #[case] is_taken: bool) {
    let base_url = speaking_at_length(length, chunked).await;
    let transport = socket(&url(&base_url), &options()).unwrap();
    let told = tokio::time::timeout(Duration::from_secs(60), asked(&base_url, &transport))
        .await
        .expect("it gives up on its own");
    match told {
        Ok(response) => assert!(is_taken && response.body().len() == length, "{}", response.body().len()),
        Err(error) => assert!(!is_taken && error == TransportError::TooLong, "{error:?}"),
    }
}

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let told = client(&base_url).writes().unwrap().link(&community(), &group(RECEPTION)).await;
    assert_eq!((told.claim, told.failure.unwrap().kind), (Claim::No, FailureKind::Unreachable));
}

/// A file beside this one.
fn beside(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/gateway_contract").join(name)
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_a_tls_failure() {
    let plain = speaking(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let base_url = plain.replace("http://", "https://");
    // With a file of certificates, the client can be built even if the system has none.
    let options = SocketOptions { ca_file: Some(beside("authority.pem")), ..options() };
    let error = asked(&base_url, &socket(&url(&base_url), &options).unwrap()).await.unwrap_err();
    assert_eq!(error, TransportError::Tls);
}

#[test]
fn a_file_of_certificates_must_hold_some() {
    let made = |file: &str| {
        socket(&url("https://ryzeapi.cloud"), &SocketOptions { ca_file: Some(beside(file)), ..options() })
            .err()
            .unwrap()
    };
    assert!(matches!(made("absent.pem"), SocketError::CaFile { .. }));
    assert!(matches!(made("socket.rs"), SocketError::NoCertificates(_)));
}
