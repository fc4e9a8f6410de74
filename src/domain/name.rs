//! Text from strangers: kept exactly, and cleaned for display once, when it enters. It owns the pair of the two texts. The rules
//! of the cleaning are in `clean`; the words for an empty name are in `text`.

mod clean;
pub mod fold;
pub mod listed;
pub mod seen;
mod tables;

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

/// A text that came from a server: exact for the record, cleaned for every screen, log and report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(from = "String", into = "String")]
pub struct Name {
    exact: Arc<str>,
    shown: Arc<str>,
}

impl Name {
    /// Takes a text as the gateway gave it, and cleans it for display.
    pub fn new(exact: &str) -> Self {
        let kept: Arc<str> = Arc::from(exact);
        if clean::is_plain(exact) {
            return Self { shown: Arc::clone(&kept), exact: kept };
        }
        let cleaned = clean::clean(exact);
        let shown = if cleaned == exact { Arc::clone(&kept) } else { Arc::from(cleaned) };
        Self { exact: kept, shown }
    }

    /// The text as the gateway gave it; only for the record and for JSON, which escapes it.
    pub fn exact(&self) -> &str {
        &self.exact
    }

    /// The text made safe for a terminal; empty if no visible character is left.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether cleaning changed anything.
    pub fn was_cleaned(&self) -> bool {
        !Arc::ptr_eq(&self.exact, &self.shown) && self.exact != self.shown
    }

    /// Whether the shown text contains right-to-left letters, which a terminal may reorder together with their neighbours: code
    /// that draws it must isolate it.
    pub fn has_right_to_left(&self) -> bool {
        !self.shown.is_ascii() && self.shown.chars().any(tables::is_right_to_left)
    }
}

/// Makes a text of several lines safe for a terminal: control characters are made visible or dropped. A text that was already
/// cleaned for display does not change.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(clean::line).collect::<Vec<_>>();
    Cow::Owned(lines.join("\n"))
}

/// Whether a character can be invisible in a text: one that cleaning drops, replaces or inserts, or a mark on the character
/// before it.
pub fn is_unseen(c: char) -> bool {
    !matches!(c, ' '..='~') && (clean::is_replaced(c) || tables::is_common_mark(c))
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.exact.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests;
