//! Several Synods that share a state directory and a gateway.

use std::{path::Path, sync::Arc};

use synod::{
    clock::Clock,
    domain::{
        event::{OperationEvent, Order},
        id::OperationId,
        instance::InstanceKey,
        operation::Operation,
    },
    engine::{Engine, EngineEvent, instance_lock::FileLocks, journal::Journal},
    gateway::Gateway,
    store::FileStore,
    text::Text,
};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{
    fake_gateway::{FakeGateway, clock, shared},
    process::{NoForks, without_forks},
    rig::{UP_TO_DATE, in_time, steady},
};

pub(crate) fn key() -> InstanceKey {
    InstanceKey::new("ryzeapi-test")
}

/// An empty store in a new directory.
pub(crate) fn store() -> (TempDir, FileStore) {
    let directory = TempDir::new().unwrap();
    let store = FileStore::open(&directory.path().join("state")).unwrap();
    (directory, store)
}

/// A state directory and a gateway. While it exists, no test starts a child, which could keep a lock from being released.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) gateway: Arc<FakeGateway>,
    directory: TempDir,
    _alone: NoForks,
}

impl Shared {
    pub(crate) fn new(set_up: impl FnOnce(FakeGateway) -> FakeGateway) -> Self {
        let clock = clock();
        let gateway = shared(set_up(FakeGateway::new(clock)));
        Self { clock, gateway, directory: TempDir::new().unwrap(), _alone: without_forks() }
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn synod(&self) -> Synod {
        let store = FileStore::open(self.directory()).unwrap();
        let locks = FileLocks::new(self.directory().join("locks"));
        let (engine, happenings) = Engine::sharing(Arc::new(store.clone()), self.clock, locks);
        engine.add_instance(key(), Gateway::new(Arc::clone(&self.gateway)), steady());
        Synod { engine, store, happenings }
    }

    pub(crate) fn two(&self) -> (Synod, Synod) {
        (self.synod(), self.synod())
    }
}

/// One Synod on the state directory.
pub(crate) struct Synod {
    pub(crate) engine: Engine,
    pub(crate) store: FileStore,
    pub(crate) happenings: UnboundedReceiver<EngineEvent>,
}

impl Synod {
    /// Submits the order of an up-to-date plan.
    pub(crate) async fn submit(&self, order: Order) -> OperationId {
        self.engine.submit(&key(), order, UP_TO_DATE).await.unwrap()
    }

    pub(crate) async fn until(&mut self, is_so: impl Fn(&OperationEvent) -> bool) {
        loop {
            if let EngineEvent::Recorded(record) = in_time(self.happenings.recv()).await.unwrap()
                && is_so(&record.event)
            {
                return;
            }
        }
    }

    pub(crate) async fn until_answered(&mut self, at: usize) {
        self.until(|event| matches!(event, OperationEvent::Answered { item, .. } if *item == at)).await;
    }

    pub(crate) async fn until_idle(&self) {
        in_time(self.engine.until_idle(&key())).await;
    }

    /// Applies the events to an operation until it ends.
    pub(crate) async fn follow(&mut self, operation: &mut Operation) {
        while operation.is_live() {
            if let EngineEvent::Recorded(record) = in_time(self.happenings.recv()).await.unwrap() {
                assert!(record.sequence >= operation.next_sequence);
                operation.apply(&record);
            }
        }
    }

    pub(crate) async fn newest(&self) -> Operation {
        self.store.operations(&key(), 1).await.unwrap().remove(0)
    }

    /// The position of the journal, for a plan that is read now.
    pub(crate) async fn position(&self) -> Option<u64> {
        Some(self.store.position(&key()).await.unwrap())
    }

    /// Runs the order of a plan that was read at this position.
    pub(crate) async fn run(&self, order: Order, read_from: Option<u64>) -> Operation {
        self.engine.submit(&key(), order, read_from).await.unwrap();
        self.until_idle().await;
        self.newest().await
    }

    /// Why the journal failed, according to the events.
    pub(crate) fn failures(&mut self) -> Vec<String> {
        let heard = std::iter::from_fn(|| self.happenings.try_recv().ok());
        let why = |happening| match happening {
            EngineEvent::JournalFailed { why, .. } => Some(Text::english().tell(&why)),
            _ => None,
        };
        heard.filter_map(why).collect()
    }

    /// Ends like a lost connection: nothing more is done, and the kernel frees the lock.
    pub(crate) async fn die(self) {
        // The engine's worker ends when its handle is gone; until then it holds the lock.
        self.engine.shutdown().await;
    }
}
