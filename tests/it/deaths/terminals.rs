//! The terminal goes away, or the operator leaves, while an operation runs: the work goes on in the same process or in another one,
//! and any other Synod follows and controls it.

use std::fs;

use rstest::rstest;
use rustix::process::{Pid, Signal, kill_process};
use synod::{
    domain::{id::GroupId, time::Millis},
    engine::{instance_lock::FileLocks, journal::Journal, locks::Locks},
    store::FileStore,
};

use super::{
    Wanted, asked, assert_each_done_once, assert_requested, is_so, order, outcomes,
    stage::{Running, Stage},
    wanted, writes,
};
use crate::support::{
    pty::{Pty, Setup},
    rig::leave,
};

const SSH: (&str, &str) = ("SSH_CONNECTION", "203.0.113.1 50000 203.0.113.2 22");

/// The second link takes long enough for the test to act in the middle of it.
pub(super) const SLOW_SECOND: &str = "[[fault]]\non = \"link\"\nnth = 2\nthen = \"slow\"\nseconds = 1.0";

fn all_verified(stage: &Stage) -> bool {
    stage.totals(1)["verified"] == stage.operation(1)["items"]
}

fn has_ended(stage: &Stage) -> bool {
    stage.operation(1)["phase"] == "ended"
}

/// The screen, with all groups in no community being linked, and the second request under way.
pub(super) fn linking_all(stage: &Stage, setup: Setup) -> Option<Pty> {
    let mut pty = setup.start()?;
    pty.until_text("Standalone groups 100");
    pty.types("\t\tal");
    pty.until_text("Press [y] to run it for 100 groups");
    pty.types("y");
    stage.until("the second request", |_| writes(stage).len() == 2);
    Some(pty)
}

fn linked(stage: &Stage) -> Vec<Wanted> {
    let wanted: Vec<Wanted> = outcomes(stage).into_keys().collect();
    assert!(wanted.iter().all(|wanted| wanted.0 == "link" && is_so(&stage.truth(), wanted)));
    wanted
}

#[test]
fn over_ssh_an_operation_goes_on_when_the_line_drops() {
    let stage = Stage::new(SLOW_SECOND, &["300ms"]);
    let setup = Setup::program(stage.places()).variable(SSH.0, SSH.1);
    let Some(mut pty) = linking_all(&stage, setup) else { return };
    pty.until_text("goes on if the line drops");
    let process = stage.writer().expect("it holds the lock");
    pty.hang_up();
    assert_eq!(stage.operation(1)["phase"], "running");
    assert_eq!(stage.writer(), Some(process), "the same process keeps the lock");
    assert_eq!(pty.exit_code(), 129);
    assert!(all_verified(&stage), "{}", stage.operation(1));
    let linked = linked(&stage);
    assert_eq!(linked.len(), 100);
    assert_each_done_once(&stage, &linked);
}

#[test]
fn in_a_local_terminal_an_operation_stops_when_the_window_closes() {
    let stage = Stage::new(SLOW_SECOND, &["300ms"]);
    let Some(mut pty) = linking_all(&stage, Setup::program(stage.places())) else { return };
    pty.until_text("stops if the window closes");
    pty.hang_up();
    assert_eq!(pty.exit_code(), 129);
    assert_eq!(writes(&stage).len(), 2, "the request in flight was the last one");
    assert_eq!(stage.totals(1)["not_sent"], 98);
}

#[test]
fn a_terminated_screen_lets_its_request_end_and_sends_nothing_more() {
    let stage = Stage::new(SLOW_SECOND, &["300ms"]);
    let Some(mut pty) = linking_all(&stage, Setup::program(stage.places())) else { return };
    pty.signal(Signal::TERM);
    assert_eq!(pty.exit_code(), 5);
    pty.assert_given_back();
    assert!(writes(&stage)[1].answered_at.is_some());
    assert_eq!((writes(&stage).len(), &stage.totals(1)["not_sent"]), (2, &98.into()));
    let shown = String::from_utf8(stage.run(&["operations", "show", "1"]).stdout).unwrap();
    assert!(!shown.contains("sending"), "the answer is on record: {shown}");
}

#[test]
fn a_second_signal_ends_the_screen_at_once() {
    let stage = Stage::with_timeout(
        "[[fault]]\non = \"link\"\nnth = 2\nthen = \"slow\"\nseconds = 20.0",
        &["300ms"],
        "60s",
    );
    let Some(mut pty) = linking_all(&stage, Setup::program(stage.places())) else { return };
    pty.signal(Signal::TERM);
    pty.until_bytes("A second signal ends at once");
    pty.signal(Signal::TERM);
    assert_eq!(pty.exit_code(), 5);
    assert!(writes(&stage)[1].answered_at.is_none(), "it did not wait for the answer");
}

#[test]
fn a_key_lets_the_work_go_on_in_the_background() {
    let stage = Stage::new(SLOW_SECOND, &["300ms"]);
    let Some(mut pty) = linking_all(&stage, Setup::program(stage.places())) else { return };
    let before = stage.writer();
    pty.types("d");
    assert_eq!(pty.exit_code(), 0);
    pty.assert_given_back();
    pty.until_bytes("Operation 1 goes on in the background");
    assert!(stage.writer().is_some_and(|after| Some(after) != before), "another process has the lock");
    stage.until("the end", has_ended);
    assert!(all_verified(&stage), "{}", stage.operation(1));
    let linked = linked(&stage);
    assert_eq!(linked.len(), 100);
    assert_each_done_once(&stage, &linked);
}

/// An operation in the background, whose requests are far enough apart to be interrupted between two of them.
fn in_background(stage: &Stage, groups: usize) -> Vec<Wanted> {
    stage.pace("200ms");
    let community = stage.communities()[0].clone();
    let wanted = wanted("link", &stage.standalone()[..groups], Some(&community));
    let detached = stage.run(&[order(&wanted), vec!["--detach".to_owned()]].concat());
    assert_eq!(detached.status.code(), Some(0), "{detached:?}");
    let said = String::from_utf8(detached.stdout).unwrap();
    let last: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["operation"]), (&"operation_detached".into(), &1.into()), "{said}");
    assert!(stage.writer().is_some(), "another process has the lock");
    wanted
}

#[test]
fn a_detached_operation_runs_to_its_end() {
    let stage = Stage::new("", &["100ms"]);
    let wanted = in_background(&stage, 4);
    stage.until("the end", has_ended);
    assert_each_done_once(&stage, &wanted);
}

#[test]
fn quiet_prints_only_the_number() {
    let stage = Stage::new("", &["100ms"]);
    let community = stage.communities()[0].clone();
    let mut order = order(&wanted("link", &stage.standalone()[..1], Some(&community)));
    order.retain(|argument| argument != "--json");
    let detached = stage.run(&[order, ["--detach", "--quiet"].map(str::to_owned).to_vec()].concat());
    assert_eq!(String::from_utf8(detached.stdout).unwrap(), "1\n");
    stage.until("the end", has_ended);
}

#[test]
fn commands_pause_resume_and_stop_a_detached_operation() {
    let stage = Stage::new("", &["100ms"]);
    in_background(&stage, 30);
    stage.until("the first requests", |stage| writes(stage).len() >= 2);
    let paused = stage.run(&["operations", "pause", "1"]);
    let said = String::from_utf8(paused.stderr).unwrap();
    assert_eq!((paused.status.code(), said.contains("is paused")), (Some(0), true), "{said}");
    assert_eq!(stage.operation(1)["phase"], "paused");
    let listed = String::from_utf8(stage.run(&["operations"]).stdout).unwrap();
    assert!(listed.contains("paused: "), "{listed}");
    let sent = writes(&stage).len();
    let resumed = stage.events(&["operations", "resume", "1", "--json"]);
    assert_eq!(resumed[0]["phase"], "running");
    stage.until("more requests", |stage| writes(stage).len() > sent);
    let stopped = stage.events(&["operations", "stop", "1", "--json"]);
    assert!(stopped[0]["phase"] == "stopping" || stopped[0]["phase"] == "ended", "{stopped:?}");
    stage.until("the end", has_ended);
    assert_eq!(stage.operation(1)["stopped"]["code"], "operator");
    let totals = stage.totals(1);
    assert_eq!(totals["verified"].as_u64().unwrap() + totals["not_sent"].as_u64().unwrap(), 30);
    assert_eq!(writes(&stage).len() as u64, totals["verified"].as_u64().unwrap());
    let again = stage.run(&["operations", "stop", "1"]);
    let said = String::from_utf8(again.stderr).unwrap();
    assert_eq!((again.status.code(), said.contains("is not running")), (Some(2), true), "{said}");
}

/// An operation on a screen over SSH, whose line has just dropped.
fn after_a_dropped_line(stage: &Stage) -> Option<Pty> {
    stage.pace("200ms");
    let mut pty = linking_all(stage, Setup::program(stage.places()).variable(SSH.0, SSH.1))?;
    pty.hang_up();
    Some(pty)
}

/// A second screen pauses, resumes and stops the operation of another process.
fn follow_and_control(stage: &Stage) -> Option<()> {
    let mut pty = Setup::program(stage.places()).start()?;
    pty.until_text("#1 ");
    pty.until_text("verified");
    pty.types("p");
    stage.until("the pause", |stage| stage.operation(1)["phase"] == "paused");
    pty.until_text("paused");
    let sent = writes(stage).len();
    pty.types("p");
    stage.until("more requests", |stage| writes(stage).len() > sent);
    pty.types("S");
    stage.until("the stop", |stage| stage.operation(1)["stopped"]["code"] == "operator");
    pty.until_text("not sent");
    // It runs elsewhere, so there is nothing to ask.
    pty.types("q");
    assert_eq!(pty.exit_code(), 0);
    stage.until("the end", has_ended);
    Some(())
}

#[test]
fn a_screen_follows_and_controls_a_detached_operation() {
    let stage = Stage::new("", &["100ms"]);
    in_background(&stage, 40);
    follow_and_control(&stage);
}

#[test]
fn a_second_screen_follows_and_controls_what_a_dropped_line_left_running() {
    let stage = Stage::new(SLOW_SECOND, &["100ms"]);
    let Some(mut first) = after_a_dropped_line(&stage) else { return };
    follow_and_control(&stage);
    assert_eq!(first.exit_code(), 129, "it ends with its operation");
    let outcomes = outcomes(&stage).into_iter();
    let (verified, rest): (Vec<_>, Vec<_>) = outcomes.partition(|(_, outcome)| outcome == "verified");
    assert!(!rest.is_empty() && rest.iter().all(|(_, outcome)| outcome == "not_sent"), "{rest:?}");
    assert_requested(&stage, &verified.into_iter().map(|(wanted, _)| wanted).collect::<Vec<_>>());
}

#[test]
fn a_screen_that_only_follows_stops_nothing_when_it_ends() {
    let stage = Stage::new("", &["100ms"]);
    let wanted = in_background(&stage, 12);
    let Some(mut pty) = Setup::program(stage.places()).start() else { return };
    pty.until_text("#1 ");
    pty.send("\x03\x03");
    assert_eq!(pty.exit_code(), 0);
    stage.until("the end", has_ended);
    assert_each_done_once(&stage, &wanted);
}

#[test]
fn a_killed_background_process_is_reported_by_every_command_and_resumed() {
    let stage = Stage::new("", &["100ms"]);
    let wanted = in_background(&stage, 12);
    stage.until("the first requests", |stage| writes(stage).len() >= 3);
    let process = Pid::from_raw(stage.writer().unwrap().try_into().unwrap()).unwrap();
    kill_process(process, Signal::KILL).unwrap();
    stage.until("the death", |stage| stage.writer().is_none());
    for command in [&["operations"][..], &["list", "communities"], &["operations", "show", "1", "--json"]] {
        let said = String::from_utf8(stage.run(command).stderr).unwrap();
        let lines: Vec<&str> = said.lines().filter(|line| line.contains("#1 was interrupted")).collect();
        assert_eq!(lines.len(), 1, "{command:?}: {said}");
        assert!(lines[0].contains("not sent") && lines[0].contains("synod operations resume 1"), "{said}");
    }
    assert_eq!(stage.operation(1)["interrupted"], true);
    let shown = String::from_utf8(stage.run(&["operations"]).stdout).unwrap();
    assert!(shown.contains("interrupted: "), "{shown}");
    let paused = stage.run(&["operations", "pause", "1"]);
    let said = String::from_utf8(paused.stderr).unwrap();
    assert_eq!((paused.status.code(), said.contains("was interrupted")), (Some(2), true), "{said}");
    let resumed = stage.run(&["operations", "resume", "1", "--yes", "--json"]);
    assert_eq!(resumed.status.code(), Some(0), "{resumed:?}");
    assert_each_done_once(&stage, &wanted);
    assert_eq!(String::from_utf8(stage.run(&["operations"]).stderr).unwrap(), "", "it was continued");
}

/// The lock stays with its holder for longer than the test waits.
#[test]
fn a_successor_that_waits_for_the_lock_ends_at_once_when_it_is_interrupted() {
    for signal in [Signal::INT, Signal::TERM] {
        let slow = "[[fault]]\non = \"link\"\nnth = 1\nthen = \"slow\"\nseconds = 300.0";
        let stage = Stage::with_timeout(slow, &["100ms"], "600s");
        let community = stage.communities()[0].clone();
        let wanted = wanted("link", &stage.standalone()[..3], Some(&community));
        let holder = stage.start(&order(&wanted));
        stage.until("the first request", |stage| writes(stage).len() == 1);
        stage.offer(1);
        let mut successor = stage.start_with_input(&["continue"], "1\n");
        successor.until_line("ready");
        successor.signal(signal);
        let (status, said) = successor.ended();
        assert_eq!(status.code(), Some(5), "{said}");
        assert_eq!(stage.operation(1)["phase"], "running", "the lock is still with {}", holder.process());
        assert_eq!(writes(&stage).len(), 1);
    }
}

/// An operation that its process no longer continues, and the groups that it links.
fn handed_over(stage: &Stage) -> Vec<Wanted> {
    stage.pace("200ms");
    let community = stage.communities()[0].clone();
    let wanted = wanted("link", &stage.standalone()[..6], Some(&community));
    let mut holder = stage.start(&order(&wanted));
    stage.until("the first request", |stage| writes(stage).len() == 1);
    stage.offer(1);
    holder.signal(Signal::KILL);
    holder.ended();
    wanted
}

#[rstest]
#[case::the_first(true)]
#[case::the_last(false)]
fn an_instance_whose_lock_cannot_be_taken_does_not_end_the_operation_of_another(#[case] is_first: bool) {
    let stage = Stage::new("", &["100ms"]);
    let wanted = handed_over(&stage);
    let barred = stage.add_instance(is_first);
    fs::create_dir(stage.state().join(format!("locks/{barred}.lock"))).unwrap();
    let mut successor = stage.start_with_input(&["continue"], "1\n");
    successor.until_line("ready");
    successor.until_line("1");
    let (status, said) = successor.ended();
    assert_eq!((status.code(), said.contains(".lock")), (Some(1), true), "{said}");
    assert_each_done_once(&stage, &wanted);
}

#[tokio::test]
async fn an_instance_whose_lock_is_held_does_not_delay_the_operation_of_another() {
    let stage = Stage::new("", &["100ms"]);
    let wanted = handed_over(&stage);
    let barred = stage.add_instance(true);
    let locks = FileLocks::new(stage.state().join("locks"));
    let held = locks.take(&barred, Millis(5)).await.unwrap();
    let journal = FileStore::open(&stage.state()).unwrap();
    let leave = leave([GroupId::parse("120363400000000077@g.us").unwrap()]);
    let waiting = journal.begin(&barred, Millis(5), leave).await.unwrap().operation;
    stage.offer(waiting.0);
    let mut successor = stage.start_with_input(&["continue"], &format!("1 {waiting}\n"));
    stage.until("the end of the first", has_ended);
    successor.until_line("1");
    assert!(all_verified(&stage), "{}", stage.operation(1));
    assert_requested(&stage, &wanted);
    successor.signal(Signal::TERM);
    assert_eq!(successor.ended().0.code(), Some(5));
    drop(held);
}

fn hang_up_while_linking(stage: &Stage, arguments: &[&str]) -> (Vec<Wanted>, Running) {
    let community = stage.communities()[0].clone();
    let wanted = wanted("link", &stage.standalone()[..5], Some(&community));
    let more = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let synod = stage.start(&[order(&wanted), more].concat());
    stage.until("the second request", |stage| writes(stage).len() == 2);
    synod.signal(Signal::HUP);
    (wanted, synod)
}

#[test]
fn a_command_goes_on_when_its_terminal_goes_away() {
    let stage = Stage::new(SLOW_SECOND, &["100ms"]);
    let (wanted, mut synod) = hang_up_while_linking(&stage, &["--on-hangup", "finish"]);
    let (status, said) = synod.ended();
    assert_eq!(status.code(), Some(0), "{said}");
    assert_each_done_once(&stage, &wanted);
}

#[rstest]
#[case::by_the_flag(&["--on-hangup", "stop"])]
#[case::by_default_without_ssh(&[])]
fn a_command_stops_when_its_terminal_goes_away(#[case] arguments: &[&str]) {
    let stage = Stage::new(SLOW_SECOND, &["100ms"]);
    let (wanted, mut synod) = hang_up_while_linking(&stage, arguments);
    let (status, said) = synod.ended();
    assert_eq!(status.code(), Some(5), "{said}");
    let sent: Vec<Wanted> = writes(&stage).iter().map(asked).collect();
    assert_eq!(sent, wanted[..2]);
    assert_eq!(stage.totals(1)["verified"], 2);
}
