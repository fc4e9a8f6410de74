//! What a task wants for each marked group.

use synod::domain::{
    instance::InstanceKey,
    name::Name,
    plan::{Earlier, Mark, Origin, Request, Step, Task, Verb, Want, Wish},
};

use crate::support::domain::{community, group, link, unlink};

fn mark(text: &str, source: Option<&str>) -> Mark {
    Mark { group: group(text), name: Name::new(text), source: source.map(community) }
}

fn request(task: &Task) -> Request {
    Request::new(InstanceKey::new("i"), task, vec![mark("g", Some("a")), mark("h", None)])
}

#[test]
fn a_group_is_taken_only_from_where_it_was_marked() {
    let of = |task: &Task, source| {
        let wish = Wish::of(task, mark("g", source));
        (wish.want, wish.from)
    };
    let (a, b) = (community("a"), community("b"));
    let there = Origin::Only(a);
    assert_eq!(of(&Task::Link(b.clone()), Some("a")), (Want::In(b.clone()), Origin::Nowhere));
    assert_eq!(of(&Task::Move(b.clone()), Some("a")), (Want::In(b.clone()), there.clone()));
    assert_eq!(of(&Task::Move(b.clone()), None), (Want::In(b), Origin::Anywhere));
    assert_eq!(of(&Task::Unlink, Some("a")), (Want::InNone, there));
    assert_eq!(of(&Task::Unlink, None), (Want::InNone, Origin::Anywhere));
    assert_eq!(of(&Task::Leave, Some("a")), (Want::Left, Origin::Anywhere));
    assert_eq!(of(&Task::Rejoin, Some("a")), (Want::Member, Origin::Anywhere));
}

#[test]
fn each_task_has_its_verb_its_steps_and_its_communities() {
    let b = community("b");
    let of = |task: &Task| {
        let request = request(task);
        let wish = &request.wishes[0];
        let ends = (wish.source().cloned(), wish.target().cloned());
        (request.verb, wish.steps(), ends, wish.is_about_place(), wish.moves())
    };
    let (from, to) = (Some(community("a")), Some(b.clone()));
    assert_eq!(of(&Task::Link(b.clone())), (Verb::Link, vec![link("b")], (None, to.clone()), true, false));
    assert_eq!(
        of(&Task::Move(b)),
        (Verb::Move, vec![unlink("a"), link("b")], (from.clone(), to), true, true)
    );
    assert_eq!(of(&Task::Unlink), (Verb::Unlink, vec![unlink("a")], (from, None), true, false));
    assert_eq!(of(&Task::Leave), (Verb::Leave, vec![Step::Leave], (None, None), false, false));
    assert_eq!(of(&Task::Rejoin), (Verb::Rejoin, vec![Step::Join], (None, None), false, false));
}

#[test]
fn leaving_a_community_is_about_that_community_and_not_about_a_group() {
    let request = Request::leave_community(InstanceKey::new("i"), community("a"));
    assert!(request.leaves_community());
    assert_eq!((request.verb, request.target()), (Verb::Leave, Some(&community("a"))));
    let wish = &request.wishes[0];
    assert_eq!((&wish.group, wish.target()), (&group("a"), None));
    assert_eq!(wish.steps(), [Step::LeaveCommunity(community("a"))]);
    assert!(!wish.is_about_place() && !wish.moves());
    assert!(!self::request(&Task::Leave).leaves_community());
}

#[test]
fn a_request_has_a_target_only_if_all_its_wishes_share_it() {
    let mut request = request(&Task::Link(community("b")));
    assert_eq!(request.target(), Some(&community("b")));
    request.wishes[1].want = Want::In(community("c"));
    assert_eq!(request.target(), None);
    request.wishes[1].want = Want::InNone;
    assert_eq!(request.target(), None);
    request.wishes.clear();
    assert_eq!(request.target(), None);
}

#[test]
fn another_target_changes_only_the_groups_that_are_linked() {
    let mut request = request(&Task::Move(community("b")));
    request.wishes[1].want = Want::InNone;
    let groups = request.wishes.iter().map(|wish| wish.group.clone()).collect();
    request.retarget(&groups, &community("c"));
    let wants: Vec<_> = request.wishes.iter().map(|wish| wish.want.clone()).collect();
    assert_eq!(wants, [Want::In(community("c")), Want::InNone]);
    assert_eq!(request.wishes[0].source(), Some(&community("a")), "it is still taken from there");
}

#[test]
fn only_an_earlier_operation_that_sent_something_counts_as_sent() {
    let mut wish = request(&Task::Unlink).wishes.remove(0);
    assert!(!wish.was_sent());
    wish.earlier = Some(Earlier::default());
    assert!(!wish.was_sent());
    wish.earlier = Some(Earlier { sent_before: true, ..Earlier::default() });
    assert!(wish.was_sent());
}

#[test]
fn the_first_wish_of_a_group_counts() {
    let marks = vec![mark("g", Some("a")), mark("h", None), mark("g", Some("b"))];
    let request = Request::new(InstanceKey::new("i"), &Task::Unlink, marks);
    let wishes = request.wishes_by_group();
    assert_eq!(wishes.len(), 2);
    assert_eq!(wishes[&group("g")].source(), Some(&community("a")));
}
