//! One secret, and the spellings in which a text may contain it: as it is, percent-encoded or form-encoded, in base64 with any
//! bytes before it, cut short and followed by dots, and each of these with invisible characters in between.

use std::ops::Range;

use secrecy::{ExposeSecret, SecretString};

use crate::domain::{base64, name};

/// How many bytes at a secret's start give it away if dots replace the rest.
const PREFIX: usize = 10;

/// The base64 of a shorter secret is a word like any other.
const LEAST_ENCODED: usize = 8;

/// A secret and its spellings.
pub(super) struct Spellings {
    plain: SecretString,
    /// The digits that its base64 always contains, by the number of bytes before it, modulo 3: those that no neighbour changes.
    encoded: Vec<SecretString>,
}

impl Spellings {
    pub(super) fn new(plain: SecretString) -> Self {
        let bytes = plain.expose_secret().as_bytes();
        let encoded = if bytes.len() < LEAST_ENCODED {
            Vec::new()
        } else {
            (0..3).map(|before| SecretString::from(certain_digits(bytes, before))).collect()
        };
        Self { plain, encoded }
    }

    /// The length of the secret in bytes.
    pub(super) fn len(&self) -> usize {
        self.plain.expose_secret().len()
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.plain.expose_secret() == other.plain.expose_secret()
    }

    /// The bytes with which a spelling may begin.
    pub(super) fn beginnings(&self) -> Vec<u8> {
        let first = |text: &SecretString| text.expose_secret().as_bytes().first().copied();
        let plain = first(&self.plain)
            .into_iter()
            .flat_map(|byte| [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()]);
        let encoded = self.encoded.iter().filter_map(first).flat_map(|digit| [digit, in_urls(digit)]);
        plain.chain(encoded).chain(*b"%+").collect()
    }

    /// The range of a spelling that begins, or whose certain part begins, at this place of the text; its uncertain part may reach
    /// back as far as `before`.
    pub(super) fn find(&self, text: &str, at: usize, before: usize) -> Option<Range<usize>> {
        self.find_plain(text, at).or_else(|| self.find_encoded(text, at, before))
    }

    fn find_plain(&self, text: &str, at: usize) -> Option<Range<usize>> {
        let secret = self.plain.expose_secret().as_bytes();
        let (matched, end) = compare(text, at, secret, |byte, wanted| byte.eq_ignore_ascii_case(&wanted));
        if !text.is_char_boundary(end) {
            return None;
        }
        if matched == secret.len() {
            return Some(at..end);
        }
        let dots = text[end..].find(|c| !is_dot(c) && !name::is_unseen(c)).unwrap_or(text.len() - end);
        let dotted = &text[end..end + dots];
        let stands_for_more = dotted.contains('…') || dotted.chars().filter(|c| is_dot(*c)).count() > 1;
        (matched >= PREFIX && stands_for_more).then_some(at..end + dots)
    }

    fn find_encoded(&self, text: &str, at: usize, before: usize) -> Option<Range<usize>> {
        let is_same = |byte: u8, wanted: u8| byte == wanted || byte == in_urls(wanted);
        let found = self.encoded.iter().filter_map(|digits| {
            let digits = digits.expose_secret().as_bytes();
            let (matched, end) = compare(text, at, digits, is_same);
            (matched == digits.len() && text.is_char_boundary(end)).then_some(end)
        });
        let end = found.max()?;
        let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
        let more = text.as_bytes()[end..].iter().take_while(|byte| is_digit(byte)).count();
        let less =
            text.as_bytes()[before..at].iter().rev().take_while(|byte| is_digit(byte) && **byte != b'=');
        Some(at - less.count()..end + more)
    }
}

/// The base64 digits that a secret alone determines, if `before` bytes precede it.
fn certain_digits(secret: &[u8], before: usize) -> String {
    let bytes = [&[0; 2][..before], secret].concat();
    let skipped = [0, 2, 3][before];
    let digits = base64::encode(&bytes);
    digits[skipped..bytes.len() * 8 / 6].to_owned()
}

/// The same digit in the URL-safe alphabet.
fn in_urls(digit: u8) -> u8 {
    match digit {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    }
}

fn is_dot(c: char) -> bool {
    matches!(c, '.' | '…' | '*' | '•' | '·')
}

/// How many of the wanted bytes a text spells from this place on, in any mixture of plain, encoded and invisible characters,
/// and where that ends.
fn compare(text: &str, at: usize, wanted: &[u8], is_same: impl Fn(u8, u8) -> bool) -> (usize, usize) {
    let bytes = text.as_bytes();
    let (mut next, mut end, mut matched) = (at, at, 0);
    while let Some(byte) = wanted.get(matched) {
        let step = match &bytes[next..] {
            [b'%', ..] => match encoded(text, next) {
                Some((one, length)) if is_same(one, *byte) => length,
                _ => usize::from(is_same(b'%', *byte)),
            },
            [one, ..] if is_same(*one, *byte) => 1,
            [b'+', ..] if *byte == b' ' => 1,
            _ => 0,
        };
        if step > 0 {
            next += step;
            end = next;
            matched += 1;
            continue;
        }
        match text.get(next..).and_then(|rest| rest.chars().next()) {
            Some(unseen) if matched > 0 && name::is_unseen(unseen) => next += unseen.len_utf8(),
            _ => break,
        }
    }
    (matched, end)
}

/// The percent-encoded byte at this place, and the length of its encoding in the text.
fn encoded(text: &str, at: usize) -> Option<(u8, usize)> {
    let mut seen = text[at + 1..].char_indices().filter(|(_, c)| !name::is_unseen(*c));
    let (high, (place, low)) = (seen.next()?.1.to_digit(16)?, seen.next()?);
    Some((u8::try_from(high * 16 + low.to_digit(16)?).ok()?, place + 2))
}
