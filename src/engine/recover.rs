//! What an interrupted operation becomes: the truth of it is recorded, what was under way is looked for, and nothing is
//! sent. To go on with the rest is a new operation, through a plan.

use super::{draft::Draft, run::Run};
use crate::domain::{
    event::{Event, StopReason},
    failure::{Failure, FailureKind},
    operation::{Item, ItemState},
    outcome::Claim,
    time::Millis,
};

/// What is recorded of an operation that nobody runs any more: whatever was being sent ended in silence, and what waits
/// for its turn is not sent. What is under way then waits for looks, which are due after the attempt's recorded start.
pub(super) fn interrupted(run: &Run, now: Millis) -> Draft {
    let mut draft = Draft::new(&run.operation, now);
    let sending = |(at, item): (usize, &Item)| (item.state == ItemState::Sending).then_some(at);
    for item in run.operation.items.iter().enumerate().filter_map(sending) {
        let failure = Some(Failure::new(FailureKind::Dropped));
        draft.push(&run.operation, Event::Answered { item, claim: Claim::Silence, failure });
    }
    run.stop_rest(&mut draft, &StopReason::Interrupted);
    draft
}

/// Prepares looks that follow no earlier look at once. Stamps that lie in the future count as now: the clock went back since
/// they were recorded, and nothing waits until it has caught up. The last look before does not count as one of two in a row.
pub(super) fn look_anew(run: &mut Run, now: Millis) {
    for book in &mut run.books {
        book.watch.ended = book.watch.ended.min(now);
    }
    for item in &mut run.operation.items {
        item.shows = None;
    }
}
