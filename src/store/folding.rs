//! Folds the stored events of one operation, whichever store they are in.

use crate::domain::{
    event::{OperationEvent, Record},
    id::OperationId,
    instance::InstanceKey,
    operation::Operation,
    time::Millis,
    writer::Writer,
};

/// An operation that is being folded. Events that this version does not know are skipped, so that the rest still counts.
pub(super) struct Folding<'a> {
    instance: &'a InstanceKey,
    operation: OperationId,
    /// Who began it.
    writer: Option<Writer>,
    folded: Option<Operation>,
}

impl<'a> Folding<'a> {
    pub(super) fn new(instance: &'a InstanceKey, operation: OperationId, writer: Option<Writer>) -> Self {
        Self { instance, operation, writer, folded: None }
    }

    /// Takes the next event, in the order of their sequence numbers.
    pub(super) fn push(&mut self, sequence: i64, at: Millis, body: &str) {
        let sequence = u64::try_from(sequence).unwrap_or_default();
        let Ok(event) = serde_json::from_str::<OperationEvent>(body) else {
            if let Some(operation) = &mut self.folded {
                operation.next_sequence = sequence + 1;
            }
            return;
        };
        let (instance, operation) = (self.instance.clone(), self.operation);
        // Only the first event says who began it.
        let record = Record { instance, operation, sequence, at, writer: self.writer.take(), event };
        match &mut self.folded {
            Some(operation) => operation.apply(&record),
            None => self.folded = Operation::begin(&record),
        }
    }

    /// Says when it was confirmed, by the clock of the machine where that happened.
    pub(super) fn begun_at(mut self, at: Millis) -> Self {
        if let Some(operation) = &mut self.folded {
            operation.begun_at = at;
        }
        self
    }

    /// The operation; `None` if its first event cannot be read.
    pub(super) fn done(self) -> Option<Operation> {
        self.folded
    }
}
