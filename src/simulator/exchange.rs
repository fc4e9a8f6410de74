//! One request from its arrival to its answer: parsed by a dialect, struck by faults, applied to the world, answered, logged.
//! It owns this order and the effect of a fault on an answer; it knows no wire form.

mod message;
mod perform;
mod view;
mod wrong;

use http::{HeaderValue, Method, Response, StatusCode, header};
use std::time::Duration;
use tokio::time::sleep;

use super::description::{On, Then};
use super::faults::{Facts, Hit};
use super::log::{Kind, Logged};
use super::state::chance;
use super::{Dropped, Simulator};

pub(crate) use message::{Answer, Ask, Asked, Dialect, Done, Incoming, Membership, Target, Trouble};
pub(crate) use view::{Entry, View};
pub(crate) use wrong::FirstReads;

/// The reply; `None` if the connection is dropped instead.
type Reply = Option<Answer>;

/// Answers one request; it is processed to its end even if nobody waits for the answer any more.
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
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
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

/// Seconds of a world file as a duration.
fn duration(seconds: Option<f64>, default: f64) -> Duration {
    Duration::from_secs_f64(seconds.unwrap_or(default).clamp(0.0, 1e6))
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
        match self.strike(&self.facts(&groups)) {
            Some(hit) => self.misbehave(&hit).await,
            None => Some(self.behave().await),
        }
    }

    /// Lets other admins act, and returns the fault that strikes the request as a whole.
    fn strike(&self, facts: &Facts<'_>) -> Option<Hit> {
        let now = self.simulator.now();
        let mut guard = self.simulator.lock();
        let inner = &mut *guard;
        for hit in inner.faults.strike_by_another(facts) {
            wrong::by_another(inner, &hit, now);
        }
        inner.faults.strike_request(facts)
    }

    async fn behave(&self) -> Answer {
        let done = self.perform().await;
        self.answer(self.asked, &done, None)
    }

    async fn misbehave(&self, hit: &Hit) -> Reply {
        let seconds = |default: f64| duration(hit.seconds, default);
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
            Then::Html => Some(Answer::html(hit.status.unwrap_or(502), text.as_deref())),
            Then::EmptyBody => Some(Answer { status: hit.status.unwrap_or(200), ..Answer::empty() }),
            Then::RateLimited => {
                trouble(Trouble::RateLimited).map(|answer| Answer { remaining: Some((0, 0)), ..answer })
            }
            Then::Throttle => trouble(Trouble::Throttled(text)).map(|answer| Answer {
                remaining: Some((1, u32::MAX)),
                retry_after: hit.seconds.map(|_| seconds(0.0).as_secs()),
                ..answer
            }),
            Then::Error => trouble(Trouble::Internal(text))
                .map(|answer| Answer { status: hit.status.unwrap_or(answer.status), ..answer }),
            Then::NotConnected | Then::Banned => Some(self.disconnect(hit)),
            then if then.reads().is_some() => Some(self.wrong_read(hit)),
            _ => trouble(Trouble::Refused { status: hit.status, text }),
        }
    }

    fn disconnect(&self, hit: &Hit) -> Answer {
        let now = self.simulator.now();
        let mut inner = self.simulator.lock();
        if let Some(number) = self.asked.number {
            match hit.seconds {
                _ if hit.then == Then::Banned => inner.state.set_state(number, "banned", now),
                // Without a length only the answer reports it, and the next request finds the number connected.
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
}
