//! When a request may be sent: pace, budget and pauses. Pure except for its seeded random numbers; it knows neither operations
//! nor gateways.

use std::time::Duration;

use super::moment::Moment;
use crate::domain::{
    budget::{Budget, RESERVE},
    event::PauseReason,
    failure::{Failure, FailureKind},
    plan::Step,
    settings::OperationSettings,
    time::Millis,
};

/// How long the gateway's limit lasts if the gateway did not say.
const UNTOLD_RESET: Duration = Duration::from_secs(60);
/// The longest single wait for a reset, however wrong a clock is.
const LONGEST_RESET: Duration = Duration::from_secs(120);
/// After this many consecutive throttling pauses, the operation stops.
const THROTTLES: u32 = 5;

/// Delays requests as long as the gateway and `WhatsApp` require.
#[derive(Debug)]
pub(super) struct RateGate {
    dice: fastrand::Rng,
    /// The fraction of the jitter that the next write waits, from 0 to 1.
    chance: f64,
    last_start: Option<Millis>,
    hold: Option<PauseReason>,
    /// Until when a request of another Synod may be in flight.
    last_request: Option<Millis>,
    throttles: u32,
    looks_held: Option<Millis>,
    looks_refused: u32,
}

impl RateGate {
    pub(super) fn new(dice: fastrand::Rng) -> Self {
        Self {
            dice,
            chance: 0.0,
            last_start: None,
            hold: None,
            last_request: None,
            throttles: 0,
            looks_held: None,
            looks_refused: 0,
        }
    }

    /// The earliest start of the next write of this kind.
    pub(super) fn next_write(
        &self,
        step: &Step,
        settings: &OperationSettings,
        budget: Option<Budget>,
        now: Millis,
    ) -> Millis {
        let Some(last) = self.last_start else { return now };
        let jitter = 1.0 + (settings.pace.jitter * self.chance).max(0.0);
        let paced = last + settings.spacing(step).mul_f64(jitter);
        let Some(budget) = budget.filter(|budget| now < budget.resets_at && budget.remaining > 0) else {
            return paced;
        };
        if budget.remaining >= RESERVE {
            return paced;
        }
        // Half of the remaining budget is reserved for the read-backs that the writes need.
        let share = budget.resets_at.since(last) * 2 / budget.remaining;
        paced.max((last + share).min(budget.resets_at))
    }

    /// Why nothing may be sent now; `None` if sending is allowed.
    pub(super) fn hold(&self, budget: Option<Budget>, now: Millis) -> Option<PauseReason> {
        if let Some(until) = self.last_request.filter(|until| now < *until) {
            return Some(PauseReason::InFlight { until });
        }
        let held = self.hold.clone().filter(|hold| until(hold).is_some_and(|until| now < until));
        held.or_else(|| used_up(budget, now).map(|until| PauseReason::Budget { until }))
    }

    /// The earliest start of a read-back that the budget allows.
    pub(super) fn next_look(&self, budget: Option<Budget>, now: Millis) -> Millis {
        let held = self.looks_held.unwrap_or(now);
        held.max(used_up(budget, now).unwrap_or(now)).max(now)
    }

    /// Blocks sending until then, because a request of another Synod may be in flight.
    pub(super) fn last_request_until(&mut self, until: Option<Millis>) {
        self.last_request = until;
    }

    /// Records the start of a write.
    pub(super) fn started(&mut self, now: Millis) {
        self.last_start = Some(now);
        self.chance = self.dice.f64();
    }

    /// Records that a write got an answer other than a request to wait.
    pub(super) fn passed(&mut self) {
        self.throttles = 0;
    }

    /// Records that the gateway's limit is used up.
    pub(super) fn rate_limited(&mut self, failure: &Failure, budget: Option<Budget>, now: Millis) {
        let until = reset(failure, budget, now);
        self.hold = Some(PauseReason::Budget { until });
        self.looks_held = Some(until);
    }

    /// Records that `WhatsApp` asks for fewer requests; `false` if it did so too often to continue.
    pub(super) fn throttled(&mut self, failure: &Failure, settings: &OperationSettings, now: Millis) -> bool {
        self.throttles += 1;
        if self.throttles >= THROTTLES {
            self.throttles = 0;
            return false;
        }
        let pause = settings.throttle_pause;
        let span = pause.first.saturating_mul(1 << (self.throttles - 1)).min(pause.most);
        let asked = match failure.kind {
            FailureKind::Throttled { until: Some(until) } => until.min(now + pause.most),
            _ => now,
        };
        self.hold = Some(PauseReason::Throttled { until: asked.max(now + span) });
        true
    }

    /// Records that an answer asked to wait; `false` if that happened too often to continue.
    pub(super) fn asked_to_wait(
        &mut self,
        failure: &Failure,
        settings: &OperationSettings,
        moment: Moment,
    ) -> bool {
        if matches!(failure.kind, FailureKind::Throttled { .. }) {
            return self.throttled(failure, settings, moment.now);
        }
        self.rate_limited(failure, moment.budget, moment.now);
        true
    }

    /// Records that a read-back was refused because of the number of requests; `false` if that happened too often to wait again.
    pub(super) fn look_refused(
        &mut self,
        failure: &Failure,
        settings: &OperationSettings,
        budget: Option<Budget>,
        now: Millis,
    ) -> bool {
        self.looks_refused += 1;
        if self.looks_refused >= THROTTLES {
            self.looks_refused = 0;
            return false;
        }
        self.looks_held = Some(match failure.kind {
            FailureKind::RateLimited { .. } => reset(failure, budget, now),
            _ => now + settings.throttle_pause.first,
        });
        true
    }

    /// Records that a read-back was answered.
    pub(super) fn look_passed(&mut self) {
        self.looks_refused = 0;
    }
}

/// When a pause ends by itself.
pub(super) fn until(why: &PauseReason) -> Option<Millis> {
    why.until()
}

/// When the budget resets, if nothing is left of it.
fn used_up(budget: Option<Budget>, now: Millis) -> Option<Millis> {
    budget.filter(|budget| budget.remaining_at(now) == 0 && now < budget.resets_at).map(|b| b.resets_at)
}

fn reset(failure: &Failure, budget: Option<Budget>, now: Millis) -> Millis {
    let told = match failure.kind {
        FailureKind::RateLimited { until } => until,
        _ => None,
    };
    let known = told.or_else(|| used_up(budget, now)).unwrap_or(now + UNTOLD_RESET);
    known.clamp(now + Duration::from_secs(1), now + LONGEST_RESET)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::CommunityId;

    fn link() -> Step {
        Step::Link(CommunityId::parse("1@g.us").unwrap())
    }

    fn budget(remaining: u32) -> Budget {
        Budget { limit: 100, remaining, resets_at: Millis(60_000), told_by_gateway: true }
    }

    fn gate() -> RateGate {
        RateGate::new(fastrand::Rng::with_seed(7))
    }

    #[test]
    fn jitter_adds_at_most_its_part() {
        let (mut gate, settings) = (gate(), OperationSettings::default());
        for _ in 0..100 {
            gate.started(Millis(0));
            let at = gate.next_write(&link(), &settings, None, Millis(0)).0;
            assert!((1_000..=1_250).contains(&at), "{at}");
        }
    }

    #[test]
    fn a_nearly_used_budget_slows_writes_down() {
        let (mut gate, mut settings) = (gate(), OperationSettings::default());
        settings.pace.jitter = 0.0;
        gate.started(Millis(0));
        let at = |remaining| gate.next_write(&link(), &settings, Some(budget(remaining)), Millis(0)).0;
        assert_eq!(at(10), 1_000);
        assert_eq!(at(8), 15_000);
        assert_eq!(at(1), 60_000);
        assert_eq!(at(0), 1_000, "a used-up budget holds the writes, and needs no pace");
        for later in [60_000, 61_000].map(Millis) {
            let at = gate.next_write(&link(), &settings, Some(budget(1)), later);
            assert_eq!(at, Millis(1_000), "it was reset");
        }
    }

    #[test]
    fn an_empty_budget_holds_until_it_is_filled_again() {
        let why = PauseReason::Budget { until: Millis(60_000) };
        assert_eq!(gate().hold(Some(budget(0)), Millis(1)), Some(why));
        assert_eq!(gate().next_look(Some(budget(0)), Millis(1)), Millis(60_000));
        assert_eq!(gate().hold(Some(budget(0)), Millis(60_000)), None);
        let nothing = Budget { limit: 0, ..budget(0) };
        assert_eq!(gate().hold(Some(nothing), Millis(60_000)), None, "it would never end");
    }

    #[test]
    fn throttling_doubles_up_to_its_most_and_the_fifth_is_the_last() {
        let (mut gate, settings) = (gate(), OperationSettings::default());
        let failure = Failure::new(FailureKind::Throttled { until: None });
        let mut pauses = Vec::new();
        while gate.throttled(&failure, &settings, Millis(0)) {
            pauses.push(gate.hold.as_ref().and_then(until).unwrap().0 / 1_000);
        }
        assert_eq!(pauses, [30, 60, 120, 240]);
    }

    #[test]
    fn a_used_up_limit_holds_writes_and_readbacks_for_as_long_as_is_known() {
        let limited = |until| Failure::new(FailureKind::RateLimited { until });
        let empty = Some(Budget { resets_at: Millis(42_000), ..budget(0) });
        for (failure, known, seconds) in [
            (limited(Some(Millis(30_000))), empty, 30),
            (limited(None), empty, 42),
            (limited(None), None, 60),
            (limited(Some(Millis(86_400_000))), None, 120),
            (limited(Some(Millis(0))), None, 1),
        ] {
            let mut gate = gate();
            gate.rate_limited(&failure, known, Millis(0));
            let until = Millis(seconds * 1_000);
            // The hold must not depend on a later budget.
            assert_eq!(gate.hold(None, Millis(0)), Some(PauseReason::Budget { until }), "{failure:?}");
            assert_eq!(gate.next_look(None, Millis(0)), until, "{failure:?}");
            assert_eq!(gate.hold(None, until), None);
        }
    }

    #[test]
    fn an_answer_between_throttlings_starts_the_count_again() {
        let (mut gate, settings) = (gate(), OperationSettings::default());
        let failure = Failure::new(FailureKind::Throttled { until: None });
        for _ in 0..2 {
            for expected in [30, 60, 120, 240] {
                assert!(gate.throttled(&failure, &settings, Millis(0)));
                assert_eq!(gate.hold.as_ref().and_then(until), Some(Millis(expected * 1_000)));
            }
            gate.passed();
        }
    }

    #[test]
    fn a_readback_that_is_answered_starts_the_count_of_refusals_again() {
        let (mut gate, settings) = (gate(), OperationSettings::default());
        let failure = Failure::new(FailureKind::Throttled { until: None });
        for _ in 0..2 {
            for _ in 1..THROTTLES {
                assert!(gate.look_refused(&failure, &settings, None, Millis(0)));
            }
            gate.look_passed();
        }
        let refused = (0..THROTTLES).map(|_| gate.look_refused(&failure, &settings, None, Millis(0)));
        assert_eq!(refused.collect::<Vec<_>>(), [true, true, true, true, false]);
    }
}
