//! The locks of the instances on a server: advisory locks of the connection that also writes the journal.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use super::{Link, Shared};
use crate::{
    domain::{
        instance::InstanceKey,
        message::{Message, ToMessage},
        time::Millis,
    },
    engine::locks::{HeldLock, Holder, LockError, Locks},
    store::StoreError,
};

/// The key of a lock is a hash of the instance's key.
const TAKE: &str = "SELECT pg_try_advisory_lock(hashtextextended('synod ' || $1::text, 0))";
const RELEASE: &str = "SELECT pg_advisory_unlock(hashtextextended('synod ' || $1::text, 0))";
const HOLDER: &str = "
    SELECT activity.pid, activity.application_name, (extract(epoch FROM activity.backend_start) * 1000)::bigint
    FROM pg_locks locks JOIN pg_stat_activity activity ON activity.pid = locks.pid,
        hashtextextended('synod ' || $1::text, 0) AS key
    WHERE locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 1
        AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND locks.classid::bigint = (key >> 32) & 4294967295 AND locks.objid::bigint = key & 4294967295
    LIMIT 1";

/// The locks on a server.
#[derive(Clone, Debug)]
pub struct ServerLocks {
    shared: Arc<Shared>,
}

impl ServerLocks {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    async fn holder(&self, instance: &InstanceKey) -> Result<Option<Holder>, StoreError> {
        let rows = self.shared.query(HOLDER, &[&instance.as_str()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (process, name, since): (i32, String, i64) = (row.get(0), row.get(1), row.get(2));
        let by = name.strip_prefix("synod ").unwrap_or(&name).to_owned();
        let process = u32::try_from(process).unwrap_or_default();
        Ok(Some(Holder { process, since: Millis(since), by: Some(by) }))
    }
}

fn failed(error: &StoreError) -> LockError {
    LockError::Server(error.message())
}

#[async_trait]
impl Locks for ServerLocks {
    async fn take(&self, instance: &InstanceKey, _: Millis) -> Result<Arc<dyn HeldLock>, LockError> {
        let link = self.shared.link().await.map_err(|error| failed(&error))?;
        // The server would give it to the same connection twice.
        if self.shared.held().get(instance) == Some(&link.generation) {
            return Err(LockError::Held(None));
        }
        let rows = self.shared.query_on(&link, TAKE, &[&instance.as_str()]).await;
        let rows = rows.map_err(|error| failed(&error))?;
        if !rows.first().is_some_and(|row| row.get(0)) {
            let holder = self.holder(instance).await.map_err(|error| failed(&error))?;
            return Err(LockError::Held(holder));
        }
        self.shared.held().insert(instance.clone(), link.generation);
        tracing::debug!(%instance, "lock taken");
        Ok(Arc::new(ServerLock { shared: Arc::clone(&self.shared), link, instance: instance.clone() }))
    }

    async fn ensure_free(&self, instance: &InstanceKey) -> Result<(), LockError> {
        match self.holder(instance).await {
            Ok(None) => Ok(()),
            Ok(holder) => Err(LockError::Held(holder)),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// A lock that is held as long as its connection.
struct ServerLock {
    shared: Arc<Shared>,
    link: Arc<Link>,
    instance: InstanceKey,
}

impl fmt::Debug for ServerLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerLock").field("instance", &self.instance).finish_non_exhaustive()
    }
}

#[async_trait]
impl HeldLock for ServerLock {
    async fn check(self: Arc<Self>) -> Result<(), LockError> {
        // The append that follows goes over the same connection, or fails.
        if self.link.client.is_closed() {
            return Err(LockError::Server(Message::new("lock-lost")));
        }
        Ok(())
    }
}

impl Drop for ServerLock {
    fn drop(&mut self) {
        let mut held = self.shared.held();
        if held.get(&self.instance) == Some(&self.link.generation) {
            held.remove(&self.instance);
        }
        drop(held);
        let (shared, link, instance) =
            (Arc::clone(&self.shared), Arc::clone(&self.link), self.instance.clone());
        // If the process ends, its connection ends too, and frees the lock.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = shared.query_on(&link, RELEASE, &[&instance.as_str()]).await;
            });
        }
    }
}
