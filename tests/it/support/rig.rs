//! An engine over the fake gateway and a journal in memory, with a consumer that folds its events.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use synod::{
    clock::Clock,
    domain::{
        community::CommunityRef,
        event::{OperationEvent, Order, OrderItem, Record, SeenBefore},
        id::{CommunityId, GroupId, OperationId},
        instance::InstanceKey,
        name::Name,
        operation::Operation,
        outcome::Outcome,
        plan::{Step, Verb},
        settings::OperationSettings,
    },
    engine::{Engine, EngineEvent, journal::Journal},
    gateway::Gateway,
    text::Text,
};
use tokio::sync::mpsc;

pub(crate) use super::domain::order;
use super::{
    domain,
    fake_gateway::{FakeGateway, shared},
    memory_journal::MemoryJournal,
};

/// Waits for an event that must happen. If none happens for a day of the paused clock, which passes at once when
/// nothing else is going on, it panics instead of waiting for ever.
pub(crate) async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(86_400), what)
        .await
        .expect("it hangs: nothing happened for a day")
}

pub(crate) struct Rig {
    pub(crate) clock: Clock,
    pub(crate) engine: Engine,
    pub(crate) gateway: Arc<FakeGateway>,
    pub(crate) journal: Arc<MemoryJournal>,
    pub(crate) key: InstanceKey,
    pub(crate) heard: Vec<Arc<Record>>,
    pub(crate) failures: Vec<String>,
    pub(crate) operations: BTreeMap<OperationId, Operation>,
    happenings: mpsc::UnboundedReceiver<EngineEvent>,
}

/// The journal's position at the time of a plan after which nothing has happened.
pub(crate) const UP_TO_DATE: Option<u64> = Some(u64::MAX);

/// The settings with no jitter.
pub(crate) fn steady() -> OperationSettings {
    let mut settings = OperationSettings::default();
    settings.pace.jitter = 0.0;
    settings
}

impl Rig {
    pub(crate) fn new(clock: Clock, gateway: FakeGateway) -> Self {
        Self::with_settings(clock, gateway, steady())
    }

    pub(crate) fn with_settings(clock: Clock, gateway: FakeGateway, settings: OperationSettings) -> Self {
        let journal = MemoryJournal::new();
        let gateway = shared(gateway);
        let (engine, happenings) = Engine::new(Arc::clone(&journal) as Arc<dyn Journal>, clock);
        let key = InstanceKey::new("ryzeapi-test");
        engine.add_instance(key.clone(), Gateway::new(Arc::clone(&gateway)), settings);
        let (heard, failures, operations) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { clock, engine, gateway, journal, key, heard, failures, operations, happenings }
    }

    pub(crate) async fn submit(&self, order: Order) -> OperationId {
        self.engine.submit(&self.key, order, UP_TO_DATE).await.unwrap()
    }

    /// Reads events until one satisfies the condition.
    pub(crate) async fn until(&mut self, mut is_so: impl FnMut(&EngineEvent) -> bool) {
        loop {
            let happening = in_time(self.happenings.recv()).await.unwrap();
            self.take(&happening);
            if is_so(&happening) {
                return;
            }
        }
    }

    /// Reads events until an event is recorded.
    pub(crate) async fn until_event(&mut self, mut is_so: impl FnMut(&OperationEvent) -> bool) {
        self.until(|happening| matches!(happening, EngineEvent::Recorded(record) if is_so(&record.event)))
            .await;
    }

    /// Reads the events that have already happened.
    pub(crate) fn catch_up(&mut self) {
        while let Ok(happening) = self.happenings.try_recv() {
            self.take(&happening);
        }
    }

    /// Reads the events of an operation whose beginning was missed.
    pub(crate) fn catch_up_with(&mut self, created: &Record) {
        for record in self.journal.records().iter().filter(|known| known.operation == created.operation) {
            match self.operations.get_mut(&record.operation) {
                Some(operation) => operation.apply(record),
                None => {
                    self.operations.insert(record.operation, Operation::begin(record).unwrap());
                }
            }
        }
    }

    fn take(&mut self, happening: &EngineEvent) {
        match happening {
            EngineEvent::Recorded(record) => {
                assert!(
                    self.journal.records().contains(record),
                    "reported before it was recorded: {record:?}"
                );
                self.heard.push(Arc::clone(record));
                match self.operations.get_mut(&record.operation) {
                    Some(operation) => {
                        assert_eq!(record.sequence, operation.next_sequence);
                        operation.apply(record);
                    }
                    None => {
                        self.operations.insert(record.operation, Operation::begin(record).unwrap());
                    }
                }
            }
            EngineEvent::JournalFailed { why, .. } => self.failures.push(Text::english().tell(why)),
            _ => {}
        }
    }

    /// Runs an order to its end.
    pub(crate) async fn run(&mut self, order: Order) -> Operation {
        let id = self.submit(order).await;
        self.ended(id).await
    }

    /// Waits for the end of an operation.
    pub(crate) async fn ended(&mut self, id: OperationId) -> Operation {
        self.until(|happening| {
            let EngineEvent::Recorded(record) = happening else { return false };
            record.operation == id && record.event == OperationEvent::Ended
        })
        .await;
        self.operations[&id].clone()
    }

    /// The number of such events so far.
    pub(crate) fn count(&self, is_so: impl Fn(&OperationEvent) -> bool) -> usize {
        self.heard.iter().filter(|record| is_so(&record.event)).count()
    }
}

/// An item whose group the list and the details showed.
pub(crate) fn item(group: &GroupId, steps: Vec<Step>) -> OrderItem {
    let evidence = SeenBefore { was_listed: true, had_details: true, ..SeenBefore::default() };
    OrderItem { name: Name::new(group.as_str()), evidence, ..domain::item(group, steps) }
}

pub(crate) fn link(target: &CommunityId, groups: impl IntoIterator<Item = GroupId>) -> Order {
    let items = groups.into_iter().map(|group| item(&group, vec![Step::Link(target.clone())])).collect();
    let target = Some(CommunityRef { id: target.clone(), name: None });
    Order { target, ..order(Verb::Link, items) }
}

pub(crate) fn unlink(source: &CommunityId, groups: impl IntoIterator<Item = GroupId>) -> Order {
    let items = groups.into_iter().map(|group| item(&group, vec![Step::Unlink(source.clone())])).collect();
    order(Verb::Unlink, items)
}

pub(crate) fn move_all(
    source: &CommunityId,
    target: &CommunityId,
    groups: impl IntoIterator<Item = GroupId>,
) -> Order {
    let steps = || vec![Step::Unlink(source.clone()), Step::Link(target.clone())];
    let items = groups.into_iter().map(|group| item(&group, steps())).collect();
    let target = Some(CommunityRef { id: target.clone(), name: None });
    Order { target, ..order(Verb::Move, items) }
}

pub(crate) fn leave(groups: impl IntoIterator<Item = GroupId>) -> Order {
    let items = groups.into_iter().map(|group| item(&group, vec![Step::Leave])).collect();
    order(Verb::Leave, items)
}

/// Leaves a community itself.
pub(crate) fn leave_community(community: &CommunityId) -> Order {
    order(Verb::Leave, vec![item(&community.as_group(), vec![Step::LeaveCommunity(community.clone())])])
}

pub(crate) fn outcomes(operation: &Operation) -> Vec<Outcome> {
    operation.items.iter().map(|item| item.outcome.unwrap()).collect()
}
