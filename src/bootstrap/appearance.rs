//! Turns the screen's settings into values for the terminal program: its themes, its keys, and whether it uses the mouse.

use std::path::Path;

use ratatui::style::{Color, Modifier, Style};

use crate::{
    cli::Fault,
    config::{
        KeyBinding, Problem, ThemeChoice, UiSettings,
        theme::{Attribute, RoleStyle, ThemeFile},
    },
    domain::message::ToMessage,
    text::{Text, is_utf8},
    tui::{
        background,
        keymap::{KeyError, Keymap},
        terminal::Reports,
        theme::{CUSTOM, Depth, Theme},
    },
};

/// How the screen looks and which input it takes.
pub(super) struct Appearance {
    /// The chosen theme, and the themes that one can change to.
    pub(super) themes: Vec<Theme>,
    pub(super) keys: Keymap,
    /// Clicks and the wheel, if they have an effect; the focus, if the desktop shows the end of long work.
    pub(super) reports: Reports,
    /// Whether the roles of the rows on the screen are read in the background.
    pub(super) reads_roles: bool,
    /// Whether only ASCII signs are drawn.
    pub(super) is_ascii: bool,
}

impl Appearance {
    /// Reads the settings; a mistake is reported with its file and line. For the theme `auto` it queries the terminal. If the
    /// locale is not UTF-8, or with `ascii`, only ASCII signs are drawn.
    pub(super) fn of(settings: &UiSettings, origin: &Path, text: &Text, ascii: bool) -> Result<Self, Fault> {
        let depth = Depth::from_environment();
        let is_ascii = ascii || !is_utf8(|name| std::env::var(name).ok());
        let themes = theme(&settings.theme, depth, text)?.with_others(depth);
        let (keys, reads_roles) = (keys(&settings.keys, origin, text)?, !settings.no_roles);
        let reports = Reports { mouse: settings.mouse, focus: !settings.no_notifications };
        Ok(Self { themes, keys, reports, reads_roles, is_ascii })
    }
}

fn theme(choice: &ThemeChoice, depth: Depth, text: &Text) -> Result<Theme, Fault> {
    let named = |name| Theme::named(name).unwrap_or_default();
    Ok(match choice {
        ThemeChoice::Terminal => named("terminal"),
        ThemeChoice::Dark => named("dark"),
        ThemeChoice::Light => named("light"),
        ThemeChoice::Contrast => named("contrast"),
        ThemeChoice::Mono => named("mono"),
        // Without colours the terminal's answer would change nothing.
        ThemeChoice::Auto if depth == Depth::None => Theme::default(),
        ThemeChoice::Auto => match background::is_light() {
            Some(true) => named("light"),
            Some(false) => named("dark"),
            None => Theme::default(),
        },
        ThemeChoice::File(path) => {
            let roles: Vec<&str> = Theme::roles().collect();
            let file = ThemeFile::load(path, &roles).map_err(|error| Fault::usage(text, &error))?;
            let mut custom = Theme { name: CUSTOM, ..theme(&file.base, depth, text)? };
            for changes in &file.roles {
                if let Some(style) = custom.role_mut(&changes.role.value) {
                    change(style, changes);
                }
            }
            custom
        }
    })
}

fn change(style: &mut Style, changes: &RoleStyle) {
    // The terminal's own colours are those of a style without any.
    let over =
        |change: Option<Color>, before| change.map_or(before, |to| Some(to).filter(|to| *to != Color::Reset));
    style.fg = over(changes.fg, style.fg);
    style.bg = over(changes.bg, style.bg);
    for (attribute, is_on) in &changes.attributes {
        let modifier = match attribute {
            Attribute::Bold => Modifier::BOLD,
            Attribute::Dim => Modifier::DIM,
            Attribute::Italic => Modifier::ITALIC,
            Attribute::Underline => Modifier::UNDERLINED,
            Attribute::Reverse => Modifier::REVERSED,
        };
        // An attribute that is off is left out rather than removed, so that it does not undo one that another role adds.
        style.add_modifier.set(modifier, *is_on);
    }
}

/// The keys from the configuration; a mistake is reported with its line.
fn keys(bindings: &[KeyBinding], origin: &Path, text: &Text) -> Result<Keymap, Fault> {
    let mut map = Keymap::default();
    if bindings.is_empty() {
        return Ok(map);
    }
    let blame = |line: usize, error: &KeyError| {
        let problem = Problem {
            path: origin.to_owned(),
            line,
            what: error.message(),
            example: "keys = { link = \"l\", leave = \"X\" }".to_owned(),
        };
        Fault::usage(text, &problem)
    };
    for KeyBinding { action, keys } in bindings {
        let texts: Vec<&str> = keys.iter().map(|key| key.value.as_str()).collect();
        map.rebind(&action.value, &texts).map_err(|(at, error)| {
            let line = keys.get(at).map_or(action.line, |key| key.line);
            blame(line, &error)
        })?;
    }
    map.check().map_err(|(names, error)| {
        // If two actions use the same key, the configured one is to blame; if both are configured, the later one.
        let named = bindings.iter().filter(|binding| names.contains(&&*binding.action.value));
        blame(named.map(|binding| binding.action.line).max().unwrap_or(0), &error)
    })?;
    Ok(map)
}
