//! The contracts of Evolution API and of `whatsmiau`, which has the same group routes (docs/gateways/evolution.md,
//! docs/gateways/whatsmiau.md), over the world.

use serde_json::{Value, json};

use super::super::Inner;
use super::super::description::GatewayKind;
use super::super::exchange::{Answer, Ask, Asked, Done, Incoming, View};
use super::super::pairing;
use super::facts::{self, Facts};
use super::{
    OwnServer, about, by_code, field, inside, jid, position, settings, target, verdict, words, words_for_join,
};

/// The dialect of Evolution API, or of `whatsmiau`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evolution {
    pub(crate) has_communities: bool,
}

impl Evolution {
    /// An error of the server.
    fn error(self, status: u16, message: &str) -> Answer {
        if self.has_communities {
            let body = json!({ "error": null, "message": message, "errorMessage": message });
            return Answer::json(status, &body);
        }
        let error = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let body = json!({ "status": status, "error": error, "response": { "message": [message] } });
        Answer::json(status, &body)
    }

    /// An error of the library: on `whatsmiau` almost always a 500.
    fn library(self, text: &str, asked: Option<&Asked>) -> Answer {
        if !self.has_communities {
            return match asked.map(|asked| &asked.ask) {
                Some(Ask::Leave) => self.error(400, "Unable to leave the group"),
                Some(Ask::Info { .. }) => self.error(404, "Error fetching group"),
                _ => self.error(400, text),
            };
        }
        let (status, message) = match text {
            "that group does not exist" => (404, "group not found"),
            "you're not participating in that group" => (403, "not a member of this group"),
            "you don't have the permission to get the group's invite link" => {
                (403, "unauthorized to access invite link")
            }
            "that group invite link is not valid" => (400, "invite link invalid"),
            text if text.contains("status 429") => (429, "rate limit exceeded, try again later"),
            _ => (500, "operation failed"),
        };
        let hint = match asked.map(|asked| &asked.ask) {
            Some(Ask::Link) if text.contains("403") => {
                "you must be an admin of the parent community to link groups: "
            }
            _ => "",
        };
        let body = json!({ "error": {}, "message": message, "errorMessage": format!("{hint}{text}") });
        Answer::json(status, &body)
    }

    /// The parts of a path below the version.
    fn parts(incoming: &Incoming) -> Vec<&str> {
        let path = incoming.path.strip_prefix("/v1").unwrap_or(&incoming.path);
        path.split('/').skip(1).collect()
    }

    /// The name of the instance in a path, as it stands there.
    fn name(incoming: &Incoming) -> Option<String> {
        let name = match Self::parts(incoming).as_slice() {
            ["instance", name, "community" | "group", _] | ["instance" | "group", _, name] => name,
            ["instance", "fetchInstances"] => incoming.query("instanceName")?,
            _ => return None,
        };
        Some(name.to_owned())
    }

    fn route(self, inner: &Inner, incoming: &Incoming, number: usize) -> Result<Asked, Answer> {
        let parts = Self::parts(incoming);
        let (area, action) = match parts.as_slice() {
            ["instance", _, area @ ("community" | "group"), action] if self.has_communities => {
                (*area, *action)
            }
            ["group", action, _] => ("group", *action),
            ["instance", action, ..] => ("instance", *action),
            _ => ("", ""),
        };
        let body: Value = serde_json::from_slice(&incoming.body).unwrap_or_default();
        let query = |name: &str| incoming.query(name).unwrap_or_default();
        let group = |ask| about(number, ask, target(query("groupJid")));
        let of_code = |ask| about(number, ask, by_code(inner, query("inviteCode")));
        let info = Ask::Info { participants: true, invite: false };
        let pairing = incoming.query("number").is_some();
        let state =
            |filter: Option<&str>| Ask::Instances { filter: filter.map(str::to_owned), account: None };
        Ok(match (incoming.method.as_str(), area, action) {
            ("GET", "instance", "connectionState") => Asked::plain(Some(number), state(None)),
            ("GET", "instance", "fetchInstances") => Asked::plain(Some(number), state(Some("list"))),
            ("GET", "instance", "connect") => Asked::plain(Some(number), Ask::Connect { pairing }),
            ("GET", "group", "fetchAllGroups") => {
                let Some(members) = incoming.query("getParticipants") else {
                    return Err(self.error(400, "getParticipants is required"));
                };
                Asked::plain(Some(number), Ask::Groups { members: members == "true", page: None })
            }
            ("GET", "group", "findGroupInfos") => group(info),
            ("GET", "group", "inviteCode") => group(Ask::InviteLink),
            ("DELETE", "group", "leaveGroup") => group(Ask::Leave),
            ("GET", "group", "inviteInfo") => of_code(info),
            ("GET", "group", "acceptInviteCode") => of_code(Ask::Join),
            ("GET", "community", "subGroups") => {
                inside(number, Ask::Subgroups, query("communityJid"), Vec::new())
            }
            ("POST", "community", "linkGroup" | "unlinkGroup") => {
                let (parent, child) = (field(&body, "parentJid"), field(&body, "childJid"));
                if parent.is_empty() || child.is_empty() {
                    return Err(self.error(400, "invalid request body"));
                }
                let ask = if action == "linkGroup" { Ask::Link } else { Ask::Unlink };
                inside(number, ask, &parent, vec![target(&child)])
            }
            (method, ..) => return Err(self.error(404, &format!("Cannot {method} {}", incoming.path))),
        })
    }

    fn group(self, inner: &Inner, facts: &Facts, members: bool, view: &View) -> Value {
        let is_open = settings(inner, self.kind()).opened_announcements;
        let mut value = json!({
            "id": facts.id,
            "subject": facts.name,
            "subjectTime": facts.created,
            "size": facts.size,
            "creation": facts.created,
            "desc": facts.description,
            "restrict": false,
            "announce": facts.is_announcements && !is_open,
            "isCommunity": facts.is_community,
            // `whatsmiau` mixes the two facts.
            "isCommunityAnnounce": facts.is_announcements && !(is_open && self.has_communities),
        });
        if let Some(parent) = &facts.parent {
            value["linkedParent"] = parent.as_str().into();
        }
        if members {
            let kind = self.kind();
            let people = facts::people(inner, kind, facts, view, |person, id, lid| {
                if self.has_communities {
                    return json!({
                        "jid": id, "lid": lid, "isAdmin": person.is_admin, "isSuperAdmin": person.is_superadmin,
                    });
                }
                let admin = match (person.is_superadmin, person.is_admin) {
                    (true, _) => Some("superadmin"),
                    (_, true) => Some("admin"),
                    _ => None,
                };
                json!({ "id": id, "admin": admin })
            });
            value["participants"] = people.into();
        }
        value
    }

    fn states(self, inner: &Inner, number: usize, is_list: bool, view: &View) -> Value {
        let number = &inner.state.numbers[number];
        let state = match number.state.shown(view.at).as_str() {
            "connected" => "open",
            "connecting" => "connecting",
            _ if self.has_communities => "closed",
            _ => "close",
        };
        let jid = format!("{}@s.whatsapp.net", number.phone);
        match (is_list, self.has_communities) {
            (true, true) => json!([{
                "id": number.id, "remoteJID": jid, "ownerJid": jid, "instanceName": number.id,
                "proxyPassword": "p4ssw0rd-of-the-proxy",
            }]),
            (true, false) => json!([{
                "id": "5f0c9b1e", "name": number.id, "connectionStatus": state, "ownerJid": jid,
                "token": number.token,
            }]),
            (false, true) => json!({
                "id": number.id, "state": state, "instance": { "instanceName": number.id, "state": state },
            }),
            (false, false) => json!({ "instance": { "instanceName": number.id, "state": state } }),
        }
    }
}

impl OwnServer for Evolution {
    fn kind(&self) -> GatewayKind {
        if self.has_communities { GatewayKind::Whatsmiau } else { GatewayKind::Evolution }
    }

    fn request(&self, inner: &Inner, incoming: &Incoming, now: i64) -> Result<Asked, Answer> {
        let key = incoming.header("apikey").unwrap_or_default();
        let is_known =
            |number: &super::super::state::Number| number.token == key || number.account_token == key;
        if position(inner, self.kind(), is_known).is_none() {
            let body = if self.has_communities {
                json!({ "message": "Unauthorized" })
            } else {
                json!({ "status": 401, "error": "Unauthorized", "response": { "message": "Unauthorized" } })
            };
            return Err(Answer::json(401, &body));
        }
        let Some(number) = self.number_of(inner, incoming) else {
            let name = Self::name(incoming).unwrap_or_default();
            return Err(match (self.has_communities, Self::parts(incoming).as_slice()) {
                (true, _) => self.error(404, "instance not found"),
                (false, ["instance", "connectionState", _]) => {
                    Answer::json(200, &json!({ "instance": { "instanceName": name } }))
                }
                _ => self.error(404, &format!("The \"{name}\" instance does not exist")),
            });
        };
        let asked = self.route(inner, incoming, number)?;
        let is_about_whatsapp = !matches!(asked.ask, Ask::Instances { .. } | Ask::Connect { .. });
        if is_about_whatsapp && inner.state.numbers[number].state.shown(now) != "connected" {
            return Err(match asked.ask {
                _ if self.has_communities => self.not_connected(inner),
                Ask::Leave => self.error(400, "Unable to leave the group"),
                Ask::Info { .. } => self.error(404, "Error fetching group"),
                _ => self.not_connected(inner),
            });
        }
        Ok(asked)
    }

    fn number_of(&self, inner: &Inner, incoming: &Incoming) -> Option<usize> {
        let name = Self::name(incoming)?;
        position(inner, self.kind(), |number| number.id == name)
    }

    fn read(&self, inner: &mut Inner, asked: &Asked, view: &View) -> Answer {
        let (number, kind) = (asked.number(), self.kind());
        let read = match &asked.ask {
            Ask::Instances { filter, .. } => Ok(self.states(inner, number, filter.is_some(), view)),
            Ask::Groups { members, .. } => {
                let group = |facts: &Facts| self.group(inner, facts, *members, view);
                Ok(facts::joined(inner, kind, number, view, view.at, group).into())
            }
            Ask::Subgroups => {
                let subgroup = |facts: &Facts| {
                    json!({
                        "id": facts.id, "subject": facts.name, "subjectTime": facts.created,
                        "isDefaultSubGroup": facts.is_announcements,
                    })
                };
                facts::subgroups(inner, kind, asked, view, subgroup).map(Value::from)
            }
            Ask::Info { .. } => {
                facts::info(inner, asked, view).map(|facts| self.group(inner, &facts, true, view))
            }
            Ask::InviteLink => facts::invite_link(inner, asked, view).map(|link| {
                let code = link.rsplit('/').next().unwrap_or_default();
                json!({ "inviteUrl": link, "inviteCode": code })
            }),
            _ => return self.error(404, "Cannot GET"),
        };
        match read {
            Ok(body) => Answer::json(200, &body),
            Err(text) => self.library(text, Some(asked)),
        }
    }

    fn done(&self, inner: &Inner, asked: &Asked, done: &Done) -> Answer {
        if let (Ask::Connect { pairing }, Done::Connecting(count)) = (&asked.ask, done) {
            let code = pairing.then(|| pairing::code(inner.state.seed, *count));
            let body = if self.has_communities {
                let code = code.map(|code| format!("{}-{}", &code[..4], &code[4..])).unwrap_or_default();
                json!({ "message": "scan the code", "base64": pairing::PNG, "pairingCode": code })
            } else {
                let qr = pairing::qr(inner.state.seed, *count);
                json!({ "pairingCode": code, "code": qr, "base64": pairing::PNG, "count": count })
            };
            return Answer::json(200, &body);
        }
        let group = jid(asked.groups.first().map_or("", |group| group.id.as_str()));
        match (verdict(done), &asked.ask, self.has_communities) {
            (Ok(_), Ask::Join, true) => Answer::json(200, &json!({ "groupJid": group })),
            (Ok(_), Ask::Join, false) => Answer::json(200, &json!({ "accepted": true, "groupJid": group })),
            (Ok(_), Ask::Leave, false) => Answer::json(200, &json!({ "groupJid": group, "leave": true })),
            (Ok(_), ..) => Answer::json(200, &json!({})),
            (Err(refusal), Ask::Join, _) => self.library(words_for_join(refusal), Some(asked)),
            (Err(refusal), ..) => self.library(words(refusal), Some(asked)),
        }
    }

    fn refusal(&self, _inner: &Inner, text: &str) -> Answer {
        self.library(text, None)
    }

    fn not_connected(&self, _inner: &Inner) -> Answer {
        if self.has_communities {
            self.error(404, "instance is not connected")
        } else {
            self.error(500, "Internal server error")
        }
    }

    fn fault(&self, text: Option<&str>) -> Answer {
        match text {
            Some(text) => self.library(text, None),
            None if self.has_communities => self.library("unexpected end of JSON input", None),
            None => self.error(500, "Internal server error"),
        }
    }

    fn empty(&self, asked: &Asked) -> Option<Answer> {
        let is_list = matches!(asked.ask, Ask::Groups { .. } | Ask::Subgroups);
        is_list.then(|| Answer::json(200, &json!([])))
    }
}
