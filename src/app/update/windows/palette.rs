//! The command palette: opening it, and its keys.

use super::{Handle, Reply};
use crate::app::{
    action::Action,
    context::Context,
    modal::{Modal, palette::Palette},
    state::State,
};

/// Opens the palette for a context.
pub(crate) fn open(state: &mut State, from: Context) {
    let palette = Palette::new(from, &state.catalog);
    state.modals.push(Modal::Palette(palette));
}

impl Handle for Palette {
    /// The chosen action is done in the context where the palette was opened, as if its key had been pressed there.
    fn handle(&mut self, state: &mut State, action: Action) -> Reply {
        match action {
            Action::Cancel | Action::Palette => return Reply::CLOSE,
            Action::Accept => {
                let chosen = self.found.selected().and_then(|found| state.catalog.commands.get(found.at));
                if let Some(command) = chosen {
                    return Reply::Instead(command.action);
                }
            }
            Action::Go(motion) => self.found.go(motion),
            Action::Edit(request) => {
                self.input.handle(request);
                self.find(&state.catalog);
            }
            _ => {}
        }
        Reply::STAY
    }
}
