//! What Z-API's reading routes answer: status, device, communities, groups, and the details of each.

use serde_json::{Value, json};

use super::super::Inner;
use super::super::clock::rfc3339;
use super::super::description::{InfoAfterLeave, ParticipantIds};
use super::super::exchange::{Answer, Ask, Asked};
use super::super::people;
use super::super::state::Place;
use super::{community_id, error, group_id, no_such_path};

pub(super) fn answer(inner: &Inner, asked: &Asked, now: i64) -> Answer {
    match asked.ask {
        Ask::Instances { .. } => status(inner, asked, now),
        Ask::Me => me(inner, asked, now),
        Ask::Device => device(inner, asked),
        Ask::Communities { page } => communities(inner, asked, page, now),
        Ask::Groups { page, .. } => groups(inner, asked, page, now),
        Ask::Subgroups => metadata(inner, asked, now),
        Ask::Info { invite, .. } => info(inner, asked, invite),
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
        "phone": number.phone,
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
fn paged(inner: &Inner, all: Vec<Value>, page: Option<(usize, usize)>) -> Answer {
    let settings = &inner.description.zapi;
    let Some((page, size)) = page.filter(|_| !settings.page_ignored) else {
        return Answer::json(200, &Value::Array(all));
    };
    let size = if settings.max_page_size > 0 { size.min(settings.max_page_size) } else { size };
    let skipped = (page - 1).saturating_mul(size);
    Answer::json(200, &all.into_iter().skip(skipped).take(size).collect())
}

fn communities(inner: &Inner, asked: &Asked, page: Option<(usize, usize)>, now: i64) -> Answer {
    let state = &inner.state;
    let known = state.communities.iter().enumerate();
    let own = known.filter(|(index, _)| state.role_in_community(asked.number(), *index, Some(now)).is_in());
    let list = own.map(|(_, community)| json!({ "name": community.name, "id": community_id(&community.id) }));
    paged(inner, list.collect(), page)
}

/// `GET /groups`: nothing in it tells of communities, and the flags are strings.
fn groups(inner: &Inner, asked: &Asked, page: Option<(usize, usize)>, now: i64) -> Answer {
    let (state, settings) = (&inner.state, &inner.description.zapi);
    let number = asked.number();
    let parents = state.communities.iter().enumerate().filter(|(index, _)| {
        settings.list_parents && state.role_in_community(number, *index, Some(now)).is_in()
    });
    let own = state.groups.iter().enumerate().filter(|(index, group)| {
        let is_listed = group.announces.is_none() || settings.list_announcements;
        let stays = settings.list_left_groups && state.has_left(number, *index);
        is_listed && (stays || state.role(number, *index, Some(now)).is_in())
    });
    let parents = parents.map(|(_, community)| entry(&community.id, &community.name, now));
    let list = parents.chain(own.map(|(_, group)| entry(&group.id, &group.name, group.created)));
    paged(inner, list.collect(), page)
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

fn metadata(inner: &Inner, asked: &Asked, now: i64) -> Answer {
    let (state, number) = (&inner.state, asked.number());
    let id = asked.community.as_ref().map_or("", |community| community.id.as_str());
    let Some(Place::Community(index)) = state.place(id) else { return error(404, "Community not found") };
    if !state.role_in_community(number, index, Some(now)).is_in() {
        return error(404, "Community not found");
    }
    let community = &state.communities[index];
    let only_own = inner.description.zapi.only_own_subgroups;
    let listed = |group: &usize| !only_own || state.role(number, *group, Some(now)).is_in();
    let linked = state.subgroups(index, Some(now)).into_iter().filter(listed);
    let subgroups =
        std::iter::once(community.announcements).chain(linked).map(|group| subgroup(inner, group));
    let body = json!({
        "name": community.name,
        "id": community_id(&community.id),
        "description": some_text(&community.description),
        "subGroups": subgroups.collect::<Vec<_>>(),
    });
    Answer::json(200, &body)
}

pub(super) fn subgroup(inner: &Inner, group: usize) -> Value {
    let group = &inner.state.groups[group];
    json!({ "name": group.name, "phone": group_id(&group.id), "isGroupAnnouncement": group.announces.is_some() })
}

fn some_text(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn info(inner: &Inner, asked: &Asked, with_invite: bool) -> Answer {
    let (state, number) = (&inner.state, asked.number());
    let target = asked.groups.first();
    let place = target.and_then(|target| state.place(&target.id));
    let Some(Place::Group(group)) = place else { return error(404, "Group not found") };
    let role = state.role(number, group, None);
    if !role.is_in() && !target.is_some_and(|target| target.by_code) {
        match inner.description.zapi.info_after_leave {
            InfoAfterLeave::NotFound => return error(404, "Group not found"),
            InfoAfterLeave::Null => return Answer::json(200, &nothing()),
            InfoAfterLeave::Without => {}
        }
    }
    let mut body = details(inner, group);
    if with_invite && role.is_admin() {
        body["invitationLink"] = format!("https://chat.whatsapp.com/{}", state.groups[group].code).into();
    } else if with_invite {
        body["invitationLinkError"] = "not-authorized".into();
    }
    Answer::json(200, &body)
}

fn nothing() -> Value {
    json!({
        "phone": null, "description": null, "owner": null, "subject": null, "creation": null, "invitationLink": null,
        "invitationLinkError": null, "communityId": null, "participants": null,
    })
}

fn details(inner: &Inner, index: usize) -> Value {
    let group = &inner.state.groups[index];
    let people = people::participants(&inner.state, index);
    let owner = people::creator(&people);
    let participants = people.iter().map(|person| {
        let phone = match inner.description.zapi.participant_ids {
            ParticipantIds::Phone => person.phone.clone(),
            ParticipantIds::Lid => format!("{}@lid", person.lid()),
        };
        json!({ "phone": phone, "isAdmin": person.is_admin, "isSuperAdmin": person.is_superadmin })
    });
    let mut body = json!({
        "phone": group_id(&group.id),
        "owner": owner,
        "subject": group.name,
        "creation": group.created,
        "invitationLink": null,
        "invitationLinkError": null,
        "participants": participants.collect::<Vec<_>>(),
        "subjectTime": group.created,
        "subjectOwner": owner,
    });
    // The sample of the older id form is shorter.
    if !group.id.contains('-') {
        let parent = inner.state.parent(index, None);
        body["description"] = some_text(&group.description).into();
        body["communityId"] = parent.map(|parent| community_id(&inner.state.communities[parent].id)).into();
        body["adminOnlyMessage"] = group.announces.is_some().into();
        body["adminOnlySettings"] = true.into();
        body["requireAdminApproval"] = group.approval.into();
        body["isGroupAnnouncement"] = group.announces.is_some().into();
    }
    body
}

fn invite_link(inner: &Inner, asked: &Asked) -> Answer {
    let place = asked.groups.first().and_then(|target| inner.state.place(&target.id));
    let Some(Place::Group(group)) = place else { return error(404, "Group not found") };
    let role = inner.state.role(asked.number(), group, None);
    if !role.is_admin() {
        return if role.is_in() { error(400, "not-authorized") } else { error(404, "Group not found") };
    }
    let known = &inner.state.groups[group];
    let link = format!("https://chat.whatsapp.com/{}", known.code);
    Answer::json(200, &json!({ "phone": group_id(&known.id), "invitationLink": link }))
}
