//! Ctrl-C, SIGTERM, SIGHUP: how the program ends, and the journal afterwards. Nothing here waits for a time: the paces are
//! hours long, and the tests send signals when the program reports certain events.

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::ExitStatusExt,
    process::{ChildStdout, Stdio},
    sync::mpsc::channel,
    thread,
};

use rustix::process::Signal;
use serde_json::Value;

use super::sandbox::{CliSandbox, WORLD};
use crate::support::process::{PATIENCE, Process};

struct Running {
    child: Process,
    said: BufReader<ChildStdout>,
}

impl Running {
    fn link(sandbox: &CliSandbox, groups: &[&str]) -> Self {
        let arguments = [&["link"], groups, &["--to", "Harbor Clinics", "--yes", "--json"]].concat();
        let mut command = sandbox.command(&arguments);
        let mut child = Process::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    /// Reads until an event that satisfies the condition.
    fn until(&mut self, fits: impl Fn(&Value) -> bool) {
        loop {
            let mut line = String::new();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "it ended too early");
            if fits(&serde_json::from_str(&line).unwrap()) {
                return;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        self.child.signal(signal);
    }

    /// The output until its end.
    fn rest(&mut self) -> Vec<Value> {
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        rest.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

const SLOW_PACE: &str = "pace = { link = \"1h\", unlink = \"1h\", leave = \"1h\", jitter = 0 }\n\
                         read_back = [\"10ms\", \"40ms\", \"120ms\"]\n";
const SLOW_LOOKS: &str = "pace = { link = \"1ms\", unlink = \"1ms\", leave = \"1ms\", jitter = 0 }\n\
                          read_back = [\"1h\"]\n";

#[test]
fn ctrl_c_stops_the_unsent_items() {
    let sandbox = CliSandbox::with(WORLD, SLOW_PACE);
    let mut running = Running::link(&sandbox, &["Kitchen", "Night nurses"]);
    running.until(|event| event["event"] == "item_finished");
    running.signal(Signal::INT);
    let rest = running.rest();
    assert_eq!(running.child.wait().code(), Some(5));
    let last = rest.last().unwrap();
    assert_eq!((&last["event"], &last["phase"]), (&"operation_ended".into(), &"ended".into()));
    assert_eq!((&last["totals"]["verified"], &last["totals"]["not_sent"]), (&1.into(), &1.into()));
    assert_eq!(last["stopped"]["code"], "operator");
}

#[test]
fn a_second_ctrl_c_ends_at_once_and_the_journal_is_complete() {
    let sandbox = CliSandbox::with(WORLD, SLOW_LOOKS);
    let mut running = Running::link(&sandbox, &["Kitchen"]);
    running.until(|event| event["state"] == "accepted");
    running.signal(Signal::INT);
    running.until(|event| event["event"] == "operation_stopping");
    running.signal(Signal::INT);
    let rest = running.rest();
    assert_eq!(running.child.wait().code(), Some(5));
    assert_eq!(rest.last().unwrap()["phase"], "stopping");
    let shown = sandbox.expect(0, &["operations", "show", "1", "--json"]).events();
    assert_eq!((&shown[0]["phase"], &shown[0]["totals"]["open"]), (&"stopping".into(), &1.into()));
}

#[test]
fn ctrl_c_before_anything_is_sent_prints_a_message() {
    let sandbox = CliSandbox::new();
    let commands: [&[&str]; 5] = [
        &["link", "Kitchen", "--to", "Harbor Clinics", "--yes"],
        &["unlink", "Kitchen", "--yes", "--json"],
        &["move", "Kitchen", "--to", "North Schools", "--dry-run"],
        &["leave", "Kitchen", "--yes", "--count", "1"],
        &["list", "groups"],
    ];
    for command in commands {
        // A gateway that accepts a connection and never answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let config = sandbox.read("config.toml");
        let (before, after) = config.split_once("base_url = \"").unwrap();
        let (_, after) = after.split_once('"').unwrap();
        let address = silent.local_addr().unwrap();
        sandbox.write("silent.toml", &format!("{before}base_url = \"http://{address}\"{after}"));
        sandbox.expect(0, &["list", "instances", "--config", "silent.toml"]);
        let arguments = [command, &["--config", "silent.toml"]].concat();
        let mut child =
            Process::spawn(sandbox.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()));
        let (sender, taken) = channel();
        thread::spawn(move || sender.send(silent.accept().unwrap()));
        let _asked = taken.recv_timeout(PATIENCE).expect("it asks the gateway");
        child.signal(Signal::INT);
        let ended = child.wait();
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        if command[0] == "list" {
            assert_eq!((ended.signal(), told.as_str()), (Some(Signal::INT.as_raw()), ""), "{command:?}");
        } else {
            let sentence = "synod: Interrupted: nothing was sent.\n";
            assert_eq!((ended.code(), told.as_str()), (Some(5), sentence), "{command:?}");
        }
    }
}

#[test]
fn a_stopped_operation_is_resumed_without_its_number() {
    let slow = SLOW_PACE.replace("[\"10ms\", \"40ms\", \"120ms\"]", "[\"1h\"]");
    let sandbox = CliSandbox::with(WORLD, &slow);
    let mut running = Running::link(&sandbox, &["Kitchen", "Night nurses", "twins"]);
    running.until(|event| event["state"] == "accepted");
    running.signal(Signal::INT);
    running.until(|event| event["event"] == "operation_stopping");
    running.signal(Signal::INT);
    assert_eq!(running.child.wait().code(), Some(5));
    sandbox.write("config.toml", &sandbox.read("config.toml").replace("\"1h\"", "\"1ms\""));
    let resumed = sandbox.expect(0, &["operations", "resume", "--yes", "--json"]);
    let names: Vec<String> = resumed.outcomes().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Night nurses", "twins"], "{resumed:?}");
    assert_eq!(sandbox.expect(0, &["operations", "resume", "--yes", "--json"]).stdout, "");
}

#[test]
fn other_signals_end_at_once_and_the_journal_is_complete() {
    for signal in [Signal::QUIT, Signal::KILL] {
        let sandbox = CliSandbox::with(WORLD, SLOW_LOOKS);
        let mut running = Running::link(&sandbox, &["Kitchen"]);
        running.until(|event| event["state"] == "accepted");
        running.signal(signal);
        assert_eq!(running.child.wait().signal(), Some(signal.as_raw()));
        let shown = sandbox.expect(0, &["operations", "show", "1"]);
        assert!(
            shown.stdout.contains("accepted") && shown.stdout.contains("interrupted"),
            "{}",
            shown.stdout
        );
    }
}

#[test]
fn sigterm_is_as_ctrl_c() {
    let sandbox = CliSandbox::with(WORLD, SLOW_PACE);
    let mut running = Running::link(&sandbox, &["Kitchen", "Night nurses"]);
    running.until(|event| event["event"] == "item_finished");
    running.signal(Signal::TERM);
    let rest = running.rest();
    assert_eq!(running.child.wait().code(), Some(5));
    let last = rest.last().unwrap();
    assert_eq!((&last["totals"]["verified"], &last["totals"]["not_sent"]), (&1.into(), &1.into()));
    let sandbox = CliSandbox::with(WORLD, SLOW_LOOKS);
    let mut running = Running::link(&sandbox, &["Kitchen"]);
    running.until(|event| event["state"] == "accepted");
    running.signal(Signal::TERM);
    running.until(|event| event["event"] == "operation_stopping");
    running.signal(Signal::TERM);
    assert_eq!(running.child.wait().code(), Some(5));
}

#[test]
fn the_pending_groups_of_another_synod_are_blocked_until_it_is_gone() {
    let sandbox = CliSandbox::with(WORLD, SLOW_PACE);
    let mut running = Running::link(&sandbox, &["Kitchen", "Night nurses"]);
    running.until(|event| event["event"] == "item_finished");
    let plan = [
        "link",
        "Kitchen",
        "Night nurses",
        "Pharmacy night shift",
        "--to",
        "North Schools",
        "--dry-run",
        "--json",
    ];
    let reasons = |code| {
        let planned = sandbox.expect(code, &plan).events();
        let groups = planned[0]["groups"].as_array().unwrap().iter();
        groups.map(|group| group["reasons"][0].clone()).collect::<Vec<_>>()
    };
    let held = reasons(3);
    // A finished operation holds no lock.
    assert_eq!(held[0]["code"], "in_other_community", "{held:?}");
    assert_eq!((&held[1]["code"], &held[1]["operation"]), (&"in_operation".into(), &1.into()), "{held:?}");
    assert!(held[2].is_null(), "{held:?}");
    let shown = sandbox.expect(3, &["link", "Night nurses", "--to", "North Schools", "--dry-run"]);
    assert!(shown.stdout.contains("#1"), "{}", shown.stdout);
    // Looking at the operation neither stops nor settles it.
    running.signal(Signal::KILL);
    running.child.wait();
    let free = reasons(3);
    assert!(free[1].is_null(), "{free:?}");
    let journal = sandbox.expect(0, &["operations", "show", "1", "--json"]).events();
    assert_eq!(journal[0]["phase"], "running", "a plan that is only shown settles nothing: {journal:?}");
}
