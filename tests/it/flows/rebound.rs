//! Rebound keys, in the messages that name them.

use synod::tui::keymap::Keymap;

use super::{plain, with};
use crate::support::harness::Setup;

/// A program with other keys for these actions.
fn bound(setup: Setup, keys: &[(&str, &str)]) -> Setup {
    let mut map = Keymap::default();
    for (name, key) in keys {
        map.rebind(name, &[key]).unwrap();
    }
    map.check().unwrap();
    setup.bindings(map)
}

#[tokio::test(start_paused = true)]
async fn the_lower_pane_names_the_key_that_continues() {
    let mut synod = bound(plain(), &[("pause", "f5")]).start().await;
    synod.loaded().await.keys("<tab><tab>al").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until("sending").await;
    synod.keys("<f5>").await.until("paused by you, [F5] resumes").await;
    synod.keys("<f5>").await.until_done().await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn windows_and_messages_name_the_bound_keys() {
    let keys =
        [("mark", "f2"), ("back", "f3"), ("operations", "f6"), ("interrupt", "ctrl-g"), ("confirm", "f9")];
    let mut synod = bound(plain(), &keys).start().await;
    synod.loaded().await.keys("<f6>").await.shows("Mark groups with [F2], then link");
    synod.keys("<f3><tab><tab>/qqq<enter>").await;
    synod.says("Nothing matches. [F3] shows everything again.").keys("<f3>l").await;
    synod.until("Press [F9] to run it, [F3] to go back.").await;
    synod.keys("<f3><c-g>").await.shows("Press [Ctrl-g] again to quit Synod.");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_communities_window_names_the_key_that_copies() {
    let mut synod = bound(plain(), &[("copy", "f7"), ("find-communities", "f8")]).start().await;
    synod.loaded().await.keys("<f8>a12036340000<enter>").await;
    synod.until_said("Give a community ID, as [F7] copies it").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_diagnosis_names_the_key_that_retries() {
    let refused = "[[fault]]\non = \"link\"\ngroup = \"Parking\"\nthen = \"refuse\"\n";
    let mut synod = bound(with(refused), &[("retry", "f5")]).start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter> l").await;
    synod.confirmed().await;
    synod.keys("<esc><tab><enter>").await;
    synod.until_said("Press [F5] to retry.").await;
    synod.end().await;
}
