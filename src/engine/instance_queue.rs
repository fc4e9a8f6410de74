//! How an operation enters the engine's state for an instance: the lock, the unfinished operations of other
//! processes, the number, and the place in the queue.

use std::{
    collections::VecDeque,
    sync::{Arc, PoisonError, atomic::Ordering},
};

use tokio::sync::mpsc;

use super::{
    EngineEvent, SubmitError,
    control::{Arrival, Busy, Command, Submitted},
    event_batch::EventBatch,
    journal::JournalError,
    locks::{HeldLock, LockError},
    log,
    rate_gate::RateGate,
    recover,
    run::Run,
    shared::{InstanceQueue, Shared},
    worker::{State, Worker},
};
use crate::domain::{
    event::{OperationEvent, Order, Record},
    id::OperationId,
    instance::InstanceKey,
    message::Message,
    operation::Operation,
};

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
        let lock = self.take_lock_to_write(queue, instance).await?;
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
        queue.lock.take(instance, self.clock.now()).await
    }

    /// The same for who is going to send something.
    pub(super) async fn take_lock_to_write(
        &self,
        queue: &InstanceQueue,
        instance: &InstanceKey,
    ) -> Result<Option<Arc<dyn HeldLock>>, LockError> {
        queue.lock.take_to_write(instance, &queue.gateway, self.clock.now()).await
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
            Err(error) => return Err(error.into()),
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
            settled.push(self.settle_one(queue, instance, operation, busy).await?);
        }
        Ok(settled)
    }

    /// Records the results of an operation that no process runs any more, and passes it to the worker.
    pub(super) async fn settle_one(
        &self,
        queue: &InstanceQueue,
        instance: &InstanceKey,
        operation: Operation,
        busy: &Busy,
    ) -> Result<Operation, JournalError> {
        let mut run = Run::new(operation, queue.gateway.capabilities(), Arc::clone(&queue.settings));
        let batch = recover::interrupted(&run, self.clock.now());
        self.record(&mut run, batch).await?;
        let operation = run.operation.clone();
        let submitted =
            Submitted { operation: run.operation, busy: busy.again(), arrival: Arrival::Recovered };
        let _ = self.worker(queue, instance).send(Command::Submit(Box::new(submitted)));
        Ok(operation)
    }

    /// Records a batch for an operation that no worker has yet, and publishes it.
    pub(super) async fn record(
        &self,
        run: &mut Run,
        batch: EventBatch,
    ) -> Result<Vec<Arc<Record>>, JournalError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let records = batch.into_records();
        self.journal.append(records.clone()).await?;
        run.take(&records);
        let records: Vec<Arc<Record>> = records.into_iter().map(Arc::new).collect();
        for record in &records {
            log::recorded(record, &run.operation.totals);
            let _ = self.engine_events.send(EngineEvent::Recorded(Arc::clone(record)));
        }
        Ok(records)
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
            shared: self.itself.clone(),
            outages: Arc::clone(&self.outages),
            state: State::default(),
        };
        tokio::spawn(worker.work());
        *held = Some(commands.clone());
        commands
    }
}
