//! Performs the work that the state requests: loads, reads, probes, connecting, submissions. Nothing else on the
//! screen's side spawns tasks. Every piece of work is counted before it is spawned.

mod configuring;
mod connecting;
mod controlling;
mod dividers;
mod documents;
mod roles;
mod searching;

use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::BoxFuture;
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver, UnboundedSender},
        watch,
    },
    task::{AbortHandle, JoinHandle},
};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{
        effect::{Document, Ticket, Work},
        event::{AppEvent, NotWritten},
        layout::Dividers,
        listing_reading::LISTING_PACE,
    },
    clock::Clock,
    domain::{
        command,
        community::{CommunityRef, Groups},
        directory::LastRead,
        event::Order,
        history::{HistorySubject, concerns},
        id::{CommunityId, GroupId, OperationId},
        instance::InstanceKey,
        message::ToMessage,
        operation::RunControl,
        pairing::Way,
        plan::Needs,
        reading::{Readings, Scope},
        time::Millis,
        wait::Wait,
    },
    engine::{Engine, EngineEvent},
    export::Exporter,
    files::FileError,
    gateway::Gateway,
    listing::{self, WhichListings},
    store::{Listed, Store, StoreError},
};

/// How many of an instance's operations to show again after a start.
const HISTORY: usize = 20;
/// How many events of operations may be folded before the first frame: less than two milliseconds of work.
const AT_ONCE: usize = 2_000;
/// How many of the operations that name a group to show in its details.
const HISTORY_OF_ONE: usize = 50;
pub use configuring::{Configuration, OpenedConfiguration, OpenedInstance};
pub use dividers::remembered as remembered_dividers;

/// What the runtime needs to do the work.
#[derive(Clone)]
pub struct RuntimeParts {
    pub gateways: HashMap<InstanceKey, Gateway>,
    /// The [stamps](OpenedInstance::stamp) of the instances. One without a stamp counts as changed.
    pub stamps: HashMap<InstanceKey, u64>,
    pub engine: Engine,
    /// Stores the data that outlives a run.
    pub store: Arc<dyn Store>,
    pub clock: Clock,
    pub exporter: Exporter,
    /// The directory for files whose names contain no directory.
    pub directory: PathBuf,
    /// Where Synod keeps its own files.
    pub state_dir: PathBuf,
    /// The configuration, if there is one that can be changed.
    pub configuration: Option<Arc<dyn Configuration>>,
}

/// Does the work of the screen. The results arrive as events, in the order in which they happen.
#[derive(Clone)]
pub struct Runtime {
    parts: RuntimeParts,
    /// The instances that can be used now.
    instances: Arc<Mutex<configuring::Instances>>,
    events: UnboundedSender<AppEvent>,
    tasks: Arc<Mutex<HashMap<Ticket, Task>>>,
    in_flight: Arc<watch::Sender<usize>>,
    reloads: Arc<configuring::Reloads>,
    dividers: Arc<Mutex<Dividers>>,
}

struct Task {
    abort: AbortHandle,
    skip: CancellationToken,
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}

/// Counts a piece of work as in flight until it is dropped.
struct Counted(Arc<watch::Sender<usize>>);

impl Counted {
    fn new(in_flight: &Arc<watch::Sender<usize>>) -> Self {
        in_flight.send_modify(|count| *count += 1);
        Self(Arc::clone(in_flight))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Runtime {
    /// Creates a runtime and the receiver of its events. These include what the engine reports and every change of a
    /// token's budget.
    pub fn new(
        parts: RuntimeParts,
        engine_events: UnboundedReceiver<EngineEvent>,
    ) -> (Self, UnboundedReceiver<AppEvent>) {
        let (events, receiver) = mpsc::unbounded_channel();
        tokio::spawn(forward(engine_events, events.clone()));
        let mut parts = parts;
        let used = std::mem::take(&mut parts.gateways).into_iter().map(|(key, gateway)| {
            let in_use = configuring::in_use(&key, gateway, parts.stamps.get(&key).copied(), &events);
            (key, in_use)
        });
        let instances = Arc::new(Mutex::new(used.collect()));
        let in_flight = Arc::new(watch::Sender::new(0));
        let (tasks, dividers, reloads) = (Arc::default(), Arc::default(), Arc::default());
        (Self { parts, instances, events, tasks, in_flight, reloads, dividers }, receiver)
    }

    /// The number of unfinished pieces of work.
    pub fn in_flight(&self) -> watch::Receiver<usize> {
        self.in_flight.subscribe()
    }

    /// Starts a piece of work; never waits.
    pub fn begin(&self, work: Work) {
        match work {
            Work::Load { ticket, instance, known, held } => self.load(ticket, instance, known, held),
            Work::Read { ticket, instance, scopes, needs } => self.read(ticket, &instance, scopes, needs),
            Work::ReadListing { ticket, instance, community } => {
                self.read_listing(ticket, &instance, community);
            }
            Work::LookAgain { instance, operation } => self.look_again(instance, operation),
            Work::FinishRead(ticket) => {
                if let Some(task) = self.tasks().get(&ticket) {
                    task.skip.cancel();
                }
            }
            Work::Discover { ticket, instance, control, candidates, siblings } => {
                self.discover(ticket, &instance, (control, candidates), siblings);
            }
            Work::Survey { ticket, instance } => self.survey(ticket, &instance),
            Work::Connect { ticket, instance, way } => self.connect(ticket, &instance, way),
            Work::FindCommunity { ticket, instance, given } => self.find_community(ticket, &instance, given),
            Work::Cancel(ticket) => {
                if let Some(task) = self.tasks().remove(&ticket) {
                    task.abort.abort();
                }
            }
            Work::Submit { ticket, instance, order, read_from } => {
                self.submit(ticket, instance, order, read_from);
            }
            Work::Control { instance, control } => self.control(instance, control),
            Work::StopOwn(instance) => self.parts.engine.control(&instance, RunControl::Stop),
            Work::Remember { instance, communities, ordinary } => {
                self.remember(instance, communities, ordinary);
            }
            Work::Keep { instance, read, writes_list } => self.keep(instance, read, writes_list),
            Work::ReadRole { ticket, instance, group } => self.read_role(ticket, &instance, group),
            Work::KeepRoles { instance, roles } => self.keep_roles(instance, roles),
            Work::ReadHistory { ticket, instance, subject } => self.read_history(ticket, instance, subject),
            Work::ReadTimeline { ticket, instance, operation, item } => {
                self.read_timeline(ticket, instance, operation, item);
            }
            Work::ReadOperation { instance, operation } => self.read_operation(instance, operation),
            Work::ReadInvite { ticket, instance, group } => self.read_invite(ticket, &instance, group),
            Work::Write { ticket, files } => self.write(ticket, files),
            Work::ReadState { ticket, file } => self.read_state(ticket, file),
            Work::KeepDividers(dividers) => self.keep_dividers(dividers),
            Work::ReadLinks(instance) => self.read_links(instance),
            Work::Forget { instance, community } => self.forget(instance, community),
            Work::ReadEntry { ticket, entry } => self.read_entry(ticket, entry),
            Work::SaveEntry { ticket, entry, old, anyway } => self.save_entry(ticket, entry, old, anyway),
            Work::RemoveEntry(entry) => self.remove_entry(entry),
            Work::AddListed(listed) => self.add_listed(listed),
            Work::ReadConfiguration(ticket) => self.read_configuration(ticket),
        }
    }

    fn tasks(&self) -> std::sync::MutexGuard<'_, HashMap<Ticket, Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Spawns work that can be cancelled by its ticket.
    fn spawn<F>(&self, ticket: Ticket, skip: CancellationToken, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let tasks = Arc::clone(&self.tasks);
        let task = self.run_to_end(async move {
            work.await;
            tasks.lock().unwrap_or_else(PoisonError::into_inner).remove(&ticket);
        });
        self.tasks().insert(ticket, Task { abort: task.abort_handle(), skip });
    }

    /// Spawns work that the program waits for at its end.
    fn run_to_end(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        let counted = Counted::new(&self.in_flight);
        // In a box, all work has one type, so the code that tokio makes for each type of work is in the program once.
        let work: BoxFuture<'static, ()> = Box::pin(work);
        tokio::spawn(async move {
            let _counted = counted;
            work.await;
        })
    }

    fn gateway(&self, instance: &InstanceKey) -> Option<Gateway> {
        self.instances().get(instance).map(|in_use| in_use.gateway.clone())
    }

    fn instances(&self) -> std::sync::MutexGuard<'_, configuring::Instances> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load(&self, ticket: Ticket, instance: InstanceKey, known: Vec<CommunityRef>, held: Option<Groups>) {
        let Some(gateway) = self.gateway(&instance) else { return };
        let (store, events) = (self.parts.store.clone(), self.events.clone());
        let (engine, clock) = (self.parts.engine.clone(), self.parts.clock);
        self.spawn(ticket, CancellationToken::new(), async move {
            let (mut known, mut held) = (known, held);
            match recall(store.as_ref(), &instance, clock.now(), &mut held, &events).await {
                Ok(remembered) => known.extend(remembered),
                Err(error) => _ = events.send(AppEvent::StoreFailed(error.message())),
            }
            // From here on, events of these operations are reported, so none is lost between the stored state and later
            // changes.
            let settled = engine.recover(&instance).await;
            let followed = engine.follow(&instance).await;
            if let Err(error) = settled.and(followed) {
                let _ = events.send(AppEvent::StoreFailed(error.message()));
            }
            tell_links(store.as_ref(), &instance, &events).await;
            let send = |part| {
                // When the program ends, the receiver is gone.
                let _ = events.send(AppEvent::Loaded { ticket, part });
            };
            let wanted = (known, WhichListings::Needed);
            listing::load(gateway.reads.as_ref(), clock, wanted, held, send).await;
        });
    }

    fn read(&self, ticket: Ticket, instance: &InstanceKey, scopes: Vec<Scope>, needs: Option<Box<Needs>>) {
        let Some(gateway) = self.gateway(instance) else { return };
        let (events, clock) = (self.events.clone(), self.parts.clock);
        let (store, key) = (self.parts.store.clone(), instance.clone());
        let skip = CancellationToken::new();
        self.spawn(ticket, skip.clone(), async move {
            let progress = |progress: listing::ReadProgress| {
                let (done, total) = (progress.done, progress.total);
                let _ = events.send(AppEvent::ReadProgressed { ticket, done, total });
            };
            let more = |readings: &Readings| {
                let needs = needs.as_deref();
                needs.map_or_else(Vec::new, |needs| needs.more(readings))
            };
            // If anything is recorded after this position, the plan is checked again.
            let journal = if needs.is_some() { store.position(&key).await.ok() } else { None };
            let readings = listing::read(gateway.reads.as_ref(), clock, scopes, more, &skip, progress).await;
            let readings = Readings { journal, ..readings };
            let _ = events.send(AppEvent::Read { ticket, readings: Box::new(readings) });
        });
    }

    /// Reads the listing of a community that is still on the screen after a moment.
    fn read_listing(&self, ticket: Ticket, instance: &InstanceKey, community: CommunityId) {
        let Some(gateway) = self.gateway(instance) else { return };
        let (events, clock) = (self.events.clone(), self.parts.clock);
        let skip = CancellationToken::new();
        self.spawn(ticket, skip.clone(), async move {
            tokio::time::sleep(LISTING_PACE).await;
            let (gateway, scopes) = (gateway.reads.as_ref(), vec![Scope::Community(community)]);
            let readings = listing::read(gateway, clock, scopes, listing::no_more, &skip, |_| ()).await;
            let _ = events.send(AppEvent::Read { ticket, readings: Box::new(readings) });
        });
    }

    /// Checks once more the items that an ended operation could not settle. Results are reported as they arrive.
    fn look_again(&self, instance: InstanceKey, operation: OperationId) {
        let (engine, events) = (self.parts.engine.clone(), self.events.clone());
        self.run_to_end(async move {
            let begun = engine.look_again(&instance, operation).await;
            if begun.is_ok() {
                engine.until_idle(&instance).await;
            }
            let result = begun.map(drop).map_err(|error| error.message());
            let _ = events.send(AppEvent::LookedAgain { instance, operation, result });
        });
    }

    fn read_history(&self, ticket: Ticket, instance: InstanceKey, subject: HistorySubject) {
        let (store, events) = (self.parts.store.clone(), self.events.clone());
        self.spawn(ticket, CancellationToken::new(), async move {
            let past = store.history(&instance, &subject, HISTORY_OF_ONE).await;
            let past = past.map_err(|error| error.message());
            let _ = events.send(AppEvent::HistoryRead { ticket, past });
        });
    }

    fn read_timeline(&self, ticket: Ticket, instance: InstanceKey, operation: OperationId, item: usize) {
        let (store, events) = (self.parts.store.clone(), self.events.clone());
        self.spawn(ticket, CancellationToken::new(), async move {
            let records = store.records(&instance, operation, 0).await.map_err(|error| error.message());
            let records =
                records.map(|all| all.into_iter().filter(|record| concerns(record, item)).collect());
            let _ = events.send(AppEvent::TimelineRead { ticket, records });
        });
    }

    fn read_operation(&self, instance: InstanceKey, id: OperationId) {
        let (store, events) = (self.parts.store.clone(), self.events.clone());
        self.run_to_end(async move {
            let result = store.operation(&instance, id).await;
            let result = result.map(|found| found.map(Box::new)).map_err(|error| error.message());
            let _ = events.send(AppEvent::OperationRead { instance, id, result });
        });
    }

    fn read_invite(&self, ticket: Ticket, instance: &InstanceKey, group: GroupId) {
        let Some(gateway) = self.gateway(instance) else { return };
        let events = self.events.clone();
        self.spawn(ticket, CancellationToken::new(), async move {
            let link = gateway.invite_link(&group).await;
            let _ = events.send(AppEvent::InviteRead { ticket, link });
        });
    }

    /// Writes files. This cannot be cancelled: half a file is useless.
    fn write(&self, ticket: Ticket, files: Vec<(String, Document)>) {
        let (exporter, events) = (self.parts.exporter.clone(), self.events.clone());
        let directory = self.parts.directory.clone();
        self.run_to_end(async move {
            let names = files.iter().map(|(file, _)| command::quoted(file)).collect();
            let write = move || documents::write(&exporter, &directory, &files);
            let written = tokio::task::spawn_blocking(write).await;
            let written = written.unwrap_or_else(|error| Err(io::Error::other(error)));
            let result = written.map(|()| names).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => NotWritten::Exists,
                _ => NotWritten::Failed(error.to_string()),
            });
            let _ = events.send(AppEvent::Written { ticket, result });
        });
    }

    fn read_state(&self, ticket: Ticket, file: String) {
        let (events, directory) = (self.events.clone(), self.parts.directory.clone());
        self.run_to_end(async move {
            let read = tokio::task::spawn_blocking(move || {
                documents::state_file(&documents::place(&directory, &file))
            });
            let result =
                read.await.unwrap_or_else(|error| Err(FileError::from(io::Error::other(error)).message()));
            let _ = events.send(AppEvent::StateRead { ticket, result });
        });
    }

    fn survey(&self, ticket: Ticket, instance: &InstanceKey) {
        let Some(gateway) = self.gateway(instance) else { return };
        let events = self.events.clone();
        self.spawn(ticket, CancellationToken::new(), async move {
            let lists = gateway.capabilities().pairing.lists_instances;
            let list = async { if lists { Some(gateway.instances().await) } else { None } };
            let (connection, listed) = tokio::join!(gateway.connection(), list);
            let _ = events.send(AppEvent::Surveyed { ticket, connection, listed });
        });
    }

    fn connect(&self, ticket: Ticket, instance: &InstanceKey, way: Way) {
        let Some(gateway) = self.gateway(instance) else { return };
        let (events, clock) = (self.events.clone(), self.parts.clock);
        self.spawn(ticket, CancellationToken::new(), async move {
            let tell = |step| {
                let _ = events.send(AppEvent::Connecting { ticket, step });
            };
            connecting::connect(&gateway, clock, way, tell).await;
        });
    }

    /// Submits an order to the engine. This cannot be cancelled: a confirmed order must not get lost.
    fn submit(&self, ticket: Ticket, instance: InstanceKey, order: Order, read_from: Option<u64>) {
        let (engine, events) = (self.parts.engine.clone(), self.events.clone());
        self.run_to_end(async move {
            let result = engine.submit(&instance, order, read_from).await.map_err(|error| error.message());
            let is_taken = result.is_ok();
            let _ = events.send(AppEvent::Submitted { ticket, result });
            // Another Synod process may be writing to the instance: show its progress.
            if !is_taken
                && let Ok(operations) = engine.follow(&instance).await
                && !operations.is_empty()
            {
                let (summaries, is_all) = (Vec::new(), false);
                let _ = events.send(AppEvent::JournalRead { instance, summaries, operations, is_all });
            }
        });
    }

    fn remember(&self, instance: InstanceKey, communities: Vec<CommunityRef>, ordinary: Vec<GroupId>) {
        let (store, events) = (self.parts.store.clone(), self.events.clone());
        self.run_to_end(async move {
            if let Err(error) = store.remember(&instance, communities, ordinary).await {
                let _ = events.send(AppEvent::StoreFailed(error.message()));
            }
        });
    }

    fn keep(&self, instance: InstanceKey, read: LastRead, writes_list: bool) {
        let (store, events) = (self.parts.store.clone(), self.events.clone());
        let now = self.parts.clock.now();
        self.run_to_end(async move {
            if let Err(error) = store.keep_directory(&instance, read, writes_list, now).await {
                let _ = events.send(AppEvent::StoreFailed(error.message()));
            }
        });
    }

    fn read_links(&self, instance: InstanceKey) {
        let (store, events) = (self.parts.store.clone(), self.events.clone());
        self.run_to_end(async move {
            tell_links(store.as_ref(), &instance, &events).await;
        });
    }

    fn forget(&self, instance: InstanceKey, community: CommunityId) {
        let (store, events) = (self.parts.store.clone(), self.events.clone());
        self.run_to_end(async move {
            if let Err(error) = store.forget_community(&instance, &community).await {
                let _ = events.send(AppEvent::StoreFailed(error.message()));
            }
        });
    }
}

/// Sends the stored data of an instance and, on request, the data that an earlier run last read from it. Returns the
/// communities. Operations that take long to fold come last, so that they do not delay the first frame.
async fn recall(
    store: &dyn Store,
    instance: &InstanceKey,
    now: Millis,
    held: &mut Option<Groups>,
    events: &UnboundedSender<AppEvent>,
) -> Result<Vec<CommunityRef>, StoreError> {
    let remembered = store.remembered(instance).await?;
    let known = remembered.communities.clone();
    let _ = events.send(AppEvent::Remembered { instance: instance.clone(), remembered });
    let mut all = store.list(instance, HISTORY).await?;
    let summaries = all.iter().filter_map(|listed| listed.summary.clone()).collect();
    let newest = all.first().filter(|newest| newest.events <= AT_ONCE).map(|newest| newest.id);
    // The newest is shown below the lists, with its groups only if that is quick.
    all.retain(|listed| listed.summary.is_none() || listed.is_since_reading || Some(listed.id) == newest);
    let (key, operations, is_all) = (instance.clone(), Vec::new(), all.is_empty());
    let _ = events.send(AppEvent::JournalRead { instance: key, summaries, operations, is_all });
    let is_quick = all.iter().map(|listed| listed.events).sum::<usize>() <= AT_ONCE;
    if is_quick {
        tell_operations(store, instance, &all, events).await?;
    }
    if held.is_none() {
        // The first frame shows them too.
        let roles = store.remembered_roles(instance, now).await.unwrap_or_default();
        if !roles.is_empty() {
            let _ = events.send(AppEvent::RolesRecalled { instance: instance.clone(), roles });
        }
        // The last read data is only shown until it is read again, so an error here just means less to show.
        let read = store.last_read(instance, now).await.unwrap_or_default();
        *held = read.groups.as_ref().map(|list| list.groups.clone());
        let _ = events.send(AppEvent::Recalled { instance: instance.clone(), read });
    }
    if !is_quick {
        tell_operations(store, instance, &all, events).await?;
    }
    Ok(known)
}

/// Folds these operations, which are the rest of the journal, and sends them, the oldest first. It sends them one at a time, because
/// the screen drops most of them at once.
async fn tell_operations(
    store: &dyn Store,
    instance: &InstanceKey,
    listed: &[Listed],
    events: &UnboundedSender<AppEvent>,
) -> Result<(), StoreError> {
    for (at, listed) in listed.iter().enumerate().rev() {
        let operations = store.fold(instance, listed).await?.into_iter().collect();
        let (instance, summaries) = (instance.clone(), Vec::new());
        let _ = events.send(AppEvent::JournalRead { instance, summaries, operations, is_all: at == 0 });
    }
    Ok(())
}

async fn tell_links(store: &dyn Store, instance: &InstanceKey, events: &UnboundedSender<AppEvent>) {
    let event = match store.stored_links(instance).await {
        Ok(links) => AppEvent::LinksKept { instance: instance.clone(), links },
        Err(error) => AppEvent::StoreFailed(error.message()),
    };
    let _ = events.send(event);
}

/// Forwards the engine's reports as events.
async fn forward(mut engine_events: UnboundedReceiver<EngineEvent>, events: UnboundedSender<AppEvent>) {
    while let Some(engine_event) = engine_events.recv().await {
        let event = match engine_event {
            EngineEvent::Recorded(record) => AppEvent::Recorded(record),
            EngineEvent::Listing { instance, listing } => AppEvent::ListingSeen { instance, listing },
            EngineEvent::Groups { instance, list } => AppEvent::GroupsSeen { instance, list },
            EngineEvent::JournalFailed { instance, why, .. } => AppEvent::JournalFailed { instance, why },
            EngineEvent::StoreAway => AppEvent::StoreAway,
            EngineEvent::StoreBack => AppEvent::StoreBack,
            EngineEvent::TakenElsewhere { why, .. } => AppEvent::TakenElsewhere(why),
            EngineEvent::NumberInUse { why, .. } => AppEvent::NumberInUse(why),
            EngineEvent::NextSend { .. } => continue,
        };
        if events.send(event).is_err() {
            return;
        }
    }
}

/// Sends each change of a token's budget until the receiver is gone.
async fn watch_budget(instance: InstanceKey, gateway: Gateway, events: UnboundedSender<AppEvent>) {
    let mut budget = gateway.budget();
    loop {
        let now = *budget.borrow_and_update();
        if events.send(AppEvent::BudgetChanged { instance: instance.clone(), budget: now }).is_err() {
            return;
        }
        tokio::select! {
            changed = budget.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            () = events.closed() => return,
        }
    }
}

/// Sends each change of the reason why the instance's reads wait, until the receiver is gone.
async fn watch_waits(
    instance: InstanceKey,
    mut waits: watch::Receiver<Option<Wait>>,
    events: UnboundedSender<AppEvent>,
) {
    loop {
        tokio::select! {
            changed = waits.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            () = events.closed() => return,
        }
        let wait = *waits.borrow_and_update();
        if events.send(AppEvent::WaitChanged { instance: instance.clone(), wait }).is_err() {
            return;
        }
    }
}
