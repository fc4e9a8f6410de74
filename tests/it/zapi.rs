//! How the Z-API client handles cases that the contract leaves open: each tolerance, claim and failure of
//! docs/gateways/zapi.md, against a small server in the same process.

use std::{
    future,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};
use synod::{
    clock::Clock,
    domain::{
        base_url::BaseUrl,
        community::{GroupDetails, GroupKind, GroupRef, Parent, Role},
        failure::{Failure, FailureKind},
        id::{CommunityId, GroupId},
        instance::{ConnectionState, GatewayKind},
        invite::InviteLink,
        outcome::Claim,
        settings::Timeouts,
        time::Millis,
    },
    gateway::{Answer, BudgetBook, ClientParts, FnTransport, Gateway, InstanceSpec, Transport, open},
};

const COMMUNITY: &str = "98120363500000000001";
const GROUP: &str = "120363500000000003-group";

type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// A client of a server that answers an operation, without its query, with this function, and records its requests.
fn client(answer: impl Fn(&str) -> (u16, Value) + Send + Sync + 'static) -> (Gateway, Asked) {
    let asked = Asked::default();
    let kept = Arc::clone(&asked);
    let transport = FnTransport::new(move |request: Request<Bytes>| {
        let path = request.uri().path_and_query().unwrap().as_str().to_owned();
        let operation = path.strip_prefix("/instances/ID/token/TOKEN/").unwrap().to_owned();
        let (status, body) = answer(operation.split('?').next().unwrap());
        let sent = serde_json::from_slice(request.body()).unwrap_or_default();
        kept.lock().unwrap().push((operation, sent));
        let body = if body == json!("<html>") { "<html>".to_owned() } else { body.to_string() };
        future::ready(Ok(Response::builder().status(status).body(Bytes::from(body)).unwrap()))
    });
    (over(transport), asked)
}

/// A client over this transport.
fn over(transport: impl Transport + 'static) -> Gateway {
    let spec = InstanceSpec {
        kind: GatewayKind::Zapi,
        base_url: BaseUrl::parse("https://gateway.example").unwrap(),
        instance: Some(SecretString::from("ID")),
        token: SecretString::from("TOKEN"),
        client_token: None,
    };
    let parts = ClientParts {
        timeouts: Timeouts::default(),
        clock: Clock::fixed(Millis(1_780_000_000_000)),
        budgets: BudgetBook::new(),
        transport: Arc::new(transport),
        scrubber: Arc::default(),
    };
    open(&spec, &parts).unwrap()
}

fn connected() -> (u16, Value) {
    (200, json!({ "connected": true, "error": "You are already connected.", "smartphoneConnected": true }))
}

/// A client of a connected instance that gives this answer to everything except `/status` and `/device`.
fn answering(status: u16, body: Value) -> (Gateway, Asked) {
    client(move |operation| match operation {
        "status" => connected(),
        "device" => (200, json!({ "phone": "5511900000001" })),
        _ => (status, body.clone()),
    })
}

fn community() -> CommunityId {
    CommunityId::parse(COMMUNITY).unwrap()
}

fn group() -> GroupId {
    GroupId::parse(GROUP).unwrap()
}

async fn link(status: u16, body: Value) -> Answer {
    answering(status, body).0.writes().unwrap().link(&community(), &group()).await
}

async fn details(body: Value) -> Result<GroupDetails, Failure> {
    answering(200, body).0.details(&group()).await
}

#[rstest]
#[case(200, json!({ "success": true }), Claim::Yes)]
#[case(200, json!({ "value": true }), Claim::Yes)]
#[case(200, json!({ "success": "true", "extra": [] }), Claim::Yes)]
#[case(200, json!({ "success": true, "error": null }), Claim::Yes)]
#[case(200, json!({ "success": false }), Claim::No)]
#[case(200, json!({ "value": "false" }), Claim::No)]
#[case(200, json!({ "error": "already in a community" }), Claim::No)]
#[case(200, json!({ "success": true, "error": "already in a community" }), Claim::No)]
#[case(400, json!({ "error": "Invalid phone" }), Claim::No)]
#[case(404, json!("<html>"), Claim::Silence)]
#[case(405, json!({}), Claim::No)]
#[case(200, json!({ "success": true, "value": false }), Claim::Silence)]
#[case(200, json!({}), Claim::Silence)]
#[case(200, json!([]), Claim::Silence)]
#[case(200, json!("<html>"), Claim::Silence)]
#[case(500, json!({ "error": "Internal" }), Claim::Silence)]
#[case(503, json!({ "error": "You are not connected." }), Claim::Silence)]
#[case(502, json!("<html>"), Claim::Silence)]
#[tokio::test(start_paused = true)]
async fn claims_follow_the_flag_or_the_error(#[case] status: u16, #[case] body: Value, #[case] claim: Claim) {
    let answer = link(status, body.clone()).await;
    assert_eq!(answer.claim, claim, "{status} {body}: {answer:?}");
    assert_eq!(answer.failure.is_none(), claim == Claim::Yes);
}

#[rstest]
#[case(405, json!({ "error": "Method Not Allowed" }), FailureKind::WrongRequest)]
#[case(415, json!({}), FailureKind::WrongRequest)]
#[case(
    200,
    json!({ "error": "NOT_FOUND", "message": "Unable to find matching target resource method" }),
    FailureKind::WrongRequest
)]
#[case(200, json!({ "error": "forbidden" }), FailureKind::Forbidden)]
#[case(400, json!({ "error": "too many requests" }), FailureKind::Throttled { until: None })]
#[case(429, json!({}), FailureKind::Throttled { until: None })]
#[case(401, json!({ "error": "not-authorized" }), FailureKind::Forbidden)]
#[tokio::test(start_paused = true)]
async fn refusals_are_classified(#[case] status: u16, #[case] body: Value, #[case] kind: FailureKind) {
    assert_eq!(link(status, body).await.failure.unwrap().kind, kind);
}

#[tokio::test(start_paused = true)]
async fn one_group_is_sent_with_its_ids_unchanged() {
    let (gateway, asked) = answering(200, json!({ "success": true }));
    gateway.writes().unwrap().link(&community(), &group()).await;
    gateway.writes().unwrap().unlink(&community(), &group()).await;
    gateway.writes().unwrap().leave(&group()).await;
    let change = json!({ "communityId": COMMUNITY, "groupsPhones": [GROUP] });
    let expected = [
        ("communities/link".to_owned(), change.clone()),
        ("communities/unlink".to_owned(), change),
        ("leave-group".to_owned(), json!({ "groupId": GROUP })),
    ];
    assert_eq!(*asked.lock().unwrap(), expected);
    let refused = gateway.writes().unwrap().leave_community(&community()).await;
    assert_eq!((refused.claim, refused.failure.unwrap().kind), (Claim::No, FailureKind::Unsupported));
    assert_eq!(asked.lock().unwrap().len(), 3, "nothing was sent");
}

#[rstest]
#[case(json!({ "connected": false, "error": "You are not connected." }), FailureKind::NotConnected)]
#[case(json!({ "error": "null not allowed" }), FailureKind::TokenRefused)]
#[case(json!({ "error": "Instance not found" }), FailureKind::UnknownInstance)]
#[case(json!({ "error": "whatever" }), FailureKind::TokenRefused)]
#[tokio::test(start_paused = true)]
async fn a_failed_operation_is_explained_by_the_status(#[case] status: Value, #[case] kind: FailureKind) {
    let (gateway, _) = client(move |operation| match operation {
        "status" => (200, status.clone()),
        _ => (500, json!({ "error": "oops" })),
    });
    let answer = gateway.writes().unwrap().link(&community(), &group()).await;
    assert_eq!(answer.failure.unwrap().kind, kind);
    assert_eq!(answer.claim, Claim::Silence, "an explanation changes no claim");
    assert_eq!(gateway.groups().await.unwrap_err().kind, kind);
}

#[tokio::test(start_paused = true)]
async fn only_the_connected_field_decides_the_status() {
    let (gateway, _) = answering(500, json!({}));
    let connection = gateway.connection().await.unwrap();
    assert_eq!(connection.state, ConnectionState::Connected);
    assert_eq!(connection.number.unwrap().shown(), "5511900000001");
    let (gateway, asked) =
        client(|_| (200, json!({ "connected": "false", "error": "You need to restore the session." })));
    match gateway.connection().await.unwrap().state {
        ConnectionState::NotConnected(Some(words)) => {
            assert_eq!(words.shown(), "You need to restore the session.");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(asked.lock().unwrap().len(), 1, "there is no number to ask for");
}

#[rstest]
#[case(json!({ "name": "Horta", "id": COMMUNITY }))]
#[case(json!({ "name": "Horta", "id": COMMUNITY, "subGroups": null }))]
#[case(json!({ "name": "Horta", "id": COMMUNITY, "subGroups": [] }))]
#[tokio::test(start_paused = true)]
async fn metadata_without_subgroups_is_not_a_listing(#[case] body: Value) {
    let failure = answering(200, body).0.listing(&community()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NoListing);
}

#[rstest]
#[case("success", json!(false))]
#[case("value", json!(false))]
#[case("success", json!("false"))]
#[tokio::test(start_paused = true)]
async fn an_answer_that_reports_no_success_shows_nothing(#[case] flag: &str, #[case] no: Value) {
    let announcements = json!({ "phone": "120363500000000002-group", "isGroupAnnouncement": true });
    let mut body =
        json!({ "id": COMMUNITY, "phone": GROUP, "subject": "Horta", "subGroups": [announcements] });
    body[flag] = no;
    let (gateway, _) = answering(200, body);
    assert_eq!(gateway.listing(&community()).await.unwrap_err().kind, FailureKind::GatewayError);
    assert_eq!(gateway.details(&group()).await.unwrap_err().kind, FailureKind::GatewayError);
}

#[rstest]
#[case(json!({ "id": "98120363500000000002", "subGroups": [{ "phone": GROUP }] }))]
#[case(json!({ "id": COMMUNITY, "subGroups": [{ "phone": GROUP }, { "name": "without an id" }] }))]
#[case(json!({ "id": COMMUNITY, "subGroups": [GROUP] }))]
#[tokio::test(start_paused = true)]
async fn metadata_of_another_group_or_with_unreadable_entries_proves_nothing(#[case] body: Value) {
    let failure = answering(200, body).0.listing(&community()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
}

#[tokio::test(start_paused = true)]
async fn a_listing_marks_its_announcement_group_with_a_flag() {
    let body = json!({ "name": "Horta", "id": COMMUNITY, "description": null, "subGroups": [
        { "name": "Canteiro", "phone": GROUP, "isGroupAnnouncement": "false" },
        { "name": "Horta", "phone": "120363500000000002-group", "isGroupAnnouncement": "true" },
        { "phone": "5511900000001-1600000000" },
    ] });
    let (gateway, asked) = answering(200, body);
    let listing = gateway.listing(&community()).await.unwrap();
    assert_eq!(asked.lock().unwrap()[0].0, format!("communities-metadata/{COMMUNITY}"));
    assert_eq!(listing.announcements.as_ref().unwrap().id.as_str(), "120363500000000002-group");
    assert_eq!(listing.subgroups.len(), 2);
    // The same group in another of its forms is the same group.
    assert!(listing.has(&GroupId::parse("120363500000000003@g.us").unwrap()));
    assert!(!listing.has(&GroupId::parse("5511900000001-group").unwrap()));
}

#[tokio::test(start_paused = true)]
async fn only_groups_are_accepted_from_the_list_of_groups() {
    let body = json!([
        { "isGroup": true, "name": "Canteiro", "phone": GROUP, "archived": "false" },
        { "isGroup": "true", "name": "", "phone": "5511900000001-1600000000" },
        { "isGroup": false, "isGroupAnnouncement": true, "name": "Horta", "phone": "120363500000000002-group" },
        { "isGroup": false, "name": "Maria", "phone": "5511900000002" },
        { "name": "Canal", "phone": "120363500000000009@newsletter" },
        { "name": "nobody", "phone": null },
    ]);
    let list = answering(200, body).0.groups().await.unwrap();
    let names: Vec<&str> = list.groups.iter().map(|group| group.name().shown()).collect();
    assert_eq!(names, ["", "Canteiro", "Horta"]);
    assert_eq!(list.skipped, 1, "a person and a channel are plainly not groups");
    assert!(!list.proves_absence());
    assert_eq!(list.groups.get(2).unwrap().kind(), GroupKind::Announcements);
    assert!(
        list.groups.iter().all(|group| group.parent() == Parent::Unknown && group.role() == Role::Unknown)
    );
}

#[tokio::test(start_paused = true)]
async fn an_endless_list_is_abandoned() {
    let count = Mutex::new(0);
    let (gateway, asked) = client(move |_| {
        let mut count = count.lock().unwrap();
        *count += 1;
        (200, json!([{ "phone": format!("{}-group", *count) }]))
    });
    assert_eq!(gateway.groups().await.unwrap_err().kind, FailureKind::Malformed);
    assert_eq!(asked.lock().unwrap().len(), 500);
}

#[tokio::test(start_paused = true)]
async fn the_pages_of_a_long_list_are_read_concurrently_and_keep_their_order() {
    let transport = FnTransport::new(|request: Request<Bytes>| {
        let query = request.uri().query().unwrap().to_owned();
        async move {
            let page: usize = query.split(['=', '&']).nth(1).and_then(|number| number.parse().ok()).unwrap();
            // The later pages arrive before the earlier ones.
            let late = if page.is_multiple_of(2) { 1_000 } else { 900 };
            tokio::time::sleep(Duration::from_millis(late)).await;
            let numbers = (1..=730).skip((page - 1) * 100).take(100);
            let groups: Vec<Value> =
                numbers.map(|at| json!({ "phone": format!("{at}-group"), "name": "Obra" })).collect();
            Ok(Response::builder().body(Bytes::from(json!(groups).to_string())).unwrap())
        }
    });
    let begun = tokio::time::Instant::now();
    let groups = over(transport).groups().await.unwrap().groups;
    let ids: Vec<&str> = groups.iter().map(GroupRef::id).collect();
    let all: Vec<String> = (1..=730).map(|at| format!("{at}-group")).collect();
    assert_eq!(ids, all);
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?} for eight pages", begun.elapsed());
}

/// A client of a server whose lists come in pages of these lengths, and the requests for a list.
fn paged(lengths: &'static [usize]) -> (Gateway, Asked) {
    let asked = Asked::default();
    let kept = Arc::clone(&asked);
    let transport = FnTransport::new(move |request: Request<Bytes>| {
        let path = request.uri().path_and_query().unwrap().as_str().to_owned();
        let (list, page) = path.rsplit_once('/').unwrap().1.split_once("?page=").unwrap();
        let page: usize = page.split_once('&').unwrap().0.parse().unwrap();
        let before: usize = lengths.iter().take(page - 1).sum();
        let length = lengths.get(page - 1).copied().unwrap_or(0);
        let field = if list == "groups" { "phone" } else { "id" };
        let suffix = if list == "groups" { "-group" } else { "" };
        let entry = |at: usize| json!({ field: format!("{}{suffix}", 1_000 + at), "name": "Obra" });
        let entries: Vec<Value> = (before..before + length).map(entry).collect();
        kept.lock().unwrap().push((path, Value::Null));
        future::ready(Ok(Response::builder().body(Bytes::from(json!(entries).to_string())).unwrap()))
    });
    (over(transport), asked)
}

#[rstest]
#[case::short_in_the_middle(&[100, 99, 71], 5)]
#[case::short_at_first(&[99, 100, 71], 6)]
#[case::short_ones(&[20, 20, 20], 4)]
#[case::one(&[3], 2)]
#[case::full(&[100, 100, 100], 7)]
#[case::nearly_nothing_in_the_middle(&[100, 1, 100, 100, 2, 50], 9)]
#[tokio::test(start_paused = true)]
async fn a_short_page_does_not_end_a_list(#[case] lengths: &'static [usize], #[case] most_requests: usize) {
    let total: usize = lengths.iter().sum();
    let (gateway, asked) = paged(lengths);
    let list = gateway.groups().await.unwrap();
    assert_eq!((list.groups.len(), list.is_cut, list.skipped), (total, false, 0));
    let requests = asked.lock().unwrap().len();
    assert!((lengths.len() + 1..=most_requests).contains(&requests), "{requests}");
    let (gateway, asked) = paged(lengths);
    assert_eq!(gateway.communities().await.unwrap().len(), total);
    assert!(asked.lock().unwrap().len() <= most_requests);
}

#[rstest]
#[case(100, true)]
#[case(1_000, true)]
#[case(250, true)]
#[case(73, false)]
#[tokio::test(start_paused = true)]
async fn a_list_that_ignores_paging_may_be_cut_at_known_lengths(#[case] length: usize, #[case] is_cut: bool) {
    let entries: Vec<Value> =
        (0..length).map(|at| json!({ "phone": format!("{at}-group"), "name": "Obra" })).collect();
    let list = answering(200, json!(entries)).0.groups().await.unwrap();
    assert_eq!((list.groups.len(), list.is_cut, list.proves_absence()), (length, is_cut, !is_cut));
}

#[rstest]
#[case(json!({ "communityId": null, "isGroupAnnouncement": false }), Parent::Unknown, GroupKind::Unknown)]
#[case(json!({ "communityId": "", "isGroupAnnouncement": false, "subject": "", "participants": [] }), Parent::Unknown, GroupKind::Unknown)]
#[case(json!({ "communityId": null, "isGroupAnnouncement": false, "subject": "Canteiro" }), Parent::None, GroupKind::Ordinary)]
#[case(json!({ "communityId": null, "isGroupAnnouncement": false, "participants": [{ "phone": "1" }] }), Parent::None, GroupKind::Ordinary)]
#[case(json!({ "isGroupAnnouncement": true }), Parent::Unknown, GroupKind::Announcements)]
#[tokio::test(start_paused = true)]
async fn nothing_follows_from_the_zero_values_of_details(
    #[case] mut body: Value,
    #[case] parent: Parent,
    #[case] kind: GroupKind,
) {
    body["phone"] = GROUP.into();
    let details = details(body).await.unwrap();
    assert_eq!((details.parent, details.kind), (parent, kind));
}

#[rstest]
#[case("5511900000001", json!([{ "phone": "+55 11 90000-0001" }]), Some(true))]
#[case("+55 (11) 90000-0001", json!([{ "phone": "5511900000001@c.us" }]), Some(true))]
#[case("5511900000001@c.us", json!([{ "phone": 5_511_900_000_001_u64 }]), Some(true))]
#[case("5511900000001:12@s.whatsapp.net", json!([{ "phone": "1@lid", "lid": "5511900000001" }]), Some(true))]
#[case("(11) 90000-0001", json!([{ "phone": "5511900000001" }]), None)]
#[case("551100000001", json!([{ "phone": "5511900000001" }]), None)]
#[case("900000000000001@lid", json!([{ "phone": "5511900000002" }]), None)]
#[case("+55 11 90000-0001", json!([{ "phone": "5511900000002" }]), Some(false))]
#[tokio::test(start_paused = true)]
async fn the_own_number_is_compared_by_its_digits(
    #[case] own: &'static str,
    #[case] participants: Value,
    #[case] listed: Option<bool>,
) {
    let (gateway, _) = client(move |operation| match operation.split('/').next().unwrap() {
        "status" => connected(),
        "device" => (200, json!({ "phone": own })),
        _ => (200, json!({ "phone": GROUP, "subject": "Canteiro", "participants": participants })),
    });
    assert_eq!(gateway.details(&group()).await.unwrap().own_number_listed, listed);
}

#[rstest]
#[case(2, json!(3), None)]
#[case(2, json!("2"), Some(false))]
#[case(1_024, json!(null), None)]
#[tokio::test(start_paused = true)]
async fn participants_that_may_be_cut_prove_no_absence(
    #[case] count: usize,
    #[case] stated: Value,
    #[case] listed: Option<bool>,
) {
    let others = vec![json!({ "phone": "5511900000002", "isAdmin": true }); count];
    let body = json!({
        "phone": GROUP, "subject": "Canteiro", "participantsCount": stated, "participants": others,
    });
    let details = details(body).await.unwrap();
    assert_eq!((details.own_number_listed, details.admins.is_some()), (listed, listed.is_some()));
}

#[rstest]
#[case(json!([{ "phone": "5511900000001", "isAdmin": "true" }]), Some(true), Role::Admin)]
#[case(json!([{ "phone": "5511900000001", "isAdmin": false, "isSuperAdmin": false }]), Some(true), Role::Member)]
#[case(json!([{ "phone": "5511900000002", "isAdmin": true }]), Some(false), Role::Unknown)]
#[case(json!([{ "phone": "5511900000002" }, { "phone": "900000000000001@lid" }]), None, Role::Unknown)]
#[case(json!([{ "phone": "5511900000002" }, "somebody"]), None, Role::Unknown)]
#[case(json!([]), None, Role::Unknown)]
#[case(json!(null), None, Role::Unknown)]
#[tokio::test(start_paused = true)]
async fn the_own_number_is_searched_among_the_participants(
    #[case] participants: Value,
    #[case] is_listed: Option<bool>,
    #[case] role: Role,
) {
    let body = json!({ "phone": GROUP, "subject": "Canteiro", "participants": participants });
    let details = details(body).await.unwrap();
    assert_eq!((details.own_number_listed, details.role), (is_listed, role));
}

#[rstest]
#[case(json!({ "communityId": null }), Parent::None, GroupKind::Unknown)]
#[case(json!({ "communityId": "", "isGroupAnnouncement": false }), Parent::None, GroupKind::Ordinary)]
#[case(json!({ "communityId": COMMUNITY, "isGroupAnnouncement": true }), Parent::Community(community()), GroupKind::Announcements)]
#[case(json!({ "communityId": 5 }), Parent::Unknown, GroupKind::Unknown)]
#[case(json!({}), Parent::Unknown, GroupKind::Unknown)]
#[tokio::test(start_paused = true)]
async fn details_name_the_community_if_they_contain_it(
    #[case] mut body: Value,
    #[case] parent: Parent,
    #[case] kind: GroupKind,
) {
    body["phone"] = GROUP.into();
    body["subject"] = "Canteiro".into();
    let details = details(body).await.unwrap();
    assert_eq!((details.parent, details.kind), (parent, kind));
}

#[rstest]
#[case(404, json!({ "error": "Group not found" }), FailureKind::NotFound)]
#[case(200, json!({ "error": "Group not found" }), FailureKind::NotFound)]
#[case(400, json!({ "error": "Chat does not exist" }), FailureKind::NotFound)]
#[case(404, json!({ "error": "Instance not found" }), FailureKind::Malformed)]
#[case(404, json!({ "message": "no Route matched with those values" }), FailureKind::Malformed)]
#[case(404, json!({ "message": "Group not found" }), FailureKind::Malformed)]
#[case(404, json!({ "error": "Not Found" }), FailureKind::Malformed)]
#[case(404, json!({ "error": "NOT_FOUND" }), FailureKind::Malformed)]
#[case(404, json!({}), FailureKind::Malformed)]
#[case(404, json!("<html>"), FailureKind::NotJson)]
#[case(404, json!(""), FailureKind::Malformed)]
#[case(500, json!({ "error": "Group not found" }), FailureKind::ServerFault)]
#[case(400, json!({ "error": "Invalid phone" }), FailureKind::Refused)]
#[case(
    200,
    json!({ "error": "NOT_FOUND", "message": "Unable to find matching target resource method" }),
    FailureKind::WrongRequest
)]
#[case(200, json!({ "phone": null, "subject": null, "participants": null }), FailureKind::Malformed)]
#[case(200, json!({ "phone": "120363500000000004-group", "subject": "another" }), FailureKind::Malformed)]
#[tokio::test(start_paused = true)]
async fn only_the_gateways_own_words_mean_a_missing_group(
    #[case] status: u16,
    #[case] body: Value,
    #[case] kind: FailureKind,
) {
    assert_eq!(answering(status, body).0.details(&group()).await.unwrap_err().kind, kind);
}

#[tokio::test(start_paused = true)]
async fn a_missing_group_proves_nothing_while_the_status_is_unreadable() {
    for (status, kind) in [(500, FailureKind::ServerFault), (200, FailureKind::NotConnected)] {
        let (gateway, _) = client(move |operation| match operation {
            "status" => (status, json!({ "connected": false })),
            "device" => (500, json!({})),
            _ => (404, json!({ "error": "Group not found" })),
        });
        assert_eq!(gateway.details(&group()).await.unwrap_err().kind, kind);
    }
}

#[tokio::test(start_paused = true)]
async fn a_leave_that_just_worked_shows_that_the_instance_is_connected() {
    let (gateway, asked) = client(move |operation| match operation {
        "status" => (200, json!({ "connected": false })),
        "leave-group" => (200, json!({ "value": true })),
        "device" => (500, json!({})),
        _ => (404, json!({ "error": "Group not found" })),
    });
    gateway.writes().unwrap().leave(&group()).await;
    assert_eq!(gateway.details(&group()).await.unwrap_err().kind, FailureKind::NotFound);
    let asked = asked.lock().unwrap();
    assert!(asked.iter().all(|(operation, ..)| operation != "status"), "it is not requested again");
}

#[rstest]
#[case(json!([{ "phone": "5511900000001", "isAdmin": true }]), 200, json!({ "invitationLink": "https://chat.whatsapp.com/A" }), true, 1)]
#[case(json!([{ "phone": "5511900000001", "isAdmin": true }]), 200, json!({ "invitationLink": null }), false, 1)]
#[case(json!([{ "phone": "5511900000001", "isAdmin": true }]), 400, json!({ "error": "not-authorized" }), false, 1)]
#[case(json!([{ "phone": "900000000000001@lid", "isAdmin": true }]), 200, json!({ "invitationLink": "https://chat.whatsapp.com/A" }), true, 1)]
#[case(json!([{ "phone": "5511900000001", "isAdmin": false }]), 200, json!({}), false, 0)]
#[case(json!([{ "phone": "5511900000002", "isAdmin": false }]), 200, json!({}), false, 0)]
#[tokio::test(start_paused = true)]
async fn the_invite_link_is_requested_only_if_there_may_be_one(
    #[case] participants: Value,
    #[case] status: u16,
    #[case] link: Value,
    #[case] has_link: bool,
    #[case] times: usize,
) {
    let (gateway, asked) = client(move |operation| match operation.split('/').next().unwrap() {
        "status" => connected(),
        "device" => (200, json!({ "phone": "5511900000001" })),
        "group-invitation-link" => (status, link.clone()),
        _ => (200, json!({ "phone": GROUP, "subject": "Canteiro", "participants": participants })),
    });
    assert_eq!(gateway.details(&group()).await.unwrap().has_invite_link, has_link);
    let asked = asked.lock().unwrap();
    let links = asked.iter().filter(|(operation, _)| operation.starts_with("group-invitation-link/"));
    assert_eq!(links.count(), times);
    assert!(!asked.iter().any(|(operation, _)| operation.starts_with("group-metadata/")), "the slow one");
}

/// After details whose own number is an admin or not, a link is requested three times. Returns the number of link requests
/// of each of the four calls.
async fn requests_for_a_link(is_admin: bool, status: u16, body: Value) -> (Vec<usize>, Vec<bool>) {
    let (gateway, asked) = client(move |operation| match operation.split('/').next().unwrap() {
        "status" => connected(),
        "device" => (200, json!({ "phone": "5511900000001" })),
        "group-invitation-link" => (status, body.clone()),
        _ => {
            let own = json!({ "phone": "5511900000001", "isAdmin": is_admin });
            (200, json!({ "phone": GROUP, "subject": "Canteiro", "participants": [own] }))
        }
    });
    let (mut requests, mut links) = (Vec::new(), Vec::new());
    let requested = || {
        let mut asked = asked.lock().unwrap();
        let of_links = asked.iter().filter(|(operation, _)| operation.starts_with("group-invitation-link/"));
        let count = of_links.count();
        asked.clear();
        count
    };
    gateway.details(&group()).await.unwrap();
    requests.push(requested());
    for _ in 0..2 {
        links.push(gateway.invite_link(&group()).await.is_ok_and(|link| link.is_some()));
        requests.push(requested());
    }
    (requests, links)
}

#[rstest]
#[case::a_link(true, 200, json!({ "invitationLink": "https://chat.whatsapp.com/AbC" }), [1, 0, 1], [true, true])]
#[case::none(true, 200, json!({ "invitationLink": null }), [1, 0, 1], [false, false])]
#[case::no_right(true, 400, json!({ "error": "not-authorized" }), [1, 0, 1], [false, false])]
#[case::no_admin(false, 200, json!({ "invitationLink": "https://chat.whatsapp.com/AbC" }), [0, 0, 1], [false, true])]
#[case::a_fault(true, 500, json!({ "error": "oops" }), [1, 1, 1], [false, false])]
#[case::of_another(true, 200, json!({ "phone": "1-group", "invitationLink": "https://chat.whatsapp.com/AbC" }), [1, 1, 1], [false, false])]
#[tokio::test(start_paused = true)]
async fn a_link_known_from_details_is_not_requested_again(
    #[case] is_admin: bool,
    #[case] status: u16,
    #[case] body: Value,
    #[case] requests: [usize; 3],
    #[case] links: [bool; 2],
) {
    let (asked, found) = requests_for_a_link(is_admin, status, body).await;
    assert_eq!((asked, found), (requests.to_vec(), links.to_vec()));
}

#[rstest]
#[case(200, json!({ "phone": GROUP, "invitationLink": "https://chat.whatsapp.com/AbC" }), Ok(true))]
#[case(200, json!({ "phone": GROUP, "invitationLink": null }), Ok(false))]
#[case(400, json!({ "error": "not-authorized" }), Ok(false))]
#[case(200, json!({ "phone": "1-group", "invitationLink": "https://chat.whatsapp.com/AbC" }), Err(FailureKind::Malformed))]
#[case(500, json!({ "error": "oops" }), Err(FailureKind::ServerFault))]
#[tokio::test(start_paused = true)]
async fn the_invite_link_is_read_from_every_documented_place(
    #[case] status: u16,
    #[case] body: Value,
    #[case] wanted: Result<bool, FailureKind>,
) {
    let (gateway, asked) = answering(status, body);
    let read = gateway.invite_link(&group()).await;
    assert!(!format!("{read:?}").contains("AbC"), "it is a secret");
    assert_eq!(read.map(|link| link.is_some()).map_err(|failure| failure.kind), wanted);
    assert_eq!(asked.lock().unwrap()[0].0, format!("group-invitation-link/{GROUP}"));
}

#[rstest]
#[case(200, json!({ "success": true }), Claim::Yes)]
#[case(200, json!({ "success": false }), Claim::No)]
#[case(400, json!({ "error": "AbC is no invitation" }), Claim::No)]
#[case(500, json!({ "error": "oops" }), Claim::Silence)]
#[case(200, json!({}), Claim::Silence)]
#[tokio::test(start_paused = true)]
async fn a_join_is_a_write_although_it_is_a_get(
    #[case] status: u16,
    #[case] body: Value,
    #[case] claim: Claim,
) {
    let (gateway, asked) = answering(status, body);
    let gateway = gateway.retrying(Clock::fixed(Millis(1_780_000_000_000)));
    let answer = gateway
        .writes()
        .unwrap()
        .join(&group(), &InviteLink::new("https://chat.whatsapp.com/AbC").unwrap())
        .await;
    assert_eq!(answer.claim, claim, "{answer:?}");
    assert!(!format!("{answer:?}").contains("AbC"), "the link is a secret: {answer:?}");
    let asked = asked.lock().unwrap();
    let joins: Vec<_> = asked.iter().filter(|(operation, _)| operation.starts_with("accept")).collect();
    let path = "accept-invite-group?url=https%3A%2F%2Fchat.whatsapp.com%2FAbC".to_owned();
    assert_eq!(joins, [&(path, Value::Null)], "sent once");
}
