//! The files of version 0.1.0, as that program wrote them while it ran against the simulated gateway: this version goes on with them.
//! `packaging/check` does the same with each program that it has installed.

use std::fs;

use rusqlite::Connection;
use secrecy::SecretString;
use synod::{
    config::instance_key,
    domain::{base_url::BaseUrl, instance::GatewayKind},
};

use super::{
    documents::quick_harbor,
    sandbox::{CliSandbox, QUICK},
};

/// The address and the key of the instance in the files.
const ADDRESS: &str = "http://127.0.0.1:8080";

const CONFIG: &str = include_str!("../golden/first_version/config.toml");
const JOURNAL: &str = include_str!("../golden/first_version/journal.sql");
const PLAN: &str = include_str!("../golden/first_version/plan.json");

fn key(address: &str) -> String {
    let name = SecretString::from("harbor");
    instance_key(GatewayKind::RyzeApi, &BaseUrl::parse(address).unwrap(), &name).to_string()
}

/// A sandbox in which version 0.1.0 seems to have run.
fn left_by_the_first_version() -> CliSandbox {
    let sandbox = CliSandbox::with(&quick_harbor(), "");
    let config = sandbox.read("config.toml");
    let address = config.lines().find_map(|line| line.strip_prefix("base_url = ")).unwrap().trim_matches('"');
    let here = |text: &str| {
        assert!(text.contains(ADDRESS) || text.contains(&key(ADDRESS)));
        text.replace(ADDRESS, address).replace(&key(ADDRESS), &key(address))
    };
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
    assert!(lines[1].contains("#1 link 1 group to Harbor Clinics") && lines[1].contains("1 verified"), "{listed}");
    let shown = sandbox.expect(0, &["operations", "show", "1"]).stdout;
    assert!(shown.contains("Night nurses"), "{shown}");

    // The old plan, and the rest of the operation that was killed.
    let applied = sandbox.expect(0, &["apply", "plan.json", "--yes", "--json"]);
    assert_eq!(applied.outcomes(), [("Blood drive".to_owned(), "verified".to_owned())]);
    let resumed = sandbox.expect(0, &["operations", "resume", "--yes", "--json"]);
    assert!(!resumed.outcomes().is_empty());
    assert!(resumed.outcomes().iter().all(|(_, outcome)| outcome == "verified"), "{resumed:?}");
    let members = sandbox.members("Harbor Clinics");
    for name in ["Pharmacy night shift", "Parking", "Kitchen"] {
        assert!(members.iter().any(|member| member == name), "{name}: {members:?}");
    }
    sandbox.expect(0, &["operations", "undo", "2", "--yes"]);
}
