//! The plan in its window: the rows to be sent, those that need a tick, the blocked ones, and the groups already done;
//! the cost of the plan, and how to confirm it.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

use super::context::ViewContext;
use crate::{
    app::{
        Context, State,
        action::{Action, Marking},
        layout::{Layout, plan_parts},
        modal::plan::{Confirm, Line, PlanWindow, Share},
    },
    domain::{
        directory::Directory,
        id::CommunityId,
        plan::{
            Head, Plan, Reason, Remark, Row, Verb,
            change::{Change, GroupPlace},
            estimate::Estimate,
        },
    },
    text::{
        Text,
        format::duration,
        shown_name,
        width::{cut, pad, width},
    },
    tui::{
        theme::Theme,
        widget::{
            field,
            pane::{line_of, prose, row, wrapped},
            window::open,
        },
    },
};

/// The width of a row before the name.
const BEFORE_NAME: usize = 9;
/// The width of the gap between two columns.
const GAP: usize = 2;
/// The minimum width beside the names for the column of changes; with less, it is omitted.
const LEAST: usize = 24;
/// The width beside the names from which a change may truncate a reason; with less, only the reason is shown.
const ENOUGH: usize = 52;
/// The maximum width of the column with the numbers.
const MOST_NUMBER: usize = 12;
/// How many rows to measure for the column widths.
const MEASURED: usize = 200;

pub(super) fn draw(
    state: &State,
    window: &PlanWindow,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let ViewContext { theme, text, .. } = look;
    let plan = &window.plan;
    let request = &plan.request;
    // If an obstacle blocks the plan, count what it would do; if it sends nothing, count the requested groups.
    let count = match plan.sent() {
        _ if plan.obstacle.is_some() => plan.under(Head::WillDo).count(),
        0 => plan.rows.len(),
        sent => sent,
    };
    let task = text.task(plan.effect(), count, plan.target.as_ref(), request.leaves_community());
    let inside = open(layout, window.size(), &title(state, window, &task, text), theme, buffer);
    let parts = plan_parts(inside.height);
    let top = summary(state, window, usize::from(parts.top), look).into_iter().enumerate();
    for (at, (words, style)) in top.skip(usize::from(window.has_field())) {
        put(line_of(inside, at), &words, style, buffer);
    }
    let list = Rect { y: inside.y + parts.list_at, height: parts.list, ..inside };
    if window.has_field() {
        // The numbers of the sections make room for the filter.
        let filter = line_of(inside, 0);
        buffer.set_style(filter, theme.text);
        let spans = field::filter(&window.filter, theme);
        let shown = window.lines.rows().iter().filter(|line| matches!(line, Line::Row(_))).count();
        let args = [("shown", shown.into()), ("all", plan.rows.len().into())];
        let count = Span::styled(text.with("plan-shown", &args), theme.dim);
        row(filter, &[], &spans, Some(count), buffer);
    }
    let view = Rows::new(state, window, look, list);
    for (at, line) in window.lines.visible() {
        let offset = at - window.lines.offset();
        if offset >= usize::from(list.height) {
            break;
        }
        let is_selected = at == window.lines.cursor();
        view.draw_line(line, is_selected, line_of(list, offset), buffer);
    }
    more(window, list, inside, look, buffer);
    let below = Rect { y: list.bottom(), height: inside.bottom().saturating_sub(list.bottom()), ..inside };
    let lines = prompt(window, look, below, buffer);
    view.explain(window, Rect { height: below.height.saturating_sub(lines), ..below }, buffer);
}

/// What the plan would do, and which number does it, if there are several.
fn title(state: &State, window: &PlanWindow, task: &str, text: &Text) -> String {
    let task = ("task", task.into());
    match &window.shares[..] {
        [_, _, ..] => text.with("plan-title-numbers", &[("count", window.shares.len().into()), task]),
        [share] if state.instances.len() > 1 => {
            text.with("plan-title-for", &[("instance", label(state, share).into()), task])
        }
        _ => text.with("plan-title", &[task]),
    }
}

/// The operator's name for the number of a share.
fn label<'a>(state: &'a State, share: &Share) -> &'a str {
    state.instance_of(&share.instance).map_or("", |instance| instance.profile.label.as_str())
}

fn put(line: Rect, words: &str, style: Style, buffer: &mut Buffer) {
    let words = cut(words, usize::from(line.width));
    buffer.set_stringn(line.x, line.y, words, usize::from(line.width), style);
}

/// The summary of the plan: counts, room, costs, consequences. At most this many lines; the dispensable ones are
/// omitted first.
fn summary(state: &State, window: &PlanWindow, most: usize, look: ViewContext<'_>) -> Vec<(String, Style)> {
    let ViewContext { theme, text, .. } = look;
    let plan = &window.plan;
    let mut lines = vec![(counts(plan, text), theme.text)];
    if let Some(capacity) = plan.capacity {
        lines.push((text.capacity(&capacity, capacity.now + plan.links()), theme.text));
    }
    if plan.sent() == 0 && plan.obstacle.is_none() {
        lines.truncate(most);
        return lines;
    }
    if lines.len() + 3 <= most {
        lines.push((costs(state, window, look), theme.dim));
    }
    lines.push((consequence(plan, look), theme.warning));
    let unknown = plan.rows.iter().filter(|row| row.is_sent() && row.remarks.contains(&Remark::RoleUnknown));
    let unknown = unknown.count();
    if unknown > 0 {
        lines.push((text.with("plan-roles-unknown", &[("count", unknown.into())]), theme.dim));
    }
    if lines.len() > most && plan.capacity.is_some() {
        // The panes show the room, too.
        lines.remove(1);
    }
    lines.truncate(most);
    lines
}

/// The number of rows in each section that has any.
fn counts(plan: &Plan, text: &Text) -> String {
    let heads = [
        (Head::WillDo, "plan-count-will"),
        (Head::Risky, "plan-count-risky"),
        (Head::Blocked, "plan-count-blocked"),
        (Head::LeftOut, "plan-count-left-out"),
        (Head::AlreadySo, "plan-count-already"),
    ];
    let count = |(head, key)| {
        let count = plan.under(head).count();
        (count > 0).then(|| text.with(key, &[("count", count.into())]))
    };
    let counts: Vec<String> = heads.into_iter().filter_map(count).collect();
    counts.join(" · ")
}

/// The requests, the time, and the age of the readings.
fn costs(state: &State, window: &PlanWindow, look: ViewContext<'_>) -> String {
    let text = look.text;
    let estimates = window.ranges().filter_map(|(share, rows)| {
        let instance = state.instance_of(&share.instance)?;
        let rows = &window.plan.rows[rows];
        Some(Estimate::of(rows, &instance.profile.settings, instance.budget, state.now))
    });
    let Some(estimate) = estimates.reduce(Estimate::beside) else { return String::new() };
    let span = duration(text, std::time::Duration::from_secs(estimate.span.as_secs()));
    text.with("plan-costs", &[("requests", estimate.requests.into()), ("span", span.into())])
}

/// The consequence that cannot be undone.
fn consequence(plan: &Plan, look: ViewContext<'_>) -> String {
    let text = look.text;
    if plan.request.leaves_community() {
        return text.say("plan-leave-community").into_owned();
    }
    match plan.effect() {
        Verb::Leave => text.say("plan-leave").into_owned(),
        Verb::Unlink => text.say("plan-unlink").into_owned(),
        Verb::Move => text.say("plan-move").into_owned(),
        Verb::Link => text.say("plan-link").into_owned(),
        Verb::Rejoin => text.say("plan-rejoin").into_owned(),
    }
}

/// The rows of a plan, in columns: the name, the number, the change, and why the row is in its section.
struct Rows<'a> {
    window: &'a PlanWindow,
    plan: &'a Plan,
    /// The names of the numbers, if several may act.
    numbers: Vec<&'a str>,
    /// The width of the names of the numbers.
    number: usize,
    directory: Option<&'a Directory>,
    look: ViewContext<'a>,
    /// The width of the names, if something is shown beside them.
    names: usize,
    /// The width beside the names.
    rest: usize,
    /// The width of the changes, in the full form.
    full: usize,
    short: usize,
}

/// The form in which a change is shown.
#[derive(Clone, Copy)]
enum Form {
    /// Where the group comes from and where it goes.
    Full,
    /// Only the community that it comes from: the title shows where it goes.
    Short,
}

impl<'a> Rows<'a> {
    fn new(state: &'a State, window: &'a PlanWindow, look: ViewContext<'a>, area: Rect) -> Self {
        let directory = state.instance_of(&window.instance).map(|instance| &*instance.directory);
        let plan = &window.plan;
        let room = usize::from(area.width).saturating_sub(BEFORE_NAME);
        let name = |row: &Row| width(&shown_name(look.text, &row.name, row.group.tail(4)));
        // To distinguish equal names, a row needs six more cells than its name.
        let widest = plan.rows.iter().take(MEASURED).map(|row| name(row) + 6).max().unwrap_or(0);
        let names = widest.clamp(12, (room * 2 / 5).max(12));
        let labels = window.shares.iter().filter(|_| window.is_of_all()).map(|share| label(state, share));
        let numbers: Vec<&str> = labels.collect();
        let number = numbers.iter().map(|label| width(label)).max().unwrap_or(0).min(MOST_NUMBER);
        let beside = if numbers.is_empty() { names + GAP } else { names + GAP + number + GAP };
        let rest = room.saturating_sub(beside);
        let mut rows =
            Self { window, plan, numbers, number, directory, look, names, rest, full: 0, short: 0 };
        let widest = |form| {
            let changes = (0..plan.rows.len().min(MEASURED)).filter_map(|at| rows.change(at, form));
            changes.map(|words| width(&words)).max().unwrap_or(0)
        };
        (rows.full, rows.short) = (widest(Form::Full), widest(Form::Short));
        rows
    }

    /// The change of a row in words; `None` without one, or if this form shows nothing of it.
    fn change(&self, at: usize, form: Form) -> Option<String> {
        let change = self.plan.rows.get(at)?.change(self.directory?)?;
        let shown = match (form, change) {
            (Form::Short, Change::Place { from: from @ GroupPlace::In(_), .. })
                if self.title_says_where() =>
            {
                Change::Place { from, to: GroupPlace::Unknown }
            }
            (Form::Short, Change::Place { .. }) => return None,
            _ => change,
        };
        Some(self.look.text.change(shown, &|community| self.name_of(community)))
    }

    fn title_says_where(&self) -> bool {
        self.plan.target.is_some() || self.plan.request.verb == Verb::Unlink
    }

    fn name_of(&self, community: &CommunityId) -> String {
        let known = self.directory.and_then(|directory| directory.community(community)?.name.as_ref());
        let target = self.plan.target.as_ref().filter(|target| target.id.same_as(community));
        self.look.text.name_or_tail(known.or_else(|| target?.name.as_ref()), community)
    }

    /// The change of a row, with the width of its column, in the form that fits; and why the row is in its section.
    fn beside(&self, at: usize) -> (Option<(String, usize)>, String) {
        let why = self.why(at);
        let in_form = |form, cells| self.change(at, form).map(|words| (words, cells));
        let mut forms =
            [in_form(Form::Full, self.full), in_form(Form::Short, self.short)].into_iter().flatten();
        let is_wide = self.rest >= ENOUGH;
        let fitting = forms.clone().find(|(words, cells)| {
            let taken = if why.is_empty() { width(words) } else { cells + GAP + width(&why) };
            taken <= self.rest
        });
        let cut = || forms.next_back().filter(|(_, cells)| is_wide && cells + GAP + LEAST <= self.rest);
        let change = if self.rest < LEAST { None } else { fitting.or_else(cut) };
        (change, why)
    }

    fn draw_line(&self, line: &Line, is_selected: bool, area: Rect, buffer: &mut Buffer) {
        let ViewContext { theme, text, .. } = self.look;
        let (base, marker) = theme.row(is_selected);
        match line {
            Line::Head(head, count) => {
                let words = format!("{} · {count}", text.head(*head));
                row(
                    area,
                    &[Span::styled(format!("{marker} "), base)],
                    &[Span::styled(words, head_style(*head, theme).patch(theme.title))],
                    None,
                    buffer,
                );
            }
            Line::Target(head, target, count) => {
                let name = target.as_ref().map(|target| self.name_of(target));
                let name = name.unwrap_or_else(|| text.say("change-none").into_owned());
                let mut words = format!("{name} · {count}");
                if let Some(target) = target
                    && *head == Head::WillDo
                    && let Some((capacity, after)) = self.plan.capacity_after(target)
                {
                    words = format!("{words} · {}", text.capacity(&capacity, after));
                }
                let left = [Span::styled(format!("{marker}   "), base)];
                row(area, &left, &[Span::styled(words, base.patch(theme.title))], None, buffer);
            }
            Line::Row(at) => self.draw_row(*at, (marker, base), area, buffer),
        }
        if is_selected {
            theme.bar(area, buffer);
        }
    }

    fn draw_row(&self, at: usize, (marker, base): (&str, Style), area: Rect, buffer: &mut Buffer) {
        let ViewContext { theme, text, .. } = self.look;
        let Some(planned) = self.plan.rows.get(at) else { return };
        let sign = match planned.head {
            Head::WillDo => "→  ",
            Head::Risky if planned.ticked => "[x]",
            Head::Risky => "[ ]",
            Head::Blocked => "⊘  ",
            Head::AlreadySo => "=  ",
            Head::LeftOut => "–  ",
        };
        let style = head_style(planned.head, theme);
        let mut name = shown_name(text, &planned.name, planned.group.tail(4)).into_owned();
        let bears_it =
            |other: &Row| other.group != planned.group && other.name.shown() == planned.name.shown();
        if !planned.name.shown().is_empty() && self.plan.rows.iter().any(bears_it) {
            name = format!("{name} …{}", planned.group.tail(4));
        }
        let (change, why) = self.beside(at);
        let number = self.number_of(at);
        let is_alone = change.is_none() && why.is_empty() && number.is_none();
        let name = if is_alone { name } else { pad(&cut(&name, self.names), self.names) };
        let left = [Span::styled(format!("{marker}   "), base), Span::styled(format!("{sign} "), style)];
        let mut middle = vec![Span::styled(name, base)];
        if let Some(number) = number {
            let number = pad(&cut(number, self.number), self.number);
            middle.extend([Span::raw("  "), Span::styled(number, base.patch(theme.title))]);
        }
        if let Some((change, cells)) = change {
            let change = if why.is_empty() { change } else { pad(&change, cells) };
            middle.extend([Span::raw("  "), Span::styled(change, base)]);
        }
        if !why.is_empty() {
            middle.extend([Span::raw("  "), Span::styled(why, base.patch(theme.dim))]);
        }
        row(area, &left, &middle, None, buffer);
    }

    /// The name of the number that acts on a row, if several may act.
    fn number_of(&self, at: usize) -> Option<&'a str> {
        let mut ranges = self.window.ranges().zip(&self.numbers);
        ranges.find(|((_, rows), _)| rows.contains(&at)).map(|(_, number)| *number)
    }

    /// Why a row is in its section, and any remarks about it; or why its number cannot act at all.
    fn why(&self, at: usize) -> String {
        let obstacle = || self.window.share_of(at)?.made()?.obstacle.as_ref();
        match obstacle().filter(|_| self.plan.obstacle.is_none() && self.plan.rows[at].head == Head::Blocked)
        {
            Some(obstacle) => self.look.text.obstacle(obstacle),
            None => why(self.plan, at, self.look),
        }
    }

    /// Explains in full what the row under the cursor changes, and why it is in its section, if the row itself has no
    /// room for that.
    fn explain(&self, window: &PlanWindow, area: Rect, buffer: &mut Buffer) {
        let Some(Line::Row(at)) = window.lines.selected().cloned() else { return };
        let (shown, why) = self.beside(at);
        let full = self.change(at, Form::Full);
        let taken = shown.as_ref().map_or(0, |(_, cells)| cells + GAP);
        if shown.is_some() == full.is_some() && (why.is_empty() || taken + width(&why) <= self.rest) {
            return;
        }
        let parts: Vec<String> = [why].into_iter().chain(full).filter(|words| !words.is_empty()).collect();
        prose(area, &parts.join(" · "), self.look.theme.dim, buffer);
    }
}

/// Why a row is in its section, and any remarks about it.
fn why(plan: &Plan, at: usize, look: ViewContext<'_>) -> String {
    let Some(planned) = plan.rows.get(at) else { return String::new() };
    let reasons = planned.reasons.iter().map(|reason| reason_of(plan, at, reason, look));
    let remarks = planned.remarks.iter().filter_map(|remark| look.text.remark(*remark));
    reasons.chain(remarks).collect::<Vec<_>>().join("; ")
}

/// A reason for a row's section, with the key that swaps the row if it can be swapped.
fn reason_of(plan: &Plan, at: usize, reason: &Reason, look: ViewContext<'_>) -> String {
    let key = match reason {
        Reason::OverLimit => "reason-over-limit-swap",
        Reason::LastSubgroup => "reason-last-subgroup-swap",
        _ => return look.text.reason(reason),
    };
    let swap = look.label(Context::Plan, Action::Mark(Marking::Toggle));
    match swap.filter(|_| plan.can_swap(at)) {
        Some(swap) => look.text.with(key, &[("key", swap.into())]),
        None => look.text.reason(reason),
    }
}

fn head_style(head: Head, theme: &Theme) -> Style {
    match head {
        Head::WillDo => theme.ok,
        Head::Risky => theme.warning,
        Head::Blocked => theme.error,
        Head::AlreadySo | Head::LeftOut => theme.dim,
    }
}

/// Shows how many lines are below.
fn more(window: &PlanWindow, list: Rect, inside: Rect, look: ViewContext<'_>, buffer: &mut Buffer) {
    let all = window.lines.rows().len();
    let seen = window.lines.offset() + usize::from(list.height);
    if all > seen {
        let words = format!(" {} ", look.text.with("plan-more", &[("count", (all - seen).into())]));
        buffer.set_stringn(inside.x, inside.bottom(), words, usize::from(inside.width), look.theme.dim);
    }
}

/// Shows the plan's obstacle, or how to confirm it, at the bottom of the area. Returns the number of lines used.
fn prompt(window: &PlanWindow, look: ViewContext<'_>, area: Rect, buffer: &mut Buffer) -> u16 {
    let lines = confirmation(window, look, area, buffer);
    if !window.is_insecure || window.plan.sent() == 0 || area.height <= lines {
        return lines;
    }
    let above = Rect { height: area.height - lines, ..area };
    put(last(above, 1), &look.text.say("plan-insecure"), look.theme.warning, buffer);
    lines + 1
}

/// Shows the obstacle, or how to confirm.
fn confirmation(window: &PlanWindow, look: ViewContext<'_>, area: Rect, buffer: &mut Buffer) -> u16 {
    let ViewContext { theme, text, .. } = look;
    let plan = &window.plan;
    if let Some(obstacle) = &plan.obstacle {
        let words = text.obstacle(obstacle);
        let lines = wrapped(&words, area.width).min(area.height);
        prose(last(area, lines), &words, theme.error, buffer);
        return lines;
    }
    let sent = plan.sent();
    let back = ("back", look.back().into());
    if sent == 0 {
        put(last(area, 1), &text.with("plan-nothing", &[back]), theme.warning, buffer);
        return 1;
    }
    let (words, input) = match &window.confirm {
        Confirm::Key => {
            let key = look.label(Context::Plan, Action::Confirm).unwrap_or_default();
            let words = text.with("plan-confirm-key", &[("key", key.into()), ("count", sent.into()), back]);
            put(last(area, 1), &words, theme.accent, buffer);
            return 1;
        }
        Confirm::Count(input) => (text.with("plan-confirm-count", &[("count", sent.into()), back]), input),
        Confirm::Text { expected, is_tail, field } => {
            let key = if *is_tail { "plan-confirm-tail" } else { "plan-confirm-name" };
            (text.with(key, &[("expected", expected.into()), back]), field)
        }
    };
    let typed = width(&words) + width(input.value()) + 2;
    let mut spans = vec![Span::styled(format!("{words} "), theme.accent)];
    let lines = if typed > usize::from(area.width) { 2 } else { 1 };
    if lines == 2 {
        // The typed text must be visible, so it gets its own line.
        row(line_of(last(area, 2), 0), &[], &spans, None, buffer);
        spans = Vec::new();
    }
    spans.extend(field::spans(input, theme));
    row(last(area, 1), &[], &spans, None, buffer);
    lines
}

/// The last lines of an area.
fn last(area: Rect, lines: u16) -> Rect {
    let height = lines.min(area.height);
    Rect { y: area.bottom() - height, height, ..area }
}
