//! The plan in its window: ticking its rows, and confirming it.

use tui_input::InputRequest;

use super::{Handle, Reply, file};
use crate::app::{
    action::{Action, InWindow, Marking},
    modal::{
        plan::{Confirm, PlanWindow},
        target::Unaimed,
    },
    notice::Notice,
    state::State,
    update::planning,
};

impl Handle for PlanWindow {
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel if self.has_field() => {
                self.filter.clear();
                self.relist();
            }
            Action::Cancel => return Reply::CLOSE,
            Action::Filter => self.filter.is_open = true,
            Action::Accept if self.filter.is_open => self.filter.is_open = false,
            Action::Edit(request) if self.filter.is_open => {
                self.filter.input.handle(request);
                self.relist();
            }
            // If a number or name must be typed, no key confirms the plan. A key bound to this action does nothing then.
            Action::Confirm if matches!(self.confirm, Confirm::Key) => return confirm(self, state),
            // Only inserting completes a confirmation, never deleting.
            Action::Edit(request) if self.edit(request) && matches!(request, InputRequest::InsertChar(_)) => {
                return confirm(self, state);
            }
            Action::Mark(Marking::Toggle) if !self.toggle() => state.notice = Some(Notice::CannotTick),
            Action::Mark(Marking::All) if !self.toggle_all() => state.notice = Some(Notice::CannotTick),
            Action::Mark(Marking::Invert) if !self.invert() => state.notice = Some(Notice::CannotTick),
            Action::ChangeTarget => {
                let rows = self.retargetable();
                if rows.is_empty() {
                    state.notice = Some(Notice::CannotChangeTarget);
                } else {
                    let (key, unaimed) = (self.instance.clone(), Unaimed::Rows(rows));
                    return Reply::Stay(planning::choose_target(state, key, unaimed));
                }
            }
            Action::TurnIntoMoves => match self.turned() {
                Some((rows, from)) => {
                    let requests = self.changed(&rows, |request, groups| request.set_origin(groups, &from));
                    return Reply::Close(planning::edit(state, requests, self.clone()));
                }
                None => state.notice = Some(Notice::CannotTurn),
            },
            Action::HandOver => match planning::hand_over(state, self) {
                Some(effects) => return Reply::Close(effects),
                None => state.notice = Some(Notice::NoOtherNumber),
            },
            Action::Go(motion) => self.lines.go(motion),
            Action::InWindow(InWindow::Write) => file::write_plan(state, self),
            _ => {}
        }
        Reply::STAY
    }
}

fn confirm(window: &PlanWindow, state: &mut State) -> Reply {
    if window.plan.sent() == 0 {
        state.notice = Some(Notice::NothingToSend);
        return Reply::STAY;
    }
    Reply::Close(planning::confirm(state, window))
}
