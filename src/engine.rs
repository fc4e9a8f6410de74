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
mod in_flight;
mod index;
mod item;
pub mod journal;
mod lane;
mod log;
mod looks;
mod recover;
mod run;
mod schedule;
mod worker;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{Mutex as Turn, mpsc, oneshot, watch};

pub use self::control::Control;
use self::{
    claim::ClaimError,
    control::Command,
    journal::{Journal, JournalError},
    lane::{Lane, Shared},
};
use crate::{
    clock::Clock,
    domain::{
        community::{CommunityListing, GroupList},
        event::{Order, Record},
        id::OperationId,
        instance::InstanceKey,
        operation::Operation,
        sentence::{Sentence, Tell},
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
        why: Sentence,
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
    #[error("{}", self.sentence())]
    UnknownInstance(InstanceKey),
    /// The engine is being shut down.
    #[error("{}", self.sentence())]
    ShuttingDown,
    /// Another Synod writes to the instance, or the lock that tells so cannot be had.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The journal did not take it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Tell for SubmitError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::UnknownInstance(instance) => {
                Sentence::new("submit-unknown-instance").put("instance", instance.as_str())
            }
            Self::ShuttingDown => Sentence::new("submit-ending"),
            Self::Claim(error) => error.sentence(),
            Self::Journal(error) => error.sentence(),
        }
    }
}

/// The handle of the engine; clones share one engine.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
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
    ///
    /// `read_from` is how far the [journal](Journal::position) of the instance had come before the plan was read. If it
    /// has come further, another operation may have done the same since, and the plan is checked before anything is
    /// sent: what is already so, or blocked by now, is finished without a request, and nothing is added. Without it the
    /// plan is checked unless the journal has nothing of the instance.
    pub async fn submit(
        &self,
        instance: &InstanceKey,
        order: Order,
        read_from: Option<u64>,
    ) -> Result<OperationId, SubmitError> {
        let unknown = || SubmitError::UnknownInstance(instance.clone());
        let lane = self.lanes().get(instance).cloned().ok_or_else(unknown)?;
        let (shared, instance) = (Arc::clone(&self.shared), instance.clone());
        // Whoever asked may stop waiting; an order that has its number is carried out all the same.
        let taken = tokio::spawn(async move { shared.take(&lane, &instance, order, read_from).await }).await;
        taken.unwrap_or_else(|_| Err(JournalError::new(Sentence::new("journal-broke-at-order")).into()))
    }

    /// Looks once more for what an ended operation could not settle: it reads again, settles what turns out as wanted, and sends
    /// nothing. It lasts until [`until_idle`](Self::until_idle); whether there is anything to look for.
    pub async fn look_again(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
    ) -> Result<bool, SubmitError> {
        let unknown = || SubmitError::UnknownInstance(instance.clone());
        let lane = self.lanes().get(instance).cloned().ok_or_else(unknown)?;
        let (shared, instance) = (Arc::clone(&self.shared), instance.clone());
        let begun = tokio::spawn(async move { shared.look_again(&lane, &instance, operation).await }).await;
        begun.unwrap_or_else(|_| Err(JournalError::new(Sentence::new("journal-broke-at-reading")).into()))
    }

    /// Settles the operations of an instance that nobody runs any more, and gives them as they stand: what was not sent
    /// is recorded as interrupted, what was under way is looked for, which is told as it happens and lasts until
    /// [`until_idle`](Self::until_idle). Nothing is sent. None are given where another Synod runs them.
    pub async fn recover(&self, instance: &InstanceKey) -> Result<Vec<Operation>, JournalError> {
        let Some(lane) = self.lanes().get(instance).cloned() else { return Ok(Vec::new()) };
        let (shared, instance) = (Arc::clone(&self.shared), instance.clone());
        let recovered = tokio::spawn(async move { shared.recover(&lane, &instance).await }).await;
        let broken = |_| Err(JournalError::new(Sentence::new("journal-broke-at-reading")));
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

    /// The operations of an instance that another Synod runs at this moment, as they stand; none where nobody else holds
    /// the instance's lock. Nothing is recorded, settled or followed.
    pub async fn elsewhere(&self, instance: &InstanceKey) -> Result<Vec<Operation>, JournalError> {
        let is_ours = self.lanes().get(instance).is_some_and(|lane| *lane.live.borrow() > 0);
        let Some(locks) = self.shared.locks.as_deref().filter(|_| !is_ours) else { return Ok(Vec::new()) };
        let unfinished = follow::unfinished(&self.shared, instance).await?;
        // The lock is tried only where it matters, for whoever takes it at that moment would find it held.
        if unfinished.is_empty() || !claim::is_held(locks, instance).await {
            return Ok(Vec::new());
        }
        Ok(unfinished)
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
