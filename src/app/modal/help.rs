//! The help, in a window.

use super::window::{Scene, Window};
use crate::app::{context::Context, filter::Filter, layout::HELP_SIZE, list::List};

/// The help window.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// The lines shown, by their indices in the catalog.
    pub lines: List<usize>,
    pub filter: Filter,
}

impl Help {
    /// Whether the filter field is shown above the lines.
    pub fn has_field(&self) -> bool {
        self.filter.is_open || !self.filter.is_empty()
    }
}

impl Window for Help {
    fn context(&self) -> Context {
        if self.filter.is_open { Context::HelpFilter } else { Context::Help }
    }

    fn settle(&mut self, scene: Scene<'_>) {
        self.lines.set_rows(scene.catalog.lines(&self.filter));
        let field = if self.has_field() { 2 } else { 0 };
        self.lines.set_height(usize::from(scene.lines(HELP_SIZE).saturating_sub(field)));
    }
}
