//! Parsed worlds, and the built-in ones.

use std::path::Path;

use super::description::{Description, WorldError};
use super::faults::Faults;
use super::state::State;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        const NAMES: &[&str] = &[$($name),*];
        const TEXTS: &[&str] = &[$(include_str!(concat!("../../assets/worlds/", $name, ".toml"))),*];
    };
}

built_in!(
    "harbor",
    "elsewhere",
    "not_admin",
    "full",
    "lies",
    "timeout_after",
    "dropped_after",
    "dropped_before",
    "html_502",
    "throttled",
    "rate_limited",
    "slow_listing",
    "empty_listing",
    "no_fields",
    "not_connected",
    "refused",
    "hostile_names",
    "one_in_five",
    "one_in_five_reads",
    "incomplete",
    "cut",
    "stale",
    "alternating",
    "blank",
    "other_community",
    "number_ids",
    "nested_ids",
    "rate_overlimit",
    "whatsapp_words",
    "probe_errors",
    "proxy_pages",
    "throttled_after",
    "list_cap",
    "short_pages",
    "odd_numbers",
    "light_details",
    "plain_words",
    "another_admin",
    "five_hundred",
    "hundred_thousand",
    "hundred_thousand_at_once",
);

/// A world from its file, checked and ready to run.
#[derive(Debug, Clone)]
pub struct World {
    description: Description,
}

impl World {
    /// Parses a world file; `file` is its name in the error.
    pub fn parse(toml: &str, file: &str) -> Result<Self, WorldError> {
        let description = Description::parse(toml, file)?;
        State::build(&description, 0)
            .and_then(|state| Faults::new(&description, &state))
            .map_err(|mistake| WorldError::about(file, toml, &mistake.offender, &mistake.what))?;
        Ok(Self { description })
    }

    /// A built-in world.
    pub fn built_in(name: &str) -> Option<Self> {
        let index = NAMES.iter().position(|known| *known == name)?;
        // A test ensures that every built-in world can be parsed.
        Self::parse(TEXTS.get(index)?, name).ok()
    }

    /// The same world with an instance on each gateway. A generated world stays as it is.
    #[must_use]
    pub fn with_every_gateway(mut self) -> Self {
        if self.description.generate.is_none() {
            self.description.add_every_gateway();
        }
        self
    }

    /// The names of the built-in worlds.
    pub fn built_in_names() -> &'static [&'static str] {
        NAMES
    }

    /// The text of a built-in world, as a starting point for one's own.
    pub fn built_in_text(name: &str) -> Option<&'static str> {
        let index = NAMES.iter().position(|known| *known == name)?;
        TEXTS.get(index).copied()
    }

    /// A world by its built-in name, or else from the file at that path; `read` returns the file's text or an error message.
    pub fn load(
        name_or_path: &str,
        read: impl FnOnce(&Path) -> Result<String, String>,
    ) -> Result<Self, WorldError> {
        if let Some(text) = Self::built_in_text(name_or_path) {
            return Self::parse(text, name_or_path);
        }
        match read(Path::new(name_or_path)) {
            Ok(text) => Self::parse(&text, name_or_path),
            Err(why) => Err(WorldError::new(format!(
                "no world is called `{name_or_path}`, and it cannot be read as a file ({why}). Give the path of a \
                 world file, or one of: {}",
                NAMES.join(", ")
            ))),
        }
    }

    /// The world at its beginning.
    pub(crate) fn into_parts(self, now: i64) -> (Description, State, Faults) {
        let description = self.description;
        // Both were built once when the file was parsed, so neither can fail now; an empty world is the fallback.
        let state = State::build(&description, now).unwrap_or_else(|_| State::empty());
        let faults = Faults::new(&description, &state).unwrap_or_else(|_| Faults::none());
        (description, state, faults)
    }
}
