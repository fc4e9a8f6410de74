//! Why the store failed, as messages that explain how to fix it.

use std::{
    error::Error,
    fmt,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

use super::server::ServerFault;
use crate::{
    domain::message::{Message, Part, ToMessage},
    engine::journal::JournalError,
    files::FileError,
};

/// Why the store could not be opened, read or written.
#[derive(Clone, Debug)]
pub enum StoreError {
    /// Something else is in the directory's place.
    NoDirectory(PathBuf),
    /// The directory or the file cannot be written.
    NotWritable(PathBuf, Part),
    /// Another user could have put the directory or a file there.
    Unsafe(PathBuf, Message),
    /// The file system does not support locks, so two processes could write at once.
    NoLocks(PathBuf),
    /// There is no space left.
    DiskFull(PathBuf),
    /// A later version of Synod created it.
    Newer {
        file: PathBuf,
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
    /// The server failed.
    Server {
        fault: ServerFault,
        /// The server, without secrets.
        server: String,
        /// The reason, in the words of the server or the system.
        why: String,
    },
}

/// What an examination of the file system around the journal found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Surroundings {
    /// There is no space for another step.
    pub(super) is_full: bool,
    /// Files in the folder cannot be locked, which the database reports as a lock that another program holds.
    pub(super) has_no_locks: bool,
}

impl StoreError {
    /// Whether a new connection may help.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Server { fault, .. } if fault.is_passing())
    }

    /// Why the file, or its directory, cannot be used.
    pub(super) fn file(file: &Path, error: &FileError) -> Self {
        let file = file.to_owned();
        match error.kind() {
            _ if error.is_unsafe() => Self::Unsafe(file, error.message()),
            Some(kind) if is_full(kind) => Self::DiskFull(file),
            Some(ErrorKind::NotADirectory | ErrorKind::AlreadyExists) => {
                Self::NoDirectory(file.parent().unwrap_or(&file).to_owned())
            }
            _ => Self::NotWritable(file, error.message().into()),
        }
    }

    /// Why the database failed, given what an examination of the file's surroundings found.
    pub(super) fn database(file: &Path, error: &rusqlite::Error, found: Surroundings) -> Self {
        let file = file.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(file),
            _ if found.is_full => Self::DiskFull(file),
            _ if found.has_no_locks => Self::NoLocks(file),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::NotWritable(file, Message::new("store-read-only").into())
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(file),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(file),
            Some(ErrorCode::ConstraintViolation) => Self::Conflict(file),
            _ => Self::Other(file, error.to_string()),
        }
    }
}

/// Whether an error means that there is no space: on the disk, in the owner's quota, or in a file that has reached its maximum
/// size.
pub(super) fn is_full(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

impl ToMessage for StoreError {
    fn message(&self) -> Message {
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
            Self::Server { fault, server, why } => {
                return Message::new(fault.key()).put("server", server.as_str()).put("why", why.as_str());
            }
        };
        let message = Message::new(key).put("file", file.display().to_string());
        match self {
            Self::Unsafe(_, why) => message.put("why", why.clone()),
            Self::NotWritable(_, why) => message.put("why", why.clone()),
            Self::Other(_, why) => message.put("why", why.as_str()),
            Self::Newer { found, known, .. } => {
                message.put("found", found.to_string()).put("known", known.to_string())
            }
            _ => message,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}

impl Error for StoreError {}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        if error.is_passing() { Self::passing(error.message()) } else { Self::new(error.message()) }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use std::io;

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
        let message =
            StoreError::database(Path::new("/state/synod.db"), &error, Surroundings::default()).message();
        assert_eq!(message.key(), key);
        assert_eq!(message.parts()[0], ("file", "/state/synod.db".into()));
    }

    #[test]
    fn a_failure_on_a_full_disk_is_told_as_one() {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR), None);
        let found = Surroundings { is_full: true, has_no_locks: false };
        let told = StoreError::database(Path::new("/state/synod.db"), &error, found).message();
        assert_eq!(told.key(), "store-disk-full");
    }

    #[rstest]
    #[case::a_file_on_the_way(ErrorKind::NotADirectory)]
    #[case::a_file_in_its_place(ErrorKind::AlreadyExists)]
    fn something_else_in_place_of_the_directory_is_told_as_that(#[case] kind: ErrorKind) {
        let told = StoreError::file(Path::new("/state/synod.db"), &io::Error::from(kind).into()).message();
        assert_eq!((told.key(), told.parts()), ("store-no-directory", &[("file", "/state".into())][..]));
    }

    #[test]
    fn an_unsafe_file_is_told_with_the_reason() {
        let link = FileError::Link("/state/synod.db".into());
        let told = StoreError::file(Path::new("/state/synod.db"), &link).message();
        assert_eq!(told.key(), "store-unsafe");
        assert_eq!(told.parts()[1], ("why", link.message().into()));
    }

    #[test]
    fn a_message_contains_the_words_of_the_database_and_both_formats() {
        let other = StoreError::Other("/state/synod.db".into(), "disk I/O error".to_owned());
        assert_eq!(other.message().parts()[1], ("why", "disk I/O error".into()));
        assert!(other.to_string().contains("disk I/O error"), "{other}");
        let newer = StoreError::Newer { file: "/state/synod.db".into(), found: 9, known: 4 };
        assert_eq!(newer.message().parts()[1..], [("found", "9".into()), ("known", "4".into())]);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_reported_with_the_reason() {
        let why = Message::new("store-read-only");
        let error = StoreError::NotWritable("/state/synod.db".into(), why.clone().into());
        assert_eq!(error.message().parts()[1], ("why", why.into()));
    }

    #[rstest]
    #[case::disk(ErrorKind::StorageFull)]
    #[case::share(ErrorKind::QuotaExceeded)]
    #[case::limit_of_a_file(ErrorKind::FileTooLarge)]
    fn what_does_not_fit_is_told_as_a_full_disk(#[case] kind: ErrorKind) {
        let message = StoreError::file(Path::new("/state/synod.db"), &io::Error::from(kind).into()).message();
        assert_eq!(message.key(), "store-disk-full");
    }
}
