//! The line at the top: the instance, whether it is connected, what is left of its requests.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

use super::Look;
use crate::{
    app::{
        Context, State,
        action::Action,
        instance::{Instance, Link},
        search::time_for,
    },
    domain::{
        instance::{Connection, ConnectionState},
        operation::Phase,
    },
    text::{format::duration, width::width},
    tui::{theme::Theme, widget::pane::row},
};

pub(super) fn draw(state: &State, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let Look { theme, text, keys } = look;
    let mut left = vec![Span::styled(" synod  ", theme.title)];
    let mut middle = Vec::new();
    let mut right: Vec<String> = Vec::new();
    if state.read_only {
        right.push(text.say("header-read-only").into_owned());
    }
    if let Some(key) = keys.label(Context::Panes, Action::Help) {
        right.push(format!("{key} {} ", text.say("header-help")));
    }
    if let Some(instance) = state.instance() {
        let place = if state.instances.len() > 1 {
            format!(" {}/{}", state.current + 1, state.instances.len())
        } else {
            String::new()
        };
        let who = format!("{} @ {}{place}  ", instance.profile.label, instance.profile.gateway);
        left.push(Span::styled(who, theme.text));
        let link = connection(instance, look);
        let beside: usize = left.iter().map(Span::width).sum::<usize>()
            + right.iter().map(|words| width(words) + 3).sum::<usize>();
        let room = usize::from(area.width).saturating_sub(beside + 4);
        let state_alone = link.first().map_or(0, Span::width);
        // Where it is narrow, what goes on matters more than the number, and is told in few words.
        let long = progress(state, instance, look, false).join("   ");
        let is_short = state_alone + width(&long) > room;
        let progress = if is_short { progress(state, instance, look, true).join("  ") } else { long };
        let whole: usize = link.iter().map(Span::width).sum();
        let keeps_number = progress.is_empty() || whole + width(&progress) <= room;
        middle.extend(link.into_iter().take(if keeps_number { usize::MAX } else { 1 }));
        if !progress.is_empty() {
            middle.push(Span::styled(format!("   {progress}"), theme.pending));
        }
        let taken: usize = left.iter().chain(&middle).map(Span::width).sum();
        let beside: usize = right.iter().map(|words| width(words) + 3).sum::<usize>() + taken + 3;
        // Where it is narrow, whether the number is connected matters most.
        let fits = |words: &String| beside + width(words) <= usize::from(area.width);
        if let Some(budget) = budget(state, instance, look).into_iter().find(fits) {
            right.insert(0, budget);
        }
    }
    row(area, &left, &middle, Some(Span::styled(right.join("   "), theme.dim)), buffer);
}

/// What is being read, and the search for communities, as far as they go on.
pub(super) fn progress(state: &State, instance: &Instance, look: Look<'_>, is_short: bool) -> Vec<String> {
    let text = look.text;
    let load = instance.loading.map(|load| {
        let key = if load.total > 0 { "header-reading-of" } else { "header-reading" };
        text.with(key, &[("done", load.done.into()), ("total", load.total.into())])
    });
    let search = instance.discovery.as_ref().map(|search| {
        let left = time_for(search.left.len(), instance.budget, state.now);
        let key = match (search.is_running(), is_short) {
            (true, false) => "header-probing",
            (true, true) => "header-probing-short",
            (false, false) => "header-probing-paused",
            (false, true) => "header-probing-paused-short",
        };
        let args = [
            ("done", search.asked.into()),
            ("total", search.total().into()),
            ("span", duration(text, left).into()),
        ];
        text.with(key, &args)
    });
    load.into_iter().chain(search).collect()
}

/// Whether an instance is connected: a sign, words and their style.
pub(super) fn link_words(instance: &Instance, look: Look<'_>) -> (&'static str, String, Style) {
    let Look { theme, text, .. } = look;
    match &instance.link {
        Link::Asking => ("◌", text.say("connection-asking").into_owned(), theme.pending),
        Link::Failed(failure) => ("✗", text.failure(failure), theme.error),
        Link::Known(connection) => {
            let (glyph, style) = connection_glyph(connection, theme);
            (glyph, text.connection(&connection.state), style)
        }
    }
}

/// The sign of a connection and its style.
pub(super) fn connection_glyph(connection: &Connection, theme: &Theme) -> (&'static str, Style) {
    match connection.state {
        ConnectionState::Connected => ("●", theme.ok),
        ConnectionState::Connecting => ("◌", theme.pending),
        ConnectionState::NotConnected(_) | ConnectionState::Banned => ("✗", theme.error),
    }
}

fn connection<'a>(instance: &Instance, look: Look<'a>) -> Vec<Span<'a>> {
    let (glyph, words, style) = link_words(instance, look);
    let mut spans = vec![Span::styled(format!("{glyph} {words}"), style)];
    if let Link::Known(connection) = &instance.link
        && let Some(number) = &connection.number
    {
        spans.push(Span::styled(format!("   {}", number.shown()), look.theme.text));
    }
    spans
}

/// What is left of the token's requests, the longest form first; when the count starts anew only while something runs,
/// for an idle screen is not drawn again.
fn budget(state: &State, instance: &Instance, look: Look<'_>) -> Vec<String> {
    let Some(budget) = instance.budget else { return Vec::new() };
    let left = budget.remaining_at(state.now);
    let args = || [("left", left.into()), ("limit", budget.limit.into())];
    let text = look.text;
    let mut forms = vec![text.with("header-budget", &args())];
    let is_running =
        instance.current_operation().is_some_and(|operation| !matches!(operation.phase, Phase::Ended(_)));
    if is_running && budget.resets_at > state.now {
        let span = duration(text, budget.resets_at.since(state.now));
        let [left, limit] = args();
        forms.insert(0, text.with("header-budget-resets", &[left, limit, ("span", span.into())]));
    }
    forms
}
