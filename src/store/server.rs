//! The store on a `PostgreSQL` server that several machines share: the journal, the requests to running operations and the locks. The
//! readings of an instance stay in the file of each machine, because Synod shows them only until it reads again. Invite links are
//! stored here only encrypted, with a key that the operators hold. Otherwise everyone who can read the database could enter the groups.
//!
//! This module owns the connection: one per process, which also holds the locks. If it is lost, the locks are free, and nothing more
//! can be recorded under them. `address` reads the URL, `tls` secures the connection, `changes` notifies other processes, `schema` owns
//! the tables, `journal` the events, `invites` the invite links, `records` folds the events, `copying` copies the journal of a machine,
//! `locks` owns the locks, and `fault` explains failures.

mod address;
mod changes;
mod copying;
mod fault;
mod invites;
mod journal;
mod locks;
mod records;
mod schema;
mod tls;

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex as SyncMutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, WeakShared},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{Mutex, watch},
    task::AbortHandle,
    time::timeout,
};
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls, Row, Statement, types::ToSql};

use super::{FileStore, LinkKey, StoreError};
use crate::domain::{instance::InstanceKey, time::Millis, writer::Writer};

use self::changes::{Changes, Untold};
pub use self::{
    address::{AddressError, ServerAddress},
    copying::Numbers,
    fault::ServerFault,
    locks::ServerLocks,
};

/// How long a server may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerPatience {
    /// For a connection.
    pub connect: Duration,
    /// For a statement; after that the connection counts as lost.
    pub statement: Duration,
}

impl Default for ServerPatience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), statement: Duration::from_secs(20) }
    }
}

/// Ends the connections that this process has lost and that the server still takes for open: each of them still holds its locks.
const END_LOST: &str = "
    SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
    WHERE pid = ANY ($1::int[]) AND pid <> pg_backend_pid() AND datname = current_database()
        AND application_name = current_setting('application_name')";
/// How many lost connections are remembered.
const LOST: usize = 8;

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
    /// Whether it refuses changes.
    pub is_read_only: bool,
    /// Which other Synods hold a lock.
    pub holdings: Vec<Holding>,
}

/// A lock that a Synod holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Its instance; `None` if nobody asked for that instance.
    pub instance: Option<InstanceKey>,
    /// The operator, the host and the process.
    pub by: String,
    /// When it connected; `None` if the server does not show that to this user.
    pub since: Option<Millis>,
}

/// The parameters of a statement.
type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// The store on a server; clones share one connection, which is opened at first use.
#[derive(Clone, Debug)]
pub struct ServerStore {
    shared: Arc<Shared>,
    /// The readings of the instances.
    local: FileStore,
    /// The key for the invite links; without it, none is kept.
    key: Option<Arc<LinkKey>>,
}

struct Shared {
    address: ServerAddress,
    writer: Writer,
    patience: ServerPatience,
    link: SyncMutex<State>,
    /// The server's processes for the connections that were lost.
    lost: SyncMutex<VecDeque<i32>>,
    /// The locks that this process holds, by their keys.
    held: SyncMutex<HashMap<InstanceKey, Held>>,
    /// The right to take a lock: one at a time, because the server gives the same lock to the same connection twice.
    taking: Mutex<()>,
    /// Counts that grow when another process may have recorded something.
    changes: Arc<watch::Sender<Changes>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("address", &self.address).finish_non_exhaustive()
    }
}

/// A lock that this process holds.
struct Held {
    /// The connection that it depends on.
    generation: u64,
    /// The instance that is connected to the number, if it is the lock of a number.
    instance: Option<InstanceKey>,
}

#[derive(Default)]
struct State {
    link: Option<Arc<Link>>,
    /// How many connections have been opened or tried.
    generation: u64,
    /// The attempt to open one. Those who wait for it share its result; it ends when nobody waits any more.
    attempt: Option<WeakShared<Attempt>>,
}

type Attempt = BoxFuture<'static, Result<Arc<Link>, StoreError>>;

/// A connection.
struct Link {
    client: Client,
    generation: u64,
    /// The server's process for it.
    process: i32,
    /// Reads and writes it; without it the connection is closed.
    driver: Driver,
    statements: Mutex<HashMap<&'static str, Statement>>,
    untold: Untold,
}

impl ServerStore {
    /// A store on a server. `local` keeps the readings of the instances.
    pub fn new(address: ServerAddress, writer: Writer, local: FileStore) -> Self {
        Self::with_patience(address, writer, local, ServerPatience::default())
    }

    /// The same with other limits.
    pub fn with_patience(
        address: ServerAddress,
        writer: Writer,
        local: FileStore,
        patience: ServerPatience,
    ) -> Self {
        let shared = Shared {
            address,
            writer,
            patience,
            lost: SyncMutex::default(),
            link: SyncMutex::default(),
            held: SyncMutex::default(),
            taking: Mutex::default(),
            changes: Arc::default(),
        };
        Self { shared: Arc::new(shared), local, key: None }
    }

    /// The same store, which keeps invite links with this key.
    #[must_use]
    pub fn with_key(self, key: Option<LinkKey>) -> Self {
        Self { key: key.map(Arc::new), ..self }
    }

    /// Asks the server for its time and for the locks of these instances and others, and returns what a check-up reports.
    pub async fn vitals(&self, instances: &[&str]) -> Result<ServerVitals, StoreError> {
        self.shared.link().await?;
        let asked = Instant::now();
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, current_setting('server_version'),
            current_setting('transaction_read_only') = 'on'";
        let rows = self.shared.query(sql, &[]).await?;
        let latency = asked.elapsed();
        let (time, version, is_read_only) =
            rows.first().map(|row| (row.get(0), row.get(1), row.get(2))).unwrap_or_default();
        let holdings = self.locks().holdings(instances).await?;
        Ok(ServerVitals {
            server: self.shared.address.to_string(),
            version,
            is_encrypted: self.shared.address.is_encrypted(),
            latency,
            time: Millis(time),
            is_read_only,
            holdings,
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
    /// The current connection. Opens one if necessary; all who wait for one share the attempt and its result.
    async fn link(self: &Arc<Self>) -> Result<Arc<Link>, StoreError> {
        let attempt = {
            let mut state = self.state();
            if let Some(link) = state.link.as_ref().filter(|link| !link.client.is_closed()) {
                return Ok(Arc::clone(link));
            }
            if let Some(link) = state.link.take() {
                self.lose(&link);
            }
            if let Some(attempt) = state.attempt.as_ref().and_then(WeakShared::upgrade) {
                attempt
            } else {
                state.generation += 1;
                let (shared, generation) = (Arc::clone(self), state.generation);
                let attempt = async move { shared.attempt(generation).await }.boxed().shared();
                state.attempt = attempt.downgrade();
                attempt
            }
        };
        attempt.await
    }

    async fn attempt(&self, generation: u64) -> Result<Arc<Link>, StoreError> {
        let opened = timeout(self.patience.connect, self.open(generation)).await;
        let opened =
            opened.unwrap_or_else(|_| Err(self.fault(ServerFault::Unreachable, "it does not answer")));
        let opened = opened.map(Arc::new);
        let mut state = self.state();
        state.attempt = None;
        match &opened {
            Ok(link) => {
                state.link = Some(Arc::clone(link));
                tracing::debug!("store opened: {}", self.address);
            }
            Err(error) => tracing::warn!("store: {error}"),
        }
        opened
    }

    async fn open(&self, generation: u64) -> Result<Link, StoreError> {
        let failed = |error: tokio_postgres::Error| fault::explain(&self.address, &error);
        let mut config = self.address.config.clone();
        config.application_name(self.name());
        let (client, driver) = if let Some(tls) = tls::connector(&self.address)? {
            let (client, connection) = config.connect(tls).await.map_err(failed)?;
            (client, self.drive(connection))
        } else {
            let (client, connection) = config.connect(NoTls).await.map_err(failed)?;
            (client, self.drive(connection))
        };
        let driver = Driver(driver);
        client.batch_execute(schema::SESSION).await.map_err(failed)?;
        let process = self.end_lost(&client).await.map_err(failed)?;
        if is_standby(&client).await.map_err(failed)? {
            return Err(self.fault(ServerFault::Standby, "it is in recovery"));
        }
        schema::migrate(&client, &self.address).await?;
        client.batch_execute("LISTEN synod").await.map_err(failed)?;
        let (statements, untold) = (Mutex::default(), Untold::default());
        Ok(Link { client, generation, process, driver, statements, untold })
    }

    /// Ends the server's processes for lost connections, and returns its process for this one.
    async fn end_lost(&self, client: &Client) -> Result<i32, tokio_postgres::Error> {
        let process = client.query_one("SELECT pg_backend_pid()", &[]).await?.try_get(0)?;
        let lost: Vec<i32> = self.lost().iter().copied().collect();
        if !lost.is_empty() {
            // A user may end its own connections, even if it acts in another role. If this fails, the server ends them later.
            client.batch_execute("SET ROLE NONE").await?;
            let ended = client.query(END_LOST, &[&lost]).await;
            client.batch_execute("RESET ROLE").await?;
            if let Err(error) = ended {
                tracing::debug!("lost connections not ended: {error}");
            }
        }
        Ok(process)
    }

    /// Closes a connection that is not used any more.
    fn lose(&self, link: &Link) {
        link.driver.0.abort();
        let mut lost = self.lost();
        if !lost.contains(&link.process) {
            lost.push_back(link.process);
        }
        if lost.len() > LOST {
            lost.pop_front();
        }
    }

    /// Whether this is the server's process for a connection that was lost.
    fn is_lost(&self, process: i32) -> bool {
        self.lost().contains(&process)
    }

    fn lost(&self) -> std::sync::MutexGuard<'_, VecDeque<i32>> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of this process on the server, by which others see who holds a lock.
    fn name(&self) -> String {
        let process = format!(" {}", std::process::id());
        // The server cuts names of more than 63 bytes.
        let writer = format!("synod {}", self.writer);
        let room = 63 - process.len();
        let mut name = String::new();
        for letter in writer.chars().filter(|letter| !letter.is_control()) {
            if name.len() + letter.len_utf8() > room {
                break;
            }
            name.push(letter);
        }
        name + &process
    }

    /// The operator and the host, as they are stored.
    fn signature(&self) -> [&str; 2] {
        [self.writer.operator.exact(), self.writer.host.exact()]
    }

    fn drive<S, T>(&self, mut connection: Connection<S, T>) -> AbortHandle
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let changes = Arc::clone(&self.changes);
        let driving = tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                if let AsyncMessage::Notification(heard) = message {
                    Changes::heard(&changes, heard.payload());
                }
            }
            // A process that follows something has to read again after a new connection.
            Changes::lost(&changes);
        });
        driving.abort_handle()
    }

    fn fault(&self, fault: ServerFault, why: &str) -> StoreError {
        StoreError::Server { fault, server: self.address.to_string(), why: why.to_owned() }
    }

    /// Runs a statement on the current connection.
    async fn query(self: &Arc<Self>, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
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
        self.ended(link, timeout(self.patience.statement, work).await)
    }

    /// The result of a statement. A connection that was lost, or that does not answer, is not used again.
    fn ended<T>(
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
            let mut state = self.state();
            if state.link.as_ref().is_some_and(|current| current.generation == link.generation) {
                state.link = None;
            }
            drop(state);
            self.lose(link);
        }
        Err(error)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<InstanceKey, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of the lock of an instance's number, if this process holds it.
    fn number_of(&self, instance: &InstanceKey) -> Option<InstanceKey> {
        let held = self.held();
        let of_it = held.iter().find(|(_, held)| held.instance.as_ref() == Some(instance));
        of_it.map(|(number, _)| number.clone())
    }
}

async fn is_standby(client: &Client) -> Result<bool, tokio_postgres::Error> {
    client.query_one("SELECT pg_is_in_recovery()", &[]).await?.try_get(0)
}

/// Reads and writes a connection until it is dropped.
struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
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
