//! Appends of one event each, beside inserts of one short row with the same durability.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use synod::{
    domain::{
        event::{OperationEvent, Record},
        instance::InstanceKey,
        outcome::Claim,
        time::Millis,
    },
    store::{FileStore, Store},
};
use tokio_postgres::NoTls;

use crate::{
    support::{
        domain::{community, group},
        postgres::Postgres,
        rig::link,
    },
    table::{Row, Table},
};

/// The appends of one writer.
const APPENDS: u64 = 500;

/// Adds the rows.
pub(crate) async fn rows(table: &mut Table, server: Option<&Postgres>) {
    for writers in [1, 8] {
        let folder = tempfile::tempdir().unwrap();
        let stores = (0..writers)
            .map(|_| -> Arc<dyn Store> { Arc::new(FileStore::open(&folder.path().join("state")).unwrap()) });
        let own = at_once(stores.collect()).await;
        add(table, "SQLite", writers, own, plain_file(folder.path(), writers));
        let Some(server) = server else { continue };
        let database = server.database();
        let stores = (0..writers).map(|writer| -> Arc<dyn Store> {
            Arc::new(server.store(&database, "ana", &folder.path().join(writer.to_string())))
        });
        let own = at_once(stores.collect()).await;
        add(table, "PostgreSQL", writers, own, plain_server(server, &database, writers).await);
    }
}

fn add(table: &mut Table, store: &str, writers: u64, own: Duration, plain: Duration) {
    let each = |took: Duration| f64::from(u32::try_from(writers * APPENDS).unwrap()) / took.as_secs_f64();
    let what = format!("{store}, {writers} at once: appends per second (beside it: plain inserts)");
    let row = Row::new(&what, "").found(&[Some(each(own)), Some(each(plain))], |rate| format!("{rate:.0}"));
    table.add(row.ratio(each(own), Some(each(plain))));
}

/// How long all writers take, each for an operation of its own instance.
async fn at_once(stores: Vec<Arc<dyn Store>>) -> Duration {
    let mut firsts = Vec::new();
    for (writer, store) in stores.into_iter().enumerate() {
        let instance = InstanceKey::new(&format!("writer-{writer}"));
        let order = link(&community("c"), [group("g")]);
        firsts.push((Arc::clone(&store), store.begin(&instance, Millis(1), order).await.unwrap()));
    }
    let began = Instant::now();
    let writing = firsts.into_iter().map(|(store, first)| tokio::spawn(append(store, first)));
    for writer in writing.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    began.elapsed()
}

async fn append(store: Arc<dyn Store>, first: Record) {
    for sequence in 1..=APPENDS {
        let event = OperationEvent::Answered { item: 0, claim: Claim::Yes, failure: None };
        store.append(vec![Record { sequence, event, ..first.clone() }]).await.unwrap();
    }
}

const BODY: &str = "{\"event\":\"answered\",\"item\":0,\"claim\":\"yes\"}";

fn plain_file(folder: &Path, writers: u64) -> Duration {
    let file = folder.join("plain.db");
    let open = || {
        let connection = Connection::open(&file).unwrap();
        connection.busy_timeout(Duration::from_secs(30)).unwrap();
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        connection
    };
    open().execute("CREATE TABLE events (position INTEGER PRIMARY KEY, body TEXT NOT NULL)", ()).unwrap();
    let connections: Vec<Connection> = (0..writers).map(|_| open()).collect();
    let began = Instant::now();
    let writing = connections.into_iter().map(|connection| {
        std::thread::spawn(move || {
            let mut insert = connection.prepare("INSERT INTO events (body) VALUES (?1)").unwrap();
            (0..APPENDS).for_each(|_| _ = insert.execute([BODY]).unwrap());
        })
    });
    for writer in writing.collect::<Vec<_>>() {
        writer.join().unwrap();
    }
    began.elapsed()
}

async fn plain_server(server: &Postgres, database: &str, writers: u64) -> Duration {
    let table =
        "CREATE TABLE plain (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL)";
    assert!(server.sql(database, table).status.success());
    let mut connections = Vec::new();
    for _ in 0..writers {
        let (client, connection) = tokio_postgres::connect(&server.url(database), NoTls).await.unwrap();
        tokio::spawn(connection);
        let insert = client.prepare("INSERT INTO plain (body) VALUES ($1)").await.unwrap();
        connections.push((client, insert));
    }
    let began = Instant::now();
    let writing = connections.into_iter().map(|(client, insert)| {
        tokio::spawn(async move {
            for _ in 0..APPENDS {
                client.execute(&insert, &[&BODY]).await.unwrap();
            }
        })
    });
    for writer in writing.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    began.elapsed()
}
