//! The line at the top: the instance, whether it is connected, what is left of its requests.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

use super::{
    Look,
    windows::{RESERVE, time_left},
};
use crate::{
    app::{
        Context, State,
        action::Action,
        instance::{Instance, Link},
        progress::Progress,
    },
    domain::{
        instance::{Connection, ConnectionState},
        operation::Phase,
    },
    text::{format::duration, width::width},
    tui::{theme::Theme, widget::pane::row},
};

pub(super) fn draw(state: &State, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let Look { theme, text, .. } = look;
    let mut left = vec![Span::styled(" synod  ", theme.title)];
    let mut middle = Vec::new();
    let mut right: Vec<String> = Vec::new();
    if state.read_only {
        right.push(text.say("header-read-only").into_owned());
    }
    if let Some(key) = look.label(Context::Panes, Action::Help) {
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
        let (glyph, words, style) = link_words(instance, look);
        middle.push(Span::styled(format!("{glyph} {words}"), style));
        // Where it is narrow, the count has to do.
        let time = |progress: Progress, reserve: u32| {
            let left = progress.left(state.now, instance.budget, reserve).filter(|_| area.width >= 100);
            left.map_or_else(String::new, |left| format!(", {}", time_left(left, look)))
        };
        for words in progress(instance, look, &time) {
            middle.push(Span::styled(format!("   {words}"), theme.pending));
        }
        let cells = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>();
        let wanted: usize = right.iter().map(|words| width(words) + 3).sum();
        let room = usize::from(area.width).saturating_sub(cells(&left) + cells(&middle) + wanted);
        // Where it is narrow, what is being read comes before the number.
        if let Some(number) = number(instance, look).filter(|number| number.width() <= room) {
            middle.insert(1, number);
        }
        let taken = cells(&left) + cells(&middle);
        let beside: usize = right.iter().map(|words| width(words) + 3).sum::<usize>() + taken + 1;
        // Where it is narrow, whether the number is connected matters most.
        let fits = |words: &String| beside + width(words) <= usize::from(area.width);
        if let Some(budget) = budget(state, instance, look).into_iter().find(fits) {
            right.insert(0, budget);
        }
    }
    row(area, &left, &middle, Some(Span::styled(right.join("   "), theme.dim)), buffer);
}

/// The instance's own number, where it is known.
fn number<'a>(instance: &Instance, look: Look<'a>) -> Option<Span<'a>> {
    let Link::Known(connection) = &instance.link else { return None };
    let number = connection.number.as_ref()?;
    Some(Span::styled(format!("   {}", number.shown()), look.theme.text))
}

/// What is being read, and the search for communities, as far as they go on.
pub(super) fn progress(
    instance: &Instance,
    look: Look<'_>,
    time: &dyn Fn(Progress, u32) -> String,
) -> Vec<String> {
    let text = look.text;
    let load = instance.loading.map(|load| {
        let key = if load.total > 0 { "header-reading-of" } else { "header-reading" };
        text.with(key, &[("done", load.done.into()), ("total", load.total.into())]) + &time(load, 1)
    });
    let search = instance.discovery.map(|search| {
        let args = [("done", search.done.into()), ("total", search.total.into())];
        text.with("header-probing", &args) + &time(search, RESERVE)
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
