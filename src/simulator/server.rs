//! The router over all contracts, and the socket server. It owns how a whole request is read and how a connection is dropped
//! without a byte.

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, RawPathParams, Request, State as Shared};
use axum::routing::any;
use http::Response;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::exchange::{Dialect, Incoming, exchange};
use super::own::{Evolution, Uazapi, Wsapi};
use super::ryzeapi::Ryzeapi;
use super::zapi::Zapi;
use super::{Dropped, Simulator};

/// More than any list of groups that a client would send.
const LARGEST_BODY: usize = 4 << 20;

/// How long a request may take to arrive: the head, and the body after it. Clients reuse idle connections for less time.
const PATIENCE: Duration = Duration::from_secs(30);

impl Simulator {
    /// All contracts as a router; a response to be dropped carries [`Dropped`].
    pub fn router(&self) -> Router {
        Router::new()
            .route("/health", any(ryzeapi))
            .route("/api/instance/list", any(ryzeapi))
            .route("/api/{module}/{action}/{instance}", any(ryzeapi))
            .route("/ws/{instance}", any(ryzeapi))
            .route("/instances/{id}/token/{token}", any(zapi))
            .route("/instances/{id}/token/{token}/{*operation}", any(zapi))
            .fallback(unknown)
            .with_state(self.clone())
    }

    /// Serves all contracts on a socket until `shutdown` is done.
    pub async fn serve<F: Future>(&self, listener: TcpListener, shutdown: F) -> io::Result<()> {
        let mut shutdown = pin!(shutdown);
        let mut connections = JoinSet::new();
        let router = self.router();
        loop {
            tokio::select! {
                biased;
                _ = &mut shutdown => return Ok(()),
                // Finished connections are removed, so that the set does not grow.
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                accepted = listener.accept() => {
                    match accepted {
                        Ok((stream, _)) => drop(connections.spawn(converse(stream, router.clone()))),
                        // A client that has already gone, or a lack of file handles, is temporary.
                        Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                    }
                }
            }
        }
    }
}

async fn converse(stream: TcpStream, router: Router) {
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        let router = router.clone();
        async move {
            let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
            match response.extensions().get::<Dropped>() {
                // An error from the service makes hyper close the connection without a byte.
                Some(_) => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
                None => Ok(response),
            }
        }
    });
    // The end of a connection is the client's business; there is nobody to report it to.
    let _ended = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

type Params = HashMap<String, String>;

fn named(params: &RawPathParams) -> Params {
    params.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

async fn ryzeapi(
    Shared(simulator): Shared<Simulator>,
    params: RawPathParams,
    request: Request,
) -> Response<Body> {
    receive(simulator, &Ryzeapi, named(&params), request).await
}

async fn zapi(
    Shared(simulator): Shared<Simulator>,
    params: RawPathParams,
    request: Request,
) -> Response<Body> {
    receive(simulator, &Zapi, named(&params), request).await
}

/// The contract that a request is for, by its path; by its credentials if two have the same.
fn dialect_of(request: &Request) -> &'static dyn Dialect {
    let path = request.uri().path();
    let mut parts = path.split('/').skip(1);
    let has_key = request.headers().contains_key("apikey");
    match (parts.next().unwrap_or_default(), parts.count()) {
        ("instances", _) => &Zapi,
        ("v1", _) => &Evolution { has_communities: true },
        ("groups" | "communities" | "session", _) => &Wsapi,
        ("community", _) => &Uazapi,
        ("instance" | "group", rest) if rest == 1 && !has_key => &Uazapi,
        ("instance" | "group", _) => &Evolution { has_communities: false },
        _ => &Ryzeapi,
    }
}

/// A path without a route of its own.
async fn unknown(Shared(simulator): Shared<Simulator>, request: Request) -> Response<Body> {
    let dialect = dialect_of(&request);
    receive(simulator, dialect, Params::new(), request).await
}

async fn receive(
    simulator: Simulator,
    dialect: &'static dyn Dialect,
    params: Params,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map(|Query(query)| query);
    // An incomplete, overlong or endless body counts as empty, which every route that needs a body refuses.
    let body = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, LARGEST_BODY)).await;
    let body = body.ok().and_then(Result::ok).unwrap_or_default();
    let incoming = Incoming {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        params,
        query: query.unwrap_or_default(),
        headers: parts.headers,
        body,
    };
    // A separate task: the work continues when the client hangs up, as on a real server.
    let work = tokio::spawn(exchange(simulator, dialect, incoming));
    work.await.unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Dropped);
        response
    })
}
