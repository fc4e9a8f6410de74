//! How a request travels: the trait, its errors, and a transport that stays in the process.
//!
//! It knows nothing of gateways, time-outs of answers, or budgets. A request's address may hold secrets, so that
//! nothing here is ever printed with it.

use std::future::Future;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

/// Why no whole answer came. None of them holds text from below: that text may hold the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection could be made: nothing was sent.
    #[error("no connection could be made")]
    Unreachable,
    /// The server's certificate was not accepted: nothing was sent.
    #[error("the server's certificate was not accepted")]
    Tls,
    /// A proxy on the way answered 407, for it wants a user and a password: nothing was sent.
    #[error("the proxy wants a user and a password (407)")]
    ProxyAuth,
    /// The connection broke after the request may have left.
    #[error("the connection broke before an answer came")]
    Dropped,
    /// An answer began, and its body could not be read to its end.
    #[error("the answer's body could not be read")]
    Body,
    /// The answer is longer than it may be, and was read no further.
    #[error("the answer is too long")]
    TooLong,
}

/// Carries one request to a server and its whole answer back, once: it repeats nothing and follows no redirect.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request and reads the answer whole, unless it has more bytes than `longest`, unpacked.
    async fn send(&self, request: Request<Bytes>, longest: usize) -> Result<Response<Bytes>, TransportError>;
}

/// A transport made of a function: a server in the same process, without a socket.
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
