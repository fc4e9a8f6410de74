//! The engine's state for one instance, and how an operation enters it: the lock, the unfinished operations of other
//! processes, the number, and the place in the queue.

use std::{
    collections::{BTreeMap, VecDeque},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{Mutex as Turn, mpsc, watch};

use super::{
    Happening, SubmitError,
    claim::{Claim, ClaimError},
    control::{Arrival, Busy, Command, Submitted},
    follow::{self, Followed},
    gate::Gate,
    journal::{Journal, JournalError},
    log, recover,
    run::Run,
    worker::{State, Worker},
};
use crate::{
    clock::Clock,
    domain::{
        event::Order,
        id::OperationId,
        instance::InstanceKey,
        operation::Operation,
        sentence::{Sentence, Tell},
        settings::OperationSettings,
    },
    gateway::Gateway,
};

/// The state that all handles of an engine share.
pub(super) struct Shared {
    pub(super) journal: Arc<dyn Journal>,
    pub(super) clock: Clock,
    /// The directory of the instances' locks; without it no other process can run operations.
    pub(super) locks: Option<PathBuf>,
    pub(super) happenings: mpsc::UnboundedSender<Happening>,
    pub(super) lanes: Mutex<BTreeMap<InstanceKey, Arc<Lane>>>,
    pub(super) is_closed: AtomicBool,
}

/// The engine's state for one instance.
pub(super) struct Lane {
    pub(super) gateway: Gateway,
    pub(super) settings: Arc<OperationSettings>,
    /// The sender of the worker's commands, once it runs.
    pub(super) worker: Mutex<Option<mpsc::UnboundedSender<Command>>>,
    /// Held from an order's number to its place in the queue, so that both have the same order.
    pub(super) turn: Turn<()>,
    /// How many of its operations have not ended.
    pub(super) live: Arc<watch::Sender<usize>>,
    /// The instance's lock, while an operation of this engine holds it.
    pub(super) claim: Mutex<Weak<Claim>>,
    /// The operations that another Synod runs and whose progress this engine publishes.
    pub(super) followed: Turn<Followed>,
}

impl Lane {
    pub(super) fn commands(&self) -> Option<mpsc::UnboundedSender<Command>> {
        self.worker.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Shared {
    /// Accepts an order: gives it its number and its place in the queue.
    pub(super) async fn take(
        &self,
        lane: &Lane,
        instance: &InstanceKey,
        order: Order,
        read_from: Option<u64>,
    ) -> Result<OperationId, SubmitError> {
        let _turn = lane.turn.lock().await;
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(SubmitError::ShuttingDown);
        }
        let claim = self.claim(lane, instance).await?;
        let busy = Busy::new(&lane.live, claim);
        if *lane.live.borrow() == 1 {
            // The previous holder of the lock may have died.
            self.settle(lane, instance, &busy).await?;
        }
        // The lock is held, so no other process writes from here on. An operation recorded after the plan was read may already
        // have done the work.
        let is_current = self.journal.position(instance).await? <= read_from.unwrap_or_default();
        let record = self.journal.begin(instance, self.clock.now(), order).await?;
        let Some(operation) = Operation::begin(&record) else {
            return Err(JournalError::new(Sentence::new("journal-other-order")).into());
        };
        let id = operation.id;
        log::recorded(&record);
        let _ = self.happenings.send(Happening::Recorded(Arc::new(record)));
        let arrival = if is_current { Arrival::Prompt } else { Arrival::Queued };
        let submitted = Submitted { operation, busy, arrival };
        let _ = self.worker(lane, instance).send(Command::Submit(Box::new(submitted)));
        Ok(id)
    }

    /// Reads back once more the items that an ended operation could not settle. Returns whether there are any.
    pub(super) async fn look_again(
        &self,
        lane: &Lane,
        instance: &InstanceKey,
        id: OperationId,
    ) -> Result<bool, SubmitError> {
        let _turn = lane.turn.lock().await;
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(SubmitError::ShuttingDown);
        }
        let ended = self.journal.operation(instance, id).await?.filter(|operation| !operation.is_live());
        let Some(operation) = ended.filter(Operation::may_improve) else { return Ok(false) };
        let claim = self.claim(lane, instance).await?;
        let busy = Busy::new(&lane.live, claim);
        let submitted = Submitted { operation, busy, arrival: Arrival::LookedAgain };
        let _ = self.worker(lane, instance).send(Command::Submit(Box::new(submitted)));
        Ok(true)
    }

    /// The lock of an instance: the one already held, or a new one.
    async fn claim(&self, lane: &Lane, instance: &InstanceKey) -> Result<Option<Arc<Claim>>, ClaimError> {
        let Some(locks) = &self.locks else { return Ok(None) };
        let held = || lane.claim.lock().unwrap_or_else(PoisonError::into_inner);
        let known = held().upgrade();
        if let Some(claim) = known {
            return Ok(Some(claim));
        }
        let claim = Arc::new(Claim::take(locks, instance, self.clock.now()).await?);
        *held() = Arc::downgrade(&claim);
        Ok(Some(claim))
    }

    /// Settles interrupted operations; `None` if another Synod holds the lock.
    pub(super) async fn recover(
        &self,
        lane: &Lane,
        instance: &InstanceKey,
    ) -> Result<Option<Vec<Operation>>, JournalError> {
        let _turn = lane.turn.lock().await;
        if *lane.live.borrow() > 0 || self.is_closed.load(Ordering::SeqCst) {
            return Ok(Some(Vec::new()));
        }
        if self.journal.unfinished(instance).await?.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let claim = match self.claim(lane, instance).await {
            Ok(claim) => claim,
            Err(ClaimError::Held(_)) => return Ok(None),
            Err(error) => return Err(JournalError::new(error.sentence())),
        };
        let busy = Busy::new(&lane.live, claim);
        self.settle(lane, instance, &busy).await.map(Some)
    }

    /// Records the results of the operations that have not ended, and passes them to the worker, which reads back the items under
    /// way. The caller holds the instance's lock, and no operation of this engine is in progress.
    async fn settle(
        &self,
        lane: &Lane,
        instance: &InstanceKey,
        busy: &Busy,
    ) -> Result<Vec<Operation>, JournalError> {
        let mut settled = Vec::new();
        follow::finish(self, lane, instance).await?;
        for operation in follow::unfinished(self, instance).await? {
            let mut run = Run::new(operation, lane.gateway.capabilities(), Arc::clone(&lane.settings));
            let records = recover::interrupted(&run, self.clock.now()).into_records();
            if !records.is_empty() {
                self.journal.append(records.clone()).await?;
            }
            run.take(&records);
            for record in records {
                log::recorded(&record);
                let _ = self.happenings.send(Happening::Recorded(Arc::new(record)));
            }
            settled.push(run.operation.clone());
            let submitted =
                Submitted { operation: run.operation, busy: busy.again(), arrival: Arrival::Recovered };
            let _ = self.worker(lane, instance).send(Command::Submit(Box::new(submitted)));
        }
        Ok(settled)
    }

    /// The sender for an instance's worker, which is started if it does not run yet.
    fn worker(&self, lane: &Lane, instance: &InstanceKey) -> mpsc::UnboundedSender<Command> {
        let mut held = lane.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(commands) = held.as_ref().filter(|commands| !commands.is_closed()) {
            return commands.clone();
        }
        let (commands, receiver) = mpsc::unbounded_channel();
        let worker = Worker {
            instance: instance.clone(),
            gateway: lane.gateway.clone(),
            settings: Arc::clone(&lane.settings),
            journal: Arc::clone(&self.journal),
            clock: self.clock,
            happenings: self.happenings.clone(),
            commands: receiver,
            budget: lane.gateway.budget(),
            gate: Gate::new(fastrand::Rng::new()),
            queue: VecDeque::new(),
            state: State::default(),
        };
        tokio::spawn(worker.work());
        *held = Some(commands.clone());
        commands
    }
}
