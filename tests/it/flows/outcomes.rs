//! Each outcome, produced by a gateway that behaves accordingly.

use std::time::Duration;

use super::{plain, states, with, with_settings};
use crate::support::harness::{Harness, Setup};

/// A world with a fault for the writes to a group.
fn when(verb: &str, group: &str, then: &str) -> Setup {
    with(&fault(verb, group, then))
}

fn fault(verb: &str, group: &str, then: &str) -> String {
    format!("[[fault]]\non = \"{verb}\"\ngroup = \"{group}\"\n{then}\n")
}

const BOTH: &[&str] = &["120363400000000001@g.us", "120363400000001001@g.us"];

/// The world with a community that accepts two more groups, and a full one.
fn full() -> Setup {
    Harness::world("full").communities(BOTH)
}

/// Marks a standalone group and links it to the first community.
async fn link(synod: &mut Harness, group: &str) -> String {
    synod.loaded().await.keys("<tab><tab>/").await.keys(group).await.keys("<enter> l").await;
    synod.confirmed().await
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_the_listing_does_not_confirm_is_contradicted() {
    let mut synod = when("link", "Parking", "then = \"lie\"").start().await;
    link(&mut synod, "Parking").await;
    synod.shows("1 contradicted").shows("! contradicted").hides("verified");
    assert!(!synod.is_linked("Parking", "Harbor Clinics"));
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_leave_and_an_unlink_that_are_only_claimed_are_contradicted() {
    let lies = fault("unlink", "Radiology", "then = \"lie\"") + &fault("leave", "Parking", "then = \"lie\"");
    let mut synod = with(&lies).start().await;
    synod.loaded().await.keys("<tab>/radio<enter> u").await;
    synod.confirmed().await;
    synod.shows("1 contradicted").hides("verified");
    synod.keys("<esc><tab>/parking<enter> X").await;
    synod.until("Type 1 to leave").await;
    synod.keys("1").await;
    synod.until("#2 done").await;
    synod.shows("1 contradicted").hides("verified");
    assert_eq!(synod.writes().len(), 2);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_shown_with_the_gateways_words() {
    let refuse = "then = \"refuse\"\ntext = \"not-authorized\"";
    let mut synod =
        with(&format!("failed_items = \"objects\"\n{}", fault("link", "Parking", refuse))).start().await;
    link(&mut synod, "Parking").await;
    synod.shows("1 refused").shows("✗ refused").shows("not-authorized");
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_was_lost_is_verified_with_one_request() {
    let mut synod = when("link", "Parking", "then = \"drop_after\"").start().await;
    link(&mut synod, "Parking").await;
    synod.shows("1 verified");
    assert_eq!(synod.writes().len(), 1);
    assert!(states(&synod, "Parking").contains(&"no answer".to_owned()));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_was_lost_is_verified_with_one_request_though_the_listing_lags() {
    let lag = "listing_lag_ms = [7000, 7000]";
    let mut synod = with_settings(lag, &fault("link", "Parking", "then = \"drop_after\"")).start().await;
    link(&mut synod, "Parking").await;
    synod.shows("1 verified");
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_change_that_was_made_after_the_time_out_is_verified_with_one_request() {
    let mut synod = when("link", "Parking", "then = \"timeout_after\"\nseconds = 120").start().await;
    link(&mut synod, "Parking").await;
    synod.shows("1 verified");
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_request_is_sent_again_after_all_readbacks() {
    let mut synod = when("link", "Parking", "then = \"drop_before\"\nfirst = 1").start().await;
    link(&mut synod, "Parking").await;
    synod.shows("1 verified");
    let sent: Vec<i64> = synod.writes().into_iter().map(|request| request.received_at).collect();
    assert_eq!(sent.len(), 2);
    assert!(sent[1] - sent[0] >= 9_000, "the last read-back is 9 s after the attempt");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_request_lost_twice_is_unknown() {
    let mut synod = when("link", "Parking", "then = \"drop_before\"").start().await;
    link(&mut synod, "Parking").await;
    synod.shows("1 unknown").shows("? unknown").hides("verified");
    assert_eq!(synod.writes().len(), 2, "the first time, and the retry");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_already_done_is_not_sent() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><down> <tab> l").await;
    synod.until("Already done, nothing to send · 1").await;
    synod.shows("link 1 group to Harbor Clinics");
    synod.confirmed().await;
    synod.shows("1 verified").shows("1 already done");
    assert_eq!(synod.written(), ["Cleaning rota"]);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_group_in_another_community_is_blocked() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><down> <tab> <backtab><backtab><down>l").await;
    synod.until("Blocked, never sent · 1").await;
    synod.shows("in Harbor Clinics: move it instead");
    synod.confirmed().await;
    synod.shows("1 verified").shows("1 blocked");
    assert_eq!(synod.written(), ["Cleaning rota"]);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_proxys_answer_is_followed_by_a_readback() {
    let page = "then = \"html_502\"\nchange = true";
    let mut synod = when("link", "Parking", page).start().await;
    link(&mut synod, "Parking").await;
    synod.shows("1 verified");
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn groups_over_the_limit_are_blocked_and_never_verified() {
    let mut synod = full().start().await;
    synod.loaded().await.keys("<tab><tab>al").await;
    synod.until("link 2 groups to Harbor Clinics").await;
    synod.shows("Blocked, never sent · 3").shows("over the limit");
    synod.confirmed().await;
    synod.shows("2 verified").shows("3 blocked");
    assert_eq!(synod.writes().len(), 2);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn groups_over_a_limit_that_is_set_too_high_do_not_end_as_verified() {
    for silent in ["neither", "linked", "failed"] {
        let text = synod::simulator::World::built_in_text("full").unwrap();
        let text = text.replace("silent_extra = \"neither\"", &format!("silent_extra = \"{silent}\""));
        let mut synod = Harness::toml(&text)
            .communities(BOTH)
            .settings(|settings| settings.subgroup_limit = 60)
            .start()
            .await;
        synod.loaded().await.keys("<tab><tab>al").await;
        synod.until("link 5 groups").await;
        synod.confirmed().await;
        synod.shows("2 verified");
        assert_eq!(synod.truth().communities["120363400000000001@g.us"].len(), 50);
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_listing_turns_nothing_green() {
    let empty = "[[fault]]\non = \"subgroups\"\nthen = \"empty_listing\"\nskip = 3\n";
    let mut synod = with(&format!("{empty}{}", fault("unlink", "Radiology", "then = \"lie\""))).start().await;
    synod.loaded().await.keys("<tab>/radio<enter> u").await;
    synod.confirmed().await;
    synod.hides("verified").shows("1 unknown");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn space_swaps_which_group_stays_outside_a_full_community() {
    let mut synod = full().start().await;
    synod.loaded().await.keys("<tab><tab>al").await;
    synod.until("link 2 groups").await;
    let before: Vec<String> = rows(&synod.text(), "→");
    assert_eq!(before, ["Cleaning rota", "Kitchen"]);
    // The cursor is on the first row: it gives its place to a blocked row.
    synod.keys("G ").await;
    let after = rows(&synod.text(), "→");
    assert_eq!(after.len(), 2);
    assert!(after.contains(&"Pharmacy night shift".to_owned()), "{after:?}");
    synod.confirmed().await;
    synod.shows("2 verified").shows("3 blocked");
    let mut written = synod.written();
    written.sort();
    let mut shown = after;
    shown.sort();
    assert_eq!(written, shown);
    synod.end().await;
}

/// The groups in the plan's rows with this sign.
pub(super) fn rows(screen: &str, sign: &str) -> Vec<String> {
    // In a plan a sign takes three cells after three blanks; in the rows of an operation it does not.
    let sign = format!("   {sign:3} ");
    let row = |line: &str| {
        let (_, row) = line.split_once(&sign)?;
        let row = row.split('│').next()?.trim();
        Some(row.split("  ").next()?.trim().to_owned())
    };
    screen.lines().filter_map(row).collect()
}

#[tokio::test(start_paused = true)]
async fn throttling_pauses_and_continues_automatically() {
    let mut synod = when("link", "Parking", "then = \"throttle\"\nfirst = 1").start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter> l").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until("WhatsApp rate limit, continues in").await;
    synod.until_done().await;
    synod.shows("1 verified");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_later_listing_can_verify_an_unknown_item() {
    let lag = "listing_lag_ms = [20000, 20000]";
    let mut synod = with_settings(lag, "").start().await;
    link(&mut synod, "Parking").await;
    synod.shows("1 contradicted");
    synod.pass(Duration::from_secs(20)).await;
    synod.keys("<esc><esc>r").await;
    synod.loaded().await;
    synod.shows("Harbor Clinics · 4+ of 50");
    synod.end().await;
}
