//! Names from strangers, wherever they are shown.

use synod::tui::keymap::BINDINGS;

use crate::support::{
    harness::Harness,
    pty::{Setup, contains},
};

/// The names of the actions that are available in the panes and do not quit the program.
fn actions() -> Vec<&'static str> {
    let mut names: Vec<&str> = BINDINGS.iter().map(|row| row.name).collect();
    names.retain(|name| !matches!(*name, "quit" | "interrupt" | "suspend"));
    names.dedup();
    names
}

/// Runs every action: the harness checks every frame for text that controls a terminal.
#[tokio::test(start_paused = true)]
async fn no_window_of_any_action_shows_terminal_control_characters() {
    let mut synod = Harness::world("hostile_names").communities(&["120363400000000001@g.us"]).start().await;
    synod.loaded().await;
    for name in actions() {
        synod.keys(&format!("<tab>a:{name}<enter>")).await;
        synod.pass(std::time::Duration::from_secs(3)).await;
        synod.keys("<enter>").await.pass(std::time::Duration::from_secs(1)).await;
        synod.keys("<down><esc><esc><esc><esc>").await;
        assert!(synod.is_running(), "{name} quit the program");
    }
    assert!(synod.writes().is_empty());
    synod.end().await;
}

/// Whether a character must not be sent to a terminal; the program's own sequences are removed before.
fn is_wrong(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2067}' | '\u{FEFF}')
}

#[test]
fn no_byte_of_a_strangers_name_controls_the_terminal() {
    let arguments = ["demo", "--world", "hostile_names"].map(str::to_owned).to_vec();
    let Some(mut pty) = Setup::program(arguments).start() else { return };
    // Only rows that have been read can be marked.
    pty.until_text("In no known community 5");
    pty.until_text("26+ of 50");
    for (keys, shown) in
        [("\t\ta", "marked"), ("Y", "clipboard"), ("u", "Plan"), ("\x1b", "marked"), ("?", "Keys")]
    {
        pty.types(keys);
        pty.until_text(shown);
    }
    pty.send("\x1b");
    pty.until("the help to close", |screen| !screen.contents().contains("Keys"));
    pty.send("q");
    assert_eq!(pty.exit_code(), 0);
    let bytes = String::from_utf8_lossy(pty.bytes()).into_owned();
    let (before, clipboard) = bytes.split_once("\x1b]52;c;").expect("something was sent to the clipboard");
    let (encoded, after) = clipboard.split_once("\x1b\\").expect("it ends");
    assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)), "{encoded}");
    assert!(!contains(after.as_bytes(), "\x1b]"), "one clipboard, no title, no link");
    // Every remaining sequence begins with `ESC [` and is one of ours: moves, styles, modes.
    for part in [before, after] {
        for sequence in part.split('\x1b').skip(1) {
            let rest = sequence.strip_prefix('[').unwrap_or_else(|| panic!("no CSI: {sequence:?}"));
            let end = rest.find(|character: char| ('@'..='~').contains(&character)).unwrap();
            assert!("HGBCDKmhlJ".contains(&rest[end..=end]), "{sequence:?}");
            // To the next rows, and back over blanks; no name in this world contains a backspace.
            for said in rest[end + 1..].split("\r\n") {
                let said = said.trim_start_matches('\n').replace('\x08', "");
                assert!(!said.trim_end_matches(['\r', '\n']).contains(is_wrong), "{said:?}");
            }
        }
    }
}
