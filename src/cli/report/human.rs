//! The report for people: the plan, one line per item, and the result.

use crate::{
    domain::{
        directory::Directory,
        event::{OperationEvent, PauseReason, Record},
        id::CommunityId,
        operation::{Item, Operation, Phase, Summary, Totals},
        outcome::Outcome,
        plan::{Head, Plan, Row, Verb, estimate::Estimate},
    },
    text::{Text, format, shown_name, width::pad, words::outcome_glyph},
};

/// How many cells a bar has.
const BAR: usize = 20;

/// The plan as lines.
pub(in crate::cli) fn plan_lines(
    text: &Text,
    plan: &Plan,
    directory: &Directory,
    estimate: &Estimate,
) -> Vec<String> {
    let request = &plan.request;
    let task = text.task(request.verb, plan.rows.len(), plan.target.as_ref(), request.leaves_community());
    let mut lines = vec![text.with("plan-title", &[("task", task.into())])];
    let targets = plan.targets();
    for head in Head::ALL {
        let rows: Vec<usize> = plan.under(head).map(|(at, _)| at).collect();
        if rows.is_empty() {
            continue;
        }
        lines.push(format!("{} ({})", text.head(head), rows.len()));
        for (target, rows) in plan.by_target(&rows) {
            if targets.len() > 1 {
                let name = target.map(|target| name_of(text, plan, directory, target));
                let name = name.unwrap_or_else(|| text.say("change-none").into_owned());
                lines.push(format!("  {name} ({})", rows.len()));
            }
            lines.extend(rows.into_iter().map(|at| row_line(text, plan, directory, &plan.rows[at])));
        }
    }
    let capacity = plan.capacity.map(|capacity| text.capacity(&capacity, capacity.now + plan.links()));
    lines.extend(capacity);
    if targets.len() > 1 {
        let capacities = plan.capacities_after().into_iter();
        lines.extend(capacities.map(|(target, capacity, after)| {
            format!("{}  {}", name_of(text, plan, directory, target), text.capacity(&capacity, after))
        }));
    }
    if let Some(obstacle) = &plan.obstacle {
        lines.push(text.obstacle(obstacle));
    } else if plan.sent() > 0 {
        let span = format::duration(text, estimate.span);
        let args = [("requests", estimate.requests.into()), ("span", span.into())];
        lines.push(text.with("plan-costs", &args));
        lines.push(text.say(consequence(plan)).into_owned());
    }
    lines
}

fn consequence(plan: &Plan) -> &'static str {
    match plan.effect() {
        Verb::Link => "plan-link",
        Verb::Unlink => "plan-unlink",
        Verb::Move => "plan-move",
        Verb::Leave if plan.request.leaves_community() => "plan-leave-community",
        Verb::Leave => "plan-leave",
        Verb::Rejoin => "plan-rejoin",
    }
}

fn name_of(text: &Text, plan: &Plan, directory: &Directory, community: &CommunityId) -> String {
    let known = directory.community(community).and_then(|known| known.name.as_ref());
    let target = plan.target.as_ref().filter(|target| target.id.same_as(community));
    text.name_or_tail(known.or_else(|| target?.name.as_ref()), community)
}

fn row_line(text: &Text, plan: &Plan, directory: &Directory, row: &Row) -> String {
    let mark = if row.head == Head::Risky && row.ticked { "[x]" } else { "   " };
    let mut line = format!("  {mark} {}  {}", shown_name(text, &row.name, row.group.tail(4)), row.group);
    let name_of = |id: &CommunityId| name_of(text, plan, directory, id);
    let change = row.change(directory).map(|change| text.change(change, &name_of)).into_iter();
    let reasons = row.reasons.first().map(|reason| text.reason(reason));
    let remarks = row.remarks.iter().filter_map(|remark| text.remark(*remark));
    for words in change.chain(reasons).chain(remarks) {
        line = format!("{line}  {words}");
    }
    line
}

/// The result of an item.
pub(in crate::cli) fn item_line(text: &Text, item: &Item) -> String {
    item_line_with(text, item, "")
}

/// The result of an item, with its change.
pub(in crate::cli) fn changed_item_line(
    text: &Text,
    item: &Item,
    name_of: &dyn Fn(&CommunityId) -> String,
) -> String {
    let change = item.change().map(|change| text.change(change, name_of));
    item_line_with(text, item, &change.unwrap_or_default())
}

fn item_line_with(text: &Text, item: &Item, change: &str) -> String {
    let state = text.item_state(item);
    let name = shown_name(text, &item.name, item.group.tail(4)).into_owned();
    let state = pad(&state, text.states_width());
    let parts =
        [format!("{} {state}", Text::item_glyph(item)), name, change.to_owned(), text.item_remark(item)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("  ")
}

/// What an operation does, with its number.
pub(in crate::cli) fn operation_title(text: &Text, operation: &Summary) -> String {
    let (target, leaves_community) = (operation.target.as_ref(), operation.leaves_community);
    let task = text.task(operation.verb, operation.count, target, leaves_community);
    format!("#{} {task}", operation.id)
}

/// The number of items per outcome.
pub(in crate::cli) fn counts(text: &Text, totals: &Totals) -> String {
    let some = Outcome::ALL.into_iter().filter(|outcome| totals.of(*outcome) > 0);
    let mut parts: Vec<String> = some
        .map(|outcome| format!("{} {}", outcome_glyph(outcome), text.counted(outcome, totals.of(outcome))))
        .collect();
    let open = totals.queued + totals.under_way;
    if open > 0 {
        parts.push(text.with("operation-open", &[("count", open.into())]));
    }
    parts.join("  ")
}

/// The lines for an event; most events have none. What went well can be left out.
pub(super) fn happened(
    text: &Text,
    operation: &Operation,
    record: &Record,
    only_failures: bool,
) -> Vec<String> {
    let is_shown = |item: &&Item| {
        !only_failures || !matches!(item.outcome, Some(Outcome::Verified | Outcome::AlreadySo))
    };
    match &record.event {
        OperationEvent::ItemFinished { item, .. } => {
            let finished = operation.items.get(*item).filter(is_shown);
            finished.map(|item| item_line(text, item)).into_iter().collect()
        }
        // The plan already showed these; they are repeated so that the lines cover every group.
        OperationEvent::Started => {
            let settled = operation.items.iter().filter(|item| item.outcome.is_some()).filter(is_shown);
            settled.map(|item| item_line(text, item)).collect()
        }
        OperationEvent::Paused { .. } if only_failures => Vec::new(),
        OperationEvent::Paused { why } => vec![paused(text, why, record)],
        OperationEvent::Stopping { why } => vec![text.stop(why)],
        _ => Vec::new(),
    }
}

fn paused(text: &Text, why: &PauseReason, record: &Record) -> String {
    let Some(until) = why.until() else { return text.pause(why).into_owned() };
    let words = format::duration(text, until.since(record.at));
    text.with("phase-paused-for", &[("why", text.pause(why).into()), ("span", words.into())])
}

/// The result of an operation.
pub(super) fn ended(text: &Text, operation: &Operation) -> Vec<String> {
    let key = if operation.is_live() { "cli-operation-unended" } else { "notice-ended" };
    let args =
        [("operation", operation.id.to_string().into()), ("counts", counts(text, &operation.totals).into())];
    vec![text.with(key, &args)]
}

/// The progress of an operation, as one line.
pub(super) fn bar(text: &Text, operation: &Summary) -> String {
    let all = operation.count.max(1);
    let full = operation.totals.finished() * BAR / all;
    let bar = format!("{}{}", "▓".repeat(full), "░".repeat(BAR - full));
    let words = match &operation.phase {
        Phase::Stopping(_) => text.say("phase-stopping").into_owned(),
        _ => counts(text, &operation.totals),
    };
    format!("#{} {bar} {words}", operation.id)
}
