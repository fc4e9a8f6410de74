//! The log of operations: one line per operation and one line per item at `info`, every other event at `debug`. Names of groups
//! are not logged; the journal has them.

use crate::domain::{
    event::{Event, Record},
    failure::Failure,
    name::Name,
};

/// Logs an event that is durable.
pub(super) fn recorded(record: &Record) {
    let Record { instance, operation, event, .. } = record;
    match event {
        Event::Created(order) => {
            let items = order.items.len();
            tracing::info!(%instance, %operation, items, "operation created: {:?}", order.verb);
        }
        Event::ItemFinished { item, outcome, reason } => {
            // Log only whether there is a reason: its details are in the log lines of the answers.
            let has_reason = reason.is_some();
            tracing::info!(%operation, item, has_reason, "item finished: {outcome:?}");
        }
        Event::Sending { item, step, attempt, .. } => {
            tracing::debug!(%operation, item, step, attempt, "sending");
        }
        Event::Answered { item, claim, failure } => {
            let why = failure.as_ref().map(brief);
            tracing::debug!(%operation, item, why, "answered: {claim:?}");
        }
        Event::PutBack { item, failure } => {
            tracing::debug!(%operation, item, why = brief(failure), "put back");
        }
        Event::LookBegan { items } => tracing::debug!(%operation, items = items.len(), "look began"),
        Event::Looked { seen } => tracing::debug!(%operation, items = seen.len(), "looked"),
        Event::TryingAgain { item } => tracing::debug!(%operation, item, "trying again"),
        Event::StepVerified { item } => tracing::debug!(%operation, item, "step verified"),
        Event::Paused { why } => tracing::debug!(%operation, "paused: {why:?}"),
        Event::Stopping { .. } => tracing::debug!(%operation, "stopping"),
        Event::Started => tracing::debug!(%operation, "started"),
        Event::Resumed => tracing::debug!(%operation, "resumed"),
        Event::Ended => tracing::debug!(%operation, "ended"),
    }
}

fn brief(failure: &Failure) -> String {
    let words = failure.words.as_ref().map(Name::shown).unwrap_or_default();
    format!("{:?} {} {words:?}", failure.kind, failure.status.unwrap_or_default())
}
