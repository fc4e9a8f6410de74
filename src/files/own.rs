//! Synod's own files: journal, locks, log. They are opened in place and never through a link, so that no other user's file is
//! truncated, overwritten or given another mode. Only their owner can access them.

use std::{
    fs::{DirBuilder, File, Metadata, OpenOptions, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use rustix::{
    fs::{FlockOperation, OFlags, fcntl_lock, flock},
    io::Errno,
};

use super::{FileError, trust};

/// Creates the state directory for the owner only, with all its parents, or checks that an existing one can be used. The
/// directory itself may be a link of the user's.
pub fn folder(path: &Path) -> Result<(), FileError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    check_folder(path)
}

/// Checks that an existing directory can be used: nobody else owns it, or can create or remove anything in it.
pub fn check_folder(path: &Path) -> Result<(), FileError> {
    let named = path.symlink_metadata()?;
    if named.is_symlink() {
        trust::owner(path, &named)?;
    }
    let found = path.metadata()?;
    if !found.is_dir() {
        return Err(io::Error::from(ErrorKind::NotADirectory).into());
    }
    Ok(trust::folder(path, &found)?)
}

/// The same for a directory in the state directory, which must not be a link.
pub fn inner_folder(path: &Path) -> Result<(), FileError> {
    refuse_link(path)?;
    folder(path)
}

/// Opens one of Synod's own files. A new file is accessible to its owner only; an existing one is changed to that mode.
pub fn open(path: &Path, options: &mut OpenOptions) -> Result<File, FileError> {
    // If a pipe is in its place, this must not wait for it.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = options.mode(0o600).custom_flags(flags.bits().cast_signed()).open(path);
    let file = opened.map_err(|error| match refuse_link(path) {
        Err(link @ FileError::Link(_)) => link,
        _ => error.into(),
    })?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(FileError::NotRegular);
    }
    refuse_hard_links(path, &found)?;
    trust::owner(path, &found)?;
    if found.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Checks that a file which other code opens does not exist, or is one of Synod's own.
pub fn check(path: &Path) -> Result<(), FileError> {
    refuse_link(path)?;
    match path.symlink_metadata() {
        Ok(found) if found.is_file() => {
            refuse_hard_links(path, &found)?;
            Ok(trust::owner(path, &found)?)
        }
        Ok(_) => Err(FileError::NotRegular),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn refuse_link(path: &Path) -> Result<(), FileError> {
    match path.symlink_metadata() {
        Ok(found) if found.is_symlink() => Err(FileError::Link(path.to_owned())),
        _ => Ok(()),
    }
}

fn refuse_hard_links(path: &Path, found: &Metadata) -> Result<(), FileError> {
    if found.nlink() > 1 { Err(FileError::HardLinks(path.to_owned())) } else { Ok(()) }
}

/// Whether an error of a lock means that the file system does not support locks.
pub fn has_no_locks(error: &io::Error) -> bool {
    let none = [Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP, Errno::NOLCK];
    none.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Tries with a new file whether files in a folder cannot be locked; false if that cannot be tried.
pub fn cannot_lock(folder: &Path) -> bool {
    probe(folder).is_err_and(|error| has_no_locks(&error))
}

/// Creates a file in a folder, locks it as the journal and as an instance is locked, and removes it.
pub fn probe(folder: &Path) -> io::Result<()> {
    let place = folder.join(format!("synod.{}.probe", std::process::id()));
    let probe = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&place)?;
    std::fs::remove_file(&place)?;
    fcntl_lock(&probe, FlockOperation::NonBlockingLockExclusive)?;
    // On macOS, the two kinds of locks exclude each other, even in one process.
    fcntl_lock(&probe, FlockOperation::Unlock)?;
    Ok(flock(&probe, FlockOperation::NonBlockingLockExclusive)?)
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write, os::unix::fs::symlink};

    use rstest::rstest;
    use tempfile::TempDir;

    use super::*;

    fn writing() -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        options
    }

    #[test]
    fn a_link_is_not_followed_and_its_target_is_unchanged() {
        let folder = TempDir::new().unwrap();
        let (target, link) = (folder.path().join("precious"), folder.path().join("synod.db"));
        fs::write(&target, "precious").unwrap();
        fs::set_permissions(&target, Permissions::from_mode(0o644)).unwrap();
        for target in [target.as_path(), &folder.path().join("nothing")] {
            symlink(target, &link).unwrap();
            assert!(matches!(open(&link, writing().append(true)), Err(FileError::Link(_))));
            assert!(matches!(open(&link, OpenOptions::new().read(true)), Err(FileError::Link(_))));
            assert!(matches!(check(&link), Err(FileError::Link(_))));
            assert!(matches!(inner_folder(&link), Err(FileError::Link(_))));
            fs::remove_file(&link).unwrap();
        }
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
        assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_with_another_name_is_not_opened_and_stays_as_it_is() {
        let folder = TempDir::new().unwrap();
        let (precious, name) = (folder.path().join("precious"), folder.path().join("synod.db"));
        fs::write(&precious, "precious").unwrap();
        fs::set_permissions(&precious, Permissions::from_mode(0o644)).unwrap();
        fs::hard_link(&precious, &name).unwrap();
        assert!(matches!(open(&name, writing().append(true)), Err(FileError::HardLinks(_))));
        assert!(matches!(check(&name), Err(FileError::HardLinks(_))));
        assert_eq!(precious.metadata().unwrap().permissions().mode() & 0o777, 0o644);
        fs::remove_file(&precious).unwrap();
        open(&name, &mut writing()).unwrap();
        check(&name).unwrap();
    }

    #[test]
    fn new_files_are_private_and_open_ones_become_private() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("file");
        let mode = || path.metadata().unwrap().permissions().mode() & 0o777;
        open(&path, &mut writing()).unwrap().write_all(b"x").unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        open(&path, &mut writing()).unwrap();
        assert_eq!((mode(), fs::read_to_string(&path).unwrap().as_str()), (0o600, "x"));
        check(&path).unwrap();
        check(&folder.path().join("none")).unwrap();
    }

    // rustix makes no pipes on macOS.
    #[cfg(not(target_vendor = "apple"))]
    #[test]
    fn what_is_no_file_is_refused() {
        let folder = TempDir::new().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(matches!(open(&pipe, &mut writing()), Err(FileError::NotRegular)));
        assert!(matches!(check(&pipe), Err(FileError::NotRegular)));
        assert!(matches!(check_folder(&pipe), Err(FileError::System(_))));
    }

    #[test]
    fn a_folder_that_others_can_write_is_refused_and_a_private_one_is_created() {
        let above = TempDir::new().unwrap();
        let state = above.path().join("a/state");
        folder(&state).unwrap();
        assert_eq!(state.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        for mode in [0o777, 0o1777, 0o702] {
            fs::set_permissions(&state, Permissions::from_mode(mode)).unwrap();
            assert!(matches!(folder(&state), Err(FileError::Distrusted(_))), "{mode:o}");
        }
        for mode in [0o700, 0o755, 0o500] {
            fs::set_permissions(&state, Permissions::from_mode(mode)).unwrap();
            folder(&state).unwrap();
        }
        // The state directory may be a link to another place; a directory in it must not be a link.
        let link = above.path().join("link");
        symlink(&state, &link).unwrap();
        folder(&link).unwrap();
        assert!(matches!(inner_folder(&link), Err(FileError::Link(_))));
    }

    #[rstest]
    #[case(Errno::NOLCK, true)]
    #[case(Errno::NOTSUP, true)]
    #[case(Errno::OPNOTSUPP, true)]
    #[case(Errno::NOSYS, true)]
    #[case(Errno::WOULDBLOCK, false)]
    #[case(Errno::ACCESS, false)]
    fn a_file_system_without_locks_is_recognised_by_its_error(#[case] errno: Errno, #[case] none: bool) {
        assert_eq!(has_no_locks(&io::Error::from_raw_os_error(errno.raw_os_error())), none);
    }

    #[test]
    fn a_folder_whose_files_can_be_locked_is_unchanged() {
        let folder = TempDir::new().unwrap();
        assert!(!cannot_lock(folder.path()));
        assert!(!cannot_lock(Path::new("/nowhere")));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
