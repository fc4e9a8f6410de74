//! The plan in its window: what will be done, what needs a tick, what is blocked, what is so already; what it costs, and
//! how it is confirmed.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

use super::Look;
use crate::{
    app::{
        Context, State,
        action::{Action, Marking},
        layout::{Layout, plan_parts},
        modal::plan::{Confirm, Line, PlanWindow},
    },
    domain::plan::{Head, Plan, Reason, Remark, Row, Verb},
    text::{
        Text,
        format::duration,
        shown_name,
        width::{cut, pad, width},
    },
    tui::{
        theme::Theme,
        widget::{
            field,
            pane::{line_of, prose, row, wrapped},
            window::open,
        },
    },
};

/// The cells of a row before its name.
const BEFORE_NAME: usize = 9;

pub(super) fn draw(state: &State, window: &PlanWindow, look: Look<'_>, layout: &Layout, buffer: &mut Buffer) {
    let Look { theme, text, .. } = look;
    let plan = &window.plan;
    let request = &plan.request;
    // What cannot run now is named by what it would do, and what sends nothing by what was asked for.
    let count = match plan.sent() {
        _ if plan.obstacle.is_some() => plan.under(Head::WillDo).count(),
        0 => plan.rows.len(),
        sent => sent,
    };
    let task = text.task(request.verb, count, plan.target.as_ref(), request.leaves_community);
    let inside =
        open(layout, window.size(), &text.with("plan-title", &[("task", task.into())]), theme, buffer);
    let parts = plan_parts(inside.height);
    for (at, (words, style)) in summary(state, window, usize::from(parts.top), look).into_iter().enumerate() {
        put(line_of(inside, at), &words, style, buffer);
    }
    let list = Rect { y: inside.y + parts.list_at, height: parts.list, ..inside };
    for (at, line) in window.lines.visible() {
        let offset = at - window.lines.offset();
        if offset >= usize::from(list.height) {
            break;
        }
        let is_selected = at == window.lines.cursor();
        draw_line(plan, *line, is_selected, look, line_of(list, offset), buffer);
    }
    more(window, list, inside, look, buffer);
    let below = Rect { y: list.bottom(), height: inside.bottom().saturating_sub(list.bottom()), ..inside };
    let lines = prompt(window, look, below, buffer);
    explain(window, look, Rect { height: below.height.saturating_sub(lines), ..below }, buffer);
}

fn put(line: Rect, words: &str, style: Style, buffer: &mut Buffer) {
    let words = cut(words, usize::from(line.width));
    buffer.set_stringn(line.x, line.y, words, usize::from(line.width), style);
}

/// What the plan comes to: counts, room, costs, consequences; at most so many lines, the dispensable left out first.
fn summary(state: &State, window: &PlanWindow, most: usize, look: Look<'_>) -> Vec<(String, Style)> {
    let Look { theme, text, .. } = look;
    let plan = &window.plan;
    let mut lines = vec![(counts(plan, text), theme.text)];
    if let Some(capacity) = plan.capacity {
        let key = if capacity.at_least { "plan-capacity-at-least" } else { "plan-capacity" };
        let after = capacity.now + plan.links();
        let args = [("now", capacity.now.into()), ("after", after.into()), ("limit", capacity.limit.into())];
        lines.push((text.with(key, &args), theme.text));
    }
    if plan.sent() == 0 && plan.obstacle.is_none() {
        lines.truncate(most);
        return lines;
    }
    if lines.len() + 3 <= most {
        lines.push((costs(state, window, look), theme.dim));
    }
    lines.push((consequence(plan, look), theme.warning));
    let unknown = plan.rows.iter().filter(|row| row.is_sent() && row.remarks.contains(&Remark::RoleUnknown));
    let unknown = unknown.count();
    if unknown > 0 {
        lines.push((text.with("plan-roles-unknown", &[("count", unknown.into())]), theme.dim));
    }
    if lines.len() > most && plan.capacity.is_some() {
        // The room shows in the panes too.
        lines.remove(1);
    }
    lines.truncate(most);
    lines
}

/// How many rows stand under each head that has any.
fn counts(plan: &Plan, text: &Text) -> String {
    let heads = [
        (Head::WillDo, "plan-count-will"),
        (Head::Risky, "plan-count-risky"),
        (Head::Blocked, "plan-count-blocked"),
        (Head::AlreadySo, "plan-count-already"),
    ];
    let count = |(head, key)| {
        let count = plan.under(head).count();
        (count > 0).then(|| text.with(key, &[("count", count.into())]))
    };
    let counts: Vec<String> = heads.into_iter().filter_map(count).collect();
    counts.join(" · ")
}

/// Requests, time, and how old the reading is.
fn costs(state: &State, window: &PlanWindow, look: Look<'_>) -> String {
    let text = look.text;
    let Some(instance) = state.instance_of(&window.instance) else { return String::new() };
    let estimate = window.plan.estimate(&instance.profile.settings, instance.budget, state.now);
    let span = duration(text, std::time::Duration::from_secs(estimate.span.as_secs()));
    text.with("plan-costs", &[("requests", estimate.requests.into()), ("span", span.into())])
}

/// What cannot be undone.
fn consequence(plan: &Plan, look: Look<'_>) -> String {
    let text = look.text;
    if plan.request.leaves_community {
        return text.say("plan-leave-community").into_owned();
    }
    match plan.request.verb {
        Verb::Leave => text.say("plan-leave").into_owned(),
        Verb::Unlink => text.say("plan-unlink").into_owned(),
        Verb::Move => text.say("plan-move").into_owned(),
        Verb::Link => text.say("plan-link").into_owned(),
        Verb::Rejoin => text.say("plan-rejoin").into_owned(),
    }
}

fn draw_line(plan: &Plan, line: Line, is_selected: bool, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let Look { theme, text, .. } = look;
    let (base, marker) = theme.row(is_selected);
    match line {
        Line::Head(head, count) => {
            let words = format!("{} · {count}", text.head(head));
            row(
                area,
                &[Span::styled(format!("{marker} "), base)],
                &[Span::styled(words, head_style(head, theme).patch(theme.title))],
                None,
                buffer,
            );
        }
        Line::Row(at) => {
            let Some(planned) = plan.rows.get(at) else { return };
            let bears_it =
                |other: &Row| other.group != planned.group && other.name.shown() == planned.name.shown();
            let has_twin = !planned.name.shown().is_empty() && plan.rows.iter().any(bears_it);
            let why = why(plan, at, look);
            let cells = name_cells(plan, area);
            draw_row(planned, &why, (has_twin, cells), (marker, base), look, area, buffer);
        }
    }
}

fn draw_row(
    planned: &Row,
    why: &str,
    (has_twin, cells): (bool, usize),
    (marker, base): (&str, Style),
    look: Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let Look { theme, text, .. } = look;
    let base_of_why = base.patch(theme.dim);
    let sign = match planned.head {
        Head::WillDo => "→  ",
        Head::Risky if planned.ticked => "[x]",
        Head::Risky => "[ ]",
        Head::Blocked => "⊘  ",
        Head::AlreadySo => "=  ",
    };
    let style = head_style(planned.head, theme);
    let mut name = shown_name(text, &planned.name, planned.group.tail(4)).into_owned();
    if has_twin {
        name = format!("{name} …{}", planned.group.tail(4));
    }
    let name = if why.is_empty() { name } else { pad(&cut(&name, cells), cells) };
    let left = [Span::styled(format!("{marker}   "), base), Span::styled(format!("{sign} "), style)];
    let mut middle = vec![Span::styled(name, base)];
    if !why.is_empty() {
        middle.extend([Span::raw("  "), Span::styled(why, base_of_why)]);
    }
    row(area, &left, &middle, None, buffer);
}

/// The cells of the names where reasons stand beside them, which begin below each other.
fn name_cells(plan: &Plan, area: Rect) -> usize {
    // Names that can be told apart need six cells more than the names themselves.
    let widest = plan.rows.iter().take(200).map(|row| width(row.name.shown()) + 6).max().unwrap_or(0);
    let room = usize::from(area.width).saturating_sub(BEFORE_NAME);
    widest.clamp(12, (room * 2 / 5).max(12))
}

/// Why a row stands where it stands, and what else there is to say of it.
fn why(plan: &Plan, at: usize, look: Look<'_>) -> String {
    let Some(planned) = plan.rows.get(at) else { return String::new() };
    let reasons = planned.reasons.iter().map(|reason| reason_of(plan, at, reason, look));
    let remarks = planned.remarks.iter().filter_map(|remark| look.text.remark(*remark));
    reasons.chain(remarks).collect::<Vec<_>>().join("; ")
}

/// Says the reasons of the row under the cursor where they are cut in the row itself.
fn explain(window: &PlanWindow, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let Some(Line::Row(at)) = window.lines.selected().copied() else { return };
    let why = why(&window.plan, at, look);
    let room = usize::from(area.width).saturating_sub(BEFORE_NAME + name_cells(&window.plan, area) + 2);
    if width(&why) > room {
        prose(area, &why, look.theme.dim, buffer);
    }
}

/// A reason of a row, with the key that swaps it where it can be swapped.
fn reason_of(plan: &Plan, at: usize, reason: &Reason, look: Look<'_>) -> String {
    let key = match reason {
        Reason::OverLimit => "reason-over-limit-swap",
        Reason::LastSubgroup => "reason-last-subgroup-swap",
        _ => return look.text.reason(reason),
    };
    let swap = look.label(Context::Plan, Action::Mark(Marking::Toggle));
    match swap.filter(|_| plan.can_toggle(at)) {
        Some(swap) => look.text.with(key, &[("key", swap.into())]),
        None => look.text.reason(reason),
    }
}

fn head_style(head: Head, theme: &Theme) -> Style {
    match head {
        Head::WillDo => theme.ok,
        Head::Risky => theme.warning,
        Head::Blocked => theme.error,
        Head::AlreadySo => theme.dim,
    }
}

/// Says how many lines lie below.
fn more(window: &PlanWindow, list: Rect, inside: Rect, look: Look<'_>, buffer: &mut Buffer) {
    let all = window.lines.rows().len();
    let seen = window.lines.offset() + usize::from(list.height);
    if all > seen {
        let words = format!(" {} ", look.text.with("plan-more", &[("count", (all - seen).into())]));
        buffer.set_stringn(inside.x, inside.bottom(), words, usize::from(inside.width), look.theme.dim);
    }
}

/// What keeps the plan from running, or how it is confirmed, at the end of the area; how many lines it takes.
fn prompt(window: &PlanWindow, look: Look<'_>, area: Rect, buffer: &mut Buffer) -> u16 {
    let Look { theme, text, .. } = look;
    let plan = &window.plan;
    if let Some(obstacle) = &plan.obstacle {
        let words = text.obstacle(obstacle);
        let lines = wrapped(&words, area.width).min(area.height);
        prose(last(area, lines), &words, theme.error, buffer);
        return lines;
    }
    let sent = plan.sent();
    let back = ("back", look.back().into());
    if sent == 0 {
        put(last(area, 1), &text.with("plan-nothing", &[back]), theme.warning, buffer);
        return 1;
    }
    let (words, input) = match &window.confirm {
        Confirm::Key => {
            let key = look.label(Context::Plan, Action::Confirm).unwrap_or_default();
            let words = text.with("plan-confirm-key", &[("key", key.into()), ("count", sent.into()), back]);
            put(last(area, 1), &words, theme.accent, buffer);
            return 1;
        }
        Confirm::Count(input) => (text.with("plan-confirm-count", &[("count", sent.into()), back]), input),
        Confirm::Text { expected, is_tail, field } => {
            let key = if *is_tail { "plan-confirm-tail" } else { "plan-confirm-name" };
            (text.with(key, &[("expected", expected.into()), back]), field)
        }
    };
    let typed = width(&words) + width(input.value()) + 2;
    let mut spans = vec![Span::styled(format!("{words} "), theme.accent)];
    let lines = if typed > usize::from(area.width) { 2 } else { 1 };
    if lines == 2 {
        // What is typed must be seen: it gets a line of its own.
        row(line_of(last(area, 2), 0), &[], &spans, None, buffer);
        spans = Vec::new();
    }
    spans.extend(field::spans(input, theme));
    row(last(area, 1), &[], &spans, None, buffer);
    lines
}

/// The last lines of an area.
fn last(area: Rect, lines: u16) -> Rect {
    let height = lines.min(area.height);
    Rect { y: area.bottom() - height, height, ..area }
}
