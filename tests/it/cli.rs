//! The commands without a screen: the real program, a simulated gateway over a real socket, exit codes and output.

mod again;
mod asking;
mod broken;
mod completions;
mod confirm;
mod copying;
mod desired;
mod doctor;
mod documents;
mod edits;
mod everyday;
mod failures;
mod files;
mod full_disk;
mod gateways;
mod help;
mod hostile_text;
mod init;
mod invites;
mod json;
mod languages;
mod leaving;
mod lists;
mod locks;
mod log;
mod manual;
mod memory;
mod names;
mod old_plans;
mod operators;
mod pipes;
mod plans;
mod reads;
mod sandbox;
mod secrets;
mod signals;
mod simulate;
mod team;
mod truth;
mod upgrading;
mod waiting;
mod witnesses;

use sandbox::CliSandbox;

#[test]
fn a_script_links_verifies_and_fails_using_only_json_and_codes() {
    let sandbox = CliSandbox::new();
    let ended = sandbox.shell(
        r#"set -u
        "$SYNOD" link Kitchen "Night nurses" --to "Harbor Clinics" --yes --json >one.jsonl || exit 10
        [ "$(grep -c '"event":"item_finished".*"outcome":"verified"' one.jsonl)" = 2 ] || exit 11
        "$SYNOD" list groups --community "Harbor Clinics" --json | grep -q '"name":"Kitchen"' || exit 12
        "$SYNOD" link Kitchen --to "Harbor Clinics" --yes --json | grep -q '"outcome":"already_so"' || exit 13
        "$SYNOD" link Parking Kitchen --to "Harbor Clinics" --yes --json >two.jsonl; [ $? = 3 ] || exit 14
        grep -q '"outcome":"refused","reason":{"code":"forbidden","words":"not-authorized"' two.jsonl || exit 15
        "$SYNOD" link Parking --to "Harbor Clinics" --yes --json >three.jsonl; [ $? = 4 ] || exit 16
        "$SYNOD" unlink Kitchen "Night nurses" --yes --json >four.jsonl || exit 17
        tail -n 1 four.jsonl | grep -q '"event":"operation_ended".*"verified":2.*"exit_code":0' || exit 18
        "$SYNOD" operations list --json | grep -c '"phase":"ended"'"#,
    );
    assert_eq!((ended.code, ended.stdout.trim()), (Some(0), "4"), "{ended:?}");
}

#[test]
fn each_verb_does_what_it_says_and_the_gateway_shows_it() {
    let sandbox = CliSandbox::new();
    sandbox.expect(0, &["move", "Class 1A", "--to", "Harbor Clinics", "--from", "North Schools", "--yes"]);
    assert_eq!(sandbox.members("Harbor Clinics"), ["Class 1A", "Lab results", "Radiology", "Reception"]);
    assert_eq!(sandbox.members("North Schools"), ["Class 1B", "Class 1C"]);
    let again = sandbox.expect(0, &["move", "Class 1A", "--to", "Harbor Clinics", "--yes", "--json"]);
    assert_eq!(again.outcomes(), [("Class 1A".to_owned(), "already_so".to_owned())]);
    assert_eq!(again.events().last().unwrap()["operation"], serde_json::Value::Null);
    sandbox.expect(0, &["unlink", "Radiology", "--from", "Harbor Clinics", "--yes"]);
    sandbox.expect(0, &["leave", "Kitchen", "--yes", "--count", "1"]);
    let left = sandbox.expect(0, &["list", "groups"]);
    assert!(!left.stdout.contains("Kitchen") && left.stdout.contains("Radiology"), "{}", left.stdout);
    sandbox.expect(0, &["leave", "--community", "North Schools", "--yes", "--count", "2"]);
    let listed = sandbox.expect(0, &["list", "groups"]);
    assert!(!listed.stdout.contains("Class 1B"), "{}", listed.stdout);
}

#[test]
fn blocked_or_risky_groups_count_as_not_verified() {
    let sandbox = CliSandbox::new();
    let elsewhere = ["link", "Class 1A", "Kitchen", "--to", "Harbor Clinics"];
    sandbox.expect(3, &[&elsewhere[..], &["--dry-run"]].concat());
    let run = sandbox.expect(3, &[&elsewhere[..], &["--yes", "--json"]].concat());
    let expected = [("Class 1A", "blocked"), ("Kitchen", "verified")];
    assert_eq!(run.outcomes(), expected.map(|(name, outcome)| (name.to_owned(), outcome.to_owned())));
    let none = sandbox.expect(4, &["link", "Class 1A", "--to", "Harbor Clinics", "--yes"]);
    assert!(none.stdout.contains("in North Schools"), "{}", none.stdout);
}

#[test]
fn operations_are_listed_shown_exported_and_pruned() {
    let sandbox = CliSandbox::new();
    sandbox.expect(3, &["link", "Kitchen", "Parking", "--to", "Harbor Clinics", "--yes"]);
    let list = sandbox.expect(0, &["operations"]);
    assert!(list.stdout.contains("#1 link 2 groups to Harbor Clinics"), "{}", list.stdout);
    let show = sandbox.expect(0, &["operations", "show", "1"]);
    assert!(show.stdout.contains("✗ refused") && show.stdout.contains("not-authorized"), "{}", show.stdout);
    let csv = sandbox.expect(0, &["operations", "export", "1"]);
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[1].starts_with("1,link,") && lines[1].contains(",Kitchen,"), "{}", csv.stdout);
    let json = sandbox.expect(0, &["operations", "export", "1", "--format", "json"]);
    assert_eq!(json.events().len(), 3);
    sandbox.expect(2, &["operations", "show", "9"]);
    sandbox.expect(2, &["operations", "prune", "--older-than", "0"]);
    let kept = sandbox.expect(0, &["operations", "prune", "--yes", "--json"]);
    assert_eq!(kept.events()[0]["removed"], 0);
    sandbox.expect(0, &["operations", "prune", "--older-than", "0", "--yes"]);
    assert_eq!(sandbox.expect(0, &["operations"]).stdout, "");
    sandbox.expect(0, &["link", "Night nurses", "--to", "Harbor Clinics", "--yes"]);
    assert!(sandbox.expect(0, &["operations"]).stdout.contains("#2 "), "numbers are never reused");
}
