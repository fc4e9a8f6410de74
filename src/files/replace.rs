//! Replaces a file that the user owns, in one step: a reader sees the old content or the new content, also after a crash.
//! It does not overwrite a change that somebody else makes meanwhile.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::fs::{FlockOperation, flock};

use super::{FileError, open, trusted};

/// How long to wait for another Synod that replaces a file in the same folder.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a change by somebody else is accepted before giving up.
const MOST_TRIES: usize = 20;
/// The system follows no more links.
const MOST_LINKS: usize = 40;

/// Why a file was not replaced. It is unchanged.
#[derive(Debug)]
pub enum ReplaceError<E> {
    /// It cannot be read.
    Unread(FileError),
    /// The new content cannot be written.
    Unwritten(FileError),
    /// It changes again and again, or another Synod holds the lock.
    Busy,
    /// There is no new content.
    Refused(E),
}

/// The content of a regular, trusted file of at most `most` bytes; `None` if it does not exist.
pub fn content(path: &Path, most: u64) -> Result<Option<String>, FileError> {
    match open(path) {
        Ok(input) => input.trusted()?.text(most).map(Some),
        Err(error) if error.kind() == Some(ErrorKind::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Replaces the content of a file by what `change` makes of it; it starts with an empty text if there is no file. If the file
/// changes meanwhile, `change` gets the newer text. The new file is for its owner only. A link to the file stays, and its
/// target is replaced. Missing folders are created for the owner only.
pub fn replace<E>(
    path: &Path,
    most: u64,
    mut change: impl FnMut(&str) -> Result<String, E>,
) -> Result<(), ReplaceError<E>> {
    let unwritten = |error: io::Error| ReplaceError::Unwritten(error.into());
    let path = &target(path).map_err(unwritten)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unwritten)?;
    let _lock = lock(folder)?;
    for _ in 0..MOST_TRIES {
        let old = content(path, most).map_err(ReplaceError::Unread)?;
        let new = change(old.as_deref().unwrap_or_default()).map_err(ReplaceError::Refused)?;
        let mut temporary =
            tempfile::Builder::new().prefix(".synod-").tempfile_in(folder).map_err(unwritten)?;
        temporary.write_all(new.as_bytes()).map_err(unwritten)?;
        temporary.as_file().sync_all().map_err(unwritten)?;
        // The same rules as for the file that takes its place.
        trusted(temporary.path()).map_err(ReplaceError::Unwritten)?;
        if content(path, most).map_err(ReplaceError::Unread)? != old {
            continue;
        }
        let placed = if old.is_some() { temporary.persist(path) } else { temporary.persist_noclobber(path) };
        match placed {
            Ok(_) => {
                // The file is complete; whether its name survives a crash is up to the system if this fails.
                let _ = File::open(folder).and_then(|folder| folder.sync_all());
                return Ok(());
            }
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(unwritten(error.error)),
        }
    }
    Err(ReplaceError::Busy)
}

/// Where the last link leads, whether or not a file is there.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            Ok(next) => path = path.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links"))
}

/// Locks a folder against other Synods that replace files in it; nothing is left behind.
fn lock<E>(folder: &Path) -> Result<File, ReplaceError<E>> {
    let unwritten = |error: io::Error| ReplaceError::Unwritten(error.into());
    let file = File::open(folder).map_err(unwritten)?;
    let until = Instant::now() + PATIENCE;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(io::Error::from) {
            Ok(()) => return Ok(file),
            // A network's file system may lock no folder. Then the comparison before the replacement is all that protects.
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Ok(file),
            Err(_) if Instant::now() >= until => return Err(ReplaceError::Busy),
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}
