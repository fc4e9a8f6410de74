//! The simulated gateways: a seeded world of communities and groups behind the HTTP contract of each gateway.
//!
//! It owns everything that a gateway would: credentials, budgets, delays, refusals and misbehaviour, all from a world file. It
//! knows nothing of the rest of this crate, so that it cannot share and hide a client's mistake; its only authority is
//! `docs/gateways`.

mod budget;
mod clock;
mod description;
mod exchange;
mod faults;
mod lagged;
mod listing;
mod log;
mod own;
mod pairing;
mod people;
mod ryzeapi;
mod server;
mod state;
mod worlds;
mod zapi;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use budget::Budgets;
use clock::Clock;
use description::Description;
use exchange::FirstReads;
use faults::Faults;
use state::{Moment, State};

pub use description::{GatewayKind, WorldError};
pub use log::{InstanceInfo, InstanceStanding, Kind, Logged, Truth};
pub use worlds::World;

/// An extension of a response that drops the connection instead of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped;

/// A running world with its gateways; clones share it.
#[derive(Clone)]
pub struct Simulator {
    inner: Arc<Mutex<Inner>>,
    clock: Clock,
}

pub(crate) struct Inner {
    pub(crate) description: Description,
    pub(crate) state: State,
    pub(crate) faults: Faults,
    pub(crate) budgets: Budgets,
    pub(crate) first_reads: FirstReads,
    pub(crate) log: Vec<Logged>,
    /// When each number's cached list of groups was last refreshed.
    pub(crate) refreshes: HashMap<usize, i64>,
    pub(crate) started: i64,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Simulator").finish_non_exhaustive()
    }
}

impl Simulator {
    /// Starts a world whose clock begins at the system's time and advances with tokio's.
    pub fn new(world: World) -> Self {
        Self::start(world, Clock::starting_now())
    }

    /// Starts a world whose clock begins at `unix_ms` (Unix milliseconds) and advances with tokio's.
    pub fn with_epoch(world: World, unix_ms: i64) -> Self {
        Self::start(world, Clock::starting_at(unix_ms))
    }

    fn start(world: World, clock: Clock) -> Self {
        let started = clock.now();
        let (description, state, faults) = world.into_parts(started);
        let inner = Inner {
            description,
            state,
            faults,
            budgets: Budgets::default(),
            first_reads: FirstReads::default(),
            log: Vec::new(),
            refreshes: HashMap::new(),
            started,
        };
        Self { inner: Arc::new(Mutex::new(inner)), clock }
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every instance, with the values that a client's configuration needs to reach it.
    pub fn instances(&self) -> Vec<InstanceInfo> {
        let inner = self.lock();
        let state = &inner.state;
        let info = |(index, number): (usize, &state::Number)| {
            let is_in = |community: &usize| state.role_in_community(index, *community, Moment::Now).is_in();
            let communities = (0..state.communities.len()).filter(is_in);
            InstanceInfo {
                name: number.name.clone(),
                gateway: number.gateway,
                id: number.id.clone(),
                token: number.token.clone(),
                account_token: (number.gateway == GatewayKind::Ryzeapi).then(|| number.account_token.clone()),
                client_token: number.client_token.clone(),
                number: number.phone.clone(),
                communities: communities
                    .map(|community| community_id(number.gateway, &state.communities[community].id))
                    .collect(),
            }
        };
        state.numbers.iter().enumerate().map(info).collect()
    }

    /// Gives each instance its own tokens instead of the world's; `token` is called for each of them.
    pub fn replace_tokens<E>(&self, token: impl Fn() -> Result<String, E>) -> Result<(), E> {
        for number in &mut self.lock().state.numbers {
            number.token = token()?;
            number.account_token = token()?;
            number.client_token = number.client_token.take().map(|_| token()).transpose()?;
        }
        Ok(())
    }

    /// The real state now, whatever the listings still show.
    pub fn truth(&self) -> Truth {
        let inner = self.lock();
        let names = inner.state.numbers.iter().enumerate();
        Truth {
            instances: names
                .map(|(index, number)| (number.name.clone(), standing(&inner.state, index)))
                .collect(),
        }
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Logged> {
        self.lock().log.clone()
    }

    /// Makes the next read of each listing count as its first: no answer then shows an older state. A test calls this before it
    /// makes a plan.
    pub fn forget_reads(&self) {
        self.lock().first_reads.forget();
    }

    /// Changes an instance's connection: `connected`, `disconnected`, `loggedout`, `banned` or any other text; false if there is
    /// no such instance.
    pub fn set_state(&self, instance: &str, state: &str) -> bool {
        let now = self.now();
        let mut inner = self.lock();
        let index = inner.state.numbers.iter().position(|number| number.name == instance);
        if let Some(index) = index {
            inner.state.set_state(index, state, now);
        }
        index.is_some()
    }
}

fn standing(state: &State, number: usize) -> InstanceStanding {
    let gateway = state.numbers[number].gateway;
    let mut standing = InstanceStanding::default();
    for (index, community) in state.communities.iter().enumerate() {
        let id = community_id(gateway, &community.id);
        let linked = state.subgroups(index, Moment::Now);
        let linked = linked.into_iter().map(|group| group_id(gateway, &state.groups[group].id)).collect();
        standing.communities.insert(id.clone(), linked);
        standing.names.insert(id.clone(), community.name.clone());
        standing
            .announcements
            .insert(id.clone(), group_id(gateway, &state.groups[community.announcements].id));
        if state.role_in_community(number, index, Moment::Now).is_in() {
            standing.member_of.insert(id);
        }
    }
    for (index, group) in state.groups.iter().enumerate() {
        if group.announces.is_none() {
            standing.names.insert(group_id(gateway, &group.id), group.name.to_string());
        }
        if group.announces.is_none() && state.role(number, index, Moment::Now).is_in() {
            standing.groups.insert(group_id(gateway, &group.id));
        }
    }
    standing
}

/// A group's id in a gateway's form.
fn group_id(gateway: GatewayKind, id: &str) -> String {
    match gateway {
        GatewayKind::Ryzeapi => ryzeapi::jid(id),
        GatewayKind::Zapi => zapi::group_id(id),
        _ => own::jid(id),
    }
}

/// A community's id in a gateway's form.
fn community_id(gateway: GatewayKind, id: &str) -> String {
    match gateway {
        GatewayKind::Ryzeapi => ryzeapi::jid(id),
        GatewayKind::Zapi => zapi::community_id(id),
        _ => own::jid(id),
    }
}
