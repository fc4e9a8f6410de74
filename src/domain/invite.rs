//! An invite link: whoever has it can enter the group, so that it is a secret and shows itself to nobody.

use std::fmt;

/// A group's invite link, or the code of one. It is never serialized, and its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteLink(Box<str>);

impl InviteLink {
    /// A link as the gateway gave it; `None` when nothing is left of it.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.into()))
    }

    /// The link itself, for the gateway and for where it is kept, and for nobody else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteLink(secret)")
    }
}
