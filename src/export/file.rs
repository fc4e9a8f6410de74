//! How Synod writes a file: readable by its owner only, completely or not at all.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Writes a new file; an existing one stays, with [`io::ErrorKind::AlreadyExists`].
pub fn create(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    let written = new.write_all(content).and_then(|()| new.sync_all());
    if written.is_err() {
        // If the file cannot be removed either, its content is at least known to be incomplete.
        let _ = fs::remove_file(file);
    }
    written
}

/// Writes new files. If one of them cannot be written, none of them stays.
pub fn create_all(files: &[(PathBuf, String)]) -> io::Result<()> {
    for (at, (file, content)) in files.iter().enumerate() {
        if let Err(error) = create(file, content.as_bytes()) {
            for (written, _) in &files[..at] {
                // The first error is the one that matters.
                let _ = fs::remove_file(written);
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Writes a temporary file next to the target, then moves it over any existing file; a link to a file stays a link. A target
/// that is not a file, such as a terminal or a pipe, is written to directly.
pub fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    match fs::metadata(file) {
        Ok(there) if !there.is_file() => OpenOptions::new().write(true).open(file)?.write_all(content),
        Ok(_) => replace_file(&fs::canonicalize(file)?, content),
        Err(_) => replace_file(file, content),
    }
}

fn replace_file(file: &Path, content: &[u8]) -> io::Result<()> {
    let folder = file.parent().ok_or(io::ErrorKind::InvalidInput)?;
    // An error of `tempfile_in` would name the temporary file.
    let open = |path: &Path| OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut new = tempfile::Builder::new().prefix(".synod-").make_in(folder, open)?;
    new.as_file_mut().write_all(content)?;
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_file_is_replaced_and_the_link_to_it_stays() {
        let folder = TempDir::new().unwrap();
        let (file, link) = (folder.path().join("plan.json"), folder.path().join("newest.json"));
        symlink(&file, &link).unwrap();
        replace(&file, b"one").unwrap();
        replace(&link, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn an_error_does_not_name_the_temporary_file() {
        let folder = TempDir::new().unwrap();
        let no_folder = replace(&folder.path().join("none/plan.json"), b"one").unwrap_err();
        let no_name = replace(&folder.path().join("x".repeat(300)), b"one").unwrap_err();
        for error in [no_folder, no_name] {
            assert!(error.raw_os_error().is_some(), "{error}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_special_file_is_written_to_and_stays() {
        let folder = TempDir::new().unwrap();
        let link = folder.path().join("nowhere");
        symlink("/dev/null", &link).unwrap();
        replace(&link, b"one").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        assert!(replace(folder.path(), b"one").is_err(), "a folder is none of both");
    }
}
