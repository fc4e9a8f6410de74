//! How long a command waits: for the lock of another Synod, and at all.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    process::Stdio,
};

use serde_json::json;

use super::sandbox::{CliSandbox, WORLD};
use crate::support::process::{Process, without_forks};

const LINK: [&str; 6] = ["link", "Kitchen", "--to", "Harbor Clinics", "--yes", "--json"];

/// The lock of the only instance, held by this process.
fn held(sandbox: &CliSandbox) -> File {
    sandbox.expect(0, &["link", "twins", "--to", "Harbor Clinics", "--yes"]);
    let lock = fs::read_dir(sandbox.path("state/locks")).unwrap().next().unwrap().unwrap().path();
    let lock = File::options().read(true).write(true).open(lock).unwrap();
    lock.try_lock().unwrap();
    lock
}

#[test]
fn a_held_lock_asks_for_a_later_try() {
    let sandbox = CliSandbox::new();
    let _lock = held(&sandbox);
    for arguments in [&LINK[..], &[&LINK[..], &["--wait-lock", "100ms"]].concat()] {
        let ended = sandbox.expect(7, arguments);
        let error = ended.events().pop().unwrap();
        let (code, retryable) = (&error["code"], &error["retryable"]);
        assert_eq!((code, retryable), (&json!("lock_held"), &json!(true)), "{ended:?}");
    }
    assert!(!sandbox.members("Harbor Clinics").contains(&"Kitchen".to_owned()));
}

#[test]
fn a_command_waits_for_the_lock_as_long_as_it_may() {
    let sandbox = CliSandbox::new();
    let lock = held(&sandbox);
    let waits = [&LINK[..], &["--wait-lock", "60s"]].concat();
    let mut command = sandbox.command(&waits);
    let mut waiting = Process::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    let mut said = String::new();
    BufReader::new(waiting.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("Waiting for the lock: another Synod (process"), "{said}");
    let forks = without_forks();
    lock.unlock().unwrap();
    drop(forks);
    assert_eq!(waiting.output(None).status.code(), Some(0));
    assert!(sandbox.members("Harbor Clinics").contains(&"Kitchen".to_owned()));
}

#[test]
fn a_command_that_is_late_sends_nothing_and_asks_for_a_later_try() {
    let sandbox = CliSandbox::new();
    let lists = ["list", "groups", "--json"];
    for arguments in [&LINK[..], &lists, &["operations", "--json"], &["doctor", "--json"]] {
        let ended = sandbox.expect(7, &[arguments, &["--timeout", "0s"]].concat());
        let error = ended.events().pop().unwrap();
        let (code, retryable) = (&error["code"], &error["retryable"]);
        assert_eq!((code, retryable), (&json!("deadline_exceeded"), &json!(true)), "{ended:?}");
    }
    sandbox.expect(0, &[&lists[..], &["--timeout", "10m"]].concat());
    sandbox.expect(2, &[&lists[..], &["--timeout", "soon"]].concat());
    assert!(!sandbox.members("Harbor Clinics").contains(&"Kitchen".to_owned()));
}

#[test]
fn an_operation_that_is_late_stops_and_can_be_resumed() {
    let slow =
        "pace = { link = \"1h\", unlink = \"1h\", leave = \"1h\", jitter = 0 }\nread_back = [\"10ms\"]\n";
    let sandbox = CliSandbox::with(WORLD, slow);
    let run = ["link", "Kitchen", "Night nurses", "--to", "Harbor Clinics", "-y", "--json"];
    let late = sandbox.expect(7, &[&run[..], &["--timeout", "5s"]].concat());
    let events = late.events();
    let (error, end) =
        (&events.iter().find(|event| event["event"] == "error").unwrap(), events.last().unwrap());
    assert_eq!(error["code"], "deadline_exceeded");
    let stopping = events.iter().find(|event| event["event"] == "operation_stopping").unwrap();
    assert_eq!(
        (&stopping["reason"]["code"], &end["stopped"]["code"]),
        (&json!("time_out"), &json!("time_out"))
    );
    assert_eq!((&end["event"], &end["exit_code"]), (&json!("operation_ended"), &json!(7)), "{end}");
    sandbox.write("config.toml", &sandbox.read("config.toml").replace("\"1h\"", "\"1ms\""));
    sandbox.expect(0, &["operations", "resume", "-y"]);
    let members = sandbox.members("Harbor Clinics");
    assert!(
        ["Kitchen", "Night nurses"].iter().all(|name| members.contains(&(*name).to_owned())),
        "{members:?}"
    );
}

#[test]
fn an_operation_that_whatsapp_throttles_until_it_stops_asks_for_a_later_try() {
    let throttled = WORLD.replace("then = \"refuse\"\ntext = \"not-authorized\"", "then = \"throttle\"");
    let quick = "pace = { link = \"1ms\", unlink = \"1ms\", leave = \"1ms\", jitter = 0 }\n\
                 read_back = [\"10ms\"]\nthrottle_pause = { first = \"10ms\", most = \"20ms\" }\n";
    let sandbox = CliSandbox::with(&throttled, quick);
    let link = ["link", "Parking", "Kitchen", "--to", "Harbor Clinics", "-y", "--json"];
    let ended = sandbox.expect(7, &link);
    let end = ended.events().pop().unwrap();
    assert_eq!(
        (&end["exit_code"], &end["stopped"]["because"]["code"]),
        (&json!(7), &json!("throttled")),
        "{end}"
    );
}
