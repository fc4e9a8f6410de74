//! `WSAPI`'s contract over the world (docs/gateways/wsapi.md).

use http::Method;
use serde_json::{Value, json};

use super::super::Inner;
use super::super::clock::rfc3339;
use super::super::description::GatewayKind;
use super::super::exchange::{Answer, Ask, Asked, Done, Incoming, View};
use super::super::pairing;
use super::facts::{self, Facts};
use super::{
    OwnServer, about, by_code, field, inside, jid, position, settings, target, verdict, words, words_for_join,
};

/// The dialect of `WSAPI`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wsapi;

const KIND: GatewayKind = GatewayKind::Wsapi;

fn error(status: u16, detail: &str) -> Answer {
    Answer::json(status, &json!({ "status": status, "detail": detail }))
}

/// Every error of the library in a listing is a 404.
fn not_found(text: &str) -> Answer {
    error(404, &format!("not found: {text}"))
}

/// Whether the server turns the library's errors into 404.
fn hides_errors(asked: &Asked) -> bool {
    matches!(asked.ask, Ask::Info { .. } | Ask::Subgroups)
}

/// An id as the router sees it: the encoded text.
fn id(what: &str, given: &str) -> Result<String, Answer> {
    if given.contains('@') && !given.contains('%') {
        return Ok(given.to_owned());
    }
    Err(error(400, &format!("invalid {what} JID: invalid JID {given:?}: must be in user@server format")))
}

fn route(inner: &Inner, incoming: &Incoming, number: usize) -> Result<Asked, Answer> {
    let parts: Vec<&str> = incoming.path.split('/').skip(1).collect();
    let body: Value = serde_json::from_slice(&incoming.body).unwrap_or_default();
    let community = |given: &str| id("community", given);
    let group = |given: &str| id("group", given).map(|given| target(&given));
    let info = Ask::Info { participants: true, invite: false };
    let needed = |name: &str| match field(&body, name) {
        text if text.is_empty() => Err(error(400, "validation error: field is required")),
        text => Ok(text),
    };
    Ok(match (incoming.method.as_str(), parts.as_slice()) {
        ("GET", ["session", "status"]) => {
            Asked::plain(Some(number), Ask::Instances { filter: None, account: None })
        }
        ("GET", ["session", "qr", "text"]) => Asked::plain(Some(number), Ask::Connect { pairing: false }),
        ("GET", ["session", "pair-code", phone]) => {
            if !phone.starts_with('+') || !(9..=15).contains(&phone.len()) {
                return Err(error(400, "validation error: phone must start with + and be 9-15 characters"));
            }
            Asked::plain(Some(number), Ask::Connect { pairing: true })
        }
        ("GET", ["groups"]) => Asked::plain(Some(number), Ask::Groups { members: true, page: None }),
        ("GET", ["groups", "invite", code]) => about(number, info, by_code(inner, code)),
        ("POST", ["groups", "join", "link"]) => about(number, Ask::Join, by_code(inner, &needed("code")?)),
        ("GET", ["groups", given]) => about(number, info, group(given)?),
        ("GET", ["groups", given, "invite-link"]) => about(number, Ask::InviteLink, group(given)?),
        ("POST", ["groups" | "communities", given, "leave"]) => about(number, Ask::Leave, group(given)?),
        ("GET", ["communities"]) => Asked::plain(Some(number), Ask::Communities { page: None }),
        ("GET", ["communities", given]) => inside(number, info, &community(given)?, Vec::new()),
        ("GET", ["communities", given, "groups"]) => {
            inside(number, Ask::Subgroups, &community(given)?, Vec::new())
        }
        ("POST", ["communities", given, "groups", "link"]) => {
            let linked = vec![group(&needed("groupId")?)?];
            inside(number, Ask::Link, &community(given)?, linked)
        }
        ("DELETE", ["communities", given, "groups", linked]) => {
            inside(number, Ask::Unlink, &community(given)?, vec![group(linked)?])
        }
        (_, ["groups" | "communities" | "session", ..]) if incoming.method != Method::GET => {
            return Err(error(405, "method not allowed"));
        }
        _ => return Err(error(404, "not found")),
    })
}

impl OwnServer for Wsapi {
    fn kind(&self) -> GatewayKind {
        KIND
    }

    fn request(&self, inner: &Inner, incoming: &Incoming, now: i64) -> Result<Asked, Answer> {
        let is_single = settings(inner, KIND).is_single;
        if incoming.header("x-instance-id").is_none() && !is_single {
            return Err(error(400, "missing X-Instance-Id header"));
        }
        let number = self.number_of(inner, incoming).ok_or_else(|| error(404, "instance not found"))?;
        if incoming.header("x-api-key") != Some(&inner.state.numbers[number].token) {
            return Err(error(401, "unauthorized"));
        }
        let asked = route(inner, incoming, number)?;
        let state = inner.state.numbers[number].state.shown(now);
        match (&asked.ask, state.as_str()) {
            (Ask::Connect { .. }, "offline") => return Err(error(400, "device already registered")),
            (Ask::Instances { .. } | Ask::Connect { .. }, _) | (_, "connected") => {}
            // The phone is paired, but the connection is gone.
            (_, "offline") if hides_errors(&asked) => return Err(not_found("websocket not connected")),
            (_, "offline") => return Err(error(400, "websocket not connected")),
            _ => return Err(self.not_connected(inner)),
        }
        Ok(asked)
    }

    fn number_of(&self, inner: &Inner, incoming: &Incoming) -> Option<usize> {
        if settings(inner, KIND).is_single {
            return position(inner, KIND, |_| true);
        }
        let id = incoming.header("x-instance-id")?;
        position(inner, KIND, |number| number.id == id)
    }

    fn read(&self, inner: &mut Inner, asked: &Asked, view: &View) -> Answer {
        let number = asked.number();
        let group = |facts: &Facts| group(inner, facts, view);
        let read = match (&asked.ask, &asked.community) {
            (Ask::Instances { .. }, _) => Ok(status(inner, number, view)),
            (Ask::Groups { .. }, _) => Ok(facts::joined(inner, KIND, number, view, view.at, group).into()),
            (Ask::Communities { .. }, _) => {
                Ok(facts::communities(inner, number, view, |facts| community(inner, facts, view)).into())
            }
            (Ask::Subgroups, _) => {
                let subgroup = |facts: &Facts| {
                    let set = rfc3339(facts.created * 1000);
                    let mut value = json!({ "groupId": facts.id, "name": facts.name, "nameSetAt": set });
                    if facts.is_announcements {
                        value["isAnnouncementGroup"] = true.into();
                    }
                    value
                };
                facts::subgroups(inner, KIND, asked, view, subgroup).map(Value::from)
            }
            (Ask::Info { .. }, Some(target)) => {
                facts::community(inner, asked, target, view).map(|facts| community(inner, &facts, view))
            }
            (Ask::Info { .. }, None) => facts::info(inner, asked, view).map(|facts| group(&facts)),
            (Ask::InviteLink, _) => {
                facts::invite_link(inner, asked, view).map(|link| json!({ "link": link }))
            }
            _ => return error(404, "not found"),
        };
        match read {
            Ok(body) => Answer::json(200, &body),
            Err(text) if hides_errors(asked) => not_found(text),
            Err(text) => error(400, text),
        }
    }

    fn done(&self, inner: &Inner, asked: &Asked, done: &Done) -> Answer {
        let code = match (&asked.ask, done) {
            (Ask::Connect { pairing: true }, Done::Connecting(count)) => {
                let code = pairing::code(inner.state.seed, *count);
                format!("{}-{}", &code[..4], &code[4..])
            }
            (_, Done::Connecting(count)) => pairing::qr(inner.state.seed, *count),
            _ => String::new(),
        };
        if !code.is_empty() {
            return Answer::json(200, &json!({ "code": code }));
        }
        match (verdict(done), &asked.ask) {
            (Ok(_), Ask::Join) => {
                let id = asked.groups.first().map_or("", |group| group.id.as_str());
                Answer::json(201, &json!({ "id": jid(id) }))
            }
            (Ok(_), _) => Answer { status: 204, ..Answer::empty() },
            (Err(refusal), Ask::Join) => error(400, words_for_join(refusal)),
            (Err(refusal), _) => error(400, words(refusal)),
        }
    }

    fn refusal(&self, _inner: &Inner, text: &str) -> Answer {
        error(400, text)
    }

    fn not_connected(&self, inner: &Inner) -> Answer {
        error(settings(inner, KIND).not_paired_status, "device not paired")
    }

    fn fault(&self, text: Option<&str>) -> Answer {
        match text {
            Some(text) => error(500, text),
            // A panic.
            None => Answer { status: 500, ..Answer::empty() },
        }
    }

    fn empty(&self, asked: &Asked) -> Option<Answer> {
        let is_list = matches!(asked.ask, Ask::Groups { .. } | Ask::Communities { .. } | Ask::Subgroups);
        is_list.then(|| Answer::json(200, &json!([])))
    }
}

fn status(inner: &Inner, number: usize, view: &View) -> Value {
    let number = &inner.state.numbers[number];
    let state = number.state.shown(view.at);
    let is_logged_in = matches!(state.as_str(), "connected" | "offline");
    let is_connected = matches!(state.as_str(), "connected" | "connecting");
    let device = if is_logged_in { format!("{}:12@s.whatsapp.net", number.phone) } else { String::new() };
    json!({ "isConnected": is_connected, "isLoggedIn": is_logged_in, "deviceId": device })
}

fn participants(inner: &Inner, facts: &Facts, view: &View) -> Value {
    let people = facts::people(inner, KIND, facts, view, |person, id, lid| {
        json!({
            "id": id, "lid": lid, "phone": person.phone,
            "isAdmin": person.is_admin, "isSuperAdmin": person.is_superadmin, "displayName": "",
        })
    });
    people.into()
}

fn group(inner: &Inner, facts: &Facts, view: &View) -> Value {
    let mut value = json!({
        "groupId": facts.id,
        "name": facts.name,
        "createdAt": rfc3339(facts.created * 1000),
        "description": facts.description,
        "isAnnounce": facts.is_announcements,
        "isLocked": false,
        "isEphemeral": false,
        "ephemeralExpiration": 0,
        "participants": participants(inner, facts, view),
        "isJoinApprovalRequired": facts.approval,
        "memberAddMode": "admin_add",
    });
    if let Some(parent) = &facts.parent {
        value["communityId"] = parent.as_str().into();
    }
    if facts.is_announcements {
        value["isAnnouncementGroup"] = true.into();
    }
    value
}

fn community(inner: &Inner, facts: &Facts, view: &View) -> Value {
    json!({
        "communityId": facts.id,
        "name": facts.name,
        "created": rfc3339(facts.created * 1000),
        "description": facts.description,
        "isLocked": false,
        "communityApprovalMode": "",
        "participants": participants(inner, facts, view),
    })
}
