//! `uazapi`'s contract over the world (docs/gateways/uazapi.md).

use serde_json::{Value, json};

use super::super::Inner;
use super::super::clock::rfc3339;
use super::super::description::GatewayKind;
use super::super::exchange::{Answer, Ask, Asked, Done, Incoming, View};
use super::super::pairing;
use super::super::state::Refusal;
use super::facts::{self, Facts};
use super::{OwnServer, about, by_code, field, inside, position, settings, target, verdict};

/// The dialect of `uazapi`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Uazapi;

const KIND: GatewayKind = GatewayKind::Uazapi;

fn error(status: u16, words: &str) -> Answer {
    Answer::json(status, &json!({ "error": words }))
}

fn route(inner: &Inner, incoming: &Incoming, number: usize) -> Result<Asked, Answer> {
    let body: Value = serde_json::from_slice(&incoming.body).unwrap_or_default();
    let invalid = || error(400, "invalid payload");
    let needed = |name: &str| Some(field(&body, name)).filter(|text| !text.is_empty()).ok_or_else(invalid);
    let info = || Ask::Info { participants: true, invite: body["getInviteLink"] == true };
    let group = || needed("groupjid").map(|given| target(&given));
    let code = || needed("invitecode").map(|given| by_code(inner, &given));
    let pairing = body.get("phone").is_some();
    Ok(match (incoming.method.as_str(), incoming.path.as_str()) {
        ("GET", "/instance/status") => {
            Asked::plain(Some(number), Ask::Instances { filter: None, account: None })
        }
        ("POST", "/instance/connect") => Asked::plain(Some(number), Ask::Connect { pairing }),
        ("GET", "/group/list") => {
            // Without `force` the answer is a cache.
            let page = incoming.query("force").filter(|force| *force == "true").map(|_| (0, 0));
            Asked::plain(Some(number), Ask::Groups { members: false, page })
        }
        ("POST", "/group/info") => about(number, info(), group()?),
        ("POST", "/group/inviteInfo") => about(number, info(), code()?),
        ("POST", "/group/leave") => about(number, Ask::Leave, group()?),
        ("POST", "/group/join") => about(number, Ask::Join, code()?),
        ("POST", "/community/editgroups") => {
            let ask = match body["action"].as_str() {
                Some("add") => Ask::Link,
                Some("remove") => Ask::Unlink,
                _ => return Err(invalid()),
            };
            let given = body["groupjids"].as_array().ok_or_else(invalid)?;
            let groups: Vec<&str> = given.iter().filter_map(Value::as_str).collect();
            let is_id = |id: &&str| {
                id.strip_suffix("@g.us").is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
            };
            if groups.is_empty() || !groups.iter().all(is_id) {
                return Err(error(400, "groupjids must match ^[0-9]+@g.us$"));
            }
            inside(number, ask, &needed("community")?, groups.into_iter().map(target).collect())
        }
        _ => return Err(error(404, "Not Found")),
    })
}

impl OwnServer for Uazapi {
    fn kind(&self) -> GatewayKind {
        KIND
    }

    fn request(&self, inner: &Inner, incoming: &Incoming, now: i64) -> Result<Asked, Answer> {
        let number = self.number_of(inner, incoming).ok_or_else(|| error(401, "Unauthorized"))?;
        let asked = route(inner, incoming, number)?;
        let is_about_whatsapp = !matches!(asked.ask, Ask::Instances { .. } | Ask::Connect { .. });
        if is_about_whatsapp && inner.state.numbers[number].state.shown(now) != "connected" {
            return Err(self.not_connected(inner));
        }
        Ok(asked)
    }

    fn number_of(&self, inner: &Inner, incoming: &Incoming) -> Option<usize> {
        let token = incoming.header("token")?;
        position(inner, KIND, |number| number.token == token)
    }

    fn read(&self, inner: &mut Inner, asked: &Asked, view: &View) -> Answer {
        let number = asked.number();
        match &asked.ask {
            Ask::Instances { .. } => Answer::json(200, &status(inner, number, view)),
            Ask::Groups { page, .. } => {
                let at = shown_at(inner, number, page.is_some(), view.at);
                let group = |facts: &Facts| group(inner, facts, None, view);
                let list = facts::joined(inner, KIND, number, view, at, group);
                Answer::json(200, &json!({ "groups": list }))
            }
            Ask::Info { invite, .. } => match facts::info(inner, asked, view) {
                Ok(facts) => {
                    let link = facts::invite_link(inner, asked, view).ok().filter(|_| *invite);
                    let link = link.unwrap_or_default();
                    Answer::json(200, &group(inner, &facts, Some(link), view))
                }
                Err(text) => error(404, text),
            },
            _ => error(404, "Not Found"),
        }
    }

    fn done(&self, inner: &Inner, asked: &Asked, done: &Done) -> Answer {
        match (&asked.ask, done) {
            (Ask::Connect { pairing }, Done::Connecting(count)) => {
                let code = pairing.then(|| pairing::code(inner.state.seed, *count)).unwrap_or_default();
                let qr = if *pairing { "" } else { pairing::PNG };
                let instance = json!({ "status": "connecting", "qrcode": qr, "paircode": code });
                Answer::json(200, &json!({ "connected": false, "loggedIn": false, "instance": instance }))
            }
            (Ask::Link | Ask::Unlink, Done::Items(items)) => edited(inner, items),
            (Ask::Join, _) => match verdict(done) {
                Ok(_) => {
                    Answer::json(200, &json!({ "response": "Group join successful", "needs_refresh": false }))
                }
                Err(_) => error(403, "Unable to join group"),
            },
            _ => match verdict(done) {
                Ok(_) => Answer::json(200, &json!({ "response": "Group leave successful" })),
                Err(_) => error(500, "error leaving group"),
            },
        }
    }

    fn refusal(&self, _inner: &Inner, text: &str) -> Answer {
        error(400, text)
    }

    fn not_connected(&self, _inner: &Inner) -> Answer {
        error(500, "internal server error")
    }

    fn fault(&self, text: Option<&str>) -> Answer {
        error(500, text.unwrap_or("internal server error"))
    }

    fn empty(&self, asked: &Asked) -> Option<Answer> {
        matches!(asked.ask, Ask::Groups { .. }).then(|| Answer::json(200, &json!({ "groups": [] })))
    }
}

/// The moment that the list shows: the last refresh, which `force` makes or only starts.
fn shown_at(inner: &mut Inner, number: usize, is_forced: bool, now: i64) -> i64 {
    let only_starts = settings(inner, KIND).force_only_starts;
    let started = inner.started;
    let refreshed = inner.refreshes.entry(number).or_insert(started);
    let before = *refreshed;
    if is_forced {
        *refreshed = now;
    }
    if is_forced && !only_starts { now } else { before }
}

/// The answer to a change of a community's groups: the groups by their results, without reasons.
fn edited(inner: &Inner, items: &[(super::super::exchange::Target, Result<bool, Refusal>)]) -> Answer {
    let settings = settings(inner, KIND);
    if items.iter().any(|(_, verdict)| *verdict == Err(Refusal::NotCommunityAdmin)) {
        return error(403, "not admin of the community");
    }
    let list = |is_success: bool| -> Value {
        let all =
            items.iter().filter(|(_, verdict)| verdict.is_ok() == is_success && !settings.names_nothing);
        let ids: Vec<&str> = all.map(|(group, _)| group.given.as_str()).collect();
        if ids.is_empty() && settings.null_lists { Value::Null } else { ids.into() }
    };
    let body = json!({ "message": "community updated", "success": list(true), "failed": list(false) });
    Answer::json(200, &body)
}

/// The state of an instance, with the secrets that the server puts there.
fn status(inner: &Inner, number: usize, view: &View) -> Value {
    let number = &inner.state.numbers[number];
    let state = match number.state.shown(view.at).as_str() {
        state @ ("connected" | "connecting") => state.to_owned(),
        _ => "disconnected".to_owned(),
    };
    let is_connected = state == "connected";
    let jid = is_connected
        .then(|| json!({ "user": number.phone, "agent": 0, "device": 0, "server": "s.whatsapp.net" }));
    json!({
        "instance": {
            "id": "r1a2b3c4", "name": number.name, "status": state, "token": number.token, "qrcode": "",
            "paircode": "", "owner": number.phone, "profileName": "", "openai_apikey": "sk-0penai-canary",
        },
        "status": { "connected": is_connected, "loggedIn": is_connected, "jid": jid },
    })
}

/// A group; with its members and its invite link if `details` is given.
fn group(inner: &Inner, facts: &Facts, details: Option<String>, view: &View) -> Value {
    let mut value = json!({
        "JID": facts.id,
        "OwnerJID": "",
        "OwnerPN": "",
        "Name": facts.name,
        "NameSetAt": rfc3339(facts.created * 1000),
        "Topic": facts.description,
        "IsLocked": false,
        "IsAnnounce": facts.is_announcements,
        "IsEphemeral": false,
        "IsParent": facts.is_community,
        "LinkedParentJID": facts.parent.clone().unwrap_or_default(),
        "IsDefaultSubGroup": facts.is_announcements,
        "IsJoinApprovalRequired": facts.approval,
        "GroupCreated": rfc3339(facts.created * 1000),
        "ParticipantCount": 0,
        "Participants": null,
        "MemberAddMode": "admin_add",
        "OwnerCanSendMessage": facts.role.is_admin() || !facts.is_announcements,
        "OwnerIsAdmin": facts.role.is_admin(),
    });
    if settings(inner, KIND).omits_kind
        && let Some(fields) = value.as_object_mut()
    {
        fields.remove("IsParent");
    }
    if facts.is_community {
        let announcements = &inner.state.groups[facts.index].id;
        value["DefaultSubGroupId"] = super::jid(announcements).into();
    }
    if let Some(link) = details {
        let people = facts::people(inner, KIND, facts, view, |person, id, lid| {
            json!({
                "JID": id, "PhoneNumber": format!("{}@s.whatsapp.net", person.phone), "LID": lid,
                "IsAdmin": person.is_admin, "IsSuperAdmin": person.is_superadmin, "DisplayName": "",
                "Error": 0, "AddRequest": null,
            })
        });
        value["Participants"] = people.into();
        value["ParticipantCount"] = facts.size.into();
        value["invite_link"] = link.into();
    }
    value
}
