//! When a reading that lacks much of the previous one is suspect.

use std::sync::Arc;

use proptest::prelude::*;
use synod::domain::{
    community::{CommunityListing, Group, GroupKind, GroupList, Parent, Role, Subgroup},
    directory::Directory,
    id::{CommunityId, GroupId},
    name::Name,
    plan::Step,
    reading::Readings,
    time::Millis,
};

fn community() -> CommunityId {
    CommunityId::parse("9@g.us").unwrap()
}

fn group(number: usize) -> GroupId {
    GroupId::parse(&format!("5{number}@g.us")).unwrap()
}

fn listing(begun: i64, groups: impl IntoIterator<Item = usize>) -> Arc<CommunityListing> {
    let subgroup = |number| Subgroup { id: group(number), name: Name::new("Group") };
    Arc::new(CommunityListing {
        community: community(),
        name: None,
        begun: Millis(begun),
        announcements: Some(Subgroup { id: GroupId::parse("4@g.us").unwrap(), name: Name::new("News") }),
        subgroups: groups.into_iter().map(subgroup).collect(),
        is_cut: false,
    })
}

fn list(begun: i64, groups: impl IntoIterator<Item = usize>) -> Arc<GroupList> {
    let entry = |number| Group {
        id: group(number),
        name: Name::new("Group"),
        members: Some(3),
        role: Role::Admin,
        parent: Parent::Unknown,
        kind: GroupKind::Unknown,
    };
    let groups = groups.into_iter().map(entry).collect();
    Arc::new(GroupList { begun: Millis(begun), groups, skipped: 0, is_cut: false })
}

/// Whether the current listing and the current list of groups prove absence: both do, or neither.
fn proves_absence(directory: &Directory) -> bool {
    let held = directory.community(&community()).unwrap().listing.as_ref().unwrap();
    let list = directory.groups().unwrap();
    assert_eq!(held.proves_absence(), list.proves_absence());
    assert_eq!(directory.suspect().is_empty(), list.proves_absence());
    held.proves_absence()
}

/// Takes a listing and a list of groups that show the same groups. Returns whether they prove absence.
fn take(directory: &mut Directory, begun: i64, groups: impl IntoIterator<Item = usize> + Clone) -> bool {
    directory.take_listing(&listing(begun, groups.clone()));
    directory.take_groups(list(begun, groups));
    proves_absence(directory)
}

#[test]
fn a_suspect_reading_is_shown_and_proves_no_absence_until_another_agrees() {
    let mut directory = Directory::default();
    assert!(take(&mut directory, 1, 0..30), "there was none before");
    assert!(!take(&mut directory, 2, 0..26));
    assert_eq!(directory.size_of(directory.community(&community()).unwrap()), Some(26));
    directory.take_listing(&CommunityListing { is_cut: true, ..(*listing(2, 0..26)).clone() });
    directory.take_groups(Arc::clone(directory.groups().unwrap()));
    assert!(!proves_absence(&directory), "it is the same reading");
    assert!(take(&mut directory, 3, 0..26));
    assert!(take(&mut directory, 4, 0..26));
}

#[test]
fn the_return_of_all_groups_clears_it_and_of_some_does_not() {
    let mut directory = Directory::default();
    take(&mut directory, 1, 0..30);
    assert!(!take(&mut directory, 2, 0..5));
    assert!(!take(&mut directory, 3, 0..10), "one of both is wrong");
    assert!(!take(&mut directory, 4, 0..6), "and lacks more than the last");
    assert!(take(&mut directory, 5, 0..5), "one more may go");
    take(&mut directory, 6, 0..30);
    assert!(!take(&mut directory, 7, 0..5));
    assert!(take(&mut directory, 8, 0..28));
}

#[test]
fn groups_that_vanish_in_two_steps_are_doubted_twice() {
    let mut directory = Directory::default();
    take(&mut directory, 1, 0..30);
    assert!(!take(&mut directory, 2, 0..20));
    assert!(!take(&mut directory, 3, 0..10));
    assert!(take(&mut directory, 4, 0..10));
}

#[test]
fn groups_that_synod_removed_do_not_count() {
    let unlink = |directory: &mut Directory, groups: std::ops::Range<usize>| {
        groups.for_each(|number| directory.learn_sent(&Step::Unlink(community()), &group(number)));
    };
    let is_complete = |directory: &Directory| {
        directory.community(&community()).unwrap().listing.as_ref().unwrap().proves_absence()
    };
    let mut directory = Directory::default();
    directory.take_listing(&listing(1, 0..30));
    unlink(&mut directory, 0..20);
    directory.take_listing(&listing(2, 20..30));
    assert!(is_complete(&directory));
    (0..20).for_each(|number| directory.learn_sent(&Step::Link(community()), &group(number)));
    directory.take_listing(&listing(3, 0..30));
    directory.take_listing(&listing(4, 20..30));
    assert!(!is_complete(&directory), "they were linked again");

    let mut directory = Directory::default();
    take(&mut directory, 1, 0..30);
    (0..20).for_each(|number| directory.learn_sent(&Step::Leave, &group(number)));
    assert!(take(&mut directory, 2, 20..30), "they are gone from the community too");
    directory.learn_sent(&Step::LeaveCommunity(community()), &community().as_group());
    directory.take_groups(list(3, []));
    assert!(!directory.groups().unwrap().is_cut);
}

#[test]
fn disagreeing_readings_are_both_marked_and_agreeing_ones_are_not() {
    for (second, is_clear) in [(0..5, true), (0..9, false)] {
        let mut directory = Directory::default();
        take(&mut directory, 1, 0..30);
        let part = |begun, groups: std::ops::Range<usize>| {
            let mut part = Readings { groups: Some(Ok(list(begun, groups.clone()))), ..Readings::default() };
            part.communities.insert(community(), Ok(listing(begun, groups)));
            part
        };
        let mut readings = Readings { again: Some(Box::new(part(3, second))), ..part(2, 0..5) };
        directory.take_readings(&mut readings);
        let again = readings.again.as_deref().unwrap();
        for part in [&readings, again] {
            let listing = part.community(&community()).unwrap().as_ref().unwrap();
            assert_eq!((listing.is_cut, part.group_list().unwrap().is_cut), (!is_clear, !is_clear));
        }
        assert_eq!(proves_absence(&directory), is_clear);
    }
}

#[test]
fn a_directory_without_readings_remembers_the_earlier_ones() {
    let mut directory = Directory::default();
    take(&mut directory, 1, 0..30);
    let mut later = directory.unread();
    assert!(later.groups().is_none() && later.community(&community()).unwrap().listing.is_none());
    assert!(!take(&mut later, 2, 0..5));
    assert!(take(&mut later, 3, 0..5));
}

proptest! {
    #[test]
    fn property_a_few_groups_may_vanish_and_two_agreeing_readings_are_believed(
        size in 0_usize..80,
        gone in prop::collection::btree_set(0_usize..80, 0..40),
        more in 80_usize..90,
    ) {
        let gone: Vec<usize> = gone.into_iter().filter(|number| *number < size).collect();
        let left: Vec<usize> = (0..size).filter(|number| !gone.contains(number)).chain(80..more).collect();
        // An empty list of groups proves nothing by itself.
        prop_assume!(size > 0 && !left.is_empty());
        let mut directory = Directory::default();
        prop_assert!(take(&mut directory, 1, 0..size));
        let may_vanish = gone.len() <= 2 || gone.len() * 10 <= size;
        prop_assert_eq!(take(&mut directory, 2, left.clone()), may_vanish);
        prop_assert!(take(&mut directory, 3, left.clone()));
        prop_assert!(take(&mut directory, 4, (0..size).chain(80..more)), "what comes is never suspect");
    }
}
