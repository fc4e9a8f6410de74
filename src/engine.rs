//! Runs operations: a worker an instance, and one stream of what happens.
//!
//! The rule is *append, wait until durable, then act and publish*: what any consumer sees is already in the journal.
//! The engine plans nothing and reads nothing but what settles its items.

mod attempt;
mod breaker;
pub mod claim;
mod control;
mod draft;
mod follow;
mod gate;
mod index;
mod item;
pub mod journal;
mod looks;
mod recover;
mod run;
mod schedule;
mod worker;

use std::{
    collections::{BTreeMap, VecDeque},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{Mutex as Turn, mpsc, oneshot, watch};

pub use self::control::Control;
use self::{
    claim::{Claim, ClaimError},
    control::{Arrival, Busy, Command, Submitted},
    follow::Followed,
    gate::Gate,
    journal::{Journal, JournalError},
    run::Run,
    worker::{State, Worker},
};
use crate::{
    clock::Clock,
    domain::{
        community::{CommunityListing, GroupList},
        event::{Order, Record},
        id::OperationId,
        instance::InstanceKey,
        operation::Operation,
        settings::OperationSettings,
        time::Millis,
    },
    gateway::Gateway,
};

/// What the engine tells everyone, in the order in which it happened.
#[derive(Clone, Debug)]
pub enum Happening {
    /// An event is in the journal.
    Recorded(Arc<Record>),
    /// A look read a community's listing.
    Listing {
        /// The instance.
        instance: InstanceKey,
        /// What was read.
        listing: Arc<CommunityListing>,
    },
    /// A look read the list of groups.
    Groups {
        /// The instance.
        instance: InstanceKey,
        /// What was read.
        list: Arc<GroupList>,
    },
    /// The journal could not be written: nothing more is sent for this operation.
    JournalFailed {
        /// The instance.
        instance: InstanceKey,
        /// The operation.
        operation: OperationId,
        /// What failed, why, and what to do.
        words: String,
    },
    /// When the next request leaves changed; `None` while none waits for its time.
    NextSend {
        /// The instance.
        instance: InstanceKey,
        /// When.
        at: Option<Millis>,
    },
}

/// Why an order was not taken; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Nobody added the instance.
    #[error("the instance {0} is not known to the engine")]
    UnknownInstance(InstanceKey),
    /// The engine is being shut down.
    #[error("Synod is ending, so that no operation can be started")]
    ShuttingDown,
    /// Another Synod writes to the instance, or the lock that tells so cannot be had.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The journal did not take it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The handle of the engine; clones share one engine.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    journal: Arc<dyn Journal>,
    clock: Clock,
    /// Where the instances' locks are; without it nobody else can run operations.
    locks: Option<PathBuf>,
    happenings: mpsc::UnboundedSender<Happening>,
    lanes: Mutex<BTreeMap<InstanceKey, Arc<Lane>>>,
    is_closed: AtomicBool,
}

/// What belongs to one instance.
struct Lane {
    gateway: Arc<dyn Gateway>,
    settings: Arc<OperationSettings>,
    /// The worker's commands once it works.
    worker: Mutex<Option<mpsc::UnboundedSender<Command>>>,
    /// Held from an order's number to its place in the queue, so that both have one order.
    turn: Turn<()>,
    /// How many of its operations have not ended.
    live: Arc<watch::Sender<usize>>,
    /// The instance's lock, for as long as an operation of this engine holds it.
    claim: Mutex<Weak<Claim>>,
    /// The operations that another Synod runs and whose progress is told.
    followed: Turn<Followed>,
}

impl Engine {
    /// An engine without instances, and the stream of what happens in it. Nobody else may use its journal.
    pub fn new(journal: Arc<dyn Journal>, clock: Clock) -> (Self, mpsc::UnboundedReceiver<Happening>) {
        Self::build(journal, clock, None)
    }

    /// An engine that shares its journal with other processes: an instance's lock in this directory is held while an
    /// operation of it goes on.
    pub fn sharing(
        journal: Arc<dyn Journal>,
        clock: Clock,
        locks: PathBuf,
    ) -> (Self, mpsc::UnboundedReceiver<Happening>) {
        Self::build(journal, clock, Some(locks))
    }

    fn build(
        journal: Arc<dyn Journal>,
        clock: Clock,
        locks: Option<PathBuf>,
    ) -> (Self, mpsc::UnboundedReceiver<Happening>) {
        let (happenings, receiver) = mpsc::unbounded_channel();
        let is_closed = AtomicBool::new(false);
        let shared = Shared { journal, clock, locks, happenings, lanes: Mutex::default(), is_closed };
        (Self { shared: Arc::new(shared) }, receiver)
    }

    /// Makes an instance known; its worker begins with its first operation. A known instance stays as it is.
    pub fn add_instance(&self, key: InstanceKey, gateway: Arc<dyn Gateway>, settings: OperationSettings) {
        let lane = || {
            Arc::new(Lane {
                gateway,
                settings: Arc::new(settings),
                worker: Mutex::default(),
                turn: Turn::default(),
                live: Arc::new(watch::Sender::new(0)),
                claim: Mutex::default(),
                followed: Turn::default(),
            })
        };
        self.lanes().entry(key).or_insert_with(lane);
    }

    /// Takes an order; returns its number once it is durable. It runs when the instance's earlier ones have ended.
    pub async fn submit(&self, instance: &InstanceKey, order: Order) -> Result<OperationId, SubmitError> {
        let unknown = || SubmitError::UnknownInstance(instance.clone());
        let lane = self.lanes().get(instance).cloned().ok_or_else(unknown)?;
        let (shared, instance) = (Arc::clone(&self.shared), instance.clone());
        // Whoever asked may stop waiting; an order that has its number is carried out all the same.
        let taken = tokio::spawn(async move { shared.take(&lane, &instance, order).await }).await;
        taken.unwrap_or_else(|_| {
            Err(JournalError::new("the journal broke down while it took the order").into())
        })
    }

    /// Settles the operations of an instance that nobody runs any more, and gives them as they stand: what was not sent
    /// is recorded as interrupted, what was under way is looked for, which is told as it happens and lasts until
    /// [`until_idle`](Self::until_idle). Nothing is sent. None are given where another Synod runs them.
    pub async fn recover(&self, instance: &InstanceKey) -> Result<Vec<Operation>, JournalError> {
        let Some(lane) = self.lanes().get(instance).cloned() else { return Ok(Vec::new()) };
        let (shared, instance) = (Arc::clone(&self.shared), instance.clone());
        let recovered = tokio::spawn(async move { shared.recover(&lane, &instance).await }).await;
        let broken = |_| Err(JournalError::new("the journal broke down while what was interrupted was read"));
        Ok(recovered.unwrap_or_else(broken)?.unwrap_or_default())
    }

    /// The operations of an instance that another Synod runs, as they stand. What happens in them from then on is told
    /// until they end; should whoever runs them die, they are recovered.
    pub async fn follow(&self, instance: &InstanceKey) -> Result<Vec<Operation>, JournalError> {
        let Some(lane) = self.lanes().get(instance).cloned() else { return Ok(Vec::new()) };
        if *lane.live.borrow() > 0 || self.shared.locks.is_none() {
            return Ok(Vec::new());
        }
        let operations = follow::unfinished(&self.shared, instance).await?;
        follow::begin(&self.shared, &lane, instance, &operations).await;
        Ok(operations)
    }

    /// Waits until no operation of an instance goes on in this engine.
    pub async fn until_idle(&self, instance: &InstanceKey) {
        let live = self.lanes().get(instance).map(|lane| lane.live.subscribe());
        if let Some(mut live) = live {
            // The lane holds the other end.
            let _ = live.wait_for(|live| *live == 0).await;
        }
    }

    /// Asks something of the operations of an instance; an idle one has nothing to obey.
    pub fn control(&self, instance: &InstanceKey, control: Control) {
        if let Some(worker) = self.lanes().get(instance).and_then(|lane| lane.commands()) {
            let _ = worker.send(Command::Control(control));
        }
    }

    /// Whether any instance has an operation that has not ended.
    pub fn is_busy(&self) -> bool {
        self.lanes().values().any(|lane| *lane.live.borrow() > 0)
    }

    /// Stops everything, and waits until the requests in flight are recorded; looks are not waited for.
    pub async fn shutdown(&self) {
        self.shared.is_closed.store(true, Ordering::SeqCst);
        let lanes: Vec<Arc<Lane>> = self.lanes().values().cloned().collect();
        let mut ends = Vec::new();
        for lane in lanes {
            // An order that is being taken gets its place first, and is stopped with the others.
            let _turn = lane.turn.lock().await;
            let (closer, end) = oneshot::channel();
            if let Some(worker) = lane.commands()
                && worker.send(Command::ShutDown(closer)).is_ok()
            {
                ends.push(end);
            }
        }
        for end in ends {
            // The worker drops its end when all is recorded.
            let _ = end.await;
        }
    }

    fn lanes(&self) -> std::sync::MutexGuard<'_, BTreeMap<InstanceKey, Arc<Lane>>> {
        self.shared.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    fn commands(&self) -> Option<mpsc::UnboundedSender<Command>> {
        self.worker.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Shared {
    async fn take(
        &self,
        lane: &Lane,
        instance: &InstanceKey,
        order: Order,
    ) -> Result<OperationId, SubmitError> {
        let _turn = lane.turn.lock().await;
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(SubmitError::ShuttingDown);
        }
        let claim = self.claim(lane, instance).await?;
        let busy = Busy::new(&lane.live, claim);
        if *lane.live.borrow() == 1 {
            // Whoever held the lock before may have died since.
            self.settle(lane, instance, &busy).await?;
        }
        let record = self.journal.begin(instance, self.clock.now(), order).await?;
        let Some(operation) = Operation::begin(&record) else {
            return Err(JournalError::new("the journal gave back something else than the order").into());
        };
        let id = operation.id;
        let _ = self.happenings.send(Happening::Recorded(Arc::new(record)));
        let submitted = Submitted { operation, busy, arrival: Arrival::Prompt };
        let _ = self.worker(lane, instance).send(Command::Submit(Box::new(submitted)));
        Ok(id)
    }

    /// The lock of an instance: the one that is held already, or a new one.
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

    /// Settles what was interrupted; `None` where another Synod holds the lock.
    async fn recover(
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
            Err(error) => return Err(JournalError::new(error.to_string())),
        };
        let busy = Busy::new(&lane.live, claim);
        self.settle(lane, instance, &busy).await.map(Some)
    }

    /// Records what became of the operations without an end, and hands them to the worker, which looks for what was
    /// under way. The instance's lock is held, and no operation of this engine goes on.
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
                let _ = self.happenings.send(Happening::Recorded(Arc::new(record)));
            }
            settled.push(run.operation.clone());
            let submitted =
                Submitted { operation: run.operation, busy: busy.again(), arrival: Arrival::Recovered };
            let _ = self.worker(lane, instance).send(Command::Submit(Box::new(submitted)));
        }
        Ok(settled)
    }

    /// The commands of an instance's worker, which begins where it does not work yet.
    fn worker(&self, lane: &Lane, instance: &InstanceKey) -> mpsc::UnboundedSender<Command> {
        let mut held = lane.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(commands) = held.as_ref().filter(|commands| !commands.is_closed()) {
            return commands.clone();
        }
        let (commands, receiver) = mpsc::unbounded_channel();
        let worker = Worker {
            instance: instance.clone(),
            gateway: Arc::clone(&lane.gateway),
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
