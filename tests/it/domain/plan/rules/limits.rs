//! The size limit of a community, and its last subgroup.

use super::*;

#[test]
fn the_surplus_over_the_limit_is_blocked_and_can_be_swapped() {
    let mut plan = Case::new(Verb::Link, &["s", "t"]).with(|case| case.limit = 3).plan();
    assert_eq!(heads(&plan), [Head::WillDo, Head::Blocked]);
    assert_eq!(plan.rows[1].reasons, [Reason::OverLimit]);
    plan.toggle(1);
    assert_eq!(heads(&plan), [Head::Blocked, Head::WillDo]);
    assert_eq!(plan.sent(), 1);
}

#[test]
fn a_full_community_accepts_nothing_and_the_surplus_can_only_be_left_out() {
    let mut plan = Case::new(Verb::Link, &["s", "t"]).with(|case| case.limit = 2).plan();
    assert_eq!(heads(&plan), [Head::Blocked, Head::Blocked]);
    plan.toggle(0);
    assert_eq!(heads(&plan), [Head::LeftOut, Head::Blocked]);
}

#[test]
fn the_last_subgroup_is_blocked_if_the_gateway_requires_one_and_another_can_stay() {
    let mut plan = Case::new(Verb::Unlink, &["a", "b"]).on_zapi().plan();
    assert_eq!(heads(&plan), [Head::WillDo, Head::Blocked]);
    assert_eq!(plan.rows[1].reasons, [Reason::LastSubgroup]);
    plan.toggle(1);
    assert_eq!(heads(&plan), [Head::Blocked, Head::WillDo]);
}

#[test]
fn the_last_subgroup_is_a_risk_if_the_rule_is_unknown() {
    let plan = Case::new(Verb::Unlink, &["a", "b"]).plan();
    assert_eq!(heads(&plan), [Head::WillDo, Head::Risky]);
    assert_eq!(plan.rows[1].reasons, [Reason::LastSubgroupMayBeRefused]);
    for text in ["a", "b"] {
        assert_eq!(heads(&Case::new(Verb::Unlink, &[text]).plan()), [Head::WillDo], "another subgroup stays");
    }
}

#[test]
fn a_swap_keeps_the_other_risks_of_a_row() {
    let mut plan =
        Case::new(Verb::Unlink, &["a", "b"]).on_zapi().group("b", |group| group.role = Role::Member).plan();
    assert_eq!(plan.rows[1].reasons, [Reason::LastSubgroup, Reason::NotAdmin]);
    plan.toggle(1);
    let swapped = &plan.rows[1];
    assert_eq!((swapped.head, swapped.ticked), (Head::Risky, true));
    assert_eq!(swapped.reasons, [Reason::NotAdmin]);
    assert_eq!(plan.rows[0].reasons, [Reason::LastSubgroup]);
}

#[test]
fn only_sent_links_count_as_links() {
    let mut plan = Case::new(Verb::Link, &["s", "a", "t"]).plan();
    assert_eq!((heads(&plan), plan.links()), (vec![Head::WillDo, Head::AlreadySo, Head::WillDo], 2));
    plan.obstacle = None;
    let unlinked = Case::new(Verb::Unlink, &["a"]).plan();
    assert_eq!((unlinked.sent(), unlinked.links()), (1, 0));
    let surplus = Case::new(Verb::Link, &["s", "t"]).with(|case| case.limit = 3).plan();
    assert_eq!((heads(&surplus), surplus.links()), (vec![Head::WillDo, Head::Blocked], 1));
}
