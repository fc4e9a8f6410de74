//! Connections and servers that fail in the middle of an operation, on a real server. Nothing is lost, no two machines write, and nothing
//! is sent without its record, according to the gateway's own log. The waits between attempts are a hundredth of the usual ones.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use synod::domain::{
    event::{Order, StopReason},
    failure::{Failure, FailureKind},
    outcome::Outcome::{self, AlreadySo, NotSent, Verified},
};

use super::*;
use crate::support::{
    fake_gateway::Fault,
    line::{Far, Line},
    postgres, process,
    proxy::Proxy,
};

fn sendings(operation: &Operation) -> usize {
    operation.items.iter().map(|item| usize::try_from(item.attempts).unwrap()).sum()
}

/// No group was requested twice, and every request has its record.
fn assert_sent_once(gateway: &FakeGateway, operations: &[&Operation]) {
    let writes = gateway.writes();
    for (at, write) in writes.iter().enumerate() {
        assert!(writes[..at].iter().all(|earlier| earlier.group != write.group), "sent twice: {write:?}");
        let is_recorded = |operation: &&&Operation| {
            operation.items.iter().any(|item| item.group == write.group && item.attempts > 0)
        };
        assert!(operations.iter().any(|operation| is_recorded(&operation)), "no record: {write:?}");
    }
}

fn all_verified(operation: &Operation) {
    assert_eq!(operation.phase, Phase::Ended(None));
    assert_eq!(outcomes(operation), vec![Verified; operation.items.len()]);
}

/// The longest of the waits, one after the other: more than two minutes, by the hundredth.
const ATTEMPTS_OF_TWO_MINUTES: usize = 12;

#[test]
fn twelve_attempts_take_two_minutes() {
    let Reconnect { first, most } = OperationSettings::default().reconnect;
    let waits =
        (0..ATTEMPTS_OF_TWO_MINUTES).map(|at| (first * 2_u32.pow(u32::try_from(at).unwrap())).min(most));
    assert!(waits.sum::<Duration>() >= 120 * SECOND);
}

#[tokio::test]
async fn machines_that_connect_at_once_create_the_tables_once() {
    let Some(server) = Postgres::shared() else { return };
    for _ in 0..5 {
        let (database, folder) = (server.database(), TempDir::new().unwrap());
        let connect = |operator: &'static str| {
            let url = server.url(&database);
            let folder = folder.path().join(operator);
            async move {
                fs::create_dir(&folder).unwrap();
                store_at(&url, operator, &folder).unfinished(&key()).await
            }
        };
        let all = tokio::join!(connect("ana"), connect("ben"), connect("cris"), connect("dora"));
        assert_eq!(all, (Ok(vec![]), Ok(vec![]), Ok(vec![]), Ok(vec![])));
    }
}

#[tokio::test]
async fn an_operation_continues_after_the_network_was_cut() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway());
    let proxy = Proxy::to(server.port()).await;
    let mut ana = machine_at(&proxy.url(&database), "ana", &gateway);
    let id = ana.submit(0..12).await;
    ana.until_answered(2).await;
    proxy.cut();
    ana.until_away().await;
    let sent = gateway.writes().len();
    assert!(sent < 12);
    proxy.attempts(ATTEMPTS_OF_TWO_MINUTES).await;
    assert_eq!(gateway.writes().len(), sent, "nothing is sent meanwhile");
    proxy.restore();
    ana.until_idle().await;
    let operation = ana.operation(id).await;
    all_verified(&operation);
    assert_sent_once(&gateway, &[&operation]);
    assert_eq!(ana.failures(), [""; 0]);
}

/// The line swallows everything, and the server does not notice: its side of the old connection still holds the lock.
#[tokio::test]
async fn an_operation_continues_after_the_network_fell_silent() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway());
    let proxy = Proxy::to(server.port()).await;
    let mut ana = machine_at(&proxy.url(&database), "ana", &gateway);
    let id = ana.submit(0..12).await;
    ana.until_answered(2).await;
    proxy.silence();
    ana.until_away().await;
    let sent = gateway.writes().len();
    assert!(sent < 12);
    proxy.attempts(2).await;
    assert_eq!(gateway.writes().len(), sent, "nothing is sent meanwhile");
    let ben = machine(server, &database, "ben", &gateway);
    let held = ben.engine.submit(&key(), link(&community("c"), [group(40)]), UP_TO_DATE).await;
    assert!(matches!(held, Err(SubmitError::Lock(LockError::Held(Some(_))))), "{held:?}");
    proxy.restore();
    ana.until_idle().await;
    let operation = ana.operation(id).await;
    all_verified(&operation);
    assert_sent_once(&gateway, &[&operation]);
}

/// As docs/team.md sets the server up: the user acts in the role of the owner, who may not end the user's connections.
#[tokio::test]
async fn a_user_in_the_role_of_the_owner_gets_its_own_lock_back() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway());
    let roles = format!(
        "CREATE ROLE {database}_owner NOLOGIN; ALTER DATABASE {database} OWNER TO {database}_owner;
        CREATE ROLE {database}_user LOGIN IN ROLE {database}_owner;
        ALTER ROLE {database}_user SET role = '{database}_owner'"
    );
    assert!(server.sql("postgres", &roles).status.success());
    let proxy = Proxy::to(server.port()).await;
    let url = |url: String| url.replace("synod@", &format!("{database}_user@"));
    let mut ana = machine_at(&url(proxy.url(&database)), "ana", &gateway);
    let id = ana.submit(0..6).await;
    ana.until_answered(1).await;
    let ben = machine_at(&url(server.url(&database)), "ben", &gateway);
    let held = ben.engine.submit(&key(), link(&community("c"), [group(40)]), UP_TO_DATE).await.unwrap_err();
    assert!(Text::english().tell(&held).contains("ana@desk"), "{held}");
    proxy.silence();
    ana.until_away().await;
    proxy.restore();
    ana.until_idle().await;
    all_verified(&ana.operation(id).await);
}

#[tokio::test]
async fn another_machine_takes_over_while_the_network_is_cut_and_the_first_follows() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway());
    let proxy = Proxy::to(server.port()).await;
    let mut ana = machine_at(&proxy.url(&database), "ana", &gateway);
    let mut ben = machine(server, &database, "ben", &gateway);
    let id = ana.submit(0..20).await;
    ana.until_answered(1).await;
    ben.engine.follow(&key()).await.unwrap();
    proxy.cut();
    let is_ended = |event: &EngineEvent| matches!(event, EngineEvent::Recorded(record) if record.event == OperationEvent::Ended);
    ben.until(is_ended).await;
    ben.until_idle().await;
    let settled = ben.operation(id).await;
    assert_eq!(settled.phase, Phase::Ended(Some(StopReason::Interrupted)));
    let sent = gateway.writes().len();
    let other = ben.submit(30..45).await;
    ben.until_answered(1).await;
    proxy.restore();
    ana.until(|event| matches!(event, EngineEvent::TakenElsewhere { .. })).await;
    ana.until_idle().await;
    ben.until_idle().await;
    let (settled, other) = (ben.operation(id).await, ben.operation(other).await);
    all_verified(&other);
    assert_eq!(gateway.writes().len(), sent + 15, "ana sent nothing more");
    assert_sent_once(&gateway, &[&settled, &other]);
}

#[tokio::test]
async fn the_server_is_restarted() {
    let Some(mut server) = Postgres::start(&["fsync=on"]) else { return };
    let (database, gateway) = (server.database(), gateway());
    let mut ana = machine(&server, &database, "ana", &gateway);
    let id = ana.submit(0..12).await;
    ana.until_answered(2).await;
    server.stop();
    ana.until_away().await;
    let sent = gateway.writes().len();
    server.run();
    assert_eq!(gateway.writes().len(), sent);
    ana.until_idle().await;
    let operation = ana.operation(id).await;
    all_verified(&operation);
    assert_sent_once(&gateway, &[&operation]);
}

/// The record is durable, the request leaves, and its answer finds no server.
#[tokio::test]
async fn the_server_is_killed_between_an_append_and_the_request() {
    let Some(server) = Postgres::start(&["fsync=on"]) else { return };
    let (database, gateway) = (server.database(), gateway());
    let folder = TempDir::new().unwrap();
    let store = store_at(&server.url(&database), "ana", folder.path());
    let line = Line::new("ana", Arc::new(store.clone()), &Arc::<Far>::default());
    let server = Arc::new(Mutex::new(server));
    let was_killed = Arc::new(AtomicBool::new(false));
    let kill = (Arc::clone(&server), Arc::clone(&was_killed));
    line.after(move |records| {
        let is_due = |record: &Record| matches!(record.event, OperationEvent::Sending { item: 3, .. });
        if records.iter().any(is_due) && !kill.1.swap(true, Ordering::SeqCst) {
            kill.0.lock().unwrap().kill();
        }
    });
    let mut ana = Machine::new(store.clone(), (line, store.locks()), clock(), folder, &gateway);
    let id = ana.submit(0..8).await;
    ana.until_away().await;
    assert!(was_killed.load(Ordering::SeqCst));
    server.lock().unwrap().run();
    ana.until_idle().await;
    let operation = ana.operation(id).await;
    all_verified(&operation);
    assert_eq!(sendings(&operation), 8, "the answer that the server missed was recorded later");
    assert_sent_once(&gateway, &[&operation]);
}

#[tokio::test]
async fn the_server_is_killed_during_an_append() {
    let Some(mut server) = Postgres::start(&["fsync=on"]) else { return };
    let (database, gateway) = (server.database(), gateway());
    let mut ana = machine(&server, &database, "ana", &gateway);
    let id = ana.submit(0..8).await;
    ana.until_answered(2).await;
    let blocked = server.block_appends(&database).await;
    // The append that waits is not durable, so its request does not leave.
    let sent = gateway.writes().len();
    server.kill();
    drop(blocked);
    ana.until_away().await;
    server.run();
    ana.until_idle().await;
    assert!(gateway.writes().len() > sent);
    let operation = ana.operation(id).await;
    all_verified(&operation);
    assert_sent_once(&gateway, &[&operation]);
}

/// The server that ran until now is lost, and replaced by a copy that was made after the first few records.
struct Failover {
    server: Postgres,
    database: String,
    proxy: Proxy,
    gateway: Arc<FakeGateway>,
}

impl Failover {
    async fn new() -> Option<Self> {
        let server = Postgres::start(&["fsync=on"])?;
        let proxy = Proxy::to(server.port()).await;
        Some(Self { database: server.database(), server, proxy, gateway: gateway() })
    }

    fn machine(&self, operator: &str) -> Machine {
        machine_at(&self.proxy.url(&self.database), operator, &self.gateway)
    }

    /// Links groups, and ends with a server that lacks the newest records.
    async fn fail_over(&mut self, machine: &mut Machine, groups: Range<usize>) -> OperationId {
        let id = machine.submit(groups).await;
        machine.until_answered(2).await;
        self.server.stop();
        let copy = self.server.copy();
        self.server.run();
        machine.until_answered(4).await;
        self.proxy.cut();
        self.server.kill();
        self.server.restore(&copy);
        self.server.run();
        id
    }
}

#[tokio::test]
async fn after_a_failover_to_an_older_state_the_missing_records_are_written_again() {
    let Some(mut failover) = Failover::new().await else { return };
    let mut ana = failover.machine("ana");
    let id = failover.fail_over(&mut ana, 0..12).await;
    let known =
        ana.store_over(&failover.server, &failover.database).operation(&key(), id).await.unwrap().unwrap();
    assert!(sendings(&known) < 5, "the copy is behind: {:?}", known.totals);
    failover.proxy.restore();
    ana.until_idle().await;
    let operation = ana.operation(id).await;
    all_verified(&operation);
    assert_eq!(sendings(&operation), 12, "each request has its record again");
    assert_sent_once(&failover.gateway, &[&operation]);
}

/// The machine that knew better is gone, so another one relies on the groups themselves.
#[tokio::test]
async fn after_a_failover_to_an_older_state_another_machine_looks_before_it_sends() {
    let Some(mut failover) = Failover::new().await else { return };
    let mut ana = failover.machine("ana");
    let id = failover.fail_over(&mut ana, 0..12).await;
    ana.until_away().await;
    let sent = failover.gateway.writes().len();
    assert!((6..12).contains(&sent), "{sent}");
    let mut ben = machine(&failover.server, &failover.database, "ben", &failover.gateway);
    ben.engine.recover(&key()).await.unwrap();
    ben.until_idle().await;
    let settled = ben.operation(id).await;
    assert_eq!(settled.phase, Phase::Ended(Some(StopReason::Interrupted)));
    assert_eq!(failover.gateway.writes().len(), sent, "settling sends nothing");
    // The same plan, read from the journal as it is now.
    let order: Order = link(&community("c"), (0..12).map(group));
    let again = ben.engine.submit(&key(), order, None).await.unwrap();
    ben.until_idle().await;
    let again = ben.operation(again).await;
    assert_eq!(again.totals.of(AlreadySo) + again.totals.of(Verified), 12, "{again:?}");
    assert_eq!(again.totals.of(AlreadySo), sent);
    assert_eq!(failover.gateway.writes().len(), 12);
    assert_eq!(ben.failures(), [""; 0]);
    // Ana comes back, and finds that it has ended.
    failover.proxy.restore();
    ana.until_idle().await;
    assert_eq!(failover.gateway.writes().len(), 12);
    let groups: std::collections::BTreeSet<_> =
        failover.gateway.writes().into_iter().map(|write| write.group).collect();
    assert_eq!(groups.len(), 12, "none was requested twice");
}

#[tokio::test]
async fn an_append_that_conflicts_ends_the_operation() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway());
    let mut ana = machine(server, &database, "ana", &gateway);
    let id = ana.submit(0..12).await;
    ana.until_answered(1).await;
    // Somebody else writes the event that is next, and some more.
    let rogue = format!(
        "INSERT INTO events (operation, sequence, at, body, operator, host)
        SELECT operation, max(sequence) + more, 5, '{{\"event\":\"resumed\"}}', 'x', 'y'
        FROM events, generate_series(1, 30) AS more WHERE operation = {} GROUP BY operation, more",
        id.0
    );
    let written = server.sql(&database, &rogue);
    assert!(written.status.success(), "{written:?}");
    let sent = gateway.writes().len();
    ana.until_idle().await;
    let failures = ana.failures();
    assert!(failures.iter().any(|why| why.contains("same position")), "{failures:?}");
    assert!(gateway.writes().len() <= sent + 1, "at most the request that was recorded before");
}

/// What makes the disk of a database full, and what makes room again.
trait Disk {
    fn fill(&self);
    fn empty(&self);
}

/// A small file system of its own, for the events.
struct SmallDisk<'a> {
    server: &'a Postgres,
    database: String,
    place: PathBuf,
}

/// Runs a program of the system on a path.
fn with_path(program: &str, arguments: &[&str], path: &Path) -> std::process::Output {
    let mut command = process::command(program);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    process::run(command.args(arguments).arg(path), None)
}

impl<'a> SmallDisk<'a> {
    /// `None` if this user cannot mount anything.
    fn mount(server: &'a Postgres, database: &str) -> Option<Self> {
        let place = server.folder().join(format!("disk-{database}"));
        fs::create_dir(&place).unwrap();
        let mounted = with_path("mount", &["-t", "tmpfs", "-o", "size=4m,mode=0700", "none"], &place);
        let is_mounted = mounted.status.success();
        if is_mounted {
            postgres::give(&place);
        }
        is_mounted.then(|| Self { server, database: database.to_owned(), place })
    }

    fn sql(&self, sql: &str) -> bool {
        self.server.sql(&self.database, sql).status.success()
    }
}

impl Disk for SmallDisk<'_> {
    fn fill(&self) {
        let (place, name) = (self.place.display(), &self.database);
        assert!(self.sql(&format!("CREATE TABLESPACE {name} LOCATION '{place}'")));
        assert!(self.sql(&format!("ALTER TABLE events SET TABLESPACE {name}")));
        assert!(self.sql(&format!("CREATE TABLE ballast (text text) TABLESPACE {name}")));
        let more = "INSERT INTO ballast SELECT repeat('x', 1000) FROM generate_series(1, 8)";
        while self.sql(more) {}
        // Fill the rest of the pages that hold the events.
        assert!(
            self.sql(
                "INSERT INTO operations (instance, created, operator, host) VALUES ('full', 1, 'x', 'y')"
            )
        );
        let rest = "INSERT INTO events (operation, sequence, at, body, operator, host)
            SELECT (SELECT id FROM operations WHERE instance = 'full'),
                (SELECT count(*) FROM events WHERE operation = (SELECT id FROM operations WHERE instance = 'full')),
                1, '', 'x', 'y'";
        while self.sql(rest) {}
    }

    fn empty(&self) {
        assert!(self.sql("DROP TABLE ballast"));
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        self.sql("ALTER TABLE events SET TABLESPACE pg_default");
        self.sql(&format!("DROP TABLESPACE {}", self.database));
        with_path("umount", &["-l"], &self.place);
    }
}

/// A server that says what a full one says.
struct SaidToBeFull<'a>(&'a Postgres, String);

impl Disk for SaidToBeFull<'_> {
    fn fill(&self) {
        let trigger = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN RAISE EXCEPTION USING ERRCODE = ''53100'', MESSAGE = ''No space left on device''; END';
            CREATE TRIGGER full_disk BEFORE INSERT ON events EXECUTE FUNCTION full_disk()";
        assert!(self.0.sql(&self.1, trigger).status.success());
    }

    fn empty(&self) {
        assert!(self.0.sql(&self.1, "DROP TRIGGER full_disk ON events").status.success());
    }
}

#[tokio::test]
async fn a_full_disk_on_the_server_ends_the_operation_and_nothing_more_is_sent() {
    let Some(server) = Postgres::shared() else { return };
    let (database, gateway) = (server.database(), gateway());
    let mut ana = machine(server, &database, "ana", &gateway);
    let id = ana.submit(0..40).await;
    ana.until_answered(1).await;
    let disk: Box<dyn Disk> = match SmallDisk::mount(server, &database) {
        Some(disk) => Box::new(disk),
        None => Box::new(SaidToBeFull(server, database.clone())),
    };
    disk.fill();
    ana.until_idle().await;
    let failures = ana.failures();
    assert!(failures.iter().all(|why| why.contains("has no space left")), "{failures:?}");
    assert!(!failures.is_empty());
    let sent = gateway.writes().len();
    assert!(sent < 40);
    let operation = ana.operation(id).await;
    assert_sent_once(&gateway, &[&operation]);
    let refused = ana.engine.submit(&key(), link(&community("c"), [group(50)]), UP_TO_DATE).await;
    assert!(matches!(refused, Err(SubmitError::Journal(_))), "{refused:?}");
    disk.empty();
    ana.engine.recover(&key()).await.unwrap();
    ana.until_idle().await;
    let operation = ana.operation(id).await;
    assert_eq!(operation.phase, Phase::Ended(Some(StopReason::Interrupted)));
    assert_eq!(gateway.writes().len(), sent, "settling sends nothing");
    assert_eq!(operation.totals.of(Verified), sent);
    assert_eq!(operation.totals.of(NotSent), 40 - sent);
}

#[tokio::test]
async fn a_server_that_comes_back_read_only_or_without_the_user_ends_the_operation() {
    for (change, words) in [
        ("ALTER DATABASE {db} SET default_transaction_read_only = on", "read-only"),
        ("ALTER ROLE {db}_user NOLOGIN", "rejects the user or the password"),
        ("UPDATE synod_schema SET version = 99", "99"),
    ] {
        let Some(server) = Postgres::shared() else { return };
        let (database, gateway) = (server.database(), gateway());
        let user = format!("CREATE ROLE {database}_user LOGIN SUPERUSER");
        assert!(server.sql("postgres", &user).status.success());
        let proxy = Proxy::to(server.port()).await;
        let url = proxy.url(&database).replace("synod@", &format!("{database}_user@"));
        let mut ana = machine_at(&url, "ana", &gateway);
        let id = ana.submit(0..12).await;
        ana.until_answered(1).await;
        proxy.cut();
        ana.until_away().await;
        let change = change.replace("{db}", &database);
        assert!(server.sql(&database, &change).status.success());
        let sent = gateway.writes().len();
        proxy.restore();
        ana.until_idle().await;
        let failures = ana.failures();
        assert!(!failures.is_empty() && failures.iter().all(|why| why.contains(words)), "{failures:?}");
        assert_eq!(gateway.writes().len(), sent, "nothing more is sent");
        assert!(id.0 > 0);
    }
}

#[tokio::test]
async fn an_answer_that_says_no_is_recorded_although_the_server_was_away() {
    let Some(server) = Postgres::shared() else { return };
    let refused = Failure::new(FailureKind::Refused).saying("not an admin");
    let gateway = FakeGateway::new(clock()).linked(&community("c"), []).with_delay(SECOND / 10);
    let gateway = shared(gateway.faults(&group(1), [Fault::Refuse(refused)]));
    let (database, proxy) = (server.database(), Proxy::to(server.port()).await);
    let mut ana = machine_at(&proxy.url(&database), "ana", &gateway);
    let id = ana.submit(0..3).await;
    ana.until(|event| {
        matches!(event, EngineEvent::Recorded(record)
            if matches!(record.event, OperationEvent::Sending { item: 1, .. }))
    })
    .await;
    proxy.cut();
    ana.until_away().await;
    proxy.restore();
    ana.until_idle().await;
    let operation = ana.operation(id).await;
    assert_eq!(outcomes(&operation), [Verified, Outcome::Refused, Verified]);
    assert_sent_once(&gateway, &[&operation]);
}

impl Machine {
    /// The same state directory, with another way to the server.
    fn store_over(&self, server: &Postgres, database: &str) -> ServerStore {
        store_at(&server.url(database), "test", self.folder())
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }
}
