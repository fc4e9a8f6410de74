//! What the terminal reports besides keys: the mouse only if the configuration says so, the focus unless it says no. Both end
//! however the program ends.

use rustix::process::Signal;
use tempfile::TempDir;

use crate::support::pty::{PROMPT, Pty, Setup, contains, modes_left_on, row_of, sequences};

/// The modes that report the mouse: presses, drags, every movement, and their forms.
const REPORTS: [&str; 6] = ["9", "1000", "1001", "1002", "1003", "1015"];

/// A separate `[ui]` table, and the arguments that make the demo use it.
fn configured(ui: &str) -> (TempDir, Vec<String>) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, format!("[ui]\n{ui}\n")).unwrap();
    let arguments = ["demo", "--config"].map(str::to_owned).into_iter().chain([path.display().to_string()]);
    (folder, arguments.collect())
}

fn with_mouse() -> Option<(Pty, TempDir)> {
    let (folder, arguments) = configured("mouse = true");
    let mut pty = Setup::program(arguments).variable("SYNOD_PANIC_KEY", "%").start()?;
    pty.until_text("Parking");
    Some((pty, folder))
}

fn reports(pty: &Pty) -> Vec<String> {
    let on = modes_left_on(pty.bytes());
    on.into_iter().filter(|mode| REPORTS.contains(&mode.as_str())).collect()
}

#[test]
fn by_default_the_terminal_keeps_the_mouse() {
    for ui in ["", "mouse = false"] {
        let (_folder, arguments) = configured(ui);
        let Some(mut pty) = Setup::program(arguments).start() else { return };
        pty.until_text("Communities");
        pty.send("q");
        assert_eq!(pty.exit_code(), 0);
        let on = |sequence: &String| {
            sequence.ends_with('h')
                && sequence.starts_with("?10")
                && !["?1049h", "?1004h"].contains(&&**sequence)
        };
        assert_eq!(sequences(pty.bytes()).into_iter().find(on), None, "{ui:?}");
    }
}

#[test]
fn the_focus_is_reported_unless_the_configuration_says_no() {
    for (ui, reported) in [("", true), ("notify = true", true), ("notify = false", false)] {
        let (_folder, arguments) = configured(ui);
        let Some(mut pty) = Setup::program(arguments).start() else { return };
        pty.until_text("Communities");
        assert_eq!(modes_left_on(pty.bytes()).contains(&"1004".to_owned()), reported, "{ui:?}");
        pty.send("\x1b[O\x1b[Iq");
        assert_eq!(pty.exit_code(), 0);
        pty.assert_given_back();
    }
}

#[test]
fn presses_and_the_wheel_are_reported_and_no_movement() {
    let Some((mut pty, _folder)) = with_mouse() else { return };
    assert_eq!(reports(&pty), ["1000"]);
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    pty.assert_given_back();
    assert!(!contains(pty.bytes(), "1003h") && !contains(pty.bytes(), "1002h"));
}

#[test]
fn a_press_marks_and_the_wheel_scrolls() {
    let Some((mut pty, _folder)) = with_mouse() else { return };
    let row = pty.row_of("  Parking").unwrap();
    pty.until("the group", |screen| row_of(screen, "  Parking") == Some(row));
    pty.send(&format!("\x1b[<0;84;{0}M\x1b[<0;84;{0}m", row + 1));
    pty.until_text("✔ Parking");
    pty.send(&"\x1b[<65;90;10M".repeat(30));
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    pty.assert_given_back();
}

#[test]
fn reports_that_nobody_asked_for_do_nothing() {
    let (_folder, arguments) = configured("mouse = false");
    let Some(mut pty) = Setup::program(arguments).start() else { return };
    pty.until_text("Parking");
    let row = pty.row_of("  Parking").unwrap();
    pty.send(&format!("\x1b[<0;82;{0}M\x1b[<0;82;{0}m", row + 1));
    // The reports are handled before the help opens.
    pty.send("?");
    pty.until_text(" Keys ");
    assert!(!contains(pty.bytes(), "✔"));
    pty.send("\x1b");
    pty.until("the panes again", |screen| row_of(screen, " Keys ").is_none());
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn it_is_released_after_a_signal_and_a_panic() {
    let Some((mut pty, _folder)) = with_mouse() else { return };
    pty.signal(Signal::TERM);
    assert_eq!(pty.exit_code(), 143);
    pty.assert_given_back();
    let Some((mut pty, _folder)) = with_mouse() else { return };
    pty.send("%");
    assert_eq!(pty.exit_code(), 101);
    pty.assert_given_back();
}

#[test]
fn it_is_released_while_suspended_and_captured_again() {
    let (folder, _) = configured("mouse = true");
    let Some(mut pty) = Setup::demo().start_shell() else { return };
    pty.until_bytes(PROMPT);
    pty.send(&format!("\"$SYNOD\" demo --config {}/config.toml\r", folder.path().display()));
    pty.until_text("Communities");
    assert_eq!(reports(&pty), ["1000"]);
    pty.mark();
    pty.send("\x1a");
    pty.until_bytes(PROMPT);
    assert_eq!(modes_left_on(pty.bytes()), Vec::<String>::new());
    pty.send("fg\r");
    pty.until("the demo again", vt100::Screen::alternate_screen);
    pty.until_text("Communities");
    assert_eq!(reports(&pty), ["1000"]);
    pty.mark();
    pty.send("q");
    pty.until_bytes(PROMPT);
    assert_eq!(modes_left_on(pty.bytes()), Vec::<String>::new());
    pty.send("exit\r");
}
