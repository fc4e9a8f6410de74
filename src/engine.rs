//! Runs operations: one worker per instance, and one stream of events.
//!
//! The rule is *append, wait until durable, then act and publish*: whatever a consumer sees is already in the journal. The engine
//! makes no plans. It reads only to check plans that waited, to store invite links and to settle its items.

mod attempt;
mod breaker;
mod control;
mod event_batch;
mod follow;
mod handover;
mod in_flight;
mod index;
pub mod instance_lock;
mod instance_queue;
mod item;
pub mod journal;
mod list_use;
mod lock_slot;
pub mod locks;
mod log;
mod moment;
mod outage;
mod rate_gate;
mod readbacks;
mod recover;
mod run;
#[cfg(test)]
mod samples;
mod schedule;
mod shared;
mod worker;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{Mutex as Turn, mpsc, oneshot, watch};

use self::{
    control::Command,
    journal::{Journal, JournalError},
    lock_slot::LockSlot,
    locks::{LockError, Locks},
    outage::Outages,
    shared::{InstanceQueue, Shared},
};
use crate::{
    clock::Clock,
    domain::{
        community::{CommunityListing, GroupList},
        event::{Order, Record},
        id::OperationId,
        instance::InstanceKey,
        message::{Message, ToMessage},
        operation::{Operation, RunControl},
        settings::OperationSettings,
        time::Millis,
    },
    gateway::Gateway,
};

/// The events that the engine publishes, in the order in which they happened.
#[derive(Clone, Debug)]
pub enum EngineEvent {
    /// An event is in the journal.
    Recorded(Arc<Record>),
    /// A read-back read a community's listing.
    Listing { instance: InstanceKey, listing: Arc<CommunityListing> },
    /// A read-back read the list of groups.
    Groups { instance: InstanceKey, list: Arc<GroupList> },
    /// The journal could not be written: nothing more is sent for this operation.
    JournalFailed {
        instance: InstanceKey,
        operation: OperationId,
        /// What failed, why, and how to fix it.
        why: Message,
    },
    /// The connection to the journal was lost: nothing is sent until it is back, and the engine tries again.
    StoreAway,
    /// The connection is back.
    StoreBack,
    /// Another Synod took the instance while the connection was lost: this one follows its operations.
    TakenElsewhere {
        instance: InstanceKey,
        /// Which Synod has it.
        why: Message,
    },
    /// The time of the next request changed; `None` while no request waits for its time.
    NextSend { instance: InstanceKey, at: Option<Millis> },
}

/// Why an order was rejected; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The instance was never added.
    #[error("{}", self.message())]
    UnknownInstance(InstanceKey),
    /// The engine is being shut down.
    #[error("{}", self.message())]
    ShuttingDown,
    /// Another Synod writes to the instance, or its lock cannot be taken.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The journal could not record the order.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl ToMessage for SubmitError {
    fn message(&self) -> Message {
        match self {
            Self::UnknownInstance(instance) => {
                Message::new("submit-unknown-instance").put("instance", instance.as_str())
            }
            Self::ShuttingDown => Message::new("submit-ending"),
            Self::Lock(error) => error.message(),
            Self::Journal(error) => error.message(),
        }
    }
}

/// The handle of the engine; clones share one engine.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

impl Engine {
    /// Creates an engine without instances, and its stream of events. No other process may use its journal.
    pub fn new(journal: Arc<dyn Journal>, clock: Clock) -> (Self, mpsc::UnboundedReceiver<EngineEvent>) {
        Self::build(journal, clock, None)
    }

    /// Creates an engine that shares its journal with other processes. It holds an instance's lock while one of its operations is in
    /// progress.
    pub fn sharing(
        journal: Arc<dyn Journal>,
        clock: Clock,
        locks: Arc<dyn Locks>,
    ) -> (Self, mpsc::UnboundedReceiver<EngineEvent>) {
        Self::build(journal, clock, Some(locks))
    }

    fn build(
        journal: Arc<dyn Journal>,
        clock: Clock,
        locks: Option<Arc<dyn Locks>>,
    ) -> (Self, mpsc::UnboundedReceiver<EngineEvent>) {
        let (engine_events, receiver) = mpsc::unbounded_channel();
        let is_closed = AtomicBool::new(false);
        let outages = Outages::new(engine_events.clone());
        let shared = Arc::new_cyclic(|itself| Shared {
            itself: itself.clone(),
            journal,
            clock,
            locks,
            engine_events,
            outages,
            queues: Mutex::default(),
            is_closed,
        });
        (Self { shared }, receiver)
    }

    /// Adds an instance; its worker starts with its first operation. An instance that is already known stays as it is.
    pub fn add_instance(&self, key: InstanceKey, gateway: Gateway, settings: OperationSettings) {
        let queue = || {
            Arc::new(InstanceQueue {
                gateway,
                settings: Arc::new(settings),
                worker: Mutex::default(),
                turn: Turn::default(),
                live: Arc::new(watch::Sender::new(0)),
                lock: LockSlot::new(self.shared.locks.clone()),
                followed: Turn::default(),
                is_removed: AtomicBool::new(false),
            })
        };
        self.queues().entry(key).or_insert_with(queue);
    }

    /// Forgets an instance, so that it can be added again with another gateway or other settings. Returns false, and changes
    /// nothing, while the instance is [in use](Self::is_in_use).
    pub fn remove_instance(&self, key: &InstanceKey) -> bool {
        let mut queues = self.queues();
        let is_free = queues
            .get(key)
            .is_none_or(|queue| queue.if_free(|| queue.is_removed.store(true, Ordering::SeqCst)));
        if is_free {
            queues.remove(key);
        }
        is_free
    }

    /// Whether an instance has an operation in progress, here or in another Synod that this engine follows.
    pub fn is_in_use(&self, key: &InstanceKey) -> bool {
        self.queues().get(key).is_some_and(|queue| !queue.if_free(|| ()))
    }

    /// Accepts an order; returns its number once it is durable. It runs after the instance's earlier operations have ended.
    ///
    /// `read_from` is the [position](Journal::position) of the instance's journal before the plan was read. If the journal has
    /// moved on, another operation may have done the same work since, so the engine checks the plan before it sends anything:
    /// items that are already so, or blocked by now, finish without a request, and nothing is added. Without `read_from` the
    /// engine checks the plan unless the journal has no events of the instance.
    pub async fn submit(
        &self,
        instance: &InstanceKey,
        order: Order,
        read_from: Option<u64>,
    ) -> Result<OperationId, SubmitError> {
        let unknown = || SubmitError::UnknownInstance(instance.clone());
        let queue = self.queues().get(instance).cloned().ok_or_else(unknown)?;
        let (shared, instance) = (Arc::clone(&self.shared), instance.clone());
        // The caller may stop waiting; an order that has its number is carried out all the same.
        let taken = tokio::spawn(async move { shared.take(&queue, &instance, order, read_from).await }).await;
        taken.unwrap_or_else(|_| Err(JournalError::new(Message::new("journal-broke-at-order")).into()))
    }

    /// Reads back once more the items that an ended operation could not settle. Settles those that turn out as wanted, and sends
    /// nothing. Runs until [`until_idle`](Self::until_idle) returns. Returns whether there is anything to read back.
    pub async fn look_again(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
    ) -> Result<bool, SubmitError> {
        let unknown = || SubmitError::UnknownInstance(instance.clone());
        let queue = self.queues().get(instance).cloned().ok_or_else(unknown)?;
        let (shared, instance) = (Arc::clone(&self.shared), instance.clone());
        let begun = tokio::spawn(async move { shared.look_again(&queue, &instance, operation).await }).await;
        begun.unwrap_or_else(|_| Err(JournalError::new(Message::new("journal-broke-at-reading")).into()))
    }

    /// Settles the operations of an instance that no process runs any more, and returns their current state: items that were not
    /// sent are recorded as interrupted, and items under way are read back. The engine publishes the results as they arrive,
    /// until [`until_idle`](Self::until_idle) returns. Sends nothing. Returns no operations if another Synod runs them.
    pub async fn recover(&self, instance: &InstanceKey) -> Result<Vec<Operation>, JournalError> {
        let Some(queue) = self.queues().get(instance).cloned() else { return Ok(Vec::new()) };
        let (shared, instance) = (Arc::clone(&self.shared), instance.clone());
        let recovered = tokio::spawn(async move { shared.recover(&queue, &instance).await }).await;
        let broken = |_| Err(JournalError::new(Message::new("journal-broke-at-reading")));
        Ok(recovered.unwrap_or_else(broken)?.unwrap_or_default())
    }

    /// Returns the current state of the operations of an instance that another Synod runs. Publishes their further events until
    /// they end; if the process that runs them dies, recovers them.
    pub async fn follow(&self, instance: &InstanceKey) -> Result<Vec<Operation>, JournalError> {
        let Some(queue) = self.queues().get(instance).cloned() else { return Ok(Vec::new()) };
        if *queue.live.borrow() > 0 || self.shared.locks.is_none() {
            return Ok(Vec::new());
        }
        let operations = self.shared.unfinished(instance).await?;
        follow::begin(&self.shared, &queue, instance, &operations).await;
        Ok(operations)
    }

    /// The current state of the operations of an instance that another Synod is running; empty if no other process holds the
    /// instance's lock. Records, settles and follows nothing.
    pub async fn elsewhere(&self, instance: &InstanceKey) -> Result<Vec<Operation>, JournalError> {
        let is_ours = self.queues().get(instance).is_some_and(|queue| *queue.live.borrow() > 0);
        let Some(locks) = self.shared.locks.as_ref().filter(|_| !is_ours) else { return Ok(Vec::new()) };
        let unfinished = self.shared.unfinished(instance).await?;
        // Try the lock only if it matters: a process that tried to take it at that moment would find it held.
        // A lock that cannot be tested counts as held, because the state behind it is unknown.
        if unfinished.is_empty() || locks.ensure_free(instance).await.is_ok() {
            return Ok(Vec::new());
        }
        Ok(unfinished)
    }

    /// Waits until this engine has no operation of the instance in progress.
    pub async fn until_idle(&self, instance: &InstanceKey) {
        let live = self.queues().get(instance).map(|queue| queue.live.subscribe());
        if let Some(mut live) = live {
            // The queue holds the sender.
            let _ = live.wait_for(|live| *live == 0).await;
        }
    }

    /// The same for all instances.
    pub async fn until_all_idle(&self) {
        let keys: Vec<InstanceKey> = self.queues().keys().cloned().collect();
        for key in keys {
            self.until_idle(&key).await;
        }
    }

    /// Sends a control request to the operations of an instance that this engine runs; does nothing if there are none.
    pub fn control(&self, instance: &InstanceKey, control: RunControl) {
        if let Some(worker) = self.queues().get(instance).and_then(|queue| queue.commands()) {
            let _ = worker.send(Command::Control(control));
        }
    }

    /// The same, also if another process runs the operations: it reads the request before it sends anything more.
    pub async fn control_anywhere(
        &self,
        instance: &InstanceKey,
        control: RunControl,
    ) -> Result<(), JournalError> {
        let is_ours = self.queues().get(instance).is_none_or(|queue| *queue.live.borrow() > 0);
        if is_ours {
            self.control(instance, control);
            return Ok(());
        }
        for operation in self.elsewhere(instance).await? {
            self.shared.journal.request(operation.id, control, self.shared.clock.now()).await?;
        }
        Ok(())
    }

    /// Gives up the running operations for another process: lets the requests in flight end, and accepts nothing more. Returns the
    /// operations that the other process may [take over](Self::take_over). If that cannot be recorded, everything goes on.
    pub async fn hand_over(&self) -> Result<Vec<(InstanceKey, Vec<OperationId>)>, JournalError> {
        let queues: Vec<(InstanceKey, Arc<InstanceQueue>)> =
            self.queues().iter().map(|(key, queue)| (key.clone(), Arc::clone(queue))).collect();
        let mut offered = Vec::new();
        for (key, queue) in queues.iter().filter(|(_, queue)| *queue.live.borrow() > 0) {
            offered.push((key.clone(), self.shared.offer(queue, key).await?));
        }
        self.shared.is_closed.store(true, Ordering::SeqCst);
        self.end_workers(Command::HandOver).await;
        offered.retain(|(_, operations)| !operations.is_empty());
        Ok(offered)
    }

    /// Takes over operations of an instance from another process as soon as that process has released the lock, and continues them.
    /// Returns the operations that this engine now runs.
    pub async fn take_over(
        &self,
        instance: &InstanceKey,
        operations: &[OperationId],
    ) -> Result<Vec<OperationId>, SubmitError> {
        let unknown = || SubmitError::UnknownInstance(instance.clone());
        let queue = self.queues().get(instance).cloned().ok_or_else(unknown)?;
        self.shared.take_over(&queue, instance, operations).await
    }

    /// Waits until the journal cannot be reached; returns at once if it cannot be reached now.
    pub async fn until_store_is_away(&self) {
        self.shared.outages.until_away().await;
    }

    /// Whether any instance has an operation that has not ended.
    pub fn is_busy(&self) -> bool {
        self.queues().values().any(|queue| *queue.live.borrow() > 0)
    }

    /// Stops everything, and waits until the requests in flight are recorded, but not for read-backs.
    pub async fn shutdown(&self) {
        self.shared.is_closed.store(true, Ordering::SeqCst);
        self.end_workers(Command::ShutDown).await;
    }

    /// Sends each worker a command that ends it, and waits until everything is recorded.
    async fn end_workers(&self, command: impl Fn(oneshot::Sender<()>) -> Command) {
        let queues: Vec<Arc<InstanceQueue>> = self.queues().values().cloned().collect();
        let mut ends = Vec::new();
        for queue in queues {
            // An order that is being accepted gets its place first, and is stopped with the others.
            let _turn = queue.turn.lock().await;
            let (closer, end) = oneshot::channel();
            if let Some(worker) = queue.commands()
                && worker.send(command(closer)).is_ok()
            {
                ends.push(end);
            }
        }
        for end in ends {
            // The worker drops its end when everything is recorded.
            let _ = end.await;
        }
    }

    fn queues(&self) -> std::sync::MutexGuard<'_, BTreeMap<InstanceKey, Arc<InstanceQueue>>> {
        self.shared.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
