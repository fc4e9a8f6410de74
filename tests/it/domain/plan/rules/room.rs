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

/// The list of communities and the listing of each, twice.
fn read_twice(case: &mut Case) {
    let all = ["harbor", "north"].map(|name| CommunityRef { id: community(name), name: None });
    case.readings.listed = Some(Ok(all.to_vec()));
    case.readings.again = Some(Box::new(Readings {
        listed: case.readings.listed.clone(),
        communities: case.readings.communities.clone(),
        ..Readings::default()
    }));
}

#[test]
fn only_two_readings_of_all_communities_show_that_a_group_is_in_none() {
    let in_none = || placed(&[("s", None)], 50);
    in_none().assert(Head::Blocked, &Reason::PlaceUnknown);
    in_none().with(read_twice).assert(Head::AlreadySo, &Reason::InNoCommunity);
    let spoiled: [fn(&mut Readings); 6] = [
        |readings| readings.again = None,
        |readings| readings.listed = None,
        |readings| readings.listed = Some(Ok(Vec::new())),
        |readings| readings.again.as_mut().unwrap().listed = Some(Err(Failure::new(FailureKind::TimedOut))),
        |readings| drop(readings.again.as_mut().unwrap().communities.remove(&community("north"))),
        |readings| {
            let cut = CommunityListing { is_cut: true, ..domain::listing("north", &["n"]) };
            readings.communities.insert(community("north"), Ok(Arc::new(cut)));
        },
    ];
    for spoil in spoiled {
        let case = in_none().with(read_twice).with(|case| spoil(&mut case.readings));
        case.assert(Head::Blocked, &Reason::PlaceUnknown);
    }
    // A gateway that does not list every group cannot show it.
    let partly = in_none().with(read_twice).with(|case| case.capabilities.lists_every_subgroup = false);
    partly.assert(Head::Blocked, &Reason::PlaceUnknown);
    // What one of the readings shows is there.
    let shown = in_none().with(read_twice).with(|case| {
        let again = case.readings.again.as_mut().unwrap();
        again.communities.insert(community("north"), Ok(listing("north", &["n", "s"])));
    });
    assert_ne!(shown.only_row().head, Head::AlreadySo);
}

#[test]
fn all_communities_are_read_twice_only_for_groups_that_are_wanted_in_none() {
    let all = |case: &Case| {
        let needs = case.needs();
        (needs.first().contains(&Scope::Communities), needs.more(&case.readings))
    };
    let case = placed(&[("s", None)], 50);
    assert!(all(&case).0);
    let case = case.with(read_twice).with(|case| case.readings.again = None);
    let more = all(&case).1;
    let expected =
        [Scope::Communities, Scope::Community(community("harbor")), Scope::Community(community("north"))];
    assert_eq!(more.iter().filter(|scope| !matches!(scope, Scope::Details(_))).count(), 3, "{more:?}");
    assert!(expected.iter().all(|scope| more.contains(scope)), "{more:?}");
    assert!(!all(&placed(&[("s", Some("north")), ("a", None)], 50)).0, "it is known where a is");
}
