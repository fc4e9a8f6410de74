//! Evolution API and `whatsmiau`, which speaks its group routes and adds communities: one adapter, a flag apart
//! (`docs/gateways/evolution.md`, `docs/gateways/whatsmiau.md`).

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    Gateway,
    client::{Ask, Change, Wire},
    fields::GroupFields,
    http::{Dialect, encoded, route_of},
    json::{Object, text},
    members::own_number,
    parts::{ClientParts, InstanceSpec, OpenError, client, key_header, name},
};
use crate::domain::{
    capability::{Capabilities, LastSubgroup},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    instance::{Connection, ConnectionState, GatewayKind},
    name::Name,
    pairing::{Offer, Pairing, Way},
    private::Private,
};

/// What Evolution API can do: it has no call for communities.
const CAPABILITIES: Capabilities = Capabilities {
    lists_communities: true,
    links: false,
    unlinks: false,
    listings_from_groups: true,
    announcements_in_listing: false,
    most_listed: None,
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
    ids: &["id"],
    community_ids: &["id"],
    names: &["subject"],
    descriptions: &["desc"],
    parent: "linkedParent",
    omits_no_parent: true,
    is_community: "isCommunity",
    is_announcements: "isCommunityAnnounce",
    loses_announcements: false,
    members: &["size"],
    participants: "participants",
    lists_members: false,
    own_admin: "",
    invites: &["inviteUrl", "inviteCode"],
};

const OF_WHATSMIAU: GroupFields = GroupFields { loses_announcements: true, ..FIELDS };

const DIALECT: Dialect = Dialect::of_the_library(words, meaning, route);

/// The credentials: a key in a header, and an instance in the path.
pub(super) fn open(spec: &InstanceSpec, parts: &ClientParts) -> Result<Gateway, OpenError> {
    let headers = key_header("apikey", spec)?;
    let instance = name(spec)?.expose_secret();
    let has_communities = spec.kind == GatewayKind::Whatsmiau;
    let is_versioned = spec.base_url.as_str().ends_with("/v1");
    let version = if has_communities && !is_versioned { "/v1" } else { "" };
    let wire =
        Evolution { version, name: instance.to_owned(), path_name: encoded(instance), has_communities };
    Ok(client(spec, parts, headers, wire))
}

struct Evolution {
    /// The beginning of every path.
    version: &'static str,
    /// The instance's name.
    name: String,
    path_name: String,
    /// It is `whatsmiau`.
    has_communities: bool,
}

impl Evolution {
    fn instance(&self, action: &str, query: &str) -> String {
        format!("{}/instance/{action}/{}{query}", self.version, self.path_name)
    }

    /// The path of an action on groups, with its parameter.
    fn group(&self, action: &str, name: &str, value: &str) -> String {
        format!("{}/group/{action}/{}?{name}={}", self.version, self.path_name, encoded(value))
    }

    fn community(&self, action: &str) -> String {
        format!("{}/instance/{}/community/{action}", self.version, self.path_name)
    }
}

impl Wire for Evolution {
    fn capabilities(&self) -> Capabilities {
        if self.has_communities {
            return Capabilities {
                links: true,
                unlinks: true,
                listings_from_groups: false,
                announcements_in_listing: true,
                most_listed: Some(500),
                ..CAPABILITIES
            };
        }
        CAPABILITIES
    }

    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn fields(&self) -> &'static GroupFields {
        if self.has_communities { &OF_WHATSMIAU } else { &FIELDS }
    }

    fn state(&self) -> Ask {
        Ask::get(self.instance("connectionState", ""))
    }

    fn connection(&self, body: &Value) -> Result<Connection, Failure> {
        let root = body.as_object().ok_or_else(|| Failure::new(FailureKind::Malformed).with_status(200))?;
        let nested = body.get("instance").and_then(Value::as_object);
        let word = [nested, Some(root)].into_iter().flatten().find_map(|object| text(object, &["state"]));
        // Without a state there is no such instance.
        let word = word.ok_or_else(|| Failure::new(FailureKind::UnknownInstance).with_status(200))?;
        let state = match word {
            "open" => ConnectionState::Connected,
            "connecting" => ConnectionState::Connecting,
            word => ConnectionState::NotConnected(Some(Name::new(word))),
        };
        Ok(Connection { state, number: None })
    }

    fn number(&self) -> Option<Ask> {
        let path = format!("{}/instance/fetchInstances?instanceName={}", self.version, self.path_name);
        Some(Ask::get(path))
    }

    /// The list may contain other instances, and their secrets: only the own number is read.
    fn read_number(&self, body: &Value) -> Option<String> {
        let is_own = |entry: &&Object| {
            ["instanceName", "name", "id"].iter().any(|name| text(entry, &[name]) == Some(&self.name))
        };
        let entries = body.as_array()?.iter().filter_map(|entry| {
            entry.get("instance").and_then(Value::as_object).or_else(|| entry.as_object())
        });
        let own = entries.into_iter().find(is_own)?;
        ["ownerJid", "owner", "remoteJID", "number"].iter().find_map(|name| own_number(text(own, &[name])?))
    }

    fn groups(&self) -> Ask {
        Ask::get(self.group("fetchAllGroups", "getParticipants", "false"))
    }

    /// Evolution API asks `WhatsApp` for a picture of each group, one after the other.
    fn slowest_list(&self) -> Duration {
        if self.has_communities { Duration::ZERO } else { Duration::from_secs(600) }
    }

    fn listing(&self, community: &CommunityId) -> Option<Ask> {
        let id = encoded(community.as_str());
        self.has_communities.then(|| Ask::get(format!("{}?communityJid={id}", self.community("subGroups"))))
    }

    fn details(&self, group: &GroupId) -> Ask {
        Ask::get(self.group("findGroupInfos", "groupJid", group.as_str()))
    }

    fn invite_link(&self, group: &GroupId) -> Option<Ask> {
        Some(Ask::get(self.group("inviteCode", "groupJid", group.as_str())))
    }

    fn invited(&self, code: &str) -> Ask {
        Ask::get(self.group("inviteInfo", "inviteCode", code))
    }

    fn change(&self, change: Change, community: &CommunityId, group: &GroupId) -> Option<Ask> {
        let action = match change {
            Change::Link => "linkGroup",
            Change::Unlink => "unlinkGroup",
        };
        let body = json!({ "parentJid": community.as_str(), "childJid": group.as_str() });
        self.has_communities.then(|| Ask::post(self.community(action), body))
    }

    fn leave(&self, group: &GroupId) -> Ask {
        Ask::delete(self.group("leaveGroup", "groupJid", group.as_str()))
    }

    /// A `GET` that joins: a write in everything but its method.
    fn join(&self, code: &str) -> Ask {
        Ask::get(self.group("acceptInviteCode", "inviteCode", code))
    }

    fn connect(&self, way: &Way) -> Option<Ask> {
        match way {
            Way::Qr => Some(Ask::get(self.instance("connect", ""))),
            Way::Number(number) => {
                Some(Ask::get(self.instance("connect", &format!("?number={}", encoded(number.expose())))))
            }
            Way::Session => None,
        }
    }

    fn offer(&self, way: &Way, body: &Value) -> Option<Offer> {
        let object = body.as_object()?;
        let private = |name| text(object, &[name]).and_then(Private::new);
        match way {
            Way::Qr => {
                let picture = || text(object, &["base64"]).map(|_| Offer::Picture);
                private("code").map(Offer::Qr).or_else(picture)
            }
            Way::Number(_) => private("pairingCode").map(Offer::Code),
            Way::Session => None,
        }
    }
}

/// The text of an error. `whatsmiau` gives the class in `message` and the library's text beside it. Evolution API gives a text or
/// nested lists of texts; the last text is the most precise.
fn words(body: &Value) -> Option<&str> {
    let object = body.as_object()?;
    let class = text(object, &["message"]);
    let detail = text(object, &["errorMessage"]);
    if class.is_none_or(|class| class == "operation failed") && detail.is_some() {
        return detail;
    }
    let nested =
        object.get("response").and_then(|response| last_text(response.get("message").unwrap_or(response)));
    nested.or(class).or_else(|| last_text(object.get("message")?)).or_else(|| text(object, &["error"]))
}

fn last_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(words) => Some(words.trim()).filter(|words| !words.is_empty()),
        Value::Array(entries) => entries.iter().rev().find_map(last_text),
        _ => None,
    }
}

fn route(path: &str) -> String {
    const WORDS: [&str; 16] = [
        "instance",
        "group",
        "community",
        "connectionState",
        "fetchInstances",
        "connect",
        "fetchAllGroups",
        "findGroupInfos",
        "inviteCode",
        "inviteInfo",
        "acceptInviteCode",
        "leaveGroup",
        "linkGroup",
        "unlinkGroup",
        "subGroups",
        "v1",
    ];
    route_of(path, &WORDS)
}

/// The meaning of a text (`docs/gateways/whatsmiau.md`, 2; `docs/gateways/evolution.md`, 2). `whatsmiau` answers 500 to
/// everything that `WhatsApp` refuses.
fn meaning(status: u16, words: &str) -> Option<FailureKind> {
    let lower = words.to_ascii_lowercase();
    let speaks_of_the_instance = lower.contains("instance");
    if lower.contains("is not connected") || lower.contains("connection closed") {
        Some(FailureKind::NotConnected)
    } else if speaks_of_the_instance && (lower.contains("not found") || lower.contains("does not exist")) {
        Some(FailureKind::UnknownInstance)
    } else if lower.contains("not a member of this group") {
        Some(FailureKind::NotMember)
    } else if lower.contains("cannot get") || lower.contains("cannot post") || lower.contains("cannot delete")
    {
        Some(FailureKind::WrongRequest)
    } else if status == 404 && lower.contains("error fetching group") {
        // Evolution API gives this answer to every failure of a group's details, so a second request would not show the reason.
        Some(FailureKind::Refused)
    } else if status == 404 && lower != "group not found" {
        Some(FailureKind::GatewayError)
    } else if status == 422 || lower == "invalid request body" {
        Some(FailureKind::WrongRequest)
    } else {
        None
    }
}
