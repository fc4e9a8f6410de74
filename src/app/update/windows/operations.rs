//! The window with the operations and their items.

use super::{Handle, Reply, file, item};
use crate::app::{
    action::{Action, InWindow},
    list::List,
    modal::{Modal, operations::OperationsWindow},
    notice::Notice,
    state::State,
    update::again,
};
use crate::domain::command;

/// Opens the window with the operations of the instance on the screen, or of all if all are shown.
pub(crate) fn open(state: &mut State) {
    // An operator who asks for the operations wants to see the one that was closed, too.
    state.instances.iter_mut().for_each(|instance| instance.dismissed = None);
    let one = state.instance().filter(|_| state.wide().is_none());
    let window = OperationsWindow::new(one.map(|instance| instance.key().clone()));
    state.modals.push(Modal::Operations(window));
}

impl Handle for OperationsWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        let chosen = self.chosen(&state.instances);
        let whole = chosen.and_then(|(instance, chosen)| instance.operations.whole(chosen.id));
        self.then = None;
        let needs_groups =
            matches!(action, Action::InWindow(InWindow::Write) | Action::Copy | Action::FollowUp(_));
        if needs_groups && chosen.is_some() && whole.is_none() {
            self.then = Some(action);
            state.notice = Some(Notice::ReadingJournal);
            return Reply::STAY;
        }
        match action {
            Action::Cancel if self.shows_items => self.shows_items = false,
            Action::Cancel | Action::Operations | Action::Quit => return Reply::CLOSE,
            Action::Accept | Action::Details if self.shows_items => {
                if let (Some((instance, operation)), Some(at)) = (chosen, self.items.selected().copied()) {
                    let (key, operation) = (instance.key().clone(), operation.id);
                    return Reply::Stay(item::open(state, &key, operation, at));
                }
            }
            Action::Accept | Action::Details if self.operations.selected().is_some() => {
                self.shows_items = true;
                self.only = None;
                self.items = List::default();
            }
            Action::InWindow(InWindow::Write) => {
                if let Some((instance, operation)) = chosen {
                    let (key, operation) = (instance.key().clone(), operation.id);
                    file::export(state, key, operation);
                }
            }
            Action::Copy => {
                if let (Some((instance, _)), Some(operation)) = (chosen, whole) {
                    let words = command::of(operation, &instance.profile.label);
                    return Reply::Stay(file::copy_command(state, words));
                }
            }
            Action::Go(motion) if self.shows_items => self.items.go(motion),
            Action::Go(motion) => self.operations.go(motion),
            Action::Filter if self.shows_items => {
                if let Some((_, operation)) = chosen {
                    self.next_filter(operation);
                }
            }
            Action::Filter => self.only_trouble = !self.only_trouble,
            Action::FollowUp(how) => {
                if let Some(operation) = whole.cloned() {
                    return Reply::Stay(again::take_up(state, &operation, how));
                }
            }
            _ => {}
        }
        Reply::STAY
    }
}
