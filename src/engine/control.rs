//! The requests that a worker accepts while it works.

use std::sync::{Arc, Weak};

use tokio::sync::{oneshot, watch};

use super::locks::HeldLock;
use crate::domain::operation::{Operation, RunControl};

/// The commands to a worker, in the order of the requests.
pub(super) enum Command {
    /// Carry out an operation when its turn comes.
    Submit(Box<Submitted>),
    /// Apply a request of the operator.
    Control(RunControl),
    /// Stop everything, without waiting for read-backs; the worker drops the sender when everything is recorded.
    ShutDown(oneshot::Sender<()>),
    /// Let the request in flight end, and leave the rest to another process; the worker drops the sender when everything is
    /// recorded.
    HandOver(oneshot::Sender<()>),
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
    /// Its turn came at once, and nothing happened after its plan was read.
    Prompt,
    /// It waited behind another operation, or something was recorded after its plan was read: it is checked before anything is
    /// sent.
    Queued,
    /// Another process has run it until now, and this one continues: items under way are read back, and the rest is checked before
    /// anything is sent.
    TakenOver,
    /// This engine has run it until the connection to the journal was lost: items under way are read back from now on, and the rest
    /// is checked before anything is sent.
    Reconnected,
    /// It was interrupted: nothing more of it is sent, and items under way are read back.
    Recovered,
    /// It has ended, and the items that did not end as wanted are read back once more. Nothing is sent.
    LookedAgain,
}

impl Submitted {
    /// The same, if it waits behind another operation.
    pub(super) fn behind_another(mut self) -> Self {
        if self.arrival == Arrival::Prompt {
            self.arrival = Arrival::Queued;
        }
        self
    }
}

/// Counts as one live operation as long as it exists, however the work on it ends, and holds the instance's lock for that time.
pub(super) struct Busy {
    count: Arc<watch::Sender<usize>>,
    lock: Option<Arc<dyn HeldLock>>,
}

impl Busy {
    pub(super) fn new(count: &Arc<watch::Sender<usize>>, lock: Option<Arc<dyn HeldLock>>) -> Self {
        count.send_modify(|count| *count += 1);
        Self { count: Arc::clone(count), lock }
    }

    /// The same without a lock that was lost; the operation stays live.
    pub(super) fn without_lost_lock(mut self) -> Self {
        self.lock.take_if(|lock| lock.is_lost());
        self
    }

    /// The instance's lock, if there is one. Only `Busy` values keep it alive.
    pub(super) fn lock(&self) -> Option<Weak<dyn HeldLock>> {
        self.lock.as_ref().map(Arc::downgrade)
    }

    /// A second value, for one more operation.
    pub(super) fn again(&self) -> Self {
        Self::new(&self.count, self.lock.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        // A task that waits for the last operation must find the lock free.
        self.lock = None;
        self.count.send_modify(|count| *count -= 1);
    }
}
