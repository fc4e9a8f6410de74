//! Turns a drawn frame into as few bytes as possible for the terminal, because every byte travels over someone's slow
//! line. It knows what the terminal shows, and collects the bytes in memory; the owner of the terminal writes them.
//!
//! It sends only what every terminal does alike, queries nothing, and never shows the cursor: text fields draw their own.
//! Terminals disagree about the widths of clusters, so the text after a cluster begins with its column.

mod moves;
mod style;

use std::mem;

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::{Rect, Size};

use self::moves::{Cursor, Move};
use self::style::CellStyle;
use crate::text::width::{is_half_flag, most_cells};

/// Frames are seldom larger, so the buffer rarely grows.
const CAPACITY: usize = 64 * 1024;

/// Clears the rest of the row.
const CLEAR_REST: &str = "\x1b[K";

/// Paints one frame after the other.
#[derive(Debug)]
pub struct Painter {
    /// What the terminal shows; blanks may have another style that looks the same.
    shown: Buffer,
    /// Whether the terminal shows something else, and must be cleared first.
    is_stale: bool,
    bytes: String,
}

impl Painter {
    /// A painter for a clear terminal of this size with no colour or attribute set.
    pub fn new(size: Size) -> Self {
        Self {
            shown: Buffer::empty(Rect::from(size)),
            is_stale: false,
            bytes: String::with_capacity(CAPACITY),
        }
    }

    /// Lets the next frame clear the terminal and paint everything.
    pub fn forget(&mut self) {
        self.shown.reset();
        self.is_stale = true;
    }

    /// The bytes that make the terminal show this frame; empty if it shows it already. Takes the frame, and leaves a
    /// blank buffer of its size.
    pub fn paint(&mut self, frame: &mut Buffer) -> &str {
        self.bytes.clear();
        if frame.area != self.shown.area {
            self.shown.resize(frame.area);
            self.forget();
        }
        if mem::take(&mut self.is_stale) {
            // Another program may have left a colour, with which some terminals clear.
            self.bytes.push_str("\x1b[m\x1b[2J");
        }
        let mut pen = Pen { bytes: &mut self.bytes, style: CellStyle::default(), cursor: None };
        let width = usize::from(frame.area.width).max(1);
        let rows = self.shown.content.chunks(width).zip(frame.content.chunks(width));
        for (y, (shown, wanted)) in rows.enumerate() {
            pen.row(y, shown, wanted);
        }
        CellStyle::default().after(pen.style, pen.bytes);
        mem::swap(&mut self.shown, frame);
        frame.reset();
        &self.bytes
    }
}

/// Writes cells, and knows the terminal's style and cursor.
struct Pen<'a> {
    bytes: &'a mut String,
    style: CellStyle,
    /// `None` before the first cell, and if the cursor may be beyond its row, where terminals differ.
    cursor: Option<Cursor>,
}

impl Pen<'_> {
    /// Paints the cells of a row that have changed.
    fn row(&mut self, y: usize, shown: &[Cell], wanted: &[Cell]) {
        // The columns that a character further left covers, before and now, or may have overwritten.
        let (mut was_covered, mut is_covered, mut overwritten) = (0, 0, 0);
        let mut bare = None;
        for (x, (before, cell)) in shown.iter().zip(wanted).enumerate() {
            let is_half = x < was_covered;
            if !is_half {
                was_covered = x + cells(before);
            }
            if x < is_covered {
                continue;
            }
            let is_same = !is_half && looks_same(before, cell);
            is_covered = if is_same { was_covered } else { x + cells(cell) };
            if is_same && x >= overwritten {
                continue;
            }
            if x >= *bare.get_or_insert_with(|| bare_from(wanted)) {
                let changed =
                    bare_from(shown).max(was_covered).max(overwritten).min(shown.len()).saturating_sub(x);
                if changed > CLEAR_REST.len() {
                    self.go_to(x, y, wanted);
                    self.bytes.push_str(CLEAR_REST);
                    return;
                }
            }
            self.go_to(x, y, wanted);
            if is_cluster(symbol(cell)) {
                self.clear(x, y, shown, wanted, is_half || x < overwritten);
                overwritten = overwritten.max(x + most_cells(symbol(cell)));
            }
            self.put(cell, x, y);
        }
    }

    /// Clears the cells of a cluster if they show anything, or may do so: not every terminal gives it all of them.
    fn clear(&mut self, x: usize, y: usize, shown: &[Cell], wanted: &[Cell], may_show: bool) {
        let end = (x + cells(&wanted[x])).min(wanted.len());
        if may_show || shown[x..end].iter().any(|cell| !looks_same(cell, &Cell::EMPTY)) {
            for column in x..end {
                self.put(&Cell::EMPTY, column, y);
            }
            self.go_to(x, y, wanted);
        }
    }

    /// Moves the cursor to a cell that is written next, and sets the style for it.
    fn go_to(&mut self, x: usize, y: usize, row: &[Cell]) {
        let next = if suits(self.style, &row[x]) { self.style } else { CellStyle::of(&row[x]) };
        let way = Move::shortest(self.cursor, (x, y), row.len(), |from| self.through(&row[from..x], next));
        way.say(self.bytes);
        let from = way.through().unwrap_or(x);
        self.cursor = Some(Cursor { x: Some(from), y, drift: way.drift(self.cursor) });
        for (column, cell) in (from..x).zip(&row[from..x]) {
            if !suits(self.style, cell) {
                self.set(next);
            }
            self.put(cell, column, y);
        }
        self.set(next);
    }

    /// Writes the symbol of a cell at the cursor, which is in this column.
    fn put(&mut self, cell: &Cell, x: usize, y: usize) {
        self.bytes.push_str(symbol(cell));
        let most = self.cursor.map_or(0, |cursor| cursor.drift) + most_cells(symbol(cell));
        self.cursor = Some(if is_narrow(cell) {
            Cursor { x: Some(x + 1), y, drift: most - 1 }
        } else {
            Cursor { x: None, y, drift: 0 }
        });
    }

    /// How many bytes it takes to write these unchanged cells, if the pen can do it in its style and then in the next.
    fn through(&self, gap: &[Cell], next: CellStyle) -> Option<usize> {
        let mut style = self.style;
        let mut bytes = 0;
        for cell in gap {
            if !suits(style, cell) {
                style = next;
            }
            if !suits(style, cell) || !is_narrow(cell) {
                return None;
            }
            bytes += symbol(cell).len();
        }
        Some(bytes)
    }

    fn set(&mut self, style: CellStyle) {
        style.after(self.style, self.bytes);
        self.style = style;
    }
}

fn symbol(cell: &Cell) -> &str {
    match cell.symbol() {
        "" => " ",
        symbol => symbol,
    }
}

fn cells(cell: &Cell) -> usize {
    if cell.symbol().len() <= 1 { 1 } else { usize::from(cell.cell_width()).max(1) }
}

fn is_blank(cell: &Cell) -> bool {
    symbol(cell) == " "
}

/// Whether terminals disagree about the width of a symbol: it has several characters, or is half a flag.
fn is_cluster(symbol: &str) -> bool {
    symbol.len() > 1 && (symbol.chars().nth(1).is_some() || symbol.starts_with(is_half_flag))
}

fn is_narrow(cell: &Cell) -> bool {
    !is_cluster(cell.symbol()) && cells(cell) == 1
}

/// Whether a cell looks as it should if it is written in this style.
fn suits(style: CellStyle, cell: &Cell) -> bool {
    let own = CellStyle::of(cell);
    style == own || (is_blank(cell) && style.is_same_on_blanks(own))
}

fn looks_same(one: &Cell, other: &Cell) -> bool {
    one == other || (symbol(one) == symbol(other) && suits(CellStyle::of(one), other))
}

/// The column from which a row is blank, as after clearing it.
fn bare_from(row: &[Cell]) -> usize {
    row.iter().rposition(|cell| !looks_same(cell, &Cell::EMPTY)).map_or(0, |last| last + 1)
}
