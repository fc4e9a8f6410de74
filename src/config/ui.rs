//! The `[ui]` table. This module does not know which actions and keys exist: it keeps the bindings with their lines, so that
//! the code that knows can report the right one.

use std::path::PathBuf;

use super::{ConfigError, Located, reader::Table};
use crate::domain::message::Message;

const THEME: &str = "theme = \"terminal\"";
const MOUSE: &str = "mouse = false";
const NOTIFY: &str = "notify = true";
const ROLES: &str = "roles = true";
/// The themes, and an example of a file.
pub const KNOWN_THEMES: &str = "terminal, dark, light, contrast, mono, auto, mine.toml";
const KEYS: &str = "keys = { link = \"l\", leave = [\"X\", \"ctrl-x\"] }";

/// The screen's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UiSettings {
    /// The colours to use.
    pub theme: ThemeChoice,
    /// Whether the program uses the mouse.
    pub mouse: bool,
    /// Whether the end of long work is not told on the desktop.
    pub no_notifications: bool,
    /// Whether no roles are read in the background.
    pub no_roles: bool,
    /// Keys that differ from the built-in ones, in the order of the file.
    pub keys: Vec<KeyBinding>,
}

/// The colours to use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// The terminal's own.
    #[default]
    Terminal,
    Dark,
    Light,
    Contrast,
    /// No colours at all.
    Mono,
    /// Dark or light, depending on the terminal's answer.
    Auto,
    File(PathBuf),
}

impl ThemeChoice {
    /// The theme with this name, or in a file; `None` for a word that is neither.
    pub fn of(text: &str, file: impl FnOnce(&str) -> PathBuf) -> Option<Self> {
        theme_named(text).or_else(|| text.contains(['/', '.']).then(|| Self::File(file(text))))
    }
}

/// One line of `keys`: an action and the keys that start it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyBinding {
    pub action: Located<String>,
    /// The keys, as written; empty if the action has none.
    pub keys: Vec<Located<String>>,
}

/// Reads the table under `ui`; without it every setting has its default.
pub(super) fn read(root: &Table<'_>) -> Result<UiSettings, ConfigError> {
    let mut settings = UiSettings::default();
    let Some(value) = root.get("ui") else { return Ok(settings) };
    let table = value.table("[ui]")?;
    table.refuse_unknown("[ui]", &["theme", "mouse", "notify", "roles", "keys"])?;
    if let Some(theme) = table.get("theme") {
        let text = theme.text(THEME)?;
        settings.theme = ThemeChoice::of(text, |file| theme.source.resolve(file)).ok_or_else(|| {
            theme.problem(theme.about("config-no-such-value").put("known", KNOWN_THEMES), THEME)
        })?;
    }
    if let Some(mouse) = table.get("mouse") {
        settings.mouse = mouse.switch(MOUSE)?;
    }
    if let Some(notify) = table.get("notify") {
        settings.no_notifications = !notify.switch(NOTIFY)?;
    }
    if let Some(roles) = table.get("roles") {
        settings.no_roles = !roles.switch(ROLES)?;
    }
    if let Some(keys) = table.get("keys") {
        settings.keys = bindings(&keys.table(KEYS)?)?;
    }
    Ok(settings)
}

/// The built-in theme with this name.
pub(super) fn theme_named(name: &str) -> Option<ThemeChoice> {
    Some(match name {
        "terminal" => ThemeChoice::Terminal,
        "dark" => ThemeChoice::Dark,
        "light" => ThemeChoice::Light,
        "contrast" => ThemeChoice::Contrast,
        "mono" => ThemeChoice::Mono,
        "auto" => ThemeChoice::Auto,
        _ => return None,
    })
}

fn bindings(table: &Table<'_>) -> Result<Vec<KeyBinding>, ConfigError> {
    let mut bindings = Vec::new();
    for (action, value) in table.pairs() {
        let action = Located { value: action.value.to_owned(), line: action.line };
        let mut keys = Vec::new();
        for key in value.as_list().unwrap_or_else(|| vec![value]) {
            let wrong = || key.problem(Message::new("config-key-binding"), KEYS);
            let text = key.as_text().ok_or_else(wrong)?;
            keys.push(Located { value: text.to_owned(), line: key.line });
        }
        bindings.push(KeyBinding { action, keys });
    }
    Ok(bindings)
}
