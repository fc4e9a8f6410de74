//! The store that several machines share, as the commands show it.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use rustix::process::Signal;
use serde_json::Value;

use super::sandbox::{CliSandbox, WORLD};
use crate::support::{postgres::Postgres, process::Process};

/// The second request waits for an hour.
const SLOW: &str =
    "pace = { link = \"1h\", unlink = \"1h\", leave = \"1h\", jitter = 0 }\nread_back = [\"10ms\"]\n";

/// The findings about the locks.
fn locks(sandbox: &CliSandbox) -> Vec<Value> {
    let findings = sandbox.expect(0, &["doctor", "--json"]).events();
    findings.into_iter().filter(|finding| finding["subject"] == "lock").collect()
}

#[test]
fn doctor_says_who_holds_which_lock() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    // As docs/team.md sets the server up.
    let roles = format!(
        "CREATE ROLE {database}_owner NOLOGIN; ALTER DATABASE {database} OWNER TO {database}_owner;
        CREATE ROLE {database}_user LOGIN IN ROLE {database}_owner;
        ALTER ROLE {database}_user SET role = '{database}_owner'"
    );
    assert!(server.sql("postgres", &roles).status.success());
    let sandbox = CliSandbox::with(WORLD, SLOW);
    let config = sandbox.read("config.toml");
    let at = |operator: &str, url: &str| {
        sandbox.write("config.toml", &format!("[store]\nurl = {url:?}\noperator = {operator:?}\n{config}"))
    };
    let url = server.url(&database);
    let as_user = url.replace("synod@", &format!("{database}_user@"));
    at("ana", &as_user);
    let free = locks(&sandbox);
    assert_eq!((free.len(), &free[0]["level"]), (1, &"ok".into()), "{free:?}");

    let arguments = ["link", "Kitchen", "Night nurses", "--to", "Harbor Clinics", "--yes", "--json"];
    let mut running =
        Process::spawn(sandbox.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()));
    let mut said = BufReader::new(running.stdout.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("item_finished")));

    // The owner's role may not see since when the user is connected, and an administrator may.
    at("ben", &as_user);
    let hidden = locks(&sandbox).remove(0);
    let words = hidden["words"].as_str().unwrap();
    assert!(words.starts_with("ana@") && words.ends_with(" is writing"), "{hidden}");
    assert!(hidden["advice"].as_str().unwrap().contains("pg_read_all_stats"), "{hidden}");
    assert!(hidden["instance"].is_string(), "{hidden}");
    let refused = sandbox.run(&["unlink", "Kitchen", "--yes"]);
    assert!(refused.stderr.contains("another Synod (ana@"), "{refused:?}");
    at("ben", &url);
    let shown = locks(&sandbox).remove(0);
    assert!(shown["words"].as_str().unwrap().contains("is writing, connected since 20"), "{shown}");
    assert_eq!((&shown["level"], &shown["advice"]), (&"note".into(), &Value::Null));
    let table = sandbox.expect(0, &["doctor"]).stdout;
    assert!(table.lines().any(|line| line.contains(" lock ") && line.contains("ana@")), "{table}");
    assert!(table.lines().any(|line| line.contains(" store ") && line.contains("PostgreSQL")), "{table}");

    // With another configuration it is an instance that nobody here knows.
    let elsewhere = config.replace("127.0.0.1", "127.0.0.2");
    sandbox.write("config.toml", &format!("[store]\nurl = {url:?}\noperator = \"ben\"\n{elsewhere}"));
    let unknown = sandbox.run(&["doctor", "--json"]).events();
    let unknown = unknown.iter().find(|finding| finding["subject"] == "lock").unwrap();
    assert!(
        unknown["words"].as_str().unwrap().contains("an instance that this configuration lacks"),
        "{unknown}"
    );

    running.signal(Signal::KILL);
    running.wait();
    at("ben", &as_user);
    let mut left = locks(&sandbox);
    while left[0]["level"] != "ok" {
        // The server has not noticed yet that the connection is closed.
        left = locks(&sandbox);
    }
}
