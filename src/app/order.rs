//! What the panes show, and in which order.

use crate::domain::community::Role;

/// What the right pane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// The groups in no community, as far as known.
    #[default]
    Standalone,
    All,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    #[default]
    Name,
    /// Largest first: subgroups of a community, members of a group.
    Size,
    /// First the groups in which the number is an admin.
    Role,
    /// First the communities with the most room.
    Capacity,
}

impl SortBy {
    /// The next order for communities.
    #[must_use]
    pub fn next_of_communities(self) -> Self {
        match self {
            Self::Name => Self::Size,
            Self::Size => Self::Capacity,
            Self::Capacity | Self::Role => Self::Name,
        }
    }

    /// The next order for groups.
    #[must_use]
    pub fn next_of_groups(self) -> Self {
        match self {
            Self::Name => Self::Size,
            Self::Size => Self::Role,
            Self::Role | Self::Capacity => Self::Name,
        }
    }
}

/// Groups in which the number is an admin come first; those in which it is not come last.
pub(in crate::app) fn role_rank(role: Role) -> u8 {
    match role {
        Role::Admin => 0,
        Role::Unknown => 1,
        Role::Member => 2,
    }
}
