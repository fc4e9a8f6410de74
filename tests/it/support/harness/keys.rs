//! Keys as tests write them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Reads keys: a character stands for itself, `<…>` for a key with a name, such as `<tab>`, `<s-down>`, `<c-c>`. After an
/// Esc the next keys wait, as a terminal's keys do: together they would be read as one sequence.
pub(crate) fn parse(keys: &str) -> Vec<Vec<KeyEvent>> {
    let mut runs = vec![Vec::new()];
    let mut rest = keys;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        let key = match rest.split_once('>').filter(|_| character == '<') {
            Some((name, after)) => {
                rest = after;
                named(name)
            }
            None => of_char(character, KeyModifiers::NONE),
        };
        let run = runs.last_mut().expect("there is always a run");
        run.push(key);
        if key.code == KeyCode::Esc {
            runs.push(Vec::new());
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn of_char(character: char, held: KeyModifiers) -> KeyEvent {
    let shift = if character.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    KeyEvent::new(KeyCode::Char(character), held | shift)
}

fn named(name: &str) -> KeyEvent {
    if let Some(rest) = name.strip_prefix("c-") {
        return KeyEvent { modifiers: KeyModifiers::CONTROL, ..named(rest) };
    }
    if let Some(rest) = name.strip_prefix("s-") {
        return KeyEvent { modifiers: KeyModifiers::SHIFT, ..named(rest) };
    }
    let code = match name {
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "backspace" => KeyCode::Backspace,
        "del" => KeyCode::Delete,
        "space" => KeyCode::Char(' '),
        "f1" | "f2" | "f3" | "f4" | "f5" | "f6" | "f7" | "f8" | "f9" => KeyCode::F(name.as_bytes()[1] - b'0'),
        "lt" => KeyCode::Char('<'),
        _ => {
            let mut characters = name.chars();
            match (characters.next(), characters.next()) {
                (Some(character), None) => KeyCode::Char(character),
                _ => panic!("no key is called <{name}>"),
            }
        }
    };
    KeyEvent::new(code, KeyModifiers::NONE)
}
