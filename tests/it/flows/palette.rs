//! Finding an action by its name, and finding a key in the help.

use synod::tui::{event_loop::Exit, keymap::Keymap};

use super::plain;
use crate::support::harness::Harness;

async fn loaded() -> Harness {
    let mut synod = plain().start().await;
    synod.loaded().await;
    synod
}

#[tokio::test(start_paused = true)]
async fn a_chosen_action_runs_where_the_palette_was_opened() {
    let mut synod = loaded().await;
    synod.keys("<tab><tab>:mark-all<enter>").await.shows("5 marked");
    synod.keys("<c-p>clear<enter>").await.hides("marked");
    synod.keys("<space>").await.shows("1 marked");
    synod.keys(":link to<enter>").await;
    synod.until("Press [y] to run it").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn each_action_is_listed_with_its_key() {
    let mut synod = loaded().await;
    synod.keys(":leave").await;
    assert!(
        synod.line("leave; in the left pane").trim_end_matches(['│', ' ']).ends_with('X'),
        "{}",
        synod.text()
    );
    synod.keys("<esc>").await.hides("Every action");
    synod.keys(":operations").await;
    assert!(synod.line("operations and their history").trim_end_matches(['│', ' ']).ends_with('o'));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn rebound_keys_are_listed_as_they_are() {
    let mut keys = Keymap::default();
    keys.rebind("leave", &["f9"]).unwrap();
    keys.rebind("copy", &[]).unwrap();
    let mut synod = plain().bindings(keys).start().await;
    synod.loaded().await.keys(":leave;").await;
    assert!(synod.line("leave; in the left pane").contains("F9"));
    synod.keys("<esc>?/F9").await.shows("leave; in the left pane");
    synod.keys("<esc><esc>:copy<enter>").await.shows("Sent to the terminal's clipboard");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn escape_goes_back_and_nothing_is_done() {
    let mut synod = loaded().await;
    synod.keys("<tab><tab>:mark-all<esc>").await.hides("Every action").hides("marked");
    synod.keys(":zzzz<enter>").await.shows("No action matches");
    synod.keys("<esc>").await;
    assert!(synod.is_running());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn enter_in_the_palette_confirms_nothing() {
    let mut synod = loaded().await;
    synod.keys("<tab><tab>al").await;
    synod.until("Press [y]").await;
    synod.keys(":confirm<enter>").await;
    synod.keys("<esc>:confirm<enter>").await.hides("sending");
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_palette_works_over_the_operations_too() {
    let mut synod = loaded().await;
    synod.keys("<tab><tab>al").await;
    synod.confirmed().await;
    synod.keys("o:undo<enter>").await;
    synod.until("Plan: unlink").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_program_can_be_quit_from_it() {
    let mut synod = loaded().await;
    synod.keys(":quit<enter>").await;
    assert!(matches!(synod.exited().await, Exit::Quit(0)));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_pasted_name_is_searched_for_and_not_marked() {
    let mut synod = loaded().await;
    synod.keys(":").await.paste("sort\nParking").await.shows("sort by").hides("pasted");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn typing_searches_the_help_and_esc_clears_then_closes() {
    let mut synod = loaded().await;
    synod.keys("?/clip").await.hides("suspend");
    synod.keys("<backspace><backspace><backspace><backspace>unlink").await;
    synod.shows("unlink from their community").shows("Acting").hides("Moving").shows("Keys");
    // The first Esc shows all lines again, the second closes the window.
    synod.keys("<esc>").await.shows("Marking").shows("Keys");
    synod.keys("<esc>").await.hides("Marking");
    synod.keys("?/unlink<enter>j<esc>").await.shows("Marking");
    synod.keys("q").await.hides("Marking");
    assert!(synod.is_running());
    synod.end().await;
}
