//! Ctrl-C and the deadline of `--timeout` before anything is sent: reading, planning and asking end with a message. Once an order
//! is running, `cli::run` decides what they do.

use std::future::{Future, pending};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, sleep_until},
};

use super::{Fault, FaultCode, out};
use crate::text::Text;

/// What interrupts a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interruption {
    Operator,
    Deadline,
}

/// The Ctrl-C signals of one command, and its deadline.
#[derive(Debug)]
pub struct Interrupts {
    signal: Signal,
    deadline: Option<Instant>,
    text: Text,
}

impl Interrupts {
    /// Starts to catch Ctrl-C: from now on it does not end the program by itself.
    pub fn new(text: &Text, deadline: Option<Instant>) -> Result<Self, Fault> {
        let signal = signal(SignalKind::interrupt())
            .map_err(|error| Fault::new(FaultCode::System, error.to_string()))?;
        Ok(Self { signal, deadline, text: text.clone() })
    }

    /// Runs work that sends nothing, until it is done or interrupted.
    pub async fn end<T, E: From<Fault>>(&mut self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let interruption = tokio::select! {
            biased;
            interruption = self.next() => interruption,
            done = work => return done,
        };
        out::end_line();
        Err(self.fault(interruption).into())
    }

    /// The fault of a command that was interrupted before it sent anything.
    fn fault(&self, interruption: Interruption) -> Fault {
        match interruption {
            Interruption::Operator => Fault::new(FaultCode::Interrupted, self.text.say("cli-interrupted")),
            Interruption::Deadline => late(&self.text),
        }
    }

    /// Waits for the next Ctrl-C.
    pub(super) async fn by_operator(&mut self) {
        // The stream never ends.
        let _ = self.signal.recv().await;
    }

    /// Waits for the next Ctrl-C, or for the deadline, which then stays.
    pub(super) async fn next(&mut self) -> Interruption {
        let interruption = tokio::select! {
            biased;
            _ = self.signal.recv() => Interruption::Operator,
            () = passed(self.deadline) => Interruption::Deadline,
        };
        tracing::debug!("interrupted: {interruption:?}");
        interruption
    }
}

/// Runs a command that only reads until it is done, or until its deadline. Ctrl-C ends it by itself.
pub async fn within<T>(
    text: &Text,
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    tokio::select! {
        biased;
        done = work => done,
        () = passed(deadline) => Err(late(text)),
    }
}

async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

fn late(text: &Text) -> Fault {
    Fault::new(FaultCode::DeadlineExceeded, text.say("cli-deadline-unsent"))
}
