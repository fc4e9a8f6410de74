//! The possible mistakes in a configuration. No message repeats a value of the file, because any value may be a secret: it has
//! a line number, our own words and a correct example.

use std::{
    error::Error,
    fmt,
    path::{Path, PathBuf},
};

use super::file;
use crate::{
    domain::sentence::{Sentence, Tell},
    files::FileError,
};

/// Why no configuration is available.
#[derive(Debug)]
pub enum ConfigError {
    /// The file at the default place does not exist.
    None {
        /// The expected path.
        path: PathBuf,
    },
    /// The requested file does not exist.
    Missing {
        /// The requested path.
        path: PathBuf,
    },
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: FileError,
    },
    /// A theme's file cannot be read.
    ThemeUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: FileError,
    },
    /// The file names no instance.
    NoInstances {
        /// The file.
        path: PathBuf,
    },
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
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The mistake, without any value of the file.
    pub what: Sentence,
    /// A correct example.
    pub example: String,
}

impl Tell for ConfigError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::None { path } => Sentence::new("config-none")
                .put("path", path.display().to_string())
                .put("begin", file::how_to_begin()),
            Self::Missing { path } => Sentence::new("config-missing")
                .put("path", path.display().to_string())
                .put("begin", file::how_to_begin()),
            Self::Unreadable { path, source } => unreadable("config-unreadable", path, source),
            Self::ThemeUnreadable { path, source } => unreadable("config-theme-unreadable", path, source),
            Self::NoInstances { path } => Sentence::new("config-no-instances")
                .put("path", path.display().to_string())
                .put("begin", file::how_to_begin()),
            Self::NoHome { variable, flag } => {
                Sentence::new("config-no-home").put("variable", *variable).put("flag", *flag)
            }
            Self::Invalid(problem) => problem.sentence(),
        }
    }
}

/// Why a file cannot be read; `key` is the message if the system refused it.
fn unreadable(key: &'static str, path: &Path, why: &FileError) -> Sentence {
    let path = path.display().to_string();
    match why {
        FileError::NotRegular => Sentence::new("config-no-file").put("path", path),
        FileError::TooLong(_) => Sentence::new("config-too-long").put("path", path),
        FileError::NoText => Sentence::new("config-no-text").put("path", path),
        why if why.is_unsafe() => Sentence::new("config-unsafe").put("why", why.sentence()),
        why => Sentence::new(key).put("path", path).put("why", why.sentence()),
    }
}

impl Tell for Problem {
    fn sentence(&self) -> Sentence {
        Sentence::new("config-problem")
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
        self.sentence().fmt(f)
    }
}

impl Error for ConfigError {}
