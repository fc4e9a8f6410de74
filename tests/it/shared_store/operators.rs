//! Every record says who wrote it, whichever store it is in.

use rusqlite::Connection;
use synod::{
    domain::{event::OperationEvent, id::OperationId, time::Millis, writer::Writer},
    engine::journal::Journal,
    store::{FileStore, Store},
};
use tempfile::TempDir;

use super::{Place, key, next, places};
use crate::support::{
    fake_gateway::{community, group},
    postgres::Postgres,
    rig::link,
};

#[tokio::test]
async fn every_record_says_who_wrote_it() {
    let ana = Some(Writer::new("ana", "desk"));
    for Place { name, store, .. } in places() {
        let begun = store.begin(&key(), Millis(5), link(&community("c"), [group(1)])).await.unwrap();
        assert_eq!(begun.writer, ana, "{name}");
        let sending = OperationEvent::Sending { item: 0, step: 0, attempt: 1, timeout_ms: Some(5) };
        store.append(vec![next(&begun, 1, sending)]).await.unwrap();
        let records = store.records(&key(), begun.operation, 0).await.unwrap();
        assert!(records.len() == 2 && records.iter().all(|record| record.writer == ana), "{name}");
        assert_eq!(store.last_sendings(&key(), Millis(9)).await.unwrap()[0].writer, ana, "{name}");
        assert_eq!(store.operation(&key(), OperationId(1)).await.unwrap().unwrap().begun_by, ana, "{name}");
        store.append(vec![next(&begun, 2, OperationEvent::Ended)]).await.unwrap();
        // The second list comes from the kept summary.
        for _ in 0..2 {
            assert_eq!(store.summaries(&key(), 9).await.unwrap()[0].begun_by, ana, "{name}");
        }
    }
}

#[tokio::test]
async fn a_removal_is_recorded_with_who_removed_what() {
    let folder = TempDir::new().unwrap();
    let file = FileStore::open(&folder.path().join("state")).unwrap().written_by(Writer::new("ana", "desk"));
    let begun = file.begin(&key(), Millis(5), link(&community("c"), [group(1)])).await.unwrap();
    file.remove_operations(&[begun.operation, OperationId(9)]).await.unwrap();
    let read = "SELECT group_concat(operation || operator || host) FROM removals";
    let removed: String =
        Connection::open(file.file()).unwrap().query_row(read, [], |row| row.get(0)).unwrap();
    assert_eq!(removed, "1anadesk");

    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let store = server.store(&database, "ben", &folder.path().join("other"));
    let begun = store.begin(&key(), Millis(5), link(&community("c"), [group(1)])).await.unwrap();
    store.remove_operations(&[begun.operation, OperationId(9)]).await.unwrap();
    let removed = server.sql(&database, "SELECT operations, operator, host FROM removals");
    assert_eq!(String::from_utf8(removed.stdout).unwrap().trim(), "{1}|ben|desk");
}

#[tokio::test]
async fn the_process_is_named_however_long_the_operator_is_called() {
    let Some(server) = Postgres::shared() else { return };
    let (database, folder) = (server.database(), TempDir::new().unwrap());
    let store = server.store(&database, &"ána".repeat(40), &folder.path().join("state"));
    let name = store.setting("application_name").await.unwrap();
    assert!(name.starts_with("synod ") && name.ends_with(&format!(" {}", std::process::id())), "{name}");
}
