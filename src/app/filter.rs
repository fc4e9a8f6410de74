//! Which rows match a filter, and in which order.
//!
//! Every typed word must occur in the name, in any order. Names are compared in one folded form: ignoring case, and
//! ignoring accents unless they were typed. Matches at the beginning of the name come first, then matches at the
//! beginning of a word. With a leading `~`, the letters of a word need only occur in that order. A word of at least
//! four characters that contains a digit is also searched for in ids. In lists of communities and groups there are also terms
//! such as `is:full`: see `query`.

mod haystacks;
mod incremental;
mod query;
mod terms;

use tui_input::Input;

pub use haystacks::{FewHaystacks, Haystacks};
pub use incremental::{Facts, IncrementalFilter, Matches, NoFacts, Test};
pub use query::{Condition, Is, Problem, Query, Searched, begins_a_term, complete};
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
        self.keep_where(rows, text, (Searched::Names, &NoFacts)).0
    }

    /// The same for rows that have facts, by position. Also returns how many rows may match but lack a fact.
    pub fn keep_where<T>(
        &self,
        rows: Vec<T>,
        text: impl for<'a> Fn(&'a T) -> (&'a str, &'a str),
        (searched, facts): (Searched, &impl Facts),
    ) -> (Vec<T>, usize) {
        let query = self.query(searched);
        if query.is_empty() {
            return (rows, 0);
        }
        let haystacks: FewHaystacks = rows.iter().map(text).collect();
        let places: Vec<u32> = (0_u32..).take(rows.len()).collect();
        let mut rows: Vec<Option<T>> = rows.into_iter().map(Some).collect();
        let mut filter = IncrementalFilter::default();
        let Matches { rows: kept, unknown } = filter.keep_matching(query, &haystacks, facts, &places);
        let unknown = unknown.len();
        (kept.iter().filter_map(|place| rows.get_mut(*place as usize)?.take()).collect(), unknown)
    }

    /// What a row of this kind must fulfil.
    pub fn query(&self, searched: Searched) -> Query {
        Query::parse(self.input.value(), searched)
    }

    /// The grapheme clusters of a name that matched, counted from 0, ascending.
    pub fn hits(&self, name: &str) -> Vec<u32> {
        let Query { words, problem, .. } = self.query(Searched::Groups);
        if words.is_empty() || problem.is_some() { Vec::new() } else { words.hits(name) }
    }
}
