//! What a plan costs: requests and time.

use std::time::Duration;

use super::{Plan, Step};
use crate::domain::{budget::Budget, settings::OperationSettings, time::Millis};

/// What running a plan will cost, if all goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Requests: writes and looks.
    pub requests: usize,
    /// Time from the first request to the last verified result.
    pub span: Duration,
}

/// Looks at one community are at least this far apart.
pub const BETWEEN_LOOKS: Duration = Duration::from_secs(3);

impl Plan {
    /// Counts what the plan costs as it stands.
    pub fn estimate(&self, settings: &OperationSettings, budget: Option<Budget>, now: Millis) -> Estimate {
        let mut writes = 0_usize;
        let mut sending = Duration::ZERO;
        for step in self.rows.iter().filter(|row| row.is_sent()).flat_map(|row| &row.steps[row.done..]) {
            writes += 1;
            sending += settings.spacing(step).mul_f64(1.0 + settings.pace.jitter / 2.0);
        }
        if writes == 0 {
            return Estimate { requests: 0, span: Duration::ZERO };
        }
        let first_look = settings.read_back.first().copied().unwrap_or_default();
        let mut span = sending + first_look;
        let looks_in_span = usize::try_from(span.as_secs() / BETWEEN_LOOKS.as_secs()).unwrap_or(0) + 1;
        let looks = looks_in_span.min(writes + 2);
        let requests = writes + looks;
        if let Some(budget) = budget.filter(|budget| budget.limit > 0) {
            let left = budget.remaining_at(now) as usize;
            if requests > left {
                let periods = (requests - left).div_ceil(budget.limit as usize).saturating_sub(1);
                let waits = budget.resets_at.since(now)
                    + Duration::from_secs(60) * u32::try_from(periods).unwrap_or(0);
                span = span.max(waits + first_look);
            }
        }
        Estimate { requests, span }
    }
}

impl OperationSettings {
    /// The least time between the starts of this kind of request and of the one before.
    pub fn spacing(&self, step: &Step) -> Duration {
        match step {
            Step::Link(_) => self.pace.link,
            Step::Unlink(_) => self.pace.unlink,
            Step::Leave | Step::LeaveCommunity(_) | Step::Join => self.pace.leave,
        }
    }
}
