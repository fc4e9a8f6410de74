//! The lock of one instance, as all of this engine's operations share it: taken by the first, and held as long as one needs it. Who
//! writes takes the lock of the connected number, too, if several machines share the locks.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{sync::Mutex as Turn, time::timeout};

use super::locks::{HeldLock, LockError, Locks};
use crate::{
    domain::{instance::InstanceKey, time::Millis},
    gateway::Gateway,
};

/// How long the gateway may take to say which number is connected.
const PATIENCE: Duration = Duration::from_secs(10);

/// The lock of one instance.
pub(super) struct LockSlot {
    /// Without locks no other process can run operations.
    locks: Option<Arc<dyn Locks>>,
    held: Turn<Option<Weak<dyn HeldLock>>>,
    /// The lock of the connected number, and its key.
    number: Turn<Option<(InstanceKey, Weak<dyn HeldLock>)>>,
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

    /// The same for who is going to send something, with the lock of the connected number if it is known, now or from before, and
    /// other machines may know it by another name. No lock is waited for, so two machines never wait for each other.
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
        let mut held = self.number.lock().await;
        let key = number(gateway).await.or_else(|| held.as_ref().map(|(known, _)| known.clone()));
        let Some(key) = key else { return Ok(Some(lock)) };
        let known = held.as_ref().filter(|(known, _)| *known == key).and_then(|(_, lock)| lock.upgrade());
        let number = match known.filter(|lock| !lock.is_lost()) {
            Some(number) => number,
            None => locks.take(&key, now).await.map_err(|error| match error {
                LockError::Held(holder) => LockError::NumberHeld(holder),
                error => error,
            })?,
        };
        *held = Some((key, Arc::downgrade(&number)));
        Ok(Some(Arc::new(Both { instance: lock, number })))
    }
}

/// The key of the lock for the connected number; `None` if the gateway does not say it now.
async fn number(gateway: &Gateway) -> Option<InstanceKey> {
    let connection = timeout(PATIENCE, gateway.reads.connection()).await.ok()?.ok()?;
    key_of(connection.number?.exact())
}

/// The key for a number, however the gateway spells it: `5511900000001`, `+55 11 90000-0001` or `5511900000001:7@s.whatsapp.net`.
fn key_of(number: &str) -> Option<InstanceKey> {
    let bare = number.split([':', '@']).next().unwrap_or_default();
    let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| InstanceKey::new(&format!("number-{digits}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_number_have_one_key() {
        let key = key_of("5511900000001");
        assert!(key.is_some());
        for spelling in ["+55 11 90000-0001", "5511900000001:7@s.whatsapp.net", "5511900000001@c.us"] {
            assert_eq!(key_of(spelling), key, "{spelling}");
        }
        assert_ne!(key_of("5511900000002"), key);
        assert_eq!(key_of("unknown"), None);
    }
}
