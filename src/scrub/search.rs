//! The search for secrets in a text. Most texts contain none, so it first looks, without allocating, whether one can begin
//! anywhere.

use std::ops::Range;

use secrecy::SecretString;

use super::{
    seen::{self, Unit},
    spelling::{self, Spelling},
};
use crate::domain::name;

/// How many characters at the beginning of a spelling are looked up before it is compared.
const LOOKED_UP: usize = 4;

/// A longer text is searched in parts that overlap, in bytes: the forms of a text take many times its memory.
const PART: usize = 64 << 10;
const OVERLAP: usize = 24 << 10;

/// In a longer run of dots, a piece of a secret is searched only at its ends.
const LONGEST_DOTS: usize = 64;

/// The spellings of all secrets.
#[derive(Default)]
pub(super) struct Search {
    count: usize,
    /// Those of the longest secrets first.
    spellings: Vec<Spelling>,
    beginnings: Beginnings,
    has_blanks: bool,
}

/// A set of hashes of the first characters of spellings.
struct Beginnings(Vec<u64>);

/// The last four characters that were read.
#[derive(Default, Clone, Copy)]
struct Window(u32);

impl Default for Beginnings {
    fn default() -> Self {
        Self(vec![0; 1024])
    }
}

impl Beginnings {
    fn add(&mut self, window: Window) {
        let (word, bit) = window.place();
        self.0[word] |= bit;
    }

    fn has(&self, window: Window) -> bool {
        let (word, bit) = window.place();
        self.0[word] & bit != 0
    }
}

impl Window {
    fn push(&mut self, c: char) {
        let byte = u32::from(spelling::in_standard(c)) & 0xff;
        self.0 = self.0 << 8 | byte;
    }

    fn place(self) -> (usize, u64) {
        let hash = self.0.wrapping_mul(0x9e37_79b1) >> 16;
        ((hash >> 6) as usize, 1 << (hash & 63))
    }
}

impl Search {
    pub(super) fn new(secrets: impl Iterator<Item = SecretString>) -> Self {
        let mut search = Self::default();
        for secret in secrets {
            search.count += 1;
            search.spellings.extend(spelling::of(&secret));
        }
        search.spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.bytes));
        for spelling in search.spellings.iter().filter(|spelling| spelling.len() >= LOOKED_UP) {
            let mut window = Window::default();
            spelling.first().take(LOOKED_UP).for_each(|c| window.push(c));
            search.beginnings.add(window);
        }
        search.has_blanks = search.spellings.iter().any(Spelling::has_blank);
        search
    }

    /// How many secrets there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The places of secrets of at least `least` bytes in a text, in order and apart from each other.
    pub(super) fn places(&self, text: &str, least: usize) -> Vec<Range<usize>> {
        let spellings = &self.spellings[..self.spellings.partition_point(|spelling| spelling.bytes >= least)];
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut start = 0;
        while !spellings.is_empty() {
            let end = boundary(text, start + PART);
            self.places_in_part(&text[start..end], spellings, |place| {
                found.push(start + place.start..start + place.end);
            });
            if end == text.len() {
                break;
            }
            start = boundary(text, end - OVERLAP);
        }
        found.sort_by_key(|place| (place.start, place.end));
        found.dedup_by(|next, place| {
            let overlaps = next.start < place.end;
            place.end = if overlaps { place.end.max(next.end) } else { place.end };
            overlaps
        });
        found
    }

    fn places_in_part(&self, text: &str, spellings: &[Spelling], mut found: impl FnMut(Range<usize>)) {
        if !self.may_show(text, spellings) {
            return;
        }
        seen::each_form(text, self.has_blanks, |units| {
            let letters = seen::letters(units);
            let mut found = |units: &[Unit], place: Range<usize>| {
                if let (Some(start), Some(end)) = (units.get(place.start), units[..place.end].last()) {
                    found(start.place.start..end.place.end);
                }
            };
            self.search(units, spellings, |_| true, |place| found(units, place));
            if letters.len() < units.len() {
                let is_found = Spelling::is_found_separated;
                self.search(&letters, spellings, is_found, |place| found(&letters, place));
            }
        });
    }

    /// Whether a text may show a secret: something in it can begin one, hide one, or stand for the rest of one.
    fn may_show(&self, text: &str, spellings: &[Spelling]) -> bool {
        let mut is_likely = spellings.iter().any(|spelling| spelling.len() < LOOKED_UP);
        let (mut window, mut letters, mut dots) = (Window::default(), Window::default(), 0);
        for c in text.chars() {
            name::seen::each_visible(c, |c| {
                window.push(seen::fold(c));
                if c.is_alphanumeric() {
                    letters.push(seen::fold(c));
                    is_likely |= self.beginnings.has(letters);
                }
                dots = if is_dot(c) { dots + 1 } else { 0 };
                is_likely |= self.beginnings.has(window) || dots > 1 || seen::begins_encoding(c);
                is_likely |= c == '+' && self.has_blanks;
            });
            if is_likely {
                return true;
            }
        }
        false
    }

    /// Finds those of the spellings that `is_wanted` accepts.
    fn search(
        &self,
        units: &[Unit],
        spellings: &[Spelling],
        is_wanted: impl Fn(&Spelling) -> bool,
        mut found: impl FnMut(Range<usize>),
    ) {
        let mut dots = 0;
        for at in 0..units.len() {
            let mut window = Window::default();
            units[at..].iter().take(LOOKED_UP).for_each(|unit| window.push(unit.folded));
            let is_likely = self.beginnings.has(window);
            for spelling in spellings.iter().filter(|one| is_likely || one.len() < LOOKED_UP) {
                if !is_wanted(spelling) {
                    continue;
                }
                spelling.whole(units, at).into_iter().for_each(&mut found);
            }
            if is_dot(units[at].exact) {
                dots += 1;
            }
            let is_last = units.get(at + 1).is_none_or(|next| !is_dot(next.exact));
            if is_last && dots > 1 {
                pieces(units, at + 1 - dots..at + 1, spellings, &mut found);
            }
            dots = if is_last { 0 } else { dots };
        }
    }
}

/// The last boundary of characters up to this place.
fn boundary(text: &str, place: usize) -> usize {
    (0..=place.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Finds pieces of secrets beside dots, which may stand in brackets. A secret itself may contain such signs, so a piece may reach
/// some way into them.
fn pieces(units: &[Unit], dots: Range<usize>, spellings: &[Spelling], found: &mut impl FnMut(Range<usize>)) {
    let has = |at: Option<usize>, signs: &str| {
        at.and_then(|at| units.get(at)).is_some_and(|unit| signs.contains(unit.exact))
    };
    let is_open = has(dots.start.checked_sub(1), "[({<");
    let is_closed = has(Some(dots.end), "])}>");
    let around = dots.start - usize::from(is_open)..dots.end + usize::from(is_closed);
    for spelling in spellings {
        for end in (around.start..dots.end - 1).take(LONGEST_DOTS) {
            if let Some(length) = spelling.piece_before(&units[..end]) {
                found(end - length..around.end);
            }
        }
        for start in (dots.start + 2..=around.end).rev().take(LONGEST_DOTS) {
            if let Some(length) = spelling.piece_after(&units[start..]) {
                found(around.start..start + length);
            }
        }
    }
}

/// Whether a sign can stand for letters that are left out.
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '*' | '•' | '·' | '∙' | '●' | '⋯' | '\u{2580}'..='\u{259f}' | '■' | '□' | '◼' | '⬛')
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use proptest::prelude::*;

    use super::*;
    use crate::scrub::{MASK, Scrubber};

    /// Invisible or blank characters between the letters of a secret.
    const BETWEEN: &[&str] = &[
        "\u{2800}", "\u{200a}", "\u{a0}", " ", "\u{200b}", "\u{3000}", "\u{2060}", "\u{115f}", "\t",
        "\u{202f}", "  ", "\u{301}",
    ];

    /// Signs that replace the rest of a secret.
    const DOTS: &[&str] = &["[...]", " ...", "…", "██", "***", "(…)", " [ … ]", "••••", "...", "‥"];

    const ENTITIES: &[(char, &str)] =
        &[('&', "&amp;"), ('<', "&lt;"), ('/', "&sol;"), ('=', "&equals;"), ('+', "&plus;")];

    fn each(text: &str, disguise: impl Fn(char) -> String) -> String {
        text.chars().map(disguise).collect()
    }

    fn percent(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat()
    }

    fn hex(text: &str) -> String {
        text.bytes().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat()
    }

    fn wide(c: char) -> char {
        if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xfee0).unwrap() } else { c }
    }

    fn mathematical(c: char) -> char {
        let from = |base: u32, first: char| char::from_u32(base + u32::from(c) - u32::from(first)).unwrap();
        match c {
            'A'..='Z' => from(0x1d400, 'A'),
            'a'..='z' => from(0x1d41a, 'a'),
            '0'..='9' => from(0x1d7ce, '0'),
            _ => c,
        }
    }

    /// One of the disguises of a text.
    fn disguised(text: &str, choice: usize, between: &str) -> String {
        match choice {
            0 => each(text, |c| format!("{c}{between}")),
            1 => each(text, |c| wide(c).to_string()),
            2 => each(text, |c| mathematical(c).to_string()),
            3 => percent(text),
            4 => percent(&percent(text)),
            5 => percent(&percent(&percent(text))),
            6 => each(text, |c| format!("&#{};", u32::from(c))),
            7 => each(text, |c| format!("&#x{:04X};", u32::from(c))),
            8 => each(text, |c| format!("&#{}", u32::from(c))),
            9 => each(text, |c| {
                ENTITIES.iter().find(|one| one.0 == c).map_or(c.to_string(), |one| one.1.to_owned())
            }),
            10 => {
                each(
                    text,
                    |c| if c <= '\u{ffff}' { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() },
                )
            }
            11 => hex(text),
            12 => BASE64_STANDARD.encode(text).trim_end_matches('=').to_owned(),
            13 => BASE64_STANDARD.encode(format!("user:{text}")),
            14 => text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat(),
            _ => text.to_owned(),
        }
    }

    /// The text that a person sees after undoing its encodings.
    fn plain(text: &str) -> String {
        seen::decoded(&seen::visible(text)).iter().map(|unit| unit.exact).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn property_no_disguise_hides_a_secret(
            token in "[!-~]{10,44}",
            first in 0_usize..16,
            second in 0_usize..11,
            unseen in 0..BETWEEN.len(),
            dots in prop::option::of((0..DOTS.len(), any::<bool>())),
        ) {
            let shown = match dots {
                Some((dots, true)) => format!("{}{}", &token[..10], DOTS[dots]),
                Some((dots, false)) => format!("{}{}", DOTS[dots], &token[token.len() - 10..]),
                None => token.clone(),
            };
            // Pieces in base64 can begin anywhere: they are searched only in plain text.
            let first = if dots.is_some() && first > 10 { 15 } else { first };
            // One disguise upon another, but only invisible characters may separate base64 from its neighbours.
            let disguise = disguised(&shown, first, BETWEEN[unseen]);
            let between = if first > 11 { "\u{200b}" } else { BETWEEN[unseen] };
            let disguise = disguised(&disguise, if first > 5 && second > 5 { 0 } else { second }, between);
            let scrubber = Scrubber::new([SecretString::from(token)]);
            let text = format!("§ {disguise} §");
            // A longer text is cut.
            let clean = if text.chars().count() < 200 { scrubber.clean(&text) } else { MASK.to_owned() };
            for shown in [scrubber.masked(&text).into_owned(), clean] {
                let rest = plain(&shown).replace(['§', '*'], "");
                prop_assert!(shown.contains(MASK) && rest.chars().count() < 10, "{:?} of {:?}", shown, text);
            }
        }
    }
}
