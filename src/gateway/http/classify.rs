//! What an answer means: a success's body, or the kind of its failure.
//!
//! Statuses that mean the same on every gateway are decided here; a gateway's own words go first, through its
//! [`Dialect`].

use std::time::Duration;

use serde_json::Value;

use super::{Body, Http, Reply, Unsuccessful, meter};
use crate::domain::failure::{Failure, FailureKind};

/// The longest that a gateway may ask to be left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// How one gateway says what went wrong.
pub(crate) struct Dialect {
    /// Where the text of an error stands in a body.
    pub(crate) words: fn(&Value) -> Option<&str>,
    /// Whether a 429's text speaks of the gateway's own limit.
    pub(crate) is_own_limit: fn(&str) -> bool,
    /// What the gateway's documented texts mean, whatever the status that they come with.
    pub(crate) meaning: fn(u16, &str) -> Option<FailureKind>,
}

impl Http {
    /// The body of a successful answer, or why there is none.
    pub(super) fn judge(&self, reply: Reply, dialect: &Dialect) -> Result<Value, Unsuccessful> {
        let status = reply.status;
        if (200..300).contains(&status) {
            let kind = match reply.body {
                Body::Json(body) => return Ok(body),
                Body::Empty => FailureKind::EmptyAnswer,
                Body::Page(_) => FailureKind::NotJson,
            };
            let failure = Failure::new(kind).with_status(status);
            return Err(Unsuccessful { failure, body: reply.body });
        }
        let words = reply.body.json().and_then(dialect.words).unwrap_or_default();
        let kind = if status == 429 {
            self.limited(&reply, (dialect.is_own_limit)(words))
        } else {
            by_words_and_status(status, words, dialect)
        };
        let failure = self.failure(kind, words).with_status(status);
        Err(Unsuccessful { failure, body: reply.body })
    }

    /// A failure with the gateway's words, scrubbed.
    pub(crate) fn failure(&self, kind: FailureKind, words: &str) -> Failure {
        Failure::new(kind).saying(&self.scrubber.clean(words))
    }

    /// Which of its two meanings a 429 has: the gateway's own limit, or that of `WhatsApp`.
    fn limited(&self, reply: &Reply, is_own_limit: bool) -> FailureKind {
        let now = (self.now)();
        let asked = meter::retry_after(&reply.headers, now, LONGEST_PAUSE).map(|wait| now + wait);
        let is_used_up = reply
            .headers
            .get("x-ratelimit-remaining")
            .is_some_and(|left| left.to_str().is_ok_and(|left| left.trim() == "0"));
        if is_own_limit || is_used_up {
            FailureKind::RateLimited { until: Some(self.meter.note_exhausted(asked, now)) }
        } else {
            FailureKind::Throttled { until: asked }
        }
    }
}

fn by_words_and_status(status: u16, words: &str, dialect: &Dialect) -> FailureKind {
    // A token that is refused is that, whatever else the answer says.
    if status == 401 {
        return FailureKind::TokenRefused;
    }
    if let Some(kind) = (!words.is_empty()).then(|| (dialect.meaning)(status, words)).flatten() {
        return kind;
    }
    match status {
        300..400 => FailureKind::Redirected,
        403 => FailureKind::Forbidden,
        404 => FailureKind::NotFound,
        405 | 415 => FailureKind::WrongRequest,
        400..500 => FailureKind::Refused,
        501 => FailureKind::Unsupported,
        500.. => FailureKind::ServerFault,
        _ => FailureKind::Malformed,
    }
}
