//! The log of operations: at `info` the beginning and the end of an operation, and one line per item; every other event at
//! `debug`. Names of groups and the gateway's words are not logged; the journal has them.

use crate::domain::{
    event::{OperationEvent, Record},
    failure::Failure,
    operation::Totals,
    outcome::Outcome,
};

/// Logs an event that is durable, with the current totals of its operation.
pub(super) fn recorded(record: &Record, totals: &Totals) {
    let Record { instance, operation, event, .. } = record;
    match event {
        OperationEvent::Created(order) => {
            let items = order.items.len();
            tracing::info!(%instance, %operation, items, "operation created: {:?}", order.verb);
        }
        OperationEvent::ItemFinished { item, outcome, reason } => {
            // Log only whether there is a reason: its details are in the log lines of the answers.
            let has_reason = reason.is_some();
            tracing::info!(%operation, item, has_reason, "item finished: {outcome:?}");
        }
        OperationEvent::Sending { item, step, attempt, .. } => {
            tracing::debug!(%operation, item, step, attempt, "sending");
        }
        OperationEvent::Answered { item, claim, failure } => {
            let why = failure.as_ref().map(brief);
            tracing::debug!(%operation, item, why, "answered: {claim:?}");
        }
        OperationEvent::PutBack { item, failure } => {
            tracing::debug!(%operation, item, why = brief(failure), "put back");
        }
        OperationEvent::LookBegan { items } => tracing::debug!(%operation, items = items.len(), "look began"),
        OperationEvent::Looked { seen } => tracing::debug!(%operation, items = seen.len(), "looked"),
        OperationEvent::TryingAgain { item } => tracing::debug!(%operation, item, "trying again"),
        OperationEvent::StepVerified { item } => tracing::debug!(%operation, item, "step verified"),
        OperationEvent::Paused { why } => tracing::debug!(%operation, "paused: {why:?}"),
        OperationEvent::Stopping { .. } => tracing::debug!(%operation, "stopping"),
        OperationEvent::Started => tracing::debug!(%operation, "started"),
        OperationEvent::Resumed => tracing::debug!(%operation, "resumed"),
        OperationEvent::Ended => tracing::info!(%operation, "operation ended: {}", counts(totals)),
    }
}

fn counts(totals: &Totals) -> String {
    let counts = Outcome::ALL.map(|outcome| (totals.of(outcome), outcome)).into_iter();
    let counts =
        counts.filter(|(count, _)| *count > 0).map(|(count, outcome)| format!("{count} {outcome:?}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// The kind of a failure and its status. The gateway's words may name groups and numbers.
fn brief(failure: &Failure) -> String {
    format!("{:?} {}", failure.kind, failure.status.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::FailureKind;

    #[test]
    fn a_failure_is_logged_with_its_kind_and_its_status_but_without_words() {
        let failure = Failure::new(FailureKind::Refused).saying("not an admin").with_status(409);
        assert_eq!(brief(&failure), "Refused 409");
    }
}
