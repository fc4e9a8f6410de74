//! The words typed into a filter, and whether a row matches them.

use unicode_segmentation::UnicodeSegmentation;

use super::haystacks::{FewHaystacks, Haystacks};
use crate::domain::name::{fold::Folded, folded_names::letters};

/// The length from which a word that contains a digit is also searched for in ids: rows show this many of an id's last
/// digits.
const LEAST_OF_ID: usize = 4;

/// The bonus for a word that occurs contiguously, over one whose letters are scattered.
const TOGETHER: u32 = 2048;

/// The bonus for a word at the beginning of a name over one at the beginning of another word, and for that over one
/// inside a word.
const BEGINNING: u32 = 64;

/// The words typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms(Vec<Term>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    /// The word as typed.
    text: String,
    folded: Folded,
    /// Whether its letters may be scattered.
    is_fuzzy: bool,
    /// Whether it is also searched for in ids.
    is_in_ids: bool,
    letters: u64,
}

impl Term {
    /// Parses a word. With a leading `'` a word is never fuzzy; with `~` it is.
    fn parse(word: &str, is_fuzzy: bool) -> Option<Self> {
        let (text, is_fuzzy) = match (word.strip_prefix('\''), word.strip_prefix('~')) {
            (Some(rest), _) => (rest, false),
            (_, Some(rest)) => (rest, true),
            _ => (word, is_fuzzy),
        };
        let folded = Folded::new(text);
        // An accent by itself is looked for too.
        if folded.accented().is_empty() {
            return None;
        }
        let has_digit = text.contains(|letter: char| letter.is_ascii_digit());
        let has_letter = text.contains(char::is_alphabetic);
        Some(Self {
            letters: letters(folded.plain()),
            // Scattered digits would match almost everywhere.
            is_fuzzy: is_fuzzy && (has_letter || !has_digit),
            is_in_ids: has_digit && text.len() >= LEAST_OF_ID,
            text: text.to_owned(),
            folded,
        })
    }

    /// The form to search for: typed accents count.
    fn needle(&self) -> &str {
        self.folded.accented()
    }

    fn is_extended_by(&self, longer: &Self) -> bool {
        longer.text.starts_with(&self.text)
            && longer.needle().starts_with(self.needle())
            && self.folded.has_accents() == longer.folded.has_accents()
            && self.is_fuzzy == longer.is_fuzzy
            && (self.is_in_ids || !longer.is_in_ids)
    }

    /// The score of the word in a row, if it occurs there.
    fn worth(&self, haystacks: &impl Haystacks, row: usize) -> Option<u32> {
        let in_name = || {
            let plain = haystacks.names().plain(row);
            let name = if self.folded.has_accents() { haystacks.names().accented(row)? } else { plain };
            self.worth_in(name)
        };
        let may_stand = haystacks.names().letters(row) & self.letters == self.letters;
        let in_id = || self.is_in_ids && haystacks.id(row).contains(&self.text);
        may_stand.then(in_name).flatten().or_else(|| in_id().then_some(TOGETHER))
    }

    fn worth_in(&self, name: &str) -> Option<u32> {
        let needle = self.needle();
        let Some(first) = name.find(needle) else {
            let scattered = self.is_fuzzy.then(|| scattered(name, needle)).flatten()?;
            let span = scattered.last()? - scattered.first()? + 1;
            return Some((TOGETHER - 1).saturating_sub(u32::try_from(span).unwrap_or(u32::MAX)).max(1));
        };
        if first == 0 {
            return Some(TOGETHER + 2 * BEGINNING);
        }
        let begins_a_word = best(name, needle, first).is_some();
        Some(TOGETHER + if begins_a_word { BEGINNING } else { 0 })
    }

    /// The positions of the bytes in a name where this word was found.
    fn places(&self, name: &Folded) -> Vec<usize> {
        let needle = self.needle();
        let name = if self.folded.has_accents() { name.accented() } else { name.plain() };
        let Some(first) = name.find(needle) else {
            return if self.is_fuzzy { scattered(name, needle).unwrap_or_default() } else { Vec::new() };
        };
        let at = if first == 0 { 0 } else { best(name, needle, first).unwrap_or(first) };
        (at..at + needle.len()).collect()
    }
}

/// The first occurrence at the beginning of a word of the name, starting with the occurrence at `first`.
fn best(name: &str, needle: &str, first: usize) -> Option<usize> {
    let begins = |at: &usize| {
        let before = name[..*at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric())
    };
    std::iter::successors(Some(first), |at| {
        let next = at + name[*at..].chars().next().map_or(1, char::len_utf8);
        name.get(next..)?.find(needle).map(|found| next + found)
    })
    .find(begins)
}

/// The positions of a word's letters in a name, in order, as close together as the first end allows.
fn scattered(name: &str, needle: &str) -> Option<Vec<usize>> {
    let mut letters = name.char_indices();
    let mut end = 0;
    for wanted in needle.chars() {
        let (at, found) = letters.find(|(_, letter)| *letter == wanted)?;
        end = at + found.len_utf8();
    }
    let mut places = Vec::new();
    let mut letters = name[..end].char_indices().rev();
    for wanted in needle.chars().rev() {
        let (at, _) = letters.find(|(_, letter)| *letter == wanted)?;
        places.push(at);
    }
    places.reverse();
    Some(places)
}

impl Terms {
    /// Splits a text into words. With a leading `~` the letters of its words may be scattered.
    pub fn parse(text: &str) -> Self {
        let text = text.trim_start();
        let (text, is_fuzzy) = text.strip_prefix('~').map_or((text, false), |rest| (rest, true));
        Self::of(text.split_whitespace(), is_fuzzy)
    }

    /// The terms of these words. If they are fuzzy, their letters may be scattered.
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a str>, is_fuzzy: bool) -> Self {
        Self(words.filter_map(|word| Term::parse(word, is_fuzzy)).collect())
    }

    /// Whether they match everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the others match everything that these match.
    pub(super) fn narrow(&self, wider: &Self) -> bool {
        self.0.len() >= wider.0.len()
            && wider.0.iter().zip(&self.0).all(|(short, long)| short.is_extended_by(long))
    }

    /// Keeps the rows that match, with the score of each.
    pub(super) fn filter(
        &self,
        rows: impl Iterator<Item = u32>,
        haystacks: &impl Haystacks,
    ) -> Vec<(u32, u32)> {
        let mut kept: Vec<(u32, u32)> = rows.map(|row| (row, 0)).collect();
        for term in &self.0 {
            kept.retain_mut(|(row, worth)| {
                let found = term.worth(haystacks, *row as usize);
                *worth += found.unwrap_or(0);
                found.is_some()
            });
        }
        kept
    }

    /// Whether a text contains every word.
    pub fn are_in(&self, text: &str) -> bool {
        self.are_in_name_or_id(text, "")
    }

    /// Whether a name contains every word, or an id without its suffix contains it.
    pub fn are_in_name_or_id(&self, name: &str, id: &str) -> bool {
        let haystacks: FewHaystacks = [(name, id)].into_iter().collect();
        !self.filter(0..1, &haystacks).is_empty()
    }

    /// The grapheme clusters of a name in which the words were found.
    pub(super) fn hits(&self, name: &str) -> Vec<u32> {
        let whole = Folded::new(name);
        let (plain, accented) = (places(name, Folded::plain), places(name, Folded::accented));
        let mut hits: Vec<u32> = self
            .0
            .iter()
            .flat_map(|term| {
                let clusters = if term.folded.has_accents() { &accented } else { &plain };
                term.places(&whole).into_iter().filter_map(|at| clusters.get(at).copied().flatten())
            })
            .collect();
        hits.sort_unstable();
        hits.dedup();
        hits
    }
}

/// For each byte of a folded name, the grapheme cluster of the name that it comes from; none for the spaces between
/// words.
fn places(name: &str, form: impl Fn(&Folded) -> &str) -> Vec<Option<u32>> {
    let mut all = Vec::new();
    let mut is_blank = false;
    for (at, cluster) in (0..).zip(name.graphemes(true)) {
        let folded = Folded::new(cluster);
        let text = form(&folded);
        if text.is_empty() {
            // Invisible characters separate nothing.
            is_blank |= cluster.contains(char::is_whitespace);
            continue;
        }
        if std::mem::take(&mut is_blank) && !all.is_empty() {
            all.push(None);
        }
        all.extend(std::iter::repeat_n(Some(at), text.len()));
    }
    all
}
