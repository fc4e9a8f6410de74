//! The plan that undoes half a move: the group was unlinked from North, and the link to Harbor was not verified.

use synod::domain::{
    event::OperationEvent,
    outcome::{Claim, Outcome},
    plan::again,
};

use super::*;
use crate::support::domain::{item, operation, order};

/// The undo of half a move, on a gateway whose list of groups says which community the group is in now.
fn undo_of_half_a_move(text: &str, claim: Claim, outcome: Outcome, now: Parent) -> Case {
    let steps = vec![Step::Unlink(community("north")), Step::Link(community("harbor"))];
    let order = order(Verb::Move, vec![item(&id(text), steps)]);
    let sending = |step| OperationEvent::Sending { item: 0, step, attempt: 1, timeout_ms: None };
    let answered = |claim| OperationEvent::Answered { item: 0, claim, failure: None };
    let events = [
        sending(0),
        answered(Claim::Yes),
        OperationEvent::StepVerified { item: 0 },
        sending(1),
        answered(claim),
        OperationEvent::ItemFinished { item: 0, outcome, reason: None },
        OperationEvent::Ended,
    ];
    let request = again::undo(&operation(1, order, events)).unwrap();
    Case::new(Verb::Move, &[text]).group(text, |group| group.parent = now).with(|case| case.request = request)
}

#[rstest]
#[case::nothing_shows_the_link(Claim::Silence, Outcome::Unknown)]
#[case::the_link_was_refused(Claim::No, Outcome::Refused)]
fn a_group_that_half_a_move_left_in_no_community_is_linked_back(
    #[case] claim: Claim,
    #[case] outcome: Outcome,
) {
    let row = undo_of_half_a_move("s", claim, outcome, Parent::None).only_row();
    assert_eq!((row.head, &row.steps), (Head::WillDo, &vec![Step::Link(community("north"))]), "{row:#?}");
}

/// The link took effect after the operation had ended.
#[test]
fn a_group_whose_link_appeared_late_is_moved_back() {
    let harbor = Parent::Community(community("harbor"));
    let back = vec![Step::Unlink(community("harbor")), Step::Link(community("north"))];
    let row = undo_of_half_a_move("a", Claim::Silence, Outcome::Unknown, harbor.clone()).only_row();
    assert_eq!((row.head, &row.steps), (Head::WillDo, &back), "{row:#?}");
    // The gateway refused that link: somebody else may have made it.
    let refused = undo_of_half_a_move("a", Claim::No, Outcome::Refused, harbor);
    refused.assert(Head::Risky, &Reason::MayBeOthers);
    assert_eq!(refused.only_row().steps, back);
}

#[test]
fn a_group_that_is_in_a_third_community_after_half_a_move_is_not_moved_back() {
    let third = CommunityRef { id: community("third"), name: None };
    let now = Parent::Community(third.id.clone());
    let case = undo_of_half_a_move("s", Claim::Silence, Outcome::Unknown, now);
    case.assert(Head::Blocked, &Reason::MovedElsewhere(third));
}
