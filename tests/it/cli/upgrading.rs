//! The files of version 0.1.0, as that program wrote them while it ran against the simulated gateway: this version goes on with them.
//! `packaging/check` does the same with each program that it has installed.

use std::fs;

use rusqlite::Connection;
use secrecy::SecretString;
use synod::{
    config::former_instance_keys,
    domain::{base_url::BaseUrl, instance::GatewayKind},
};

use super::{
    documents::quick_harbor,
    sandbox::{CliSandbox, QUICK},
};

/// The address and the key of the instance in the files.
const ADDRESS: &str = "http://127.0.0.1:8080";
const KEY: &str = "ryzeapi-15dc747fb1a4438d";

const CONFIG: &str = include_str!("../golden/first_version/config.toml");
const JOURNAL: &str = include_str!("../golden/first_version/journal.sql");
const PLAN: &str = include_str!("../golden/first_version/plan.json");

/// The keys that version 0.1.0 could give the instance.
fn keys(address: &str) -> Vec<String> {
    let name = SecretString::from("harbor");
    let keys = former_instance_keys(GatewayKind::RyzeApi, &BaseUrl::parse(address).unwrap(), &name);
    keys.iter().map(ToString::to_string).collect()
}

/// A sandbox in which version 0.1.0 seems to have run.
fn left_by_the_first_version() -> CliSandbox {
    let sandbox = CliSandbox::with(&quick_harbor(), "");
    let config = sandbox.read("config.toml");
    let address = config.lines().find_map(|line| line.strip_prefix("base_url = ")).unwrap().trim_matches('"');
    let spelling = keys(ADDRESS).iter().position(|key| key == KEY).expect("its key is known");
    let here = |text: &str| {
        assert!(text.contains(ADDRESS) || text.contains(KEY));
        text.replace(ADDRESS, address).replace(KEY, &keys(address)[spelling])
    };
    // What it had done.
    let done = ["link", "Night nurses", "Pharmacy night shift", "--to", "Harbor Clinics", "--yes"];
    sandbox.expect(0, &[&done[..], &["--state-dir", "elsewhere"]].concat());
    sandbox.write("config.toml", &format!("[operations]\n{QUICK}\n{}", here(CONFIG)));
    sandbox.write("plan.json", &here(PLAN));
    fs::create_dir(sandbox.path("state")).unwrap();
    let journal = sandbox.write("state/synod.db", "");
    Connection::open(journal).unwrap().execute_batch(&here(JOURNAL)).unwrap();
    sandbox
}

#[test]
fn the_files_of_the_first_version_go_on() {
    let sandbox = left_by_the_first_version();
    sandbox.expect(0, &["doctor"]);
    let listed = sandbox.expect(0, &["operations"]).stdout;
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines.len() == 2, "{listed}");
    assert!(lines[0].contains("#2 link 3 groups to Harbor Clinics"), "{listed}");
    assert!(
        lines[1].contains("#1 link 1 group to Harbor Clinics") && lines[1].contains("1 verified"),
        "{listed}"
    );
    let shown = sandbox.expect(0, &["operations", "show", "1"]).stdout;
    assert!(shown.contains("Night nurses"), "{shown}");

    // The old plan, and the rest of the operation that was killed.
    let applied = sandbox.expect(0, &["apply", "plan.json", "--yes", "--json"]);
    assert_eq!(applied.outcomes(), [("Blood drive".to_owned(), "verified".to_owned())]);
    let resumed = sandbox.expect(0, &["operations", "resume", "--yes", "--json"]);
    let verified = ["Parking", "Kitchen"].map(|name| (name.to_owned(), "verified".to_owned()));
    assert_eq!(resumed.outcomes(), verified);
    let members = sandbox.members("Harbor Clinics");
    for name in ["Pharmacy night shift", "Parking", "Kitchen"] {
        assert!(members.iter().any(|member| member == name), "{name}: {members:?}");
    }
    sandbox.expect(0, &["operations", "undo", "2", "--yes"]);
}
