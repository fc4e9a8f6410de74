//! Ctrl-C, SIGTERM, the loss of the terminal, and the deadline of `--timeout` before anything is sent: reading, planning and asking
//! end with a message. Once an order is running, `cli::run` decides what they do.

use std::{
    future::{Future, pending},
    sync::OnceLock,
};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, sleep_until},
};

use super::{Fault, FaultCode, out};
use crate::text::Text;

/// What interrupts a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interruption {
    /// Ctrl-C, or SIGTERM.
    Operator,
    /// The terminal went away.
    HungUp,
    Deadline,
}

/// The signals to one command, and its deadline.
#[derive(Debug)]
pub struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
    /// `None` if the program was started with this signal ignored, as by `nohup`.
    hangup: Option<Signal>,
    deadline: Option<Instant>,
    text: Text,
}

impl Interrupts {
    /// Starts to catch the signals: from now on they do not end the program by themselves.
    pub fn new(text: &Text, deadline: Option<Instant>) -> Result<Self, Fault> {
        let caught = |kind| signal(kind).map_err(|error| Fault::new(FaultCode::System, error.to_string()));
        let interrupt = caught(SignalKind::interrupt())?;
        let terminate = caught(SignalKind::terminate())?;
        let hangup = if ignores_hangup() { None } else { Some(caught(SignalKind::hangup())?) };
        Ok(Self { interrupt, terminate, hangup, deadline, text: text.clone() })
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
            Interruption::Operator | Interruption::HungUp => {
                Fault::new(FaultCode::Interrupted, self.text.say("cli-interrupted"))
            }
            Interruption::Deadline => late(&self.text),
        }
    }

    /// Waits for the next Ctrl-C or SIGTERM.
    pub async fn by_operator(&mut self) {
        // The streams never end.
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits for the next signal, or for the deadline, which then stays.
    pub(super) async fn next(&mut self) -> Interruption {
        let hung_up = async {
            match &mut self.hangup {
                Some(hangup) => _ = hangup.recv().await,
                None => pending().await,
            }
        };
        let interruption = tokio::select! {
            biased;
            _ = self.interrupt.recv() => Interruption::Operator,
            _ = self.terminate.recv() => Interruption::Operator,
            () = hung_up => Interruption::HungUp,
            () = passed(self.deadline) => Interruption::Deadline,
        };
        tracing::debug!("interrupted: {interruption:?}");
        interruption
    }
}

/// Whether SIGHUP has been ignored since the start of the program. If it has, the loss of the terminal has no effect. `false` if the
/// system does not say. A signal that is caught is no longer ignored, so the first answer is kept.
fn ignores_hangup() -> bool {
    static IGNORED: OnceLock<bool> = OnceLock::new();
    *IGNORED.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        let bit = SignalKind::hangup().as_raw_value() - 1;
        mask.is_some_and(|mask| mask >> bit & 1 == 1)
    })
}

/// Runs a command that only reads, until it is done or its deadline has passed. Ctrl-C ends the process directly.
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
