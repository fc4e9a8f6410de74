//! The plan that undoes half a move: the group was unlinked from North, and the link to Harbor was not verified.

use synod::domain::{
    event::{Fate, OperationEvent, Order, OrderItem, Record, SeenBefore},
    operation::Operation,
    outcome::{Claim, Outcome},
    plan::again,
};

use super::*;

/// The undo of half a move, on a gateway whose list of groups says which community the group is in now.
fn undo_of_half_a_move(text: &str, claim: Claim, outcome: Outcome, now: Parent) -> Case {
    let item = OrderItem {
        group: id(text),
        name: Name::new(text),
        steps: vec![Step::Unlink(community("north")), Step::Link(community("harbor"))],
        done: 0,
        fate: Fate::Send,
        reason: None,
        evidence: SeenBefore::default(),
        sent_before: false,
    };
    let order = Order { verb: Verb::Move, target: None, parent: None, items: vec![item] };
    let sending = |step| OperationEvent::Sending { item: 0, step, attempt: 1, timeout_ms: None };
    let answered = |claim| OperationEvent::Answered { item: 0, claim, failure: None };
    let events = [
        OperationEvent::Created(Box::new(order)),
        sending(0),
        answered(Claim::Yes),
        OperationEvent::StepVerified { item: 0 },
        sending(1),
        answered(claim),
        OperationEvent::ItemFinished { item: 0, outcome, reason: None },
        OperationEvent::Ended,
    ];
    let records: Vec<Record> = (0..)
        .zip(events)
        .map(|(sequence, event)| Record {
            instance: InstanceKey::new("ryzeapi-test"),
            operation: OperationId(1),
            sequence,
            at: NOW,
            event,
        })
        .collect();
    let mut operation = Operation::begin(&records[0]).unwrap();
    records[1..].iter().for_each(|record| operation.apply(record));
    let request = again::undo(&operation).unwrap();
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
