//! What can be wrong with a configuration, in sentences. No value of the file is ever repeated, for any may be a
//! secret: a line number, our own words and an example of what is right.

use std::{io, path::PathBuf};

use super::file;

/// Why there is no configuration to work with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file of the usual place does not exist.
    #[error(
        "There is no configuration yet: {} does not exist.\n\n{}",
        path.display(),
        file::how_to_begin()
    )]
    None {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file that was asked for does not exist.
    #[error(
        "The configuration file {} does not exist. Check --config and SYNOD_CONFIG, or write the file.\n\n{}",
        path.display(),
        file::how_to_begin()
    )]
    Missing {
        /// What was asked for.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("The configuration file {} cannot be read: {source}. Check its owner and its mode.", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A theme's file cannot be read.
    #[error(
        "The theme file {} cannot be read: {source}. Write it as docs/themes.md shows, or name another theme under \
         [ui] in the configuration.",
        path.display()
    )]
    ThemeUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file names no instance.
    #[error("The configuration file {} names no instance.\n\n{}", path.display(), file::how_to_begin())]
    NoInstances {
        /// The file.
        path: PathBuf,
    },
    /// No folder can be told for the configuration or the state.
    #[error(
        "The home folder is not known: neither HOME nor {variable} is set. Set one of them, or give {flag} with a path."
    )]
    NoHome {
        /// The variable of the environment that would do.
        variable: &'static str,
        /// The argument that would do.
        flag: &'static str,
    },
    /// Something in the file is wrong.
    #[error(transparent)]
    Invalid(#[from] Problem),
}

/// Something wrong in the configuration file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, line {line}: {what}\nFor example: {example}", path.display())]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, in sentences, without any value of the file.
    pub what: String,
    /// How it would be right.
    pub example: String,
}
