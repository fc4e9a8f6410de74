//! Text windows: labelled facts, sentences and history lines, wrapped to the window and scrolled.

use ratatui::{
    buffer::Buffer,
    style::Style,
    text::{Line, Span},
};

use super::context::ViewContext;
use crate::{
    app::{
        layout::{Layout, PAGE_SIZE, page_size},
        scroll::Scroll,
    },
    text::width::{pad, wrap},
    tui::widget::{pane::line_of, window::open},
};

/// The width of a label, if there is room.
const LABEL: usize = 16;

/// The lines of a window.
pub(super) struct Page {
    columns: usize,
    pub(super) lines: Vec<Line<'static>>,
}

impl Page {
    /// An empty page with the width of its window.
    pub(super) fn new(layout: &Layout) -> Self {
        let inside = layout.window(PAGE_SIZE.0, PAGE_SIZE.1).inside();
        Self::of(usize::from(inside.width.saturating_sub(2)))
    }

    /// An empty page of this width.
    pub(super) fn of(columns: usize) -> Self {
        Self { columns, lines: Vec::new() }
    }

    /// Adds an empty line.
    pub(super) fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    /// Adds sentences.
    pub(super) fn prose(&mut self, sentences: &str, style: Style) {
        self.hanging("", style, sentences, style, 0);
    }

    /// Adds a label and its value.
    pub(super) fn fact(&mut self, label: &str, value: &str, style: Style, look: ViewContext<'_>) {
        let cells = LABEL.min(self.columns / 3);
        self.hanging(&format!("{} ", pad(label, cells)), look.theme.dim, value, style, cells + 1);
    }

    /// Adds a text with something before its first line; the other lines are indented.
    pub(super) fn hanging(
        &mut self,
        start: &str,
        start_style: Style,
        text: &str,
        style: Style,
        indent: usize,
    ) {
        let mut start = Span::styled(start.to_owned(), start_style);
        for line in wrap(text, self.columns.saturating_sub(indent)) {
            self.lines.push(Line::from(vec![start, Span::styled(line, style)]));
            start = Span::raw(" ".repeat(indent));
        }
    }
}

/// Draws a page in its window, from its scroll position.
pub(super) fn draw(
    title: &str,
    page: &Page,
    scroll: &Scroll,
    look: ViewContext<'_>,
    layout: &Layout,
    buffer: &mut Buffer,
) {
    let inside = open(layout, page_size(scroll.lines()), title, look.theme, buffer);
    let below = scroll.below();
    if below > 0 {
        let words = format!(" {} ", look.text.with("plan-more", &[("count", below.into())]));
        buffer.set_stringn(inside.x, inside.bottom(), words, usize::from(inside.width), look.theme.dim);
    }
    for (at, line) in page.lines.iter().skip(scroll.offset()).take(usize::from(inside.height)).enumerate() {
        let area = line_of(inside, at);
        buffer.set_line(area.x, area.y, line, area.width);
    }
}
