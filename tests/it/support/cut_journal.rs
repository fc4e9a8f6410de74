//! A journal whose writer dies at a record: from then on nothing is written, and every later writer waits for ever.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use synod::{
    domain::{
        event::{Order, Record},
        id::{GroupId, OperationId},
        instance::InstanceKey,
        invite::InviteLink,
        operation::Operation,
        time::Millis,
    },
    engine::journal::{Journal, JournalError},
};
use tokio::sync::watch;

/// The place at which a writer dies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// The number of the write, from 1.
    pub(crate) at: usize,
    /// The interrupted write is durable already.
    pub(crate) is_written: bool,
}

/// The journal of one life.
pub(crate) struct CutJournal {
    inner: Arc<dyn Journal>,
    cut: Option<Cut>,
    writes: AtomicUsize,
    dead: watch::Sender<bool>,
}

impl CutJournal {
    pub(crate) fn new(inner: Arc<dyn Journal>, cut: Option<Cut>) -> Arc<Self> {
        Arc::new(Self { inner, cut, writes: AtomicUsize::new(0), dead: watch::Sender::new(false) })
    }

    /// Waits for the end of this life.
    pub(crate) async fn died(&self) {
        self.dead.subscribe().wait_for(|dead| *dead).await.unwrap();
    }

    async fn write<T>(&self, write: impl Future<Output = T>) -> T {
        let count = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let Some(cut) = self.cut.filter(|cut| count >= cut.at) else { return write.await };
        if count == cut.at && cut.is_written {
            write.await;
        }
        self.dead.send_replace(true);
        std::future::pending().await
    }
}

#[async_trait]
impl Journal for CutJournal {
    async fn begin(&self, instance: &InstanceKey, at: Millis, order: Order) -> Result<Record, JournalError> {
        self.write(self.inner.begin(instance, at, order)).await
    }

    async fn append(&self, records: Vec<Record>) -> Result<(), JournalError> {
        self.write(self.inner.append(records)).await
    }

    async fn position(&self, instance: &InstanceKey) -> Result<u64, JournalError> {
        self.inner.position(instance).await
    }

    async fn last_sendings(&self, instance: &InstanceKey, now: Millis) -> Result<Vec<Record>, JournalError> {
        self.inner.last_sendings(instance, now).await
    }

    async fn unfinished(&self, instance: &InstanceKey) -> Result<Vec<OperationId>, JournalError> {
        self.inner.unfinished(instance).await
    }

    async fn operation(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
    ) -> Result<Option<Operation>, JournalError> {
        self.inner.operation(instance, operation).await
    }

    async fn records(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
        from: u64,
    ) -> Result<Vec<Record>, JournalError> {
        self.inner.records(instance, operation, from).await
    }

    async fn keep_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
        link: &InviteLink,
    ) -> Result<(), JournalError> {
        self.write(self.inner.keep_link(instance, group, link)).await
    }

    async fn kept_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
    ) -> Result<Option<InviteLink>, JournalError> {
        self.inner.kept_link(instance, group).await
    }

    async fn operations(
        &self,
        instance: &InstanceKey,
        newest: usize,
    ) -> Result<Vec<Operation>, JournalError> {
        self.inner.operations(instance, newest).await
    }
}
