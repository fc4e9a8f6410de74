//! A plan that the operator edits before it runs.

use crate::support::{harness::Harness, worlds::quick};

const WORLD: &str = quick!(
    r#"
[[instance]]
name = "ops"
gateway = "ryzeapi"
token = "plans-token"
number = "5511900000001"

[[community]]
name = "Alpha"
groups = [{ name = "Old", copies = 19 }]

[[community]]
name = "Beta"
groups = ["Other"]

[[community]]
name = "Gamma"
groups = ["Moved one", "Moved two", "Moved three", "Stays"]

[standalone]
groups = [{ name = "Loose", copies = 35 }, "Kiosk north", "Kiosk south"]
"#
);

/// Forty rows: two left out through the filter, three turned into moves, seven spilled over. It runs, and the undo brings back the
/// world as it was.
#[tokio::test(start_paused = true)]
async fn a_plan_of_forty_rows_is_edited_run_and_undone() {
    let mut synod = Harness::toml(WORLD).size(140, 60).start().await;
    synod.loaded().await;
    let before = synod.truth();
    synod.keys("<tab><tab>t/moved<enter>a<esc>/loose<enter>a<esc>/kiosk<enter>a<esc>l").await;
    synod.until("Plan: link 31 groups to Alpha").await;
    synod.shows("31 to do · 9 blocked");
    synod.keys("/kiosk<enter>").await.shows("2 of 40 rows");
    synod.keys("a").await.shows("Left out by you · 2").keys("<esc>").await.shows("2 left out");
    synod.keys("/moved<enter>m").await;
    synod.until("Gamma → Alpha").await;
    synod.shows("3 of 40 rows").keys("<esc>").await.shows("31 to do · 7 blocked · 2 left out");
    synod.keys("G<up><up><up>").await.keys("t").await;
    synod.until("To which community?").await;
    synod.shows("7 groups").keys("beta<enter>").await;
    synod.until("Beta · 7").await;
    synod.shows("38 to do · 2 left out").keys("g").await;
    synod.shows("Alpha · 31 · Community size: at least 19 of 50 now, 50 after");
    assert!(synod.writes().is_empty(), "nothing is sent before the plan is confirmed");
    synod.confirmed().await;
    synod.shows("38 verified");
    for (group, community) in [("Moved two", "Alpha"), ("Stays", "Gamma")] {
        assert!(synod.is_linked(group, community), "{group}");
    }
    for group in ["Kiosk north", "Kiosk south"] {
        assert!(!synod.is_linked(group, "Alpha") && !synod.is_linked(group, "Beta"), "{group}");
    }
    synod.keys("oz").await;
    synod.until("Plan:").await;
    synod.confirmed().await;
    assert_eq!(synod.truth(), before);
    synod.end().await;
}

/// If the operator closes the choice of a community or cancels the reading, the plan is back as it was.
#[tokio::test(start_paused = true)]
async fn an_edit_can_be_cancelled() {
    let mut synod = Harness::toml(WORLD).size(140, 60).start().await;
    synod.loaded().await.keys("<tab><tab>/kiosk<enter>a<esc>l").await;
    synod.until("Plan: link 2 groups to Alpha").await;
    synod.keys(" ").await.shows("1 to do · 1 left out");
    synod.keys("t").await.shows("To which community?").keys("<esc>").await.shows("1 to do · 1 left out");
    synod.keys("m").await.shows("None of these groups is in another community.");
    synod.keys("i").await.shows("1 to do · 1 left out").shows("Plan: link 1 group to Alpha");
    synod.keys("<esc>").await.hides("Plan:");
    assert!(synod.writes().is_empty());
    synod.end().await;
}
