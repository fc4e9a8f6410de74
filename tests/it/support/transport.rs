//! A router in the same process instead of a network, as the clients' transport: without a socket, a paused clock controls
//! everything. It uses no other support module: the benches use it too.

use std::sync::Arc;

use axum::{Router, body::Body};
use bytes::Bytes;
use synod::{
    gateway::{FnTransport, Transport, TransportError},
    simulator::Dropped,
};
use tower::ServiceExt;

/// Asks the router; its answer may be a broken connection.
pub(crate) async fn ask(
    router: Router,
    request: http::Request<Bytes>,
) -> Result<http::Response<Bytes>, TransportError> {
    let response = router.oneshot(request.map(Body::from)).await.unwrap_or_else(|never| match never {});
    if response.extensions().get::<Dropped>().is_some() {
        return Err(TransportError::Dropped);
    }
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(|_| TransportError::Body)?;
    Ok(http::Response::from_parts(parts, body))
}

/// A transport that asks a router.
pub(crate) fn transport_over(router: Router) -> Arc<dyn Transport> {
    Arc::new(FnTransport::new(move |request| ask(router.clone(), request)))
}
