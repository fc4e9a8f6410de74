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
        operation::{Phase, Summary},
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
    right.extend(help(look).map(|help| format!("{help} ")));
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
        let fixed = cells(&left) + right.iter().map(|words| width(words) + 3).sum::<usize>() + 1;
        let room = usize::from(area.width).saturating_sub(fixed);
        let shown = Shown::of(state, instance, broken, look);
        let forms = FORMS.into_iter().map(|form| shown.in_form(form));
        let fits = |(who, budget): &(Vec<Span<'_>>, Option<String>)| {
            cells(who) + budget.as_ref().map_or(0, |budget| width(budget) + 3) <= room
        };
        let last = || shown.in_form(SHORTEST);
        let (who, budget) = forms.into_iter().find(fits).unwrap_or_else(last);
        middle = who;
        if let Some(budget) = budget {
            right.insert(0, budget);
        }
    }
    row(area, &left, &middle, Some(Span::styled(right.join("   "), theme.dim)), buffer);
}

/// The key of the help, which ends the line.
fn help(look: ViewContext<'_>) -> Option<String> {
    let key = look.label(Context::Panes, Action::Help)?;
    Some(format!("{key} {}", look.text.say("header-help")))
}

/// The action of the key at this cell, if one is there.
pub(super) fn action_at(look: ViewContext<'_>, area: Rect, (column, row): (u16, u16)) -> Option<Action> {
    let cells = u16::try_from(width(&help(look)?)).ok()?;
    let end = area.right().saturating_sub(1);
    let is_there = row == area.y && (end.saturating_sub(cells)..end).contains(&column);
    is_there.then_some(Action::Help)
}

fn cells(spans: &[Span<'_>]) -> usize {
    spans.iter().map(Span::width).sum()
}

/// How an instance and its connection are named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    WithGateway,
    WithoutGateway,
    /// Without the words for its connection, too.
    BySign,
}

/// How much of an instance's line is shown.
#[derive(Clone, Copy)]
struct Form {
    /// Which form of the budget, the longest first; `None` for none.
    budget: Option<usize>,
    has_number: bool,
    has_long_progress: bool,
    who: Who,
}

/// With less room, the phone number goes first, and the remaining requests last.
const FORMS: [Form; 8] = {
    let all = Form { budget: Some(0), has_number: true, has_long_progress: true, who: Who::WithGateway };
    let unnumbered = Form { has_number: false, ..all };
    let brief = Form { has_long_progress: false, budget: Some(1), ..unnumbered };
    let bare = Form { budget: Some(2), ..brief };
    [
        all,
        Form { budget: Some(1), ..all },
        unnumbered,
        Form { budget: Some(1), ..unnumbered },
        brief,
        bare,
        Form { who: Who::WithoutGateway, ..bare },
        Form { who: Who::BySign, ..bare },
    ]
};

/// For screens on which no form fits.
const SHORTEST: Form = Form { budget: None, who: Who::BySign, ..FORMS[4] };

/// The parts of an instance's line.
struct Shown<'a> {
    label: String,
    gateway: String,
    link: (&'static str, String, Style),
    insecure: Option<Span<'a>>,
    broken: Option<Span<'a>>,
    number: Option<Span<'a>>,
    progress: [Vec<String>; 2],
    budgets: Vec<String>,
    look: ViewContext<'a>,
}

impl<'a> Shown<'a> {
    fn of(state: &State, instance: &Instance, broken: Option<Span<'a>>, look: ViewContext<'a>) -> Self {
        let place = if state.instances.len() > 1 {
            format!(" {}/{}", state.current + 1, state.instances.len())
        } else {
            String::new()
        };
        Self {
            label: format!("{}{place}  ", instance.profile.label),
            gateway: format!("{} @ {}{place}  ", instance.profile.label, instance.profile.gateway),
            link: link_words(instance, look),
            insecure: instance.profile.address.is_insecure.then(|| {
                Span::styled(format!("   ! {}", look.text.say("header-insecure")), look.theme.warning)
            }),
            broken,
            number: number(instance, look),
            progress: [false, true].map(|is_short| progress(state, instance, look, is_short)),
            budgets: budget(state, instance, look),
            look,
        }
    }

    fn in_form(&self, form: Form) -> (Vec<Span<'a>>, Option<String>) {
        let theme = self.look.theme;
        let who = if form.who == Who::WithGateway { &self.gateway } else { &self.label };
        let (glyph, words, style) = &self.link;
        let link = if form.who == Who::BySign { (*glyph).to_owned() } else { format!("{glyph} {words}") };
        let mut spans = vec![Span::styled(who.clone(), theme.text), Span::styled(link, *style)];
        spans.extend(self.number.clone().filter(|_| form.has_number));
        spans.extend(self.insecure.clone());
        spans.extend(self.broken.clone());
        let progress = &self.progress[usize::from(!form.has_long_progress)];
        spans.extend(progress.iter().map(|part| Span::styled(format!("   {part}"), theme.pending)));
        let budget = form.budget.and_then(|at| self.budgets.get(at).or(self.budgets.last()));
        (spans, budget.cloned())
    }
}

/// How many operations run, and how many that ended since the start need somebody's attention, over all instances; `None` if there
/// are neither. With a single instance, the pane below shows them if it is in sight.
fn activity(state: &State, look: ViewContext<'_>) -> Option<String> {
    let operations = || state.instances.iter().flat_map(|instance| instance.operations.iter());
    let runs = operations().filter(|operation| operation.is_live()).count();
    let is_new = |ended: Option<Millis>| ended.is_none_or(|ended| ended >= state.started);
    // One that was closed has been seen.
    let is_closed = |one: &Summary| state.instances.iter().any(|instance| instance.dismissed == Some(one.id));
    let needs =
        operations().filter(|one| one.needs_attention() && is_new(one.ended) && !is_closed(one)).count();
    let part = |key, count: usize| (count > 0).then(|| look.text.with(key, &[("count", count.into())]));
    let parts: Vec<String> =
        [part("header-running", runs), part("header-needs-you", needs)].into_iter().flatten().collect();
    let is_below = state.instances.len() == 1 && state.layout().operation.is_some();
    (!is_below && !parts.is_empty()).then(|| parts.join(" · "))
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
    let bare = format!("{left}/{}", budget.limit);
    let mut forms = vec![text.with("header-budget", &args()), bare];
    let is_running =
        instance.current_operation().is_some_and(|operation| !matches!(operation.phase, Phase::Ended(_)));
    if is_running && budget.resets_at > state.now {
        let span = duration(text, budget.resets_at.since(state.now));
        let [left, limit] = args();
        forms.insert(0, text.with("header-budget-resets", &[left, limit, ("span", span.into())]));
    }
    forms
}
