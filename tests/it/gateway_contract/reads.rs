//! How reads interpret answers, documented and undocumented (`docs/gateways/ryzeapi.md`, 7.1, 8.1, 8.2, 9.4, 10).

use rstest::rstest;
use serde_json::{Value, json};
use synod::domain::{
    community::{Group, GroupKind, GroupList, Parent, Role},
    failure::FailureKind,
    instance::ConnectionState,
    reading::Probe,
};

use super::{ANNOUNCEMENTS, HARBOR, LAB, RECEPTION, answering, community, group};
use crate::support::gateway::{EPOCH, Server, client_over, harbor, json as answer, raw};

fn subgroups() -> Value {
    json!({ "success": true, "communityJid": HARBOR, "subgroups": [
        { "jid": ANNOUNCEMENTS, "name": "Harbor Clinics", "isDefaultSubGroup": true },
        { "jid": RECEPTION, "name": "Harbor Reception", "isDefaultSubGroup": false },
        { "jid": LAB, "name": "", "surprise": { "deep": [1] } },
    ] })
}

#[tokio::test(start_paused = true)]
async fn every_read_asks_the_documented_path() {
    let server = Server::new();
    let mut spec = harbor();
    spec.base_url = synod::domain::base_url::BaseUrl::parse("http://127.0.0.1:9/under/").unwrap();
    spec.instance = Some("São/1".to_owned().into());
    let client = client_over(server.answering(|_| std::future::ready(answer(200, json!({})))), spec);
    let _ = client.connection().await;
    let _ = client.groups().await;
    let _ = client.listing(&community()).await;
    let _ = client.details(&group(RECEPTION)).await;
    let name = "S%C3%A3o%2F1";
    assert_eq!(
        server.paths(),
        [
            format!("/under/api/instance/list?instanceName={name}"),
            format!("/under/api/group/list/{name}?includeMembers=false"),
            format!("/under/api/community/listSubGroups/{name}?communityJid=120363400000000001%40g.us"),
            format!("/under/api/instance/list?instanceName={name}"),
            format!("/under/api/group/info/{name}?identifier=120363400000000011%40g.us&participants=true"),
        ]
    );
}

/// The first group of a list.
fn entry_of(list: &GroupList) -> Group {
    list.groups.get(0).unwrap().to_group()
}

#[rstest]
#[case(json!({ "connection": { "state": "connected" } }), ConnectionState::Connected)]
#[case(json!({ "connection": { "state": "connected" }, "status": "qr" }), ConnectionState::Connected)]
#[case(json!({ "connection": { "state": 7 }, "status": "connected" }), ConnectionState::Connected)]
#[case(json!({ "connection": { "state": "connecting" } }), ConnectionState::Connecting)]
#[case(json!({ "status": "temp_banned" }), ConnectionState::Banned)]
#[case(json!({ "connection": null }), ConnectionState::NotConnected(None))]
#[tokio::test(start_paused = true)]
async fn the_state_is_read_from_every_documented_place(
    #[case] fields: Value,
    #[case] state: ConnectionState,
) {
    let mut instance = fields;
    instance["name"] = json!("harbor");
    let body = json!({ "success": true, "instances": [{ "name": "other", "status": "closed" }, instance] });
    assert_eq!(answering(200, body).connection().await.unwrap().state, state);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_state_is_shown_as_it_came_and_the_number_without_its_device() {
    let body = json!({ "instances": [
        { "name": "harbor", "connection": { "state": "loggedout", "numberJid": "5511900000001:7@s.whatsapp.net" } },
    ] });
    let connection = answering(200, body).connection().await.unwrap();
    assert!(
        matches!(&connection.state, ConnectionState::NotConnected(Some(word)) if word.shown() == "loggedout")
    );
    assert_eq!(connection.number.unwrap().exact(), "5511900000001");
}

#[rstest]
#[case(200, json!({ "instances": [{ "name": "Harbor", "status": "connected" }] }), FailureKind::UnknownInstance)]
#[case(200, json!({ "instances": [] }), FailureKind::UnknownInstance)]
#[case(404, json!({ "error": { "message": "no such name" } }), FailureKind::UnknownInstance)]
#[case(404, json!({}), FailureKind::NotFound)]
#[case(200, json!({ "success": true }), FailureKind::Malformed)]
#[tokio::test(start_paused = true)]
async fn another_instance_is_never_mistaken_for_the_requested_one(
    #[case] status: u16,
    #[case] body: Value,
    #[case] kind: FailureKind,
) {
    assert_eq!(answering(status, body).connection().await.unwrap_err().kind, kind);
}

#[rstest]
#[case(json!({ "groups": [{ "groupJid": RECEPTION, "name": "Reception", "memberCount": 18 }] }))]
#[case(json!({ "data": [{ "jid": RECEPTION, "subject": "Reception", "participantCount": "18" }] }))]
#[case(json!({ "data": { "groups": [{ "groupJid": "", "id": RECEPTION, "name": " ", "subject": "Reception", "memberCount": 18 }] } }))]
#[case(json!({ "groups": [{ "groupJid": 5, "jid": RECEPTION, "name": "Reception", "memberCount": [], "participantCount": 18 }] }))]
#[tokio::test(start_paused = true)]
async fn groups_are_found_under_every_name_that_the_contract_allows(#[case] body: Value) {
    let list = answering(200, body).groups().await.unwrap();
    assert_eq!((list.begun, list.skipped, list.groups.len()), (EPOCH, 0, 1));
    let read = entry_of(&list);
    assert_eq!((read.id.as_str(), read.name.exact(), read.members), (RECEPTION, "Reception", Some(18)));
    assert_eq!((read.role, read.kind, &read.parent), (Role::Unknown, GroupKind::Unknown, &Parent::Unknown));
}

#[tokio::test(start_paused = true)]
async fn entries_that_are_not_groups_are_omitted_and_counted() {
    let body = json!({ "groups": [
        { "groupJid": "5511900000001-1600000000@g.us" },
        { "groupJid": "123456789@newsletter", "name": "News" },
        { "name": "without an id" },
        "not an object",
        { "groupJid": RECEPTION, "name": "Reception" },
        { "groupJid": RECEPTION, "name": "Reception again" },
    ] });
    let list = answering(200, body).groups().await.unwrap();
    assert_eq!(list.skipped, 2, "a newsletter is plainly not a group");
    assert!(!list.proves_absence(), "an unreadable entry may be any group");
    let read: Vec<_> =
        list.groups.iter().map(|group| (group.id(), group.name().exact(), group.members())).collect();
    let old = "5511900000001-1600000000@g.us";
    assert_eq!(read, [(old, "", None), (RECEPTION, "Reception", None)]);
}

#[rstest]
#[case(json!({ "linkedParentJid": null }), Parent::None, GroupKind::Unknown)]
#[case(json!({ "linkedParentJid": "" }), Parent::None, GroupKind::Unknown)]
#[case(json!({ "linkedParentJid": HARBOR }), Parent::Community(community()), GroupKind::Unknown)]
#[case(json!({ "linkedParentJid": 12 }), Parent::Unknown, GroupKind::Unknown)]
#[case(json!({ "linkedParentJid": RECEPTION }), Parent::Unknown, GroupKind::Unknown)]
#[case(json!({ "isParent": true }), Parent::Unknown, GroupKind::Community)]
#[case(json!({ "isParent": false, "isCommunity": true }), Parent::Unknown, GroupKind::Community)]
#[case(json!({ "isParent": false }), Parent::Unknown, GroupKind::Ordinary)]
#[case(json!({ "isDefaultSubGroup": true }), Parent::Unknown, GroupKind::Announcements)]
#[case(json!({ "isDefaultSubGroup": false }), Parent::Unknown, GroupKind::Unknown)]
#[tokio::test(start_paused = true)]
async fn fields_of_communities_are_used_when_they_exist(
    #[case] mut item: Value,
    #[case] parent: Parent,
    #[case] kind: GroupKind,
) {
    item["groupJid"] = json!(RECEPTION);
    item["name"] = json!("Reception");
    let list = answering(200, json!({ "groups": [item] })).groups().await.unwrap();
    assert_eq!((entry_of(&list).parent, entry_of(&list).kind), (parent.clone(), kind));
}

#[rstest]
#[case(json!({ "success": true }), FailureKind::Malformed)]
#[case(json!({ "groups": "none" }), FailureKind::Malformed)]
#[case(json!({ "success": false, "error": { "message": "Instance is not connected to WhatsApp" } }), FailureKind::NotConnected)]
#[case(json!({ "success": false, "groups": [] }), FailureKind::GatewayError)]
#[tokio::test(start_paused = true)]
async fn an_answer_that_lists_nothing_is_not_a_list(#[case] body: Value, #[case] kind: FailureKind) {
    assert_eq!(answering(200, body).groups().await.unwrap_err().kind, kind);
}

#[rstest]
#[case(json!({ "error": { "message": "Instance is not connected to WhatsApp" } }), FailureKind::NotConnected)]
#[case(json!({ "error": { "code": "E1" } }), FailureKind::GatewayError)]
#[case(json!({ "error": "broken" }), FailureKind::GatewayError)]
#[case(json!({ "success": "false" }), FailureKind::GatewayError)]
#[tokio::test(start_paused = true)]
async fn a_listing_beside_an_error_does_not_count(#[case] says: Value, #[case] kind: FailureKind) {
    let mut body = subgroups();
    body.as_object_mut().unwrap().remove("success");
    body.as_object_mut().unwrap().extend(says.as_object().unwrap().clone());
    assert_eq!(answering(200, body).listing(&community()).await.unwrap_err().kind, kind);
}

#[rstest]
#[case(json!({ "error": null }))]
#[case(json!({ "error": "" }))]
#[case(json!({ "error": {} }))]
#[case(json!({ "error": false }))]
#[tokio::test(start_paused = true)]
async fn an_empty_error_field_does_not_invalidate_a_listing(#[case] says: Value) {
    let mut body = subgroups();
    body.as_object_mut().unwrap().extend(says.as_object().unwrap().clone());
    answering(200, body).listing(&community()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_of_groups_is_read_and_proves_nothing() {
    let list = answering(200, json!({ "groups": null })).groups().await.unwrap();
    assert!(!list.proves_absence());
}

#[tokio::test(start_paused = true)]
async fn a_listing_separates_its_announcement_group() {
    let listing = answering(200, subgroups()).listing(&community()).await.unwrap();
    assert_eq!(listing.announcements.as_ref().unwrap().id, group(ANNOUNCEMENTS));
    assert_eq!(listing.subgroups.len(), 2);
    assert!(listing.has(&group(LAB)) && !listing.has(&group(ANNOUNCEMENTS)));
    assert_eq!(listing.subgroups[1].name.exact(), "", "an ID is not a name");
    assert_eq!((listing.begun, listing.name), (EPOCH, None));
}

#[rstest]
#[case::empty(json!({ "success": true, "subgroups": [] }), FailureKind::NoListing)]
#[case::absent(json!({ "success": true }), FailureKind::NoListing)]
#[case::without_announcements(json!({ "subgroups": [{ "jid": RECEPTION }] }), FailureKind::NoListing)]
#[case::an_entry_without_id(json!({ "subgroups": [{ "jid": ANNOUNCEMENTS, "isDefaultSubGroup": true }, { "jid": null, "name": "Lab" }] }), FailureKind::Malformed)]
#[case::an_entry_of_another_form(json!({ "subgroups": [{ "jid": ANNOUNCEMENTS, "isDefaultSubGroup": true }, { "jid": "lab" }] }), FailureKind::Malformed)]
#[case::an_entry_that_is_no_object(json!({ "subgroups": [{ "jid": ANNOUNCEMENTS, "isDefaultSubGroup": true }, LAB] }), FailureKind::Malformed)]
#[case::of_another(json!({ "communityJid": LAB, "subgroups": [{ "jid": ANNOUNCEMENTS, "isDefaultSubGroup": true }] }), FailureKind::Malformed)]
#[tokio::test(start_paused = true)]
async fn an_incomplete_form_of_a_listing_is_a_failure(#[case] body: Value, #[case] kind: FailureKind) {
    assert_eq!(answering(200, body).listing(&community()).await.unwrap_err().kind, kind);
}

#[tokio::test(start_paused = true)]
async fn a_listing_may_name_its_community_without_the_suffix() {
    let mut body = subgroups();
    body["communityJid"] = json!("120363400000000001");
    assert!(answering(200, body).listing(&community()).await.is_ok());
}

#[rstest]
#[case::an_empty_list(200, json!({ "success": true, "subgroups": [] }), Ok(()))]
#[case::a_null_list(200, json!({ "success": true, "subgroups": null }), Ok(()))]
#[case::a_400(400, json!({ "success": false, "error": { "message": "invalid community JID: not a parent" } }), Ok(()))]
#[case::a_404(404, json!({ "success": false, "error": { "message": "not found" } }), Ok(()))]
#[case::a_proxys_json(404, json!({ "message": "no Route matched with those values" }), Err(FailureKind::NotFound))]
#[case::a_proxys_400(400, json!({ "error": "bad request" }), Err(FailureKind::Refused))]
#[case::without_the_envelope(404, json!({ "error": { "message": "not found" } }), Err(FailureKind::NotFound))]
#[case::a_route(404, json!({ "success": false, "error": { "message": "route not found" } }), Err(FailureKind::NotFound))]
#[case::not_connected(400, json!({ "error": { "message": "Instance is not connected to WhatsApp" } }), Err(FailureKind::NotConnected))]
#[case::no_instance(404, json!({ "error": { "message": "Instance not found" } }), Err(FailureKind::UnknownInstance))]
#[case::a_lost_query(400, json!({ "error": { "message": "communityJid query parameter is required" } }), Err(FailureKind::WrongRequest))]
#[case::a_fault(500, json!({ "error": { "message": "failed to get groups: x" } }), Err(FailureKind::GatewayError))]
#[case::no_list(200, json!({ "success": true }), Err(FailureKind::NoListing))]
#[case::half_a_listing(200, json!({ "subgroups": [{ "jid": RECEPTION }] }), Err(FailureKind::NoListing))]
#[case::forbidden(403, json!({ "error": { "message": "no" } }), Err(FailureKind::Forbidden))]
#[tokio::test(start_paused = true)]
async fn a_probe_finds_a_group_ordinary_only_when_the_gateway_says_so(
    #[case] status: u16,
    #[case] body: Value,
    #[case] wanted: Result<(), FailureKind>,
) {
    let probe = answering(status, body).probe(&group(LAB)).await;
    match wanted {
        Ok(()) => assert!(matches!(probe, Probe::Nothing(_)), "{probe:?}"),
        Err(kind) => assert!(matches!(probe, Probe::Failed(failure) if failure.kind == kind)),
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_finds_a_community_and_is_not_misled_by_a_proxy() {
    let probe = answering(200, subgroups()).probe(&group(HARBOR)).await;
    assert!(matches!(probe, Probe::Community(listing) if listing.community == community()));
    let router = Server::new().answering(|_| std::future::ready(raw(404, "text/html", "<h1>404</h1>")));
    assert!(matches!(client_over(router, harbor()).probe(&group(HARBOR)).await, Probe::Failed(_)));
}

/// A server with the own number 5511900000001 and these details.
fn with_details(details: Value) -> axum::Router {
    Server::new().answering(move |seen| {
        let instance =
            json!({ "name": "harbor", "status": "connected", "numberJid": "5511900000001:3@s.whatsapp.net" });
        let body =
            if seen.path.contains("instance") { json!({ "instances": [instance] }) } else { details.clone() };
        std::future::ready(answer(200, body))
    })
}

fn member(jid: &str, lid: &str, is_admin: bool) -> Value {
    json!({ "jid": jid, "lid": lid, "isAdmin": is_admin, "isSuperAdmin": false, "name": "Ana" })
}

#[rstest]
#[case::by_phone("5511900000001@s.whatsapp.net", "19900@lid")]
#[case::with_a_device("5511900000001:12@s.whatsapp.net", "19900@lid")]
#[case::the_other_way_round("19900@lid", "5511900000001@s.whatsapp.net")]
#[tokio::test(start_paused = true)]
async fn the_own_role_is_found_by_either_id(#[case] jid: &str, #[case] lid: &str) {
    let others = member("5511900000009@s.whatsapp.net", "19909@lid", false);
    let group_info = json!({ "success": true, "group": {
        "jid": RECEPTION, "name": "Reception", "description": "desk", "inviteCode": "ABC123",
        "isDefaultSubGroup": false, "participants": [others, member(jid, lid, true)],
    } });
    let details = client_over(with_details(group_info), harbor()).details(&group(RECEPTION)).await.unwrap();
    assert_eq!((details.role, details.own_number_listed), (Role::Admin, Some(true)));
    assert_eq!((details.admins, details.members, details.has_invite_link), (Some(1), Some(2), true));
    assert!(!format!("{details:?}").contains("Ana"), "names of members are not kept");
    assert!(!format!("{details:?}").contains("ABC123"), "nor is the invite code");
}

#[rstest]
#[case::not_among_phones(json!([member("5511900000009@s.whatsapp.net", "1@lid", true)]), Some(false), Some(1))]
#[case::someone_is_hidden(json!([member("77@lid", "", true)]), None, Some(1))]
#[case::nobody(json!([]), None, None)]
#[case::absent(Value::Null, None, None)]
#[case::roles_untold(json!([{ "jid": "5511900000001@s.whatsapp.net" }]), Some(true), None)]
#[tokio::test(start_paused = true)]
async fn facts_that_the_members_do_not_show_stay_unknown(
    #[case] participants: Value,
    #[case] listed: Option<bool>,
    #[case] admins: Option<u32>,
) {
    let at_top_level = json!({ "jid": RECEPTION, "name": "Reception", "participants": participants });
    let details = client_over(with_details(at_top_level), harbor()).details(&group(RECEPTION)).await.unwrap();
    assert_eq!((details.role, details.own_number_listed, details.admins), (Role::Unknown, listed, admins));
}

#[tokio::test(start_paused = true)]
async fn details_of_another_group_or_of_none_are_malformed() {
    for body in [json!({ "group": { "jid": LAB, "name": "Lab" } }), json!({ "success": true })] {
        let failure = client_over(with_details(body), harbor()).details(&group(RECEPTION)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed);
    }
    let message = "Group not found or you are not a member of this group";
    let client = answering(404, json!({ "success": false, "error": { "message": message } }));
    assert_eq!(client.details(&group(RECEPTION)).await.unwrap_err().kind, FailureKind::NotMember);
}

#[tokio::test(start_paused = true)]
async fn the_own_number_is_requested_once() {
    let server = Server::new();
    let details = json!({ "group": { "jid": RECEPTION, "name": "Reception" } });
    let client =
        client_over(server.answering(move |_| std::future::ready(answer(200, details.clone()))), harbor());
    for _ in 0..3 {
        client.details(&group(RECEPTION)).await.unwrap();
    }
    assert_eq!(server.paths().iter().filter(|path| path.contains("instance/list")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn communities_cannot_be_listed() {
    let failure = answering(200, json!({})).communities().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
}

#[rstest]
#[case::nothing(json!({ "isParent": false, "linkedParentJid": "" }), Parent::Unknown, GroupKind::Unknown)]
#[case::no_members(
    json!({ "name": " ", "memberCount": 0, "isParent": false, "linkedParentJid": null, "participants": null }),
    Parent::Unknown,
    GroupKind::Unknown
)]
#[case::a_name(json!({ "name": "Lab", "isParent": false, "linkedParentJid": "" }), Parent::None, GroupKind::Ordinary)]
#[case::members(
    json!({ "participantCount": 3, "isParent": false, "linkedParentJid": "" }),
    Parent::None,
    GroupKind::Ordinary
)]
#[case::a_flag_that_is_set(json!({ "isParent": true }), Parent::Unknown, GroupKind::Community)]
#[case::a_parent(
    json!({ "isParent": false, "linkedParentJid": HARBOR }),
    Parent::Community(community()),
    GroupKind::Unknown
)]
#[tokio::test(start_paused = true)]
async fn nothing_follows_from_the_zero_values_of_a_list_or_of_details(
    #[case] mut entry: Value,
    #[case] parent: Parent,
    #[case] kind: GroupKind,
) {
    entry["jid"] = json!(RECEPTION);
    let list = answering(200, json!({ "groups": [entry.clone()] })).groups().await.unwrap();
    assert_eq!((entry_of(&list).parent, entry_of(&list).kind), (parent.clone(), kind));
    let client = client_over(with_details(json!({ "group": entry })), harbor());
    let details = client.details(&group(RECEPTION)).await.unwrap();
    assert_eq!((details.parent, details.kind), (parent, kind));
}

#[rstest]
#[case::whole(1, None, Some(false))]
#[case::as_stated(2, Some(2), Some(false))]
#[case::fewer_than_stated(2, Some(3), None)]
#[case::as_many_as_a_list_holds(1_024, Some(1_024), None)]
#[case::nearly_as_many(1_023, None, Some(false))]
#[tokio::test(start_paused = true)]
async fn members_that_may_be_cut_prove_no_absence(
    #[case] members: usize,
    #[case] stated: Option<u32>,
    #[case] listed: Option<bool>,
) {
    let others = vec![member("5511900000009@s.whatsapp.net", "1@lid", true); members];
    let info =
        json!({ "jid": RECEPTION, "name": "Reception", "participantCount": stated, "participants": others });
    let details = client_over(with_details(info), harbor()).details(&group(RECEPTION)).await.unwrap();
    assert_eq!((details.own_number_listed, details.admins.is_some()), (listed, listed.is_some()));
}

#[rstest]
#[case::as_dialled(json!({ "jid": "+55 11 90000-0001" }), Some(true))]
#[case::of_the_web(json!({ "jid": "5511900000001@c.us" }), Some(true))]
#[case::a_number(json!({ "jid": 5_511_900_000_001_u64 }), Some(true))]
#[case::a_bare_id(json!("5511900000001:12@s.whatsapp.net"), Some(true))]
#[case::beside_a_hidden_id(json!({ "jid": "199@lid", "phoneNumber": "5511900000001@s.whatsapp.net" }), Some(true))]
#[case::national(json!({ "jid": "(11) 90000-0001" }), None)]
#[case::hidden(json!({ "jid": "5511900000001@lid" }), None)]
#[case::unreadable(json!({ "jid": {} }), None)]
#[case::nothing(json!(null), None)]
#[tokio::test(start_paused = true)]
async fn the_own_number_is_known_in_every_spelling(#[case] entry: Value, #[case] listed: Option<bool>) {
    let others = member("5511900000009@s.whatsapp.net", "1@lid", true);
    let info = json!({ "jid": RECEPTION, "name": "Reception", "participants": [others, entry] });
    let details = client_over(with_details(info), harbor()).details(&group(RECEPTION)).await.unwrap();
    assert_eq!(details.own_number_listed, listed);
}
