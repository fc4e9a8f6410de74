//! `WSAPI`: its calls and its fields (`docs/gateways/wsapi.md`). Communities have calls of their own.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    Gateway,
    client::{Ask, Change, Wire},
    fields::GroupFields,
    http::{Dialect, encoded_with_raw_id, route_of},
    json::{flag, text},
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
    listings_from_groups: false,
    announcements_in_listing: true,
    most_listed: Some(500),
    // There is a call, but it is unknown whether the number then leaves the subgroups too.
    leaves_communities: false,
    community_may_pass_for_group: true,
    lists_every_subgroup: false,
    group_list_shows_membership: true,
    last_subgroup: LastSubgroup::Risky,
    requests_per_minute: None,
    gives_reasons: true,
    pairing: Pairing { gives_codes: true, reconnects: false, lists_instances: false, ..Pairing::USUAL },
};

const FIELDS: GroupFields = GroupFields {
    lists: &[""],
    details: &[],
    // An entry of the list of groups has the id of its community beside its own.
    ids: &["groupId"],
    community_ids: &["communityId"],
    names: &["name"],
    descriptions: &["description"],
    parent: "communityId",
    omits_no_parent: true,
    is_community: "",
    is_announcements: "isAnnouncementGroup",
    loses_announcements: false,
    members: &[],
    participants: "participants",
    lists_members: true,
    own_admin: "",
    invites: &["link"],
};

const DIALECT: Dialect = Dialect::of_the_library(words, meaning, route);

/// The credentials: the key may be missing on the server, and a server for one instance needs no id.
pub(super) fn open(spec: &InstanceSpec, parts: &ClientParts) -> Result<Gateway, OpenError> {
    let mut headers = key_header("x-api-key", spec)?;
    if let Some(id) = &spec.instance {
        headers.insert("x-instance-id", id.expose_secret().parse().map_err(|_| OpenError::Instance)?);
    }
    Ok(client(spec, parts, headers, WsApi))
}

struct WsApi;

impl WsApi {
    fn group(group: &GroupId, rest: &str) -> String {
        format!("/groups/{}{rest}", encoded_with_raw_id(group.as_str()))
    }

    fn community(community: &CommunityId, rest: &str) -> String {
        format!("/communities/{}{rest}", encoded_with_raw_id(community.as_str()))
    }
}

impl Wire for WsApi {
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
        Ask::get("/session/status".to_owned())
    }

    fn connection(&self, body: &Value) -> Result<Connection, Failure> {
        let object = body.as_object().ok_or_else(|| Failure::new(FailureKind::Malformed))?;
        let is_on = |name| flag(object, &[name]);
        let state = match (is_on("isConnected"), is_on("isLoggedIn")) {
            (Some(true), Some(true)) => ConnectionState::Connected,
            (None, None) => return Err(Failure::new(FailureKind::Malformed).with_status(200)),
            _ => ConnectionState::NotConnected(None),
        };
        let number = text(object, &["deviceId"]).and_then(own_number);
        Ok(Connection { state, number: number.as_deref().map(Name::new) })
    }

    fn groups(&self) -> Ask {
        Ask::get("/groups".to_owned())
    }

    fn communities(&self) -> Option<Ask> {
        Some(Ask::get("/communities".to_owned()))
    }

    fn listing(&self, community: &CommunityId) -> Option<Ask> {
        Some(Ask::get(Self::community(community, "/groups")))
    }

    fn community(&self, group: &GroupId) -> Option<Ask> {
        Some(Ask::get(Self::community(&CommunityId::from(group), "")))
    }

    fn details(&self, group: &GroupId) -> Ask {
        Ask::get(Self::group(group, ""))
    }

    fn invite_link(&self, group: &GroupId) -> Option<Ask> {
        Some(Ask::get(Self::group(group, "/invite-link")))
    }

    fn invited(&self, code: &str) -> Ask {
        Ask::get(format!("/groups/invite/{}", encoded_with_raw_id(code)))
    }

    fn change(&self, change: Change, community: &CommunityId, group: &GroupId) -> Option<Ask> {
        Some(match change {
            Change::Link => {
                Ask::post(Self::community(community, "/groups/link"), json!({ "groupId": group.as_str() }))
            }
            Change::Unlink => {
                let group = encoded_with_raw_id(group.as_str());
                Ask::delete(Self::community(community, &format!("/groups/{group}")))
            }
        })
    }

    fn leave(&self, group: &GroupId) -> Ask {
        Ask::post_nothing(Self::group(group, "/leave"))
    }

    fn join(&self, code: &str) -> Ask {
        Ask::post("/groups/join/link".to_owned(), json!({ "code": code }))
    }

    fn answers_nothing(&self) -> bool {
        true
    }

    fn connect(&self, way: &Way) -> Option<Ask> {
        match way {
            Way::Qr => Some(Ask::get("/session/qr/text".to_owned())),
            Way::Number(number) => {
                let path =
                    format!("/session/pair-code/{}", encoded_with_raw_id(&format!("+{}", number.expose())));
                Some(Ask::get(path))
            }
            Way::Session => None,
        }
    }

    fn offer(&self, way: &Way, body: &Value) -> Option<Offer> {
        let code = Private::new(text(body.as_object()?, &["code"])?)?;
        match way {
            Way::Qr => Some(Offer::Qr(code)),
            Way::Number(_) => Some(Offer::Code(code)),
            Way::Session => None,
        }
    }
}

fn words(body: &Value) -> Option<&str> {
    text(body.as_object()?, &["detail"])
}

fn route(path: &str) -> String {
    const WORDS: [&str; 12] = [
        "groups",
        "communities",
        "session",
        "status",
        "qr",
        "text",
        "pair-code",
        "link",
        "leave",
        "join",
        "invite",
        "invite-link",
    ];
    route_of(path, &WORDS)
}

/// The meaning of a text (`docs/gateways/wsapi.md`, 2). The status says little: 400 carries `WhatsApp`'s refusals and a dead
/// connection, and 404 every error of a listing.
fn meaning(status: u16, words: &str) -> Option<FailureKind> {
    let lower = words.to_ascii_lowercase();
    match status {
        // The hosted service is said to answer 403 for a device that is not paired.
        403 | 409 => Some(FailureKind::NotConnected),
        404 if lower == "instance not found" => Some(FailureKind::UnknownInstance),
        404 if lower.starts_with("not found:") => Some(FailureKind::GatewayError),
        404 => Some(FailureKind::WrongRequest),
        400 if lower.contains("missing x-instance-id") => Some(FailureKind::NoInstance),
        400 if lower.contains("x-instance-id") => Some(FailureKind::UnknownInstance),
        400 if lower.starts_with("invalid ") || lower.starts_with("validation error") => {
            Some(FailureKind::WrongRequest)
        }
        499 => Some(FailureKind::Dropped),
        504 => Some(FailureKind::TimedOut),
        _ => None,
    }
}
