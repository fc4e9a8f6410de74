//! A key as the table names it.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with what is held down, in one spelling for every terminal: a letter bears its own case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A character.
    Char(char),
    /// A character with Ctrl.
    Ctrl(char),
    /// A key without a character.
    Code(KeyCode),
    /// A key without a character, with Shift.
    Shift(KeyCode),
    /// Anything that no table names.
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

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(' ') => f.write_str("Space"),
            Self::Char(character) => write!(f, "{character}"),
            Self::Ctrl(character) => write!(f, "Ctrl-{character}"),
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
        KeyCode::F(1) => "F1",
        _ => "?",
    }
}
