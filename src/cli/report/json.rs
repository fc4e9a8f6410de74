//! The same as events, one a line: the format of `docs/json.md`.

use serde::Serialize;

use crate::{
    cli::{
        json::{Why, write},
        out::Out,
    },
    domain::{
        community::CommunityRef,
        event::{Event, Fate, PauseReason, Record},
        id::{CommunityId, GroupId, OperationId},
        operation::{Item, ItemState, Operation, Phase, Totals},
        outcome::{Claim, Outcome},
        plan::{Head, Plan, Row, Step, Verb, estimate::Estimate},
        time::Millis,
    },
};

#[derive(Serialize)]
struct PlanBody<'a> {
    instance: &'a str,
    verb: Verb,
    community: Option<&'a CommunityId>,
    leaves_community: bool,
    send: usize,
    requests: usize,
    seconds: u64,
    capacity: Option<CapacityBody>,
    obstacle: Option<Why>,
    groups: Vec<RowBody<'a>>,
}

#[derive(Serialize)]
struct CapacityBody {
    now: usize,
    after: usize,
    limit: usize,
    at_least: bool,
}

#[derive(Serialize)]
struct RowBody<'a> {
    group: &'a GroupId,
    name: &'a str,
    head: &'static str,
    send: bool,
    steps: Vec<StepBody<'a>>,
    reasons: Vec<Why>,
}

#[derive(Serialize)]
struct StepBody<'a> {
    #[serde(rename = "do")]
    what: &'static str,
    community: Option<&'a CommunityId>,
}

/// The name of a head.
pub(in crate::cli) fn head(head: Head) -> &'static str {
    match head {
        Head::WillDo => "will_do",
        Head::Risky => "risky",
        Head::Blocked => "blocked",
        Head::AlreadySo => "already_so",
    }
}

fn step(step: &Step) -> StepBody<'_> {
    let (what, community) = match step {
        Step::Link(community) => ("link", Some(community)),
        Step::Unlink(community) => ("unlink", Some(community)),
        Step::Leave => ("leave", None),
        Step::Join => ("join", None),
        Step::LeaveCommunity(community) => ("leave_community", Some(community)),
    };
    StepBody { what, community }
}

fn row(row: &Row) -> RowBody<'_> {
    RowBody {
        group: &row.group,
        name: row.name.exact(),
        head: head(row.head),
        send: row.is_sent(),
        steps: row.steps.iter().map(step).collect(),
        reasons: row.reasons.iter().map(Why::plan).collect(),
    }
}

pub(super) fn plan(out: &mut Out, instance: &str, plan: &Plan, estimate: &Estimate) {
    let capacity = plan.capacity.map(|capacity| CapacityBody {
        now: capacity.now,
        after: capacity.now + plan.links(),
        limit: capacity.limit,
        at_least: capacity.at_least,
    });
    let body = PlanBody {
        instance,
        verb: plan.request.verb,
        community: plan.request.target.as_ref(),
        leaves_community: plan.request.leaves_community,
        send: plan.sent(),
        requests: estimate.requests,
        seconds: estimate.span.as_secs(),
        capacity,
        obstacle: plan.obstacle.as_ref().map(Why::obstacle),
        groups: plan.rows.iter().map(row).collect(),
    };
    write(out, "plan", plan.made, body);
}

/// An operation as a whole.
#[derive(Serialize)]
pub(in crate::cli) struct OperationBody<'a> {
    operation: Option<OperationId>,
    instance: &'a str,
    verb: Verb,
    community: Option<&'a CommunityId>,
    parent: Option<OperationId>,
    created: Option<String>,
    ended: Option<String>,
    phase: &'static str,
    stopped: Option<Why>,
    items: usize,
    totals: TotalsBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
}

impl<'a> OperationBody<'a> {
    /// As it stands.
    pub(in crate::cli) fn new(instance: &'a str, operation: &'a Operation) -> Self {
        let phase = match &operation.phase {
            Phase::Waiting => "waiting",
            Phase::Running => "running",
            Phase::Paused(_) => "paused",
            Phase::Stopping(_) => "stopping",
            Phase::Ended(_) => "ended",
        };
        Self {
            operation: Some(operation.id),
            instance,
            verb: operation.verb,
            community: operation.target.as_ref().map(|target| &target.id),
            parent: operation.parent,
            created: Some(crate::clock::rfc3339(operation.created)),
            ended: operation.ended.map(crate::clock::rfc3339),
            phase,
            stopped: stopped(operation),
            items: operation.items.len(),
            totals: TotalsBody::new(&operation.totals),
            exit_code: None,
        }
    }
}

fn stopped(operation: &Operation) -> Option<Why> {
    match &operation.phase {
        Phase::Stopping(why) | Phase::Ended(Some(why)) => Some(Why::stop(why)),
        _ => None,
    }
}

#[derive(Default, Serialize)]
struct TotalsBody {
    verified: usize,
    already_so: usize,
    contradicted: usize,
    refused: usize,
    unknown: usize,
    not_sent: usize,
    blocked: usize,
    open: usize,
}

impl TotalsBody {
    fn new(totals: &Totals) -> Self {
        Self {
            verified: totals.of(Outcome::Verified),
            already_so: totals.of(Outcome::AlreadySo),
            contradicted: totals.of(Outcome::Contradicted),
            refused: totals.of(Outcome::Refused),
            unknown: totals.of(Outcome::Unknown),
            not_sent: totals.of(Outcome::NotSent),
            blocked: totals.of(Outcome::Blocked),
            open: totals.queued + totals.under_way,
        }
    }
}

/// An item as it ended. The order of its fields is documented.
#[derive(Serialize)]
pub(in crate::cli) struct ItemBody<'a> {
    operation: Option<OperationId>,
    verb: Verb,
    group: &'a GroupId,
    community: Option<&'a CommunityId>,
    outcome: Option<Outcome>,
    reason: Option<Why>,
}

impl<'a> ItemBody<'a> {
    /// An item of an operation.
    pub(in crate::cli) fn new(operation: &'a Operation, item: &'a Item) -> Self {
        Self {
            operation: Some(operation.id),
            verb: operation.verb,
            group: &item.group,
            community: community(&item.steps, operation.target.as_ref()),
            outcome: item.outcome,
            reason: item.reason.as_ref().map(Why::item),
        }
    }
}

/// The community that an item ends in or comes from: that of its last step.
fn community<'a>(steps: &'a [Step], target: Option<&'a CommunityRef>) -> Option<&'a CommunityId> {
    let of_step = steps.last().and_then(|last| step(last).community);
    of_step.or_else(|| target.map(|target| &target.id))
}

/// The items of a plan of which nothing is sent, and its end: there is no operation, so that its number is null.
pub(super) fn nothing_sent(out: &mut Out, instance: &str, plan: &Plan, now: Millis, code: u8) {
    let mut totals = TotalsBody::default();
    let order = plan.order();
    for item in &order.items {
        let outcome = match item.fate {
            Fate::AlreadySo => Outcome::AlreadySo,
            Fate::Blocked => Outcome::Blocked,
            Fate::Send => Outcome::NotSent,
        };
        match outcome {
            Outcome::AlreadySo => totals.already_so += 1,
            Outcome::Blocked => totals.blocked += 1,
            _ => totals.not_sent += 1,
        }
        let body = ItemBody {
            operation: None,
            verb: order.verb,
            group: &item.group,
            community: community(&item.steps, order.target.as_ref()),
            outcome: Some(outcome),
            reason: item.reason.as_ref().map(Why::plan),
        };
        write(out, "item_finished", now, body);
    }
    let body = OperationBody {
        operation: None,
        instance,
        verb: order.verb,
        community: order.target.as_ref().map(|target| &target.id),
        parent: None,
        created: None,
        ended: None,
        phase: "ended",
        stopped: None,
        items: order.items.len(),
        totals,
        exit_code: Some(code),
    };
    write(out, "operation_ended", now, body);
}

pub(super) fn started(out: &mut Out, instance: &str, operation: &Operation) {
    write(out, "operation_started", operation.created, OperationBody::new(instance, operation));
    for item in operation.items.iter().filter(|item| item.outcome.is_some()) {
        write(out, "item_finished", operation.created, ItemBody::new(operation, item));
    }
}

pub(super) fn ended(out: &mut Out, instance: &str, operation: &Operation, now: Millis, code: u8) {
    let body = OperationBody { exit_code: Some(code), ..OperationBody::new(instance, operation) };
    write(out, "operation_ended", operation.ended.unwrap_or(now), body);
}

#[derive(Serialize)]
struct StateBody<'a> {
    operation: OperationId,
    verb: Verb,
    group: &'a GroupId,
    community: Option<&'a CommunityId>,
    state: ItemState,
    step: usize,
    attempt: u32,
    claim: Option<Claim>,
    reason: Option<Why>,
}

#[derive(Serialize)]
struct PhaseBody {
    operation: OperationId,
    reason: Option<Why>,
    until: Option<String>,
}

pub(super) fn happened(out: &mut Out, operation: &Operation, record: &Record) {
    let at = record.at;
    let phase = |reason, until| PhaseBody { operation: operation.id, reason, until };
    match &record.event {
        Event::ItemFinished { item, .. } => {
            if let Some(item) = operation.items.get(*item) {
                write(out, "item_finished", at, ItemBody::new(operation, item));
            }
        }
        Event::Paused { why } => {
            let until = match why {
                PauseReason::Operator => None,
                PauseReason::Budget { until } | PauseReason::Throttled { until } => {
                    Some(crate::clock::rfc3339(*until))
                }
            };
            write(out, "operation_paused", at, phase(Some(Why::pause(why)), until));
        }
        Event::Resumed => write(out, "operation_resumed", at, phase(None, None)),
        Event::Stopping { why } => write(out, "operation_stopping", at, phase(Some(Why::stop(why)), None)),
        event => {
            for at_item in touched(event) {
                let Some(item) = operation.items.get(at_item).filter(|item| item.outcome.is_none()) else {
                    continue;
                };
                write(out, "item_state", at, state(operation, item));
            }
        }
    }
}

fn state<'a>(operation: &'a Operation, item: &'a Item) -> StateBody<'a> {
    StateBody {
        operation: operation.id,
        verb: operation.verb,
        group: &item.group,
        community: item.current_step().and_then(|current| step(current).community),
        state: item.state,
        step: item.step,
        attempt: item.attempts,
        claim: item.claim,
        reason: item.failure.as_ref().map(Why::failure),
    }
}

/// The items whose state an event changes.
fn touched(event: &Event) -> Vec<usize> {
    match event {
        Event::Sending { item, .. }
        | Event::Answered { item, .. }
        | Event::PutBack { item, .. }
        | Event::TryingAgain { item }
        | Event::StepVerified { item } => vec![*item],
        Event::LookBegan { items } => items.clone(),
        _ => Vec::new(),
    }
}
