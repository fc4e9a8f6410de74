//! Examines the file system around the journal after the database failed, because the database does not report the system's
//! error.

use std::{
    fs::{self, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rusqlite::ErrorCode;

use super::error::{StoreError, Surroundings, is_full};
use crate::files::own;

/// How many bytes to try to write after a failed write; more than a step of an operation needs.
const PROBE: usize = 1_048_576;

/// Why the database failed. Depending on the error, this tries to write and to lock a file beside the journal.
pub(super) fn explain(file: &Path, error: &rusqlite::Error) -> StoreError {
    explain_with(file, error, own::cannot_lock)
}

fn explain_with(file: &Path, error: &rusqlite::Error, cannot_lock: impl Fn(&Path) -> bool) -> StoreError {
    let code = error.sqlite_error_code();
    let is_full =
        matches!(code, Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen)) && nothing_fits(file);
    let is_about_locks = matches!(
        code,
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::SystemIoFailure
                | ErrorCode::FileLockingProtocolFailed
        )
    );
    let has_no_locks = !is_full && is_about_locks && file.parent().is_some_and(cannot_lock);
    StoreError::database(file, error, Surroundings { is_full, has_no_locks })
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

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use rusqlite::ffi;

    use super::*;
    use crate::domain::message::ToMessage;

    #[rstest]
    #[case::held(ffi::SQLITE_BUSY)]
    #[case::locked(ffi::SQLITE_LOCKED)]
    #[case::failed(ffi::SQLITE_IOERR)]
    #[case::protocol(ffi::SQLITE_PROTOCOL)]
    fn a_file_system_without_locks_is_reported_as_such(#[case] code: i32) {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        let found =
            explain_with(Path::new("/state/synod.db"), &error, |folder| folder == Path::new("/state"));
        assert_eq!(found.message().key(), "store-no-locks");
    }

    #[test]
    fn a_failure_with_free_room_is_not_a_full_disk() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("synod.db");
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_WRITE), None);
        assert_eq!(explain(&file, &error).message().key(), "store-other");
    }
}
