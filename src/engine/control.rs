//! What can be asked of a worker while it works.

use std::sync::{Arc, Weak};

use tokio::sync::{oneshot, watch};

use super::claim::Claim;
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
    pub(super) arrival: Arrival,
}

/// How an operation came to its worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Its turn came at once, and nothing happened since its plan was read.
    Prompt,
    /// It waited behind another one, or something was recorded since its plan was read: it is checked before anything
    /// is sent.
    Queued,
    /// It was interrupted: nothing of it is sent, what was under way is looked for.
    Recovered,
    /// It has ended, and what did not end as wanted is looked for once more. Nothing is sent.
    LookedAgain,
}

impl Submitted {
    /// The same, waiting behind another one.
    pub(super) fn behind_another(mut self) -> Self {
        if self.arrival == Arrival::Prompt {
            self.arrival = Arrival::Queued;
        }
        self
    }
}

/// Counts as one live operation for as long as it exists, whatever ends the work on it, and holds the instance's lock
/// as long.
pub(super) struct Busy {
    count: Arc<watch::Sender<usize>>,
    claim: Option<Arc<Claim>>,
}

impl Busy {
    pub(super) fn new(count: &Arc<watch::Sender<usize>>, claim: Option<Arc<Claim>>) -> Self {
        count.send_modify(|count| *count += 1);
        Self { count: Arc::clone(count), claim }
    }

    /// The instance's lock, which only this holds.
    pub(super) fn lock(&self) -> Option<Weak<Claim>> {
        self.claim.as_ref().map(Arc::downgrade)
    }

    /// The same for one more operation.
    pub(super) fn again(&self) -> Self {
        Self::new(&self.count, self.claim.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        // Whoever waits for the last one finds the lock free.
        self.claim = None;
        self.count.send_modify(|count| *count -= 1);
    }
}
