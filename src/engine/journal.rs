//! What the engine asks of whoever keeps the journal. The engine never looks into it to decide what to do next.

use async_trait::async_trait;

use crate::domain::{
    event::{Order, Record},
    id::{GroupId, OperationId},
    instance::InstanceKey,
    invite::InviteLink,
    operation::Operation,
    sentence::{Sentence, Tell},
    time::Millis,
};

/// The durable record of operations.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Gives an order its number and records that it was created; durable when it returns.
    async fn begin(&self, instance: &InstanceKey, at: Millis, order: Order) -> Result<Record, JournalError>;

    /// Records what happened, all of it or nothing; durable when it returns.
    async fn append(&self, records: Vec<Record>) -> Result<(), JournalError>;

    /// How far the journal of an instance has come: a number that every event of it makes larger, whoever writes it. 0 if
    /// there is none. It alone says what came before what; stamps do not.
    async fn position(&self, instance: &InstanceKey) -> Result<u64, JournalError>;

    /// The newest event of an instance that says that a request was about to leave.
    async fn last_sending(&self, instance: &InstanceKey) -> Result<Option<Record>, JournalError>;

    /// The operations of an instance that have no end, the oldest first.
    async fn unfinished(&self, instance: &InstanceKey) -> Result<Vec<OperationId>, JournalError>;

    /// One operation, folded from its events; `None` where there is none that can be read.
    async fn operation(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
    ) -> Result<Option<Operation>, JournalError>;

    /// What happened in an operation from that sequence on.
    async fn records(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
        from: u64,
    ) -> Result<Vec<Record>, JournalError>;

    /// Keeps the invite link of a group that is about to be left; a newer one replaces it. Durable when it returns.
    async fn keep_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
        link: &InviteLink,
    ) -> Result<(), JournalError>;

    /// The invite link that was kept of a group.
    async fn kept_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
    ) -> Result<Option<InviteLink>, JournalError>;

    /// The newest operations of an instance, folded from their events, the newest first.
    async fn operations(&self, instance: &InstanceKey, newest: usize)
    -> Result<Vec<Operation>, JournalError>;
}

/// Why the journal could not be written or read: one sentence for the operator, with what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JournalError(Sentence);

impl JournalError {
    /// An error that says this.
    pub fn new(sentence: Sentence) -> Self {
        Self(sentence)
    }
}

impl Tell for JournalError {
    fn sentence(&self) -> Sentence {
        self.0.clone()
    }
}
