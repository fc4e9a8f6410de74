//! Recovers an interrupted operation: records its true state, reads back the items under way, and sends nothing. To continue with
//! the rest, a new operation goes through a plan.

use super::{event_batch::EventBatch, readbacks::Watch, run::Run};
use crate::domain::{
    event::{OperationEvent, StopReason},
    failure::{Failure, FailureKind},
    operation::{Item, ItemState},
    outcome::Claim,
    time::Millis,
};

/// The events for an operation that no process runs any more: an item that was being sent ends in silence, and items that wait
/// for their turn are not sent. Items under way then wait for read-backs, which are due after the attempt's recorded start.
pub(super) fn interrupted(run: &Run, now: Millis) -> EventBatch {
    let mut batch = unanswered(run, now);
    run.stop_rest(&mut batch, &StopReason::Interrupted);
    batch
}

/// The events for items whose requests were in flight, and whose answers no process waits for any more: they end in silence.
pub(super) fn unanswered(run: &Run, now: Millis) -> EventBatch {
    let mut batch = EventBatch::new(&run.operation, now);
    let sending = |(at, item): (usize, &Item)| (item.state == ItemState::Sending).then_some(at);
    for item in run.operation.items.iter().enumerate().filter_map(sending) {
        let failure = Some(Failure::new(FailureKind::Dropped));
        batch.push(&run.operation, OperationEvent::Answered { item, claim: Claim::Silence, failure });
    }
    batch
}

/// The events for an operation that this engine runs again after the connection was lost. The answer of its last request is kept, if
/// it arrived meanwhile; without one the item ends in silence. `stop` is why nothing more is sent.
pub(super) fn reconnected(
    run: &mut Run,
    answer: Option<OperationEvent>,
    stop: Option<&StopReason>,
    now: Millis,
) -> EventBatch {
    let mut batch = EventBatch::new(&run.operation, now);
    let answered = answer.filter(|event| match event {
        OperationEvent::Answered { item, .. } | OperationEvent::PutBack { item, .. } => {
            run.operation.items.get(*item).is_some_and(|item| item.state == ItemState::Sending)
        }
        _ => false,
    });
    match answered {
        Some(event) => {
            if let OperationEvent::PutBack { item, .. } = event {
                run.notes[item].must_look = true;
            }
            batch.push(&run.operation, event);
        }
        None => batch = unanswered(run, now),
    }
    if let Some(why) = stop {
        run.stop_rest(&mut batch, why);
    }
    batch
}

/// Prepares read-backs of an operation whose recorded times may be those of another clock: they are due as if every attempt had just
/// ended.
pub(super) fn look_from(run: &mut Run, now: Millis) {
    look_anew(run, now);
    for note in &mut run.notes {
        note.watch = Watch::since(now);
    }
}

/// Prepares read-backs that do not directly follow an earlier one. Timestamps in the future count as now: the clock was set back
/// after they were recorded, and nothing waits until it catches up. The last earlier read-back does not count as the first of two
/// consecutive ones.
pub(super) fn look_anew(run: &mut Run, now: Millis) {
    for note in &mut run.notes {
        note.watch = Watch::since(note.watch.ended.min(now));
    }
    for item in &mut run.operation.items {
        item.shows = None;
    }
}
