//! The work after the connection to the journal was lost, and with it the lock. The worker sends nothing, tries to connect with longer
//! and longer waits, takes the lock again, and continues its operations from what the journal has by then. If another Synod has the
//! lock, the worker follows that one.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{Flight, Lost, Worker, is_answer};
use crate::{
    domain::{
        event::{OperationEvent, StopReason},
        message::{Message, ToMessage},
        operation::{Operation, Phase, RunControl},
    },
    engine::{
        EngineEvent,
        control::{Arrival, Busy, Command, Submitted},
        follow,
        journal::JournalError,
        locks::{HeldLock, Holder, LockError},
        outage::Outage,
        recover,
        retelling::retell,
        run::Run,
        shared::{InstanceQueue, Shared},
    },
};

/// The interval between questions whether the number is free.
const EVERY: Duration = Duration::from_millis(500);

/// An operation while the journal cannot be reached.
pub(super) struct Kept {
    /// It stays live, without the lock, which was lost.
    _live: Busy,
    /// Its last state that is known to be recorded.
    operation: Operation,
    /// The end of its last request, which could not be recorded.
    answer: Option<OperationEvent>,
    /// The reason for its stop, which could not be recorded.
    stop: Option<StopReason>,
    is_paused: bool,
    arrival: Arrival,
}

/// What an attempt to continue found once the journal could be reached.
enum Found {
    /// The operations continue.
    Resumed,
    /// Another order came meanwhile, for which the lock of the number has to be taken.
    Another,
    /// Another Synod has the lock.
    Elsewhere(Option<Holder>),
    /// Another Synod uses the number under another name. The lock of the instance is held.
    NumberInUse(Option<Arc<dyn HeldLock>>, LockError),
}

/// The locks that an attempt to continue took.
enum Taken {
    /// All that the operations need.
    All(Busy),
    /// That of the instance, but not that of the number.
    Instance(Option<Arc<dyn HeldLock>>, LockError),
}

impl Kept {
    /// An operation that waits for its turn.
    pub(super) fn waiting(submitted: Submitted) -> Self {
        let Submitted { operation, busy, arrival } = submitted;
        let is_paused = false;
        Self { _live: busy.without_lost_lock(), operation, answer: None, stop: None, is_paused, arrival }
    }

    /// Whether requests of it may still be sent.
    fn sends(&self) -> bool {
        !matches!(self.arrival, Arrival::Recovered | Arrival::LookedAgain)
    }

    /// The same unless it has been stopped meanwhile.
    fn still_sends(&self) -> bool {
        self.sends() && self.stop.is_none() && !matches!(self.operation.phase, Phase::Stopping(_))
    }
}

impl Worker {
    /// Whether a new connection may help. A program that is ending does not wait for one.
    pub(super) fn may_reconnect(&self, lost: &Lost) -> bool {
        self.is_shared && lost.error.is_passing() && !self.state.is_closing
    }

    /// Lets the request in flight end, and keeps its answer until it can be recorded.
    pub(super) async fn suspend(
        &mut self,
        mut run: Run,
        mut flight: Flight,
        (busy, arrival): (Busy, Arrival),
        lost: Lost,
    ) -> Kept {
        let operation = run.operation.id;
        tracing::warn!(instance = %self.instance, %operation, "the journal is away: {}", lost.error);
        self.announce_next_send(None);
        self.state.outage = Some(self.begin_outage());
        let mut events = lost.events;
        events.extend(self.last_answer(&mut run, &mut flight).await);
        let stop = events.iter().find_map(|event| match event {
            OperationEvent::Stopping { why } => Some(why.clone()),
            _ => None,
        });
        Kept {
            _live: busy.without_lost_lock(),
            operation: run.operation,
            answer: events.into_iter().find(is_answer),
            stop,
            is_paused: run.paused,
            arrival,
        }
    }

    fn begin_outage(&self) -> Outage {
        self.outages.begin(self.settings.reconnect, self.settings.pace.jitter)
    }

    /// Tries to reach the journal until that succeeds, or until the program ends.
    pub(super) async fn reconnect(&mut self, first: Kept) {
        let mut kept = vec![first];
        kept.extend(std::mem::take(&mut self.queue).into_iter().map(Kept::waiting));
        let mut outage = Some(self.state.outage.take().unwrap_or_else(|| self.begin_outage()));
        // The lock of the instance, while another Synod uses the number.
        let mut own = None;
        loop {
            let waited = match &mut outage {
                Some(outage) => {
                    let wait = outage.wait();
                    self.while_away(&mut kept, sleep(wait)).await
                }
                None => self.until_number_is_free(&mut kept).await,
            };
            if waited.is_none() {
                return;
            }
            let found = match self.try_again(&mut kept).await {
                None => return,
                Some(Ok(found)) => found,
                Some(Err(error)) if error.is_passing() => {
                    tracing::debug!(instance = %self.instance, "the journal is still away: {error}");
                    own = None;
                    outage.get_or_insert_with(|| self.begin_outage());
                    continue;
                }
                Some(Err(error)) => {
                    for kept in kept {
                        self.announce_failure(kept.operation.id, &error);
                    }
                    return;
                }
            };
            outage.take().into_iter().for_each(Outage::end);
            match found {
                Found::Resumed => return,
                Found::Another => {}
                Found::Elsewhere(holder) => {
                    self.follow_instead(kept, holder).await;
                    return;
                }
                Found::NumberInUse(lock, error) => {
                    if own.replace(lock).is_none() {
                        let (instance, why) = (self.instance.clone(), error.message());
                        tracing::warn!(%instance, "another Synod uses the number: {error}");
                        self.publish(EngineEvent::NumberInUse { instance, why });
                    }
                }
            }
        }
    }

    /// Waits until no other Synod uses the number, or until nothing is left to be sent; `None` if the worker ends meanwhile.
    async fn until_number_is_free(&mut self, kept: &mut Vec<Kept>) -> Option<()> {
        loop {
            self.while_away(kept, sleep(EVERY)).await?;
            if !kept.iter().any(Kept::still_sends) {
                return Some(());
            }
            let queue = self.shared.upgrade()?.queue(&self.instance)?;
            let free = self.while_away(kept, queue.lock.ensure_number_is_free()).await?;
            if !matches!(free, Err(LockError::NumberHeld(_))) {
                return Some(());
            }
        }
    }

    /// The result of some work while the journal is away; `None` if a command ends the worker meanwhile.
    async fn while_away<T>(&mut self, kept: &mut Vec<Kept>, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        loop {
            let command = tokio::select! {
                biased;
                command = self.commands.recv() => command,
                done = &mut work => return Some(done),
            };
            self.note(command, kept);
            if self.state.is_closing {
                return None;
            }
        }
    }

    /// Notes the request of a command, until it can be recorded.
    fn note(&mut self, command: Option<Command>, kept: &mut Vec<Kept>) {
        match command {
            Some(Command::Submit(submitted)) => kept.push(Kept::waiting(submitted.behind_another())),
            Some(Command::Control(control @ (RunControl::Stop | RunControl::TimeOut))) => {
                let is_late = control == RunControl::TimeOut;
                let why = if is_late { StopReason::TimeOut } else { StopReason::Operator };
                for kept in kept.iter_mut().filter(|kept| kept.sends()) {
                    kept.stop.get_or_insert_with(|| why.clone());
                }
            }
            Some(Command::Control(control)) => {
                if let Some(current) = kept.first_mut() {
                    current.is_paused = control == RunControl::Pause;
                }
            }
            Some(Command::ShutDown(closer)) => self.close(Some(closer)),
            Some(Command::HandOver(closer)) => self.hand_over(closer),
            None => self.close(None),
        }
    }

    /// Takes the lock again, and continues the operations; `None` if the worker ends meanwhile.
    async fn try_again(&mut self, kept: &mut Vec<Kept>) -> Option<Result<Found, JournalError>> {
        let shared = self.shared.upgrade()?;
        let queue = shared.queue(&self.instance)?;
        let needs_number = kept.iter().any(Kept::still_sends);
        let attempt = {
            let (shared, queue, instance) = (Arc::clone(&shared), Arc::clone(&queue), self.instance.clone());
            // If this worker ends first, the locks are released by the end of the task.
            tokio::spawn(async move {
                let mut lock = shared.take_lock(&queue, &instance).await?;
                if needs_number {
                    lock = match shared.take_lock_to_write(&queue, &instance).await {
                        Err(error @ LockError::NumberHeld(_)) => return Ok(Taken::Instance(lock, error)),
                        taken => taken?,
                    };
                }
                Ok(Taken::All(Busy::new(&Arc::clone(&queue.live), lock)))
            })
        };
        let taken: Result<Taken, LockError> = match self.while_away(kept, attempt).await? {
            Ok(taken) => taken,
            // The task broke down.
            Err(_) => return Some(Err(JournalError::passing(Message::new("lock-lost")))),
        };
        let resumed = match taken {
            Ok(Taken::All(busy)) => self.resume(&shared, &queue, kept, (&busy, needs_number)).await,
            Ok(Taken::Instance(lock, error)) => return Some(Ok(Found::NumberInUse(lock, error))),
            Err(LockError::Held(holder)) => return Some(Ok(Found::Elsewhere(holder))),
            Err(error) => Err(error.into()),
        };
        if self.state.is_closing {
            return None;
        }
        Some(resumed)
    }

    /// Continues the operations as the journal has them now; the lock is held again. May be repeated after a failure.
    async fn resume(
        &mut self,
        shared: &Shared,
        queue: &InstanceQueue,
        kept: &mut Vec<Kept>,
        (busy, may_send): (&Busy, bool),
    ) -> Result<Found, JournalError> {
        // An order that is being accepted gets its place first.
        let _turn = queue.turn.lock().await;
        while let Ok(command) = self.commands.try_recv() {
            self.note(Some(command), kept);
        }
        if !may_send && kept.iter().any(Kept::still_sends) {
            return Ok(Found::Another);
        }
        let unfinished = shared.unfinished(&self.instance).await?;
        let offered = shared.offered(&self.instance).await?;
        for operation in &unfinished {
            let is_ours = kept.iter().any(|kept| is_same_order(&kept.operation, operation));
            if !is_ours && !offered.contains(&operation.id) {
                shared.settle_one(queue, &self.instance, operation.clone(), busy).await?;
            }
        }
        let mut resumed = Vec::new();
        for kept in kept.iter_mut() {
            kept.stop = kept.stop.take().or_else(|| self.state.stopped.remove(&kept.operation.id));
            let found = unfinished.iter().find(|found| found.id == kept.operation.id);
            let found = found.filter(|found| is_same_order(found, &kept.operation));
            let arrival = match found {
                Some(found) => self.resume_one(shared, kept, found.clone()).await?,
                None if kept.arrival == Arrival::LookedAgain => Some(Arrival::LookedAgain),
                None => {
                    self.take_leave(shared, kept).await?;
                    None
                }
            };
            if let Some(arrival) = arrival {
                resumed.push((kept.operation.clone(), kept.is_paused, arrival));
            }
        }
        for (operation, is_paused, arrival) in resumed {
            if is_paused {
                self.state.paused.insert(operation.id);
            }
            self.queue.push_back(Submitted { operation, busy: busy.again(), arrival });
        }
        Ok(Found::Resumed)
    }

    /// Brings the journal and an operation to the same state.
    async fn resume_one(
        &mut self,
        shared: &Shared,
        kept: &mut Kept,
        mut found: Operation,
    ) -> Result<Option<Arrival>, JournalError> {
        let (id, known) = (found.id, kept.operation.next_sequence);
        if found.next_sequence < known {
            // The server is one that lacks the newest records: a standby, or a copy.
            self.write_again(shared, &kept.operation, &mut found).await?;
        } else {
            shared.publish(&self.instance, id, known).await?;
        }
        let mut run = Run::new(found, self.gateway.capabilities(), Arc::clone(&self.settings));
        let (stop, now) = (kept.stop.clone(), self.clock.now());
        let batch = recover::reconnected(&mut run, kept.answer.clone(), stop.as_ref(), now);
        let records = shared.record(&mut run, batch).await?;
        self.state.recent.extend(records);
        kept.operation = run.operation;
        (kept.answer, kept.stop) = (None, None);
        let is_stopping = matches!(kept.operation.phase, Phase::Stopping(_));
        Ok(Some(if is_stopping { Arrival::Recovered } else { Arrival::Reconnected }))
    }

    /// Writes the records that the journal lacks. If they are more than were kept, it makes new ones from the known state.
    async fn write_again(
        &mut self,
        shared: &Shared,
        known: &Operation,
        found: &mut Operation,
    ) -> Result<(), JournalError> {
        let id = found.id;
        let missing = self.state.recent.missing(id, found.next_sequence, known.next_sequence);
        if missing.is_none() {
            self.state.recent.forget(id);
        }
        let missing = missing.unwrap_or_else(|| retell(found, known, self.clock.now()));
        tracing::warn!(operation = %id, "the journal lacks records: writing {} again", missing.len());
        shared.journal.append(missing.clone()).await?;
        for record in &missing {
            found.apply(record);
        }
        // Every process that shows the operation knows the numbers up to there.
        found.next_sequence = known.next_sequence;
        Ok(())
    }

    /// An operation that this worker no longer runs: another Synod has ended it meanwhile, or the journal no longer has it.
    async fn take_leave(&self, shared: &Shared, kept: &Kept) -> Result<(), JournalError> {
        let id = kept.operation.id;
        let (known, found) = (&kept.operation, shared.journal.operation(&self.instance, id).await?);
        let is_later =
            |found: &Operation| is_same_order(found, known) && found.next_sequence > known.next_sequence;
        if found.as_ref().is_some_and(is_later) {
            shared.publish(&self.instance, id, known.next_sequence).await?;
        } else {
            self.announce_failure(id, &JournalError::new(Message::new("journal-lacks-operation")));
        }
        Ok(())
    }

    /// Another Synod has the instance now.
    async fn follow_instead(&mut self, kept: Vec<Kept>, holder: Option<Holder>) {
        let why = LockError::Held(holder).message();
        let instance = self.instance.clone();
        tracing::warn!(%instance, "another Synod has the instance now");
        self.publish(EngineEvent::TakenElsewhere { instance, why });
        let operations: Vec<Operation> = kept.into_iter().map(|kept| kept.operation).collect();
        let live: Vec<Operation> = operations.into_iter().filter(|operation| operation.is_live()).collect();
        if let Some(shared) = self.shared.upgrade()
            && let Some(queue) = shared.queue(&self.instance)
        {
            follow::begin(&shared, &queue, &self.instance, &live).await;
        }
    }
}

/// Whether two states are of one operation. A server that lacks records may have given its number to another one.
fn is_same_order(one: &Operation, other: &Operation) -> bool {
    let groups = |operation: &Operation| -> Vec<_> {
        operation.items.iter().map(|item| (item.group.clone(), item.steps.clone())).collect()
    };
    let origin = |operation: &Operation| (operation.id, operation.verb, operation.begun_at);
    origin(one) == origin(other) && one.begun_by == other.begun_by && groups(one) == groups(other)
}
