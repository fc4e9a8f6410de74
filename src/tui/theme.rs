//! The appearance of each part of the screen: roles and their styles, as data. The views decide which role each part
//! has. No state is shown by colour alone, so every theme may omit colours.

mod depth;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier, Style},
};

pub use self::depth::Depth;

/// The marker before the row under the cursor, in every pane and window.
pub const MARKER: &str = "▸";

/// The style of each role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Its name in the configuration; `custom` for a theme changed by a file.
    pub name: &'static str,
    /// Ordinary text, and the background of the whole screen: the terminal's own colours unless set.
    pub text: Style,
    pub dim: Style,
    pub border: Style,
    /// The title of the pane that has the focus.
    pub border_focused: Style,
    pub title: Style,
    /// The bar over the row under the cursor.
    pub selected: Style,
    pub marked: Style,
    /// Anything that should attract attention.
    pub accent: Style,
    pub ok: Style,
    pub warning: Style,
    pub error: Style,
    pub unknown: Style,
    pub pending: Style,
    /// A key in the footer and the help.
    pub key: Style,
    /// The border of a window over the panes.
    pub modal_border: Style,
    /// A text field and the text typed in it.
    pub input: Style,
    /// The cell of a text field where the next character is inserted; the terminal's own cursor is hidden.
    pub caret: Style,
}

/// The name of a theme that a file has changed.
pub const CUSTOM: &str = "custom";

const THEMES: [Theme; 5] = [TERMINAL, DARK, LIGHT, CONTRAST, MONO];

/// A role: its name in a theme file, and its style.
type Role = (&'static str, fn(&mut Theme) -> &mut Style);

const ROLES: [Role; 17] = [
    ("text", |theme| &mut theme.text),
    ("dim", |theme| &mut theme.dim),
    ("border", |theme| &mut theme.border),
    ("border_focused", |theme| &mut theme.border_focused),
    ("title", |theme| &mut theme.title),
    ("selected", |theme| &mut theme.selected),
    ("marked", |theme| &mut theme.marked),
    ("accent", |theme| &mut theme.accent),
    ("ok", |theme| &mut theme.ok),
    ("warning", |theme| &mut theme.warning),
    ("error", |theme| &mut theme.error),
    ("unknown", |theme| &mut theme.unknown),
    ("pending", |theme| &mut theme.pending),
    ("key", |theme| &mut theme.key),
    ("modal_border", |theme| &mut theme.modal_border),
    ("input", |theme| &mut theme.input),
    ("caret", |theme| &mut theme.caret),
];

impl Default for Theme {
    fn default() -> Self {
        TERMINAL
    }
}

impl Theme {
    /// The style of a row, and the text before it: the marker if the cursor is there. [`Theme::bar`] shows the cursor itself.
    pub fn row(&self, is_selected: bool) -> (Style, &'static str) {
        (self.text, if is_selected { MARKER } else { " " })
    }

    /// Puts the bar of the cursor over a row that is already drawn. A bar with a background of its own keeps the colours of the row;
    /// a reversed one is all of one kind, because a coloured letter would become a coloured patch.
    pub fn bar(&self, line: Rect, buffer: &mut Buffer) {
        let is_plain = self.selected.bg.is_none();
        for position in line.intersection(buffer.area).positions() {
            let cell = &mut buffer[position];
            // Faint text is as bright as the rest there, or it could not be read.
            if is_plain || Some(cell.fg) == self.dim.fg {
                cell.fg = Color::Reset;
            }
            cell.modifier.remove(if is_plain { Modifier::DIM | Modifier::BOLD } else { Modifier::DIM });
            cell.set_style(self.selected);
        }
    }

    /// The style of the title of the pane that has the focus; it differs from that of the others without colours, too.
    pub fn focused_title(&self) -> Style {
        self.title.patch(self.border_focused).add_modifier(Modifier::UNDERLINED)
    }

    /// The built-in theme with this name.
    pub fn named(name: &str) -> Option<Self> {
        THEMES.into_iter().find(|theme| theme.name == name)
    }

    /// The names of all built-in themes, the default first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        THEMES.into_iter().map(|theme| theme.name)
    }

    /// The names of the roles, as in a theme file.
    pub fn roles() -> impl Iterator<Item = &'static str> {
        ROLES.into_iter().map(|(name, _)| name)
    }

    /// The style of the role with this name.
    pub fn role_mut(&mut self, name: &str) -> Option<&mut Style> {
        ROLES.into_iter().find(|(known, _)| *known == name).map(|(_, style)| style(self))
    }

    /// The theme in the colours that a terminal of this depth can show; `mono` if colours are not wanted.
    #[must_use]
    pub fn at(mut self, depth: Depth) -> Self {
        if depth == Depth::None {
            return MONO;
        }
        if depth == Depth::Sixteen && self.selected.bg.is_some() {
            // None of the sixteen is a background on which all the others can be read.
            self.selected = with(Modifier::REVERSED);
        }
        for (_, style) in ROLES {
            let style = style(&mut self);
            style.fg = style.fg.map(|colour| depth.nearest(colour));
            style.bg = style.bg.map(|colour| depth.nearest(colour));
        }
        self
    }

    /// The themes available while the program runs, on a terminal of this depth: this theme first.
    pub fn with_others(self, depth: Depth) -> Vec<Self> {
        if depth == Depth::None {
            return vec![MONO];
        }
        let others = THEMES.into_iter().filter(|theme| theme.name != self.name);
        std::iter::once(self).chain(others).map(|theme| theme.at(depth)).collect()
    }

    /// Gives uncoloured cells the theme's own foreground and background, if it has any.
    pub fn paint(&self, buffer: &mut Buffer) {
        let Style { fg, bg, .. } = self.text;
        if fg.is_none() && bg.is_none() {
            return;
        }
        for cell in &mut buffer.content {
            if let Some(colour) = fg.filter(|_| cell.fg == Color::Reset) {
                cell.set_fg(colour);
            }
            if let Some(colour) = bg.filter(|_| cell.bg == Color::Reset) {
                cell.set_bg(colour);
            }
        }
    }
}

const PLAIN: Style = Style::new();

const fn with(modifier: Modifier) -> Style {
    PLAIN.add_modifier(modifier)
}

const fn rgb(red: u8, green: u8, blue: u8) -> Style {
    PLAIN.fg(Color::Rgb(red, green, blue))
}

/// Only attributes, for `NO_COLOR` and for people who prefer plain text.
const MONO: Theme = Theme {
    name: "mono",
    text: PLAIN,
    dim: with(Modifier::DIM),
    border: with(Modifier::DIM),
    border_focused: PLAIN,
    title: with(Modifier::BOLD),
    selected: with(Modifier::REVERSED),
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

/// Light colours for a terminal with a dark background, which stays the terminal's own. Faint text has its own colour,
/// because some terminals show the faint attribute too faintly to read.
const DARK: Theme = Theme {
    name: "dark",
    dim: rgb(0xa5, 0xad, 0xc0),
    border: rgb(0x9a, 0xa3, 0xb8),
    border_focused: rgb(0x7d, 0xcf, 0xff),
    selected: PLAIN.bg(Color::Rgb(0x2b, 0x41, 0x68)),
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
const LIGHT: Theme = Theme {
    name: "light",
    dim: rgb(0x5c, 0x63, 0x70),
    border: rgb(0x5f, 0x66, 0x73),
    border_focused: rgb(0x00, 0x5f, 0x87),
    selected: PLAIN.bg(Color::Rgb(0xcf, 0xe0, 0xf5)),
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
const CONTRAST: Theme = Theme {
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
