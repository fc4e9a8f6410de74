//! The time that the journal adds to a link: the real engine over a gateway that answers at once, on each store and on a journal in memory.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use synod::{
    domain::{
        instance::InstanceKey,
        outcome::Outcome,
        plan::{Step, Verb},
        settings::OperationSettings,
    },
    engine::{Engine, instance_lock::FileLocks, journal::Journal, locks::Locks},
    gateway::Gateway,
    store::FileStore,
};

use crate::{
    support::{
        domain::{CAPABILITIES, community},
        fake_gateway::{FakeGateway, clock, group, shared},
        memory_journal::MemoryJournal,
        postgres::Postgres,
        rig::{UP_TO_DATE, item, order, steady},
    },
    table::{Row, Table, ms},
};

const LINKS: u32 = 200;

/// Settings without pauses.
pub(crate) fn hasty() -> OperationSettings {
    let mut settings = steady();
    settings.pace.link = Duration::ZERO;
    settings.read_back = vec![Duration::from_millis(1), Duration::from_secs(1)];
    settings
}

/// Adds the rows.
pub(crate) async fn rows(table: &mut Table, server: Option<&Postgres>) {
    let folder = tempfile::tempdir().unwrap();
    let locks = |name: &str| FileLocks::new(folder.path().join(name));
    let memory = run(MemoryJournal::new(), locks("memory")).await;
    let file = Arc::new(FileStore::open(&folder.path().join("state")).unwrap());
    add(table, "SQLite", run(file, locks("file")).await, memory);
    let Some(server) = server else { return };
    let database = server.database();
    let store = server.store(&database, "ana", &folder.path().join("shared"));
    let locks = store.locks();
    // The tables are made first.
    store.unfinished(&InstanceKey::new("none")).await.unwrap();
    let before = statements(server, &database);
    add(table, "PostgreSQL", run(Arc::new(store), locks).await, memory);
    // The server counts what a connection did when it ends.
    let after = loop {
        let connected = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'");
        if number(server, "postgres", &connected) == 0.0 {
            break statements(server, &database);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let each = (after - before) / f64::from(LINKS);
    let of = |what: &str| number(server, &database, what) / f64::from(LINKS);
    let events = of("SELECT count(*) FROM events");
    let bytes =
        of("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname IN ('events', 'operations')");
    let row = Row::new("PostgreSQL: events per link (beside it: bytes with their indices)", "");
    table.add(row.found(&[Some(events), Some(bytes)], |each| format!("{each:.1}")));
    let row = Row::new("PostgreSQL: statements per link, all looks and the operation itself included", "");
    table.add(row.found(&[Some(each)], |each| format!("{each:.1}")));
}

fn add(table: &mut Table, store: &str, own: Duration, memory: Duration) {
    let each = |took: Duration| took.as_secs_f64() * 1e3 / f64::from(LINKS);
    let added = each(own) - each(memory);
    let what = format!("{store}: ms that the journal adds to a link (beside it: the link itself)");
    let row = Row::new(&what, "≤ 5").found(&[Some(added), Some(each(memory))], |each| ms(*each));
    table.add(row.reached(added <= 5.0));
}

/// Each link goes into another community: read-backs of one community have an interval, which would hide the journal.
async fn run(journal: Arc<dyn Journal>, locks: Arc<dyn Locks>) -> Duration {
    let instance = InstanceKey::new("ryzeapi-test");
    let communities: Vec<_> = (0..LINKS).map(|at| community(&format!("c{at}"))).collect();
    let gateway = FakeGateway::new(clock()).with_capabilities(CAPABILITIES);
    let gateway = communities.iter().fold(gateway, |gateway, community| gateway.linked(community, []));
    let (engine, _events) = Engine::sharing(Arc::clone(&journal), clock(), locks);
    engine.add_instance(instance.clone(), Gateway::new(shared(gateway)), hasty());
    let items = communities.into_iter().enumerate();
    let items = items.map(|(at, community)| item(&group(at), vec![Step::Link(community)]));
    let began = Instant::now();
    let id = engine.submit(&instance, order(Verb::Link, items.collect()), UP_TO_DATE).await.unwrap();
    engine.until_idle(&instance).await;
    let took = began.elapsed();
    let operation = journal.operation(&instance, id).await.unwrap().unwrap();
    let verified = operation.items.iter().filter(|item| item.outcome == Some(Outcome::Verified)).count();
    assert_eq!(verified, operation.items.len(), "{:?}", operation.summary);
    took
}

/// How many statements the server has run in a database.
fn statements(server: &Postgres, database: &str) -> f64 {
    let sql = format!("SELECT xact_commit FROM pg_stat_database WHERE datname = '{database}'");
    number(server, "postgres", &sql)
}

fn number(server: &Postgres, database: &str, sql: &str) -> f64 {
    String::from_utf8(server.sql(database, sql).stdout).unwrap().trim().parse().unwrap()
}
