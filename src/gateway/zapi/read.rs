//! Translates Z-API's answers to reads into our own types. Pure: makes no request.

use std::collections::HashSet;

use serde_json::Value;

use super::wire::{self, ParentField, WireDetails};
use crate::{
    domain::{
        community::{
            CommunityListing, CommunityRef, Group, GroupDetails, GroupKind, GroupList, Parent, Role, Subgroup,
        },
        evidence::may_be_cut,
        failure::{Failure, FailureKind},
        id::{CommunityId, GroupId},
        invite::InviteLink,
        name::Name,
        time::Millis,
    },
    gateway::{
        json::Named,
        members::{self, Member, MemberList},
    },
};

fn malformed() -> Failure {
    Failure::new(FailureKind::Malformed).with_status(200)
}

fn no_listing() -> Failure {
    Failure::new(FailureKind::NoListing).with_status(200)
}

/// The communities (`docs/gateways/zapi.md`, 7.1); an entry without an id is ignored.
pub(super) fn communities(items: Vec<Option<CommunityRef>>) -> Vec<CommunityRef> {
    let mut seen = HashSet::new();
    let communities = items.into_iter().flatten();
    communities.filter(|community| seen.insert(community.id.bare().to_owned())).collect()
}

/// Reads one entry of the list of communities.
pub(super) fn listed_community(item: &Value) -> Option<CommunityRef> {
    let id = CommunityId::parse(wire::field(item, "id")?).ok()?;
    Some(CommunityRef { id, name: wire::field(item, "name").map(Name::new) })
}

/// The kind of an entry in the list of groups.
pub(super) enum ListedGroup {
    Group(Group),
    /// Plainly not a group.
    OtherChat,
    Unreadable,
}

/// The list of groups (`docs/gateways/zapi.md`, 8.1). It shows neither community nor role. Its pages show whether it may be
/// incomplete.
pub(super) fn groups(items: Vec<ListedGroup>, begun: Millis) -> GroupList {
    let mut seen = HashSet::new();
    let mut groups = Vec::with_capacity(items.len());
    let mut skipped = 0;
    for item in items {
        match item {
            ListedGroup::Group(group) if seen.insert(group.id.clone()) => groups.push(group),
            ListedGroup::Group(_) | ListedGroup::OtherChat => {}
            ListedGroup::Unreadable => skipped += 1,
        }
    }
    GroupList { begun, groups: groups.into(), skipped, is_cut: false }
}

/// Reads one entry of the list of groups.
pub(super) fn listed_group(item: &Value) -> ListedGroup {
    let found = wire::group(item).and_then(|group| {
        let is_announcements = group.is_announcements == Some(true);
        let is_chat = group.is_group == Some(false) && !is_announcements;
        let id = group.phone.and_then(wire::group_id).filter(|_| !is_chat)?;
        Some((id, group.name.map(Name::new), is_announcements))
    });
    let Some((id, name, is_announcements)) = found else {
        return if wire::is_other_chat(item) { ListedGroup::OtherChat } else { ListedGroup::Unreadable };
    };
    let group = Group {
        name: name.unwrap_or_else(|| Name::new("")),
        id,
        members: None,
        role: Role::Unknown,
        parent: Parent::Unknown,
        // The list may contain announcement groups without marking them.
        kind: if is_announcements { GroupKind::Announcements } else { GroupKind::Unknown },
    };
    ListedGroup::Group(group.without_zero_values())
}

/// A community's metadata as its listing (`docs/gateways/zapi.md`, 7.2).
///
/// An answer without subgroups is not a listing. Neither is an empty list, because a community always has its announcements
/// group. One unreadable entry makes the whole answer malformed: its group would be taken for unlinked.
pub(super) fn listing(
    body: &Value,
    items: Vec<SubgroupEntry>,
    community: &CommunityId,
    begun: Millis,
) -> Result<CommunityListing, Failure> {
    if wire::named_community(body, community) == Named::Another {
        return Err(malformed());
    }
    if items.is_empty() {
        return Err(no_listing());
    }
    let mut listing = CommunityListing {
        community: community.clone(),
        name: wire::field(body, "name").map(Name::new),
        begun,
        announcements: None,
        subgroups: Vec::with_capacity(items.len()),
        is_cut: may_be_cut(items.len()),
    };
    let mut seen = HashSet::new();
    for item in items {
        let (subgroup, is_announcements) = item.ok_or_else(malformed)?;
        if !seen.insert(subgroup.id.clone()) {
            continue;
        }
        if !is_announcements {
            listing.subgroups.push(subgroup);
        } else if listing.announcements.is_none() {
            listing.announcements = Some(subgroup);
        }
    }
    Ok(listing)
}

/// An entry of a community's subgroups, and whether it says it is the announcement group; `None` if it cannot be read.
pub(super) type SubgroupEntry = Option<(Subgroup, bool)>;

/// Reads one entry of a community's subgroups.
pub(super) fn subgroup(item: &Value) -> SubgroupEntry {
    let group = wire::group(item)?;
    let id = GroupId::parse(group.phone?).ok()?;
    let name = Name::new(group.name.unwrap_or_default());
    Some((Subgroup { id, name }, group.is_announcements == Some(true)))
}

/// One group's metadata (`docs/gateways/zapi.md`, 8.2), before its invite link is known; `own` is the instance's number. An
/// answer about another group, or an empty one, is malformed.
pub(super) fn details(body: &Value, asked: &GroupId, own: Option<&str>) -> Result<GroupDetails, Failure> {
    let group = wire::details(body).ok_or_else(malformed)?;
    let named = wire::named_group(body, asked);
    if named == Named::Another || (named == Named::Nothing && group.subject.is_none()) {
        return Err(malformed());
    }
    let member = Member::find(group.participants.as_ref(), own);
    let details = GroupDetails {
        id: asked.clone(),
        name: Name::new(group.subject.unwrap_or_default()),
        description: group.description.map(Name::new),
        members: group.members,
        role: member.role,
        admins: group.participants.as_ref().and_then(MemberList::admins),
        own_number_listed: member.is_listed,
        parent: parent_of(&group, asked),
        kind: match group.is_announcements {
            Some(true) => GroupKind::Announcements,
            Some(false) => GroupKind::Ordinary,
            None => GroupKind::Unknown,
        },
        has_invite_link: false,
    };
    Ok(details.without_zero_values())
}

/// One group's invite link in the answer of `/group-invitation-link` (`docs/gateways/zapi.md`, 8.5).
pub(super) fn invite_link(body: &Value, asked: &GroupId) -> Result<Option<InviteLink>, Failure> {
    if !body.is_object() || wire::named_group(body, asked) == Named::Another {
        return Err(malformed());
    }
    Ok(wire::invite_link(body))
}

/// The own number in the answer of `/device` (`docs/gateways/zapi.md`, 9.3).
pub(super) fn own_number(body: &Value) -> Option<String> {
    members::own_number(&wire::id_field(body, "phone")?)
}

fn parent_of(group: &WireDetails<'_>, id: &GroupId) -> Parent {
    match group.parent {
        ParentField::Absent => Parent::Unknown,
        ParentField::Standalone => Parent::None,
        ParentField::Community(parent) => match CommunityId::parse(parent) {
            Ok(parent) if !id.is_community(&parent) => Parent::Community(parent),
            _ => Parent::Unknown,
        },
    }
}
