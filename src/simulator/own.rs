//! What the gateways that people run themselves have in common: the library below them, with its groups and its words. Each of
//! them puts these into its own routes and fields.

mod evolution;
mod facts;
mod uazapi;
mod wsapi;

use http::HeaderMap;
use serde_json::Value;

use super::Inner;
use super::description::{GatewayKind, LastSubgroup, OwnSettings};
use super::exchange::{Answer, Ask, Asked, Dialect, Done, Incoming, Target, Trouble, View};
use super::state::{Number, Refusal};

pub(super) use evolution::Evolution;
pub(super) use uazapi::Uazapi;
pub(super) use wsapi::Wsapi;

/// A gateway over the library.
pub(super) trait OwnServer: Send + Sync + 'static {
    fn kind(&self) -> GatewayKind;

    /// Parses a request and checks its credentials; the error is the answer.
    fn request(&self, inner: &Inner, incoming: &Incoming, now: i64) -> Result<Asked, Answer>;

    /// The number that a request is for, if it names one.
    fn number_of(&self, inner: &Inner, incoming: &Incoming) -> Option<usize>;

    fn read(&self, inner: &mut Inner, asked: &Asked, view: &View) -> Answer;

    fn done(&self, inner: &Inner, asked: &Asked, done: &Done) -> Answer;

    /// An error of the library, in answer to a request if there is one.
    fn refusal(&self, inner: &Inner, text: &str) -> Answer;

    /// The answer to a request while the number is not connected.
    fn not_connected(&self, inner: &Inner) -> Answer;

    /// A fault of the server itself.
    fn fault(&self, text: Option<&str>) -> Answer;

    /// The list of groups, or of subgroups, without entries.
    fn empty(&self, asked: &Asked) -> Option<Answer>;
}

impl<T: OwnServer> Dialect for T {
    fn understand(&self, inner: &mut Inner, incoming: &Incoming, now: i64) -> Result<Asked, Answer> {
        self.request(inner, incoming, now)
    }

    fn answer(&self, inner: &mut Inner, asked: &Asked, done: &Done, view: &View) -> Answer {
        match done {
            Done::Read => self.read(inner, asked, view),
            done => self.done(inner, asked, done),
        }
    }

    fn trouble(&self, inner: &Inner, trouble: Trouble) -> Answer {
        match trouble {
            Trouble::NotConnected => self.not_connected(inner),
            Trouble::RateLimited | Trouble::Throttled(None) => self.refusal(inner, THROTTLED),
            Trouble::Throttled(Some(text)) => self.refusal(inner, &text),
            Trouble::Internal(text) => self.fault(text.as_deref()),
            Trouble::Refused { status, text } => {
                let answer = self.refusal(inner, text.as_deref().unwrap_or(FORBIDDEN));
                Answer { status: status.unwrap_or(answer.status), ..answer }
            }
        }
    }

    fn empty_listing(&self, _inner: &Inner, asked: &Asked) -> Option<Answer> {
        self.empty(asked)
    }

    fn headers(&self, _: &mut Inner, _: &Incoming, _: &Answer, _: &mut HeaderMap, _: i64) {}

    fn link_delay(&self, inner: &Inner) -> u32 {
        inner.state.settings.link_delay_ms
    }

    fn last_subgroup(&self, inner: &Inner) -> LastSubgroup {
        settings(inner, self.kind()).last_subgroup
    }

    fn place(&self, inner: &Inner, incoming: &Incoming) -> (String, String) {
        let number = self.number_of(inner, incoming).map(|number| inner.state.numbers[number].name.clone());
        (number.unwrap_or_default(), incoming.path.clone())
    }
}

const THROTTLED: &str = "info query returned status 429: rate-overlimit";
const FORBIDDEN: &str = "info query returned status 403: forbidden";

fn settings(inner: &Inner, kind: GatewayKind) -> &OwnSettings {
    inner.description.own(kind)
}

/// A group's or community's id, as the library writes it.
pub(super) fn jid(id: &str) -> String {
    format!("{id}@g.us")
}

/// The number of this gateway that fits.
fn position(inner: &Inner, kind: GatewayKind, fits: impl Fn(&Number) -> bool) -> Option<usize> {
    inner.state.numbers.iter().position(|number| number.gateway == kind && fits(number))
}

/// A group as a request names it.
fn target(given: &str) -> Target {
    let id = given.strip_suffix("@g.us").unwrap_or_default().to_owned();
    Target { given: given.to_owned(), id, by_code: false }
}

/// A group as an invite code or link names it.
fn by_code(inner: &Inner, given: &str) -> Target {
    let code = given.rsplit('/').next().unwrap_or(given);
    let group = inner.state.group_by_code(code);
    let id = group.map(|group| inner.state.groups[group].id.to_string()).unwrap_or_default();
    Target { given: given.to_owned(), id, by_code: true }
}

/// A request about one group.
fn about(number: usize, ask: Ask, group: Target) -> Asked {
    Asked { groups: vec![group], ..Asked::plain(Some(number), ask) }
}

/// A request about groups of a community.
fn inside(number: usize, ask: Ask, community: &str, groups: Vec<Target>) -> Asked {
    Asked { community: Some(target(community)), groups, ..Asked::plain(Some(number), ask) }
}

/// A text field of a JSON body.
fn field(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_default().to_owned()
}

/// The words of the library for a refusal by `WhatsApp`.
fn words(refusal: &Refusal) -> &str {
    match refusal {
        Refusal::Fault { text: Some(text), .. } => text,
        Refusal::NotCommunityAdmin | Refusal::NotGroupAdmin | Refusal::Fault { .. } => FORBIDDEN,
        Refusal::Unknown | Refusal::NotHere | Refusal::NotAMember => {
            "info query returned status 404: item-not-found"
        }
        Refusal::NotACommunity | Refusal::IsACommunity | Refusal::IsAnnouncements => {
            "info query returned status 400: bad-request"
        }
        Refusal::InAnotherCommunity | Refusal::AlreadyHere => "info query returned status 409: conflict",
        Refusal::OverLimit => "info query returned status 419: resource-limit",
        Refusal::LastSubgroup => "info query returned status 405: not-allowed",
    }
}

/// The verdict on the only group of a change.
fn verdict(done: &Done) -> Result<bool, &Refusal> {
    match done {
        Done::Items(items) => items.first().map_or(Ok(false), |(_, verdict)| verdict.as_ref().copied()),
        Done::Joined(joined) => joined.as_ref().map(|joined| joined.changed),
        _ => Ok(false),
    }
}

/// The words for a join that `WhatsApp` refuses.
fn words_for_join(refusal: &Refusal) -> &str {
    match refusal {
        Refusal::Unknown => "that group invite link is not valid",
        refusal => words(refusal),
    }
}
