//! The screen in ASCII characters, over a world whose names are ASCII too.

use crate::support::{harness::Harness, worlds::WORLD};

const LONG: &str = "A name that is far too long for the pane in which it has to appear, and is cut";

#[tokio::test(start_paused = true)]
async fn every_window_is_drawn_in_ascii() {
    let world = WORLD.replace("\"Parking\", ", &format!("\"Parking\", {LONG:?}, "));
    let mut synod = Harness::toml(&world).in_ascii().start().await;
    synod.loaded().await.shows(" Communities").shows(">").keys("<tab><tab>  v<down>v").await.shows(">x ");
    for keys in ["?", "o", "I", ":", "F", "/zz"] {
        synod.keys(keys).await.keys("<esc>").await;
    }
    synod.keys("<enter>").await.keys("<esc>").await.keys("<tab><tab><tab> l").await;
    synod.until("Press [y]").await;
    synod.keys("y").await;
    synod.until_done().await;
    synod.keys("o<enter>").await.keys("<enter>").await;
    for frame in synod.frames() {
        let other = frame.chars().find(|letter| !letter.is_ascii());
        assert_eq!(other, None, "in\n{frame}");
    }
    synod.end().await;
}
