//! A text that is never displayed by accident: a pairing code, a phone number, the operator's input to find a community.

use std::fmt;

/// A text that is never serialized, and whose `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Private(Box<str>);

impl Private {
    /// A text without surrounding blanks; `None` if nothing is left.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.into()))
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(***)")
    }
}
