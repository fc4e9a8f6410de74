//! An invite link: anyone who has it can enter the group, so it is a secret and is never displayed.

use std::fmt;

/// A group's invite link, or the code of one. It is never serialized, and its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteLink(Box<str>);

impl InviteLink {
    /// A link as the gateway gave it; `None` if it is blank.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.into()))
    }

    /// The link itself, only for the gateway and for its storage.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteLink(secret)")
    }
}
