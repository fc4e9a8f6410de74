//! A listing that lacks many earlier groups is shown as incomplete until another one agrees.

use std::{fmt::Write, time::Duration};

use crate::support::harness::{Harness, Setup};

/// A community of thirty groups. Its first listing is complete; the next reads end after these numbers of entries.
fn ending_after(entries: &[usize]) -> Setup {
    let mut world = String::from(
        "seed = 1\n[settings]\nlatency_ms = [100, 100]\n[ryzeapi]\nlist_community_fields = true\n",
    );
    for entries in entries {
        // A fault counts only the reads that the earlier faults let through.
        let fault = format!("on = \"subgroups\"\nskip = 1\ntimes = 1\nthen = \"cut\"\nentries = {entries}");
        let _ = writeln!(world, "[[fault]]\n{fault}");
    }
    let groups: Vec<String> = (0..30).map(|at| format!("\"Class {at:02}\"")).collect();
    let groups = groups.join(", ");
    let community = format!("name = \"North Schools\"\nid = \"120363400000001001\"\ngroups = [{groups}]");
    let _ = writeln!(world, "[[community]]\n{community}\n[standalone]\ngroups = [\"Parking\"]");
    Harness::toml(&world)
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_lacks_much_is_marked_until_a_complete_one_arrives() {
    let mut synod = ending_after(&[9, 20]).start().await;
    synod.loaded().await.pass(Duration::from_secs(1)).await.shows("30/50").hides("incomplete");
    synod.keys("r").await.until("! 19/50").await;
    synod.shows("19+ of 50 · incomplete");
    synod.keys("r").await.until("30/50").await;
    synod.until_gone("incomplete").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn groups_that_another_admin_removed_are_read_again_and_then_believed() {
    let mut synod = ending_after(&[9, 9]).start().await;
    synod.loaded().await.pass(Duration::from_secs(1)).await;
    synod.keys("r").await.until("! 8/50").await;
    synod.until_gone("incomplete").await;
    synod.shows("8/50").hides("! 8/50");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_start_compares_its_readings_with_the_last_ones() {
    let mut first = ending_after(&[]).start().await;
    first.loaded().await.pass(Duration::from_secs(1)).await.shows("30/50");
    let left = first.left_behind();
    first.end().await;
    let mut second = Harness::toml(&format!(
        "seed = 1\n[settings]\nlatency_ms = [100, 100]\n[ryzeapi]\nlist_community_fields = true\n{}",
        "[[community]]\nname = \"North Schools\"\nid = \"120363400000001001\"\ngroups = [\"Class 00\"]"
    ));
    second = second.after(left, Duration::from_secs(60));
    let mut second = second.start().await;
    second.until("! 1/50").await;
    second.until_gone("incomplete").await;
    second.shows("1/50");
    second.end().await;
}

#[tokio::test(start_paused = true)]
async fn synods_own_unlinks_are_never_doubted() {
    let mut synod = ending_after(&[]).start().await;
    synod.loaded().await;
    synod.keys("<tab>/Class 0<enter>au").await.until("Press [y]").await;
    synod.keys("y").await.until("12 verified").await;
    synod.keys("r").await.loaded().await.shows("18/50");
    assert!(!synod.frames().iter().any(|frame| frame.contains("incomplete")));
    synod.end().await;
}
