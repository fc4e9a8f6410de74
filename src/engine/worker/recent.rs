//! The newest records of a worker. If the server is replaced by one that lacks them, they are written again.

use std::{collections::VecDeque, sync::Arc};

use crate::domain::{event::Record, id::OperationId};

/// How many are kept: more than a server writes between its copies to a standby.
const KEPT: usize = 1_000;

/// The newest records.
#[derive(Debug, Default)]
pub(super) struct Recent(VecDeque<Arc<Record>>);

impl Recent {
    pub(super) fn extend(&mut self, records: impl IntoIterator<Item = Arc<Record>>) {
        self.0.extend(records);
        let surplus = self.0.len().saturating_sub(KEPT);
        self.0.drain(..surplus);
    }

    /// Forgets the records of an operation.
    pub(super) fn forget(&mut self, operation: OperationId) {
        self.0.retain(|record| record.operation != operation);
    }

    /// The records of an operation with these sequence numbers; `None` if any of them is not kept.
    pub(super) fn missing(&self, operation: OperationId, from: u64, until: u64) -> Option<Vec<Record>> {
        let is_missing =
            |record: &&Arc<Record>| record.operation == operation && (from..until).contains(&record.sequence);
        let found: Vec<Record> =
            self.0.iter().filter(is_missing).map(|record| Record::clone(record)).collect();
        (u64::try_from(found.len()).ok() == Some(until - from)).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{event::OperationEvent, instance::InstanceKey, time::Millis};

    fn record(operation: u64, sequence: u64) -> Arc<Record> {
        let (instance, event) = (InstanceKey::new("one"), OperationEvent::Started);
        Arc::new(Record {
            instance,
            operation: OperationId(operation),
            sequence,
            at: Millis(1),
            writer: None,
            event,
        })
    }

    #[test]
    fn the_missing_records_are_found_only_if_all_are_kept() {
        let mut recent = Recent::default();
        recent.extend([record(1, 7), record(2, 0), record(1, 8)]);
        let found = recent.missing(OperationId(1), 7, 9).unwrap();
        assert_eq!(found.iter().map(|record| record.sequence).collect::<Vec<_>>(), [7, 8]);
        assert_eq!(recent.missing(OperationId(1), 6, 9), None);
        recent.extend((0..1_000).map(|sequence| record(3, sequence)));
        assert_eq!(recent.missing(OperationId(1), 7, 9), None, "they are no longer kept");
        assert!(recent.missing(OperationId(3), 0, 1_000).is_some());
    }
}
