//! What can be asked of a worker while it works.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::oneshot;

use crate::domain::operation::Operation;

/// What the operator asks of an instance's operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// The request in flight ends and the rest, waiting operations included, is not sent; looks go on.
    Stop,
    /// Nothing is sent until it is resumed; looks go on.
    Pause,
    /// Sending goes on.
    Resume,
}

/// What reaches a worker, in the order in which it was asked.
pub(super) enum Command {
    /// Carries out an operation when its turn comes.
    Submit(Box<Submitted>),
    /// Obeys the operator.
    Control(Control),
    /// Stops everything, without waiting for looks; the sender is dropped when all is recorded.
    ShutDown(oneshot::Sender<()>),
}

/// An operation that waits for its turn.
pub(super) struct Submitted {
    pub(super) operation: Operation,
    pub(super) busy: Busy,
}

/// Counts as one live operation for as long as it exists, whatever ends the work on it.
pub(super) struct Busy(Arc<AtomicUsize>);

impl Busy {
    pub(super) fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
