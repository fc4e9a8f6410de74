//! The places of the configuration and the state: the requested path, or else the environment, or else the default folders. It
//! owns the order of the four sources and creates no folder.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::ConfigError;

/// The parts of the environment that name places; read once, so that tests can supply their own.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub config: Option<PathBuf>,
    pub state_dir: Option<PathBuf>,
    pub config_home: Option<PathBuf>,
    pub state_home: Option<PathBuf>,
    pub home: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self {
            config: variable("SYNOD_CONFIG"),
            state_dir: variable("SYNOD_STATE_DIR"),
            config_home: variable("XDG_CONFIG_HOME"),
            state_home: variable("XDG_STATE_HOME"),
            home: etcetera::home_dir().ok(),
        }
    }
}

/// The place of the configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigPlace {
    pub path: PathBuf,
    /// Whether the operator requested this very file.
    pub was_asked_for: bool,
}

/// The place of the configuration, and the folder of the journal, the locks and the log.
pub fn places(
    file: Option<&Path>,
    folder: Option<&Path>,
    environment: &Environment,
) -> Result<(ConfigPlace, PathBuf), ConfigError> {
    Ok((config_file(file, environment)?, state_dir(folder, environment)?))
}

/// The configuration file: the requested one, `SYNOD_CONFIG`, `$XDG_CONFIG_HOME/synod/config.toml`, or
/// `~/.config/synod/config.toml`.
pub fn config_file(asked: Option<&Path>, environment: &Environment) -> Result<ConfigPlace, ConfigError> {
    if let Some(path) = asked.or(environment.config.as_deref()) {
        return Ok(ConfigPlace { path: path.to_owned(), was_asked_for: true });
    }
    let folder = folder(environment.config_home.as_deref(), environment.home.as_deref(), ".config");
    let folder = folder.ok_or(ConfigError::NoHome { variable: "XDG_CONFIG_HOME", flag: "--config" })?;
    Ok(ConfigPlace { path: folder.join("config.toml"), was_asked_for: false })
}

/// The folder of the state: the requested one, `SYNOD_STATE_DIR`, `$XDG_STATE_HOME/synod`, or `~/.local/state/synod`.
pub fn state_dir(asked: Option<&Path>, environment: &Environment) -> Result<PathBuf, ConfigError> {
    if let Some(path) = asked.or(environment.state_dir.as_deref()) {
        return Ok(path.to_owned());
    }
    let folder = folder(environment.state_home.as_deref(), environment.home.as_deref(), ".local/state");
    folder.ok_or(ConfigError::NoHome { variable: "XDG_STATE_HOME", flag: "--state-dir" })
}

fn folder(base: Option<&Path>, home: Option<&Path>, below_home: &str) -> Option<PathBuf> {
    // The XDG specification requires that a relative path in these variables is ignored.
    let base = base.filter(|path| path.is_absolute()).map(Path::to_owned);
    let base = base.or_else(|| home.map(|home| home.join(below_home)))?;
    Some(base.join("synod"))
}
