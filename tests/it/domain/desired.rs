//! What the entries of a file mean.

use std::sync::Arc;

use synod::domain::{
    desired::{Desired, Given, Section},
    directory::Directory,
    lookup::Accept,
    plan::{Origin, Want},
};

use crate::support::domain::{community, listing};

/// An unnamed group that is listed in two communities gets one wish, so that a plan and a comparison mean the same one.
#[test]
fn a_group_that_does_not_belong_in_either_of_two_communities_gets_one_wish() {
    let mut directory = Directory::default();
    directory.take_listing(&Arc::new(listing("100001", &["500001", "500002"])));
    directory.take_listing(&Arc::new(listing("100002", &["500002", "500003"])));
    let given = |line, text: &str| Given { line, readings: vec![text.to_owned()] };
    let section = |line, text: &str| Section {
        instance: None,
        community: Some(given(line, &format!("{text}@g.us"))),
        groups: Vec::new(),
        is_only: true,
    };
    let sections = [section(1, "100001"), section(2, "100002")];
    let mut desired = Desired::of(&sections, &directory, Accept::Whole, |_| None);
    assert!(desired.is_complete(), "{desired:?}");
    assert_eq!(desired.unlink_others(&directory), []);
    let wishes: Vec<_> = desired.wishes.iter().map(|wish| (wish.group.bare(), &wish.from)).collect();
    let (first, second) = (Origin::Only(community("100001")), Origin::Only(community("100002")));
    assert_eq!(wishes, [("500001", &first), ("500002", &first), ("500003", &second)]);
    assert!(desired.wishes.iter().all(|wish| wish.want == Want::InNone));
}
