//! What wakes the loop, and the priority if several things happen at once.

use std::future::pending;

use tokio::time::{Instant, sleep_until};

use super::parts::Sources;
use crate::tui::input::Input;
use crate::tui::signals::Signal;

/// When the loop must wake by itself; all `None` in a program that waits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Deadlines {
    pub(super) frame: Option<Instant>,
    /// A held Esc must be released.
    pub(super) held: Option<Instant>,
    /// The program's tick is due.
    pub(super) tick: Option<Instant>,
    /// The terminal must be tried again after the process resumed in the background.
    pub(super) retake: Option<Instant>,
}

/// What woke the loop.
#[derive(Debug)]
pub(super) enum Wake<E> {
    Signal(Signal),
    Frame,
    Event(E),
    Input(Option<Input>),
    Held,
    Tick,
    Retake,
}

/// Waits for the next thing to do.
pub(super) async fn next<E>(sources: &mut Sources<E>, deadlines: Deadlines) -> Wake<E> {
    tokio::select! {
        biased;
        Some(signal) = sources.signals.recv() => Wake::Signal(signal),
        () = at(deadlines.frame) => Wake::Frame,
        Some(event) = sources.events.recv() => Wake::Event(event),
        input = sources.input.recv() => Wake::Input(input),
        // After input, so that the rest of a sequence that has already arrived is read before its Esc is released.
        () = at(deadlines.held) => Wake::Held,
        () = at(deadlines.tick) => Wake::Tick,
        () = at(deadlines.retake) => Wake::Retake,
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        // The timer rounds up: it would sleep for a millisecond.
        Some(deadline) if deadline <= Instant::now() => {}
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
