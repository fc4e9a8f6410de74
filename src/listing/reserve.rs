//! The requests that prefetching leaves to running writes and their read-backs.

use crate::{
    domain::{
        budget::RESERVE,
        wait::{Wait, WaitReason},
    },
    gateway::{Now, Reads},
};

/// Waits while the token's budget is below the reserve, and reports the wait. Dropping the future ends it.
pub(super) async fn wait_for_budget(gateway: &dyn Reads, now: &Now) {
    let mut budget = gateway.budget();
    let waits = gateway.waits();
    let mut waiting = None;
    loop {
        let held = *budget.borrow_and_update();
        let Some(held) = held.filter(|held| held.remaining_at(now()) < RESERVE.min(held.limit)) else {
            return;
        };
        let wait = Wait { why: WaitReason::Limit, until: held.resets_at };
        // The old wait ends after the new one began, so that it appears as one wait.
        drop(waiting.replace(waits.begin(wait, now())));
        // A response to another request may report a new count before this reset.
        tokio::select! {
            () = tokio::time::sleep(held.resets_at.since(now())) => {}
            changed = budget.changed() => if changed.is_err() { return },
        }
    }
}
