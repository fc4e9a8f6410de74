//! Text from strangers: kept exactly, and cleaned once for showing.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A text that came from a server: exact for the record, cleaned for every screen, log and report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Name {
    exact: Arc<str>,
    shown: Arc<str>,
}

impl Name {
    /// Takes a text as the gateway gave it, and cleans it for showing.
    pub fn new(exact: &str) -> Self {
        let exact: Arc<str> = Arc::from(exact);
        Self { shown: Arc::clone(&exact), exact }
    }

    /// The text as the gateway gave it; only for the record and for JSON, where it is escaped.
    pub fn exact(&self) -> &str {
        &self.exact
    }

    /// The text made safe for a terminal; empty when nothing visible was left.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether cleaning changed anything.
    pub fn was_cleaned(&self) -> bool {
        self.exact != self.shown
    }
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
