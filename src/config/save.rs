//! Writes a changed configuration, and new secrets into files beside it. `edit` makes the new text, and
//! `files::replace` keeps changes that somebody else makes meanwhile.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

use super::{
    edit::{ConfigText, EditError, SecretReference},
    error::unreadable,
    file::LONGEST,
};
use crate::{
    domain::message::{Message, ToMessage},
    files::{
        FileError, own,
        replace::{self, ReplaceError},
    },
};

/// The folder of the secrets, beside the configuration.
const FOLDER: &str = "secrets";
/// The ends of the names of secret files.
pub(super) const KINDS: [&str; 3] = [INSTANCE, TOKEN, CLIENT_TOKEN];
pub(super) const INSTANCE: &str = "instance";
pub(super) const TOKEN: &str = "token";
pub(super) const CLIENT_TOKEN: &str = "client-token";
/// How many files with the same name are accepted before giving up.
const MOST_NAMES: usize = 1000;

/// Why a configuration or a secret was not written. The configuration is unchanged.
#[derive(Debug)]
pub enum SaveError {
    Edit(EditError),
    /// It cannot be read.
    Unread {
        path: PathBuf,
        why: FileError,
    },
    /// It cannot be written.
    Unwritten {
        path: PathBuf,
        why: FileError,
    },
    /// Other programs keep changing it.
    Busy {
        path: PathBuf,
    },
}

impl ToMessage for SaveError {
    fn message(&self) -> Message {
        let at = |key, path: &Path| Message::new(key).put("path", path.display().to_string());
        match self {
            Self::Edit(error) => error.message(),
            Self::Unread { path, why } => unreadable("config-unreadable", path, why),
            Self::Unwritten { why, .. } if why.is_unsafe() => {
                Message::new("save-unsafe").put("why", why.message())
            }
            Self::Unwritten { path, why } => at("save-unwritten", path).put("why", why.message()),
            Self::Busy { path } => at("save-busy", path),
        }
    }
}

/// The text of a configuration; empty if there is no file.
pub fn read(path: &Path) -> Result<String, SaveError> {
    let read = replace::content(path, LONGEST);
    read.map(Option::unwrap_or_default).map_err(|why| SaveError::Unread { path: path.to_owned(), why })
}

/// Creates the folder of a configuration, for the owner only, if it does not exist.
pub fn prepare(path: &Path) -> Result<(), SaveError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let created = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    created.map_err(|error| SaveError::Unwritten { path: folder.to_owned(), why: error.into() })
}

/// Changes a configuration in one step. If somebody else changes the file meanwhile, the newer text is edited.
pub fn save(
    path: &Path,
    mut edit: impl FnMut(ConfigText<'_>) -> Result<String, EditError>,
) -> Result<(), SaveError> {
    let replaced = replace::replace(path, LONGEST, |text| edit(ConfigText { path, text }));
    let path = || path.to_owned();
    replaced.map_err(|error| match error {
        ReplaceError::Unread(why) => SaveError::Unread { path: path(), why },
        ReplaceError::Unwritten(why) => SaveError::Unwritten { path: path(), why },
        ReplaceError::Busy => SaveError::Busy { path: path() },
        ReplaceError::Refused(error) => SaveError::Edit(error),
    })
}

/// A new file with a secret. Unless it is kept, it is removed again.
#[derive(Debug)]
pub struct SecretFile {
    path: PathBuf,
    /// Its path as the configuration names it.
    relative: String,
    is_kept: bool,
}

impl SecretFile {
    /// Writes a secret into a new file `secrets/LABEL.KIND` beside a configuration, for its owner only. An existing file is never
    /// overwritten: the new one gets a number.
    pub fn create(config: &Path, label: &str, kind: &str, secret: &SecretString) -> Result<Self, SaveError> {
        let beside = config.parent().unwrap_or(Path::new(""));
        let folder = beside.join(FOLDER);
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |why: FileError| SaveError::Unwritten { path, why }
        };
        own::inner_folder(&folder).map_err(failed(&folder))?;
        let stem = stem(label);
        for number in 1..MOST_NAMES {
            let name = if number == 1 { format!("{stem}.{kind}") } else { format!("{stem}-{number}.{kind}") };
            let path = folder.join(&name);
            let mut file = match own::open(&path, OpenOptions::new().write(true).create_new(true)) {
                Err(FileError::Link(_)) => continue,
                Err(why) if why.kind() == Some(ErrorKind::AlreadyExists) => continue,
                opened => opened.map_err(failed(&path))?,
            };
            // From now on the file is removed if anything fails.
            let created = Self { path, relative: format!("{FOLDER}/{name}"), is_kept: false };
            let text = format!("{}\n", secret.expose_secret());
            let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
            written.map_err(|error| failed(&created.path)(error.into()))?;
            return Ok(created);
        }
        Err(SaveError::Busy { path: folder })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the configuration refers to it.
    pub fn reference(&self) -> SecretReference {
        SecretReference::File(self.relative.clone())
    }

    /// Keeps the file: the configuration refers to it.
    pub fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = fs::remove_file(&self.path);
            // It fails if the folder holds other secrets.
            let _ = self.path.parent().map(fs::remove_dir);
        }
    }
}

/// Removes files that [`SecretFile::create`] made and no entry uses any more. It does not matter if one of them is gone already.
pub(super) fn remove_secrets(config: &Path, files: &[String]) {
    let folder = config.parent().unwrap_or(Path::new("")).join(FOLDER);
    for file in files {
        let name = file.strip_prefix(FOLDER).and_then(|name| name.strip_prefix('/')).unwrap_or_default();
        let is_own = |kind: &str| name.strip_suffix(kind).is_some_and(|stem| stem.ends_with('.'));
        let path = folder.join(name);
        let is_file = || path.symlink_metadata().is_ok_and(|found| found.is_file());
        if !name.contains('/') && !name.starts_with('.') && KINDS.into_iter().any(is_own) && is_file() {
            let _ = fs::remove_file(path);
        }
    }
}

/// The reference to the secret file that an entry with this name usually gets.
pub fn usual_reference(label: &str, kind: &str) -> SecretReference {
    SecretReference::File(format!("{FOLDER}/{}.{kind}", stem(label)))
}

/// A label as the beginning of a file's name.
fn stem(label: &str) -> String {
    let fits = |c: char| if c.is_alphanumeric() || c == '_' { c } else { '-' };
    let stem: String = label.chars().map(fits).collect();
    let stem = stem.trim_matches('-');
    if stem.is_empty() { "instance".to_owned() } else { stem.to_owned() }
}
