//! Z-API's requests: routes, parameters, and the answers to invalid ones. The order of the checks is path, method, content
//! type, credentials, parameters.

use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::Inner;
use super::super::exchange::{Answer, Ask, Asked, Incoming, Target};
use super::{error, no_such_path, world_community, world_group};

const CODE_PREFIX: &str = "https://chat.whatsapp.com/";

/// The action that a path requests, and the id in it.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) ask: Ask,
    id: String,
}

pub(super) fn route(incoming: &Incoming) -> Result<Route, Answer> {
    let operation = incoming.param("operation").trim_end_matches('/');
    let (head, id) = operation.split_once('/').unwrap_or((operation, ""));
    let info = |invite| Ask::Info { participants: true, invite };
    let found = match (head, id) {
        ("status", "") => (Method::GET, Ask::Instances { filter: None, account: None }),
        ("me", "") => (Method::GET, Ask::Me),
        ("device", "") => (Method::GET, Ask::Device),
        ("qr-code", "") => (Method::GET, Ask::Connect { pairing: false }),
        ("phone-code", id) if !id.is_empty() => (Method::GET, Ask::Connect { pairing: true }),
        ("restore-session", "") => (Method::GET, Ask::Reconnect),
        ("groups", "") => (Method::GET, Ask::Groups { members: false, page: None }),
        ("communities", "") if incoming.method == Method::POST => {
            (Method::POST, Ask::Create { name: String::new() })
        }
        ("communities", "") => (Method::GET, Ask::Communities { page: None }),
        ("communities", "link") => (Method::POST, Ask::Link),
        ("communities", "unlink") => (Method::POST, Ask::Unlink),
        ("leave-group", "") => (Method::POST, Ask::Leave),
        ("accept-invite-group", "") => (Method::GET, Ask::Join),
        ("group-invitation-metadata", "") => (Method::GET, info(false)),
        ("communities-metadata", id) if !id.is_empty() => (Method::GET, Ask::Subgroups),
        ("light-group-metadata", id) if !id.is_empty() => (Method::GET, info(false)),
        ("group-metadata", id) if !id.is_empty() => (Method::GET, info(true)),
        ("group-invitation-link", id) if !id.is_empty() => (Method::GET, Ask::InviteLink),
        ("redefine-invitation-link", id) if !id.is_empty() => (Method::POST, Ask::ResetLink),
        _ => return Err(no_such_path()),
    };
    let (method, ask) = found;
    if incoming.method != method {
        return Err(error(405, "Method Not Allowed"));
    }
    let is_json = incoming.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    if method == Method::POST && !is_json {
        return Err(error(415, "Unsupported Media Type"));
    }
    Ok(Route { ask, id: id.to_owned() })
}

pub(super) fn parameters(
    inner: &Inner,
    incoming: &Incoming,
    number: usize,
    route: Route,
) -> Result<Asked, Answer> {
    let mut asked = Asked::plain(Some(number), route.ask);
    let group = |given: &str| Target {
        given: given.to_owned(),
        id: world_group(&inner.state, given),
        by_code: false,
    };
    match asked.ask {
        // A phone number consists of digits only.
        Ask::Connect { pairing: true } if !route.id.bytes().all(|byte| byte.is_ascii_digit()) => {
            return Err(error(400, "Invalid phone"));
        }
        Ask::Groups { .. } => {
            let page = page(incoming)?.ok_or_else(|| error(400, "page and pageSize are required"))?;
            asked.ask = Ask::Groups { members: false, page: Some(page) };
        }
        Ask::Communities { .. } => asked.ask = Ask::Communities { page: page(incoming)? },
        Ask::Subgroups => asked.community = Some(community(route.id)),
        Ask::Link | Ask::Unlink => {
            let body: Membership = body(incoming)?;
            let given = required(body.community_id, "communityId is required")?;
            let groups = body.groups_phones.filter(|groups| !groups.is_empty());
            let groups = groups.ok_or_else(|| error(400, "groupsPhones is required"))?;
            asked.community = Some(community(given));
            asked.groups = groups.iter().map(|given| group(given)).collect();
        }
        Ask::Leave => {
            let body: Leave = body(incoming)?;
            asked.groups = vec![group(&required(body.group_id, "groupId is required")?)];
        }
        Ask::Create { .. } => {
            let body: Create = body(incoming)?;
            asked.ask = Ask::Create { name: required(body.name, "name is required")? };
        }
        Ask::Join => asked.groups = vec![invited(inner, incoming)?],
        Ask::Info { .. } if route.id.is_empty() => asked.groups = vec![invited(inner, incoming)?],
        Ask::Info { .. } | Ask::InviteLink | Ask::ResetLink => asked.groups = vec![group(&route.id)],
        _ => {}
    }
    Ok(asked)
}

fn community(given: String) -> Target {
    Target { id: world_community(&given), given, by_code: false }
}

/// The group of an invitation link in the query.
fn invited(inner: &Inner, incoming: &Incoming) -> Result<Target, Answer> {
    let url =
        incoming.query("url").filter(|url| !url.is_empty()).ok_or_else(|| error(400, "url is required"))?;
    let code = url.strip_prefix(CODE_PREFIX).unwrap_or_default();
    let group = inner.state.group_by_code(code.split('?').next().unwrap_or(code));
    let id = group.map(|group| inner.state.groups[group].id.clone()).unwrap_or_default();
    Ok(Target { given: url.to_owned(), id: id.to_string(), by_code: true })
}

/// Page, counted from 1, and its size; `None` if neither is given.
fn page(incoming: &Incoming) -> Result<Option<(usize, usize)>, Answer> {
    let number = |name: &str, default: usize| match incoming.query(name) {
        None => Ok(default),
        Some(value) => value.parse().map_err(|_| error(400, &format!("Invalid {name}"))),
    };
    if incoming.query("page").is_none() && incoming.query("pageSize").is_none() {
        return Ok(None);
    }
    Ok(Some((number("page", 1)?.max(1), number("pageSize", 10)?)))
}

fn required(value: Option<String>, text: &str) -> Result<String, Answer> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| error(400, text))
}

fn body<T: DeserializeOwned>(incoming: &Incoming) -> Result<T, Answer> {
    serde_json::from_slice(&incoming.body).map_err(|_| error(400, "Invalid body"))
}

#[derive(Deserialize)]
struct Membership {
    #[serde(rename = "communityId")]
    community_id: Option<String>,
    #[serde(rename = "groupsPhones")]
    groups_phones: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Leave {
    #[serde(rename = "groupId")]
    group_id: Option<String>,
}

#[derive(Deserialize)]
struct Create {
    name: Option<String>,
}
