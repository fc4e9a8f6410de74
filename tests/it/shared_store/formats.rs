//! The tables on a server have a fixed format: those of earlier versions are readable.

use synod::{
    domain::{event::OperationEvent, id::OperationId, instance::InstanceKey, time::Millis, writer::Writer},
    engine::journal::Journal,
    store::Store,
};
use tempfile::TempDir;

use super::next;
use crate::support::{fake_gateway::group, postgres::Postgres, rig::leave};

/// The tables of version 0.2.0, with an operation that has ended and one that has not.
const FIRST: &str = r#"
    -- An index over the events, which alone are the truth.
    CREATE TABLE operations (
        id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        instance text NOT NULL,
        created  bigint NOT NULL,
        ended    bigint,
        summary  text,
        handed_over_until bigint,
        operator text NOT NULL,
        host     text NOT NULL
    );
    CREATE INDEX operations_of_instance ON operations (instance, id);
    CREATE INDEX operations_without_end ON operations (instance, id) WHERE ended IS NULL;
    -- One order of all events of an instance: its lock allows one writer at a time.
    CREATE TABLE events (
        position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        operation bigint NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        sequence  bigint NOT NULL,
        at        bigint NOT NULL,
        body      text NOT NULL,
        operator  text NOT NULL,
        host      text NOT NULL,
        recorded  timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (operation, sequence)
    );
    CREATE INDEX requests_sent ON events (operation, position) WHERE body LIKE '{"event":"sending"%';
    -- What other processes ask of a running operation; removed when it ends.
    CREATE TABLE requests (
        position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        operation bigint NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        request   text NOT NULL,
        at        bigint NOT NULL,
        operator  text NOT NULL,
        host      text NOT NULL
    );
    CREATE INDEX requests_of_operation ON requests (operation, position);
    -- What was removed, by whom and when; nothing else is ever removed.
    CREATE TABLE removals (
        position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        operations bigint[] NOT NULL,
        operator   text NOT NULL,
        host       text NOT NULL,
        recorded   timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    CREATE TABLE synod_schema (version bigint NOT NULL);
    INSERT INTO synod_schema VALUES (1);
    INSERT INTO operations (instance, created, ended, operator, host) VALUES ('one', 5, 9, 'ana', 'desk'), ('one', 6, NULL, 'ben', 'lap');
    INSERT INTO events (operation, sequence, at, body, operator, host) VALUES
        (1, 0, 5, '{"event":"created","verb":"link","items":[]}', 'ana', 'desk'),
        (1, 1, 9, '{"event":"ended"}', 'ana', 'desk'),
        (2, 0, 6, '{"event":"created","verb":"link","items":[]}', 'ben', 'lap');
"#;

#[tokio::test]
async fn tables_of_the_first_version_are_upgraded_with_all_their_content() {
    let Some(server) = Postgres::shared() else { return };
    let (database, folder) = (server.database(), TempDir::new().unwrap());
    let made = server.sql(&database, FIRST);
    assert!(made.status.success(), "{made:?}");
    let store = server.store(&database, "carla", &folder.path().join("state"));
    let key = InstanceKey::new("one");
    assert_eq!(store.unfinished(&key).await.unwrap(), [OperationId(2)]);
    let summaries = store.summaries(&key, 9).await.unwrap();
    let writers: Vec<_> = summaries.into_iter().map(|summary| summary.begun_by).collect();
    assert_eq!(writers, [Some(Writer::new("ben", "lap")), Some(Writer::new("ana", "desk"))]);
    let begun = store.begin(&key, Millis(10), leave([group(1)])).await.unwrap();
    assert_eq!((begun.operation, begun.writer.clone()), (OperationId(3), Some(Writer::new("carla", "desk"))));
    store.append(vec![next(&begun, 1, OperationEvent::Ended)]).await.unwrap();
    assert_eq!(store.records(&key, OperationId(3), 0).await.unwrap().len(), 2);
}
