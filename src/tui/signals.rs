//! Events from outside the program and the keyboard: signals, the loss of the terminal, a panic elsewhere. It reports
//! what happened; the loop decides what to do.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::signal::unix::{Signal as Unix, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::watchdog;

/// An event that concerns the whole process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Terminate,
    Quit,
    Hangup,
    /// SIGINT from outside; in the terminal, Ctrl-C is a key.
    Interrupt,
    /// SIGCONT: the process was stopped and resumes.
    Continue,
    TerminalLost,
    /// A thread or task panicked, and the panic hook restored the terminal.
    Panicked,
}

/// The sender with which the panic hook notifies the loop that the terminal is no longer ours.
static LISTENER: Mutex<Option<UnboundedSender<Signal>>> = Mutex::new(None);

/// Starts listening: replaces the default handling of SIGTERM, SIGQUIT, SIGHUP, SIGINT and SIGCONT, and watches the terminal.
///
/// Needs a tokio runtime with signals enabled. Fails if a handler or the watching thread cannot be set up.
pub fn listen() -> io::Result<UnboundedReceiver<Signal>> {
    let (sender, receiver) = unbounded_channel();
    let terminate = signal(SignalKind::terminate())?;
    let quit = signal(SignalKind::quit())?;
    let hangup = signal(SignalKind::hangup())?;
    let interrupt = signal(SignalKind::interrupt())?;
    let resumed = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
    let watchdog = sender.clone();
    watchdog::spawn(move || {
        // If the program is already ending, the receiver is gone.
        let _ = watchdog.send(Signal::TerminalLost);
    })?;
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender.clone());
    tokio::spawn(forward([terminate, quit, hangup, interrupt, resumed], sender));
    Ok(receiver)
}

/// Notifies the loop of a panic. The panic hook calls it, so it must neither block nor panic.
pub(super) fn panicked() {
    if let Ok(listener) = LISTENER.try_lock()
        && let Some(sender) = &*listener
    {
        let _ = sender.send(Signal::Panicked);
    }
}

async fn forward(sources: [Unix; 5], sender: UnboundedSender<Signal>) {
    let [mut terminate, mut quit, mut hangup, mut interrupt, mut resumed] = sources;
    loop {
        let happened = tokio::select! {
            biased;
            Some(()) = terminate.recv() => Signal::Terminate,
            Some(()) = quit.recv() => Signal::Quit,
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
