//! Z-API's contract over the world (docs/gateways/zapi.md): credentials, errors and ids. `zapi/request` owns the routes,
//! `zapi/reads` and `zapi/writes` the content of the answers.

mod details;
mod numbers;
mod reads;
mod request;
mod writes;

use http::HeaderMap;
use serde_json::json;

use super::Inner;
use super::description::{GatewayKind, LastSubgroup};
use super::exchange::{Answer, Ask, Asked, Dialect, Done, Incoming, Trouble, View};
use super::state::{Number, State, WorldPlace};

/// The dialect of Z-API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zapi;

/// Community ids have 20 digits, more than fit in 64 bits.
const COMMUNITY_PREFIX: &str = "98";

/// A group's id in Z-API's form: `digits-group`, or the older `digits-digits` unchanged.
pub(crate) fn group_id(id: &str) -> String {
    if id.contains('-') { id.to_owned() } else { format!("{id}-group") }
}

/// A community's id in Z-API's form.
pub(crate) fn community_id(id: &str) -> String {
    format!("{COMMUNITY_PREFIX}{id}")
}

/// The world's id of a group, or "" if the given id is in none of Z-API's forms or not a group's.
fn world_group(state: &State, given: &str) -> String {
    let is_old = || given.contains('-').then_some(given);
    let id = given.strip_suffix("-group").or_else(is_old).unwrap_or_default();
    // No document says that a group's route accepts a community (docs/gateways/zapi.md, leaving a community).
    if matches!(state.place(id), Some(WorldPlace::Group(_))) { id.to_owned() } else { String::new() }
}

/// The world's id of a community, or "" if the given id is in none of Z-API's forms.
fn world_community(given: &str) -> String {
    given.strip_prefix(COMMUNITY_PREFIX).unwrap_or_default().to_owned()
}

/// The only documented shape of an error.
fn error(status: u16, text: &str) -> Answer {
    Answer::json(status, &json!({ "error": text }))
}

/// A text, unless it is empty.
fn some_text(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// The answer to an unknown path: a 200 (`docs/gateways/zapi.md`, 4.2).
fn no_such_path() -> Answer {
    let message = "Unable to find matching target resource method";
    Answer::json(200, &json!({ "error": "NOT_FOUND", "message": message }))
}

impl Zapi {
    fn authorise(inner: &Inner, incoming: &Incoming) -> Result<usize, Answer> {
        let (id, token) = (incoming.param("id"), incoming.param("token"));
        let is_meant = |n: &Number| n.gateway == GatewayKind::Zapi && n.id == id && n.token == token;
        let settings = &inner.description.zapi;
        let Some(index) = inner.state.numbers.iter().position(is_meant) else {
            return Err(error(settings.wrong_credentials_status, "Instance not found"));
        };
        match (&inner.state.numbers[index].client_token, incoming.header("client-token")) {
            (None, _) => Ok(index),
            (Some(wanted), Some(given)) if wanted == given => Ok(index),
            (Some(_), given) => {
                // The text contains the rejected value, or null for none.
                let text = format!("{} not allowed", given.unwrap_or("null"));
                Err(error(settings.client_token_status, &text))
            }
        }
    }
}

impl Dialect for Zapi {
    fn understand(&self, inner: &mut Inner, incoming: &Incoming, now: i64) -> Result<Asked, Answer> {
        let route = request::route(incoming)?;
        let number = Self::authorise(inner, incoming)?;
        let is_connected = inner.state.numbers[number].state.shown(now) == "connected";
        let connects = matches!(route.ask, Ask::Connect { .. } | Ask::Reconnect);
        // A number that is connected cannot be connected again (docs/gateways/zapi.md, 9.4).
        if connects && is_connected {
            return Err(error(400, "You are already connected."));
        }
        let works_offline = connects || matches!(route.ask, Ask::Instances { .. } | Ask::Me);
        if !works_offline && !is_connected {
            return Err(self.trouble(inner, Trouble::NotConnected));
        }
        request::parameters(inner, incoming, number, route)
    }

    fn answer(&self, inner: &mut Inner, asked: &Asked, done: &Done, view: &View) -> Answer {
        match done {
            Done::Read => reads::answer(inner, asked, view),
            done => writes::answer(inner, asked, done),
        }
    }

    fn trouble(&self, inner: &Inner, trouble: Trouble) -> Answer {
        match trouble {
            Trouble::NotConnected => {
                error(inner.description.zapi.not_connected_status, "You are not connected.")
            }
            Trouble::RateLimited => error(429, "too many requests"),
            Trouble::Throttled(text) => error(429, text.as_deref().unwrap_or("too many requests")),
            Trouble::Internal(text) => error(500, text.as_deref().unwrap_or("Internal Server Error")),
            Trouble::Refused { status, text } => {
                error(status.unwrap_or(400), text.as_deref().unwrap_or("forbidden"))
            }
        }
    }

    fn empty_listing(&self, inner: &Inner, asked: &Asked) -> Option<Answer> {
        match asked.ask {
            Ask::Groups { .. } | Ask::Communities { .. } => Some(Answer::json(200, &json!([]))),
            Ask::Subgroups => {
                let given = asked.community.as_ref().map_or("", |community| community.given.as_str());
                Some(reads::metadata_of(inner, "", given, "", &[]))
            }
            _ => None,
        }
    }

    /// Neither edition documents a header of its own.
    fn headers(&self, _: &mut Inner, _: &Incoming, _: &Answer, _: &mut HeaderMap, _: i64) {}

    fn link_delay(&self, inner: &Inner) -> u32 {
        inner.description.zapi.link_delay_ms
    }

    fn last_subgroup(&self, inner: &Inner) -> LastSubgroup {
        inner.description.zapi.last_subgroup
    }

    fn place(&self, inner: &Inner, incoming: &Incoming) -> (String, String) {
        let id = incoming.param("id");
        let named = |number: &&Number| number.gateway == GatewayKind::Zapi && number.id == id;
        // Neither the id nor the token may be logged, so an unknown instance stays without a name.
        let name =
            inner.state.numbers.iter().find(named).map_or_else(String::new, |number| number.name.clone());
        let operation = incoming.param("operation");
        // A phone number is private too.
        let operation = if operation.starts_with("phone-code/") { "phone-code" } else { operation };
        (name, format!("/{operation}"))
    }
}
