//! Which rows match a filter, and in which order.
//!
//! Every typed word must occur in the name, in any order. Names are compared in one folded form: ignoring case, and
//! ignoring accents unless they were typed. Matches at the beginning of the name come first, then matches at the
//! beginning of a word. With a leading `~`, the letters of a word need only occur in that order. A word of at least
//! four characters that contains a digit is also searched for in ids.

mod haystacks;
mod incremental;
mod terms;

use tui_input::Input;

pub use haystacks::{FewHaystacks, Haystacks};
pub use incremental::IncrementalFilter;
pub use terms::Terms;

/// A filter that is typed and then stays.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The text in the field.
    pub input: Input,
    /// Whether the field has the focus.
    pub is_open: bool,
}

impl Filter {
    /// Whether the filter hides nothing.
    pub fn is_empty(&self) -> bool {
        Terms::parse(self.input.value()).is_empty()
    }

    /// Clears the text and closes the field.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Keeps the rows whose name or id matches, best first, equal matches in their original order. An empty filter
    /// keeps all rows in order.
    pub fn keep<T>(&self, rows: Vec<T>, text: impl for<'a> Fn(&'a T) -> (&'a str, &'a str)) -> Vec<T> {
        if self.is_empty() {
            return rows;
        }
        let haystacks: FewHaystacks = rows.iter().map(text).collect();
        let places: Vec<u32> = (0_u32..).take(rows.len()).collect();
        let mut rows: Vec<Option<T>> = rows.into_iter().map(Some).collect();
        let mut filter = IncrementalFilter::default();
        let kept = filter.keep_matching(self.input.value(), &haystacks, &places);
        kept.iter().filter_map(|place| rows.get_mut(*place as usize)?.take()).collect()
    }

    /// The grapheme clusters of a name that matched, counted from 0, ascending.
    pub fn hits(&self, name: &str) -> Vec<u32> {
        let terms = Terms::parse(self.input.value());
        if terms.is_empty() { Vec::new() } else { terms.hits(name) }
    }
}
