//! Translates `RyzeAPI`'s answers to reads into our own types. Pure: makes no request.

use std::collections::HashSet;

use serde_json::Value;

use super::wire::{self, ParentField, WireGroup, WireInstance};
use crate::domain::{
    community::{
        CommunityListing, Group, GroupDetails, GroupKind, GroupList, Groups, GroupsBuilder, Parent, Subgroup,
    },
    evidence::may_be_cut,
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    instance::{Connection, ConnectionState},
    invite::InviteLink,
    name::Name,
    pairing::{Offer, Way},
    time::Millis,
};
use crate::gateway::{
    json::Named,
    members::{Member, MemberList, own_number},
    source::{ListStream, Lists, Made, Source},
};

/// The subgroups of the requested id, before it is known whether that is a community.
pub(super) struct Subgroups {
    /// How many entries the answer had, readable or not; `None` if it had no list.
    pub(super) entries: Option<usize>,
    /// The listing; valid only if it has its announcement group.
    pub(super) listing: CommunityListing,
}

/// The lists of groups in an answer, by place (`docs/gateways/ryzeapi.md`, 8.1).
#[derive(Default)]
pub(super) struct GroupLists {
    found: Vec<(String, Found)>,
    lists: Vec<(String, Groups, usize, usize)>,
}

impl Made for GroupLists {
    fn complete(&mut self) {
        let found = std::mem::take(&mut self.found).into_iter();
        let lists = found.map(|(place, found)| (place, found.groups.finish(), found.skipped, found.entries));
        self.lists = lists.collect();
    }
}

impl GroupLists {
    /// The list that counts, depending on the rest of the answer.
    pub(super) fn list(self, body: &Value, begun: Millis) -> Result<GroupList, Failure> {
        let place = wire::place_of_items(body, GROUPS).ok_or_else(|| Failure::new(FailureKind::Malformed))?;
        let found = self.lists.into_iter().find(|(named, ..)| *named == place.join("."));
        // `null` is a list too.
        let (_, groups, skipped, entries) = found.unwrap_or_default();
        Ok(GroupList { begun, groups, skipped, is_cut: may_be_cut(entries) })
    }
}

/// The field that holds the list of groups.
const GROUPS: &str = "groups";

/// Reads an answer with a list of groups; the returned body omits the list. `own` is the instance's number.
pub(super) fn stream_groups(
    source: &Source<'_>,
    own: Option<&str>,
) -> serde_json::Result<(Value, GroupLists)> {
    let mut stream = GroupStream { own, found: Vec::new() };
    let rest = source.stream_lists(&mut stream)?;
    Ok((rest, GroupLists { found: stream.found, lists: Vec::new() }))
}

struct GroupStream<'a> {
    own: Option<&'a str>,
    found: Vec<(String, Found)>,
}

#[derive(Default)]
struct Found {
    groups: GroupsBuilder,
    skipped: usize,
    entries: usize,
}

impl ListStream for GroupStream<'_> {
    fn begin(&mut self, place: &str) -> bool {
        let is_list = [GROUPS, "data", "data.groups"].contains(&place);
        if is_list {
            self.found.retain(|(named, _)| named != place);
            self.found.push((place.to_owned(), Found::default()));
        }
        is_list
    }

    fn take(&mut self, entry: Value) {
        let Some((_, found)) = self.found.last_mut() else { return };
        found.entries += 1;
        let group = wire::group(&entry).and_then(|group| group.id.clone().map(|id| (group, id)));
        let Some((group, id)) = group else {
            found.skipped += usize::from(!wire::is_other_chat(&entry));
            return;
        };
        let group = Group {
            name: name_of(&group),
            members: group.members,
            role: Member::find(group.participants.as_ref(), self.own).role,
            parent: parent_of(&group, &id),
            kind: kind_of(&group),
            id,
        };
        found.groups.push(&group.without_zero_values());
    }
}

/// An entry of a list of subgroups, and whether it says it is the announcement group; `None` if it cannot be read.
pub(super) type SubgroupEntry = Option<(Subgroup, bool)>;

/// Reads one entry of a list of subgroups.
pub(super) fn subgroup(entry: &Value) -> SubgroupEntry {
    let group = wire::group(entry)?;
    let id = group.id.clone()?;
    Some((Subgroup { name: name_of(&group), id }, group.is_announcements == Some(true)))
}

/// The answer of `listSubGroups` (`docs/gateways/ryzeapi.md`, 9.4). An answer that names another community, or whose community
/// id cannot be read, is malformed. So is an answer with an unreadable entry: its group would be taken for unlinked.
pub(super) fn subgroups(
    body: &Value,
    lists: Lists<SubgroupEntry>,
    community: &CommunityId,
    begun: Millis,
) -> Result<Subgroups, Failure> {
    if wire::named_community(body, community) == Named::Another {
        return Err(Failure::new(FailureKind::Malformed).with_status(200));
    }
    let items = wire::place_of_items(body, "subgroups").map(|place| lists.at(&place.join(".")));
    let entries = items.as_ref().map(Vec::len);
    let mut listing = CommunityListing {
        community: community.clone(),
        name: None,
        begun,
        announcements: None,
        subgroups: Vec::new(),
        is_cut: entries.is_some_and(may_be_cut),
    };
    let mut seen = HashSet::new();
    for item in items.unwrap_or_default() {
        let (subgroup, is_announcements) =
            item.ok_or_else(|| Failure::new(FailureKind::Malformed).with_status(200))?;
        if subgroup.id.is_community(community) || !seen.insert(subgroup.id.clone()) {
            continue;
        }
        if is_announcements && listing.announcements.is_none() {
            listing.announcements = Some(subgroup);
        } else {
            listing.subgroups.push(subgroup);
        }
    }
    Ok(Subgroups { entries, listing })
}

/// One group's details (`docs/gateways/ryzeapi.md`, 8.2); `own` is the instance's number.
pub(super) fn details(body: &Value, asked: &GroupId, own: Option<&str>) -> Result<GroupDetails, Failure> {
    let malformed = || Failure::new(FailureKind::Malformed);
    let group = wire::detail(body).ok_or_else(malformed)?;
    match wire::named_group(body, asked) {
        Named::Another => Err(malformed()),
        Named::Nothing if group.name.is_none() => Err(malformed()),
        Named::Nothing | Named::Asked => Ok(details_of(&group, asked, own)),
    }
}

/// The details of the group that an invite link leads to (`docs/gateways/ryzeapi.md`, 8.2). Only the answer shows which group
/// that is, so an answer without an id is useless.
pub(super) fn invited(body: &Value, own: Option<&str>) -> Result<GroupDetails, Failure> {
    let malformed = || Failure::new(FailureKind::Malformed);
    let group = wire::detail(body).ok_or_else(malformed)?;
    let id = group.id.clone().ok_or_else(malformed)?;
    if wire::named_group(body, &id) != Named::Asked {
        return Err(malformed());
    }
    Ok(details_of(&group, &id, own))
}

fn details_of(group: &WireGroup, id: &GroupId, own: Option<&str>) -> GroupDetails {
    let member = Member::find(group.participants.as_ref(), own);
    let details = GroupDetails {
        id: id.clone(),
        name: name_of(group),
        description: group.description.as_deref().map(Name::new),
        members: group.members,
        role: member.role,
        admins: group.participants.as_ref().and_then(MemberList::admins),
        own_number_listed: member.is_listed,
        parent: parent_of(group, id),
        kind: kind_of(group),
        has_invite_link: group.invite.is_some(),
    };
    details.without_zero_values()
}

/// One group's invite link in the same answer, or its code.
pub(super) fn invite_link(body: &Value, asked: &GroupId) -> Result<Option<InviteLink>, Failure> {
    let group = wire::detail(body).ok_or_else(|| Failure::new(FailureKind::Malformed))?;
    if wire::named_group(body, asked) == Named::Another {
        return Err(Failure::new(FailureKind::Malformed));
    }
    Ok(group.invite)
}

/// The instance of that name in the answer of the instance list (`docs/gateways/ryzeapi.md`, 7.1). An account's token
/// lists others too, and an instance's token always lists only its own instance.
pub(super) fn connection(
    body: &Value,
    lists: Lists<Option<WireInstance>>,
    name: &str,
) -> Result<Connection, Failure> {
    let mut listed = listed(body, lists)?.into_iter().flatten();
    let found = listed.find(|instance| instance.name.as_deref() == Some(name));
    Ok(connection_of(&found.ok_or_else(|| Failure::new(FailureKind::UnknownInstance))?))
}

/// All instances in the same answer, with their names. An instance without a name cannot be requested.
pub(super) fn instances(
    body: &Value,
    lists: Lists<Option<WireInstance>>,
) -> Result<Vec<(String, Connection)>, Failure> {
    let named = listed(body, lists)?.into_iter().flatten().filter_map(|instance| {
        let connection = connection_of(&instance);
        Some((instance.name?, connection))
    });
    Ok(named.collect())
}

fn listed<T>(body: &Value, lists: Lists<T>) -> Result<Vec<T>, Failure> {
    let place =
        wire::place_of_items(body, "instances").ok_or_else(|| Failure::new(FailureKind::Malformed))?;
    Ok(lists.at(&place.join(".")))
}

/// The offer in the answer to a connect request (`docs/gateways/ryzeapi.md`, 7.2 and 7.3).
pub(super) fn offer(body: &Value, way: &Way) -> Result<Offer, Failure> {
    let offered = wire::offer(body);
    let found = match way {
        Way::Session => Some(Offer::OnItsWay),
        Way::Qr => offered.qr.map(Offer::Qr).or(offered.has_picture.then_some(Offer::Picture)),
        Way::Number(_) => offered.code.map(Offer::Code),
    };
    found.ok_or_else(|| Failure::new(FailureKind::Malformed).with_status(200))
}

fn connection_of(instance: &WireInstance) -> Connection {
    let number = instance.number.as_deref().and_then(own_number);
    Connection { state: state(instance.state.as_deref()), number: number.as_deref().map(Name::new) }
}

fn state(word: Option<&str>) -> ConnectionState {
    let Some(word) = word else { return ConnectionState::NotConnected(None) };
    match word.to_ascii_lowercase().as_str() {
        "connected" => ConnectionState::Connected,
        "connecting" => ConnectionState::Connecting,
        banned if banned.contains("banned") => ConnectionState::Banned,
        _ => ConnectionState::NotConnected(Some(Name::new(word))),
    }
}

/// The name, empty if the group has no name: an id is not a name.
fn name_of(group: &WireGroup) -> Name {
    Name::new(group.name.as_deref().unwrap_or_default())
}

fn parent_of(group: &WireGroup, id: &GroupId) -> Parent {
    match &group.parent {
        ParentField::Absent => Parent::Unknown,
        ParentField::Standalone => Parent::None,
        ParentField::Community(parent) => match CommunityId::parse(parent) {
            Ok(parent) if parent.as_str().ends_with("@g.us") && !id.is_community(&parent) => {
                Parent::Community(parent)
            }
            _ => Parent::Unknown,
        },
    }
}

fn kind_of(group: &WireGroup) -> GroupKind {
    match (group.is_community, group.is_announcements) {
        (Some(true), _) => GroupKind::Community,
        (_, Some(true)) => GroupKind::Announcements,
        (Some(false), _) => GroupKind::Ordinary,
        // A group that is not an announcement group may still be a community.
        (None, _) => GroupKind::Unknown,
    }
}
