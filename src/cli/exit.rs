//! The exit codes of commands: 0 all verified or already done, 3 some not, 4 none, 5 stopped by the operator, 6 a comparison found
//! differences, 7 try again later. 1 and 2 are for commands that sent nothing. If several apply, `first_of` decides.

use crate::domain::{
    event::{Fate, ItemReason},
    failure::FailureKind,
    operation::Operation,
    outcome::Outcome,
    plan::Plan,
};

/// Something in the request or the configuration was wrong.
pub(super) const USAGE: u8 = 2;

/// Something failed before anything was sent.
pub const FAILED: u8 = 1;

/// Stopped by the operator.
pub const STOPPED: u8 = 5;

/// No group is as wanted.
const NONE: u8 = 4;

/// Some groups are not as wanted.
pub(super) const SOME: u8 = 3;

/// The instance differs from the desired state.
pub(super) const DIFFERS: u8 = 6;

/// The same command may succeed later.
pub(super) const RETRY: u8 = 7;

/// The order in which one code wins over another.
const ORDER: [u8; 7] = [USAGE, FAILED, RETRY, STOPPED, NONE, SOME, DIFFERS];

/// The code that wins if several apply; 0 if none does.
pub(super) fn first_of(codes: &[u8]) -> u8 {
    ORDER.into_iter().find(|code| codes.contains(code)).unwrap_or(0)
}

/// The exit code of an operation that the operator did not stop.
pub(super) fn of_operation(operation: &Operation) -> u8 {
    let totals = &operation.totals;
    let wanted = totals.of(Outcome::Verified) + totals.of(Outcome::AlreadySo);
    let awaits = operation.items.iter().filter_map(|item| item.reason.as_ref()).any(awaits);
    let asked = operation.items.iter().filter(|item| !item.was_left_out()).count();
    first_of(&[of_counts(wanted, asked), if awaits { RETRY } else { 0 }])
}

/// Whether an item only needs to be sent later: the budget is spent, or the gateway could not be reached.
fn awaits(reason: &ItemReason) -> bool {
    match reason {
        ItemReason::Halted(failure) => failure.is_passing(),
        ItemReason::Gateway(failure) => failure.asks_to_wait() || failure.kind == FailureKind::Unreachable,
        _ => false,
    }
}

/// The exit code of a plan that sends nothing.
pub(super) fn of_unsent(plan: &Plan) -> u8 {
    let fates = plan.order().items.into_iter().map(|item| item.fate);
    let fates: Vec<Fate> = fates.filter(|fate| *fate != Fate::LeftOut).collect();
    of_counts(fates.iter().filter(|fate| **fate == Fate::AlreadySo).count(), fates.len())
}

/// The exit code of a plan that is only shown: 3 if part of it would not be done.
pub(super) fn of_shown(plan: &Plan) -> u8 {
    if plan.order().items.iter().any(|item| item.fate == Fate::Blocked) { SOME } else { 0 }
}

fn of_counts(wanted: usize, all: usize) -> u8 {
    match wanted {
        _ if wanted == all => 0,
        0 => NONE,
        _ => SOME,
    }
}
