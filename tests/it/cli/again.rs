//! Commands that continue from earlier operations: retry, resume, undo, rejoin.

use std::process::Stdio;

use jsonschema::Validator;

use super::sandbox::{CliSandbox, WORLD};
use crate::support::process::Process;

fn schema() -> Validator {
    let schema = include_str!("../../../docs/json/event.schema.json");
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

#[test]
fn a_script_fails_retries_and_undoes_using_only_json_and_codes() {
    let passing =
        WORLD.replace("then = \"refuse\"\ntext = \"not-authorized\"", "then = \"refuse\"\nfirst = 1");
    let sandbox = CliSandbox::with(&passing.replace("failed_items = \"objects\"\n", ""), "");
    let ended = sandbox.shell(
        r#"set -u
        "$SYNOD" link Kitchen Parking --to "Harbor Clinics" --yes --json >one.jsonl; [ $? = 3 ] || exit 10
        "$SYNOD" operations retry 1 --dry-run --json | grep -q '"send":1' || exit 11
        "$SYNOD" operations retry --yes --json >two.jsonl || exit 12
        grep -q '"event":"operation_started".*"parent":1' two.jsonl || exit 13
        "$SYNOD" operations undo 1 --yes --json >three.jsonl || exit 14
        "$SYNOD" operations undo 2 --yes --json >four.jsonl || exit 15
        "$SYNOD" list groups --community "Harbor Clinics" --json | grep -Eq 'Kitchen|Parking' && exit 16
        "$SYNOD" operations undo --yes --json >five.jsonl || exit 17
        [ -z "$("$SYNOD" operations retry --yes --json)" ] || exit 18
        "$SYNOD" list groups --community "Harbor Clinics" --json | grep -q Parking"#,
    );
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let schema = schema();
    for file in ["one.jsonl", "two.jsonl", "three.jsonl", "four.jsonl", "five.jsonl"] {
        for line in sandbox.read(file).lines() {
            let event = serde_json::from_str(line).unwrap();
            let wrong: Vec<String> = schema.iter_errors(&event).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{file}: {line}\n{}", wrong.join("\n"));
        }
    }
}

#[test]
fn the_script_of_the_documentation_links_verifies_fails_retries_and_undoes() {
    let passing = "then = \"refuse\"\nfirst = 1";
    let world = WORLD.replace("then = \"refuse\"\ntext = \"not-authorized\"", passing);
    let sandbox = CliSandbox::with(&world.replace("failed_items = \"objects\"\n", ""), "");
    sandbox.write("script.sh", include_str!("../../../docs/examples/link-retry-undo.sh"));
    let before = sandbox.members("Harbor Clinics");
    let ended = sandbox.shell(
        "mkdir bin && ln -s \"$SYNOD\" bin/synod && PATH=\"$PWD/bin:$PATH\" && export PATH && \
         sh script.sh \"Harbor Clinics\" Kitchen Parking",
    );
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines[0], "linked: code 3, operation 1, 1 verified", "{ended:?}");
    assert!(lines[1].ends_with(" refused"), "{ended:?}");
    assert_eq!(lines[2], "undone: 2 verified", "{ended:?}");
    assert!(sandbox.read("after.jsonl").contains("\"name\":\"Parking\""));
    assert_eq!(sandbox.members("Harbor Clinics"), before);
}

#[test]
fn a_killed_operation_is_settled_by_reading_and_resumed() {
    let slow =
        "pace = { link = \"1h\", unlink = \"1h\", leave = \"1h\", jitter = 0 }\nread_back = [\"10ms\"]\n";
    let sandbox = CliSandbox::with(WORLD, slow);
    let run = ["link", "Kitchen", "Night nurses", "--to", "Harbor Clinics", "--yes", "--json"];
    let mut child = Process::spawn(sandbox.command(&run).stdout(Stdio::piped()));
    let mut said = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"outcome\":\"verified\"") {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut said, &mut line).unwrap() > 0, "it ended too early");
    }
    child.kill().unwrap();
    child.wait();
    sandbox.write("config.toml", &sandbox.read("config.toml").replace("\"1h\"", "\"1ms\""));
    let resumed = sandbox.expect(0, &["operations", "resume", "--yes", "--json"]);
    assert_eq!(resumed.outcomes(), [("Night nurses".to_owned(), "verified".to_owned())]);
    let shown = sandbox.expect(0, &["operations", "show", "1", "--json"]).events();
    assert_eq!(
        (&shown[0]["stopped"]["code"], &shown[0]["totals"]["not_sent"]),
        (&"interrupted".into(), &1.into())
    );
    assert_eq!(sandbox.expect(0, &["operations", "resume", "--yes"]).stdout, "");
    let complete = sandbox.expect(2, &["operations", "resume", "2", "--yes"]).stderr;
    assert!(complete.contains("Operation 2 has nothing left: it ran to its end"), "{complete}");
}

#[test]
fn left_groups_are_rejoined_and_an_undo_reports_its_losses() {
    let sandbox = CliSandbox::new();
    sandbox.expect(0, &["leave", "Kitchen", "--yes", "--count", "1"]);
    sandbox.expect(2, &["operations", "undo", "1", "--yes"]);
    let plan = sandbox.expect(0, &["operations", "rejoin", "--plan", "plan.json"]);
    assert!(plan.stdout.contains("Kitchen"), "{}", plan.stdout);
    let rejoined = sandbox.expect(0, &["apply", "plan.json", "--yes", "--json"]);
    assert_eq!(rejoined.outcomes(), [("Kitchen".to_owned(), "verified".to_owned())]);
    let schema = schema();
    assert!(rejoined.events().iter().all(|event| schema.is_valid(event)));
    let listed = sandbox.expect(0, &["list", "groups"]);
    assert!(listed.stdout.contains("Kitchen"), "{}", listed.stdout);
}
