//! Puts key sequences together again that arrived in pieces: over a slow line the escape byte of an arrow key can come
//! alone, and its rest as letters. It holds a lone Esc for a moment; what turns out to be no sequence is released as what it was.
//! It owns no clock: the caller says when it is.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tokio::time::Instant;

use super::Input;
use crate::app::mouse::Mouse;

/// How long a lone Esc waits for its rest. Pieces that come within 25 ms are joined with room to spare, and a real Esc
/// still acts within 50 ms.
pub const HOLD: Duration = Duration::from_millis(35);

/// How much longer to hold while the terminal has bytes that nobody has read yet.
const UNREAD: Duration = Duration::from_millis(5);

/// No key's sequence that is put together here has more parameter characters.
const LONGEST_PARAMETERS: usize = 8;

/// No report of the mouse has more: `<64;9999;9999`.
const LONGEST_REPORT: usize = 14;

/// No answer to a question for a colour is longer.
const LONGEST_ANSWER: usize = 48;

/// Holds back what may be the beginning of a sequence.
#[derive(Debug, Default)]
pub struct Splitter {
    held: Vec<KeyEvent>,
    paste: Option<String>,
    deadline: Option<Instant>,
}

impl Splitter {
    /// Takes one input and hands out all that is certain now.
    pub fn push(&mut self, input: Input, now: Instant, out: &mut Vec<Input>) {
        let Input::Key(key) = input else {
            // A change of size says nothing of the keys; a paste or the mouse ends what was held.
            if matches!(input, Input::Paste(_) | Input::Mouse(_)) {
                self.release(out);
            }
            out.push(input);
            return;
        };
        if let Some(text) = &mut self.paste {
            if let Some(character) = pasted(key) {
                text.push(character);
                self.deadline = Some(now + HOLD);
                return;
            }
            self.release(out);
        }
        self.key(key, now, out);
    }

    /// When [`Splitter::expire`] is to be called; `None` while nothing is held.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Releases what was held too long. With `unread`, bytes wait in the terminal, and it holds on a little.
    pub fn expire(&mut self, now: Instant, unread: bool, out: &mut Vec<Input>) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        if unread {
            self.deadline = Some(now + UNREAD);
        } else {
            self.release(out);
        }
    }

    fn key(&mut self, key: KeyEvent, now: Instant, out: &mut Vec<Input>) {
        if self.is_answer() {
            self.answer(key, now, out);
            return;
        }
        if self.held.is_empty() {
            if is_esc(key) || is_alt(key, ']') {
                self.hold(key, now);
            } else {
                out.push(Input::Key(key));
            }
            return;
        }
        match (self.held.len(), letter(key)) {
            (1, Some('[' | 'O' | ']')) => self.hold(key, now),
            (2, Some('<')) if self.held.last().copied().and_then(letter) == Some('[') => self.hold(key, now),
            (2.., Some('0'..='9' | ';')) if self.held.len() < 2 + self.longest() => self.hold(key, now),
            (2.., Some(last)) => self.finish(last, key, now, out),
            _ => {
                self.release(out);
                self.key(key, now, out);
            }
        }
    }

    /// How many parameter characters the sequence that is held may have.
    fn longest(&self) -> usize {
        let is_report = self.held.get(2).copied().and_then(letter) == Some('<');
        if is_report { LONGEST_REPORT } else { LONGEST_PARAMETERS }
    }

    /// Whether what is held begins as an answer to a question for a colour, which was asked before the screen was taken
    /// and answered too late.
    fn is_answer(&self) -> bool {
        match self.held[..] {
            [first, ..] if is_alt(first, ']') => true,
            [_, second, ..] => letter(second) == Some(']'),
            _ => false,
        }
    }

    /// Swallows an answer up to its end: as keys its letters would give commands.
    fn answer(&mut self, key: KeyEvent, now: Instant, out: &mut Vec<Input>) {
        let after_esc = self.held.last().is_some_and(|last| is_esc(*last));
        let is_end = is_alt(key, '\\')
            || key == KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL)
            || after_esc && letter(key) == Some('\\');
        if is_end {
            self.forget();
        } else if self.held.len() < LONGEST_ANSWER && (letter(key).is_some() || is_esc(key)) {
            self.hold(key, now);
        } else {
            self.release(out);
            self.key(key, now, out);
        }
    }

    fn hold(&mut self, key: KeyEvent, now: Instant) {
        self.held.push(key);
        self.deadline = Some(now + HOLD);
    }

    /// The last character of a sequence has come, or something that ends no sequence.
    fn finish(&mut self, last: char, key: KeyEvent, now: Instant, out: &mut Vec<Input>) {
        let letters: String = self.held.iter().skip(1).filter_map(|&held| letter(held)).collect();
        let (lead, parameters) = letters.split_at(1);
        match decode(lead, parameters, last) {
            Meaning::Key(key) => {
                self.forget();
                out.push(Input::Key(key));
            }
            Meaning::Paste => {
                self.forget();
                self.paste = Some(String::new());
                self.deadline = Some(now + HOLD);
            }
            Meaning::Mouse(mouse) => {
                self.forget();
                out.push(Input::Mouse(mouse));
            }
            Meaning::Nothing => self.forget(),
            Meaning::Unknown => {
                self.release(out);
                self.key(key, now, out);
            }
        }
    }

    fn forget(&mut self) {
        self.held.clear();
        self.deadline = None;
    }

    fn release(&mut self, out: &mut Vec<Input>) {
        self.deadline = None;
        if self.is_answer() && self.held.len() > 2 {
            // The rest of an answer that broke off: nobody types that fast.
            self.held.clear();
        }
        out.extend(self.held.drain(..).map(Input::Key));
        out.extend(self.paste.take().map(Input::Paste));
    }
}

fn is_esc(key: KeyEvent) -> bool {
    key.code == KeyCode::Esc && key.modifiers.is_empty()
}

/// Whether it is this character with Alt, which is how an Esc right before it is read.
fn is_alt(key: KeyEvent, character: char) -> bool {
    key.code == KeyCode::Char(character) && key.modifiers == KeyModifiers::ALT
}

/// The character of a key that is nothing but a character.
fn letter(key: KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char(character) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => Some(character),
        _ => None,
    }
}

/// The character that a key stands for inside a paste.
fn pasted(key: KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Enter => Some('\n'),
        KeyCode::Char('j') if key.modifiers == KeyModifiers::CONTROL => Some('\n'),
        KeyCode::Tab => Some('\t'),
        _ => letter(key),
    }
}

enum Meaning {
    Key(KeyEvent),
    /// The beginning of a bracketed paste: were its text taken for keys, a stranger's text would give commands.
    Paste,
    Mouse(Mouse),
    /// A report or the end of a paste, which nobody needs.
    Nothing,
    Unknown,
}

fn decode(lead: &str, parameters: &str, last: char) -> Meaning {
    if let Some(report) = parameters.strip_prefix('<') {
        return mouse(report, last);
    }
    let mut numbers = parameters.split(';').map(|number| number.parse::<u8>().unwrap_or(1));
    let first = numbers.next().unwrap_or(1);
    let second = numbers.next();
    let code = match (lead, last) {
        ("[", '~') => match first {
            200 => return Meaning::Paste,
            201 => return Meaning::Nothing,
            _ => numbered(first),
        },
        ("[", 'I' | 'O') if parameters.is_empty() => return Meaning::Nothing,
        ("[", 'Z') => Some(KeyCode::BackTab),
        _ => lettered(last),
    };
    // `ESC O 2 B` carries the modifiers in its only parameter.
    let mask = if lead == "O" { first } else { second.unwrap_or(1) };
    code.map_or(Meaning::Unknown, |code| Meaning::Key(KeyEvent::new(code, modifiers(code, mask))))
}

/// A report of the mouse in the form of mode 1006: button, column and row from 1, `M` for a press and `m` for a release.
fn mouse(report: &str, last: char) -> Meaning {
    let numbers: Vec<u16> = report.split(';').filter_map(|number| number.parse().ok()).collect();
    let ([button, column, row], 'M' | 'm') = (&numbers[..], last) else { return Meaning::Unknown };
    let (column, row) = (column.saturating_sub(1), row.saturating_sub(1));
    // Shift, Alt and Ctrl add 4, 8 and 16.
    match (button & !0b1_1100, last) {
        (0, 'M') => Meaning::Mouse(Mouse::Press { column, row }),
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

fn numbered(number: u8) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number - 10),
        17..=21 => KeyCode::F(number - 11),
        23 | 24 => KeyCode::F(number - 12),
        _ => return None,
    })
}

/// The modifiers of an xterm mask, which is one more than its bits.
fn modifiers(code: KeyCode, mask: u8) -> KeyModifiers {
    let bits = mask.saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::SHIFT, bits & 1 != 0 || code == KeyCode::BackTab);
    modifiers.set(KeyModifiers::ALT, bits & 2 != 0);
    modifiers.set(KeyModifiers::CONTROL, bits & 4 != 0);
    modifiers
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
    const NONE: KeyModifiers = KeyModifiers::NONE;

    fn esc() -> Input {
        Input::Key(KeyCode::Esc.into())
    }

    /// A character as the terminal library reports it: capital letters carry Shift.
    fn typed(character: char) -> Input {
        let modifiers = if character.is_uppercase() { SHIFT } else { NONE };
        Input::Key(KeyEvent::new(KeyCode::Char(character), modifiers))
    }

    /// Feeds an Esc and then each character `gap` later, letting deadlines pass in between, and waits for the end.
    fn feed(rest: &str, gap: Duration) -> Vec<Input> {
        let (mut splitter, mut now, mut out) = (Splitter::default(), Instant::now(), Vec::new());
        splitter.push(esc(), now, &mut out);
        for character in rest.chars() {
            now += gap;
            splitter.expire(now, false, &mut out);
            splitter.push(typed(character), now, &mut out);
        }
        splitter.expire(now + HOLD, false, &mut out);
        assert_eq!(splitter.deadline(), None, "nothing is held for ever");
        out
    }

    #[rstest]
    #[case("[A", KeyCode::Up, NONE)]
    #[case("[B", KeyCode::Down, NONE)]
    #[case("[C", KeyCode::Right, NONE)]
    #[case("[D", KeyCode::Left, NONE)]
    #[case("[H", KeyCode::Home, NONE)]
    #[case("[F", KeyCode::End, NONE)]
    #[case("[1~", KeyCode::Home, NONE)]
    #[case("[4~", KeyCode::End, NONE)]
    #[case("[7~", KeyCode::Home, NONE)]
    #[case("[3~", KeyCode::Delete, NONE)]
    #[case("[5~", KeyCode::PageUp, NONE)]
    #[case("[6~", KeyCode::PageDown, NONE)]
    #[case("[15~", KeyCode::F(5), NONE)]
    #[case("[24~", KeyCode::F(12), NONE)]
    #[case("[Z", KeyCode::BackTab, SHIFT)]
    #[case("[1;2B", KeyCode::Down, SHIFT)]
    #[case("[1;2A", KeyCode::Up, SHIFT)]
    #[case("[1;5H", KeyCode::Home, KeyModifiers::CONTROL)]
    #[case("[5;3~", KeyCode::PageUp, KeyModifiers::ALT)]
    #[case("OB", KeyCode::Down, NONE)]
    #[case("O2B", KeyCode::Down, SHIFT)]
    #[case("OP", KeyCode::F(1), NONE)]
    fn a_split_key_is_put_together(
        #[case] rest: &str,
        #[case] code: KeyCode,
        #[case] modifiers: KeyModifiers,
    ) {
        for gap in [0, 1, 10, 25] {
            let out = feed(rest, Duration::from_millis(gap));
            assert_eq!(out, [Input::Key(KeyEvent::new(code, modifiers))], "{rest} with {gap} ms");
        }
    }

    #[test]
    fn a_real_esc_acts_within_fifty_milliseconds() {
        let (mut splitter, now, mut out) = (Splitter::default(), Instant::now(), Vec::new());
        splitter.push(esc(), now, &mut out);
        assert!(out.is_empty());
        assert!(splitter.deadline().unwrap() <= now + Duration::from_millis(40));
        splitter.expire(now + HOLD, false, &mut out);
        assert_eq!(out, [esc()]);
    }

    #[test]
    fn bytes_that_nobody_has_read_yet_keep_it_waiting() {
        let (mut splitter, now, mut out) = (Splitter::default(), Instant::now(), Vec::new());
        splitter.push(esc(), now, &mut out);
        splitter.expire(now + HOLD, true, &mut out);
        splitter.push(typed('['), now + HOLD, &mut out);
        splitter.push(typed('B'), now + HOLD, &mut out);
        assert_eq!(out, [Input::Key(KeyCode::Down.into())]);
    }

    #[rstest]
    #[case("x")]
    #[case("[")]
    #[case("[1;")]
    #[case("[x")]
    #[case("Ox")]
    #[case("[99~")]
    #[case("[1111111111A")]
    fn what_is_no_sequence_is_released_as_it_was(#[case] rest: &str) {
        let expected: Vec<Input> = std::iter::once(esc()).chain(rest.chars().map(typed)).collect();
        assert_eq!(feed(rest, Duration::from_millis(1)), expected);
    }

    #[rstest]
    #[case("[<0;5;7M", Some(Mouse::Press { column: 4, row: 6 }))]
    #[case("[<4;300;100M", Some(Mouse::Press { column: 299, row: 99 }))]
    #[case("[<64;9999;9999M", Some(Mouse::Wheel { column: 9998, row: 9998, down: false }))]
    #[case("[<65;1;1M", Some(Mouse::Wheel { column: 0, row: 0, down: true }))]
    #[case("[<0;5;7m", None)]
    #[case("[<2;5;7M", None)]
    #[case("[<35;5;7M", None)]
    fn a_split_report_of_the_mouse_is_put_together(#[case] rest: &str, #[case] mouse: Option<Mouse>) {
        for gap in [0, 1, 10, 25] {
            let expected: Vec<Input> = mouse.map(Input::Mouse).into_iter().collect();
            assert_eq!(feed(rest, Duration::from_millis(gap)), expected, "{rest} with {gap} ms");
        }
    }

    /// As the terminal library reads it: an Esc right before a character is Alt.
    #[rstest]
    #[case(Some(']'), "11;rgb:1010/1010/1010", Some('\\'))]
    #[case(None, "]11;rgb:aaaa/cccc/eeee", Some('\\'))]
    #[case(None, "]11;rgba:ffff/ffff/ffff/ffff", None)]
    fn an_answer_that_comes_late_is_no_keys(
        #[case] begins: Option<char>,
        #[case] rest: &str,
        #[case] ends: Option<char>,
    ) {
        let alt = |character| Input::Key(KeyEvent::new(KeyCode::Char(character), KeyModifiers::ALT));
        let (mut splitter, now, mut out) = (Splitter::default(), Instant::now(), Vec::new());
        splitter.push(begins.map_or_else(esc, alt), now, &mut out);
        for character in rest.chars() {
            splitter.push(typed(character), now, &mut out);
        }
        let bell = || Input::Key(KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL));
        splitter.push(ends.map_or_else(bell, alt), now, &mut out);
        splitter.push(typed('x'), now, &mut out);
        assert_eq!(out, [typed('x')]);
        assert_eq!(splitter.deadline(), None);
    }

    /// An answer to the question for the background colour, as the keys that the terminal library reports.
    fn answer() -> Vec<Input> {
        let end = Input::Key(KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL));
        std::iter::once(esc()).chain("]11;rgb:1010/2020/3030".chars().map(typed)).chain([end]).collect()
    }

    #[test]
    fn a_late_answer_gives_no_key_wherever_it_breaks_off() {
        let answer = answer();
        for length in 3..answer.len() {
            let (mut splitter, now, mut out) = (Splitter::default(), Instant::now(), Vec::new());
            for key in &answer[..length] {
                splitter.push(key.clone(), now, &mut out);
            }
            splitter.expire(now + HOLD, false, &mut out);
            assert_eq!(out, [], "after {length} keys");
            assert_eq!(splitter.deadline(), None, "after {length} keys");
            splitter.push(typed('x'), now + HOLD, &mut out);
            assert_eq!(out, [typed('x')], "after {length} keys");
        }
    }

    #[test]
    fn an_answer_without_an_end_is_dropped_and_keys_work_again() {
        let (mut splitter, now, mut out) = (Splitter::default(), Instant::now(), Vec::new());
        for key in &answer()[..8] {
            splitter.push(key.clone(), now, &mut out);
        }
        let endless = std::iter::repeat_n(typed('0'), 200);
        let taken = endless.take_while(|key| {
            splitter.push(key.clone(), now, &mut out);
            out.is_empty()
        });
        assert_eq!(8 + taken.count(), LONGEST_ANSWER);
        assert_eq!(out, [typed('0')], "only the key that no answer can hold");
        assert_eq!(splitter.deadline(), None);
    }

    #[test]
    fn a_pause_longer_than_the_hold_is_two_keys() {
        assert_eq!(feed("[", HOLD * 2), [esc(), typed('[')]);
    }

    #[test]
    fn two_escs_and_a_split_key_after_esc() {
        let (mut splitter, now, mut out) = (Splitter::default(), Instant::now(), Vec::new());
        for input in [esc(), esc(), typed('['), typed('B')] {
            splitter.push(input, now, &mut out);
        }
        assert_eq!(out, [esc(), Input::Key(KeyCode::Down.into())]);
    }

    #[test]
    fn a_paste_whose_beginning_was_split_is_still_text() {
        let (mut splitter, now, mut out) = (Splitter::default(), Instant::now(), Vec::new());
        splitter.push(esc(), now, &mut out);
        for character in "[200~Xy".chars() {
            splitter.push(typed(character), now, &mut out);
        }
        splitter.push(Input::Key(KeyCode::Enter.into()), now, &mut out);
        assert!(out.is_empty(), "no pasted character acts as a key");
        splitter.expire(now + HOLD, false, &mut out);
        assert_eq!(out, [Input::Paste("Xy\n".to_owned())]);
    }

    #[test]
    fn a_resize_passes_and_a_paste_releases() {
        let resize = Input::Resize { columns: 1, rows: 1 };
        let paste = Input::Paste("x".to_owned());
        let (mut splitter, now, mut out) = (Splitter::default(), Instant::now(), Vec::new());
        for input in [esc(), resize.clone(), paste.clone()] {
            splitter.push(input, now, &mut out);
        }
        assert_eq!(out, [resize, esc(), paste]);
    }
}
