//! The exit codes of commands that change something: 0 all verified or already done, 3 some not, 4 none, 5 stopped by the
//! operator; if several apply, the highest. 1 and 2 are for commands that sent nothing.

use crate::domain::{event::Fate, operation::Operation, outcome::Outcome, plan::Plan};

/// Something in the request or the configuration was wrong.
pub(super) const USAGE: u8 = 2;

/// Something failed before anything was sent.
pub(super) const FAILED: u8 = 1;

/// Stopped by the operator.
pub(super) const STOPPED: u8 = 5;

/// The exit code of an operation that was not stopped.
pub(super) fn of_operation(operation: &Operation) -> u8 {
    let totals = &operation.totals;
    let wanted = totals.of(Outcome::Verified) + totals.of(Outcome::AlreadySo);
    of_counts(wanted, operation.items.len())
}

/// The exit code of a plan that sends nothing.
pub(super) fn of_unsent(plan: &Plan) -> u8 {
    let fates: Vec<Fate> = plan.order().items.iter().map(|item| item.fate).collect();
    of_counts(fates.iter().filter(|fate| **fate == Fate::AlreadySo).count(), fates.len())
}

/// The exit code of a plan that is only shown: 3 if part of it would not be done.
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
