//! Misbehaviour comes from world files, and mistakes in world files are reported as messages.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

use http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use synod::simulator::{GatewayKind, Simulator, World};
use tokio::time::{Instant, sleep, timeout};

use crate::simulator::{EPOCH, Got, request, send, strings, world};

const HARBOR: &str = "120363400000000001@g.us";
const PARKING: &str = "120363400000000021@g.us";
const OLD: &str = "5511900000001-1450000000@g.us";

async fn link(simulator: &Simulator, group: &str) -> Got {
    let body = json!({ "communityJid": HARBOR, "groupJid": [group] });
    send(simulator, request(Method::POST, "/api/community/link/harbor", Some("harbor-token"), Some(&body)))
        .await
}

async fn get(simulator: &Simulator, path: &str) -> Got {
    send(simulator, request(Method::GET, path, Some("harbor-token"), None)).await
}

fn is_linked(simulator: &Simulator, group: &str) -> bool {
    simulator.truth().instances["harbor"].is_linked(group, HARBOR)
}

fn faulty(on: &str, then: &str, more: &str) -> Simulator {
    world(&format!("fault = [{{ on = \"{on}\", then = \"{then}\"{more} }}]\n"))
}

#[tokio::test(start_paused = true)]
async fn each_misbehaviour_of_a_link_changes_only_its_part() {
    for (then, status, changed) in [
        ("refuse", 200, false),
        ("lie", 200, false),
        ("drop_before", 0, false),
        ("drop_after", 0, true),
        ("timeout_after", 0, true),
        ("slow", 200, true),
        ("html", 502, false),
        ("rate_limited", 429, false),
        ("throttle", 429, false),
        ("error", 500, false),
        ("empty_body", 200, true),
        ("not_connected", 400, false),
        ("banned", 400, false),
    ] {
        let simulator = faulty("link", then, "");
        let got = link(&simulator, PARKING).await;
        assert_eq!((got.status, is_linked(&simulator, PARKING)), (status, changed), "{then}: {}", got.text);
        let logged = simulator.requests().pop().unwrap();
        assert_eq!((logged.changed, logged.status), (changed, (status > 0).then_some(status)), "{then}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lie_claims_and_a_refusal_names() {
    let got = link(&faulty("link", "lie", ""), PARKING).await;
    assert_eq!((&got.json["linked"], &got.json["success"]), (&json!([PARKING]), &json!(true)));
    let got = link(&faulty("link", "refuse", ""), PARKING).await;
    assert_eq!((&got.json["failed"], &got.json["success"]), (&json!([PARKING]), &json!(false)));
    let simulator = faulty("leave", "refuse", "");
    let path = format!("/api/group/leave/harbor?identifier={PARKING}");
    let got = send(&simulator, request(Method::DELETE, &path, Some("harbor-token"), None)).await;
    assert_eq!((got.status, got.message()), (403, "Not allowed to leave this group"));
    let simulator = faulty("any", "refuse", ", status = 401, text = \"Invalid account token\"");
    let got = get(&simulator, "/api/instance/list").await;
    assert_eq!((got.status, got.message()), (401, "Invalid account token"));
}

#[tokio::test(start_paused = true)]
async fn the_two_kinds_of_429_can_be_distinguished() {
    let got = link(&faulty("any_write", "throttle", ""), PARKING).await;
    assert!(got.number("x-ratelimit-remaining") > 0);
    assert_ne!(got.message(), "Rate limit exceeded. Try again later.");
    let got = link(&faulty("any_write", "rate_limited", ""), PARKING).await;
    assert_eq!(got.number("x-ratelimit-remaining"), 0);
    assert_eq!(got.message(), "Rate limit exceeded. Try again later.");
}

#[tokio::test(start_paused = true)]
async fn a_server_works_on_when_the_client_hangs_up() {
    let simulator = faulty("link", "timeout_after", ", seconds = 300");
    assert!(timeout(Duration::from_secs(60), link(&simulator, PARKING)).await.is_err());
    assert!(is_linked(&simulator, PARKING));
    assert_eq!(simulator.requests()[0].answered_at, None);
    sleep(Duration::from_secs(300)).await;
    assert_eq!(simulator.requests()[0].answered_at, Some(EPOCH + 301_000));

    let simulator = faulty("link", "slow", ", seconds = 30");
    assert!(timeout(Duration::from_secs(20), link(&simulator, PARKING)).await.is_err());
    assert!(!is_linked(&simulator, PARKING), "it has not reached it yet");
    sleep(Duration::from_secs(15)).await;
    assert!(is_linked(&simulator, PARKING), "but it does, though nobody waits");
}

#[tokio::test(start_paused = true)]
async fn counters_choose_the_affected_request() {
    let struck = async |more: &str| {
        let simulator = faulty("groups", "error", more);
        let mut statuses = Vec::new();
        for _ in 0..5 {
            statuses.push(get(&simulator, "/api/group/list/harbor").await.status == 500);
        }
        statuses
    };
    assert_eq!(struck(", first = 2").await, [true, true, false, false, false]);
    assert_eq!(struck(", nth = 3").await, [false, false, true, false, false]);
    assert_eq!(struck(", skip = 1, times = 2").await, [false, true, true, false, false]);
    assert_eq!(struck(", share = 0.0").await, [false; 5]);
    assert_eq!(struck(", share = 1.0").await, [true; 5]);
    let half = struck(", share = 0.5").await;
    assert_eq!(half, struck(", share = 0.5").await, "chance comes from the seed");
}

#[tokio::test(start_paused = true)]
async fn a_fault_can_be_for_one_group_by_name_or_id_or_for_one_community() {
    for filter in
        ["group = \"Parking\"", "group = \"120363400000000021\"", "group = \"120363400000000021@g.us\""]
    {
        let simulator = faulty("link", "refuse", &format!(", {filter}"));
        assert_eq!(link(&simulator, OLD).await.json["success"], true, "{filter}");
        assert_eq!(link(&simulator, PARKING).await.json["success"], false, "{filter}");
    }
    let simulator = faulty("link", "drop_before", ", community = \"North Schools\"");
    assert_eq!(link(&simulator, PARKING).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn listings_can_be_empty_although_no_group_is_gone() {
    let simulator = Simulator::with_epoch(World::built_in("empty_listing").unwrap(), EPOCH);
    let list =
        async || get(&simulator, "/api/group/list/harbor").await.json["groups"].as_array().unwrap().len();
    assert_eq!(list().await, 0);
    assert!(list().await > 5);
    let simulator = faulty("subgroups", "empty_listing", "");
    let got = get(&simulator, &format!("/api/community/listSubGroups/harbor?communityJid={HARBOR}")).await;
    assert_eq!((got.status, &got.json["subgroups"]), (200, &json!([])));
}

#[tokio::test(start_paused = true)]
async fn a_number_can_lose_its_connection_for_a_while_or_for_good() {
    let simulator = faulty("link", "not_connected", ", seconds = 20, times = 1");
    assert_eq!(link(&simulator, PARKING).await.message(), "Instance is not connected to WhatsApp");
    assert_eq!(get(&simulator, "/api/group/list/harbor").await.status, 400);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(get(&simulator, "/api/group/list/harbor").await.status, 200);
    let simulator = faulty("link", "banned", "");
    link(&simulator, PARKING).await;
    let got = get(&simulator, "/api/instance/list").await;
    assert_eq!(got.json["instances"][0]["connection"]["state"], "banned");
}

#[tokio::test(start_paused = true)]
async fn every_built_in_world_runs_and_explains_itself() {
    for name in World::built_in_names() {
        let world = World::built_in(name).unwrap();
        assert!(World::built_in_text(name).unwrap().starts_with("# "), "{name} does not say what it shows");
        let simulator = Simulator::with_epoch(world, EPOCH);
        let instance = &simulator.instances()[0];
        assert_eq!(instance.gateway, GatewayKind::Ryzeapi, "{name}");
        let asked = request(Method::GET, "/api/instance/list", Some(&instance.token), None);
        let got = send(&simulator, asked).await;
        assert!(got.status == 200 || got.status == 502, "{name}: {}", got.text);
    }
}

#[tokio::test(start_paused = true)]
async fn harbor_has_the_documented_size() {
    let simulator = Simulator::with_epoch(World::built_in("harbor").unwrap(), EPOCH);
    let truth = simulator.truth().instances["harbor"].clone();
    let linked: usize = truth.communities.values().map(std::collections::BTreeSet::len).sum();
    assert_eq!(truth.communities.len(), 12);
    assert!(truth.communities.values().any(|groups| groups.len() == 50));
    assert_eq!(truth.groups.len() - linked, 34, "standalone");
    assert!((140..=160).contains(&truth.groups.len()), "{}", truth.groups.len());
    let names = strings(&get(&simulator, "/api/group/list/harbor").await.json["groups"], "name");
    assert!(names.iter().any(|name| name == "Pharmacy night shift"));
}

#[tokio::test(start_paused = true)]
async fn one_in_five_is_about_one_in_five() {
    let simulator = Simulator::with_epoch(World::built_in("one_in_five").unwrap(), EPOCH);
    let before = simulator.truth().instances["harbor"].clone();
    assert!((290..=330).contains(&before.groups.len()), "{}", before.groups.len());
    let mut odd = 0;
    let asked: Vec<_> = before.groups.iter().take(200).collect();
    for group in &asked {
        let path = format!("/api/group/leave/harbor?identifier={group}");
        let got = send(&simulator, request(Method::DELETE, &path, Some("harbor-token"), None)).await;
        let gone = !simulator.truth().instances["harbor"].is_in(group);
        odd += u32::from(got.status != 200 || !gone);
        sleep(Duration::from_secs(1)).await;
    }
    assert!((25..=60).contains(&odd), "{odd} of {}", asked.len());
}

#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_groups_are_one_small_file() {
    let text = "[generate]\ncommunities = 200\ngroups = [20, 50]\nstandalone = 93000\ninstances = 2\nspread = true\nseed = 3\n";
    let simulator = Simulator::with_epoch(World::parse(text, "large.toml").unwrap(), EPOCH);
    let [first, _] = &simulator.instances()[..] else { panic!("two numbers") };
    let truth = simulator.truth();
    let total: usize = truth.instances.values().map(|standing| standing.groups.len()).sum();
    assert!(total > 97_000, "{total}");
    let started = Instant::now();
    let got = send(
        &simulator,
        request(Method::GET, &format!("/api/group/list/{}", first.id), Some(&first.token), None),
    )
    .await;
    assert!(got.json["groups"].as_array().unwrap().len() > 45_000);
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[test]
fn mistakes_in_a_world_file_are_reported_with_line_and_example() {
    for (text, parts) in [
        (
            "seed = 1\n[settings]\nlag = 3\n",
            &["line 3", "unknown field `lag`", "listing_lag_ms = [1000, 3000]"][..],
        ),
        (
            "[ryzeapi]\nsilent_extra = \"maybe\"\n",
            &["line 2", "maybe", "neither", "silent_extra = \"neither\""],
        ),
        (
            "[[community]]\nname = \"A\"\ngroups = [{ name = \"B\", membres = 3 }]\n",
            &["line 3", "membres", "groups = ["],
        ),
        ("[[community]]\nname = \"A\"\nrole = \"owner\"\n", &["line 3", "owner", "role = \"admin\""]),
        (
            "[[fault]]\non = \"link\"\nthen = \"explode\"\n",
            &["line 3", "explode", "then = \"timeout_after\""],
        ),
        ("[[fault]]\non = \"link\"\n", &["missing field `then`", "then = \"timeout_after\""]),
        ("[[fault]]\non = \"link\"\nthen = \"lie\"\ngroup = \"Nobody\"\n", &["line 4", "Nobody"]),
        (
            "[[fault]]\non = \"link\"\nthen = \"lie\"\ninstance = \"pier\"\n",
            &["line 4", "[[instance]]", "pier"],
        ),
        ("[[fault]]\nthen = \"lie\"\non = \"groups\"\n", &["line 3", "only reads"]),
        ("[[fault]]\nthen = \"lie\"\non = \"link\"\nshare = 20\n", &["between 0 and 1"]),
        ("[[fault]]\nthen = \"slow\"\non = \"link\"\nseconds = nan\n", &["seconds"]),
        ("[standalone]\ngroups = [{ name = \"A\", id = \"12x\" }]\n", &["line 2", "12x", "digits"]),
        ("[standalone]\ngroups = [{ id = \"12\" }, { id = \"12\" }]\n", &["line 2", "is used twice"]),
        (
            "[[community]]\nname = \"A\"\n\n[standalone]\ngroups = [{ name = \"B\", id = \"120363400000000001\" }]\n",
            &["line 5", "generated for `A`", "give that one an id"],
        ),
        (
            "[[community]]\nname = \"A\"\n\n[standalone]\ngroups = [{ name = \"B\", id = \"120363400000000002\" }]\n",
            &["line 5", "generated for the announcement group of `A`"],
        ),
        (
            "[[community]]\nname = \"A\"\nid = \"120363400250000001\"\n\n[standalone]\ngroups = [\"B\"]\n",
            &["line 3", "generated for `B`"],
        ),
        ("[community]\nname = \"A\"\n", &["line 1", "[[community]]"]),
        ("seed = \n", &["line 1", "seed = 7"]),
    ] {
        let sentence = World::parse(text, "mine.toml").unwrap_err().to_string();
        assert!(sentence.starts_with("mine.toml, line "), "{sentence}");
        assert!(!sentence.contains('\n'), "{sentence}");
        for part in parts {
            assert!(sentence.contains(part), "{part} is missing in: {sentence}");
        }
    }
    let unknown = World::load("harbour", |_| Err("no file".to_owned())).unwrap_err().to_string();
    assert!(unknown.contains("harbour") && unknown.contains("harbor, elsewhere"), "{unknown}");
}

#[tokio::test(start_paused = true)]
async fn an_empty_body_is_empty_and_a_page_is_a_page() {
    let got = get(&faulty("groups", "empty_body", ""), "/api/group/list/harbor").await;
    assert_eq!((got.status, got.text.as_str(), &got.json), (200, "", &Value::Null));
    let got = get(&faulty("groups", "html", ""), "/api/group/list/harbor").await;
    assert!(got.text.starts_with("<html>") && got.headers["content-type"] == "text/html");
}

/// Sends one request over a socket and returns all data until the server closed the connection.
async fn over_a_socket(address: std::net::SocketAddr, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head =
        format!("GET {path} HTTP/1.1\r\nhost: simulator\r\ntoken: harbor-token\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    all
}

#[tokio::test]
async fn a_dropped_connection_is_closed_without_a_byte() {
    let simulator = faulty("groups", "drop_before", ", times = 1");
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, until) = tokio::sync::oneshot::channel::<()>();
    let server = simulator.clone();
    let serving = tokio::spawn(async move { server.serve(listener, until).await });
    assert_eq!(over_a_socket(address, "/api/group/list/harbor").await, "");
    let answer = over_a_socket(address, "/api/group/list/harbor").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("Parking"), "{answer}");
    assert_eq!(answer.to_ascii_lowercase().matches("\ndate:").count(), 1, "only the simulator's own date");
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
