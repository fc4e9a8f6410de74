//! The configuration file as a whole: opening it, its top-level tables, and how to begin without one.

use std::{
    io,
    path::{Path, PathBuf},
};

use toml::de::DeTable;

use crate::{
    domain::message::Message,
    files::{self, FileError, MIB},
};

use super::{
    Config, ConfigError, Environment, UiSettings, instances, operations,
    paths::ConfigPlace,
    reader::{Source, Table},
    store, ui,
};

/// A configuration that works once its environment variable is set.
pub(super) const EXAMPLE: &str = r#"[[instance]]
name = "ops"
gateway = "ryzeapi"                # or another one: `synod init --help` lists them
instance = "harbor"                # the instance's name on the gateway
token = { env = "RYZE_TOKEN" }     # or { file = "ryze.token" } or { command = ["pass", "show", "ryze"] }
"#;

/// The most bytes of a configuration or a theme; a longer file is a wrong file, or has no end.
pub(super) const LONGEST: u64 = MIB;

/// A correct line.
pub(super) const NAME: &str = "name = \"ops\"";

/// How to begin without a configuration.
pub(super) fn how_to_begin() -> Message {
    Message::new("config-begin").put("example", EXAMPLE.trim_end())
}

/// Parses the file into a configuration. A mistake in an entry of an instance breaks only that entry.
pub(super) fn load(
    place: &ConfigPlace,
    state_dir: PathBuf,
    environment: &Environment,
) -> Result<Config, ConfigError> {
    let (text, is_private) = read(place)?;
    let source = Source::new(&place.path, &text, is_private, environment.home.as_deref());
    parse(&source, state_dir)
}

/// The same. Without a file at the usual place, or without an instance in it, there are no instances.
pub(super) fn load_or_empty(
    place: &ConfigPlace,
    state_dir: PathBuf,
    environment: &Environment,
) -> Result<Config, ConfigError> {
    let (text, is_private) = match read(place) {
        Err(ConfigError::None { .. }) => (String::new(), true),
        read => read?,
    };
    parse_any(&Source::new(&place.path, &text, is_private, environment.home.as_deref()), state_dir)
}

/// Reads only the `[ui]` table of the file.
pub(super) fn load_ui(place: &ConfigPlace, environment: &Environment) -> Result<UiSettings, ConfigError> {
    let (text, is_private) = read(place)?;
    let source = Source::new(&place.path, &text, is_private, environment.home.as_deref());
    let parsed = DeTable::parse(source.text).map_err(|error| unreadable(&source, &error, NAME))?;
    ui::read(&Table::root(&source, parsed.get_ref()))
}

/// The text, and whether only its owner can read it. The program obeys this file, so nobody else may have written it.
fn read(place: &ConfigPlace) -> Result<(String, bool), ConfigError> {
    let failed = |source: FileError| {
        let path = place.path.clone();
        match source.kind() {
            Some(io::ErrorKind::NotFound) if place.was_asked_for => ConfigError::Missing { path },
            Some(io::ErrorKind::NotFound) => ConfigError::None { path },
            _ => ConfigError::Unreadable { path, source },
        }
    };
    let input = files::open(&place.path).and_then(files::Input::trusted).map_err(failed)?;
    let is_private = input.is_private();
    Ok((input.text(LONGEST).map_err(failed)?, is_private))
}

/// A text as a configuration at this place, before it is written.
pub(super) fn of_text(
    path: &Path,
    text: &str,
    state_dir: PathBuf,
    environment: &Environment,
) -> Result<Config, ConfigError> {
    parse(&Source::new(path, text, true, environment.home.as_deref()), state_dir)
}

fn parse(source: &Source<'_>, state_dir: PathBuf) -> Result<Config, ConfigError> {
    let config = parse_any(source, state_dir)?;
    if config.instances.is_empty() && config.broken.is_empty() {
        return Err(ConfigError::NoInstances { path: source.path.to_owned() });
    }
    Ok(config)
}

/// The same; there may be no instance.
fn parse_any(source: &Source<'_>, state_dir: PathBuf) -> Result<Config, ConfigError> {
    let parsed = DeTable::parse(source.text).map_err(|error| unreadable(source, &error, NAME))?;
    let root = Table::root(source, parsed.get_ref());
    root.refuse_unknown("file", &["instance", "operations", "store", "ui"])?;
    let store = store::read(&root)?;
    let (mut operations, on_hangup) = operations::read_of_file(&root)?;
    let ui = ui::read(&root)?;
    let (mut instances, broken) = instances::read(&root, &operations)?;
    if store.as_ref().is_some_and(store::StoreConfig::is_open) {
        // Everyone who can read the database could enter the groups.
        operations.keep_invite_links = false;
        for one in &mut instances {
            one.operations.keep_invite_links = false;
        }
    }
    let origin = Some(source.path.to_owned());
    let (others, version) = (Vec::new(), source.version());
    Ok(Config { instances, broken, others, operations, on_hangup, store, ui, state_dir, origin, version })
}

/// The parser's error in our own words, because the parser's messages repeat the line.
pub(super) fn unreadable(source: &Source<'_>, error: &toml::de::Error, example: &str) -> ConfigError {
    let line = source.line(error.span().map_or(0, |span| span.start));
    let what = if error.message().contains("duplicate") { "config-twice" } else { "config-no-toml" };
    source.problem(line, Message::new(what), example)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_example_is_a_configuration() {
        let source = Source::new(Path::new("/x/config.toml"), EXAMPLE, false, None);
        let config = parse(&source, PathBuf::from("/state")).unwrap();
        assert_eq!(config.instances[0].label.shown(), "ops");
    }
}
