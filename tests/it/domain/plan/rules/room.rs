//! Groups that leave a community make room for others, and all groups of a community may be exchanged.

use synod::domain::plan::{Want, Wish};

use super::*;

/// A plan that puts groups into communities, or into none, wherever they are now.
fn placed(wishes: &[(&str, Option<&str>)], limit: usize) -> Case {
    Case::new(Verb::Move, &[]).on_zapi().with(|case| {
        case.limit = limit;
        let wish = |(group, place): &(&str, Option<&str>)| Wish {
            group: id(group),
            name: Name::new(group),
            want: place.map_or(Want::InNone, |place| Want::In(community(place))),
            from: Origin::Anywhere,
            earlier: None,
        };
        case.request.wishes = wishes.iter().map(wish).collect();
        for name in ["harbor", "north"] {
            case.directory.take_listing(case.readings.communities[&community(name)].as_ref().unwrap());
        }
    })
}

fn rows(plan: &Plan) -> Vec<(&str, Head)> {
    plan.rows.iter().map(|row| (row.name.exact(), row.head)).collect()
}

#[test]
fn a_group_that_leaves_a_full_community_makes_room_and_comes_first() {
    use Head::{Blocked, WillDo};
    // Harbor is full with a and b.
    let plan = placed(&[("s", Some("harbor")), ("t", Some("harbor")), ("a", Some("north"))], 2).plan();
    assert_eq!(rows(&plan), [("a", WillDo), ("t", Blocked), ("s", WillDo)]);
    assert_eq!(plan.capacity_after(&community("harbor")).unwrap().1, 2);
    assert_eq!(plan.rows[1].reasons, [Reason::OverLimit]);
    // Where everything fits in the order of the operator, it stays.
    let plan = placed(&[("s", Some("harbor")), ("a", Some("north"))], 3).plan();
    assert_eq!(rows(&plan), [("s", WillDo), ("a", WillDo)]);
}

#[test]
fn each_link_of_a_chain_waits_for_the_room_that_another_makes() {
    use Head::WillDo;
    let plan = placed(&[("s", Some("north")), ("n", Some("harbor")), ("a", None)], 2)
        .with(|case| {
            case.readings.communities.insert(community("north"), Ok(listing("north", &["n", "t"])));
        })
        .plan();
    assert_eq!(rows(&plan), [("a", WillDo), ("n", WillDo), ("s", WillDo)]);
}

#[test]
fn two_full_communities_cannot_swap_groups() {
    let plan = placed(&[("a", Some("north")), ("n", Some("harbor"))], 2)
        .with(|case| {
            case.readings.communities.insert(community("north"), Ok(listing("north", &["n", "t"])));
        })
        .plan();
    assert_eq!(heads(&plan), [Head::Blocked, Head::Blocked]);
    assert!(plan.rows.iter().all(|row| row.reasons[0] == Reason::OverLimit), "{plan:#?}");
}

#[test]
fn leaving_out_a_group_that_makes_room_blocks_the_last_link_that_needs_it() {
    use Head::{Blocked, LeftOut, WillDo};
    let wishes = [("a", Some("north")), ("b", Some("north")), ("s", Some("harbor")), ("t", Some("harbor"))];
    let mut plan = placed(&wishes, 3).plan();
    assert_eq!(rows(&plan), [("a", WillDo), ("s", WillDo), ("b", WillDo), ("t", WillDo)]);
    plan.toggle(0);
    assert_eq!(heads(&plan), [LeftOut, WillDo, WillDo, WillDo], "there is room for one without it");
    plan.toggle(2);
    assert_eq!(heads(&plan), [LeftOut, WillDo, LeftOut, Blocked]);
    assert_eq!(plan.rows[3].reasons, [Reason::OverLimit]);
    plan.toggle(2);
    plan.toggle(3);
    assert_eq!(heads(&plan), [LeftOut, WillDo, WillDo, WillDo]);
}

#[test]
fn all_groups_can_be_exchanged_if_another_comes_before_the_last_one_leaves() {
    use Head::{Blocked, WillDo};
    let first = placed(&[("s", Some("harbor")), ("a", None), ("b", None)], 50).plan();
    assert_eq!(heads(&first), [WillDo; 3]);
    let late = placed(&[("a", None), ("b", None), ("s", Some("harbor"))], 50).plan();
    assert_eq!(rows(&late), [("a", WillDo), ("s", WillDo), ("b", WillDo)]);
    // None comes if it is blocked itself.
    let none = placed(&[("a", None), ("b", None), ("s", Some("harbor"))], 50);
    let none = none.group("s", |group| group.role = Role::Member).plan();
    assert_eq!(heads(&none), [WillDo, Blocked, Blocked]);
    assert_eq!(none.rows[1].reasons, [Reason::LastSubgroup]);
    // The room decides the order: one leaves, the new one comes, the other leaves.
    let full = placed(&[("s", Some("harbor")), ("a", None), ("b", None)], 2).plan();
    assert_eq!(rows(&full), [("a", WillDo), ("s", WillDo), ("b", WillDo)]);
}
