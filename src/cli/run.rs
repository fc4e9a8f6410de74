//! Runs an order to its end: folds and reports the engine's stream of events. Ctrl-C and SIGTERM stop after the request in flight,
//! a second one ends at once. If the terminal goes away, the order goes on to its end or stops, as the configuration says.

use std::{
    io::{IsTerminal, stdout},
    time::Duration,
};

use tokio::sync::mpsc::UnboundedReceiver;

use super::{
    Fault, FaultCode, Instance, Session, exit,
    interrupt::{Interruption, Interrupts},
    report::Reporter,
    wait::{self, NewWaits},
};
use crate::{
    domain::{
        event::{OperationEvent, Order, Record, StopReason},
        id::OperationId,
        operation::{Operation, Phase, RunControl, Totals},
        wait::Wait,
        writer::Writer,
    },
    engine::{Engine, EngineEvent},
};

/// How often to ask the engine whether it is done once it could not write the journal: then it cannot report its end.
const ASK: Duration = Duration::from_millis(20);

/// How an order ended.
pub(super) struct Ran {
    pub(super) code: u8,
    pub(super) totals: Totals,
}

/// Runs an order on an instance, and reports all events. `read_from` is the journal's position before
/// the plan was read. The caller catches Ctrl-C before anything is recorded, so Ctrl-C cannot end the program
/// in between.
pub(super) async fn run(
    session: &Session,
    instance: &Instance,
    order: Order,
    read_from: Option<u64>,
    reporter: &mut Reporter<'_>,
    interrupts: Interrupts,
) -> Result<Ran, Fault> {
    let (engine, engine_events) =
        Engine::sharing(session.store.clone(), session.clock, session.locks.clone());
    engine.add_instance(instance.key.clone(), instance.gateway.clone(), instance.settings.clone());
    let submitted = engine.submit(&instance.key, order, read_from).await;
    let id = submitted.map_err(|error| Fault::rejected(&session.text, &error))?;
    let mut watch = Watch {
        session,
        instance,
        engine,
        id,
        operation: None,
        has_failed: false,
        has_sent: false,
        is_late: false,
        is_away: false,
        settled_by: None,
        stops: 0,
        has_terminal: stdout().is_terminal(),
        is_hung_up: false,
    };
    let is_ended = watch.follow(engine_events, interrupts, reporter).await;
    // The failure of the journal was reported when it happened.
    let early = if watch.has_failed { exit::FAILED } else { exit::STOPPED };
    let Some(operation) = watch.operation else {
        return Ok(Ran { code: early, totals: Totals::default() });
    };
    if is_ended {
        watch.engine.shutdown().await;
    }
    let code = exit::first_of(&[
        if watch.has_failed && !watch.has_sent { exit::FAILED } else { exit::of_operation(&operation) },
        if watch.stops > 0 { exit::STOPPED } else { 0 },
        if watch.is_late { exit::RETRY } else { 0 },
    ]);
    reporter.ended(instance, &operation, code);
    if operation.phase == Phase::Ended(Some(StopReason::Interrupted)) {
        tell_interrupted(&operation, watch.settled_by.as_ref(), reporter);
    }
    Ok(Ran { code, totals: operation.totals })
}

/// Reports that another Synod settled the operation while this one was cut off from the store, and what to do.
fn tell_interrupted(operation: &Operation, settled_by: Option<&Writer>, reporter: &mut Reporter<'_>) {
    let number = ("number", operation.id.to_string().into());
    let by = settled_by.map(|by| ("by", by.to_string().into()));
    let text = reporter.text;
    if let Some(by) = by {
        reporter.tell(&text.with("cli-settled-elsewhere", &[number.clone(), by]));
    }
    if operation.totals.resumable > 0 {
        reporter.tell(&text.with("cli-resume-rest", &[number]));
    }
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Watch<'a> {
    session: &'a Session,
    instance: &'a Instance,
    engine: Engine,
    id: OperationId,
    operation: Option<Operation>,
    has_failed: bool,
    /// Whether one of its requests was sent.
    has_sent: bool,
    /// Whether the deadline ended it.
    is_late: bool,
    /// Whether the journal cannot be reached at the moment.
    is_away: bool,
    /// Who recorded its end, if another Synod did.
    settled_by: Option<Writer>,
    /// How often the operator asked to stop.
    stops: u8,
    /// Whether standard output was a terminal at the start.
    has_terminal: bool,
    /// Whether the terminal is gone and the work goes on without it.
    is_hung_up: bool,
}

enum Woken {
    Interrupted(Interruption),
    Happened(Option<EngineEvent>),
    Waits(Wait),
    Asked,
}

impl Watch<'_> {
    /// Reports events until the operation is over; false if the operator did not wait for that.
    async fn follow(
        &mut self,
        mut engine_events: UnboundedReceiver<EngineEvent>,
        mut interrupts: Interrupts,
        reporter: &mut Reporter<'_>,
    ) -> bool {
        let mut waits = NewWaits::of(self.instance);
        loop {
            let woken = tokio::select! {
                biased;
                interruption = interrupts.next() => Woken::Interrupted(interruption),
                engine_event = engine_events.recv() => Woken::Happened(engine_event),
                wait = waits.next() => Woken::Waits(wait),
                () = tokio::time::sleep(ASK), if self.has_failed => Woken::Asked,
            };
            match woken {
                Woken::Interrupted(Interruption::Deadline) => {
                    let words = self.session.text.say("cli-deadline");
                    reporter.fault(&Fault::new(FaultCode::DeadlineExceeded, words));
                    self.is_late = true;
                    // The request in flight ends first; the next Synod reads back what this one leaves.
                    self.engine.control(&self.instance.key, RunControl::TimeOut);
                    tokio::select! {
                        () = self.engine.shutdown() => {}
                        () = interrupts.by_operator() => {}
                    }
                    while let Ok(engine_event) = engine_events.try_recv() {
                        self.note(&engine_event, reporter);
                    }
                    return false;
                }
                Woken::Interrupted(Interruption::HungUp) if self.session.outlives_terminal => {
                    self.is_hung_up = true;
                }
                Woken::Interrupted(Interruption::Operator | Interruption::HungUp) if self.stops > 0 => {
                    return false;
                }
                Woken::Interrupted(Interruption::Operator | Interruption::HungUp) => {
                    reporter.tell(&self.session.text.say("cli-stopping"));
                    self.stop();
                }
                Woken::Happened(Some(engine_event)) => self.note(&engine_event, reporter),
                Woken::Waits(wait) => {
                    let now = self.session.clock.now();
                    reporter.note(&wait::message(&self.session.text, &wait, now));
                }
                Woken::Happened(None) => return true,
                Woken::Asked if !self.engine.is_busy() => return true,
                Woken::Asked => {}
            }
            if self.operation.as_ref().is_some_and(|operation| !operation.is_live()) {
                // Its end was in the store, which is announced only later.
                self.store_is_back(reporter);
                return true;
            }
            if self.is_away && self.stops > 0 {
                reporter.tell(&self.session.text.say("cli-stopped-away"));
                // The request in flight ends first.
                tokio::select! {
                    () = self.engine.shutdown() => {}
                    _ = interrupts.next() => {}
                }
                return false;
            }
            if !reporter.out.is_open() && self.has_terminal && self.session.outlives_terminal {
                self.is_hung_up = true;
            }
            // The reader is gone: finish the current work, and begin nothing new.
            if !reporter.out.is_open() && !self.is_hung_up && self.stops == 0 {
                self.stop();
            }
        }
    }

    fn stop(&mut self) {
        self.stops += 1;
        self.engine.control(&self.instance.key, RunControl::Stop);
    }

    fn note(&mut self, engine_event: &EngineEvent, reporter: &mut Reporter<'_>) {
        match engine_event {
            EngineEvent::Recorded(record) if record.operation == self.id => self.take(record, reporter),
            EngineEvent::StoreAway => {
                self.is_away = true;
                reporter.tell(&self.session.text.say("notice-store-away"));
            }
            EngineEvent::StoreBack => self.store_is_back(reporter),
            EngineEvent::TakenElsewhere { why, .. } => {
                let args = [("why", self.session.text.tell(why).into())];
                reporter.tell(&self.session.text.with("notice-taken-elsewhere", &args));
            }
            EngineEvent::NumberInUse { why, .. } => {
                let args = [("why", self.session.text.tell(why).into())];
                reporter.tell(&self.session.text.with("notice-number-in-use", &args));
            }
            EngineEvent::JournalFailed { why, .. } => {
                self.has_failed = true;
                reporter.fault(&Fault::state(&self.session.text, why));
            }
            _ => {}
        }
    }

    fn store_is_back(&mut self, reporter: &mut Reporter<'_>) {
        if std::mem::take(&mut self.is_away) {
            reporter.tell(&self.session.text.say("notice-store-back"));
        }
    }

    fn take(&mut self, record: &Record, reporter: &mut Reporter<'_>) {
        self.has_sent |= matches!(record.event, OperationEvent::Sending { .. });
        if let Some(operation) = &mut self.operation {
            if record.event == OperationEvent::Ended {
                let is_other = |by: &&Writer| operation.begun_by.as_ref() != Some(by);
                self.settled_by = record.writer.as_ref().filter(is_other).cloned();
            }
            operation.apply(record);
            reporter.happened(operation, record);
        } else if let Some(operation) = Operation::begin(record) {
            reporter.started(self.instance, &operation);
            self.operation = Some(operation);
        }
    }
}
