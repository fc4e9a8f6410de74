//! A theme's file: its base theme, and the changed look of each role. The caller knows which roles exist; every error has its
//! line.

use std::path::Path;

use ratatui::style::Color;
use toml::de::DeTable;

use super::{
    ConfigError, Located, ThemeChoice, file,
    reader::{Source, Table, Value},
    ui,
};
use crate::files;

const BASE: &str = "base = \"dark\"";
const STYLE: &str = "ok = { fg = \"#00aa55\", bold = true }";
const COLOUR: &str = "ok = { fg = \"#00aa55\" }, or a name such as fg = \"bright-green\"";

const COLOURS: &str = "#rrggbb, default, black, red, green, yellow, blue, magenta, cyan, white, bright-black, bright-red, \
                       bright-green, bright-yellow, bright-blue, bright-magenta, bright-cyan, bright-white";

/// The content of a theme's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeFile {
    /// The base theme, never a file.
    pub base: ThemeChoice,
    /// The changes, in the order of the file.
    pub roles: Vec<RoleStyle>,
}

/// The look of a role. Missing values stay as in the base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleStyle {
    pub role: Located<String>,
    /// The colour of the text; `Reset` is the terminal's own.
    pub fg: Option<Color>,
    /// The background colour; `Reset` is the terminal's own.
    pub bg: Option<Color>,
    /// Each attribute that is switched on or off.
    pub attributes: Vec<(Attribute, bool)>,
}

/// Text attributes besides the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    Bold,
    Dim,
    Italic,
    Underline,
    /// Foreground and background are swapped.
    Reverse,
}

const ATTRIBUTES: [(&str, Attribute); 5] = [
    ("bold", Attribute::Bold),
    ("dim", Attribute::Dim),
    ("italic", Attribute::Italic),
    ("underline", Attribute::Underline),
    ("reverse", Attribute::Reverse),
];

impl ThemeFile {
    /// Reads a theme's file; `roles` are the valid names of roles.
    pub fn load(path: &Path, roles: &[&str]) -> Result<Self, ConfigError> {
        let read = files::open(path).and_then(|input| input.text(file::LONGEST));
        let text = read.map_err(|source| ConfigError::ThemeUnreadable { path: path.to_owned(), source })?;
        Self::parse(path, &text, roles)
    }

    fn parse(path: &Path, text: &str, roles: &[&str]) -> Result<Self, ConfigError> {
        let source = Source::new(path, text, false, None);
        let parsed = DeTable::parse(text).map_err(|error| file::unreadable(&source, &error, STYLE))?;
        let root = Table::root(&source, parsed.get_ref());
        let known: Vec<&str> = roles.iter().copied().chain(["base"]).collect();
        root.refuse_unknown("theme", &known)?;
        let base = root.get("base").map_or(Ok(ThemeChoice::default()), base)?;
        let others = root.pairs().into_iter().filter(|(role, _)| role.value != "base");
        let roles = others.map(|(role, value)| style(&role, value)).collect::<Result<_, _>>()?;
        Ok(Self { base, roles })
    }
}

fn base(value: Value<'_>) -> Result<ThemeChoice, ConfigError> {
    match ui::theme_named(value.text(BASE)?) {
        Some(ThemeChoice::Auto) | None => {
            let known = "terminal, dark, light, contrast, mono";
            Err(value.problem(value.about("config-no-such-value").put("known", known), BASE))
        }
        Some(choice) => Ok(choice),
    }
}

fn style(role: &Located<&str>, value: Value<'_>) -> Result<RoleStyle, ConfigError> {
    let table = value.table(STYLE)?;
    let known: Vec<&str> = ["fg", "bg"].into_iter().chain(ATTRIBUTES.map(|(name, _)| name)).collect();
    table.refuse_unknown("style", &known)?;
    let mut attributes = Vec::new();
    for (name, attribute) in ATTRIBUTES {
        if let Some(value) = table.get(name) {
            attributes.push((attribute, value.switch(STYLE)?));
        }
    }
    let role = Located { value: role.value.to_owned(), line: role.line };
    let [fg, bg] = ["fg", "bg"].map(|key| table.get(key).map(colour).transpose());
    Ok(RoleStyle { role, fg: fg?, bg: bg?, attributes })
}

fn colour(value: Value<'_>) -> Result<Color, ConfigError> {
    let text = value.text(COLOUR)?.to_lowercase();
    let colour = match text.as_str() {
        "default" => Ok(Color::Reset),
        // ratatui calls the eighth of the sixteen colours grey, and the last one white.
        "white" => Ok(Color::Gray),
        name => name.parse(),
    };
    let wrong = |_| value.problem(value.about("config-no-such-value").put("known", COLOURS), COLOUR);
    colour.map_err(wrong)
}
