//! The operation pane: the running or latest operation, one row per item, live.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

mod ending;
mod items;

use ending::Ending;
pub(super) use items::ItemRows;

use super::{context::ViewContext, pane::PaneView};
use crate::{
    app::{
        Context,
        action::{Action, Running},
        instance::Instance,
    },
    domain::{
        operation::{Phase, Summary},
        outcome::Outcome,
        time::Millis,
    },
    text::{
        Text,
        format::{self, duration},
        width::width,
        words::outcome_glyph,
    },
    tui::{theme::Theme, widget::pane::saying},
};

/// The width of the progress bar.
const BAR: usize = 16;

/// The width needed beside the outcomes in the title: the title itself, the bar and the phase.
const BESIDE_OUTCOMES: usize = 80;

pub(super) fn draw(view: PaneView<'_>, area: Rect, buffer: &mut Buffer) {
    let PaneView { state, instance, look, .. } = view;
    let Some(operation) = instance.current_operation() else {
        view.heading(area, vec![view.name(look.text.say("pane-operation"))], None, buffer);
        return;
    };
    let ending = (!operation.is_live()).then(|| Ending::of(state, instance, operation, look, area.width));
    let counts = ending.as_ref().is_none_or(|ending| !ending.has_counts);
    let right = summary(operation, instance, (state.now, counts), look, usize::from(area.width));
    let mut title = vec![view.name(title(operation, look))];
    if state.wide().is_some() {
        title.insert(0, Span::styled(format!("{}  ", instance.profile.label), look.theme.dim));
    }
    let mut inside = view.heading(area, title, Some(right), buffer);
    if let Some(ending) = ending {
        inside.height = inside.height.saturating_sub(1);
        ending.draw(Rect { y: inside.bottom(), height: 1, ..inside }, buffer);
    }
    if operation.is_live() && instance.operations.own.contains(&operation.id) && area.y > 0 {
        // On the line above the pane.
        let key = if state.survival.outlives_terminal {
            "operation-outlives"
        } else {
            "operation-ends-with-terminal"
        };
        let words = format!(" {} ", look.text.say(key));
        let room = usize::from(area.width.saturating_sub(4));
        let x = area.right().saturating_sub(2 + u16::try_from(width(&words).min(room)).unwrap_or(0));
        buffer.set_stringn(x, area.y - 1, words, room, look.theme.dim);
    }
    let Some(whole) = instance.current_whole() else {
        let text = look.text;
        let words = if instance.operations.reading.contains(&operation.id) {
            unread(instance, text)
        } else {
            text.say("operation-unread").into_owned()
        };
        saying(inside, &words, look.theme.dim, buffer);
        return;
    };
    if instance.operation.operation() == Some(operation.id) {
        let items = ItemRows { operation: whole, rows: &instance.operation.items, now: state.now };
        items.draw(view.has_focus(), look, inside, buffer);
    }
}

/// Why the groups of an operation, or operations, are not in memory yet.
pub(super) fn unread(instance: &Instance, text: &Text) -> String {
    let failure = instance.journal_failure.as_ref().map(|why| text.tell(why));
    failure.unwrap_or_else(|| text.say("operations-reading").into_owned())
}

/// The number of an operation, and what it does.
pub(super) fn title(operation: &Summary, look: ViewContext<'_>) -> String {
    let (target, leaves_community) = (operation.target.as_ref(), operation.leaves_community);
    let task = look.text.task(operation.verb, operation.count, target, leaves_community);
    format!("#{} {task}", operation.id)
}

/// The number of items per outcome, in words or only with glyphs.
pub(super) fn outcomes<'a>(operation: &Summary, look: ViewContext<'_>, in_words: bool) -> Vec<Span<'a>> {
    let ViewContext { theme, text, .. } = look;
    let counted = Outcome::ALL.into_iter().filter(|outcome| operation.totals.of(*outcome) > 0);
    let span = |outcome: Outcome| {
        let count = operation.totals.of(outcome);
        let part = if in_words {
            text.counted(outcome, count)
        } else {
            format!("{} {}", outcome_glyph(outcome), format::number(text, count as u64))
        };
        Span::styled(part, outcome_style(outcome, theme))
    };
    counted.map(span).collect()
}

/// The same spans with something between them.
pub(super) fn joined<'a>(spans: Vec<Span<'a>>, between: &'static str) -> Vec<Span<'a>> {
    let parts = spans.into_iter().enumerate();
    parts.flat_map(|(at, span)| (at > 0).then(|| Span::raw(between)).into_iter().chain([span])).collect()
}

/// The progress, the outcomes unless the line below the rows has them, and the remaining time.
fn summary<'a>(
    operation: &Summary,
    instance: &Instance,
    (now, has_counts): (Millis, bool),
    look: ViewContext<'a>,
    columns: usize,
) -> Line<'a> {
    let ViewContext { theme, text, .. } = look;
    let mut spans = vec![Span::raw(" ")];
    if columns >= 100 && operation.is_live() {
        let all = operation.count.max(1);
        let done = operation.totals.finished() * BAR / all;
        spans.push(Span::styled("█".repeat(done), theme.ok));
        spans.push(Span::styled("░".repeat(BAR - done), theme.dim));
        spans.push(Span::raw("  "));
    }
    let counted = if has_counts { outcomes(operation, look, true) } else { Vec::new() };
    let cells: usize = counted.iter().map(|part| part.width() + 3).sum();
    let is_narrow = cells + BESIDE_OUTCOMES > columns;
    let open = operation.totals.queued + operation.totals.under_way;
    let open = (open > 0)
        .then(|| Span::styled(text.with("operation-open", &[("count", open.into())]), theme.pending));
    let phase = phase(operation, instance, now, look);
    let apart = |spans: Vec<Span<'a>>| spans.into_iter().map(|span| vec![span]);
    let mut parts: Vec<Vec<Span<'a>>> = Vec::new();
    if is_narrow {
        // The phase comes first, because the end may be cut. The rows below explain the glyphs in words.
        parts.push(vec![phase]);
        if has_counts {
            parts.push(joined(outcomes(operation, look, false), " "));
        }
        parts.extend(apart(open.into_iter().collect()));
    } else {
        parts.extend(apart(counted));
        parts.extend(apart(open.into_iter().collect()));
        parts.push(vec![phase]);
    }
    let waiting = instance.waiting_operations();
    if waiting > 0 {
        let waiting = text.with("operation-waiting", &[("count", waiting.into())]);
        parts.push(vec![Span::styled(waiting, theme.pending)]);
    }
    let is_said = |part: &Vec<Span<'_>>| part.iter().any(|span| !span.content.is_empty());
    for (at, part) in parts.into_iter().filter(is_said).enumerate() {
        if at > 0 {
            spans.push(Span::styled(" · ", theme.dim));
        }
        spans.extend(part);
    }
    spans.push(Span::raw(" "));
    Line::from(spans)
}

fn phase<'a>(operation: &Summary, instance: &Instance, now: Millis, look: ViewContext<'a>) -> Span<'a> {
    let ViewContext { theme, text, .. } = look;
    match &operation.phase {
        Phase::Waiting => Span::styled(text.say("phase-waiting"), theme.pending),
        Phase::Running => {
            let whole = instance.operations.whole(operation.id);
            let left = whole.map(|operation| operation.time_left(&instance.profile.settings, now));
            let words = text.with("phase-left", &[("span", duration(text, left.unwrap_or_default()).into())]);
            Span::styled(words, theme.dim)
        }
        Phase::Paused(why) => {
            let words = match why.until().map(|until| until.since(now)) {
                Some(span) => {
                    let (why, span) = (text.pause(why), duration(text, span));
                    text.with("phase-paused-for", &[("why", why.into()), ("span", span.into())])
                }
                None => match look.label(Context::Panes, Action::Run(Running::Pause)) {
                    Some(key) => text.with("phase-paused-by-you", &[("key", key.into())]),
                    None => text.pause(why).into_owned(),
                },
            };
            Span::styled(words, theme.warning)
        }
        Phase::Stopping(_) => Span::styled(text.say("phase-stopping"), theme.warning),
        Phase::Ended(Some(why)) => Span::styled(text.stop(why), theme.warning),
        Phase::Ended(None) => Span::raw(""),
    }
}

/// The style of an outcome; its glyph and word carry the same information.
pub(super) fn outcome_style(outcome: Outcome, theme: &Theme) -> Style {
    match outcome {
        Outcome::Verified | Outcome::AlreadySo => theme.ok,
        Outcome::Contradicted => theme.warning,
        Outcome::Refused => theme.error,
        Outcome::Unknown => theme.unknown,
        Outcome::NotSent | Outcome::Blocked => theme.dim,
    }
}

/// The counts of an operation as one line of text, for a notice.
pub(super) fn counts(operation: &Summary, text: &Text) -> String {
    let parts: Vec<String> = Outcome::ALL
        .into_iter()
        .filter(|outcome| operation.totals.of(*outcome) > 0)
        .map(|outcome| {
            let counted = text.counted(outcome, operation.totals.of(outcome));
            format!("{} {counted}", outcome_glyph(outcome))
        })
        .collect();
    parts.join("  ")
}
