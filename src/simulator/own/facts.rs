//! What the library knows about groups, before a gateway gives it names.

use serde_json::Value;

use super::super::Inner;
use super::super::description::{GatewayKind, ParticipantIds, Role};
use super::super::exchange::{Asked, Entry, Target, View};
use super::super::people::{self, Person};
use super::super::state::{Moment, WorldPlace};
use super::{jid, settings};

/// A group or a community that the number may see.
pub(super) struct Facts {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) size: u32,
    pub(super) created: i64,
    pub(super) approval: bool,
    pub(super) is_community: bool,
    pub(super) is_announcements: bool,
    /// The id of the community that it is in.
    pub(super) parent: Option<String>,
    pub(super) role: Role,
    /// The index of the group in the world, or of the announcement group of a community.
    pub(super) index: usize,
}

fn of_group(inner: &Inner, number: usize, index: usize, at: Moment) -> Facts {
    let (state, group) = (&inner.state, &inner.state.groups[index]);
    Facts {
        id: jid(&group.id),
        name: group.name.to_string(),
        description: group.description.clone(),
        size: group.members,
        created: group.created / 1000,
        approval: group.approval,
        is_community: false,
        is_announcements: group.announces.is_some(),
        parent: state.parent(index, at).map(|parent| jid(&state.communities[parent].id)),
        role: state.role(number, index, at),
        index,
    }
}

fn of_community(inner: &Inner, number: usize, community: usize, at: Moment) -> Facts {
    let known = &inner.state.communities[community];
    Facts {
        id: jid(&known.id),
        name: known.name.clone(),
        description: known.description.clone(),
        is_community: true,
        is_announcements: false,
        parent: None,
        role: inner.state.role_in_community(number, community, at),
        ..of_group(inner, number, known.announcements, at)
    }
}

/// The groups that the number is in, with communities and announcement groups.
pub(super) fn joined(
    inner: &Inner,
    kind: GatewayKind,
    number: usize,
    view: &View,
    at: i64,
    value: impl Fn(&Facts) -> Value,
) -> Vec<Value> {
    let (state, at) = (&inner.state, Moment::Listed(at));
    let communities = (0..state.communities.len())
        .filter(|index| state.role_in_community(number, *index, at).is_in())
        .map(|index| of_community(inner, number, index, at));
    let groups = (0..state.groups.len())
        .filter(|index| state.role(number, *index, at).is_in())
        .map(|index| of_group(inner, number, index, at));
    let all: Vec<(Facts, String)> = communities
        .chain(groups)
        .map(|facts| {
            let id = facts.id.trim_end_matches("@g.us").to_owned();
            (facts, id)
        })
        .collect();
    let mut entries: Vec<Entry<'_>> = all
        .iter()
        .map(|(facts, id)| Entry { id, is_announcements: facts.is_announcements, value: value(facts) })
        .collect();
    view.blank(&mut entries, zero);
    let mut list = view.select(entries);
    let cap = settings(inner, kind).list_cap;
    if cap > 0 {
        list.truncate(cap);
    }
    list
}

/// The zero value of an entry: all fields are present, but only the id has a value.
fn zero(entry: &mut Value) {
    for (key, value) in entry.as_object_mut().into_iter().flatten() {
        let is_id = matches!(key.as_str(), "groupId" | "id" | "JID");
        match value {
            _ if is_id => {}
            Value::Bool(flag) => *flag = false,
            Value::Number(_) => *value = 0.into(),
            Value::String(text) => text.clear(),
            Value::Array(list) => list.clear(),
            _ => {}
        }
    }
}

/// The communities that the number is in.
pub(super) fn communities(
    inner: &Inner,
    number: usize,
    view: &View,
    value: impl Fn(&Facts) -> Value,
) -> Vec<Value> {
    let (state, at) = (&inner.state, Moment::Listed(view.at));
    let own = state.communities.iter().enumerate();
    let own = own.filter(|(index, _)| state.role_in_community(number, *index, at).is_in());
    let entry = |(index, community): (usize, &'_ super::super::state::Community)| {
        (community.id.to_string(), value(&of_community(inner, number, index, at)))
    };
    let all: Vec<(String, Value)> = own.map(entry).collect();
    let entries = all.iter().map(|(id, value)| Entry { id, is_announcements: false, value: value.clone() });
    view.select(entries.collect())
}

/// The subgroups of a community, its announcement group first; the error is the library's.
pub(super) fn subgroups(
    inner: &Inner,
    kind: GatewayKind,
    asked: &Asked,
    view: &View,
    value: impl Fn(&Facts) -> Value,
) -> Result<Vec<Value>, &'static str> {
    let (state, number, at) = (&inner.state, asked.number(), Moment::Listed(view.at));
    let id = asked.community.as_ref().map_or("", |community| community.id.as_str());
    let community = match state.place(id) {
        Some(WorldPlace::Community(community)) => community,
        Some(WorldPlace::Group(_)) => return Err("info query returned status 400: bad-request"),
        None => return Err("info query returned status 404: item-not-found"),
    };
    if !state.role_in_community(number, community, at).is_in() {
        return Err("info query returned status 403: forbidden");
    }
    let only_own = settings(inner, kind).only_own_subgroups;
    let linked = state.subgroups(community, at).into_iter();
    let linked = linked.filter(|group| !only_own || state.role(number, *group, at).is_in());
    let all: Vec<Facts> = [state.communities[community].announcements]
        .into_iter()
        .chain(linked)
        .map(|group| of_group(inner, number, group, at))
        .collect();
    let entries = all.iter().map(|facts| Entry {
        id: facts.id.trim_end_matches("@g.us"),
        is_announcements: facts.is_announcements,
        value: value(facts),
    });
    Ok(view.select(entries.collect()))
}

/// The group that a request names, as its members or the holders of its link see it; the error is the library's.
pub(super) fn info(inner: &Inner, asked: &Asked, view: &View) -> Result<Facts, &'static str> {
    let (state, number, at) = (&inner.state, asked.number(), Moment::True(view.at));
    let target = asked.groups.first().ok_or("that group does not exist")?;
    match state.place(&target.id) {
        Some(WorldPlace::Group(group)) if target.by_code || state.role(number, group, at).is_in() => {
            Ok(of_group(inner, number, group, at))
        }
        Some(WorldPlace::Community(community)) if state.role_in_community(number, community, at).is_in() => {
            Ok(of_community(inner, number, community, at))
        }
        None if target.by_code => Err("that group invite link is not valid"),
        None => Err("that group does not exist"),
        Some(_) => Err("you're not participating in that group"),
    }
}

/// A community that a request names; the error is the library's.
pub(super) fn community(
    inner: &Inner,
    asked: &Asked,
    target: &Target,
    view: &View,
) -> Result<Facts, &'static str> {
    let asked = Asked { groups: vec![target.clone()], ..asked.clone() };
    let facts = info(inner, &asked, view)?;
    if facts.is_community { Ok(facts) } else { Err("JID is not a community") }
}

/// The invite link of the group that a request names; the error is the library's.
pub(super) fn invite_link(inner: &Inner, asked: &Asked, view: &View) -> Result<String, &'static str> {
    let facts = info(inner, asked, view)?;
    if !facts.role.is_admin() || facts.is_community {
        return Err("you don't have the permission to get the group's invite link");
    }
    Ok(format!("https://chat.whatsapp.com/{}", inner.state.groups[facts.index].code))
}

/// The participants of a group; `value` gets the phone's id, which may be hidden, and the hidden id.
pub(super) fn people(
    inner: &Inner,
    kind: GatewayKind,
    facts: &Facts,
    view: &View,
    value: impl Fn(&Person, &str, &str) -> Value,
) -> Vec<Value> {
    let is_hidden = settings(inner, kind).participant_ids == ParticipantIds::Lid;
    let people = people::participants(&inner.state, facts.index, Moment::True(view.at));
    let value = |person: &Person| {
        let (phone, lid) = (format!("{}@s.whatsapp.net", person.phone), format!("{}@lid", person.lid()));
        value(person, if is_hidden { &lid } else { &phone }, &lid)
    };
    people.iter().map(value).collect()
}
