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
        if matches!(self.head, Head::Blocked | Head::AlreadySo) {
            return None;
        }
        let change = self.planned_change()?;
        let Change::Place { from: GroupPlace::Unknown, to } = change else { return Some(change) };
        let is_in_none = directory.parent_of(&self.group).is_none()
            && directory.group(&self.group).is_some_and(|group| group.parent == Parent::None);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        event::{Fate, OrderItem, SeenBefore},
        id::GroupId,
        name::Name,
        plan::{
            Reason,
            tests::{blocked, community, directory, link, row, unlink, will_do},
        },
    };

    #[test]
    fn both_sides_follow_from_the_steps() {
        let id = |digits: &str| CommunityId::parse(digits).unwrap();
        let (north, harbor) = (id("120363400000001001"), id("120363400000000001"));
        let (unlink, link) = (Step::Unlink(north.clone()), Step::Link(harbor.clone()));
        let place = |from, to| Some(Change::Place { from, to });
        let both = [unlink.clone(), link.clone()];
        assert_eq!(Change::of(&both), place(GroupPlace::In(&north), GroupPlace::In(&harbor)));
        assert_eq!(Change::of(&[unlink]), place(GroupPlace::In(&north), GroupPlace::Nowhere));
        assert_eq!(Change::of(&[link]), place(GroupPlace::Unknown, GroupPlace::In(&harbor)));
        assert_eq!(Change::of(&[Step::Leave]), Some(Change::Leave));
        assert_eq!(Change::of(&[Step::Join]), Some(Change::Join));
        assert_eq!(Change::of(&[]), None);
        let change = Change::of(&both).unwrap();
        assert_eq!((change.from(), change.to()), (Some(&north), Some(&harbor)));
    }

    #[test]
    fn only_the_ends_that_are_communities_are_named() {
        let ends = |steps: &[Step]| {
            let change = Change::of(steps).unwrap();
            (change.from().cloned(), change.to().cloned())
        };
        assert_eq!(ends(&[unlink("a")]), (Some(community("a")), None));
        assert_eq!(ends(&[link("b")]), (None, Some(community("b"))));
        assert_eq!(ends(&[Step::Leave]), (None, None));
        assert_eq!(Change::of(&[Step::LeaveCommunity(community("a"))]), Some(Change::Leave));
    }

    #[test]
    fn a_row_that_cannot_be_sent_changes_nothing_but_still_says_what_it_would_change() {
        let nothing_known = Directory::default();
        let steps = || vec![unlink("a")];
        let change = Some(Change::Leave);
        assert_eq!(will_do("g", vec![Step::Leave]).change(&nothing_known), change);
        let blocked = blocked("g", steps(), Reason::LastSubgroup);
        assert_eq!(blocked.change(&nothing_known), None);
        assert_eq!(blocked.planned_change().and_then(|change| change.from()), Some(&community("a")));
        let already_so = row("g", steps(), Head::AlreadySo, vec![Reason::NotIn]);
        assert_eq!(already_so.change(&nothing_known), None);
    }

    #[test]
    fn the_rest_of_a_move_only_links() {
        let mut row = will_do("g", vec![unlink("a"), link("b")]);
        let ends = |row: &Row| {
            let change = row.planned_change().unwrap();
            (change.from().cloned(), change.to().cloned())
        };
        assert_eq!(ends(&row), (Some(community("a")), Some(community("b"))));
        row.done = 1;
        assert_eq!(ends(&row), (None, Some(community("b"))));
        row.done = 2;
        assert_eq!(row.planned_change(), None);
    }

    #[test]
    fn a_link_starts_in_no_community_only_if_the_list_says_so() {
        let row = will_do("g", vec![link("b")]);
        let to = community("b");
        let from = |from| Some(Change::Place { from, to: GroupPlace::In(&to) });
        assert_eq!(row.change(&Directory::default()), from(GroupPlace::Unknown));
        assert_eq!(row.change(&directory(Parent::Unknown)), from(GroupPlace::Unknown));
        assert_eq!(row.change(&directory(Parent::None)), from(GroupPlace::Nowhere));
        assert_eq!(row.change(&directory(Parent::Community(community("a")))), from(GroupPlace::Unknown));
    }

    #[test]
    fn an_item_for_which_nothing_was_to_be_sent_changes_nothing() {
        let with = |outcome| {
            let mut item = Item::from_order(OrderItem {
                group: GroupId::parse("g@g.us").unwrap(),
                name: Name::new("g"),
                steps: vec![Step::Leave],
                done: 0,
                fate: Fate::Send,
                reason: None,
                evidence: SeenBefore::default(),
                sent_before: false,
            });
            item.outcome = outcome;
            item.change().is_some()
        };
        assert!(with(None));
        for outcome in Outcome::ALL {
            assert_eq!(
                with(Some(outcome)),
                !matches!(outcome, Outcome::Blocked | Outcome::AlreadySo),
                "{outcome:?}"
            );
        }
    }
}
