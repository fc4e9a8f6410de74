//! What the operator can change in a plan, and what the plan then sends.

mod again;
mod change;
mod estimate;
mod joined;
mod needs;
mod recheck;
mod rules;
mod wish;

use std::sync::Arc;

use rstest::rstest;
use synod::domain::{
    community::{CommunityRef, Parent, Subgroup},
    directory::{Directory, KnownFrom},
    event::{Fate, ItemReason, OperationEvent, Record, SeenBefore},
    id::OperationId,
    instance::InstanceKey,
    name::Name,
    operation::Operation,
    outcome::Outcome,
    plan::{Capacity, Head, Obstacle, Plan, Reason, Request, Row, Step, Task},
    time::Millis,
};

use crate::support::domain::{community, directory, group, link, listing, unlink};

fn row(text: &str, steps: Vec<Step>, head: Head, reasons: Vec<Reason>) -> Row {
    Row {
        group: group(text),
        name: Name::new(text),
        steps,
        done: 0,
        head,
        left_out_of: None,
        reasons,
        remarks: Vec::new(),
        ticked: false,
        evidence: SeenBefore::default(),
        sent_before: false,
        subgroups: Vec::new(),
    }
}

fn will_do(text: &str, steps: Vec<Step>) -> Row {
    row(text, steps, Head::WillDo, Vec::new())
}

fn risky(text: &str, steps: Vec<Step>) -> Row {
    row(text, steps, Head::Risky, vec![Reason::NotAdminOfCommunity])
}

fn blocked(text: &str, steps: Vec<Step>, why: Reason) -> Row {
    row(text, steps, Head::Blocked, vec![why])
}

fn plan(rows: Vec<Row>) -> Plan {
    let request = Request::new(InstanceKey::new("i"), &Task::Link(community("c")), Vec::new());
    let capacity = Capacity { now: 1, at_least: false, limit: 3 };
    Plan {
        request,
        target: None,
        rows,
        capacity: Some(capacity),
        capacities: vec![(community("c"), capacity)],
        most_taken: Vec::new(),
        obstacle: None,
        made: Millis(1),
    }
}

/// The names of the groups that a plan sends, in order.
fn sent(plan: &Plan) -> Vec<&str> {
    plan.rows.iter().filter(|row| row.is_sent()).map(|row| row.name.exact()).collect()
}

/// Four links to the community c, which has room for two of them, and one to the community d.
fn too_many() -> Plan {
    plan(vec![
        will_do("other", vec![link("d")]),
        will_do("first", vec![link("c")]),
        will_do("second", vec![link("c")]),
        blocked("third", vec![link("c")], Reason::OverLimit),
        blocked("fourth", vec![link("c")], Reason::OverLimit),
        will_do("last", vec![link("d")]),
    ])
}

#[rstest]
#[case::will_do(will_do("g", vec![link("c")]), true)]
#[case::already_so(row("g", Vec::new(), Head::AlreadySo, vec![Reason::AlreadyIn]), false)]
#[case::blocked_for_good(blocked("g", vec![link("c")], Reason::NotAdmin), true)]
#[case::risky(risky("g", vec![link("c")]), true)]
#[case::no_room(blocked("g", vec![link("c")], Reason::OverLimit), true)]
#[case::last_subgroup(blocked("g", vec![unlink("c")], Reason::LastSubgroup), true)]
fn every_row_can_be_included_or_left_out_unless_it_is_done(#[case] row: Row, #[case] can_toggle: bool) {
    // Next to a row that could give way, it is still the kind of the row that decides.
    let other = will_do("other", row.steps.clone());
    let before = plan(vec![other, row]);
    assert_eq!(before.can_toggle(1), can_toggle);
    let mut after = before.clone();
    after.toggle(1);
    assert_eq!(after != before, can_toggle);
}

#[test]
fn a_risk_can_be_ticked_even_if_nothing_gives_way_and_a_group_that_does_not_fit_is_left_out() {
    assert!(plan(vec![risky("g", vec![Step::Leave])]).can_toggle(0));
    let mut full = plan(vec![blocked("g", vec![link("c")], Reason::OverLimit)]);
    full.capacities = vec![(community("c"), Capacity { now: 3, at_least: false, limit: 3 })];
    assert!(!full.can_toggle(1), "there is no such row");
    assert!(full.toggle(0));
    assert_eq!(full.rows[0].head, Head::LeftOut);
    assert!(full.toggle(0));
    assert_eq!((full.rows[0].head, &full.rows[0].reasons[..]), (Head::Blocked, &[Reason::OverLimit][..]));
}

fn heads(plan: &Plan) -> Vec<Head> {
    plan.rows.iter().map(|row| row.head).collect()
}

#[test]
fn a_row_that_is_left_out_makes_room_and_comes_back_only_if_there_still_is_room() {
    let capacity = Capacity { now: 48, at_least: false, limit: 50 };
    let mut plan = Plan { capacities: vec![(community("c"), capacity)], ..too_many() };
    plan.toggle(1);
    plan.toggle(3);
    let (will, out, blocked) = (Head::WillDo, Head::LeftOut, Head::Blocked);
    assert_eq!(heads(&plan), [will, out, will, will, blocked, will]);
    assert_eq!(plan.capacity_after(&community("c")), Some((capacity, 50)));
    // Its place is taken; including it once more swaps it in.
    plan.toggle(1);
    assert_eq!(heads(&plan), [will, blocked, will, will, blocked, will]);
    assert_eq!(plan.rows[1].reasons, [Reason::OverLimit]);
    plan.toggle(1);
    assert_eq!(heads(&plan), [will, will, will, blocked, blocked, will]);
}

#[test]
fn the_last_subgroup_may_go_once_another_stays() {
    let rows =
        vec![will_do("first", vec![unlink("c")]), blocked("last", vec![unlink("c")], Reason::LastSubgroup)];
    let mut plan = Plan { most_taken: vec![(community("c"), 1)], ..plan(rows) };
    plan.toggle(0);
    plan.toggle(1);
    assert_eq!(heads(&plan), [Head::LeftOut, Head::WillDo]);
    plan.toggle(0);
    assert_eq!(heads(&plan), [Head::Blocked, Head::WillDo], "one must stay");
    assert_eq!(plan.rows[0].reasons, [Reason::LastSubgroup]);
}

#[test]
fn all_rows_are_included_or_left_out_together() {
    let rows = vec![
        will_do("a", vec![link("c")]),
        risky("b", vec![link("c")]),
        row("d", Vec::new(), Head::AlreadySo, vec![Reason::AlreadyIn]),
    ];
    let mut plan = plan(rows);
    let all = [0, 1, 2];
    assert!(plan.toggle_all(&all));
    assert_eq!(sent(&plan), ["a", "b"], "the risky row is ticked");
    assert!(plan.toggle_all(&all));
    assert!(sent(&plan).is_empty());
    assert!(plan.toggle_all(&all));
    assert_eq!(sent(&plan), ["a", "b"]);
}

#[test]
fn a_row_that_is_left_out_is_recorded_and_neither_retried_nor_resumed() {
    let mut plan = plan(vec![will_do("a", vec![link("c")]), will_do("b", vec![link("c")])]);
    plan.toggle(0);
    let created = Record {
        instance: InstanceKey::new("i"),
        operation: OperationId(1),
        sequence: 0,
        at: Millis(1),
        writer: None,
        event: OperationEvent::Created(Box::new(plan.order())),
    };
    let items = Operation::begin(&created).unwrap().items;
    assert_eq!(items[0].outcome, Some(Outcome::NotSent));
    assert_eq!(items[0].reason, Some(ItemReason::Plan(Reason::LeftOut)));
    assert!(!items[0].is_resumable());
    assert_eq!(items[1].outcome, None);
}

#[test]
fn the_last_group_with_the_same_target_gives_way() {
    let mut plan = too_many();
    assert_eq!(sent(&plan), ["other", "first", "second", "last"]);
    plan.toggle(3);
    assert_eq!(sent(&plan), ["other", "first", "third", "last"]);
    assert_eq!(
        (plan.rows[2].head, plan.rows[2].reasons.as_slice()),
        (Head::Blocked, [Reason::OverLimit].as_slice())
    );
    plan.toggle(2);
    assert_eq!(sent(&plan), ["other", "first", "second", "last"], "the same key brings it back");
}

#[test]
fn for_the_last_subgroup_the_group_from_the_same_community_gives_way() {
    let mut plan = plan(vec![
        will_do("from-b", vec![unlink("b")]),
        will_do("from-a", vec![unlink("a")]),
        will_do("also-from-b", vec![unlink("b")]),
        blocked("kept-in-a", vec![unlink("a")], Reason::LastSubgroup),
    ]);
    plan.toggle(3);
    assert_eq!(sent(&plan), ["from-b", "also-from-b", "kept-in-a"]);
    assert_eq!(plan.rows[1].reasons, [Reason::LastSubgroup]);
}

#[test]
fn for_the_limit_the_target_of_a_move_counts_and_not_its_source() {
    let mut plan = plan(vec![
        will_do("from-a-to-c", vec![unlink("a"), link("c")]),
        will_do("from-b-to-d", vec![unlink("b"), link("d")]),
        blocked("from-b-to-c", vec![unlink("b"), link("c")], Reason::OverLimit),
    ]);
    plan.capacities = vec![(community("c"), Capacity { now: 2, at_least: false, limit: 3 })];
    plan.toggle(2);
    assert_eq!(sent(&plan), ["from-b-to-d", "from-b-to-c"]);
}

#[test]
fn a_group_that_is_swapped_in_keeps_its_other_risks() {
    let mut plan = too_many();
    plan.rows[3].reasons.push(Reason::InNeither);
    plan.toggle(3);
    assert_eq!((plan.rows[3].head, plan.rows[3].ticked), (Head::Risky, true));
    assert_eq!(plan.rows[3].reasons, [Reason::InNeither]);
}

#[test]
fn a_risk_is_ticked_only_while_its_community_has_room() {
    let rows = |others: &[&str]| {
        let mut rows = vec![risky("risk", vec![link("c")]), will_do("other", vec![link("d")])];
        rows.extend(others.iter().map(|text| will_do(text, vec![link("c")])));
        plan(rows)
    };
    let mut roomy = rows(&["first"]);
    roomy.toggle(0);
    assert_eq!(sent(&roomy), ["risk", "other", "first"]);
    roomy.toggle(0);
    assert_eq!(sent(&roomy), ["other", "first"], "the same key unticks it");
    let mut full = rows(&["first", "second"]);
    full.toggle(0);
    assert_eq!(sent(&full), ["other", "first", "second"]);
    // A community whose listing could not be read, or a leave, has no limit that is known.
    full.capacities.clear();
    full.toggle(0);
    assert_eq!(full.links(), 4);
}

#[test]
fn a_newer_plan_keeps_what_was_swapped_in_and_only_that() {
    let mut older = too_many();
    let mut newer = too_many();
    newer.take_choices(&older);
    assert_eq!(newer, too_many(), "nothing was swapped");
    older.toggle(3);
    newer.take_choices(&older);
    assert_eq!(sent(&newer), sent(&older));
    // A row that is now blocked for another reason stays blocked.
    let mut newer = too_many();
    newer.rows[3].reasons = vec![Reason::NotAdmin];
    let before = newer.clone();
    newer.take_choices(&older);
    assert_eq!(newer, before);
}

#[test]
fn a_newer_plan_keeps_a_tick_unless_the_risk_is_another_one() {
    let fresh = || plan(vec![risky("g", vec![Step::Leave]), risky("h", vec![Step::Leave])]);
    let mut older = fresh();
    older.toggle(1);
    let mut newer = fresh();
    newer.take_choices(&older);
    assert_eq!(sent(&newer), ["h"]);
    newer.take_choices(&older);
    assert_eq!(sent(&newer), ["h"], "taking the same choices twice changes nothing");
    let mut newer = fresh();
    newer.rows[1].reasons = vec![Reason::OnlyAdmin];
    newer.take_choices(&older);
    assert_eq!(sent(&newer), [""; 0]);
    // A fact that is certain by now needs no tick.
    let mut newer = plan(vec![will_do("g", vec![Step::Leave]), will_do("h", vec![Step::Leave])]);
    let before = newer.clone();
    newer.take_choices(&older);
    assert_eq!(newer, before);
}

/// This many rows cannot be edited in time if each change searches all of them.
#[test]
fn a_plan_of_thirty_thousand_moves_is_edited_at_once() {
    let name = |nth: usize| format!("c{}", nth % 600);
    let rows = |count: usize| {
        let moved = |nth: usize| vec![unlink(&name(nth + 1)), link(&name(nth))];
        (0..count).map(|nth| will_do(&format!("g{nth}"), moved(nth))).collect::<Vec<_>>()
    };
    let mut fresh = plan(rows(30_000));
    for at in (0..30_000).step_by(3) {
        fresh.rows[at].head = Head::Risky;
        fresh.rows[at].reasons = vec![Reason::NotAdmin];
    }
    let size = Capacity { now: 50, at_least: false, limit: 100 };
    fresh.capacities = (0..600).map(|nth| (community(&name(nth)), size)).collect();
    fresh.most_taken = (0..600).map(|nth| (community(&name(nth)), 50)).collect();
    let all: Vec<usize> = (0..30_000).collect();

    let mut ticked = fresh.clone();
    assert!(ticked.toggle_all(&all));
    assert_eq!(ticked.sent(), 30_000);
    let mut out = ticked.clone();
    assert!(out.toggle_all(&all));
    assert_eq!(out.sent(), 0);
    assert!(out.can_change());
    let mut inverted = fresh.clone();
    assert!(inverted.invert(&all));
    assert_eq!(inverted.sent(), 10_000);
    for older in [&ticked, &out, &inverted] {
        let mut newer = fresh.clone();
        newer.take_choices(older);
        assert!(newer.would_send_the_same(older));
    }
    let mut without = ticked.clone();
    without.exclude(&ticked.groups_of(|row| row.head == Head::WillDo));
    assert_eq!(without.sent(), 10_000);
    // None of them fit.
    let mut full = fresh;
    full.rows.iter_mut().for_each(|row| (row.head, row.reasons) = (Head::Blocked, vec![Reason::OverLimit]));
    full.capacities.iter_mut().for_each(|(_, size)| size.limit = 50);
    assert!(!full.can_change());
}

#[test]
fn a_newer_plan_leaves_out_the_same_rows_and_lets_no_others_in() {
    let mut older = too_many();
    older.toggle(1);
    older.toggle(3);
    older.toggle(2);
    assert_eq!(sent(&older), ["other", "third", "last"]);
    let mut newer = too_many();
    newer.take_choices(&older);
    assert_eq!(heads(&newer), heads(&older), "the room stays free, since nobody chose a row for it");
    assert!(newer.would_send_the_same(&older));
    // Leaving out groups on the command line makes room for others, and a newer plan keeps these too.
    let mut older = too_many();
    older.exclude(&[group("first")].into());
    assert_eq!(sent(&older), ["other", "second", "third", "last"]);
    let mut newer = too_many();
    newer.take_choices(&older);
    assert!(newer.would_send_the_same(&older));
}

#[test]
fn each_row_is_found_under_its_heading_with_its_position() {
    let plan = too_many();
    let places = |head| plan.under(head).map(|(at, _)| at).collect::<Vec<_>>();
    assert_eq!(places(Head::WillDo), [0, 1, 2, 5]);
    assert_eq!(places(Head::Blocked), [3, 4]);
    assert_eq!(places(Head::Risky), [0; 0]);
}

#[test]
fn the_counts_follow_what_is_sent() {
    let mut plan = too_many();
    plan.rows.push(will_do("left", vec![Step::Leave]));
    plan.rows.push(risky("risk", vec![Step::Leave]));
    assert_eq!((plan.sent(), plan.links()), (5, 4));
    let groups: Vec<_> = plan.sent_groups().into_iter().cloned().collect();
    assert_eq!(groups, ["first", "last", "left", "other", "second"].map(group));
    let mut ticked = plan.clone();
    ticked.toggle(7);
    assert_eq!(ticked.sent(), 6);
    assert!(!ticked.would_send_the_same(&plan));
    let mut renamed = plan.clone();
    renamed.rows[0].name = Name::new("new name");
    renamed.rows[3].reasons = vec![Reason::NotAdmin];
    assert!(renamed.would_send_the_same(&plan), "only groups and steps count");
    let mut grown = plan.clone();
    grown.rows[0].subgroups = vec![Subgroup { id: group("new"), name: Name::new("new") }];
    assert!(!grown.would_send_the_same(&plan), "a community has one more group that would be left");
    assert_eq!(grown.changed(), grown.sent(), "only a community that is left counts with its groups");
    let mut stopped = plan.clone();
    stopped.obstacle = Some(Obstacle::ReadOnly);
    assert_eq!(stopped.sent(), 0);
    assert!(!stopped.would_send_the_same(&plan));
}

#[test]
fn the_sizes_of_all_targets_are_those_of_each_one() {
    let size = |now| Capacity { now, at_least: false, limit: 50 };
    let mut plan = too_many();
    plan.rows.push(will_do("moved", vec![unlink("c"), link("e")]));
    plan.rows.push(risky("perhaps", vec![unlink("d"), link("f")]));
    plan.rows.push(will_do("unread", vec![link("unread")]));
    plan.capacities = vec![(community("c"), size(7)), (community("d"), size(9)), (community("e"), size(0))];
    plan.capacities.push((community("f"), size(50)));
    let found = plan.capacities_after();
    let sizes: Vec<_> = found.iter().map(|(id, capacity, after)| (id.bare(), capacity.now, *after)).collect();
    assert_eq!(sizes, [("d", 9, 11), ("c", 7, 8), ("e", 0, 1), ("f", 50, 50)]);
    for (target, capacity, after) in found {
        assert_eq!(plan.capacity_after(target), Some((capacity, after)));
    }
}

#[test]
fn the_order_says_what_becomes_of_each_row_and_why() {
    let mut plan = plan(vec![
        will_do("g", vec![link("c")]),
        risky("unticked", vec![link("c")]),
        risky("ticked", vec![link("c")]),
        blocked("blocked", vec![link("c")], Reason::NotAdmin),
        row("there", Vec::new(), Head::AlreadySo, vec![Reason::AlreadyIn]),
    ]);
    plan.toggle(2);
    let order = plan.order();
    let fates: Vec<_> = order.items.into_iter().map(|item| (item.fate, item.reason)).collect();
    let not_ticked = Reason::NotTicked(Box::new(Reason::NotAdminOfCommunity));
    assert_eq!(
        fates,
        [
            (Fate::Send, None),
            (Fate::Blocked, Some(not_ticked)),
            (Fate::Send, None),
            (Fate::Blocked, Some(Reason::NotAdmin)),
            (Fate::AlreadySo, Some(Reason::AlreadyIn)),
        ]
    );
}

#[test]
fn a_group_is_unplaced_only_if_nothing_says_where_it_is() {
    let is_unplaced = |directory: &Directory| Plan::is_unplaced(&group("g"), directory);
    assert!(is_unplaced(&Directory::default()));
    assert!(is_unplaced(&directory(Parent::Unknown)));
    assert!(!is_unplaced(&directory(Parent::None)));
    assert!(!is_unplaced(&directory(Parent::Community(community("c")))));
    let mut listed = directory(Parent::Unknown);
    listed.take_listing(&Arc::new(listing("c", &["g"])));
    assert!(!is_unplaced(&listed));
}

#[test]
fn a_group_is_searched_for_only_if_it_is_unplaced_and_there_are_few_communities() {
    let mut known = directory(Parent::Unknown);
    for number in 0..50 {
        assert!(Plan::seeks(&group("g"), &known));
        let id = community(&format!("c{number}"));
        known.learn(CommunityRef { id, name: None }, KnownFrom::Memory);
    }
    assert!(Plan::seeks(&group("g"), &known), "50 are not too many");
    known.learn(CommunityRef { id: community("one-more"), name: None }, KnownFrom::Memory);
    assert!(!Plan::seeks(&group("g"), &known));
    assert!(!Plan::seeks(&group("g"), &directory(Parent::None)));
}
