//! Turns an earlier operation into a new request: retry, resume, undo or rejoin. Also lists what cannot be undone. Pure. The
//! request is planned like any other, with fresh readings.
//!
//! The section "Retry, undo, look, resume" of `docs/operations.md` defines what may be retried.

use super::{Earlier, Origin, Request, Step, Verb, Want, Wish};
use crate::domain::{
    event::ItemReason,
    failure::FailureKind,
    id::{CommunityId, GroupId},
    invite::{ClosedLinks, StoredLinks},
    operation::{Item, Operation, Phase, Summary},
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

/// How many items [`retry`] tries again.
pub fn count_retried(operation: &Operation) -> usize {
    operation.items.iter().filter(|item| is_retried(item)).count()
}

/// Whether the totals of an operation leave anything that [`retry`] might use. Reads only the totals, so the cost does not grow
/// with the items.
pub fn may_retry(operation: &Summary) -> bool {
    let left = [Outcome::Contradicted, Outcome::NotSent, Outcome::Unknown, Outcome::Refused];
    !operation.is_live() && left.into_iter().any(|outcome| operation.totals.of(outcome) > 0)
}

/// The same for [`undo`]. Half of a move may have been done even if the move was not verified.
pub fn may_undo(operation: &Summary) -> bool {
    let is_done = operation.verb == Verb::Move || operation.totals.of(Outcome::Verified) > 0;
    !operation.is_live() && is_done && operation.verb != Verb::Leave
}

/// The same for [`resume`] and [`rejoin`].
pub fn may_go_on(operation: &Summary) -> bool {
    let is_early = matches!(operation.phase, Phase::Ended(Some(_)));
    let is_left = is_early && operation.totals.resumable > 0;
    is_left
        || !operation.is_live() && operation.verb == Verb::Leave && operation.totals.of(Outcome::Verified) > 0
}

/// The request that resumes an operation that ended early: items that were not sent, and items whose result is unknown. `None` if
/// it ended normally, and if there is nothing to resume.
pub fn resume(operation: &Operation) -> Option<Request> {
    if !matches!(operation.phase, Phase::Ended(Some(_))) {
        return None;
    }
    take_up(operation, Item::is_resumable)
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
    request(operation, verb, operation.items.iter().filter_map(inverse).collect())
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
    let wishes = items.map(|item| wish(item, Want::Member, Origin::Anywhere, Earlier::default())).collect();
    request(operation, Verb::Rejoin, wishes)
}

/// The groups that a rejoin leaves out because their links do not open here; `None` if there are none.
pub fn not_opened(operation: &Operation, links: &StoredLinks) -> Option<ClosedLinks> {
    let request = rejoin(operation, |group| links.closed.contains(group))?;
    Some(ClosedLinks { count: request.wishes.len(), has_key: links.has_key })
}

/// The newest interrupted operation that has something left and that no other operation has followed up.
pub fn newest_interrupted<'a>(all: impl Iterator<Item = &'a Summary> + Clone) -> Option<&'a Summary> {
    let followed_up: Vec<_> = all.clone().filter_map(|other| other.parent).collect();
    let is_open = |known: &&Summary| {
        known.was_interrupted() && known.totals.resumable > 0 && !followed_up.contains(&known.id)
    };
    all.filter(is_open).max_by_key(|known| known.id)
}

fn is_retried(item: &Item) -> bool {
    let is_left_standing = item.reason == Some(ItemReason::LeftStanding);
    match item.outcome {
        Some(Outcome::Contradicted) => true,
        Some(Outcome::Refused) => is_left_standing || is_passing(item.reason.as_ref()),
        _ => item.is_resumable(),
    }
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
    let again = |item: &Item| {
        let source = unlinked_from(&item.steps).cloned();
        let (want, from) = match (item.steps.first()?, linked_to(&item.steps).cloned(), source) {
            (Step::Leave, ..) => (Want::Left, Origin::Anywhere),
            (Step::LeaveCommunity(community), ..) => {
                (Want::CommunityLeft(community.clone()), Origin::Anywhere)
            }
            (Step::Join, ..) => (Want::Member, Origin::Anywhere),
            (_, Some(target), Some(source)) => (Want::In(target), Origin::Only(source)),
            (_, Some(target), None) => (Want::In(target), Origin::Nowhere),
            (_, None, source) => (Want::InNone, source.map_or(Origin::Anywhere, Origin::Only)),
        };
        let earlier = Earlier { sent_before: item.was_sent, ..Earlier::default() };
        Some(wish(item, want, from, earlier))
    };
    let items = operation.items.iter().filter(|item| is_taken(item));
    request(operation, operation.verb, items.filter_map(again).collect())
}

/// The wish that reverses the verified steps of an item.
fn inverse(item: &Item) -> Option<Wish> {
    let done = if item.outcome == Some(Outcome::Verified) { item.steps.len() } else { item.step };
    let only = |community: &CommunityId| Origin::Only(community.clone());
    let (want, from) = match item.steps.get(..done)? {
        [Step::Unlink(from), Step::Link(to)] => (Want::In(from.clone()), only(to)),
        // After half of a move, the link may have taken effect all the same.
        [Step::Unlink(from)] => {
            (Want::In(from.clone()), linked_to(&item.steps).map_or(Origin::Nowhere, only))
        }
        [Step::Link(to)] => (Want::InNone, only(to)),
        [Step::Join] => (Want::Left, Origin::Anywhere),
        _ => return None,
    };
    let earlier = Earlier { may_be_others: item.claim == Some(Claim::No), ..Earlier::default() };
    Some(wish(item, want, from, earlier))
}

fn wish(item: &Item, want: Want, from: Origin, earlier: Earlier) -> Wish {
    Wish { group: item.group.clone(), name: item.name.clone(), want, from, earlier: Some(earlier) }
}

fn request(operation: &Operation, verb: Verb, wishes: Vec<Wish>) -> Option<Request> {
    let (instance, parent) = (operation.instance.clone(), Some(operation.id));
    let is_due = !operation.is_live() && !wishes.is_empty();
    // The rest of a move may be links alone, or unlinks.
    let verb = match verb {
        Verb::Move if wishes.iter().all(|wish| wish.want == Want::InNone) => Verb::Unlink,
        Verb::Move if wishes.iter().all(|wish| wish.target().is_some() && !wish.moves()) => Verb::Link,
        verb => verb,
    };
    is_due.then_some(Request { instance, verb, wishes, parent })
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
