//! The shortest way of the cursor from one cell to another.

use std::fmt::{self, Write as _};

/// Where the terminal's cursor is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    /// The column; `None` after a character whose width is in doubt. The row is certain, because no line wraps.
    pub(super) x: Option<usize>,
    pub(super) y: usize,
    /// How many columns further to the right some terminals may have it, because they show ambiguous symbols as wide.
    pub(super) drift: usize,
}

/// A way to a cell: first into its row, then within the row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    down: Down,
    across: Across,
}

#[derive(Debug, Clone, Copy)]
enum Down {
    Stay,
    /// To the first column of a row further down. No row is below the last one, so nothing scrolls.
    Lines(usize),
    /// To the same column of a row further down.
    Rows(usize),
}

#[derive(Debug, Clone, Copy)]
enum Across {
    Stay,
    /// To a column and a row.
    Cell(usize, usize),
    Column(usize),
    Right(usize),
    Left(usize),
    /// By writing the cells from a column on: the column, and the number of bytes.
    Through(usize, usize),
}

impl Move {
    /// The shortest way to a cell of a screen of this width. `through` says how many bytes it takes to write the cells
    /// between a column and that cell.
    pub(super) fn shortest(
        cursor: Option<Cursor>,
        (x, y): (usize, usize),
        width: usize,
        through: impl Fn(usize) -> Option<usize>,
    ) -> Self {
        let anywhere = Self { down: Down::Stay, across: Across::Cell(x, y) };
        let Some(cursor) = cursor.filter(|cursor| cursor.y <= y) else { return anywhere };
        // In the last column, the terminal may have the cursor behind it or on it.
        let known = cursor.x.filter(|x| x + cursor.drift < width);
        let rows = y - cursor.y;
        let (way, down) = if rows == 0 {
            if known == Some(x) {
                return Self { down: Down::Stay, across: Across::Stay };
            }
            (Self { down: Down::Stay, across: Across::Column(x) }, Down::Stay)
        } else {
            (anywhere.or_across(Down::Lines(rows), 0, x, &through), Down::Rows(rows))
        };
        match known {
            Some(from) => way.or_across(down, from, x, &through),
            None => way,
        }
    }

    /// This way, or a shorter one through a known column.
    fn or_across(self, down: Down, from: usize, x: usize, through: impl Fn(usize) -> Option<usize>) -> Self {
        let across = match x.abs_diff(from) {
            0 => Across::Stay,
            columns if from < x => Across::Right(columns),
            columns => Across::Left(columns),
        };
        let way = self.or(Self { down, across });
        // Each cell takes at least one byte. In another row, a wide character may cover the first of them.
        if matches!(down, Down::Rows(_)) || from >= x || x - from >= way.len() {
            return way;
        }
        match through(from) {
            Some(bytes) => way.or(Self { down, across: Across::Through(from, bytes) }),
            None => way,
        }
    }

    fn or(self, other: Self) -> Self {
        if other.len() < self.len() { other } else { self }
    }

    fn len(self) -> usize {
        self.down.len() + self.across.len()
    }

    /// The column from which cells are written to come to the cell.
    pub(super) fn through(self) -> Option<usize> {
        if let Across::Through(from, _) = self.across { Some(from) } else { None }
    }

    /// How far to the right some terminals may have the cursor after it, before cells are written.
    pub(super) fn drift(self, before: Option<Cursor>) -> usize {
        match (self.down, self.across) {
            (Down::Lines(_), _) | (_, Across::Cell(..) | Across::Column(_)) => 0,
            _ => before.map_or(0, |cursor| cursor.drift),
        }
    }

    /// Writes the sequences, without the cells that are written to come to the cell.
    pub(super) fn say(self, bytes: &mut String) {
        // Writing to memory does not fail.
        let _ = self.down.say(bytes).and_then(|()| self.across.say(bytes));
    }
}

impl Down {
    fn len(self) -> usize {
        match self {
            Self::Stay => 0,
            Self::Lines(rows) => 1 + rows,
            Self::Rows(rows) => count_len(rows),
        }
    }

    fn say(self, bytes: &mut String) -> fmt::Result {
        match self {
            Self::Stay => Ok(()),
            Self::Lines(rows) => write!(bytes, "\r{:\n<rows$}", ""),
            Self::Rows(rows) => say_count(bytes, rows, 'B'),
        }
    }
}

impl Across {
    /// The bytes that it takes, with the cells that are written to come to the cell.
    fn len(self) -> usize {
        match self {
            Self::Stay => 0,
            Self::Cell(0, y) => count_len(y + 1),
            Self::Cell(x, y) => 4 + digits(y + 1) + digits(x + 1),
            Self::Column(x) => count_len(x + 1),
            Self::Left(columns @ 1..=3) => columns,
            Self::Right(columns) | Self::Left(columns) => count_len(columns),
            Self::Through(_, bytes) => bytes,
        }
    }

    fn say(self, bytes: &mut String) -> fmt::Result {
        match self {
            Self::Stay | Self::Through(..) => Ok(()),
            Self::Cell(0, y) => say_count(bytes, y + 1, 'H'),
            Self::Cell(x, y) => write!(bytes, "\x1b[{};{}H", y + 1, x + 1),
            Self::Column(x) => say_count(bytes, x + 1, 'G'),
            Self::Right(columns) => say_count(bytes, columns, 'C'),
            Self::Left(columns @ 1..=3) => write!(bytes, "{:\x08<columns$}", ""),
            Self::Left(columns) => say_count(bytes, columns, 'D'),
        }
    }
}

/// Writes a sequence with one number, which may be left out if it is one.
fn say_count(bytes: &mut String, count: usize, letter: char) -> fmt::Result {
    if count == 1 { write!(bytes, "\x1b[{letter}") } else { write!(bytes, "\x1b[{count}{letter}") }
}

/// How many bytes such a sequence has.
fn count_len(count: usize) -> usize {
    if count == 1 { 3 } else { 3 + digits(count) }
}

/// How many digits a number has that is not zero.
fn digits(number: usize) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_knows_its_length() {
        let numbers = [1, 2, 3, 4, 9, 10, 11, 99, 100, 250];
        let downs = numbers.iter().flat_map(|n| [Down::Lines(*n), Down::Rows(*n)]).chain([Down::Stay]);
        for down in downs {
            let columns = numbers.iter().flat_map(|n| {
                [Across::Column(n - 1), Across::Right(*n), Across::Left(*n), Across::Cell(n - 1, n * n)]
            });
            for across in columns.chain([Across::Stay, Across::Cell(0, 0), Across::Cell(9, 0)]) {
                let (way, mut bytes) = (Move { down, across }, String::new());
                way.say(&mut bytes);
                assert_eq!(way.len(), bytes.len(), "{way:?}: {bytes:?}");
            }
        }
    }
}
