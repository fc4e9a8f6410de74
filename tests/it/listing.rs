//! Loading an instance, reading for plans, and the search for communities, over the real client.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::Router;
use serde_json::{Value, json};
use synod::{
    domain::{
        community::{CommunityRef, Groups},
        failure::FailureKind,
        id::{CommunityId, GroupId},
        name::Name,
        reading::{Loaded, Probe, Scope},
    },
    gateway::Gateway,
    listing::{Discovered, ReadProgress, WhichListings, discover, load, no_more, read},
};
use tokio_util::sync::CancellationToken;

use crate::support::{
    domain::entry,
    gateway::{EPOCH, Server, client_over, clock, error, harbor, json as answer, with_headers},
};

fn id(number: u32) -> String {
    format!("1203634{number:011}@g.us")
}

fn group(number: u32) -> GroupId {
    GroupId::parse(&id(number)).unwrap()
}

fn community(number: u32) -> CommunityId {
    CommunityId::parse(&id(number)).unwrap()
}

fn number_in(path: &str) -> u32 {
    path.split("1203634").nth(1).map_or(0, |rest| rest[..11].parse().unwrap())
}

/// A gateway on which 1 and 2 are communities, and all others are ordinary groups.
fn body(path: &str) -> Value {
    let number = number_in(path);
    if path.contains("/instance/list") {
        json!({ "instances": [{ "name": "harbor", "status": "connected" }] })
    } else if path.contains("/group/list") {
        json!({ "groups": [
            { "groupJid": id(1), "name": "First" },
            { "groupJid": id(21), "name": "Linked", "linkedParentJid": id(2) },
            { "groupJid": id(30), "name": "Loose", "linkedParentJid": null },
        ] })
    } else if path.contains("listSubGroups") && number <= 2 {
        let announcements = json!({ "jid": id(number * 10), "name": "News", "isDefaultSubGroup": true });
        json!({ "communityJid": id(number), "subgroups": [announcements] })
    } else if path.contains("listSubGroups") {
        json!({ "subgroups": [] })
    } else {
        json!({ "group": { "jid": id(number), "name": format!("Details of {number}") } })
    }
}

fn world(server: &Server) -> Router {
    server.answering(|seen| std::future::ready(answer(200, body(&seen.path))))
}

fn summary(loaded: &Loaded) -> String {
    match loaded {
        Loaded::Connection(read) => format!("connection {}", read.is_ok()),
        Loaded::Communities(_) => "communities".to_owned(),
        Loaded::Groups(read) => format!("groups {}", read.is_ok()),
        Loaded::Community(id, read) => format!("community {} {}", number_in(id.as_str()), read.is_ok()),
        Loaded::Name(id, name) => format!("name {} {}", number_in(id.as_str()), name.shown()),
        Loaded::Done => "done".to_owned(),
    }
}

async fn loaded(client: &Gateway, known: Vec<CommunityRef>) -> Vec<String> {
    loaded_after(client, known, None).await
}

/// The same when these groups were listed before.
async fn loaded_after(client: &Gateway, known: Vec<CommunityRef>, held: Option<Groups>) -> Vec<String> {
    let mut all = Vec::new();
    let wanted = (known, WhichListings::Needed);
    load(client.reads.as_ref(), clock(), wanted, held, |loaded| all.push(summary(&loaded))).await;
    all
}

fn known(number: u32, name: Option<&str>) -> CommunityRef {
    CommunityRef { id: community(number), name: name.map(Name::new) }
}

#[tokio::test(start_paused = true)]
async fn a_load_reads_known_and_discovered_communities_once_and_names_the_nameless() {
    let server = Server::new();
    let client = client_over(world(&server), harbor());
    let mut all = loaded(&client, vec![known(1, None), known(1, None), known(3, Some("Third"))]).await;
    assert_eq!(all.remove(0), "connection true");
    assert_eq!(all.pop().unwrap(), "done");
    // The list of groups names 1, the remembered data names 3; a group's parent revealed 2.
    assert_eq!(all.pop().unwrap(), "name 2 Details of 2");
    all.sort();
    assert_eq!(all, ["community 1 true", "community 2 true", "community 3 false", "groups true"]);
    assert_eq!(server.paths().iter().filter(|path| path.contains("listSubGroups")).count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_slow_list_of_groups_does_not_delay_known_communities() {
    let router = Server::new().answering(|seen| async move {
        if seen.path.contains("/group/list") {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        answer(200, body(&seen.path))
    });
    let client = client_over(router, harbor());
    // The earlier list did not say where its groups are, so the listings are needed.
    let held = Some([entry("a")].into_iter().collect());
    let all = loaded_after(&client, vec![known(1, Some("First"))], held).await;
    assert_eq!(all[..3], ["connection true", "community 1 true", "groups true"]);
}

#[tokio::test(start_paused = true)]
async fn at_most_four_listings_are_read_at_once() {
    let (now, most) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let (under_way, peak) = (Arc::clone(&now), Arc::clone(&most));
    let router = Server::new().answering(move |seen| {
        let (under_way, peak) = (Arc::clone(&under_way), Arc::clone(&peak));
        async move {
            if seen.path.contains("listSubGroups") {
                let count = {
                    let mut under_way = under_way.lock().unwrap();
                    *under_way += 1;
                    *under_way
                };
                {
                    let mut peak = peak.lock().unwrap();
                    *peak = count.max(*peak);
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
                *under_way.lock().unwrap() -= 1;
            }
            answer(200, body(&seen.path))
        }
    });
    let communities = (1..20).map(|number| known(number, Some("named"))).collect();
    loaded(&client_over(router, harbor()), communities).await;
    assert_eq!(*most.lock().unwrap(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_ends_a_load() {
    let server = Server::new();
    let router = server.answering(|_| std::future::ready(error(401, "Invalid token")));
    assert_eq!(
        loaded(&client_over(router, harbor()), vec![known(1, None)]).await,
        ["connection false", "done"]
    );
    assert_eq!(server.seen().len(), 1);
}

fn scopes() -> Vec<Scope> {
    vec![
        Scope::Connection,
        Scope::Groups,
        Scope::Community(community(1)),
        Scope::Community(community(5)),
        Scope::Probe(group(2)),
        Scope::Probe(group(30)),
        Scope::Details(group(30)),
        Scope::Details(group(30)),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_plan_gets_each_reading_with_its_own_result() {
    let server = Server::new();
    let client = client_over(world(&server), harbor());
    let mut progress = Vec::new();
    let readings =
        read(client.reads.as_ref(), clock(), scopes(), no_more, &CancellationToken::new(), |step| {
            progress.push(step);
        })
        .await;
    assert_eq!(readings.begun, EPOCH);
    assert!(readings.connection.unwrap().unwrap().is_connected());
    assert_eq!(readings.groups.unwrap().unwrap().groups.len(), 3);
    assert!(readings.communities[&community(1)].is_ok());
    assert_eq!(readings.communities[&community(5)].as_ref().unwrap_err().kind, FailureKind::NoListing);
    assert!(matches!(readings.probes[&group(2)], Probe::Community(_)));
    assert!(matches!(readings.probes[&group(30)], Probe::Nothing(_)));
    assert_eq!(readings.details[&group(30)].as_ref().unwrap().name.shown(), "Details of 30");
    assert_eq!(progress.first(), Some(&ReadProgress { done: 0, total: 7 }));
    assert_eq!(progress.last(), Some(&ReadProgress { done: 7, total: 7 }));
    assert_eq!(progress.len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_affects_everything_is_not_requested_again_and_applies_to_the_rest() {
    let server = Server::new();
    let router = server.answering(|seen| async move {
        if !seen.path.contains("/group/list") {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        error(503, "Instance is not connected to WhatsApp")
    });
    let client = client_over(router, harbor());
    let readings =
        read(client.reads.as_ref(), clock(), scopes(), no_more, &CancellationToken::new(), |_| ()).await;
    assert!(server.seen().len() <= 4);
    let unread = readings.communities[&community(5)].as_ref().unwrap_err();
    assert_eq!(unread.kind, FailureKind::NotConnected);
    assert!(
        matches!(&readings.probes[&group(30)], Probe::Failed(failure) if failure.kind == FailureKind::NotConnected)
    );
}

#[tokio::test(start_paused = true)]
async fn skipping_keeps_the_readings() {
    let router = Server::new().answering(|seen| async move {
        if number_in(&seen.path) == 30 {
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        answer(200, body(&seen.path))
    });
    let client = client_over(router, harbor());
    let skip = CancellationToken::new();
    let skipping = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        skip.cancel();
    };
    let clock = clock();
    let (readings, ()) =
        tokio::join!(read(client.reads.as_ref(), clock, scopes(), no_more, &skip, |_| ()), skipping);
    assert!(readings.probes.contains_key(&group(2)) && !readings.probes.contains_key(&group(30)));
    assert!(readings.details.is_empty());
    assert_eq!(clock.now().since(EPOCH).as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_search_asks_one_group_at_a_time_and_shows_the_rest() {
    let server = Server::new();
    let router = server.answering(|seen| {
        let number = number_in(&seen.path);
        std::future::ready(match number {
            40 => error(500, "failed to get groups: x"),
            50 => error(401, "Invalid token"),
            _ => answer(200, body(&seen.path)),
        })
    });
    let client = client_over(router, harbor());
    let clock = clock();
    let candidates = [30, 2, 40, 31, 50, 60].map(group).to_vec();
    let mut all: Vec<Discovered> = Vec::new();
    let pace = Duration::from_secs(2);
    let stop = CancellationToken::new();
    let left = discover(client.reads.as_ref(), clock, candidates, pace, &stop, |found| all.push(found)).await;
    assert_eq!(left, [40, 50, 60].map(group));
    assert_eq!(all.len(), 5);
    assert!(matches!(&all[1].probe, Probe::Community(listing) if listing.community == community(2)));
    assert_eq!((all[1].done, all[1].total), (2, 6));
    assert_eq!(clock.now().since(EPOCH).as_secs(), 8);
}

/// A client of a server with almost no quota, until half a minute from the beginning.
fn nearly_used_up(server: &Server) -> Gateway {
    let router = server.answering(|seen| {
        let headers = [
            ("x-ratelimit-limit", "100"),
            ("x-ratelimit-remaining", "9"),
            ("x-ratelimit-reset", "1772366430"),
            ("date", "Sun, 01 Mar 2026 12:00:00 GMT"),
        ];
        std::future::ready(with_headers(answer(200, body(&seen.path)), &headers))
    });
    client_over(router, harbor())
}

#[tokio::test(start_paused = true)]
async fn a_search_waits_while_the_quota_is_low_and_can_be_stopped() {
    let server = Server::new();
    let client = nearly_used_up(&server);
    let clock = clock();
    let stop = CancellationToken::new();
    let stopping = async {
        tokio::time::sleep(Duration::from_secs(45)).await;
        stop.cancel();
    };
    let candidates = [30, 31, 32, 33].map(group).to_vec();
    let (left, ()) = tokio::join!(
        discover(client.reads.as_ref(), clock, candidates, Duration::ZERO, &stop, |_| ()),
        stopping
    );
    // One at once, one after the reset, and the third waits for the next reset.
    assert_eq!(server.seen().len(), 2);
    assert_eq!(left, [32, 33].map(group));
}

#[tokio::test(start_paused = true)]
async fn a_load_leaves_a_reserve() {
    let server = Server::new();
    let client = nearly_used_up(&server);
    let listings = || server.paths().iter().filter(|path| path.contains("listSubGroups")).count();
    let load = loaded(&client, vec![known(1, Some("First"))]);
    tokio::pin!(load);
    // Only the connection and the list of groups are requested before the reset.
    assert!(tokio::time::timeout(Duration::from_secs(29), &mut load).await.is_err());
    assert_eq!((server.paths().len(), listings()), (2, 0));
    let _ = tokio::time::timeout(Duration::from_secs(2), &mut load).await;
    assert_eq!(listings(), 1);
}

#[tokio::test(start_paused = true)]
async fn checks_of_groups_leave_a_reserve_and_their_wait_can_be_skipped() {
    let server = Server::new();
    let client = nearly_used_up(&server);
    client.groups().await.unwrap();
    let (clock, skip) = (clock(), CancellationToken::new());
    let skipping = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        skip.cancel();
    };
    let scopes = vec![Scope::Community(community(1)), Scope::Probe(group(30)), Scope::Details(group(31))];
    let (readings, ()) =
        tokio::join!(read(client.reads.as_ref(), clock, scopes.clone(), no_more, &skip, |_| ()), skipping);
    assert!(readings.communities[&community(1)].is_ok(), "a listing waits for nothing");
    assert!(readings.probes.is_empty() && readings.details.is_empty());
    assert_eq!(clock.now().since(EPOCH).as_secs(), 20);
    let readings =
        read(client.reads.as_ref(), clock, scopes, no_more, &CancellationToken::new(), |_| ()).await;
    assert!(readings.probes.contains_key(&group(30)) && readings.details.contains_key(&group(31)));
    assert!(clock.now().since(EPOCH).as_secs() >= 30, "they waited for the reset");
}

#[tokio::test(start_paused = true)]
async fn a_community_without_a_named_reading_has_no_name() {
    let router = Server::new().answering(|seen| {
        let mut body = body(&seen.path);
        for entry in body["groups"].as_array_mut().into_iter().flatten() {
            entry["name"] = "".into();
        }
        if let Some(name) = body["group"].get_mut("name") {
            *name = "".into();
        }
        std::future::ready(answer(200, body))
    });
    let all = loaded(&client_over(router, harbor()), vec![known(1, None)]).await;
    assert!(!all.iter().any(|part| part.starts_with("name")), "{all:?}");
}
