//! The state that all handles of an engine share, and its state for one instance. `instance_queue` says how an operation enters it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak, atomic::AtomicBool},
};

use tokio::sync::{Mutex as Turn, mpsc, watch};

use super::{
    EngineEvent, control::Command, journal::Journal, lock_slot::LockSlot, locks::Locks, outage::Outages,
};
use crate::{
    clock::Clock,
    domain::{id::OperationId, instance::InstanceKey, settings::OperationSettings},
    gateway::Gateway,
};

/// The operations of another Synod that are followed, each with the sequence number of its next event.
pub(super) type Followed = BTreeMap<OperationId, u64>;

/// The state that all handles of an engine share.
pub(super) struct Shared {
    /// For the workers, which must not keep it alive.
    pub(super) itself: Weak<Self>,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) clock: Clock,
    /// The instances' locks; without them no other process can run operations.
    pub(super) locks: Option<Arc<dyn Locks>>,
    pub(super) engine_events: mpsc::UnboundedSender<EngineEvent>,
    pub(super) outages: Arc<Outages>,
    pub(super) queues: Mutex<BTreeMap<InstanceKey, Arc<InstanceQueue>>>,
    pub(super) is_closed: AtomicBool,
}

/// The engine's state for one instance.
pub(super) struct InstanceQueue {
    pub(super) gateway: Gateway,
    pub(super) settings: Arc<OperationSettings>,
    /// The sender of the worker's commands, once it runs.
    pub(super) worker: Mutex<Option<mpsc::UnboundedSender<Command>>>,
    /// Held from an order's number to its place in the queue, so that both have the same order.
    pub(super) turn: Turn<()>,
    /// How many of its operations have not ended.
    pub(super) live: Arc<watch::Sender<usize>>,
    /// The instance's lock, while an operation of this engine holds it.
    pub(super) lock: LockSlot,
    /// The operations that another Synod runs and whose progress this engine publishes.
    pub(super) followed: Turn<Followed>,
    /// Whether the engine has forgotten the instance. Code that took the queue before begins nothing in it any more.
    pub(super) is_removed: AtomicBool,
}

impl InstanceQueue {
    pub(super) fn commands(&self) -> Option<mpsc::UnboundedSender<Command>> {
        self.worker.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does something if no operation is in progress and none is being accepted; returns whether it was done.
    pub(super) fn if_free(&self, work: impl FnOnce()) -> bool {
        // An order that is being accepted holds the turn.
        let (Ok(_turn), Ok(followed)) = (self.turn.try_lock(), self.followed.try_lock()) else {
            return false;
        };
        let is_free = *self.live.borrow() == 0 && followed.is_empty();
        if is_free {
            work();
        }
        is_free
    }
}

impl Shared {
    /// The state of an instance; `None` if the engine has forgotten it.
    pub(super) fn queue(&self, instance: &InstanceKey) -> Option<Arc<InstanceQueue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).get(instance).cloned()
    }
}
