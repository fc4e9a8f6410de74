//! The cost of a plan, in requests and time, and the time that the rest of an operation takes.

use std::time::Duration;

use super::{Plan, Row, Step};
use crate::domain::{
    budget::Budget,
    operation::{ItemState, Operation},
    settings::OperationSettings,
    time::Millis,
};

/// The cost of running a plan if everything goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Requests: writes and read-backs.
    pub requests: usize,
    /// Time from the first request to the last verified result.
    pub span: Duration,
}

/// The minimum interval between read-backs of one community.
pub const BETWEEN_LOOKS: Duration = Duration::from_secs(3);

impl Plan {
    /// Computes the cost of the plan as it stands.
    pub fn estimate(&self, settings: &OperationSettings, budget: Option<Budget>, now: Millis) -> Estimate {
        Estimate::of(&self.rows, settings, budget, now)
    }
}

impl Estimate {
    /// Two numbers work side by side.
    #[must_use]
    pub fn beside(self, other: Self) -> Self {
        Self { requests: self.requests + other.requests, span: self.span.max(other.span) }
    }

    /// Computes the cost of rows that one number carries out.
    pub fn of(rows: &[Row], settings: &OperationSettings, budget: Option<Budget>, now: Millis) -> Self {
        let mut writes = 0_usize;
        let mut sending = Duration::ZERO;
        // Synod reads the invite link of a group before it leaves the group.
        let mut links = 0_usize;
        for step in rows.iter().filter(|row| row.is_sent()).flat_map(|row| &row.steps[row.done..]) {
            writes += 1;
            links += usize::from(*step == Step::Leave && settings.keep_invite_links);
            sending += settings.usual_spacing(step);
        }
        if writes == 0 {
            return Self { requests: 0, span: Duration::ZERO };
        }
        let first_look = settings.first_look();
        let mut span = sending + first_look;
        let looks_in_span = usize::try_from(span.as_secs() / BETWEEN_LOOKS.as_secs()).unwrap_or(0) + 1;
        let looks = looks_in_span.min(writes + 2);
        let requests = writes + looks + links;
        if let Some(budget) = budget.filter(|budget| budget.limit > 0) {
            let left = budget.remaining_at(now) as usize;
            if requests > left {
                let periods = (requests - left).div_ceil(budget.limit as usize).saturating_sub(1);
                let waits = budget.resets_at.since(now)
                    + Duration::from_secs(60) * u32::try_from(periods).unwrap_or(0);
                span = span.max(waits + first_look);
            }
        }
        Self { requests, span }
    }
}

impl Operation {
    /// How long the rest will take, in whole seconds, if everything else goes well. A request that takes longer than usual is expected
    /// to take as long again, so the remaining time grows while it hangs.
    pub fn time_left(&self, settings: &OperationSettings, now: Millis) -> Duration {
        let open = self.items.iter().filter(|item| item.outcome.is_none());
        let steps =
            open.flat_map(|item| item.steps.iter().skip(item.step + usize::from(item.attempted.is_some())));
        let sending: Duration = steps.map(|step| settings.usual_spacing(step)).sum();
        let in_flight =
            self.items.iter().filter(|item| item.outcome.is_none() && item.state == ItemState::Sending);
        let hanging = in_flight.filter_map(|item| {
            let (sent, step) = (item.attempted?, item.current_step()?);
            now.since(sent).checked_sub(settings.usual_spacing(step))
        });
        let hanging = hanging.max().unwrap_or_default();
        Duration::from_secs((sending + hanging + settings.first_look()).as_secs())
    }
}

impl OperationSettings {
    /// The usual time between the start of this kind of request and the start of the one before.
    fn usual_spacing(&self, step: &Step) -> Duration {
        self.spacing(step).mul_f64(1.0 + self.pace.jitter / 2.0)
    }

    /// The time from a request to the first read-back of its result.
    fn first_look(&self) -> Duration {
        self.read_back.first().copied().unwrap_or_default()
    }

    /// The minimum time between the start of this kind of request and the start of the one before.
    pub fn spacing(&self, step: &Step) -> Duration {
        match step {
            Step::Link(_) => self.pace.link,
            Step::Unlink(_) => self.pace.unlink,
            Step::Leave | Step::LeaveCommunity(_) | Step::Join => self.pace.leave,
        }
    }
}
