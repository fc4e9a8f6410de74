//! The cost of a plan, in requests and time, and the time that the rest of an operation takes.

use std::time::Duration;

use super::{Plan, Step};
use crate::domain::{budget::Budget, operation::Operation, settings::OperationSettings, time::Millis};

/// The cost of running a plan if everything goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Requests: writes and readbacks.
    pub requests: usize,
    /// Time from the first request to the last verified result.
    pub span: Duration,
}

/// The minimum interval between readbacks of one community.
pub const BETWEEN_LOOKS: Duration = Duration::from_secs(3);

impl Plan {
    /// Computes the cost of the plan as it stands.
    pub fn estimate(&self, settings: &OperationSettings, budget: Option<Budget>, now: Millis) -> Estimate {
        let mut writes = 0_usize;
        let mut sending = Duration::ZERO;
        // Synod reads the invite link of a group before it leaves the group.
        let mut links = 0_usize;
        for step in self.rows.iter().filter(|row| row.is_sent()).flat_map(|row| &row.steps[row.done..]) {
            writes += 1;
            links += usize::from(*step == Step::Leave && settings.keep_invite_links);
            sending += settings.usual_spacing(step);
        }
        if writes == 0 {
            return Estimate { requests: 0, span: Duration::ZERO };
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
        Estimate { requests, span }
    }
}

impl Operation {
    /// How long the rest will take if everything goes well, in whole seconds.
    pub fn time_left(&self, settings: &OperationSettings) -> Duration {
        let open = self.items.iter().filter(|item| item.outcome.is_none());
        let steps =
            open.flat_map(|item| item.steps.iter().skip(item.step + usize::from(item.attempted.is_some())));
        let sending: Duration = steps.map(|step| settings.usual_spacing(step)).sum();
        Duration::from_secs((sending + settings.first_look()).as_secs())
    }
}

impl OperationSettings {
    /// The usual time between the start of this kind of request and the start of the one before.
    fn usual_spacing(&self, step: &Step) -> Duration {
        self.spacing(step).mul_f64(1.0 + self.pace.jitter / 2.0)
    }

    /// The time from a request to the first readback of its result.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        event::{Fate, OperationEvent, Order, OrderItem, Record, SeenBefore},
        id::{GroupId, OperationId},
        instance::InstanceKey,
        name::Name,
        outcome::Outcome,
        plan::{
            Verb,
            tests::{community, link, plan, risky, unlink, will_do},
        },
        settings::Pace,
    };

    const NOW: Millis = Millis(1_000_000);

    fn secs(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// With half of the jitter, the usual time between two links is 2.5 s, between two unlinks 5 s, between two leaves 10 s.
    fn settings() -> OperationSettings {
        let pace = Pace { link: secs(2.0), unlink: secs(4.0), leave: secs(8.0), jitter: 0.5 };
        OperationSettings { pace, ..OperationSettings::default() }
    }

    fn cost(requests: usize, seconds: f64) -> Estimate {
        Estimate { requests, span: secs(seconds) }
    }

    fn links(count: usize) -> Plan {
        plan((0..count).map(|at| will_do(&format!("g{at}"), vec![link("c")])).collect())
    }

    #[test]
    fn a_plan_that_sends_nothing_costs_nothing() {
        let plan = plan(vec![risky("g", vec![link("c")])]);
        assert_eq!(plan.estimate(&settings(), None, NOW), cost(0, 0.0));
    }

    #[test]
    fn each_request_takes_its_usual_time_and_readbacks_come_every_three_seconds() {
        let of = |steps| plan(vec![will_do("g", steps)]).estimate(&settings(), None, NOW);
        assert_eq!(of(vec![link("c")]), cost(1 + 2, 2.5 + 3.0));
        assert_eq!(of(vec![unlink("a")]), cost(1 + 3, 5.0 + 3.0));
        assert_eq!(of(vec![unlink("a"), link("c")]), cost(2 + 4, 7.5 + 3.0));
        assert_eq!(of(vec![Step::Join]), cost(1 + 3, 10.0 + 3.0));
        assert_eq!(of(vec![Step::LeaveCommunity(community("a"))]), cost(1 + 3, 10.0 + 3.0));
        assert_eq!(links(4).estimate(&settings(), None, NOW), cost(4 + 5, 10.0 + 3.0));
    }

    #[test]
    fn what_an_earlier_operation_did_costs_nothing_again() {
        let mut row = will_do("g", vec![unlink("a"), link("c")]);
        row.done = 1;
        assert_eq!(plan(vec![row]).estimate(&settings(), None, NOW), cost(1 + 2, 2.5 + 3.0));
    }

    #[test]
    fn reading_an_invite_link_before_a_leave_is_one_more_request_if_links_are_kept() {
        let plan = plan(vec![will_do("g", vec![Step::Leave]), will_do("h", vec![Step::Leave])]);
        let forgetful = OperationSettings { keep_invite_links: false, ..settings() };
        assert_eq!(plan.estimate(&forgetful, None, NOW), cost(2 + 4, 20.0 + 3.0));
        assert_eq!(plan.estimate(&settings(), None, NOW), cost(2 + 4 + 2, 20.0 + 3.0));
    }

    #[test]
    fn a_budget_that_is_used_up_adds_the_time_until_it_resets() {
        // Nine requests.
        let plan = links(4);
        let budget = |limit, remaining, seconds: i64| {
            let resets_at = Millis(NOW.0 + seconds * 1_000);
            let budget = Budget { limit, remaining, resets_at, told_by_gateway: true };
            let estimate = plan.estimate(&settings(), Some(budget), NOW);
            assert_eq!(estimate.requests, 9);
            estimate.span
        };
        assert_eq!(budget(4, 9, 40), secs(13.0), "it just suffices");
        assert_eq!(budget(4, 8, 40), secs(40.0 + 3.0));
        assert_eq!(budget(4, 5, 40), secs(40.0 + 3.0), "one further period suffices");
        assert_eq!(budget(4, 4, 40), secs(40.0 + 60.0 + 3.0));
        assert_eq!(budget(4, 0, 40), secs(40.0 + 120.0 + 3.0));
        assert_eq!(budget(4, 8, 1), secs(13.0), "it resets while the plan runs");
        assert_eq!(budget(9, 0, 0), secs(13.0), "it has just been reset");
        assert_eq!(budget(0, 0, 40), secs(13.0), "a budget without a limit says nothing");
    }

    fn operation(steps: &[Vec<Step>]) -> Operation {
        let item = |steps: &Vec<Step>| OrderItem {
            group: GroupId::parse("g@g.us").unwrap(),
            name: Name::new("g"),
            steps: steps.clone(),
            done: 0,
            fate: Fate::Send,
            reason: None,
            evidence: SeenBefore::default(),
            sent_before: false,
        };
        let items = steps.iter().map(item).collect();
        let order = Order { verb: Verb::Move, target: None, parent: None, items };
        Operation::begin(&Record {
            instance: InstanceKey::new("i"),
            operation: OperationId(1),
            sequence: 0,
            at: NOW,
            event: OperationEvent::Created(Box::new(order)),
        })
        .unwrap()
    }

    #[test]
    fn the_time_left_counts_the_steps_that_are_still_to_be_sent() {
        let mut operation = operation(&[vec![unlink("a"), link("c")], vec![link("c")]]);
        let left = |operation: &Operation| operation.time_left(&settings()).as_secs();
        assert_eq!(left(&operation), 13, "an unlink, two links and the first readback");
        operation.items[0].attempted = Some(NOW);
        assert_eq!(left(&operation), 8, "the unlink is on its way");
        (operation.items[0].attempted, operation.items[0].step) = (None, 1);
        assert_eq!(left(&operation), 8, "the unlink was verified");
        operation.items[0].attempted = Some(NOW);
        assert_eq!(left(&operation), 5, "the link is on its way too: 5.5 s, in whole seconds");
        operation.items[1].outcome = Some(Outcome::Blocked);
        assert_eq!(left(&operation), 3, "only the readback is left");
    }
}
