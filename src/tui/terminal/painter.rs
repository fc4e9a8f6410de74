//! Turns changed cells into as few bytes as possible for the terminal. It collects them in memory; the owner of the
//! terminal writes them.
//!
//! It replaces ratatui's own backend because every byte of a cursor move travels over someone's slow line: colours use
//! their short form, attributes are sent only when they change, and nothing is reset that was not set. It sends no
//! queries to the terminal and never shows the cursor: text fields draw their own.

use std::collections::HashSet;
use std::convert::Infallible;
use std::fmt::Write as _;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

use crate::text::width::width;

/// Frames are seldom larger, so the buffer rarely grows.
const CAPACITY: usize = 64 * 1024;

/// Collects the bytes of a frame.
#[derive(Debug)]
pub struct Painter {
    size: Size,
    clear: bool,
    bytes: String,
    /// The cells with the first half of a wide character, so that a narrow one in its place clears the second half: not
    /// every terminal does.
    wide: HashSet<(u16, u16)>,
}

impl Painter {
    /// A painter for a clear terminal of this size with no colour or attribute set.
    pub fn new(size: Size) -> Self {
        Self { size, clear: false, bytes: String::with_capacity(CAPACITY), wide: HashSet::new() }
    }

    /// Sets a new size; ratatui applies it with its next frame or `resize`.
    pub fn set_size(&mut self, size: Size) {
        self.size = size;
    }

    /// The bytes painted since the last [`Painter::wipe`]; empty if nothing changed.
    pub fn painted(&self) -> &str {
        &self.bytes
    }

    /// Clears the painted bytes after they are written.
    pub fn wipe(&mut self) {
        self.bytes.clear();
    }

    fn say(&mut self, sequence: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.bytes.write_fmt(sequence);
    }

    /// Clears the cell that held the second half of a wide character.
    fn blank(&mut self, x: u16, y: u16, here: &mut Option<Position>, look: &mut CellStyle) {
        self.go_to(x, y, *here);
        if *look != CellStyle::default() {
            CellStyle::default().after(*look, &mut self.bytes);
            *look = CellStyle::default();
        }
        self.bytes.push(' ');
        *here = Some(Position { x: x.saturating_add(1), y });
    }

    fn go_to(&mut self, x: u16, y: u16, here: Option<Position>) {
        match here {
            Some(here) if here.y == y && here.x == x => {}
            // Send only the column: this is right even if the terminal and ratatui disagree about a width.
            Some(here) if here.y == y => self.say(format_args!("\x1b[{}G", x + 1)),
            _ => self.say(format_args!("\x1b[{};{}H", y + 1, x + 1)),
        }
    }
}

impl Backend for Painter {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        if std::mem::take(&mut self.clear) {
            self.bytes.push_str("\x1b[2J");
            self.wide.clear();
        }
        let mut look = CellStyle::default();
        // The cursor's position: the row is certain; the column too, unless it is beyond the row.
        let mut here: Option<Position> = None;
        let mut orphan: Option<(u16, u16)> = None;
        for (x, y, cell) in content {
            if let Some((column, row)) = orphan.take().filter(|orphan| *orphan != (x, y)) {
                self.blank(column, row, &mut here, &mut look);
            }
            self.go_to(x, y, here);
            let wanted = CellStyle::of(cell);
            if wanted != look {
                wanted.after(look, &mut self.bytes);
                look = wanted;
            }
            let symbol = cell.symbol();
            self.bytes.push_str(symbol);
            // Terminals disagree about the width of clusters, so the next cell sends its column.
            let advance = if symbol.chars().nth(1).is_none() { 1 } else { self.size.width };
            here = Some(Position { x: x.saturating_add(advance), y });
            if !symbol.is_ascii() && width(symbol) > 1 {
                self.wide.insert((x, y));
            } else if self.wide.remove(&(x, y)) && x + 1 < self.size.width {
                orphan = Some((x + 1, y));
            }
        }
        if let Some((column, row)) = orphan {
            self.blank(column, row, &mut here, &mut look);
        }
        if look != CellStyle::default() {
            self.bytes.push_str("\x1b[m");
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, _position: P) -> Result<(), Infallible> {
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.clear = true;
        Ok(())
    }

    fn clear_region(&mut self, _region: ClearType) -> Result<(), Infallible> {
        // The whole screen is ours, so ratatui never clears less than that.
        self.clear()
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// The appearance of a cell, without the colour of underlines: no theme uses one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct CellStyle {
    foreground: Color,
    background: Color,
    modifier: Modifier,
}

/// Each attribute with the code that sets it and the code that ends it.
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl CellStyle {
    fn of(cell: &Cell) -> Self {
        Self { foreground: cell.fg, background: cell.bg, modifier: cell.modifier }
    }

    /// Writes the shortest sequence that changes `before` into this.
    fn after(self, before: Self, bytes: &mut String) {
        if self == Self::default() {
            bytes.push_str("\x1b[m");
            return;
        }
        let (mut changed, mut afresh) = (String::new(), String::new());
        let mut kept = before.modifier;
        for (modifier, _, off) in ATTRIBUTES {
            if kept.contains(modifier) && !self.modifier.contains(modifier) {
                say_code(&mut changed, off);
                // One code can end two attributes; the one still needed is set again below.
                for (shared, _, same) in ATTRIBUTES {
                    kept.set(shared, kept.contains(shared) && same != off);
                }
            }
        }
        self.say_modifiers(kept, &mut changed);
        self.say_colours(before, &mut changed);
        self.say_modifiers(Modifier::empty(), &mut afresh);
        self.say_colours(Self::default(), &mut afresh);
        if changed.len() <= afresh.len() + 2 {
            let _ = write!(bytes, "\x1b[{}m", changed.trim_end_matches(';'));
        } else {
            let _ = write!(bytes, "\x1b[0;{}m", afresh.trim_end_matches(';'));
        }
    }

    fn say_modifiers(self, kept: Modifier, codes: &mut String) {
        for (modifier, on, _) in ATTRIBUTES {
            if self.modifier.contains(modifier) && !kept.contains(modifier) {
                say_code(codes, on);
            }
        }
    }

    fn say_colours(self, before: Self, codes: &mut String) {
        if self.foreground != before.foreground {
            say_colour(codes, self.foreground, 30);
        }
        if self.background != before.background {
            say_colour(codes, self.background, 40);
        }
    }
}

fn say_code(codes: &mut String, code: u8) {
    let _ = write!(codes, "{code};");
}

/// Writes a colour; `base` is 30 for the foreground and 40 for the background.
fn say_colour(codes: &mut String, colour: Color, base: u8) {
    let bright = base + 60;
    let code = match colour {
        Color::Reset => base + 9,
        Color::Black => base,
        Color::Red => base + 1,
        Color::Green => base + 2,
        Color::Yellow => base + 3,
        Color::Blue => base + 4,
        Color::Magenta => base + 5,
        Color::Cyan => base + 6,
        Color::Gray => base + 7,
        Color::DarkGray => bright,
        Color::LightRed => bright + 1,
        Color::LightGreen => bright + 2,
        Color::LightYellow => bright + 3,
        Color::LightBlue => bright + 4,
        Color::LightMagenta => bright + 5,
        Color::LightCyan => bright + 6,
        Color::White => bright + 7,
        Color::Indexed(index) => {
            let _ = write!(codes, "{};5;{index};", base + 8);
            return;
        }
        Color::Rgb(red, green, blue) => {
            let _ = write!(codes, "{};2;{red};{green};{blue};", base + 8);
            return;
        }
    };
    say_code(codes, code);
}
