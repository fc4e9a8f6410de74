//! `RyzeAPI`'s contract over the world (docs/gateways/ryzeapi.md): routes, credentials, budget and headers. `ryzeapi/reads` and
//! `ryzeapi/writes` own the content of the answers.

mod details;
mod reads;
mod request;
mod writes;

use http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::Inner;
use super::description::{ForeignToken, GatewayKind, LastSubgroup};
use super::exchange::{Answer, Ask, Asked, Dialect, Done, Incoming, Trouble, View};

/// The dialect of `RyzeAPI`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ryzeapi;

/// A group's or community's id in `RyzeAPI`'s form.
pub(crate) fn jid(id: &str) -> String {
    format!("{id}@g.us")
}

/// The message about a group that the number is not in, or that does not exist.
const NOT_A_MEMBER: &str = "Group not found or you are not a member of this group";

/// The error body: exactly two parts (docs/gateways/ryzeapi.md, envelopes).
fn error(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({ "success": false, "error": { "message": message } }))
}

fn not_connected(inner: &Inner) -> Answer {
    error(inner.description.ryzeapi.not_connected_status, "Instance is not connected to WhatsApp")
}

/// The token of a request, or the 401 message if it has no token.
fn token(incoming: &Incoming) -> Result<&str, &'static str> {
    let bearer = incoming.header("authorization");
    match (incoming.header("token"), bearer) {
        (Some(""), _) => Err("Missing token"),
        (Some(token), _) => Ok(token),
        (None, Some(bearer)) => {
            bearer.strip_prefix("Bearer ").filter(|t| !t.is_empty()).ok_or("Unauthenticated")
        }
        (None, None) if incoming.path.starts_with("/ws/") => {
            incoming.query("token").ok_or("Missing token in header, Authorization header, or query parameter")
        }
        (None, None) => Err("Missing token in header"),
    }
}

impl Ryzeapi {
    /// The number that a path names, if the token grants access to it.
    fn authorise(inner: &Inner, token: &str, name: &str) -> Result<usize, Answer> {
        let ours = |number: &&super::state::Number| number.gateway == GatewayKind::Ryzeapi;
        let numbers = || inner.state.numbers.iter().filter(ours);
        if !numbers().any(|number| number.token == token || number.account_token == token) {
            return Err(error(401, "Invalid token"));
        }
        let named =
            |number: &super::state::Number| number.gateway == GatewayKind::Ryzeapi && number.id == name;
        let Some(index) = inner.state.numbers.iter().position(named) else {
            return Err(error(404, "Instance not found"));
        };
        let number = &inner.state.numbers[index];
        if number.token == token || number.account_token == token {
            return Ok(index);
        }
        Err(match inner.description.ryzeapi.foreign_token {
            ForeignToken::Forbidden => error(403, "Instance token does not match the instance"),
            ForeignToken::Unauthorized => error(401, "Invalid instance token"),
        })
    }
}

impl Dialect for Ryzeapi {
    fn understand(&self, inner: &mut Inner, incoming: &Incoming, now: i64) -> Result<Asked, Answer> {
        if incoming.path == "/health" {
            return Ok(Asked::plain(None, Ask::Health));
        }
        let token = token(incoming).map_err(|message| error(401, message))?;
        if !inner.budgets.take(token, now, &inner.description.ryzeapi) {
            return Err(error(429, "Rate limit exceeded. Try again later."));
        }
        if incoming.path == "/api/instance/list" {
            return request::instance_list(inner, incoming, token);
        }
        let ask = request::route(incoming)?;
        let number = Self::authorise(inner, token, incoming.param("instance"))?;
        let Some(ask) = ask else {
            return Err(error(400, "WebSocket is not enabled for this instance"));
        };
        let asked = request::parameters(inner, incoming, number, ask)?;
        let is_about_whatsapp = !matches!(asked.ask, Ask::Connect { .. } | Ask::Reconnect);
        if is_about_whatsapp && inner.state.numbers[number].state.shown(now) != "connected" {
            return Err(not_connected(inner));
        }
        request::may_reconnect(inner, &asked, now)?;
        Ok(asked)
    }

    fn answer(&self, inner: &mut Inner, asked: &Asked, done: &Done, view: &View) -> Answer {
        match done {
            Done::Read => reads::answer(inner, asked, view),
            done => writes::answer(inner, asked, done),
        }
    }

    fn trouble(&self, inner: &Inner, trouble: Trouble) -> Answer {
        match trouble {
            Trouble::NotConnected => not_connected(inner),
            Trouble::RateLimited => error(429, "Rate limit exceeded. Try again later."),
            Trouble::Throttled(text) => error(429, text.as_deref().unwrap_or("rate-overlimit")),
            Trouble::Internal(text) => error(500, text.as_deref().unwrap_or("internal server error")),
            Trouble::Refused { status, text } => {
                error(status.unwrap_or(403), text.as_deref().unwrap_or("Not allowed by WhatsApp"))
            }
        }
    }

    fn empty_listing(&self, inner: &Inner, asked: &Asked) -> Option<Answer> {
        match asked.ask {
            Ask::Groups { .. } => Some(reads::group_list(&[])),
            Ask::Subgroups => Some(reads::subgroup_list(inner, asked, &[])),
            _ => None,
        }
    }

    fn headers(
        &self,
        inner: &mut Inner,
        incoming: &Incoming,
        answer: &Answer,
        headers: &mut HeaderMap,
        now: i64,
    ) {
        // `/health` is outside the limit (docs/gateways/ryzeapi.md, rate limits).
        if !inner.description.ryzeapi.rate_headers || incoming.path == "/health" {
            return;
        }
        let budget = inner.budgets.look(token(incoming).unwrap_or_default(), now, &inner.description.ryzeapi);
        let (least, most) = answer.remaining.unwrap_or((0, u32::MAX));
        let remaining = budget.remaining.clamp(least, most.max(least));
        headers.insert("x-ratelimit-limit", HeaderValue::from(budget.limit));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(remaining));
        headers.insert("x-ratelimit-reset", HeaderValue::from(budget.reset));
    }

    fn link_delay(&self, inner: &Inner) -> u32 {
        inner.state.settings.link_delay_ms
    }

    fn last_subgroup(&self, inner: &Inner) -> LastSubgroup {
        inner.description.ryzeapi.last_subgroup
    }

    fn place(&self, inner: &Inner, incoming: &Incoming) -> (String, String) {
        let id = incoming.param("instance");
        let named =
            |number: &&super::state::Number| number.gateway == GatewayKind::Ryzeapi && number.id == id;
        let name = inner.state.numbers.iter().find(named).map_or(id, |number| &number.name);
        (name.to_owned(), incoming.path.clone())
    }
}
