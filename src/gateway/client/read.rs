//! Puts entries together to lists, and reads the parts of answers that all wires share. Pure: makes no request.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    domain::{
        community::{CommunityListing, CommunityRef, GroupList, GroupsBuilder},
        evidence::may_be_cut,
        failure::{Failure, FailureKind},
        id::CommunityId,
        instance::{Connection, ConnectionState},
        invite::InviteLink,
        name::Name,
        time::Millis,
    },
    gateway::{
        fields::{Listed, SubgroupEntry},
        json::{Object, flag, text},
    },
    scrub::Scrubber,
};

pub(super) fn malformed() -> Failure {
    Failure::new(FailureKind::Malformed).with_status(200)
}

/// The text of an error in an answer, whatever its status says.
pub(super) fn error(body: &Value) -> Option<&str> {
    let object = body.as_object()?;
    match object.get("error") {
        Some(Value::Bool(true)) => return Some(text(object, &["message"]).unwrap_or("error")),
        Some(Value::String(words)) if !words.trim().is_empty() => return Some(words),
        _ => {}
    }
    let is_error = object.get("status").and_then(Value::as_u64).is_some_and(|status| status >= 400);
    text(object, &["errorMessage"]).or_else(|| text(object, &["detail", "message"]).filter(|_| is_error))
}

/// Whether the answer to a change says in a flag that nothing was changed.
pub(super) fn says_no(object: &Object) -> bool {
    ["success", "leave", "accepted"].into_iter().any(|name| flag(object, &[name]) == Some(false))
}

/// The communities of a list; an unreadable entry makes the list malformed, because its community would be taken for left.
pub(super) fn communities(entries: Vec<Option<CommunityRef>>) -> Result<Vec<CommunityRef>, Failure> {
    let mut seen = HashSet::new();
    let communities: Option<Vec<CommunityRef>> = entries.into_iter().collect();
    let mut communities = communities.ok_or_else(malformed)?;
    communities.retain(|community| seen.insert(community.id.bare().to_owned()));
    Ok(communities)
}

/// A list of groups. It may be incomplete if it has the length at which lists are known to end.
pub(super) fn group_list(entries: Vec<Listed>, begun: Millis, most: Option<u32>) -> GroupList {
    let count = entries.len();
    let (mut groups, mut skipped) = (GroupsBuilder::default(), 0);
    for entry in entries {
        match entry {
            Listed::Group(group) => groups.push(&group),
            Listed::OtherChat => {}
            Listed::Unreadable => skipped += 1,
        }
    }
    let reaches_the_limit = most.is_some_and(|most| u32::try_from(count).is_ok_and(|count| count >= most));
    let is_cut = may_be_cut(count) || reaches_the_limit;
    GroupList { begun, groups: groups.finish(), skipped, is_cut }
}

/// A community's listing. An unreadable entry makes the answer malformed: its group would be taken for unlinked.
pub(super) fn listing(
    entries: Vec<SubgroupEntry>,
    community: &CommunityId,
    begun: Millis,
) -> Result<CommunityListing, Failure> {
    let mut listing = CommunityListing {
        community: community.clone(),
        name: None,
        begun,
        announcements: None,
        subgroups: Vec::with_capacity(entries.len()),
        is_cut: may_be_cut(entries.len()),
    };
    let mut seen = HashSet::new();
    for entry in entries {
        let (subgroup, is_announcements) = entry.ok_or_else(malformed)?;
        if subgroup.id.is_community(community) || !seen.insert(subgroup.id.clone()) {
            continue;
        }
        if is_announcements && listing.announcements.is_none() {
            listing.announcements = Some(subgroup);
        } else {
            listing.subgroups.push(subgroup);
        }
    }
    Ok(listing)
}

/// The same connection, with secrets removed from the gateway's word for its state.
pub(super) fn scrubbed(mut connection: Connection, scrubber: &Scrubber) -> Connection {
    if let ConnectionState::NotConnected(Some(word)) = &mut connection.state {
        *word = Name::new(&scrubber.clean(word.exact()));
    }
    connection
}

pub(super) fn number_of(connection: &Connection) -> Option<String> {
    connection.number.as_ref().map(|number| number.exact().to_owned())
}

/// The code of an invite link.
pub(super) fn code_of(link: &InviteLink) -> &str {
    link.expose().rsplit('/').next().unwrap_or_default().split('?').next().unwrap_or_default()
}
