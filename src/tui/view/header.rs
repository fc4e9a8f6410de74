//! The line at the top: the instance, whether it is connected, what is left of its requests.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

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
    domain::{instance::ConnectionState, operation::Phase},
    text::{format::duration, width::width},
    tui::widget::pane::row,
};

pub(super) fn draw(state: &State, look: Look<'_>, area: Rect, buffer: &mut Buffer) {
    let Look { theme, text, keys, .. } = look;
    let mut left = vec![Span::styled(" synod  ", theme.title)];
    let mut middle = Vec::new();
    let mut right: Vec<String> = Vec::new();
    if state.read_only {
        right.push(text.say("header-read-only").into_owned());
    }
    if let Some(key) = keys.label(Context::Panes, Action::Help) {
        right.push(format!("{key} {} ", text.say("header-help")));
    }
    // Where it is narrow, the count has to do.
    let time = |progress: Progress, instance: &Instance, reserve| {
        let left = progress.left(state.now, instance.budget, reserve).filter(|_| area.width >= 100);
        left.map_or_else(String::new, |left| format!(", {}", time_left(left, look)))
    };
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
            middle.push(Span::styled(format!("   {done}{}", time(load, instance, 1)), theme.pending));
        }
        if let Some(search) = instance.discovery {
            let key = "header-probing";
            let done = text.with(key, &[("done", search.done.into()), ("total", search.total.into())]);
            middle.push(Span::styled(format!("   {done}{}", time(search, instance, RESERVE)), theme.pending));
        }
        let taken: usize = left.iter().chain(&middle).map(Span::width).sum();
        let beside: usize = right.iter().map(|words| width(words) + 3).sum::<usize>() + taken + 1;
        // Where it is narrow, whether the number is connected matters most.
        let fits = |words: &String| beside + width(words) <= usize::from(area.width);
        if let Some(budget) = budget(state, instance, look).into_iter().find(fits) {
            right.insert(0, budget);
        }
    }
    row(area, &left, &middle, Some(Span::styled(right.join("   "), theme.dim)), buffer);
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
