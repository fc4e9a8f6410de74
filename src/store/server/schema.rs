//! The tables on a server, and the migration of those of earlier versions.

use tokio_postgres::Client;

use super::{ServerAddress, fault};
use crate::store::StoreError;

/// The settings of a connection. A commit returns when it is on disk, whatever the server's default; `remote_apply` is stricter
/// still and stays. A server that loses this process frees its locks soon.
pub(super) const SESSION: &str = "
    SELECT set_config('synchronous_commit',
        CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false);
    SET tcp_keepalives_idle = 10;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3;
    SET lock_timeout = '10s';
";

/// The changes of each version; the table `synod_schema` says how many the database has. Only ever append.
const MIGRATIONS: &[&str] = &["
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
    CREATE INDEX requests_sent ON events (operation, position) WHERE body LIKE '{\"event\":\"sending\"%';
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
"];

/// Keeps two processes from migrating at once.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7303014720140201)";

/// Migrates the tables to this version; leaves newer ones alone.
pub(super) async fn migrate(client: &Client, address: &ServerAddress) -> Result<(), StoreError> {
    let failed = |error: tokio_postgres::Error| fault::explain(address, &error);
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if version(client).await.map_err(failed)? == known {
        return Ok(());
    }
    client.batch_execute("BEGIN").await.map_err(failed)?;
    client.batch_execute(LOCK).await.map_err(failed)?;
    // Another process may have migrated meanwhile.
    let found = version(client).await.map_err(failed)?;
    let missing = usize::try_from(found).ok().and_then(|found| MIGRATIONS.get(found..));
    let Some(missing) = missing else {
        client.batch_execute("ROLLBACK").await.map_err(failed)?;
        return Err(StoreError::Newer { file: address.to_string().into(), found, known });
    };
    for migration in missing {
        client.batch_execute(migration).await.map_err(failed)?;
    }
    let set = format!(
        "CREATE TABLE IF NOT EXISTS synod_schema (version bigint NOT NULL);
        DELETE FROM synod_schema; INSERT INTO synod_schema (version) VALUES ({known}); COMMIT"
    );
    client.batch_execute(&set).await.map_err(failed)
}

async fn version(client: &Client) -> Result<i64, tokio_postgres::Error> {
    let has_any = client.query_one("SELECT to_regclass('synod_schema') IS NOT NULL", &[]).await?;
    if !has_any.try_get::<_, bool>(0)? {
        return Ok(0);
    }
    let found = client.query_opt("SELECT version FROM synod_schema", &[]).await?;
    found.map_or(Ok(0), |row| row.try_get(0))
}
