//! The operator's choices in a plan, the choices that a newer plan inherits, and the rows that no choice can make run.

use super::*;

/// A plan that unlinks the last subgroup, which is a risk.
fn risky() -> Case {
    Case::new(Verb::Unlink, &["a", "b"])
}

#[test]
fn a_tick_is_inherited_only_if_the_row_has_the_same_reasons() {
    let mut before = risky().plan();
    before.toggle(1);
    assert!(before.rows[1].ticked);

    let mut same = risky().plan();
    same.take_choices(&before);
    assert!(same.rows[1].ticked && same.would_send_the_same(&before));

    let mut another = risky().group("b", |group| group.role = Role::Member).plan();
    assert_eq!(another.rows[1].reasons, [Reason::LastSubgroupMayBeRefused, Reason::NotAdmin]);
    another.take_choices(&before);
    assert!(!another.rows[1].ticked, "nobody has seen the new risk");
    assert!(!another.would_send_the_same(&before));
}

#[test]
fn a_row_without_a_tick_stays_so_and_a_newly_risky_row_is_not_ticked() {
    let before = risky().plan();
    let mut after = risky().plan();
    after.take_choices(&before);
    assert!(!after.rows[1].ticked);

    let plain = Case::new(Verb::Unlink, &["a"]);
    let before = plain.plan();
    let mut after = plain.group("a", |group| group.role = Role::Member).plan();
    assert_eq!((before.rows[0].head, after.rows[0].head), (Head::WillDo, Head::Risky));
    after.take_choices(&before);
    assert_eq!(after.sent(), 0);
}

#[test]
fn ticking_stops_at_the_limit_of_the_community() {
    // Harbor has room for two. Nobody is its admin, so every link is a risk.
    let plan = |limit| {
        let case = Case::new(Verb::Link, &["s", "t"]).with(|case| case.limit = limit);
        case.group("harbor", |group| group.role = Role::Member).plan()
    };
    let mut plans = [plan(2), plan(3), plan(4)];
    for plan in &mut plans {
        assert_eq!(heads(plan), [Head::Risky; 2]);
        plan.toggle(0);
        plan.toggle(1);
    }
    assert_eq!(plans.map(|plan| plan.sent()), [0, 1, 2], "with room for none, one and both");
}

#[test]
fn a_tick_beyond_the_limit_is_possible_once_another_is_removed() {
    let case = Case::new(Verb::Link, &["s", "t"]).with(|case| case.limit = 3);
    let mut plan = case.group("harbor", |group| group.role = Role::Member).plan();
    plan.toggle(0);
    plan.toggle(1);
    plan.toggle(0);
    plan.toggle(1);
    assert_eq!(plan.rows.iter().map(|row| row.ticked).collect::<Vec<_>>(), [false, true]);
}

/// The group says that it is in North.
fn in_north() -> Case {
    Case::new(Verb::Move, &["n"])
        .group("n", |group| group.parent = Parent::Community(community("north")))
        .with(|case| case.request.wishes[0].from = Origin::Only(community("north")))
}

#[test]
fn a_move_is_blocked_while_the_listing_of_its_source_was_not_read() {
    let failure = Failure::new(FailureKind::TimedOut);
    let unread = |failure: Option<&Failure>| {
        in_north().with(|case| {
            case.readings.communities.remove(&community("north"));
            let read = failure.map(|failure| (community("north"), Err(failure.clone())));
            case.readings.communities.extend(read);
        })
    };
    unread(Some(&failure)).assert(Head::Blocked, &Reason::SourceUnread(failure.clone()));
    let skipped = Failure::new(FailureKind::NotRead);
    unread(None).assert(Head::Blocked, &Reason::SourceUnread(skipped));
    for case in [unread(Some(&failure)), unread(None)] {
        let mut plan = case.plan();
        plan.toggle(0);
        assert_eq!(plan.sent(), 0, "no choice makes it run");
    }
}

#[test]
fn a_move_is_blocked_although_only_its_mark_names_the_source() {
    let failure = Failure::new(FailureKind::TimedOut);
    let case = in_north().group("n", |group| group.parent = Parent::Unknown).with(|case| {
        case.readings.communities.insert(community("north"), Err(failure.clone()));
    });
    case.assert(Head::Blocked, &Reason::SourceUnread(failure));
}
