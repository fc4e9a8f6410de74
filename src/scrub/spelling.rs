//! One secret, and the spellings in which a text may contain it: as it is, in hexadecimal, and in base64 with any bytes before
//! it. How a text may disguise the characters of a spelling is the affair of `seen`.

use std::ops::Range;

use base64::prelude::{BASE64_STANDARD, Engine};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use super::seen::{self, Unit};

/// How many consecutive bytes of a secret give it away if dots replace the rest.
const PIECE: usize = 10;

/// The same for a secret that is shorter because it looks encoded and its encodings are undone.
pub(super) const LEAST_PIECE: usize = 6;

/// The base64 of a shorter secret is a word like any other.
const LEAST_ENCODED: usize = 8;

/// A spelling with fewer characters is found only with the same blanks in between.
const LEAST_SPACED: usize = 8;

/// A spelling of this many letters and digits is found whatever other signs are in between.
const LEAST_SEPARATED: usize = 12;

/// A spelling of a secret.
pub(super) struct Spelling {
    characters: SecretBox<Vec<char>>,
    /// Before which characters there is a blank.
    blanks: Vec<bool>,
    is_base64: bool,
    /// How many consecutive characters give it away if dots replace the rest.
    pub(super) piece: usize,
    /// The length of the secret in bytes.
    pub(super) bytes: usize,
}

/// All spellings of a secret.
pub(super) fn of(secret: &SecretString) -> Vec<Spelling> {
    let bytes = secret.expose_secret().as_bytes();
    let units = seen::visible(secret.expose_secret());
    let decoded = seen::decoded(&units);
    let mut spellings = vec![Spelling::plain(&units, bytes.len())];
    let is_word = decoded.len() < LEAST_SPACED;
    if !is_word && !decoded.iter().map(|unit| unit.folded).eq(units.iter().map(|unit| unit.folded)) {
        // Ten of its characters may be fewer here.
        let piece = PIECE.saturating_sub(units.len().saturating_sub(decoded.len())).max(LEAST_PIECE);
        spellings.push(Spelling { piece, ..Spelling::plain(&decoded, bytes.len()) });
    }
    if bytes.len() >= LEAST_ENCODED {
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let hex = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect();
        spellings.push(Spelling::encoded(hex, 2 * PIECE, bytes.len()));
        for before in 0..3 {
            let digits = certain_digits(bytes, before).chars().collect();
            let piece = PIECE * 8 / 6 + 1;
            spellings.push(Spelling { is_base64: true, ..Spelling::encoded(digits, piece, bytes.len()) });
        }
    }
    let letters = seen::letters(&units);
    if (LEAST_SEPARATED..units.len()).contains(&letters.len()) {
        spellings.push(Spelling::plain(&letters, bytes.len()));
    }
    spellings.retain(|spelling| spelling.len() > 0);
    spellings
}

impl Spelling {
    fn plain(units: &[Unit], bytes: usize) -> Self {
        let characters: Vec<char> = units.iter().map(|unit| unit.folded).collect();
        let blanks = units.iter().map(|unit| unit.is_after_blank).collect();
        Self {
            characters: SecretBox::new(Box::new(characters)),
            blanks,
            is_base64: false,
            piece: PIECE,
            bytes,
        }
    }

    fn encoded(characters: Vec<char>, piece: usize, bytes: usize) -> Self {
        let blanks = vec![false; characters.len()];
        Self { characters: SecretBox::new(Box::new(characters)), blanks, is_base64: false, piece, bytes }
    }

    /// The length in characters.
    pub(super) fn len(&self) -> usize {
        self.blanks.len()
    }

    /// Whether it is found whatever signs are between its letters and digits.
    pub(super) fn is_found_separated(&self) -> bool {
        let characters = self.characters.expose_secret();
        characters.len() >= LEAST_SEPARATED && characters.iter().all(|c| c.is_alphanumeric())
    }

    /// Whether it contains a blank.
    pub(super) fn has_blank(&self) -> bool {
        self.blanks.iter().skip(1).any(|blank| *blank)
    }

    /// The characters, in small letters.
    pub(super) fn folded(&self) -> impl Iterator<Item = char> {
        self.characters.expose_secret().iter().map(|c| seen::fold(*c))
    }

    /// The place among the units of the whole spelling, if it begins at this one.
    pub(super) fn whole(&self, units: &[Unit], at: usize) -> Option<Range<usize>> {
        let characters = self.characters.expose_secret();
        let found = units.get(at..at + characters.len())?;
        let is_same = found.iter().zip(characters).all(|(unit, wanted)| self.is_same(unit, *wanted));
        let is_spaced = || {
            let blanks = found.iter().zip(&self.blanks).skip(1);
            self.len() >= LEAST_SPACED
                || blanks.into_iter().all(|(unit, blank)| unit.is_after_blank == *blank)
        };
        if !is_same || !is_spaced() {
            return None;
        }
        let mut place = at..at + characters.len();
        if self.is_base64 {
            // The digits of its neighbours.
            let is_digit = |unit: &Unit| unit.exact.is_ascii_alphanumeric() || "+/-_=".contains(unit.exact);
            while units.get(place.end).is_some_and(|next| is_digit(next) && !next.is_after_blank) {
                place.end += 1;
            }
            while place.start > 0 && !units[place.start].is_after_blank {
                let before = &units[place.start - 1];
                if !is_digit(before) || before.exact == '=' {
                    break;
                }
                place.start -= 1;
            }
        }
        Some(place)
    }

    /// The length of the longest piece of the spelling that ends with the last of these units, if it gives the secret away.
    pub(super) fn piece_before(&self, units: &[Unit]) -> Option<usize> {
        let characters = self.characters.expose_secret();
        let pieces = (self.piece..=characters.len()).map(|end| {
            let pairs = units.iter().rev().zip(characters[..end].iter().rev());
            pairs.take_while(|(unit, wanted)| self.is_same(unit, **wanted)).count()
        });
        pieces.max().filter(|length| *length >= self.piece)
    }

    /// The length of the longest piece of the spelling that begins with the first of these units, if it gives the secret away.
    pub(super) fn piece_after(&self, units: &[Unit]) -> Option<usize> {
        let characters = self.characters.expose_secret();
        let pieces = (0..=characters.len().checked_sub(self.piece)?).map(|start| {
            let pairs = units.iter().zip(&characters[start..]);
            pairs.take_while(|(unit, wanted)| self.is_same(unit, **wanted)).count()
        });
        pieces.max().filter(|length| *length >= self.piece)
    }

    fn is_same(&self, unit: &Unit, wanted: char) -> bool {
        if self.is_base64 { in_standard(unit.exact) == wanted } else { unit.folded == wanted }
    }
}

/// The base64 digits that a secret alone determines, if `before` bytes precede it.
fn certain_digits(secret: &[u8], before: usize) -> String {
    let bytes = [&[0; 2][..before], secret].concat();
    let skipped = [0, 2, 3][before];
    let digits = BASE64_STANDARD.encode(&bytes);
    digits[skipped..bytes.len() * 8 / 6].to_owned()
}

/// A digit of the alphabet for URLs in the standard alphabet of base64.
pub(super) fn in_standard(digit: char) -> char {
    match digit {
        '-' => '+',
        '_' => '/',
        other => other,
    }
}
