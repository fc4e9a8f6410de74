//! Hostile text in files, arguments, the environment and a gateway's answers: no command prints it unchanged.

use std::os::unix::process::CommandExt;

use super::sandbox::{CliSandbox, REPORTS, WORLD, ended};
use crate::support::process;

/// Text that terminals obey, or that hides or reverses other text: escape sequences, C1 controls, bidi controls, invisible characters.
const HOSTILE: &str =
    "a\u{1b}]0;t\u{7}\u{1b}[31mb\u{9b}2Jc\u{9d}0;x\u{9c}d\u{202e}e\u{2066}f\u{200b}g\u{feff}h\u{85}i\u{7f}j";

/// The same text as it is written in a string of TOML or JSON.
fn escaped() -> String {
    let escapes = HOSTILE.chars().map(|c| format!("\\u{:04x}", u32::from(c)));
    format!("\"{}\"", escapes.collect::<Vec<_>>().concat())
}

fn is_wrong(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn assert_harmless(what: &str, text: &str) {
    assert!(!text.contains(is_wrong), "{what}: {text:?}");
}

/// Runs a command with any result, and checks all its output, which must not be empty.
fn try_in(sandbox: &CliSandbox, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let ended = sandbox.run_in(arguments, variables);
    let what = format!("{arguments:?} {variables:?}");
    assert_harmless(&what, &ended.stdout);
    assert_harmless(&what, &ended.stderr);
    let all = ended.stdout + &ended.stderr;
    assert!(!all.is_empty(), "{what}");
    all
}

#[test]
fn hostile_arguments_reach_no_output_raw() {
    let sandbox = CliSandbox::new();
    let option = format!("--{HOSTILE}");
    let place = format!("{HOSTILE}/none/plan.json");
    sandbox.write("file", "");
    for arguments in [
        &[HOSTILE][..],
        &[&option],
        &["list", HOSTILE],
        &["list", "groups", HOSTILE],
        &["list", "groups", &option],
        &["list", "groups", "--instance", HOSTILE],
        &["list", "groups", "--community", HOSTILE],
        &["list", "groups", "--lang", HOSTILE],
        &["list", "groups", "--log-level", HOSTILE],
        &["list", "groups", "--config", HOSTILE],
        &["list", "groups", "--state-dir", &format!("file/{HOSTILE}")],
        &["link", HOSTILE, "--to", HOSTILE, "--yes"],
        &["link", "Kitchen", "--to", "Harbor Clinics", "--from", HOSTILE],
        &["link", HOSTILE, "--to", "Harbor Clinics", "--yes", "--json"],
        &["move", HOSTILE, "--from", HOSTILE, "--to", "Harbor Clinics", "--yes"],
        &["leave", HOSTILE, "--yes", "--count", HOSTILE],
        &["leave", "--community", HOSTILE, "--yes", "--count", "1"],
        &["link", "--groups-from", HOSTILE, "--to", "Harbor Clinics"],
        &["link", "Kitchen", "--to", "Harbor Clinics", "--plan", &place],
        &["apply", HOSTILE],
        &["operations", HOSTILE],
        &["operations", "show", HOSTILE],
        &["operations", "list", "--instance", HOSTILE],
        &["operations", "prune", "--older-than", HOSTILE],
        &["doctor", "--instance", HOSTILE],
        &["completions", HOSTILE],
        &["man", "--dir", &format!("file/{HOSTILE}")],
        &["simulate", "--world", HOSTILE],
        &["simulate", "--listen", HOSTILE],
        &["demo", "--world", HOSTILE],
    ] {
        try_in(&sandbox, arguments, &[]);
    }
    let mut renamed = sandbox.command(&["list"]);
    let output = ended(process::run(renamed.arg0(HOSTILE), None));
    assert_harmless("the program's own name", &output.stderr);
    assert!(output.stderr.contains("Usage: synod list"), "{}", output.stderr);
}

#[test]
fn a_hostile_environment_reaches_no_output_raw() {
    let sandbox = CliSandbox::new();
    for (name, arguments) in [
        ("SYNOD_LOG", &["list", "groups"][..]),
        ("SYNOD_CONFIG", &["list", "groups"]),
        ("SYNOD_CONFIG", &["doctor"]),
        ("SYNOD_CONFIG", &["doctor", "--json"]),
        ("LANG", &["list", "groups"]),
        ("TERM", &["doctor"]),
        ("HOME", &["doctor"]),
        ("https_proxy", &["list", "groups"]),
    ] {
        try_in(&sandbox, arguments, &[(name, HOSTILE)]);
    }
    let state = format!("{}/{HOSTILE}", sandbox.path("config.toml").display());
    try_in(&sandbox, &["list", "groups"], &[("SYNOD_STATE_DIR", &state)]);
    for help in [&["--help"][..], &["-h"], &["list", "--help"]] {
        let variables = ["SYNOD_LOG", "SYNOD_CONFIG", "SYNOD_STATE_DIR"].map(|name| (name, "canary-value"));
        let said = try_in(&sandbox, help, &variables);
        assert!(said.contains("SYNOD_CONFIG") && !said.contains("canary-value"), "{said}");
    }
}

#[test]
fn hostile_files_reach_no_output_raw() {
    let sandbox = CliSandbox::new();
    let good = sandbox.read("config.toml");
    let hostile = escaped();
    let whole = |instance: &str| format!("[[instance]]\n{instance}\n");
    let instance = |key: &str, value: &str| {
        let mut lines: Vec<String> = vec![
            "name = \"ops\"".into(),
            "gateway = \"ryzeapi\"".into(),
            "base_url = \"http://127.0.0.1:9\"".into(),
            "instance = \"ops\"".into(),
            "token = \"canary-token-5511\"".into(),
        ];
        lines.retain(|line| !line.starts_with(&format!("{key} = ")));
        lines.push(format!("{key} = {value}"));
        whole(&lines.join("\n"))
    };
    let mut configs = vec![
        format!("{hostile} = 1\n{good}"),
        format!("[ui]\ntheme = {hostile}\n{good}"),
        format!("[ui.keys]\n{hostile} = \"x\"\n{good}"),
        format!("[operations]\npace = {hostile}\n"),
        format!("{good}\n# {HOSTILE}\nx = {HOSTILE}"),
        instance(&hostile, "1"),
    ];
    for key in ["name", "gateway", "base_url", "instance", "token", "proxy", "ca_file", "operations"] {
        configs.push(instance(key, &hostile));
    }
    configs.push(instance("communities", &format!("[{hostile}]")));
    for kind in ["env", "file"] {
        configs.push(instance("token", &format!("{{ {kind} = {hostile} }}")));
    }
    configs.push(instance("token", &format!("{{ command = [{hostile}] }}")));
    for config in configs {
        sandbox.write("config.toml", &config);
        for command in [&["list", "instances"][..], &["list", "groups"], &["doctor"], &["doctor", "--json"]] {
            try_in(&sandbox, command, &[]);
        }
    }
    sandbox.write("config.toml", &good);
    sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "--plan", "plan.json"]);
    let plan = sandbox.read("plan.json");
    for (found, put) in [("\"ops\"", &hostile), ("Kitchen", &escaped().trim_matches('"').to_owned())] {
        assert!(plan.contains(found), "{plan}");
        sandbox.write("hostile.json", &plan.replace(found, put));
        try_in(&sandbox, &["apply", "hostile.json"], &[]);
        try_in(&sandbox, &["apply", "hostile.json", "--yes"], &[]);
    }
    sandbox.write("hostile.json", HOSTILE);
    try_in(&sandbox, &["apply", "hostile.json"], &[]);
    sandbox.write("groups.txt", HOSTILE);
    try_in(&sandbox, &["link", "--groups-from", "groups.txt", "--to", "Harbor Clinics"], &[]);
    for world in [
        HOSTILE.to_owned(),
        format!("{hostile} = 1"),
        format!("{WORLD}\n[[community]]\nname = {hostile}\nid = {hostile}"),
    ] {
        sandbox.write("hostile.toml", &world);
        try_in(&sandbox, &["simulate", "--world", "hostile.toml", "--listen", "256.0.0.1:0"], &[]);
        try_in(&sandbox, &["demo", "--world", "hostile.toml"], &[]);
    }
}

#[test]
fn a_hostile_world_reaches_no_output_raw() {
    let hostile = escaped();
    let world = WORLD
        .replace("name = \"ops\"\n", &format!("name = {hostile}\n"))
        .replace("\"Kitchen\"", &hostile)
        .replace("\"Harbor Clinics\"", &hostile)
        .replace("\"not-authorized\"", &hostile);
    let sandbox = CliSandbox::with(&world, "");
    assert_harmless("what simulate prints", &sandbox.read("config.toml"));
    for arguments in [
        &["list", "instances"][..],
        &["list", "communities"],
        &["list", "groups"],
        &["list", "groups", "--json"],
        &["link", "Parking", "Twins", "--to", "120363400000000001@g.us", "--yes"],
        &["link", "Parking", "Twins", "--to", "120363400000001001@g.us", "--yes", "--json"],
    ]
    .into_iter()
    .chain(REPORTS)
    {
        try_in(&sandbox, arguments, &[]);
    }
}
