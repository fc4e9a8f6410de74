//! What each window does with an action; the smallest windows are here.

pub(super) mod connect;
pub(super) mod details;
pub(super) mod drift;
pub(super) mod entry;
pub(super) mod file;
pub(super) mod finding;
pub(super) mod instances;
pub(super) mod item;
pub(super) mod operations;
pub(super) mod palette;
mod plan;

use super::{planning, running};
use crate::app::{
    action::Action,
    effect::{Effect, Terminal, Work},
    list::List,
    modal::{
        Modal,
        drift::FaultsWindow,
        help::Help,
        pasted::PastedWindow,
        planning::{Planning, Purpose},
        quit::Quit,
        target::TargetWindow,
    },
    notice::Notice,
    state::State,
};

/// Whether a window stays open after an action.
pub(super) enum Reply {
    /// It stays, below the windows that it opened.
    Stay(Vec<Effect>),
    Close(Vec<Effect>),
    /// It closes, and the action is done in the place below.
    Instead(Action),
}

impl Reply {
    const STAY: Self = Self::Stay(Vec::new());
    const CLOSE: Self = Self::Close(Vec::new());
}

/// A window's response to an action. While it responds, the window is not on the stack.
pub(super) trait Handle {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply;
}

impl Handle for Help {
    fn handle(&mut self, _: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel if self.has_field() => {
                self.filter.clear();
                self.lines = List::default();
            }
            Action::Accept if self.filter.is_open => self.filter.is_open = false,
            Action::Cancel | Action::Help | Action::Quit | Action::Accept => return Reply::CLOSE,
            Action::Filter => self.filter.is_open = true,
            Action::Edit(request) => {
                self.filter.input.handle(request);
                self.lines = List::default();
            }
            Action::Go(motion) => self.lines.go(motion),
            _ => {}
        }
        Reply::STAY
    }
}

impl Handle for PastedWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel | Action::Quit => return Reply::CLOSE,
            Action::Go(motion) => self.scroll.go(motion),
            Action::Copy => {
                let lines: Vec<&str> = self.left.iter().map(|left| left.given().shown()).collect();
                state.notice = Some(Notice::CopiedLines(lines.len()));
                return Reply::Stay(vec![Effect::Terminal(Terminal::Copy(lines.join("\n")))]);
            }
            _ => {}
        }
        Reply::STAY
    }
}

impl Handle for FaultsWindow {
    fn handle(&mut self, _: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel | Action::Quit => return Reply::CLOSE,
            Action::Go(motion) => self.scroll.go(motion),
            _ => {}
        }
        Reply::STAY
    }
}

impl Handle for Quit {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Confirm => Reply::Close(running::stop_and_quit(state)),
            Action::Cancel => Reply::CLOSE,
            _ => Reply::STAY,
        }
    }
}

impl Handle for Planning {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel => {
                // An edited plan is shown as it was before.
                if let Purpose::Edit(before) | Purpose::Recheck(before) = &self.purpose {
                    state.modals.push(Modal::Plan(before.clone()));
                }
                Reply::Close(Effect::cancel(self.tickets()))
            }
            Action::SkipChecks if !self.skipped => {
                self.skipped = true;
                let finish = |ticket| Effect::Work(Work::FinishRead(ticket));
                Reply::Stay(self.tickets().map(finish).collect())
            }
            _ => Reply::STAY,
        }
    }
}

impl Handle for TargetWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel => return Reply::CLOSE,
            Action::Accept => {
                if let Some(target) = self.communities.selected().cloned() {
                    let (key, unaimed) = (self.instance.clone(), self.unaimed.clone());
                    return Reply::Close(planning::aim(state, key, unaimed, target));
                }
            }
            Action::Go(motion) => self.communities.go(motion),
            Action::Edit(request) => {
                self.filter.input.handle(request);
            }
            _ => {}
        }
        Reply::STAY
    }
}
