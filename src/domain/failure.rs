//! Why a request did not do what was asked, in terms that lead to what to do about it.

use serde::{Deserialize, Serialize};

use super::{name::Name, time::Millis};

/// A request that failed: what kind of failure, and what the gateway said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// The gateway's own words, scrubbed of secrets and cleaned for showing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Name>,
    /// The HTTP status, where there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// The kinds of failure that differ in what follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The gateway does not accept the token.
    TokenRefused,
    /// The gateway does not know the instance.
    UnknownInstance,
    /// The instance is not connected to `WhatsApp`.
    NotConnected,
    /// `WhatsApp` has banned the number.
    Banned,
    /// The number lacks the right.
    Forbidden,
    /// The group or community is unknown, or the number is not in it; the gateway does not tell which.
    NotFound,
    /// The gateway said plainly that the number is not in the group.
    NotMember,
    /// The gateway's own limit of requests is used up until then.
    RateLimited {
        /// When the count starts anew, where the gateway told.
        until: Option<Millis>,
    },
    /// `WhatsApp` asks for fewer requests.
    Throttled {
        /// When the gateway asked to be tried again.
        until: Option<Millis>,
    },
    /// The gateway understood and said no.
    Refused,
    /// The gateway said in words that what was asked for is not a community.
    NotACommunity,
    /// `WhatsApp` takes no more groups into the community.
    CommunityFull,
    /// `WhatsApp` has a limit that the community has reached: the rest of its groups would meet it too.
    LimitReached,
    /// The gateway answered with a documented fault of its own.
    GatewayError,
    /// A fault that no documentation names, such as a proxy's 502.
    ServerFault,
    /// No answer came in time.
    TimedOut,
    /// The connection broke after the request may have left.
    Dropped,
    /// No connection could be made: nothing was sent.
    Unreachable,
    /// The server's certificate was not accepted: nothing was sent.
    Tls,
    /// A proxy on the way wants a user and a password: nothing was sent.
    ProxyAuth,
    /// The answer was longer, or held more, than any answer of its kind does.
    TooLong,
    /// The answer was no JSON: most likely a proxy's page.
    NotJson,
    /// The answer had no body.
    EmptyAnswer,
    /// The answer was well made and says nothing of the group that it was about.
    Unmentioned,
    /// The answer was JSON, but not what the contract says.
    Malformed,
    /// The answer was a redirect, which is never followed.
    Redirected,
    /// A listing without what makes it one, such as its announcements group.
    NoListing,
    /// The gateway has no such call.
    Unsupported,
    /// The request was refused as wrongly made: a fault of Synod, or a changed gateway.
    WrongRequest,
    /// It was not read: reading ended before its turn, or the operator skipped the rest.
    NotRead,
    /// Synod was told to write nothing.
    ReadOnly,
}

impl Failure {
    /// A failure of a kind, without words.
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

    /// The same failure with the HTTP status that came with it.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Whether everything that is still to be sent would meet the same failure, so that sending stops at once.
    pub fn stops_everything(&self) -> bool {
        matches!(
            self.kind,
            FailureKind::TokenRefused
                | FailureKind::NotConnected
                | FailureKind::Banned
                | FailureKind::UnknownInstance
                | FailureKind::ReadOnly
        )
    }

    /// Whether it is about the number of requests alone: the same request may be sent again later.
    pub fn asks_to_wait(&self) -> bool {
        matches!(self.kind, FailureKind::RateLimited { .. } | FailureKind::Throttled { .. })
    }

    /// Whether the gateway may still work on the request although nobody waits for its answer any more: the time was over,
    /// here or at a proxy in between, or the connection broke. The statuses from 520 are those of proxies.
    pub fn may_be_worked_on(&self) -> bool {
        let gave_up = matches!(self.status, Some(408 | 502 | 504 | 520..=529));
        let is_silence = matches!(self.kind, FailureKind::ServerFault | FailureKind::NotJson);
        matches!(self.kind, FailureKind::TimedOut | FailureKind::Dropped) || (is_silence && gave_up)
    }

    /// Whether the same request may well succeed later without anybody mending anything.
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
