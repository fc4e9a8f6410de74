//! Mouse presses and the wheel.

use synod::app::mouse::Mouse;

use super::plain;
use crate::support::harness::Harness;

async fn loaded() -> Harness {
    let mut synod = plain().start().await;
    synod.loaded().await;
    synod
}

/// The row under the cursor, in the focused pane.
fn under_cursor(synod: &Harness, text: &str) -> bool {
    let (column, row) = synod.place(text);
    let buffer = synod.buffer();
    (0..column).rev().take(5).any(|column| buffer[(column, row)].symbol() == "▸")
}

#[tokio::test(start_paused = true)]
async fn a_press_gives_the_pane_the_focus_and_puts_the_cursor_on_the_row() {
    let mut synod = loaded().await;
    synod.press("Night nurses", 2).await;
    assert!(under_cursor(&synod, "Night nurses"), "{}", synod.text());
    synod.hides("marked").keys(" ").await.shows("✔ Night nurses");
    synod.press("North Schools", 0).await.shows("Class 1A");
    synod.press("Class 1B", 0).await;
    assert!(under_cursor(&synod, "Class 1B"), "{}", synod.text());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_press_on_the_box_marks_and_unmarks() {
    let mut synod = loaded().await;
    synod.press("  Parking", 1).await.shows("1 marked").shows("✔ Parking");
    synod.press("  Kitchen", 0).await.shows("2 marked");
    synod.press("✔ Parking", 1).await.shows("1 marked").shows("  Parking").shows("✔ Kitchen");
    synod.press("◆", 0).await.shows("cannot be marked").shows("✔ Kitchen");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_wheel_scrolls_what_it_is_over_and_leaves_the_focus() {
    let mut synod = Harness::world("harbor").start().await;
    synod.loaded().await;
    synod.shows("Ambulance standby");
    let (column, row) = synod.place("Ambulance standby");
    synod.resize(120, 20).await;
    for _ in 0..2 {
        synod.mouse(Mouse::Wheel { column, row, down: true }).await;
    }
    // The communities still have the focus.
    synod.hides("Ambulance standby").keys("<down>").await.shows("▸ Chorfreunde");
    synod.mouse(Mouse::Wheel { column, row, down: false }).await;
    synod.mouse(Mouse::Wheel { column, row, down: false }).await.shows("Ambulance standby");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_window_takes_the_wheel_and_shields_what_lies_behind() {
    let mut synod = loaded().await;
    let (column, row) = synod.place("Parking");
    synod.resize(80, 24).await.keys("?").await.shows("Marking");
    for _ in 0..9 {
        synod.mouse(Mouse::Wheel { column: 40, row: 12, down: true }).await;
    }
    synod.hides("Marking");
    synod.mouse(Mouse::Press { column, row }).await.keys("<esc>").await.hides("marked");
    synod.shows("▸ Harbor Clinics");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_press_keeps_a_typed_filter_and_confirms_nothing() {
    let mut synod = loaded().await;
    synod.keys("<tab><tab>/ni").await.press("North Schools", 0).await;
    synod.hides("Kitchen").keys("q").await;
    assert!(!synod.is_running(), "no letter goes to the field any more");
    synod.end().await;
    let mut synod = loaded().await;
    synod.keys("<tab><tab>al").await;
    synod.until("Press [y]").await;
    synod.press("Press [y]", 7).await.press("Parking", 0).await.shows("Press [y]");
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_press_anywhere_at_any_size_does_no_harm() {
    let mut synod = loaded().await;
    for (columns, rows) in [(120, 40), (80, 24), (50, 12), (20, 5), (1, 1)] {
        synod.resize(columns, rows).await;
        for (column, row) in
            [(0, 0), (columns, rows), (columns - 1, rows - 1), (columns / 2, rows / 2), (9_999, 9_999)]
        {
            synod.mouse(Mouse::Press { column, row }).await;
            synod.mouse(Mouse::Wheel { column, row, down: true }).await;
        }
    }
    synod.end().await;
}

/// A press on a key at the bottom does what the key does.
#[tokio::test(start_paused = true)]
async fn the_keys_at_the_bottom_can_be_pressed_and_none_of_them_confirms() {
    let mut synod = loaded().await;
    synod.press("  Parking", 1).await.shows("1 marked");
    synod.press("l link", 0).await;
    synod.until("Press [y] to run it").await;
    synod.press("y confirm", 0).await;
    synod.pass(std::time::Duration::from_secs(60)).await;
    synod.shows("Press [y] to run it").shows("The mouse confirms nothing");
    assert!(synod.writes().is_empty());
    // The message goes with the next press or key, like any other.
    synod.press("Press [y]", 0).await.hides("The mouse confirms nothing");
    synod.press("Esc back", 5).await.hides("Press [y] to run it");
    // Between two keys there is nothing.
    synod.press("  m move", 1).await.hides("Move");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_line_between_two_panes_follows_the_mouse() {
    let mut synod = loaded().await;
    let line = |synod: &Harness| synod.line("North Schools").chars().position(|sign| sign == '│').unwrap();
    let before = u16::try_from(line(&synod)).unwrap();
    synod.mouse(Mouse::Press { column: before, row: 8 }).await;
    synod.mouse(Mouse::Release { column: before + 6, row: 12 }).await;
    assert_eq!(line(&synod), usize::from(before) + 6, "{}", synod.text());
    // Without a press on the line, a release moves nothing.
    synod.mouse(Mouse::Release { column: before, row: 8 }).await;
    assert_eq!(line(&synod), usize::from(before) + 6);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_help_in_the_header_can_be_pressed() {
    let mut synod = loaded().await;
    synod.press("? help", 0).await.shows("┌ Keys ").keys("<esc>").await.hides("┌ Keys ");
    synod.press("? help", 5).await.shows("┌ Keys ").keys("<esc>").await;
    // Beside it there is nothing.
    let (column, row) = synod.place("? help");
    synod.mouse(Mouse::Press { column: column - 1, row }).await.hides("┌ Keys ");
    synod.end().await;
}
