//! Z-API's JSON: the names and shapes of its fields, read leniently, without conclusions from them.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    domain::{
        id::{CommunityId, GroupId},
        invite::InviteLink,
    },
    gateway::{
        json::{Named, Object, count, flag, id_text, named, text},
        members::{MemberList, Participant},
    },
};

/// The ids of a participant.
const PEOPLE: [&str; 2] = ["phone", "lid"];

/// The content of `/status`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WireStatus<'a> {
    pub(super) is_connected: Option<bool>,
    /// The status as a text; `error` contains it even when all is well.
    pub(super) words: Option<&'a str>,
    /// Whether the phone behind the instance is online.
    pub(super) is_phone_online: Option<bool>,
}

/// An entry of the list of groups, or of a community's subgroups.
#[derive(Debug)]
pub(super) struct WireGroup<'a> {
    pub(super) phone: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) is_group: Option<bool>,
    pub(super) is_announcements: Option<bool>,
}

/// The content of a field that may name a community.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ParentField<'a> {
    Absent,
    Standalone,
    Community(&'a str),
}

/// A group's metadata. The older form of groups has fewer of these fields.
#[derive(Debug)]
pub(super) struct WireDetails<'a> {
    pub(super) subject: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    pub(super) parent: ParentField<'a>,
    pub(super) is_announcements: Option<bool>,
    pub(super) participants: Option<MemberList>,
    /// The stated number of members, or else the number of entries in the list of participants, readable or not.
    pub(super) members: Option<u32>,
}

/// The text of a failed answer: the error's text, or else the message. For an unknown path the message says more.
pub(super) fn words(body: &Value) -> Option<&str> {
    let object = body.as_object()?;
    let message = text(object, &["message"]);
    match error_text(object) {
        Some("NOT_FOUND") => message.or(Some("NOT_FOUND")),
        Some(words) => Some(words),
        None => message,
    }
}

/// The text of an answer that contains an error, empty if the error has no text; `None` if there is no error.
pub(super) fn error(body: &Value) -> Option<&str> {
    let is_none = match body.get("error")? {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    };
    (!is_none).then(|| words(body).unwrap_or_default())
}

/// The text of the gateway's own error only: a proxy's answers may have a message too.
pub(super) fn own_error(body: &Value) -> Option<&str> {
    error_text(body.as_object()?)
}

fn error_text(object: &Object) -> Option<&str> {
    match object.get("error")? {
        Value::Object(error) => text(error, &["message"]),
        _ => text(object, &["error"]),
    }
}

/// The answer's message.
pub(super) fn message(body: &Value) -> &str {
    body.as_object().and_then(|body| text(body, &["message"])).unwrap_or_default()
}

/// The flag of a write, under either of its names; `None` if both are missing, or if the two differ.
pub(super) fn outcome(body: &Value) -> Option<bool> {
    let object = body.as_object()?;
    match (flag(object, &["success"]), flag(object, &["value"])) {
        (Some(one), Some(other)) => (one == other).then_some(one),
        (one, other) => one.or(other),
    }
}

/// Whether the answer to a read reports no success, under either name.
pub(super) fn says_no(body: &Value) -> bool {
    let Some(object) = body.as_object() else { return false };
    [&["success"], &["value"]].into_iter().any(|names| flag(object, names) == Some(false))
}

pub(super) fn status(body: &Value) -> Option<WireStatus<'_>> {
    let object = body.as_object()?;
    Some(WireStatus {
        is_connected: flag(object, &["connected"]),
        words: words(body),
        is_phone_online: flag(object, &["smartphoneConnected"]),
    })
}

/// A text field of an object.
pub(super) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    text(value.as_object()?, &[name])
}

/// A field that holds an id, as a text or a number.
pub(super) fn id_field<'a>(value: &'a Value, name: &str) -> Option<Cow<'a, str>> {
    id_text(value.as_object()?.get(name)?)
}

/// What an answer says about its community, in any of the places where that may be.
pub(super) fn named_community(body: &Value, asked: &CommunityId) -> Named {
    let is_asked = |id: &str| CommunityId::parse(id).is_ok_and(|id| id.same_as(asked));
    named(objects(body), &["id", "communityId"], is_asked)
}

/// What an answer says about its group, in any of the places where that may be.
pub(super) fn named_group(body: &Value, asked: &GroupId) -> Named {
    let is_asked = |id: &str| GroupId::parse(id).is_ok_and(|id| id.same_as(asked));
    named(objects(body), &["phone", "groupId"], is_asked)
}

fn objects(body: &Value) -> impl Iterator<Item = &Object> {
    [Some(body), body.get("data")].into_iter().flatten().filter_map(Value::as_object)
}

/// An entry for a group; `None` if the value is not an object.
pub(super) fn group(value: &Value) -> Option<WireGroup<'_>> {
    let object = value.as_object()?;
    Some(WireGroup {
        phone: text(object, &["phone"]),
        name: text(object, &["name"]),
        is_group: flag(object, &["isGroup"]),
        is_announcements: flag(object, &["isGroupAnnouncement"]),
    })
}

/// A group's metadata; `None` if the value is not an object.
pub(super) fn details(body: &Value) -> Option<WireDetails<'_>> {
    let object = body.as_object()?;
    let participants = object.get("participants").and_then(Value::as_array);
    let stated = count(object, &["participantsCount", "participantCount", "memberCount"]);
    let list = |entries: &Vec<Value>| {
        MemberList::new(entries.iter().map(|entry| Participant::read(entry, &PEOPLE)).collect(), stated)
    };
    let listed = participants.and_then(|entries| u32::try_from(entries.len()).ok());
    Some(WireDetails {
        subject: text(object, &["subject", "name"]),
        description: text(object, &["description"]),
        parent: parent(object),
        is_announcements: flag(object, &["isGroupAnnouncement"]),
        participants: participants.map(list),
        members: stated.max(listed).filter(|count| *count > 0),
    })
}

/// The invitation link in an answer: a secret.
pub(super) fn invite_link(body: &Value) -> Option<InviteLink> {
    field(body, "invitationLink").and_then(InviteLink::new)
}

/// The code in an answer to a connect request, or the answer itself: a secret.
pub(super) fn code(body: &Value) -> Option<&str> {
    match body {
        Value::String(code) => Some(code.trim()).filter(|code| !code.is_empty()),
        _ => text(body.as_object()?, &["value", "code", "qrCode", "phoneCode"]),
    }
}

/// Whether an entry of the list of chats is plainly not a group.
pub(super) fn is_other_chat(value: &Value) -> bool {
    let Some(entry) = group(value) else { return false };
    let is_person = |phone: &str| !phone.is_empty() && phone.bytes().all(|byte| byte.is_ascii_digit());
    let is_other = |phone: &str| {
        is_person(phone) || ["@newsletter", "@broadcast", "@lid"].iter().any(|kind| phone.ends_with(kind))
    };
    entry.phone.is_some_and(|phone| entry.is_group == Some(false) || is_other(phone))
}

/// A group's id in a list that may contain other chats: `digits-group`, or the older `digits-digits`.
pub(super) fn group_id(text: &str) -> Option<GroupId> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_group = match text.strip_suffix("-group") {
        Some(bare) => !bare.is_empty(),
        None => text.split_once('-').is_some_and(|(creator, time)| is_digits(creator) && is_digits(time)),
    };
    is_group.then(|| GroupId::parse(text).ok()).flatten()
}

fn parent(object: &Object) -> ParentField<'_> {
    match object.get("communityId") {
        Some(Value::Null) => ParentField::Standalone,
        Some(Value::String(id)) if id.trim().is_empty() => ParentField::Standalone,
        Some(Value::String(id)) => ParentField::Community(id.trim()),
        _ => ParentField::Absent,
    }
}
