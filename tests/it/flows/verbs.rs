//! Each verb, from marks to verified results.

use crate::support::harness::Harness;

#[tokio::test(start_paused = true)]
async fn three_marked_groups_are_linked_and_the_panes_show_them_moved() {
    let mut synod = Harness::world("harbor").start().await;
    synod.loaded().await;
    synod.keys("<tab><tab>   l").await;
    let marked = synod.until("Press y to do it for 3 groups").await;
    println!("{marked}");
    synod.keys("y").await;
    println!("{}", synod.until_done().await);
    synod.shows("3 verified");
    assert_eq!(synod.writes().len(), 3);
    synod.end().await;
}
