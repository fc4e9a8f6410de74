//! The plan in its window: ticking its rows, and confirming it.

use tui_input::InputRequest;

use super::{Handle, Reply, save};
use crate::app::{
    action::{Action, InWindow, Marking, Motion},
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
            Action::Cancel => return Reply::CLOSE,
            // If a number or name must be typed, no key confirms the plan. A key bound to this action does nothing then.
            Action::Confirm if matches!(self.confirm, Confirm::Key) => return confirm(self, state),
            // Only inserting completes a confirmation, never deleting.
            Action::Edit(request) if self.edit(request) && matches!(request, InputRequest::InsertChar(_)) => {
                return confirm(self, state);
            }
            Action::Mark(Marking::Toggle) => {
                if self.toggle() {
                    self.lines.go(Motion::Down);
                } else {
                    state.notice = Some(Notice::CannotTick);
                }
            }
            Action::Mark(Marking::All) if !self.toggle_all() => {
                state.notice = Some(Notice::CannotTick);
            }
            Action::ChangeTarget if self.can_change_target() => {
                let unaimed = Unaimed::Request(Box::new(self.plan.request.clone()));
                return Reply::Close(planning::choose_target(state, self.instance.clone(), unaimed));
            }
            Action::Go(motion) => self.lines.go(motion),
            Action::InWindow(InWindow::Write) => save::write_plan(state, self),
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
