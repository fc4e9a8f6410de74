//! What an item changes: where its group comes from and where it goes. Derived from the item's steps; it does not know names.

use super::{Head, Row, Step};
use crate::domain::{
    community::Parent, directory::Directory, id::CommunityId, operation::Item, outcome::Outcome,
};

/// The change that the steps of an item make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// The group goes from one place to another.
    Place { from: GroupPlace<'a>, to: GroupPlace<'a> },
    /// The number leaves it.
    Leave,
    /// The number joins it again.
    Join,
}

/// Where a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupPlace<'a> {
    In(&'a CommunityId),
    Nowhere,
    /// The steps do not say.
    Unknown,
}

impl<'a> Change<'a> {
    /// The change that these steps make; `None` if there are none.
    pub fn of(steps: &'a [Step]) -> Option<Self> {
        Some(match steps {
            [Step::Unlink(from)] => Self::Place { from: GroupPlace::In(from), to: GroupPlace::Nowhere },
            [Step::Unlink(from), Step::Link(to)] => {
                Self::Place { from: GroupPlace::In(from), to: GroupPlace::In(to) }
            }
            [Step::Link(to)] => Self::Place { from: GroupPlace::Unknown, to: GroupPlace::In(to) },
            [Step::Leave | Step::LeaveCommunity(_)] => Self::Leave,
            [Step::Join] => Self::Join,
            _ => return None,
        })
    }

    /// The community that the group is taken out of.
    pub fn from(&self) -> Option<&'a CommunityId> {
        match self {
            Self::Place { from: GroupPlace::In(community), .. } => Some(community),
            _ => None,
        }
    }

    /// The community that the group is linked to.
    pub fn to(&self) -> Option<&'a CommunityId> {
        match self {
            Self::Place { to: GroupPlace::In(community), .. } => Some(community),
            _ => None,
        }
    }
}

impl Row {
    /// The change still to be made, whether the row is sent or not.
    pub fn planned_change(&self) -> Option<Change<'_>> {
        Change::of(self.steps.get(self.done..)?)
    }

    /// The change if the row is sent; `None` if it cannot be sent. If the steps only link the group, the directory, updated with
    /// the plan's readings, says whether the group is in no community now.
    pub fn change(&self, directory: &Directory) -> Option<Change<'_>> {
        if matches!(self.head, Head::Blocked | Head::AlreadySo | Head::LeftOut) {
            return None;
        }
        let change = self.planned_change()?;
        let Change::Place { from: GroupPlace::Unknown, to } = change else { return Some(change) };
        let is_in_none = directory.parent_of(&self.group).is_none()
            && directory.group(&self.group).is_some_and(|group| group.parent() == Parent::None);
        Some(Change::Place { from: if is_in_none { GroupPlace::Nowhere } else { GroupPlace::Unknown }, to })
    }
}

impl Item {
    /// The change that the item makes, or would have made; `None` if nothing was ever to be sent for it.
    pub fn change(&self) -> Option<Change<'_>> {
        let is_sent = !matches!(self.outcome, Some(Outcome::Blocked | Outcome::AlreadySo));
        Change::of(&self.steps).filter(|_| is_sent)
    }
}
