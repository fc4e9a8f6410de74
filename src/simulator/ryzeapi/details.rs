//! `RyzeAPI`'s details of one group: `GET /api/group/info` (docs/gateways/ryzeapi.md, details).

use serde_json::{Value, json};

use super::super::Inner;
use super::super::clock::rfc3339;
use super::super::description::ParticipantIds;
use super::super::exchange::{Answer, Asked, Entry, View};
use super::super::people::{self, Person};
use super::super::state::{Moment, WorldPlace};
use super::{NOT_A_MEMBER, error, jid};

/// The group that a request names, if the number is in it.
pub(super) fn member_of(inner: &Inner, asked: &Asked) -> Option<usize> {
    let target = asked.groups.first()?;
    let Some(WorldPlace::Group(group)) = inner.state.place(&target.id) else { return None };
    inner.state.role(asked.number(), group, Moment::Now).is_in().then_some(group)
}

fn person(inner: &Inner, person: &Person) -> Value {
    let phone = format!("{}@s.whatsapp.net", person.phone);
    let lid = format!("{}@lid", person.lid());
    let id = match inner.description.ryzeapi.participant_ids {
        ParticipantIds::Phone => &phone,
        ParticipantIds::Lid => &lid,
    };
    json!({ "jid": id, "lid": lid, "isAdmin": person.is_admin, "isSuperAdmin": person.is_superadmin })
}

pub(super) fn participants(inner: &Inner, group: usize) -> Vec<Value> {
    people::participants(&inner.state, group, Moment::Now).iter().map(|known| person(inner, known)).collect()
}

fn participant<'a>(inner: &Inner, known: &'a Person) -> Entry<'a> {
    Entry { id: &known.phone, is_announcements: false, value: person(inner, known) }
}

/// The details of a community are those of its announcement group, under the community's own id and name.
struct DetailsSubject {
    group: usize,
    is_parent: bool,
    id: String,
    name: String,
}

fn subject(inner: &Inner, asked: &Asked, at: Moment) -> Option<DetailsSubject> {
    let target = asked.groups.first()?;
    let number = asked.number();
    match inner.state.place(&target.id)? {
        WorldPlace::Group(group) => {
            let known = &inner.state.groups[group];
            let may_see = target.by_code || inner.state.role(number, group, at).is_in();
            may_see.then(|| DetailsSubject {
                group,
                is_parent: false,
                id: known.id.to_string(),
                name: known.name.to_string(),
            })
        }
        WorldPlace::Community(community) => {
            let known = &inner.state.communities[community];
            let may_see = inner.description.ryzeapi.info_on_parents
                && inner.state.role_in_community(number, community, at).is_in();
            let group = known.announcements;
            may_see.then(|| DetailsSubject {
                group,
                is_parent: true,
                id: known.id.to_string(),
                name: known.name.clone(),
            })
        }
    }
}

pub(super) fn info(inner: &Inner, asked: &Asked, with_participants: bool, view: &View) -> Answer {
    let at = Moment::True(view.at);
    let Some(subject) = subject(inner, asked, at) else { return error(404, NOT_A_MEMBER) };
    let group = &inner.state.groups[subject.group];
    let people = people::participants(&inner.state, subject.group, at);
    let is_announcements = group.announces.is_some() && !subject.is_parent;
    let mut details = json!({
        "jid": jid(&subject.id),
        "name": subject.name,
        "description": group.description,
        "createdBy": format!("{}@s.whatsapp.net", people::creator(&people)),
        "createdAt": rfc3339(group.created),
        "participantCount": group.members,
        "groupSettings": {
            "membersCanEditInfo": false,
            "membersCanSendMessages": group.announces.is_none(),
            "membersCanAddOthers": false,
            "requireAdminApproval": group.approval,
        },
        "image": "",
        "metadata": {},
        "isEphemeral": false,
        "isIncognito": false,
        "isSuspended": false,
        "isDefaultSubGroup": is_announcements,
    });
    if with_participants {
        let entry = |known| participant(inner, known);
        details["participants"] = view.select(people.iter().map(entry).collect()).into();
    }
    // WhatsApp gives the invite only to admins.
    if inner.state.role(asked.number(), subject.group, at).is_admin() && !subject.is_parent {
        details["inviteCode"] = (*group.code).into();
        details["inviteLink"] = format!("https://chat.whatsapp.com/{}", group.code).into();
    }
    if inner.description.ryzeapi.info_community_fields {
        let parent = inner.state.parent(subject.group, at).filter(|_| !subject.is_parent);
        details["isParent"] = subject.is_parent.into();
        details["linkedParentJid"] = parent.map(|parent| jid(&inner.state.communities[parent].id)).into();
    }
    Answer::json(200, &json!({ "success": true, "message": "Group info retrieved", "group": details }))
}
