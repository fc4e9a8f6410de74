//! A window over the panes.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Line,
    widgets::{Block, Clear, Widget},
};

use crate::{
    app::layout::Layout,
    text::width::{cut, width},
    tui::theme::Theme,
};

/// Clears the middle of the screen and draws a border with a title around it. Returns the inside, one column narrower
/// on either side.
pub fn open(layout: &Layout, size: (u16, u16), title: &str, theme: &Theme, buffer: &mut Buffer) -> Rect {
    let area = layout.window(size.0, size.1);
    let area = Rect::new(area.x, area.y, area.width, area.height).intersection(buffer.area);
    // A wide character that the left edge would cut in half must be removed completely.
    for y in area.top()..area.bottom() {
        if let Some(cell) = area.x.checked_sub(1).and_then(|x| buffer.cell_mut((x, y)))
            && width(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
    }
    Clear.render(area, buffer);
    let title = cut(title, usize::from(area.width.saturating_sub(4)));
    let block = Block::bordered()
        .border_style(theme.modal_border)
        .title(Line::styled(format!(" {title} "), theme.title));
    let inside = block.inner(area);
    block.render(area, buffer);
    Rect { x: inside.x + 1.min(inside.width), width: inside.width.saturating_sub(2), ..inside }
}
