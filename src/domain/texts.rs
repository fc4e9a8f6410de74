//! Many texts in one buffer: a column of a table that may have a hundred thousand rows.

use serde::{Deserialize, Serialize};

/// Texts, one after the other in one buffer, by position.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Texts {
    text: String,
    /// Where each text ends in the buffer.
    ends: Vec<u32>,
}

impl Texts {
    /// Without texts, with room for this many of this many bytes together.
    pub fn with_capacity(count: usize, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ends: Vec::with_capacity(count) }
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no texts.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The number of bytes of all texts together.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The text at a position; empty without one.
    pub fn get(&self, at: usize) -> &str {
        let Some(end) = self.ends.get(at) else { return "" };
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start as usize..*end as usize).unwrap_or_default()
    }

    /// All texts in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        self.push_with(|buffer| buffer.push_str(text));
    }

    /// Adds the text that `write` appends to the buffer.
    pub fn push_with(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// Whether each text lies in the buffer: false if the value came from a file that somebody changed.
    pub fn is_sound(&self) -> bool {
        let bytes = self.text.as_bytes();
        let mut start = 0;
        for end in &self.ends {
            if *end < start || !self.text.is_char_boundary(*end as usize) {
                return false;
            }
            start = *end;
        }
        start as usize == bytes.len()
    }
}
