//! Where the answer that lists a community names its community: as documented, as a number, or nested. Both dialects build
//! their listings here.

use serde_json::{Map, Value};

use super::description::ListingId;
use super::exchange::Answer;

/// A listing: `outer` is placed next to the payload if that is nested, `id` is the key of the community's id in it.
pub(crate) fn listing(form: ListingId, outer: Value, payload: Value, id: &str) -> Answer {
    let (mut outer, payload) = (fields(outer), fields(payload));
    let digits = payload.get(id).and_then(Value::as_str).map(digits).unwrap_or_default().to_owned();
    if form == ListingId::Nested {
        outer.insert("data".to_owned(), Value::Object(payload));
    } else {
        outer.extend(payload);
    }
    // An id may have more digits than a number of `serde_json` can hold, so the text is inserted unchanged.
    if form == ListingId::Number && !digits.is_empty() {
        outer.insert(id.to_owned(), digits.as_str().into());
        let quoted = format!("\"{id}\":\"{digits}\"");
        let text = Value::Object(outer).to_string().replacen(&quoted, &format!("\"{id}\":{digits}"), 1);
        return Answer::json_text(200, text);
    }
    Answer::json(200, &Value::Object(outer))
}

fn fields(value: Value) -> Map<String, Value> {
    if let Value::Object(fields) = value { fields } else { Map::new() }
}

/// The digits of an id without its suffix; "" if there is anything else in it.
fn digits(id: &str) -> &str {
    let bare = id.split('@').next().unwrap_or(id);
    if bare.bytes().all(|byte| byte.is_ascii_digit()) { bare } else { "" }
}
