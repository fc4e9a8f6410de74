//! Synod sends nothing without confirmation.

use super::sandbox::{CliSandbox, is_sentence};

const LINK: [&str; 4] = ["link", "Kitchen", "--to", "Harbor Clinics"];
const LEAVE: [&str; 3] = ["leave", "Kitchen", "Parking"];

#[test]
fn without_a_terminal_only_yes_sends() {
    let sandbox = CliSandbox::new();
    for arguments in [&LINK[..], &[&LINK[..], &["--json"]].concat(), &LEAVE[..]] {
        let ended = sandbox.expect(2, arguments);
        assert!(is_sentence(&ended.stderr) && ended.stderr.contains("--yes"), "{}", ended.stderr);
        assert!(!ended.stdout.contains("\"plan\""), "nothing was read: {}", ended.stdout);
    }
    assert!(!sandbox.members("Harbor Clinics").contains(&"Kitchen".to_owned()));
}

#[test]
fn leaving_needs_the_plans_number() {
    let sandbox = CliSandbox::new();
    let yes = [&LEAVE[..], &["--yes"]].concat();
    assert!(sandbox.expect(2, &yes).stderr.contains("--count"));
    for wrong in ["1", "3"] {
        let ended = sandbox.expect(2, &[&yes[..], &["--count", wrong]].concat());
        assert!(ended.stderr.contains("would send 2"), "{}", ended.stderr);
    }
    assert!(sandbox.expect(0, &["list", "groups"]).stdout.contains("Kitchen"));
    sandbox.expect(0, &[&yes[..], &["--count", "2"]].concat());
    assert!(!sandbox.expect(0, &["list", "groups"]).stdout.contains("Kitchen"));
}

#[test]
fn read_only_refuses_every_change_and_shows_every_plan() {
    let sandbox = CliSandbox::new();
    sandbox.expect(0, &[&LINK[..], &["--plan", "plan.json"]].concat());
    for arguments in [
        &[&LINK[..], &["--yes"]].concat()[..],
        &["leave", "--community", "North Schools", "--yes", "--count", "1"],
        &["apply", "plan.json", "--yes"],
        &["operations", "prune", "--yes"],
        &["operations", "forget-links", "--yes"],
    ] {
        let ended = sandbox.expect(2, &[&["--read-only"], arguments].concat());
        assert!(ended.stderr.contains("--read-only"), "{}", ended.stderr);
    }
    sandbox.expect(0, &[&["--read-only"], &LINK[..], &["--dry-run"]].concat());
    assert!(!sandbox.members("Harbor Clinics").contains(&"Kitchen".to_owned()));
}
