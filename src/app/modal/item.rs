//! One item of an operation, in a window: what happened to it and when, and why it most likely failed.

use super::details::Reading;
use crate::{
    app::{context::Context, effect::Ticket, modal::window::Window, operations::Operations, scroll::Scroll},
    domain::{
        diagnosis::Diagnosis,
        event::Record,
        id::OperationId,
        instance::InstanceKey,
        message::Message,
        operation::{Item, Operation},
    },
};

/// The window with an item.
#[derive(Clone, Debug)]
pub struct ItemWindow {
    pub instance: InstanceKey,
    pub operation: OperationId,
    /// The item's index in the operation.
    pub item: usize,
    pub timeline: Timeline,
    /// The events reported before the journal was read; they follow those from the journal.
    pub heard: Vec<Record>,
    /// The read in progress for the diagnosis.
    pub reading: Option<Reading>,
    /// Why it most likely failed.
    pub diagnosis: Option<Diagnosis>,
    /// The visible part of the text.
    pub scroll: Scroll,
}

/// An item's events in the journal, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timeline {
    Reading(Ticket),
    Read(Vec<Record>),
    /// It could not be read.
    Failed(Message),
}

impl ItemWindow {
    /// The item, and its operation.
    pub fn chosen<'a>(&self, operations: &'a Operations) -> Option<(&'a Operation, &'a Item)> {
        let operation = operations.whole(self.operation)?;
        Some((operation, operation.items.get(self.item)?))
    }

    /// The events known so far.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        let read = match &self.timeline {
            Timeline::Read(records) => records.as_slice(),
            Timeline::Reading(_) | Timeline::Failed(_) => &[],
        };
        let last = read.last().map(|record| record.sequence);
        let newer = self.heard.iter().filter(move |record| last.is_none_or(|last| record.sequence > last));
        read.iter().chain(newer)
    }

    /// The tickets of the work it is waiting for.
    pub fn tickets(&self) -> impl Iterator<Item = Ticket> {
        let timeline = match &self.timeline {
            Timeline::Reading(ticket) => Some(*ticket),
            Timeline::Read(_) | Timeline::Failed(_) => None,
        };
        [self.reading.map(|reading| reading.ticket), timeline].into_iter().flatten()
    }
}

impl Window for ItemWindow {
    fn context(&self) -> Context {
        Context::Item
    }

    fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        Some(&mut self.scroll)
    }

    fn take_progress(&mut self, ticket: Ticket, done: usize, total: usize) {
        if let Some(reading) = self.reading.as_mut().filter(|reading| reading.ticket == ticket) {
            (reading.done, reading.total) = (done, total);
        }
    }
}
