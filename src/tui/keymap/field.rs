//! Which keys a text field takes as input.

use crossterm::event::KeyCode;
use tui_input::InputRequest;

use super::key::Key;
use crate::app::context::Takes;

/// The edit that a key causes in a field.
pub(super) fn edit(takes: Takes, key: Key) -> Option<InputRequest> {
    match (takes, key) {
        (Takes::Nothing, _) => None,
        (Takes::Digits, Key::Char(character)) if !character.is_ascii_digit() => None,
        (_, Key::Char(character)) => Some(InputRequest::InsertChar(character)),
        (_, Key::Code(KeyCode::Backspace) | Key::Ctrl('h')) => Some(InputRequest::DeletePrevChar),
        (Takes::Digits, _) => None,
        (_, Key::Code(KeyCode::Delete)) => Some(InputRequest::DeleteNextChar),
        (_, Key::Code(KeyCode::Left)) => Some(InputRequest::GoToPrevChar),
        (_, Key::Code(KeyCode::Right)) => Some(InputRequest::GoToNextChar),
        (_, Key::Code(KeyCode::Home) | Key::Ctrl('a')) => Some(InputRequest::GoToStart),
        (_, Key::Code(KeyCode::End) | Key::Ctrl('e')) => Some(InputRequest::GoToEnd),
        (_, Key::Ctrl('w')) => Some(InputRequest::DeletePrevWord),
        (_, Key::Ctrl('u')) => Some(InputRequest::DeleteLine),
        (_, Key::Ctrl('k')) => Some(InputRequest::DeleteTillEnd),
        _ => None,
    }
}
