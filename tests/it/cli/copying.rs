//! `synod store copy`: the journal of a machine becomes part of a shared store, whole and once.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use rusqlite::Connection;
use rustix::process::Signal;
use synod::{
    domain::{instance::InstanceKey, time::Millis},
    engine::{
        instance_lock::FileLocks,
        journal::Journal,
        locks::{LockError, Locks},
    },
    store::FileStore,
};

use super::{
    sandbox::{CliSandbox, Ended},
    team::{share, with_code},
};
use crate::support::{fake_gateway::group, postgres::Postgres, process::Process, rig::leave};

/// A machine whose journal has three operations of Ana: the second undoes the first, and the third leaves a group and keeps its link.
fn machine() -> CliSandbox {
    let sandbox = with_code();
    share(&sandbox, "operator = \"ana\"");
    sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "--yes"]);
    sandbox.expect(0, &["operations", "undo", "1", "--yes"]);
    sandbox.expect(0, &["leave", "Kitchen", "--yes", "--count", "1"]);
    sandbox
}

/// The same machine, after Ben has configured a store on a server.
fn moving(server: &Postgres) -> (CliSandbox, String) {
    let (sandbox, database) = (machine(), server.database());
    share(&sandbox, &store(server, &database));
    (sandbox, database)
}

fn store(server: &Postgres, database: &str) -> String {
    format!("operator = \"ben\"\nurl = {:?}", server.url(database))
}

fn asked(server: &Postgres, database: &str, sql: &str) -> String {
    let output = server.sql(database, sql);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Everything that the commands say about the operations with these numbers.
fn everything(sandbox: &CliSandbox, numbers: [&str; 3]) -> String {
    let shown = |number: &str| sandbox.expect(0, &["operations", "show", number, "--json"]).stdout;
    let Ended { stdout, .. } = sandbox.expect(0, &["operations", "list", "--json"]);
    stdout + &numbers.map(shown).concat()
}

fn in_file(sandbox: &CliSandbox, sql: &str) -> i64 {
    let file = Connection::open(sandbox.path("state").join("synod.db")).unwrap();
    file.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_journal_is_copied_with_everything_and_only_once() {
    let Some(server) = Postgres::shared() else { return };
    let sandbox = machine();
    let before = everything(&sandbox, ["1", "2", "3"]);
    let database = server.database();
    share(&sandbox, &store(server, &database));
    let tried = sandbox.expect(0, &["store", "copy", "--dry-run"]).stdout;
    assert!(tried.contains("Would copy 3 operations; none is there yet."), "{tried}");
    assert_eq!(sandbox.expect(0, &["operations"]).stdout, "", "nothing was copied");
    let copied = sandbox.expect(0, &["store", "copy"]).stdout;
    assert!(copied.contains("Copied 3 operations; none was there before."), "{copied}");
    assert!(copied.contains("1 kept invite link stays on this machine"), "{copied}");
    assert_eq!(
        everything(&sandbox, ["1", "2", "3"]),
        before,
        "with the numbers, the times and the operators"
    );
    let again = sandbox.expect(0, &["store", "copy"]).stdout;
    assert!(again.contains("No operation was copied; 3 were there before."), "{again}");
    let events = in_file(&sandbox, "SELECT count(*) FROM events");
    assert_eq!(asked(server, &database, "SELECT count(*) FROM events"), events.to_string());
    let times = "SELECT count(*) FROM events
        WHERE at <> (extract(epoch FROM recorded) * 1000)::bigint OR operator <> 'ana' OR host IS NULL";
    assert_eq!(asked(server, &database, times), "0");
    share(&sandbox, "operator = \"ana\"");
    assert_eq!(everything(&sandbox, ["1", "2", "3"]), before, "the journal of the machine is as it was");
}

#[test]
fn links_are_copied_if_there_is_a_key_and_groups_are_rejoined_by_them() {
    let Some(server) = Postgres::shared() else { return };
    let (sandbox, database) = moving(server);
    sandbox.expect(0, &["store", "key", "team.key"]);
    share(&sandbox, &format!("{}\nkey = {{ file = \"team.key\" }}", store(server, &database)));
    let tried = sandbox.expect(0, &["store", "copy", "--dry-run"]).stdout;
    assert!(tried.contains("1 kept invite link would go with them"), "{tried}");
    let copied = sandbox.expect(0, &["store", "copy"]).stdout;
    assert!(copied.contains("Copied 1 kept invite link, encrypted."), "{copied}");
    let again = sandbox.expect(0, &["store", "copy"]).stdout;
    assert!(again.contains("No kept invite link was copied"), "{again}");
    let back = sandbox.expect(0, &["operations", "rejoin", "3", "--yes", "--json"]);
    assert_eq!(back.outcomes(), [("Kitchen".to_owned(), "verified".to_owned())]);
}

#[test]
fn links_that_were_forgotten_or_pruned_in_the_store_do_not_come_back() {
    let Some(server) = Postgres::shared() else { return };
    let forgetting: [&[&str]; 2] =
        [&["operations", "forget-links", "--yes"], &["operations", "prune", "--older-than", "0", "--yes"]];
    for forget in forgetting {
        let (sandbox, database) = moving(server);
        sandbox.expect(0, &["store", "key", "team.key"]);
        let shared = format!("{}\nkey = {{ file = \"team.key\" }}", store(server, &database));
        let links = || asked(server, &database, "SELECT count(*) FROM invite_links");
        share(&sandbox, &shared);
        sandbox.expect(0, &["store", "copy"]);
        assert_eq!(links(), "1");
        sandbox.expect(0, forget);
        assert_eq!(links(), "0", "{forget:?}");
        let tried = sandbox.expect(0, &["store", "copy", "--dry-run"]).stdout;
        assert!(tried.contains("No kept invite link would go with them"), "{tried}");
        let again = sandbox.expect(0, &["store", "copy"]).stdout;
        assert!(again.contains("No kept invite link was copied"), "{again}");
        assert_eq!(links(), "0", "{forget:?}");
        // A new operation does not bring back the links of others.
        share(&sandbox, "operator = \"ana\"");
        sandbox.expect(0, &["leave", "Parking", "--yes", "--count", "1"]);
        assert_eq!(in_file(&sandbox, "SELECT count(*) FROM invite_links"), 2);
        share(&sandbox, &shared);
        let new = sandbox.expect(0, &["store", "copy"]).stdout;
        assert!(new.contains("Copied 1 operation; 3 were there before."), "{new}");
        assert!(new.contains("Copied 1 kept invite link, encrypted."), "{new}");
        assert_eq!(links(), "1", "{forget:?}");
    }
}

#[test]
fn a_journal_restored_from_a_backup_loses_nothing_and_brings_nothing_twice() {
    let Some(server) = Postgres::shared() else { return };
    let (sandbox, database) = (machine(), server.database());
    sandbox.expect(0, &["store", "key", "team.key"]);
    let shared = format!("{}\nkey = {{ file = \"team.key\" }}", store(server, &database));
    sandbox.shell("cp -R state clone");
    // The fourth operation differs.
    sandbox.expect(0, &["leave", "Parking", "--yes", "--count", "1"]);
    share(&sandbox, &shared);
    let first = sandbox.expect(0, &["store", "copy"]).stdout;
    assert!(first.contains("Copied 4 operations; none was there before."), "{first}");
    assert!(first.contains("Copied 2 kept invite links, encrypted."), "{first}");
    let shown = |number: &str| sandbox.expect(0, &["operations", "show", number, "--json"]).events();
    let parking = shown("4");

    sandbox.shell("mv state original && mv clone state");
    share(&sandbox, "operator = \"ana\"");
    sandbox.expect(0, &["operations", "rejoin", "3", "--yes"]);
    sandbox.expect(0, &["link", "Night nurses", "--to", "Harbor Clinics", "--yes"]);
    sandbox.expect(0, &["operations", "undo", "5", "--yes"]);
    share(&sandbox, &shared);
    let tried = sandbox.expect(0, &["store", "copy", "--dry-run"]).stdout;
    assert!(tried.contains("Would copy 3 operations; 3 are there already."), "{tried}");
    let second = sandbox.expect(0, &["store", "copy"]).stdout;
    assert!(second.contains("Copied 3 operations; 3 were there before."), "{second}");
    for (old, new) in [(4, 5), (5, 6), (6, 7)] {
        assert!(second.contains(&format!("#{old} of this machine is #{new} in the store.")), "{second}");
    }
    assert_eq!(shown("4"), parking, "that of the original is as it was");
    assert_eq!((&shown("5")[0]["verb"], &shown("5")[0]["parent"]), (&"rejoin".into(), &3.into()));
    assert_eq!((&shown("7")[0]["verb"], &shown("7")[0]["parent"]), (&"unlink".into(), &6.into()));
    for (state, count) in [("clone", 6), ("original", 4)] {
        let again = sandbox.expect(0, &["store", "copy"]).stdout;
        assert!(again.contains(&format!("No operation was copied; {count} were there before.")), "{again}");
        assert_eq!(asked(server, &database, "SELECT count(*) FROM operations"), "7", "{state}");
        sandbox.shell("mv state clone; mv original state");
    }
}

#[test]
fn a_number_that_is_taken_is_replaced_everywhere() {
    let Some(server) = Postgres::shared() else { return };
    let (sandbox, database) = moving(server);
    sandbox.expect(0, &["operations"]);
    asked(server, &database, "SELECT setval(pg_get_serial_sequence('operations', 'id'), 7)");
    let copied = sandbox.expect(0, &["store", "copy"]).stdout;
    for (old, new) in [(1, 8), (2, 9), (3, 10)] {
        assert!(copied.contains(&format!("#{old} of this machine is #{new} in the store.")), "{copied}");
    }
    let undone = sandbox.expect(0, &["operations", "show", "9", "--json"]).events();
    assert_eq!((&undone[0]["operation"], &undone[0]["parent"]), (&9.into(), &8.into()));
    // The next operation follows the copied ones.
    assert_eq!(asked(server, &database, "SELECT nextval(pg_get_serial_sequence('operations', 'id'))"), "11");
}

#[test]
fn a_copy_that_is_killed_in_the_middle_goes_on_where_it_ended() {
    let Some(server) = Postgres::shared() else { return };
    let (sandbox, database) = moving(server);
    sandbox.expect(0, &["operations"]);
    // Different numbers make the copy say how far it is; the second operation never gets to its end.
    let stuck = "
        SELECT setval(pg_get_serial_sequence('operations', 'id'), 7);
        CREATE FUNCTION stick() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_sleep(600); RETURN NEW; END';
        CREATE TRIGGER stuck BEFORE INSERT ON copies FOR EACH ROW WHEN (NEW.operation = 2) EXECUTE FUNCTION stick();";
    asked(server, &database, stuck);
    let mut copy = Process::spawn(sandbox.command(&["store", "copy"]).stdout(Stdio::piped()));
    let mut said = String::new();
    BufReader::new(copy.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("#1 of this machine is #8"), "{said}");
    copy.signal(Signal::KILL);
    copy.wait();
    let end = format!(
        "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
        WHERE application_name LIKE 'synod ben%' AND datname = '{database}'"
    );
    asked(server, &database, &end);
    assert_eq!(asked(server, &database, "SELECT count(*) FROM operations"), "1");
    asked(server, &database, "DROP TRIGGER stuck ON copies");
    let rest = sandbox.expect(0, &["store", "copy"]).stdout;
    assert!(rest.contains("Copied 2 operations; 1 was there before."), "{rest}");
    let events = in_file(&sandbox, "SELECT count(*) FROM events");
    assert_eq!(asked(server, &database, "SELECT count(*) FROM events"), events.to_string());
    assert_eq!(asked(server, &database, "SELECT count(DISTINCT operation) FROM events"), "3");
    assert_eq!(sandbox.expect(0, &["operations", "list", "--json"]).events().len(), 3);
}

#[tokio::test]
async fn nothing_is_copied_while_an_operation_runs_or_has_not_ended() {
    let Some(server) = Postgres::shared() else { return };
    let (sandbox, database) = moving(server);
    let file = FileStore::open(&sandbox.path("state")).unwrap();
    let instance: InstanceKey = file.stored_operations().await.unwrap()[0].instance.clone();
    let other = server.store(&database, "carla", &sandbox.path("other"));
    let here = FileLocks::new(sandbox.path("state").join("locks")).take(&instance, Millis(5)).await.unwrap();
    for command in [&["store", "copy"][..], &["store", "copy", "--dry-run"]] {
        let refused = sandbox.expect(7, command).stderr;
        assert!(refused.contains("another Synod"), "{refused}");
    }
    drop(here);
    let begun = file.begin(&instance, Millis(5), leave([group(1)])).await.unwrap();
    let refused = sandbox.expect(1, &["store", "copy", "--dry-run"]).stderr;
    assert!(refused.contains(&format!("#{}", begun.operation)), "{refused}");
    assert_eq!(asked(server, &database, "SELECT count(*) FROM operations"), "0");
    file.remove_operations(&[begun.operation]).await.unwrap();
    other.begin(&instance, Millis(5), leave([group(1)])).await.unwrap();
    let refused = sandbox.expect(1, &["store", "copy"]).stderr;
    assert!(refused.contains("#1."), "{refused}");
    // The server may not have ended the connection of the last command yet.
    let _held = loop {
        match other.locks().take(&instance, Millis(5)).await {
            Ok(held) => break held,
            Err(LockError::Held(_)) => tokio::task::yield_now().await,
            Err(error) => panic!("{error:?}"),
        }
    };
    let refused = sandbox.expect(7, &["store", "copy"]).stderr;
    assert!(refused.contains("carla@desk"), "{refused}");
}

#[test]
fn a_copy_needs_a_shared_store_and_a_journal() {
    let sandbox = machine();
    let refused = sandbox.expect(2, &["store", "copy"]).stderr;
    assert!(refused.contains("`[store]` has no `url`"), "{refused}");
    let refused = sandbox.expect(2, &["store", "copy", "--read-only"]).stderr;
    assert!(refused.contains("--read-only"), "{refused}");
    let Some(server) = Postgres::shared() else { return };
    let fresh = CliSandbox::new();
    share(&fresh, &store(server, &server.database()));
    let nothing = fresh.expect(0, &["store", "copy"]).stdout;
    assert!(nothing.contains("no journal"), "{nothing}");
}
