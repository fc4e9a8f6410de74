//! Re-evaluates, with newer readings, what an operation that waited for its turn would still send. Pure.
//!
//! Only items that a plan would now put under *already so* or *blocked* change. Nothing is added, and no risk is evaluated twice.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Basis, Earlier, Head, Needs, Origin, Plan, Reason, Request, Row, Step, Want, Wish};
use crate::domain::{
    capability::Capabilities,
    community::CommunityRef,
    directory::{Directory, KnownFrom},
    event::ItemReason,
    evidence::{Answers, Proof},
    failure::Failure,
    id::{CommunityId, GroupId},
    operation::{Item, ItemState, Operation},
    outcome::Outcome,
    reading::Readings,
    time::Millis,
};

/// The result of an item for which nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecheckChange {
    pub item: usize,
    /// Already so, blocked, or not sent because the deciding answer could not be read.
    pub outcome: Outcome,
    pub reason: Option<ItemReason>,
}

/// What to read before an operation is re-evaluated; `None` if no item waits for its first request. The kinds of the groups were
/// read before the operator confirmed the plan.
pub fn needs(operation: &Operation, known: &Directory, capabilities: &Capabilities) -> Option<Needs> {
    let (_, request) = waiting(operation)?;
    let needs = Needs::new(&request, known, capabilities, operation.created);
    Some(needs.of_known_kinds())
}

/// The communities where others may have put the groups of an operation: those that other operations on these groups name.
pub fn known(operation: &Operation, others: &[Operation]) -> Directory {
    let groups: HashSet<&GroupId> = operation.items.iter().map(|item| &item.group).collect();
    let others = others.iter().filter(|other| other.id != operation.id);
    let items = others.flat_map(|other| &other.items).filter(|item| groups.contains(&item.group));
    let mut known = Directory::default();
    for step in items.flat_map(|item| &item.steps) {
        if let Step::Link(id) | Step::Unlink(id) = step {
            known.learn(CommunityRef { id: id.clone(), name: None }, KnownFrom::Memory);
        }
    }
    known
}

/// The changes that the new readings cause.
pub fn judge(
    operation: &Operation,
    known: &Directory,
    readings: &Readings,
    capabilities: &Capabilities,
    subgroup_limit: usize,
    now: Millis,
) -> Vec<RecheckChange> {
    let Some((places, request)) = waiting(operation) else { return Vec::new() };
    let answers = Answers::new(readings, Millis::default(), capabilities);
    if let Some(community) = request.target().filter(|_| request.leaves_community()) {
        let judge = |at: usize| leave_community(at, &operation.items[at], community, &answers);
        return places.into_iter().filter_map(judge).collect();
    }
    let busy = BTreeMap::new();
    let basis =
        Basis { readings, directory: known, capabilities, subgroup_limit, busy: &busy, skipped: true, now };
    let plan = Plan::make(request, basis);
    let of_group: HashMap<&GroupId, usize> =
        places.into_iter().rev().map(|at| (&operation.items[at].group, at)).collect();
    let change = |row: Row| {
        let item = *of_group.get(&row.group)?;
        let reason = row.reasons.first().cloned().map(ItemReason::Plan);
        let was_sent = operation.items[item].was_sent;
        match row.head {
            Head::AlreadySo if was_sent => {
                Some(RecheckChange { item, outcome: Outcome::Verified, reason: None })
            }
            Head::AlreadySo => Some(RecheckChange { item, outcome: Outcome::AlreadySo, reason }),
            // A plan that was just made leaves nothing out.
            Head::Blocked | Head::LeftOut => Some(match row.reasons.into_iter().next() {
                Some(Reason::SourceUnread(failure) | Reason::TargetUnread(failure)) => {
                    not_sent(item, failure)
                }
                _ => RecheckChange { item, outcome: Outcome::Blocked, reason },
            }),
            Head::WillDo | Head::Risky => {
                let waiting = &operation.items[item];
                if row.steps.get(row.done..) != waiting.steps.get(waiting.step..) {
                    // It is not where it was when the plan was made, and its place is unknown. If an earlier operation has
                    // sent something for it, that may have taken it out: a retry links it.
                    if waiting.was_sent {
                        let reason = Some(ItemReason::LeftStanding);
                        return Some(RecheckChange { item, outcome: Outcome::NotSent, reason });
                    }
                    let is_in_none = answers.is_in_none(&waiting.group);
                    let reason = if is_in_none { Reason::NotIn } else { Reason::PlaceUnknown };
                    let reason = Some(ItemReason::Plan(reason));
                    return Some(RecheckChange { item, outcome: Outcome::Blocked, reason });
                }
                unread_member(waiting, &answers, readings).map(|failure| not_sent(item, failure))
            }
        }
    };
    plan.rows.into_iter().filter_map(change).collect()
}

/// An item is not sent blindly if the deciding answer could not be read; a later operation can resume it.
fn not_sent(item: usize, failure: Failure) -> RecheckChange {
    RecheckChange { item, outcome: Outcome::NotSent, reason: Some(ItemReason::Halted(failure)) }
}

/// Why nothing shows any more whether the number is in a group that it is to leave, although something showed it before.
fn unread_member(item: &Item, answers: &Answers<'_>, readings: &Readings) -> Option<Failure> {
    let was_seen = item.evidence.was_listed || item.evidence.had_details;
    if item.current_step() != Some(&Step::Leave)
        || !was_seen
        || answers.is_member(&item.group) != Proof::Unknown
    {
        return None;
    }
    let details = readings.details.get(&item.group).and_then(|read| read.as_ref().err());
    details.or_else(|| readings.groups.as_ref()?.as_ref().err()).cloned()
}

/// A community is left if an answer shows that the number is still in it, or if the answers could be read and none contradicts
/// that.
fn leave_community(
    item: usize,
    waiting: &Item,
    community: &CommunityId,
    answers: &Answers<'_>,
) -> Option<RecheckChange> {
    let is_in = answers.is_in_community(community, waiting.evidence);
    let failure = answers.failure_about(community);
    match is_in {
        Proof::No if waiting.was_sent => {
            Some(RecheckChange { item, outcome: Outcome::Verified, reason: None })
        }
        Proof::No => {
            let reason = Some(ItemReason::Plan(Reason::NotMember));
            Some(RecheckChange { item, outcome: Outcome::AlreadySo, reason })
        }
        Proof::Yes => None,
        Proof::Absent(_) | Proof::Unknown => failure.map(|failure| not_sent(item, failure)),
    }
}

/// The items that wait for their first request, and a request for them.
fn waiting(operation: &Operation) -> Option<(Vec<usize>, Request)> {
    let waits = |item: &Item| item.state == ItemState::Queued && item.outcome.is_none() && item.attempts == 0;
    let items = operation.items.iter().enumerate().filter(|(_, item)| waits(item));
    let (places, wishes): (Vec<usize>, Vec<Wish>) =
        items.filter_map(|(at, item)| Some((at, wish(item)?))).unzip();
    let (instance, verb) = (operation.instance.clone(), operation.verb);
    let request = Request { instance, verb, wishes, parent: operation.parent };
    (!places.is_empty()).then_some((places, request))
}

/// The wish that the rest of an item's steps fulfils.
fn wish(item: &Item) -> Option<Wish> {
    let (want, from) = match item.steps.get(item.step..)? {
        [Step::Unlink(source), Step::Link(target)] => {
            (Want::In(target.clone()), Origin::Only(source.clone()))
        }
        [Step::Link(target)] => (Want::In(target.clone()), Origin::Nowhere),
        [Step::Unlink(source)] => (Want::InNone, Origin::Only(source.clone())),
        [Step::Leave] => (Want::Left, Origin::Anywhere),
        [Step::LeaveCommunity(community)] => (Want::CommunityLeft(community.clone()), Origin::Anywhere),
        [Step::Join] => (Want::Member, Origin::Anywhere),
        _ => return None,
    };
    let earlier = Some(Earlier { sent_before: item.was_sent, ..Earlier::default() });
    Some(Wish { group: item.group.clone(), name: item.name.clone(), want, from, earlier })
}
