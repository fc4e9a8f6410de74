//! The history of a group or a community: the part of an operation that concerns it.

use synod::domain::{
    event::Record,
    history::*,
    id::{CommunityId, GroupId, OperationId},
    operation::Operation,
    plan::{Step, Verb},
    time::Millis,
};
use synod::domain::{
    event::{Fate, OperationEvent, Order, OrderItem, SeenBefore},
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
        subgroups: Vec::new(),
    };
    let order =
        Order { verb: Verb::Unlink, target: None, parent: None, items: groups.iter().map(item).collect() };
    let record = Record {
        instance: InstanceKey::new("ops"),
        operation: OperationId(id),
        sequence: 0,
        at: Millis(7),
        writer: None,
        event: OperationEvent::Created(Box::new(order)),
    };
    Operation::begin(&record).unwrap()
}

#[test]
fn an_operation_tells_of_its_groups_and_of_the_communities_that_its_steps_name() {
    let done = operation(3, &["1@g.us", "2@g.us"]);
    let group = |id: &str| HistorySubject::Group(GroupId::parse(id).unwrap());
    let known = past(&done, &group("2@g.us")).unwrap();
    assert_eq!(known.item.unwrap().outcome, Some(Outcome::AlreadySo));
    assert_eq!(past(&done, &group("3@g.us")), None);
    let community = |id: &str| HistorySubject::Community(CommunityId::parse(id).unwrap());
    assert_eq!(past(&done, &community("9@g.us")).unwrap().item, None);
    assert_eq!(past(&done, &community("8@g.us")), None);
}

#[test]
fn the_newest_comes_first_and_nothing_is_told_twice() {
    let subject = HistorySubject::Group(GroupId::parse("1@g.us").unwrap());
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
        writer: None,
        event,
    };
    let looked = record(OperationEvent::Looked { seen: vec![(2, Shows::Wanted)] });
    assert!(concerns(&looked, 2) && !concerns(&looked, 1));
    assert!(!concerns(&record(OperationEvent::Resumed), 0));
}
