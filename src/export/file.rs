//! How a file of ours is written: for its owner alone, whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Writes a new file; what stands there already stays, with [`io::ErrorKind::AlreadyExists`].
pub fn create(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    let written = new.write_all(content).and_then(|()| new.sync_all());
    if written.is_err() {
        // What cannot be taken away either is at least known to be incomplete.
        let _ = fs::remove_file(file);
    }
    written
}

/// Writes beside the file, then puts it in its place, whatever stands there.
pub fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.new", std::process::id()));
    let beside: PathBuf = file.with_file_name(beside);
    let write = || {
        let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        new.write_all(content)?;
        new.sync_all()?;
        fs::rename(&beside, file)
    };
    let written = write();
    if written.is_err() {
        // What cannot be taken away either is an empty file with a telling name.
        let _ = fs::remove_file(&beside);
    }
    written
}
