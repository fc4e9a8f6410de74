//! One suite for both stores: a file on this machine, and a `PostgreSQL` server.

mod clocks;
mod failures;
mod formats;
mod invites;
mod numbers;
mod operators;
mod tls;

use std::{path::Path, sync::Arc, time::Duration};

use synod::{
    clock::Clock,
    domain::{
        community::{CommunityRef, Role},
        directory::{KnownRole, Remembered},
        event::{OperationEvent, Record, StopReason},
        history::HistorySubject,
        id::OperationId,
        instance::InstanceKey,
        invite::InviteLink,
        message::ToMessage,
        operation::{Operation, Phase, RunControl},
        outcome::Outcome,
        settings::{OperationSettings, Reconnect},
        time::Millis,
        writer::Writer,
    },
    engine::{
        Engine, EngineEvent, SubmitError,
        instance_lock::FileLocks,
        journal::Journal,
        locks::{LockError, Locks},
        write_locks::WriteLocks,
    },
    gateway::Gateway,
    store::{FileStore, ServerAddress, ServerPatience, ServerStore, Store},
    text::Text,
};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::support::{
    fake_gateway::{FakeGateway, clock, community, group, shared},
    postgres::Postgres,
    rig::{UP_TO_DATE, leave, link, outcomes, steady},
};

fn key() -> InstanceKey {
    InstanceKey::new("ryzeapi-test")
}

/// A store with its locks.
struct Place {
    name: &'static str,
    store: Arc<dyn Store>,
    locks: Arc<dyn Locks>,
    _folder: TempDir,
}

/// Each kind of store, empty; without a server only the file.
fn places() -> Vec<Place> {
    let folder = TempDir::new().unwrap();
    let store = FileStore::open(&folder.path().join("state")).unwrap();
    let store = Arc::new(store.written_by(Writer::new("ana", "desk")));
    let locks = FileLocks::new(folder.path().join("locks"));
    let mut places = vec![Place { name: "file", store, locks, _folder: folder }];
    if let Some(server) = Postgres::shared() {
        let folder = TempDir::new().unwrap();
        let store = server.store(&server.database(), "ana", &folder.path().join("state"));
        let locks = store.locks();
        places.push(Place { name: "server", store: Arc::new(store), locks, _folder: folder });
    }
    places
}

fn next(record: &Record, sequence: u64, event: OperationEvent) -> Record {
    Record { sequence, event, ..record.clone() }
}

fn events(records: &[Record]) -> Vec<(u64, OperationEvent)> {
    records.iter().map(|record| (record.sequence, record.event.clone())).collect()
}

#[tokio::test]
async fn events_are_kept_in_order_and_all_or_none() {
    for Place { name, store, .. } in places() {
        assert_eq!(store.position(&key()).await.unwrap(), 0, "{name}");
        let begun = store.begin(&key(), Millis(5), link(&community("c"), [group(1)])).await.unwrap();
        let other = store.begin(&InstanceKey::new("other"), Millis(5), leave([group(2)])).await.unwrap();
        assert!(other.operation > begun.operation, "{name}");
        let first = store.position(&key()).await.unwrap();
        assert!(first > 0, "{name}");
        let sending = OperationEvent::Sending { item: 0, step: 0, attempt: 1, timeout_ms: Some(5) };
        let more = vec![next(&begun, 1, OperationEvent::Started), next(&begun, 2, sending)];
        store.append(more.clone()).await.unwrap();
        assert!(store.position(&key()).await.unwrap() > first, "{name}");
        let read = store.records(&key(), begun.operation, 1).await.unwrap();
        assert_eq!(events(&read), events(&more), "{name}");
        let last = store.last_sendings(&key(), Millis(9)).await.unwrap();
        assert_eq!((last.len(), last[0].operation, last[0].sequence), (1, begun.operation, 2), "{name}");
        // The second of these is taken, so neither is recorded.
        let refused = vec![next(&begun, 3, OperationEvent::Ended), next(&begun, 2, OperationEvent::Started)];
        assert!(store.append(refused).await.is_err(), "{name}");
        assert_eq!(store.records(&key(), begun.operation, 0).await.unwrap().len(), 3, "{name}");
        assert_eq!(store.unfinished(&key()).await.unwrap(), [begun.operation], "{name}");
        assert_eq!(store.operation(&InstanceKey::new("other"), begun.operation).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_operation_ends_and_its_summary_stays() {
    for Place { name, store, .. } in places() {
        let begun = store.begin(&key(), Millis(5), link(&community("c"), [group(1)])).await.unwrap();
        let why = StopReason::Operator;
        let end =
            vec![next(&begun, 1, OperationEvent::Stopping { why }), next(&begun, 2, OperationEvent::Ended)];
        store.append(end).await.unwrap();
        assert_eq!(store.unfinished(&key()).await.unwrap(), [], "{name}");
        for _ in 0..2 {
            let summaries = store.summaries(&key(), 9).await.unwrap();
            assert_eq!(summaries.len(), 1, "{name}");
            assert_eq!(summaries[0].phase, Phase::Ended(Some(StopReason::Operator)), "{name}");
        }
        let listed = store.list(&key(), 9).await.unwrap();
        assert_eq!((listed[0].events, listed[0].summary.is_some()), (3, true), "{name}");
        let subject = HistorySubject::Group(group(1));
        assert_eq!(store.history(&key(), &subject, 9).await.unwrap().len(), 1, "{name}");
        let operations = store.operations(&key(), 9).await.unwrap();
        assert_eq!(operations[0].id, begun.operation, "{name}");
        store.remove_operations(&[begun.operation]).await.unwrap();
        assert_eq!(store.list(&key(), 9).await.unwrap(), [], "{name}");
        let again = store.begin(&key(), Millis(6), link(&community("c"), [group(1)])).await.unwrap();
        assert!(again.operation > begun.operation, "{name}: a number is never given again");
    }
}

#[tokio::test]
async fn requests_of_other_processes_are_read_in_order_until_the_end() {
    for Place { name, store, .. } in places() {
        let begun = store.begin(&key(), Millis(5), link(&community("c"), [group(1)])).await.unwrap();
        for control in [RunControl::Pause, RunControl::Resume, RunControl::Stop] {
            store.request(begun.operation, control, Millis(7)).await.unwrap();
        }
        let all = store.requests(&key(), 0).await.unwrap();
        let controls: Vec<RunControl> = all.iter().map(|request| request.control).collect();
        assert_eq!(controls, [RunControl::Pause, RunControl::Resume, RunControl::Stop], "{name}");
        assert_eq!(store.requests(&key(), all[1].position).await.unwrap(), all[2..], "{name}");
        assert_eq!(store.requests(&InstanceKey::new("other"), 0).await.unwrap(), [], "{name}");
        store.append(vec![next(&begun, 1, OperationEvent::Ended)]).await.unwrap();
        assert_eq!(store.requests(&key(), 0).await.unwrap(), [], "{name}");
    }
}

#[tokio::test]
async fn an_operation_is_handed_over_until_it_is_taken_or_ends() {
    for Place { name, store, .. } in places() {
        let begun = store.begin(&key(), Millis(5), link(&community("c"), [group(1)])).await.unwrap();
        assert_eq!(store.handed_over(&key(), Millis(6)).await.unwrap(), [], "{name}");
        store.hand_over(&[begun.operation], Some(SECOND * 60), Millis(6)).await.unwrap();
        // Whatever the clock of the server says.
        let offers = store.handed_over(&key(), Millis(6)).await.unwrap();
        assert_eq!((offers.len(), offers[0].operation), (1, begun.operation), "{name}");
        assert!(offers[0].counts(Millis(6)) && offers[0].until <= Millis(60_006), "{name}: {offers:?}");
        store.hand_over(&[begun.operation], None, Millis(7)).await.unwrap();
        assert_eq!(store.handed_over(&key(), Millis(7)).await.unwrap(), [], "{name}");
    }
}

/// Everyone who can read the database could enter the groups.
#[tokio::test]
async fn a_shared_store_without_a_key_keeps_no_invite_links() {
    for Place { name, store, .. } in places() {
        let link = InviteLink::new("https://chat.whatsapp.com/one").unwrap();
        store.keep_link(&key(), &group(1), &link).await.unwrap();
        let is_kept = name == "file";
        assert_eq!(store.kept_link(&key(), &group(1)).await.unwrap().is_some(), is_kept, "{name}");
        assert_eq!(
            store.groups_with_invite_link(&key()).await.unwrap().len(),
            usize::from(is_kept),
            "{name}"
        );
        assert_eq!(store.count_invite_links(None).await.unwrap(), usize::from(is_kept), "{name}");
        assert_eq!(
            store.forget_invite_links(Some(vec![key()])).await.unwrap(),
            usize::from(is_kept),
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_was_learned_is_remembered() {
    for Place { name, store, .. } in places() {
        let named = CommunityRef { id: community("c"), name: None };
        store.remember(&key(), vec![named.clone()], vec![group(1)]).await.unwrap();
        let remembered = Remembered { communities: vec![named], ordinary: vec![group(1)] };
        assert_eq!(store.remembered(&key()).await.unwrap(), remembered, "{name}");
        let role = KnownRole { group: group(1), role: Role::Admin, begun: Millis(5) };
        store.keep_roles(&key(), vec![role.clone()], Millis(6)).await.unwrap();
        assert_eq!(store.remembered_roles(&key(), Millis(6)).await.unwrap(), [role], "{name}");
        assert!(store.last_read(&key(), Millis(6)).await.unwrap().is_empty(), "{name}");
        store.forget_community(&key(), &community("c")).await.unwrap();
        assert_eq!(store.remembered(&key()).await.unwrap().communities, [], "{name}");
    }
}

#[tokio::test]
async fn one_process_at_a_time_holds_the_lock_of_an_instance() {
    for Place { name, locks, .. } in places() {
        locks.ensure_free(&key()).await.unwrap();
        let lock = locks.take(&key(), Millis(5)).await.unwrap();
        assert!(matches!(locks.take(&key(), Millis(5)).await, Err(LockError::Held(_))), "{name}");
        assert!(matches!(locks.ensure_free(&key()).await, Err(LockError::Held(_))), "{name}");
        locks.ensure_free(&InstanceKey::new("other")).await.unwrap();
        Arc::clone(&lock).check().await.unwrap();
        drop(lock);
        let again = locks.take(&key(), Millis(6)).await;
        assert!(again.is_ok(), "{name}: {again:?}");
    }
}

/// One operator's Synod on a shared store, with a gateway that all share.
struct Machine {
    engine: Engine,
    store: ServerStore,
    events: UnboundedReceiver<EngineEvent>,
    folder: TempDir,
}

fn machine(server: &Postgres, database: &str, operator: &str, gateway: &Arc<FakeGateway>) -> Machine {
    machine_at(&server.url(database), operator, gateway)
}

/// A machine that reaches the server by this URL.
fn machine_at(url: &str, operator: &str, gateway: &Arc<FakeGateway>) -> Machine {
    let folder = TempDir::new().unwrap();
    let store = store_at(url, operator, folder.path());
    let locks = store.locks();
    Machine::new(store.clone(), (Arc::new(store), locks), clock(), folder, gateway)
}

fn store_at(url: &str, operator: &str, folder: &Path) -> ServerStore {
    let address = ServerAddress::parse(url).unwrap().beside(folder);
    let writer = Writer::new(operator, "desk");
    let patience = ServerPatience { connect: SECOND * 2, statement: SECOND * 2 };
    let local = FileStore::open(&folder.join("state")).unwrap();
    ServerStore::with_patience(address, writer, local, patience)
}

const SECOND: Duration = Duration::from_secs(1);

/// How much faster than usual a lost connection is tried again.
const SCALE: u32 = 100;

/// The settings of the machines, which keep nobody waiting.
fn quick() -> OperationSettings {
    let mut settings = steady();
    let quick = Duration::from_millis(20);
    (settings.pace.link, settings.read_back) = (quick * 10, vec![quick, quick * 2]);
    settings.timeout.request = Duration::from_millis(500);
    let Reconnect { first, most } = settings.reconnect;
    settings.reconnect = Reconnect { first: first / SCALE, most: most / SCALE };
    settings
}

impl Machine {
    fn new(
        store: ServerStore,
        (journal, locks): (Arc<dyn Journal>, Arc<dyn Locks>),
        clock: Clock,
        folder: TempDir,
        gateway: &Arc<FakeGateway>,
    ) -> Self {
        let (engine, events) = Engine::sharing(journal, clock, locks);
        engine.add_instance(key(), Gateway::new(Arc::clone(gateway)), quick());
        Self { engine, store, events, folder }
    }

    async fn submit(&self, groups: std::ops::Range<usize>) -> OperationId {
        self.engine.submit(&key(), link(&community("c"), groups.map(group)), UP_TO_DATE).await.unwrap()
    }

    async fn until_away(&mut self) {
        self.until(|event| matches!(event, EngineEvent::StoreAway)).await;
    }

    async fn until_idle(&self) {
        let key = key();
        let idle = self.engine.until_idle(&key);
        tokio::time::timeout(Duration::from_secs(100), idle).await.expect("it hangs");
    }

    /// Why the journal failed, according to the events so far.
    fn failures(&mut self) -> Vec<String> {
        let heard = std::iter::from_fn(|| self.events.try_recv().ok());
        let why = |event| match event {
            EngineEvent::JournalFailed { why, .. } => Some(Text::english().tell(&why)),
            _ => None,
        };
        heard.filter_map(why).collect()
    }

    async fn until(&mut self, is_so: impl Fn(&EngineEvent) -> bool) {
        let wait = async {
            while let Some(event) = self.events.recv().await {
                if is_so(&event) {
                    return;
                }
            }
            panic!("the engine ended");
        };
        tokio::time::timeout(Duration::from_secs(60), wait).await.expect("it hangs");
    }

    async fn until_answered(&mut self, count: usize) {
        for _ in 0..count {
            self.until(|event| {
                matches!(event, EngineEvent::Recorded(record)
                    if matches!(record.event, OperationEvent::Answered { .. }))
            })
            .await;
        }
    }

    async fn until_verified(&mut self, count: usize) {
        let mut seen = 0;
        while seen < count {
            self.until(|event| {
                matches!(event, EngineEvent::Recorded(record)
                    if matches!(record.event, OperationEvent::ItemFinished { .. }))
            })
            .await;
            seen += 1;
        }
    }

    async fn operation(&self, id: OperationId) -> Operation {
        self.store.operation(&key(), id).await.unwrap().unwrap()
    }
}

fn gateway() -> Arc<FakeGateway> {
    shared(FakeGateway::new(clock()).linked(&community("c"), []))
}

#[tokio::test]
async fn two_machines_share_one_instance_and_one_follows_the_other() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway());
    let mut ana = machine(server, &database, "ana", &gateway);
    let mut ben = machine(server, &database, "ben", &gateway);
    let id = ana.engine.submit(&key(), link(&community("c"), (0..30).map(group)), UP_TO_DATE).await.unwrap();
    ana.until_verified(1).await;
    let refused = ben.engine.submit(&key(), link(&community("c"), [group(40)]), UP_TO_DATE).await;
    let Err(SubmitError::Lock(error @ LockError::Held(Some(_)))) = refused else { panic!("{refused:?}") };
    assert!(Text::english().tell(&error).contains("ana@desk"), "{error}");
    assert_eq!(ben.engine.follow(&key()).await.unwrap().len(), 1);
    ben.until_verified(1).await;
    ben.engine.control_anywhere(&key(), RunControl::Stop).await.unwrap();
    let ended = |event: &EngineEvent| matches!(event, EngineEvent::Recorded(record) if record.event == OperationEvent::Ended);
    ben.until(ended).await;
    ana.engine.until_idle(&key()).await;
    let operation = ana.operation(id).await;
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::Operator)));
    let writes = gateway.writes().len();
    assert!(writes < 30, "it was stopped");
    // Now the other one may write.
    let again = ben.engine.submit(&key(), link(&community("c"), [group(40)]), UP_TO_DATE).await.unwrap();
    ben.engine.until_idle(&key()).await;
    assert_eq!(outcomes(&ben.operation(again).await).len(), 1);
    assert_eq!(gateway.writes().len(), writes + 1);
}

async fn complaint(store: &ServerStore) -> String {
    let error = store.unfinished(&key()).await.unwrap_err();
    Text::english().tell(&error.message())
}

#[tokio::test]
async fn what_is_wrong_with_a_server_is_said() {
    let Some(server) = Postgres::shared() else { return };
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state");
    let at = |url: &str| {
        let writer = Writer::new("ana", "desk");
        let address = ServerAddress::parse(url).unwrap();
        ServerStore::new(address, writer, FileStore::open(&state).unwrap())
    };
    let missing = complaint(&server.store("nowhere", "ana", &state)).await;
    assert!(missing.contains("no such database"), "{missing}");
    let nobody = server.url("postgres").replace("synod@", "stranger@");
    let nobody = complaint(&at(&nobody)).await;
    assert!(nobody.contains("rejects the user or the password"), "{nobody}");
    let down = complaint(&at("postgres://synod@127.0.0.1:1/synod")).await;
    assert!(down.contains("cannot be reached"), "{down}");
    let plain = format!("{}?sslmode=verify-full", server.url("postgres"));
    let plain = complaint(&at(&plain)).await;
    assert!(plain.contains("no TLS"), "{plain}");

    let database = server.database();
    let store = server.store(&database, "ana", &state);
    store.unfinished(&key()).await.unwrap();
    let read_only = format!("ALTER DATABASE {database} SET default_transaction_read_only = on");
    assert!(server.sql(&database, &read_only).status.success());
    let store = server.store(&database, "ana", &state);
    let refused = store.begin(&key(), Millis(5), leave([group(1)])).await.unwrap_err();
    let refused = Text::english().tell(&refused.message());
    assert!(refused.contains("read-only"), "{refused}");

    let database = server.database();
    server.store(&database, "ana", &state).unfinished(&key()).await.unwrap();
    assert!(server.sql(&database, "UPDATE synod_schema SET version = 99").status.success());
    let newer = complaint(&server.store(&database, "ana", &state)).await;
    assert!(newer.contains("99"), "{newer}");
}

#[tokio::test]
async fn a_commit_is_durable_whatever_the_servers_default() {
    let Some(server) = Postgres::shared() else { return };
    let (database, folder) = (server.database(), TempDir::new().unwrap());
    let weak = format!("ALTER DATABASE {database} SET synchronous_commit = off");
    assert!(server.sql(&database, &weak).status.success());
    let store = server.store(&database, "ana", &folder.path().join("state"));
    assert_eq!(store.setting("synchronous_commit").await.unwrap(), "on");
}

#[tokio::test]
async fn another_machine_is_told_of_changes_to_its_own_instance_only() {
    let Some(server) = Postgres::shared() else { return };
    let (database, folder) = (server.database(), TempDir::new().unwrap());
    let ana = server.store(&database, "ana", &folder.path().join("ana"));
    let ben = server.store(&database, "ben", &folder.path().join("ben"));
    ben.unfinished(&key()).await.unwrap();
    let in_time = async |instance: &InstanceKey, seen: u64| {
        let changed = ben.changed(instance, seen);
        tokio::time::timeout(Duration::from_secs(60), changed).await.expect("it is not told")
    };
    let other = InstanceKey::new("other");
    ana.begin(&other, Millis(5), leave([group(2)])).await.unwrap();
    in_time(&other, 0).await;
    let begun = ana.begin(&key(), Millis(5), link(&community("c"), [group(1)])).await.unwrap();
    let seen = in_time(&key(), 0).await;
    assert_eq!(seen, 1, "the other instance does not count");
    // A change that was recorded before the call is not missed.
    ana.append(vec![next(&begun, 1, OperationEvent::Started)]).await.unwrap();
    in_time(&other, 0).await;
    assert_eq!(in_time(&key(), seen).await, 2);
    ana.request(begun.operation, RunControl::Pause, Millis(6)).await.unwrap();
    assert_eq!(in_time(&key(), 2).await, 3, "a request is told at once");
}
