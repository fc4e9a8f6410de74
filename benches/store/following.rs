//! How soon a Synod that follows hears of an event, beside a plain notification of the server.

use std::{
    collections::HashMap,
    future::poll_fn,
    sync::Arc,
    time::{Duration, Instant},
};

use synod::{
    domain::{event::OperationEvent, instance::InstanceKey},
    engine::{Engine, EngineEvent, instance_lock::FileLocks, journal::Journal, locks::Locks},
    gateway::Gateway,
    store::FileStore,
};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_postgres::{AsyncMessage, NoTls};

use super::links::hasty;
use crate::{
    support::{
        domain::{CAPABILITIES, community},
        fake_gateway::{FakeGateway, clock, group, shared},
        postgres::Postgres,
        rig::{UP_TO_DATE, link},
    },
    table::{Row, Table, ms},
};

const LINKS: usize = 40;

/// Adds the rows.
pub(crate) async fn rows(table: &mut Table, server: Option<&Postgres>) {
    let folder = tempfile::tempdir().unwrap();
    let file = || -> Arc<dyn Journal> { Arc::new(FileStore::open(&folder.path().join("state")).unwrap()) };
    let locks = || FileLocks::new(folder.path().join("locks"));
    let found = latency([(file(), locks()), (file(), locks())]).await;
    add(table, "SQLite", &found, None);
    let Some(server) = server else { return };
    let database = server.database();
    let machine = |name: &str| -> (Arc<dyn Journal>, Arc<dyn Locks>) {
        let store = server.store(&database, name, &folder.path().join(name));
        (Arc::new(store.clone()), store.locks())
    };
    let found = latency([machine("ana"), machine("ben")]).await;
    add(table, "PostgreSQL", &found, Some(notification(server, &database).await));
}

fn add(table: &mut Table, store: &str, found: &[Duration], plain: Option<Duration>) {
    let at = |percent: usize| found.get(found.len() * percent / 100).copied().unwrap_or(Duration::MAX);
    let each = |took: Duration| took.as_secs_f64() * 1e3;
    for (name, took, wanted) in [("median", at(50), String::new()), ("99 %", at(99), "≤ 1,000".to_owned())]
    {
        let beside = if plain.is_some() { " (beside it: a plain notification)" } else { "" };
        let what = format!("{store}: an event of another Synod is seen after, {name}, ms{beside}");
        let row = Row::new(&what, &wanted).found(&[Some(each(took)), plain.map(each)], |each| ms(*each));
        let row = row.ratio(each(took), plain.map(each));
        table.add(if wanted.is_empty() { row } else { row.reached(took <= Duration::from_secs(1)) });
    }
}

/// From the return of the append at the first machine until the second reports the event, in order of length.
async fn latency(machines: [(Arc<dyn Journal>, Arc<dyn Locks>); 2]) -> Vec<Duration> {
    let instance = InstanceKey::new("ryzeapi-test");
    let gateway = FakeGateway::new(clock()).with_capabilities(CAPABILITIES).linked(&community("c"), []);
    let gateway = shared(gateway);
    let mut settings = hasty();
    settings.pace.link = Duration::from_millis(70);
    let [(ana, heard), (ben, seen)] = machines.map(|(journal, locks)| {
        let (engine, events) = Engine::sharing(journal, clock(), locks);
        engine.add_instance(instance.clone(), Gateway::new(Arc::clone(&gateway)), settings.clone());
        (engine, events)
    });
    let (heard, seen) = (tokio::spawn(times(heard)), tokio::spawn(times(seen)));
    ana.submit(&instance, link(&community("c"), (0..LINKS).map(group)), UP_TO_DATE).await.unwrap();
    ben.follow(&instance).await.unwrap();
    let (heard, seen) = (heard.await.unwrap(), seen.await.unwrap());
    let mut took: Vec<Duration> = seen
        .iter()
        .filter_map(|(sequence, at)| Some(at.saturating_duration_since(*heard.get(sequence)?)))
        .collect();
    took.sort_unstable();
    took
}

/// When each event arrived, by its sequence number.
async fn times(mut events: UnboundedReceiver<EngineEvent>) -> HashMap<u64, Instant> {
    let mut times = HashMap::new();
    while let Some(event) = events.recv().await {
        if let EngineEvent::Recorded(record) = event {
            times.insert(record.sequence, Instant::now());
            if record.event == OperationEvent::Ended {
                break;
            }
        }
    }
    times
}

/// The median time of a notification from one connection to another.
async fn notification(server: &Postgres, database: &str) -> Duration {
    let (hears, mut connection) = tokio_postgres::connect(&server.url(database), NoTls).await.unwrap();
    let (told, mut tells) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if matches!(message, AsyncMessage::Notification(_)) && told.send(Instant::now()).is_err() {
                return;
            }
        }
    });
    hears.batch_execute("LISTEN plain").await.unwrap();
    let (says, connection) = tokio_postgres::connect(&server.url(database), NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut took = Vec::new();
    for _ in 0..50 {
        says.batch_execute("NOTIFY plain").await.unwrap();
        let asked = Instant::now();
        took.push(tells.recv().await.unwrap().saturating_duration_since(asked));
    }
    took.sort_unstable();
    took[took.len() / 2]
}
