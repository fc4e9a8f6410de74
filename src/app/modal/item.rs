//! One item of an operation, in a window: what happened to it and when, and why it most likely failed.

use super::details::Reading;
use crate::{
    app::{effect::Ticket, scroll::Scroll},
    domain::{
        diagnosis::Diagnosis,
        event::Record,
        id::OperationId,
        instance::InstanceKey,
        operation::{Item, Operation},
        sentence::Sentence,
    },
};

/// The window with an item.
#[derive(Clone, Debug)]
pub struct ItemWindow {
    /// The instance.
    pub instance: InstanceKey,
    /// The operation.
    pub operation: OperationId,
    /// The item's place in it.
    pub item: usize,
    /// What happened to it.
    pub timeline: Timeline,
    /// What is told before the journal was read; it goes behind what the journal has.
    pub heard: Vec<Record>,
    /// The read for the diagnosis under way.
    pub reading: Option<Reading>,
    /// Why it most likely failed.
    pub diagnosis: Option<Diagnosis>,
    /// What part of it is on the screen.
    pub scroll: Scroll,
}

/// What the journal has of an item, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timeline {
    /// It is being read.
    Reading(Ticket),
    /// It was read.
    Read(Vec<Record>),
    /// It could not be read.
    Failed(Sentence),
}

impl ItemWindow {
    /// The item, and the operation that it belongs to.
    pub fn chosen<'a>(&self, operations: &'a [Operation]) -> Option<(&'a Operation, &'a Item)> {
        let operation = operations.iter().find(|operation| operation.id == self.operation)?;
        Some((operation, operation.items.get(self.item)?))
    }

    /// What happened, as far as it is known by now.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        let read = match &self.timeline {
            Timeline::Read(records) => records.as_slice(),
            Timeline::Reading(_) | Timeline::Failed(_) => &[],
        };
        let last = read.last().map(|record| record.sequence);
        let newer = self.heard.iter().filter(move |record| last.is_none_or(|last| record.sequence > last));
        read.iter().chain(newer)
    }

    /// The pieces of work that it waits for.
    pub fn tickets(&self) -> impl Iterator<Item = Ticket> {
        let timeline = match &self.timeline {
            Timeline::Reading(ticket) => Some(*ticket),
            Timeline::Read(_) | Timeline::Failed(_) => None,
        };
        [self.reading.map(|reading| reading.ticket), timeline].into_iter().flatten()
    }
}
