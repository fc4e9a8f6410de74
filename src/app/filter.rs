//! Which rows a filter lets through.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};
use tui_input::Input;

/// A filter that is typed and then kept. Each word has to stand somewhere in a row, without regard to accents; small letters match
/// both cases.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The text as it stands in the field.
    pub input: Input,
    /// Whether the field has the focus.
    pub is_open: bool,
}

impl Filter {
    /// Whether it hides anything.
    pub fn is_empty(&self) -> bool {
        self.input.value().trim().is_empty()
    }

    /// Forgets the text and closes the field.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Keeps, in their order, those whose text matches.
    pub fn keep<T>(&self, rows: Vec<T>, text: impl Fn(&T, &mut String)) -> Vec<T> {
        if self.is_empty() {
            return rows;
        }
        let pattern = Pattern::new(
            self.input.value(),
            CaseMatching::Smart,
            Normalization::Smart,
            // Scattered letters would let through what nobody meant, and all that is shown can be marked with one key.
            AtomKind::Substring,
        );
        let mut matcher = Matcher::new(Config::DEFAULT);
        let (mut buffer, mut haystack) = (Vec::new(), String::new());
        rows.into_iter()
            .filter(|row| {
                haystack.clear();
                text(row, &mut haystack);
                pattern.score(Utf32Str::new(&haystack, &mut buffer), &mut matcher).is_some()
            })
            .collect()
    }
}
