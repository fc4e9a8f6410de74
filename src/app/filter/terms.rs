//! What was typed into a filter, word by word, and whether a row has it.

use nucleo_matcher::{Config, Matcher, Utf32Str, chars};

use super::haystacks::{Haystacks, letters};
use crate::domain::name::fold::fold_into;

/// From how many characters on a number is looked for in ids: rows show so many of their last digits.
const LEAST_OF_ID: usize = 4;

/// What a word whose letters stand together is worth above one whose letters are scattered.
const TOGETHER: u32 = 2048;

/// What a name that begins with the word is worth above one that has it elsewhere.
const BEGINNING: u32 = 64;

/// The words of a filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms(Vec<Term>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    /// As it was typed.
    text: String,
    /// Folded; in small letters where case does not matter.
    needle: Vec<char>,
    ignores_case: bool,
    /// Its letters have to stand together.
    is_exact: bool,
    /// It is looked for in ids too.
    is_in_ids: bool,
    letters: u64,
}

impl Term {
    fn parse(word: &str) -> Option<Self> {
        let (text, is_quoted) = word.strip_prefix('\'').map_or((word, false), |rest| (rest, true));
        let mut needle = Vec::new();
        fold_into(text, &mut needle);
        if needle.is_empty() {
            return None;
        }
        let ignores_case = !needle.iter().copied().any(chars::is_upper_case);
        let has_digit = text.contains(|letter: char| letter.is_ascii_digit());
        let has_letter = text.contains(char::is_alphabetic);
        Some(Self {
            text: text.to_owned(),
            letters: letters(needle.iter().copied()),
            needle,
            ignores_case,
            is_exact: is_quoted || (has_digit && !has_letter),
            is_in_ids: has_digit && text.len() >= LEAST_OF_ID,
        })
    }

    fn is_extended_by(&self, longer: &Self) -> bool {
        longer.text.starts_with(&self.text)
            && self.is_exact == longer.is_exact
            && (self.is_in_ids || !longer.is_in_ids)
    }

    /// Sets the matcher up for this word: names are folded already.
    fn set(&self, matcher: &mut Matcher) {
        matcher.config = Config::DEFAULT;
        matcher.config.normalize = false;
        matcher.config.ignore_case = self.ignores_case;
    }

    fn score(&self, needle: Utf32Str<'_>, name: Utf32Str<'_>, matcher: &mut Matcher) -> Option<u32> {
        if let Some(score) = matcher.substring_match(name, needle) {
            let begins = if matcher.prefix_match(name, needle).is_some() { BEGINNING } else { 0 };
            return Some(TOGETHER + begins + u32::from(score).min(TOGETHER / 2));
        }
        if self.is_exact || self.needle.len() < 2 {
            return None;
        }
        matcher.fuzzy_match(name, needle).map(|score| u32::from(score).min(TOGETHER - 1))
    }
}

impl Terms {
    /// Takes a text apart.
    pub fn parse(text: &str) -> Self {
        Self(text.split_whitespace().filter_map(Term::parse).collect())
    }

    /// Whether they let everything through.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether everything that these let through is let through by the others too.
    pub(super) fn narrow(&self, wider: &Self) -> bool {
        self.0.len() >= wider.0.len()
            && wider.0.iter().zip(&self.0).all(|(short, long)| short.is_extended_by(long))
    }

    /// Keeps, of some rows, those that match, with what each match is worth.
    pub(super) fn filter(
        &self,
        rows: impl Iterator<Item = (u32, u32)>,
        haystacks: &Haystacks,
        matcher: &mut Matcher,
    ) -> Vec<(u32, u32)> {
        let mut kept: Vec<(u32, u32)> = rows.map(|(row, _)| (row, 0)).collect();
        let mut buffer = Vec::new();
        for term in &self.0 {
            term.set(matcher);
            let text: String = term.needle_text();
            let needle = Utf32Str::new(&text, &mut buffer);
            kept.retain_mut(|(row, worth)| {
                let at = *row as usize;
                let may = haystacks.letters(at) & term.letters == term.letters;
                let in_name = || term.score(needle, haystacks.name(at), matcher);
                let found = may.then(in_name).flatten().or_else(|| {
                    (term.is_in_ids && haystacks.id(at).contains(&term.text)).then_some(TOGETHER)
                });
                *worth += found.unwrap_or(0);
                found.is_some()
            });
        }
        kept
    }

    /// The clusters of a name that the words were found in.
    pub(super) fn hits(&self, name: &str, matcher: &mut Matcher) -> Vec<u32> {
        let (mut folded, mut buffer, mut hits) = (Vec::new(), Vec::new(), Vec::new());
        fold_into(name, &mut folded);
        let name = Utf32Str::Unicode(&folded);
        for term in &self.0 {
            term.set(matcher);
            let text = term.needle_text();
            let needle = Utf32Str::new(&text, &mut buffer);
            if matcher.substring_indices(name, needle, &mut hits).is_none() && !term.is_exact {
                matcher.fuzzy_indices(name, needle, &mut hits);
            }
        }
        hits.sort_unstable();
        hits.dedup();
        hits
    }
}

impl Term {
    fn needle_text(&self) -> String {
        let small = |letter: &char| if self.ignores_case { chars::to_lower_case(*letter) } else { *letter };
        self.needle.iter().map(small).collect()
    }
}
