//! Requests to a gateway: time-outs, the token's budget, and what an answer that is no success means.
//!
//! It owns how a request travels and what every gateway's HTTP has in common. What paths, bodies and words mean is the
//! adapters' affair. No error holds an address, for addresses may hold secrets, and what a server says is scrubbed of
//! the configured secrets before anyone sees it.

pub(crate) mod base;
mod classify;
pub(crate) mod meter;
pub(crate) mod socket;
pub(crate) mod transport;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use serde_json::Value;
use tokio::sync::watch;

use self::{
    base::BaseUrl,
    meter::Meter,
    transport::{Transport, TransportError},
};
use super::Now;
use crate::{
    domain::{
        budget::Budget,
        failure::{Failure, FailureKind},
        time::Millis,
        vitals::{ClockSkew, Vitals},
    },
    scrub::Scrubber,
};

pub(crate) use classify::Dialect;

/// A client of one instance's gateway, below what its paths and bodies mean.
pub(crate) struct Http {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) base: BaseUrl,
    pub(crate) credentials: HeaderMap,
    pub(crate) meter: Arc<Meter>,
    pub(crate) scrubber: Arc<Scrubber>,
    pub(crate) now: Now,
    pub(crate) vitals: Mutex<Vitals>,
}

/// One request, as an adapter asks for it.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path and the query below the base URL, encoded.
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    pub(crate) timeout: Duration,
}

impl Call {
    pub(crate) fn get(path: String, timeout: Duration) -> Self {
        Self { method: Method::GET, path, body: None, timeout }
    }
}

/// From how many bytes on an answer is taken apart beside everything else.
const LARGE: usize = 1 << 20;

/// A whole answer.
pub(crate) struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Body,
}

/// What an answer holds.
pub(crate) enum Body {
    Json(Value),
    /// Nothing at all, or no answer came.
    Empty,
    /// No JSON: a proxy's page, or a bare text.
    Page(Bytes),
}

impl Body {
    /// An answer, and what whoever reads it as JSON makes of it by the way.
    fn read<T: Default>(
        bytes: Bytes,
        read: impl FnOnce(&[u8]) -> serde_json::Result<(Value, T)>,
    ) -> (Self, T) {
        if bytes.trim_ascii().is_empty() {
            return (Self::Empty, T::default());
        }
        match read(&bytes) {
            Ok((value, made)) => (Self::Json(value), made),
            Err(_) => (Self::Page(bytes), T::default()),
        }
    }

    /// The JSON, where it is that.
    pub(crate) fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) => Some(value),
            Self::Empty | Self::Page(_) => None,
        }
    }

    /// The text, where it is no JSON.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Page(bytes) => std::str::from_utf8(bytes).ok(),
            Self::Json(_) | Self::Empty => None,
        }
    }
}

/// A request that did not succeed, with all that came back: who said no may stand in the body alone.
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

    /// Sends a request once, and gives the body of a successful answer; everything else is a failure.
    pub(crate) async fn ask(&self, call: Call, dialect: &Dialect) -> Result<Value, Failure> {
        self.ask_fully(call, dialect).await.map_err(|told| told.failure)
    }

    /// The same, with the body of an answer that is no success.
    pub(crate) async fn ask_fully(&self, call: Call, dialect: &Dialect) -> Result<Value, Unsuccessful> {
        let scrubber = Arc::clone(&self.scrubber);
        let whole = move |bytes: &[u8]| {
            let mut answer = serde_json::from_slice(bytes)?;
            scrubber.mask_answer(&mut answer);
            Ok((answer, ()))
        };
        self.ask_reading(call, dialect, whole).await.map(|(body, ())| body)
    }

    /// The same with a way of reading JSON that makes something of it meanwhile; that counts only with a success.
    pub(crate) async fn ask_reading<T: Default + Send + 'static>(
        &self,
        call: Call,
        dialect: &Dialect,
        read: impl FnOnce(&[u8]) -> serde_json::Result<(Value, T)> + Send + 'static,
    ) -> Result<(Value, T), Unsuccessful> {
        let (reply, made) = self.send(call, read).await?;
        Ok((self.judge(reply, dialect)?, made))
    }

    /// What the answers so far told by the way.
    pub(crate) fn vitals(&self) -> Vitals {
        *self.vitals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of something that an answer told by the way.
    pub(crate) fn note(&self, sign: impl FnOnce(&mut Vitals)) {
        sign(&mut self.vitals.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn send<T: Default + Send + 'static>(
        &self,
        call: Call,
        read: impl FnOnce(&[u8]) -> serde_json::Result<(Value, T)> + Send + 'static,
    ) -> Result<(Reply, T), Failure> {
        let timeout = call.timeout;
        let request = self.request(call)?;
        let left = (self.now)();
        self.meter.note_request(left);
        let sent = tokio::time::timeout(timeout, self.transport.send(request)).await;
        let response = match sent {
            Err(_) => return Err(Failure::new(FailureKind::TimedOut)),
            Ok(Err(error)) => return Err(Failure::new(unsent(error))),
            Ok(Ok(response)) => response,
        };
        let (parts, body) = response.into_parts();
        let arrived = (self.now)();
        self.meter.note_response(&parts.headers, arrived);
        if let Some(date) = meter::date(&parts.headers) {
            self.note(|vitals| vitals.clock = Some(skew(date, left, arrived)));
        }
        let (body, made) = if body.len() < LARGE {
            Body::read(body, read)
        } else {
            // Keys are answered meanwhile.
            let read = tokio::task::spawn_blocking(move || Body::read(body, read)).await;
            read.map_err(|_| Failure::new(FailureKind::Dropped))?
        };
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
            // What a cache on the way has kept shows nothing of what was just done.
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
        if has_body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Ok(request)
    }
}

/// How far our clock is off when an answer bears that date, in seconds, which are never rounded up.
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
        TransportError::Dropped | TransportError::Body => FailureKind::Dropped,
    }
}

/// A header that carries a secret: its value is never shown. `None` when no header can carry that text.
pub(crate) fn secret_header(
    name: &'static str,
    secret: &secrecy::SecretString,
) -> Option<(HeaderName, HeaderValue)> {
    use secrecy::ExposeSecret;
    let mut value = HeaderValue::from_str(secret.expose_secret()).ok().filter(|value| !value.is_empty())?;
    value.set_sensitive(true);
    Some((HeaderName::from_static(name), value))
}
