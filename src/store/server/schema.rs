//! Brings the tables on a server to this version, and sets what holds for a connection.

use tokio_postgres::Client;

use super::{ServerAddress, ServerFault, fault};
use crate::store::{StoreError, migrations};

/// The settings of a connection. A commit returns when it is on disk, whatever the server's default; `remote_apply` is stricter
/// still and stays. A server that loses this process frees its locks soon.
pub(super) const SESSION: &str = "
    SELECT set_config('synchronous_commit',
        CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false);
    SET tcp_keepalives_idle = 10;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3;
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '30s';
";

/// Keeps two processes from migrating at once.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7303014720140201)";

/// Migrates the tables to this version; leaves newer ones alone.
pub(super) async fn migrate(client: &Client, address: &ServerAddress) -> Result<(), StoreError> {
    let failed = |error: tokio_postgres::Error| fault::explain(address, &error);
    let known = migrations::newest();
    if version(client).await.map_err(failed)? == known {
        return Ok(());
    }
    client.batch_execute("BEGIN").await.map_err(failed)?;
    client.batch_execute(LOCK).await.map_err(failed)?;
    // Another process may have migrated meanwhile.
    let found = version(client).await.map_err(failed)?;
    let Some(missing) = migrations::missing(found) else {
        client.batch_execute("ROLLBACK").await.map_err(failed)?;
        let why = format!("{found} > {known}");
        return Err(StoreError::Server { fault: ServerFault::Newer, server: address.to_string(), why });
    };
    for migration in missing {
        client.batch_execute(migration.server).await.map_err(failed)?;
    }
    let set = format!(
        "CREATE TABLE IF NOT EXISTS synod_schema (version bigint NOT NULL);
        DELETE FROM synod_schema; INSERT INTO synod_schema (version) VALUES ({known}); COMMIT"
    );
    client.batch_execute(&set).await.map_err(failed)
}

async fn version(client: &Client) -> Result<i64, tokio_postgres::Error> {
    // A look-up by name would not notice, in the same transaction, what another process has created meanwhile.
    let sql = "SELECT EXISTS (SELECT FROM pg_tables
        WHERE tablename = 'synod_schema' AND schemaname = ANY (current_schemas(false)))";
    let has_any = client.query_one(sql, &[]).await?;
    if !has_any.try_get::<_, bool>(0)? {
        return Ok(0);
    }
    let found = client.query_opt("SELECT version FROM synod_schema", &[]).await?;
    found.map_or(Ok(0), |row| row.try_get(0))
}
