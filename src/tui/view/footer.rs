//! The line at the bottom: the marks, the current message, and the most useful keys.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    widgets::{Clear, Widget},
};

use super::{context::ViewContext, operation, pane};
use crate::{
    app::{
        Context, Hurry, State,
        action::{Action, FocusChange, FollowUp, Marking, Running},
        filter::begins_a_term,
        modal::Modal,
        notice::{ConfigurationNotice, Notice},
    },
    domain::id::OperationId,
    text::{Arg, Text, width::width},
    tui::{
        keymap,
        widget::pane::{prose, wrapped},
    },
};

/// The hints to omit first if not all fit: the header mentions the help, and the help lists the others.
const DISPENSABLE: [&str; 10] = [
    "hint-help",
    "hint-all-instances",
    "hint-details",
    "hint-operations",
    "hint-change-target",
    "hint-filter",
    "hint-next-pane",
    "hint-range",
    "hint-mark",
    "hint-tick-all",
];

/// The hints to omit last: what most people do next in the panes, and the ways to everything else and back.
const KEPT: [&str; 3] = ["hint-enter", "hint-palette", "hint-back"];
/// Of these, the one that windows omit first, because they have fewer keys.
const KEPT_IN_PANES: &str = "hint-palette";

/// The hints that the line below an ended operation already has.
const IN_ENDING: [&str; 4] = ["hint-retry", "hint-undo", "hint-resume", "hint-open"];

/// The maximum number of lines for a long message.
const MOST: u16 = 5;

/// How many lines the bottom of the screen needs, so that a message covers nothing.
pub fn height(state: &State, look: ViewContext<'_>) -> u16 {
    let columns = state.size.0.saturating_sub(2);
    let lines = |words: &str| wrapped(words, columns).min(MOST);
    match (&state.notice, standing(state, look)) {
        (Some(notice), _) => lines(&notice_words(state, notice, look).0),
        (None, Some((words, _))) => 1 + lines(&words),
        (None, None) => 1,
    }
}

pub(super) fn draw(state: &State, look: ViewContext<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = look.theme;
    // Windows may reach as far as here.
    Clear.render(area, buffer);
    let inside = Rect { x: area.x + 1.min(area.width), width: area.width.saturating_sub(2), ..area };
    if let Some(notice) = &state.notice {
        let (words, style) = notice_words(state, notice, look);
        prose(inside, &words, style, buffer);
        return;
    }
    let last = Rect { y: area.bottom().saturating_sub(1), height: 1.min(area.height), ..area };
    if let Some((words, style)) = standing(state, look) {
        prose(Rect { height: area.height.saturating_sub(1), ..inside }, &words, style, buffer);
    }
    let (marks, hints) = line(state, look, last);
    let end = last.right();
    let mut put = |x: u16, content: &str, style: Style| {
        buffer.set_stringn(x, last.y, content, usize::from(end.saturating_sub(x)), style).0
    };
    put(last.x + 1, &marks, theme.text);
    for (x, Hint { key, words, .. }) in hints {
        let x = put(x, &key, theme.key);
        let x = put(x, " ", theme.text);
        put(x, &words, theme.dim);
    }
}

/// What the line with the keys has: the marks, and the hints with the columns where they begin.
fn line(state: &State, look: ViewContext<'_>, line: Rect) -> (String, Vec<(u16, Hint)>) {
    let context = state.context();
    let has_marks = context.is_panes() || matches!(context, Context::Operation | Context::Filter);
    let marks = if has_marks { marks(state, look) } else { String::new() };
    let mut x = usize::from(line.x) + 1 + width(&marks);
    let room = usize::from(line.right()).saturating_sub(x);
    let placed = |hint: Hint| {
        let begins = x;
        x += hint.cells();
        (u16::try_from(begins).unwrap_or(u16::MAX), hint)
    };
    (marks, fitting(hints(state, context, look), room, !has_marks).into_iter().map(placed).collect())
}

/// The action of the hint at this cell, if one is there.
pub(super) fn action_at(
    state: &State,
    look: ViewContext<'_>,
    area: Rect,
    (column, row): (u16, u16),
) -> Option<Action> {
    if state.notice.is_some() || row + 1 != area.bottom() {
        return None;
    }
    let last = Rect { y: row, height: 1, ..area };
    let (_, hints) = line(state, look, last);
    let is_there = |(x, hint): &(u16, Hint)| {
        // Without the gap after it.
        let end = usize::from(*x) + hint.cells().saturating_sub(2);
        *x <= column && usize::from(column) < end
    };
    hints.into_iter().find(is_there).map(|(_, hint)| hint.action)
}

/// The message above the line with the keys, shown as long as it is true.
fn standing(state: &State, look: ViewContext<'_>) -> Option<(String, Style)> {
    let theme = look.theme;
    if let Some(words) = state.operating().and_then(|instance| instance.journal_failure.as_ref()) {
        let words = look.text.with("footer-journal", &[("why", look.text.tell(words).into())]);
        return Some((words, theme.error));
    }
    if let Some(terms) = typed_terms(state, look) {
        return Some((terms, theme.accent));
    }
    // While a plan is being made, its own window shows this.
    let wait = state.operating().and_then(|instance| instance.wait);
    let wait = wait.filter(|_| state.context() != Context::Planning);
    wait.map(|wait| (look.text.wait(&wait, state.now), theme.warning))
}

/// The search terms, while something like the beginning of one is typed.
fn typed_terms(state: &State, look: ViewContext<'_>) -> Option<String> {
    let filter = state.shown()?.filter(state.focus).filter(|_| state.context() == Context::Filter)?;
    begins_a_term(filter.input.value()).then(|| pane::terms(state.focus.searched(), look))
}

fn marks(state: &State, look: ViewContext<'_>) -> String {
    let Some(instance) = state.shown() else { return String::new() };
    let count = instance.marks.len();
    let text = look.text;
    let mut words = match (count, instance.hidden_marks) {
        (0, _) => String::new(),
        (_, 0) => text.with("footer-marked", &[("count", count.into())]),
        (_, hidden) => {
            text.with("footer-marked-hidden", &[("count", count.into()), ("hidden", hidden.into())])
        }
    };
    if instance.only_marked {
        words = format!("{words}{}", text.say("footer-only-marked"));
    }
    if words.is_empty() { words } else { format!("{words}    ") }
}

/// A key and its function in this context.
struct Hint {
    action: Action,
    key: String,
    words: String,
    text: &'static str,
}

impl Hint {
    fn new(action: Action, key: String, text: &'static str, look: ViewContext<'_>) -> Self {
        Self { action, key, words: look.text.say(text).into_owned(), text }
    }

    fn cells(&self) -> usize {
        width(&self.key) + width(&self.words) + 3
    }
}

/// The hints that fit into this many cells. If there is little room, the dispensable ones are omitted, then the last.
fn fitting(mut hints: Vec<Hint>, room: usize, in_window: bool) -> Vec<Hint> {
    let cells = |hints: &[Hint]| hints.iter().map(Hint::cells).sum::<usize>();
    for dispensable in in_window.then_some(KEPT_IN_PANES).into_iter().chain(DISPENSABLE) {
        if cells(&hints) > room + 2 {
            hints.retain(|hint| hint.text != dispensable);
        }
    }
    while cells(&hints) > room + 2 {
        let least = hints.iter().rposition(|hint| !KEPT.contains(&hint.text)).unwrap_or(0);
        hints.remove(least);
    }
    hints
}

fn hints(state: &State, context: Context, look: ViewContext<'_>) -> Vec<Hint> {
    let mut hints = Vec::new();
    for (action, words) in running(state, context) {
        if let Some(key) = look.label(context, Action::Run(action)) {
            hints.push(Hint::new(Action::Run(action), key, words, look));
        }
    }
    // Without an instance, the panes have nothing to act on.
    let is_empty = state.instances.is_empty() && context == Context::Panes;
    let has_ending = matches!(context, Context::Ended | Context::Operation) && state.shows_ended();
    let applies = |(action, hint): &(Action, keymap::Hint)| {
        let is_shown_above = has_ending && IN_ENDING.contains(&hint.text);
        (hint.applies)(state) && !is_shown_above && (!is_empty || *action == Action::Help)
    };
    for (action, hint) in look.keys.hints(context).filter(applies) {
        if let Some(key) = look.label(context, action) {
            hints.push(Hint::new(action, key, hint.text, look));
        }
    }
    if let Some(words) = back(state, context)
        && let Some(key) = look.label(context, Action::Cancel)
    {
        hints.push(Hint::new(Action::Cancel, key, words, look));
    }
    hints
}

/// The effect of going back; nothing in panes that show everything.
fn back(state: &State, context: Context) -> Option<&'static str> {
    match context {
        Context::Panes | Context::Ended => {}
        Context::Operation if state.shows_ended() => return None,
        Context::Filter => return Some("hint-show-all"),
        _ => return Some("hint-back"),
    }
    let instance = state.shown()?;
    let is_filtered = instance.filter(state.focus).is_some_and(|filter| !filter.is_empty());
    (is_filtered || instance.only_marked).then_some("hint-show-all")
}

/// The hints that stop, pause or begin something in this context.
fn running(state: &State, context: Context) -> Vec<(Running, &'static str)> {
    let (stop, pause) = ((Running::Stop, "hint-stop"), (Running::Pause, "hint-pause"));
    if (context.is_panes() || context == Context::Operation) && state.is_busy() {
        let pause = if state.are_paused() { (Running::Pause, "hint-resume") } else { pause };
        return vec![stop, pause];
    }
    let Some(Modal::Finding(window)) = state.modals.last().filter(|_| context == Context::Finding) else {
        return Vec::new();
    };
    let Some(instance) = state.instance_of(&window.instance) else { return Vec::new() };
    let can_begin = window.candidates.is_some_and(|count| count > 0)
        && instance.profile.capabilities.community_may_pass_for_group;
    match &instance.discovery.search {
        Some(search) if search.is_running() => vec![stop, pause],
        Some(_) => vec![stop, (Running::Pause, "hint-begin")],
        None if can_begin => vec![(Running::Pause, "hint-begin")],
        None => Vec::new(),
    }
}

/// A message about the configuration.
fn configuration_words(notice: &ConfigurationNotice, look: ViewContext<'_>) -> (String, Style) {
    use ConfigurationNotice as N;
    let ViewContext { theme, text, .. } = look;
    let of = |key, who: &String| text.with(key, &[("instance", who.into())]);
    let why = |key, why| text.with(key, &[("why", text.tell(why).into())]);
    match notice {
        N::Saved(who) => (of("notice-entry-saved", who), theme.ok),
        N::Added(count) => (text.with("notice-listed-added", &[("count", (*count).into())]), theme.ok),
        N::Removed(who) => (of("notice-entry-removed", who), theme.ok),
        N::AddedSome(count, cause) => {
            let args = [("count", (*count).into()), ("why", text.tell(cause).into())];
            (text.with("notice-some-entries-added", &args), theme.error)
        }
        N::NotChanged(cause) => (why("notice-not-reconfigured", cause), theme.error),
        N::NotRead(cause) => (why("notice-not-reread", cause), theme.error),
        N::Read(count) => (text.with("notice-reconfigured", &[("count", (*count).into())]), theme.accent),
        N::Held(who) => (of("notice-instance-held", who), theme.warning),
        N::Busy(who) => (of("notice-instance-busy", who), theme.warning),
        N::Missing => (text.say("notice-no-configuration").into_owned(), theme.warning),
        N::Unnamed => (text.say("notice-entry-unnamed").into_owned(), theme.warning),
    }
}

/// How an operation ended.
fn ended_words(state: &State, id: OperationId, look: ViewContext<'_>) -> (String, Style) {
    let ViewContext { theme, text, .. } = look;
    let ended = state.instances.iter().find_map(|instance| instance.operations.summary(id));
    let counts = ended.map(|operation| operation::counts(operation, text)).unwrap_or_default();
    let key = |context, action| look.label(context, action).unwrap_or_default();
    let args = [
        ("operation", id.to_string().into()),
        ("counts", counts.into()),
        ("open", key(Context::Panes, Action::Operations).into()),
        ("resume", key(Context::Operations, Action::FollowUp(FollowUp::Resume)).into()),
    ];
    match ended {
        Some(operation) if operation.was_interrupted() => {
            (text.with("notice-interrupted", &args), theme.warning)
        }
        _ => (text.with("notice-ended", &args), theme.accent),
    }
}

fn notice_words(state: &State, notice: &Notice, look: ViewContext<'_>) -> (String, Style) {
    let ViewContext { theme, text, .. } = look;
    let key = |action| look.label(Context::Panes, action).unwrap_or_default();
    let mark = key(Action::Mark(Marking::Toggle));
    let interrupt = || key(Action::Interrupt);
    let counted = |count: usize| vec![("count", count.into())];
    let (key, style, args): (&str, Style, Vec<(&str, Arg<'_>)>) = match notice {
        Notice::Theme(name) => ("notice-theme", theme.accent, vec![("name", (*name).into())]),
        Notice::NothingMarked => ("notice-nothing-marked", theme.warning, vec![("key", mark.into())]),
        Notice::NoCall(verb, who) => (verb.impossible(), theme.warning, vec![("gateway", (*who).into())]),
        Notice::NoCommunityChosen => ("notice-no-community", theme.warning, vec![]),
        Notice::CannotMark => ("notice-cannot-mark", theme.warning, vec![]),
        Notice::MarkGroups => {
            let next = key(Action::Focus(FocusChange::Next));
            ("notice-mark-groups", theme.warning, vec![("key", next.into())])
        }
        Notice::NothingRuns => ("notice-nothing-runs", theme.warning, vec![]),
        Notice::StillRuns => ("notice-still-runs", theme.warning, vec![]),
        Notice::NothingToLookFor => ("notice-nothing-to-look-for", theme.warning, vec![]),
        Notice::LookingAgain(id) => {
            ("notice-looking-again", theme.text, vec![("operation", id.to_string().into())])
        }
        Notice::LookedAgain(id) => {
            ("notice-looked-again", theme.text, vec![("operation", id.to_string().into())])
        }
        Notice::NothingToRetry => ("notice-nothing-to-retry", theme.warning, vec![]),
        Notice::NothingToUndo => ("notice-nothing-to-undo", theme.warning, vec![]),
        Notice::NothingToResume => ("notice-nothing-to-resume", theme.warning, vec![]),
        Notice::ClosedLinks(links) => (Text::closed_links_key(*links), theme.warning, counted(links.count)),
        Notice::Stopping => ("notice-stopping", theme.warning, vec![("key", interrupt().into())]),
        Notice::AgainToQuit => ("notice-again-to-quit", theme.accent, vec![("key", interrupt().into())]),
        Notice::Copied(what) => ("notice-copied", theme.accent, vec![("what", what.into())]),
        Notice::CopiedLink => ("notice-copied-link", theme.accent, vec![]),
        Notice::OnlyGroupsHaveLinks => ("notice-only-groups-have-links", theme.warning, vec![]),
        Notice::CopiedLines(count) => ("notice-copied-lines", theme.accent, counted(*count)),
        Notice::CopiedCommand => ("notice-copied-command", theme.accent, vec![]),
        Notice::Exported(file) => ("notice-exported", theme.accent, vec![("file", file.into())]),
        Notice::PlanWritten(files) => {
            let args = vec![("count", files.len().into()), ("file", files.join(" ").into())];
            ("notice-plan-written", theme.accent, args)
        }
        Notice::NothingToWrite => ("notice-nothing-to-write", theme.warning, vec![]),
        Notice::NotSubmitted(why) => {
            ("notice-not-submitted", theme.error, vec![("why", text.tell(why).into())])
        }
        Notice::StoreAway => ("notice-store-away", theme.warning, vec![]),
        Notice::StoreBack => ("notice-store-back", theme.accent, vec![]),
        Notice::TakenElsewhere(why) => {
            ("notice-taken-elsewhere", theme.warning, vec![("why", text.tell(why).into())])
        }
        Notice::PlanChanged => ("notice-plan-changed", theme.warning, vec![]),
        Notice::CannotTick => ("notice-cannot-tick", theme.warning, vec![]),
        Notice::CannotChangeTarget => ("notice-cannot-change-target", theme.warning, vec![]),
        Notice::CannotTurn => ("notice-cannot-turn", theme.warning, vec![]),
        Notice::OneInstance => ("notice-one-instance", theme.warning, vec![]),
        Notice::LeaveAlone(count) => ("notice-leave-alone", theme.warning, counted(*count)),
        Notice::NoOtherNumber => ("notice-no-other-number", theme.warning, vec![]),
        Notice::SeveralNumbers => ("notice-several-numbers", theme.warning, vec![]),
        Notice::NoNumberFor(count) => ("notice-no-number-for", theme.warning, counted(*count)),
        Notice::TargetKept(count) => ("notice-target-kept", theme.warning, counted(*count)),
        Notice::CannotPlanDifference => ("notice-cannot-plan-difference", theme.warning, vec![]),
        Notice::Hurried(hurry) => {
            let key = match hurry {
                Hurry::Act => "notice-too-fast",
                Hurry::Confirm => "notice-too-fast-confirm",
                Hurry::Typed => "notice-too-fast-typed",
            };
            let confirm = look.keys.label(crate::app::Context::Plan, Action::Confirm).unwrap_or_default();
            (key, theme.warning, vec![("key", confirm.into())])
        }
        Notice::ReadingJournal => ("operations-reading", theme.accent, vec![]),
        Notice::NothingToSend => ("notice-nothing-to-send", theme.warning, vec![]),
        Notice::NothingToProbe => ("notice-nothing-to-probe", theme.accent, vec![]),
        Notice::Probed(found) => ("notice-probed", theme.accent, vec![("count", (*found).into())]),
        Notice::ProbeFailed(failure) => {
            let why = text.failure_and_advice(failure);
            ("notice-probe-failed", theme.error, vec![("why", why.into())])
        }
        Notice::Configuration(notice) => return configuration_words(notice, look),
        Notice::NotConfigured => {
            let read = look.label(Context::Instances, Action::Refresh).unwrap_or_default();
            ("notice-not-configured", theme.warning, vec![("read", read.into())])
        }
        Notice::IsConfigured => ("notice-is-configured", theme.warning, vec![]),
        Notice::Broken => ("notice-broken", theme.warning, vec![]),
        Notice::CannotConnect => ("notice-cannot-connect", theme.warning, vec![]),
        Notice::ReadOnly => ("notice-read-only", theme.warning, vec![]),
        Notice::NowConnected(who) => ("notice-now-connected", theme.ok, vec![("instance", who.into())]),
        Notice::WasConnected(who) => ("notice-was-connected", theme.warning, vec![("instance", who.into())]),
        Notice::CannotSuspend => ("notice-cannot-suspend", theme.warning, vec![]),
        Notice::CannotDetach => ("notice-cannot-detach", theme.warning, vec![]),
        Notice::Pasted(marked) => ("notice-pasted", theme.accent, vec![("marked", (*marked).into())]),
        Notice::OnlyKeysConfirm => ("notice-only-keys-confirm", theme.warning, vec![]),
        Notice::Ended(id) => return ended_words(state, *id, look),
    };
    (text.with(key, &args), style)
}
