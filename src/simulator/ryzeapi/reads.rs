//! The answers of `RyzeAPI`'s read routes: health, instances, groups, subgroups, join requests. `details` owns the details of
//! one group.

use serde_json::{Map, Value, json};

use super::super::Inner;
use super::super::clock::rfc3339;
use super::super::description::{GatewayKind, NotACommunity};
use super::super::exchange::{Answer, Ask, Asked, Entry, View};
use super::super::listing::listing;
use super::super::state::{Community, Moment, Number, WorldPlace};
use super::{NOT_A_MEMBER, details, error, jid};

pub(super) fn answer(inner: &Inner, asked: &Asked, view: &View) -> Answer {
    let now = view.at;
    match &asked.ask {
        Ask::Health => health(inner, now),
        Ask::Instances { filter, account } => instances(inner, filter.as_deref(), account.as_deref(), now),
        Ask::Groups { members, .. } => group_list(&groups(inner, asked.number(), *members, view)),
        Ask::Subgroups => subgroups(inner, asked, view),
        Ask::Info { participants, .. } => details::info(inner, asked, *participants, view),
        Ask::Requests => requests(inner, asked, now),
        _ => error(404, "Not found"),
    }
}

fn health(inner: &Inner, now: i64) -> Answer {
    let seconds = (now - inner.started) / 1000;
    let uptime = format!("{}h{}m{}s", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let body = json!({
        "status": "ok", "service": "RyzeAPI", "uptime": uptime, "timestamp": rfc3339(now), "checks": { "db": "ok" },
    });
    Answer::json(200, &body)
}

fn instances(inner: &Inner, filter: Option<&str>, account: Option<&str>, now: i64) -> Answer {
    let wanted = |number: &&Number| {
        number.gateway == GatewayKind::Ryzeapi
            && account.is_none_or(|account| number.account_token == account)
            && filter.is_none_or(|names| names.split(',').any(|name| name.trim() == number.id))
    };
    let found: Vec<Value> =
        inner.state.numbers.iter().filter(wanted).map(|number| instance(number, now)).collect();
    let message =
        if found.len() == 1 { "1 Instance found".into() } else { format!("{} Instances found", found.len()) };
    let total = found.len();
    Answer::json(
        200,
        &json!({ "success": true, "message": message, "instances": found, "meta": { "total": total } }),
    )
}

fn instance(number: &Number, now: i64) -> Value {
    let state = number.state.shown(now);
    json!({
        "id": format!("inst-{}", number.phone),
        "name": number.id,
        "token": number.token,
        "status": state,
        "connection": {
            "state": state,
            "numberJid": format!("{}@s.whatsapp.net", number.phone),
            "presenceStatus": if state == "connected" { "available" } else { "unavailable" },
            "displayStatus": state,
        },
        "profile": { "name": number.name, "pictureUrl": "", "isBusiness": false, "businessName": "" },
        "webhook": { "enabled": false },
        "websocket": { "enabled": false, "events": [], "mediaBase64": false },
    })
}

/// `GET /api/group/list`: every group that the number is in, as far as the listing has caught up.
fn groups(inner: &Inner, number: usize, members: bool, view: &View) -> Vec<Value> {
    let (state, settings, at) = (&inner.state, &inner.description.ryzeapi, Moment::Listed(view.at));
    let communities = state.communities.iter().enumerate();
    let parents = communities
        .filter(|(index, _)| settings.list_parents && state.role_in_community(number, *index, at).is_in());
    let own = state.groups.iter().enumerate().filter(|(index, group)| {
        let is_listed = group.announces.is_none() || settings.list_announcements;
        is_listed && state.role(number, *index, at).is_in()
    });
    let mut list: Vec<Entry<'_>> = parents.map(|(_, community)| parent(inner, community)).collect();
    list.extend(own.map(|(index, _)| group(inner, index, members, at)));
    view.blank(&mut list, zero);
    let mut list = view.select(list);
    if settings.list_cap > 0 {
        list.truncate(settings.list_cap);
    }
    list
}

fn parent<'a>(inner: &'a Inner, community: &'a Community) -> Entry<'a> {
    let settings = &inner.description.ryzeapi;
    let mut item = item(&community.id, &community.name);
    if settings.list_member_count {
        let size = inner.state.groups[community.announcements].members;
        item.insert("memberCount".into(), size.into());
    }
    if settings.list_community_fields {
        item.insert("isParent".into(), true.into());
        item.insert("isDefaultSubGroup".into(), false.into());
        item.insert("linkedParentJid".into(), Value::Null);
    }
    Entry { id: &community.id, is_announcements: false, value: Value::Object(item) }
}

fn group(inner: &Inner, index: usize, members: bool, at: Moment) -> Entry<'_> {
    let (state, settings) = (&inner.state, &inner.description.ryzeapi);
    let group = &state.groups[index];
    let mut item = item(&group.id, &group.name);
    if settings.list_member_count {
        item.insert("memberCount".into(), group.members.into());
    }
    if settings.list_community_fields {
        let parent = state.parent(index, at).map(|parent| jid(&state.communities[parent].id));
        item.insert("isParent".into(), false.into());
        item.insert("isDefaultSubGroup".into(), group.announces.is_some().into());
        item.insert("linkedParentJid".into(), parent.into());
    }
    if members {
        item.insert("participants".into(), details::participants(inner, index).into());
    }
    Entry { id: &group.id, is_announcements: group.announces.is_some(), value: Value::Object(item) }
}

/// The library's zero value of an entry: all fields are present, but only the id has a value.
fn zero(entry: &mut Value) {
    for (key, value) in entry.as_object_mut().into_iter().flatten().filter(|(key, _)| *key != "groupJid") {
        *value = match key.as_str() {
            "memberCount" => 0.into(),
            "participants" => Value::Array(Vec::new()),
            "isParent" | "isDefaultSubGroup" => false.into(),
            _ => "".into(),
        };
    }
}

fn item(id: &str, name: &str) -> Map<String, Value> {
    let mut item = Map::new();
    item.insert("groupJid".into(), jid(id).into());
    item.insert("name".into(), name.into());
    item
}

pub(super) fn group_list(groups: &[Value]) -> Answer {
    let message = format!("{} groups found", groups.len());
    Answer::json(200, &json!({ "success": true, "message": message, "groups": groups }))
}

/// `GET /api/community/listSubGroups`: the subgroups that the number is in, and always the announcement group.
fn subgroups(inner: &Inner, asked: &Asked, view: &View) -> Answer {
    let (state, settings, at) = (&inner.state, &inner.description.ryzeapi, Moment::Listed(view.at));
    let id = asked.community.as_ref().map_or("", |community| community.id.as_str());
    let empty = || subgroup_list(inner, asked, &[]);
    let Some(WorldPlace::Community(community)) = state.place(id) else {
        return match settings.not_a_community {
            NotACommunity::Empty => empty(),
            NotACommunity::BadRequest => error(400, "invalid community JID: not a community"),
            NotACommunity::NotFound => error(404, "Community not found"),
            NotACommunity::PlainWords => error(400, "JID is not a community"),
        };
    };
    let number = asked.number();
    if settings.subgroups_empty || !state.role_in_community(number, community, at).is_in() {
        return empty();
    }
    let announcements =
        settings.subgroups_announcements.then_some(state.communities[community].announcements);
    let linked = state.subgroups(community, at);
    let own = linked.into_iter().filter(|&group| state.role(number, group, at).is_in());
    let entry = |group: usize| {
        let known = &state.groups[group];
        let is_announcements = known.announces.is_some();
        let value =
            json!({ "jid": jid(&known.id), "name": known.name, "isDefaultSubGroup": is_announcements });
        Entry { id: &known.id, is_announcements, value }
    };
    subgroup_list(inner, asked, &view.select(announcements.into_iter().chain(own).map(entry).collect()))
}

pub(super) fn subgroup_list(inner: &Inner, asked: &Asked, subgroups: &[Value]) -> Answer {
    let id = asked.community.as_ref().map_or("", |community| community.id.as_str());
    let message = format!("{} subgroup(s) found", subgroups.len());
    let outer = json!({ "success": true, "message": message });
    let payload = json!({ "communityJid": jid(id), "subgroups": subgroups });
    listing(inner.description.ryzeapi.listing_id, outer, payload, "communityJid")
}

fn requests(inner: &Inner, asked: &Asked, now: i64) -> Answer {
    let Some(group) = details::member_of(inner, asked) else { return error(404, NOT_A_MEMBER) };
    if !inner.state.role(asked.number(), group, Moment::Now).is_admin() {
        return error(403, "Not authorized to view group requests (must be admin)");
    }
    let known = &inner.state.groups[group];
    let pending: Vec<Value> = (0..known.requests)
        .map(|index| {
            let phone = (index % 2 == 0).then(|| format!("5521988{index:06}@s.whatsapp.net"));
            let requested = rfc3339(now - 3_600_000 * i64::from(index + 1));
            json!({ "jid": format!("2880000{index:08}@lid"), "phoneNumber": phone, "requestedAt": requested })
        })
        .collect();
    let message = format!("{} pending requests found", pending.len());
    let meta = json!({ "total": pending.len() });
    let body = json!({
        "success": true, "message": message, "groupJid": jid(&known.id), "requests": pending, "meta": meta,
    });
    Answer::json(200, &body)
}
