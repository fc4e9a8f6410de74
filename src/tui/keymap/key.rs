//! A key as named in the table.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers, in one spelling for every terminal: a letter has its own case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Char(char),
    Ctrl(char),
    /// A key without a character.
    Code(KeyCode),
    /// A key without a character, with Shift.
    Shift(KeyCode),
    /// Any key that no table names.
    Other,
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let held = event.modifiers;
        match event.code {
            KeyCode::Char(character) if held.contains(KeyModifiers::CONTROL) => {
                Self::Ctrl(character.to_ascii_lowercase())
            }
            KeyCode::Char(_) if held.intersects(KeyModifiers::ALT | KeyModifiers::SUPER) => Self::Other,
            KeyCode::Char(character) => Self::Char(character),
            KeyCode::BackTab => Self::Code(KeyCode::BackTab),
            code if held.is_empty() => Self::Code(code),
            code if held == KeyModifiers::SHIFT => Self::Shift(code),
            _ => Self::Other,
        }
    }
}

impl Key {
    /// Parses the configuration's name of a key: `x`, `X`, `ctrl-x`, `space`, `f5`, `shift-up`.
    pub fn named(text: &str) -> Option<Self> {
        let mut characters = text.chars();
        if let (Some(character), None) = (characters.next(), characters.next()) {
            return (!character.is_control() && character != ' ').then_some(Self::Char(character));
        }
        let lower = text.to_ascii_lowercase();
        if let Some(rest) = lower.strip_prefix("ctrl-") {
            let mut characters = rest.chars();
            let only = characters.next().filter(|_| characters.next().is_none())?;
            return only.is_ascii_graphic().then_some(Self::Ctrl(only));
        }
        if let Some(rest) = lower.strip_prefix("shift-") {
            return if rest == "tab" {
                Some(Self::Code(KeyCode::BackTab))
            } else {
                code(rest).map(Self::Shift)
            };
        }
        if lower == "space" { Some(Self::Char(' ')) } else { code(&lower).map(Self::Code) }
    }
}

impl Key {
    /// Whether every terminal sends this key distinctly. Without a keyboard protocol of its own, a terminal sends
    /// Ctrl-i as Tab, Ctrl-m as Enter, nothing for Ctrl with a digit, and for most keys the same with Shift as without.
    pub(super) fn is_sent(self) -> bool {
        match self {
            Self::Char(_) | Self::Code(_) => true,
            Self::Ctrl(character) => character.is_ascii_lowercase() && !matches!(character, 'i' | 'm'),
            Self::Shift(code) => !matches!(code, KeyCode::Enter | KeyCode::Esc | KeyCode::Backspace),
            Self::Other => false,
        }
    }
}

fn code(name: &str) -> Option<KeyCode> {
    Some(match name {
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pageup" | "pgup" => KeyCode::PageUp,
        "pagedown" | "pgdn" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backspace" => KeyCode::Backspace,
        "delete" | "del" => KeyCode::Delete,
        "insert" => KeyCode::Insert,
        _ => {
            let number = name.strip_prefix('f')?.parse().ok()?;
            return (1..=12).contains(&number).then_some(KeyCode::F(number));
        }
    })
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(' ') => f.write_str("Space"),
            Self::Char(character) => write!(f, "{character}"),
            Self::Ctrl(character) => write!(f, "Ctrl-{character}"),
            Self::Code(KeyCode::F(number)) => write!(f, "F{number}"),
            Self::Shift(KeyCode::F(number)) => write!(f, "Shift-F{number}"),
            Self::Code(code) => f.write_str(name(*code)),
            Self::Shift(code) => write!(f, "Shift-{}", name(*code)),
            Self::Other => Ok(()),
        }
    }
}

fn name(code: KeyCode) -> &'static str {
    match code {
        KeyCode::Up => "↑",
        KeyCode::Down => "↓",
        KeyCode::Left => "←",
        KeyCode::Right => "→",
        KeyCode::PageUp => "PgUp",
        KeyCode::PageDown => "PgDn",
        KeyCode::Home => "Home",
        KeyCode::End => "End",
        KeyCode::Enter => "Enter",
        KeyCode::Esc => "Esc",
        KeyCode::Tab => "Tab",
        KeyCode::BackTab => "Shift-Tab",
        KeyCode::Backspace => "Backspace",
        KeyCode::Delete => "Del",
        KeyCode::Insert => "Ins",
        _ => "?",
    }
}
