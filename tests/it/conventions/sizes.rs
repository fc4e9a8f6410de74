//! Any size, at any time, with any window open.

use crate::support::{harness::Harness, pty::Setup};

/// The keys that open each window from the panes.
const WINDOWS: &[&str] =
    &["", "<tab><tab>/n", "?", "?/mark", ":", ":mar", "o", "m", "X", "<tab><tab>al", "F", "I"];

#[tokio::test(start_paused = true)]
async fn every_window_works_at_every_size() {
    for keys in WINDOWS {
        let mut synod = Harness::world("harbor").start().await;
        synod.loaded().await.keys(keys).await.pass(std::time::Duration::from_secs(9)).await;
        // The step shares no factor with the sizes, so each width is combined with many heights.
        for step in 0_u16..70 {
            let (columns, rows) = (1 + step * 37 % 131, 1 + step * 11 % 43);
            synod.resize(columns, rows).await.keys("<down>").await;
        }
        synod.resize(1, 1).await.keys("<up>").await.resize(120, 40).await;
        synod.keys("<esc><esc><esc><esc>").await.shows("Communities");
        synod.end().await;
    }
}

#[test]
fn a_terminal_may_change_its_size_at_any_time() {
    let Some(mut pty) = Setup::demo().start() else { return };
    pty.until_text("Communities");
    let mut random = fastrand::Rng::with_seed(13);
    for _ in 0..40 {
        let (columns, rows) = (random.u16(1..=200), random.u16(1..=60));
        pty.resize(columns, rows);
        pty.send(random.choice(["j", "\t", "?", ":", "o", "/", "a", "\r", "G"]).unwrap());
        pty.until_bytes("\x1b[?2026l");
    }
    pty.resize(300, 100);
    pty.resize(1, 1);
    pty.until_bytes("\x1b[?2026l");
    pty.resize(90, 25);
    pty.until_text("connected");
    // Each Esc is sent separately: two together would be one sequence.
    for _ in 0..6 {
        pty.send("\x1b");
        pty.watch(std::time::Duration::from_millis(60));
    }
    pty.until_text("Communities");
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    pty.assert_given_back();
}
