//! Fields of a gateway's JSON, read leniently: one of an unexpected type counts as absent, and a truth value or a
//! number may come as a text. What the fields mean is the adapters' affair.

use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// The first of these fields that holds a text which is not empty.
pub(super) fn text<'a>(object: &'a Object, names: &[&str]) -> Option<&'a str> {
    let texts = names.iter().filter_map(|name| object.get(*name).and_then(Value::as_str));
    texts.map(str::trim).find(|text| !text.is_empty())
}

/// The first of these fields that holds a truth value, in whatever spelling.
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

/// The first of these fields that holds a number of things.
pub(super) fn count(object: &Object, names: &[&str]) -> Option<u32> {
    names.iter().find_map(|name| match object.get(*name)? {
        Value::Number(number) => u32::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}
