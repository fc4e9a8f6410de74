//! Each catalogue has the messages of the English one, with the same variables.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};

pub(super) const ENGLISH: &str = include_str!("../../../assets/text/en.ftl");
pub(super) const OTHERS: [(&str, &str); 2] = [
    ("pt-BR.ftl", include_str!("../../../assets/text/pt-BR.ftl")),
    ("es.ftl", include_str!("../../../assets/text/es.ftl")),
];

/// The variables of each message; what cannot be parsed is a complaint.
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
                    wrong.push(format!("{file}: {key} says nothing"));
                }
                if messages.insert(key, used).is_some() {
                    wrong.push(format!("{file}: {} stands there twice", message.id.name));
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

/// What a translation lacks, has too much, or puts in otherwise, a line each.
fn complaints(english: &str, file: &str, translation: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let ours = messages("en.ftl", english, &mut wrong);
    let theirs = messages(file, translation, &mut wrong);
    for (key, used) in &ours {
        match theirs.get(key) {
            None => wrong.push(format!("{file}: lacks {key}, which en.ftl has")),
            Some(other) if other != used => {
                wrong.push(format!("{file}: {key} puts in {other:?}, where en.ftl puts in {used:?}"));
            }
            Some(_) => {}
        }
    }
    let more = theirs.keys().filter(|key| !ours.contains_key(*key));
    wrong.extend(more.map(|key| format!("{file}: has {key}, which en.ftl lacks")));
    wrong
}

#[test]
fn every_language_says_all_that_english_says_and_no_more() {
    let wrong: Vec<String> =
        OTHERS.iter().flat_map(|(file, catalogue)| complaints(ENGLISH, file, catalogue)).collect();
    assert!(wrong.is_empty(), "add or mend these in assets/text:\n{}", wrong.join("\n"));
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
    assert_eq!(
        complaints(english, "es.ftl", other),
        [r#"es.ftl: b puts in {"whom"}, where en.ftl puts in {"who"}"#]
    );
    assert!(!complaints(english, "es.ftl", &format!("{same}c = {{ $n\n")).is_empty());
}
