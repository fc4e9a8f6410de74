//! The window with the operations of an instance or of all, and with the items of one of them.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use super::{
    context::ViewContext,
    operation::{self, ItemRows},
};
use crate::{
    app::{
        Context, State,
        action::{Action, Marking},
        layout::{Layout, OPERATIONS_SIZE},
        modal::operations::OperationsWindow,
    },
    domain::{
        operation::{Operation, Phase, Summary},
        writer::{self, Writer},
    },
    text::{
        format::age,
        width::{cut, pad, width},
    },
    tui::widget::{
        pane::{line_of, prose, row, row_with},
        window::open,
    },
};

/// The maximum width of the column with the instances.
const MOST_LABEL: usize = 16;

pub(super) fn draw(
    state: &State,
    window: &OperationsWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let chosen = window.chosen(&state.instances);
    let one = window.instance.as_ref().and_then(|key| state.instance_of(key));
    let mut title = match (chosen.filter(|_| window.shows_items), one) {
        (Some((_, operation)), _) => operation::title(operation, look),
        (None, Some(one)) => text.with("operations-title", &[("instance", (&one.profile.label).into())]),
        (None, None) => text.say("operations-title-all").into_owned(),
    };
    if window.only_trouble && !window.shows_items {
        title = format!("{title} · {}", text.say("operations-only-trouble"));
    }
    let inside = open(layout, OPERATIONS_SIZE, &title, theme, buffer);
    // The counts of each outcome are shown above the items.
    let above = if window.shows_items { 2.min(inside.height) } else { 0 };
    let list = Rect { y: inside.y + above, height: inside.height - above, ..inside };
    let unread = window.shown(&state.instances).find(|instance| !instance.operations.are_read);
    match (chosen, unread) {
        (None, Some(instance)) => prose(list, &operation::unread(instance, text), theme.dim, buffer),
        (None, None) if window.only_trouble => {
            prose(list, &text.say("operations-no-trouble"), theme.ok, buffer);
        }
        (None, None) => {
            let mark = look.label(Context::Panes, Action::Mark(Marking::Toggle)).unwrap_or_default();
            prose(list, &text.with("operations-none", &[("key", mark.into())]), theme.dim, buffer);
        }
        (Some((instance, operation)), _) if window.shows_items => {
            match instance.operations.whole(operation.id) {
                Some(whole) => {
                    draw_counts(whole, window, look, inside, buffer);
                    let items = ItemRows { operation: whole, rows: &window.items, now: state.now };
                    items.draw(true, look, list, buffer);
                }
                None => prose(list, &operation::unread(instance, text), theme.dim, buffer),
            }
        }
        (Some(_), unread) => {
            let labels = window.shown(&state.instances).map(|instance| width(&instance.profile.label)).max();
            let labels = labels.filter(|_| window.instance.is_none()).unwrap_or_default().min(MOST_LABEL);
            let all = window.shown(&state.instances).flat_map(|instance| instance.operations.iter());
            let names_writers = writer::are_several(all.map(|operation| operation.begun_by.as_ref()));
            for (at, id) in window.operations.visible() {
                let line = line_of(list, at - window.operations.offset());
                let is_selected = at == window.operations.cursor();
                if let Some((instance, operation)) = window.find(&state.instances, *id) {
                    let label = pad(&cut(&instance.profile.label, labels), labels);
                    let by = operation.begun_by.as_ref().filter(|_| names_writers);
                    draw_row(state, (operation, &label, by), is_selected, look, line, buffer);
                }
            }
            if let Some(instance) = unread {
                let below = line_of(list, window.operations.visible().count());
                prose(below, &operation::unread(instance, text), theme.dim, buffer);
            }
        }
    }
}

/// The line above the items: how many have which outcome, and which of them are shown.
fn draw_counts(
    shown: &Operation,
    window: &OperationsWindow,
    look: ViewContext<'_>,
    inside: Rect,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let mut spans = vec![Span::styled(operation::counts(shown, text), theme.text)];
    if let Some(only) = window.only {
        let only = text.with("operations-only", &[("outcome", text.outcome(only).into())]);
        spans.push(Span::styled(format!("   {only}"), theme.accent));
    }
    row(line_of(inside, 0), &[], &spans, Some(Span::styled(phase(shown, look), theme.dim)), buffer);
}

fn draw_row(
    state: &State,
    (shown, label, by): (&Summary, &str, Option<&Writer>),
    is_selected: bool,
    look: ViewContext<'_>,
    line: Rect,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let (base, marker) = theme.row(is_selected);
    let gap = if label.is_empty() { "" } else { "  " };
    let title = format!("{gap}{}", operation::title(shown, look));
    let when = age(text, state.now.since(shown.created));
    let phase = phase(shown, look);
    let by = by.map(|writer| format!("   {writer}")).unwrap_or_default();
    // On a narrow screen, the counts have no words, and the title is more important than the age and the operator.
    let taken = width(label) + width(&title) + 4;
    let forms = [(true, true), (false, true), (false, false)].into_iter().map(|(in_words, has_age)| {
        let mut spans =
            operation::joined(operation::outcomes(shown, look, in_words), if in_words { ", " } else { " " });
        let rest = if has_age { format!("   {phase}{by}   {when}") } else { format!("   {phase}") };
        spans.push(Span::styled(rest, theme.dim));
        spans
    });
    let fits = |spans: &Vec<Span<'_>>| {
        taken + spans.iter().map(Span::width).sum::<usize>() <= usize::from(line.width)
    };
    let right = forms.into_iter().find(fits).unwrap_or_else(|| vec![Span::styled(phase.clone(), theme.dim)]);
    row_with(
        line,
        &[Span::styled(format!("{marker} "), base), Span::styled(label, theme.dim)],
        &[Span::styled(title, base)],
        &right,
        buffer,
    );
    if is_selected {
        theme.bar(line, buffer);
    }
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
