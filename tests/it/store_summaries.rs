//! The list of operations: kept summaries equal the fold, and are made again when something was added.

use rusqlite::Connection;
use std::sync::Arc;
use synod::{
    domain::{
        community::GroupList,
        directory::LastRead,
        event::{OperationEvent, Record},
        id::OperationId,
        instance::InstanceKey,
        operation::Summary,
        outcome::Outcome,
        time::Millis,
    },
    engine::journal::Journal,
    store::{FileStore, Renamed, Store},
};

use crate::support::{
    fake_gateway::{community, group},
    rig::link,
    shared::{key, store},
};

fn finished(outcome: Outcome) -> OperationEvent {
    OperationEvent::ItemFinished { item: 0, outcome, reason: None }
}

fn sending(item: usize) -> OperationEvent {
    OperationEvent::Sending { item, step: 0, attempt: 1, timeout_ms: None }
}

/// Records an operation of two groups, with these events.
async fn record(store: &FileStore, at: i64, events: Vec<OperationEvent>) -> OperationId {
    let order = link(&community("c"), [group(1), group(2)]);
    let begun = store.begin(&key(), Millis(at), order).await.unwrap();
    let next = |(event, sequence)| Record { event, sequence, ..begun.clone() };
    store.append(events.into_iter().zip(1..).map(next).collect()).await.unwrap();
    begun.operation
}

async fn folded(store: &FileStore) -> Vec<Summary> {
    let all = store.operations(&key(), 9).await.unwrap();
    all.into_iter().map(|operation| operation.summary).collect()
}

fn execute(store: &FileStore, sql: &str) {
    Connection::open(store.file()).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn the_list_equals_the_fold_and_needs_no_events_of_ended_operations() {
    let (_directory, store) = store();
    record(&store, 5, vec![OperationEvent::Started, finished(Outcome::Unknown), OperationEvent::Ended]).await;
    record(&store, 6, vec![OperationEvent::Started]).await;
    let meant = folded(&store).await;
    assert_eq!(store.summaries(&key(), 9).await.unwrap(), meant);
    assert_eq!((meant[1].count, meant[1].totals.of(Outcome::Unknown), meant[1].totals.queued), (2, 1, 1));
    let listed = store.list(&key(), 9).await.unwrap();
    assert_eq!(listed.iter().map(|entry| entry.summary.is_some()).collect::<Vec<_>>(), [false, true]);
    assert_eq!(listed.iter().map(|entry| entry.events).collect::<Vec<_>>(), [2, 4]);
    execute(&store, "UPDATE events SET body = '{}' WHERE operation = 1");
    assert_eq!(store.summaries(&key(), 9).await.unwrap(), meant);
    assert_eq!(store.summaries(&key(), 1).await.unwrap(), meant[..1]);
    assert_eq!(store.summaries(&InstanceKey::new("other"), 9).await.unwrap(), []);
}

#[tokio::test]
async fn a_summary_is_made_again_when_something_was_added_or_it_is_unreadable() {
    let (_directory, store) = store();
    let id = record(&store, 5, vec![sending(1), finished(Outcome::Unknown), OperationEvent::Ended]).await;
    let begun = store.records(&key(), id, 0).await.unwrap().remove(0);
    store.append(vec![Record { sequence: 4, event: finished(Outcome::Verified), ..begun }]).await.unwrap();
    assert_eq!(store.list(&key(), 9).await.unwrap()[0].summary, None);
    let renewed = store.summaries(&key(), 9).await.unwrap();
    assert_eq!(renewed[0].totals.of(Outcome::Verified), 1);
    assert_eq!(store.list(&key(), 9).await.unwrap()[0].summary.as_ref(), Some(&renewed[0]));
    let changed = r#"replace(summary, '"under_way":1', '"under_way":18446744073709551615')"#;
    for lost in ["NULL", "'{}'", "'?'", changed] {
        execute(&store, &format!("UPDATE operations SET summary = {lost}"));
        assert_eq!(store.list(&key(), 9).await.unwrap()[0].summary, None);
        assert_eq!(store.summaries(&key(), 9).await.unwrap(), renewed);
    }
}

#[tokio::test]
async fn a_renamed_instance_keeps_its_summaries() {
    let (_directory, store) = store();
    record(&store, 5, vec![OperationEvent::Ended]).await;
    let now = InstanceKey::new("now");
    let renamed = vec![Renamed { from: key(), to: now.clone() }];
    let again = FileStore::open_renaming(store.file().parent().unwrap(), renamed).unwrap();
    let listed = again.list(&now, 9).await.unwrap();
    assert_eq!(listed[0].summary.as_ref().unwrap().instance, now);
    assert!(
        again.operation(&key(), OperationId(1)).await.unwrap().is_none(),
        "it belongs to another instance"
    );
}

#[tokio::test]
async fn only_operations_that_ended_since_a_stored_reading_matter_for_it() {
    let (_directory, store) = store();
    for at in [5, 7] {
        record(&store, at, vec![OperationEvent::Ended]).await;
    }
    record(&store, 8, Vec::new()).await;
    let since = async || {
        let listed = store.list(&key(), 9).await.unwrap();
        listed.iter().map(|entry| entry.is_since_reading).collect::<Vec<_>>()
    };
    assert_eq!(since().await, [true, false, false], "nothing was read");
    let groups =
        GroupList { begun: Millis(6), groups: std::iter::empty().collect(), skipped: 0, is_cut: false };
    let read = LastRead { groups: Some(Arc::new(groups)), listings: Vec::new() };
    store.keep_directory(&key(), read, true, Millis(9)).await.unwrap();
    assert_eq!(since().await, [true, true, false]);
}
