//! Each catalogue has the messages of the English one, with the same variables.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};
use synod::tui::keymap::{BINDINGS, Key};

pub(super) const ENGLISH: &str = include_str!("../../../assets/text/en.ftl");
pub(super) const OTHERS: [(&str, &str); 2] = [
    ("pt-BR.ftl", include_str!("../../../assets/text/pt-BR.ftl")),
    ("es.ftl", include_str!("../../../assets/text/es.ftl")),
];

/// The variables of each message; parse errors are complaints.
fn messages(file: &str, catalogue: &str, wrong: &mut Vec<String>) -> BTreeMap<String, BTreeSet<String>> {
    let resource = match parser::parse(catalogue) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            wrong.extend(errors.iter().map(|error| format!("{file}: {error}")));
            resource
        }
    };
    let mut messages = BTreeMap::new();
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let key = message.id.name.to_owned();
                let mut used = BTreeSet::new();
                message.value.iter().for_each(|value| variables(value, &mut used));
                if message.value.is_none() {
                    wrong.push(format!("{file}: {key} has no text"));
                }
                if messages.insert(key, used).is_some() {
                    wrong.push(format!("{file}: {} appears twice", message.id.name));
                }
            }
            Entry::Junk { content } => wrong.push(format!("{file}: cannot be read: {content}")),
            _ => {}
        }
    }
    messages
}

fn variables(pattern: &Pattern<&str>, used: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => inner(inline, used),
            Expression::Select { selector, variants } => {
                inner(selector, used);
                for variant in variants {
                    variables(&variant.value, used);
                }
            }
        }
    }
}

fn inner(expression: &InlineExpression<&str>, used: &mut BTreeSet<String>) {
    match expression {
        InlineExpression::VariableReference { id } => {
            used.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => {
            if let Expression::Inline(inline) = expression.as_ref() {
                inner(inline, used);
            }
        }
        _ => {}
    }
}

/// Messages that a translation lacks, has too many, or fills with other variables, one line each.
fn complaints(english: &str, file: &str, translation: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let ours = messages("en.ftl", english, &mut wrong);
    let theirs = messages(file, translation, &mut wrong);
    for (key, used) in &ours {
        match theirs.get(key) {
            None => wrong.push(format!("{file}: lacks {key}, which en.ftl has")),
            Some(other) if other != used => {
                wrong.push(format!("{file}: {key} uses {other:?}, but en.ftl uses {used:?}"));
            }
            Some(_) => {}
        }
    }
    let more = theirs.keys().filter(|key| !ours.contains_key(*key));
    wrong.extend(more.map(|key| format!("{file}: has {key}, which en.ftl lacks")));
    wrong
}

#[test]
fn every_language_has_exactly_the_english_messages() {
    let wrong: Vec<String> =
        OTHERS.iter().flat_map(|(file, catalogue)| complaints(ENGLISH, file, catalogue)).collect();
    assert!(wrong.is_empty(), "add or fix these in assets/text:\n{}", wrong.join("\n"));
}

#[test]
fn the_comparison_of_catalogues_can_fail() {
    let english = "a = A { $n ->\n    [one] { $n } x\n   *[other] { $n } y\n}\nb = B { $who }\n";
    let same = "a = A { $n }\nb = { $who } B\n";
    assert_eq!(complaints(english, "es.ftl", same), Vec::<String>::new());
    assert_eq!(complaints(english, "es.ftl", "b = { $who }\n"), ["es.ftl: lacks a, which en.ftl has"]);
    let more = format!("{same}c = C\n");
    assert_eq!(complaints(english, "es.ftl", &more), ["es.ftl: has c, which en.ftl lacks"]);
    let other = "a = A { $n }\nb = { $whom } B\n";
    assert_eq!(complaints(english, "es.ftl", other), [r#"es.ftl: b uses {"whom"}, but en.ftl uses {"who"}"#]);
    assert!(!complaints(english, "es.ftl", &format!("{same}c = {{ $n\n")).is_empty());
}

/// Words of a language that consist of one letter, and so may be a key too.
const LETTERS: [(&str, &[&str]); 3] =
    [("en.ftl", &["a"]), ("pt-BR.ftl", &["a", "e", "o"]), ("es.ftl", &["a", "e", "o", "u", "y"])];

/// Messages that are not on the screen, are about the spelling of keys, or contain units of time and size.
const NO_KEYS: [&str; 7] = ["cli-", "config-", "doctor-", "key-", "span-", "help-", "name-"];

/// The names of all keys, as the screen shows them in a language.
fn key_names(catalogue: &str) -> BTreeSet<String> {
    let keys = BINDINGS.iter().flat_map(|binding| binding.keys);
    let space = catalogue.lines().find_map(|line| line.strip_prefix("key-space = ")).unwrap();
    let names = keys.map(|key| if *key == Key::Char(' ') { space.to_owned() } else { key.to_string() });
    names.filter(|name| name.chars().any(char::is_alphanumeric)).collect()
}

fn words<'a>(pattern: &Pattern<&'a str>, into: &mut Vec<&'a str>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => into.extend(value.split_whitespace()),
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                for variant in variants {
                    words(&variant.value, into);
                }
            }
            PatternElement::Placeable { .. } => {}
        }
    }
}

/// The keys that a catalogue names directly, one line each.
fn named_keys(file: &str, catalogue: &str) -> Vec<String> {
    let names = key_names(catalogue);
    let letters = LETTERS.iter().find(|(of, _)| *of == file).map_or(&[][..], |(_, letters)| letters);
    let mut wrong = Vec::new();
    for entry in &parser::parse(catalogue).unwrap().body {
        let Entry::Message(message) = entry else { continue };
        if NO_KEYS.iter().any(|prefix| message.id.name.starts_with(prefix)) {
            continue;
        }
        let mut said = Vec::new();
        message.value.iter().for_each(|value| words(value, &mut said));
        for word in said {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            let is_key =
                |name: &String| name == word || name.starts_with("Ctrl-") && name.eq_ignore_ascii_case(word);
            if names.iter().any(is_key) && !letters.contains(&word) {
                wrong.push(format!("{file}: {} names the key {word}", message.id.name));
            }
        }
    }
    wrong
}

#[test]
fn no_message_names_a_key_that_can_be_rebound() {
    let all = [("en.ftl", ENGLISH)].into_iter().chain(OTHERS);
    let wrong: Vec<String> = all.flat_map(|(file, catalogue)| named_keys(file, catalogue)).collect();
    assert!(wrong.is_empty(), "use variables for these keys:\n{}", wrong.join("\n"));
}

#[test]
fn a_key_in_a_message_is_found() {
    let catalogue = "key-space = Blank\na = paused, p goes on\nb = a plan; Blank marks (Esc goes back)\nc = { $key } marks\n";
    let wrong = named_keys("en.ftl", catalogue);
    assert_eq!(
        wrong,
        ["en.ftl: a names the key p", "en.ftl: b names the key Blank", "en.ftl: b names the key Esc"]
    );
}
