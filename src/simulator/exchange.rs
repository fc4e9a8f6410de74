//! One request from its arrival to its answer: understood by a dialect, struck by faults, done to the world, answered,
//! logged. Owns the order of these and all waiting; knows no wire form.

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::sleep;

use super::description::{GatewayKind, LastSubgroup, On, Then};
use super::faults::{Facts, Hit};
use super::log::{Kind, Logged};
use super::state::{Refusal, Rules, chance};
use super::{Dropped, Inner, Simulator};

/// A request, read whole.
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
    /// Named by an invite code or link, which needs no membership.
    pub(crate) by_code: bool,
}

/// What is asked for, beside the community and the groups.
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
    /// Which number of the world; routes that name none have `None`.
    pub(crate) number: Option<usize>,
    pub(crate) ask: Ask,
    pub(crate) community: Option<Target>,
    pub(crate) groups: Vec<Target>,
}

impl Asked {
    pub(crate) const fn plain(number: Option<usize>, ask: Ask) -> Self {
        Self { number, ask, community: None, groups: Vec::new() }
    }

    /// The number that the request is for; routes without one read as the first.
    pub(crate) fn number(&self) -> usize {
        self.number.unwrap_or_default()
    }
}

/// What became of a request in the world.
#[derive(Debug, Clone)]
pub(crate) enum Done {
    /// Nothing to do but to read.
    Read,
    /// Each group with its verdict; `Ok(false)` is a claim without a change.
    Items(Vec<(Target, Result<bool, Refusal>)>),
    Joined(Result<Membership, Refusal>),
    Code(Result<String, Refusal>),
    Created {
        is_community: bool,
        id: String,
    },
    Connecting,
}

#[derive(Debug, Clone)]
pub(crate) struct Membership {
    pub(crate) group: String,
    pub(crate) waits_for_approval: bool,
    pub(crate) changed: bool,
}

impl Done {
    fn changed(&self) -> bool {
        let any =
            |items: &[(Target, Result<bool, Refusal>)]| items.iter().any(|(_, verdict)| *verdict == Ok(true));
        match self {
            Self::Read => false,
            Self::Items(items) => any(items),
            Self::Joined(joined) => joined.as_ref().is_ok_and(|joined| joined.changed),
            Self::Code(code) => code.is_ok(),
            Self::Created { .. } | Self::Connecting => true,
        }
    }
}

/// Trouble that any route may meet, for a dialect to put in its own words.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    NotConnected,
    RateLimited,
    Throttled(Option<String>),
    Internal(Option<String>),
    Refused { status: Option<u16>, text: Option<String> },
}

/// An answer on its way.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) body: Bytes,
    /// At least and at most so many requests remaining, whatever the budget says.
    pub(crate) remaining: Option<(u32, u32)>,
    pub(crate) retry_after: Option<u64>,
}

impl Answer {
    pub(crate) fn json(status: u16, value: &serde_json::Value) -> Self {
        let body = Bytes::from(value.to_string());
        Self { status, content_type: Some("application/json"), body, remaining: None, retry_after: None }
    }

    fn html(status: u16, title: &str) -> Self {
        let page = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
        let body = Bytes::from(page);
        Self { status, content_type: Some("text/html"), body, remaining: None, retry_after: None }
    }

    const fn empty() -> Self {
        Self { status: 200, content_type: None, body: Bytes::new(), remaining: None, retry_after: None }
    }
}

/// How a gateway speaks.
pub(crate) trait Dialect: Send + Sync {
    /// Reads a request, checks credentials and budget; the error is the answer to it.
    fn understand(&self, inner: &mut Inner, incoming: &Incoming, now: i64) -> Result<Asked, Answer>;
    fn answer(&self, inner: &mut Inner, asked: &Asked, done: &Done, now: i64) -> Answer;
    fn trouble(&self, inner: &Inner, trouble: Trouble) -> Answer;
    fn empty_listing(&self, asked: &Asked) -> Option<Answer>;
    /// Headers of the gateway's own.
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
    /// The instance that a path names, and the path as it may be logged.
    fn place(&self, inner: &Inner, incoming: &Incoming) -> (String, String);
}

/// What goes back: `None` when the connection is dropped instead.
type Reply = Option<Answer>;

/// Answers one request; it is worked through even when nobody waits for the answer any more.
pub(crate) async fn exchange(
    simulator: Simulator,
    dialect: &'static dyn Dialect,
    incoming: Incoming,
) -> Response<axum::body::Body> {
    let (entry, asked, latency) = begin(&simulator, dialect, &incoming);
    sleep(latency).await;
    let reply = match asked {
        Ok(asked) => Exchange { simulator: &simulator, dialect, asked: &asked, entry }.run().await,
        Err(answer) => Some(answer),
    };
    finish(&simulator, dialect, &incoming, entry, reply)
}

fn begin(
    simulator: &Simulator,
    dialect: &dyn Dialect,
    incoming: &Incoming,
) -> (usize, Result<Asked, Answer>, Duration) {
    let now = simulator.now();
    let mut guard = simulator.lock();
    let inner = &mut *guard;
    let asked = dialect.understand(inner, incoming, now);
    let (instance, path) = dialect.place(inner, incoming);
    let known = asked.as_ref().ok();
    let named = known.and_then(|asked| asked.number).and_then(|number| inner.state.numbers.get(number));
    let instance = named.map_or(instance, |number| number.name.clone());
    let verb = known.map(|asked| asked.ask.verb());
    let is_write = verb.map_or(incoming.method != Method::GET, On::is_write);
    let entry = inner.log.len();
    inner.log.push(Logged {
        received_at: now,
        answered_at: None,
        instance,
        method: incoming.method.to_string(),
        path,
        kind: if is_write { Kind::Write } else { Kind::Read },
        verb: verb.map_or("", On::name).to_owned(),
        community: known.and_then(|asked| asked.community.as_ref()).map(|community| community.given.clone()),
        groups: known
            .map_or_else(Vec::new, |asked| asked.groups.iter().map(|group| group.given.clone()).collect()),
        status: None,
        changed: false,
    });
    let [least, most] = inner.state.settings.latency_ms;
    let count = u64::try_from(entry).unwrap_or_default();
    let latency = chance(inner.state.seed, 5, count).u32(least..=most.max(least));
    (entry, asked, Duration::from_millis(latency.into()))
}

fn finish(
    simulator: &Simulator,
    dialect: &dyn Dialect,
    incoming: &Incoming,
    entry: usize,
    reply: Reply,
) -> Response<axum::body::Body> {
    let now = simulator.now();
    let mut inner = simulator.lock();
    if let Some(logged) = inner.log.get_mut(entry) {
        logged.answered_at = Some(now);
        logged.status = reply.as_ref().map(|answer| answer.status);
    }
    let Some(answer) = reply else {
        let mut response = Response::new(axum::body::Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.extensions_mut().insert(Dropped);
        return response;
    };
    let mut response = Response::new(axum::body::Body::from(answer.body.clone()));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(kind) = answer.content_type {
        headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    }
    if let Ok(date) = super::clock::http_date(now).parse() {
        headers.insert(header::DATE, date);
    }
    if let Some(seconds) = answer.retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    dialect.headers(&mut inner, incoming, &answer, headers, now);
    response
}

struct Exchange<'a> {
    simulator: &'a Simulator,
    dialect: &'static dyn Dialect,
    asked: &'a Asked,
    entry: usize,
}

impl Exchange<'_> {
    fn facts<'b>(&'b self, groups: &'b [&'b str]) -> Facts<'b> {
        let asked = self.asked;
        let community = asked.community.as_ref().map(|community| community.id.as_str());
        Facts { verb: asked.ask.verb(), instance: asked.number, community, groups }
    }

    async fn run(&self) -> Reply {
        let groups: Vec<&str> = self.asked.groups.iter().map(|group| group.id.as_str()).collect();
        let hit = self.simulator.lock().faults.strike_request(&self.facts(&groups));
        match hit {
            Some(hit) => self.misbehave(&hit).await,
            None => Some(self.behave().await),
        }
    }

    async fn behave(&self) -> Answer {
        let done = self.perform().await;
        let now = self.simulator.now();
        self.dialect.answer(&mut self.simulator.lock(), self.asked, &done, now)
    }

    async fn misbehave(&self, hit: &Hit) -> Reply {
        let seconds = |default: f64| Duration::from_secs_f64(hit.seconds.unwrap_or(default).clamp(0.0, 1e6));
        if hit.then == Then::Slow {
            sleep(seconds(10.0)).await;
            return Some(self.behave().await);
        }
        if hit.change && self.asked.ask.verb().is_write() {
            self.perform().await;
        }
        let text = hit.text.clone();
        let trouble = |trouble| Some(self.dialect.trouble(&self.simulator.lock(), trouble));
        match hit.then {
            Then::DropBefore | Then::DropAfter => None,
            Then::TimeoutAfter => {
                sleep(seconds(120.0)).await;
                None
            }
            Then::Html502 => {
                Some(Answer::html(hit.status.unwrap_or(502), text.as_deref().unwrap_or("502 Bad Gateway")))
            }
            Then::Html200 => {
                Some(Answer::html(hit.status.unwrap_or(200), text.as_deref().unwrap_or("Just a moment...")))
            }
            Then::EmptyBody => Some(Answer { status: hit.status.unwrap_or(200), ..Answer::empty() }),
            Then::RateLimited => {
                trouble(Trouble::RateLimited).map(|answer| Answer { remaining: Some((0, 0)), ..answer })
            }
            Then::Throttle => trouble(Trouble::Throttled(text)).map(|answer| Answer {
                remaining: Some((1, u32::MAX)),
                retry_after: hit.seconds.map(|_| seconds(0.0).as_secs()),
                ..answer
            }),
            Then::Error500 => trouble(Trouble::Internal(text))
                .map(|answer| Answer { status: hit.status.unwrap_or(answer.status), ..answer }),
            Then::EmptyListing => match self.dialect.empty_listing(self.asked) {
                Some(answer) => Some(answer),
                None => Some(self.behave().await),
            },
            Then::NotConnected | Then::Banned => Some(self.disconnect(hit)),
            Then::Refuse | Then::Lie | Then::Slow => trouble(Trouble::Refused { status: hit.status, text }),
        }
    }

    fn disconnect(&self, hit: &Hit) -> Answer {
        let now = self.simulator.now();
        let mut inner = self.simulator.lock();
        if let Some(number) = self.asked.number {
            match hit.seconds {
                _ if hit.then == Then::Banned => inner.state.set_state(number, "banned", now),
                // Without a length the answer alone says so, and the next request finds the number connected.
                None => {}
                Some(seconds) => {
                    let back = now
                        + i64::try_from(Duration::from_secs_f64(seconds.max(0.0)).as_millis()).unwrap_or(0);
                    inner.state.set_state(number, "disconnected", now);
                    inner.state.numbers[number].state.set("connected".to_owned(), now, back);
                }
            }
        }
        self.dialect.trouble(&inner, Trouble::NotConnected)
    }

    /// Does what is asked to the world, group by group.
    async fn perform(&self) -> Done {
        let done = match &self.asked.ask {
            Ask::Link | Ask::Unlink => Done::Items(self.link_all().await),
            Ask::Create { name } => self.create(name).await,
            ask if ask.verb().is_write() => self.perform_one(),
            _ => Done::Read,
        };
        if done.changed() {
            self.mark_changed();
        }
        done
    }

    fn mark_changed(&self) {
        if let Some(logged) = self.simulator.lock().log.get_mut(self.entry) {
            logged.changed = true;
        }
    }

    async fn create(&self, name: &str) -> Done {
        let now = self.simulator.now();
        let (is_community, id) = {
            let mut inner = self.simulator.lock();
            let number = self.asked.number();
            // Making an ordinary group instead is RyzeAPI's own way.
            let falls_back = inner.state.numbers[number].gateway == GatewayKind::Ryzeapi;
            let is_community = !(falls_back && inner.description.ryzeapi.create_refused);
            (is_community, inner.state.create(number, name, is_community, now))
        };
        let community = Target { given: id.clone(), id: id.clone(), by_code: false };
        if is_community {
            self.each(&community, true).await;
        }
        Done::Created { is_community, id }
    }

    async fn link_all(&self) -> Vec<(Target, Result<bool, Refusal>)> {
        match &self.asked.community {
            Some(community) => self.each(community, self.asked.ask == Ask::Link).await,
            None => Vec::new(),
        }
    }

    async fn each(&self, community: &Target, is_link: bool) -> Vec<(Target, Result<bool, Refusal>)> {
        let mut items = Vec::with_capacity(self.asked.groups.len());
        for group in &self.asked.groups {
            let delay = self.dialect.link_delay(&self.simulator.lock());
            sleep(Duration::from_millis(delay.into())).await;
            let now = self.simulator.now();
            let mut inner = self.simulator.lock();
            let verdict = self.struck(&mut inner, group).unwrap_or_else(|| {
                let number = self.asked.number();
                let rules = Rules { last_subgroup: self.dialect.last_subgroup(&inner) };
                if is_link {
                    inner.state.link(number, &community.id, &group.id, now)
                } else {
                    inner.state.unlink(number, &community.id, &group.id, rules, now)
                }
            });
            drop(inner);
            if verdict == Ok(true) {
                // At once, for a test may look while the other groups are still to come.
                self.mark_changed();
            }
            items.push((group.clone(), verdict));
        }
        items
    }

    /// The verdict of a fault on one group.
    fn struck(&self, inner: &mut Inner, group: &Target) -> Option<Result<bool, Refusal>> {
        let hit = inner.faults.strike_group(&self.facts(&[group.id.as_str()]), &group.id)?;
        Some(match hit.then {
            Then::Lie => Ok(false),
            _ => Err(Refusal::Fault { text: hit.text, status: hit.status }),
        })
    }

    /// The writes that name one group, or none.
    fn perform_one(&self) -> Done {
        let now = self.simulator.now();
        let mut guard = self.simulator.lock();
        let inner = &mut *guard;
        let number = self.asked.number();
        let Some(target) = self.asked.groups.first() else {
            let after = i64::from(inner.description.ryzeapi.pairs_after_seconds) * 1000;
            inner.state.connect(number, now, now + after);
            return Done::Connecting;
        };
        let struck = self.struck(inner, target);
        match self.asked.ask {
            Ask::Join => Done::Joined(join(inner, number, target, struck, now)),
            Ask::ResetLink => Done::Code(reset(inner, number, target, struck)),
            _ => {
                let verdict = struck.unwrap_or_else(|| inner.state.leave(number, &target.id, now));
                Done::Items(vec![(target.clone(), verdict)])
            }
        }
    }
}

fn join(
    inner: &mut Inner,
    number: usize,
    target: &Target,
    struck: Option<Result<bool, Refusal>>,
    now: i64,
) -> Result<Membership, Refusal> {
    let Some(super::state::Place::Group(group)) = inner.state.place(&target.id) else {
        return Err(Refusal::Unknown);
    };
    let is_in = inner.state.role(number, group, None).is_in();
    let changed = struck.unwrap_or_else(|| inner.state.join(number, group, now))?;
    let waits_for_approval = inner.state.groups[group].approval && !is_in;
    Ok(Membership { group: target.id.clone(), waits_for_approval, changed })
}

fn reset(
    inner: &mut Inner,
    number: usize,
    target: &Target,
    struck: Option<Result<bool, Refusal>>,
) -> Result<String, Refusal> {
    let Some(super::state::Place::Group(group)) = inner.state.place(&target.id) else {
        return Err(Refusal::Unknown);
    };
    let role = inner.state.role(number, group, None);
    match struck {
        _ if !role.is_in() => Err(Refusal::NotAMember),
        _ if !role.is_admin() => Err(Refusal::NotGroupAdmin),
        Some(Err(refusal)) => Err(refusal),
        Some(Ok(_)) => Ok(inner.state.groups[group].code.clone()),
        None => Ok(inner.state.reset_code(group)),
    }
}
