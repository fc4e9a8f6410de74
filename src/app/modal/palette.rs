//! The palette: every action by its name, in a window.

use tui_input::Input;

use crate::app::{
    Context,
    guide::{Found, Guide},
    list::List,
};

/// Every action that holds where it was opened, found by what is typed.
#[derive(Clone, Debug)]
pub struct Palette {
    /// Where it was opened; what is chosen is done there.
    pub from: Context,
    /// What is typed.
    pub input: Input,
    /// What is found, the best first.
    pub found: List<Found>,
}

impl Palette {
    /// The palette over a context, with all that holds there.
    pub fn new(from: Context, guide: &Guide) -> Self {
        let mut palette = Self { from, input: Input::default(), found: List::default() };
        palette.find(guide);
        palette
    }

    /// Looks again for what is typed; the cursor goes to the best.
    pub fn find(&mut self, guide: &Guide) {
        self.found = List::default();
        self.found.set_rows(guide.find(self.from, self.input.value()));
    }
}
