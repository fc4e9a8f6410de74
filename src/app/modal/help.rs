//! The help, in a window.

use super::window::{Scene, Window};
use crate::app::{
    command_catalog::HelpLine, context::Context, filter::Filter, layout::HelpLayout, list::List,
};

/// The help window.
#[derive(Clone, Debug)]
pub struct Help {
    /// The context where it was opened; its keys come first.
    pub from: Context,
    /// What it shows: the keys that match the filter, under their headings.
    pub page: Vec<HelpLine>,
    /// The lines on the screen, by their indices in the page.
    pub lines: List<usize>,
    /// How many columns of lines are side by side.
    pub columns: usize,
    pub filter: Filter,
}

impl Help {
    /// The help for a context.
    pub fn new(from: Context) -> Self {
        let (page, lines) = (Vec::new(), List::default());
        Self { from, page, lines, columns: 1, filter: Filter::default() }
    }

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
        let HelpLayout { size, columns, is_narrow } = HelpLayout::of(scene.layout);
        let field = if self.has_field() { 2 } else { 0 };
        let height = usize::from(scene.lines(size).saturating_sub(field));
        self.page = scene.catalog.page(self.from, &self.filter);
        // What fits into one column needs no second one.
        self.columns = if self.page.len() <= height { 1 } else { columns };
        if self.columns > 1 && is_narrow {
            self.page = scene.catalog.wrapped(&self.page);
        }
        self.lines.set_rows((0..self.page.len()).collect());
        self.lines.set_height(height * self.columns);
    }
}
