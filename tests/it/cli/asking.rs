//! Questions to people, in a real terminal.

use std::io::{Read, Write};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::sandbox::{CliSandbox, PROGRAM};
use crate::support::process::{skipped, spawn_in};

/// Runs a command in a terminal, answers its question, and returns its code and all its output. Returns `None` with a
/// message if no terminal can be opened.
fn asked(sandbox: &CliSandbox, arguments: &[&str], question: &str, answer: &str) -> Option<(u32, String)> {
    let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
    let pair = match native_pty_system().openpty(size) {
        Ok(pair) => pair,
        Err(error) => {
            skipped(&format!("no pseudo-terminal can be opened: {error}"));
            return None;
        }
    };
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(arguments);
    command.env("TERM", "xterm-256color");
    command.env("SYNOD_CONFIG", sandbox.path("config.toml"));
    command.env("SYNOD_STATE_DIR", sandbox.path("state"));
    let (mut child, _deadline) = spawn_in(&*pair.slave, command);
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut writer = pair.master.take_writer().unwrap();
    let (mut shown, mut answered, mut bytes) = (Vec::new(), false, [0; 4096]);
    // When the other side of a terminal closes, some systems report an error, others report no bytes.
    while let Ok(count @ 1..) = reader.read(&mut bytes) {
        shown.extend_from_slice(&bytes[..count]);
        if !answered && String::from_utf8_lossy(&shown).contains(question) {
            answered = true;
            writer.write_all(answer.as_bytes()).unwrap();
        }
    }
    let code = child.wait().unwrap().exit_code();
    Some((code, String::from_utf8_lossy(&shown).into_owned()))
}

#[test]
fn a_link_needs_a_letter_to_confirm_and_enter_alone_does_nothing() {
    let sandbox = CliSandbox::new();
    let link = ["link", "Kitchen", "--to", "Harbor Clinics"];
    for answer in ["\r", "n\r", "\u{4}", "\u{3}"] {
        let Some((code, shown)) = asked(&sandbox, &link, "y or n:", answer) else { return };
        assert!(code == 5 && shown.contains("nothing was sent"), "{answer:?}: {code}: {shown}");
    }
    assert_eq!(sandbox.expect(0, &["operations"]).stdout, "");
    let Some((code, shown)) = asked(&sandbox, &link, "y or n:", "y\r") else { return };
    assert!(code == 0 && shown.contains("✓ verified      Kitchen"), "{code}: {shown}");
}

#[test]
fn leaving_is_typed() {
    let sandbox = CliSandbox::new();
    let leave = ["leave", "Kitchen", "Parking"];
    for (answer, code) in [("y\r", 5), ("1\r", 5), ("2\r", 0)] {
        let Some((given, shown)) = asked(&sandbox, &leave, "Type 2", answer) else { return };
        assert_eq!(given, code, "{answer:?}: {shown}");
    }
    let community = ["leave", "--community", "North Schools"];
    for (answer, code) in [("y\r", 5), ("North Schools\r", 0)] {
        let Some((given, shown)) = asked(&sandbox, &community, "Type “North Schools”", answer) else {
            return;
        };
        assert_eq!(given, code, "{answer:?}: {shown}");
    }
}
