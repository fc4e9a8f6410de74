//! Operations whose process died: which they are, and the line about them on standard error.

use super::{Fault, Instance, Session, out};
use crate::{
    domain::{
        id::OperationId,
        operation::{Operation, Summary, Totals},
        outcome::Outcome,
        plan::again::newest_interrupted,
    },
    text::{Text, words::outcome_glyph},
};

/// How many of the newest operations are searched for one that was interrupted and settled, but not continued.
const NEWEST: usize = 20;

/// The operations of an instance that have not ended and that no process runs.
pub(super) async fn dead(session: &Session, instance: &Instance) -> Result<Vec<Operation>, Fault> {
    let failed = |error| Fault::state(&session.text, &error);
    let mut open = session.store.unfinished(&instance.key).await.map_err(failed)?;
    // Another process is about to continue these.
    let now = session.clock.now();
    let handed_over = session.store.handed_over(&instance.key, now).await.map_err(failed)?;
    open.retain(|id| !handed_over.iter().any(|offer| offer.operation == *id && offer.counts(now)));
    if open.is_empty() || session.locks.ensure_free(&instance.key).await.is_err() {
        return Ok(Vec::new());
    }
    let mut dead = Vec::new();
    for id in open {
        // It may have ended before the lock became free.
        let operation = session.store.operation(&instance.key, id).await.map_err(failed)?;
        dead.extend(operation.filter(|operation| operation.is_live()));
    }
    Ok(dead)
}

/// The numbers of those of all instances of the session.
pub(super) async fn all_dead(session: &Session) -> Result<Vec<OperationId>, Fault> {
    let mut numbers = Vec::new();
    for instance in &session.instances {
        numbers.extend(dead(session, instance).await?.iter().map(|operation| operation.id));
    }
    Ok(numbers)
}

/// Reports each operation of the session's instances that was interrupted and that nobody has continued.
pub async fn tell(session: &Session) {
    if session.store.is_new() {
        return;
    }
    for instance in &session.instances {
        // A journal that cannot be read is reported by the code that needs it.
        let Ok(dead) = dead(session, instance).await else { return };
        for operation in &dead {
            out::note(&sentence(&session.text, operation));
        }
        if !dead.is_empty() {
            continue;
        }
        let Ok(newest) = session.store.summaries(&instance.key, NEWEST).await else { return };
        if let Some(settled) = newest_interrupted(newest.iter()) {
            out::note(&sentence(&session.text, settled));
        }
    }
}

/// That an operation was interrupted, with its counts and how to continue it.
pub(super) fn sentence(text: &Text, operation: &Summary) -> String {
    let args =
        [("number", operation.id.to_string().into()), ("counts", counts(text, &operation.totals).into())];
    text.with("cli-was-interrupted", &args)
}

/// The number of items per outcome; what waited for its turn was not sent.
pub(super) fn counts(text: &Text, totals: &Totals) -> String {
    let count =
        |outcome: Outcome| totals.of(outcome) + if outcome == Outcome::NotSent { totals.queued } else { 0 };
    let some = Outcome::ALL.into_iter().filter(|outcome| count(*outcome) > 0);
    let mut parts: Vec<String> = some
        .map(|outcome| format!("{} {}", outcome_glyph(outcome), text.counted(outcome, count(outcome))))
        .collect();
    if totals.under_way > 0 {
        parts.push(text.with("operation-open", &[("count", totals.under_way.into())]));
    }
    parts.join("  ")
}
