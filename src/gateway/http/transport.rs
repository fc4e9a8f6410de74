//! The transport of requests: the trait, its errors, and a transport that stays in the process.
//!
//! It knows nothing of gateways, answer time-outs or budgets. A request's address may contain secrets, so nothing here ever
//! prints it.

use std::future::Future;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

/// Why no whole answer came. No variant contains text from a lower layer: that text may contain the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection could be made: nothing was sent.
    #[error("no connection could be made")]
    Unreachable,
    /// The server's certificate was not accepted: nothing was sent.
    #[error("the server's certificate was not accepted")]
    Tls,
    /// A proxy answered 407, because it requires a user and a password: nothing was sent.
    #[error("the proxy wants a user and a password (407)")]
    ProxyAuth,
    /// The connection broke after the request may have left.
    #[error("the connection broke before an answer came")]
    Dropped,
    /// An answer began, but its body could not be read to the end.
    #[error("the answer's body could not be read")]
    Body,
    /// The answer exceeds the size limit, and the rest was not read.
    #[error("the answer is too long")]
    TooLong,
}

/// Sends one request to a server and returns the whole answer, once: it repeats nothing and follows no redirect.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request and reads the whole answer, unless it has more than `longest` bytes after decompression.
    async fn send(&self, request: Request<Bytes>, longest: usize) -> Result<Response<Bytes>, TransportError>;

    /// The host and port of the proxy in use, without credentials.
    fn proxy(&self) -> Option<&str> {
        None
    }
}

/// A transport that calls a function: a server in the same process, without a socket.
pub struct FnTransport<F>(F);

impl<F> FnTransport<F> {
    /// Takes the function that answers requests.
    pub fn new(answer: F) -> Self {
        Self(answer)
    }
}

#[async_trait]
impl<F, Answered> Transport for FnTransport<F>
where
    F: Fn(Request<Bytes>) -> Answered + Send + Sync,
    Answered: Future<Output = Result<Response<Bytes>, TransportError>> + Send,
{
    async fn send(&self, request: Request<Bytes>, longest: usize) -> Result<Response<Bytes>, TransportError> {
        let answer = (self.0)(request).await?;
        if answer.body().len() > longest { Err(TransportError::TooLong) } else { Ok(answer) }
    }
}
