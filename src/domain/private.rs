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

/// Whether a text has the form that people give to environment variables.
pub fn is_like_a_variable(text: &str) -> bool {
    let shape = text.bytes().all(|byte| byte == b'_' || byte.is_ascii_uppercase() || byte.is_ascii_digit());
    shape && (text.contains('_') || !text.bytes().any(|byte| byte.is_ascii_digit()))
}

/// Whether a text that should name a program, a file or a variable may be a secret in the wrong place: one long word.
pub fn may_be_token(text: &str) -> bool {
    const SHORTEST: usize = 12;
    text.len() >= SHORTEST && !text.contains(['/', '.', ' ']) && !is_like_a_variable(text)
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(***)")
    }
}
