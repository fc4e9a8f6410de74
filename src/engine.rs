//! Runs operations: a worker an instance, and one stream of what happens.
//!
//! The rule is *append, wait until durable, then act and publish*: what any consumer sees is already in the journal.
//! The engine plans nothing and reads nothing but what settles its items.

mod attempt;
mod breaker;
mod control;
mod draft;
mod gate;
mod item;
pub mod journal;
mod looks;
mod run;
mod schedule;
mod worker;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::sync::{Mutex as Turn, mpsc, oneshot};

pub use self::control::Control;
use self::{
    control::{Busy, Command, Submitted},
    gate::Gate,
    journal::{Journal, JournalError},
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
    live: Arc<AtomicUsize>,
}

impl Engine {
    /// An engine without instances, and the stream of what happens in it.
    pub fn new(journal: Arc<dyn Journal>, clock: Clock) -> (Self, mpsc::UnboundedReceiver<Happening>) {
        let (happenings, receiver) = mpsc::unbounded_channel();
        let is_closed = AtomicBool::new(false);
        let shared = Shared { journal, clock, happenings, lanes: Mutex::default(), is_closed };
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
                live: Arc::default(),
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

    /// Asks something of the operations of an instance; an idle one has nothing to obey.
    pub fn control(&self, instance: &InstanceKey, control: Control) {
        if let Some(worker) = self.lanes().get(instance).and_then(|lane| lane.commands()) {
            let _ = worker.send(Command::Control(control));
        }
    }

    /// Whether any instance has an operation that has not ended.
    pub fn is_busy(&self) -> bool {
        self.lanes().values().any(|lane| lane.live.load(Ordering::SeqCst) > 0)
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
        let busy = Busy::new(&lane.live);
        let record = self.journal.begin(instance, self.clock.now(), order).await?;
        let Some(operation) = Operation::begin(&record) else {
            return Err(JournalError::new("the journal gave back something else than the order").into());
        };
        let id = operation.id;
        let _ = self.happenings.send(Happening::Recorded(Arc::new(record)));
        let submitted = Command::Submit(Box::new(Submitted { operation, busy }));
        let _ = self.worker(lane, instance).send(submitted);
        Ok(id)
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
