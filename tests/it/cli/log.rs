//! The log of a real run: it contains the events, and no secret.

use super::sandbox::{CliSandbox, WORLD};

const TOKEN: &str = "canary-token-5511";

fn count(log: &str, part: &str) -> usize {
    log.lines().filter(|line| line.contains(part)).count()
}

#[test]
fn a_debug_log_contains_requests_plans_transitions_store_locks_and_the_configuration() {
    let sandbox = CliSandbox::new();
    sandbox
        .expect(3, &["link", "Twins", "Parking", "--to", "Harbor Clinics", "--yes", "--log-level", "debug"]);
    let log = sandbox.read("state/log/synod.log");
    for part in [
        "configuration from --config or SYNOD_CONFIG: ",
        "state in ",
        "read{attempt=1}",
        "GET group/list status=200 ms=",
        "GET community/listSubGroups status=200 ms=",
        "plan made: Link",
        "reading what a plan needs",
        "store opened: ",
        "lock taken",
        "operation created: Link",
        "write{attempt=1}",
        "POST community/link status=",
        "sending",
        "answered: ",
        "item finished: Verified",
        "item finished: Refused",
        "operation ended: ",
    ] {
        assert!(log.contains(part), "{part}: {log}");
    }
    for secret in [TOKEN, "http://127.0.0.1", "?communityJid"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    assert!(log.lines().all(|line| line.contains(" synod")), "the log contains lines of libraries: {log}");
}

#[test]
fn the_words_of_a_gateway_stay_out_of_the_log() {
    let words = "not-authorized: Parking, https://chat.whatsapp.com/Canary, +55 11 91234-5678";
    let sandbox = CliSandbox::with(&WORLD.replace("not-authorized", words), "");
    let ended = sandbox.run(&[
        "link",
        "Parking",
        "--to",
        "Harbor Clinics",
        "--yes",
        "--json",
        "--log-level",
        "debug",
    ]);
    assert!(ended.stdout.contains("91234"), "{ended:?}");
    let log = sandbox.read("state/log/synod.log");
    assert!(log.contains("answered: No") && log.contains("Forbidden 200"), "{log}");
    for part in ["Parking", "Canary", "91234", "Harbor", "12036340"] {
        assert!(!log.contains(part), "{part}: {log}");
    }
}

#[test]
fn at_info_there_are_two_lines_per_operation_and_one_per_item() {
    let sandbox = CliSandbox::new();
    sandbox
        .expect(3, &["link", "Twins", "Parking", "--to", "Harbor Clinics", "--yes", "--log-level", "info"]);
    let log = sandbox.read("state/log/synod.log");
    assert_eq!(count(&log, "operation created"), 1, "{log}");
    assert_eq!(count(&log, "item finished"), 2, "{log}");
    assert_eq!(count(&log, "operation ended: 1 Verified, 1 Refused"), 1, "{log}");
    assert_eq!(log.lines().count(), 4, "{log}");
}

#[test]
fn the_doctor_and_an_unreachable_gateway_are_logged() {
    let sandbox = CliSandbox::new();
    sandbox.run(&["doctor", "--log-level", "debug"]);
    let log = sandbox.read("state/log/synod.log");
    assert!(log.contains("GET instance/list status=200"), "{log}");
    let config = sandbox.read("config.toml");
    let (before, rest) = config.split_once("base_url = ").unwrap();
    let (_, after) = rest.split_once('\n').unwrap();
    sandbox.write("config.toml", &format!("{before}base_url = \"http://127.0.0.1:9\"\n{after}"));
    sandbox.run(&["doctor", "--log-level", "debug"]);
    let log = sandbox.read("state/log/synod.log");
    assert!(log.contains("GET instance/list failed=Unreachable"), "{log}");
    assert!(log.contains("read{attempt=3}"), "{log}");
}

#[test]
fn the_secrets_in_the_paths_of_the_second_gateway_stay_out_of_the_log() {
    let world = WORLD.replace(
        "gateway = \"ryzeapi\"\ntoken = \"canary-token-5511\"",
        "gateway = \"zapi\"\nid = \"CANARYINSTANCE77\"\ntoken = \"CANARYTOKEN5511\"",
    );
    let sandbox = CliSandbox::with(&world, "");
    sandbox.run(&["link", "Twins", "--to", "Harbor Clinics", "--yes", "--log-level", "debug"]);
    let log = sandbox.read("state/log/synod.log");
    for part in ["GET status status=", "GET groups status=", "GET communities-metadata status="] {
        assert!(log.contains(part), "{part}: {log}");
    }
    assert!(!log.to_lowercase().contains("canary"), "{log}");
}
