//! What an operation that waited for its turn would still send, judged anew by what was read since. Pure.
//!
//! Only what a plan would now put under *already so* or *blocked* changes; nothing is added, and no risk is weighed
//! twice.

use std::collections::{BTreeMap, HashMap};

use super::{Again, Basis, Head, Mark, Plan, Reason, Request, Row, Step, Verb};
use crate::domain::{
    capability::Capabilities,
    directory::Directory,
    event::ItemReason,
    id::GroupId,
    operation::{Item, ItemState, Operation},
    outcome::Outcome,
    reading::{Readings, Scope},
    time::Millis,
};

/// What became of an item without anything being sent for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The item.
    pub item: usize,
    /// Already so, blocked, or not sent because what would tell could not be read.
    pub outcome: Outcome,
    /// Why.
    pub reason: Option<ItemReason>,
}

/// What the items that wait for their first request ask for.
pub fn request(operation: &Operation) -> Option<Request> {
    waiting(operation).map(|(_, request)| request)
}

/// What has to be read to judge an operation anew.
pub fn scopes(operation: &Operation, capabilities: &Capabilities) -> Vec<Scope> {
    match request(operation) {
        Some(request) => {
            let mut scopes = Plan::scopes(&request, &Directory::default(), capabilities, operation.created);
            // Whether a group is a community was asked before the plan was confirmed.
            scopes.retain(|scope| !matches!(scope, Scope::Probe(_)));
            if request.verb == Verb::Leave {
                scopes.retain(|scope| !matches!(scope, Scope::Details(_)));
            }
            scopes
        }
        None => vec![Scope::Connection],
    }
}

/// What changes now that this was read.
pub fn judge(
    operation: &Operation,
    readings: &Readings,
    capabilities: &Capabilities,
    subgroup_limit: usize,
    now: Millis,
) -> Vec<Change> {
    let Some((places, request)) = waiting(operation) else { return Vec::new() };
    let (directory, busy) = (Directory::default(), BTreeMap::new());
    let basis = Basis {
        readings,
        directory: &directory,
        capabilities,
        subgroup_limit,
        busy: &busy,
        skipped: true,
        now,
    };
    let plan = Plan::make(request, basis);
    let of_group: HashMap<&GroupId, usize> =
        places.into_iter().rev().map(|at| (&operation.items[at].group, at)).collect();
    let change = |row: Row| {
        let item = *of_group.get(&row.group)?;
        let reason = row.reasons.first().cloned().map(ItemReason::Plan);
        let was_sent = operation.items[item].was_sent;
        match row.head {
            Head::AlreadySo if was_sent => Some(Change { item, outcome: Outcome::Verified, reason: None }),
            Head::AlreadySo => Some(Change { item, outcome: Outcome::AlreadySo, reason }),
            Head::Blocked => Some(match row.reasons.into_iter().next() {
                // What would tell could not be read: it is not sent blindly, and can be taken up again.
                Some(Reason::SourceUnread(failure) | Reason::TargetUnread(failure)) => {
                    let reason = Some(ItemReason::Halted(failure));
                    Change { item, outcome: Outcome::NotSent, reason }
                }
                _ => Change { item, outcome: Outcome::Blocked, reason },
            }),
            Head::WillDo | Head::Risky => None,
        }
    };
    plan.rows.into_iter().filter_map(change).collect()
}

/// The items that wait for their first request, and what is wanted of them.
fn waiting(operation: &Operation) -> Option<(Vec<usize>, Request)> {
    let waits = |item: &Item| item.state == ItemState::Queued && item.outcome.is_none() && item.attempts == 0;
    let items = operation.items.iter().enumerate();
    let (places, marks): (Vec<usize>, Vec<Mark>) =
        items.filter(|(_, item)| waits(item)).filter_map(|(at, item)| Some((at, mark(item)?))).unzip();
    let verb = marks.first()?.again.as_ref()?.verb;
    let request = Request {
        instance: operation.instance.clone(),
        verb,
        target: None,
        marks,
        leaves_community: false,
        parent: operation.parent,
    };
    Some((places, request))
}

fn mark(item: &Item) -> Option<Mark> {
    let (verb, source, target) = match item.steps.get(item.step..)? {
        [Step::Unlink(source), Step::Link(target)] => (Verb::Move, Some(source), Some(target)),
        [Step::Link(target)] => (Verb::Link, None, Some(target)),
        [Step::Unlink(source)] => (Verb::Unlink, Some(source), None),
        [Step::Leave] => (Verb::Leave, None, None),
        [Step::Join] => (Verb::Rejoin, None, None),
        _ => return None,
    };
    let again = Again { verb, target: target.cloned(), sent_before: item.was_sent };
    Some(Mark {
        group: item.group.clone(),
        name: item.name.clone(),
        source: source.cloned(),
        again: Some(again),
    })
}
