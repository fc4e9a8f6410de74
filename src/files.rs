//! Files at the edge of the program. This module owns how a file that a user names is read (`read`: only regular files, up to a size
//! limit), who may have written the files that the program obeys (`trust`), how Synod's own files are opened (`own`: never through a
//! link, for the owner only), and how a file of the user is replaced (`replace`). It knows no format. `export::file` writes the files
//! that a user names.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use crate::domain::{
    command::quoted,
    message::{Message, ToMessage},
};

pub mod own;
mod read;
pub mod replace;
pub mod trust;

pub use read::{Input, MIB, bounded, open, text_of, text_of_input, trusted};
pub use trust::Distrust;

/// Why a file is not used.
#[derive(Debug)]
pub enum FileError {
    /// The system cannot open, read or write it.
    System(io::Error),
    /// It is not a regular file: a pipe may never end, a device has no end.
    NotRegular,
    /// It is longer than this many bytes.
    TooLong(u64),
    /// It does not contain UTF-8 text.
    NoText {
        /// The first line that is not UTF-8, counted from 1.
        line: usize,
    },
    /// It is one of Synod's own files, and a symbolic link is in its place.
    Link(PathBuf),
    /// It is one of Synod's own files, and the same file has another name too.
    HardLinks(PathBuf),
    /// Somebody else owns it or can write it.
    Distrusted(Distrust),
}

impl FileError {
    /// The system's kind of error, if the system reported one.
    pub fn kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::System(error) => Some(error.kind()),
            _ => None,
        }
    }

    /// Whether it was rejected only because somebody else could have put it there.
    pub fn is_unsafe(&self) -> bool {
        matches!(self, Self::Link(_) | Self::HardLinks(_) | Self::Distrusted(_))
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<Distrust> for FileError {
    fn from(distrust: Distrust) -> Self {
        Self::Distrusted(distrust)
    }
}

impl ToMessage for FileError {
    /// The reason, in words that follow a colon.
    fn message(&self) -> Message {
        match self {
            Self::System(error) => Message::new("file-system").put("why", error.to_string()),
            Self::NotRegular => Message::new("file-not-regular"),
            Self::TooLong(most) => Message::new("file-too-long").put("most", size(*most)),
            Self::NoText { line } => Message::new("file-no-text").put("line", line.to_string()),
            Self::Link(path) => Message::new("file-link")
                .put("path", path.display().to_string())
                .put("quoted", quoted_path(path)),
            Self::HardLinks(path) => Message::new("file-hard-links")
                .put("path", path.display().to_string())
                .put("quoted", quoted_path(path)),
            Self::Distrusted(distrust) => distrust.message(),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}

impl std::error::Error for FileError {}

fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    if bytes < MIB { format!("{} KiB", bytes / KIB) } else { format!("{} MiB", bytes / MIB) }
}

/// A path as one word for a shell.
fn quoted_path(path: &Path) -> String {
    quoted(&path.display().to_string())
}
