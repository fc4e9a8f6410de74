//! Turns the bytes of a terminal into keys, pastes and mouse events, however they are split on the way.
//!
//! A lone Esc is held briefly, because it may begin a sequence. Answers of the terminal (DCS, APC, OSC, PM, SOS, and
//! every CSI that is not a key) are swallowed completely, even if they pause for seconds: they may be late answers to an
//! earlier program, and read as keys, their letters would be commands. It owns no clock: the caller passes the time.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tokio::time::Instant;

use super::{
    Input,
    sequence::{self, Meaning},
};

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

/// How much longer to hold while the terminal has unread bytes.
const UNREAD: Duration = Duration::from_millis(5);

/// No key and no report is longer than this.
const LONGEST_SEQUENCE: usize = 256;

/// An answer that is longer, or takes longer, is dropped as soon as it pauses for [`Patience::rest`].
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;
const LONGEST_TIME: Duration = Duration::from_secs(10);

/// A longer paste is cut.
const LONGEST_PASTE: usize = 4 * 1024 * 1024;

const PASTE_END: &[u8] = b"\x1b[201~";

/// How long to wait for missing pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// After a lone Esc.
    pub esc: Duration,
    /// Within a sequence that has begun: its second character came together with the Esc.
    pub rest: Duration,
    /// Within an answer of the terminal that begins as answers do.
    pub answer: Duration,
    pub paste: Duration,
}

impl Patience {
    /// On the same machine.
    pub const LOCAL: Self = Self {
        esc: Duration::from_millis(25),
        rest: Duration::from_millis(250),
        answer: Duration::from_secs(5),
        paste: Duration::from_secs(2),
    };
    /// Over a network connection.
    pub const REMOTE: Self = Self {
        esc: Duration::from_millis(100),
        rest: Duration::from_secs(1),
        answer: Duration::from_secs(10),
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
    /// The last character that was taken for a key although it can begin an answer, an Esc or the one after it, and until when
    /// it still can.
    lead: Option<(u8, Instant)>,
    paste: Option<Vec<u8>>,
    deadline: Option<Instant>,
}

/// An answer of the terminal that is being swallowed.
#[derive(Debug, Clone, Copy)]
struct Answer {
    /// The character after Esc that began it: `[` for a CSI, which ends with a letter or a sign.
    lead: u8,
    begun: Instant,
    /// The bytes after the beginning.
    length: usize,
    /// Whether it begins as answers do.
    is_likely: bool,
    is_after_esc: bool,
}

impl Answer {
    fn new(lead: u8, begun: Instant) -> Self {
        Self { lead, begun, length: 0, is_likely: false, is_after_esc: false }
    }

    /// How long to wait for more of it. A person can begin an answer too, with Alt and a letter, and must be heard soon.
    fn wait(&self, patience: Patience, now: Instant) -> Duration {
        let is_long = self.length > LONGEST_ANSWER || now.duration_since(self.begun) > LONGEST_TIME;
        if self.is_likely && !is_long { patience.answer } else { patience.rest }
    }
}

/// The meaning of the held bytes.
enum Step {
    /// A complete sequence of this many bytes; it yields an input or nothing.
    Whole(usize, Option<Input>),
    /// An answer begins, with this many bytes and this character after Esc.
    Answer(usize, u8),
    /// A paste begins, with this many bytes.
    Paste(usize),
    /// More bytes are needed.
    More,
}

impl Decoder {
    /// A decoder that waits this long.
    pub fn new(patience: Patience) -> Self {
        Self {
            patience,
            held: Vec::new(),
            is_alone: false,
            answer: None,
            lead: None,
            paste: None,
            deadline: None,
        }
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
        let Some(deadline) = self.deadline.filter(|deadline| now >= *deadline) else { return };
        if unread {
            self.deadline = Some(now + UNREAD);
            return;
        }
        self.deadline = None;
        // Only its first two characters came: somebody pressed Alt and a letter, or the rest of the answer is still to come.
        if let Some(Answer { lead, length: 0, .. }) = self.answer.take() {
            out.push(alt(lead));
            self.lead = Some((lead, deadline + self.patience.answer));
        }
        if let Some(text) = self.paste.take() {
            out.push(pasted(&text));
        }
        // A pressed key, and bytes that could otherwise only begin a sequence. Nobody types anything longer.
        match std::mem::take(&mut self.held)[..] {
            [ESC] => {
                out.push(Input::Key(KeyCode::Esc.into()));
                self.lead = Some((ESC, deadline + self.patience.answer));
            }
            [ESC, second @ (b'[' | b'O')] if self.is_alone => {
                out.push(Input::Key(KeyCode::Esc.into()));
                out.push(Input::Key(character(char::from(second))));
            }
            [ESC, b'['] => self.lead = Some((b'[', deadline + self.patience.answer)),
            _ => {}
        }
    }

    fn bytes(&mut self, bytes: &[u8], now: Instant, out: &mut Vec<Input>) {
        if self.held == [ESC] && !bytes.is_empty() {
            self.is_alone = true;
        }
        // Nobody presses two keys at once, so this is the rest of the answer.
        let lead = self.lead.take().filter(|(_, until)| now <= *until && self.held.is_empty());
        match (lead, bytes) {
            (Some((ESC, _)), [lead, first, _, ..]) if begins_answer(*lead, *first) => self.held = vec![ESC],
            (Some((lead, _)), [first, _, ..]) if begins_answer(lead, *first) => {
                self.held = vec![ESC, lead];
                self.settle(now, out);
            }
            _ => {}
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = if self.paste.is_some() {
                self.paste(rest, out)
            } else if self.answer.is_some() {
                self.answer(rest)
            } else {
                self.held.push(rest[0]);
                self.settle(now, out);
                &rest[1..]
            };
        }
        let wait = match (&self.paste, &self.answer, &self.held[..]) {
            (Some(_), ..) => Some(self.patience.paste),
            (_, Some(answer), _) => Some(answer.wait(self.patience, now)),
            (.., []) => None,
            (.., [ESC]) => Some(self.patience.esc),
            (.., [ESC, b'[' | b'O']) if self.is_alone => Some(self.patience.esc),
            (.., [ESC, b'[', first, ..] | [0x9b, first, ..] | [0xc2, 0x9b, first, ..])
                if begins_answer(b'[', *first) =>
            {
                Some(self.patience.answer)
            }
            _ => Some(self.patience.rest),
        };
        self.deadline = wait.map(|wait| now + wait);
    }

    /// Decodes every complete sequence among the held bytes.
    fn settle(&mut self, now: Instant, out: &mut Vec<Input>) {
        while !self.held.is_empty() {
            match step(&self.held, self.is_alone) {
                Step::More if self.held.len() <= LONGEST_SEQUENCE => return,
                // However long it is, none of it is a key.
                Step::More => {
                    let is_csi = self.held.starts_with(b"\x1b[");
                    self.answer = is_csi.then(|| Answer {
                        length: self.held.len(),
                        is_likely: true,
                        ..Answer::new(b'[', now)
                    });
                    self.held.clear();
                }
                Step::Whole(length, input) => {
                    self.held.drain(..length);
                    out.extend(input);
                }
                Step::Answer(length, lead) => {
                    self.held.drain(..length);
                    self.answer = Some(Answer::new(lead, now));
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
            if answer.length == 0 {
                answer.is_likely = begins_answer(answer.lead, byte);
            }
            answer.length += 1;
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
                BEL if answer.lead == b']' => {
                    self.answer = None;
                    return &bytes[at + 1..];
                }
                // Answers contain no control characters such as Ctrl-C: someone pressed a key.
                0..=6 | 0x0e..=0x1f => {
                    self.answer = None;
                    return &bytes[at..];
                }
                0x40..=0x7e if answer.lead == b'[' => {
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

/// Whether an answer with this character after Esc can go on like this. PM and SOS are in no terminal's answer.
fn begins_answer(lead: u8, first: u8) -> bool {
    match lead {
        b'[' => (0x30..=0x3f).contains(&first),
        b'P' => first.is_ascii_digit() || b";<=>?!+$|".contains(&first),
        b']' => first.is_ascii_digit() || matches!(first, b'l' | b'L'),
        b'_' => first == b'G',
        _ => false,
    }
}

fn alt(letter: u8) -> Input {
    let key = character(char::from(letter));
    Input::Key(KeyEvent::new(key.code, key.modifiers | KeyModifiers::ALT))
}

/// Identifies the sequence at the beginning of the bytes.
fn step(held: &[u8], is_alone: bool) -> Step {
    match held {
        [] | [ESC] => Step::More,
        [ESC, b'[', rest @ ..] => csi(rest, 2),
        [ESC, b'O', rest @ ..] => ss3(rest),
        [ESC, lead @ (b']' | b'P' | b'X' | b'^' | b'_'), ..] => Step::Answer(2, *lead),
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
        [lead @ (0x90 | 0x98 | 0x9d | 0x9e | 0x9f), ..] => Step::Answer(1, *lead - 0x40),
        [0xc2, lead @ (0x90 | 0x98 | 0x9d | 0x9e | 0x9f), ..] => Step::Answer(2, *lead - 0x40),
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
        Meaning::Focus(has_focus) => Some(Input::Focus(has_focus)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_paste_needs_no_endless_memory() {
        let (mut decoder, now, mut out) = (Decoder::new(Patience::LOCAL), Instant::now(), Vec::new());
        decoder.push(Input::Bytes(b"\x1b[200~".to_vec()), now, &mut out);
        for _ in 0..100 {
            decoder.push(Input::Bytes(vec![b'x'; 100_000]), now, &mut out);
            assert!(decoder.paste.as_ref().is_some_and(|text| text.len() <= LONGEST_PASTE));
        }
        decoder.push(Input::Bytes(b"\x1b[201~j".to_vec()), now, &mut out);
        assert!(matches!(&out[..], [Input::Paste(_), Input::Key(_)]));
    }
}
