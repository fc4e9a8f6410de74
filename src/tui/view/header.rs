//! The line at the top: the instance, its connection status, and its remaining requests.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

use super::{context::ViewContext, windows::time_left};
use crate::{
    app::{
        Context, State,
        action::Action,
        instance::{ConnectionStatus, Instance},
        progress::{Left, WindowProgress},
        search::time_for,
    },
    domain::{
        instance::{Connection, ConnectionState},
        operation::Phase,
        time::Millis,
    },
    text::{format::duration, width::width},
    tui::{theme::Theme, widget::pane::row},
};

pub(super) fn draw(state: &State, look: ViewContext<'_>, area: Rect, buffer: &mut Buffer) {
    let ViewContext { theme, text, .. } = look;
    let mut left = vec![Span::styled(" synod  ", theme.title)];
    let mut middle = Vec::new();
    let mut right: Vec<String> = Vec::new();
    if state.read_only {
        right.push(text.say("header-read-only").into_owned());
    }
    if let Some(key) = look.label(Context::Panes, Action::Help) {
        right.push(format!("{key} {} ", text.say("header-help")));
    }
    let broken = (!state.broken.is_empty()).then(|| {
        let words = text.with("header-broken", &[("count", state.broken.len().into())]);
        Span::styled(format!("   ✗ {words}"), theme.error)
    });
    if state.instance().is_none() {
        middle.extend(broken.clone());
    }
    if let Some(words) = activity(state, look) {
        right.insert(0, words);
    }
    if state.wide().is_some() {
        let all = text.with("header-all", &[("count", state.instances.len().into())]);
        left.push(Span::styled(format!("{all}  "), theme.text));
        middle.push(connected(state, look));
        middle.extend(broken.clone());
        let loads: Vec<_> = state.instances.iter().filter_map(|instance| instance.loading).collect();
        if !loads.is_empty() {
            let sum = |part: fn(&WindowProgress) -> usize| loads.iter().map(part).sum::<usize>();
            let args = [("done", sum(|load| load.done).into()), ("total", sum(|load| load.total).into())];
            let words = text.with("header-reading-of", &args);
            middle.push(Span::styled(format!("   {words}"), theme.pending));
        }
    } else if let Some(instance) = state.instance() {
        let place = if state.instances.len() > 1 {
            format!(" {}/{}", state.current + 1, state.instances.len())
        } else {
            String::new()
        };
        let who = format!("{} @ {}{place}  ", instance.profile.label, instance.profile.gateway);
        left.push(Span::styled(who, theme.text));
        let (glyph, words, style) = link_words(instance, look);
        middle.push(Span::styled(format!("{glyph} {words}"), style));
        if instance.profile.address.is_insecure {
            middle.push(Span::styled(format!("   ! {}", text.say("header-insecure")), theme.warning));
        }
        middle.extend(broken);
        let cells = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>();
        let wanted: usize = right.iter().map(|words| width(words) + 3).sum();
        let around = cells(&left) + wanted;
        let room = |middle: &[Span<'_>]| usize::from(area.width).saturating_sub(around + cells(middle));
        // If there is little room, shorten the progress.
        let long = progress(state, instance, look, false);
        let is_short = long.iter().map(|words| width(words) + 3).sum::<usize>() > room(&middle);
        let words = if is_short { progress(state, instance, look, true) } else { long };
        middle.extend(words.iter().map(|part| Span::styled(format!("   {part}"), theme.pending)));
        // The progress is more important than the phone number.
        if let Some(number) = number(instance, look).filter(|number| number.width() <= room(&middle)) {
            middle.insert(1, number);
        }
        let taken = cells(&left) + cells(&middle);
        let beside: usize = right.iter().map(|words| width(words) + 3).sum::<usize>() + taken + 1;
        // If there is little room, the connection status is more important than the budget.
        let fits = |words: &String| beside + width(words) <= usize::from(area.width);
        if let Some(budget) = budget(state, instance, look).into_iter().find(fits) {
            right.insert(0, budget);
        }
    }
    row(area, &left, &middle, Some(Span::styled(right.join("   "), theme.dim)), buffer);
}

/// How many operations run, and how many that ended since the start need somebody's attention, over all instances; `None` if there
/// are neither. With a single instance, its pane shows them.
fn activity(state: &State, look: ViewContext<'_>) -> Option<String> {
    let operations = || state.instances.iter().flat_map(|instance| instance.operations.iter());
    let runs = operations().filter(|operation| operation.is_live()).count();
    let is_new = |ended: Option<Millis>| ended.is_none_or(|ended| ended >= state.started);
    let needs = operations().filter(|one| one.needs_attention() && is_new(one.ended)).count();
    let part = |key, count: usize| (count > 0).then(|| look.text.with(key, &[("count", count.into())]));
    let parts: Vec<String> =
        [part("header-running", runs), part("header-needs-you", needs)].into_iter().flatten().collect();
    (state.instances.len() > 1 && !parts.is_empty()).then(|| parts.join(" · "))
}

/// How many instances are connected, as far as known.
fn connected<'a>(state: &State, look: ViewContext<'_>) -> Span<'a> {
    let is_connected =
        |one: &&Instance| matches!(&one.link, ConnectionStatus::Known(known) if known.is_connected());
    let count = state.instances.iter().filter(is_connected).count();
    let args = [("count", count.into()), ("all", state.instances.len().into())];
    let style = if count == state.instances.len() { look.theme.ok } else { look.theme.warning };
    Span::styled(look.text.with("header-connected", &args), style)
}

/// The instance's own phone number, if known.
fn number<'a>(instance: &Instance, look: ViewContext<'a>) -> Option<Span<'a>> {
    let ConnectionStatus::Known(connection) = &instance.link else { return None };
    let number = connection.number.as_ref()?;
    Some(Span::styled(format!("   {}", number.shown()), look.theme.text))
}

/// The progress of the current load and of the search for communities, with the remaining time if there is room and it
/// can be estimated.
pub(super) fn progress(
    state: &State,
    instance: &Instance,
    look: ViewContext<'_>,
    is_short: bool,
) -> Vec<String> {
    let text = look.text;
    let load = instance.loading.map(|load| {
        let key = if load.total > 0 { "header-reading-of" } else { "header-reading" };
        let left = load.left(state.now, instance.budget, 1).filter(|_| !is_short);
        // The footer shows what it waits for.
        let left = left.filter(|left| instance.wait.is_none() && matches!(left, Left::About(_)));
        let left = left.map_or_else(String::new, |left| format!(", {}", time_left(left, state.now, look)));
        text.with(key, &[("done", load.done.into()), ("total", load.total.into())]) + &left
    });
    let search = instance.discovery.search.as_ref().map(|search| {
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

/// The connection status of an instance: symbol, text and style.
pub(super) fn link_words(instance: &Instance, look: ViewContext<'_>) -> (&'static str, String, Style) {
    let ViewContext { theme, text, .. } = look;
    match &instance.link {
        ConnectionStatus::Asking => ("◌", text.say("connection-asking").into_owned(), theme.pending),
        ConnectionStatus::Failed(failure) => ("✗", text.failure(failure), theme.error),
        ConnectionStatus::Known(connection) => {
            let (glyph, style) = connection_glyph(connection, theme);
            (glyph, text.connection(&connection.state), style)
        }
    }
}

/// The symbol of a connection and its style.
pub(super) fn connection_glyph(connection: &Connection, theme: &Theme) -> (&'static str, Style) {
    match connection.state {
        ConnectionState::Connected => ("●", theme.ok),
        ConnectionState::Connecting => ("◌", theme.pending),
        ConnectionState::NotConnected(_) | ConnectionState::Banned => ("✗", theme.error),
    }
}

/// The token's remaining requests, longest form first. The time of the next reset is shown only while something is
/// running, because an idle screen is not redrawn.
fn budget(state: &State, instance: &Instance, look: ViewContext<'_>) -> Vec<String> {
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
