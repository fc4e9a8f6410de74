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
        event::{OperationEvent, Order, Record},
        id::OperationId,
        operation::{Operation, RunControl, Totals},
        wait::Wait,
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
    Ok(Ran { code, totals: operation.totals })
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
            EngineEvent::StoreBack => {
                self.is_away = false;
                reporter.tell(&self.session.text.say("notice-store-back"));
            }
            EngineEvent::TakenElsewhere { why, .. } => {
                let args = [("why", self.session.text.tell(why).into())];
                reporter.tell(&self.session.text.with("notice-taken-elsewhere", &args));
            }
            EngineEvent::JournalFailed { why, .. } => {
                self.has_failed = true;
                reporter.fault(&Fault::state(&self.session.text, why));
            }
            _ => {}
        }
    }

    fn take(&mut self, record: &Record, reporter: &mut Reporter<'_>) {
        self.has_sent |= matches!(record.event, OperationEvent::Sending { .. });
        if let Some(operation) = &mut self.operation {
            operation.apply(record);
            reporter.happened(operation, record);
        } else if let Some(operation) = Operation::begin(record) {
            reporter.started(self.instance, &operation);
            self.operation = Some(operation);
        }
    }
}
