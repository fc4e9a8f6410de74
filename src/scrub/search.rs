//! The search for secrets in a text. Most texts contain none, so it first looks, without allocating, whether one can begin
//! anywhere.

use std::{ops::Range, sync::LazyLock};

use secrecy::SecretString;

use super::{
    seen::{self, Unit},
    spelling::{self, LEAST_PIECE, Spelling},
};
use crate::domain::name;

/// How many characters at the beginning of a spelling are looked up before it is compared.
const LOOKED_UP: usize = 4;

/// How many are looked up in a text that probably shows no secret: as many of these as the spelling has.
const WIDTHS: [usize; 3] = [16, 8, LOOKED_UP];

/// A longer text is searched in parts that overlap, in bytes: the forms of a text take many times its memory.
const PART: usize = 64 << 10;
const OVERLAP: usize = 24 << 10;

/// How many words of 64 bits a set of hashes has at least.
const LEAST_WORDS: usize = 1024;

/// How many windows in a row the shortest piece of a secret fills.
const LEAST_RUN: usize = LEAST_PIECE - LOOKED_UP + 1;

/// In a longer run of dots, a piece of a secret is searched only at its ends.
const LONGEST_DOTS: usize = 64;

/// The spellings of all secrets.
pub(super) struct Search {
    /// Those of the longest secrets first.
    spellings: Vec<Spelling>,
    /// The first characters of all of them.
    beginnings: Beginnings,
    /// As many first characters as possible of each, by their number. Sets without any are left out.
    longest: Vec<Beginnings>,
    /// The bytes with which one of these ends.
    ends: Bytes,
    /// Every run of `LOOKED_UP` characters in a spelling that a text may show in part, with dots for the rest.
    inner: Beginnings,
    has_blanks: bool,
}

/// A set of bytes.
type Bytes = [bool; 256];

/// A set of hashes of characters in a row: the first ones of spellings, or some inside them.
struct Beginnings {
    width: usize,
    /// The last of these characters.
    ends: Bytes,
    /// Bits, whose number is a power of two.
    hashes: Vec<u64>,
}

/// What a character may be part of.
#[derive(Clone, Copy, PartialEq)]
enum Sight {
    /// Nothing: it is not visible.
    Hidden,
    Letter,
    Dot,
    Plus,
    Disguise,
    Other,
}

/// The ASCII characters, each with the byte that a window keeps of it; blanks and controls are hidden.
static ASCII: LazyLock<[(u8, Sight); 128]> = LazyLock::new(|| {
    std::array::from_fn(|at| {
        let mut seen = (0, Sight::Hidden);
        let c = char::from(u8::try_from(at).unwrap_or_default());
        name::seen::each_visible(c, |c| seen = (Window::byte(seen::fold(c)), Sight::of(c)));
        seen
    })
});

/// The last characters that were read.
#[derive(Default, Clone, Copy)]
struct Window {
    last: u64,
    before: u64,
}

impl Sight {
    fn of(c: char) -> Self {
        match c {
            '+' => Self::Plus,
            c if c.is_alphanumeric() => Self::Letter,
            c if is_dot(c) => Self::Dot,
            c if seen::begins_disguise(c) => Self::Disguise,
            _ => Self::Other,
        }
    }
}

impl Beginnings {
    /// An empty set for about `count` hashes.
    fn of(width: usize, count: usize) -> Self {
        // With sixteen bits for each, the set seems to have one in sixteen others, but hardly ever several in a row.
        let words = (count / 4).next_power_of_two().max(LEAST_WORDS);
        Self { width, ends: [false; 256], hashes: vec![0; words] }
    }

    fn add(&mut self, window: Window) {
        let (word, bit) = self.place(window);
        self.ends[window.end()] = true;
        self.hashes[word] |= bit;
    }

    fn has(&self, window: Window) -> bool {
        self.ends[window.end()] && {
            let (word, bit) = self.place(window);
            self.hashes[word] & bit != 0
        }
    }

    fn place(&self, window: Window) -> (usize, u64) {
        let hash = window.hash(self.width);
        // The number of words is a power of two.
        (usize::try_from(hash >> 6).unwrap_or(0) & (self.hashes.len() - 1), 1 << (hash & 63))
    }
}

impl Default for Search {
    fn default() -> Self {
        Self {
            spellings: Vec::new(),
            beginnings: Beginnings::of(LOOKED_UP, 0),
            longest: Vec::new(),
            ends: [false; 256],
            inner: Beginnings::of(LOOKED_UP, 0),
            has_blanks: false,
        }
    }
}

impl Window {
    /// What it keeps of a folded character.
    fn byte(c: char) -> u8 {
        u32::from(spelling::in_standard(c)).to_le_bytes()[0]
    }

    fn push(&mut self, byte: u8) {
        self.before = self.before << 8 | self.last >> 56;
        self.last = self.last << 8 | u64::from(byte);
    }

    fn end(self) -> usize {
        usize::from(self.last.to_le_bytes()[0])
    }

    /// A hash of the last characters, of 32 bits.
    fn hash(self, width: usize) -> u64 {
        let read = match width {
            16 => self.last ^ self.before.rotate_left(29),
            8 => self.last,
            _ => self.last & 0xffff_ffff,
        };
        read.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
    }

    /// The windows that end with each of these characters.
    fn over(characters: impl Iterator<Item = char>) -> impl Iterator<Item = Self> {
        characters.scan(Self::default(), |window, c| {
            window.push(Self::byte(c));
            Some(*window)
        })
    }
}

impl Search {
    pub(super) fn new(secrets: &[SecretString]) -> Self {
        let mut search =
            Self { spellings: secrets.iter().flat_map(spelling::of).collect(), ..Self::default() };
        search.spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.bytes));
        let mut longest = WIDTHS.map(|width| Beginnings::of(width, 0));
        search.inner = Beginnings::of(LOOKED_UP, search.spellings.iter().map(Spelling::len).sum());
        for spelling in search.spellings.iter().filter(|spelling| spelling.len() >= LOOKED_UP) {
            let windows: Vec<Window> = Window::over(spelling.folded()).collect();
            search.beginnings.add(windows[LOOKED_UP - 1]);
            if let Some(longest) = longest.iter_mut().find(|longest| longest.width <= spelling.len()) {
                longest.add(windows[longest.width - 1]);
            }
            if spelling.len() >= spelling.piece {
                windows[LOOKED_UP - 1..].iter().for_each(|window| search.inner.add(*window));
            }
        }
        search.longest = longest.into_iter().filter(|longest| longest.ends.contains(&true)).collect();
        search.ends = std::array::from_fn(|byte| search.longest.iter().any(|longest| longest.ends[byte]));
        search.has_blanks = search.spellings.iter().any(Spelling::has_blank);
        search
    }

    /// The places of secrets of at least `least` bytes in a text, in order and apart from each other.
    pub(super) fn places(&self, text: &str, least: usize) -> Vec<Range<usize>> {
        let spellings = self.of_at_least(least);
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut start = 0;
        while !spellings.is_empty() {
            let end = boundary(text, start + PART);
            if self.may_show(&text[start..end], least) {
                self.places_in_part(&text[start..end], spellings, |place| {
                    found.push(start + place.start..start + place.end);
                });
            }
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

    /// Whether a text may show a secret of at least `least` bytes: something in it can begin one, hide one, or stand for the rest
    /// of one.
    pub(super) fn may_show(&self, text: &str, least: usize) -> bool {
        let spellings = self.of_at_least(least);
        if spellings.is_empty() || spellings.iter().any(|spelling| spelling.len() < LOOKED_UP) {
            return !spellings.is_empty();
        }
        let (mut window, mut letters, mut dots) = (Window::default(), Window::default(), 0);
        let mut has_dots = false;
        let is_likely = any_visible(text, |byte, sight| {
            window.push(byte);
            let is_letter = sight == Sight::Letter;
            if is_letter {
                letters.push(byte);
            }
            dots = if sight == Sight::Dot { dots + 1 } else { 0 };
            has_dots |= dots > 1;
            let begins = |longest: &Beginnings| longest.has(window) || is_letter && longest.has(letters);
            self.ends[usize::from(byte)] && self.longest.iter().any(begins)
                || sight == Sight::Disguise
                || sight == Sight::Plus && self.has_blanks
        });
        is_likely || has_dots && self.may_show_piece(text)
    }

    /// Whether a text may show enough of a secret to give it away beside dots.
    fn may_show_piece(&self, text: &str) -> bool {
        let (mut window, mut run) = (Window::default(), 0);
        any_visible(text, |byte, _| {
            window.push(byte);
            run = if self.inner.has(window) { run + 1 } else { 0 };
            run >= LEAST_RUN
        })
    }

    /// The spellings of secrets of at least `least` bytes.
    fn of_at_least(&self, least: usize) -> &[Spelling] {
        &self.spellings[..self.spellings.partition_point(|spelling| spelling.bytes >= least)]
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
            units[at..].iter().take(LOOKED_UP).for_each(|unit| window.push(Window::byte(unit.folded)));
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

/// Whether one of the visible characters of a text is the wanted one: each as its byte in a window, and what it may be part of.
fn any_visible(text: &str, mut is_wanted: impl FnMut(u8, Sight) -> bool) -> bool {
    let ascii = &*ASCII;
    text.chars().any(|c| {
        if let Some((byte, sight)) = ascii.get(c as usize) {
            return *sight != Sight::Hidden && is_wanted(*byte, *sight);
        }
        let mut is_found = false;
        name::seen::each_visible(c, |c| is_found |= is_wanted(Window::byte(seen::fold(c)), Sight::of(c)));
        is_found
    })
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
    use proptest::prelude::*;

    use super::*;

    const SECRETS: [&str; 4] = ["ab12-CD34_ef", "recepcao-santos-token", "Ünïcode-Schlüssel-7", "kurz4567"];

    /// A part of a text: a piece of a secret, or a sign that may hide or separate one.
    fn part() -> impl Strategy<Value = String> {
        prop_oneof![
            (0..SECRETS.len(), 0_usize..24, 1_usize..24).prop_map(|(secret, from, length)| {
                SECRETS[secret].chars().skip(from).take(length).collect()
            }),
            (0..SECRETS.len()).prop_map(|secret| SECRETS[secret].to_uppercase()),
            (0..SECRETS.len()).prop_map(|secret| SECRETS[secret].replace('-', " - ")),
            "[ .·*+%=&<>\\\\\u{200b}\u{ff21}a-c0-3\"]{0,3}",
        ]
    }

    proptest! {
        /// The quick check never says no to a text in which the search finds something.
        #[test]
        fn property_the_quick_check_misses_nothing(parts in prop::collection::vec(part(), 0..8)) {
            let text = parts.concat();
            let search = Search::new(&SECRETS.map(|secret| secret.to_owned().into()));
            let mut is_found = false;
            search.places_in_part(&text, &search.spellings, |_| is_found = true);
            prop_assert!(!is_found || search.may_show(&text, 0), "{text:?}");
        }
    }
}
