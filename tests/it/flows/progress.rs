//! Long reads show their progress, and the remaining time if it is known.

use std::{fmt::Write, time::Duration};

use crate::support::{
    harness::{Harness, Setup},
    simulated::CLINICS,
};

const HARBOR: &str = "120363400000000001@g.us";

/// A gateway with this latency, this many communities of two groups, and this many groups in none.
fn slow(latency: u32, communities: usize, standalone: usize) -> Setup {
    Harness::toml(&slow_world(latency, communities, standalone))
}

fn slow_world(latency: u32, communities: usize, standalone: usize) -> String {
    let mut world = format!("seed = 1\n[settings]\nlatency_ms = [{latency}, {latency}]\n");
    world.push_str("[ryzeapi]\nlist_community_fields = true\n");
    for at in 0..communities {
        let id = 120_363_400_000_000_001_u64 + 1_000 * at as u64;
        let _ = writeln!(
            world,
            "[[community]]\nname = \"C{at:02}\"\nid = \"{id}\"\ngroups = [\"A{at:02}\", \"B{at:02}\"]"
        );
    }
    let groups: Vec<String> = (0..standalone).map(|at| format!("\"S{at:02}\"")).collect();
    let _ = writeln!(world, "[standalone]\ngroups = [{}]", groups.join(", "));
    world
}

/// The same world, but the list of groups does not name their communities.
fn without_fields(world: &str) -> Setup {
    Harness::toml(&world.replace("list_community_fields = true", ""))
}

#[tokio::test(start_paused = true)]
async fn loading_shows_the_remaining_time_once_its_pace_is_known() {
    let ids: Vec<String> = (0..24).map(|at| (120_363_400_000_000_001_u64 + 1_000 * at).to_string()).collect();
    let mut synod = without_fields(&slow_world(3_000, 24, 3)).communities(&ids).start().await;
    synod.until("reading 6/26").await;
    synod.shows("reading 6/26, about ");
    synod.loaded().await.hides("about ");
    let said = |frame: &str| frame.contains("reading 1/26, about");
    assert!(!synod.frames().iter().any(|frame| said(frame)), "one read proves nothing");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_in_progress_shows_the_remaining_time() {
    let mut synod = slow(3_000, 1, 24).start().await;
    synod.loaded().await.keys("<tab><tab>aX").await;
    synod.until("Reading the current state").await;
    synod.hides("about ");
    synod.until("about ").await;
    synod.shows(" left");
    synod.until("Plan: leave 24 groups").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_waits_for_quota_says_so_and_counts_down() {
    let mut synod = slow(1_000, 1, 120).start().await;
    synod.loaded().await.keys("<tab><tab>aX").await;
    let first = synod.until("request limit is reached: waiting ").await;
    let waits = |screen: &str| screen.lines().find(|line| line.contains("waiting ")).map(str::to_owned);
    let line = waits(&first).unwrap();
    let next = synod.until_gone(&line).await;
    assert!(waits(&next).is_some_and(|next| next != line), "{next}");
    synod.until("Plan: leave 120 groups").await;
    synod.end().await;
}

/// A world in which `WhatsApp` throttles the listings of Harbor Clinics after this many answers.
fn throttled(skip: u32) -> String {
    format!(
        r#"
        seed = 1
        [ryzeapi]
        list_community_fields = true
        [[fault]]
        on = "subgroups"
        community = "Harbor Clinics"
        skip = {skip}
        then = "throttle"
        {CLINICS}
        [standalone]
        groups = ["Parking"]
        "#
    )
}

#[tokio::test(start_paused = true)]
async fn loading_says_that_whatsapp_throttles_and_counts_down() {
    let mut synod = without_fields(&throttled(0)).communities(&[HARBOR]).start().await;
    synod.until("WhatsApp is rate-limiting this number: waiting 30 s").await;
    synod.until("WhatsApp is rate-limiting this number: waiting 12 s").await;
    // The second wait is longer.
    synod.until("waiting 1 min").await;
    synod.loaded().await.hides("this number: waiting");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_in_progress_says_that_whatsapp_throttles() {
    let mut synod = Harness::toml(&throttled(1)).size(80, 24).start().await;
    synod.loaded().await.pass(Duration::from_secs(1)).await.hides("rate-limiting").keys("<tab><tab>l").await;
    synod.until("WhatsApp is rate-limiting this number: waiting 30 s").await;
    synod.shows("Reading the current state");
    assert_eq!(synod.text().matches("rate-limiting").count(), 1, "{}", synod.text());
    // A cancelled read does not wait any longer.
    synod.keys("<esc>").await;
    synod.until_gone("rate-limiting").await;
    synod.end().await;
}
