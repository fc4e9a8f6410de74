//! Why a request failed, in categories that determine what to do about it.

use serde::{Deserialize, Serialize};

use super::{name::Name, time::Millis};

/// A failed request: the kind of failure, and the gateway's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Failure {
    pub kind: FailureKind,
    /// The gateway's own words, scrubbed of secrets and cleaned for display.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Name>,
    /// The HTTP status, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// The kinds of failure, separated by their consequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The gateway does not accept the token.
    TokenRefused,
    /// The gateway does not know the instance.
    UnknownInstance,
    /// The gateway has several instances, and the entry of the configuration names none.
    NoInstance,
    /// The instance is not connected to `WhatsApp`.
    NotConnected,
    /// `WhatsApp` has banned the number.
    Banned,
    /// The number lacks the right.
    Forbidden,
    /// The group or community is unknown, or the number is not in it; the gateway does not say which.
    NotFound,
    /// The gateway said explicitly that the number is not in the group.
    NotMember,
    /// The gateway's own request limit is used up until the given time.
    RateLimited {
        /// When the count resets, if the gateway reported it.
        until: Option<Millis>,
    },
    /// `WhatsApp` asks for fewer requests.
    Throttled {
        /// When to try again, if the gateway reported it.
        until: Option<Millis>,
    },
    /// The gateway understood the request and said no.
    Refused,
    /// The gateway said in words that the id is not a community.
    NotACommunity,
    /// `WhatsApp` does not accept more groups in the community.
    CommunityFull,
    /// The community has reached a limit of `WhatsApp`: the rest of its groups would hit it too.
    LimitReached,
    /// The gateway answered with a documented error of its own.
    GatewayError,
    /// An undocumented server error, such as a proxy's 502.
    ServerFault,
    /// No answer came in time.
    TimedOut,
    /// The connection broke after the request may have been sent.
    Dropped,
    /// No connection could be made: nothing was sent.
    Unreachable,
    /// The server's certificate was not accepted: nothing was sent.
    Tls,
    /// A proxy on the way requires a user name and a password: nothing was sent.
    ProxyAuth,
    /// The answer was longer, or contained more, than any answer of its kind does.
    TooLong,
    /// The answer was not JSON: most likely a proxy's page.
    NotJson,
    /// The answer had no body.
    EmptyAnswer,
    /// The answer was well-formed but did not mention the group that it was about.
    Unmentioned,
    /// The answer was JSON, but did not match the contract.
    Malformed,
    /// The answer was a redirect; Synod never follows redirects.
    Redirected,
    /// A listing that lacks an essential part, such as the announcement group.
    NoListing,
    /// The gateway has no such call.
    Unsupported,
    /// The gateway rejected the request as malformed: a bug in Synod, or a changed gateway.
    WrongRequest,
    /// It was not read: reading ended before its turn, or the operator skipped the rest.
    NotRead,
    /// Synod is in read-only mode.
    ReadOnly,
}

impl Failure {
    /// A failure of this kind, without words.
    pub fn new(kind: FailureKind) -> Self {
        Self { kind, words: None, status: None }
    }

    /// The same failure with the gateway's words.
    #[must_use]
    pub fn saying(mut self, words: &str) -> Self {
        let words = Name::new(words);
        self.words = (!words.shown().is_empty()).then_some(words);
        self
    }

    /// The same failure of a request whose token was just accepted: a refusal was then about a permission.
    #[must_use]
    pub fn with_accepted_token(self) -> Self {
        let is_refused = self.kind == FailureKind::TokenRefused;
        Self { kind: if is_refused { FailureKind::Forbidden } else { self.kind }, ..self }
    }

    /// The same failure with its HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Whether every remaining request would fail in the same way, so that sending stops at once.
    pub fn stops_everything(&self) -> bool {
        matches!(
            self.kind,
            FailureKind::TokenRefused
                | FailureKind::NotConnected
                | FailureKind::Banned
                | FailureKind::UnknownInstance
                | FailureKind::NoInstance
                | FailureKind::ReadOnly
        )
    }

    /// Whether it concerns only the number of requests: the same request may be sent again later.
    pub fn asks_to_wait(&self) -> bool {
        matches!(self.kind, FailureKind::RateLimited { .. } | FailureKind::Throttled { .. })
    }

    /// Whether the gateway may still be working on the request although Synod no longer waits for the answer: the request timed
    /// out, here or at a proxy, or the connection broke. The statuses from 520 are those of proxies.
    pub fn may_be_worked_on(&self) -> bool {
        let gave_up = matches!(self.status, Some(408 | 502 | 504 | 520..=529));
        let is_silence = matches!(self.kind, FailureKind::ServerFault | FailureKind::NotJson);
        matches!(self.kind, FailureKind::TimedOut | FailureKind::Dropped) || (is_silence && gave_up)
    }

    /// Whether the same request may succeed later without anybody fixing anything.
    pub fn is_passing(&self) -> bool {
        matches!(
            self.kind,
            FailureKind::RateLimited { .. }
                | FailureKind::Throttled { .. }
                | FailureKind::ServerFault
                | FailureKind::GatewayError
                | FailureKind::TimedOut
                | FailureKind::Dropped
                | FailureKind::Unreachable
                | FailureKind::NotJson
                | FailureKind::EmptyAnswer
        )
    }
}
