//! The window with the operations of an instance, and with the items of one of them.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use super::{context::ViewContext, operation};
use crate::{
    app::{
        Context, State,
        action::{Action, Marking},
        layout::{Layout, OPERATIONS_SIZE},
        modal::operations::OperationsWindow,
    },
    domain::operation::{Operation, Phase, Summary},
    text::{format::age, width::width},
    tui::widget::{
        pane::{line_of, prose, row},
        window::open,
    },
};

pub(super) fn draw(
    state: &State,
    window: &OperationsWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let Some(instance) = state.instance_of(&window.instance) else { return };
    let chosen = window.chosen(&instance.operations);
    let title = match chosen.filter(|_| window.shows_items) {
        Some(operation) => operation::title(operation, look).content.into_owned(),
        None => text.with("operations-title", &[("instance", (&instance.profile.label).into())]),
    };
    let inside = open(layout, OPERATIONS_SIZE, &title, theme, buffer);
    // The counts of each outcome are shown above the items.
    let above = if window.shows_items { 2.min(inside.height) } else { 0 };
    let list = Rect { y: inside.y + above, height: inside.height - above, ..inside };
    match chosen {
        None if !instance.operations.are_read => {
            prose(list, &operation::unread(instance, text), theme.dim, buffer);
        }
        None => {
            let mark = look.label(Context::Panes, Action::Mark(Marking::Toggle)).unwrap_or_default();
            prose(list, &text.with("operations-none", &[("key", mark.into())]), theme.dim, buffer);
        }
        Some(operation) if window.shows_items => match instance.operations.whole(operation.id) {
            Some(whole) => draw_items(whole, window, look, inside, list, buffer),
            None => prose(list, &operation::unread(instance, text), theme.dim, buffer),
        },
        Some(_) => {
            for (at, id) in window.operations.visible() {
                let known = instance.operations.summary(*id);
                let line = line_of(list, at - window.operations.offset());
                let is_selected = at == window.operations.cursor();
                if let Some(operation) = known {
                    draw_row(state, operation, is_selected, look, line, buffer);
                }
            }
            if !instance.operations.are_read {
                let below = line_of(list, window.operations.visible().count());
                prose(below, &operation::unread(instance, text), theme.dim, buffer);
            }
        }
    }
}

fn draw_items(
    shown: &Operation,
    window: &OperationsWindow,
    look: ViewContext<'_>,
    inside: Rect,
    list: Rect,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let mut spans = vec![Span::styled(operation::counts(shown, text), theme.text)];
    if let Some(only) = window.only {
        let only = text.with("operations-only", &[("outcome", text.outcome(only).into())]);
        spans.push(Span::styled(format!("   {only}"), theme.accent));
    }
    row(line_of(inside, 0), &[], &spans, Some(Span::styled(phase(shown, look), theme.dim)), buffer);
    for (line, at) in window.items.visible() {
        let Some(item) = shown.items.get(*at) else { continue };
        let area = line_of(list, line - window.items.offset());
        operation::draw_item(item, line == window.items.cursor(), look, area, buffer);
    }
}

fn draw_row(
    state: &State,
    shown: &Summary,
    is_selected: bool,
    look: ViewContext<'_>,
    line: Rect,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let (base, marker) = theme.row(is_selected);
    let title = operation::title(shown, look).content;
    let when = age(text, state.now.since(shown.created));
    let right = format!("{}  {}   {when}", operation::counts(shown, text), phase(shown, look));
    // On a narrow screen, the title is more important than the counts and the age.
    let fits = width(&title) + width(&right) + 6 <= usize::from(line.width);
    let right = if fits { right } else { phase(shown, look) };
    row(
        line,
        &[Span::styled(format!("{marker} "), base)],
        &[Span::styled(title, base)],
        Some(Span::styled(right, theme.dim)),
        buffer,
    );
}

fn phase(shown: &Summary, look: ViewContext<'_>) -> String {
    let key = match &shown.phase {
        Phase::Waiting => "operation-state-waiting",
        Phase::Running => "operation-state-running",
        Phase::Paused(_) => "operation-state-paused",
        Phase::Stopping(_) => "operation-state-stopping",
        Phase::Ended(None) => "operation-state-ended",
        Phase::Ended(Some(_)) => "operation-state-stopped",
    };
    look.text.say(key).into_owned()
}
