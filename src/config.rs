//! The configuration: which instances there are, where their secrets come from, how operations run, and where the
//! state is kept. It owns the reading of the file and every sentence about what is wrong in it. It does not resolve
//! secrets until asked, checks no id's form, and knows no key, action or role of the screen.

use std::path::{Path, PathBuf};

use crate::domain::{name::fold::Folded, settings::OperationSettings};

mod error;
mod file;
pub mod instances;
mod operations;
pub mod paths;
mod reader;
pub mod secrets;
pub mod theme;
mod ui;

pub use error::{ConfigError, Problem};
pub use instances::{
    BaseUrl, InstanceConfig, InstanceName, default_base_url, former_instance_keys, instance_key,
};
pub use paths::Environment;
pub use secrets::{SecretError, SecretSource};
pub use ui::{KeyBinding, ThemeChoice, UiSettings};

/// Everything that the configuration says, with defaults where it says nothing.
#[derive(Clone, Debug)]
pub struct Config {
    /// The instances in the order of the file; at least one.
    pub instances: Vec<InstanceConfig>,
    /// How operations run where an instance does not say otherwise.
    pub operations: OperationSettings,
    /// The screen's settings.
    pub ui: UiSettings,
    /// The folder of the journal, the locks and the log.
    pub state_dir: PathBuf,
    /// The file that it was read from; none when it was put together by the program.
    pub origin: Option<PathBuf>,
}

/// A value and the line of the file, counted from 1, that it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its line.
    pub line: usize,
}

impl Config {
    /// Reads the configuration from the file that was asked for (`--config`), else from the place that the
    /// environment gives; `state_dir` is what was asked for with `--state-dir`.
    pub fn load(
        file: Option<&Path>,
        state_dir: Option<&Path>,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let place = paths::config_file(file, environment)?;
        let state_dir = paths::state_dir(state_dir, environment)?;
        file::load(&place, state_dir, environment)
    }

    /// What the file that was asked for says of the screen, and nothing else: for the demonstration.
    pub fn ui(file: &Path, environment: &Environment) -> Result<UiSettings, ConfigError> {
        file::load_ui(&paths::config_file(Some(file), environment)?, environment)
    }

    /// The instance that the operator calls so, compared as all names are.
    pub fn instance(&self, label: &str) -> Option<&InstanceConfig> {
        let label = Folded::new(label);
        self.instances.iter().find(|instance| Folded::new(instance.label.shown()).is(&label))
    }
}
