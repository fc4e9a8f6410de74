//! The locks of the instances, as traits. The locks are files on this machine, or in a store that several machines share.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use super::journal::JournalError;
use crate::{
    clock,
    domain::{
        instance::InstanceKey,
        message::{Message, Part, ToMessage},
        time::Millis,
    },
};

/// Allows one Synod at a time to write to an instance.
#[async_trait]
pub trait Locks: fmt::Debug + Send + Sync {
    /// Whether several machines share them. Machines may know one number by different names and addresses.
    fn are_shared(&self) -> bool {
        false
    }

    /// Takes the lock of an instance. Does not wait for the current holder.
    async fn take(&self, instance: &InstanceKey, now: Millis) -> Result<Arc<dyn HeldLock>, LockError>;

    /// Takes the lock of the number that an instance is connected to; other instances may be connected to it, too. What this process
    /// records for the instance meanwhile counts for the number.
    async fn take_number(
        &self,
        number: &InstanceKey,
        _instance: &InstanceKey,
        now: Millis,
    ) -> Result<Arc<dyn HeldLock>, LockError> {
        self.take(number, now).await
    }

    /// Fails if a process holds the lock of an instance, or if the lock cannot be tested. Does not take it.
    async fn ensure_free(&self, instance: &InstanceKey) -> Result<(), LockError>;
}

/// The lock of an instance, held until this value is dropped.
#[async_trait]
pub trait HeldLock: fmt::Debug + Send + Sync {
    /// Checks, right before a request is sent, that the lock still keeps others out.
    async fn check(self: Arc<Self>) -> Result<(), LockError>;

    /// Whether it was lost with the connection that held it.
    fn is_lost(&self) -> bool {
        false
    }
}

/// The holder of an instance's lock, according to the holder itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub process: u32,
    /// When it took the lock, or connected to the server that has it; `None` if this user may not know.
    pub since: Option<Millis>,
    /// The operator and host, if the lock is one of several machines.
    pub by: Option<String>,
}

/// Why an instance's lock could not be taken, or no longer holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Another Synod writes to the instance.
    #[error("{}", self.message())]
    Held(Option<Holder>),
    /// Another Synod, or this one, writes to the number of the instance under another name or address.
    #[error("{}", self.message())]
    NumberHeld(Option<Holder>),
    /// The gateway did not say which number is connected, and may say it later: another Synod may be writing to it.
    #[error("{}", self.message())]
    NumberUnread,
    /// The lock file could not be created or locked.
    #[error("{}", self.message())]
    Failed {
        file: String,
        /// The reason, in the system's words if it gives any.
        why: Part,
    },
    /// Another user could have put the lock file there.
    #[error("{}", self.message())]
    Unsafe(Message),
    /// The file system does not support locks.
    #[error("{}", self.message())]
    NoLocks { file: String },
    /// The lock file was removed or replaced while the lock was held.
    #[error("{}", self.message())]
    Gone { file: String },
    /// The server that has the lock cannot be asked, or the connection to it was lost.
    #[error("{}", self.message())]
    Server(JournalError),
}

impl From<LockError> for JournalError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Server(error) => error,
            LockError::NumberUnread => Self::passing(error.message()),
            error => Self::new(error.message()),
        }
    }
}

impl ToMessage for LockError {
    fn message(&self) -> Message {
        match self {
            Self::Held(Some(Holder { by: Some(by), since: Some(since), .. })) => {
                Message::new("lock-held-on-server")
                    .put("by", by.as_str())
                    .put("since", clock::local_date_time(*since))
            }
            Self::Held(Some(Holder { by: Some(by), since: None, .. })) => {
                Message::new("lock-held-by-another").put("by", by.as_str())
            }
            Self::Held(Some(Holder { process, since: Some(since), by: None })) => {
                Message::new("lock-held-by")
                    .put("process", process.to_string())
                    .put("since", clock::local_date_time(*since))
            }
            Self::Held(None | Some(Holder { since: None, by: None, .. })) => Message::new("lock-held"),
            Self::NumberHeld(Some(Holder { by: Some(by), .. })) => {
                Message::new("lock-number-held").put("by", by.as_str())
            }
            Self::NumberHeld(_) => Message::new("lock-number-held-here"),
            Self::NumberUnread => Message::new("lock-number-unread"),
            Self::Failed { file, why } => {
                Message::new("lock-failed").put("file", file.as_str()).put("why", why.clone())
            }
            Self::Unsafe(why) => Message::new("lock-unsafe").put("why", why.clone()),
            Self::NoLocks { file } => Message::new("lock-no-locks").put("file", file.as_str()),
            Self::Server(error) => error.message(),
            Self::Gone { file } => Message::new("lock-gone").put("file", file.as_str()),
        }
    }
}
