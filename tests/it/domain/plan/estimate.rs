//! How many requests a plan needs, and how long it takes.

use std::time::Duration;

use synod::domain::{
    budget::Budget,
    operation::{ItemState, Operation},
    outcome::Outcome,
    plan::{Plan, Step, Verb, estimate::Estimate},
    settings::{OperationSettings, Pace},
    time::Millis,
};

use super::{plan, risky, will_do};
use crate::support::domain::{self, community, group, item, link, order, unlink};

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
    let items = steps.iter().map(|steps| item(&group("g"), steps.clone())).collect();
    domain::operation(1, order(Verb::Move, items), [])
}

#[test]
fn the_time_left_counts_the_steps_that_are_still_to_be_sent() {
    let mut operation = operation(&[vec![unlink("a"), link("c")], vec![link("c")]]);
    let left = |operation: &Operation| operation.time_left(&settings(), NOW).as_secs();
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

#[test]
fn the_time_left_grows_while_a_request_hangs() {
    let mut operation = operation(&[vec![link("c")], vec![link("c")]]);
    let item = &mut operation.items[0];
    (item.state, item.attempted) = (ItemState::Sending, Some(NOW));
    let left = |operation: &Operation, after: u64| {
        operation.time_left(&settings(), NOW + Duration::from_secs(after)).as_secs()
    };
    let usual = left(&operation, 0);
    assert_eq!(left(&operation, 1), usual, "this long is usual");
    let hanging: Vec<u64> = (10..40).step_by(10).map(|after| left(&operation, after)).collect();
    assert!(hanging[0] > usual && hanging.windows(2).all(|two| two[1] == two[0] + 10), "{hanging:?}");
    operation.items[0].state = ItemState::Accepted;
    assert_eq!(left(&operation, 40), usual, "it was answered");
}
