//! Lenient access to fields of a gateway's JSON: a field of an unexpected type counts as absent, and a boolean or a number
//! may come as a text. The adapters decide what the fields mean.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::domain::id::GroupId;

pub(super) type Object = Map<String, Value>;

/// The first of these fields that holds a non-empty text.
pub(super) fn text<'a>(object: &'a Object, names: &[&str]) -> Option<&'a str> {
    let texts = names.iter().filter_map(|name| object.get(*name).and_then(Value::as_str));
    texts.map(str::trim).find(|text| !text.is_empty())
}

/// The first of these fields that holds a boolean, in any accepted spelling.
pub(super) fn flag(object: &Object, names: &[&str]) -> Option<bool> {
    names.iter().find_map(|name| match object.get(*name)? {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::Number(number) if number.as_u64() == Some(1) => Some(true),
        Value::Number(number) if number.as_u64() == Some(0) => Some(false),
        _ => None,
    })
}

/// The first of these fields that holds a count.
pub(super) fn count(object: &Object, names: &[&str]) -> Option<u32> {
    names.iter().find_map(|name| match object.get(*name)? {
        Value::Number(number) => u32::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// The result of comparing the fields that may name the requested item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// None of the fields is present.
    Nothing,
    /// They name the requested item.
    Asked,
    /// One of them names something else, or cannot be read.
    Another,
}

/// Compares the fields of these objects that may name the requested item.
pub(super) fn named<'a>(
    objects: impl IntoIterator<Item = &'a Object>,
    names: &[&str],
    is_asked: impl Fn(&str) -> bool,
) -> Named {
    let mut said = Named::Nothing;
    let mut is_blank = false;
    for object in objects {
        for value in names.iter().filter_map(|name| object.get(*name)) {
            match id_text(value) {
                Some(text) if text.is_empty() => is_blank = true,
                Some(text) if is_asked(&text) => said = Named::Asked,
                None if value.is_null() => {}
                Some(_) | None => return Named::Another,
            }
        }
    }
    // An id that is present but empty counts as unreadable.
    if is_blank && said == Named::Nothing { Named::Another } else { said }
}

/// Whether two spellings, with and without suffix, are the same group's id.
pub(super) fn is_same(id: &str, group: &GroupId) -> bool {
    let bare = |text: &str| text.strip_suffix("@g.us").unwrap_or(text).to_owned();
    bare(id.trim()) == bare(group.as_str())
}

/// The entry for a group in a list of an answer, which is its id or an object with it.
pub(super) fn listed_entry<'a>(body: &'a Value, list: &str, group: &GroupId) -> Option<&'a Value> {
    let names = |entry: &&Value| {
        let id = match entry {
            Value::String(id) => Some(id.as_str()),
            Value::Object(entry) => text(entry, &["jid", "groupJid", "id", "JID"]),
            _ => None,
        };
        id.is_some_and(|id| is_same(id, group))
    };
    body.get(list)?.as_array()?.iter().find(names)
}

/// Whether a list of an answer has an entry for a group.
pub(super) fn lists_id(body: &Value, list: &str, group: &GroupId) -> bool {
    listed_entry(body, list, group).is_some()
}

/// An id given as a text, or as a number that kept all its digits: a number of more than 64 bits has lost some.
pub(super) fn id_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text.trim())),
        Value::Number(number) => Some(Cow::Owned(number.as_u64()?.to_string())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!({}), Named::Nothing)]
    #[case(json!({ "id": null }), Named::Nothing)]
    #[case(json!({ "id": "120363400000000001" }), Named::Asked)]
    #[case(json!({ "id": " 120363400000000001 " }), Named::Asked)]
    #[case(json!({ "id": 120_363_400_000_000_001_u64 }), Named::Asked)]
    #[case(json!({ "id": "", "jid": "120363400000000001" }), Named::Asked)]
    #[case(json!({ "id": 120_363_400_000_000_002_u64 }), Named::Another)]
    #[case(json!({ "id": 120_363_400_000_000_001_f64 }), Named::Another)]
    #[case(json!({ "id": "120363400000000001", "jid": "7" }), Named::Another)]
    #[case(json!({ "id": "" }), Named::Another)]
    #[case(json!({ "id": true }), Named::Another)]
    #[case(json!({ "id": { "user": "120363400000000001" } }), Named::Another)]
    fn an_id_is_compared_whatever_its_spelling(#[case] answer: Value, #[case] said: Named) {
        let objects = answer.as_object().into_iter();
        assert_eq!(named(objects, &["jid", "id"], |id| id == "120363400000000001"), said);
    }

    #[test]
    fn a_number_of_twenty_digits_cannot_be_read() {
        let answer: Value = serde_json::from_str("{\"id\":98120363500000000001}").unwrap();
        assert_eq!(named(answer.as_object(), &["id"], |_| true), Named::Another);
    }
}
