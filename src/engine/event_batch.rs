//! Events that are about to be recorded, and the state that they lead to. Nothing here takes effect before it is durable.
//!
//! A batch holds only the items that it changes, so its cost does not grow with the operation.

use std::collections::BTreeMap;

use crate::domain::{
    event::{OperationEvent, Record},
    operation::{Item, Operation, Phase, changes},
    time::Millis,
};

/// Events of one moment, in order.
#[derive(Debug)]
pub(super) struct EventBatch {
    phase: Phase,
    next_sequence: u64,
    changed: BTreeMap<usize, Item>,
    records: Vec<Record>,
    at: Millis,
}

impl EventBatch {
    pub(super) fn new(operation: &Operation, at: Millis) -> Self {
        Self {
            phase: operation.phase.clone(),
            next_sequence: operation.next_sequence,
            changed: BTreeMap::new(),
            records: Vec::new(),
            at,
        }
    }

    /// A batch of a single event.
    pub(super) fn of(operation: &Operation, at: Millis, event: OperationEvent) -> Self {
        let mut batch = Self::new(operation, at);
        batch.push(operation, event);
        batch
    }

    /// Adds the next event; `operation` is the one that the batch was made for, in its current state.
    pub(super) fn push(&mut self, operation: &Operation, event: OperationEvent) {
        if let Some(phase) = self.phase.after(&event) {
            self.phase = phase;
        }
        changes(&event, self.at, |at, change| {
            if let Some(item) = operation.items.get(at) {
                change(self.changed.entry(at).or_insert_with(|| item.clone()));
            }
        });
        self.records.push(Record {
            instance: operation.instance.clone(),
            operation: operation.id,
            sequence: self.next_sequence,
            at: self.at,
            writer: None,
            event,
        });
        self.next_sequence += 1;
    }

    /// The phase of the operation after the events so far.
    pub(super) fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The state of an item after the events so far.
    pub(super) fn item<'a>(&'a self, operation: &'a Operation, at: usize) -> &'a Item {
        self.changed.get(&at).unwrap_or(&operation.items[at])
    }

    /// The items that it changes.
    pub(super) fn changed(&self) -> impl Iterator<Item = usize> {
        self.changed.keys().copied()
    }

    /// Whether there is nothing to record.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records to write.
    pub(super) fn into_records(self) -> Vec<Record> {
        self.records
    }
}
