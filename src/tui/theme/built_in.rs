//! The built-in themes. The parent module explains the roles; `depth` maps them to fewer colours.

use ratatui::style::{Color, Modifier, Style};

use super::Theme;

const PLAIN: Style = Style::new();

const fn with(modifier: Modifier) -> Style {
    PLAIN.add_modifier(modifier)
}

const fn rgb(red: u8, green: u8, blue: u8) -> Style {
    PLAIN.fg(Color::Rgb(red, green, blue))
}

/// Only attributes, for `NO_COLOR` and for people who prefer plain text.
pub(super) const MONO: Theme = Theme {
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

/// The terminal's own sixteen colours on its own background. Black, white and their bright variants are not used,
/// because each is unreadable on some background.
pub(super) const TERMINAL: Theme = Theme {
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

/// Light colours for a terminal with a dark background, which stays the terminal's own. Faint text has its own colour,
/// because some terminals show the faint attribute too faintly to read.
pub(super) const DARK: Theme = Theme {
    name: "dark",
    dim: rgb(0xa5, 0xad, 0xc0),
    border: rgb(0x9a, 0xa3, 0xb8),
    border_focused: rgb(0x7d, 0xcf, 0xff),
    marked: rgb(0x7d, 0xcf, 0xff),
    accent: rgb(0x7d, 0xcf, 0xff).add_modifier(Modifier::BOLD),
    ok: rgb(0x9e, 0xce, 0x6a),
    warning: rgb(0xe0, 0xaf, 0x68),
    error: rgb(0xff, 0x8b, 0x98),
    unknown: rgb(0xd0, 0xa9, 0xff),
    pending: rgb(0xa5, 0xad, 0xc0),
    key: rgb(0x7d, 0xcf, 0xff),
    modal_border: rgb(0x7d, 0xcf, 0xff),
    ..MONO
};

/// Dark colours for a terminal with a light background, which stays the terminal's own.
pub(super) const LIGHT: Theme = Theme {
    name: "light",
    dim: rgb(0x5c, 0x63, 0x70),
    border: rgb(0x5f, 0x66, 0x73),
    border_focused: rgb(0x00, 0x5f, 0x87),
    marked: rgb(0x00, 0x5f, 0x87),
    accent: rgb(0x00, 0x5f, 0x87).add_modifier(Modifier::BOLD),
    ok: rgb(0x11, 0x63, 0x29),
    warning: rgb(0x7d, 0x4e, 0x00),
    error: rgb(0xa4, 0x0e, 0x26),
    unknown: rgb(0x6f, 0x2d, 0xa8),
    pending: rgb(0x5c, 0x63, 0x70),
    key: rgb(0x00, 0x5f, 0x87),
    modal_border: rgb(0x00, 0x5f, 0x87),
    ..MONO
};

/// High contrast on its own black background, independent of the terminal's.
pub(super) const CONTRAST: Theme = Theme {
    name: "contrast",
    text: rgb(0xff, 0xff, 0xff).bg(Color::Rgb(0, 0, 0)),
    dim: rgb(0xd0, 0xd0, 0xd0),
    border: rgb(0xd0, 0xd0, 0xd0),
    border_focused: rgb(0xff, 0xff, 0x00).add_modifier(Modifier::BOLD),
    marked: rgb(0x00, 0xff, 0xff).add_modifier(Modifier::UNDERLINED),
    accent: rgb(0x00, 0xff, 0xff).add_modifier(Modifier::BOLD),
    ok: rgb(0x00, 0xff, 0x00),
    warning: rgb(0xff, 0xff, 0x00).add_modifier(Modifier::BOLD),
    error: rgb(0xff, 0x90, 0x90).add_modifier(Modifier::BOLD),
    unknown: rgb(0xff, 0x9c, 0xff).add_modifier(Modifier::BOLD),
    pending: rgb(0xd0, 0xd0, 0xd0),
    key: rgb(0x00, 0xff, 0xff).add_modifier(Modifier::BOLD),
    modal_border: rgb(0xff, 0xff, 0x00).add_modifier(Modifier::BOLD),
    ..MONO
};
