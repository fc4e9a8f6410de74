//! The lock of one instance, as all of this engine's operations share it: taken by the first, and held as long as one needs it. Who
//! writes takes the lock of the connected number, too, if several machines share the locks.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use tokio::sync::Mutex as Turn;

use super::{
    locks::{HeldLock, LockError, Locks},
    write_locks::{self, of_number},
};
use crate::{
    domain::{instance::InstanceKey, time::Millis},
    gateway::Gateway,
};

/// The lock of one instance.
pub(super) struct LockSlot {
    /// Without locks no other process can run operations.
    locks: Option<Arc<dyn Locks>>,
    held: Turn<Option<Weak<dyn HeldLock>>>,
    number: Turn<Number>,
}

/// The connected number.
#[derive(Default)]
struct Number {
    /// The key of its lock, as far as it is known, now or from before.
    key: Option<InstanceKey>,
    /// Whether the gateway has answered, even that it cannot say the number.
    has_answered: bool,
    held: Option<Weak<dyn HeldLock>>,
}

/// The lock of an instance, and that of its number.
#[derive(Debug)]
struct Both {
    instance: Arc<dyn HeldLock>,
    number: Arc<dyn HeldLock>,
}

#[async_trait]
impl HeldLock for Both {
    async fn check(self: Arc<Self>) -> Result<(), LockError> {
        Arc::clone(&self.number).check().await?;
        Arc::clone(&self.instance).check().await
    }

    fn is_lost(&self) -> bool {
        self.instance.is_lost() || self.number.is_lost()
    }
}

impl LockSlot {
    pub(super) fn new(locks: Option<Arc<dyn Locks>>) -> Self {
        Self { locks, held: Turn::default(), number: Turn::default() }
    }

    /// The lock of the instance: the one already held, or a new one.
    pub(super) async fn take(
        &self,
        instance: &InstanceKey,
        now: Millis,
    ) -> Result<Option<Arc<dyn HeldLock>>, LockError> {
        let Some(locks) = &self.locks else { return Ok(None) };
        let mut held = self.held.lock().await;
        if let Some(lock) = held.as_ref().and_then(Weak::upgrade).filter(|lock| !lock.is_lost()) {
            return Ok(Some(lock));
        }
        let lock = locks.take(instance, now).await?;
        *held = Some(Arc::downgrade(&lock));
        Ok(Some(lock))
    }

    /// The same for who is going to send something, with the lock of the connected number if it is known and other machines may
    /// know it by another name. No lock is waited for, so two machines never wait for each other.
    pub(super) async fn take_to_write(
        &self,
        instance: &InstanceKey,
        gateway: &Gateway,
        now: Millis,
    ) -> Result<Option<Arc<dyn HeldLock>>, LockError> {
        let lock = self.take(instance, now).await?;
        let Some((locks, lock)) = self.locks.as_ref().zip(lock) else { return Ok(None) };
        if !locks.are_shared() {
            return Ok(Some(lock));
        }
        let mut number = self.number.lock().await;
        match write_locks::number(gateway).await {
            Ok(Some(key)) if number.key.as_ref() != Some(&key) => {
                *number = Number { key: Some(key), has_answered: true, held: None };
            }
            Ok(_) => number.has_answered = true,
            // An earlier answer counts.
            Err(_) if number.has_answered => {}
            Err(error) => return Err(error),
        }
        let Some(key) = number.key.clone() else { return Ok(Some(lock)) };
        let held = number.held.as_ref().and_then(Weak::upgrade).filter(|held| !held.is_lost());
        let held = match held {
            Some(held) => held,
            None => locks.take_number(&key, instance, now).await.map_err(of_number)?,
        };
        number.held = Some(Arc::downgrade(&held));
        Ok(Some(Arc::new(Both { instance: lock, number: held })))
    }

    /// Fails if a process holds the lock of the number that was last known, or if it cannot be tested.
    pub(super) async fn ensure_number_is_free(&self) -> Result<(), LockError> {
        let key = self.number.lock().await.key.clone();
        match self.locks.as_ref().zip(key) {
            Some((locks, key)) => locks.ensure_free(&key).await.map_err(of_number),
            None => Ok(()),
        }
    }
}
