//! A catalogue of messages in Fluent's format, one per language. It owns the parsing and the filling in of arguments; the
//! messages are in `assets/text`.

use std::{
    borrow::Cow,
    sync::{LazyLock, OnceLock},
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use fluent_syntax::ast::{Entry, Pattern};
use hashbrown::HashMap;
use unic_langid::LanguageIdentifier;

use super::{Language, format};

const ENGLISH: &str = include_str!("../../assets/text/en.ftl");
const PORTUGUESE: &str = include_str!("../../assets/text/pt-BR.ftl");
const SPANISH: &str = include_str!("../../assets/text/es.ftl");

/// The messages of one language, and the English ones for those that it lacks.
#[derive(Clone, Copy)]
pub(super) struct Catalogue {
    messages: &'static LazyLock<Messages>,
    english: Option<&'static LazyLock<Messages>>,
}

static IN_ENGLISH: LazyLock<Messages> = LazyLock::new(|| Messages::of(Language::English, ENGLISH));
static IN_PORTUGUESE: LazyLock<Messages> = LazyLock::new(|| Messages::of(Language::Portuguese, PORTUGUESE));
static IN_SPANISH: LazyLock<Messages> = LazyLock::new(|| Messages::of(Language::Spanish, SPANISH));

/// The messages of one language. Each is parsed when it is first needed, so none may refer to another: a start needs few of them,
/// and a parsed file takes a multiple of its size.
struct Messages {
    /// Fills in arguments; it contains no message itself.
    bundle: FluentBundle<FluentResource>,
    by_key: HashMap<&'static str, Source>,
}

/// A message as it is written, and what it means.
struct Source {
    text: &'static str,
    parsed: OnceLock<FluentResource>,
}

/// An argument of a message: a text, or a number that is grouped and chooses the plural.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg<'a> {
    /// A text to show unchanged.
    Text(Cow<'a, str>),
    Number(u64),
}

impl Catalogue {
    /// The catalogue of a language.
    pub(super) fn of(language: Language) -> Self {
        match language {
            Language::English => Self { messages: &IN_ENGLISH, english: None },
            Language::Portuguese => Self { messages: &IN_PORTUGUESE, english: Some(&IN_ENGLISH) },
            Language::Spanish => Self { messages: &IN_SPANISH, english: Some(&IN_ENGLISH) },
        }
    }

    /// Whether the key has a message.
    pub(super) fn has(self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// The message of the key with its arguments; the key itself if it has no message.
    pub(super) fn format(self, key: &'static str, args: &[(&'static str, Arg<'_>)]) -> Cow<'static, str> {
        let Some((messages, pattern)) = self.find(key) else { return Cow::Borrowed(key) };
        // A missing argument shows as {$name}; nothing more can be done here.
        let mut errors = Vec::new();
        if args.is_empty() {
            return messages.bundle.format_pattern(pattern, None, &mut errors);
        }
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match arg {
                Arg::Text(text) => values.set(*name, text.as_ref()),
                Arg::Number(number) => values.set(*name, *number),
            }
        }
        Cow::Owned(messages.bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned())
    }

    /// What the key's message says, with the messages of its language.
    fn find(self, key: &str) -> Option<(&'static Messages, &'static Pattern<&'static str>)> {
        let find = |messages: &'static LazyLock<Messages>| Some((&**messages, messages.find(key)?));
        find(self.messages).or_else(|| find(self.english?))
    }
}

impl Messages {
    /// The messages in a file.
    fn of(language: Language, file: &'static str) -> Self {
        // The tags are our own; an invalid one would only select no language's plurals.
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // By default Fluent wraps each argument in direction isolates, which must not reach a terminal.
        bundle.set_use_isolating(false);
        // The formatter is a plain function, so each language has its own.
        bundle.set_formatter(Some(match language {
            Language::English => |value, _| grouped(value, Language::English),
            Language::Portuguese => |value, _| grouped(value, Language::Portuguese),
            Language::Spanish => |value, _| grouped(value, Language::Spanish),
        }));
        // How many there are is known before the map is made, so it never grows.
        let sources: Vec<_> = apart(file).collect();
        let source = |(key, text)| (key, Source { text, parsed: OnceLock::new() });
        Self { bundle, by_key: sources.into_iter().map(source).collect() }
    }

    /// What the message of a key says. A message with a mistake counts as missing; a test parses all of them.
    fn find(&'static self, key: &str) -> Option<&'static Pattern<&'static str>> {
        let source = self.by_key.get(key)?;
        let parsed = source.parsed.get_or_init(|| {
            FluentResource::try_new(source.text.to_owned()).unwrap_or_else(|(partial, _)| partial)
        });
        parsed.entries().find_map(|entry| match entry {
            Entry::Message(message) => message.value.as_ref(),
            _ => None,
        })
    }
}

/// The keys and the messages of a file. A message begins with a line that begins with a letter, and ends before the next message or
/// comment.
fn apart(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = std::iter::once(0).chain(file.match_indices('\n').map(|(at, _)| at + 1));
    let is_begun =
        move |at: &usize| file[*at..].starts_with(|first: char| first.is_ascii_alphabetic() || first == '#');
    let mut begins = lines.filter(is_begun).peekable();
    let parts = std::iter::from_fn(move || {
        let begin = begins.next()?;
        Some(&file[begin..begins.peek().copied().unwrap_or(file.len())])
    });
    let messages = parts.filter(|part| !part.starts_with('#'));
    messages.map(|message| (message.split([' ', '=']).next().unwrap_or_default(), message))
}

fn grouped(value: &FluentValue<'_>, language: Language) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    // Every number is a count that was a u64; up to 2^53 the float is exact.
    Some(format::grouped(language, &format!("{:.0}", number.value)))
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Arg<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Arg<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Arg<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Arg<'_> {
    fn from(number: usize) -> Self {
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_parses_alone_as_in_its_file_and_appears_once() {
        for file in [ENGLISH, PORTUGUESE, SPANISH] {
            let whole = FluentResource::try_new(file.to_owned()).map_err(|(_, errors)| errors).unwrap();
            let mut bundle = FluentBundle::new_concurrent(vec![LanguageIdentifier::default()]);
            bundle.add_resource(&whole).unwrap();
            let mut all = apart(file);
            for entry in whole.entries() {
                let (key, text) = all.next().unwrap();
                let alone = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| errors).unwrap();
                assert!(alone.entries().eq([entry]), "{text}");
                assert!(matches!(entry, Entry::Message(message) if message.id.name == key), "{text}");
                let parsed = format!("{entry:?}");
                assert!(!parsed.contains("MessageReference") && !parsed.contains("TermReference"), "{text}");
            }
            assert_eq!(all.next(), None);
        }
    }

    static GROUPS: LazyLock<Messages> = LazyLock::new(|| {
        let groups = "groups = { $count ->\n    [one] { $count } group\n   *[other] { $count } groups\n}\n";
        Messages::of(Language::English, groups)
    });
    static OTHER: LazyLock<Messages> = LazyLock::new(|| Messages::of(Language::Portuguese, "other = x\n"));

    #[test]
    fn numbers_are_grouped_and_choose_the_plural() {
        let catalogue = Catalogue { messages: &GROUPS, english: None };
        let groups = |count: u64| catalogue.format("groups", &[("count", count.into())]).into_owned();
        assert_eq!((groups(1), groups(1_204)), ("1 group".to_owned(), "1,204 groups".to_owned()));
    }

    #[test]
    fn missing_messages_of_a_language_are_shown_in_english() {
        let catalogue = Catalogue { messages: &OTHER, english: Some(&GROUPS) };
        assert_eq!(catalogue.format("groups", &[("count", 1_204_u64.into())]), "1,204 groups");
        assert!(catalogue.has("groups") && catalogue.has("other") && !catalogue.has("neither"));
    }
}
