//! Events that are about to be recorded, with the operation as it will be once they are. Nothing of it counts before
//! it is durable.

use crate::domain::{
    event::{Event, Record},
    operation::Operation,
    time::Millis,
};

/// Events of one moment, in order.
#[derive(Debug)]
pub(super) struct Draft {
    operation: Operation,
    records: Vec<Record>,
    at: Millis,
}

impl Draft {
    pub(super) fn new(operation: &Operation, at: Millis) -> Self {
        Self { operation: operation.clone(), records: Vec::new(), at }
    }

    /// A draft of a single event.
    pub(super) fn of(operation: &Operation, at: Millis, event: Event) -> Self {
        let mut draft = Self::new(operation, at);
        draft.push(event);
        draft
    }

    /// Adds what happens next.
    pub(super) fn push(&mut self, event: Event) {
        let record = Record {
            instance: self.operation.instance.clone(),
            operation: self.operation.id,
            sequence: self.operation.next_sequence,
            at: self.at,
            event,
        };
        self.operation.apply(&record);
        self.records.push(record);
    }

    /// The operation as it is with all that was added.
    pub(super) fn operation(&self) -> &Operation {
        &self.operation
    }

    /// What is to be recorded.
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// The operation and its new records, to be taken once they are durable.
    pub(super) fn into_parts(self) -> (Operation, Vec<Record>) {
        (self.operation, self.records)
    }
}
