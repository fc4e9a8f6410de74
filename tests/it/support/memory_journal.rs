//! A journal in memory that can be told to fail or to block.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use synod::{
    domain::{
        event::{Event, Order, Record},
        id::OperationId,
        instance::InstanceKey,
        operation::Operation,
        time::Millis,
    },
    engine::journal::{Journal, JournalError},
};
use tokio::sync::watch;

/// Picks events.
type Which = fn(&Event) -> bool;

/// Keeps records as they are appended.
pub(crate) struct MemoryJournal {
    records: Mutex<Vec<Record>>,
    /// Which appends fail: those that hold such an event.
    fails: Mutex<Option<Which>>,
    blocked: watch::Sender<bool>,
}

impl MemoryJournal {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            records: Mutex::default(),
            fails: Mutex::default(),
            blocked: watch::Sender::new(false),
        })
    }

    /// From now on appends with such an event fail.
    pub(crate) fn fail_on(&self, fails: Option<Which>) {
        *self.fails.lock().unwrap() = fails;
    }

    /// From now on appends wait, until they are let through again.
    pub(crate) fn block(&self, blocked: bool) {
        self.blocked.send_replace(blocked);
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.records.lock().unwrap().clone()
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn begin(&self, instance: &InstanceKey, at: Millis, order: Order) -> Result<Record, JournalError> {
        let mut records = self.records.lock().unwrap();
        let last = records.iter().map(|record| record.operation.0).max().unwrap_or(0);
        let event = Event::Created(Box::new(order));
        let record =
            Record { instance: instance.clone(), operation: OperationId(last + 1), sequence: 0, at, event };
        records.push(record.clone());
        Ok(record)
    }

    async fn append(&self, records: Vec<Record>) -> Result<(), JournalError> {
        let mut blocked = self.blocked.subscribe();
        blocked.wait_for(|blocked| !blocked).await.unwrap();
        let fails = *self.fails.lock().unwrap();
        if fails.is_some_and(|fails| records.iter().any(|record| fails(&record.event))) {
            return Err(JournalError::new("the disk is full"));
        }
        self.records.lock().unwrap().extend(records);
        Ok(())
    }

    async fn operations(
        &self,
        instance: &InstanceKey,
        newest: usize,
    ) -> Result<Vec<Operation>, JournalError> {
        let mut folded: Vec<Operation> = Vec::new();
        for record in self.records.lock().unwrap().iter().filter(|record| record.instance == *instance) {
            match folded.iter_mut().find(|operation| operation.id == record.operation) {
                Some(operation) => operation.apply(record),
                None => folded.extend(Operation::begin(record)),
            }
        }
        folded.reverse();
        folded.truncate(newest);
        Ok(folded)
    }
}
