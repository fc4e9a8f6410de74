//! The text of a filter, taken apart: plain words, and search terms such as `is:full`.
//!
//! This module knows how terms are written. `row_facts` knows which rows they match. A word that looks like a term but is not a
//! valid one matches nothing, so a typing error never shows rows that nobody asked for.

use super::Terms;
use crate::domain::count_range::{CountRange, CountRangeError};

/// Which rows a filter searches: each kind of row has its own terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searched {
    /// Rows without terms: every word is plain text.
    Names,
    Communities,
    Groups,
}

/// A fact that `is:` asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// In no community.
    Standalone,
    /// A community at its limit, or a group in one.
    Full,
    /// Another row has the same name.
    Duplicate,
    /// The number is an admin.
    Admin,
    /// The number is a member without rights.
    NotAdmin,
    Marked,
}

impl Is {
    /// All facts, in the order in which they are listed.
    pub const ALL: [Self; 6] =
        [Self::Standalone, Self::Full, Self::Duplicate, Self::Admin, Self::NotAdmin, Self::Marked];

    /// How it is written after `is:`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Standalone => "standalone",
            Self::Full => "full",
            Self::Duplicate => "duplicate",
            Self::Admin => "admin",
            Self::NotAdmin => "notadmin",
            Self::Marked => "marked",
        }
    }

    /// Whether rows of this kind have the fact.
    pub fn applies_to(self, searched: Searched) -> bool {
        match searched {
            Searched::Names => false,
            Searched::Communities => {
                matches!(self, Self::Full | Self::Duplicate | Self::Admin | Self::NotAdmin)
            }
            Searched::Groups => true,
        }
    }
}

/// A term that a row must fulfil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Is(Is),
    /// In a community whose name or id matches these words.
    In(Terms),
    /// Has this many members.
    Members(CountRange),
}

/// Why the filter matches nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The beginning of a term, as it is typed.
    Unfinished,
    /// This looks like a term, but these rows have no such term.
    Unknown(String),
}

/// What a row must fulfil.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The plain words.
    pub words: Terms,
    pub conditions: Vec<Condition>,
    /// Why nothing matches, whatever else was typed.
    pub problem: Option<Problem>,
}

impl Query {
    /// Takes a text apart, for rows of this kind.
    pub fn parse(text: &str, searched: Searched) -> Self {
        if searched == Searched::Names {
            return Self { words: Terms::parse(text), ..Self::default() };
        }
        let text = text.trim_start();
        let (text, is_fuzzy) = text.strip_prefix('~').map_or((text, false), |rest| (rest, true));
        let (mut query, mut words) = (Self::default(), Vec::new());
        for token in tokens(text) {
            match read(token, searched) {
                Read::Word => words.push(token),
                Read::Condition(condition) => query.conditions.push(condition),
                Read::Problem(Problem::Unfinished) if query.problem.is_some() => {}
                Read::Problem(problem) => query.problem = Some(problem),
            }
        }
        query.words = Terms::of(words.into_iter(), is_fuzzy);
        query
    }

    /// Whether it matches everything.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.conditions.is_empty() && self.problem.is_none()
    }

    /// Whether it asks about the number's role.
    pub fn asks_about_roles(&self) -> bool {
        let is_role = |condition: &Condition| matches!(condition, Condition::Is(Is::Admin | Is::NotAdmin));
        self.conditions.iter().any(is_role)
    }

    /// Whether it asks about the marks.
    pub fn asks_about_marks(&self) -> bool {
        self.conditions.contains(&Condition::Is(Is::Marked))
    }
}

/// Whether the last word of a text begins like a term, so that the terms are worth listing.
pub fn begins_a_term(text: &str) -> bool {
    let Some(last) = tokens(text.trim_start().trim_start_matches('~')).last() else { return false };
    let last = last.to_lowercase();
    let is_at_end =
        |key: &&str| last.len() > 1 && key.starts_with(&last) && text.to_lowercase().ends_with(&last);
    KEYS.iter().any(|key| last.starts_with(key)) || KEYS.iter().any(is_at_end)
}

/// The text with its last word completed to the first term that begins so; `None` if none does.
pub fn complete(text: &str, searched: Searched) -> Option<String> {
    let last = text.rsplit(char::is_whitespace).next().filter(|last| !last.is_empty())?;
    let typed = last.to_lowercase();
    let facts =
        Is::ALL.into_iter().filter(|is| is.applies_to(searched)).map(|is| format!("is:{}", is.word()));
    let others = (searched != Searched::Names).then_some(["members:".to_owned(), "in:\"".to_owned()]);
    // A single letter may be the beginning of a name.
    let mut terms = facts.chain(others.into_iter().flatten()).filter(|_| typed.len() > 1);
    let term = terms.find(|term| term.starts_with(&typed) && *term != typed)?;
    Some(format!("{}{term}", &text[..text.len() - last.len()]))
}

/// The beginnings of terms.
const KEYS: [&str; 3] = ["is:", "in:", "members:"];

/// Beginnings that an operator may take for those of terms.
const MISTAKEN: [&str; 10] =
    ["member:", "not:", "isnot:", "has:", "role:", "members>", "members<", "members=", "is=", "in="];

enum Read {
    Word,
    Condition(Condition),
    Problem(Problem),
}

fn read(token: &str, searched: Searched) -> Read {
    let unknown = || Read::Problem(Problem::Unknown(token.to_owned()));
    let signs = ['-', '!', '+', '~', '(', '^', '"', '“'];
    let bare = token.trim_start_matches(signs);
    let has_key = |keys: &[&str]| {
        // Full-width colons come from keyboards for Asian languages.
        let lower: String = bare.chars().take(10).flat_map(char::to_lowercase).collect();
        let lower = lower.replace('：', ":");
        keys.iter().copied().find(|key| lower.starts_with(key)).map(str::len)
    };
    let Some(length) = has_key(&KEYS) else {
        return if has_key(&MISTAKEN).is_some() { unknown() } else { Read::Word };
    };
    if bare.len() != token.len() {
        return unknown();
    }
    let (key, value) = bare.split_at(
        bare.char_indices().nth(length - 1).map_or(bare.len(), |(at, colon)| at + colon.len_utf8()),
    );
    let condition = match key.as_bytes().get(1).map(u8::to_ascii_lowercase) {
        Some(b's') => is(value, searched),
        _ if searched == Searched::Communities => return unknown(),
        Some(b'n') => inside(value),
        _ => members(value),
    };
    match condition {
        Ok(condition) => Read::Condition(condition),
        Err(true) => Read::Problem(Problem::Unfinished),
        Err(false) => unknown(),
    }
}

/// A term that could not be read, and whether more letters can still make it one.
type Unreadable = bool;

fn is(value: &str, searched: Searched) -> Result<Condition, Unreadable> {
    let value = value.to_lowercase();
    let mut here = Is::ALL.into_iter().filter(|fact| fact.applies_to(searched));
    match here.clone().find(|fact| fact.word() == value) {
        Some(fact) => Ok(Condition::Is(fact)),
        None => Err(here.any(|fact| fact.word().starts_with(&value))),
    }
}

fn inside(value: &str) -> Result<Condition, Unreadable> {
    let words = value.trim_matches(QUOTES);
    let terms = Terms::parse(words);
    if terms.is_empty() { Err(words.trim().is_empty()) } else { Ok(Condition::In(terms)) }
}

/// Quotation marks around a name with several words.
const QUOTES: [char; 3] = ['"', '“', '”'];

fn members(value: &str) -> Result<Condition, Unreadable> {
    let range = CountRange::parse(value).map(Condition::Members);
    range.map_err(|error| error == CountRangeError::Unfinished)
}

/// The words of a text. The name after `in:` may contain spaces if it is in quotation marks.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let after = |at: usize| rest[at..].chars().next().map_or(at, |letter| at + letter.len_utf8());
        let blank = rest.find(char::is_whitespace).unwrap_or(rest.len());
        // The quotation mark stands right after the key.
        let quote = rest[..blank].find(QUOTES).filter(|_| matches!(first, 'i' | 'I'));
        let is_key = |at: &usize| matches!(&*rest[..*at].to_lowercase(), "in:" | "in：");
        let end = quote.filter(is_key).map_or(blank, |quote| {
            let inside = after(quote);
            rest[inside..].find(QUOTES).map_or(rest.len(), |end| after(inside + end))
        });
        let (token, later) = rest.split_at(end);
        rest = later;
        Some(token)
    })
}
