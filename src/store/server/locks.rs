//! The locks of the instances on a server: advisory locks of the connection that also writes the journal.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use tokio_postgres::Row;

use super::{Held, Holding, Link, ServerFault, Shared};
use crate::{
    domain::{instance::InstanceKey, message::Message, time::Millis},
    engine::{
        journal::JournalError,
        locks::{HeldLock, Holder, LockError, Locks},
    },
    store::StoreError,
};

/// The server knows a lock by a hash of its key. The records of requests have the one of the number, see `journal`.
const TAKE: &str = "SELECT pg_try_advisory_lock(hashtextextended('synod ' || $1::text, 0))";
const RELEASE: &str = "SELECT pg_advisory_unlock(hashtextextended('synod ' || $1::text, 0))";
const HOLDER: &str = "
    SELECT activity.pid, coalesce(activity.application_name, ''), (extract(epoch FROM activity.backend_start) * 1000)::bigint,
        coalesce(activity.application_name = current_setting('application_name'), false)
    FROM pg_locks locks JOIN pg_stat_activity activity ON activity.pid = locks.pid,
        hashtextextended('synod ' || $1::text, 0) AS key
    WHERE locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 1
        AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND locks.classid::bigint = (key >> 32) & 4294967295 AND locks.objid::bigint = key & 4294967295
    LIMIT 1";

/// The locks of all Synods but this one, by connection. Without an instance if it holds none of those that are asked for.
const HOLDINGS: &str = "
    SELECT instance.key, activity.application_name,
        (extract(epoch FROM activity.backend_start) * 1000)::bigint
    FROM (
        SELECT locks.pid, array_agg(asked.key) FILTER (WHERE asked.key IS NOT NULL) AS keys
        FROM pg_locks locks LEFT JOIN unnest($1::text[]) AS asked (key)
            ON hashtextextended('synod ' || asked.key, 0) = (locks.classid::bigint << 32) | locks.objid::bigint
        WHERE locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 1
            AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        GROUP BY locks.pid
    ) AS held
    JOIN pg_stat_activity activity ON activity.pid = held.pid
    CROSS JOIN LATERAL unnest(coalesce(held.keys, ARRAY[NULL::text])) AS instance (key)
    WHERE activity.application_name LIKE 'synod %' AND activity.pid <> pg_backend_pid()
    ORDER BY instance.key, activity.pid";

/// How often a lock is tried that is free whenever its holder is looked up.
const TRIES: usize = 3;

/// The locks on a server.
#[derive(Clone, Debug)]
pub struct ServerLocks {
    shared: Arc<Shared>,
}

impl ServerLocks {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Which other Synods hold locks of these instances, or of others.
    pub(super) async fn holdings(&self, instances: &[&str]) -> Result<Vec<Holding>, StoreError> {
        let rows = self.shared.query(HOLDINGS, &[&instances]).await?;
        let holding = |row: &Row| {
            let instance: Option<&str> = row.get(0);
            let since: Option<i64> = row.get(2);
            let (instance, since) = (instance.map(InstanceKey::new), since.map(Millis));
            Holding { instance, by: holder_of(row.get(1)), since }
        };
        Ok(rows.iter().map(holding).collect())
    }

    /// Takes a lock: that of an instance, or that of the number which an instance is connected to.
    async fn take_for(
        &self,
        key: &InstanceKey,
        instance: Option<&InstanceKey>,
    ) -> Result<Arc<dyn HeldLock>, LockError> {
        let link = self.shared.link().await.map_err(failed)?;
        let _turn = self.shared.taking.lock().await;
        if self.shared.held().get(key).is_some_and(|held| held.generation == link.generation) {
            return Err(LockError::Held(None));
        }
        let mut tries = TRIES;
        while !self.is_given(&link, key).await.map_err(failed)? {
            let (holder, is_ours) = self.holder(key).await.map_err(failed)?;
            if is_ours {
                let why = "the server has not ended the last connection of this program yet";
                return Err(failed(self.shared.fault(ServerFault::Lost, why)));
            }
            tries -= 1;
            // Without a holder it has become free meanwhile.
            if holder.is_some() || tries == 0 {
                return Err(LockError::Held(holder));
            }
        }
        let held = Held { generation: link.generation, instance: instance.cloned() };
        self.shared.held().insert(key.clone(), held);
        tracing::debug!(%key, "lock taken");
        Ok(Arc::new(ServerLock { shared: Arc::clone(&self.shared), link, key: key.clone() }))
    }

    /// Whether the server gives a lock to this connection.
    async fn is_given(&self, link: &Arc<Link>, key: &InstanceKey) -> Result<bool, StoreError> {
        let rows = self.shared.query_on(link, TAKE, &[&key.as_str()]).await?;
        Ok(rows.first().is_some_and(|row| row.get(0)))
    }

    /// The holder of a lock, and whether that is a connection that this process has lost.
    async fn holder(&self, instance: &InstanceKey) -> Result<(Option<Holder>, bool), StoreError> {
        let rows = self.shared.query(HOLDER, &[&instance.as_str()]).await?;
        let Some(row) = rows.first() else { return Ok((None, false)) };
        // The server may hide from this user when others connected.
        let (process, name, since): (i32, String, Option<i64>) = (row.get(0), row.get(1), row.get(2));
        // A server that was restarted gives the numbers of its processes again.
        let is_ours = self.shared.is_lost(process) && row.get(3);
        let by = holder_of(&name);
        let process = u32::try_from(process).unwrap_or_default();
        let since = since.map(Millis);
        Ok((Some(Holder { process, since, by: Some(by) }), is_ours))
    }
}

/// The operator, the host and the process, from the name of a connection.
fn holder_of(name: &str) -> String {
    name.strip_prefix("synod ").unwrap_or(name).to_owned()
}

fn failed(error: StoreError) -> LockError {
    LockError::Server(error.into())
}

#[async_trait]
impl Locks for ServerLocks {
    fn are_shared(&self) -> bool {
        true
    }

    async fn take(&self, instance: &InstanceKey, _: Millis) -> Result<Arc<dyn HeldLock>, LockError> {
        self.take_for(instance, None).await
    }

    async fn take_number(
        &self,
        number: &InstanceKey,
        instance: &InstanceKey,
        _: Millis,
    ) -> Result<Arc<dyn HeldLock>, LockError> {
        self.take_for(number, Some(instance)).await
    }

    async fn ensure_free(&self, instance: &InstanceKey) -> Result<(), LockError> {
        match self.holder(instance).await {
            Ok((None, _)) => Ok(()),
            Ok((holder, _)) => Err(LockError::Held(holder)),
            Err(error) => Err(failed(error)),
        }
    }
}

/// A lock that is held as long as its connection.
struct ServerLock {
    shared: Arc<Shared>,
    link: Arc<Link>,
    key: InstanceKey,
}

impl fmt::Debug for ServerLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerLock").field("key", &self.key).finish_non_exhaustive()
    }
}

#[async_trait]
impl HeldLock for ServerLock {
    async fn check(self: Arc<Self>) -> Result<(), LockError> {
        // The append that follows goes over the same connection, or fails.
        if self.link.client.is_closed() {
            return Err(LockError::Server(JournalError::passing(Message::new("lock-lost"))));
        }
        Ok(())
    }

    fn is_lost(&self) -> bool {
        self.link.client.is_closed()
    }
}

impl Drop for ServerLock {
    fn drop(&mut self) {
        let mut held = self.shared.held();
        if held.get(&self.key).is_some_and(|held| held.generation == self.link.generation) {
            held.remove(&self.key);
        }
        drop(held);
        let (shared, link, key) = (Arc::clone(&self.shared), Arc::clone(&self.link), self.key.clone());
        // If the process ends, its connection ends too, and frees the lock.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = shared.query_on(&link, RELEASE, &[&key.as_str()]).await;
            });
        }
    }
}
