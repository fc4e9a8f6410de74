//! The style of a cell and the shortest sequence that changes one style into another. It does not know where a cell is.

use std::fmt::Write as _;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// The colours and attributes of a cell, without the colour of underlines: no theme uses one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CellStyle {
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

/// The attributes that show on a blank. Some terminals show blinking as a bright background.
const SHOWN_ON_BLANKS: Modifier = Modifier::UNDERLINED
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT);

impl CellStyle {
    pub(super) fn of(cell: &Cell) -> Self {
        Self { foreground: cell.fg, background: cell.bg, modifier: cell.modifier }
    }

    /// Whether a blank looks the same in both styles.
    pub(super) fn is_same_on_blanks(self, other: Self) -> bool {
        self == other
            || (self.background == other.background
                && !self.modifier.union(other.modifier).intersects(SHOWN_ON_BLANKS))
    }

    /// Writes the shortest sequence that changes `before` into this.
    pub(super) fn after(self, before: Self, bytes: &mut String) {
        if self == before {
            return;
        }
        if self == Self::default() {
            bytes.push_str("\x1b[m");
            return;
        }
        let start = bytes.len();
        bytes.push_str("\x1b[0;");
        self.say_modifiers(Modifier::empty(), bytes);
        self.say_colours(Self::default(), bytes);
        end(bytes);
        let middle = bytes.len();
        bytes.push_str("\x1b[");
        let mut kept = before.modifier;
        for (modifier, _, off) in ATTRIBUTES {
            if kept.contains(modifier) && !self.modifier.contains(modifier) {
                say_code(bytes, off);
                // One code can end two attributes; the one still needed is set again below.
                for (shared, _, same) in ATTRIBUTES {
                    kept.set(shared, kept.contains(shared) && same != off);
                }
            }
        }
        self.say_modifiers(kept, bytes);
        self.say_colours(before, bytes);
        end(bytes);
        if bytes.len() - middle <= middle - start {
            bytes.drain(start..middle);
        } else {
            bytes.truncate(middle);
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

/// Ends a sequence of codes. Each code has written a separator after it.
fn end(bytes: &mut String) {
    bytes.pop();
    bytes.push('m');
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
