//! Ctrl-C before anything is sent: reading, planning and asking end with a message. Once an order is running, `cli::run`
//! decides what Ctrl-C does.

use std::future::Future;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Fault, FaultCode, out};
use crate::text::Text;

/// The Ctrl-C signals of one command.
#[derive(Debug)]
pub struct Interrupts {
    signal: Signal,
    text: Text,
}

impl Interrupts {
    /// Starts to catch Ctrl-C: from now on it does not end the program by itself.
    pub fn new(text: &Text) -> Result<Self, Fault> {
        let signal = signal(SignalKind::interrupt())
            .map_err(|error| Fault::new(FaultCode::System, error.to_string()))?;
        Ok(Self { signal, text: text.clone() })
    }

    /// Runs work that sends nothing, until it is done or interrupted.
    pub async fn end<T, E: From<Fault>>(&mut self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let done = tokio::select! {
            biased;
            () = self.next() => None,
            done = work => Some(done),
        };
        done.unwrap_or_else(|| {
            out::end_line();
            Err(Fault::new(FaultCode::Interrupted, self.text.say("cli-interrupted")).into())
        })
    }

    /// Waits for the next Ctrl-C.
    pub(super) async fn next(&mut self) {
        // The stream never ends.
        let _ = self.signal.recv().await;
        tracing::debug!("signal: Interrupt");
    }
}
