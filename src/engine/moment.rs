//! The time of a decision about sending, with the budget that the gateway leaves then.

use crate::domain::{budget::Budget, time::Millis};

/// The time of a decision, and the gateway's remaining budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) now: Millis,
    pub(super) budget: Option<Budget>,
}
