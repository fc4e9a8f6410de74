//! Why the store failed, as sentences that say what to do.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::engine::journal::JournalError;

/// Why the store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something else stands where the directory should be.
    #[error(
        "the state directory {0} is not a directory: move what stands there away, or choose another with --state-dir"
    )]
    NoDirectory(PathBuf),
    /// The directory or the file cannot be written.
    #[error(
        "the journal {0} cannot be written: {1}. Give yourself the right to write there, or choose another directory with --state-dir"
    )]
    NotWritable(PathBuf, String),
    /// Nothing more fits.
    #[error("the journal {0} cannot be written: the disk is full. Make room, then start Synod again")]
    DiskFull(PathBuf),
    /// A later version of Synod made it.
    #[error(
        "the journal {file} was written by a newer Synod (format {found}, this one knows {known}): use that version, or choose another directory with --state-dir"
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that is known.
        known: i64,
    },
    /// It is no journal, or a damaged one.
    #[error(
        "the journal {0} is damaged, or no journal: move it away to begin a new one, and keep it, for it tells what was sent"
    )]
    Damaged(PathBuf),
    /// Another program holds it for too long.
    #[error("the journal {0} is held by another program: wait until it has ended, then try again")]
    Busy(PathBuf),
    /// Another Synod recorded something in the same place.
    #[error(
        "the journal {0} already holds another event in that place: another Synod writes to the same operation, so let only one go on"
    )]
    Conflict(PathBuf),
    /// The work on it was cut short.
    #[error("the work on the journal {0} was cut short: start Synod again, it reads what was recorded")]
    Interrupted(PathBuf),
    /// Anything else, in the words of the database.
    #[error(
        "the journal {0} could not be used: {1}. Try again, or choose another directory with --state-dir"
    )]
    Other(PathBuf, String),
}

impl StoreError {
    pub(super) fn io(file: &Path, error: &std::io::Error) -> Self {
        let file = file.to_owned();
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull(file),
            std::io::ErrorKind::NotADirectory | std::io::ErrorKind::AlreadyExists => {
                Self::NoDirectory(file.parent().unwrap_or(&file).to_owned())
            }
            _ => Self::NotWritable(file, error.to_string()),
        }
    }

    pub(super) fn sqlite(file: &Path, error: &rusqlite::Error) -> Self {
        let file = file.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(file),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::NotWritable(file, "it is read-only, or its directory is".to_owned())
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(file),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(file),
            Some(ErrorCode::ConstraintViolation) => Self::Conflict(file),
            _ => Self::Other(file, error.to_string()),
        }
    }
}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use rusqlite::ffi;

    use super::*;

    #[rstest]
    #[case::full(ffi::SQLITE_FULL, "the disk is full. Make room")]
    #[case::read_only(ffi::SQLITE_READONLY, "read-only, or its directory is. Give yourself the right")]
    #[case::no_rights(ffi::SQLITE_CANTOPEN, "choose another directory with --state-dir")]
    #[case::damaged(ffi::SQLITE_CORRUPT, "move it away")]
    #[case::held(ffi::SQLITE_BUSY, "held by another program")]
    #[case::anything_else(ffi::SQLITE_IOERR, "Try again")]
    fn a_failure_says_what_to_do(#[case] code: i32, #[case] says: &str) {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        let words = StoreError::sqlite(Path::new("/state/synod.db"), &error).to_string();
        assert!(words.contains(says) && words.contains("/state/synod.db"), "{words}");
    }
}
