//! Which listings of communities are read: those that something shows, where the list of groups does not say the same.

use std::time::Duration;

use synod::simulator::Logged;

use crate::support::{
    harness::{Harness, Setup},
    worlds::{clinic, forty},
};

const SECOND: Duration = Duration::from_secs(1);

/// The requests for listings of communities.
fn listings(requests: &[Logged]) -> usize {
    let is_listing = |request: &&Logged| {
        request.path.contains("listSubGroups") || request.path.contains("communities-metadata")
    };
    requests.iter().filter(is_listing).count()
}

async fn started(setup: Setup) -> Harness {
    let mut synod = setup.size(120, 40).start().await;
    synod.loaded().await.pass(SECOND).await;
    synod
}

#[tokio::test(start_paused = true)]
async fn a_start_reads_the_listing_of_the_community_under_the_cursor_alone() {
    let mut synod = started(Harness::toml(&forty())).await;
    synod.shows("Communities 28").shows("Clinic 01 · 3+ of 50").shows("  Reception 01");
    // The connection, the list of groups, and one listing.
    assert_eq!((synod.requests().len(), listings(&synod.requests())), (3, 1));
    // The list of groups says how many groups the others have.
    assert!(synod.line("Clinic 20").contains("50/50") && synod.line("Clinic 02").contains("3/50"));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn somebody_who_scrolls_causes_no_request_until_the_cursor_rests() {
    let mut synod = started(Harness::toml(&forty())).await;
    synod.keys("<down><down><down><down>").await;
    synod.shows("  Reception 05").pass(SECOND).await;
    assert_eq!(listings(&synod.requests()), 2, "the last one alone");
    synod.keys("<up>").await.pass(SECOND).await.keys("<down>").await.pass(SECOND).await;
    assert_eq!(listings(&synod.requests()), 3, "each once");
    synod.keys("r").await.loaded().await.pass(SECOND).await;
    assert_eq!(listings(&synod.requests()), 4, "that under the cursor again");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn every_listing_is_read_if_the_list_does_not_say_where_groups_are() {
    let blind = forty().replace("list_community_fields = true", "");
    let synod = started(Harness::toml(&blind).communities(&[clinic(1), clinic(2), clinic(3)])).await;
    assert_eq!(listings(&synod.requests()), 3);
    synod.end().await;
}

/// What the list of groups says newer replaces a listing from an earlier run.
#[tokio::test(start_paused = true)]
async fn a_group_that_moved_while_nobody_looked_is_shown_where_the_list_says() {
    let world = |first: &str, second: &str| {
        format!(
            "seed = 1\n[ryzeapi]\nlist_community_fields = true\n\
            [[community]]\nname = \"Alpha\"\nid = \"120363400000000001\"\ngroups = [{first}]\n\
            [[community]]\nname = \"Beta\"\nid = \"120363400000001001\"\ngroups = [{second}]\n"
        )
    };
    let (stays, moves) = ("\"Stays\"", "{ name = \"Wanders\", id = \"120363400000009001\" }");
    let first = world(&format!("{stays}, {moves}"), "\"Other\"");
    let mut synod = started(Harness::toml(&first)).await;
    synod.shows("Alpha · 2+ of 50");
    let left = synod.left_behind();
    synod.end().await;
    let second = world(stays, &format!("\"Other\", {moves}"));
    let mut synod = started(Harness::toml(&second).after(left, SECOND)).await;
    assert!(
        synod.line("Beta  ").contains("2/50") && synod.line("Alpha  ").contains("1/50"),
        "{}",
        synod.text()
    );
    synod.keys("<down>").await.shows("Beta · 2+ of 50").shows("  Wanders");
    synod.keys("<tab><tab>t/wand").await;
    assert!(synod.line("Wanders  ·").contains("Wanders  · Beta"), "{}", synod.text());
    synod.end().await;
}

/// A number is in other groups of the community: what one of them lists is enough for the view over all.
#[tokio::test(start_paused = true)]
async fn the_view_over_all_instances_reads_the_listing_of_one_number() {
    let mut synod = started(Harness::toml(&forty()).all_instances()).await;
    synod.keys("0").await.loaded().await.pass(SECOND).await;
    let before = listings(&synod.requests());
    synod.keys("/15<enter>").await.shows("Clinic 15 · 3+ of 50").pass(SECOND).await;
    assert_eq!(listings(&synod.requests()), before, "the gateway of the third number needs all listings");
    synod.keys("<esc>/16<enter>").await.shows("Clinic 16 · 3+ of 50").pass(SECOND).await;
    assert_eq!(listings(&synod.requests()) - before, 1, "both other numbers are in it");
    synod.end().await;
}
