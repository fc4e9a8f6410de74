//! One item of an operation: its events with their times, and the probable cause of its failure.

use std::time::Duration;

use super::{plain, with};
use crate::support::harness::Harness;

fn fault(verb: &str, group: &str, then: &str) -> String {
    format!("[[fault]]\non = \"{verb}\"\ngroup = \"{group}\"\nthen = \"{then}\"\n")
}

/// Links a standalone group to the first community, and opens the result.
async fn link(synod: &mut Harness, group: &str) {
    synod.loaded().await.keys("<tab><tab>/").await.keys(group).await.keys("<enter> l").await;
    synod.confirmed().await;
    synod.keys("<esc><tab>").await;
    synod.keys("<enter>").await;
}

#[tokio::test(start_paused = true)]
async fn enter_in_the_lower_pane_shows_events_and_times() {
    let mut synod = plain().start().await;
    link(&mut synod, "parking").await;
    synod.until("sent: link to Harbor Clinics").await;
    synod
        .shows("the gateway accepted it")
        .shows("a fresh group list confirms it")
        .shows("Outcome          ✓ verified");
    let screen = synod.text();
    let at = |text: &str| screen.find(text).unwrap();
    assert!(
        at("you confirmed") < at("sent: link") && at("sent: link") < at("a fresh group list"),
        "{screen}"
    );
    synod.hides("Probable cause").hides("Checked again");
    synod.keys("<enter>").await;
    synod.until("up to date;").await;
    synod.keys("<esc><esc>").await;
    synod.hides("What happened");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn in_the_operations_window_enter_goes_down_and_esc_up() {
    let mut synod = plain().start().await;
    link(&mut synod, "parking").await;
    synod.keys("<esc>o").await;
    synod.shows("Operations of ops");
    synod.keys("<enter>").await;
    synod.hides("Operations of ops");
    synod.keys("<enter>").await;
    synod.until("sent: link").await;
    synod.keys("<esc>").await;
    synod.hides("What happened").shows("✓ verified");
    synod.keys("<esc>").await;
    synod.shows("Operations of ops");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_without_a_cause_suggests_a_retry() {
    let mut synod = with(&fault("link", "Parking", "refuse")).start().await;
    link(&mut synod, "parking").await;
    synod.until_said("Nothing seems to prevent it now. Press [r] to retry.").await;
    synod.shows("Checked again").hides("Probable cause");
    synod.keys("r").await;
    synod.until("Plan: link 1 group").await;
    synod.end().await;
}

/// A plan to link a standalone group, ready for confirmation, in a world that refuses everything.
async fn planned(head: &str) -> Harness {
    let mut synod = with(&format!("{}{head}", fault("link", "Parking", "refuse"))).start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter> l").await;
    synod.until("Press [y]").await;
    synod
}

/// Confirms the plan, and opens the result.
async fn confirmed(synod: &mut Harness) {
    synod.keys("y").await;
    synod.until_done().await;
    synod.keys("<esc><tab><enter>").await;
}

const HARBOR: &str = "120363400000000001@g.us";
const NORTH: &str = "120363400000001001@g.us";

async fn link_elsewhere(synod: &Harness, community: &str, group: &str) {
    let body = format!(r#"{{"communityJid":"{community}","groupJid":["{}"]}}"#, synod.group(group));
    assert_eq!(synod.elsewhere("POST", "/api/community/link/harbor", &body).await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_no_longer_in_the_group_is_the_cause() {
    let mut synod = planned("").await;
    let path = format!("/api/group/leave/harbor?identifier={}", synod.group("Parking"));
    assert_eq!(synod.elsewhere("DELETE", &path, "").await, 200);
    confirmed(&mut synod).await;
    synod.until_said("This number is no longer in the group.").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_group_that_somebody_moved_is_reported_with_its_community() {
    let mut synod = with("").start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter> l").await;
    synod.until("Press [y]").await;
    link_elsewhere(&synod, NORTH, "Parking").await;
    confirmed(&mut synod).await;
    synod.until_said("It is in North Schools, and a group can be in only one community at a time.").await;
    synod.shows("Probable cause").hides("Checked again");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_community_that_somebody_filled_is_reported_with_its_size() {
    let limit = "subgroup_limit = 4";
    let mut synod =
        super::with_settings(limit, "").settings(|settings| settings.subgroup_limit = 4).start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter> l").await;
    synod.until("Press [y]").await;
    link_elsewhere(&synod, HARBOR, "Kitchen").await;
    confirmed(&mut synod).await;
    synod.until_said("The community is full: 4 of 4 groups.").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_not_an_admin_learns_that_a_suggestion_may_be_waiting() {
    let world = format!(
        "seed = 1\n[settings]\nlatency_ms = [100, 100]\n[ryzeapi]\nlist_community_fields = true\n{}",
        super::PLAIN
    );
    let world =
        world.replacen("id = \"120363400000000001\"", "id = \"120363400000000001\"\nrole = \"member\"", 1);
    let mut synod = Harness::toml(&world).start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter> l").await;
    synod.until("Plan:").await;
    if synod.text().contains("[ ]") {
        synod.keys("a").await;
    }
    confirmed(&mut synod).await;
    synod.until_said("This number is not an admin of the community").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn unsent_items_suggest_to_resume() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>al").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until("sending").await;
    synod.keys("S").await;
    synod.until_done().await;
    synod.keys("<tab><enter>").await;
    synod.until_said("It was not sent, and nothing seems to be wrong. Press [R] to continue").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_change_that_has_happened_meanwhile_is_reported() {
    let lag = "listing_lag_ms = [30000, 30000]";
    let mut synod = super::with_settings(lag, "").start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter> l").await;
    synod.confirmed().await;
    synod.shows("contradicted");
    synod.pass(Duration::from_secs(60)).await;
    synod.keys("<esc><tab><enter>").await;
    synod.until_said("It is now as you wanted it").await;
    synod.end().await;
}
