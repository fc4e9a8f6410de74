//! Comparing the instance with a file that says where groups belong.

use std::fs;

use super::{plain, with};
use crate::support::harness::Harness;

/// One group is missing, one belongs elsewhere, one is extra, and one is not known.
const STATE: &str = r#"
[[community]]
community = "Harbor Clinics"
groups = ["Reception", "Lab results", "Class 1A", "Parking", "Nobody knows it"]
only = true

[[standalone]]
groups = ["Kitchen"]
"#;

/// The listing of Harbor Clinics cannot be read.
const UNREADABLE: &str = r#"
[[fault]]
on = "subgroups"
community = "Harbor Clinics"
then = "error"
status = 500
text = "no"
"#;

/// Only one group belongs in Harbor Clinics.
const EXCLUSIVE: &str = r#"
[[community]]
community = "Harbor Clinics"
groups = ["Reception"]
only = true
"#;

async fn comparing(synod: &mut Harness, content: &str) {
    fs::write(synod.state_dir().join("state.toml"), content).unwrap();
    synod.keys("D").await.shows("Compare ops with a file").keys("state.toml<enter>").await;
}

#[tokio::test(start_paused = true)]
async fn differences_are_shown_by_community_and_planned() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    comparing(&mut synod, STATE).await;
    synod.until("4 differences between ops and state.toml").await;
    synod.shows("Harbor Clinics · 4").shows("missing").shows("elsewhere").shows("in North Schools");
    synod.shows("extra").shows("Radiology").shows("Nobody knows it").shows("line 4");
    assert!(synod.writes().is_empty());
    synod.keys("a").await.shows("3 groups marked.").keys("l").await;
    synod.until("3 to do").await;
    synod.keys("<esc>").await.shows("3 groups marked.").keys("l").await;
    synod.until("3 to do").await;
    synod.confirmed().await;
    for group in ["Parking", "Class 1A", "Reception"] {
        assert!(synod.is_linked(group, "Harbor Clinics"), "{group}");
    }
    assert!(!synod.is_linked("Radiology", "Harbor Clinics"));
    comparing(&mut synod, STATE).await;
    synod.until("1 difference between").await;
    synod.shows("Nobody knows it").keys("a").await.shows("Nothing here can be planned");
    synod.keys("<esc>").await.hides("difference");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn without_marks_the_group_under_the_cursor_is_planned_and_the_filter_limits_what_is_marked() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    comparing(&mut synod, STATE).await;
    synod.until("4 differences").await;
    synod.keys("/park<enter>").await.shows("Parking").hides("extra");
    synod.keys("l").await.until("Plan:").await;
    synod.shows("1 to do").shows("Harbor Clinics").keys("<esc>").await;
    synod.keys("a<esc>").await.shows("extra").shows("1 group marked.");
    synod.keys("V").await.shows("2 groups marked.").keys("c").await.shows("Nothing marked.");
    // On a heading, Space marks the rows below it.
    synod.keys("g ").await.shows("3 groups marked.");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn after_a_change_the_comparison_is_repeated_with_the_same_file() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    comparing(&mut synod, STATE).await;
    synod.until("4 differences").await;
    fs::write(synod.state_dir().join("state.toml"), "[[standalone]]\ngroups = [\"Kitchen\"]\n").unwrap();
    synod.keys("r").await.until("No difference between ops and state.toml").await;
    synod.shows("Every group is where the file says that it belongs.");
    synod.end().await;
}

/// Somebody who has marked half of the rows does not begin again because the gateway was asked once more.
#[tokio::test(start_paused = true)]
async fn a_repeated_comparison_keeps_the_marks_the_filter_and_the_cursor() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    comparing(&mut synod, STATE).await;
    synod.until("4 differences").await;
    synod.keys("a").await.shows("3 groups marked.").keys("/r<enter>").await.shows("2 of 4 rows");
    synod.keys("G ").await;
    let seen = |synod: &Harness| (synod.text().matches("[x]").count(), synod.line("▸ ["));
    let (before, requests) = (seen(&synod), synod.requests().len());
    assert_eq!(before.0, 1);
    synod.keys("r").await.until("2 of 4 rows").await;
    assert!(synod.requests().len() > requests, "everything is read again");
    assert_eq!(seen(&synod), before);
    synod.keys("<esc>").await.shows("2 groups marked.");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_fit_a_small_screen_ends_with_a_sign() {
    let mut synod = with(UNREADABLE).size(50, 12).start().await;
    synod.until("North Schools").await;
    comparing(&mut synod, EXCLUSIVE).await;
    synod.until("between ops and").await;
    assert!(synod.line("Other groups stay in").contains("…"), "{}", synod.text());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn every_fault_of_a_file_is_shown_with_its_line_and_nothing_is_compared() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    let table = "group,community\nParking,Harbor Clinic5\nKitchen,Harbor Clinics\n,North Schools\nKitchen,North Schools\n";
    comparing(&mut synod, table).await;
    synod.until("state.toml: 3 faults").await;
    synod.shows("Line 2: No community matches “Harbor Clinic5”").shows("Harbor Clinics");
    synod.shows("Line 4: This row names no group.").shows("Line 5: Kitchen belongs in another place");
    synod.keys("<esc>").await.hides("faults");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_read_is_explained_and_another_can_be_given() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    synod.keys("Dnowhere.toml<enter>").await.until("No such file").await;
    fs::write(synod.state_dir().join("plan.json"), "{\"event\":\"plan\"}\n").unwrap();
    synod.keys("<c-u>plan.json<enter>").await.until("This is a plan").await;
    fs::write(synod.state_dir().join("bad.csv"), b"group,community\nCaf\xe9,\n").unwrap();
    synod.keys("<c-u>bad.csv<enter>").await.until("UTF-8").await;
    synod.keys("<esc>").await.hides("with a file");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn groups_of_other_instances_are_counted_and_not_compared() {
    let shop = "[[instance]]\nname = \"harbor\"\n[[instance]]\nname = \"shop\"\n";
    let mut synod = with(shop).all_instances().start().await;
    synod.loaded().await;
    let table = "group;community;instance\nParking;Harbor Clinics;ops\nKitchen;Harbor Clinics;shop\n";
    comparing(&mut synod, table).await;
    synod.until("1 difference between").await;
    synod.shows("1 group of another instance is not compared.").hides("Kitchen · ");
    synod.end().await;
}

/// Nothing is unlinked by absence alone.
#[tokio::test(start_paused = true)]
async fn nothing_is_extra_in_a_community_whose_listing_cannot_be_read() {
    let mut synod = with(UNREADABLE).start().await;
    synod.loaded().await;
    comparing(&mut synod, EXCLUSIVE).await;
    synod.until("between ops and state.toml").await;
    synod.shows("Other groups stay in Harbor Clinics").hides("extra");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_does_not_exist_is_a_fault_like_any_other() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    comparing(&mut synod, "group,community,instance\nParking,Harbor Clinics,opps\nKitchen,Nowhere,OPS\n")
        .await;
    synod.until("state.toml: 2 faults").await;
    synod.shows("Line 2: No instance has the name “opps”").shows("Line 3: No community matches “Nowhere”");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_file_about_another_instance_does_not_say_that_everything_is_in_place() {
    let shop = "[[instance]]\nname = \"harbor\"\n[[instance]]\nname = \"shop\"\n";
    let mut synod = with(shop).all_instances().start().await;
    synod.loaded().await;
    comparing(&mut synod, "group,community,instance\nParking,Harbor Clinics,shop\n").await;
    synod.until("The file names no group of this instance.").await;
    synod.hides("Every group is where").shows("1 group of another instance is not compared.");
    synod.end().await;
}
