//! What comes from outside the program and the keyboard: signals, the loss of the terminal, a panic elsewhere.
//! It says what happened; the loop decides what follows.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::signal::unix::{Signal as Unix, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::watchdog;

/// Something that happened to the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM.
    Terminate,
    /// SIGHUP.
    Hangup,
    /// SIGINT from outside; Ctrl-C in the terminal is a key.
    Interrupt,
    /// SIGCONT: the process was stopped and goes on.
    Continue,
    /// The terminal is gone.
    TerminalLost,
    /// A thread or task panicked, and the panic hook gave the terminal back.
    Panicked,
}

/// Where the panic hook tells the loop that the terminal is no longer ours.
static LISTENER: Mutex<Option<UnboundedSender<Signal>>> = Mutex::new(None);

/// Listens from now on: takes SIGTERM, SIGHUP, SIGINT and SIGCONT over from their defaults and watches the terminal.
///
/// Needs a tokio runtime with signals enabled. Fails when a handler or the watching thread cannot be set up.
pub fn listen() -> io::Result<UnboundedReceiver<Signal>> {
    let (sender, receiver) = unbounded_channel();
    let terminate = signal(SignalKind::terminate())?;
    let hangup = signal(SignalKind::hangup())?;
    let interrupt = signal(SignalKind::interrupt())?;
    let resumed = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
    let watchdog = sender.clone();
    watchdog::spawn(move || {
        // Nobody listens any more when the program is ending already.
        let _ = watchdog.send(Signal::TerminalLost);
    })?;
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender.clone());
    tokio::spawn(forward([terminate, hangup, interrupt, resumed], sender));
    Ok(receiver)
}

/// Tells the loop of a panic; called by the panic hook, so it must neither block nor panic.
pub(super) fn panicked() {
    if let Ok(listener) = LISTENER.try_lock()
        && let Some(sender) = &*listener
    {
        let _ = sender.send(Signal::Panicked);
    }
}

async fn forward(sources: [Unix; 4], sender: UnboundedSender<Signal>) {
    let [mut terminate, mut hangup, mut interrupt, mut resumed] = sources;
    loop {
        let happened = tokio::select! {
            biased;
            Some(()) = terminate.recv() => Signal::Terminate,
            Some(()) = hangup.recv() => Signal::Hangup,
            Some(()) = interrupt.recv() => Signal::Interrupt,
            Some(()) = resumed.recv() => Signal::Continue,
            else => return,
        };
        tracing::debug!("signal: {happened:?}");
        if sender.send(happened).is_err() {
            return;
        }
    }
}
