//! The same report as events, one per line: the format of `docs/json.md`.

use serde::Serialize;

use crate::{
    cli::{
        Fault,
        json::{Why, write},
        out::Out,
    },
    domain::{
        event::{Fate, OperationEvent, Record},
        id::{CommunityId, GroupId, OperationId},
        operation::{Item, ItemState, Operation, Totals},
        outcome::{Claim, Outcome},
        plan::{Capacity, Head, Plan, Row, Verb, change::Change, estimate::Estimate},
        time::Millis,
    },
    export::json::tag,
    export::operation::{
        CommunityNames, ItemBody, OperationBody, StepBody, SubgroupBody, TotalsBody, community, step,
        subgroups,
    },
};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct PlanBody<'a> {
    instance: &'a str,
    verb: Verb,
    community: Option<&'a CommunityId>,
    leaves_community: bool,
    send: usize,
    requests: usize,
    seconds: u64,
    capacity: Option<CapacityBody>,
    /// The capacity of each community that groups would be linked to.
    capacities: Vec<CapacityOf<'a>>,
    obstacle: Option<Why>,
    groups: Vec<RowBody<'a>>,
    community_name: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CapacityBody {
    now: usize,
    after: usize,
    limit: usize,
    at_least: bool,
}

impl CapacityBody {
    fn new(capacity: Capacity, after: usize) -> Self {
        let Capacity { now, at_least, limit } = capacity;
        Self { now, after, limit, at_least }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CapacityOf<'a> {
    community: &'a CommunityId,
    community_name: Option<&'a str>,
    #[serde(flatten)]
    capacity: CapacityBody,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RowBody<'a> {
    group: &'a GroupId,
    name: &'a str,
    head: Head,
    send: bool,
    from: Option<&'a CommunityId>,
    to: Option<&'a CommunityId>,
    steps: Vec<StepBody<'a>>,
    reasons: Vec<Why>,
    from_name: Option<&'a str>,
    to_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subgroups: Vec<SubgroupBody<'a>>,
}

fn row<'a>(row: &'a Row, names: &'a CommunityNames) -> RowBody<'a> {
    let change = row.planned_change();
    let (from, to) = (change.and_then(|change| change.from()), change.and_then(|change| change.to()));
    RowBody {
        group: &row.group,
        name: row.name.exact(),
        head: row.head,
        send: row.is_sent(),
        from,
        to,
        // An earlier operation has already done the first ones.
        steps: row.steps.iter().skip(row.done).map(step).collect(),
        reasons: row.reasons.iter().map(Why::plan).collect(),
        from_name: names.exact(from),
        to_name: names.exact(to),
        subgroups: subgroups(&row.subgroups),
    }
}

pub(super) fn plan(out: &mut Out, instance: &str, plan: &Plan, names: &CommunityNames, estimate: &Estimate) {
    let capacities = plan.capacities_after().into_iter().map(|(community, capacity, after)| {
        let (community_name, capacity) = (names.exact(Some(community)), CapacityBody::new(capacity, after));
        CapacityOf { community, community_name, capacity }
    });
    let body = PlanBody {
        instance,
        verb: plan.request.verb,
        community: plan.request.target(),
        leaves_community: plan.request.leaves_community(),
        send: plan.sent(),
        requests: estimate.requests,
        seconds: estimate.span.as_secs(),
        capacity: plan.capacity.map(|capacity| CapacityBody::new(capacity, capacity.now + plan.links())),
        capacities: capacities.collect(),
        obstacle: plan.obstacle.as_ref().map(Why::obstacle),
        groups: plan.rows.iter().map(|shown| row(shown, names)).collect(),
        community_name: names.exact(plan.request.target()),
    };
    write(out, "plan", plan.made, body);
}

/// The items of a plan that sends nothing, and its end: there is no operation, so its number is null.
pub(super) fn nothing_sent(
    out: &mut Out,
    instance: &str,
    plan: &Plan,
    names: &CommunityNames,
    now: Millis,
    code: u8,
) {
    let mut totals = TotalsBody::default();
    let order = plan.order();
    for item in &order.items {
        let outcome = match item.fate {
            Fate::AlreadySo => Outcome::AlreadySo,
            Fate::Blocked => Outcome::Blocked,
            Fate::Send | Fate::LeftOut => Outcome::NotSent,
        };
        match outcome {
            Outcome::AlreadySo => totals.already_so += 1,
            Outcome::Blocked => totals.blocked += 1,
            _ => totals.not_sent += 1,
        }
        let change = Change::of(&item.steps);
        let community = community(&item.steps, order.target.as_ref());
        let (from, to) = (change.and_then(|change| change.from()), change.and_then(|change| change.to()));
        let body = ItemBody {
            operation: None,
            verb: order.verb,
            group: &item.group,
            community,
            from,
            to,
            outcome: Some(outcome),
            reason: item.reason.as_ref().map(Why::plan),
            name: item.name.exact(),
            community_name: names.exact(community),
            from_name: names.exact(from),
            to_name: names.exact(to),
            subgroups: subgroups(&item.subgroups),
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
        interrupted: false,
        items: order.items.len(),
        totals,
        exit_code: Some(code),
        community_name: names.exact(order.target.as_ref().map(|target| &target.id)),
        operator: None,
        host: None,
    };
    write(out, "operation_ended", now, body);
}

pub(super) fn started(out: &mut Out, instance: &str, operation: &Operation, names: &CommunityNames) {
    write(out, "operation_started", operation.created, OperationBody::new(instance, operation));
    for item in operation.items.iter().filter(|item| item.outcome.is_some()) {
        write(out, "item_finished", operation.created, ItemBody::new(operation, item, names));
    }
}

pub(super) fn detached(out: &mut Out, instance: &str, operation: &Operation) {
    write(out, "operation_detached", operation.created, OperationBody::new(instance, operation));
}

pub(super) fn ended(out: &mut Out, instance: &str, operation: &Operation, now: Millis, code: u8) {
    let body = OperationBody { exit_code: Some(code), ..OperationBody::new(instance, operation) };
    write(out, "operation_ended", operation.ended.unwrap_or(now), body);
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct AllEndedBody {
    totals: TotalsBody,
    exit_code: u8,
}

pub(super) fn all_ended(out: &mut Out, totals: &Totals, now: Millis, code: u8) {
    write(out, "all_ended", now, AllEndedBody { totals: TotalsBody::new(totals), exit_code: code });
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct StateBody<'a> {
    operation: OperationId,
    verb: Verb,
    group: &'a GroupId,
    community: Option<&'a CommunityId>,
    state: ItemState,
    step: usize,
    attempt: u32,
    claim: Option<Claim>,
    reason: Option<Why>,
    name: &'a str,
    community_name: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct PhaseBody {
    operation: OperationId,
    reason: Option<Why>,
    until: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct ErrorBody<'a> {
    #[cfg_attr(test, schemars(regex(pattern = "^[a-z_]+$")))]
    code: String,
    retryable: bool,
    message: &'a str,
}

pub(super) fn fault(out: &mut Out, fault: &Fault, now: Millis) {
    let Fault { code, words } = fault;
    let body = ErrorBody { code: tag(code), retryable: code.is_retryable(), message: words };
    write(out, "error", now, body);
}

pub(super) fn happened(out: &mut Out, operation: &Operation, names: &CommunityNames, record: &Record) {
    let at = record.at;
    let phase = |reason, until| PhaseBody { operation: operation.id, reason, until };
    match &record.event {
        OperationEvent::ItemFinished { item, .. } => {
            if let Some(item) = operation.items.get(*item) {
                write(out, "item_finished", at, ItemBody::new(operation, item, names));
            }
        }
        OperationEvent::Paused { why } => {
            let until = why.until().map(crate::clock::rfc3339);
            write(out, "operation_paused", at, phase(Some(Why::pause(why)), until));
        }
        OperationEvent::Resumed => write(out, "operation_resumed", at, phase(None, None)),
        OperationEvent::Stopping { why } => {
            write(out, "operation_stopping", at, phase(Some(Why::stop(why)), None));
        }
        event => {
            for at_item in touched(event) {
                let Some(item) = operation.items.get(at_item).filter(|item| item.outcome.is_none()) else {
                    continue;
                };
                write(out, "item_state", at, state(operation, item, names));
            }
        }
    }
}

fn state<'a>(operation: &'a Operation, item: &'a Item, names: &'a CommunityNames) -> StateBody<'a> {
    let community = item.current_step().and_then(|current| step(current).community);
    StateBody {
        operation: operation.id,
        verb: operation.verb,
        group: &item.group,
        community,
        state: item.state,
        step: item.step,
        attempt: item.attempts,
        claim: item.claim,
        reason: item.failure.as_ref().map(Why::failure),
        name: item.name.exact(),
        community_name: names.exact(community),
    }
}

/// The items whose state an event changes.
fn touched(event: &OperationEvent) -> Vec<usize> {
    match event {
        OperationEvent::Sending { item, .. }
        | OperationEvent::Answered { item, .. }
        | OperationEvent::PutBack { item, .. }
        | OperationEvent::TryingAgain { item }
        | OperationEvent::StepVerified { item } => vec![*item],
        OperationEvent::LookBegan { items } => items.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{event::SeenBefore, id::CommunityId, name::Name, plan::Step};

    #[test]
    fn of_half_a_move_only_what_will_be_sent_is_shown() {
        let community = |text: &str| CommunityId::parse(text).unwrap();
        let moved = |done| Row {
            group: GroupId::parse("g@g.us").unwrap(),
            name: Name::new("g"),
            steps: vec![Step::Unlink(community("a@g.us")), Step::Link(community("b@g.us"))],
            done,
            left_out_of: None,
            head: Head::WillDo,
            reasons: Vec::new(),
            remarks: Vec::new(),
            ticked: false,
            evidence: SeenBefore::default(),
            sent_before: false,
            subgroups: Vec::new(),
        };
        let shown = |done| serde_json::to_value(row(&moved(done), &CommunityNames::default()).steps).unwrap();
        assert_eq!(shown(0).as_array().unwrap().len(), 2);
        assert_eq!(shown(1).as_array().unwrap().len(), 1);
        assert_eq!(shown(1)[0], shown(0)[1]);
    }
}
