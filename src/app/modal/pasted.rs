//! What of a pasted list could not be marked, in a window.

use crate::{
    app::scroll::Scroll,
    domain::{
        id::GroupId,
        lookup::{Candidate, LookupError},
        name::Name,
    },
};

/// The window after a paste of which something was not marked.
#[derive(Clone, Debug)]
pub struct PastedWindow {
    /// How many groups were marked.
    pub marked: usize,
    /// The lines that were not, in the order of the list.
    pub left: Vec<NotMarked>,
    /// Whether the list of groups was not read yet, so that nothing could be found.
    pub is_unread: bool,
    /// What part of it is on the screen.
    pub scroll: Scroll,
}

impl NotMarked {
    /// The line, cleaned for showing.
    pub fn given(&self) -> &Name {
        match self {
            Self::NotFound(LookupError::Unknown { given, .. } | LookupError::Ambiguous { given, .. }) => {
                given
            }
            Self::CannotMark(candidate) => &candidate.name,
        }
    }
}

/// A pasted line that marked nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMarked {
    /// It fits no group, or several.
    NotFound(LookupError<GroupId>),
    /// The group that it fits cannot be marked.
    CannotMark(Candidate<GroupId>),
}
