//! A QR code in half-block characters: two of its rows per row of cells.
//!
//! It is dark on light with its quiet zone in every theme, because every phone can read that. It owns no text; its
//! content is a secret and appears only on the screen.

use qrcode::{Color as Module, EcLevel, QrCode};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Style},
};

/// The width of the light margin on every side of a code; phones do not recognise a code without it.
const QUIET: usize = 4;

/// Black and white from the colour cube, which terminal palettes do not change.
const DARK: Color = Color::Indexed(16);
const LIGHT: Color = Color::Indexed(231);

/// A code ready to be drawn.
pub struct Qr {
    modules: Vec<Module>,
    width: usize,
}

impl Qr {
    /// The code for a text; `None` if the text is too long for a code.
    pub fn of(text: &str) -> Option<Self> {
        // A screen is neither dirty nor torn, so the lowest correction level, with the smallest code, is enough.
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        Some(Self { width: code.width(), modules: code.into_colors() })
    }

    /// The columns and rows of cells that it needs, including its quiet zone.
    pub fn size(&self) -> (u16, u16) {
        let side = self.width + 2 * QUIET;
        let cells = |modules: usize| u16::try_from(modules).unwrap_or(u16::MAX);
        (cells(side), cells(side.div_ceil(2)))
    }

    /// Draws it at the top left of an area, which must be large enough.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer) {
        let (columns, rows) = self.size();
        for row in 0..rows.min(area.height) {
            for column in 0..columns.min(area.width) {
                let Some(cell) = buffer.cell_mut((area.x + column, area.y + row)) else { continue };
                let colour = |below: u16| {
                    let is_dark =
                        self.is_dark(usize::from(column), usize::from(row) * 2 + usize::from(below));
                    if is_dark { DARK } else { LIGHT }
                };
                cell.set_symbol("▀").set_style(Style::reset().fg(colour(0)).bg(colour(1)));
            }
        }
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < self.width);
        let (Some(x), Some(y)) = (inside(x), inside(y)) else { return false };
        self.modules.get(y * self.width + x) == Some(&Module::Dark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_dark_on_light_with_a_quiet_zone_and_its_finders() {
        let qr = Qr::of(&"2@x".repeat(60)).unwrap();
        let (columns, rows) = qr.size();
        let area = Rect::new(0, 0, columns, rows);
        let mut buffer = Buffer::empty(area);
        qr.draw(area, &mut buffer);
        let module = |x: u16, y: u16| {
            let cell = &buffer[(x, y / 2)];
            if y.is_multiple_of(2) { cell.fg } else { cell.bg }
        };
        for at in 0..columns {
            for edge in 0..4 {
                assert_eq!([module(at, edge), module(edge, at), module(columns - 1 - edge, at)], [LIGHT; 3]);
            }
        }
        for (x, y) in [(4, 4), (columns - 11, 4), (4, columns - 11)] {
            let ring = (0..7).flat_map(|at| [(x + at, y), (x, y + at), (x + at, y + 6), (x + 6, y + at)]);
            for (x, y) in ring {
                assert_eq!(module(x, y), DARK, "a finder's ring at {x},{y}");
            }
            assert_eq!(module(x + 1, y + 1), LIGHT);
            assert_eq!(module(x + 3, y + 3), DARK);
        }
    }

    #[test]
    fn a_text_that_is_too_long_has_no_code() {
        assert!(Qr::of(&"x".repeat(4000)).is_none());
    }
}
