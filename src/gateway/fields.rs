//! Reads groups from the JSON of gateways that call the fields of one library by names of their own: one reader, and a table of
//! names per gateway. Lenient: every field is optional, and one of an unexpected type counts as absent.

use serde_json::Value;

use super::{
    json::{Named, Object, count, flag, named, text},
    members::{Member, MemberList, Participant},
};
use crate::domain::{
    community::{CommunityRef, Group, GroupDetails, GroupKind, Parent, Role, Subgroup},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    invite::InviteLink,
    name::Name,
};

/// The names of a gateway's fields.
pub(super) struct GroupFields {
    /// The places where a list may be; the last that an answer has counts.
    pub(super) lists: &'static [&'static str],
    /// The places where a group's details may be, beside the root.
    pub(super) details: &'static [&'static str],
    pub(super) ids: &'static [&'static str],
    /// The fields with the id of an entry in the list of communities.
    pub(super) community_ids: &'static [&'static str],
    pub(super) names: &'static [&'static str],
    pub(super) descriptions: &'static [&'static str],
    /// The community that a group is in.
    pub(super) parent: &'static str,
    /// The contract says that the field is left out if a group is in no community.
    pub(super) omits_no_parent: bool,
    /// The flag that an entry is a community.
    pub(super) is_community: &'static str,
    pub(super) is_announcements: &'static str,
    /// The flag of an announcement group is false if everybody may write in it, so an entry of a community without it may be one.
    pub(super) loses_announcements: bool,
    pub(super) members: &'static [&'static str],
    pub(super) participants: &'static str,
    /// The list of groups contains their members.
    pub(super) lists_members: bool,
    /// The flag that the own number is an admin.
    pub(super) own_admin: &'static str,
    pub(super) invites: &'static [&'static str],
}

/// The ids of a participant, whatever the gateway.
const PEOPLE: [&str; 8] = ["id", "jid", "lid", "phone", "phoneNumber", "JID", "PhoneNumber", "LID"];

/// The kind of an entry in the list of groups.
pub(super) enum Listed {
    Group(Group),
    /// Plainly not a group.
    OtherChat,
    Unreadable,
}

/// An entry of a list of subgroups, and whether it says it is the announcement group; `None` if it cannot be read.
pub(super) type SubgroupEntry = Option<(Subgroup, bool)>;

/// A group's id; digits alone get the usual suffix.
pub(super) fn group_id(text: &str) -> Option<GroupId> {
    let bare = text.strip_suffix("@g.us").unwrap_or(text);
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_id = bare.split('-').count() <= 2 && bare.split('-').all(is_part);
    is_id.then(|| GroupId::parse(&format!("{bare}@g.us")).ok()).flatten()
}

/// The place of the list in an answer, whose entries were already taken. `null` is an empty list, but not an answer.
pub(super) fn place_of_list(body: &Value, places: &[&'static str]) -> Option<&'static str> {
    let is_list = |place: &&&'static str| match (**place, body) {
        ("", body) => body.is_array(),
        (name, body) => matches!(body.get(name), Some(Value::Array(_) | Value::Null)),
    };
    places.iter().find(is_list).copied()
}

impl GroupFields {
    /// An entry of the list of groups; `own` is the instance's number.
    pub(super) fn listed(&self, entry: &Value, own: Option<&str>) -> Listed {
        let Some(object) = entry.as_object() else { return Listed::Unreadable };
        let Some(id) = self.id(object) else {
            let given = text(object, self.ids).unwrap_or_default();
            let is_other = ["@newsletter", "@broadcast", "@s.whatsapp.net", "@lid"];
            let is_other = is_other.iter().any(|kind| given.ends_with(kind));
            return if is_other { Listed::OtherChat } else { Listed::Unreadable };
        };
        let people = self.people(object);
        let parent = self.parent(object, &id);
        let group = Group {
            name: self.name(object),
            members: self.count(object, people.as_ref()),
            role: self.role(object, people.as_ref(), own),
            kind: self.kind(object, &parent),
            parent,
            id,
        };
        Listed::Group(group.without_zero_values())
    }

    /// An entry of a list of communities.
    pub(super) fn community(&self, entry: &Value) -> Option<CommunityRef> {
        let object = entry.as_object()?;
        let id = CommunityId::from(&group_id(text(object, self.community_ids)?)?);
        Some(CommunityRef { id, name: text(object, self.names).map(Name::new) })
    }

    /// An entry of a list of subgroups.
    pub(super) fn subgroup(&self, entry: &Value) -> SubgroupEntry {
        let object = entry.as_object()?;
        let is_announcements = flag(object, &[self.is_announcements, "isDefaultSubGroup"]) == Some(true);
        Some((Subgroup { id: self.id(object)?, name: self.name(object) }, is_announcements))
    }

    /// A group's details. An answer about another group than `asked`, or one without an id or a name, is malformed.
    pub(super) fn details(
        &self,
        body: &Value,
        asked: Option<&GroupId>,
        own: Option<&str>,
    ) -> Result<GroupDetails, Failure> {
        let malformed = || Failure::new(FailureKind::Malformed).with_status(200);
        let object = self.detail(body).ok_or_else(malformed)?;
        let id = match asked {
            Some(asked) => {
                let is_asked = |id: &str| group_id(id).is_some_and(|id| id.same_as(asked));
                match named([object], self.ids, is_asked) {
                    Named::Another => return Err(malformed()),
                    Named::Nothing if text(object, self.names).is_none() => return Err(malformed()),
                    Named::Nothing | Named::Asked => asked.clone(),
                }
            }
            None => self.id(object).ok_or_else(malformed)?,
        };
        let people = self.people(object);
        let parent = self.parent(object, &id);
        let details = GroupDetails {
            name: self.name(object),
            description: text(object, self.descriptions).map(Name::new),
            members: self.count(object, people.as_ref()),
            role: self.role(object, people.as_ref(), own),
            admins: people.as_ref().and_then(MemberList::admins),
            own_number_listed: Member::find(people.as_ref(), own).is_listed,
            kind: self.kind(object, &parent),
            parent,
            has_invite_link: self.invite_link(body).is_some(),
            id,
        };
        Ok(details.without_zero_values())
    }

    /// The invite link in an answer, or its code: a secret.
    pub(super) fn invite_link(&self, body: &Value) -> Option<InviteLink> {
        text(self.detail(body)?, self.invites).and_then(InviteLink::new)
    }

    fn detail<'a>(&self, body: &'a Value) -> Option<&'a Object> {
        let nested = self.details.iter().find_map(|place| body.get(place)?.as_object());
        nested.or_else(|| body.as_object())
    }

    fn id(&self, object: &Object) -> Option<GroupId> {
        self.ids.iter().find_map(|name| text(object, &[name]).and_then(group_id))
    }

    /// The name, empty if the group has no name.
    fn name(&self, object: &Object) -> Name {
        Name::new(text(object, self.names).unwrap_or_default())
    }

    fn people(&self, object: &Object) -> Option<MemberList> {
        let entries = object.get(self.participants)?.as_array()?;
        let people = entries.iter().map(|entry| Participant::read(entry, &PEOPLE)).collect();
        Some(MemberList::new(people, count(object, self.members)))
    }

    /// The stated number of members, or else how many are listed. The library says 0 if it did not count.
    fn count(&self, object: &Object, people: Option<&MemberList>) -> Option<u32> {
        let stated = count(object, self.members);
        stated.into_iter().chain(people.and_then(MemberList::listed)).max().filter(|count| *count > 0)
    }

    fn role(&self, object: &Object, people: Option<&MemberList>, own: Option<&str>) -> Role {
        match flag(object, &[self.own_admin]) {
            Some(true) => Role::Admin,
            Some(false) => Role::Member,
            None => Member::find(people, own).role,
        }
    }

    fn parent(&self, object: &Object, id: &GroupId) -> Parent {
        match object.get(self.parent) {
            Some(Value::String(parent)) if !parent.trim().is_empty() => match group_id(parent.trim()) {
                Some(parent) if !id.same_as(&parent) => Parent::Community(CommunityId::from(&parent)),
                _ => Parent::Unknown,
            },
            Some(Value::Null | Value::String(_)) => Parent::None,
            None if self.omits_no_parent => Parent::None,
            Some(_) | None => Parent::Unknown,
        }
    }

    fn kind(&self, object: &Object, parent: &Parent) -> GroupKind {
        let is_in_a_community = matches!(parent, Parent::Community(_));
        match (flag(object, &[self.is_community]), flag(object, &[self.is_announcements])) {
            (Some(true), _) => GroupKind::Community,
            (_, Some(true)) => GroupKind::Announcements,
            _ if is_in_a_community && self.loses_announcements => GroupKind::Unknown,
            (Some(false), _) => GroupKind::Ordinary,
            // A community is in no other community.
            (None, _) if is_in_a_community => GroupKind::Ordinary,
            (None, _) => GroupKind::Unknown,
        }
    }
}
