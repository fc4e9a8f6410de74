//! The requests that prefetching leaves to running writes and their read-backs.

use crate::{
    clock::Clock,
    domain::{
        budget::{Budget, RESERVE},
        wait::{Wait, WaitReason},
    },
    gateway::Reads,
};

/// Waits until more than half of the token's budget is left, before a request that no operator asked for. It does not report the
/// wait, because no operator waits for the result. Dropping the future ends it.
pub async fn wait_for_half(gateway: &dyn Reads, clock: Clock) {
    let mut budget = gateway.budget();
    loop {
        let held = *budget.borrow_and_update();
        let is_low = |held: &Budget| held.remaining_at(clock.now()) <= held.limit.div_ceil(2);
        let Some(held) = held.filter(is_low) else { return };
        tokio::select! {
            () = tokio::time::sleep(held.resets_at.since(clock.now())) => {}
            changed = budget.changed() => if changed.is_err() { return },
        }
    }
}

/// Waits while the token's budget is below the reserve, and reports the wait. Dropping the future ends it.
pub(super) async fn wait_for_budget(gateway: &dyn Reads, clock: Clock) {
    let mut budget = gateway.budget();
    let waits = gateway.waits();
    let mut waiting = None;
    loop {
        let held = *budget.borrow_and_update();
        let Some(held) = held.filter(|held| held.remaining_at(clock.now()) < RESERVE.min(held.limit)) else {
            return;
        };
        let wait = Wait { why: WaitReason::Limit, until: held.resets_at };
        // The old wait ends after the new one began, so that it appears as one wait.
        drop(waiting.replace(waits.begin(wait, clock.now())));
        // A response to another request may report a new count before this reset.
        tokio::select! {
            () = tokio::time::sleep(held.resets_at.since(clock.now())) => {}
            changed = budget.changed() => if changed.is_err() { return },
        }
    }
}
