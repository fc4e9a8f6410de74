//! The store as a SQLite file on this machine.
//!
//! This module owns the connection and creates the file. The other modules of `store` own the tables and their contents, as methods
//! of [`FileStore`].

use std::{
    fs::OpenOptions,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::{Renamed, StoreError, schema, surroundings};
use crate::{
    domain::writer::Writer,
    files::{FileError, own},
};

/// How long to wait for another Synod that is writing.
const BUSY: Duration = Duration::from_secs(5);
const FILE: &str = "synod.db";
/// The suffixes that the database adds to the file name for its companion files.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The store; clones share one connection, which is opened at first use.
#[derive(Clone, Debug)]
pub struct FileStore {
    shared: Arc<Shared>,
    writer: Option<Writer>,
}

#[derive(Debug)]
struct Shared {
    file: PathBuf,
    /// The keys to rename when the file is opened.
    renamed: Mutex<Vec<Renamed>>,
    connection: Mutex<Option<Opened>>,
}

/// The open file.
#[derive(Debug)]
struct Opened {
    connection: Connection,
    /// The identities of its files: the main file, and the companion that holds the latest writes. The companion exists after
    /// the first write, if the file system supports it.
    identity: [Option<Identity>; 2],
}

/// The identity of a file, to distinguish it from another one of the same name: device and inode.
type Identity = (u64, u64);

/// The work of a transaction. In a box, all work with the same result shares the code around it.
type Work<T> = Box<dyn FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send>;

impl FileStore {
    /// A store in a directory, which is created at first use. Fails if something else is in the directory's place, or if other
    /// users can write to it.
    pub fn open(state_dir: &Path) -> Result<Self, StoreError> {
        Self::open_renaming(state_dir, Vec::new())
    }

    /// The same; also makes everything recorded under an instance's former key available under the present one.
    pub fn open_renaming(state_dir: &Path, renamed: Vec<Renamed>) -> Result<Self, StoreError> {
        if state_dir.exists() && !state_dir.is_dir() {
            return Err(StoreError::NoDirectory(state_dir.to_owned()));
        }
        let file = state_dir.join(FILE);
        if state_dir.exists() {
            own::check_folder(state_dir).map_err(|error| StoreError::file(&file, &error))?;
        }
        let renamed = Mutex::new(renamed);
        let shared = Shared { file, renamed, connection: Mutex::default() };
        Ok(Self { shared: Arc::new(shared), writer: None })
    }

    /// The same store, which records who writes.
    #[must_use]
    pub fn written_by(self, writer: Writer) -> Self {
        Self { writer: Some(writer), ..self }
    }

    pub(super) fn writer(&self) -> Option<&Writer> {
        self.writer.as_ref()
    }

    /// The names of who writes, as they are stored.
    pub(super) fn signature(&self) -> [Option<String>; 2] {
        let writer = self.writer.as_ref();
        [writer.map(|writer| &writer.operator), writer.map(|writer| &writer.host)]
            .map(|name| name.map(|name| name.exact().to_owned()))
    }

    /// Begins to open the file, off this thread; its first use reports what fails.
    pub fn open_ahead(&self) {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || {
            shared.transact(TransactionBehavior::Deferred, Box::new(|_| Ok(())))
        });
    }

    /// Makes everything recorded under former keys of an instance available under the present one.
    pub async fn rename(&self, renamed: Vec<Renamed>) -> Result<(), StoreError> {
        if renamed.is_empty() {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || shared.rename(renamed)).await;
        done.unwrap_or_else(|_| Err(StoreError::Interrupted(self.shared.file.clone())))
    }

    /// The file that holds everything.
    pub fn file(&self) -> &Path {
        &self.shared.file
    }

    /// Writes in one transaction, off the threads that must not block; durable on return.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.transact(TransactionBehavior::Immediate, Box::new(work)).await
    }

    /// Reads in one transaction, concurrently with a writer.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.transact(TransactionBehavior::Deferred, Box::new(work)).await
    }

    /// Rewrites the file so that no removed data remains in it, and empties its companion. Data that another Synod is reading at
    /// this moment may remain; that cannot be avoided, and the removal itself is recorded.
    pub(super) async fn wipe(&self) {
        let shared = Arc::clone(&self.shared);
        let wiped = tokio::task::spawn_blocking(move || {
            let held = shared.connection.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(opened) = &*held else { return };
            for sql in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
                let _ = opened.connection.execute_batch(sql);
            }
        });
        let _ = wiped.await;
    }

    async fn transact<T: Send + 'static>(
        &self,
        behaviour: TransactionBehavior,
        work: Work<T>,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || shared.transact(behaviour, work)).await;
        done.unwrap_or_else(|_| Err(StoreError::Interrupted(self.shared.file.clone())))
    }
}

impl Shared {
    fn rename(&self, renamed: Vec<Renamed>) -> Result<(), StoreError> {
        let mut held = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let done = held.as_mut().map_or(Ok(()), |opened| schema::rename(&mut opened.connection, &renamed));
        // A connection that is opened later renames them too.
        self.renamed.lock().unwrap_or_else(PoisonError::into_inner).extend(renamed);
        done.map_err(|error| surroundings::explain(&self.file, &error))
    }

    fn transact<T>(&self, behaviour: TransactionBehavior, work: Work<T>) -> Result<T, StoreError> {
        let mut held = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = match &mut *held {
            Some(opened) => opened,
            none => {
                let renamed = self.renamed.lock().unwrap_or_else(PoisonError::into_inner);
                none.insert(connect(&self.file, &renamed)?)
            }
        };
        // A file that was removed can still be written to, but everything written is lost.
        opened.check(&self.file)?;
        let done = opened.connection.transaction_with_behavior(behaviour).and_then(|transaction| {
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        });
        let done = done.map_err(|error| surroundings::explain(&self.file, &error));
        if let Err(error) = &done {
            tracing::error!("store failed: {error}");
        }
        // A write is durable only if the file is still there.
        if matches!(behaviour, TransactionBehavior::Immediate) {
            opened.check(&self.file)?;
        }
        done
    }
}

impl Opened {
    /// Checks that the files are still those that were opened, and that nobody has emptied the main one.
    fn check(&mut self, file: &Path) -> Result<(), StoreError> {
        if file.metadata().is_ok_and(|found| found.len() == 0) {
            return Err(StoreError::Gone(file.to_owned()));
        }
        for (known, found) in self.identity.iter_mut().zip(identity(file)) {
            if known.is_some() && *known != found {
                return Err(StoreError::Gone(file.to_owned()));
            }
            *known = found;
        }
        Ok(())
    }
}

/// The identities of the journal's file and of its companion.
fn identity(file: &Path) -> [Option<Identity>; 2] {
    [file, &beside(file, BESIDE[0])].map(|file| {
        let found = file.symlink_metadata().ok()?;
        Some((found.dev(), found.ino()))
    })
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn connect(file: &Path, renamed: &[Renamed]) -> Result<Opened, StoreError> {
    tracing::debug!("store opened: {}", file.display());
    let real = prepare(file).map_err(|error| StoreError::file(file, &error))?;
    let [before, _] = identity(file);
    // The database never follows a symbolic link in place of its companion files; for the main file it needs this flag. It does
    // not create the file: that was done, for the owner only.
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let opened = Connection::open_with_flags(real, flags);
    let mut connection = opened.map_err(|error| surroundings::explain(file, &error))?;
    configure(&connection).map_err(|error| surroundings::explain(file, &error))?;
    schema::migrate(&mut connection, file)?;
    schema::rename(&mut connection, renamed).map_err(|error| surroundings::explain(file, &error))?;
    // The caller checks that the file is still the one from before.
    Ok(Opened { connection, identity: [before, None] })
}

/// Creates the directory and the file for the owner only, before anything is in them, and checks that the owner owns all files.
/// Returns the file's path without symbolic links; folders above it may be links.
fn prepare(file: &Path) -> Result<PathBuf, FileError> {
    let directory = file.parent().unwrap_or(Path::new("."));
    own::folder(directory)?;
    own::open(file, OpenOptions::new().read(true).write(true).create(true).truncate(false))?;
    BESIDE.iter().try_for_each(|end| own::check(&beside(file, end)))?;
    Ok(directory.canonicalize()?.join(FILE))
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    // The answer is the mode that is in effect: a file system without shared memory keeps another mode, which is equally durable.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Removed data is overwritten: an invite link is a secret.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    connection.pragma_update(None, "foreign_keys", true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_durable_and_keeps_its_tables_consistent() {
        let directory = tempfile::tempdir().unwrap();
        let connection = connect(&directory.path().join(FILE), &[]).unwrap().connection;
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        // 2 is FULL: a commit returns when the write-ahead log is on disk.
        assert_eq!((number("synchronous"), number("foreign_keys"), number("secure_delete")), (2, 1, 1));
        let mode = connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
        assert_eq!(mode.unwrap(), "wal");
    }
}
