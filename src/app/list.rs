//! A list with a cursor: the rows, the row under the cursor, and the part that fits on the screen.

use super::action::Motion;

/// Rows by id, already filtered and sorted. The cursor stays on its row when the rows change.
#[derive(Clone, Debug)]
pub struct List<Id> {
    rows: Vec<Id>,
    cursor: usize,
    offset: usize,
    height: usize,
    /// The row where a range was begun, and its index.
    anchor: Option<(Id, usize)>,
    /// Whether the cursor was moved. Until then it stays on the first row, even if rows are added before it.
    was_moved: bool,
}

impl<Id> Default for List<Id> {
    fn default() -> Self {
        Self { rows: Vec::new(), cursor: 0, offset: 0, height: 1, anchor: None, was_moved: false }
    }
}

impl<Id: Clone + PartialEq> List<Id> {
    /// The rows, in the order in which they are shown.
    pub fn rows(&self) -> &[Id] {
        &self.rows
    }

    /// The index of the row under the cursor; 0 in an empty list.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The row under the cursor.
    pub fn selected(&self) -> Option<&Id> {
        self.rows.get(self.cursor)
    }

    /// The index of the first visible row.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The visible rows, with their indices.
    pub fn visible(&self) -> impl Iterator<Item = (usize, &Id)> {
        self.rows.iter().enumerate().skip(self.offset).take(self.height)
    }

    /// Replaces the rows. The cursor stays on its row if that still exists, otherwise at its index.
    pub fn set_rows(&mut self, rows: Vec<Id>) {
        if self.was_moved
            && let Some(selected) = self.selected().cloned()
            && rows.get(self.cursor) != Some(&selected)
            && let Some(at) = rows.iter().position(|row| *row == selected)
        {
            self.offset = (self.offset + at).saturating_sub(self.cursor);
            self.cursor = at;
        }
        self.rows = rows;
        if let Some((anchor, at)) = &mut self.anchor
            && self.rows.get(*at) != Some(anchor)
        {
            match self.rows.iter().position(|row| row == anchor) {
                Some(now) => *at = now,
                None => self.anchor = None,
            }
        }
        self.settle();
    }

    /// Gives the rows their new ids; rows without one are removed. The cursor stays on its row.
    pub fn rename(&mut self, new: impl Fn(&Id) -> Option<Id>) {
        let renamed: Vec<Option<Id>> = self.rows.iter().map(new).collect();
        let before = |at: usize| renamed[..at].iter().flatten().count();
        let index = |at: usize| before(at.min(renamed.len()));
        (self.cursor, self.offset) = (index(self.cursor), index(self.offset));
        let anchor = self.anchor.take().and_then(|(_, at)| Some((renamed.get(at)?.clone()?, index(at))));
        self.anchor = anchor;
        self.rows = renamed.into_iter().flatten().collect();
        self.settle();
    }

    /// Sets the number of rows that fit on the screen.
    pub fn set_height(&mut self, height: usize) {
        self.height = height.max(1);
        self.settle();
    }

    /// Moves the cursor.
    pub fn go(&mut self, motion: Motion) {
        self.was_moved = true;
        let last = self.rows.len().saturating_sub(1);
        let half = (self.height / 2).max(1);
        self.cursor = match motion {
            Motion::Up => self.cursor.saturating_sub(1),
            Motion::Down => self.cursor + 1,
            Motion::PageUp => self.cursor.saturating_sub(self.height),
            Motion::PageDown => self.cursor + self.height,
            Motion::HalfPageUp => self.cursor.saturating_sub(half),
            Motion::HalfPageDown => self.cursor + half,
            Motion::First => 0,
            Motion::Last => last,
        };
        self.settle();
    }

    /// Moves the cursor to a row, if the row exists.
    pub fn select(&mut self, id: &Id) {
        if let Some(at) = self.rows.iter().position(|row| row == id) {
            self.was_moved = true;
            self.cursor = at;
            self.settle();
        }
    }

    /// Moves the cursor to the row with this index, if there is one.
    pub fn go_to(&mut self, at: usize) {
        if at < self.rows.len() {
            self.was_moved = true;
            self.cursor = at;
            self.settle();
        }
    }

    /// Scrolls by this many rows down or up. The cursor moves only if it would be out of sight.
    pub fn scroll(&mut self, down: bool, rows: usize) {
        let most = self.rows.len().saturating_sub(self.height);
        let offset = if down { self.offset + rows } else { self.offset.saturating_sub(rows) }.min(most);
        if offset != self.offset {
            self.was_moved = true;
            self.offset = offset;
            self.cursor = self.cursor.clamp(offset, offset + self.height - 1);
            self.settle();
        }
    }

    /// Moves the cursor to a visible line, counted from 0. Returns whether that line has a row.
    pub fn point(&mut self, line: usize) -> bool {
        let at = self.offset + line;
        let is_row = line < self.height && at < self.rows.len();
        if is_row {
            self.was_moved = true;
            self.cursor = at;
        }
        is_row
    }

    /// Moves the cursor to the first row.
    pub fn to_top(&mut self) {
        self.cursor = 0;
        self.settle();
    }

    /// Begins a range at the cursor.
    pub fn begin_range(&mut self) {
        self.anchor = self.selected().cloned().map(|row| (row, self.cursor));
    }

    /// Whether a range is begun.
    pub fn has_range(&self) -> bool {
        self.anchor.is_some()
    }

    /// Cancels the range.
    pub fn end_range(&mut self) {
        self.anchor = None;
    }

    /// The indices from the range's beginning to the cursor, in ascending order.
    pub fn range(&self) -> Option<std::ops::RangeInclusive<usize>> {
        let at = self.anchor.as_ref()?.1;
        Some(at.min(self.cursor)..=at.max(self.cursor))
    }

    /// Clamps the cursor to the rows and the offset to the cursor.
    fn settle(&mut self) {
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
        let most = self.rows.len().saturating_sub(self.height);
        let least = (self.cursor + 1).saturating_sub(self.height);
        self.offset = self.offset.min(most).clamp(least, self.cursor.max(least));
    }
}
