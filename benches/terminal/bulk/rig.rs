//! An engine with its journal over simulated gateways in the same process, on a clock that stands still unless everybody
//! waits: what takes an hour there takes a moment here.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use secrecy::SecretString;
use synod::{
    clock::Clock,
    domain::{
        base_url::BaseUrl,
        community::CommunityRef,
        directory::{Directory, KnownFrom},
        event::{Fate, OperationEvent, Order, OrderItem, Record, SeenBefore},
        id::{CommunityId, GroupId},
        instance::{GatewayKind, InstanceKey},
        name::Name,
        outcome::{Claim, Outcome},
        plan::{Basis, Mark, Needs, Plan, Request, Step, Task, Verb},
        reading::Readings,
        settings::OperationSettings,
        time::Millis,
    },
    engine::{Engine, EngineEvent},
    gateway::{BudgetBook, ClientParts, Gateway, InstanceSpec, open},
    listing,
    simulator::{InstanceInfo, InstanceStanding, Logged, Simulator, World},
    store::FileStore,
};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

use crate::transport::transport_over;

/// Where the clocks begin.
const EPOCH: Millis = Millis(1_772_366_400_000);

/// The world, the engine, and what the engine said.
pub(crate) struct Rig {
    pub(crate) simulator: Simulator,
    pub(crate) infos: Vec<InstanceInfo>,
    pub(crate) gateways: Vec<Gateway>,
    engine: Engine,
    engine_events: UnboundedReceiver<EngineEvent>,
    pub(crate) heard: Vec<Arc<Record>>,
    clock: Clock,
    _folder: TempDir,
}

/// Runs something on a clock that stands still unless everybody waits.
pub(crate) fn paused<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(work)
}

impl Rig {
    /// A rig over the text of a world.
    pub(crate) fn over(world: &str) -> Self {
        let clock = Clock::fixed(EPOCH);
        let simulator = Simulator::with_epoch(World::parse(world, "bench").unwrap(), EPOCH.0);
        let folder = TempDir::new().unwrap();
        let store = FileStore::open(folder.path()).unwrap();
        let (engine, engine_events) = Engine::new(Arc::new(store), clock);
        let mut settings = OperationSettings::default();
        settings.pace.jitter = 0.0;
        let infos = simulator.instances();
        let gateways: Vec<_> = infos.iter().map(|info| client(&simulator, info, clock)).collect();
        for (info, gateway) in infos.iter().zip(&gateways) {
            engine.add_instance(key(info), gateway.clone(), settings.clone());
        }
        let heard = Vec::new();
        Self { simulator, infos, gateways, engine, engine_events, heard, clock, _folder: folder }
    }

    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Runs orders, each on the instance at that place, all at once, to the end of the last.
    pub(crate) async fn run(&mut self, orders: impl IntoIterator<Item = (usize, Order)>) -> Duration {
        let began = self.now();
        let mut keys = Vec::new();
        for (at, order) in orders {
            let key = key(&self.infos[at]);
            self.engine.submit(&key, order, Some(u64::MAX)).await.unwrap();
            keys.push(key);
        }
        for key in keys {
            self.engine.until_idle(&key).await;
        }
        while let Ok(engine_event) = self.engine_events.try_recv() {
            if let EngineEvent::Recorded(record) = engine_event {
                self.heard.push(record);
            }
        }
        self.now().since(began)
    }

    /// The order of a request on the first instance, by a plan that reads what it needs.
    pub(crate) async fn planned(&self, task: &Task, groups: &[(String, Option<String>)]) -> Order {
        let gateway = &self.gateways[0];
        let capabilities = gateway.capabilities();
        let community = |id: &String| CommunityId::parse(id).unwrap();
        let mark = |(group, source): &(String, Option<String>)| Mark {
            group: GroupId::parse(group).unwrap(),
            name: Name::new(group),
            source: source.as_ref().map(community),
        };
        let request = Request::new(key(&self.infos[0]), task, groups.iter().map(mark).collect());
        let mut directory = Directory::default();
        for id in &self.infos[0].communities {
            directory.learn(CommunityRef { id: community(id), name: None }, KnownFrom::Configuration);
        }
        let clock = self.clock;
        let needs = Needs::new(&request, &directory, &capabilities, clock.now());
        let more = |readings: &Readings| needs.more(readings);
        let readings = listing::read(
            gateway.reads.as_ref(),
            clock,
            needs.first(),
            more,
            &CancellationToken::new(),
            |_| (),
        )
        .await;
        let basis = Basis {
            readings: &readings,
            directory: &directory,
            capabilities: &capabilities,
            subgroup_limit: 50,
            busy: &BTreeMap::new(),
            skipped: false,
            now: clock.now(),
        };
        Plan::make(request, basis).order()
    }

    /// When each item was verified, in order.
    pub(crate) fn verified(&self) -> Vec<Millis> {
        let verified = |event: &OperationEvent| {
            matches!(event, OperationEvent::ItemFinished { outcome: Outcome::Verified, .. })
        };
        self.heard.iter().filter(|record| verified(&record.event)).map(|record| record.at).collect()
    }

    /// The last reported outcome of each item of each operation.
    pub(crate) fn outcomes(&self) -> Vec<(OrderItem, Outcome)> {
        let mut items = BTreeMap::new();
        for record in &self.heard {
            match &record.event {
                OperationEvent::Created(order) => {
                    for (at, item) in order.items.iter().enumerate() {
                        items.insert((record.operation, at), (item.clone(), Outcome::Unknown));
                    }
                }
                OperationEvent::ItemFinished { item, outcome, .. } => {
                    if let Some(known) = items.get_mut(&(record.operation, *item)) {
                        known.1 = *outcome;
                    }
                }
                _ => {}
            }
        }
        items.into_values().collect()
    }

    /// What the gateway claimed of each request that was sent, in order.
    pub(crate) fn claims(&self) -> Vec<Option<Claim>> {
        let mut claims = Vec::new();
        for record in &self.heard {
            match &record.event {
                OperationEvent::Sending { .. } => claims.push(None),
                OperationEvent::Answered { claim, .. } => {
                    claims.pop();
                    claims.push(Some(*claim));
                }
                _ => {}
            }
        }
        claims
    }

    /// The requests to one instance.
    pub(crate) fn asked(&self, at: usize) -> Vec<Logged> {
        let name = &self.infos[at].name;
        self.simulator.requests().into_iter().filter(|logged| logged.instance == *name).collect()
    }

    /// The true state of one instance.
    pub(crate) fn standing(&self, at: usize) -> InstanceStanding {
        self.simulator.truth().instances.remove(&self.infos[at].name).unwrap()
    }
}

fn key(info: &InstanceInfo) -> InstanceKey {
    InstanceKey::new(info.name.as_str())
}

/// The real client of a simulated instance.
fn client(simulator: &Simulator, info: &InstanceInfo, clock: Clock) -> Gateway {
    let transport = transport_over(simulator.router());
    let spec = InstanceSpec {
        kind: GatewayKind::of_word(info.gateway.word()).unwrap(),
        base_url: BaseUrl::parse("https://gateway.test").unwrap(),
        instance: Some(SecretString::from(info.id.clone())),
        token: SecretString::from(info.token.clone()),
        client_token: None,
    };
    let parts = ClientParts {
        timeouts: OperationSettings::default().timeout,
        clock,
        budgets: BudgetBook::new(),
        transport,
        scrubber: Arc::default(),
    };
    open(&spec, &parts).unwrap().retrying(clock)
}

/// An order to link groups to a community.
pub(crate) fn link(target: &str, groups: impl IntoIterator<Item = String>) -> Order {
    let target = CommunityId::parse(target).unwrap();
    let items = groups.into_iter().map(|group| item(&group, Step::Link(target.clone()))).collect();
    Order { verb: Verb::Link, target: Some(CommunityRef { id: target, name: None }), parent: None, items }
}

/// One group of an order.
pub(crate) fn item(group: &str, step: Step) -> OrderItem {
    OrderItem {
        group: GroupId::parse(group).unwrap(),
        name: Name::new(group),
        steps: vec![step],
        done: 0,
        fate: Fate::Send,
        reason: None,
        evidence: SeenBefore { was_listed: true, had_details: true, ..SeenBefore::default() },
        sent_before: false,
        subgroups: Vec::new(),
    }
}
