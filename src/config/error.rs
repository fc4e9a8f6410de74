//! The possible mistakes in a configuration. No message repeats a value of the file, because any value may be a secret: it has
//! a line number, our own words and a correct example.

use std::{
    error::Error,
    fmt,
    path::{Path, PathBuf},
};

use super::file;
use crate::{
    domain::message::{Message, ToMessage},
    files::FileError,
};

/// Why no configuration is available.
#[derive(Debug)]
pub enum ConfigError {
    /// The file at the default place does not exist.
    None { path: PathBuf },
    /// The requested file does not exist.
    Missing { path: PathBuf },
    /// The file cannot be read.
    Unreadable { path: PathBuf, source: FileError },
    /// A theme's file cannot be read.
    ThemeUnreadable { path: PathBuf, source: FileError },
    /// The file names no instance.
    NoInstances { path: PathBuf },
    /// The folder of the configuration or of the state cannot be determined.
    NoHome {
        /// The environment variable that would name it.
        variable: &'static str,
        /// The argument that would name it.
        flag: &'static str,
    },
    /// Something in the file is wrong.
    Invalid(Problem),
}

/// Something wrong in the configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The mistake, without any value of the file.
    pub what: Message,
    pub example: String,
}

impl ToMessage for ConfigError {
    fn message(&self) -> Message {
        match self {
            Self::None { path } => Message::new("config-none")
                .put("path", path.display().to_string())
                .put("begin", file::how_to_begin()),
            Self::Missing { path } => Message::new("config-missing")
                .put("path", path.display().to_string())
                .put("begin", file::how_to_begin()),
            Self::Unreadable { path, source } => unreadable("config-unreadable", path, source),
            Self::ThemeUnreadable { path, source } => unreadable("config-theme-unreadable", path, source),
            Self::NoInstances { path } => Message::new("config-no-instances")
                .put("path", path.display().to_string())
                .put("begin", file::how_to_begin()),
            Self::NoHome { variable, flag } => {
                Message::new("config-no-home").put("variable", *variable).put("flag", *flag)
            }
            Self::Invalid(problem) => problem.message(),
        }
    }
}

/// Why a file cannot be read; `key` is the message if the system refused it.
pub(super) fn unreadable(key: &'static str, path: &Path, why: &FileError) -> Message {
    let path = path.display().to_string();
    match why {
        FileError::NotRegular => Message::new("config-no-file").put("path", path),
        FileError::TooLong(_) => Message::new("config-too-long").put("path", path),
        FileError::NoText { .. } => Message::new("config-no-text").put("path", path),
        why if why.is_unsafe() => Message::new("config-unsafe").put("why", why.message()),
        why => Message::new(key).put("path", path).put("why", why.message()),
    }
}

impl ToMessage for Problem {
    fn message(&self) -> Message {
        Message::new("config-problem")
            .put("path", self.path.display().to_string())
            .put("line", self.line.to_string())
            .put("what", self.what.clone())
            .put("example", self.example.as_str())
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self::Invalid(problem)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}

impl Error for ConfigError {}
