//! Turns an earlier operation into a new request: retry, resume, undo or rejoin. Also lists what cannot be undone. Pure. The
//! request is planned like any other, with fresh readings.
//!
//! The section "Retry, undo, look, resume" of `docs/operations.md` defines what may be retried.

#[cfg(test)]
mod tests;

use super::{Again, Mark, Request, Step, Verb};
use crate::domain::{
    event::ItemReason,
    failure::FailureKind,
    id::{CommunityId, GroupId},
    operation::{Item, Operation, Phase},
    outcome::{Claim, Outcome},
};

/// Why an undo cannot bring an item back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The number left the group. Only an invite leads back, and until then the number cannot link or unlink it.
    Left,
    /// The number left the community, and with it its subgroups.
    LeftCommunity,
    /// It is unknown whether anything was done.
    Unknown,
}

/// The request that tries again: items that were contradicted or not sent; items that are unknown, unless nothing can show their
/// result; items that were refused for a temporary reason or without a reason; and groups that half a move left in no community.
/// `None` while the operation runs, and if there is nothing to retry.
pub fn retry(operation: &Operation) -> Option<Request> {
    take_up(operation, is_retried)
}

/// Whether the totals of an operation leave anything that [`retry`] might use. Reads only the totals, so the cost does not grow
/// with the items.
pub fn may_retry(operation: &Operation) -> bool {
    let left = [Outcome::Contradicted, Outcome::NotSent, Outcome::Unknown, Outcome::Refused];
    !operation.is_live() && left.into_iter().any(|outcome| operation.totals.of(outcome) > 0)
}

/// The same for [`undo`]. Half of a move may have been done even if the move was not verified.
pub fn may_undo(operation: &Operation) -> bool {
    let is_done = operation.verb == Verb::Move || operation.totals.of(Outcome::Verified) > 0;
    !operation.is_live() && is_done && operation.verb != Verb::Leave
}

/// The same for [`resume`] and [`rejoin`].
pub fn may_go_on(operation: &Operation) -> bool {
    let count = |outcome| operation.totals.of(outcome);
    let is_early = matches!(operation.phase, Phase::Ended(Some(_)));
    let is_left = is_early && count(Outcome::NotSent) + count(Outcome::Unknown) > 0;
    is_left || !operation.is_live() && operation.verb == Verb::Leave && count(Outcome::Verified) > 0
}

/// The request that resumes an operation that ended early: items that were not sent, and items whose result is unknown. `None` if
/// it ended normally, and if there is nothing to resume.
pub fn resume(operation: &Operation) -> Option<Request> {
    if !matches!(operation.phase, Phase::Ended(Some(_))) {
        return None;
    }
    take_up(operation, is_resumed)
}

/// The inverse of everything that was verified: each group goes back to where it was. `None` while the operation runs, and if
/// there is nothing to undo. [`losses`] lists what it omits.
pub fn undo(operation: &Operation) -> Option<Request> {
    let verb = match operation.verb {
        Verb::Link => Verb::Unlink,
        Verb::Unlink => Verb::Link,
        Verb::Move => Verb::Move,
        Verb::Rejoin => Verb::Leave,
        Verb::Leave => return None,
    };
    let marks = operation.items.iter().filter_map(inverse).collect();
    request(operation, verb, marks)
}

/// The items that were changed, or may have been, and that [`undo`] does not bring back.
pub fn losses(operation: &Operation) -> Vec<(usize, Loss)> {
    let loss = |item: &Item| match (item.outcome?, item.current_step()?) {
        (Outcome::Verified, Step::Leave) => Some(Loss::Left),
        (Outcome::Verified, Step::LeaveCommunity(_)) => Some(Loss::LeftCommunity),
        (Outcome::Unknown, _) if item.was_sent && inverse(item).is_none() => Some(Loss::Unknown),
        _ => None,
    };
    operation.items.iter().enumerate().filter_map(|(at, item)| Some((at, loss(item)?))).collect()
}

/// The request that rejoins the groups that were left and whose invite links were kept. `None` while the operation runs, and if
/// there are none.
pub fn rejoin(operation: &Operation, has_link: impl Fn(&GroupId) -> bool) -> Option<Request> {
    let can_come_back = |item: &&Item| {
        item.outcome == Some(Outcome::Verified)
            && item.steps.last() == Some(&Step::Leave)
            && has_link(&item.group)
    };
    let items = operation.items.iter().filter(can_come_back);
    let marks = items.map(|item| mark(item, None, Verb::Rejoin, None, false)).collect();
    request(operation, Verb::Rejoin, marks)
}

/// The newest interrupted operation that has something left and that no other operation has followed up.
pub fn newest_interrupted(operations: &[Operation]) -> Option<&Operation> {
    let is_open = |operation: &&Operation| {
        operation.was_interrupted()
            && resume(operation).is_some()
            && !operations.iter().any(|other| other.parent == Some(operation.id))
    };
    operations.iter().filter(is_open).max_by_key(|operation| operation.id)
}

fn is_retried(item: &Item) -> bool {
    let is_left_standing = item.reason == Some(ItemReason::LeftStanding);
    match item.outcome {
        Some(Outcome::Contradicted | Outcome::NotSent) => true,
        Some(Outcome::Unknown) => item.reason != Some(ItemReason::CannotBeShown),
        Some(Outcome::Refused) => is_left_standing || is_passing(item.reason.as_ref()),
        _ => false,
    }
}

fn is_resumed(item: &Item) -> bool {
    matches!(item.outcome, Some(Outcome::NotSent | Outcome::Unknown)) && is_retried(item)
}

/// Whether a refusal has a temporary reason, or no stated reason.
fn is_passing(reason: Option<&ItemReason>) -> bool {
    match reason {
        None | Some(ItemReason::Guess(_)) => true,
        Some(ItemReason::Gateway(failure)) => {
            failure.is_passing() || (failure.kind == FailureKind::Refused && failure.words.is_none())
        }
        Some(_) => false,
    }
}

fn take_up(operation: &Operation, is_taken: impl Fn(&Item) -> bool) -> Option<Request> {
    if let [Item { steps, .. }] = operation.items.as_slice()
        && let [Step::LeaveCommunity(community)] = steps.as_slice()
    {
        let is_taken = is_taken(&operation.items[0]);
        let request = || Request { parent: Some(operation.id), ..leave_community(operation, community) };
        return (is_taken && !operation.is_live()).then(request);
    }
    let wished = |item: &Item| {
        let source = unlinked_from(&item.steps).cloned();
        let target = linked_to(&item.steps).cloned();
        // If the group of a move was in no community, it is moved again: it may be in one by now.
        let verb = match operation.verb {
            Verb::Move | Verb::Link if target.is_none() => Verb::Unlink,
            Verb::Unlink if target.is_some() => Verb::Link,
            verb => verb,
        };
        mark(item, source, verb, target, item.was_sent)
    };
    let marks = operation.items.iter().filter(|item| is_taken(item)).map(wished).collect();
    request(operation, operation.verb, marks)
}

/// An operation that leaves a community itself, as a request.
pub(super) fn leave_community(operation: &Operation, community: &CommunityId) -> Request {
    Request {
        instance: operation.instance.clone(),
        verb: Verb::Leave,
        target: Some(community.clone()),
        marks: Vec::new(),
        leaves_community: true,
        parent: operation.parent,
    }
}

/// The mark that reverses the verified steps of an item.
fn inverse(item: &Item) -> Option<Mark> {
    let done = if item.outcome == Some(Outcome::Verified) { item.steps.len() } else { item.step };
    let (source, verb, target) = match item.steps.get(..done)? {
        [Step::Unlink(from), Step::Link(to)] => (Some(to), Verb::Move, Some(from)),
        // The group that half a move left in no community may have been linked in the meantime.
        [Step::Unlink(from)] if item.has_next_step() => (linked_to(&item.steps), Verb::Move, Some(from)),
        [Step::Unlink(from)] => (None, Verb::Link, Some(from)),
        [Step::Link(to)] => (Some(to), Verb::Unlink, None),
        [Step::Join] => (None, Verb::Leave, None),
        _ => return None,
    };
    let mut mark = mark(item, source.cloned(), verb, target.cloned(), false);
    if let Some(again) = &mut mark.again {
        again.may_be_others = item.claim == Some(Claim::No);
    }
    Some(mark)
}

fn mark(
    item: &Item,
    source: Option<CommunityId>,
    verb: Verb,
    target: Option<CommunityId>,
    sent_before: bool,
) -> Mark {
    let again = Some(Again { verb, target, sent_before, may_be_others: false });
    Mark { group: item.group.clone(), name: item.name.clone(), source, again }
}

fn request(operation: &Operation, verb: Verb, marks: Vec<Mark>) -> Option<Request> {
    if operation.is_live() || marks.is_empty() {
        return None;
    }
    let mut targets = marks.iter().map(|mark| mark.again.as_ref().and_then(|again| again.target.as_ref()));
    let first = targets.next().flatten();
    // If all marks link to the same community, that is the target of the whole plan.
    let target = first.filter(|first| targets.all(|other| other == Some(*first))).cloned();
    Some(Request {
        instance: operation.instance.clone(),
        verb,
        target,
        marks,
        leaves_community: false,
        parent: Some(operation.id),
    })
}

fn unlinked_from(steps: &[Step]) -> Option<&CommunityId> {
    steps.iter().find_map(|step| match step {
        Step::Unlink(community) => Some(community),
        _ => None,
    })
}

fn linked_to(steps: &[Step]) -> Option<&CommunityId> {
    steps.iter().find_map(|step| match step {
        Step::Link(community) => Some(community),
        _ => None,
    })
}
