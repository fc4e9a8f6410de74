//! The line at the top: the instance, whether it is connected, what is left of its requests.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use super::Look;
use crate::{
    app::{
        Context, State,
        action::Action,
        instance::{Instance, Link},
    },
    domain::{instance::ConnectionState, operation::Phase},
    text::format::duration,
    tui::widget::pane::row,
};

pub(super) fn draw(state: &State, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let Look { theme, text, keys } = look;
    let mut left = vec![Span::styled(" synod  ", theme.title)];
    let mut middle = Vec::new();
    let mut right = String::new();
    if let Some(instance) = state.instance() {
        let place = if state.instances.len() > 1 {
            format!(" {}/{}", state.current + 1, state.instances.len())
        } else {
            String::new()
        };
        let who = format!("{} @ {}{place}  ", instance.profile.label, instance.profile.gateway);
        left.push(Span::styled(who, theme.text));
        middle.extend(connection(instance, look));
        if let Some(load) = instance.loading {
            let key = if load.total > 0 { "header-reading-of" } else { "header-reading" };
            let done = text.with(key, &[("done", load.done.into()), ("total", load.total.into())]);
            middle.push(Span::styled(format!("   {done}"), theme.pending));
        }
        if let Some(search) = instance.discovery {
            let key = "header-probing";
            let done = text.with(key, &[("done", search.done.into()), ("total", search.total.into())]);
            middle.push(Span::styled(format!("   {done}"), theme.pending));
        }
        right = budget(state, instance, look);
    }
    if state.read_only {
        right = format!("{}   {right}", text.say("header-read-only"));
    }
    if let Some(key) = keys.label(Context::Panes, Action::Help) {
        right = format!("{right}   {key} {} ", text.say("header-help"));
    }
    row(area, &left, &middle, Some(Span::styled(right, theme.dim)), buffer);
}

fn connection<'a>(instance: &Instance, look: Look<'a>) -> Vec<Span<'a>> {
    let Look { theme, text, .. } = look;
    match &instance.link {
        Link::Asking => vec![Span::styled(format!("◌ {}", text.say("connection-asking")), theme.pending)],
        Link::Failed(failure) => vec![Span::styled(format!("✗ {}", text.failure(failure)), theme.error)],
        Link::Known(connection) => {
            let (glyph, style) = match connection.state {
                ConnectionState::Connected => ("●", theme.ok),
                ConnectionState::Connecting => ("◌", theme.pending),
                _ => ("✗", theme.error),
            };
            let mut spans =
                vec![Span::styled(format!("{glyph} {}", text.connection(&connection.state)), style)];
            if let Some(number) = &connection.number {
                spans.push(Span::styled(format!("   {}", number.shown()), theme.text));
            }
            spans
        }
    }
}

/// What is left of the token's requests; when the count starts anew only while something runs, for an idle screen is
/// not drawn again.
fn budget(state: &State, instance: &Instance, look: Look<'_>) -> String {
    let Some(budget) = instance.budget else { return String::new() };
    let left = budget.remaining_at(state.now);
    let args = [("left", left.into()), ("limit", budget.limit.into())];
    let text = look.text;
    let is_running =
        instance.current_operation().is_some_and(|operation| !matches!(operation.phase, Phase::Ended(_)));
    if is_running && budget.resets_at > state.now {
        let span = duration(text, budget.resets_at.since(state.now));
        let [left, limit] = args;
        return text.with("header-budget-resets", &[left, limit, ("span", span.into())]);
    }
    text.with("header-budget", &args)
}
