//! Typed access to a parsed TOML file that knows the line of every value and words its own messages. The parser's messages are
//! never shown, because they repeat the offending line.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
    path::{Path, PathBuf},
    time::Duration,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{ConfigError, Located, Problem};
use crate::domain::{command::quoted, message::Message};

/// The file being read, and the facts that its relative paths and inline secrets depend on.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    /// Where its lines end.
    line_ends: Vec<usize>,
    /// Whether only its owner can read it.
    pub(super) is_private: bool,
    /// The home folder, for paths that begin with `~/`.
    pub(super) home: Option<&'a Path>,
}

impl<'a> Source<'a> {
    pub(super) fn new(path: &'a Path, text: &'a str, is_private: bool, home: Option<&'a Path>) -> Self {
        let line_ends = text.match_indices('\n').map(|(end, _)| end).collect();
        Self { path, text, line_ends, is_private, home }
    }

    /// Stands for the text in this process: another text has another number.
    pub(super) fn version(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.text.hash(&mut hasher);
        hasher.finish()
    }

    /// The line, counted from 1, of an offset in the text.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_ends.partition_point(|end| *end < offset) + 1
    }

    /// An error about a line.
    pub(super) fn problem(&self, line: usize, what: Message, example: &str) -> ConfigError {
        let example = example.to_owned();
        Problem { path: self.path.to_owned(), line, what, example }.into()
    }

    /// The path of the file as one word for a shell.
    pub(super) fn quoted(&self) -> String {
        quoted(&self.path.display().to_string())
    }

    /// A path in the file; a relative one starts at the file's folder.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        match (path.strip_prefix("~/"), self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.path.parent().unwrap_or(Path::new("")).join(path),
        }
    }
}

/// A table of the file.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) line: usize,
    entries: &'a DeTable<'a>,
}

/// A value of the file with its key.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) line: usize,
    key: &'a str,
    inner: &'a DeValue<'a>,
}

impl<'a> Table<'a> {
    /// The whole file as a table.
    pub(super) fn root(source: &'a Source<'a>, entries: &'a DeTable<'a>) -> Self {
        Self { source, line: 1, entries }
    }

    /// Rejects unknown keys; `place` names the table in the message.
    pub(super) fn refuse_unknown(&self, place: &str, known: &[&str]) -> Result<(), ConfigError> {
        let unknown = |key: &&Spanned<_>| {
            let key: &str = Spanned::<std::borrow::Cow<'_, str>>::get_ref(key);
            !known.contains(&key)
        };
        let Some(key) = self.entries.keys().filter(unknown).min_by_key(|key| key.span().start) else {
            return Ok(());
        };
        let line = self.source.line(key.span().start);
        let list = known.join(", ");
        let key = key.get_ref().to_ascii_lowercase();
        // At least half of the letter pairs are the same.
        let near = known.iter().find(|known| strsim::sorensen_dice(known, &key) >= 0.5);
        let what = match near {
            Some(near) => Message::new("config-unknown-key-near").put("near", *near),
            None => Message::new("config-unknown-key"),
        };
        let what = what.put("place", place).put("known", list);
        let example = near.or(known.first()).map_or_else(String::new, |known| format!("{known} = …"));
        Err(self.source.problem(line, what, &example))
    }

    /// The value under a key.
    pub(super) fn get(&self, key: &'a str) -> Option<Value<'a>> {
        let value = self.entries.get(key)?;
        Some(Value { source: self.source, line: self.line_of(&value.span()), key, inner: value.get_ref() })
    }

    /// The value under a required key.
    pub(super) fn need(&self, key: &'a str, example: &str) -> Result<Value<'a>, ConfigError> {
        let missing =
            || self.source.problem(self.line, Message::new("config-key-missing").put("key", key), example);
        self.get(key).ok_or_else(missing)
    }

    /// Every key with its line and value, in the order of the file.
    pub(super) fn pairs(&self) -> Vec<(Located<&'a str>, Value<'a>)> {
        let mut pairs: Vec<_> = self.entries.iter().collect();
        pairs.sort_by_key(|(key, _)| key.span().start);
        let located = |(key, value): (&'a Spanned<std::borrow::Cow<'a, str>>, &'a Spanned<DeValue<'a>>)| {
            let (line, text) = (self.line_of(&key.span()), key.get_ref().as_ref());
            let value = Value {
                source: self.source,
                line: self.line_of(&value.span()),
                key: text,
                inner: value.get_ref(),
            };
            (Located { value: text, line }, value)
        };
        pairs.into_iter().map(located).collect()
    }

    fn line_of(&self, span: &Range<usize>) -> usize {
        self.source.line(span.start)
    }
}

impl<'a> Value<'a> {
    /// An error about this value.
    pub(super) fn problem(&self, what: Message, example: &str) -> ConfigError {
        self.source.problem(self.line, what, example)
    }

    /// A sentence about the value's key.
    pub(super) fn about(&self, key: &'static str) -> Message {
        Message::new(key).put("key", self.key)
    }

    /// The value as a text, or `None` if it is something else.
    pub(super) fn as_text(&self) -> Option<&'a str> {
        self.inner.as_str()
    }

    /// The value as a table, or `None` if it is something else.
    pub(super) fn as_table(&self) -> Option<Table<'a>> {
        let entries = self.inner.as_table()?;
        Some(Table { source: self.source, line: self.line, entries })
    }

    /// The value as a list, or `None` if it is something else.
    pub(super) fn as_list(&self) -> Option<Vec<Self>> {
        let located = |item: &'a Spanned<DeValue<'a>>| Self {
            line: self.source.line(item.span().start),
            inner: item.get_ref(),
            ..*self
        };
        Some(self.inner.as_array()?.iter().map(located).collect())
    }

    /// The value as a text.
    pub(super) fn text(&self, example: &str) -> Result<&'a str, ConfigError> {
        let wrong = || self.problem(self.about("config-text"), example);
        self.as_text().ok_or_else(wrong)
    }

    /// The value as a table.
    pub(super) fn table(&self, example: &str) -> Result<Table<'a>, ConfigError> {
        self.as_table().ok_or_else(|| self.problem(self.about("config-table"), example))
    }

    /// The value as a list.
    pub(super) fn list(&self, example: &str) -> Result<Vec<Self>, ConfigError> {
        let wrong = || self.problem(self.about("config-list"), example);
        self.as_list().ok_or_else(wrong)
    }

    /// The value as a boolean.
    pub(super) fn switch(&self, example: &str) -> Result<bool, ConfigError> {
        let wrong = || self.problem(self.about("config-switch"), example);
        self.inner.as_bool().ok_or_else(wrong)
    }

    /// The value as a whole number within bounds.
    pub(super) fn count(&self, bounds: Range<u32>, example: &str) -> Result<u32, ConfigError> {
        let number = self
            .inner
            .as_integer()
            .and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|number| bounds.contains(number));
        let wrong = || {
            let (least, most) = (bounds.start, bounds.end - 1);
            let what = self.about("config-count").put("least", least.to_string());
            self.problem(what.put("most", most.to_string()), example)
        };
        number.ok_or_else(wrong)
    }

    /// The value as a fraction from 0 to 1.
    pub(super) fn share(&self, example: &str) -> Result<f64, ConfigError> {
        let number = match self.inner {
            DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
            DeValue::Integer(number) => number.as_str().parse::<f64>().ok(),
            _ => None,
        };
        let wrong = || self.problem(self.about("config-share"), example);
        number.filter(|share| (0.0..=1.0).contains(share)).ok_or_else(wrong)
    }

    /// The value as a [`duration`].
    pub(super) fn duration(&self, example: &str) -> Result<Duration, ConfigError> {
        let wrong = || self.problem(self.about("config-span"), example);
        self.as_text().and_then(duration).ok_or_else(wrong)
    }
}

/// A duration: a whole number with `ms`, `s`, `m` or `h`, at most a day.
pub fn duration(text: &str) -> Option<Duration> {
    age(text).filter(|span| *span <= DAY && !text.trim().ends_with(['d', 'w']))
}

const DAY: Duration = Duration::from_secs(86_400);

/// An age: the same without a limit, or a whole number with `d` or `w`.
pub fn age(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..unit].parse().ok()?;
    let scale = match text[unit..].trim_start() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 7 * 86_400_000,
        _ => return None,
    };
    number.checked_mul(scale).map(Duration::from_millis)
}
