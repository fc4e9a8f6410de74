//! `RyzeAPI`'s JSON, read leniently: unknown fields are ignored, every field is optional, and a field of an unexpected type
//! counts as absent instead of failing the whole answer (`docs/gateways/ryzeapi.md`, 0).
//!
//! It knows the names and shapes of fields and draws no conclusions from them.

use serde_json::Value;

use crate::{
    domain::{
        id::{CommunityId, GroupId},
        invite::InviteLink,
        private::Private,
    },
    gateway::{
        json::{Named, Object, count, flag, is_same, listed_entry, lists_id, named, text},
        members::{MemberList, Participant},
    },
};

/// The fields that may hold a group's id.
const IDS: [&str; 3] = ["groupJid", "jid", "id"];

/// The ids of a participant.
const PEOPLE: [&str; 4] = ["jid", "lid", "phoneNumber", "phone"];

/// The content of a field that may name a community.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ParentField {
    Absent,
    Standalone,
    Community(String),
}

/// A group, in a list or on its own.
#[derive(Debug)]
pub(super) struct WireGroup {
    /// The id, if it is a group's.
    pub(super) id: Option<GroupId>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) members: Option<u32>,
    pub(super) participants: Option<MemberList>,
    pub(super) parent: ParentField,
    pub(super) is_community: Option<bool>,
    pub(super) is_announcements: Option<bool>,
    /// The invite link, or else its code: a secret.
    pub(super) invite: Option<InviteLink>,
}

/// An instance.
#[derive(Debug)]
pub(super) struct WireInstance {
    pub(super) name: Option<String>,
    pub(super) state: Option<String>,
    pub(super) number: Option<String>,
}

/// What the gateway offers to the phone for pairing.
#[derive(Debug)]
pub(super) struct WireOffer {
    /// The text of a QR code.
    pub(super) qr: Option<Private>,
    pub(super) has_picture: bool,
    pub(super) code: Option<Private>,
}

/// What the answer to a link or an unlink says about one group.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WireMoved {
    pub(super) is_in_linked: bool,
    pub(super) is_in_failed: bool,
    pub(super) reason: Option<String>,
}

/// The text of a failed answer: the error's text, or else the message.
pub(super) fn words(body: &Value) -> Option<&str> {
    error_text(body).or_else(|| text(body.as_object()?, &["message"]))
}

/// The text of an error only: any answer may have a message.
pub(super) fn error_text(body: &Value) -> Option<&str> {
    match body.get("error")? {
        Value::Object(error) => text(error, &["message"]),
        Value::String(words) if !words.trim().is_empty() => Some(words),
        _ => None,
    }
}

/// Whether the answer contains an error, with or without words.
pub(super) fn has_error(body: &Value) -> bool {
    match body.get("error") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(words)) => !words.trim().is_empty(),
        Some(Value::Object(error)) => !error.is_empty(),
        Some(_) => true,
    }
}

/// The text of an error in the gateway's own envelope (`docs/gateways/ryzeapi.md`, 4), which a proxy's JSON does not have.
pub(super) fn own_error(body: &Value) -> Option<&str> {
    let error = body.get("error")?.as_object()?;
    text(error, &["message"]).filter(|_| success(body) == Some(false))
}

/// Whether an entry of a list is plainly another kind of chat.
pub(super) fn is_other_chat(value: &Value) -> bool {
    let id = value.as_object().and_then(|object| text(object, &IDS));
    id.is_some_and(|id| id.ends_with("@newsletter") || id.ends_with("@broadcast"))
}

/// Whether the answer says that it is a success; `None` if it does not say.
pub(super) fn success(body: &Value) -> Option<bool> {
    flag(body.as_object()?, &["success"])
}

/// The answer's message.
pub(super) fn message(body: &Value) -> &str {
    body.as_object().and_then(|body| text(body, &["message"])).unwrap_or_default()
}

/// What an answer says about its community, in any of the places where that may be.
pub(super) fn named_community(body: &Value, asked: &CommunityId) -> Named {
    let data = body.get("data");
    let places = [Some(body), data, body.get("community"), data.and_then(|data| data.get("community"))];
    let is_asked = |id: &str| CommunityId::parse(id).is_ok_and(|id| id.same_as(asked));
    named(objects(places), &["communityJid", "communityId", "groupJid", "jid", "id"], is_asked)
}

/// What an answer says about its group, in any of the places where that may be.
pub(super) fn named_group(body: &Value, asked: &GroupId) -> Named {
    named(objects(places_of_detail(body)), &IDS, |id| is_same(id, asked))
}

/// What the answer to a write says about its group.
pub(super) fn named_in_a_claim(body: &Value, asked: &GroupId) -> Named {
    named(objects([Some(body), body.get("data")]), &["groupJid", "jid"], |id| is_same(id, asked))
}

fn objects<'a>(places: impl IntoIterator<Item = Option<&'a Value>>) -> impl Iterator<Item = &'a Object> {
    places.into_iter().flatten().filter_map(Value::as_object)
}

/// The place of the items under a name: at the root, or else as `data`, or else within `data`. `null` is an empty list.
pub(super) fn place_of_items(body: &Value, name: &str) -> Option<Vec<String>> {
    let is_list = |value: Option<&Value>| matches!(value, Some(Value::Array(_) | Value::Null));
    let data = body.get("data").filter(|data| !data.is_null());
    if is_list(body.get(name)) {
        Some(vec![name.to_owned()])
    } else if data.is_some_and(Value::is_array) {
        Some(vec!["data".to_owned()])
    } else {
        is_list(data?.get(name)).then(|| vec!["data".to_owned(), name.to_owned()])
    }
}

/// A group's details: under `group`, or else within or as `data`, or else at the root.
pub(super) fn detail(body: &Value) -> Option<WireGroup> {
    places_of_detail(body).into_iter().flatten().find(|value| value.is_object()).and_then(group)
}

fn places_of_detail(body: &Value) -> [Option<&Value>; 4] {
    let data = body.get("data");
    [body.get("group"), data.and_then(|data| data.get("group")), data, Some(body)]
}

/// A group; `None` if the value is not an object.
pub(super) fn group(value: &Value) -> Option<WireGroup> {
    let object = value.as_object()?;
    let participants = object.get("participants").and_then(Value::as_array);
    let parent_flags = [flag(object, &["isParent"]), flag(object, &["isCommunity"])];
    let counts = [count(object, &["memberCount"]), count(object, &["participantCount"])];
    let members = counts.into_iter().flatten().next();
    let stated = counts.into_iter().flatten().max();
    let list = |entries: &Vec<Value>| {
        MemberList::new(entries.iter().map(|entry| Participant::read(entry, &PEOPLE)).collect(), stated)
    };
    Some(WireGroup {
        id: IDS.iter().find_map(|name| text(object, &[name]).and_then(group_id)),
        name: text(object, &["name", "subject"]).map(str::to_owned),
        description: text(object, &["description"]).map(str::to_owned),
        members: members.or_else(|| u32::try_from(participants?.len()).ok()),
        participants: participants.map(list),
        parent: parent(object),
        // Either flag makes it a community: it is the costlier mistake to treat a community as a group.
        is_community: if parent_flags.contains(&Some(true)) {
            Some(true)
        } else {
            parent_flags.into_iter().flatten().next()
        },
        is_announcements: flag(object, &["isDefaultSubGroup"]),
        invite: text(object, &["inviteLink", "inviteCode"]).and_then(InviteLink::new),
    })
}

/// An instance; `None` if the value is not an object.
pub(super) fn instance(value: &Value) -> Option<WireInstance> {
    let object = value.as_object()?;
    let empty = Object::new();
    let connection = object.get("connection").and_then(Value::as_object).unwrap_or(&empty);
    let state = text(connection, &["state"]).or_else(|| text(object, &["status"]));
    let number = text(connection, &["numberJid"]).or_else(|| text(object, &["numberJid"]));
    Some(WireInstance {
        name: text(object, &["name"]).map(str::to_owned),
        state: state.map(str::to_owned),
        number: number.map(str::to_owned),
    })
}

/// The content of an answer to a connect request: all of it is secret.
pub(super) fn offer(body: &Value) -> WireOffer {
    let places = [Some(body), body.get("data")].into_iter().flatten().filter_map(Value::as_object);
    let field = |names: &[&str]| places.clone().find_map(|place| text(place, names));
    WireOffer {
        qr: field(&["qrCode"]).filter(|text| !text.starts_with("data:")).and_then(Private::new),
        has_picture: field(&["qrCodeBase64", "qrCode"]).is_some(),
        code: field(&["pairingCode"]).and_then(Private::new),
    }
}

/// What the arrays of a link or an unlink say about one group. For both, `linked` holds the groups that succeeded.
pub(super) fn moved(body: &Value, group: &GroupId) -> WireMoved {
    let failed = listed_entry(body, "failed", group);
    let reason = failed
        .and_then(Value::as_object)
        .and_then(|entry| error_text_of(entry).or_else(|| text(entry, &["reason", "message"])));
    WireMoved {
        is_in_linked: lists_id(body, "linked", group),
        is_in_failed: failed.is_some(),
        reason: reason.map(str::to_owned),
    }
}

fn error_text_of(entry: &Object) -> Option<&str> {
    match entry.get("error")? {
        Value::Object(error) => text(error, &["message"]),
        Value::String(words) => Some(words.as_str()).filter(|words| !words.trim().is_empty()),
        _ => None,
    }
}

fn group_id(text: &str) -> Option<GroupId> {
    let is_group = text.strip_suffix("@g.us").is_some_and(|bare| !bare.is_empty());
    is_group.then(|| GroupId::parse(text).ok()).flatten()
}

fn parent(object: &Object) -> ParentField {
    match object.get("linkedParentJid") {
        Some(Value::Null) => ParentField::Standalone,
        Some(Value::String(id)) if id.trim().is_empty() => ParentField::Standalone,
        Some(Value::String(id)) => ParentField::Community(id.trim().to_owned()),
        _ => ParentField::Absent,
    }
}
