//! Stopping, pausing, waiting, quitting the program.

use std::time::Duration;

use synod::tui::{event_loop::Exit, signals::Signal};

use super::plain;
use crate::support::harness::Harness;

/// Marks all standalone groups and links them; the first request is running.
async fn running() -> Harness {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>al").await;
    synod.until("Press [y] to run it for 5 groups").await;
    synod.keys("y").await;
    synod.until("sending").await;
    synod
}

#[tokio::test(start_paused = true)]
async fn stop_ends_after_the_request_in_flight_and_the_rest_is_not_sent() {
    let mut synod = running().await;
    synod.keys("S").await;
    synod.shows("Stopping after the current request");
    synod.until_done().await;
    synod.shows("1 verified").shows("4 not sent").shows("stopped by you").shows("○ not sent");
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn ctrl_c_stops_the_operation_and_a_second_one_quits() {
    let mut synod = running().await;
    synod.keys("<c-c>").await;
    synod.shows("Stopping after the current request").shows("Press [Ctrl-c] again");
    synod.until_done().await;
    synod.shows("4 not sent");
    assert!(synod.is_running());
    synod.keys("<esc><c-c>").await.shows("Press [Ctrl-c] again to quit Synod");
    synod.keys("<c-c>").await;
    assert!(matches!(synod.exited().await, Exit::Quit(0)));
    assert_eq!(synod.writes().len(), 1);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn escape_never_stops_anything() {
    let mut synod = running().await;
    synod.keys("<esc><esc><esc>").await;
    synod.until_done().await;
    synod.shows("5 verified");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn pause_holds_until_it_is_lifted() {
    let mut synod = running().await;
    synod.keys("p").await;
    synod.until("paused by you, [p] resumes").await;
    synod.pass(Duration::from_secs(120)).await;
    assert_eq!(synod.writes().len(), 1);
    synod.keys("p").await;
    synod.until_done().await;
    synod.shows("5 verified");
    assert_eq!(synod.writes().len(), 5);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn detaching_needs_a_running_operation_that_can_outlive_the_program() {
    let mut synod = running().await;
    synod.keys("d").await.shows("it cannot go on in the background");
    synod.keys("<esc>").await;
    synod.until_done().await;
    synod.keys("d").await.shows("No operation is running");
    assert!(synod.is_running());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn quitting_while_something_runs_asks_first() {
    let mut synod = running().await;
    synod.keys("q").await;
    synod.shows("An operation is running").shows("Press [y] to finish");
    synod.keys("q<enter><space>").await.shows("An operation is running");
    synod.keys("<esc>").await.hides("An operation is running");
    assert!(synod.is_running());
    synod.keys("qy").await;
    assert!(matches!(synod.exited().await, Exit::Quit(0)));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn quitting_when_nothing_runs_does_not_ask_and_escape_never_quits() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<esc><esc><esc>").await;
    assert!(synod.is_running());
    synod.keys("q").await;
    assert!(matches!(synod.exited().await, Exit::Quit(0)));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_second_operation_waits_for_its_turn() {
    let mut synod = running().await;
    synod.keys("<backtab>/radio<enter> u").await;
    synod.until("Plan: unlink 1 group").await;
    synod.keys("y").await;
    synod.until("1 more operation waiting").await;
    assert!(synod.writes().iter().all(|request| request.verb == "link"));
    synod.until("#2 done").await;
    let verbs: Vec<String> = synod.writes().into_iter().map(|request| request.verb).collect();
    assert_eq!(verbs, ["link", "link", "link", "link", "link", "unlink"]);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn writes_keep_their_pace() {
    let mut synod = running().await;
    synod.until_done().await;
    let begun: Vec<i64> = synod.writes().into_iter().map(|request| request.received_at).collect();
    assert!(begun.windows(2).all(|pair| pair[1] - pair[0] >= 1_000), "{begun:?}");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn suspending_is_refused_while_something_runs() {
    let mut synod = running().await;
    synod.keys("<c-z>").await.shows("Cannot suspend");
    assert_eq!(synod.record().suspended, 0);
    synod.until_done().await;
    synod.keys("<c-z>").await;
    assert_eq!(synod.record().suspended, 1);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_terminal_ends_at_once_with_what_was_in_flight_on_record() {
    let mut synod = running().await;
    synod.signal(Signal::Hangup);
    assert!(matches!(synod.exited().await, Exit::Signal(Signal::Hangup)));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_program_draws_nothing() {
    let mut synod = plain().start().await;
    synod.loaded().await;
    synod.pass(Duration::from_secs(5)).await;
    let before = synod.record().frames;
    synod.pass(Duration::from_secs(600)).await;
    assert_eq!(synod.record().frames, before);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_id_under_the_cursor_is_copied() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>Y").await;
    synod.shows("Sent to the terminal's clipboard");
    assert_eq!(synod.record().copied, [synod.group("Cleaning rota")]);
    synod.end().await;
}
