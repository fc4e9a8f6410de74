//! The last check of a frame before it is painted: no cell may contain a control sequence, and no row a secret. Views
//! clean names and scrub texts long before; this catches what they miss.

use ratatui::buffer::Buffer;

use crate::{domain::name, scrub};

/// Replaces each cell of a secret.
const HIDDEN: &str = "*";

/// Hides secrets and control sequences in a frame.
pub(super) fn over(buffer: &mut Buffer) {
    let width = usize::from(buffer.area.width).max(1);
    let mut row = String::new();
    // The byte at which each cell of the row begins in the row's text.
    let mut begins = Vec::with_capacity(width);
    for cells in buffer.content.chunks_mut(width) {
        row.clear();
        begins.clear();
        for cell in cells.iter_mut() {
            let symbol = cell.symbol();
            if !symbol.is_ascii() || symbol.len() > 1 {
                let clean = name::printable(symbol);
                if clean != symbol {
                    let clean = clean.replace('\n', " ");
                    cell.set_symbol(if clean.is_empty() { " " } else { &clean });
                }
            } else if symbol.bytes().all(|byte| byte.is_ascii_control()) {
                cell.set_symbol(" ");
            }
            begins.push(row.len());
            row.push_str(cell.symbol());
        }
        for place in scrub::places(&row) {
            for (_, cell) in begins.iter().zip(cells.iter_mut()).filter(|(begin, _)| place.contains(begin)) {
                cell.set_symbol(HIDDEN);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    #[test]
    fn no_cell_contains_terminal_control_characters() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 2));
        for (at, symbol) in
            ["\x1b", "a\u{202e}", "\u{9b}31m", "é", "\n", "\u{200b}", "👩\u{200d}🔬"].iter().enumerate()
        {
            buffer.content[at].set_symbol(symbol);
        }
        over(&mut buffer);
        let shown: Vec<&str> = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(shown, [" ", "a", "\u{fffd}31m", "é", " ", " ", "👩\u{200d}🔬", " "]);
    }
}
