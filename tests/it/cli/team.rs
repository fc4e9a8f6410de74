//! The commands on a shared store: a real `PostgreSQL` server, and the real program.

use super::sandbox::{CliSandbox, WORLD};
use crate::support::postgres::Postgres;

const CODE: &str = "Kx7SecretCodeAbCdEfGh9";

/// Adds a `[store]` table with this content to the configuration.
pub(super) fn share(sandbox: &CliSandbox, store: &str) {
    let config = sandbox.read("config.toml");
    let rest = config.split_once("[operations]").unwrap().1;
    sandbox.write("config.toml", &format!("[store]\n{store}\n[operations]{rest}"));
}

pub(super) fn with_code() -> CliSandbox {
    CliSandbox::with(
        &WORLD.replace("\"Kitchen\"", &format!("{{ name = \"Kitchen\", code = \"{CODE}\" }}")),
        "",
    )
}

#[test]
fn a_key_is_made_for_its_owner_alone_and_never_over_another() {
    let sandbox = CliSandbox::alone();
    let made = sandbox.expect(0, &["store", "key", "team.key"]);
    let content = sandbox.read("team.key");
    assert!(content.starts_with("AGE-SECRET-KEY-1") && content.lines().count() == 1, "{}", content.len());
    assert_eq!(sandbox.mode("team.key"), 0o600);
    let line = format!("key = {{ file = {:?} }}", sandbox.path("team.key").display().to_string());
    assert!(made.stdout.contains(&line), "{}", made.stdout);
    assert!(!(made.stdout + &made.stderr).contains("AGE-SECRET"), "the key is not shown");
    let again = sandbox.expect(1, &["store", "key", "team.key"]);
    assert!(again.stderr.contains("team.key") && sandbox.read("team.key") == content, "{}", again.stderr);
}

#[test]
fn groups_are_rejoined_by_links_that_the_shared_store_keeps_encrypted() {
    let Some(server) = Postgres::shared() else { return };
    let (sandbox, database) = (with_code(), server.database());
    sandbox.expect(0, &["store", "key", "team.key"]);
    let url = format!("url = {:?}", server.url(&database));
    share(&sandbox, &url);
    let advice = sandbox.run(&["doctor"]).stdout;
    assert!(advice.contains("synod store key FILE"), "{advice}");
    let key = "key = { file = \"team.key\" }\noperator = \"ana\"";
    share(&sandbox, &format!("{url}\n{key}"));
    let checked = sandbox.run(&["doctor", "--json"]).stdout;
    let found = checked.lines().find(|line| line.contains("invite_links")).unwrap().to_owned();
    assert!(found.contains("\"ok\""), "{found}");

    let left = sandbox.expect(0, &["leave", "Kitchen", "--yes", "--count", "1", "--log-level", "debug"]);
    let rows = server.sql(&database, "SELECT group_id, operator, encode(sealed, 'escape') FROM invite_links");
    let rows = String::from_utf8(rows.stdout).unwrap();
    assert!(rows.contains("|ana|") && !rows.contains(CODE), "{rows}");
    let events = server.sql(&database, "SELECT body FROM events");
    assert!(!String::from_utf8(events.stdout).unwrap().contains(CODE));
    let back = sandbox.expect(0, &["operations", "rejoin", "1", "--yes", "--json"]);
    assert_eq!(back.outcomes(), [("Kitchen".to_owned(), "verified".to_owned())]);
    let said = left.stdout + &left.stderr + &back.stdout + &back.stderr;
    assert!(!said.contains(CODE) && !said.contains("AGE-SECRET"));

    // Only one operator: the list of a shared store says so anyway.
    let listed = sandbox.expect(0, &["operations"]).stdout;
    assert!(listed.lines().all(|line| line.contains("  ana@")), "{listed}");
    let forgotten = sandbox.expect(0, &["operations", "forget-links", "--yes"]).stdout;
    assert!(forgotten.contains("Forgot 1 invite link"), "{forgotten}");
}

/// A link that does not open here is reported, not dropped: in the refusal of a rejoin, and beside a plan for the others.
#[test]
fn links_that_do_not_open_with_the_key_here_are_counted_with_what_to_do() {
    let Some(server) = Postgres::shared() else { return };
    let (sandbox, database) = (with_code(), server.database());
    for name in ["ana.key", "ben.key"] {
        sandbox.expect(0, &["store", "key", name]);
    }
    let url = format!("url = {:?}", server.url(&database));
    let with_key = |name: &str| share(&sandbox, &format!("{url}\nkey = {{ file = {name:?} }}"));
    with_key("ana.key");
    sandbox.expect(0, &["leave", "Kitchen", "Night nurses", "--yes", "--count", "2"]);
    let rejoin = |code: i32, number: &[&str]| {
        let arguments = [&["operations", "rejoin"], number, &["--dry-run"]].concat();
        sandbox.expect(code, &arguments).stderr
    };
    with_key("ben.key");
    for number in [&["1"][..], &[]] {
        let told = rejoin(2, number);
        assert!(told.contains("Operation 1") && !told.contains("nothing left"), "{told}");
        assert!(told.contains("2 kept invite links do not open with the `key`"), "{told}");
        assert!(told.contains("use the key of the operator who left"), "{told}");
    }
    share(&sandbox, &url);
    let told = rejoin(2, &["1"]);
    assert!(told.contains("2 kept invite links") && told.contains("has no `key` here"), "{told}");

    // One link is damaged: the plan for the other says so.
    with_key("ana.key");
    assert!(!rejoin(0, &["1"]).contains("kept invite link"), "nothing to report");
    let damage =
        "UPDATE invite_links SET sealed = 'x' WHERE group_id = (SELECT min(group_id) FROM invite_links)";
    assert!(server.sql(&database, damage).status.success());
    let told = rejoin(0, &["1"]);
    assert!(told.contains("1 kept invite link does not open"), "{told}");
}

#[test]
fn a_wrong_key_is_explained_without_repeating_it() {
    let sandbox = with_code();
    sandbox.write("team.key", "Kx7NoKeyOfAge\n");
    share(&sandbox, "url = \"postgres://synod@127.0.0.1:1/synod\"\nkey = { file = \"team.key\" }");
    let told = sandbox.expect(2, &["operations"]).stderr;
    assert!(told.contains("AGE-SECRET-KEY-1") && !told.contains("Kx7No"), "{told}");
    share(&sandbox, "key = { file = \"team.key\" }");
    let told = sandbox.expect(2, &["operations"]).stderr;
    assert!(told.contains("needs `url`"), "{told}");
}

#[test]
fn a_store_that_only_allows_reads_can_be_read_and_doctor_says_so() {
    let Some(server) = Postgres::shared() else { return };
    let (sandbox, database) = (CliSandbox::with(WORLD, ""), server.database());
    share(&sandbox, &format!("url = {:?}", server.url(&database)));
    sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "--yes"]);
    let standby = format!("ALTER DATABASE {database} SET default_transaction_read_only = on");
    assert!(server.sql("postgres", &standby).status.success());
    let listed = sandbox.expect(0, &["operations"]).stdout;
    assert!(listed.contains("#1"), "{listed}");
    let checked = sandbox.expect(1, &["doctor"]).stdout;
    assert!(checked.contains("is read-only, so nothing can be sent"), "{checked}");
    share(&sandbox, "url = \"postgres://synod@127.0.0.1:1/synod\"");
    let checked = sandbox.expect(1, &["doctor"]).stdout;
    assert!(!checked.contains("invite links"), "nobody knows: {checked}");
}
