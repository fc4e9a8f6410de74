//! The answers of Z-API's read routes: status, device, communities, groups. `details` owns the details of one group.

use serde_json::{Value, json};

use super::super::Inner;
use super::super::clock::rfc3339;
use super::super::description::ZapiSettings;
use super::super::exchange::{Answer, Ask, Asked, Entry, View};
use super::super::listing::listing;
use super::super::state::{Moment, WorldPlace};
use super::numbers::spelled;
use super::{community_id, details, error, group_id, no_such_path, some_text};

pub(super) fn answer(inner: &Inner, asked: &Asked, view: &View) -> Answer {
    let now = view.at;
    match asked.ask {
        Ask::Instances { .. } => status(inner, asked, now),
        Ask::Me => me(inner, asked, now),
        Ask::Device => device(inner, asked),
        Ask::Communities { page } => communities(inner, asked, page, view),
        Ask::Groups { page, .. } => groups(inner, asked, page, view),
        Ask::Subgroups => metadata(inner, asked, view),
        Ask::Info { invite, .. } => details::info(inner, asked, invite, view),
        Ask::InviteLink => invite_link(inner, asked),
        _ => no_such_path(),
    }
}

/// `error` holds text even when all is well (docs/gateways/zapi.md, status).
fn status(inner: &Inner, asked: &Asked, now: i64) -> Answer {
    let state = inner.state.numbers[asked.number()].state.shown(now).as_str();
    let is_connected = state == "connected";
    let text = match state {
        "connected" => "You are already connected.",
        "loggedout" => "You need to restore the session.",
        _ => "You are not connected.",
    };
    let body = json!({ "connected": is_connected, "error": text, "smartphoneConnected": is_connected });
    Answer::json(200, &body)
}

fn me(inner: &Inner, asked: &Asked, now: i64) -> Answer {
    let number = &inner.state.numbers[asked.number()];
    let body = json!({
        "id": number.id,
        "token": number.token,
        "name": number.name,
        "due": now + 30 * 86_400_000,
        "connected": number.state.shown(now) == "connected",
        "paymentStatus": "PAID",
        "created": rfc3339(inner.started),
        "connectedCallbackUrl": null,
        "receivedCallbackUrl": null,
        "receiveCallbackSentByMe": false,
        "callRejectAuto": false,
        "autoReadMessage": false,
    });
    Answer::json(200, &body)
}

fn device(inner: &Inner, asked: &Asked) -> Answer {
    let number = &inner.state.numbers[asked.number()];
    let body = json!({
        "phone": spelled(&number.phone, inner.description.zapi.device_number),
        "imgUrl": "",
        "about": "",
        "name": number.name,
        "device": { "sessionName": "Z-API", "device_model": "Simulated" },
        "originalDevice": "android",
        "sessionId": 1,
        "isBusiness": false,
    });
    Answer::json(200, &body)
}

/// A page of a bare array: no total, no next page.
fn paged(inner: &Inner, mut all: Vec<Entry<'_>>, page: Option<(usize, usize)>, view: &View) -> Answer {
    let settings = &inner.description.zapi;
    if settings.list_cap > 0 {
        all.truncate(settings.list_cap);
    }
    if let Some((page, size)) = page.filter(|_| !settings.page_ignored) {
        let (skipped, length) = window(settings, page, size);
        all = all.into_iter().skip(skipped).take(length).collect();
    }
    Answer::json(200, &view.select(all).into())
}

/// The number of entries before a page, and the number on it.
fn window(settings: &ZapiSettings, page: usize, size: usize) -> (usize, usize) {
    let size = if settings.max_page_size > 0 { size.min(settings.max_page_size) } else { size };
    let pages = &settings.pages;
    let length = |most: &usize| size.min(*most);
    let before = page - 1;
    let skipped: usize = pages.iter().take(before).map(length).sum();
    let others = before.saturating_sub(pages.len()).saturating_mul(size);
    (skipped.saturating_add(others), pages.get(before).map_or(size, length))
}

fn communities(inner: &Inner, asked: &Asked, page: Option<(usize, usize)>, view: &View) -> Answer {
    let (state, at) = (&inner.state, Moment::Listed(view.at));
    let known = state.communities.iter().enumerate();
    let own = known.filter(|(index, _)| state.role_in_community(asked.number(), *index, at).is_in());
    let list = own.map(|(_, community)| Entry {
        id: &community.id,
        is_announcements: false,
        value: json!({ "name": community.name, "id": community_id(&community.id) }),
    });
    paged(inner, list.collect(), page, view)
}

/// `GET /groups`: nothing in the answer shows communities, and the flags are strings.
fn groups(inner: &Inner, asked: &Asked, page: Option<(usize, usize)>, view: &View) -> Answer {
    let (state, settings, at) = (&inner.state, &inner.description.zapi, Moment::Listed(view.at));
    let number = asked.number();
    let parents =
        state.communities.iter().enumerate().filter(|(index, _)| {
            settings.list_parents && state.role_in_community(number, *index, at).is_in()
        });
    let own = state.groups.iter().enumerate().filter(|(index, group)| {
        let is_listed = group.announces.is_none() || settings.list_announcements;
        let stays = settings.list_left_groups && state.has_left(number, *index);
        is_listed && (stays || state.role(number, *index, at).is_in())
    });
    let parents = parents.map(|(_, community)| Entry {
        id: &community.id,
        is_announcements: false,
        value: entry(&community.id, &community.name, view.at),
    });
    let own = own.map(|(_, group)| Entry {
        id: &group.id,
        is_announcements: group.announces.is_some(),
        value: entry(&group.id, &group.name, group.created),
    });
    let mut list: Vec<Entry<'_>> = parents.chain(own).collect();
    view.blank(&mut list, zero);
    paged(inner, list, page, view)
}

/// Reduces an entry to its id.
fn zero(entry: &mut Value) {
    entry["name"] = "".into();
    entry["lastMessageTime"] = "0".into();
}

fn entry(id: &str, name: &str, last_message: i64) -> Value {
    json!({
        "isGroup": true,
        "name": name,
        "phone": group_id(id),
        "unread": "0",
        "lastMessageTime": last_message.to_string(),
        "isMuted": "0",
        "isMarkedSpam": "false",
        "archived": "false",
        "pinned": "false",
        "muteEndTime": null,
        "messagesUnread": "0",
    })
}

fn metadata(inner: &Inner, asked: &Asked, view: &View) -> Answer {
    let (state, number, at) = (&inner.state, asked.number(), Moment::Listed(view.at));
    let id = asked.community.as_ref().map_or("", |community| community.id.as_str());
    let Some(WorldPlace::Community(index)) = state.place(id) else {
        return error(404, "Community not found");
    };
    if !state.role_in_community(number, index, at).is_in() {
        return error(404, "Community not found");
    }
    let community = &state.communities[index];
    let only_own = inner.description.zapi.only_own_subgroups;
    let listed = |group: &usize| !only_own || state.role(number, *group, at).is_in();
    let linked = state.subgroups(index, at).into_iter().filter(listed);
    let entry = |group: usize| Entry {
        id: &state.groups[group].id,
        is_announcements: group == community.announcements,
        value: subgroup(inner, group),
    };
    let subgroups = std::iter::once(community.announcements).chain(linked).map(entry).collect();
    metadata_of(
        inner,
        &community.name,
        &community_id(&community.id),
        &community.description,
        &view.select(subgroups),
    )
}

/// The answer that lists a community.
pub(super) fn metadata_of(
    inner: &Inner,
    name: &str,
    id: &str,
    description: &str,
    subgroups: &[Value],
) -> Answer {
    let payload =
        json!({ "name": name, "id": id, "description": some_text(description), "subGroups": subgroups });
    listing(inner.description.zapi.listing_id, json!({}), payload, "id")
}

pub(super) fn subgroup(inner: &Inner, group: usize) -> Value {
    let group = &inner.state.groups[group];
    json!({ "name": group.name, "phone": group_id(&group.id), "isGroupAnnouncement": group.announces.is_some() })
}

fn invite_link(inner: &Inner, asked: &Asked) -> Answer {
    let place = asked.groups.first().and_then(|target| inner.state.place(&target.id));
    let Some(WorldPlace::Group(group)) = place else { return error(404, "Group not found") };
    let role = inner.state.role(asked.number(), group, Moment::Now);
    if !role.is_admin() {
        return if role.is_in() { error(400, "not-authorized") } else { error(404, "Group not found") };
    }
    let known = &inner.state.groups[group];
    let link = format!("https://chat.whatsapp.com/{}", known.code);
    Answer::json(200, &json!({ "phone": group_id(&known.id), "invitationLink": link }))
}
