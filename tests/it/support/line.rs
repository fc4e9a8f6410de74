//! A journal and its locks at the other end of a line that a test cuts and restores. Several machines can have a line to one journal. A
//! lock is lost with its line, as on a server.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use synod::{
    domain::{
        event::{Order, Record},
        id::{GroupId, OperationId},
        instance::InstanceKey,
        invite::InviteLink,
        message::Message,
        operation::{Operation, RunControl},
        time::Millis,
    },
    engine::{
        journal::{ControlRequest, HandedOver, Journal, JournalError},
        locks::{HeldLock, Holder, LockError, Locks},
    },
};

/// What a test does with records.
type After = Box<dyn FnMut(&[Record]) + Send>;

/// What all machines share: the journal, and who holds the lock.
#[derive(Default)]
pub(crate) struct Far {
    holder: Mutex<Option<(&'static str, usize)>>,
}

/// A machine's line to the journal.
pub(crate) struct Line {
    name: &'static str,
    journal: Arc<dyn Journal>,
    far: Arc<Far>,
    state: Mutex<State>,
    /// What a test does after an append, before its result arrives.
    after: Mutex<Option<After>>,
    appends: AtomicUsize,
    attempts: AtomicUsize,
}

#[derive(Default)]
struct State {
    is_down: bool,
    /// Grows with each cut: what depends on an earlier line is lost.
    generation: usize,
    /// The line is cut at the append with this number; whether that append is recorded.
    cut: Option<(usize, bool)>,
    /// What an attempt to take the lock reports instead, once the line was cut.
    refusal: Option<JournalError>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("name", &self.name).finish_non_exhaustive()
    }
}

fn lost() -> JournalError {
    JournalError::passing(Message::new("lock-lost"))
}

impl Line {
    pub(crate) fn new(name: &'static str, journal: Arc<dyn Journal>, far: &Arc<Far>) -> Arc<Self> {
        Arc::new(Self {
            name,
            journal,
            far: Arc::clone(far),
            state: Mutex::default(),
            after: Mutex::default(),
            appends: AtomicUsize::new(0),
            attempts: AtomicUsize::new(0),
        })
    }

    /// Cuts the line; the server notices that too, so the lock becomes free.
    pub(crate) fn cut(&self) {
        let mut state = self.state.lock().unwrap();
        (state.is_down, state.generation) = (true, state.generation + 1);
        let mut holder = self.far.holder.lock().unwrap();
        if holder.is_some_and(|(name, _)| name == self.name) {
            *holder = None;
        }
    }

    /// Cuts the line at the append with this number, counted from 1, before or after it is recorded.
    pub(crate) fn cut_at(&self, append: usize, is_recorded: bool) {
        self.state.lock().unwrap().cut = Some((append, is_recorded));
    }

    pub(crate) fn restore(&self) {
        self.state.lock().unwrap().is_down = false;
    }

    /// From now on the lock cannot be taken for this reason.
    pub(crate) fn refuse(&self, why: JournalError) {
        self.state.lock().unwrap().refusal = Some(why);
    }

    pub(crate) fn is_down(&self) -> bool {
        self.state.lock().unwrap().is_down
    }

    /// How often the lock was asked for.
    pub(crate) fn attempts(&self) -> usize {
        self.attempts.load(Ordering::SeqCst)
    }

    /// From now on this follows every append that succeeded.
    pub(crate) fn after(&self, after: impl FnMut(&[Record]) + Send + 'static) {
        *self.after.lock().unwrap() = Some(Box::new(after));
    }

    fn up(&self) -> Result<&dyn Journal, JournalError> {
        if self.is_down() { Err(lost()) } else { Ok(self.journal.as_ref()) }
    }
}

/// A lock that is held as long as the line.
#[derive(Debug)]
struct LineLock {
    line: Arc<Line>,
    generation: usize,
}

#[async_trait]
impl HeldLock for LineLock {
    async fn check(self: Arc<Self>) -> Result<(), LockError> {
        if self.is_lost() { Err(LockError::Server(lost())) } else { Ok(()) }
    }

    fn is_lost(&self) -> bool {
        self.line.state.lock().unwrap().generation != self.generation
    }
}

impl Drop for LineLock {
    fn drop(&mut self) {
        let mut holder = self.line.far.holder.lock().unwrap();
        if *holder == Some((self.line.name, self.generation)) {
            *holder = None;
        }
    }
}

/// The locks over a line.
#[derive(Debug)]
pub(crate) struct LineLocks(pub(crate) Arc<Line>);

#[async_trait]
impl Locks for LineLocks {
    async fn take(&self, instance: &InstanceKey, _: Millis) -> Result<Arc<dyn HeldLock>, LockError> {
        self.0.attempts.fetch_add(1, Ordering::SeqCst);
        self.ensure_free(instance).await?;
        let generation = self.0.state.lock().unwrap().generation;
        *self.0.far.holder.lock().unwrap() = Some((self.0.name, generation));
        Ok(Arc::new(LineLock { line: Arc::clone(&self.0), generation }))
    }

    async fn ensure_free(&self, _: &InstanceKey) -> Result<(), LockError> {
        self.0.up().map_err(LockError::Server)?;
        if let Some(why) = self.0.state.lock().unwrap().refusal.clone() {
            return Err(LockError::Server(why));
        }
        match *self.0.far.holder.lock().unwrap() {
            Some((name, _)) => {
                let by = Some(format!("{name}@desk"));
                Err(LockError::Held(Some(Holder { process: 7, since: Some(Millis(5)), by })))
            }
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Journal for Line {
    async fn begin(&self, instance: &InstanceKey, at: Millis, order: Order) -> Result<Record, JournalError> {
        self.up()?.begin(instance, at, order).await
    }

    async fn append(&self, records: Vec<Record>) -> Result<(), JournalError> {
        let journal = self.up()?;
        let number = self.appends.fetch_add(1, Ordering::SeqCst) + 1;
        let cut = self.state.lock().unwrap().cut.filter(|(at, _)| *at == number);
        if let Some((_, is_recorded)) = cut {
            if is_recorded {
                journal.append(records).await?;
            }
            self.cut();
            return Err(lost());
        }
        journal.append(records.clone()).await?;
        if let Some(after) = self.after.lock().unwrap().as_mut() {
            after(&records);
        }
        Ok(())
    }

    async fn position(&self, instance: &InstanceKey) -> Result<u64, JournalError> {
        self.up()?.position(instance).await
    }

    async fn last_sendings(&self, instance: &InstanceKey, now: Millis) -> Result<Vec<Record>, JournalError> {
        self.up()?.last_sendings(instance, now).await
    }

    async fn unfinished(&self, instance: &InstanceKey) -> Result<Vec<OperationId>, JournalError> {
        self.up()?.unfinished(instance).await
    }

    async fn operation(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
    ) -> Result<Option<Operation>, JournalError> {
        self.up()?.operation(instance, operation).await
    }

    async fn records(
        &self,
        instance: &InstanceKey,
        operation: OperationId,
        from: u64,
    ) -> Result<Vec<Record>, JournalError> {
        self.up()?.records(instance, operation, from).await
    }

    async fn keep_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
        link: &InviteLink,
    ) -> Result<(), JournalError> {
        self.up()?.keep_link(instance, group, link).await
    }

    async fn kept_link(
        &self,
        instance: &InstanceKey,
        group: &GroupId,
    ) -> Result<Option<InviteLink>, JournalError> {
        self.up()?.kept_link(instance, group).await
    }

    async fn request(
        &self,
        operation: OperationId,
        control: RunControl,
        at: Millis,
    ) -> Result<(), JournalError> {
        self.up()?.request(operation, control, at).await
    }

    async fn requests(
        &self,
        instance: &InstanceKey,
        after: u64,
    ) -> Result<Vec<ControlRequest>, JournalError> {
        self.up()?.requests(instance, after).await
    }

    async fn hand_over(
        &self,
        operations: &[OperationId],
        time: Option<Duration>,
        now: Millis,
    ) -> Result<(), JournalError> {
        self.up()?.hand_over(operations, time, now).await
    }

    async fn changed(&self, instance: &InstanceKey, seen: u64) -> u64 {
        self.journal.changed(instance, seen).await
    }

    async fn handed_over(
        &self,
        instance: &InstanceKey,
        now: Millis,
    ) -> Result<Vec<HandedOver>, JournalError> {
        self.up()?.handed_over(instance, now).await
    }

    async fn operations(
        &self,
        instance: &InstanceKey,
        newest: usize,
    ) -> Result<Vec<Operation>, JournalError> {
        self.up()?.operations(instance, newest).await
    }
}
