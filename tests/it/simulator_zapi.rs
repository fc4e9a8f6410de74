//! The simulated Z-API answers as docs/gateways/zapi.md documents, oddities included.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use std::time::Duration;
use synod::simulator::{GatewayKind, Kind, Simulator, World};
use tokio::time::sleep;

use crate::simulator::{EPOCH, Got, request, send, strings};

const BASE: &str = "/instances/SHOPID/token/SHOPTOKEN";
const HORTA: &str = "98120363400000000001";
const CANTEIRO: &str = "120363400000000011-group";
const SUL: &str = "120363400000000012-group";
const LIVRE: &str = "120363400000000021-group";
const OLD: &str = "5511900000001-1600000000";

fn world(extra: &str) -> Simulator {
    let text = format!(
        r#"{extra}
[[instance]]
name = "shop"
gateway = "zapi"
id = "SHOPID"
token = "SHOPTOKEN"

[[community]]
name = "Horta do Bairro"
id = "120363400000000001"
description = "Sementes, mutirões e trocas"
groups = [{{ name = "Canteiro Norte", id = "120363400000000011" }}, {{ name = "Canteiro Sul", id = "120363400000000012" }}]

[[community]]
name = "Coral"
id = "120363400000001001"
groups = [{{ name = "Ensaios", id = "120363400000001011" }}]

[[community]]
name = "Alheia"
id = "120363400000002001"
role = "none"

[standalone]
groups = [
  {{ name = "Livre", id = "120363400000000021", code = "LIVRE", members = 4 }},
  {{ name = "Só membro", id = "120363400000000022", role = "member" }},
  {{ name = "Antigo", id = "5511900000001-1600000000" }},
  {{ name = "Fora", id = "120363400000000024", role = "none", code = "FORA" }},
]
"#
    );
    Simulator::with_epoch(World::parse(&text, "test.toml").unwrap(), EPOCH)
}

async fn get(simulator: &Simulator, operation: &str) -> Got {
    send(simulator, request(Method::GET, &format!("{BASE}/{operation}"), None, None)).await
}

async fn post(simulator: &Simulator, operation: &str, body: &Value) -> Got {
    send(simulator, request(Method::POST, &format!("{BASE}/{operation}"), None, Some(body))).await
}

async fn link(simulator: &Simulator, verb: &str, groups: &[&str]) -> Got {
    let body = json!({ "communityId": HORTA, "groupsPhones": groups });
    post(simulator, &format!("communities/{verb}"), &body).await
}

async fn linked(simulator: &Simulator) -> Vec<String> {
    strings(&get(simulator, &format!("communities-metadata/{HORTA}")).await.json["subGroups"], "phone")
}

#[tokio::test(start_paused = true)]
async fn status_has_an_error_even_if_everything_works() {
    let simulator = world("");
    let got = get(&simulator, "status").await;
    let healthy =
        json!({ "connected": true, "error": "You are already connected.", "smartphoneConnected": true });
    assert_eq!((got.status, got.json), (200, healthy));
    simulator.set_state("shop", "disconnected");
    let got = get(&simulator, "status").await;
    assert_eq!((got.status, &got.json["connected"]), (200, &json!(false)));
    assert!(get(&simulator, "groups?page=1&pageSize=10").await.status >= 400);
}

#[tokio::test(start_paused = true)]
async fn communities_come_as_bare_arrays_in_pages() {
    let simulator = world("");
    let got = get(&simulator, "communities?page=1&pageSize=50").await;
    assert_eq!(got.json[0], json!({ "name": "Horta do Bairro", "id": HORTA }));
    assert_eq!(HORTA.len(), 20);
    assert!(HORTA.parse::<u64>().is_err(), "more than 64 bits hold");
    let page = async |page: u32| get(&simulator, &format!("communities?page={page}&pageSize=1")).await.json;
    assert_eq!(page(2).await[0]["name"], "Coral");
    assert_eq!(page(3).await, json!([]), "the number is not in the third");
    assert_eq!(get(&simulator, "communities").await.json.as_array().unwrap().len(), 2);

    let simulator = world("[zapi]\npage_ignored = true\n");
    assert_eq!(get(&simulator, "communities?page=7&pageSize=1").await.json.as_array().unwrap().len(), 2);
    let simulator = world("[zapi]\nmax_page_size = 1\n");
    assert_eq!(get(&simulator, "communities?page=1&pageSize=50").await.json.as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn groups_have_no_community_field_and_use_strings_for_booleans() {
    let simulator = world("");
    let got = get(&simulator, "groups?page=1&pageSize=100").await;
    let list = got.json.as_array().unwrap();
    let canteiro = list.iter().find(|group| group["phone"] == CANTEIRO).unwrap();
    assert_eq!(
        (&canteiro["archived"], &canteiro["isGroup"], &canteiro["muteEndTime"]),
        (&json!("false"), &json!(true), &Value::Null)
    );
    assert!(canteiro.get("communityId").is_none() && canteiro.get("isGroupAnnouncement").is_none());
    assert!(strings(&got.json, "phone").contains(&OLD.to_owned()), "the older form has no suffix");
    assert_eq!(get(&simulator, "groups").await.status, 400, "page and pageSize are required");
}

#[tokio::test(start_paused = true)]
async fn metadata_names_the_subgroups() {
    let got = get(&world(""), &format!("communities-metadata/{HORTA}")).await;
    assert_eq!(
        (&got.json["id"], &got.json["description"]),
        (&json!(HORTA), &json!("Sementes, mutirões e trocas"))
    );
    assert_eq!(got.json["subGroups"][0]["isGroupAnnouncement"], true);
    assert_eq!(
        got.json["subGroups"][1],
        json!({ "name": "Canteiro Norte", "phone": CANTEIRO, "isGroupAnnouncement": false })
    );
    for id in ["98120363400000002001", "98999", "120363400000000001", CANTEIRO] {
        assert_eq!(get(&world(""), &format!("communities-metadata/{id}")).await.status, 404, "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_flag_for_a_whole_list() {
    let simulator = world("");
    let got = link(&simulator, "link", &[LIVRE, "120363400000001011-group", OLD]).await;
    assert_eq!((got.status, got.json), (200, json!({ "success": true })), "though one was elsewhere");
    sleep(Duration::from_secs(3)).await;
    assert_eq!(linked(&simulator).await[1..], [CANTEIRO, SUL, LIVRE, OLD]);
    assert_eq!(
        link(&simulator, "link", &["120363400000000022-group"]).await.json,
        json!({ "success": false })
    );
    for (setting, expected) in [("false", json!({ "success": false })), ("true", json!({ "success": true }))]
    {
        let simulator = world(&format!("zapi.partial = \"{setting}\"\n"));
        assert_eq!(link(&simulator, "link", &[LIVRE, SUL]).await.json, expected);
    }
    let simulator = world("zapi.partial = \"named\"\nzapi.failure = \"error\"\n");
    let got = link(&simulator, "link", &[LIVRE, SUL]).await;
    assert_eq!(got.json["success"], true);
    assert!(got.json["error"].as_str().unwrap().contains(SUL));
    let got = link(&simulator, "link", &[SUL]).await;
    assert_eq!((got.status, got.json.get("success")), (400, None));
    let simulator = world("zapi.partial = \"error\"\n");
    assert!(link(&simulator, "link", &[LIVRE, SUL]).await.json.get("success").is_none());
}

#[tokio::test(start_paused = true)]
async fn the_last_ordinary_group_stays() {
    let simulator = world("");
    assert_eq!(link(&simulator, "unlink", &[CANTEIRO]).await.json["success"], true);
    assert_eq!(link(&simulator, "unlink", &[SUL]).await.json["success"], false);
    let announcements = linked(&simulator).await[0].clone();
    assert_eq!(link(&simulator, "unlink", &[&announcements]).await.json["success"], false);
    sleep(Duration::from_secs(3)).await;
    assert_eq!(linked(&simulator).await[1..], [SUL]);
    assert!(simulator.truth().instances["shop"].is_linked(SUL, HORTA));
}

#[tokio::test(start_paused = true)]
async fn leaving_answers_value_and_accepts_no_community() {
    let simulator = world("");
    let leave = async |id: &str| post(&simulator, "leave-group", &json!({ "groupId": id })).await.json;
    assert_eq!(leave(LIVRE).await, json!({ "value": true }));
    assert_eq!(leave(LIVRE).await, json!({ "value": false }));
    assert_eq!(leave(HORTA).await, json!({ "value": false }));
    assert_eq!(leave("120363400000000001-group").await, json!({ "value": false }));
    assert_eq!(
        leave("120363400000000011@g.us").await,
        json!({ "value": false }),
        "not a form of this gateway"
    );
    assert_eq!(leave(OLD).await, json!({ "value": true }));
    assert!(simulator.truth().instances["shop"].is_in(CANTEIRO));
    let got = get(&simulator, &format!("light-group-metadata/{LIVRE}")).await;
    assert_eq!(got.status, 404);
    sleep(Duration::from_secs(3)).await;
    let listed = strings(&get(&simulator, "groups?page=1&pageSize=100").await.json, "phone");
    assert!(!listed.contains(&LIVRE.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn left_groups_can_stay_in_the_list() {
    for (setting, status) in [("not_found", 404), ("without", 200), ("null", 200)] {
        let simulator =
            world(&format!("[zapi]\nlist_left_groups = true\ninfo_after_leave = \"{setting}\"\n"));
        post(&simulator, "leave-group", &json!({ "groupId": LIVRE })).await;
        sleep(Duration::from_secs(3)).await;
        let listed = strings(&get(&simulator, "groups?page=1&pageSize=100").await.json, "phone");
        assert!(listed.contains(&LIVRE.to_owned()));
        let got = get(&simulator, &format!("light-group-metadata/{LIVRE}")).await;
        assert_eq!(got.status, status, "{setting}");
        if setting == "without" {
            let phones = strings(&got.json["participants"], "phone");
            assert!(phones.len() == 3 && !phones.contains(&"5511900000001".to_owned()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn details_give_the_community_and_the_link_to_admins() {
    let simulator = world("");
    let got = get(&simulator, &format!("light-group-metadata/{CANTEIRO}")).await;
    assert_eq!((&got.json["communityId"], &got.json["invitationLink"]), (&json!(HORTA), &Value::Null));
    let own = get(&simulator, "device").await.json["phone"].as_str().unwrap().to_owned();
    let me =
        got.json["participants"].as_array().unwrap().iter().find(|person| person["phone"] == own.as_str());
    assert_eq!(me.unwrap()["isAdmin"], true);
    let got = get(&simulator, &format!("group-metadata/{LIVRE}")).await;
    assert_eq!(got.json["invitationLink"], "https://chat.whatsapp.com/LIVRE");
    assert_eq!(got.json["communityId"], Value::Null);
    let got = get(&simulator, "group-metadata/120363400000000022-group").await;
    assert_eq!(
        (&got.json["invitationLink"], &got.json["invitationLinkError"]),
        (&Value::Null, &json!("not-authorized"))
    );
    let got = get(&simulator, &format!("group-metadata/{OLD}")).await;
    assert!(got.json.get("communityId").is_none() && got.json["subject"] == "Antigo");
    let got = get(&simulator, &format!("group-invitation-link/{LIVRE}")).await;
    assert_eq!(got.json, json!({ "phone": LIVRE, "invitationLink": "https://chat.whatsapp.com/LIVRE" }));
}

#[tokio::test(start_paused = true)]
async fn accepting_an_invitation_is_a_get_that_joins() {
    let simulator = world("");
    let got = get(&simulator, "group-invitation-metadata?url=https%3A%2F%2Fchat.whatsapp.com%2FFORA").await;
    assert_eq!(got.json["subject"], "Fora");
    assert!(!simulator.truth().instances["shop"].is_in("120363400000000024-group"));
    let got = get(&simulator, "accept-invite-group?url=https%3A%2F%2Fchat.whatsapp.com%2FFORA").await;
    assert_eq!(got.json, json!({ "success": true }));
    assert!(simulator.truth().instances["shop"].is_in("120363400000000024-group"));
    assert_eq!(simulator.requests().last().unwrap().kind, Kind::Write);
    let got = get(&simulator, "accept-invite-group?url=https%3A%2F%2Fchat.whatsapp.com%2FDEAD").await;
    assert_eq!(got.json, json!({ "success": false }));
}

#[tokio::test(start_paused = true)]
async fn a_created_community_comes_with_its_announcements_group() {
    let simulator = world("");
    let got = post(&simulator, "communities", &json!({ "name": "Nova" })).await;
    let id = got.json["id"].as_str().unwrap();
    assert_eq!(got.json["subGroups"][0]["isGroupAnnouncement"], true);
    assert!(simulator.truth().instances["shop"].communities.contains_key(id));
}

#[tokio::test(start_paused = true)]
async fn bad_requests_are_answered_oddly() {
    let simulator = world("");
    let nowhere =
        json!({ "error": "NOT_FOUND", "message": "Unable to find matching target resource method" });
    for operation in ["groups/all", "nothing", "communities-metadata", ""] {
        let got = get(&simulator, operation).await;
        assert_eq!((got.status, got.json), (200, nowhere.clone()), "{operation}");
    }
    let got = send(&simulator, request(Method::GET, "/instances/SHOPID", None, None)).await;
    assert_eq!((got.status, got.json), (200, nowhere));
    assert_eq!(get(&simulator, "leave-group").await.status, 405);
    assert_eq!(post(&simulator, "groups", &json!({})).await.status, 405);
    let bare = Request::post(format!("{BASE}/leave-group")).body(Body::from("{\"groupId\":\"1\"}")).unwrap();
    assert_eq!(send(&simulator, bare).await.status, 415);
    let got =
        send(&simulator, request(Method::GET, "/instances/SHOPID/token/WRONG/status", None, None)).await;
    assert!(got.status == 400 && got.json["error"].is_string());
    assert_eq!(
        post(&simulator, "communities/link", &json!({ "communityId": HORTA, "groupsPhones": [] }))
            .await
            .status,
        400
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_token_is_required_if_the_world_has_one() {
    let simulator = Simulator::with_epoch(World::built_in("harbor").unwrap(), EPOCH);
    let shop =
        simulator.instances().into_iter().find(|instance| instance.gateway == GatewayKind::Zapi).unwrap();
    let path = format!("/instances/{}/token/{}/communities?page=1&pageSize=20", shop.id, shop.token);
    let ask = |token: Option<&str>| {
        let builder = Request::get(&path);
        let builder = token.into_iter().fold(builder, |builder, token| builder.header("Client-Token", token));
        builder.body(Body::empty()).unwrap()
    };
    let missing = send(&simulator, ask(None)).await;
    assert_eq!((missing.status, missing.json), (403, json!({ "error": "null not allowed" })));
    assert_eq!(send(&simulator, ask(Some("wrong"))).await.json["error"], "wrong not allowed");
    let got = send(&simulator, ask(shop.client_token.as_deref())).await;
    assert_eq!(strings(&got.json, "id"), shop.communities);
    assert_eq!(shop.communities.len(), 3);
    let log = simulator.requests();
    assert!(log.iter().all(|logged| logged.path == "/communities"), "no credentials on record: {log:?}");
    assert!(!format!("{shop:?}").contains(&shop.token));
}

#[tokio::test(start_paused = true)]
async fn both_gateways_see_the_same_world() {
    let simulator = Simulator::with_epoch(World::built_in("harbor").unwrap(), EPOCH);
    let body =
        json!({ "communityJid": "120363400000000001@g.us", "groupJid": ["5511900000001-1450000000@g.us"] });
    let got = send(
        &simulator,
        request(Method::POST, "/api/community/link/harbor", Some("harbor-token"), Some(&body)),
    )
    .await;
    assert_eq!(got.json["success"], true, "{}", got.text);
    assert!(simulator.truth().instances["shop"].is_linked("5511900000001-1450000000", HORTA));
}

#[tokio::test(start_paused = true)]
async fn the_same_faults_occur_in_this_contracts_words() {
    for (then, status, changed, body) in [
        ("refuse", 200, false, json!({ "success": false })),
        ("lie", 200, false, json!({ "success": true })),
        ("drop_after", 0, true, Value::Null),
        ("throttle", 429, false, json!({ "error": "too many requests" })),
        ("error", 500, false, json!({ "error": "Internal Server Error" })),
        ("not_connected", 400, false, json!({ "error": "You are not connected." })),
        ("html", 502, false, Value::Null),
        ("empty_body", 200, true, Value::Null),
    ] {
        let simulator =
            world(&format!("fault = [{{ on = \"link\", then = \"{then}\", group = \"Livre\" }}]\n"));
        let got = link(&simulator, "link", &[LIVRE]).await;
        assert_eq!((got.status, got.json), (status, body), "{then}");
        assert_eq!(simulator.truth().instances["shop"].is_linked(LIVRE, HORTA), changed, "{then}");
    }
    let simulator = world("fault = [{ on = \"any_read\", then = \"empty_listing\" }]\n");
    assert_eq!(get(&simulator, "groups?page=1&pageSize=9").await.json, json!([]));
    assert_eq!(get(&simulator, "communities").await.json, json!([]));
    assert_eq!(linked(&simulator).await, Vec::<String>::new());
}
