//! Decides what an operation does next: send, read back, pause, wait or end. Pure.

use super::{
    rate_gate::{self, RateGate},
    readbacks::ReadbackPlace,
    run::{Run, Stage},
};
use crate::domain::{
    budget::Budget,
    event::PauseReason,
    failure::Failure,
    operation::{Item, ItemState, Phase},
    outcome::Claim,
    plan::Step,
    reading::is_fresh,
    time::Millis,
};

/// The next action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Send the next step of this item.
    Send(usize),
    /// Check the remaining items against fresh listings.
    Check,
    /// Fetch the data that this item needs before it is sent.
    Prepare(usize),
    Look(ReadbackPlace),
    Hold(PauseReason),
    Release,
    /// Nothing is left to do.
    Finish,
    /// Wait for an event or a time.
    Wait {
        /// When something is due.
        until: Option<Millis>,
        /// When the next request is sent, if one waits for its time.
        next_send: Option<Millis>,
    },
}

/// What an item needs before it can be sent.
enum Need {
    Check,
    /// Its invite link, to be stored or used.
    Link,
    /// The result of a read in progress.
    Patience,
}

impl Run {
    /// The next action.
    pub(super) fn next(&self, now: Millis, gate: &RateGate, budget: Option<Budget>) -> Next {
        if self.is_done() {
            return Next::Finish;
        }
        let hold = self.hold(now, gate, budget);
        if let Some(change) = self.change_of_phase(hold.as_ref()) {
            return change;
        }
        let next_send = match self.candidate() {
            Some((at, item)) if hold.is_none() && !self.may_be_worked_on() => {
                let step = item.current_step();
                let due = step.map(|step| gate.next_write(step, &self.settings, budget, now));
                let is_due = due.is_some_and(|due| due <= now) && self.writing.is_none();
                let may_read = gate.next_look(budget, now);
                match self.need(at, item, now) {
                    Some(Need::Check) if is_due && may_read <= now => return Next::Check,
                    Some(Need::Link) if may_read <= now => return Next::Prepare(at),
                    Some(Need::Check | Need::Link) => due.map(|due| due.max(may_read)),
                    None if is_due => return Next::Send(at),
                    Some(Need::Patience) | None => due,
                }
            }
            _ => None,
        };
        let look =
            self.looks.next(self.waiting()).map(|(due, place)| (due.max(gate.next_look(budget, now)), place));
        match look {
            Some((due, place)) if due <= now => Next::Look(place),
            look => {
                // A request whose time has come waits for the one in flight, not for the clock.
                let send = next_send.filter(|due| *due > now);
                let released = hold.as_ref().and_then(rate_gate::until);
                let until = [send, released, look.map(|(due, _)| due)].into_iter().flatten().min();
                Next::Wait { until, next_send }
            }
        }
    }

    /// Why an item cannot be sent although its turn has come.
    fn need(&self, at: usize, item: &Item, now: Millis) -> Option<Need> {
        match self.stage {
            Stage::Unchecked => return Some(Need::Check),
            Stage::Fresh if !is_fresh(self.operation.created, now) => return Some(Need::Check),
            Stage::Checking => return Some(Need::Patience),
            Stage::Fresh | Stage::Checked => {}
        }
        let needs_link = match item.current_step()? {
            Step::Leave => self.settings.keep_invite_links,
            Step::Join => true,
            _ => false,
        };
        if !needs_link || self.notes[at].is_prepared {
            return None;
        }
        Some(if self.preparing.is_some() { Need::Patience } else { Need::Link })
    }

    fn hold(&self, now: Millis, gate: &RateGate, budget: Option<Budget>) -> Option<PauseReason> {
        if self.paused {
            return Some(PauseReason::Operator);
        }
        let has_queued = self.operation.totals.queued > 0;
        has_queued.then(|| gate.hold(budget, now)).flatten()
    }

    fn change_of_phase(&self, hold: Option<&PauseReason>) -> Option<Next> {
        match (&self.operation.phase, hold) {
            (Phase::Stopping(_) | Phase::Ended(_), _) => None,
            (Phase::Paused(_), None) => Some(Next::Release),
            (Phase::Paused(why), Some(hold)) if is_about(why, hold) => None,
            (_, Some(hold)) => Some(Next::Hold(hold.clone())),
            (_, None) => None,
        }
    }

    /// The next item to send: those between two steps come before those that have not begun.
    fn candidate(&self) -> Option<(usize, &Item)> {
        let waits = |(at, item): &(usize, &Item)| {
            let is_spared = self.waits_for_another(*at, item) && self.is_looked_at(*at, item);
            !(self.notes[*at].must_look || is_spared)
        };
        self.index.queued().map(|at| (at, &self.operation.items[at])).find(waits)
    }

    /// Whether the gateway may still be working on a request whose answer did not arrive: nothing is sent before all read-backs
    /// are done, or before one shows the result.
    fn may_be_worked_on(&self) -> bool {
        let went_unanswered = |item: &Item| {
            let is_out = matches!(item.state, ItemState::Accepted | ItemState::Checking);
            let failure = item.failure.as_ref().filter(|_| item.claim == Some(Claim::Silence));
            is_out && item.outcome.is_none() && failure.is_some_and(Failure::may_be_worked_on)
        };
        self.index.out().any(|at| went_unanswered(&self.operation.items[at]))
    }

    /// Whether a read-back in progress may show that nothing needs to be sent.
    fn is_looked_at(&self, at: usize, item: &Item) -> bool {
        self.place(at, item).is_some_and(|place| self.looks.is_under_way(&place))
    }

    /// The places where items wait for a read-back, each with the time at which an item is due.
    fn waiting(&self) -> impl Iterator<Item = (ReadbackPlace, Millis)> {
        let read_back = &self.settings.read_back;
        self.index
            .out()
            .map(|at| (at, &self.operation.items[at]))
            .filter(|(at, item)| self.waits_for_look(*at, item))
            .filter_map(move |(at, item)| {
                Some((self.place(at, item)?, self.notes[at].watch.next_due(read_back, item)))
            })
    }

    /// Whether an item waits for a read-back.
    pub(super) fn waits_for_look(&self, at: usize, item: &Item) -> bool {
        let is_out = matches!(item.state, ItemState::Accepted | ItemState::Checking);
        item.outcome.is_none() && (is_out || (item.state == ItemState::Queued && self.notes[at].must_look))
    }
}

/// Whether two pauses are equivalent to the operator: of the same kind, and ending within the same second.
fn is_about(why: &PauseReason, hold: &PauseReason) -> bool {
    let kind = std::mem::discriminant(why) == std::mem::discriminant(hold);
    let apart = match (rate_gate::until(why), rate_gate::until(hold)) {
        (Some(why), Some(hold)) => why.since(hold).max(hold.since(why)).as_secs(),
        _ => 0,
    };
    kind && apart == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_about_the_same_if_they_end_within_a_second() {
        let budget = |until| PauseReason::Budget { until: Millis(until) };
        assert!(is_about(&budget(1_000), &budget(1_999)) && is_about(&budget(1_999), &budget(1_000)));
        assert!(!is_about(&budget(1_000), &budget(2_000)) && !is_about(&budget(2_000), &budget(1_000)));
        assert!(is_about(&PauseReason::Operator, &PauseReason::Operator));
        assert!(!is_about(&PauseReason::Operator, &budget(1_000)), "it ends by itself");
    }
}
