//! An entry of the configuration that cannot be used, as the screen shows it. The other instances do not depend on it.

use crate::domain::{instance::EntryPlace, message::Message};

/// An entry of the configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenEntry {
    /// The operator's label for it, or its place in the configuration.
    pub title: String,
    /// Its place in the configuration, if it has a valid name.
    pub place: Option<EntryPlace>,
    /// Whether the form can show and change it.
    pub is_valid: bool,
    /// The gateway's own name, if it is known.
    pub gateway: Option<&'static str>,
    /// The fault, and how to fix it.
    pub why: Message,
}
