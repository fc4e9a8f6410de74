//! `uazapi`: its calls and its fields (`docs/gateways/uazapi.md`). The token alone names the instance, and communities are only in
//! the list of groups.

use serde_json::{Value, json};

use super::{
    Gateway,
    client::{Ask, Change, Wire},
    fields::GroupFields,
    http::{Dialect, route_of},
    json::{flag, lists_id, text},
    members::own_number,
    parts::{ClientParts, InstanceSpec, OpenError, client, key_header},
};
use crate::domain::{
    capability::{Capabilities, LastSubgroup},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    instance::{Connection, ConnectionState},
    name::Name,
    pairing::{Offer, Pairing, Way},
    private::Private,
};

const CAPABILITIES: Capabilities = Capabilities {
    lists_communities: true,
    links: true,
    unlinks: true,
    listings_from_groups: true,
    announcements_in_listing: false,
    most_listed: Some(500),
    leaves_communities: false,
    community_may_pass_for_group: true,
    lists_every_subgroup: false,
    group_list_shows_membership: true,
    last_subgroup: LastSubgroup::Risky,
    // No limit is documented, so it is treated like the strictest one that is.
    requests_per_minute: Some(100),
    gives_reasons: false,
    pairing: Pairing { gives_codes: true, reconnects: false, lists_instances: false, ..Pairing::USUAL },
};

const FIELDS: GroupFields = GroupFields {
    lists: &["groups", ""],
    details: &["group"],
    ids: &["JID"],
    community_ids: &["JID"],
    names: &["Name"],
    descriptions: &["Topic"],
    parent: "LinkedParentJID",
    omits_no_parent: false,
    is_community: "IsParent",
    is_announcements: "IsDefaultSubGroup",
    loses_announcements: false,
    members: &["ParticipantCount"],
    participants: "Participants",
    lists_members: false,
    own_admin: "OwnerIsAdmin",
    invites: &["invite_link"],
};

const DIALECT: Dialect = Dialect::of_the_library(words, meaning, route);

/// The credentials: the instance's token.
pub(super) fn open(spec: &InstanceSpec, parts: &ClientParts) -> Result<Gateway, OpenError> {
    let headers = key_header("token", spec)?;
    Ok(client(spec, parts, headers, Uazapi))
}

struct Uazapi;

impl Wire for Uazapi {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn fields(&self) -> &'static GroupFields {
        &FIELDS
    }

    fn state(&self) -> Ask {
        Ask::get("/instance/status".to_owned())
    }

    /// The answer contains the token and other secrets: nothing else is read from it.
    fn connection(&self, body: &Value) -> Result<Connection, Failure> {
        let (instance, status) = (body.get("instance"), body.get("status"));
        let status_object = status.and_then(Value::as_object);
        let is_on = |name| status_object.and_then(|status| flag(status, &[name]));
        let instance = instance.and_then(Value::as_object);
        let word = instance.and_then(|instance| text(instance, &["status"]));
        let state = match (is_on("connected"), is_on("loggedIn"), word) {
            (Some(true), Some(true) | None, _) | (None, None, Some("connected")) => {
                ConnectionState::Connected
            }
            (None, None, None) => return Err(Failure::new(FailureKind::Malformed).with_status(200)),
            (_, _, Some("connecting")) => ConnectionState::Connecting,
            (_, _, word) => ConnectionState::NotConnected(word.map(Name::new)),
        };
        let jid = status.and_then(|status| match status.get("jid")? {
            Value::Object(jid) => text(jid, &["user"]),
            jid => jid.as_str(),
        });
        let owner = instance.and_then(|instance| text(instance, &["owner"]));
        let number = jid.into_iter().chain(owner).find_map(own_number);
        Ok(Connection { state, number: number.as_deref().map(Name::new) })
    }

    /// Without `force` the answer is a cache.
    fn groups(&self) -> Ask {
        Ask::get("/group/list?force=true&noparticipants=true".to_owned())
    }

    fn details(&self, group: &GroupId) -> Ask {
        let body = json!({
            "groupjid": group.as_str(),
            "getInviteLink": true,
            "getRequestsParticipants": false,
            "force": true,
        });
        Ask::post("/group/info".to_owned(), body)
    }

    fn invited(&self, code: &str) -> Ask {
        Ask::post("/group/inviteInfo".to_owned(), json!({ "invitecode": code }))
    }

    fn change(&self, change: Change, community: &CommunityId, group: &GroupId) -> Option<Ask> {
        let action = match change {
            Change::Link => "add",
            Change::Unlink => "remove",
        };
        let body =
            json!({ "community": community.as_str(), "action": action, "groupjids": [group.as_str()] });
        Some(Ask::post("/community/editgroups".to_owned(), body))
    }

    /// Yes if the group is only in `success`, no if it is only in `failed`, otherwise nothing is said.
    fn changed(&self, body: &Value, group: &GroupId) -> Option<Result<(), FailureKind>> {
        Some(match (lists_id(body, "success", group), lists_id(body, "failed", group)) {
            (true, false) => Ok(()),
            (false, true) => Err(FailureKind::Refused),
            (false, false) => Err(FailureKind::Unmentioned),
            (true, true) => Err(FailureKind::Malformed),
        })
    }

    fn leave(&self, group: &GroupId) -> Ask {
        Ask::post("/group/leave".to_owned(), json!({ "groupjid": group.as_str() }))
    }

    fn join(&self, code: &str) -> Ask {
        Ask::post("/group/join".to_owned(), json!({ "invitecode": code }))
    }

    fn connect(&self, way: &Way) -> Option<Ask> {
        let body = match way {
            Way::Qr => json!({}),
            Way::Number(number) => json!({ "phone": number.expose() }),
            Way::Session => return None,
        };
        Some(Ask::post("/instance/connect".to_owned(), body))
    }

    fn offer(&self, way: &Way, body: &Value) -> Option<Offer> {
        let places = [body.get("instance"), Some(body)].into_iter().flatten().filter_map(Value::as_object);
        let field = |name| places.clone().find_map(|place| text(place, &[name]));
        match way {
            Way::Qr => {
                let code = field("qrcode")?;
                let is_picture = code.starts_with("data:") || code.starts_with("iVBOR");
                if is_picture { Some(Offer::Picture) } else { Private::new(code).map(Offer::Qr) }
            }
            Way::Number(_) => field("paircode").and_then(Private::new).map(Offer::Code),
            Way::Session => None,
        }
    }
}

fn words(body: &Value) -> Option<&str> {
    text(body.as_object()?, &["error", "message"])
}

fn route(path: &str) -> String {
    const WORDS: [&str; 10] = [
        "instance",
        "status",
        "connect",
        "group",
        "list",
        "info",
        "inviteInfo",
        "leave",
        "join",
        "community",
    ];
    route_of(path, &WORDS)
}

/// The meaning of a text (`docs/gateways/uazapi.md`, 2).
fn meaning(status: u16, words: &str) -> Option<FailureKind> {
    let lower = words.to_ascii_lowercase();
    if status < 500 && (lower.contains("not connected") || lower.contains("disconnected")) {
        Some(FailureKind::NotConnected)
    } else if lower == "invalid payload" {
        Some(FailureKind::WrongRequest)
    } else {
        None
    }
}
