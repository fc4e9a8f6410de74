//! The journal's history of one group or community: the operations that name it, and their results. It folds no events;
//! it receives operations already folded.

use super::{
    community::CommunityRef,
    event::Record,
    id::{CommunityId, GroupId, OperationId, bare},
    operation::{Item, Operation, Totals, changes},
    plan::{Step, Verb},
    time::Millis,
};

/// The group or community whose history is requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistorySubject {
    Group(GroupId),
    Community(CommunityId),
}

impl HistorySubject {
    /// Its id as written.
    pub fn id(&self) -> &str {
        match self {
            Self::Group(group) => group.as_str(),
            Self::Community(community) => community.as_str(),
        }
    }

    /// The id without its suffix, for look-ups.
    pub fn bare(&self) -> &str {
        bare(self.id())
    }
}

/// One operation that names a group or community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    pub operation: OperationId,
    pub verb: Verb,
    /// The community that groups were linked to, or that was left.
    pub target: Option<CommunityRef>,
    /// When it was confirmed.
    pub at: Millis,
    /// The number of its groups.
    pub count: usize,
    /// The totals over all its groups.
    pub totals: Totals,
    /// The item of the group, if the subject is a group.
    pub item: Option<Item>,
    /// Whether the community itself was left.
    pub leaves_community: bool,
}

/// The part that an operation has in the history of a group or community; `None` if it does not name it.
pub fn past(operation: &Operation, subject: &HistorySubject) -> Option<Past> {
    let item = match subject {
        HistorySubject::Group(group) => {
            Some(operation.items.iter().find(|item| item.group.same_as(group))?.clone())
        }
        HistorySubject::Community(community) => {
            let is_target = operation.target.as_ref().is_some_and(|target| target.id.same_as(community));
            let names = |item: &Item| item.steps.iter().any(|step| step_names(step, community));
            if !is_target && !operation.items.iter().any(names) {
                return None;
            }
            None
        }
    };
    Some(Past {
        operation: operation.id,
        verb: operation.verb,
        target: operation.target.clone(),
        at: operation.created,
        count: operation.count,
        totals: operation.totals,
        item,
        leaves_community: operation.leaves_community,
    })
}

fn step_names(step: &Step, community: &CommunityId) -> bool {
    match step {
        Step::Link(named) | Step::Unlink(named) | Step::LeaveCommunity(named) => named.same_as(community),
        Step::Leave | Step::Join => false,
    }
}

/// Merges both, newest first. If both contain an operation, the entry of `newer` wins.
pub fn merged(newer: impl Iterator<Item = Past>, older: &[Past]) -> Vec<Past> {
    let mut all: Vec<Past> = newer.collect();
    for past in older {
        if all.iter().all(|known| known.operation != past.operation) {
            all.push(past.clone());
        }
    }
    all.sort_by_key(|past| std::cmp::Reverse(past.operation));
    all
}

/// Whether a record concerns an item.
pub fn concerns(record: &Record, item: usize) -> bool {
    let mut found = false;
    changes(&record.event, record.at, |at, _| found |= at == item);
    found
}
