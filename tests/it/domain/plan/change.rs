//! What a row and an item change: where the group comes from, and where it goes.

use synod::domain::{
    community::Parent,
    directory::Directory,
    id::CommunityId,
    outcome::Outcome,
    plan::{
        Head, Reason, Row, Step, Verb,
        change::{Change, GroupPlace},
    },
};

use super::{blocked, row, will_do};
use crate::support::domain::{community, directory, group, item, link, operation, order, unlink};

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
        let order = order(Verb::Leave, vec![item(&group("g"), vec![Step::Leave])]);
        let mut item = operation(7, order, []).items.remove(0);
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
