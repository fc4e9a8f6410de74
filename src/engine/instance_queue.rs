//! The engine's state for one instance, and how an operation enters it: the lock, the unfinished operations of other
//! processes, the number, and the place in the queue.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{Mutex as Turn, mpsc, watch};

use super::{
    EngineEvent, SubmitError,
    control::{Arrival, Busy, Command, Submitted},
    journal::{Journal, JournalError},
    locks::{HeldLock, LockError, Locks},
    log,
    rate_gate::RateGate,
    recover,
    run::Run,
    worker::{State, Worker},
};
use crate::{
    clock::Clock,
    domain::{
        event::{OperationEvent, Order},
        id::OperationId,
        instance::InstanceKey,
        message::{Message, ToMessage},
        operation::Operation,
        settings::OperationSettings,
    },
    gateway::Gateway,
};

/// The operations of another Synod that are followed, each with the sequence number of its next event.
pub(super) type Followed = BTreeMap<OperationId, u64>;

/// The state that all handles of an engine share.
pub(super) struct Shared {
    pub(super) journal: Arc<dyn Journal>,
    pub(super) clock: Clock,
    /// The instances' locks; without them no other process can run operations.
    pub(super) locks: Option<Arc<dyn Locks>>,
    pub(super) engine_events: mpsc::UnboundedSender<EngineEvent>,
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
    pub(super) instance_lock: Mutex<Option<Weak<dyn HeldLock>>>,
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
    /// Accepts an order: gives it its number and its place in the queue.
    pub(super) async fn take(
        &self,
        queue: &InstanceQueue,
        instance: &InstanceKey,
        order: Order,
        read_from: Option<u64>,
    ) -> Result<OperationId, SubmitError> {
        let _turn = queue.turn.lock().await;
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(SubmitError::ShuttingDown);
        }
        if queue.is_removed.load(Ordering::SeqCst) {
            return Err(SubmitError::UnknownInstance(instance.clone()));
        }
        let lock = self.take_lock(queue, instance).await?;
        let busy = Busy::new(&queue.live, lock);
        if *queue.live.borrow() == 1 {
            // The previous holder of the lock may have died.
            self.settle(queue, instance, &busy).await?;
        }
        // The lock is held, so no other process writes from here on. An operation recorded after the plan was read may already
        // have done the work.
        let is_current = self.journal.position(instance).await? <= read_from.unwrap_or_default();
        let record = self.journal.begin(instance, self.clock.now(), order).await?;
        let Some(operation) = Operation::begin(&record) else {
            return Err(JournalError::new(Message::new("journal-other-order")).into());
        };
        let id = operation.id;
        log::recorded(&record, &operation.totals);
        let _ = self.engine_events.send(EngineEvent::Recorded(Arc::new(record)));
        let arrival = if is_current { Arrival::Prompt } else { Arrival::Queued };
        let submitted = Submitted { operation, busy, arrival };
        let _ = self.worker(queue, instance).send(Command::Submit(Box::new(submitted)));
        Ok(id)
    }

    /// Reads back once more the items that an ended operation could not settle. Returns whether there are any.
    pub(super) async fn look_again(
        &self,
        queue: &InstanceQueue,
        instance: &InstanceKey,
        id: OperationId,
    ) -> Result<bool, SubmitError> {
        let _turn = queue.turn.lock().await;
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(SubmitError::ShuttingDown);
        }
        if queue.is_removed.load(Ordering::SeqCst) {
            return Err(SubmitError::UnknownInstance(instance.clone()));
        }
        let ended = self.journal.operation(instance, id).await?.filter(|operation| !operation.is_live());
        let Some(operation) = ended.filter(|ended| ended.may_improve()) else { return Ok(false) };
        let lock = self.take_lock(queue, instance).await?;
        let busy = Busy::new(&queue.live, lock);
        let submitted = Submitted { operation, busy, arrival: Arrival::LookedAgain };
        let _ = self.worker(queue, instance).send(Command::Submit(Box::new(submitted)));
        Ok(true)
    }

    /// The lock of an instance: the one already held, or a new one.
    pub(super) async fn take_lock(
        &self,
        queue: &InstanceQueue,
        instance: &InstanceKey,
    ) -> Result<Option<Arc<dyn HeldLock>>, LockError> {
        let Some(locks) = &self.locks else { return Ok(None) };
        let held = || queue.instance_lock.lock().unwrap_or_else(PoisonError::into_inner);
        let known = held().as_ref().and_then(Weak::upgrade);
        if let Some(lock) = known {
            return Ok(Some(lock));
        }
        let lock = locks.take(instance, self.clock.now()).await?;
        *held() = Some(Arc::downgrade(&lock));
        Ok(Some(lock))
    }

    /// Settles interrupted operations; `None` if another Synod holds the lock.
    pub(super) async fn recover(
        &self,
        queue: &InstanceQueue,
        instance: &InstanceKey,
    ) -> Result<Option<Vec<Operation>>, JournalError> {
        let _turn = queue.turn.lock().await;
        let is_over = [&self.is_closed, &queue.is_removed].iter().any(|is| is.load(Ordering::SeqCst));
        if *queue.live.borrow() > 0 || is_over {
            return Ok(Some(Vec::new()));
        }
        let offered = self.offered(instance).await?;
        if self.journal.unfinished(instance).await?.iter().all(|id| offered.contains(id)) {
            return Ok(Some(Vec::new()));
        }
        let lock = match self.take_lock(queue, instance).await {
            Ok(lock) => lock,
            Err(LockError::Held(_)) => return Ok(None),
            Err(error) => return Err(JournalError::new(error.message())),
        };
        let busy = Busy::new(&queue.live, lock);
        self.settle(queue, instance, &busy).await.map(Some)
    }

    /// Records the results of the operations that have not ended, and passes them to the worker, which reads back the items under
    /// way. The caller holds the instance's lock, and no operation of this engine is in progress.
    async fn settle(
        &self,
        queue: &InstanceQueue,
        instance: &InstanceKey,
        busy: &Busy,
    ) -> Result<Vec<Operation>, JournalError> {
        let mut settled = Vec::new();
        // The remaining events of the operations that were followed: this Synod writes from now on.
        let mut followed = queue.followed.lock().await;
        for (id, from) in &*followed {
            self.publish(instance, *id, *from).await?;
        }
        followed.clear();
        drop(followed);
        // Another process is about to continue these.
        let offered = self.offered(instance).await?;
        let unfinished = self.unfinished(instance).await?;
        for operation in unfinished.into_iter().filter(|operation| !offered.contains(&operation.id)) {
            let mut run = Run::new(operation, queue.gateway.capabilities(), Arc::clone(&queue.settings));
            let records = recover::interrupted(&run, self.clock.now()).into_records();
            if !records.is_empty() {
                self.journal.append(records.clone()).await?;
            }
            run.take(&records);
            for record in records {
                log::recorded(&record, &run.operation.totals);
                let _ = self.engine_events.send(EngineEvent::Recorded(Arc::new(record)));
            }
            settled.push(run.operation.clone());
            let submitted =
                Submitted { operation: run.operation, busy: busy.again(), arrival: Arrival::Recovered };
            let _ = self.worker(queue, instance).send(Command::Submit(Box::new(submitted)));
        }
        Ok(settled)
    }

    /// The current state of the operations of an instance that have not ended.
    pub(super) async fn unfinished(&self, instance: &InstanceKey) -> Result<Vec<Operation>, JournalError> {
        let mut operations = Vec::new();
        for id in self.journal.unfinished(instance).await? {
            operations.extend(self.journal.operation(instance, id).await?);
        }
        Ok(operations)
    }

    /// Publishes the events of an operation from a sequence number on. Returns the next number until the operation has ended.
    pub(super) async fn publish(
        &self,
        instance: &InstanceKey,
        id: OperationId,
        mut from: u64,
    ) -> Result<Option<u64>, JournalError> {
        let mut has_ended = false;
        for record in self.journal.records(instance, id, from).await? {
            from = record.sequence + 1;
            has_ended |= record.event == OperationEvent::Ended;
            let _ = self.engine_events.send(EngineEvent::Recorded(Arc::new(record)));
        }
        Ok((!has_ended).then_some(from))
    }

    /// The sender for an instance's worker, which is started if it does not run yet.
    pub(super) fn worker(
        &self,
        queue: &InstanceQueue,
        instance: &InstanceKey,
    ) -> mpsc::UnboundedSender<Command> {
        let mut held = queue.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(commands) = held.as_ref().filter(|commands| !commands.is_closed()) {
            return commands.clone();
        }
        let (commands, receiver) = mpsc::unbounded_channel();
        let worker = Worker {
            instance: instance.clone(),
            gateway: queue.gateway.clone(),
            settings: Arc::clone(&queue.settings),
            journal: Arc::clone(&self.journal),
            clock: self.clock,
            engine_events: self.engine_events.clone(),
            commands: receiver,
            budget: queue.gateway.budget(),
            gate: RateGate::new(fastrand::Rng::new()),
            queue: VecDeque::new(),
            is_shared: self.locks.is_some(),
            state: State::default(),
        };
        tokio::spawn(worker.work());
        *held = Some(commands.clone());
        commands
    }
}
