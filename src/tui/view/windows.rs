//! The small windows: a plan in preparation, the choice of a community, quitting while something is running.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use super::context::ViewContext;
use crate::{
    app::{
        Context, State,
        action::Action,
        layout::{Layout, TARGET_SIZE},
        modal::{
            planning::{Planning, PlanningPart},
            target::TargetWindow,
        },
        progress::Left,
    },
    domain::{
        budget::RESERVE,
        plan::Verb,
        time::Millis,
        wait::{Wait, WaitReason},
    },
    text::format::duration,
    tui::widget::{
        field,
        pane::{line_of, prose, row},
        window::open,
    },
};

/// The width of the progress bar.
const BAR: usize = 30;

pub(super) fn draw_planning(
    state: &State,
    planning: &Planning,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let inside = open(layout, (64, 8), &text.say("planning-title"), theme, buffer);
    let (done, total) = planning.progress();
    let words = text.with("planning-reading", &[("done", done.into()), ("total", total.into())]);
    prose(line_of(inside, 1), &words, theme.text, buffer);
    let filled = done * BAR / total.max(1);
    let bar = format!("{}{}", "▓".repeat(filled.min(BAR)), "░".repeat(BAR - filled.min(BAR)));
    prose(line_of(inside, 2), &bar, theme.pending, buffer);
    // Only details and probes, which a leave needs, wait for the budget.
    let left = |part: &PlanningPart| {
        let reserve = if part.request.verb == Verb::Leave { RESERVE } else { 1 };
        part.progress.left(state.now, state.instance_of(&part.request.instance)?.budget, reserve)
    };
    let wait = |part: &PlanningPart| state.instance_of(&part.request.instance)?.wait;
    if let Some(wait) = planning.open().filter_map(wait).max_by_key(|wait| wait.until) {
        prose(line_of(inside, 3), &text.wait(&wait, state.now), theme.warning, buffer);
    } else if let Some(left) = planning.open().filter_map(left).max_by_key(|left| left.span()) {
        let style = if matches!(left, Left::About(_)) { theme.dim } else { theme.warning };
        prose(line_of(inside, 3), &time_left(left, state.now, look), style, buffer);
    }
    let key = look.label(Context::Planning, Action::SkipChecks).unwrap_or_default();
    let skip = text.with("planning-skip", &[("key", key.into()), ("back", look.back().into())]);
    let rest = Rect { y: inside.y + 4, height: inside.height.saturating_sub(4), ..inside };
    prose(rest, &skip, theme.dim, buffer);
}

/// The remaining time, or the reset that must be waited for.
pub(super) fn time_left(left: Left, now: Millis, look: ViewContext<'_>) -> String {
    match left {
        Left::About(span) => look.text.with("phase-left", &[("span", duration(look.text, span).into())]),
        Left::UntilReset(span) => look.text.wait(&Wait { why: WaitReason::Limit, until: now + span }, now),
    }
}

pub(super) fn draw_target(
    state: &State,
    window: &TargetWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let count = window.unaimed.count();
    let inside =
        open(layout, TARGET_SIZE, &text.with("target-title", &[("count", count.into())]), theme, buffer);
    let mut typed = vec![Span::styled("/", theme.accent)];
    typed.extend(field::spans(&window.filter.input, theme));
    row(line_of(inside, 0), &[], &typed, None, buffer);
    let Some(instance) = state.instance_of(&window.instance) else { return };
    let list = Rect { y: inside.y + 2, height: inside.height.saturating_sub(2), ..inside };
    let limit = instance.profile.settings.subgroup_limit;
    for (at, id) in window.communities.visible() {
        let Some(community) = instance.directory.community(id) else { continue };
        let is_selected = at == window.communities.cursor();
        let (style, marker) = theme.row(is_selected);
        let size = instance
            .directory
            .size_of(community)
            .map_or_else(|| "?".to_owned(), |size| format!("{size}/{limit}"));
        let line = line_of(list, at - window.communities.offset());
        let name = text.name_or_tail(community.name.as_ref(), &community.id);
        row(
            line,
            &[Span::styled(format!("{marker} "), style)],
            &[Span::styled(name, style)],
            Some(Span::styled(size, theme.dim)),
            buffer,
        );
        if is_selected {
            theme.bar(line, buffer);
        }
    }
}

pub(super) fn draw_quit(state: &State, look: ViewContext<'_>, layout: &Layout, buffer: &mut Buffer) {
    let ViewContext { theme, text, .. } = look;
    let inside = open(layout, (66, 8), &text.say("quit-title"), theme, buffer);
    let open: usize = state
        .instances
        .iter()
        .flat_map(|instance| instance.operations.iter())
        .map(|operation| operation.totals.queued + operation.totals.under_way)
        .sum();
    let key = look.label(Context::Quit, Action::Confirm).unwrap_or_default();
    let words =
        text.with("quit-ask", &[("count", open.into()), ("key", key.into()), ("back", look.back().into())]);
    prose(
        Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside },
        &words,
        theme.text,
        buffer,
    );
}
