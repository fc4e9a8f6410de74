//! Z-API's details of one group, full and light (docs/gateways/zapi.md, details).

use serde_json::{Value, json};

use super::super::Inner;
use super::super::description::{InfoAfterLeave, ParticipantIds};
use super::super::exchange::{Answer, Asked, Entry, View};
use super::super::people::{self, Person};
use super::super::state::{Moment, WorldPlace};
use super::numbers::spelled;
use super::{community_id, error, group_id, some_text};

pub(super) fn info(inner: &Inner, asked: &Asked, with_invite: bool, view: &View) -> Answer {
    let (state, number, at) = (&inner.state, asked.number(), Moment::True(view.at));
    let target = asked.groups.first();
    let place = target.and_then(|target| state.place(&target.id));
    let Some(WorldPlace::Group(group)) = place else { return error(404, "Group not found") };
    let role = state.role(number, group, at);
    if !role.is_in() && !target.is_some_and(|target| target.by_code) {
        match inner.description.zapi.info_after_leave {
            InfoAfterLeave::NotFound => return error(404, "Group not found"),
            InfoAfterLeave::Null => return Answer::json(200, &nothing()),
            InfoAfterLeave::Without => {}
        }
    }
    let mut body = details(inner, group, view);
    if !with_invite {
        lighten(inner, &mut body);
    }
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

/// Changes full details to light ones.
fn lighten(inner: &Inner, body: &mut Value) {
    let settings = &inner.description.zapi;
    if settings.light_name {
        body["name"] = body["subject"].clone();
    }
    if let Some(fields) = body.as_object_mut().filter(|_| !settings.light_community_id) {
        fields.remove("communityId");
    }
}

fn participant<'a>(inner: &Inner, person: &'a Person) -> Entry<'a> {
    let settings = &inner.description.zapi;
    let phone = match settings.participant_ids {
        ParticipantIds::Phone => spelled(&person.phone, settings.participant_number),
        ParticipantIds::Lid => format!("{}@lid", person.lid()),
    };
    let value = json!({ "phone": phone, "isAdmin": person.is_admin, "isSuperAdmin": person.is_superadmin });
    Entry { id: &person.phone, is_announcements: false, value }
}

fn details(inner: &Inner, index: usize, view: &View) -> Value {
    let at = Moment::True(view.at);
    let group = &inner.state.groups[index];
    let people = people::participants(&inner.state, index, at);
    let owner = people::creator(&people);
    let participants = people.iter().map(|person| participant(inner, person)).collect();
    let mut body = json!({
        "phone": group_id(&group.id),
        "owner": owner,
        "subject": group.name,
        "creation": group.created,
        "invitationLink": null,
        "invitationLinkError": null,
        "participants": view.select(participants),
        "subjectTime": group.created,
        "subjectOwner": owner,
    });
    // The documented sample for the older id form is shorter.
    if !group.id.contains('-') {
        let parent = inner.state.parent(index, at);
        body["description"] = some_text(&group.description).into();
        body["communityId"] = parent.map(|parent| community_id(&inner.state.communities[parent].id)).into();
        body["adminOnlyMessage"] = group.announces.is_some().into();
        body["adminOnlySettings"] = true.into();
        body["requireAdminApproval"] = group.approval.into();
        body["isGroupAnnouncement"] = group.announces.is_some().into();
    }
    body
}
