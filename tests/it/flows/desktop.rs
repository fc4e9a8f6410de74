//! The desktop shows the end of long work, if the operator is looking at something else.

use std::time::Duration;

use super::plain;
use crate::support::harness::Harness;

/// What a terminal sends when it gets or loses the focus.
const FOCUS: &str = "\x1b[I";
const NO_FOCUS: &str = "\x1b[O";

/// Links the first groups of five, which takes a second for each.
async fn linking(synod: &mut Harness, marks: &str) {
    synod.loaded().await.keys(&format!("<tab><tab>{marks}l")).await;
    synod.until("Press [y] to run it").await;
    synod.keys("y").await;
}

/// Runs the operation slowly: a pause by the operator makes it long.
async fn long(synod: &mut Harness) {
    linking(synod, "a").await;
    synod.until("sending").await;
    synod.keys("p").await;
    synod.until("paused by you").await;
    synod.pass(Duration::from_secs(12)).await;
    synod.keys("p").await;
}

#[tokio::test(start_paused = true)]
async fn long_work_that_ends_without_the_focus_is_told_once_without_names() {
    let mut synod = plain().start().await;
    long(&mut synod).await;
    synod.sends_at_once(NO_FOCUS).await;
    synod.until_done().await;
    assert_eq!(synod.record().notified, ["ops: operation #1 ended: ✓ 5 verified"]);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn with_the_focus_nothing_is_told() {
    let mut synod = plain().start().await;
    synod.sends_at_once(NO_FOCUS).await;
    long(&mut synod).await;
    synod.sends_at_once(FOCUS).await;
    synod.until_done().await;
    assert!(synod.record().notified.is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn short_work_is_not_told() {
    let mut synod = plain().start().await;
    linking(&mut synod, " ").await;
    synod.sends_at_once(NO_FOCUS).await;
    synod.until_done().await;
    assert!(synod.record().notified.is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_terminal_that_reports_no_focus_counts_the_keys() {
    let slow = "[ryzeapi]\nlist_community_fields = true\n[settings]\nlatency_ms = [20000, 20000]\n[[community]]\nname = \"Clinics\"\n\
        id = \"120363400000000001\"\ngroups = []\n[standalone]\ngroups = [\"A\", \"B\", \"C\", \"D\", \"E\"]\n";
    for (keys, told) in [(0, 1), (8, 0)] {
        let mut synod = Harness::toml(slow).start().await;
        linking(&mut synod, "a").await;
        for _ in 0..keys {
            synod.pass(Duration::from_secs(15)).await;
            synod.keys("<up>").await;
        }
        synod.until_done().await;
        assert_eq!(synod.record().notified.len(), told, "{keys} keys");
        synod.end().await;
    }
}
