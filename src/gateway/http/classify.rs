//! Classifies an answer: the body of a success, or the kind of failure.
//!
//! This module decides the statuses that mean the same on every gateway. Texts take precedence over most statuses: first
//! those that gateways share, then a gateway's own, through its [`Dialect`].

use std::time::Duration;

use serde_json::Value;

use super::{Body, Http, Reply, Unsuccessful, meter};
use crate::{
    domain::{
        failure::{Failure, FailureKind},
        time::Millis,
    },
    gateway::words::{is_from_the_library, library_meaning, refusal_meaning, says_not_a_community},
};

/// The longest pause that a gateway may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// How one gateway reports errors.
pub(crate) struct Dialect {
    /// Finds the text of an error in a body.
    pub(crate) words: fn(&Value) -> Option<&str>,
    /// The meaning of `WhatsApp`'s "not-acceptable": of some gateways it is known that the community is full.
    pub(crate) not_acceptable: FailureKind,
    /// Whether it passes on `WhatsApp`'s refusals with any status of its own.
    pub(crate) passes_on_refusals: bool,
    /// Whether a text is about the gateway's own limit.
    pub(crate) is_own_limit: fn(&str) -> bool,
    /// The meaning of the gateway's documented texts, whatever their HTTP status.
    pub(crate) meaning: fn(u16, &str) -> Option<FailureKind>,
    /// A path below the base URL without identifiers and secrets: the part that a log may contain.
    pub(crate) route: fn(&str) -> String,
}

impl Dialect {
    /// The dialect of a gateway that people run themselves: it passes on the library's errors, and has no limit of its own.
    pub(crate) const fn of_the_library(
        words: fn(&Value) -> Option<&str>,
        meaning: fn(u16, &str) -> Option<FailureKind>,
        route: fn(&str) -> String,
    ) -> Self {
        let (not_acceptable, passes_on_refusals) = (FailureKind::Refused, true);
        Self { words, not_acceptable, passes_on_refusals, is_own_limit: |_| false, meaning, route }
    }
}

impl Http {
    /// The body of a successful answer, or the failure.
    pub(super) fn judge(&self, reply: Reply, dialect: &Dialect) -> Result<Value, Unsuccessful> {
        let status = reply.status;
        let is_success = (200..300).contains(&status);
        let words = reply.body.json().and_then(dialect.words).unwrap_or_default();
        let kind = match reply.body {
            Body::Json(body) if is_success => return Ok(body),
            Body::Empty if is_success => FailureKind::EmptyAnswer,
            // Only a proxy sends this status, in whatever form.
            _ if status == 407 => FailureKind::ProxyAuth,
            Body::Page(_) if is_a_proxys(&reply) => FailureKind::NotJson,
            _ => self.kind(&reply, words, dialect),
        };
        let failure = self.failure(kind, words).with_status(status);
        Err(Unsuccessful { failure, body: reply.body })
    }

    /// The meaning of the words in an answer that reports no success, whatever its status.
    pub(crate) fn meaning(&self, status: u16, words: &str, dialect: &Dialect) -> Option<FailureKind> {
        if words.is_empty() {
            return None;
        }
        if (dialect.is_own_limit)(words) {
            return Some(self.used_up(None));
        }
        let library = library_meaning(words).map(|kind| match kind {
            FailureKind::CommunityFull => dialect.not_acceptable,
            kind => kind,
        });
        let is_no_community = || says_not_a_community(words) && !is_from_the_library(words);
        let refusal = || refusal_meaning(words).filter(|_| dialect.passes_on_refusals);
        library
            .or_else(refusal)
            .or_else(|| is_no_community().then_some(FailureKind::NotACommunity))
            .or_else(|| (dialect.meaning)(status, words))
    }

    fn kind(&self, reply: &Reply, words: &str, dialect: &Dialect) -> FailureKind {
        let now = self.clock.now();
        let asked = meter::retry_after(&reply.headers, now, LONGEST_PAUSE).map(|wait| now + wait);
        let status = reply.status;
        if status == 429 {
            // This status has two meanings: the gateway's own limit, or that of `WhatsApp`.
            return if (dialect.is_own_limit)(words) || is_used_up(reply) {
                self.used_up(asked)
            } else {
                FailureKind::Throttled { until: asked }
            };
        }
        // A refused token keeps that meaning, whatever the gateway's text; only a refusal by `WhatsApp` comes as a 401 too.
        let meaning = match status {
            401 => library_meaning(words),
            _ => self.meaning(status, words, dialect),
        };
        match meaning {
            Some(FailureKind::Throttled { .. }) => FailureKind::Throttled { until: asked },
            Some(kind) => kind,
            None => by_status(status),
        }
    }

    /// The failure when the gateway's own request limit is used up.
    fn used_up(&self, until: Option<Millis>) -> FailureKind {
        FailureKind::RateLimited { until: Some(self.meter.note_exhausted(until, self.clock.now())) }
    }

    /// A failure with the gateway's words, scrubbed.
    pub(crate) fn failure(&self, kind: FailureKind, words: &str) -> Failure {
        Failure::new(kind).saying(&self.scrubber.clean(words))
    }
}

/// Whether an answer that is not JSON is a proxy's page. Both contracts answer in JSON, whatever the status, so the gateway did
/// not send it; only the headers of its own limit show that the gateway sent it after all.
fn is_a_proxys(reply: &Reply) -> bool {
    let is_redirect = (300..400).contains(&reply.status);
    let is_own_limit = reply.status == 429 && is_used_up(reply);
    !is_redirect && !is_own_limit
}

fn is_used_up(reply: &Reply) -> bool {
    let left = reply.headers.get("x-ratelimit-remaining");
    left.is_some_and(|left| left.to_str().is_ok_and(|left| left.trim() == "0"))
}

fn by_status(status: u16) -> FailureKind {
    match status {
        300..400 => FailureKind::Redirected,
        401 => FailureKind::TokenRefused,
        403 => FailureKind::Forbidden,
        404 => FailureKind::NotFound,
        405 | 415 => FailureKind::WrongRequest,
        400..500 => FailureKind::Refused,
        501 => FailureKind::Unsupported,
        500.. => FailureKind::ServerFault,
        _ => FailureKind::Malformed,
    }
}
