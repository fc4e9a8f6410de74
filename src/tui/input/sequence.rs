//! The meaning of a complete key sequence. It owns the table; the decoder decides where a sequence begins and ends.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::mouse::Mouse;

/// The meaning of a complete sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Key(KeyEvent),
    /// A bracketed paste begins.
    Paste,
    Mouse(Mouse),
    /// The terminal got or lost the focus.
    Focus(bool),
    /// An answer or report that was not requested, the end of a paste, or a key without a name here.
    Nothing,
}

/// `CSI`, parameters, and the final character.
pub(super) fn csi(parameters: &str, last: char) -> Meaning {
    if let Some(report) = parameters.strip_prefix('<') {
        return mouse(report, last);
    }
    // Private markers and intermediate characters occur only in answers: attributes, modes, versions.
    if !parameters.chars().all(|letter| matches!(letter, '0'..='9' | ';' | ':')) {
        return Meaning::Nothing;
    }
    if parameters.is_empty() && matches!(last, 'I' | 'O') {
        return Meaning::Focus(last == 'I');
    }
    let mut fields = parameters.split(';').map(|field| field.split(':'));
    let mut number = |at: usize| fields.next().and_then(|mut field| field.nth(at)?.parse::<u32>().ok());
    let first = number(0);
    let is_pair = parameters.contains(';');
    let code = match last {
        '~' => match first {
            Some(200) => return Meaning::Paste,
            Some(27) => return other_keys(parameters),
            first => first.and_then(numbered),
        },
        'u' => first.and_then(of_number),
        'Z' => Some(KeyCode::BackTab),
        // A cursor position report: row and column. F3 comes as `SS3 R` or `CSI 13 ~`.
        'R' if is_pair => None,
        _ => lettered(last).filter(|_| matches!(first, None | Some(1))),
    };
    let Some(code) = code else { return Meaning::Nothing };
    let mask = parameters.split(';').nth(1).unwrap_or_default();
    let mut mask = mask.split(':').map(|part| part.parse::<u32>().ok());
    let held = mask.next().flatten().unwrap_or(1);
    // Some keyboard protocols report releases.
    if mask.next().flatten() == Some(3) {
        return Meaning::Nothing;
    }
    Meaning::Key(KeyEvent::new(code, modifiers(code, held)))
}

/// `SS3`, the modifiers as some terminals send them, and the final character.
pub(super) fn ss3(parameters: &str, last: char) -> Meaning {
    let code = if last == 'M' { Some(KeyCode::Enter) } else { lettered(last) };
    let held = parameters.rsplit(';').next().and_then(|held| held.parse().ok()).unwrap_or(1);
    code.map_or(Meaning::Nothing, |code| Meaning::Key(KeyEvent::new(code, modifiers(code, held))))
}

/// `CSI [` and a letter: the Linux console.
pub(super) fn console(last: u8) -> Meaning {
    match last {
        b'A'..=b'E' => Meaning::Key(KeyCode::F(1 + last - b'A').into()),
        _ => Meaning::Nothing,
    }
}

/// `CSI 27 ; modifiers ; code ~`: xterm's form for keys without a sequence of their own.
fn other_keys(parameters: &str) -> Meaning {
    let numbers: Vec<u32> = parameters.split(';').filter_map(|field| field.parse().ok()).collect();
    let [_, held, code] = numbers[..] else { return Meaning::Nothing };
    let key = |code| Meaning::Key(KeyEvent::new(code, modifiers(code, held)));
    of_number(code).map_or(Meaning::Nothing, key)
}

/// A mouse report in mode 1006: button, column and row from 1, `M` for a press and `m` for a release.
fn mouse(report: &str, last: char) -> Meaning {
    let numbers: Vec<u16> = report.split(';').filter_map(|number| number.parse().ok()).collect();
    let ([button, column, row], 'M' | 'm') = (&numbers[..], last) else { return Meaning::Nothing };
    let (column, row) = (column.saturating_sub(1), row.saturating_sub(1));
    // Shift, Alt and Ctrl add 4, 8 and 16.
    match (button & !0b1_1100, last) {
        (0, 'M') => Meaning::Mouse(Mouse::Press { column, row }),
        (0, 'm') => Meaning::Mouse(Mouse::Release { column, row }),
        (64, 'M') => Meaning::Mouse(Mouse::Wheel { column, row, down: false }),
        (65, 'M') => Meaning::Mouse(Mouse::Wheel { column, row, down: true }),
        _ => Meaning::Nothing,
    }
}

fn lettered(last: char) -> Option<KeyCode> {
    Some(match last {
        'A' => KeyCode::Up,
        'B' => KeyCode::Down,
        'C' => KeyCode::Right,
        'D' => KeyCode::Left,
        'H' => KeyCode::Home,
        'F' => KeyCode::End,
        'P' => KeyCode::F(1),
        'Q' => KeyCode::F(2),
        'R' => KeyCode::F(3),
        'S' => KeyCode::F(4),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<KeyCode> {
    let key = |less: u32| u8::try_from(number - less).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => key(10),
        17..=21 => key(11),
        23 | 24 => key(12),
        _ => None,
    }
}

/// The key for a character's code point.
fn of_number(number: u32) -> Option<KeyCode> {
    match number {
        9 => Some(KeyCode::Tab),
        13 => Some(KeyCode::Enter),
        27 => Some(KeyCode::Esc),
        127 => Some(KeyCode::Backspace),
        _ => char::from_u32(number).filter(|letter| !letter.is_control()).map(KeyCode::Char),
    }
}

/// Decodes an xterm modifier mask, which is its bits plus one.
fn modifiers(code: KeyCode, mask: u32) -> KeyModifiers {
    let bits = mask.saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::SHIFT, bits & 1 != 0 || code == KeyCode::BackTab);
    modifiers.set(KeyModifiers::ALT, bits & 2 != 0);
    modifiers.set(KeyModifiers::CONTROL, bits & 4 != 0);
    modifiers
}
