//! An invite link: anyone who has it can enter the group, so it is a secret and is never displayed.

use std::{collections::BTreeSet, fmt};

use super::id::GroupId;

/// A group's invite link, or the code of one. It is never serialized, and its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteLink(Box<str>);

/// Which groups of an instance have a stored invite link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredLinks {
    /// The groups whose link can be used.
    pub open: BTreeSet<GroupId>,
    /// The groups whose link this process cannot decrypt.
    pub closed: BTreeSet<GroupId>,
    /// Whether this process has a key, or needs none.
    pub has_key: bool,
}

/// Groups that cannot be rejoined, because their stored links do not open here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedLinks {
    pub count: usize,
    /// Whether this process has a key.
    pub has_key: bool,
}

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
