//! The interface between the engine and its journal. The engine keeps its running operations in memory; it reads the journal only
//! to recover or reopen operations, to see what other processes recorded, and to fetch invite links.

use std::time::Duration;

use async_trait::async_trait;

use crate::domain::{
    event::{Order, Record},
    id::{GroupId, OperationId},
    instance::InstanceKey,
    invite::InviteLink,
    message::{Message, ToMessage},
    operation::{Operation, RunControl},
    time::Millis,
};

/// The durable record of operations.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Gives an order its number and records that it was created; durable on return.
    async fn begin(&self, instance: &InstanceKey, at: Millis, order: Order) -> Result<Record, JournalError>;

    /// Records the events, all or none; durable on return.
    async fn append(&self, records: Vec<Record>) -> Result<(), JournalError>;

    /// The position of an instance's journal: a number that grows with every event of the instance, no matter which process
    /// writes it. 0 if there are no events. Only this number orders events; timestamps do not.
    async fn position(&self, instance: &InstanceKey) -> Result<u64, JournalError>;

    /// The newest event of an instance that announces a request; also that of its number, which another instance may have recorded,
    /// while this process holds the number's lock. Times are by the clock that says that it is `now`, even if a machine with another
    /// clock recorded them.
    async fn last_sendings(&self, instance: &InstanceKey, now: Millis) -> Result<Vec<Record>, JournalError>;

    /// The operations of an instance that have not ended, oldest first.
    async fn unfinished(&self, instance: &InstanceKey) -> Result<Vec<OperationId>, JournalError>;

    /// One operation, folded from its events; `None` if no readable one exists.
    async fn operation(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
    ) -> Result<Option<Operation>, JournalError>;

    /// The records of an operation from a sequence number on.
    async fn records(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
        from: u64,
    ) -> Result<Vec<Record>, JournalError>;

    /// Stores the invite link of a group that is about to be left, in place of an older one. Durable on return.
    async fn keep_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
        link: &InviteLink,
    ) -> Result<(), JournalError>;

    /// The stored invite link of a group.
    async fn kept_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
    ) -> Result<Option<InviteLink>, JournalError>;

    /// Asks the process that runs an operation to pause, resume or stop it.
    async fn request(
        &self,
        _operation: OperationId,
        _control: RunControl,
        _at: Millis,
    ) -> Result<(), JournalError> {
        Ok(())
    }

    /// The requests for operations of an instance after a position, in their order.
    async fn requests(
        &self,
        _instance: &InstanceKey,
        _after: u64,
    ) -> Result<Vec<ControlRequest>, JournalError> {
        Ok(Vec::new())
    }

    /// Records for how long from `now` on another process may take over operations, which no process runs meanwhile; `None` if none may
    /// any more.
    async fn hand_over(
        &self,
        _operations: &[OperationId],
        _time: Option<Duration>,
        _now: Millis,
    ) -> Result<(), JournalError> {
        Ok(())
    }

    /// The unfinished operations of an instance that another process offered. Times are by the clock that says that it is `now`, even if a
    /// machine with another clock recorded them.
    async fn handed_over(
        &self,
        _instance: &InstanceKey,
        _now: Millis,
    ) -> Result<Vec<HandedOver>, JournalError> {
        Ok(Vec::new())
    }

    /// Waits until another process may have recorded something about an instance since `seen`, which an earlier call returned; the
    /// first call takes 0. A journal that cannot notice other processes never returns.
    async fn changed(&self, instance: &InstanceKey, seen: u64) -> u64 {
        let _ = (instance, seen);
        std::future::pending().await
    }

    /// The newest operations of an instance, folded from their events, newest first.
    async fn operations(&self, instance: &InstanceKey, newest: usize)
    -> Result<Vec<Operation>, JournalError>;
}

/// A request of another process to a running operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlRequest {
    /// Grows with every request.
    pub position: u64,
    pub operation: OperationId,
    pub control: RunControl,
}

/// An unfinished operation that its process gave up for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedOver {
    pub operation: OperationId,
    /// Until then, no process treats it as interrupted.
    pub until: Millis,
}

/// The longest time for which an operation is offered: the longest time-out of a request, and some time to start. An offer for longer was
/// made before the clock was set back.
const LONGEST_OFFER: Duration = Duration::from_secs(3_630);

impl HandedOver {
    /// Whether the offer still counts.
    pub fn counts(&self, now: Millis) -> bool {
        self.until > now && self.until.since(now) <= LONGEST_OFFER
    }
}

/// Why the journal could not be written or read: one message for the operator, including how to fix it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JournalError {
    message: Message,
    is_passing: bool,
}

impl JournalError {
    /// An error with this message.
    pub fn new(message: Message) -> Self {
        Self { message, is_passing: false }
    }

    /// An error of a connection, which a new connection may end.
    pub fn passing(message: Message) -> Self {
        Self { message, is_passing: true }
    }

    /// Whether a new connection may help.
    pub fn is_passing(&self) -> bool {
        self.is_passing
    }
}

impl ToMessage for JournalError {
    fn message(&self) -> Message {
        self.message.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_ends_and_a_clock_that_was_set_back_does_not_prolong_it() {
        let until = |until| HandedOver { operation: OperationId(1), until: Millis(until) };
        assert!(until(1_001).counts(Millis(1_000)));
        assert!(!until(1_000).counts(Millis(1_000)), "its time is over");
        assert!(!until(86_400_000).counts(Millis(0)), "nobody offers for a day");
    }
}
