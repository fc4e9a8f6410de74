//! "Is this run mine?": the lock that lets one Synod at a time write to an instance, across processes.
//!
//! It is a lock on an open file, which the kernel frees when its holder dies, however it dies. What stands in the file
//! only says who holds it; it means nothing while nobody does. The file itself stays, for to remove it would let two
//! hold locks on two files of one name.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    clock,
    domain::{
        instance::InstanceKey,
        sentence::{Part, Sentence, Tell},
        time::Millis,
    },
};

/// Longer than it takes to see whether a lock is held.
const A_MOMENT: Duration = Duration::from_millis(20);

/// The lock of an instance, held for as long as this exists.
#[derive(Debug)]
pub(super) struct Claim {
    _file: File,
}

/// Who holds an instance's lock, as far as it said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The number of its process.
    pub process: u32,
    /// Since when it holds the lock.
    pub since: Millis,
}

/// Why an instance's lock was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// Another Synod writes to the instance.
    #[error("{}", self.sentence())]
    Held(Option<Holder>),
    /// The lock's file could not be made or locked.
    #[error("{}", self.sentence())]
    Failed {
        /// The file.
        file: String,
        /// Why, in the system's words where it has any.
        why: Part,
    },
}

impl Tell for ClaimError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Held(None) => Sentence::new("claim-held"),
            Self::Held(Some(Holder { process, since })) => Sentence::new("claim-held-by")
                .put("process", process.to_string())
                .put("since", clock::local_date_time(*since)),
            Self::Failed { file, why } => {
                Sentence::new("claim-failed").put("file", file.as_str()).put("why", why.clone())
            }
        }
    }
}

impl Claim {
    /// Takes the lock of an instance in a directory, which is made for the owner alone. It does not wait.
    pub(super) async fn take(
        directory: &Path,
        instance: &InstanceKey,
        now: Millis,
    ) -> Result<Self, ClaimError> {
        let file = directory.join(format!("{instance}.lock"));
        match Self::try_taking(file.clone(), now).await {
            Err(ClaimError::Held(_)) => {
                // Whoever only looks whether it is held holds it for a moment.
                tokio::time::sleep(A_MOMENT).await;
                Self::try_taking(file, now).await
            }
            taken => taken,
        }
    }

    async fn try_taking(file: PathBuf, now: Millis) -> Result<Self, ClaimError> {
        let shown = file.display().to_string();
        let taken = tokio::task::spawn_blocking(move || take(&file, now)).await;
        taken.unwrap_or_else(|_| {
            Err(ClaimError::Failed { file: shown, why: Sentence::new("claim-cut-short").into() })
        })
    }
}

/// Whether somebody holds the lock of an instance. A lock that cannot be looked at counts as held: nothing is known of
/// what goes on behind it.
pub(super) async fn is_held(directory: &Path, instance: &InstanceKey) -> bool {
    let file = directory.join(format!("{instance}.lock"));
    let tried = tokio::task::spawn_blocking(move || match File::open(&file) {
        // The lock is gone again with the file.
        Ok(file) => file.try_lock_shared().is_err(),
        Err(error) => error.kind() != ErrorKind::NotFound,
    });
    tried.await.unwrap_or(true)
}

fn take(path: &Path, now: Millis) -> Result<Claim, ClaimError> {
    let failed = |error: std::io::Error| ClaimError::Failed {
        file: path.display().to_string(),
        why: error.to_string().into(),
    };
    let mut file = open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(ClaimError::Held(holder(&mut file))),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    // Who holds it is a courtesy: a full disk does not keep the lock from holding.
    let _ = sign(&mut file, now);
    Ok(Claim { _file: file })
}

fn open(path: &Path) -> std::io::Result<File> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn sign(file: &mut File, now: Millis) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {}", std::process::id(), now.0)
}

fn holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.take(64).read_to_string(&mut text).ok()?;
    let (process, since) = text.trim().split_once(' ')?;
    Some(Holder { process: process.parse().ok()?, since: Millis(since.parse().ok()?) })
}
