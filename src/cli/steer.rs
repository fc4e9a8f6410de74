//! Pauses, resumes and stops an operation that another process runs: writes the request into the journal, and waits until that
//! process has obeyed.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    Fault, FaultCode, Instance, Session, earlier::find, interrupted, json, out, out::Out, report::counts,
};
use crate::{
    domain::{
        event::PauseReason,
        operation::{Operation, Phase, RunControl},
    },
    export::operation::OperationBody,
};

/// The interval between looks at the journal.
const LOOK: Duration = Duration::from_millis(50);
/// How long the process may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks the process that runs an operation to pause, resume or stop it, and reports whether the process has obeyed.
pub(super) async fn steer(
    session: &Session,
    number: u64,
    control: RunControl,
    is_json: bool,
    mut out: Out,
) -> Result<u8, Fault> {
    let (text, store) = (&session.text, &session.store);
    if session.read_only {
        return Err(Fault::new(FaultCode::ReadOnly, text.say("cli-read-only")));
    }
    let (instance, operation) = find(session, number).await?;
    is_running(session, instance, &operation).await?;
    let was_paused = operation.phase == Phase::Paused(PauseReason::Operator);
    let asked = store.request(operation.id, control, session.clock.now()).await;
    asked.map_err(|error| Fault::state(text, &error))?;
    let end = Instant::now() + PATIENCE;
    let key = loop {
        let (_, operation) = find(session, number).await?;
        if has_obeyed(&operation, control) {
            break match control {
                RunControl::Pause => "cli-paused",
                RunControl::Resume if was_paused => "cli-continues",
                // Nothing in the journal shows that the process has read it.
                RunControl::Resume => "cli-asked-to-continue",
                RunControl::Stop | RunControl::TimeOut => "cli-stops",
            };
        }
        is_running(session, instance, &operation).await?;
        if Instant::now() > end {
            break "cli-request-unread";
        }
        sleep(LOOK).await;
    };
    let (_, operation) = find(session, number).await?;
    if is_json {
        let body = OperationBody::new(&instance.label, &operation);
        json::write(&mut out, "operation", operation.created, body);
    } else {
        out::note(&text.with(key, &[("number", number.to_string().into())]));
    }
    out.finish(0)
}

/// Whether another process runs an operation of this session.
pub(super) async fn is_run_elsewhere(session: &Session, number: u64) -> Result<bool, Fault> {
    let (instance, operation) = find(session, number).await?;
    let dead = interrupted::dead(session, instance).await?;
    Ok(operation.is_live() && dead.iter().all(|dead| dead.id != operation.id))
}

/// Fails unless a process runs the operation.
async fn is_running(session: &Session, instance: &Instance, operation: &Operation) -> Result<(), Fault> {
    let text = &session.text;
    if !operation.is_live() {
        let counts = counts(text, &operation.totals);
        let args = [("number", operation.id.to_string().into()), ("counts", counts.into())];
        return Err(Fault::new(FaultCode::Usage, text.with("cli-not-running", &args)));
    }
    let dead = interrupted::dead(session, instance).await?;
    match dead.iter().find(|dead| dead.id == operation.id) {
        Some(dead) => Err(Fault::new(FaultCode::Usage, interrupted::sentence(text, dead))),
        None => Ok(()),
    }
}

fn has_obeyed(operation: &Operation, control: RunControl) -> bool {
    match (control, &operation.phase) {
        // It is noted for the time when its turn comes.
        (RunControl::Pause | RunControl::Resume, Phase::Waiting) => true,
        (RunControl::Pause, phase) => *phase == Phase::Paused(PauseReason::Operator),
        (RunControl::Resume, phase) => *phase != Phase::Paused(PauseReason::Operator),
        (RunControl::Stop | RunControl::TimeOut, phase) => {
            matches!(phase, Phase::Stopping(_) | Phase::Ended(_))
        }
    }
}
