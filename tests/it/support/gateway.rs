//! The real clients over a router in the same process: without a socket, a paused clock controls everything.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Body, extract::Request, response::Response};
use http::{HeaderMap, Method};
use secrecy::SecretString;
use serde_json::Value;
use synod::{
    clock::Clock,
    domain::base_url::BaseUrl,
    domain::{instance::GatewayKind, settings::OperationSettings, time::Millis},
    gateway::{BudgetBook, ClientParts, Gateway, InstanceSpec, open},
};

use super::transport::transport_over;

/// In a response's extensions, this breaks the connection instead of answering.
pub(crate) use synod::simulator::Dropped;

/// The token of the tests: it must appear only in a request's header.
pub(crate) const CANARY: &str = "canary/7f3a+tok=en";

/// The time at which the tests' clock begins: 2026-03-01, 12:00 UTC.
pub(crate) const EPOCH: Millis = Millis(1_772_366_400_000);

/// A clock that begins at [`EPOCH`] and runs with tokio's.
pub(crate) fn clock() -> Clock {
    Clock::fixed(EPOCH)
}

/// The `RyzeAPI` instance `harbor`.
pub(crate) fn harbor() -> InstanceSpec {
    InstanceSpec {
        kind: GatewayKind::RyzeApi,
        base_url: BaseUrl::parse("http://127.0.0.1").unwrap(),
        instance: Some(SecretString::from("harbor")),
        token: SecretString::from(CANARY),
        client_token: None,
    }
}

/// The parts of a client over a router.
pub(crate) fn parts_over(router: Router) -> ClientParts {
    ClientParts {
        timeouts: OperationSettings::default().timeout,
        clock: clock(),
        budgets: BudgetBook::new(),
        transport: transport_over(router),
        scrubber: Arc::default(),
    }
}

/// A client over a router; it asks reads only once, so tests see each failure directly.
#[expect(clippy::needless_pass_by_value, reason = "tests hand over what they made for it")]
pub(crate) fn client_over(router: Router, spec: InstanceSpec) -> Gateway {
    open(&spec, &parts_over(router)).unwrap()
}

/// A request that a server saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// Path and query, as they were sent.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A server that answers with a function and records its requests.
#[derive(Clone, Default)]
pub(crate) struct Server {
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The paths of all requests so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.path).collect()
    }

    /// A router that answers every request with this function.
    pub(crate) fn answering<F, Answered>(&self, answer: F) -> Router
    where
        F: Fn(Seen) -> Answered + Clone + Send + Sync + 'static,
        Answered: Future<Output = Response> + Send,
    {
        let kept = Arc::clone(&self.seen);
        Router::new().fallback(move |request: Request| {
            let (kept, answer) = (Arc::clone(&kept), answer.clone());
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
                let body = serde_json::from_slice(&body).unwrap_or_default();
                let seen = Seen { method: parts.method, path, headers: parts.headers, body };
                kept.lock().unwrap().push(seen.clone());
                answer(seen).await
            }
        })
    }
}

/// A JSON answer.
#[expect(clippy::needless_pass_by_value, reason = "tests write the value where it is used")]
pub(crate) fn json(status: u16, body: Value) -> Response {
    raw(status, "application/json", &body.to_string())
}

/// `RyzeAPI`'s error envelope.
pub(crate) fn error(status: u16, message: &str) -> Response {
    json(status, serde_json::json!({ "success": false, "error": { "message": message } }))
}

/// An answer with any content type.
pub(crate) fn raw(status: u16, content_type: &str, body: &str) -> Response {
    let response = Response::builder().status(status).header("content-type", content_type);
    response.body(Body::from(body.to_owned())).unwrap()
}

/// An answer that never arrives, because the connection breaks.
pub(crate) fn dropped() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Dropped);
    response
}

/// An answer with its own headers.
pub(crate) fn with_headers(mut response: Response, headers: &[(&'static str, &str)]) -> Response {
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}
