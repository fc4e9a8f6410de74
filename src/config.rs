//! The configuration: the instances, the sources of their secrets, how operations run, and the location of the state. It owns
//! the reading of the file and every message about mistakes in it. It resolves secrets only on request, does not check the
//! form of ids, and knows no keys, actions or roles of the screen.

use std::path::{Path, PathBuf};

use crate::domain::settings::{OnHangup, OperationSettings};

mod broken;
pub mod check;
pub mod edit;
mod error;
mod file;
pub mod instances;
pub mod keys;
pub mod new_entry;
mod operations;
pub mod paths;
mod reader;
pub mod save;
pub mod secrets;
mod store;
pub mod theme;
mod ui;

pub use broken::{BrokenInstance, ConfigEntry, InstanceFault, NoEntry};
pub use error::{ConfigError, Problem};
pub use instances::{InstanceConfig, InstanceName, former_instance_keys, instance_key};
pub use paths::Environment;
pub use reader::{age, duration};
pub use secrets::{SecretError, SecretSource};
pub use store::StoreConfig;
pub use ui::{KNOWN_THEMES, KeyBinding, ThemeChoice, UiSettings};

/// The whole configuration, with defaults for missing values.
#[derive(Clone, Debug)]
pub struct Config {
    /// The entries that can be used, in the order of the file.
    pub instances: Vec<InstanceConfig>,
    /// The entries that cannot be used, in the order of the file.
    pub broken: Vec<BrokenInstance>,
    /// Usable entries that the current command does not use.
    pub others: Vec<InstanceConfig>,
    /// How operations run unless an instance overrides it.
    pub operations: OperationSettings,
    /// What running operations do when the terminal goes away.
    pub on_hangup: OnHangup,
    /// The server with the journal, if it is not a file on this machine.
    pub store: Option<StoreConfig>,
    /// The screen's settings.
    pub ui: UiSettings,
    /// The folder of the journal, the locks and the log.
    pub state_dir: PathBuf,
    /// The file that it was read from; `None` if the program assembled it.
    pub origin: Option<PathBuf>,
    /// Stands for the text of that file.
    pub version: u64,
}

/// A value and its line in the file, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    pub value: T,
    pub line: usize,
}

impl Config {
    /// Reads the configuration from the requested file (`--config`), or else from the place that the environment names;
    /// `state_dir` is the value of `--state-dir`.
    pub fn load(
        file: Option<&Path>,
        state_dir: Option<&Path>,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let (place, state_dir) = paths::places(file, state_dir, environment)?;
        file::load(&place, state_dir, environment)
    }

    /// The same, but without an instance if there is no file at the usual place, or no instance in it.
    pub fn load_or_empty(
        file: Option<&Path>,
        state_dir: Option<&Path>,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let (place, state_dir) = paths::places(file, state_dir, environment)?;
        file::load_or_empty(&place, state_dir, environment)
    }

    /// A text as a configuration, before it is written to this path. `state_dir` is the value of `--state-dir`.
    pub fn of_text(
        path: &Path,
        text: &str,
        state_dir: Option<&Path>,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        file::of_text(path, text, paths::state_dir(state_dir, environment)?, environment)
    }

    /// Only the screen's settings in the requested file: for the demonstration.
    pub fn ui(file: &Path, environment: &Environment) -> Result<UiSettings, ConfigError> {
        file::load_ui(&paths::config_file(Some(file), environment)?, environment)
    }
}
