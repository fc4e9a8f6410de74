//! Turns the bytes of a terminal into keys, pastes and mouse events, however they are split on the way.
//!
//! A lone Esc is held briefly, because it may begin a sequence. Answers of the terminal (DCS, APC, OSC, PM, SOS, and
//! every CSI that is not a key) are swallowed completely: they may be late answers to an earlier program, and read as
//! keys, their letters would be commands. It owns no clock: the caller passes the time.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tokio::time::Instant;

use super::{
    Input,
    sequence::{self, Meaning},
};

#[cfg(test)]
mod tests;

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

/// How much longer to hold while the terminal has unread bytes.
const UNREAD: Duration = Duration::from_millis(5);

/// No key and no report is longer than this.
const LONGEST_SEQUENCE: usize = 256;

/// A longer paste is cut.
const LONGEST_PASTE: usize = 4 * 1024 * 1024;

const PASTE_END: &[u8] = b"\x1b[201~";

/// How long to wait for missing pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// After a lone Esc.
    pub esc: Duration,
    /// Within a sequence that has certainly begun.
    pub rest: Duration,
    /// Within a paste.
    pub paste: Duration,
}

impl Patience {
    /// On the same machine.
    pub const LOCAL: Self = Self {
        esc: Duration::from_millis(25),
        rest: Duration::from_millis(250),
        paste: Duration::from_secs(2),
    };
    /// Over a network connection.
    pub const REMOTE: Self = Self {
        esc: Duration::from_millis(100),
        rest: Duration::from_secs(1),
        paste: Duration::from_secs(10),
    };
}

/// The decoder. It holds incomplete sequences.
#[derive(Debug)]
pub struct Decoder {
    patience: Patience,
    /// The beginning of a key or a report.
    held: Vec<u8>,
    /// Whether the held Esc came alone, at the end of a read.
    is_alone: bool,
    answer: Option<Answer>,
    paste: Option<Vec<u8>>,
    deadline: Option<Instant>,
}

/// An answer of the terminal that is being swallowed.
#[derive(Debug, Clone, Copy)]
struct Answer {
    ends_with_bel: bool,
    /// It is a CSI, which ends with a letter or a sign.
    is_csi: bool,
    is_after_esc: bool,
}

/// The meaning of the held bytes.
enum Step {
    /// A complete sequence of this many bytes; it yields an input or nothing.
    Whole(usize, Option<Input>),
    /// An answer begins, with this many bytes.
    Answer(usize, bool),
    /// A paste begins, with this many bytes.
    Paste(usize),
    /// More bytes are needed.
    More,
}

impl Decoder {
    /// A decoder that waits this long.
    pub fn new(patience: Patience) -> Self {
        Self { patience, held: Vec::new(), is_alone: false, answer: None, paste: None, deadline: None }
    }

    /// Accepts an input and outputs everything that is now certain.
    pub fn push(&mut self, input: Input, now: Instant, out: &mut Vec<Input>) {
        match input {
            Input::Bytes(bytes) => self.bytes(&bytes, now, out),
            // A change of size does not affect the keys.
            other => out.push(other),
        }
    }

    /// When to call [`Decoder::expire`]; `None` while nothing is held.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Stops waiting for the rest of a sequence held for too long. If `unread`, bytes are waiting in the terminal, and
    /// it waits a little longer.
    pub fn expire(&mut self, now: Instant, unread: bool, out: &mut Vec<Input>) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        if unread {
            self.deadline = Some(now + UNREAD);
            return;
        }
        self.deadline = None;
        self.answer = None;
        if let Some(text) = self.paste.take() {
            out.push(pasted(&text));
        }
        // A pressed key, and bytes that could otherwise only begin a sequence. Nobody types anything longer.
        match std::mem::take(&mut self.held)[..] {
            [ESC] => out.push(Input::Key(KeyCode::Esc.into())),
            [ESC, second @ (b'[' | b'O')] if self.is_alone => {
                out.push(Input::Key(KeyCode::Esc.into()));
                out.push(Input::Key(character(char::from(second))));
            }
            _ => {}
        }
    }

    fn bytes(&mut self, bytes: &[u8], now: Instant, out: &mut Vec<Input>) {
        if self.held == [ESC] && !bytes.is_empty() {
            self.is_alone = true;
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = if self.paste.is_some() {
                self.paste(rest, out)
            } else if self.answer.is_some() {
                self.answer(rest)
            } else {
                self.held.push(rest[0]);
                self.settle(out);
                &rest[1..]
            };
        }
        let wait = match (&self.paste, &self.answer, &self.held[..]) {
            (Some(_), ..) => Some(self.patience.paste),
            (_, Some(_), _) => Some(self.patience.rest),
            (.., []) => None,
            (.., [ESC] | [ESC, b'[' | b'O']) => Some(self.patience.esc),
            _ => Some(self.patience.rest),
        };
        self.deadline = wait.map(|wait| now + wait);
    }

    /// Decodes every complete sequence among the held bytes.
    fn settle(&mut self, out: &mut Vec<Input>) {
        while !self.held.is_empty() {
            match step(&self.held, self.is_alone) {
                Step::More if self.held.len() <= LONGEST_SEQUENCE => return,
                // However long it is, none of it is a key.
                Step::More => {
                    let is_csi = self.held.starts_with(b"\x1b[");
                    self.held.clear();
                    self.answer =
                        is_csi.then_some(Answer { ends_with_bel: false, is_csi, is_after_esc: false });
                }
                Step::Whole(length, input) => {
                    self.held.drain(..length);
                    out.extend(input);
                }
                Step::Answer(length, ends_with_bel) => {
                    self.held.drain(..length);
                    self.answer = Some(Answer { ends_with_bel, is_csi: false, is_after_esc: false });
                }
                Step::Paste(length) => {
                    self.held.drain(..length);
                    self.paste = Some(Vec::new());
                }
            }
            self.is_alone = false;
        }
    }

    /// Swallows an answer up to its end, and returns the bytes after it.
    fn answer<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some(answer) = &mut self.answer else { return bytes };
        for (at, &byte) in bytes.iter().enumerate() {
            let after_esc = std::mem::take(&mut answer.is_after_esc);
            match byte {
                b'\\' if after_esc => {
                    self.answer = None;
                    return &bytes[at + 1..];
                }
                ESC => answer.is_after_esc = true,
                // A different sequence begins.
                _ if after_esc => {
                    self.answer = None;
                    self.held.push(ESC);
                    return &bytes[at..];
                }
                BEL if answer.ends_with_bel => {
                    self.answer = None;
                    return &bytes[at + 1..];
                }
                // Answers contain no control characters such as Ctrl-C: someone pressed a key.
                0..=6 | 0x0e..=0x1f => {
                    self.answer = None;
                    return &bytes[at..];
                }
                0x40..=0x7e if answer.is_csi => {
                    self.answer = None;
                    return &bytes[at + 1..];
                }
                _ => {}
            }
        }
        &[]
    }

    /// Collects a paste up to its end, and returns the bytes after it.
    fn paste<'a>(&mut self, bytes: &'a [u8], out: &mut Vec<Input>) -> &'a [u8] {
        let Some(text) = &mut self.paste else { return bytes };
        let before = text.len();
        text.extend_from_slice(bytes);
        let from = before.saturating_sub(PASTE_END.len() - 1);
        let end = text[from..].windows(PASTE_END.len()).position(|window| window == PASTE_END);
        let Some(end) = end.map(|end| from + end) else {
            if text.len() > LONGEST_PASTE {
                // Keep the last bytes: they may begin the end marker.
                let excess = text.len() - LONGEST_PASTE;
                let last = text.len() - (PASTE_END.len() - 1);
                text.drain(last - excess..last);
            }
            return &[];
        };
        let rest = &bytes[end + PASTE_END.len() - before..];
        text.truncate(end);
        out.extend(self.paste.take().map(|text| pasted(&text)));
        rest
    }
}

/// Terminals send a carriage return for each line ending of a paste.
fn pasted(text: &[u8]) -> Input {
    Input::Paste(String::from_utf8_lossy(text).replace("\r\n", "\n").replace('\r', "\n"))
}

/// Identifies the sequence at the beginning of the bytes.
fn step(held: &[u8], is_alone: bool) -> Step {
    match held {
        [] | [ESC] => Step::More,
        [ESC, b'[', rest @ ..] => csi(rest, 2),
        [ESC, b'O', rest @ ..] => ss3(rest),
        [ESC, lead @ (b']' | b'P' | b'X' | b'^' | b'_'), ..] => Step::Answer(2, *lead == b']'),
        // The end of an answer whose beginning was lost.
        [ESC, b'\\', ..] => Step::Whole(2, None),
        [ESC, ESC, ..] => Step::Whole(1, Some(Input::Key(KeyCode::Esc.into()))),
        // A real Esc, followed by a key.
        [ESC, ..] if is_alone => Step::Whole(1, Some(Input::Key(KeyCode::Esc.into()))),
        [ESC, rest @ ..] => match step(rest, false) {
            Step::Whole(length, Some(Input::Key(key))) => {
                let key = KeyEvent::new(key.code, key.modifiers | KeyModifiers::ALT);
                Step::Whole(1 + length, Some(Input::Key(key)))
            }
            Step::More => Step::More,
            _ => Step::Whole(1, None),
        },
        // The same as one character: 8-bit, and as UTF-8.
        [0x9b, rest @ ..] => csi(rest, 1),
        [0xc2, 0x9b, rest @ ..] => csi(rest, 2),
        [lead @ (0x90 | 0x98 | 0x9d | 0x9e | 0x9f), ..] => Step::Answer(1, *lead == 0x9d),
        [0xc2, lead @ (0x90 | 0x98 | 0x9d | 0x9e | 0x9f), ..] => Step::Answer(2, *lead == 0x9d),
        [byte @ 0..=0x7f, ..] => Step::Whole(1, Some(Input::Key(single(*byte)))),
        _ => letter(held),
    }
}

/// Identifies the sequence after a `CSI` that has this many bytes.
fn csi(rest: &[u8], lead: usize) -> Step {
    match rest {
        [b'[', last, ..] => return Step::Whole(lead + 2, input(sequence::console(*last))),
        // The oldest mouse format, which is never requested: three bytes follow.
        [b'M', _, _, _, ..] => return Step::Whole(lead + 4, None),
        [b'['] | [b'M', ..] => return Step::More,
        _ => {}
    }
    let Some(end) = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte)) else { return Step::More };
    let last = rest[end];
    if !(0x40..=0x7e).contains(&last) {
        // The sequence was interrupted: the next byte begins something else.
        return Step::Whole(lead + end, None);
    }
    let parameters: String = rest[..end].iter().map(|byte| char::from(*byte)).collect();
    match sequence::csi(&parameters, char::from(last)) {
        Meaning::Paste => Step::Paste(lead + end + 1),
        meaning => Step::Whole(lead + end + 1, input(meaning)),
    }
}

fn ss3(rest: &[u8]) -> Step {
    let Some(end) = rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';')) else {
        return Step::More;
    };
    if !rest[end].is_ascii_graphic() {
        return Step::Whole(2 + end, None);
    }
    let parameters: String = rest[..end].iter().map(|byte| char::from(*byte)).collect();
    Step::Whole(2 + end + 1, input(sequence::ss3(&parameters, char::from(rest[end]))))
}

fn input(meaning: Meaning) -> Option<Input> {
    match meaning {
        Meaning::Key(key) => Some(Input::Key(key)),
        Meaning::Mouse(mouse) => Some(Input::Mouse(mouse)),
        Meaning::Paste | Meaning::Nothing => None,
    }
}

/// A character of several bytes. Invalid UTF-8 is skipped.
fn letter(held: &[u8]) -> Step {
    let length = match held[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Step::Whole(1, None),
    };
    let part = &held[..held.len().min(length)];
    match std::str::from_utf8(part) {
        Ok(text) => {
            let letter = text.chars().next().filter(|letter| !letter.is_control());
            Step::Whole(length, letter.map(|letter| Input::Key(character(letter))))
        }
        Err(error) if error.error_len().is_none() => Step::More,
        Err(_) => Step::Whole(1, None),
    }
}

/// A character as a key: capital letters have Shift set.
fn character(letter: char) -> KeyEvent {
    let held = if letter.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    KeyEvent::new(KeyCode::Char(letter), held)
}

fn single(byte: u8) -> KeyEvent {
    let ctrl = |letter: u8| KeyEvent::new(KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL);
    match byte {
        b'\r' => KeyCode::Enter.into(),
        b'\t' => KeyCode::Tab.into(),
        0x7f => KeyCode::Backspace.into(),
        0 => ctrl(b' '),
        0x01..=0x1a => ctrl(byte - 1 + b'a'),
        0x1b => KeyCode::Esc.into(),
        0x1c..=0x1f => ctrl(byte - 0x1c + b'4'),
        _ => character(char::from(byte)),
    }
}
