//! A QR code in half-block characters: two of its rows in a row of cells.
//!
//! It is dark on light with its quiet zone whatever the theme, for that is what every phone reads. It owns no text; what is
//! drawn is a secret and stays on the screen alone.

use qrcode::{Color as Module, EcLevel, QrCode};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Style},
};

/// The light modules around a code, on every side, without which phones do not find it.
const QUIET: usize = 4;

/// Black and white of the colour cube, which no terminal's own palette changes.
const DARK: Color = Color::Indexed(16);
const LIGHT: Color = Color::Indexed(231);

/// A code that is ready to be drawn.
pub struct Qr {
    modules: Vec<Module>,
    width: usize,
}

impl Qr {
    /// The code of a text; `None` where no code can hold it.
    pub fn of(text: &str) -> Option<Self> {
        // A screen is neither dirty nor torn: the least correction makes the smallest code.
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        Some(Self { width: code.width(), modules: code.into_colors() })
    }

    /// The columns and rows of cells that it takes with its quiet zone.
    pub fn size(&self) -> (u16, u16) {
        let side = self.width + 2 * QUIET;
        let cells = |modules: usize| u16::try_from(modules).unwrap_or(u16::MAX);
        (cells(side), cells(side.div_ceil(2)))
    }

    /// Draws it at the top left of an area that is large enough.
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
    fn what_no_code_can_hold_is_none() {
        assert!(Qr::of(&"x".repeat(4000)).is_none());
    }
}
