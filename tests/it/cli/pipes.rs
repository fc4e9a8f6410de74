//! Nobody reads, nobody writes, or nothing can be written: the program prints a message and exits with a code. It never hangs or panics.

use std::{
    io::{BufRead, BufReader, PipeWriter},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::{Command, Output, Stdio},
};

use super::sandbox::{CliSandbox, PROGRAM, WORLD, ended, is_sentence};
use crate::support::process::{self, HAS_FULL_DEVICE, Process};

/// A user who owns nothing.
const NOBODY: u32 = 65_534;

/// One of each kind of command.
const COMMANDS: [&str; 8] = [
    "list communities",
    "list groups --json",
    "link Kitchen --to 'Harbor Clinics' --dry-run",
    "operations",
    "doctor",
    "completions zsh",
    "man",
    "--help",
];

/// Runs a command to its end while nobody reads its standard output.
fn unread(mut command: Command, output: PipeWriter) -> Output {
    let child = Process::spawn(command.stdout(output).stderr(Stdio::piped()));
    // The command holds the other copy of the pipe's writing end.
    drop(command);
    child.output(None)
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let sandbox = CliSandbox::new();
    for arguments in [
        &["list", "groups"][..],
        &["list", "groups", "--json"],
        &["link", "Kitchen", "--to", "Harbor Clinics", "--dry-run"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = unread(sandbox.command(arguments), writer);
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{arguments:?}");
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn nothing_starts_if_nobody_reads() {
    let sandbox = CliSandbox::new();
    let run = ["link", "Kitchen", "--to", "Harbor Clinics", "--yes", "--json"];
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ended = unread(sandbox.command(&run), writer);
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(5), ""));
    if HAS_FULL_DEVICE {
        let full = sandbox.shell("\"$SYNOD\" link Kitchen --to 'Harbor Clinics' --yes >/dev/full");
        assert!(full.code == Some(1) && is_sentence(&full.stderr), "{full:?}");
    }
    assert_eq!(sandbox.expect(0, &["operations"]).stdout, "");
}

#[test]
fn a_pipe_that_closes_while_something_runs_stops_it() {
    let names: Vec<String> = (0..45).map(|at| format!("\"Room {at}\"")).collect();
    let world = WORLD.replace("\"Kitchen\"", &names.join(", "));
    // Much more is still to be sent when the pipe closes.
    let slow =
        "pace = { link = \"1s\", unlink = \"1s\", leave = \"1s\", jitter = 0 }\nread_back = [\"10ms\"]\n";
    let sandbox = CliSandbox::with(&world, slow);
    sandbox.write("rooms.txt", &names.join("\n").replace('"', ""));
    let run = ["link", "--groups-from", "rooms.txt", "--to", "Harbor Clinics", "--yes", "--json"];
    let mut child = Process::spawn(sandbox.command(&run).stdout(Stdio::piped()).stderr(Stdio::piped()));
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"outcome\":\"verified\"") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended too early");
    }
    drop(said);
    let ended = child.output(None);
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(5), ""));
    let shown = sandbox.expect(0, &["operations", "show", "1", "--json"]).events();
    assert_eq!((&shown[0]["phase"], &shown[0]["stopped"]["code"]), (&"ended".into(), &"operator".into()));
}

#[test]
fn closed_and_full_outputs_are_tolerated() {
    let sandbox = CliSandbox::new();
    for command in COMMANDS {
        for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
            let ended = sandbox.shell(&format!("\"$SYNOD\" {command} {closed}"));
            assert_eq!(ended.code, Some(0), "{command} {closed}: {ended:?}");
            assert!(!ended.stderr.contains("panicked"), "{command} {closed}: {ended:?}");
        }
    }
    if !HAS_FULL_DEVICE {
        return;
    }
    for command in COMMANDS.into_iter().filter(|command| *command != "--help") {
        // An empty journal lists nothing, so there is no output to lose.
        let expected = i32::from(command != "operations");
        let ended = sandbox.shell(&format!("\"$SYNOD\" {command} >/dev/full"));
        assert_eq!(ended.code, Some(expected), "{command}: {ended:?}");
        assert!(expected == 0 || is_sentence(&ended.stderr), "{command}: {ended:?}");
    }
    // A simulated gateway is useless if nobody can learn its address.
    let ended = sandbox.shell("\"$SYNOD\" simulate --listen 127.0.0.1:0 >/dev/full");
    assert!(ended.code == Some(1) && is_sentence(&ended.stderr), "{ended:?}");
}

#[test]
fn a_screen_without_a_terminal_names_the_commands() {
    let sandbox = CliSandbox::new();
    for script in [
        "\"$SYNOD\"",
        "\"$SYNOD\" demo",
        "\"$SYNOD\" <&-",
        "\"$SYNOD\" >&-",
        "\"$SYNOD\" demo <&- >&-",
        "TERM= \"$SYNOD\"",
        "unset TERM; \"$SYNOD\" demo",
    ] {
        let ended = sandbox.shell(script);
        assert_eq!(ended.code, Some(2), "{script}: {ended:?}");
        assert!(is_sentence(&ended.stderr) && ended.stderr.contains("synod --help"), "{script}: {ended:?}");
    }
}

#[test]
fn an_unreadable_configuration_is_reported() {
    let sandbox = CliSandbox::new();
    let closed = sandbox.write("closed.toml", &sandbox.read("config.toml"));
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads every file, whatever its mode, so another user runs the program.
    let is_root = std::fs::File::open(&closed).is_ok();
    if is_root {
        std::fs::set_permissions(sandbox.path(""), std::fs::Permissions::from_mode(0o777)).unwrap();
        // The program itself may be in a place where other users cannot run it.
        std::fs::copy(PROGRAM, sandbox.path("synod")).unwrap();
    }
    let run = |command: &[&str]| {
        let arguments = [command, &["--config", "closed.toml"]].concat();
        if !is_root {
            return process::run(&mut sandbox.command(&arguments), None);
        }
        let mut command = process::command(sandbox.path("synod"));
        sandbox.dress(&mut command);
        command.args(arguments).uid(NOBODY).gid(NOBODY).current_dir(sandbox.path(""));
        process::run(&mut command, None)
    };
    for command in [&["list", "groups"][..], &["operations"], &["link", "a", "--to", "b", "--yes"]] {
        let ended = ended(run(command));
        assert_eq!(ended.code, Some(2), "{command:?}: {ended:?}");
        assert!(is_sentence(&ended.stderr), "{}", ended.stderr);
    }
    let examined = ended(run(&["doctor"]));
    assert_eq!(examined.code, Some(1), "{examined:?}");
}

#[test]
fn a_token_commands_first_error_line_is_shown_and_only_if_it_failed() {
    let sandbox = CliSandbox::new();
    let config = sandbox.read("config.toml");
    let complaint = "echo vault-line-1 >&2; printf '\\033[31mvault-line-2\\n' >&2";
    for (last, codes) in [("echo canary-token-5511", [0, 0]), ("exit 3", [2, 1])] {
        let (before, after) = config.split_once("token = \"").unwrap();
        let (_, after) = after.split_once('"').unwrap();
        let token = format!("token = {{ command = [\"sh\", \"-c\", {:?}] }}", format!("{complaint}; {last}"));
        sandbox.write("asking.toml", &format!("{before}{token}{after}"));
        for (command, code) in [&["list", "groups"][..], &["doctor"]].into_iter().zip(codes) {
            let ended = sandbox.run(&[command, &["--config", "asking.toml"]].concat());
            assert_eq!(ended.code, Some(code), "{command:?}: {ended:?}");
            let shown = ended.stdout + &ended.stderr;
            assert!(!shown.contains("vault-line-2") && !shown.contains('\u{1b}'), "{command:?}: {shown}");
            assert_eq!(code != 0, shown.contains("sh failed"), "{command:?}: {shown}");
            assert_eq!(code != 0, shown.contains("“vault-line-1”"), "{command:?}: {shown}");
        }
    }
}

#[test]
fn an_unusable_configuration_or_state_is_reported() {
    let sandbox = CliSandbox::new();
    sandbox.write("broken.toml", "[[instance]\n");
    sandbox.write("file", "");
    std::fs::write(sandbox.path("bytes.toml"), [0xff, 0xfe, 0]).unwrap();
    let bytes = sandbox.expect(2, &["list", "groups", "--config", "bytes.toml"]);
    assert!(bytes.stderr.contains("UTF-8") && !bytes.stderr.contains("mode"), "{}", bytes.stderr);
    // A file that never ends is not a world either.
    let endless = sandbox.expect(2, &["simulate", "--world", "/dev/zero"]);
    assert!(is_sentence(&endless.stderr), "{}", endless.stderr);
    for config in [".", "none.toml", "broken.toml", "bytes.toml", "/dev/zero"] {
        for command in [&["list", "groups"][..], &["operations"], &["link", "a", "--to", "b", "--yes"]] {
            let ended = sandbox.expect(2, &[command, &["--config", config]].concat());
            assert!(is_sentence(&ended.stderr), "{config}: {}", ended.stderr);
        }
        let ended = sandbox.expect(1, &["doctor", "--config", config]);
        assert!(ended.stdout.contains('✗'), "{config}: {}", ended.stdout);
    }
    for state in ["file", "/proc/synod"] {
        let run = ["link", "Kitchen", "--to", "Harbor Clinics", "--yes", "--state-dir", state];
        let ended = sandbox.expect(1, &run);
        assert!(
            is_sentence(&ended.stderr) && ended.stderr.contains("--state-dir"),
            "{state}: {}",
            ended.stderr
        );
        sandbox.expect(1, &["operations", "--state-dir", state]);
        sandbox.expect(1, &["doctor", "--state-dir", state]);
        if state == "file" {
            continue;
        }
        // A list is still printed, and the reason why nothing can be remembered is reported once.
        let listed = sandbox.expect(0, &["list", "groups", "--state-dir", state]);
        assert!(listed.stdout.contains("Kitchen") && is_sentence(&listed.stderr), "{listed:?}");
        assert_eq!(listed.stderr.lines().count(), 1, "{listed:?}");
    }
    assert!(!sandbox.members("Harbor Clinics").contains(&"Kitchen".to_owned()));
}
