//! The roles that details give, beside those of the list of groups.

use std::{sync::Arc, time::Duration};

use synod::domain::{
    community::{Group, GroupDetails, GroupList, Role},
    directory::{Directory, KnownRole},
    id::GroupId,
    time::Millis,
};

use crate::support::domain::{community, details, entry, group, listing};

fn told(id: &str, role: Role) -> GroupDetails {
    GroupDetails { role, own_number_listed: Some(true), ..details(id) }
}

fn list(at: i64, groups: &[(&str, Role)]) -> Arc<GroupList> {
    let groups = groups.iter().map(|(id, role)| Group { role: *role, ..entry(id) }).collect();
    Arc::new(GroupList { begun: Millis(at), groups, skipped: 0, is_cut: false })
}

fn role(directory: &Directory, id: &str) -> Role {
    let by_id = directory.role_in(&group(id));
    if let Some(slot) = directory.slot(&group(id)) {
        assert_eq!(directory.role_at(slot), by_id);
    }
    by_id
}

#[test]
fn details_give_the_role_that_the_list_lacks() {
    let mut directory = Directory::default();
    directory.take_details(&told("b", Role::Admin), Millis(5));
    assert_eq!(role(&directory, "b"), Role::Admin, "before any list");
    directory.take_groups(list(10, &[("a", Role::Unknown), ("b", Role::Unknown)]));
    directory.take_details(&told("a", Role::Member), Millis(11));
    assert_eq!((role(&directory, "a"), role(&directory, "b")), (Role::Member, Role::Admin));
    // Other groups move these to other slots.
    directory.take_groups(list(20, &[("0", Role::Unknown), ("a", Role::Unknown), ("b", Role::Unknown)]));
    directory.take_listing(&listing("c", &["x"]));
    directory.take_details(&told("x", Role::Admin), Millis(21));
    directory.take_groups(list(30, &[("b", Role::Unknown), ("a", Role::Unknown)]));
    let roles = ["a", "b", "x", "0"].map(|id| role(&directory, id));
    assert_eq!(roles, [Role::Member, Role::Admin, Role::Admin, Role::Unknown]);
}

#[test]
fn the_newer_reading_counts() {
    let mut directory = Directory::default();
    directory.take_groups(list(10, &[("a", Role::Member)]));
    directory.take_details(&told("a", Role::Admin), Millis(5));
    assert_eq!(role(&directory, "a"), Role::Member, "the list is newer");
    directory.take_details(&told("a", Role::Admin), Millis(15));
    assert_eq!(role(&directory, "a"), Role::Admin);
    directory.take_details(&told("a", Role::Member), Millis(12));
    assert_eq!(role(&directory, "a"), Role::Admin, "older details");
    directory.take_groups(list(20, &[("a", Role::Member)]));
    assert_eq!(role(&directory, "a"), Role::Member, "a newer list says it");
    assert!(directory.roles_since(Millis(0)).is_empty());
}

#[test]
fn details_that_prove_nothing_give_no_role() {
    let mut directory = Directory::default();
    directory.take_groups(list(10, &[("a", Role::Unknown)]));
    let zero =
        GroupDetails { name: synod::domain::name::Name::new(""), members: None, ..told("a", Role::Member) };
    directory.take_details(&zero, Millis(11));
    assert_eq!(role(&directory, "a"), Role::Unknown, "a zero value");
    directory.take_details(&told("a", Role::Admin), Millis(12));
    directory.take_details(&details("a"), Millis(13));
    assert_eq!(role(&directory, "a"), Role::Admin, "the role was not in these details");
    let out = GroupDetails { own_number_listed: Some(false), ..details("a") };
    directory.take_details(&out, Millis(14));
    assert_eq!(role(&directory, "a"), Role::Unknown, "the number is not in the group");
    directory.take_details(&told("a", Role::Admin), Millis(15));
    directory.learn_left(&group("a"));
    assert_eq!(role(&directory, "a"), Role::Unknown);
}

#[test]
fn old_roles_are_forgotten() {
    let mut directory = Directory::default();
    let known = |id: &str, at: i64| KnownRole { group: group(id), role: Role::Admin, begun: Millis(at) };
    directory.learn_role(known("a", 10));
    directory.learn_role(known("b", 20));
    directory.forget_roles(Millis(10) + Duration::from_millis(1));
    assert_eq!((role(&directory, "a"), role(&directory, "b")), (Role::Unknown, Role::Admin));
    let since: Vec<GroupId> =
        directory.roles_since(Millis(20)).into_iter().map(|known| known.group).collect();
    assert_eq!(since, [group("b")]);
}

#[test]
fn the_role_in_a_community_is_that_of_its_group_or_of_its_announcement_group() {
    let mut directory = Directory::default();
    directory.take_listing(&listing("c", &["x"]));
    let role =
        |directory: &Directory| directory.role_in_community(directory.community(&community("c")).unwrap());
    assert_eq!(role(&directory), Role::Unknown);
    directory.take_details(&told("c-news", Role::Admin), Millis(5));
    assert_eq!(role(&directory), Role::Admin);
    directory.take_details(&told("c", Role::Member), Millis(6));
    assert_eq!(role(&directory), Role::Member);
}
