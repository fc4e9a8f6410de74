//! The simulated `RyzeAPI` answers as docs/gateways/ryzeapi.md documents.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

use axum::body::Body;
use http::{HeaderMap, Method, Request};
use serde_json::{Value, json};
use std::time::Duration;
use synod::simulator::{Dropped, Kind, Simulator, World};
use tokio::time::{Instant, sleep};
use tower::ServiceExt;

pub(crate) const EPOCH: i64 = 1_780_000_000_000;
const HARBOR: &str = "120363400000000001@g.us";

/// One answer; `status` is 0 when the connection was dropped.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Got {
    pub(crate) fn message(&self) -> &str {
        self.json["error"]["message"].as_str().or(self.json["message"].as_str()).unwrap_or_default()
    }

    pub(crate) fn number(&self, header: &str) -> i64 {
        self.headers[header].to_str().unwrap().parse().unwrap()
    }
}

pub(crate) async fn send(simulator: &Simulator, request: Request<Body>) -> Got {
    let response = simulator.router().oneshot(request).await.unwrap();
    if response.extensions().get::<Dropped>().is_some() {
        return Got { status: 0, headers: HeaderMap::new(), text: String::new(), json: Value::Null };
    }
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Got { status: parts.status.as_u16(), headers: parts.headers, text, json }
}

pub(crate) fn request(
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("token", token);
    }
    match body {
        Some(body) => {
            request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
        }
        None => request.body(Body::empty()).unwrap(),
    }
}

async fn get(simulator: &Simulator, path: &str) -> Got {
    send(simulator, request(Method::GET, path, Some("harbor-token"), None)).await
}

async fn post(simulator: &Simulator, path: &str, body: &Value) -> Got {
    send(simulator, request(Method::POST, path, Some("harbor-token"), Some(body))).await
}

async fn leave(simulator: &Simulator, identifier: &str) -> Got {
    let path = format!("/api/group/leave/harbor?identifier={identifier}");
    send(simulator, request(Method::DELETE, &path, Some("harbor-token"), None)).await
}

async fn link(simulator: &Simulator, verb: &str, community: &str, groups: &[&str]) -> Got {
    let body = json!({ "communityJid": community, "groupJid": groups });
    post(simulator, &format!("/api/community/{verb}/harbor"), &body).await
}

async fn subgroups(simulator: &Simulator, community: &str) -> Vec<String> {
    let got = get(simulator, &format!("/api/community/listSubGroups/harbor?communityJid={community}")).await;
    assert_eq!(got.status, 200, "{}", got.text);
    strings(&got.json["subgroups"], "jid")
}

async fn groups(simulator: &Simulator) -> Vec<String> {
    strings(&get(simulator, "/api/group/list/harbor?includeMembers=false").await.json["groups"], "groupJid")
}

pub(crate) fn strings(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[key].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn world(extra: &str) -> Simulator {
    let text = format!(
        r#"{extra}
[[community]]
name = "Harbor Clinics"
id = "120363400000000001"
groups = [{{ name = "Harbor Reception", id = "120363400000000011", members = 5 }}, {{ name = "Lab", id = "120363400000000012" }}]

[[community]]
name = "North Schools"
id = "120363400000001001"
groups = [{{ name = "Class 1A", id = "120363400000001011" }}]

[[community]]
name = "Strangers"
id = "120363400000002001"
role = "none"
groups = ["Far away"]

[standalone]
groups = [
  {{ name = "Parking", id = "120363400000000021", members = 3 }},
  {{ name = "Kitchen", id = "120363400000000022", role = "member", requests = 2 }},
  {{ name = "Old", id = "5511900000001-1450000000", code = "OLDCODE", requests = 2 }},
  {{ name = "Open house", id = "120363400000000024", role = "none", code = "HARBOR0000" }},
  {{ name = "Closed house", id = "120363400000000025", role = "none", code = "CLOSED", approval = true }},
]
"#
    );
    Simulator::with_epoch(World::parse(&text, "test.toml").unwrap(), EPOCH)
}

const PARKING: &str = "120363400000000021@g.us";
const KITCHEN: &str = "120363400000000022@g.us";
const RECEPTION: &str = "120363400000000011@g.us";
const LAB: &str = "120363400000000012@g.us";
const ANNOUNCEMENTS: &str = "120363400000000002@g.us";
const CLASS: &str = "120363400000001011@g.us";

#[tokio::test(start_paused = true)]
async fn a_link_takes_a_second_a_group_and_shows_after_the_lag() {
    let simulator = world("");
    let started = Instant::now();
    let got = link(&simulator, "link", HARBOR, &[PARKING, KITCHEN, CLASS, ANNOUNCEMENTS, "nonsense"]).await;
    assert_eq!(started.elapsed(), Duration::from_secs(5));
    assert_eq!(got.status, 200);
    assert_eq!(got.json["message"], "Linked 1 of 5 groups to community");
    assert_eq!(got.json["linked"], json!([PARKING]));
    assert_eq!(got.json["failed"], json!([KITCHEN, CLASS, ANNOUNCEMENTS, "nonsense"]));
    assert!(simulator.truth().instances["harbor"].is_linked(PARKING, HARBOR), "true at once");
    sleep(Duration::from_secs(3)).await;
    assert_eq!(subgroups(&simulator, HARBOR).await, [ANNOUNCEMENTS, RECEPTION, LAB, PARKING]);
}

#[tokio::test(start_paused = true)]
async fn a_change_shows_neither_before_one_second_nor_after_three() {
    let simulator = world("[settings]\nlink_delay_ms = 0\n");
    link(&simulator, "unlink", HARBOR, &[LAB]).await;
    assert!(subgroups(&simulator, HARBOR).await.contains(&LAB.to_owned()));
    sleep(Duration::from_millis(999)).await;
    assert!(subgroups(&simulator, HARBOR).await.contains(&LAB.to_owned()));
    sleep(Duration::from_millis(2001)).await;
    assert!(!subgroups(&simulator, HARBOR).await.contains(&LAB.to_owned()));
    assert!(groups(&simulator).await.contains(&LAB.to_owned()), "it lives on as a standalone group");
}

#[tokio::test(start_paused = true)]
async fn total_failure_is_a_200_with_a_no() {
    let simulator = world("");
    let got = link(&simulator, "unlink", HARBOR, &[PARKING, ANNOUNCEMENTS]).await;
    assert_eq!((got.status, &got.json["success"]), (200, &json!(false)));
    assert_eq!(got.message(), "Unlinked 0 of 2 groups from community");
    let got = link(&simulator, "link", "120363400000002001@g.us", &[PARKING]).await;
    assert_eq!(got.json["failed"], json!([PARKING]), "the number is not in that community");
    assert!(simulator.requests().iter().all(|request| !request.changed));
}

#[tokio::test(start_paused = true)]
async fn bad_link_requests_get_the_documented_texts() {
    let simulator = world("");
    let path = "/api/community/link/harbor";
    for (body, status, message) in [
        (json!({ "groupJid": [PARKING] }), 400, "community jid is required"),
        (json!({ "communityJid": HARBOR, "groupJid": [] }), 400, "group jid is required"),
        (json!({ "communityJid": HARBOR }), 400, "group jid is required"),
        (json!({ "communityJid": "x@y", "groupJid": [PARKING] }), 500, "error parse community jid: "),
        (json!({ "communityJid": 3 }), 400, "Invalid request body"),
    ] {
        let got = post(&simulator, path, &body).await;
        assert_eq!(got.status, status, "{body}");
        assert!(got.message().starts_with(message), "{body}: {}", got.message());
        assert_eq!(got.json["success"], false);
    }
    let got = get(&simulator, "/api/community/listSubGroups/harbor").await;
    assert_eq!((got.status, got.message()), (400, "communityJid query parameter is required"));
    let got = get(&simulator, "/api/community/listSubGroups/harbor?communityJid=a@b").await;
    assert!(got.status == 400 && got.message().starts_with("invalid community JID: "));
}

#[tokio::test(start_paused = true)]
async fn listing_subgroups_takes_the_id_without_its_suffix_and_normalises_it() {
    let simulator = world("");
    let got = get(&simulator, "/api/community/listSubGroups/harbor?communityJid=120363400000000001").await;
    assert_eq!(got.json["communityJid"], HARBOR);
    assert_eq!(got.message(), "3 subgroup(s) found");
    let first = &got.json["subgroups"][0];
    assert_eq!(*first, json!({ "jid": ANNOUNCEMENTS, "name": "Harbor Clinics", "isDefaultSubGroup": true }));
    assert!(subgroups(&simulator, PARKING).await.is_empty(), "no community: empty by default");
    assert!(subgroups(&simulator, "120363400000002001@g.us").await.is_empty(), "not in it");
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_not_a_community_can_be_answered_with_an_error() {
    for (setting, status) in [("bad_request", 400), ("not_found", 404)] {
        let simulator = world(&format!("[ryzeapi]\nnot_a_community = \"{setting}\"\n"));
        let path = format!("/api/community/listSubGroups/harbor?communityJid={PARKING}");
        assert_eq!(get(&simulator, &path).await.status, status);
    }
}

#[tokio::test(start_paused = true)]
async fn the_fifty_first_group_disappears_in_silence() {
    let worlds = [
        ("neither", json!([]), json!([])),
        ("linked", json!([PARKING]), json!([])),
        ("failed", json!([]), json!([PARKING])),
    ];
    for (setting, linked, failed) in worlds {
        let simulator =
            world(&format!("settings.subgroup_limit = 2\nryzeapi.silent_extra = \"{setting}\"\n"));
        let got = link(&simulator, "link", HARBOR, &[PARKING]).await;
        assert_eq!((&got.json["linked"], &got.json["failed"]), (&linked, &failed));
        assert!(!simulator.truth().instances["harbor"].is_linked(PARKING, HARBOR));
    }
    let simulator = Simulator::with_epoch(World::built_in("full").unwrap(), EPOCH);
    let parking = groups(&simulator).await.last().unwrap().clone();
    let got = link(&simulator, "link", "120363400000001001@g.us", &[&parking]).await;
    assert_eq!(
        got.json,
        json!({
        "success": false, "message": "Linked 0 of 1 groups to community", "linked": [], "failed": [] })
    );
}

#[tokio::test(start_paused = true)]
async fn settings_change_the_shape_of_failures() {
    let simulator = world("ryzeapi.failed_items = \"objects\"\nryzeapi.already_linked = \"linked\"\n");
    let got = link(&simulator, "link", HARBOR, &[KITCHEN, LAB]).await;
    assert_eq!(got.json["failed"], json!([{ "jid": KITCHEN, "error": "not an admin of the group" }]));
    assert_eq!(got.json["linked"], json!([LAB]));
}

#[tokio::test(start_paused = true)]
async fn a_group_is_left_once() {
    let simulator = world("");
    let got = leave(&simulator, PARKING).await;
    let expected = json!({ "success": true, "message": "Successfully left the group", "groupJid": PARKING });
    assert_eq!((got.status, got.json), (200, expected));
    let got = leave(&simulator, PARKING).await;
    assert_eq!((got.status, got.message()), (404, "Group not found or you are not a member of this group"));
    assert!(groups(&simulator).await.contains(&PARKING.to_owned()), "the listing lags");
    sleep(Duration::from_secs(3)).await;
    assert!(!groups(&simulator).await.contains(&PARKING.to_owned()));
    let got =
        send(&simulator, request(Method::DELETE, "/api/group/leave/harbor", Some("harbor-token"), None))
            .await;
    assert_eq!((got.status, got.message()), (400, "Identifier is required"));
    assert_eq!(leave(&simulator, ANNOUNCEMENTS).await.status, 403);
    assert_eq!(leave(&simulator, "OLDCODE").await.json["groupJid"], "5511900000001-1450000000@g.us");
}

#[tokio::test(start_paused = true)]
async fn leaving_a_community_leaves_all_its_groups() {
    let simulator = world("");
    assert_eq!(leave(&simulator, HARBOR).await.status, 200);
    sleep(Duration::from_secs(3)).await;
    assert!(subgroups(&simulator, HARBOR).await.is_empty());
    let left = groups(&simulator).await;
    assert!(
        [HARBOR, ANNOUNCEMENTS, RECEPTION, LAB].iter().all(|id| !left.contains(&(*id).to_owned())),
        "{left:?}"
    );
    assert!(simulator.truth().instances["harbor"].is_linked(LAB, HARBOR), "linked, though no longer seen");
}

#[tokio::test(start_paused = true)]
async fn a_left_subgroup_stays_linked_but_is_not_listed() {
    let simulator = world("");
    leave(&simulator, LAB).await;
    sleep(Duration::from_secs(3)).await;
    assert_eq!(subgroups(&simulator, HARBOR).await, [ANNOUNCEMENTS, RECEPTION]);
}

#[tokio::test(start_paused = true)]
async fn the_list_of_groups_contains_as_much_as_the_world_allows() {
    let simulator = world("");
    let got = get(&simulator, "/api/group/list/harbor").await;
    let parking = json!({ "groupJid": PARKING, "name": "Parking", "memberCount": 3 });
    assert!(got.json["groups"].as_array().unwrap().contains(&parking));
    assert!(groups(&simulator).await.contains(&HARBOR.to_owned()), "parents are listed among the groups");

    let simulator = world("ryzeapi.list_community_fields = true\n");
    let got = get(&simulator, "/api/group/list/harbor?includeMembers=true").await;
    let list = got.json["groups"].as_array().unwrap();
    let of = |jid: &str| list.iter().find(|group| group["groupJid"] == jid).unwrap();
    assert_eq!(of(HARBOR)["isParent"], true);
    assert_eq!((&of(LAB)["linkedParentJid"], &of(LAB)["isDefaultSubGroup"]), (&json!(HARBOR), &json!(false)));
    assert_eq!(
        (&of(ANNOUNCEMENTS)["linkedParentJid"], &of(ANNOUNCEMENTS)["isDefaultSubGroup"]),
        (&json!(HARBOR), &json!(true))
    );
    assert_eq!(of(PARKING)["linkedParentJid"], Value::Null);
    assert_eq!(of(PARKING)["participants"].as_array().unwrap().len(), 3);

    let simulator = world("ryzeapi.list_parents = false\nryzeapi.list_announcements = false\n");
    let list = groups(&simulator).await;
    assert!(!list.contains(&HARBOR.to_owned()) && !list.contains(&ANNOUNCEMENTS.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn details_show_the_own_role_and_the_invite_to_admins() {
    let simulator = world("");
    let got = get(&simulator, &format!("/api/group/info/harbor?identifier={RECEPTION}")).await;
    let group = &got.json["group"];
    assert_eq!(
        (&group["jid"], &group["participantCount"], &group["isDefaultSubGroup"]),
        (&json!(RECEPTION), &json!(5), &json!(false))
    );
    let own =
        group["participants"].as_array().unwrap().iter().find(|p| p["jid"] == "5511900000001@s.whatsapp.net");
    assert_eq!(own.unwrap()["isAdmin"], true);
    assert!(group["inviteLink"].as_str().unwrap().starts_with("https://chat.whatsapp.com/"));
    assert!(group.get("linkedParentJid").is_none());

    let got =
        get(&simulator, &format!("/api/group/info/harbor?identifier={KITCHEN}&participants=false")).await;
    assert!(got.json["group"].get("participants").is_none() && got.json["group"].get("inviteLink").is_none());
    let got = get(&simulator, "/api/group/info/harbor?identifier=120363400000000024@g.us").await;
    assert_eq!((got.status, got.message()), (404, "Group not found or you are not a member of this group"));
    let got = get(&simulator, "/api/group/info/harbor?identifier=https://chat.whatsapp.com/HARBOR0000").await;
    assert_eq!(got.json["group"]["name"], "Open house", "a link needs no membership");
    assert_eq!(get(&simulator, "/api/group/info/harbor").await.message(), "Identifier is required");

    let simulator = world("ryzeapi.participant_ids = \"lid\"\n");
    let got = get(&simulator, &format!("/api/group/info/harbor?identifier={RECEPTION}")).await;
    let ids = strings(&got.json["group"]["participants"], "jid");
    assert!(ids.iter().all(|id| id.ends_with("@lid")), "{ids:?}");
}

#[tokio::test(start_paused = true)]
async fn joining_takes_a_code_or_a_link_only() {
    let simulator = world("");
    let join = |identifier: &str| json!({ "identifier": identifier });
    let path = "/api/group/join/harbor";
    let got = post(&simulator, path, &join("https://chat.whatsapp.com/HARBOR0000")).await;
    assert_eq!((got.status, &got.json["groupJid"]), (200, &json!("120363400000000024@g.us")));
    assert_eq!(got.json["requiresApproval"], false);
    assert_eq!(post(&simulator, path, &join("HARBOR0000")).await.status, 200, "a repeat gives the same");
    assert_eq!(post(&simulator, path, &join("CLOSED")).await.json["requiresApproval"], true);
    assert_eq!(
        post(&simulator, path, &join("DEAD")).await.message(),
        "Invite link has been revoked or expired"
    );
    assert_eq!(post(&simulator, path, &join(PARKING)).await.status, 400);
    assert!(simulator.truth().instances["harbor"].is_in("120363400000000024@g.us"));
    assert!(!simulator.truth().instances["harbor"].is_in("120363400000000025@g.us"));
}

#[tokio::test(start_paused = true)]
async fn admins_reset_links_and_read_requests() {
    let simulator = world("");
    let got = post(
        &simulator,
        "/api/group/resetLink/harbor",
        &json!({ "identifier": "5511900000001-1450000000@g.us" }),
    )
    .await;
    assert_eq!(got.message(), "Group invite link reset successfully");
    let code = got.json["inviteCode"].as_str().unwrap();
    assert_eq!(got.json["inviteLink"], format!("https://chat.whatsapp.com/{code}"));
    let old = get(&simulator, "/api/group/info/harbor?identifier=OLDCODE").await;
    assert_eq!(old.status, 404, "the old code is dead at once");
    let got = post(&simulator, "/api/group/resetLink/harbor", &json!({ "identifier": KITCHEN })).await;
    assert_eq!(
        (got.status, got.message()),
        (403, "Not authorized to reset group invite link (must be admin)")
    );

    let got = get(&simulator, "/api/group/requests/harbor?identifier=5511900000001-1450000000@g.us").await;
    assert_eq!((got.message(), &got.json["meta"]["total"]), ("2 pending requests found", &json!(2)));
    let got = get(&simulator, &format!("/api/group/requests/harbor?identifier={KITCHEN}")).await;
    assert_eq!((got.status, got.message()), (403, "Not authorized to view group requests (must be admin)"));
}

#[tokio::test(start_paused = true)]
async fn a_created_community_may_turn_out_an_ordinary_group() {
    let body = json!({ "name": "New Clinics", "groupJid": [PARKING] });
    for (setting, is_community) in [("false", true), ("true", false)] {
        let simulator = world(&format!("ryzeapi.create_refused = {setting}\n"));
        let got = post(&simulator, "/api/community/create/harbor", &body).await;
        assert_eq!((got.status, &got.json["isCommunity"]), (200, &json!(is_community)));
        sleep(Duration::from_secs(3)).await;
        let got = get(&simulator, "/api/group/list/harbor").await;
        let list = got.json["groups"].as_array().unwrap();
        let made =
            list.iter().find(|group| group["name"] == "New Clinics").unwrap()["groupJid"].as_str().unwrap();
        let linked = simulator.truth().instances["harbor"].is_linked(PARKING, made);
        assert_eq!(linked, is_community);
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_are_told_apart() {
    let simulator = world("[[instance]]\nname = \"harbor\"\n[[instance]]\nname = \"pier\"\n");
    let list = |token: Option<&'static str>, query: &'static str| {
        let simulator = simulator.clone();
        async move {
            let path = format!("/api/instance/list{query}");
            send(&simulator, request(Method::GET, &path, token, None)).await
        }
    };
    let got = list(Some("account-token"), "").await;
    assert_eq!(got.message(), "2 Instances found");
    assert_eq!(strings(&got.json["instances"], "name"), ["harbor", "pier"]);
    let own = list(Some("harbor-token"), "?instanceName=pier").await;
    assert_eq!(
        (own.message(), strings(&own.json["instances"], "name")),
        ("1 Instance found", vec!["harbor".to_owned()])
    );
    assert_eq!(list(Some("account-token"), "?instanceName=nobody").await.status, 404);
    assert_eq!(list(Some("account-token"), "?instanceName=nobody,pier").await.message(), "1 Instance found");
    assert_eq!(list(Some("account-token"), "?instanceName=").await.message(), "2 Instances found");
    assert_eq!(list(None, "").await.message(), "Missing token in header");
    assert_eq!(list(Some(""), "").await.message(), "Missing token");
    let wrong = list(Some("wrong"), "").await;
    assert_eq!((wrong.status, wrong.message()), (401, "Invalid token"));

    let of = |token| request(Method::GET, "/api/group/list/pier", Some(token), None);
    assert_eq!(send(&simulator, of("account-token")).await.status, 200);
    assert_eq!(send(&simulator, of("harbor-token")).await.status, 403);
    let missing =
        send(&simulator, request(Method::GET, "/api/group/list/quay", Some("pier-token"), None)).await;
    assert_eq!((missing.status, missing.message()), (404, "Instance not found"));
    let bearer = |value| {
        Request::get("/api/group/list/pier").header("authorization", value).body(Body::empty()).unwrap()
    };
    assert_eq!(send(&simulator, bearer("Bearer pier-token")).await.status, 200);
    assert_eq!(send(&simulator, bearer("pier-token")).await.message(), "Unauthenticated");
}

#[tokio::test(start_paused = true)]
async fn the_quota_belongs_to_the_token_and_resets_with_the_window() {
    let simulator = world("ryzeapi.rate_limit = 3\n");
    for left in [2, 1, 0] {
        let got = get(&simulator, "/api/instance/list").await;
        assert_eq!((got.number("x-ratelimit-limit"), got.number("x-ratelimit-remaining")), (3, left));
        assert_eq!(got.number("x-ratelimit-reset"), EPOCH / 1000 + 60);
    }
    let got = get(&simulator, "/api/group/list/harbor").await;
    assert_eq!((got.status, got.message()), (429, "Rate limit exceeded. Try again later."));
    assert_eq!(got.number("x-ratelimit-remaining"), 0);
    let other =
        send(&simulator, request(Method::GET, "/api/group/list/harbor", Some("account-token"), None)).await;
    assert_eq!(other.status, 200, "another token has another bucket");
    assert_eq!(get(&simulator, "/health").await.status, 200, "outside the limit");
    sleep(Duration::from_secs(60)).await;
    assert_eq!(get(&simulator, "/api/group/list/harbor").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn other_programs_use_the_same_quota_and_headers_can_be_missing() {
    let simulator = world("ryzeapi.rate_drain_per_second = 2.0\n");
    assert_eq!(get(&simulator, "/api/instance/list").await.number("x-ratelimit-remaining"), 99);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(get(&simulator, "/api/instance/list").await.number("x-ratelimit-remaining"), 78);
    let simulator = world("ryzeapi.rate_headers = false\n");
    assert!(!get(&simulator, "/api/instance/list").await.headers.contains_key("x-ratelimit-limit"));
}

#[tokio::test(start_paused = true)]
async fn the_date_is_the_simulators_own() {
    let simulator = world("");
    sleep(Duration::from_secs(5)).await;
    let got = get(&simulator, "/health").await;
    assert_eq!(got.headers["date"], "Thu, 28 May 2026 20:26:45 GMT");
    assert_eq!((&got.json["status"], &got.json["service"]), (&json!("ok"), &json!("RyzeAPI")));
    assert_eq!(
        (&got.json["uptime"], &got.json["timestamp"]),
        (&json!("0h0m5s"), &json!("2026-05-28T20:26:45Z"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_disconnected_number_says_so_until_it_is_connected() {
    let simulator = Simulator::with_epoch(World::built_in("not_connected").unwrap(), EPOCH);
    let got = get(&simulator, "/api/group/list/harbor").await;
    assert_eq!((got.status, got.message()), (400, "Instance is not connected to WhatsApp"));
    let state = |got: &Got| got.json["instances"][0]["connection"]["state"].clone();
    assert_eq!(state(&get(&simulator, "/api/instance/list").await), "disconnected");
    let got = post(&simulator, "/api/instance/reconnect/harbor", &json!({})).await;
    assert_eq!((got.message(), &got.json["status"]), ("Reconnect initiated", &json!("connecting")));
    assert_eq!(state(&get(&simulator, "/api/instance/list").await), "connecting");
    sleep(Duration::from_secs(5)).await;
    assert_eq!(get(&simulator, "/api/group/list/harbor").await.status, 200);

    assert!(simulator.set_state("harbor", "loggedout"));
    let got = post(&simulator, "/api/instance/reconnect/harbor", &json!({})).await;
    assert!(got.status == 400 && got.message().starts_with("Instance has no saved session"));
    let got = get(&simulator, "/api/instance/connect/harbor").await;
    assert_eq!((got.message(), &got.json["status"]), ("QR code generated", &json!("qr")));
    assert!(
        got.json["qrCode"].is_string()
            && got.json["qrCodeBase64"].as_str().unwrap().starts_with("data:image/png;base64,")
    );
    let got = get(&simulator, "/api/instance/connect/harbor?number=5511900000001").await;
    assert_eq!(got.json["pairingCode"].as_str().unwrap().len(), 8);
    assert!(!simulator.set_state("nobody", "connected"));
}

#[tokio::test(start_paused = true)]
async fn undocumented_routes_do_not_exist() {
    let simulator = world("");
    for path in ["/api/community/list/harbor", "/api/community/link-group/harbor", "/nowhere", "/"] {
        assert_eq!(get(&simulator, path).await.status, 404, "{path}");
    }
    let got = post(&simulator, "/api/group/leave/harbor", &json!({})).await;
    assert_eq!(got.status, 405);
    let got = get(&simulator, "/ws/harbor").await;
    assert!(got.message().starts_with("WebSocket is not enabled for this instance"));
}

#[tokio::test(start_paused = true)]
async fn every_request_is_on_record() {
    let simulator = world("");
    let (first, second) = tokio::join!(link(&simulator, "link", HARBOR, &[PARKING]), groups(&simulator));
    assert_eq!((first.status, second.is_empty()), (200, false));
    let log = simulator.requests();
    let written = log.iter().find(|request| request.kind == Kind::Write).unwrap();
    assert_eq!(
        (written.verb.as_str(), written.instance.as_str(), written.method.as_str()),
        ("link", "harbor", "POST")
    );
    assert_eq!((written.received_at, written.answered_at), (EPOCH, Some(EPOCH + 1000)));
    assert_eq!(
        (written.community.as_deref(), &written.groups[..]),
        (Some(HARBOR), &[PARKING.to_owned()][..])
    );
    assert_eq!((written.status, written.changed), (Some(200), true));
    assert!(
        log.iter().any(|request| request.verb == "groups" && request.kind == Kind::Read && !request.changed)
    );
}
