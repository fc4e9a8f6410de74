//! The name of a file; writing a plan or an operation to it; and the command line equivalent to an operation.

use std::{borrow::Cow, sync::Arc};

use super::{Handle, Reply, drift};
use crate::{
    app::{
        action::{Action, InWindow},
        effect::{Document, Effect, Terminal, Ticket, Work},
        event::NotWritten,
        modal::{
            Modal,
            file::{CommandWindow, FileProgress, FilePurpose, FileWindow},
            plan::{PlanWindow, Share},
        },
        notice::Notice,
        scroll::Scroll,
        state::State,
    },
    domain::{
        community::CommunityRef,
        id::OperationId,
        instance::InstanceKey,
        operation::Form,
        plan::{Obstacle, Plan},
    },
};

/// Asks for a file name for the plan in a window, which stays open below.
pub(crate) fn write_plan(state: &mut State, window: &PlanWindow) {
    if may_write(&window.plan) {
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
                let files = documents(state, self);
                if !files.is_empty() {
                    let ticket = state.ticket();
                    self.progress = FileProgress::Working(ticket);
                    return Reply::Stay(vec![Effect::Work(Work::Write { ticket, files })]);
                }
            }
            _ => {}
        }
        Reply::STAY
    }
}

/// The files to write. A plan of several numbers becomes one file for each number.
fn documents(state: &State, window: &FileWindow) -> Vec<(String, Document)> {
    let file = window.name().to_owned();
    match window.purpose {
        FilePurpose::Operation(id) => operation(state, &window.instance, id, window.form())
            .map(|document| (file, document))
            .into_iter()
            .collect(),
        FilePurpose::Compare => Vec::new(),
        FilePurpose::Plan => {
            let mut below = state.modals.iter().rev().filter_map(Modal::as_plan);
            let Some(below) = below.next() else { return Vec::new() };
            let document = |(share, plan): (&Share, Cow<'_, Plan>)| {
                let instance = state.instance_of(&share.instance)?.profile.label.clone();
                let file = if below.shares.len() > 1 { window.name_for(&instance) } else { file.clone() };
                let (plan, readings) = (Box::new(plan.into_owned()), Arc::clone(&share.readings));
                Some((file, Document::Plan { instance, plan, readings }))
            };
            below.plans().filter(|(_, plan)| may_write(plan)).filter_map(document).collect()
        }
    }
}

fn operation(state: &State, key: &InstanceKey, id: OperationId, form: Form) -> Option<Document> {
    let instance = state.instance_of(key)?;
    let operation = Box::new(instance.operations.whole(id)?.clone());
    let known = instance.directory.communities().iter();
    let communities =
        known.map(|known| CommunityRef { id: known.id.clone(), name: known.name.clone() }).collect();
    Some(Document::Operation { instance: instance.profile.label.clone(), operation, form, communities })
}

/// Whether a plan could run.
fn may_write(plan: &Plan) -> bool {
    matches!(plan.obstacle, None | Some(Obstacle::ReadOnly))
}

/// Handles the result of writing a file.
pub(crate) fn on_written(state: &mut State, ticket: Ticket, written: Result<Vec<String>, NotWritten>) {
    let waits =
        |modal: &Modal| matches!(modal, Modal::File(save) if save.progress == FileProgress::Working(ticket));
    let Some(at) = state.modals.iter().position(waits) else { return };
    let Some(Modal::File(save)) = state.modals.get_mut(at) else { return };
    match written {
        Ok(files) => {
            state.notice = Some(match save.purpose {
                FilePurpose::Operation(_) => Notice::Exported(files.concat()),
                FilePurpose::Plan | FilePurpose::Compare => Notice::PlanWritten(files),
            });
            state.modals.remove(at);
        }
        Err(NotWritten::Exists) => save.propose_another(),
        Err(NotWritten::Failed(words)) => save.progress = FileProgress::Failed(words),
    }
}
