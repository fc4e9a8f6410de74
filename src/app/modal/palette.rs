//! The command palette: every action by its name, in a window.

use tui_input::Input;

use crate::app::{
    command_catalog::{CommandCatalog, Found},
    context::Context,
    layout::PALETTE_SIZE,
    list::List,
    modal::window::{Scene, Window},
};

/// The actions available in the context where it was opened, searched by name.
#[derive(Clone, Debug)]
pub struct Palette {
    /// The context where it was opened; the chosen action is done there.
    pub from: Context,
    pub input: Input,
    /// The matches, best first.
    pub found: List<Found>,
}

impl Palette {
    /// The palette for a context, with all actions available there.
    pub fn new(from: Context, catalog: &CommandCatalog) -> Self {
        let mut palette = Self { from, input: Input::default(), found: List::default() };
        palette.find(catalog);
        palette
    }

    /// Searches again, and moves the cursor to the best match.
    pub fn find(&mut self, catalog: &CommandCatalog) {
        self.found = List::default();
        self.found.set_rows(catalog.find(self.from, self.input.value()));
    }
}

impl Window for Palette {
    fn context(&self) -> Context {
        Context::Palette
    }

    fn settle(&mut self, scene: Scene<'_>) {
        self.found.set_height(usize::from(scene.lines(PALETTE_SIZE).saturating_sub(2)));
    }
}
