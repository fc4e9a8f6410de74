//! Requests to a gateway: time-outs, the token's budget, and the meaning of an unsuccessful answer.
//!
//! It owns how a request travels and what all gateways' HTTP has in common. Paths, bodies and texts belong to the adapters.
//! No error contains an address, because addresses may contain secrets. The configured secrets are scrubbed from everything
//! that a server says before anyone sees it.

mod classify;
pub(crate) mod meter;
pub(crate) mod socket;
pub(crate) mod transport;

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::sync::watch;

use self::{
    meter::Meter,
    transport::{Transport, TransportError},
};
use super::{
    repair::repair,
    source::{Made, Source},
};
use crate::{
    clock::Clock,
    domain::{
        base_url::BaseUrl,
        budget::Budget,
        failure::{Failure, FailureKind},
        time::Millis,
        vitals::{ClockSkew, Vitals},
    },
    scrub::Scrubber,
};

pub(crate) use classify::Dialect;

/// The characters that stay unencoded in a path or a query's value, because every server reads them alike.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text encoded for a path or a query's value.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// The same for a path, with an id left as it is: some servers compare the encoded text.
pub(crate) fn encoded_with_raw_id(text: &str) -> String {
    const RAW: &AsciiSet = &ENCODED.remove(b'@').remove(b'+');
    utf8_percent_encode(text, RAW).to_string()
}

/// The parts of a path that are words of the contract: the rest are ids, names and secrets.
pub(crate) fn route_of(path: &str, words: &[&str]) -> String {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').filter(|part| words.contains(part)).collect::<Vec<_>>().join("/")
}

/// A longer answer, in bytes, is decoded on another thread.
const AT_ONCE: usize = 64 << 10;

/// An HTTP client for one instance, below the meaning of paths and bodies.
pub(crate) struct Http {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) base: BaseUrl,
    pub(crate) credentials: HeaderMap,
    pub(crate) meter: Arc<Meter>,
    pub(crate) scrubber: Arc<Scrubber>,
    pub(crate) clock: Clock,
    pub(crate) vitals: Mutex<Vitals>,
}

/// One request, as an adapter asks for it.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path and the query below the base URL, encoded.
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    pub(crate) timeout: Duration,
    pub(crate) size: Size,
}

impl Call {
    pub(crate) fn get(path: String, timeout: Duration) -> Self {
        Self { method: Method::GET, path, body: None, timeout, size: Size::Answer }
    }

    /// A read of a list, which may be long.
    pub(crate) fn list(path: String, timeout: Duration) -> Self {
        Self { size: Size::List, ..Self::get(path, timeout) }
    }

    pub(crate) fn post(path: String, body: Option<Value>, timeout: Duration) -> Self {
        Self { method: Method::POST, body, ..Self::get(path, timeout) }
    }
}

/// How long an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// Anything except a list of groups: a group with all its members, or a community with its subgroups, takes a tenth of this.
    Answer,
    /// One page of a list. If a server ignores paging, a list of twenty thousand groups still fits.
    Page,
    /// A whole list: a hundred thousand groups fit.
    List,
    /// A whole list of groups with their members, from gateways that cannot leave them out: five hundred groups with a thousand
    /// members each fit.
    Members,
}

impl Size {
    /// The most bytes of a body, after decompression.
    pub(crate) fn longest(self) -> usize {
        match self {
            Self::Answer => 1 << 20,
            Self::Page => 4 << 20,
            Self::List => 32 << 20,
            Self::Members => 96 << 20,
        }
    }

    /// The most entries of all lists in an answer together.
    pub(crate) fn most_entries(self) -> usize {
        match self {
            Self::Answer => 1000,
            Self::Page => 40_000,
            Self::List | Self::Members => 150_000,
        }
    }
}

/// A whole answer.
pub(crate) struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Body,
}

/// The body of an answer.
pub(crate) enum Body {
    Json(Value),
    /// An empty body, or no answer came.
    Empty,
    /// Not JSON: a proxy's page, or a bare text.
    Page(Bytes),
}

impl Body {
    /// The JSON, if the body is JSON.
    pub(crate) fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) => Some(value),
            Self::Empty | Self::Page(_) => None,
        }
    }

    /// The text, if the body is not JSON.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Page(bytes) => std::str::from_utf8(bytes).ok(),
            Self::Json(_) | Self::Empty => None,
        }
    }
}

/// A request that did not succeed, with the whole answer: sometimes only the body shows who refused it.
pub(crate) struct Unsuccessful {
    pub(crate) failure: Failure,
    pub(crate) body: Body,
}

impl From<Failure> for Unsuccessful {
    fn from(failure: Failure) -> Self {
        Self { failure, body: Body::Empty }
    }
}

impl Http {
    pub(crate) fn budget(&self) -> watch::Receiver<Option<Budget>> {
        self.meter.follow()
    }

    /// Sends a request once and returns the body of a successful answer; everything else is a failure.
    pub(crate) async fn ask(&self, call: Call, dialect: &Dialect) -> Result<Value, Failure> {
        self.ask_fully(call, dialect).await.map_err(|answer| answer.failure)
    }

    /// Like [`Self::ask`], but a failure includes the body of the answer.
    pub(crate) async fn ask_fully(&self, call: Call, dialect: &Dialect) -> Result<Value, Unsuccessful> {
        let whole = |source: &Source<'_>| Ok((source.whole()?, ()));
        self.ask_reading(call, dialect, whole).await.map(|(body, ())| body)
    }

    /// Like [`Self::ask_fully`], but `read` parses the JSON and builds a value from it, which counts only on success.
    pub(crate) async fn ask_reading<T: Made>(
        &self,
        call: Call,
        dialect: &Dialect,
        read: impl Fn(&Source<'_>) -> serde_json::Result<(Value, T)> + Send + 'static,
    ) -> Result<(Value, T), Unsuccessful> {
        let (method, route) = (call.method.clone(), (dialect.route)(&call.path));
        let begun = self.clock.now();
        let sent = self.send(call, read).await;
        let took = self.clock.now().since(begun).as_millis();
        match &sent {
            Ok((reply, _)) => tracing::debug!("{method} {route} status={} ms={took}", reply.status),
            Err(failure) => tracing::debug!("{method} {route} failed={:?} ms={took}", failure.kind),
        }
        let (reply, made) = sent?;
        Ok((self.judge(reply, dialect)?, made))
    }

    /// Facts collected from earlier responses.
    pub(crate) fn vitals(&self) -> Vitals {
        *self.vitals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a fact that a response revealed.
    pub(crate) fn note(&self, sign: impl FnOnce(&mut Vitals)) {
        sign(&mut self.vitals.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn send<T: Made>(
        &self,
        call: Call,
        read: impl Fn(&Source<'_>) -> serde_json::Result<(Value, T)> + Send + 'static,
    ) -> Result<(Reply, T), Failure> {
        let (timeout, size) = (call.timeout, call.size);
        let request = self.request(call)?;
        let left = self.clock.now();
        self.meter.note_request(left);
        let sent = tokio::time::timeout(timeout, self.transport.send(request, size.longest())).await;
        let response = match sent {
            Err(_) => return Err(Failure::new(FailureKind::TimedOut)),
            // Without the proxy's name, the operator would not know which server to ask about.
            Ok(Err(
                error @ (TransportError::ProxyAuth | TransportError::Unreachable | TransportError::Tls),
            )) => {
                return Err(Failure::new(unsent(error)).saying(self.transport.proxy().unwrap_or_default()));
            }
            Ok(Err(error)) => return Err(Failure::new(unsent(error))),
            Ok(Ok(response)) => response,
        };
        let (parts, body) = response.into_parts();
        let arrived = self.clock.now();
        self.meter.note_response(&parts.headers, arrived);
        if let Some(date) = meter::date(&parts.headers) {
            self.note(|vitals| vitals.clock = Some(skew(date, left, arrived)));
        }
        let scrubber = Arc::clone(&self.scrubber);
        let (body, made) = if body.len() <= AT_ONCE {
            decode(body, size, &scrubber, &read)
        } else {
            // Decoding runs on another thread, so that keys are still handled.
            let decoded = tokio::task::spawn_blocking(move || decode(body, size, &scrubber, &read)).await;
            decoded.map_err(|_| Failure::new(FailureKind::Dropped))?
        }
        .map_err(|kind| Failure::new(kind).with_status(parts.status.as_u16()))?;
        Ok((Reply { status: parts.status.as_u16(), headers: parts.headers, body }, made))
    }

    fn request(&self, call: Call) -> Result<Request<Bytes>, Failure> {
        let wrong = || Failure::new(FailureKind::WrongRequest);
        let body = call.body.map(|body| serde_json::to_vec(&body)).transpose().map_err(|_| wrong())?;
        let has_body = body.is_some();
        let is_read = call.method == Method::GET;
        let mut request = Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.base.as_str(), call.path))
            .body(Bytes::from(body.unwrap_or_default()))
            .map_err(|_| wrong())?;
        let headers = request.headers_mut();
        headers.extend(self.credentials.clone());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if is_read {
            // A cached answer would not show a change that was just made.
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
        if has_body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Ok(request)
    }
}

/// The content of a body, and the value that `read` built from it. If strings contain what JSON forbids, it repairs them first.
fn decode<T: Made>(
    bytes: Bytes,
    size: Size,
    scrubber: &Scrubber,
    read: &impl Fn(&Source<'_>) -> serde_json::Result<(Value, T)>,
) -> Result<(Body, T), FailureKind> {
    if bytes.trim_ascii().is_empty() {
        return Ok((Body::Empty, T::default()));
    }
    let attempt = |bytes: &[u8]| {
        let source = Source::new(bytes, scrubber, size.most_entries());
        match read(&source) {
            Ok((value, made)) => Ok(Some((Body::Json(value), made))),
            Err(_) if source.is_used_up() => Err(FailureKind::TooLong),
            Err(_) => Ok(None),
        }
    };
    if let Some((body, mut made)) = attempt(&bytes)? {
        drop(bytes);
        made.complete();
        return Ok((body, made));
    }
    let page = match repair(&bytes, size.longest()).ok_or(FailureKind::TooLong)? {
        Cow::Borrowed(same) if same.len() == bytes.len() => bytes,
        mended => Bytes::from(mended.into_owned()),
    };
    // Only the repaired text is kept, to leave room for the values read from it.
    let (body, mut made) = attempt(&page)?.unwrap_or_else(|| (Body::Page(page.clone()), T::default()));
    drop(page);
    made.complete();
    Ok((body, made))
}

/// How far our clock is off, given an answer with this date, in seconds. The result is never rounded up.
fn skew(date: i64, left: Millis, arrived: Millis) -> ClockSkew {
    let (earliest, latest) = (Millis(date * 1000), Millis(date * 1000 + 999));
    if left > latest {
        ClockSkew::Ahead(left.since(latest))
    } else if arrived < earliest {
        ClockSkew::Behind(earliest.since(arrived))
    } else {
        ClockSkew::None
    }
}

fn unsent(error: TransportError) -> FailureKind {
    match error {
        TransportError::Unreachable => FailureKind::Unreachable,
        TransportError::Tls => FailureKind::Tls,
        TransportError::ProxyAuth => FailureKind::ProxyAuth,
        TransportError::TooLong => FailureKind::TooLong,
        TransportError::Dropped | TransportError::Body => FailureKind::Dropped,
    }
}

/// A header with a secret value, which is never shown. `None` if no header can carry that text.
pub(crate) fn secret_header(
    name: &'static str,
    secret: &secrecy::SecretString,
) -> Option<(HeaderName, HeaderValue)> {
    use secrecy::ExposeSecret;
    let mut value = HeaderValue::from_str(secret.expose_secret()).ok().filter(|value| !value.is_empty())?;
    value.set_sensitive(true);
    Some((HeaderName::from_static(name), value))
}
