//! Z-API's contract over the world (docs/gateways/zapi.md).

use http::HeaderMap;
use serde_json::json;

use super::Inner;
use super::description::LastSubgroup;
use super::exchange::{Answer, Asked, Dialect, Done, Incoming, Trouble};

/// The dialect of Z-API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zapi;

/// A group's id in Z-API's form: `digits-group`, or the older `digits-digits` as it is.
pub(crate) fn group_id(id: &str) -> String {
    if id.contains('-') { id.to_owned() } else { format!("{id}-group") }
}

/// Community ids have 20 digits, more than 64 bits hold.
const COMMUNITY_PREFIX: &str = "98";

/// A community's id in Z-API's form.
pub(crate) fn community_id(id: &str) -> String {
    format!("{COMMUNITY_PREFIX}{id}")
}

impl Dialect for Zapi {
    fn understand(&self, _: &mut Inner, _: &Incoming, _: i64) -> Result<Asked, Answer> {
        let text = "Unable to find matching target resource method";
        Err(Answer::json(200, &json!({ "error": "NOT_FOUND", "message": text })))
    }
    fn answer(&self, _: &mut Inner, _: &Asked, _: &Done, _: i64) -> Answer {
        Answer::json(200, &json!({}))
    }
    fn trouble(&self, _: &Inner, _: Trouble) -> Answer {
        Answer::json(200, &json!({}))
    }
    fn empty_listing(&self, _: &Asked) -> Option<Answer> {
        None
    }
    fn headers(&self, _: &mut Inner, _: &Incoming, _: &Answer, _: &mut HeaderMap, _: i64) {}
    fn link_delay(&self, inner: &Inner) -> u32 {
        inner.description.zapi.link_delay_ms
    }
    fn last_subgroup(&self, inner: &Inner) -> LastSubgroup {
        inner.description.zapi.last_subgroup
    }
    fn place(&self, _: &Inner, _: &Incoming) -> (String, String) {
        (String::new(), String::new())
    }
}
