//! Every help ends with an example, and every example runs.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use clap::{Command, CommandFactory};
use rustix::process::Signal;
use synod::cli::args::Arguments;

use super::{
    documents::quick_harbor,
    sandbox::{CliSandbox, is_sentence},
};
use crate::support::process::Process;

/// The examples of a command and of its subcommands, in the order of the help.
fn examples(command: &Command, into: &mut Vec<String>) {
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines: Vec<&str> = after.lines().filter_map(|line| line.strip_prefix("  synod ")).collect();
    assert!(!lines.is_empty(), "{} has no example", command.get_name());
    into.extend(lines.into_iter().map(str::to_owned));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        examples(below, into);
    }
}

/// Runs an example that does not end on its own: it prints its address, and Ctrl-C ends it cleanly.
fn serves_until_interrupted(sandbox: &CliSandbox, line: &str) {
    let arguments: Vec<&str> = line.split(' ').collect();
    let mut child = Process::spawn(sandbox.command(&arguments).stdout(Stdio::piped()));
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut all = String::new();
    while !all.contains("communities = ") {
        assert!(said.read_line(&mut all).unwrap() > 0, "it ended too early: {all}");
    }
    child.signal(Signal::INT);
    assert_eq!(child.wait().code(), Some(0), "{line}");
}

#[test]
fn every_help_has_an_example_and_every_example_runs() {
    let sandbox = CliSandbox::with(&quick_harbor(), "");
    let mut lines = Vec::new();
    examples(&Arguments::command(), &mut lines);
    for line in lines {
        if line.starts_with("simulate") {
            serves_until_interrupted(&sandbox, &line);
            continue;
        }
        // Nobody can be asked here, and no token is set.
        let asks = line.starts_with("demo")
            || line.starts_with("init")
            || (line.starts_with("link") && !line.contains("--"));
        let ended = sandbox.shell(&format!("\"$SYNOD\" {line}"));
        let is_interactive = asks || line == "link \"Pharmacy night shift\" --to \"Harbor Clinics\"";
        // These need an operation that is running, or a server.
        let beyond = ["operations pause", "operations stop", "store copy"];
        let needs_more = beyond.iter().any(|command| line.starts_with(command));
        if is_interactive || needs_more {
            assert!(ended.code == Some(2) && is_sentence(&ended.stderr), "{line}: {ended:?}");
        } else {
            // The first example lists operations before there are any.
            assert_eq!(ended.code, Some(0), "{line}: {ended:?}");
        }
    }
}
