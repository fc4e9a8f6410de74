//! What each part of the screen looks like: roles and their styles, as data. Who plays which role is the views' matter.
//! No state is told by colour alone, so every theme may leave colours out.

use std::env;

use ratatui::style::{Color, Modifier, Style};

/// The marker in front of the row under the cursor; a row is never painted over.
pub const MARKER: &str = "▸";

/// The style of each role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// What the configuration calls it.
    pub name: &'static str,
    /// Ordinary text, in the terminal's own colours.
    pub text: Style,
    /// Text of less weight.
    pub dim: Style,
    /// The border of a pane.
    pub border: Style,
    /// The border of the pane that has the focus.
    pub border_focused: Style,
    /// The title of a pane.
    pub title: Style,
    /// The row under the cursor: its weight and its marker.
    pub selected: Style,
    /// A marked row.
    pub marked: Style,
    /// What should catch the eye.
    pub accent: Style,
    /// Verified.
    pub ok: Style,
    /// Risky, contradicted.
    pub warning: Style,
    /// Refused, failed.
    pub error: Style,
    /// Nobody knows.
    pub unknown: Style,
    /// Queued, sending, checking.
    pub pending: Style,
    /// A key in the footer and the help.
    pub key: Style,
    /// The border of what lies over the panes.
    pub modal_border: Style,
    /// A text field and what is typed in it.
    pub input: Style,
    /// The cell of a text field where the next character goes; the terminal's own cursor is hidden.
    pub caret: Style,
}

const PLAIN: Style = Style::new();

const fn with(modifier: Modifier) -> Style {
    PLAIN.add_modifier(modifier)
}

/// Only attributes, for `NO_COLOR` and for those who like it plain.
const MONO: Theme = Theme {
    name: "mono",
    text: PLAIN,
    dim: with(Modifier::DIM),
    border: with(Modifier::DIM),
    border_focused: PLAIN,
    title: with(Modifier::BOLD),
    selected: with(Modifier::BOLD),
    marked: with(Modifier::UNDERLINED),
    accent: with(Modifier::BOLD),
    ok: PLAIN,
    warning: with(Modifier::BOLD),
    error: with(Modifier::BOLD.union(Modifier::UNDERLINED)),
    unknown: with(Modifier::BOLD),
    pending: with(Modifier::DIM),
    key: with(Modifier::BOLD),
    modal_border: with(Modifier::BOLD),
    input: with(Modifier::UNDERLINED),
    caret: with(Modifier::REVERSED),
};

/// The terminal's own sixteen colours on its own background. Black, white and their bright forms are left out: each is
/// unreadable on some background.
const TERMINAL: Theme = Theme {
    name: "terminal",
    border_focused: PLAIN.fg(Color::Cyan),
    marked: PLAIN.fg(Color::Cyan),
    accent: PLAIN.fg(Color::Cyan).add_modifier(Modifier::BOLD),
    ok: PLAIN.fg(Color::Green),
    warning: PLAIN.fg(Color::Yellow),
    error: PLAIN.fg(Color::Red),
    unknown: PLAIN.fg(Color::Magenta),
    key: PLAIN.fg(Color::Cyan),
    modal_border: PLAIN.fg(Color::Cyan),
    ..MONO
};

const THEMES: [Theme; 2] = [TERMINAL, MONO];

impl Default for Theme {
    fn default() -> Self {
        TERMINAL
    }
}

impl Theme {
    /// The built-in theme of this name.
    pub fn named(name: &str) -> Option<Self> {
        THEMES.into_iter().find(|theme| theme.name == name)
    }

    /// The names of all built-in themes, the default first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        THEMES.into_iter().map(|theme| theme.name)
    }

    /// The default theme, or `mono` when `NO_COLOR` is set to anything but nothing (<https://no-color.org>).
    pub fn from_environment() -> Self {
        Self::default().unless_colourless(env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()))
    }

    /// This theme, or `mono` when colours are not wanted.
    #[must_use]
    pub fn unless_colourless(self, colourless: bool) -> Self {
        if colourless { MONO } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Theme {
        fn styles(&self) -> [Style; 17] {
            [
                self.text,
                self.dim,
                self.border,
                self.border_focused,
                self.title,
                self.selected,
                self.marked,
                self.accent,
                self.ok,
                self.warning,
                self.error,
                self.unknown,
                self.pending,
                self.key,
                self.modal_border,
                self.input,
                self.caret,
            ]
        }
    }

    #[test]
    fn mono_has_no_colour() {
        assert!(MONO.styles().iter().all(|style| style.fg.is_none() && style.bg.is_none()));
    }

    #[test]
    fn the_default_theme_is_right_on_light_and_dark() {
        let readable = [Color::Red, Color::Green, Color::Yellow, Color::Blue, Color::Magenta, Color::Cyan];
        for style in TERMINAL.styles() {
            assert_eq!(style.bg, None, "the background is the terminal's own");
            assert!(style.fg.is_none_or(|colour| readable.contains(&colour)), "{style:?}");
        }
    }

    #[test]
    fn the_cursor_paints_no_bar() {
        for theme in THEMES {
            assert_eq!(theme.selected, with(Modifier::BOLD), "{}", theme.name);
        }
    }

    #[test]
    fn themes_are_found_by_name() {
        assert!(Theme::names().all(|name| Theme::named(name).is_some_and(|theme| theme.name == name)));
        assert_eq!(Theme::named("no such"), None);
        assert_eq!(Theme::default().unless_colourless(true).name, "mono");
    }
}
