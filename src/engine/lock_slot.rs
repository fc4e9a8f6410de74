//! The lock of one instance, as all of this engine's operations share it: taken by the first, and held as long as one needs it.

use std::sync::{Arc, Weak};

use tokio::sync::Mutex as Turn;

use super::locks::{HeldLock, LockError, Locks};
use crate::domain::{instance::InstanceKey, time::Millis};

/// The lock of one instance.
pub(super) struct LockSlot {
    /// Without locks no other process can run operations.
    locks: Option<Arc<dyn Locks>>,
    held: Turn<Option<Weak<dyn HeldLock>>>,
}

impl LockSlot {
    pub(super) fn new(locks: Option<Arc<dyn Locks>>) -> Self {
        Self { locks, held: Turn::default() }
    }

    /// The lock: the one already held, or a new one.
    pub(super) async fn take(
        &self,
        instance: &InstanceKey,
        now: Millis,
    ) -> Result<Option<Arc<dyn HeldLock>>, LockError> {
        let Some(locks) = &self.locks else { return Ok(None) };
        let mut held = self.held.lock().await;
        let known = held.as_ref().and_then(Weak::upgrade);
        if let Some(lock) = known.filter(|lock| !lock.is_lost()) {
            return Ok(Some(lock));
        }
        let lock = locks.take(instance, now).await?;
        *held = Some(Arc::downgrade(&lock));
        Ok(Some(lock))
    }
}
