//! The plan in its window: what will be done, what needs a tick, what is blocked, what is so already; what it costs, and
//! how it is confirmed.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

use super::Look;
use crate::{
    app::{
        Context, State,
        action::Action,
        layout::Layout,
        modal::plan::{Confirm, Line, PlanWindow},
    },
    domain::plan::{Head, Plan, Row, Verb},
    text::{
        format::duration,
        shown_name,
        width::{cut, pad, width},
    },
    tui::{
        theme::{MARKER, Theme},
        widget::{
            field,
            pane::{line_of, prose, row},
            window::open,
        },
    },
};

pub(super) fn draw(state: &State, window: &PlanWindow, look: Look<'_>, layout: &Layout, buffer: &mut Buffer) {
    let Look { theme, text, .. } = look;
    let plan = &window.plan;
    let request = &plan.request;
    let task = text.task(request.verb, plan.sent(), plan.target.as_ref(), request.leaves_community);
    let inside =
        open(layout, window.size(), &text.with("plan-title", &[("task", task.into())]), theme, buffer);
    if inside.height < 8 {
        return;
    }
    let top = Rect { height: 3, ..inside };
    put(line_of(top, 0), &counts(plan, look), theme.text, buffer);
    put(line_of(top, 1), &costs(state, window, look), theme.dim, buffer);
    put(line_of(top, 2), &consequence(plan, look), theme.warning, buffer);
    let list = Rect { y: inside.y + 4, height: inside.height - 7, ..inside };
    for (at, line) in window.lines.visible() {
        let offset = at - window.lines.offset();
        if offset >= usize::from(list.height) {
            break;
        }
        let is_selected = at == window.lines.cursor();
        draw_line(plan, *line, is_selected, look, line_of(list, offset), buffer);
    }
    more(window, list, look, buffer);
    let bottom = Rect { y: inside.bottom() - 2, height: 2, ..inside };
    prompt(window, look, bottom, buffer);
}

fn put(line: Rect, words: &str, style: Style, buffer: &mut Buffer) {
    let words = cut(words, usize::from(line.width));
    buffer.set_stringn(line.x, line.y, words, usize::from(line.width), style);
}

/// How many rows stand under which head, and how full the target is and will be.
fn counts(plan: &Plan, look: Look<'_>) -> String {
    let text = look.text;
    let under = |head| plan.under(head).count();
    let mut words = text.with(
        "plan-counts",
        &[
            ("will", under(Head::WillDo).into()),
            ("risky", under(Head::Risky).into()),
            ("blocked", under(Head::Blocked).into()),
            ("already", under(Head::AlreadySo).into()),
        ],
    );
    if let Some(capacity) = plan.capacity {
        let key = if capacity.at_least { "plan-capacity-at-least" } else { "plan-capacity" };
        let after = capacity.now + plan.links();
        let args = [("now", capacity.now.into()), ("after", after.into()), ("limit", capacity.limit.into())];
        words = format!("{words}   {}", text.with(key, &args));
    }
    words
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
    let marker = if is_selected { MARKER } else { " " };
    let base = if is_selected { theme.selected } else { theme.text };
    match line {
        Line::Head(head, count) => {
            let words = format!("{} {count}", text.head(head));
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
            draw_row(planned, marker, base, look, area, buffer);
        }
    }
}

fn draw_row(planned: &Row, marker: &str, base: Style, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let Look { theme, text, .. } = look;
    let sign = match planned.head {
        Head::WillDo => "→  ",
        Head::Risky if planned.ticked => "[x]",
        Head::Risky => "[ ]",
        Head::Blocked => "⊘  ",
        Head::AlreadySo => "=  ",
    };
    let style = head_style(planned.head, theme);
    let why: Vec<String> = planned
        .reasons
        .iter()
        .map(|reason| text.reason(reason))
        .chain(planned.remarks.iter().map(|remark| text.remark(*remark)))
        .collect();
    let why = why.join("; ");
    let room = usize::from(area.width).saturating_sub(7);
    let name = shown_name(text, &planned.name, planned.group.tail(4));
    let name_room = if why.is_empty() { room } else { (room * 2 / 5).max(12) };
    let name = pad(&cut(&name, name_room), name_room.min(room.saturating_sub(width(&why))).max(12));
    let left = [Span::styled(format!("{marker}   "), base), Span::styled(format!("{sign} "), style)];
    let middle = [Span::styled(name, base), Span::raw("  "), Span::styled(why, base.patch(theme.dim))];
    row(area, &left, &middle, None, buffer);
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
fn more(window: &PlanWindow, list: Rect, look: Look<'_>, buffer: &mut Buffer) {
    let all = window.lines.rows().len();
    let seen = window.lines.offset() + usize::from(list.height);
    if all > seen {
        let words = look.text.with("plan-more", &[("count", (all - seen).into())]);
        let line = Rect { y: list.bottom(), height: 1, ..list };
        put(line, &words, look.theme.dim, buffer);
    }
}

/// What keeps the plan from running, or how it is confirmed.
fn prompt(window: &PlanWindow, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let Look { theme, text, keys } = look;
    let plan = &window.plan;
    if let Some(obstacle) = &plan.obstacle {
        prose(area, &text.obstacle(obstacle), theme.error, buffer);
        return;
    }
    let sent = plan.sent();
    if sent == 0 {
        put(line_of(area, 0), &text.say("plan-nothing"), theme.warning, buffer);
        return;
    }
    let (words, input) = match &window.confirm {
        Confirm::Key => {
            let key = keys.label(Context::Plan, Action::Confirm).unwrap_or_default();
            let words = text.with("plan-confirm-key", &[("key", key.into()), ("count", sent.into())]);
            put(line_of(area, 0), &words, theme.accent, buffer);
            return;
        }
        Confirm::Count(input) => (text.with("plan-confirm-count", &[("count", sent.into())]), input),
        Confirm::Text { expected, is_tail, field } => {
            let key = if *is_tail { "plan-confirm-tail" } else { "plan-confirm-name" };
            (text.with(key, &[("expected", expected.into())]), field)
        }
    };
    let mut spans = vec![Span::styled(format!("{words} "), theme.accent)];
    spans.extend(field::spans(input, theme));
    row(line_of(area, 0), &[], &spans, None, buffer);
}
