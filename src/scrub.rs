//! Removes secrets from text: once when a server's words arrive, and again wherever text leaves the process.
//!
//! It owns the secrets that this process knows, and the form of a text without them. `seen` makes the forms of a text that are
//! searched, `spelling` has the spellings of a secret, and `search` finds them.

mod search;
mod seen;
mod spelling;

use std::{
    borrow::Cow,
    fmt,
    ops::Range,
    sync::{Arc, PoisonError, RwLock},
};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use self::search::Search;
use crate::domain::name;

/// The replacement for a secret.
pub const MASK: &str = "***";

/// The longest text of a server that is kept, in characters.
const LONGEST: usize = 200;

/// A secret of fewer bytes is a word that may occur in any name and in Synod's own texts: only errors are scrubbed of it.
const LEAST: usize = 8;

/// The secrets that no text may show.
#[derive(Default)]
pub struct Scrubber {
    secrets: Vec<SecretString>,
    search: Search,
}

impl Scrubber {
    /// A scrubber of these secrets; empty ones are ignored.
    pub fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| !secret.expose_secret().is_empty());
        let secrets: Vec<SecretString> = secrets.collect();
        Self { search: Search::new(&secrets), secrets }
    }

    /// A scrubber of these secrets too: the same one if it knows all of them.
    #[must_use]
    pub fn knowing(self: &Arc<Self>, secrets: impl IntoIterator<Item = SecretString>) -> Arc<Self> {
        let mut all = self.secrets.clone();
        for secret in secrets {
            if !all.iter().any(|known| known.expose_secret() == secret.expose_secret()) {
                all.push(secret);
            }
        }
        if all.len() == self.secrets.len() { Arc::clone(self) } else { Arc::new(Self::new(all)) }
    }

    /// An error's text on one line: cleaned first, so that invisible characters cannot hide a secret, then without secrets
    /// and addresses, and limited in length.
    pub fn clean(&self, text: &str) -> String {
        let clean = without_addresses(&self.without(&one_line(&self.without(text, 0)), 0));
        match clean.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &clean[..end]),
            None => clean,
        }
    }

    /// Whether cleaning as an error's text leaves a text's content unchanged: it contains no secret and no address, and is not
    /// too long.
    pub fn keeps(&self, text: &str) -> bool {
        !text.contains(MASK) && self.clean(text) == one_line(text)
    }

    /// The text with every secret masked, except those too short to distinguish from a word.
    pub fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.without(text, LEAST)
    }

    /// JSON, one text or several, with the secrets masked in all strings. It stays valid JSON, however a string spells a secret.
    pub fn masked_json<'a>(&self, json: &'a str) -> Cow<'a, str> {
        // Without escapes, the strings are in the text as they are.
        if !json.contains('\\') && !self.search.may_show(json, LEAST) {
            return Cow::Borrowed(json);
        }
        let mut out = String::new();
        let mut copied = 0;
        let mut at = 0;
        while let Some(opens) = json[at..].find('"').map(|found| at + found) {
            let Some(literal) = literal(&json[opens..]) else { break };
            let end = opens + literal.len();
            let decoded = if literal.contains('\\') {
                serde_json::from_str(literal).map(Cow::Owned).unwrap_or(Cow::Borrowed(literal))
            } else {
                Cow::Borrowed(&literal[1..literal.len() - 1])
            };
            if let Cow::Owned(masked) = self.masked(&decoded) {
                out.push_str(&json[copied..opens]);
                out.push_str(&Value::from(masked).to_string());
                copied = end;
            }
            at = end;
        }
        if copied == 0 {
            return Cow::Borrowed(json);
        }
        out.push_str(&json[copied..]);
        Cow::Owned(out)
    }

    fn without<'a>(&self, text: &'a str, least: usize) -> Cow<'a, str> {
        let places = self.places(text, least);
        if places.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut masked = String::with_capacity(text.len());
        let mut end = 0;
        for place in places {
            masked.push_str(&text[end..place.start]);
            masked.push_str(MASK);
            end = place.end;
        }
        masked.push_str(&text[end..]);
        Cow::Owned(masked)
    }

    /// The places of secrets of at least `least` bytes in a text.
    fn places(&self, text: &str, least: usize) -> Vec<Range<usize>> {
        self.search.places(text, least)
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scrubber({})", self.secrets.len())
    }
}

fn one_line(text: &str) -> String {
    name::printable(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text with every address masked to the end of its word: an address may grant access, as an invite link does.
fn without_addresses(text: &str) -> String {
    let masked = text.split(' ').map(|word| match word.find("://") {
        Some(at) => {
            let scheme = word[..at]
                .rfind(|c: char| !c.is_ascii_alphanumeric())
                .map_or(0, |before| before + word[before..].chars().next().map_or(0, char::len_utf8));
            format!("{}{MASK}", &word[..scheme])
        }
        None => word.to_owned(),
    });
    masked.collect::<Vec<_>>().join(" ")
}

/// The secrets of this process, which no text that leaves it may show.
static KNOWN: RwLock<Option<Arc<Scrubber>>> = RwLock::new(None);

fn known() -> Option<Arc<Scrubber>> {
    KNOWN.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Registers secrets: from now on they are masked in all text that leaves the process.
pub fn keep(secrets: impl IntoIterator<Item = SecretString>) {
    let mut kept = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    *kept = Some(kept.take().unwrap_or_default().knowing(secrets));
}

/// A text for people, made safe to leave the process: nothing in it controls a terminal, and it contains no secret.
pub fn leaving(text: &str) -> String {
    let clean = name::printable(text);
    match known() {
        Some(known) => known.masked(&clean).into_owned(),
        None => clean.into_owned(),
    }
}

/// Data made safe to leave the process: without secrets, otherwise unchanged.
pub fn masked(text: &str) -> Cow<'_, str> {
    match known() {
        Some(known) => Cow::Owned(known.masked(text).into_owned()),
        None => Cow::Borrowed(text),
    }
}

/// The places of this process's secrets in a text.
pub fn places(text: &str) -> Vec<Range<usize>> {
    known().map(|known| known.places(text, LEAST)).unwrap_or_default()
}

/// JSON with the secrets masked, as [`Scrubber::masked_json`] does it.
pub fn masked_json(json: &str) -> Cow<'_, str> {
    let Some(known) = known() else { return Cow::Borrowed(json) };
    known.masked_json(json)
}

/// The string at the start of a text, with its quotation marks.
fn literal(json: &str) -> Option<&str> {
    let mut is_escaped = false;
    let end = json.bytes().enumerate().skip(1).find(|(_, byte)| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    end.map(|(at, _)| &json[..=at])
}
