//! Where the locks of the instances are: as files on this machine, or in a store that several machines share.

use std::{fmt, path::PathBuf, sync::Arc};

use async_trait::async_trait;

use super::instance_lock::{self, InstanceLock, LockError};
use crate::domain::{instance::InstanceKey, time::Millis};

/// Allows one Synod at a time to write to an instance.
#[async_trait]
pub trait Locks: fmt::Debug + Send + Sync {
    /// Takes the lock of an instance. Does not wait for the current holder.
    async fn take(&self, instance: &InstanceKey, now: Millis) -> Result<Arc<dyn HeldLock>, LockError>;

    /// Fails if a process holds the lock of an instance, or if the lock cannot be tested. Does not take it.
    async fn ensure_free(&self, instance: &InstanceKey) -> Result<(), LockError>;
}

/// The lock of an instance, held until this value is dropped.
#[async_trait]
pub trait HeldLock: fmt::Debug + Send + Sync {
    /// Checks, right before a request is sent, that the lock still keeps others out.
    async fn check(self: Arc<Self>) -> Result<(), LockError>;
}

/// Locks as files in a directory.
#[derive(Clone, Debug)]
pub struct FileLocks(PathBuf);

impl FileLocks {
    /// The locks in this directory, which is created at first use.
    pub fn new(directory: impl Into<PathBuf>) -> Arc<Self> {
        Arc::new(Self(directory.into()))
    }
}

#[async_trait]
impl Locks for FileLocks {
    async fn take(&self, instance: &InstanceKey, now: Millis) -> Result<Arc<dyn HeldLock>, LockError> {
        Ok(Arc::new(InstanceLock::take(&self.0, instance, now).await?))
    }

    async fn ensure_free(&self, instance: &InstanceKey) -> Result<(), LockError> {
        instance_lock::ensure_free(&self.0, instance).await
    }
}
