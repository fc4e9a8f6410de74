//! Why the store failed, as messages that explain how to fix it.

use std::{
    error::Error,
    fmt,
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

use crate::{
    domain::sentence::{Part, Sentence, Tell},
    engine::journal::JournalError,
    files::{FileError, own},
};

/// How many bytes to try to write after a failed write; more than a step of an operation needs.
const PROBE: usize = 1024 * 1024;

/// Why the store could not be opened, read or written.
#[derive(Debug)]
pub enum StoreError {
    /// Something else is in the directory's place.
    NoDirectory(PathBuf),
    /// The directory or the file cannot be written.
    NotWritable(PathBuf, Part),
    /// Another user could have put the directory or a file there.
    Unsafe(PathBuf, Sentence),
    /// The file system does not support locks, so two processes could write at once.
    NoLocks(PathBuf),
    /// There is no space left.
    DiskFull(PathBuf),
    /// A later version of Synod created it.
    Newer {
        /// The file.
        file: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// It is not a journal, or it is damaged.
    Damaged(PathBuf),
    /// Another program held it for too long.
    Busy(PathBuf),
    /// Another Synod recorded something at the same position.
    Conflict(PathBuf),
    /// It was removed or replaced while it was open: everything written to it is lost.
    Gone(PathBuf),
    /// The work on it was aborted.
    Interrupted(PathBuf),
    /// Anything else, in the words of the database.
    Other(PathBuf, String),
}

impl StoreError {
    /// Why the file, or its directory, cannot be used.
    pub(super) fn file(file: &Path, error: &FileError) -> Self {
        let file = file.to_owned();
        match error.kind() {
            _ if error.is_unsafe() => Self::Unsafe(file, error.sentence()),
            Some(kind) if is_full(kind) => Self::DiskFull(file),
            Some(ErrorKind::NotADirectory | ErrorKind::AlreadyExists) => {
                Self::NoDirectory(file.parent().unwrap_or(&file).to_owned())
            }
            _ => Self::NotWritable(file, error.sentence().into()),
        }
    }

    pub(super) fn sqlite(file: &Path, error: &rusqlite::Error) -> Self {
        Self::of_database(file, error, own::cannot_lock)
    }

    /// The same; `cannot_lock` returns whether files in a folder cannot be locked, which the database reports as a lock that
    /// another program holds.
    fn of_database(file: &Path, error: &rusqlite::Error, cannot_lock: impl Fn(&Path) -> bool) -> Self {
        let file = file.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(file),
            // For these errors the database does not report the system's error.
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) if nothing_fits(&file) => {
                Self::DiskFull(file)
            }
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::NotWritable(file, Sentence::new("store-read-only").into())
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(file),
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::SystemIoFailure
                | ErrorCode::FileLockingProtocolFailed,
            ) if file.parent().is_some_and(&cannot_lock) => Self::NoLocks(file),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(file),
            Some(ErrorCode::ConstraintViolation) => Self::Conflict(file),
            _ => Self::Other(file, error.to_string()),
        }
    }
}

/// Whether an error means that there is no space: on the disk, in the owner's quota, or in a file that has reached its maximum
/// size.
fn is_full(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

/// Whether there is no space next to the journal, in a file as long as the longest of the journal's files: writes a little data
/// there, and removes it.
fn nothing_fits(file: &Path) -> bool {
    let written = || {
        let parts = ["", "-wal", "-shm"].map(|end| {
            let mut part = file.as_os_str().to_owned();
            part.push(end);
            part
        });
        let lengths = parts.iter().filter_map(|part| Some(Path::new(part).metadata().ok()?.len()));
        let longest = lengths.max().unwrap_or_default();
        let place = file.with_extension(format!("{}.probe", std::process::id()));
        let mut probe = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&place)?;
        // The file has no name any more, so it disappears when the probe ends.
        fs::remove_file(&place)?;
        probe.seek(SeekFrom::Start(longest))?;
        probe.write_all(&vec![1; PROBE])?;
        probe.sync_data()
    };
    written().is_err_and(|error: io::Error| is_full(error.kind()))
}

impl Tell for StoreError {
    fn sentence(&self) -> Sentence {
        let (key, file) = match self {
            Self::NoDirectory(file) => ("store-no-directory", file),
            Self::NotWritable(file, _) => ("store-not-writable", file),
            Self::Unsafe(file, _) => ("store-unsafe", file),
            Self::NoLocks(file) => ("store-no-locks", file),
            Self::DiskFull(file) => ("store-disk-full", file),
            Self::Newer { file, .. } => ("store-newer", file),
            Self::Damaged(file) => ("store-damaged", file),
            Self::Busy(file) => ("store-busy", file),
            Self::Conflict(file) => ("store-conflict", file),
            Self::Gone(file) => ("store-gone", file),
            Self::Interrupted(file) => ("store-interrupted", file),
            Self::Other(file, _) => ("store-other", file),
        };
        let sentence = Sentence::new(key).put("file", file.display().to_string());
        match self {
            Self::Unsafe(_, why) => sentence.put("why", why.clone()),
            Self::NotWritable(_, why) => sentence.put("why", why.clone()),
            Self::Other(_, why) => sentence.put("why", why.as_str()),
            Self::Newer { found, known, .. } => {
                sentence.put("found", found.to_string()).put("known", known.to_string())
            }
            _ => sentence,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}

impl Error for StoreError {}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        Self::new(error.sentence())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use rusqlite::ffi;

    use super::*;

    #[rstest]
    #[case::full(ffi::SQLITE_FULL, "store-disk-full")]
    #[case::read_only(ffi::SQLITE_READONLY, "store-not-writable")]
    #[case::no_rights(ffi::SQLITE_CANTOPEN, "store-not-writable")]
    #[case::damaged(ffi::SQLITE_CORRUPT, "store-damaged")]
    #[case::held(ffi::SQLITE_BUSY, "store-busy")]
    #[case::anything_else(ffi::SQLITE_IOERR, "store-other")]
    fn a_failure_is_told_as_what_it_is(#[case] code: i32, #[case] key: &str) {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        let told = StoreError::sqlite(Path::new("/state/synod.db"), &error).sentence();
        assert_eq!(told.key(), key);
        assert_eq!(told.parts()[0], ("file", "/state/synod.db".into()));
    }

    #[rstest]
    #[case::held(ffi::SQLITE_BUSY)]
    #[case::locked(ffi::SQLITE_LOCKED)]
    #[case::failed(ffi::SQLITE_IOERR)]
    #[case::protocol(ffi::SQLITE_PROTOCOL)]
    fn a_file_system_without_locks_is_told_as_such(#[case] code: i32) {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        let told = StoreError::of_database(Path::new("/state/synod.db"), &error, |folder| {
            folder == Path::new("/state")
        });
        assert_eq!(told.sentence().key(), "store-no-locks");
    }

    #[rstest]
    #[case::disk(ErrorKind::StorageFull)]
    #[case::share(ErrorKind::QuotaExceeded)]
    #[case::limit_of_a_file(ErrorKind::FileTooLarge)]
    fn what_does_not_fit_is_told_as_a_full_disk(#[case] kind: ErrorKind) {
        let told = StoreError::file(Path::new("/state/synod.db"), &io::Error::from(kind).into()).sentence();
        assert_eq!(told.key(), "store-disk-full");
    }

    #[test]
    fn a_failure_where_there_is_room_is_no_full_disk() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("synod.db");
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_WRITE), None);
        assert_eq!(StoreError::sqlite(&file, &error).sentence().key(), "store-other");
    }
}
