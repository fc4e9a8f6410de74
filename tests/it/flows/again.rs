//! Actions on an ended operation: from the window of operations and from its pane.

use crate::support::harness::Harness;

#[tokio::test(start_paused = true)]
async fn a_link_is_undone_and_the_undo_is_undone() {
    let mut synod = Harness::world("harbor").start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter>l").await;
    synod.until("Press [y]").await;
    synod.keys("y").await.until_done().await;
    assert!(synod.is_linked("Parking", "Choir"));
    synod.keys("o").await.shows("#1 link 1 group to Choir");
    synod.keys("z").await.until("Plan: unlink 1 group").await;
    synod.keys("y").await.until("#2 done").await;
    assert!(!synod.is_linked("Parking", "Choir"));
    synod.keys("oz").await.until("Plan: link 1 group").await;
    synod.keys("y").await.until("#3 done").await;
    assert!(synod.is_linked("Parking", "Choir"));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn contradicted_items_are_retried_from_the_pane() {
    let mut synod = Harness::world("lies").communities(&["120363400000000001@g.us"]).start().await;
    synod.loaded().await.keys("<tab><tab>/kitchen<enter>l").await;
    synod.until("Press [y]").await;
    synod.keys("y").await.until("contradicted").await;
    synod.until("#1 done").await;
    // The pane with the operation is the next one.
    synod.keys("<tab>r").await.until("Plan: link 1 group").await;
    synod.keys("<esc>o<enter>").await.shows("contradicted");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn without_operations_there_is_nothing_to_continue() {
    let mut synod = Harness::world("harbor").start().await;
    synod.loaded().await.keys("o").await.shows("No operation yet");
    synod.keys("<esc><tab><tab>/parking<enter>l").await.until("Press [y]").await;
    synod.keys("y").await.until_done().await;
    synod.keys("or").await.says("No group of this operation can be retried");
    synod.keys("R").await.says("Nothing left to continue");
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}
