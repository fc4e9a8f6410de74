//! Writing a plan or an operation to a file, and the command line equivalent to an operation.

use std::sync::Arc;

use super::{Effect, Terminal, Work};
use crate::{
    app::{
        State,
        action::{Action, InWindow},
        effect::{Document, Ticket},
        event::NotWritten,
        modal::{
            Modal,
            operations::OperationsWindow,
            plan::PlanWindow,
            save::{CommandWindow, SaveWindow, Saved, Saving},
        },
        notice::Notice,
        scroll::Scroll,
    },
    domain::{command, plan::Obstacle},
};

/// Asks for a file name for the plan in a window, which stays open below.
pub(super) fn write_plan(state: &mut State, window: Box<PlanWindow>) -> Vec<Effect> {
    let can_be_run = matches!(window.plan.obstacle, None | Some(Obstacle::ReadOnly));
    let save = SaveWindow::plan(window.instance.clone(), &window.plan);
    state.modals.push(Modal::Plan(window));
    if can_be_run {
        state.modals.push(Modal::Save(save));
    } else {
        state.notice = Some(Notice::NothingToWrite);
    }
    Vec::new()
}

/// Asks for a file name for the operation under the cursor of a window, which stays open below.
pub(super) fn export(state: &mut State, window: OperationsWindow) -> Vec<Effect> {
    let operations = state.instance_of(&window.instance).map_or(&[][..], |instance| &instance.operations);
    let chosen = window.chosen(operations).map(|operation| operation.id);
    let key = window.instance.clone();
    state.modals.push(Modal::Operations(window));
    if let Some(operation) = chosen {
        state.modals.push(Modal::Save(SaveWindow::operation(key, operation)));
    }
    Vec::new()
}

/// Copies the command line equivalent to the operation under the cursor to the clipboard, and shows it.
pub(super) fn copy_command(state: &mut State, window: OperationsWindow) -> Vec<Effect> {
    let instance = state.instance_of(&window.instance);
    let words = instance.and_then(|instance| {
        let operation = window.chosen(&instance.operations)?;
        Some(command::of(operation, &instance.profile.label))
    });
    state.modals.push(Modal::Operations(window));
    let Some(words) = words else { return Vec::new() };
    let scroll = Scroll::default();
    state.modals.push(Modal::Command(CommandWindow { words: words.clone(), scroll }));
    copy(state, words)
}

fn copy(state: &mut State, words: String) -> Vec<Effect> {
    state.notice = Some(Notice::CopiedCommand);
    vec![Effect::Terminal(Terminal::Copy(words))]
}

/// Handles an action in the window with a command line.
pub(super) fn on_command(state: &mut State, mut window: CommandWindow, action: Action) -> Vec<Effect> {
    let words = match action {
        Action::Cancel | Action::Quit => return Vec::new(),
        Action::Copy => Some(window.words.clone()),
        Action::Go(motion) => {
            window.scroll.go(motion);
            None
        }
        _ => None,
    };
    state.modals.push(Modal::Command(window));
    words.map_or_else(Vec::new, |words| copy(state, words))
}

/// Handles an action in the window for a file name.
pub(super) fn on_action(state: &mut State, mut window: SaveWindow, action: Action) -> Vec<Effect> {
    let mut effects = Vec::new();
    let is_writing = matches!(window.saving, Saving::Writing(_));
    match action {
        Action::Cancel => return Vec::new(),
        Action::Edit(request) if !is_writing => {
            window.field.handle(request);
            window.saving = Saving::Typing;
        }
        Action::InWindow(InWindow::NextForm) if !is_writing && window.what != Saved::Plan => {
            window.next_form();
            window.saving = Saving::Typing;
        }
        Action::Accept if !is_writing && !window.name().is_empty() => {
            if let Some(document) = document(state, &window) {
                let ticket = state.ticket();
                window.saving = Saving::Writing(ticket);
                let file = window.name().to_owned();
                effects.push(Effect::Work(Work::Write { ticket, file, document }));
            }
        }
        _ => {}
    }
    state.modals.push(Modal::Save(window));
    effects
}

/// The content for the file.
fn document(state: &State, window: &SaveWindow) -> Option<Document> {
    let instance = state.instance_of(&window.instance)?;
    let label = instance.profile.label.clone();
    match window.what {
        Saved::Operation(id) => {
            let operation = instance.operations.iter().find(|operation| operation.id == id)?.clone();
            let operation = Box::new(operation);
            Some(Document::Operation { instance: label, operation, form: window.form() })
        }
        Saved::Plan => state.modals.iter().rev().find_map(|modal| match modal {
            Modal::Plan(below) => {
                let (plan, readings) = (Box::new(below.plan.clone()), Arc::clone(&below.readings));
                Some(Document::Plan { instance: label.clone(), plan, readings })
            }
            _ => None,
        }),
    }
}

/// Handles the result of writing a file.
pub(super) fn on_written(state: &mut State, ticket: Ticket, written: Result<String, NotWritten>) {
    let waits = |modal: &Modal| matches!(modal, Modal::Save(save) if save.saving == Saving::Writing(ticket));
    let Some(at) = state.modals.iter().position(waits) else { return };
    let Some(Modal::Save(save)) = state.modals.get_mut(at) else { return };
    match written {
        Ok(file) => {
            state.notice = Some(match save.what {
                Saved::Plan => Notice::PlanWritten(file),
                Saved::Operation(_) => Notice::Exported(file),
            });
            state.modals.remove(at);
        }
        Err(NotWritten::Exists) => save.propose_another(),
        Err(NotWritten::Failed(words)) => save.saving = Saving::Failed(words),
    }
}
