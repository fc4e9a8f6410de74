//! The forms of a text in which secrets are searched: what a person sees of it, and that with its encodings undone, once, twice
//! and so on until nothing is left to undo. Each character knows its place in the original text.
//!
//! It owns the encodings: percent, quoted-printable, HTML entities, and the escapes of JSON, of shells and of programming languages.
//! It also owns the tags of mark-up. It knows no secrets.

use std::ops::Range;

use crate::domain::name::seen;

/// How many times the encodings of a whole text are undone one level at a time. After that, all levels are undone at once.
const PASSES: usize = 8;

/// The longest entity, with leading zeros.
const LONGEST_ENTITY: usize = 40;

/// The longest `\u{…}`, with leading zeros.
const LONGEST_BRACED: usize = 12;

/// The longest tag, with its brackets.
const LONGEST_TAG: usize = 42;

/// The longest text whose forms are all searched, in visible characters.
const LONGEST_THOROUGH: usize = 2_000;

/// The signs with which encodings begin.
const SIGNS: [char; 4] = ['%', '=', '&', '\\'];

/// A visible character of a text.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub(super) exact: char,
    pub(super) folded: char,
    pub(super) place: Range<usize>,
    /// Whether there is a blank between it and the one before it.
    pub(super) is_after_blank: bool,
    /// A byte of a character in UTF-8 that is not complete yet.
    byte: Option<u8>,
    /// Whether the present pass has decoded it.
    is_new: bool,
}

impl Unit {
    fn new(c: char, place: Range<usize>, is_after_blank: bool) -> Self {
        Self { exact: c, folded: fold(c), place, is_after_blank, byte: None, is_new: false }
    }
}

/// The character by which it is compared: its small letter.
pub(super) fn fold(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

/// Whether a character can begin an encoding or a tag.
pub(super) fn begins_disguise(c: char) -> bool {
    c == '<' || SIGNS.contains(&c)
}

/// The visible characters of a text.
pub(super) fn visible(text: &str) -> Vec<Unit> {
    let mut units = Vec::with_capacity(text.len());
    let mut is_after_blank = false;
    for (at, c) in text.char_indices() {
        is_after_blank |= seen::is_blank(c);
        seen::each_visible(c, |visible| {
            let blank = std::mem::take(&mut is_after_blank);
            units.push(Unit::new(visible, at..at + c.len_utf8(), blank));
        });
    }
    units
}

/// Only the letters and digits among these characters.
pub(super) fn letters(units: &[Unit]) -> Vec<Unit> {
    units.iter().filter(|unit| unit.exact.is_alphanumeric()).cloned().collect()
}

/// All encodings undone, however deep they are nested.
pub(super) fn decoded(units: &[Unit]) -> Vec<Unit> {
    pass(units, &SIGNS, true).units
}

/// Passes on each form of a text, with and without tags. If `plus_is_blank`, it also takes `+` for a blank, as forms on web pages do.
/// Of a long text, only those in which all encodings are undone together: all forms would take seconds.
pub(super) fn each_form(text: &str, plus_is_blank: bool, mut search: impl FnMut(&[Unit])) {
    let units = visible(text);
    if units.len() > LONGEST_THOROUGH {
        let bare = without_tags(&units);
        for form in [Some(units), bare].into_iter().flatten() {
            search(&form);
            let mut last = None;
            each_pass(&form, &SIGNS, &mut |form| {
                search(form);
                last = without_tags(form);
            });
            if let Some(bare) = last {
                search(&bare);
            }
        }
        return;
    }
    let mut search = |units: &[Unit]| each_without_tags(units, &mut search);
    each_without_tags(&units, &mut |units| {
        each_decoded(units, &mut search);
        if plus_is_blank && units.iter().any(|unit| unit.exact == '+') {
            let mut is_after_blank = false;
            let without = units.iter().filter_map(|unit| {
                let blank = std::mem::replace(&mut is_after_blank, unit.exact == '+');
                let unit = Unit { is_after_blank: unit.is_after_blank || blank, ..unit.clone() };
                (unit.exact != '+').then_some(unit)
            });
            each_decoded(&without.collect::<Vec<_>>(), &mut search);
        }
    });
}

/// Passes on a text, and without its tags until no more tags appear.
fn each_without_tags(units: &[Unit], search: &mut impl FnMut(&[Unit])) {
    search(units);
    let mut bare = without_tags(units);
    for _ in 0..PASSES {
        let Some(form) = bare else { return };
        search(&form);
        bare = without_tags(&form);
    }
}

/// The characters outside all tags; `None` if there is no tag.
fn without_tags(units: &[Unit]) -> Option<Vec<Unit>> {
    let tag = |at: usize| {
        let inside = units[at..].iter().take(LONGEST_TAG).skip(1);
        let mut ends = inside.enumerate().filter(|(_, unit)| matches!(unit.exact, '<' | '>'));
        ends.next().filter(|(_, unit)| unit.exact == '>').map(|(length, _)| length + 2)
    };
    if !units.iter().any(|unit| unit.exact == '<') {
        return None;
    }
    let (mut bare, mut at) = (Vec::with_capacity(units.len()), 0);
    while at < units.len() {
        let length = if units[at].exact == '<' { tag(at) } else { None };
        if length.is_none() {
            bare.push(units[at].clone());
        }
        at += length.unwrap_or(1);
    }
    (bare.len() < units.len()).then_some(bare)
}

/// Passes on a text, with all encodings undone and with one kind of them undone: a secret may itself look encoded.
fn each_decoded(units: &[Unit], search: &mut impl FnMut(&[Unit])) {
    search(units);
    let signs: Vec<char> =
        SIGNS.into_iter().filter(|sign| units.iter().any(|unit| unit.exact == *sign)).collect();
    for sign in &signs {
        each_pass(units, &[*sign], search);
    }
    if !signs.is_empty() {
        each_pass(units, &SIGNS, search);
    }
}

fn each_pass(units: &[Unit], signs: &[char], search: &mut impl FnMut(&[Unit])) {
    let mut form = pass(units, signs, false);
    for _ in 1..PASSES {
        if !form.has_changed {
            return;
        }
        search(&form.units);
        form = pass(&form.units, signs, false);
    }
    search(&form.units);
    search(&pass(units, signs, true).units);
}

fn pass<'a>(units: &[Unit], signs: &'a [char], is_nested: bool) -> Pass<'a> {
    let mut pass = Pass {
        units: Vec::with_capacity(units.len()),
        signs,
        is_nested,
        entity: None,
        blank: false,
        has_changed: false,
    };
    for unit in units {
        pass.push(Unit { is_new: false, ..unit.clone() });
    }
    pass.end_number(None);
    pass
}

/// One pass over a text from left to right. As soon as the last units spell an encoding, it replaces them by their meaning.
struct Pass<'a> {
    units: Vec<Unit>,
    /// The signs with which the encodings begin that it undoes.
    signs: &'a [char],
    /// Whether decoded text may be part of another encoding.
    is_nested: bool,
    /// The place of an ampersand that may begin an entity.
    entity: Option<usize>,
    /// Whether a blank was decoded since the last unit.
    blank: bool,
    has_changed: bool,
}

impl Pass<'_> {
    fn push(&mut self, unit: Unit) {
        self.end_number(Some(unit.exact));
        self.add(unit);
        self.reduce();
    }

    fn add(&mut self, mut unit: Unit) {
        unit.is_after_blank |= std::mem::take(&mut self.blank);
        if unit.exact == '&' && self.signs.contains(&'&') && self.can_use(&unit) {
            self.entity = Some(self.units.len());
        }
        self.units.push(unit);
    }

    fn can_use(&self, unit: &Unit) -> bool {
        unit.byte.is_none() && (self.is_nested || !unit.is_new)
    }

    /// Ends a numeric entity that has no semicolon, if the next character does not belong to it.
    fn end_number(&mut self, next: Option<char>) {
        let Some(at) = self.entity else { return };
        let body = &self.units[at + 1..];
        if body.len() > LONGEST_ENTITY {
            self.entity = None;
        } else if next != Some(';') && matches!(body, [first, _, ..] if first.exact == '#') {
            let is_hex = body[1].folded == 'x';
            let goes_on = |c: char| if is_hex { c.is_ascii_hexdigit() } else { c.is_ascii_digit() };
            if let Some(c) = self.entity_from(at + 1).filter(|_| !next.is_some_and(goes_on)) {
                self.replace(at, c);
                self.reduce();
            }
        }
    }

    /// Replaces encodings at the end until none is left there.
    fn reduce(&mut self) {
        while let Some((at, meaning)) = self.last() {
            match meaning {
                Meaning::Char(c) => self.replace(at, c),
                Meaning::Byte(byte) => self.replace_by_byte(at, byte),
            }
        }
    }

    /// The meaning of the encoding that the last units spell, and the place where it begins.
    fn last(&self) -> Option<(usize, Meaning)> {
        let last = self.units.last()?;
        if last.byte.is_some() {
            return self.last_bytes();
        }
        let ends = |count: usize| {
            self.units
                .len()
                .checked_sub(count)
                .filter(|at| self.units[*at..].iter().all(|unit| self.can_use(unit)))
        };
        let is = |at: usize, wanted: &str| {
            self.units[at..].iter().zip(wanted.chars()).all(|(unit, wanted)| unit.folded == wanted)
        };
        if last.exact == ';' {
            let at = self.entity.filter(|at| ends(self.units.len() - at).is_some())?;
            return Some((at, Meaning::Char(self.entity_from(at + 1)?)));
        }
        if last.exact == '}' && self.signs.contains(&'\\') {
            let at = (5..=LONGEST_BRACED).find_map(|count| ends(count).filter(|at| is(*at, "\\u{")))?;
            let c = number(&self.units[at + 3..self.units.len() - 1], 16).and_then(char::from_u32)?;
            return Some((at, Meaning::Char(c)));
        }
        last.exact.to_digit(16)?;
        let is_octal = |at: usize| is(at, "\\") && number(&self.units[at + 1..], 8).is_some();
        let (at, digits, radix) = match (ends(3), ends(4), ends(6)) {
            (Some(at), ..) if is(at, "%") || is(at, "=") => (at, 1, 16),
            (_, Some(at), _) if is(at, "\\x") => (at, 2, 16),
            (_, Some(at), _) if is_octal(at) => (at, 1, 8),
            (.., Some(at)) if is(at, "\\u") => (at, 2, 16),
            _ => return None,
        };
        if !self.signs.contains(&self.units[at].exact) {
            return None;
        }
        let mut value = number(&self.units[at + digits..], radix)?;
        let mut at = at;
        if let (0xdc00..=0xdfff, Some(before)) = (value, ends(12).filter(|before| is(*before, "\\u"))) {
            let first =
                number(&self.units[before + 2..at], 16).filter(|first| first >> 10 == 0xd800 >> 10)?;
            value = 0x1_0000 + ((first & 0x3ff) << 10 | value & 0x3ff);
            at = before;
        }
        match u8::try_from(value) {
            Ok(byte @ 0x80..) if digits == 1 || self.units.len() - at == 4 => Some((at, Meaning::Byte(byte))),
            _ => Some((at, Meaning::Char(char::from_u32(value)?))),
        }
    }

    fn last_bytes(&self) -> Option<(usize, Meaning)> {
        (2..=4).find_map(|count| {
            let at = self.units.len().checked_sub(count)?;
            let bytes: Option<Vec<u8>> = self.units[at..].iter().map(|unit| unit.byte).collect();
            let mut decoded =
                std::str::from_utf8(&bytes?).ok()?.chars().map(Meaning::Char).collect::<Vec<_>>();
            (decoded.len() == 1).then(|| decoded.pop()).flatten().map(|c| (at, c))
        })
    }

    /// The meaning of an entity whose `&` stands before this place.
    fn entity_from(&self, at: usize) -> Option<char> {
        let body = self.units.get(at..)?;
        let body = if body.last()?.exact == ';' { &body[..body.len() - 1] } else { body };
        if body.len() > LONGEST_ENTITY {
            return None;
        }
        match body {
            [sign, x, rest @ ..] if sign.exact == '#' && x.folded == 'x' => char::from_u32(number(rest, 16)?),
            [sign, rest @ ..] if sign.exact == '#' => char::from_u32(number(rest, 10)?),
            _ => named(&body.iter().map(|unit| unit.exact).collect::<String>()),
        }
    }

    /// Replaces all units from this place on by the visible characters of a character.
    fn replace(&mut self, at: usize, c: char) {
        let place = self.remove(at);
        self.blank |= seen::is_blank(c);
        seen::each_visible(c, |visible| {
            self.add(Unit { is_new: true, ..Unit::new(visible, place.clone(), false) });
        });
    }

    /// Replaces all units from this place on by a byte. It stands for a letter of Latin-1, until UTF-8 is complete.
    fn replace_by_byte(&mut self, at: usize, byte: u8) {
        let place = self.remove(at);
        let mut letter = None;
        seen::each_visible(char::from(byte), |visible| letter = letter.or(Some(visible)));
        let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
        self.add(Unit { is_new: true, byte: Some(byte), ..Unit::new(letter, place, false) });
    }

    /// Removes all units from this place on, and returns their place in the text.
    fn remove(&mut self, at: usize) -> Range<usize> {
        let start = self.units[at].place.start;
        let end = self.units.last().map_or(start, |last| last.place.end);
        self.blank |= self.units[at..].iter().any(|unit| unit.is_after_blank);
        self.units.truncate(at);
        self.entity = self.entity.filter(|entity| *entity < at);
        self.has_changed = true;
        start..end
    }
}

enum Meaning {
    Char(char),
    Byte(u8),
}

fn number(digits: &[Unit], radix: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits
        .iter()
        .try_fold(0_u32, |value, unit| value.checked_mul(radix)?.checked_add(unit.exact.to_digit(radix)?))
}

/// The entities of HTML for the characters of ASCII and for blanks.
fn named(name: &str) -> Option<char> {
    Some(match name {
        "Tab" | "NewLine" | "nbsp" | "NonBreakingSpace" | "ensp" | "emsp" | "thinsp" | "hairsp" => ' ',
        "zwj" | "zwnj" | "shy" | "ZeroWidthSpace" | "NoBreak" => '\u{200b}',
        "excl" => '!',
        "quot" | "QUOT" => '"',
        "num" => '#',
        "dollar" => '$',
        "percnt" => '%',
        "amp" | "AMP" => '&',
        "apos" => '\'',
        "lpar" => '(',
        "rpar" => ')',
        "ast" | "midast" => '*',
        "plus" => '+',
        "comma" => ',',
        "dash" | "hyphen" => '-',
        "period" => '.',
        "sol" => '/',
        "colon" => ':',
        "semi" => ';',
        "lt" | "LT" => '<',
        "equals" => '=',
        "gt" | "GT" => '>',
        "quest" => '?',
        "commat" => '@',
        "lsqb" | "lbrack" => '[',
        "bsol" => '\\',
        "rsqb" | "rbrack" => ']',
        "Hat" => '^',
        "lowbar" | "UnderBar" => '_',
        "grave" | "DiacriticalGrave" => '`',
        "lcub" | "lbrace" => '{',
        "verbar" | "vert" | "VerticalLine" => '|',
        "rcub" | "rbrace" => '}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server may send as many tags and encodings as it likes.
    #[test]
    fn a_long_text_has_few_forms() {
        let forms = |text: &str| {
            let mut count = 0;
            each_form(text, true, |_| count += 1);
            count
        };
        let nested = format!("{}{}+%2525\\u0041&amp;", "<a".repeat(9), ">".repeat(9));
        assert!(forms(&nested) > 20, "a short one is searched thoroughly");
        assert!(forms(&nested.repeat(200)) <= 2 * (PASSES + 3));
    }
}
