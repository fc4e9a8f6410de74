//! The exit codes of commands that change something: 0 all verified or already so, 3 some not, 4 none, 5 stopped by
//! the operator; of several the highest. 1 and 2 belong to those that sent nothing.

use crate::domain::{event::Fate, operation::Operation, outcome::Outcome, plan::Plan};

/// Something failed before anything was sent.
pub(super) const FAILED: u8 = 1;

/// Stopped by the operator.
pub(super) const STOPPED: u8 = 5;

/// The code of an operation that nobody stopped.
pub(super) fn of_operation(operation: &Operation) -> u8 {
    let totals = &operation.totals;
    let wanted = totals.of(Outcome::Verified) + totals.of(Outcome::AlreadySo);
    of_counts(wanted, operation.items.len())
}

/// The code of a plan of which nothing is sent.
pub(super) fn of_unsent(plan: &Plan) -> u8 {
    let fates: Vec<Fate> = plan.order().items.iter().map(|item| item.fate).collect();
    of_counts(fates.iter().filter(|fate| **fate == Fate::AlreadySo).count(), fates.len())
}

/// The code of a plan that is only shown: 3 when something of it would not be done.
pub(super) fn of_shown(plan: &Plan) -> u8 {
    if plan.order().items.iter().any(|item| item.fate == Fate::Blocked) { 3 } else { 0 }
}

fn of_counts(wanted: usize, all: usize) -> u8 {
    match wanted {
        _ if wanted == all => 0,
        0 => 4,
        _ => 3,
    }
}
