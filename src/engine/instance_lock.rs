//! The lock of an instance: it allows one Synod at a time, across processes, to write to the instance.
//!
//! It is a lock on an open file, which the kernel releases when its holder dies, however it dies. The content of the file only
//! names the holder and means nothing without one. The file is never removed: otherwise two processes could lock two different
//! files of the same name. The holder checks that the name still refers to its file.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Seek, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;

use super::locks::{HeldLock, Holder, LockError, Locks};
use crate::{
    domain::{
        instance::InstanceKey,
        message::{Message, ToMessage},
        time::Millis,
    },
    files::{FileError, own},
};

/// The interval between attempts while another process only tests whether the lock is held.
const A_MOMENT: Duration = Duration::from_millis(20);
/// After this many attempts, such a test counts as a holder.
const ATTEMPTS: usize = 100;

/// The lock of an instance, held until this value is dropped.
#[derive(Debug)]
pub(super) struct InstanceLock {
    file: File,
    path: PathBuf,
}

impl Drop for InstanceLock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child process that was just forked also has it open, until it executes another
        // program.
        let _ = self.file.unlock();
    }
}

impl LockError {
    fn of(path: &Path, error: &FileError) -> Self {
        let file = path.display().to_string();
        match error {
            error if error.is_unsafe() => Self::Unsafe(error.message()),
            FileError::System(error) if own::has_no_locks(error) => Self::NoLocks { file },
            error => Self::Failed { file, why: error.message().into() },
        }
    }

    fn cut_short(path: &Path) -> Self {
        Self::Failed { file: path.display().to_string(), why: Message::new("lock-cut-short").into() }
    }
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
        ensure_free(&self.0, instance).await
    }
}

/// The result of an attempt to take a lock.
enum Attempt {
    Taken(InstanceLock),
    /// Another process is testing the lock at this moment, or has replaced the file.
    Again,
}

impl InstanceLock {
    /// Takes the lock of an instance in a directory, which is created for the owner only. Does not wait for the current holder.
    pub(super) async fn take(
        directory: &Path,
        instance: &InstanceKey,
        now: Millis,
    ) -> Result<Self, LockError> {
        let path = directory.join(format!("{instance}.lock"));
        for _ in 0..ATTEMPTS {
            let file = path.clone();
            let attempt = tokio::task::spawn_blocking(move || attempt(&file, now)).await;
            let attempt = attempt.unwrap_or_else(|_| Err(LockError::cut_short(&path)));
            match attempt.inspect_err(|error| tracing::debug!(%instance, "lock not taken: {error}"))? {
                Attempt::Taken(lock) => {
                    tracing::debug!(%instance, "lock taken");
                    return Ok(lock);
                }
                Attempt::Again => tokio::time::sleep(A_MOMENT).await,
            }
        }
        Err(LockError::Held(None))
    }

    /// Whether the path still refers to this file.
    fn is_in_place(&self) -> bool {
        let identity = |file: std::fs::Metadata| (file.dev(), file.ino());
        let held = self.file.metadata().map(identity).ok();
        held.is_some() && held == self.path.symlink_metadata().map(identity).ok()
    }
}

#[async_trait]
impl HeldLock for InstanceLock {
    async fn check(self: Arc<Self>) -> Result<(), LockError> {
        let file = self.path.display().to_string();
        let is_in_place = tokio::task::spawn_blocking(move || self.is_in_place()).await;
        if is_in_place.unwrap_or(false) { Ok(()) } else { Err(LockError::Gone { file }) }
    }
}

/// Fails if a process holds the lock of an instance, or if the lock cannot be tested. Does not take it.
async fn ensure_free(directory: &Path, instance: &InstanceKey) -> Result<(), LockError> {
    let file = directory.join(format!("{instance}.lock"));
    tokio::task::spawn_blocking(move || test(&file)).await.unwrap_or(Err(LockError::Held(None)))
}

fn test(path: &Path) -> Result<(), LockError> {
    let mut file = match own::open(path, OpenOptions::new().read(true)) {
        Ok(file) => file,
        Err(error) if error.kind() == Some(ErrorKind::NotFound) => return Ok(()),
        Err(error) => return Err(LockError::of(path, &error)),
    };
    match file.try_lock_shared() {
        Ok(()) => {
            let _ = file.unlock();
            Ok(())
        }
        Err(TryLockError::WouldBlock) => Err(LockError::Held(holder(&mut file))),
        Err(TryLockError::Error(error)) => Err(LockError::of(path, &error.into())),
    }
}

fn attempt(path: &Path, now: Millis) -> Result<Attempt, LockError> {
    let failed = |error: FileError| LockError::of(path, &error);
    let mut file = open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        // A process that only tests takes a shared lock; a writer takes an exclusive one.
        Err(TryLockError::WouldBlock) if file.try_lock_shared().is_ok() => {
            let _ = file.unlock();
            return Ok(Attempt::Again);
        }
        Err(TryLockError::WouldBlock) => return Err(LockError::Held(holder(&mut file))),
        Err(TryLockError::Error(error)) => return Err(failed(error.into())),
    }
    let lock = InstanceLock { file, path: path.to_owned() };
    if !lock.is_in_place() {
        return Ok(Attempt::Again);
    }
    // The holder's name is only a courtesy: a full disk does not keep the lock from working.
    let _ = sign(&lock.file, now);
    Ok(Attempt::Taken(lock))
}

fn open(path: &Path) -> Result<File, FileError> {
    if let Some(directory) = path.parent() {
        own::inner_folder(directory)?;
    }
    own::open(path, OpenOptions::new().read(true).write(true).create(true).truncate(false))
}

fn sign(mut file: &File, now: Millis) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {}", std::process::id(), now.0)
}

fn holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.take(64).read_to_string(&mut text).ok()?;
    let (process, since) = text.trim().split_once(' ')?;
    Some(Holder { process: process.parse().ok()?, since: Some(Millis(since.parse().ok()?)), by: None })
}

#[cfg(test)]
mod tests {
    use std::io;

    use proptest::test_runner::Config as ProptestConfig;
    use rstest::rstest;
    use rustix::io::{Errno, FdFlags};
    use tempfile::TempDir;

    use super::*;

    fn key() -> InstanceKey {
        InstanceKey::new("ryzeapi-test")
    }

    async fn taken(directory: &TempDir) -> Result<InstanceLock, LockError> {
        InstanceLock::take(directory.path(), &key(), Millis(5)).await
    }

    #[tokio::test]
    async fn no_child_keeps_the_lock() {
        let directory = TempDir::new().unwrap();
        let lock = taken(&directory).await.unwrap();
        let flags = rustix::io::fcntl_getfd(&lock.file).unwrap();
        assert!(flags.contains(FdFlags::CLOEXEC), "another program inherits it");
        // A forked child has this open until it executes another program.
        let _inherited = lock.file.try_clone().unwrap();
        drop(lock);
        ensure_free(directory.path(), &key()).await.unwrap();
        taken(&directory).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_of_the_lock_keeps_nobody_out() {
        let directory = TempDir::new().unwrap();
        drop(taken(&directory).await.unwrap());
        let looking = File::open(directory.path().join("ryzeapi-test.lock")).unwrap();
        looking.try_lock_shared().unwrap();
        let path = directory.path().to_owned();
        let taking = tokio::spawn(async move { InstanceLock::take(&path, &key(), Millis(5)).await });
        tokio::time::sleep(A_MOMENT * 10).await;
        assert!(!taking.is_finished());
        looking.unlock().unwrap();
        taking.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_lock_whose_file_was_removed_or_replaced_is_lost() {
        let directory = TempDir::new().unwrap();
        let held = Arc::new(taken(&directory).await.unwrap());
        let check = || Arc::clone(&held).check();
        check().await.unwrap();
        let file = directory.path().join("ryzeapi-test.lock");
        std::fs::remove_file(&file).unwrap();
        assert!(matches!(check().await, Err(LockError::Gone { .. })));
        std::fs::write(&file, "").unwrap();
        assert!(matches!(check().await, Err(LockError::Gone { .. })));
    }

    #[tokio::test]
    async fn a_lock_that_cannot_be_read_counts_as_held() {
        let directory = TempDir::new().unwrap();
        ensure_free(directory.path(), &key()).await.unwrap();
        std::fs::create_dir(directory.path().join("ryzeapi-test.lock")).unwrap();
        assert!(ensure_free(directory.path(), &key()).await.is_err());
        assert!(matches!(taken(&directory).await, Err(LockError::Failed { .. })));
    }

    #[rstest]
    #[case(Errno::NOSYS, "lock-no-locks")]
    #[case(Errno::OPNOTSUPP, "lock-no-locks")]
    #[case(Errno::NOLCK, "lock-no-locks")]
    #[case(Errno::ACCESS, "lock-failed")]
    fn a_file_system_without_locks_is_reported_as_such(#[case] errno: Errno, #[case] key: &str) {
        let error = io::Error::from_raw_os_error(errno.raw_os_error());
        assert_eq!(LockError::of(Path::new("/state/one.lock"), &error.into()).message().key(), key);
    }

    #[test]
    fn a_link_in_place_of_the_lock_is_reported_as_unsafe() {
        let link = FileError::Link("/state/one.lock".into());
        assert_eq!(LockError::of(Path::new("/state/one.lock"), &link).message().key(), "lock-unsafe");
    }

    proptest::proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn property_a_lock_with_any_content_can_be_taken(text in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let directory = TempDir::new().unwrap();
            let path = directory.path().join("ryzeapi-test.lock");
            std::fs::write(&path, &text).unwrap();
            let _ = holder(&mut File::open(&path).unwrap());
            proptest::prop_assert!(matches!(attempt(&path, Millis(5)), Ok(Attempt::Taken(_))));
        }
    }
}
