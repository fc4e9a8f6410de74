//! The details of a row: fresh readings, the invite link on demand, the history in the journal.

use std::{fs, path::Path, time::Duration};

use super::{plain, with};
use crate::support::harness::{Harness, Setup, Weather};

const LINK: &str = "https://chat.whatsapp.com/";

/// The plain world behind a slow gateway.
fn slow() -> Setup {
    let fields = "[ryzeapi]\nlist_community_fields = true";
    Harness::toml(&format!("seed = 1\n[settings]\nlatency_ms = [4000, 4000]\n{fields}\n{}", super::PLAIN))
}

/// Opens the details of the only matching standalone group.
async fn open(synod: &mut Harness, group: &str) {
    synod.loaded().await.keys("<tab><tab>/").await.keys(group).await.keys("<enter><enter>").await;
}

#[tokio::test(start_paused = true)]
async fn enter_on_a_group_shows_its_details_and_esc_goes_back() {
    let mut synod = plain().start().await;
    open(&mut synod, "parking").await;
    synod.until("up to date;").await;
    let id = synod.group("Parking");
    synod.shows(&id).shows("Role             admin").shows("in no community").shows("ordinary group");
    synod.shows("the list of groups, read").shows("no invite link was kept").says("no operation");
    synod.keys("<esc>").await;
    synod.hides("Role").shows("Standalone groups");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_subgroup_shows_its_community_and_a_community_its_announcement_group() {
    let mut synod = plain().start().await;
    synod.loaded().await.pass(Duration::from_secs(1)).await.keys("<tab><down><enter>").await;
    synod.until("up to date;").await;
    synod.shows("Harbor Clinics · 120363400000000001@g.us").shows("the group list of Harbor Clinics");
    synod.keys("<esc><backtab>i").await;
    synod.until("up to date;").await;
    synod.shows("at least 3 of 50").shows("a list from the gateway").shows("Group list       read");
    synod.shows("Announcements    Harbor Clinics · ");
    synod.keys("i").await;
    synod.says("open a group's details");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_read_is_reported_and_can_be_repeated() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    synod.weather(Weather::Unreachable);
    open(&mut synod, "parking").await;
    synod.until("the details could not be read").await;
    synod.shows(&synod.group("Parking"));
    synod.weather(Weather::Fine);
    synod.keys("r").await;
    synod.until("up to date;").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_invite_link_is_shown_only_on_request_and_only_while_the_window_is_open() {
    let mut synod = plain().start().await;
    open(&mut synod, "parking").await;
    synod.until("up to date;").await;
    synod.shows("hidden: [i] asks the gateway for it").hides(LINK);
    synod.keys("Y").await;
    assert_eq!(synod.record().copied, [synod.group("Parking")]);
    synod.keys("i").await;
    synod.until(LINK).await;
    let link = synod.line(LINK).split_whitespace().find(|word| word.starts_with(LINK)).unwrap().to_owned();
    synod.keys("Y").await;
    assert_eq!(synod.record().copied.last(), Some(&link));
    synod.says("The invite link was sent to the terminal's clipboard");
    synod.keys("i").await;
    synod.hides(LINK).shows("hidden: [i] asks");
    synod.keys("i").await;
    synod.until(LINK).await;
    synod.keys("<esc>").await;
    synod.hides(LINK);
    synod.keys("<enter>").await;
    synod.shows("hidden: [i] asks").hides(LINK);
    let code = link.trim_start_matches(LINK).to_owned();
    let state = synod.state_dir().to_owned();
    assert_nowhere(&state, &code);
    synod.end().await;
}

/// Fails if a file in the directory contains the text.
fn assert_nowhere(directory: &Path, text: &str) {
    for entry in fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            assert_nowhere(&path, text);
        } else {
            let content = fs::read(&path).unwrap();
            let is_there = content.windows(text.len()).any(|part| part == text.as_bytes());
            assert!(!is_there, "{} contains it", path.display());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_comes_after_the_window_was_closed_is_shown_nowhere() {
    let mut synod = slow().start().await;
    open(&mut synod, "parking").await;
    synod.until("up to date;").await;
    synod.keys("i").await;
    synod.shows("asking the gateway for it");
    synod.keys("<esc><enter>").await;
    synod.pass(Duration::from_secs(60)).await;
    synod.hides(LINK).shows("hidden: [i] asks");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_history_shows_the_groups_operations_newest_first() {
    let mut synod =
        with("[[fault]]\non = \"link\"\ngroup = \"Parking\"\nthen = \"refuse\"\nfirst = 1\n").start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter> l").await;
    synod.confirmed().await;
    synod.keys("<esc> l").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until("#2 done").await;
    synod.keys("<esc><backtab>/parking<enter><enter>").await;
    synod.until("up to date;").await;
    let text = synod.text();
    let (second, first) = (text.find("#2 link").unwrap(), text.find("#1 link").unwrap());
    assert!(second < first, "{text}");
    assert!(synod.line("#2 link 1 group to Harbor").contains("✓ verified"));
    assert!(synod.line("#1 link 1 group to Harbor").contains("✗ refused"));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn everything_else_continues_while_details_are_read() {
    let mut synod = slow().start().await;
    open(&mut synod, "parking").await;
    synod.shows("reading again, 0 of 1");
    synod.keys("<esc><esc>c ").await;
    synod.shows("1 marked");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_cleaned_name_is_marked_as_such_and_controls_nothing() {
    let mut synod = Harness::world("hostile_names").communities(&["120363400000000001@g.us"]).start().await;
    synod.loaded().await.keys("<tab>").await;
    let mut cleaned = 0;
    for _ in 0..12 {
        synod.keys("<down><enter>").await;
        synod.until("up to date;").await;
        cleaned += usize::from(synod.text().contains("Exact name"));
        synod.keys("<esc>").await;
    }
    assert!(cleaned > 3, "only {cleaned} say so");
    // The end of the test looks for escapes and format characters in every frame.
    synod.end().await;
}
