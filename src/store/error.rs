//! Why the store failed, as sentences that say what to do.

use std::{
    error::Error,
    fmt,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

use crate::{
    domain::sentence::{Part, Sentence, Tell},
    engine::journal::JournalError,
};

/// Why the store could not be opened, read or written.
#[derive(Debug)]
pub enum StoreError {
    /// Something else stands where the directory should be.
    NoDirectory(PathBuf),
    /// The directory or the file cannot be written.
    NotWritable(PathBuf, Part),
    /// Nothing more fits.
    DiskFull(PathBuf),
    /// A later version of Synod made it.
    Newer {
        /// The file.
        file: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that is known.
        known: i64,
    },
    /// It is no journal, or a damaged one.
    Damaged(PathBuf),
    /// Another program holds it for too long.
    Busy(PathBuf),
    /// Another Synod recorded something in the same place.
    Conflict(PathBuf),
    /// The work on it was cut short.
    Interrupted(PathBuf),
    /// Anything else, in the words of the database.
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
            _ => Self::NotWritable(file, error.to_string().into()),
        }
    }

    pub(super) fn sqlite(file: &Path, error: &rusqlite::Error) -> Self {
        let file = file.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(file),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::NotWritable(file, Sentence::new("store-read-only").into())
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(file),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(file),
            Some(ErrorCode::ConstraintViolation) => Self::Conflict(file),
            _ => Self::Other(file, error.to_string()),
        }
    }
}

impl Tell for StoreError {
    fn sentence(&self) -> Sentence {
        let (key, file) = match self {
            Self::NoDirectory(file) => ("store-no-directory", file),
            Self::NotWritable(file, _) => ("store-not-writable", file),
            Self::DiskFull(file) => ("store-disk-full", file),
            Self::Newer { file, .. } => ("store-newer", file),
            Self::Damaged(file) => ("store-damaged", file),
            Self::Busy(file) => ("store-busy", file),
            Self::Conflict(file) => ("store-conflict", file),
            Self::Interrupted(file) => ("store-interrupted", file),
            Self::Other(file, _) => ("store-other", file),
        };
        let sentence = Sentence::new(key).put("file", file.display().to_string());
        match self {
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
}
