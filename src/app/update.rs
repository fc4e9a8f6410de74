//! The parts of [`update`](super::update()): what each key does, how events are handled, and how plans are made.

mod again;
mod connecting;
mod details;
mod events;
mod finding;
mod instances;
mod item;
mod marking;
mod modals;
mod mouse;
mod planning;
mod save;

use super::{
    State,
    action::{Action, FocusChange, Motion, Running},
    effect::{Effect, Terminal, Work},
    instance::{Control as Vouching, Instance, Shown, Stale},
    layout::{Fit, Layout, Pane},
    list::List,
    modal::{Help, Modal, operations::OperationsWindow, palette::Palette},
    notice::Notice,
    progress::Progress,
};
use crate::domain::{
    id::CommunityId,
    operation::{Control, Operation, Phase},
};

pub(super) use events::on_event;
pub(super) use marking::on_paste;
pub(super) use modals::settle as settle_modals;
pub(super) use mouse::on_mouse;

/// The effects at the start.
pub fn start(state: &mut State) -> Vec<Effect> {
    load(state)
}

/// Handles an action of the operator.
pub(super) fn on_action(state: &mut State, action: Action) -> Vec<Effect> {
    state.notice = None;
    let was_interrupted = std::mem::take(&mut state.interrupted);
    match action {
        Action::Repaint => return vec![Effect::Terminal(Terminal::Repaint)],
        Action::Suspend => return suspend(state),
        Action::Interrupt => return interrupt(state, was_interrupted),
        _ => {}
    }
    if state.modals.is_empty() { on_panes(state, action) } else { modals::on_action(state, action) }
}

fn on_panes(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Go(motion) => go(state, motion),
        Action::Focus(change) => change_focus(state, change),
        Action::Mark(marking) => marking::mark(state, marking),
        Action::Plan(verb) => return planning::plan(state, verb),
        Action::Run(running) => return run(state, running),
        Action::Again(again) => return again::current(state, again),
        Action::Operations => open_operations(state),
        Action::Filter => open_filter(state),
        Action::Edit(request) => edit_filter(state, request),
        Action::Accept if state.is_filtering() => close_filter(state),
        Action::Accept if state.focus == Pane::Operation => return item::open_current(state),
        Action::Accept => return details::open_row(state),
        Action::Cancel => cancel(state),
        Action::ToggleAllGroups => toggle_groups(state),
        Action::Sort => sort(state),
        Action::Refresh => return load(state),
        Action::FindCommunities => return finding::open(state),
        Action::Instances => return instances::open(state),
        Action::NextInstance => return instances::step(state, 1),
        Action::PreviousInstance => return instances::step(state, state.instances.len().saturating_sub(1)),
        Action::Copy => return copy(state),
        Action::Help => state.modals.push(Modal::Help(Help::default())),
        Action::Palette => open_palette(state),
        Action::NextTheme => next_theme(state),
        Action::Quit => return quit(state),
        _ => {}
    }
    Vec::new()
}

fn go(state: &mut State, motion: Motion) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    match focus {
        Pane::Communities => choose(instance, |communities| communities.go(motion)),
        Pane::Subgroups => instance.subgroups.go(motion),
        Pane::Groups => instance.groups.go(motion),
        Pane::Operation => instance.items.go(motion),
    }
}

/// Moves the cursor of the communities. If it moves to another community, that one's groups are shown from the top.
fn choose(instance: &mut Instance, go: impl FnOnce(&mut List<CommunityId>)) {
    let before = instance.communities.selected().cloned();
    go(&mut instance.communities);
    if instance.communities.selected() != before.as_ref() {
        instance.subgroups = List::default();
        instance.filters.subgroups.clear();
        instance.stale.subgroups = true;
    }
}

fn change_focus(state: &mut State, change: FocusChange) {
    let has_operation = state.instance().is_some_and(|instance| instance.current_operation().is_some());
    let count = if has_operation { Pane::ALL.len() } else { Pane::ALL.len() - 1 };
    let at = Pane::ALL.iter().position(|pane| *pane == state.focus).unwrap_or(0);
    let step = match change {
        FocusChange::Next => 1,
        FocusChange::Previous => count - 1,
    };
    state.focus = Pane::ALL[(at + step) % count];
}

fn open_operations(state: &mut State) {
    let Some(instance) = state.instance() else { return };
    let window = OperationsWindow::new(instance.key().clone());
    state.modals.push(Modal::Operations(window));
}

/// Opens the palette for the current context.
fn open_palette(state: &mut State) {
    let palette = Palette::new(state.context(), &state.guide);
    state.modals.push(Modal::Palette(palette));
}

fn next_theme(state: &mut State) {
    state.theme = (state.theme + 1) % state.themes.len().max(1);
    state.notice = state.themes.get(state.theme).map(|name| Notice::Theme(name));
}

fn open_filter(state: &mut State) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    if let Some(filter) = instance.filter_mut(focus) {
        filter.is_open = true;
        // Prepares the filter's data now, before the first key.
        instance.stale.groups = true;
    }
}

fn edit_filter(state: &mut State, request: tui_input::InputRequest) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    if let Some(filter) = instance.filter_mut(focus).filter(|filter| filter.is_open) {
        filter.input.handle(request);
        make_stale(&mut instance.stale, focus);
    }
}

fn close_filter(state: &mut State) {
    let focus = state.focus;
    if let Some(filter) = state.instance_mut().and_then(|instance| instance.filter_mut(focus)) {
        filter.is_open = false;
    }
}

/// Goes back one level: the range, the filter and its field, then the view of marked groups only. Never quits the
/// program.
fn cancel(state: &mut State) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    if let Some(list) = instance.group_list_mut(focus).filter(|list| list.has_range()) {
        list.end_range();
        return;
    }
    if let Some(filter) = instance.filter_mut(focus)
        && (filter.is_open || !filter.is_empty())
    {
        filter.clear();
        make_stale(&mut instance.stale, focus);
        return;
    }
    if instance.only_marked {
        instance.only_marked = false;
        instance.stale = Stale::ALL;
    }
}

fn make_stale(stale: &mut Stale, pane: Pane) {
    match pane {
        Pane::Communities => stale.communities = true,
        Pane::Subgroups => stale.subgroups = true,
        Pane::Groups => stale.groups = true,
        Pane::Operation => {}
    }
}

fn toggle_groups(state: &mut State) {
    if let Some(instance) = state.instance_mut() {
        instance.shown = match instance.shown {
            Shown::Standalone => Shown::All,
            Shown::All => Shown::Standalone,
        };
        instance.groups.end_range();
        instance.stale.groups = true;
    }
}

fn sort(state: &mut State) {
    let focus = state.focus;
    let Some(instance) = state.instance_mut() else { return };
    if focus == Pane::Communities {
        instance.communities_by = instance.communities_by.next_of_communities();
        instance.stale.communities = true;
    } else {
        instance.groups_by = instance.groups_by.next_of_groups();
        instance.stale.groups = true;
        instance.stale.subgroups = true;
    }
}

/// Reads everything about the current instance.
fn load(state: &mut State) -> Vec<Effect> {
    load_at(state, state.current)
}

/// Reads everything about an instance.
fn load_at(state: &mut State, at: usize) -> Vec<Effect> {
    let (ticket, now) = (state.ticket(), state.now);
    let Some(instance) = state.instances.get_mut(at) else { return Vec::new() };
    let mut effects = Vec::new();
    if let Some(before) = instance.loading.take() {
        effects.push(Effect::Work(Work::Cancel(before.ticket)));
    }
    instance.loading = Some(Progress::new(ticket, now, 0));
    let known = instance.directory.communities().iter().map(|community| {
        crate::domain::community::CommunityRef { id: community.id.clone(), name: community.name.clone() }
    });
    let known = known.collect();
    let recall = instance.directory.groups().is_none();
    effects.push(Effect::Work(Work::Load { ticket, instance: instance.key().clone(), known, recall }));
    effects
}

fn copy(state: &mut State) -> Vec<Effect> {
    let focus = state.focus;
    let Some(instance) = state.instance() else { return Vec::new() };
    let id = match focus {
        Pane::Communities => instance.communities.selected().map(ToString::to_string),
        Pane::Operation => {
            let item = instance.items.selected().copied();
            let operation = instance.current_operation();
            item.and_then(|at| Some(operation?.items.get(at)?.group.to_string()))
        }
        Pane::Subgroups | Pane::Groups => {
            instance.group_list(focus).and_then(List::selected).map(ToString::to_string)
        }
    };
    let Some(id) = id else { return Vec::new() };
    state.notice = Some(Notice::Copied(id.clone()));
    vec![Effect::Terminal(Terminal::Copy(id))]
}

fn running(state: &State) -> Option<&Operation> {
    let operation = state.instance()?.current_operation()?;
    (operation.is_live() && operation.phase != Phase::Waiting).then_some(operation)
}

fn run(state: &mut State, running_action: Running) -> Vec<Effect> {
    let Some(operation) = running(state) else {
        state.notice = Some(Notice::NothingRuns);
        return Vec::new();
    };
    let instance = operation.instance.clone();
    let control = match (running_action, &operation.phase) {
        (Running::Stop, _) => Control::Stop,
        (Running::Pause, Phase::Paused(_)) => Control::Resume,
        (Running::Pause, _) => Control::Pause,
    };
    if control == Control::Stop {
        state.notice = Some(Notice::Stopping);
    }
    vec![Effect::Work(Work::Control { instance, control })]
}

/// Stops the running operations; the second time, quits the program.
fn interrupt(state: &mut State, again: bool) -> Vec<Effect> {
    if again {
        return stop_all(state).into_iter().chain([Effect::Terminal(Terminal::Quit)]).collect();
    }
    state.interrupted = true;
    let effects = stop_all(state);
    state.notice = Some(if effects.is_empty() { Notice::AgainToQuit } else { Notice::Stopping });
    effects
}

fn stop_all(state: &State) -> Vec<Effect> {
    let busy = state.instances.iter().filter(|instance| instance.is_busy());
    busy.map(|instance| {
        Effect::Work(Work::Control { instance: instance.key().clone(), control: Control::Stop })
    })
    .collect()
}

fn suspend(state: &mut State) -> Vec<Effect> {
    if state.is_busy() {
        state.notice = Some(Notice::CannotSuspend);
        return Vec::new();
    }
    vec![Effect::Terminal(Terminal::Suspend)]
}

fn quit(state: &mut State) -> Vec<Effect> {
    if state.is_busy() {
        state.modals.push(Modal::Quit);
        return Vec::new();
    }
    vec![Effect::Terminal(Terminal::Quit)]
}

/// Whether the screen is large enough for a window.
fn fits(layout: &Layout) -> bool {
    layout.fit != Fit::TooSmall
}
