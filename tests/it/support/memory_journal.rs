//! A journal in memory that tests can make fail or block.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use synod::{
    domain::{
        event::{OperationEvent, Order, Record},
        id::{GroupId, OperationId},
        instance::InstanceKey,
        invite::InviteLink,
        message::Message,
        operation::Operation,
        time::Millis,
    },
    engine::journal::{Journal, JournalError},
};
use tokio::sync::watch;

/// Picks events.
type Which = fn(&OperationEvent) -> bool;

/// Keeps records as they are appended.
pub(crate) struct MemoryJournal {
    records: Mutex<Vec<Record>>,
    /// The appends that fail: those that contain such an event.
    fails: Mutex<Option<Which>>,
    blocked: watch::Sender<bool>,
    /// How many more questions for the unfinished operations are answered before one waits for the end of an operation.
    answers: Mutex<Option<usize>>,
    questions: AtomicUsize,
    has_ended: watch::Sender<bool>,
    empty_writes: AtomicUsize,
    links: Mutex<BTreeMap<GroupId, InviteLink>>,
    refuses_links: Mutex<bool>,
}

impl MemoryJournal {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            records: Mutex::default(),
            fails: Mutex::default(),
            blocked: watch::Sender::new(false),
            answers: Mutex::default(),
            questions: AtomicUsize::new(0),
            has_ended: watch::Sender::new(false),
            empty_writes: AtomicUsize::new(0),
            links: Mutex::default(),
            refuses_links: Mutex::default(),
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

    /// From now on only this many questions for the unfinished operations are answered before an operation ends.
    pub(crate) fn answer_until_an_end(&self, answers: usize) {
        *self.answers.lock().unwrap() = Some(answers);
    }

    /// How many appends contained nothing.
    pub(crate) fn empty_writes(&self) -> usize {
        self.empty_writes.load(Ordering::Relaxed)
    }

    /// How many times somebody asked for the unfinished operations.
    pub(crate) fn questions(&self) -> usize {
        self.questions.load(Ordering::Relaxed)
    }

    async fn wait_for_an_end(&self) {
        self.questions.fetch_add(1, Ordering::Relaxed);
        let waits = match &mut *self.answers.lock().unwrap() {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        };
        if waits {
            self.has_ended.subscribe().wait_for(|has_ended| *has_ended).await.unwrap();
        }
    }

    /// From now on no invite link can be kept.
    pub(crate) fn refuse_links(&self) {
        *self.refuses_links.lock().unwrap() = true;
    }

    /// Only this many records are left.
    pub(crate) fn forget_after(&self, records: usize) {
        self.records.lock().unwrap().truncate(records);
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
        let event = OperationEvent::Created(Box::new(order));
        let (instance, operation) = (instance.clone(), OperationId(last + 1));
        let record = Record { instance, operation, sequence: 0, at, writer: None, event };
        records.push(record.clone());
        Ok(record)
    }

    async fn append(&self, records: Vec<Record>) -> Result<(), JournalError> {
        let mut blocked = self.blocked.subscribe();
        blocked.wait_for(|blocked| !blocked).await.unwrap();
        let fails = *self.fails.lock().unwrap();
        if fails.is_some_and(|fails| records.iter().any(|record| fails(&record.event))) {
            return Err(JournalError::new(Message::new("store-disk-full").put("file", "journal")));
        }
        self.empty_writes.fetch_add(usize::from(records.is_empty()), Ordering::Relaxed);
        let has_ended = records.iter().any(|record| record.event == OperationEvent::Ended);
        self.records.lock().unwrap().extend(records);
        self.has_ended.send_modify(|ended| *ended |= has_ended);
        Ok(())
    }

    async fn position(&self, instance: &InstanceKey) -> Result<u64, JournalError> {
        let records = self.records();
        let newest = records.iter().rposition(|record| record.instance == *instance);
        Ok(newest.map_or(0, |at| u64::try_from(at).unwrap() + 1))
    }

    async fn last_sendings(&self, instance: &InstanceKey, _: Millis) -> Result<Vec<Record>, JournalError> {
        let is_sending = |record: &Record| {
            record.instance == *instance && matches!(record.event, OperationEvent::Sending { .. })
        };
        Ok(self.records().into_iter().rfind(is_sending).into_iter().collect())
    }

    async fn unfinished(&self, instance: &InstanceKey) -> Result<Vec<OperationId>, JournalError> {
        self.wait_for_an_end().await;
        let operations = self.operations(instance, usize::MAX).await?;
        Ok(operations.iter().rev().filter(|known| known.is_live()).map(|known| known.id).collect())
    }

    async fn operation(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
    ) -> Result<Option<Operation>, JournalError> {
        let operations = self.operations(instance, usize::MAX).await?;
        Ok(operations.into_iter().find(|known| known.id == operation))
    }

    async fn records(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
        from: u64,
    ) -> Result<Vec<Record>, JournalError> {
        let is_asked = |record: &Record| {
            record.instance == *instance && record.operation == operation && record.sequence >= from
        };
        Ok(self.records().into_iter().filter(is_asked).collect())
    }

    async fn keep_link(
        &self,
        _instance: &InstanceKey,
        group: &GroupId,
        link: &InviteLink,
    ) -> Result<(), JournalError> {
        if *self.refuses_links.lock().unwrap() {
            return Err(JournalError::new(Message::new("store-disk-full").put("file", "journal")));
        }
        self.links.lock().unwrap().insert(group.clone(), link.clone());
        Ok(())
    }

    async fn kept_link(
        &self,
        _instance: &InstanceKey,
        group: &GroupId,
    ) -> Result<Option<InviteLink>, JournalError> {
        Ok(self.links.lock().unwrap().get(group).cloned())
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
