//! A catalogue of messages in Fluent's format, one a language. It owns the parsing and the putting in of arguments;
//! which messages there are is in `assets/text`.

use std::borrow::Cow;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle, types::FluentNumber};
use unic_langid::LanguageIdentifier;

use super::format;

const ENGLISH: &str = include_str!("../../assets/text/en.ftl");

/// The messages of one language.
pub(super) struct Catalogue {
    bundle: FluentBundle<FluentResource>,
}

/// What is put into a message: a text, or a number that is grouped and chooses the plural.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg<'a> {
    /// A text as it is to be shown.
    Text(Cow<'a, str>),
    /// A count.
    Number(u64),
}

impl Catalogue {
    /// The catalogue that is built in.
    pub(super) fn english() -> Self {
        Self::new("en", ENGLISH)
    }

    /// A catalogue from its language's tag and its messages.
    fn new(tag: &str, messages: &str) -> Self {
        // A message with a mistake is left out and shows as its key; a test parses the whole file.
        let resource = FluentResource::try_new(messages.to_owned()).unwrap_or_else(|(partial, _)| partial);
        let mut bundle = FluentBundle::new_concurrent(vec![language(tag)]);
        // Fluent wraps each argument in direction isolates otherwise, which must not reach a terminal.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(|value, _| match value {
            FluentValue::Number(number) => Some(grouped(number)),
            _ => None,
        }));
        bundle.add_resource_overriding(resource);
        Self { bundle }
    }

    /// Whether there is a message under the key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// The message under the key with its arguments; the key itself where there is none.
    pub(super) fn format(&self, key: &'static str, args: &[(&'static str, Arg<'_>)]) -> Cow<'_, str> {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else { return Cow::Borrowed(key) };
        // An argument that the caller forgot shows as {$name}, which is all that can be done here.
        let mut errors = Vec::new();
        if args.is_empty() {
            return self.bundle.format_pattern(pattern, None, &mut errors);
        }
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match arg {
                Arg::Text(text) => values.set(*name, text.as_ref()),
                Arg::Number(number) => values.set(*name, *number),
            }
        }
        Cow::Owned(self.bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned())
    }
}

fn language(tag: &str) -> LanguageIdentifier {
    // The tags are our own; one that is none would only choose plurals of no language.
    tag.parse().unwrap_or_default()
}

fn grouped(number: &FluentNumber) -> String {
    // Every number is a count that came in as a u64; up to 2^53 the float holds it exactly.
    format::grouped(&format!("{:.0}", number.value))
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
    fn every_message_of_the_catalogue_can_be_parsed_and_stands_once() {
        let resource = FluentResource::try_new(ENGLISH.to_owned()).map_err(|(_, errors)| errors).unwrap();
        let mut bundle = FluentBundle::new_concurrent(vec![language("en")]);
        bundle.add_resource(resource).unwrap();
    }

    #[test]
    fn numbers_are_grouped_and_choose_the_plural() {
        let messages = "groups = { $count ->\n    [one] { $count } group\n   *[other] { $count } groups\n}\n";
        let catalogue = Catalogue::new("en", messages);
        let groups = |count: u64| catalogue.format("groups", &[("count", count.into())]).into_owned();
        assert_eq!((groups(1), groups(1_204)), ("1 group".to_owned(), "1,204 groups".to_owned()));
    }
}
