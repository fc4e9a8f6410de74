//! JSON for `--json` and exports: one object per line, versioned, described in `docs/json.md`. It owns the frame of a line and
//! the names of reasons, and never writes a character that a terminal would obey.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use crate::{
    clock,
    domain::{
        event::{ItemReason, PauseReason, StopReason},
        failure::Failure,
        id::{CommunityId, OperationId},
        plan::{Obstacle, Reason},
        time::Millis,
    },
};

/// The version of the format; it increases when an existing field changes its meaning or is removed.
const VERSION: u8 = 1;

#[derive(Serialize)]
struct Line<'a, T> {
    v: u8,
    event: &'a str,
    time: String,
    #[serde(flatten)]
    body: T,
}

/// One event as a line, without its line end.
pub fn line(event: &str, time: Millis, body: impl Serialize) -> String {
    let line = Line { v: VERSION, event, time: clock::rfc3339(time), body };
    // Serialisation fails only for maps with non-text keys, and there are none.
    serde_json::to_string(&line).map(plain).unwrap_or_default()
}

/// The same JSON, with an escape for every invisible character and every character that a terminal might obey.
pub fn plain(json: String) -> String {
    if !json.chars().any(is_hidden) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String does not fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Controls, format characters and all other characters that draw nothing; the line ends of a pretty-printed text are kept.
fn is_hidden(c: char) -> bool {
    if matches!(c, ' '..='~' | '\n') {
        return false;
    }
    (c.is_control() && c != '\n')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// A reason in its JSON form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Why {
    #[cfg_attr(test, schemars(regex(pattern = "^[a-z_]+$")))]
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    community: Option<CommunityId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<OperationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<Box<Why>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    guess: bool,
}

impl Why {
    fn new(code: String) -> Self {
        Self {
            code,
            words: None,
            status: None,
            community: None,
            operation: None,
            because: None,
            guess: false,
        }
    }

    fn because(code: String, failure: &Failure) -> Self {
        Self { because: Some(Box::new(Self::failure(failure))), ..Self::new(code) }
    }

    /// A failure, with the gateway's words.
    pub fn failure(failure: &Failure) -> Self {
        let words = failure.words.as_ref().map(|words| words.exact().to_owned());
        Self { words, status: failure.status, ..Self::new(tag(&failure.kind)) }
    }

    /// The reason for a row's place in a plan.
    pub fn plan(reason: &Reason) -> Self {
        let code = tag(reason);
        match reason {
            Reason::InOtherCommunity(community) => {
                Self { community: Some(community.id.clone()), ..Self::new(code) }
            }
            Reason::InOperation(operation) => Self { operation: Some(*operation), ..Self::new(code) },
            Reason::ProbeFailed(failure)
            | Reason::DetailsFailed(failure)
            | Reason::SourceUnread(failure)
            | Reason::TargetUnread(failure) => Self::because(code, failure),
            Reason::NotTicked(why) => Self { because: Some(Box::new(Self::plan(why))), ..Self::new(code) },
            _ => Self::new(code),
        }
    }

    /// The reason for an item's outcome.
    pub fn item(reason: &ItemReason) -> Self {
        match reason {
            ItemReason::Plan(reason) => Self::plan(reason),
            ItemReason::Gateway(failure) => Self::failure(failure),
            ItemReason::Guess(guess) => Self { guess: true, ..Self::new(tag(guess)) },
            ItemReason::NoListing(failure) | ItemReason::Halted(failure) => {
                Self::because(tag(reason), failure)
            }
            _ => Self::new(tag(reason)),
        }
    }

    /// The reason why a plan cannot run.
    pub fn obstacle(obstacle: &Obstacle) -> Self {
        match obstacle {
            Obstacle::ReadOnly => Self::new("read_only".to_owned()),
            Obstacle::Gateway(failure) => Self::failure(failure),
            Obstacle::TargetUnread(failure) => Self::because("target_unread".to_owned(), failure),
        }
    }

    /// The reason why sending ended early.
    pub fn stop(why: &StopReason) -> Self {
        match why {
            StopReason::Failure(failure) | StopReason::Alike(failure) => Self::because(tag(why), failure),
            _ => Self::new(tag(why)),
        }
    }

    /// The reason why sending is paused.
    pub fn pause(why: &PauseReason) -> Self {
        Self::new(tag(why))
    }
}

/// The name that serde gives a variant: the journal uses the same names.
pub fn tag(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        Ok(Value::Object(fields)) => fields.into_iter().next().map(|(name, _)| name).unwrap_or_default(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{failure::FailureKind, outcome::Outcome};

    #[test]
    fn control_characters_are_escaped_and_read_back_unchanged() {
        let name = "a\u{202e}b\u{9b}31m\u{e0041}ç🎵\u{7f}";
        let json = plain(serde_json::to_string(name).unwrap());
        assert!(json.chars().all(|c| !is_hidden(c)), "{json:?}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), name);
        assert!(json.contains("ç🎵"));
    }

    #[test]
    fn reasons_have_the_journals_names() {
        let failure =
            Failure::new(FailureKind::RateLimited { until: None }).saying("slow down").with_status(429);
        let why = serde_json::to_value(Why::item(&ItemReason::Halted(failure))).unwrap();
        let expected = serde_json::json!({
            "code": "halted",
            "because": { "code": "rate_limited", "words": "slow down", "status": 429 }
        });
        assert_eq!(why, expected);
        let not_ticked = Reason::NotTicked(Box::new(Reason::InNeither));
        let why = serde_json::to_value(Why::item(&ItemReason::Plan(not_ticked))).unwrap();
        assert_eq!(why, serde_json::json!({ "code": "not_ticked", "because": { "code": "in_neither" } }));
        assert_eq!(tag(&Outcome::AlreadySo), "already_so");
    }
}
