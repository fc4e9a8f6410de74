//! Text that arrives too fast to be typed marks, plans and confirms nothing.

use std::time::Duration;

use rstest::rstest;

use crate::support::harness::Harness;

/// Pasted text that contains every letter that is a command.
const TEXTS: [&str; 6] = [
    "Only for really busy members, please reply",
    "yes, all of you link up: y y y\ryes\r",
    "2\r2 groups\r",
    "mary, lucy & molly say a big hello: luckily, they may apply\r\r",
    ":leave\r:link\ry\ry",
    "/x\ra lovely day, really y",
];

/// From a paste that arrives at once to a line of 300 baud.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_paste_without_brackets_sends_nothing(#[values(0, 1, 9, 34)] milliseconds: u64) {
    for text in TEXTS {
        let mut synod = Harness::world("harbor").start().await;
        synod.loaded().await.keys("<tab><tab>  ").await;
        synod.shows("2 marked");
        synod.sends(text, Duration::from_millis(milliseconds)).await;
        assert_eq!(synod.writes(), [], "{text:?} with {milliseconds} ms:\n{}", synod.text());
        synod.end().await;
    }
}

/// A plan is already open: the first letter of the paste is the key that confirms it.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_paste_into_a_plan_does_not_confirm_it(
    #[values(0, 1, 9, 34)] milliseconds: u64,
    #[values("l", "X")] verb: &str,
) {
    for text in ["yes please", "y\ry\r", "2 of them, ay", "22", "ay", "2y"] {
        let mut synod = Harness::world("harbor").start().await;
        synod.loaded().await.keys("<tab><tab>  ").await.keys(verb).await;
        synod.until("Plan: ").await;
        synod.sends(text, Duration::from_millis(milliseconds)).await;
        assert_eq!(synod.writes(), [], "{text:?} with {milliseconds} ms:\n{}", synod.text());
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_too_fast_is_pressed_once_more() {
    let mut synod = Harness::world("harbor").start().await;
    synod.loaded().await.keys("<tab><tab>  l").await;
    synod.until("Press [y]").await;
    synod.sends("jy", Duration::from_millis(100)).await;
    synod.shows("press [y] again");
    assert_eq!(synod.writes(), []);
    synod.keys("y").await;
    synod.until_done().await;
    assert_eq!(synod.writes().len(), 2);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_paste_without_brackets_marks_no_more_than_its_first_letters_did() {
    let mut synod = Harness::world("harbor").start().await;
    synod.loaded().await.keys("<tab><tab>").await;
    synod.sends("cent a b a", Duration::from_millis(1)).await;
    synod.hides("marked").shows("too fast to be typed");
    synod.end().await;
}

/// A paste that arrives in one read is recognised before its first letter acts.
#[tokio::test(start_paused = true)]
async fn the_first_letters_of_a_paste_neither_mark_nor_open_a_plan() {
    for text in [" and so on", "a link", "lots of", "X marks", "al\x1b[B y"] {
        let mut synod = Harness::world("harbor").start().await;
        synod.loaded().await.keys("<tab><tab>").await;
        synod.sends_at_once(text).await;
        synod.hides("marked").hides("Plan: ");
        assert_eq!(synod.writes(), []);
        synod.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn held_keys_and_typed_filters_work_as_before() {
    let mut synod = Harness::world("harbor").start().await;
    synod.loaded().await.keys("<tab><tab>").await;
    synod.sends("      ", Duration::from_millis(30)).await;
    synod.shows("6 marked").keys("c").await;
    synod.sends("/turnier\ra", Duration::from_millis(80)).await;
    synod.shows("1 marked");
    synod.end().await;
}
