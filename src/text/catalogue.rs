//! A catalogue of messages in Fluent's format, one per language. It owns the parsing and the filling in of arguments; the
//! messages are in `assets/text`.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::{Language, format};

const ENGLISH: &str = include_str!("../../assets/text/en.ftl");
const PORTUGUESE: &str = include_str!("../../assets/text/pt-BR.ftl");
const SPANISH: &str = include_str!("../../assets/text/es.ftl");

type Bundle = FluentBundle<FluentResource>;

/// The messages of one language, and the English ones for those that it lacks. Each language is parsed once, when it is first
/// needed.
#[derive(Clone, Copy)]
pub(super) struct Catalogue {
    bundle: &'static LazyLock<Bundle>,
    english: Option<&'static LazyLock<Bundle>>,
}

static IN_ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English, ENGLISH));
static IN_PORTUGUESE: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Portuguese, PORTUGUESE));
static IN_SPANISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Spanish, SPANISH));

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
            Language::English => Self { bundle: &IN_ENGLISH, english: None },
            Language::Portuguese => Self { bundle: &IN_PORTUGUESE, english: Some(&IN_ENGLISH) },
            Language::Spanish => Self { bundle: &IN_SPANISH, english: Some(&IN_ENGLISH) },
        }
    }

    /// Whether the key has a message.
    pub(super) fn has(self, key: &str) -> bool {
        self.with(key).is_some()
    }

    /// The message of the key with its arguments; the key itself if it has no message.
    pub(super) fn format(self, key: &'static str, args: &[(&'static str, Arg<'_>)]) -> Cow<'static, str> {
        let Some(bundle) = self.with(key) else { return Cow::Borrowed(key) };
        let pattern = bundle.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else { return Cow::Borrowed(key) };
        // A missing argument shows as {$name}; nothing more can be done here.
        let mut errors = Vec::new();
        if args.is_empty() {
            return bundle.format_pattern(pattern, None, &mut errors);
        }
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match arg {
                Arg::Text(text) => values.set(*name, text.as_ref()),
                Arg::Number(number) => values.set(*name, *number),
            }
        }
        Cow::Owned(bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned())
    }

    /// The bundle that contains the key.
    fn with(self, key: &str) -> Option<&'static Bundle> {
        let has = |bundle: &'static LazyLock<Bundle>| {
            Some(&**bundle)
                .filter(|bundle| bundle.get_message(key).is_some_and(|found| found.value().is_some()))
        };
        has(self.bundle).or_else(|| has(self.english?))
    }
}

/// The messages of a language, ready for formatting.
fn bundle(language: Language, messages: &str) -> Bundle {
    // A message with a mistake is left out and shows as its key; a test parses the whole file.
    let resource = FluentResource::try_new(messages.to_owned()).unwrap_or_else(|(partial, _)| partial);
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
    bundle.add_resource_overriding(resource);
    bundle
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
    fn every_message_of_every_catalogue_parses_and_appears_once() {
        for messages in [ENGLISH, PORTUGUESE, SPANISH] {
            let resource =
                FluentResource::try_new(messages.to_owned()).map_err(|(_, errors)| errors).unwrap();
            let mut bundle = FluentBundle::new_concurrent(vec![LanguageIdentifier::default()]);
            bundle.add_resource(resource).unwrap();
        }
    }

    static GROUPS: LazyLock<Bundle> = LazyLock::new(|| {
        let groups = "groups = { $count ->\n    [one] { $count } group\n   *[other] { $count } groups\n}\n";
        bundle(Language::English, groups)
    });
    static OTHER: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Portuguese, "other = x\n"));

    #[test]
    fn numbers_are_grouped_and_choose_the_plural() {
        let catalogue = Catalogue { bundle: &GROUPS, english: None };
        let groups = |count: u64| catalogue.format("groups", &[("count", count.into())]).into_owned();
        assert_eq!((groups(1), groups(1_204)), ("1 group".to_owned(), "1,204 groups".to_owned()));
    }

    #[test]
    fn missing_messages_of_a_language_are_shown_in_english() {
        let catalogue = Catalogue { bundle: &OTHER, english: Some(&GROUPS) };
        assert_eq!(catalogue.format("groups", &[("count", 1_204_u64.into())]), "1,204 groups");
        assert!(catalogue.has("groups") && catalogue.has("other") && !catalogue.has("neither"));
    }
}
