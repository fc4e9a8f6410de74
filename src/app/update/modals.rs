//! Key handling in the windows over the panes.

use tui_input::InputRequest;

use super::{
    again, connecting, details, finding, fits, instances, item, open_palette, planning, save, stop_all,
};
use crate::app::{
    State,
    action::{Action, InWindow, Marking, Motion},
    effect::{Effect, Terminal, Work},
    layout::{HELP_SIZE, Layout, OPERATIONS_SIZE, PALETTE_SIZE, TARGET_SIZE, page_size, plan_parts},
    list::List,
    modal::{
        Help, Modal, Planning,
        operations::OperationsWindow,
        palette::Palette,
        pasted::PastedWindow,
        plan::PlanWindow,
        target::{TargetWindow, Unaimed},
    },
    notice::Notice,
};

/// How a window responds to an action.
enum Reply {
    /// It stays, in this state.
    Stay(Modal),
    /// It closes.
    Close,
    /// It stays, in this state, with effects to carry out.
    Do(Modal, Vec<Effect>),
}

/// Passes an action to the topmost window.
pub(super) fn on_action(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(modal) = state.modals.pop() else { return Vec::new() };
    let reply = match modal {
        Modal::Help(help) => on_help(help, action),
        Modal::Quit => return on_quit(state, action),
        Modal::Planning(planning) => match action {
            Action::Cancel => return planning::give_up(&planning),
            _ => on_planning(planning, action),
        },
        Modal::Target(window) => return on_target(state, window, action),
        Modal::Plan(window) => return on_plan(state, window, action),
        Modal::Operations(window) => return on_operations(state, window, action),
        Modal::Palette(palette) => return on_palette(state, palette, action),
        Modal::Details(window) => return details::on_action(state, window, action),
        Modal::Item(window) => return item::on_action(state, window, action),
        Modal::Pasted(window) => return on_pasted(state, window, action),
        Modal::Command(window) => return save::on_command(state, window, action),
        Modal::Save(window) => return save::on_action(state, window, action),
        Modal::Instances(window) => return instances::on_action(state, window, action),
        Modal::Finding(window) => return finding::on_action(state, window, action),
        Modal::Connect(window) => return connecting::on_action(state, window, action),
    };
    match reply {
        Reply::Stay(modal) => state.modals.push(modal),
        Reply::Close => {}
        Reply::Do(modal, effects) => {
            state.modals.push(modal);
            return effects;
        }
    }
    Vec::new()
}

fn on_help(mut help: Help, action: Action) -> Reply {
    match action {
        Action::Cancel if help.has_field() => {
            help.filter.clear();
            help.lines = List::default();
        }
        Action::Accept if help.filter.is_open => help.filter.is_open = false,
        Action::Cancel | Action::Help | Action::Quit | Action::Accept => return Reply::Close,
        Action::Filter => help.filter.is_open = true,
        Action::Edit(request) => {
            help.filter.input.handle(request);
            help.lines = List::default();
        }
        Action::Go(motion) => help.lines.go(motion),
        _ => {}
    }
    Reply::Stay(Modal::Help(help))
}

/// The chosen action is done in the context where the palette was opened, as if its key had been pressed there.
fn on_palette(state: &mut State, mut palette: Palette, action: Action) -> Vec<Effect> {
    match action {
        Action::Cancel | Action::Palette => return Vec::new(),
        Action::Accept => {
            let chosen = palette.found.selected().and_then(|found| state.guide.commands.get(found.at));
            if let Some(action) = chosen.map(|command| command.action) {
                return super::on_action(state, action);
            }
        }
        Action::Go(motion) => palette.found.go(motion),
        Action::Edit(request) => {
            palette.input.handle(request);
            palette.find(&state.guide);
        }
        _ => {}
    }
    state.modals.push(Modal::Palette(palette));
    Vec::new()
}

fn on_pasted(state: &mut State, mut window: PastedWindow, action: Action) -> Vec<Effect> {
    let mut effects = Vec::new();
    match action {
        Action::Cancel | Action::Quit => return effects,
        Action::Go(motion) => window.scroll.go(motion),
        Action::Copy => {
            let lines: Vec<&str> = window.left.iter().map(|left| left.given().shown()).collect();
            state.notice = Some(Notice::CopiedLines(lines.len()));
            effects.push(Effect::Terminal(Terminal::Copy(lines.join("\n"))));
        }
        _ => {}
    }
    state.modals.push(Modal::Pasted(window));
    effects
}

fn on_quit(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Confirm => stop_all(state).into_iter().chain([Effect::Terminal(Terminal::Quit)]).collect(),
        Action::Cancel => Vec::new(),
        _ => {
            state.modals.push(Modal::Quit);
            Vec::new()
        }
    }
}

fn on_planning(mut planning: Planning, action: Action) -> Reply {
    if action == Action::SkipChecks && !planning.skipped {
        planning.skipped = true;
        let effects = vec![Effect::Work(Work::FinishRead(planning.progress.ticket))];
        return Reply::Do(Modal::Planning(planning), effects);
    }
    Reply::Stay(Modal::Planning(planning))
}

fn on_target(state: &mut State, mut window: TargetWindow, action: Action) -> Vec<Effect> {
    match action {
        Action::Cancel => return Vec::new(),
        Action::Accept => {
            if let Some(target) = window.communities.selected().cloned() {
                return planning::read(state, window.unaimed.at(window.instance, target), None);
            }
        }
        Action::Go(motion) => window.communities.go(motion),
        Action::Edit(request) => {
            window.filter.input.handle(request);
        }
        _ => {}
    }
    state.modals.push(Modal::Target(window));
    Vec::new()
}

fn on_plan(state: &mut State, mut window: Box<PlanWindow>, action: Action) -> Vec<Effect> {
    match action {
        Action::Cancel => return Vec::new(),
        // If a number or name must be typed, no key confirms the plan. A key bound to this action does nothing then.
        Action::Confirm if matches!(window.confirm, crate::app::modal::plan::Confirm::Key) => {
            return planning::confirm(state, window);
        }
        Action::Edit(request) if window.edit(request) && is_insertion(request) => {
            return planning::confirm(state, window);
        }
        Action::Mark(Marking::Toggle) => {
            if window.toggle() {
                window.lines.go(Motion::Down);
            } else {
                state.notice = Some(Notice::CannotTick);
            }
        }
        Action::Mark(Marking::All) if !window.toggle_all() => {
            state.notice = Some(Notice::CannotTick);
        }
        Action::ChangeTarget
            if window.plan.request.target().is_some() && !window.plan.request.leaves_community() =>
        {
            let unaimed = Unaimed::Request(Box::new(window.plan.request.clone()));
            return planning::choose_target(state, window.instance, unaimed);
        }
        Action::Go(motion) => window.lines.go(motion),
        Action::InWindow(InWindow::Write) => return save::write_plan(state, window),
        _ => {}
    }
    state.modals.push(Modal::Plan(window));
    Vec::new()
}

fn on_operations(state: &mut State, mut window: OperationsWindow, action: Action) -> Vec<Effect> {
    let operations = state.instance_of(&window.instance).map_or(&[][..], |instance| &instance.operations);
    match action {
        Action::Cancel if window.shows_items => window.shows_items = false,
        Action::Cancel | Action::Operations | Action::Quit => return Vec::new(),
        Action::Accept if window.shows_items => {
            let operation = window.chosen(operations).map(|operation| operation.id);
            let (key, at) = (window.instance.clone(), window.items.selected().copied());
            state.modals.push(Modal::Operations(window));
            return match (operation, at) {
                (Some(operation), Some(at)) => item::open(state, &key, operation, at),
                _ => Vec::new(),
            };
        }
        Action::Accept if window.operations.selected().is_some() => {
            window.shows_items = true;
            window.only = None;
            window.items = List::default();
        }
        Action::InWindow(InWindow::Write) => return save::export(state, window),
        Action::Copy => return save::copy_command(state, window),
        Action::Go(motion) if window.shows_items => window.items.go(motion),
        Action::Go(motion) => window.operations.go(motion),
        Action::Filter if window.shows_items => {
            if let Some(operation) = window.chosen(operations) {
                window.next_filter(operation);
            }
        }
        Action::Palette => {
            state.modals.push(Modal::Operations(window));
            open_palette(state);
            return Vec::new();
        }
        Action::Again(how) => {
            if let Some(operation) = window.chosen(operations).cloned() {
                state.modals.push(Modal::Operations(window));
                return again::take_up(state, &operation, how);
            }
        }
        _ => {}
    }
    state.modals.push(Modal::Operations(window));
    Vec::new()
}

/// Only inserting completes a confirmation, never deleting.
fn is_insertion(request: InputRequest) -> bool {
    matches!(request, InputRequest::InsertChar(_))
}

/// Sets the rows and heights of the windows' lists.
pub(in crate::app) fn settle(state: &mut State, layout: &Layout) {
    if !fits(layout) {
        return;
    }
    let mut modals = std::mem::take(&mut state.modals);
    for modal in &mut modals {
        if let Some(scroll) = modal.scroll_mut() {
            let (columns, rows) = page_size(scroll.lines());
            scroll.set_height(usize::from(layout.window(columns, rows).inside().height));
        }
        match modal {
            Modal::Plan(window) => {
                let (columns, rows) = window.size();
                let inner = layout.window(columns, rows).inside().height;
                window.lines.set_height(usize::from(plan_parts(inner).list));
            }
            Modal::Target(window) => {
                if let Some(instance) = state.instance_of(&window.instance) {
                    let rows = planning::targets(instance, window);
                    window.communities.set_rows(rows);
                }
                let inner = layout.window(TARGET_SIZE.0, TARGET_SIZE.1).inside().height;
                window.communities.set_height(usize::from(inner.saturating_sub(2)));
            }
            Modal::Help(help) => {
                help.lines.set_rows(state.guide.lines(&help.filter));
                let inner = layout.window(HELP_SIZE.0, HELP_SIZE.1).inside().height;
                let field = if help.has_field() { 2 } else { 0 };
                help.lines.set_height(usize::from(inner.saturating_sub(field)));
            }
            Modal::Operations(window) => {
                let inner = layout.window(OPERATIONS_SIZE.0, OPERATIONS_SIZE.1).inside().height;
                let operations =
                    state.instance_of(&window.instance).map_or(&[][..], |instance| &instance.operations);
                window.settle(operations, usize::from(inner));
            }
            Modal::Palette(palette) => {
                let inner = layout.window(PALETTE_SIZE.0, PALETTE_SIZE.1).inside().height;
                palette.found.set_height(usize::from(inner.saturating_sub(2)));
            }
            Modal::Details(window) => {
                if let Some(instance) = state.instance_of(&window.instance) {
                    details::settle(window, instance);
                }
            }
            Modal::Instances(window) => {
                window.settle(&state.instances, layout);
            }
            Modal::Finding(window) => {
                if let Some(instance) = state.instance_of(&window.instance) {
                    window.settle(instance, layout);
                }
            }
            Modal::Planning(_)
            | Modal::Item(_)
            | Modal::Pasted(_)
            | Modal::Command(_)
            | Modal::Save(_)
            | Modal::Connect(_)
            | Modal::Quit => {}
        }
    }
    state.modals = modals;
}
