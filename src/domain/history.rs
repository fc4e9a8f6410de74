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
pub enum Subject {
    /// A group.
    Group(GroupId),
    /// A community.
    Community(CommunityId),
}

impl Subject {
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
    /// The operation.
    pub operation: OperationId,
    /// The verb.
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
pub fn past(operation: &Operation, subject: &Subject) -> Option<Past> {
    let item = match subject {
        Subject::Group(group) => Some(operation.items.iter().find(|item| item.group.same_as(group))?.clone()),
        Subject::Community(community) => {
            let is_target = operation.target.as_ref().is_some_and(|target| target.id.same_as(community));
            let names = |item: &Item| item.steps.iter().any(|step| step_names(step, community));
            if !is_target && !operation.items.iter().any(names) {
                return None;
            }
            None
        }
    };
    let leaves = |item: &Item| matches!(item.steps.first(), Some(Step::LeaveCommunity(_)));
    Some(Past {
        operation: operation.id,
        verb: operation.verb,
        target: operation.target.clone(),
        at: operation.created,
        count: operation.items.len(),
        totals: operation.totals,
        item,
        leaves_community: operation.items.iter().any(leaves),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        event::{Event, Fate, Order, OrderItem, SeenBefore},
        instance::InstanceKey,
        name::Name,
        outcome::{Outcome, Shows},
    };

    fn operation(id: u64, groups: &[&str]) -> Operation {
        let community = CommunityId::parse("9@g.us").unwrap();
        let item = |group: &&str| OrderItem {
            group: GroupId::parse(group).unwrap(),
            name: Name::new("Choir"),
            steps: vec![Step::Unlink(community.clone())],
            done: 0,
            fate: Fate::AlreadySo,
            reason: None,
            evidence: SeenBefore::default(),
            sent_before: false,
        };
        let order = Order {
            verb: Verb::Unlink,
            target: None,
            parent: None,
            items: groups.iter().map(item).collect(),
        };
        let record = Record {
            instance: InstanceKey::new("ops"),
            operation: OperationId(id),
            sequence: 0,
            at: Millis(7),
            event: Event::Created(Box::new(order)),
        };
        Operation::begin(&record).unwrap()
    }

    #[test]
    fn an_operation_concerns_its_groups_and_the_communities_of_its_steps() {
        let done = operation(3, &["1@g.us", "2@g.us"]);
        let group = |id: &str| Subject::Group(GroupId::parse(id).unwrap());
        let told = past(&done, &group("2@g.us")).unwrap();
        assert_eq!(told.item.unwrap().outcome, Some(Outcome::AlreadySo));
        assert_eq!(past(&done, &group("3@g.us")), None);
        let community = |id: &str| Subject::Community(CommunityId::parse(id).unwrap());
        assert_eq!(past(&done, &community("9@g.us")).unwrap().item, None);
        assert_eq!(past(&done, &community("8@g.us")), None);
    }

    #[test]
    fn the_newest_comes_first_and_nothing_is_listed_twice() {
        let subject = Subject::Group(GroupId::parse("1@g.us").unwrap());
        let of = |id| past(&operation(id, &["1@g.us"]), &subject).unwrap();
        let ids = |all: Vec<Past>| all.iter().map(|past| past.operation.0).collect::<Vec<_>>();
        assert_eq!(ids(merged([of(2), of(5)].into_iter(), &[of(2), of(1)])), [5, 2, 1]);
    }

    #[test]
    fn a_record_concerns_the_items_that_it_names() {
        let record = |event| Record {
            instance: InstanceKey::new("ops"),
            operation: OperationId(1),
            sequence: 4,
            at: Millis(0),
            event,
        };
        let looked = record(Event::Looked { seen: vec![(2, Shows::Wanted)] });
        assert!(concerns(&looked, 2) && !concerns(&looked, 1));
        assert!(!concerns(&record(Event::Resumed), 0));
    }
}
