//! `RyzeAPI`'s requests: routes, parameters, and the documented refusals of invalid ones.

use http::Method;
use serde::Deserialize;

use super::super::Inner;
use super::super::description::GatewayKind;
use super::super::exchange::{Answer, Ask, Asked, Incoming, Target};
use super::super::state::Number;
use super::error;

const IDENTIFIER: &str = "Identifier is required";
const BODY: &str = "Invalid request body";
const CODE_PREFIX: &str = "https://chat.whatsapp.com/";

/// The route of a path; `None` for the `WebSocket`, which is not enabled for any instance here.
pub(super) fn route(incoming: &Incoming) -> Result<Option<Ask>, Answer> {
    if incoming.path.starts_with("/ws/") {
        return Ok(None);
    }
    let (method, ask) = match (incoming.param("module"), incoming.param("action")) {
        ("group", "list") => {
            (Method::GET, Ask::Groups { members: is_true(incoming, "includeMembers", false), page: None })
        }
        ("group", "info") => {
            (Method::GET, Ask::Info { participants: is_true(incoming, "participants", true), invite: true })
        }
        ("group", "requests") => (Method::GET, Ask::Requests),
        ("group", "join") => (Method::POST, Ask::Join),
        ("group", "resetLink") => (Method::POST, Ask::ResetLink),
        ("group", "leave") => (Method::DELETE, Ask::Leave),
        ("community", "create") => (Method::POST, Ask::Create { name: String::new() }),
        ("community", "link") => (Method::POST, Ask::Link),
        ("community", "unlink") => (Method::POST, Ask::Unlink),
        ("community", "listSubGroups") => (Method::GET, Ask::Subgroups),
        ("instance", "connect") => {
            (Method::GET, Ask::Connect { pairing: incoming.query("number").is_some() })
        }
        ("instance", "reconnect") => (Method::POST, Ask::Reconnect),
        _ => return Err(error(404, "Not found")),
    };
    if incoming.method == method { Ok(Some(ask)) } else { Err(error(405, "Method not allowed")) }
}

fn is_true(incoming: &Incoming, name: &str, default: bool) -> bool {
    incoming.query(name).map_or(default, |value| value == "true" || value == "1")
}

/// `GET /api/instance/list` with either token; a `TokenInstance` sees only its own instance, and its filter is ignored.
pub(super) fn instance_list(inner: &Inner, incoming: &Incoming, token: &str) -> Result<Asked, Answer> {
    if incoming.method != Method::GET {
        return Err(error(405, "Method not allowed"));
    }
    let ours = |number: &&Number| number.gateway == GatewayKind::Ryzeapi;
    let numbers = || inner.state.numbers.iter().filter(ours);
    let is_own = |number: &Number| number.gateway == GatewayKind::Ryzeapi && number.token == token;
    if let Some(own) = inner.state.numbers.iter().position(is_own) {
        let filter = Some(inner.state.numbers[own].id.clone());
        return Ok(Asked::plain(Some(own), Ask::Instances { filter, account: None }));
    }
    if !numbers().any(|number| number.account_token == token) {
        return Err(error(401, "Invalid token"));
    }
    let filter = incoming.query("instanceName").filter(|names| !names.is_empty());
    let is_known = |name: &str| numbers().any(|number| number.account_token == token && number.id == name);
    // A single unknown name is a mistake; in a list, unknown names are dropped silently.
    if filter.is_some_and(|names| !names.contains(',') && !is_known(names)) {
        return Err(error(404, "Instance not found"));
    }
    let ask = Ask::Instances { filter: filter.map(str::to_owned), account: Some(token.to_owned()) };
    Ok(Asked::plain(None, ask))
}

/// Reads the parameters of a route from query and body.
pub(super) fn parameters(
    inner: &Inner,
    incoming: &Incoming,
    number: usize,
    ask: Ask,
) -> Result<Asked, Answer> {
    let mut asked = Asked::plain(Some(number), ask);
    match asked.ask {
        Ask::Link | Ask::Unlink => {
            let body: Membership = body(incoming)?;
            let community = body.community_jid.filter(|jid| !jid.is_empty());
            let community = community.ok_or_else(|| error(400, "community jid is required"))?;
            let groups = body.group_jid.unwrap_or_default();
            if groups.is_empty() {
                return Err(error(400, "group jid is required"));
            }
            let id = world_id(&community)
                .map_err(|why| error(500, &format!("error parse community jid: {why}")))?;
            asked.community = Some(Target { given: community, id, by_code: false });
            asked.groups = groups.into_iter().map(by_jid).collect();
        }
        Ask::Create { .. } => {
            let body: Create = body(incoming)?;
            let name =
                body.name.filter(|name| !name.is_empty()).ok_or_else(|| error(400, "name is required"))?;
            asked.groups = body.group_jid.unwrap_or_default().into_iter().map(by_jid).collect();
            asked.ask = Ask::Create { name };
        }
        Ask::Subgroups => {
            let given = incoming.query("communityJid").filter(|jid| !jid.is_empty());
            let given = given.ok_or_else(|| error(400, "communityJid query parameter is required"))?;
            let full = if given.contains('@') { given.to_owned() } else { super::jid(given) };
            let id = world_id(&full).map_err(|why| error(400, &format!("invalid community JID: {why}")))?;
            asked.community = Some(Target { given: given.to_owned(), id, by_code: false });
        }
        Ask::Info { .. } | Ask::Requests | Ask::Leave => {
            let given = incoming.query("identifier").filter(|given| !given.is_empty());
            let given = given.ok_or_else(|| error(400, IDENTIFIER))?;
            asked.groups = vec![identifier(inner, given)];
        }
        Ask::Join | Ask::ResetLink => {
            let body: Identifier = body(incoming)?;
            let given =
                body.identifier.filter(|given| !given.is_empty()).ok_or_else(|| error(400, IDENTIFIER))?;
            let target = identifier(inner, &given);
            // Joining requires a code or a link (docs/gateways/ryzeapi.md, join).
            if asked.ask == Ask::Join && !target.by_code {
                return Err(error(400, "Invalid invite link or code"));
            }
            asked.groups = vec![target];
        }
        _ => {}
    }
    Ok(asked)
}

/// A reconnect needs a session that the phone still recognises.
pub(super) fn may_reconnect(inner: &Inner, asked: &Asked, now: i64) -> Result<(), Answer> {
    let state = inner.state.numbers[asked.number()].state.shown(now);
    match (&asked.ask, state.as_str()) {
        (Ask::Reconnect, "loggedout") => {
            Err(error(400, "Instance has no saved session. Use the connect endpoint to pair it again."))
        }
        (Ask::Reconnect | Ask::Connect { .. }, "banned") => {
            Err(error(500, "Failed to reconnect: the number is banned"))
        }
        _ => Ok(()),
    }
}

#[derive(Deserialize)]
struct Membership {
    #[serde(rename = "communityJid")]
    community_jid: Option<String>,
    #[serde(rename = "groupJid")]
    group_jid: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Create {
    name: Option<String>,
    #[serde(rename = "groupJid")]
    group_jid: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Identifier {
    identifier: Option<String>,
}

fn body<'a, T: Deserialize<'a>>(incoming: &'a Incoming) -> Result<T, Answer> {
    let is_json = incoming.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    let read = if is_json { serde_json::from_slice(&incoming.body).ok() } else { None };
    read.ok_or_else(|| error(400, BODY))
}

/// The world's id in a full JID; the error is the reason for the documented texts.
fn world_id(jid: &str) -> Result<String, String> {
    let id = jid.strip_suffix("@g.us").ok_or_else(|| format!("unexpected server in JID {jid:?}"))?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if id.split('-').all(digits) { Ok(id.to_owned()) } else { Err(format!("invalid user in JID {jid:?}")) }
}

/// A group named by JID; an unreadable JID refers to nothing in the world.
fn by_jid(given: String) -> Target {
    let id = world_id(&given).unwrap_or_default();
    Target { given, id, by_code: false }
}

/// A group named by JID, invite code or invite link.
fn identifier(inner: &Inner, given: &str) -> Target {
    if given.contains('@') {
        return by_jid(given.to_owned());
    }
    let code = given.strip_prefix(CODE_PREFIX).unwrap_or(given);
    let group = inner.state.group_by_code(code.split('?').next().unwrap_or(code));
    let id = group.map(|group| inner.state.groups[group].id.clone()).unwrap_or_default();
    Target { given: given.to_owned(), id: id.to_string(), by_code: true }
}
