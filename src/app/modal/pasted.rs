//! The lines of a pasted list that could not be marked, in a window.

use crate::{
    app::{context::Context, modal::window::Window, scroll::Scroll},
    domain::{
        id::GroupId,
        lookup::{Candidate, LookupError},
        name::Name,
    },
};

/// The window after a paste in which some lines could not be marked.
#[derive(Clone, Debug)]
pub struct PastedWindow {
    /// How many groups were marked.
    pub marked: usize,
    /// The lines that were not marked, in the order of the list.
    pub left: Vec<NotMarked>,
    /// Whether the list of groups had not been read yet, so nothing could be found.
    pub is_unread: bool,
    /// The visible part of the text.
    pub scroll: Scroll,
}

impl NotMarked {
    /// The line, cleaned for display.
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
    /// It matches no group, or several.
    NotFound(LookupError<GroupId>),
    /// It matches a group that cannot be marked.
    CannotMark(Candidate<GroupId>),
}

impl Window for PastedWindow {
    fn context(&self) -> Context {
        Context::Page
    }

    fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        Some(&mut self.scroll)
    }
}
