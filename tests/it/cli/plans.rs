//! Plans as files, and how Synod handles them when the community has changed.

use super::sandbox::{CliSandbox, is_sentence};
use crate::support::process::HAS_FULL_DEVICE;

#[test]
fn a_plan_is_written_for_its_owner_alone_and_run_unchanged() {
    let sandbox = CliSandbox::new();
    let plan = ["link", "Kitchen", "Class 1A", "--to", "Harbor Clinics", "--plan", "plan.json"];
    let ended = sandbox.expect(3, &plan);
    assert!(ended.stderr.contains("plan.json"), "{}", ended.stderr);
    assert_eq!(sandbox.mode("plan.json"), 0o600);
    assert!(!sandbox.members("Harbor Clinics").contains(&"Kitchen".to_owned()));
    assert!(!sandbox.read("plan.json").contains("canary"), "a secret in the plan");
    sandbox.expect(3, &["apply", "plan.json", "--dry-run"]);
    sandbox.expect(2, &["apply", "plan.json"]);
    let run = sandbox.expect(3, &["apply", "plan.json", "--yes", "--json"]);
    let expected = [("Class 1A", "blocked"), ("Kitchen", "verified")];
    assert_eq!(run.outcomes(), expected.map(|(name, outcome)| (name.to_owned(), outcome.to_owned())));
}

#[test]
fn a_plan_is_refused_if_the_situation_has_changed() {
    let sandbox = CliSandbox::new();
    sandbox.expect(0, &["link", "Kitchen", "Night nurses", "--to", "Harbor Clinics", "--plan", "plan.json"]);
    sandbox.expect(0, &["link", "twins", "--to", "Harbor Clinics", "--yes"]);
    sandbox.expect(0, &["apply", "plan.json", "--dry-run"]);
    sandbox.expect(0, &["link", "Kitchen", "--to", "North Schools", "--yes"]);
    let refused = sandbox.expect(1, &["apply", "plan.json", "--yes"]);
    assert!(is_sentence(&refused.stderr), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("Kitchen") && refused.stderr.contains("in North Schools"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("Night nurses"), "{}", refused.stderr);
    let refused = sandbox.expect(1, &["apply", "plan.json", "--yes", "--json"]);
    assert_eq!(refused.events()[0]["event"], "plan_changed");
    assert!(!sandbox.members("Harbor Clinics").contains(&"Night nurses".to_owned()));
}

#[test]
fn a_plan_is_refused_if_only_its_steps_differ() {
    let sandbox = CliSandbox::new();
    sandbox.expect(0, &["move", "Class 1A", "--to", "Harbor Clinics", "--plan", "plan.json"]);
    sandbox.expect(0, &["unlink", "Class 1A", "--from", "North Schools", "--yes"]);
    let refused = sandbox.expect(1, &["apply", "plan.json", "--yes"]);
    let told = "Class 1A: To do (unlink from North Schools, link to Harbor Clinics) when the plan was made; \
                now: To do (link to Harbor Clinics";
    assert!(refused.stderr.contains(told), "{}", refused.stderr);
    let events = sandbox.expect(1, &["apply", "plan.json", "--yes", "--json"]).events();
    let schema = include_str!("../../../docs/json/event.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    assert!(schema.is_valid(&events[0]), "{events:?}");
    let group = &events[0]["groups"][0];
    let steps = |key: &str| -> Vec<&str> {
        group[key].as_array().unwrap().iter().map(|step| step["do"].as_str().unwrap()).collect()
    };
    assert_eq!((steps("before_steps"), steps("now_steps")), (vec!["unlink", "link"], vec!["link"]));
}

#[test]
fn a_plan_on_standard_output_is_the_only_output() {
    let sandbox = CliSandbox::new();
    for more in [&[][..], &["--json"]] {
        let plan = [&["link", "Kitchen", "--to", "Harbor Clinics", "--plan", "-"], more].concat();
        let written = sandbox.expect(0, &plan);
        assert!(!sandbox.path("-").exists() && written.stderr.is_empty(), "{written:?}");
        sandbox.write("plan.json", &written.stdout);
        sandbox.expect(0, &["apply", "plan.json", "--dry-run"]);
    }
    if HAS_FULL_DEVICE {
        let full = sandbox.shell("\"$SYNOD\" link Kitchen --to 'Harbor Clinics' --plan - >/dev/full");
        assert!(full.code == Some(1) && is_sentence(&full.stderr), "{full:?}");
    }
}

#[test]
fn a_plan_to_leave_needs_its_number_again() {
    let sandbox = CliSandbox::new();
    sandbox.expect(0, &["leave", "Kitchen", "--plan", "plan.json"]);
    sandbox.expect(2, &["apply", "plan.json", "--yes"]);
    sandbox.expect(0, &["apply", "plan.json", "--yes", "--count", "1"]);
    sandbox.expect(0, &["leave", "--community", "North Schools", "--plan", "plan.json"]);
    sandbox.expect(2, &["apply", "plan.json", "--yes", "--count", "1"]);
    sandbox.expect(0, &["apply", "plan.json", "--yes", "--count", "3"]);
}

#[test]
fn a_file_that_is_not_a_plan_is_refused_with_a_message() {
    let sandbox = CliSandbox::new();
    sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "--plan", "plan.json"]);
    let plan = sandbox.read("plan.json");
    sandbox.write("newer.json", &plan.replace("\"v\": 1", "\"v\": 2"));
    sandbox.write("damaged.json", &plan.replace("\"leaves_community\"", "\"leaves\""));
    sandbox.write("other.json", "{}");
    let moved = plan.replace("ryzeapi-", "ryzeapi-0");
    sandbox.write("moved.json", &moved);
    for file in ["none.json", "newer.json", "damaged.json", "other.json", "moved.json", "/dev/null", "."] {
        let ended = sandbox.expect(2, &["apply", file, "--yes"]);
        assert!(is_sentence(&ended.stderr), "{file}: {}", ended.stderr);
    }
    let unwritable =
        sandbox.expect(1, &["link", "Kitchen", "--to", "Harbor Clinics", "--plan", "none/plan.json"]);
    assert!(is_sentence(&unwritable.stderr), "{}", unwritable.stderr);
}

#[test]
fn a_plan_and_its_operation_show_the_source_and_target_of_each_group() {
    let sandbox = CliSandbox::new();
    let said = |words: &str, arguments: &[&str]| {
        let ended = sandbox.run(arguments);
        assert!(ended.stdout.contains(words), "{words}: {ended:?}");
    };
    let dry = |verb: &[&'static str]| [verb, &["--dry-run"]].concat();
    said("  North Schools → Harbor Clinics", &dry(&["move", "Class 1A", "--to", "Harbor Clinics"]));
    said("  (no community) → Harbor Clinics", &dry(&["move", "Kitchen", "--to", "Harbor Clinics"]));
    said("  North Schools → (no community)", &dry(&["unlink", "Class 1A", "--from", "North Schools"]));
    said("  leave", &dry(&["leave", "Kitchen"]));
    let moved =
        sandbox.expect(0, &["move", "Class 1A", "--to", "Harbor Clinics", "--yes", "--json"]).events();
    let (north, harbor) = ("120363400000001001@g.us", "120363400000000001@g.us");
    let row = &moved[0]["groups"][0];
    assert_eq!((row["from"].as_str(), row["to"].as_str()), (Some(north), Some(harbor)), "{row}");
    let item = moved.iter().find(|event| event["event"] == "item_finished").unwrap();
    assert_eq!((item["from"].as_str(), item["to"].as_str()), (Some(north), Some(harbor)), "{item}");
    said("Class 1A  North Schools → Harbor Clinics", &["operations", "show", "1"]);
    said("  Harbor Clinics → North Schools", &["operations", "undo", "1", "--dry-run"]);
    let shown = sandbox.expect(0, &["operations", "show", "1", "--json"]).events();
    assert_eq!(shown[1]["from"].as_str(), Some(north));
}
