//! The messages of an exchange: the raw request, its meaning, its result, the answer; and the interface of a dialect.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use std::collections::HashMap;

use super::super::Inner;
use super::super::description::{LastSubgroup, On};
use super::super::state::Refusal;
use super::View;

/// A request, completely read.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) params: HashMap<String, String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Incoming {
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A group or community as a request names it, and the world's id for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) given: String,
    pub(crate) id: String,
    /// Whether it is named by an invite code or link, which needs no membership.
    pub(crate) by_code: bool,
}

/// The requested action, besides the community and the groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    Health,
    Instances { filter: Option<String>, account: Option<String> },
    Groups { members: bool, page: Option<(usize, usize)> },
    Communities { page: Option<(usize, usize)> },
    Subgroups,
    Info { participants: bool, invite: bool },
    Requests,
    InviteLink,
    Device,
    Me,
    Link,
    Unlink,
    Leave,
    Join,
    ResetLink,
    Create { name: String },
    Connect { pairing: bool },
    Reconnect,
}

impl Ask {
    pub(crate) const fn verb(&self) -> On {
        match self {
            Self::Health => On::Health,
            Self::Instances { .. } => On::Instances,
            Self::Groups { .. } => On::Groups,
            Self::Communities { .. } => On::Communities,
            Self::Subgroups => On::Subgroups,
            Self::Info { .. } => On::Info,
            Self::Requests => On::Requests,
            Self::InviteLink => On::InviteLink,
            Self::Device => On::Device,
            Self::Me => On::Me,
            Self::Link => On::Link,
            Self::Unlink => On::Unlink,
            Self::Leave => On::Leave,
            Self::Join => On::Join,
            Self::ResetLink => On::ResetLink,
            Self::Create { .. } => On::Create,
            Self::Connect { .. } => On::Connect,
            Self::Reconnect => On::Reconnect,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The number of the world that the request is for; `None` for routes that name none.
    pub(crate) number: Option<usize>,
    pub(crate) ask: Ask,
    pub(crate) community: Option<Target>,
    pub(crate) groups: Vec<Target>,
}

impl Asked {
    pub(crate) const fn plain(number: Option<usize>, ask: Ask) -> Self {
        Self { number, ask, community: None, groups: Vec::new() }
    }

    /// The number that the request is for; routes without one use the first.
    pub(crate) fn number(&self) -> usize {
        self.number.unwrap_or_default()
    }
}

/// The result of a request in the world.
#[derive(Debug, Clone)]
pub(crate) enum Done {
    /// Nothing to do except to read.
    Read,
    /// Each group with its verdict; `Ok(false)` claims success without a change.
    Items(Vec<(Target, Result<bool, Refusal>)>),
    Joined(Result<Membership, Refusal>),
    Code(Result<String, Refusal>),
    Created {
        is_community: bool,
        id: String,
    },
    /// A code was given (its count), or the session is restored.
    Connecting(u32),
}

#[derive(Debug, Clone)]
pub(crate) struct Membership {
    pub(crate) group: String,
    pub(crate) waits_for_approval: bool,
    pub(crate) changed: bool,
}

impl Done {
    pub(super) fn changed(&self) -> bool {
        let any =
            |items: &[(Target, Result<bool, Refusal>)]| items.iter().any(|(_, verdict)| *verdict == Ok(true));
        match self {
            Self::Read => false,
            Self::Items(items) => any(items),
            Self::Joined(joined) => joined.as_ref().is_ok_and(|joined| joined.changed),
            Self::Code(code) => code.is_ok(),
            Self::Created { .. } | Self::Connecting(_) => true,
        }
    }
}

/// A problem that any route may meet; a dialect puts it in its own words.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    NotConnected,
    RateLimited,
    Throttled(Option<String>),
    Internal(Option<String>),
    Refused { status: Option<u16>, text: Option<String> },
}

/// An answer before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) body: Bytes,
    /// The bounds for the reported remaining requests, whatever the budget says.
    pub(crate) remaining: Option<(u32, u32)>,
    pub(crate) retry_after: Option<u64>,
}

impl Answer {
    pub(crate) fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::json_text(status, value.to_string())
    }

    /// JSON that is already serialised.
    pub(crate) fn json_text(status: u16, text: String) -> Self {
        let (content_type, body) = (Some("application/json"), Bytes::from(text));
        Self { status, content_type, body, remaining: None, retry_after: None }
    }

    /// The page of a proxy or of a protection service in front of the gateway.
    pub(super) fn html(status: u16, title: Option<&str>) -> Self {
        let known = StatusCode::from_u16(status).ok().filter(|status| !status.is_success());
        let title = match (title, known) {
            (Some(title), _) => title.to_owned(),
            (None, Some(known)) => known.to_string(),
            (None, None) => "Just a moment...".to_owned(),
        };
        let page = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
        let body = Bytes::from(page);
        Self { status, content_type: Some("text/html"), body, remaining: None, retry_after: None }
    }

    /// A text that is not JSON.
    pub(crate) fn text(text: String) -> Self {
        let content_type = Some("text/plain");
        Self { status: 200, content_type, body: Bytes::from(text), remaining: None, retry_after: None }
    }

    pub(crate) const fn empty() -> Self {
        Self { status: 200, content_type: None, body: Bytes::new(), remaining: None, retry_after: None }
    }
}

/// The wire form of a gateway.
pub(crate) trait Dialect: Send + Sync {
    /// Parses a request, checks credentials and budget; the error is the answer.
    fn understand(&self, inner: &mut Inner, incoming: &Incoming, now: i64) -> Result<Asked, Answer>;
    fn answer(&self, inner: &mut Inner, asked: &Asked, done: &Done, view: &View) -> Answer;
    fn trouble(&self, inner: &Inner, trouble: Trouble) -> Answer;
    fn empty_listing(&self, inner: &Inner, asked: &Asked) -> Option<Answer>;
    /// Adds the gateway's own headers.
    fn headers(
        &self,
        inner: &mut Inner,
        incoming: &Incoming,
        answer: &Answer,
        headers: &mut HeaderMap,
        now: i64,
    );
    /// How long each group of a link or unlink takes, in milliseconds.
    fn link_delay(&self, inner: &Inner) -> u32;
    fn last_subgroup(&self, inner: &Inner) -> LastSubgroup;
    /// The instance that a path names, and the path in the form for the log.
    fn place(&self, inner: &Inner, incoming: &Incoming) -> (String, String);
}
