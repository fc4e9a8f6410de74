//! The connection between the program and the simulated gateway: direct, or a network that misbehaves.

use std::sync::{Arc, Mutex};

use axum::Router;
use bytes::Bytes;
use synod::{
    gateway::{FnTransport, Transport, TransportError},
    simulator::Simulator,
};

use crate::support::transport::ask;

/// The states of the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Every request arrives.
    #[default]
    Fine,
    /// No connection can be made.
    Unreachable,
    /// The certificate is not the gateway's.
    WrongCertificate,
    /// A proxy answers everything with a page.
    Page,
    /// Every answer is undocumented JSON.
    Nonsense,
    /// Every request gets the gateway's answer for an exceeded limit.
    TooMany,
}

/// The network, which the test can change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Network {
    weather: Arc<Mutex<Weather>>,
}

impl Network {
    pub(crate) fn set(&self, weather: Weather) {
        *self.weather.lock().unwrap() = weather;
    }

    /// The way to a simulated gateway.
    pub(crate) fn to(&self, simulator: &Simulator) -> Arc<dyn Transport> {
        let (network, router) = (self.clone(), simulator.router());
        Arc::new(FnTransport::new(move |request: http::Request<Bytes>| {
            let (weather, router) = (*network.weather.lock().unwrap(), router.clone());
            async move { carry(weather, router, request).await }
        }))
    }
}

async fn carry(
    weather: Weather,
    router: Router,
    request: http::Request<Bytes>,
) -> Result<http::Response<Bytes>, TransportError> {
    let answer = |status: u16, kind: &str, body: &'static str| {
        let response = http::Response::builder().status(status).header("content-type", kind);
        Ok(response.body(Bytes::from_static(body.as_bytes())).unwrap())
    };
    match weather {
        Weather::Unreachable => return Err(TransportError::Unreachable),
        Weather::WrongCertificate => return Err(TransportError::Tls),
        Weather::Page => return answer(200, "text/html", "<!doctype html><title>Log in</title>"),
        Weather::Nonsense => return answer(200, "application/json", "[1, {\"two\": null}]"),
        Weather::TooMany => {
            let body =
                r#"{"success":false,"error":{"code":"RATE_LIMIT_EXCEEDED","message":"Rate limit exceeded"}}"#;
            return answer(429, "application/json", body);
        }
        Weather::Fine => {}
    }
    ask(router, request).await
}
