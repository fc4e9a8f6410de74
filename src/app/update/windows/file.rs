//! The name of a file; writing a plan or an operation to it; and the command line equivalent to an operation.

use std::sync::Arc;

use super::{Handle, Reply, drift};
use crate::{
    app::{
        action::{Action, InWindow},
        effect::{Document, Effect, Terminal, Ticket, Work},
        event::NotWritten,
        modal::{
            Modal,
            file::{CommandWindow, FileProgress, FilePurpose, FileWindow},
            plan::PlanWindow,
        },
        notice::Notice,
        scroll::Scroll,
        state::State,
    },
    domain::{community::CommunityRef, id::OperationId, instance::InstanceKey, plan::Obstacle},
};

/// Asks for a file name for the plan in a window, which stays open below.
pub(crate) fn write_plan(state: &mut State, window: &PlanWindow) {
    if matches!(window.plan.obstacle, None | Some(Obstacle::ReadOnly)) {
        state.modals.push(Modal::File(FileWindow::plan(window.instance.clone(), &window.plan)));
    } else {
        state.notice = Some(Notice::NothingToWrite);
    }
}

/// Asks for a file name for an operation.
pub(crate) fn export(state: &mut State, instance: InstanceKey, operation: OperationId) {
    state.modals.push(Modal::File(FileWindow::operation(instance, operation)));
}

/// Copies the command line of an operation to the clipboard, and shows it.
pub(crate) fn copy_command(state: &mut State, words: String) -> Vec<Effect> {
    let scroll = Scroll::default();
    state.modals.push(Modal::Command(CommandWindow { words: words.clone(), scroll }));
    copy(state, words)
}

fn copy(state: &mut State, words: String) -> Vec<Effect> {
    state.notice = Some(Notice::CopiedCommand);
    vec![Effect::Terminal(Terminal::Copy(words))]
}

impl Handle for CommandWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel | Action::Quit => return Reply::CLOSE,
            Action::Copy => return Reply::Stay(copy(state, self.words.clone())),
            Action::Go(motion) => self.scroll.go(motion),
            _ => {}
        }
        Reply::STAY
    }
}

impl Handle for FileWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        let is_working = matches!(self.progress, FileProgress::Working(_));
        match action {
            Action::Cancel => return Reply::CLOSE,
            Action::Edit(request) if !is_working => {
                self.field.handle(request);
                self.progress = FileProgress::Typing;
            }
            Action::InWindow(InWindow::NextForm) if !is_working && self.has_forms() => {
                self.next_form();
                self.progress = FileProgress::Typing;
            }
            Action::Accept if !is_working && !self.name().is_empty() => {
                if self.purpose == FilePurpose::Compare {
                    return Reply::Stay(drift::read_state(state, self));
                }
                if let Some(document) = document(state, self) {
                    let ticket = state.ticket();
                    self.progress = FileProgress::Working(ticket);
                    let file = self.name().to_owned();
                    return Reply::Stay(vec![Effect::Work(Work::Write { ticket, file, document })]);
                }
            }
            _ => {}
        }
        Reply::STAY
    }
}

/// The content for the file.
fn document(state: &State, window: &FileWindow) -> Option<Document> {
    let instance = state.instance_of(&window.instance)?;
    let label = instance.profile.label.clone();
    match window.purpose {
        FilePurpose::Operation(id) => {
            let operation = instance.operations.whole(id)?.clone();
            let operation = Box::new(operation);
            let known = instance.directory.communities().iter();
            let communities =
                known.map(|known| CommunityRef { id: known.id.clone(), name: known.name.clone() }).collect();
            Some(Document::Operation { instance: label, operation, form: window.form(), communities })
        }
        FilePurpose::Compare => None,
        FilePurpose::Plan => state.modals.iter().rev().find_map(|modal| match modal {
            Modal::Plan(below) => {
                let (plan, readings) = (Box::new(below.plan.clone()), Arc::clone(&below.readings));
                Some(Document::Plan { instance: label.clone(), plan, readings })
            }
            _ => None,
        }),
    }
}

/// Handles the result of writing a file.
pub(crate) fn on_written(state: &mut State, ticket: Ticket, written: Result<String, NotWritten>) {
    let waits =
        |modal: &Modal| matches!(modal, Modal::File(save) if save.progress == FileProgress::Working(ticket));
    let Some(at) = state.modals.iter().position(waits) else { return };
    let Some(Modal::File(save)) = state.modals.get_mut(at) else { return };
    match written {
        Ok(file) => {
            state.notice = Some(match save.purpose {
                FilePurpose::Operation(_) => Notice::Exported(file),
                FilePurpose::Plan | FilePurpose::Compare => Notice::PlanWritten(file),
            });
            state.modals.remove(at);
        }
        Err(NotWritten::Exists) => save.propose_another(),
        Err(NotWritten::Failed(words)) => save.progress = FileProgress::Failed(words),
    }
}
