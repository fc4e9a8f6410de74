//! The store on a `PostgreSQL` server that several machines share: the journal, the requests to running operations and the locks. What
//! was read of an instance stays in the file of each machine, because it is only shown until it is read again. Invite links are not kept
//! here: everyone who can read the database could enter the groups.
//!
//! This module owns the connection: one per process, which also holds the locks. If it is lost, the locks are free, and nothing more
//! can be recorded under them. `address` reads the URL, `tls` secures the connection, `changes` tells the others, `schema` owns the tables, `journal` the events,
//! `records` what is made of them, `locks` the locks, and `fault` explains what fails.

mod address;
mod changes;
mod fault;
mod journal;
mod locks;
mod records;
mod schema;
mod tls;

use std::{
    collections::HashMap,
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex as SyncMutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{Mutex, watch},
    time::timeout,
};
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls, Row, Statement, types::ToSql};

use super::{FileStore, StoreError};
use crate::domain::{instance::InstanceKey, time::Millis, writer::Writer};

use self::changes::{Changes, Untold};
pub use self::{
    address::{AddressError, ServerAddress},
    fault::ServerFault,
    locks::ServerLocks,
};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a statement may take; after that the connection counts as lost.
const STATEMENT: Duration = Duration::from_secs(20);

/// What a check-up learns from a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVitals {
    /// Its address, without secrets.
    pub server: String,
    pub version: String,
    pub is_encrypted: bool,
    /// How long a statement takes.
    pub latency: Duration,
    /// The time of its clock.
    pub time: Millis,
}

/// The parameters of a statement.
type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// The store on a server; clones share one connection, which is opened at first use.
#[derive(Clone, Debug)]
pub struct ServerStore {
    shared: Arc<Shared>,
    /// The readings of the instances.
    local: FileStore,
}

struct Shared {
    address: ServerAddress,
    writer: Writer,
    link: Mutex<State>,
    /// The locks that this process holds, each with the connection that it depends on.
    held: SyncMutex<HashMap<InstanceKey, u64>>,
    /// Grow when somebody may have recorded something.
    changes: Arc<watch::Sender<Changes>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("address", &self.address).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    link: Option<Arc<Link>>,
    /// How many connections there have been.
    generation: u64,
}

/// A connection.
struct Link {
    client: Client,
    generation: u64,
    statements: Mutex<HashMap<&'static str, Statement>>,
    untold: Untold,
}

impl ServerStore {
    /// A store on a server. `local` keeps the readings of the instances.
    pub fn new(address: ServerAddress, writer: Writer, local: FileStore) -> Self {
        let shared = Shared {
            address,
            writer,
            link: Mutex::default(),
            held: SyncMutex::default(),
            changes: Arc::default(),
        };
        Self { shared: Arc::new(shared), local }
    }

    /// Asks the server for its time, and returns what a check-up reports.
    pub async fn vitals(&self) -> Result<ServerVitals, StoreError> {
        self.shared.link().await?;
        let asked = Instant::now();
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, current_setting('server_version')";
        let rows = self.shared.query(sql, &[]).await?;
        let latency = asked.elapsed();
        let (time, version) = rows.first().map(|row| (row.get(0), row.get(1))).unwrap_or_default();
        Ok(ServerVitals {
            server: self.shared.address.to_string(),
            version,
            is_encrypted: self.shared.address.is_encrypted(),
            latency,
            time: Millis(time),
        })
    }

    /// A setting of the connection, as the server reports it.
    pub async fn setting(&self, name: &str) -> Result<String, StoreError> {
        let rows = self.shared.query("SELECT current_setting($1)", &[&name]).await?;
        Ok(rows.first().map(|row| row.get(0)).unwrap_or_default())
    }

    /// The locks of the instances, on the same connection.
    pub fn locks(&self) -> Arc<ServerLocks> {
        Arc::new(ServerLocks::new(Arc::clone(&self.shared)))
    }
}

impl Shared {
    /// The current connection. Opens one if necessary.
    async fn link(&self) -> Result<Arc<Link>, StoreError> {
        let mut state = self.link.lock().await;
        if let Some(link) = state.link.as_ref().filter(|link| !link.client.is_closed()) {
            return Ok(Arc::clone(link));
        }
        state.link = None;
        let opened = timeout(CONNECT, self.open(state.generation + 1)).await;
        let link = opened.unwrap_or_else(|_| Err(self.fault(ServerFault::Unreachable, "it does not answer")));
        let link = Arc::new(link.inspect_err(|error| tracing::warn!("store: {error}"))?);
        state.generation = link.generation;
        state.link = Some(Arc::clone(&link));
        tracing::debug!("store opened: {}", self.address);
        Ok(link)
    }

    async fn open(&self, generation: u64) -> Result<Link, StoreError> {
        let failed = |error: tokio_postgres::Error| fault::explain(&self.address, &error);
        let mut config = self.address.config.clone();
        config.application_name(self.name());
        let client = if let Some(tls) = tls::connector(&self.address)? {
            let (client, connection) = config.connect(tls).await.map_err(failed)?;
            self.drive(connection);
            client
        } else {
            let (client, connection) = config.connect(NoTls).await.map_err(failed)?;
            self.drive(connection);
            client
        };
        client.batch_execute(schema::SESSION).await.map_err(failed)?;
        schema::migrate(&client, &self.address).await?;
        client.batch_execute("LISTEN synod").await.map_err(failed)?;
        Ok(Link { client, generation, statements: Mutex::default(), untold: Untold::default() })
    }

    /// The name of this process on the server, by which others see who holds a lock.
    fn name(&self) -> String {
        let name = format!("synod {} {}", self.writer, std::process::id());
        // The server cuts longer names.
        name.chars().filter(|letter| !letter.is_control()).take(60).collect()
    }

    /// The names of who writes, as they are stored.
    fn signature(&self) -> [&str; 2] {
        [self.writer.operator.exact(), self.writer.host.exact()]
    }

    fn drive<S, T>(&self, mut connection: Connection<S, T>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let changes = Arc::clone(&self.changes);
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                if let AsyncMessage::Notification(heard) = message {
                    Changes::heard(&changes, heard.payload());
                }
            }
            // A process that follows something has to read again after a new connection.
            Changes::lost(&changes);
        });
    }

    fn fault(&self, fault: ServerFault, why: &str) -> StoreError {
        StoreError::Server { fault, server: self.address.to_string(), why: why.to_owned() }
    }

    /// Runs a statement on the current connection.
    async fn query(&self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let link = self.link().await?;
        self.query_on(&link, sql, values).await
    }

    async fn query_on(
        &self,
        link: &Arc<Link>,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let work = async {
            let statement = link.prepared(sql).await?;
            link.client.query(&statement, values).await
        };
        self.ended(link, timeout(STATEMENT, work).await).await
    }

    /// The result of a statement. A connection that was lost, or that does not answer, is not used again.
    async fn ended<T>(
        &self,
        link: &Arc<Link>,
        result: Result<Result<T, tokio_postgres::Error>, tokio::time::error::Elapsed>,
    ) -> Result<T, StoreError> {
        let error = match result {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => fault::explain(&self.address, &error),
            Err(_) => self.fault(ServerFault::Lost, "it does not answer"),
        };
        tracing::error!("store failed: {error}");
        if error.is_passing() || link.client.is_closed() {
            let mut state = self.link.lock().await;
            if state.link.as_ref().is_some_and(|current| current.generation == link.generation) {
                state.link = None;
            }
        }
        Err(error)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<InstanceKey, u64>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    async fn prepared(&self, sql: &'static str) -> Result<Statement, tokio_postgres::Error> {
        let mut statements = self.statements.lock().await;
        if let Some(statement) = statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        statements.insert(sql, statement.clone());
        Ok(statement)
    }
}
