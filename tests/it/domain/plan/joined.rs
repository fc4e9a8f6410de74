//! The plans of several numbers as one.

use synod::domain::{
    capability::LastSubgroup,
    failure::{Failure, FailureKind},
    plan::{Capacity, Head, Obstacle, Plan, Reason},
};

use super::{blocked, plan, risky, sent, will_do};
use crate::support::domain::{community, link, unlink};

fn sized(mut plan: Plan, now: usize, limit: usize) -> Plan {
    let capacity = Capacity { now, at_least: false, limit };
    (plan.capacity, plan.capacities) = (Some(capacity), vec![(community("c"), capacity)]);
    plan
}

/// Links to the community c, in which this number knows `now` groups.
fn links(now: usize, groups: &[&str]) -> Plan {
    sized(plan(groups.iter().map(|group| will_do(group, vec![link("c")])).collect()), now, 5)
}

fn joined(parts: &[Plan]) -> Plan {
    Plan::joined(parts.to_vec()).unwrap()
}

#[test]
fn nothing_joined_is_no_plan_and_one_plan_stays_as_it_is() {
    assert_eq!(Plan::joined(Vec::new()), None);
    let mut one = links(9, &["a", "b"]);
    assert_eq!(joined(&[one.clone()]), one);
    one.obstacle = Some(Obstacle::ReadOnly);
    assert_eq!(joined(&[one.clone()]), one);
}

#[test]
fn the_rows_of_all_numbers_share_the_room_of_a_community() {
    // The second number knows of more groups in the community.
    let parts = [links(1, &["a", "b"]), links(2, &["d", "e"])];
    let mut all = joined(&parts);
    assert_eq!(sent(&all), ["a", "b", "d"]);
    assert_eq!((all.rows[3].head, &all.rows[3].reasons), (Head::Blocked, &vec![Reason::OverLimit]));
    assert_eq!(all.capacity_after(&community("c")).unwrap().1, 5);
    // A row of one number makes room for a row of another.
    assert!(all.can_swap(3) && all.toggle(0) && all.toggle(3));
    assert_eq!(sent(&all), ["b", "d", "e"]);
    let own: Vec<Plan> = [parts[0].chosen_as(&all.rows[..2]), parts[1].chosen_as(&all.rows[2..])].into();
    assert_eq!([sent(&own[0]), sent(&own[1])].concat(), ["b", "d", "e"]);
    assert_eq!(own[0].rows[0].head, Head::LeftOut);
}

#[test]
fn a_number_that_cannot_act_does_not_keep_the_others_from_acting() {
    let mut cannot = sized(plan(vec![will_do("a", vec![link("c")]), risky("b", vec![link("c")])]), 1, 5);
    let obstacle = Obstacle::Gateway(Failure::new(FailureKind::NotConnected));
    cannot.obstacle = Some(obstacle.clone());
    let parts = [cannot.clone(), links(1, &["d"])];
    let mut all = joined(&parts);
    assert_eq!((sent(&all), all.sent(), &all.obstacle), (vec!["d"], 1, &None));
    assert!(all.rows[..2].iter().all(|row| row.head == Head::Blocked && row.reasons.is_empty()));
    all.toggle_all(&[0, 1, 2]);
    assert_eq!(parts[0].chosen_as(&all.rows[..2]).sent(), 0, "whatever is chosen");
    // If none can act, the plan says why.
    let all = joined(&[cannot.clone(), cannot]);
    assert_eq!((all.sent(), all.obstacle), (0, Some(obstacle)));
}

/// Each number takes only some of the subgroups, but together they would take all.
#[test]
fn a_community_keeps_its_last_subgroup_although_several_numbers_take_from_it() {
    let takes =
        |groups: &[&str]| plan(groups.iter().map(|group| will_do(group, vec![unlink("d")])).collect());
    let parts = [takes(&["a", "b"]), takes(&["e"])];
    let judged = |size, what| {
        let mut all = joined(&parts);
        all.keep_last_subgroups(|row, source| {
            assert_eq!((row, source), (2, &community("d")));
            Some((size, what))
        });
        all
    };
    let mut all = judged(3, LastSubgroup::Blocked);
    assert_eq!((sent(&all), &all.rows[2].reasons), (vec!["a", "b"], &vec![Reason::LastSubgroup]));
    assert!(all.toggle(2), "it is swapped for the last of the others");
    assert_eq!(sent(&all), ["a", "e"]);
    let all = judged(3, LastSubgroup::Risky);
    assert_eq!((sent(&all), &all.rows[2].reasons), (vec!["a", "b"], &vec![Reason::LastSubgroupMayBeRefused]));
    assert_eq!(sent(&judged(4, LastSubgroup::Blocked)), ["a", "b", "e"], "one stays");
    // A group that comes keeps the community from becoming empty.
    let mut all = joined(&[takes(&["a"]), plan(vec![will_do("b", vec![link("d")])])]);
    all.keep_last_subgroups(|_, _| Some((1, LastSubgroup::Blocked)));
    assert_eq!(sent(&all), ["a", "b"]);
}

#[test]
fn choices_in_the_rows_of_one_number_leave_the_others_alone() {
    let first = plan(vec![risky("a", vec![link("c")]), blocked("b", vec![unlink("d")], Reason::NotAdmin)]);
    let parts = [first, plan(vec![risky("d", vec![link("d")])])];
    let mut all = joined(&parts);
    assert!(all.toggle(2) && sent(&all) == ["d"]);
    assert_eq!(parts[0].chosen_as(&all.rows[..2]), parts[0]);
    assert_eq!(sent(&parts[1].chosen_as(&all.rows[2..])), ["d"]);
}
