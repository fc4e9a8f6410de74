//! The worker of one instance: the only await loop of the engine. It records, then acts and publishes. At most one request that
//! changes something is in flight; reads run in parallel. `run` and `schedule` decide what it does.

mod last_request;
mod preread;
mod recent;
mod reconnect;
mod requests;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Weak},
};

use tokio::{
    sync::{mpsc, oneshot, watch},
    task::{JoinHandle, JoinSet},
};

use self::{preread::Preread, recent::Recent, reconnect::Kept};
use tracing::Instrument;

use super::{
    EngineEvent, attempt,
    control::{Arrival, Command, Submitted},
    event_batch::EventBatch,
    in_flight::InFlight,
    journal::{Journal, JournalError},
    locks::HeldLock,
    log,
    moment::Moment,
    outage::{Outage, Outages},
    rate_gate::RateGate,
    readbacks::{
        ReadbackPlace,
        read::{self, Taken},
    },
    recover,
    run::{Run, Stage},
    schedule::Next,
    shared::Shared,
};
use crate::{
    clock::Clock,
    domain::{
        budget::Budget,
        event::{OperationEvent, PauseReason, StopReason},
        failure::{Failure, FailureKind},
        id::OperationId,
        instance::InstanceKey,
        message::{Message, ToMessage},
        operation::{Phase, RunControl},
        plan::estimate::BETWEEN_LOOKS,
        settings::OperationSettings,
        time::Millis,
    },
    gateway::{Answer, Gateway},
};

/// The parts of a worker.
pub(super) struct Worker {
    pub(super) instance: InstanceKey,
    pub(super) gateway: Gateway,
    pub(super) settings: Arc<OperationSettings>,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) clock: Clock,
    pub(super) engine_events: mpsc::UnboundedSender<EngineEvent>,
    pub(super) commands: mpsc::UnboundedReceiver<Command>,
    pub(super) budget: watch::Receiver<Option<Budget>>,
    pub(super) gate: RateGate,
    pub(super) queue: VecDeque<Submitted>,
    /// Whether other processes can make requests in the journal.
    pub(super) is_shared: bool,
    /// Used after the connection to the journal was lost.
    pub(super) shared: Weak<Shared>,
    pub(super) outages: Arc<Outages>,
    pub(super) state: State,
}

/// The state that a worker keeps between events.
#[derive(Default)]
pub(super) struct State {
    is_closing: bool,
    /// Another process continues the rest.
    hands_over: bool,
    /// The tasks that wait for the end of the worker.
    closers: Vec<oneshot::Sender<()>>,
    /// The gateway no longer reports its budget.
    is_budget_silent: bool,
    next_send: Option<Millis>,
    /// The operations whose requests this worker sends.
    own: BTreeSet<OperationId>,
    /// The last request of another Synod, while it may be in flight.
    last_request: Option<InFlight>,
    /// The positions of the requests of other processes that were read, and when to read again.
    seen_requests: BTreeSet<u64>,
    next_requests: Millis,
    /// The waiting operations that another process asked to pause.
    paused: BTreeSet<OperationId>,
    /// The waiting operations that end without a request, which could not be recorded yet.
    stopped: BTreeMap<OperationId, StopReason>,
    /// The newest records.
    recent: Recent,
    /// The connection was lost and the request in flight still has to end.
    outage: Option<Outage>,
}

/// The calls in progress.
#[derive(Default)]
struct Flight {
    write: Option<(usize, JoinHandle<Answer>)>,
    looks: JoinSet<Taken>,
    preread: JoinSet<Preread>,
    /// The instance's lock, if there is one.
    lock: Option<Weak<dyn HeldLock>>,
}

impl Flight {
    /// Fails if the lock was lost with its connection: another Synod may have it by now.
    fn ensure_lock(&self) -> Result<(), Lost> {
        let lock = self.lock.as_ref().and_then(Weak::upgrade);
        if !lock.is_some_and(|lock| lock.is_lost()) {
            return Ok(());
        }
        Err(Lost { events: Vec::new(), error: JournalError::passing(Message::new("lock-lost")) })
    }
}

/// Events that could not be recorded.
struct Lost {
    events: Vec<OperationEvent>,
    error: JournalError,
}

enum Woken {
    Command(Option<Command>),
    Answered(usize, Answer),
    Looked(Option<Box<Taken>>),
    Preread(Option<Preread>),
    BudgetLost,
    Time,
}

impl Worker {
    /// Carries out operations one after the other until the engine is shut down or dropped.
    pub(super) async fn work(mut self) {
        while !self.state.is_closing {
            if let Some(submitted) = self.queue.pop_front() {
                if let Some(kept) = self.carry_out(submitted).await {
                    self.reconnect(kept).await;
                }
                continue;
            }
            match self.commands.recv().await {
                Some(Command::Submit(submitted)) => self.queue.push_back(*submitted),
                Some(Command::Control(_)) => {}
                Some(Command::ShutDown(closer)) => self.close(Some(closer)),
                Some(Command::HandOver(closer)) => self.hand_over(closer),
                None => self.close(None),
            }
        }
        if !self.state.hands_over {
            self.refuse_waiting(&StopReason::Operator, |_| true).await;
        }
    }

    fn hand_over(&mut self, closer: oneshot::Sender<()>) {
        self.state.hands_over = true;
        self.close(Some(closer));
    }

    fn close(&mut self, closer: Option<oneshot::Sender<()>>) {
        self.state.is_closing = true;
        self.state.closers.extend(closer);
    }

    fn publish(&self, engine_event: EngineEvent) {
        // There is no listener any more when the program ends; the journal has everything.
        let _ = self.engine_events.send(engine_event);
    }

    fn announce_next_send(&mut self, at: Option<Millis>) {
        if self.state.next_send != at {
            self.state.next_send = at;
            self.publish(EngineEvent::NextSend { instance: self.instance.clone(), at });
        }
    }

    fn announce_failure(&self, operation: OperationId, error: &JournalError) {
        let (instance, why) = (self.instance.clone(), error.message());
        tracing::error!(%instance, %operation, "the journal failed: {error}");
        self.publish(EngineEvent::JournalFailed { instance, operation, why });
    }

    /// Records a batch; it takes effect and is published only after that.
    async fn commit(&mut self, run: &mut Run, batch: EventBatch) -> Result<(), Lost> {
        if batch.is_empty() {
            return Ok(());
        }
        let records = batch.into_records();
        if let Err(error) = self.journal.append(records.clone()).await {
            let events = records.into_iter().map(|record| record.event).collect();
            return Err(Lost { events, error });
        }
        run.take(&records);
        for record in records {
            log::recorded(&record, &run.operation.totals);
            let record = Arc::new(record);
            self.state.recent.extend([Arc::clone(&record)]);
            self.publish(EngineEvent::Recorded(record));
        }
        Ok(())
    }

    fn moment(&mut self) -> Moment {
        Moment { now: self.clock.now(), budget: *self.budget.borrow_and_update() }
    }

    /// Reads back once more the items that an ended operation could not settle; twice if the first read-back needs confirmation.
    /// It waits like all read-backs. A command that ends the work ends it too.
    async fn look_again(&mut self, run: &mut Run) -> Result<(), Lost> {
        for only_unconfirmed in [false, true] {
            let places = run.places_to_look_again(only_unconfirmed);
            if only_unconfirmed && !places.is_empty() {
                let clock = self.clock;
                let later = clock.now() + BETWEEN_LOOKS;
                if self.unless_asked(clock.sleep_until(later)).await.is_none() {
                    return Ok(());
                }
            }
            for place in places {
                if self.look_again_at(run, &place).await?.is_none() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Reads back a place once more, and repeats a read-back that the gateway delays, up to the limit; `None` if a command ends it
    /// meanwhile.
    async fn look_again_at(&mut self, run: &mut Run, place: &ReadbackPlace) -> Result<Option<()>, Lost> {
        let clock = self.clock;
        loop {
            let moment = self.moment();
            let may_begin = self.gate.next_look(moment.budget, moment.now);
            if may_begin > moment.now {
                if self.unless_asked(clock.sleep_until(may_begin)).await.is_none() {
                    return Ok(None);
                }
                continue;
            }
            let (gateway, look) = (self.gateway.clone(), run.look_again(place));
            let earlier = run.lists.newest.clone();
            let taken = read::take(gateway.reads, run.capabilities, look, moment.now, earlier);
            let Some(taken) = self.unless_asked(taken).await else { return Ok(None) };
            let moment = self.moment();
            let looked = run.looked(&taken, &mut self.gate, moment);
            self.show(&taken.reads.fresh);
            if let Some(batch) = looked {
                self.commit(run, batch).await?;
                return Ok(Some(()));
            }
        }
    }

    /// The result of some work; `None` if a command ends it meanwhile.
    async fn unless_asked<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        loop {
            let command = tokio::select! {
                biased;
                command = self.commands.recv() => command,
                done = &mut work => return Some(done),
            };
            match command {
                Some(Command::Submit(submitted)) => self.queue.push_back(submitted.behind_another()),
                Some(Command::Control(RunControl::Pause | RunControl::Resume)) => {}
                Some(Command::Control(RunControl::Stop | RunControl::TimeOut)) => return None,
                Some(Command::ShutDown(closer)) => {
                    self.close(Some(closer));
                    return None;
                }
                Some(Command::HandOver(closer)) => {
                    self.hand_over(closer);
                    return None;
                }
                None => {
                    self.close(None);
                    return None;
                }
            }
        }
    }

    /// Carries out an operation; returns it if the connection to the journal was lost before its end.
    async fn carry_out(&mut self, submitted: Submitted) -> Option<Kept> {
        let Submitted { operation, busy, arrival } = submitted;
        let mut run = Run::new(operation, self.gateway.capabilities(), Arc::clone(&self.settings));
        run.lists.length = self.gateway.listed_groups();
        if arrival == Arrival::LookedAgain {
            recover::look_anew(&mut run, self.clock.now());
            if let Err(lost) = self.look_again(&mut run).await {
                if self.may_reconnect(&lost) {
                    let operation = run.operation;
                    return Some(Kept::waiting(Submitted { operation, busy, arrival }));
                }
                self.announce_failure(run.operation.id, &lost.error);
            }
            drop(busy);
            return None;
        }
        let mut flight = Flight { lock: busy.lock(), ..Flight::default() };
        let mut recorded = Ok(false);
        if arrival == Arrival::Recovered {
            recover::look_anew(&mut run, self.clock.now());
        } else {
            if arrival != Arrival::Prompt {
                run.stage = Stage::Unchecked;
            }
            run.paused = self.state.paused.remove(&run.operation.id);
            if arrival == Arrival::Reconnected {
                recover::look_from(&mut run, self.clock.now());
            }
            if arrival == Arrival::TakenOver {
                recover::look_anew(&mut run, self.clock.now());
                run.paused |= run.operation.phase == Phase::Paused(PauseReason::Operator);
            }
            let now = self.clock.now();
            let started = match (self.state.stopped.remove(&run.operation.id), &run.operation.phase) {
                (Some(why), _) => run.stop(&why, now),
                (None, Phase::Waiting) => EventBatch::of(&run.operation, now, OperationEvent::Started),
                (None, _) => EventBatch::new(&run.operation, now),
            };
            recorded = match self.commit(&mut run, started).await {
                Ok(()) => self.find_last_request(&mut run).await.map(|()| false),
                Err(lost) => Err(lost),
            };
            // Until then, a request of its former process may be in flight.
            if recorded.is_ok() {
                self.own(run.operation.id);
            }
        }
        let mut has_failed = false;
        loop {
            recorded = match recorded {
                Ok(true) => break,
                Ok(false) => self.advance(&mut run, &mut flight).await,
                Err(lost) if !has_failed && self.may_reconnect(&lost) => {
                    return Some(self.suspend(run, flight, (busy, arrival), lost).await);
                }
                Err(lost) => {
                    self.announce_failure(run.operation.id, &lost.error);
                    if has_failed {
                        break;
                    }
                    has_failed = true;
                    self.wind_down(&mut run, &mut flight, lost).await.map(|()| false)
                }
            };
        }
        self.announce_next_send(None);
        drop(busy);
        None
    }

    /// The journal could not be written: lets the request in flight end, and tries once to record the current state.
    async fn wind_down(&mut self, run: &mut Run, flight: &mut Flight, lost: Lost) -> Result<(), Lost> {
        let mut batch = EventBatch::new(&run.operation, self.clock.now());
        let is_kept = |event: &OperationEvent| is_answer(event);
        lost.events.into_iter().filter(is_kept).for_each(|event| batch.push(&run.operation, event));
        let answered = self.last_answer(run, flight).await;
        answered.into_iter().filter(is_kept).for_each(|event| batch.push(&run.operation, event));
        run.stop_rest(&mut batch, &StopReason::Journal);
        self.commit(run, batch).await
    }

    /// Waits for the answer of the request in flight, and returns the events that follow from it.
    async fn last_answer(&mut self, run: &mut Run, flight: &mut Flight) -> Vec<OperationEvent> {
        let Some((at, write)) = flight.write.take() else { return Vec::new() };
        let answer = write.await.unwrap_or_else(|_| broken_down());
        let moment = self.moment();
        let answered = run.answered(at, answer, &mut self.gate, moment);
        answered.into_records().into_iter().map(|record| record.event).collect()
    }

    /// Performs the next action; `true` if the operation is over for this worker.
    async fn advance(&mut self, run: &mut Run, flight: &mut Flight) -> Result<bool, Lost> {
        while let Ok(command) = self.commands.try_recv() {
            self.obey(Some(command), run).await?;
        }
        flight.ensure_lock()?;
        self.read_due_requests(run).await?;
        if self.state.hands_over {
            if run.is_done() {
                return self.end(run).await;
            }
            if flight.write.is_none() {
                return Ok(true);
            }
            self.wait(run, flight, None).await?;
            return Ok(false);
        }
        if self.state.is_closing {
            self.commit(run, run.stop(&StopReason::Operator, self.clock.now())).await?;
            if run.is_done() {
                return self.end(run).await;
            }
            if flight.write.is_none() {
                return Ok(true);
            }
            self.wait(run, flight, None).await?;
            return Ok(false);
        }
        self.look_for_last_request(run, flight);
        let moment = self.moment();
        match run.next(moment.now, &self.gate, moment.budget) {
            Next::Send(item) => self.send(run, flight, item).await?,
            Next::Look(place) => self.look(run, flight, &place).await?,
            Next::Check => self.check(run, flight),
            Next::Prepare(item) => self.prepare(run, flight, item).await?,
            Next::Hold(why) => {
                self.announce_next_send(None);
                run.held.get_or_insert(moment.now);
                self.commit(run, EventBatch::of(&run.operation, moment.now, OperationEvent::Paused { why }))
                    .await?;
            }
            Next::Release => {
                run.release(moment.now);
                self.commit(run, EventBatch::of(&run.operation, moment.now, OperationEvent::Resumed)).await?;
            }
            Next::Finish => return self.end(run).await,
            Next::Wait { until, next_send } => {
                self.announce_next_send(next_send);
                let others = [self.next_look_for_last_request(), self.next_requests()];
                let until = others.into_iter().chain([until]).flatten().min();
                self.wait(run, flight, until).await?;
            }
        }
        Ok(false)
    }

    async fn end(&mut self, run: &mut Run) -> Result<bool, Lost> {
        self.commit(run, EventBatch::of(&run.operation, self.clock.now(), OperationEvent::Ended)).await?;
        Ok(true)
    }

    async fn send(&mut self, run: &mut Run, flight: &mut Flight, item: usize) -> Result<(), Lost> {
        self.read_requests(run).await?;
        if run.paused || matches!(run.operation.phase, Phase::Stopping(_)) {
            return Ok(());
        }
        let Some((batch, step)) = run.sending(item, self.clock.now()) else { return Ok(()) };
        if let Some(lock) = flight.lock.as_ref().and_then(Weak::upgrade) {
            let checked = lock.check().await;
            checked.map_err(|error| Lost { events: Vec::new(), error: error.into() })?;
        }
        // The journal checks that its own file is still in place.
        self.commit(run, batch).await?;
        let now = self.clock.now();
        self.gate.started(now);
        run.sent(item);
        let group = run.operation.items[item].group.clone();
        let link = run.link.take().filter(|(at, _)| *at == item).map(|(_, link)| link);
        let attempt = run.operation.items[item].attempts;
        let call = attempt::send(self.gateway.clone(), step, group, link)
            .instrument(tracing::debug_span!("write", attempt));
        flight.write = Some((item, tokio::spawn(call)));
        Ok(())
    }

    async fn look(&mut self, run: &mut Run, flight: &mut Flight, place: &ReadbackPlace) -> Result<(), Lost> {
        let (look, batch) = run.look(place, self.clock.now());
        self.commit(run, batch).await?;
        let begun = self.clock.now();
        run.looks.begin(place, begun);
        let gateway = self.gateway.clone();
        let earlier = run.lists.newest.clone();
        flight.looks.spawn(read::take(gateway.reads, run.capabilities, look, begun, earlier));
        Ok(())
    }

    async fn wait(&mut self, run: &mut Run, flight: &mut Flight, until: Option<Millis>) -> Result<(), Lost> {
        match self.woken(flight, until).await {
            Woken::Command(command) => self.obey(command, run).await?,
            Woken::Answered(item, answer) => {
                let moment = self.moment();
                let batch = run.answered(item, answer, &mut self.gate, moment);
                self.commit(run, batch).await?;
            }
            Woken::Looked(Some(taken)) => {
                let moment = self.moment();
                if let Some(batch) = run.looked(&taken, &mut self.gate, moment) {
                    self.commit(run, batch).await?;
                }
                self.show(&taken.reads.fresh);
            }
            Woken::Looked(None) => {
                run.looks.forget();
                run.lists.reader = None;
            }
            Woken::Preread(preread) => self.take_preread(run, preread).await?,
            Woken::BudgetLost => self.state.is_budget_silent = true,
            Woken::Time => {}
        }
        Ok(())
    }

    async fn woken(&mut self, flight: &mut Flight, until: Option<Millis>) -> Woken {
        let answer = async {
            match &mut flight.write {
                Some((item, write)) => (*item, write.await.unwrap_or_else(|_| broken_down())),
                None => std::future::pending().await,
            }
        };
        let clock = &self.clock;
        let time = async {
            match until {
                Some(until) => clock.sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        let woken = tokio::select! {
            biased;
            command = self.commands.recv(), if !self.state.is_closing => Woken::Command(command),
            (item, answer) = answer => Woken::Answered(item, answer),
            Some(taken) = flight.looks.join_next() => Woken::Looked(taken.ok().map(Box::new)),
            Some(preread) = flight.preread.join_next() => Woken::Preread(preread.ok()),
            changed = self.budget.changed(), if !self.state.is_budget_silent => match changed {
                Ok(()) => Woken::Time,
                Err(_) => Woken::BudgetLost,
            },
            () = time => Woken::Time,
        };
        if matches!(woken, Woken::Answered(..)) {
            flight.write = None;
        }
        woken
    }

    async fn obey(&mut self, command: Option<Command>, run: &mut Run) -> Result<(), Lost> {
        match command {
            Some(Command::Submit(submitted)) => self.queue.push_back(submitted.behind_another()),
            Some(Command::Control(RunControl::Pause)) => run.paused = true,
            Some(Command::Control(RunControl::Resume)) => run.paused = false,
            Some(Command::Control(control @ (RunControl::Stop | RunControl::TimeOut))) => {
                let is_late = control == RunControl::TimeOut;
                let why = if is_late { StopReason::TimeOut } else { StopReason::Operator };
                self.announce_next_send(None);
                self.commit(run, run.stop(&why, self.clock.now())).await?;
                self.refuse_waiting(&why, |_| true).await;
            }
            Some(Command::ShutDown(closer)) => self.close(Some(closer)),
            Some(Command::HandOver(closer)) => self.hand_over(closer),
            None => self.close(None),
        }
        Ok(())
    }

    /// Ends those of the operations whose turn has not come, without sending anything.
    async fn refuse_waiting(&mut self, why: &StopReason, which: impl Fn(OperationId) -> bool) {
        for submitted in std::mem::take(&mut self.queue) {
            let is_settled = matches!(submitted.arrival, Arrival::Recovered | Arrival::LookedAgain);
            if is_settled || !which(submitted.operation.id) {
                // A settled item lacks only read-backs, which follow now or at the next start.
                self.queue.push_back(submitted);
                continue;
            }
            let Submitted { operation, busy, arrival } = submitted;
            let mut run = Run::new(operation, self.gateway.capabilities(), Arc::clone(&self.settings));
            let mut batch = run.stop(why, self.clock.now());
            batch.push(&run.operation, OperationEvent::Ended);
            if let Err(lost) = self.commit(&mut run, batch).await {
                if self.may_reconnect(&lost) {
                    self.state.stopped.insert(run.operation.id, why.clone());
                    self.queue.push_back(Submitted { operation: run.operation, busy, arrival });
                    continue;
                }
                self.announce_failure(run.operation.id, &lost.error);
            }
            drop(busy);
        }
    }
}

/// Whether an event records how a request ended. Nothing but the event can show that; everything else follows from it or can be read
/// again.
fn is_answer(event: &OperationEvent) -> bool {
    matches!(event, OperationEvent::Answered { .. } | OperationEvent::PutBack { .. })
}

/// The answer that counts if a call ended without one.
fn broken_down() -> Answer {
    Answer::silence(Failure::new(FailureKind::Dropped))
}
