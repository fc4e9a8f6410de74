//! Ctrl-C before anything is sent: whatever is read, planned or asked ends with a sentence. Once an order is being run,
//! what Ctrl-C means is for `cli::run` to say.

use std::future::Future;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Fault, out};
use crate::text::Text;

/// The Ctrl-Cs of one command.
#[derive(Debug)]
pub struct Interrupts {
    signal: Signal,
    text: Text,
}

impl Interrupts {
    /// Takes them from now on: none ends the program by itself any more.
    pub fn new(text: &Text) -> Result<Self, Fault> {
        let signal = signal(SignalKind::interrupt()).map_err(|error| Fault::Failed(error.to_string()))?;
        Ok(Self { signal, text: text.clone() })
    }

    /// Does something that sends nothing, until it is done or interrupted.
    pub async fn end<T, E: From<Fault>>(&mut self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let done = tokio::select! {
            biased;
            () = self.next() => None,
            done = work => Some(done),
        };
        done.unwrap_or_else(|| {
            out::end_line();
            Err(Fault::Interrupted(self.text.say("cli-interrupted").into_owned()).into())
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        // The stream has no end.
        let _ = self.signal.recv().await;
        tracing::debug!("signal: Interrupt");
    }
}
