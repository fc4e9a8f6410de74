//! Failures as programs see them: exit codes, and `error` events with a stable code.

use serde_json::json;

use super::sandbox::{CliSandbox, Ended, is_sentence};

const LINK: [&str; 5] = ["link", "Kitchen", "--to", "Harbor Clinics", "--yes"];

/// The last event. It is an error, and standard error has the same message for people.
fn error(ended: &Ended) -> serde_json::Value {
    let schema = include_str!("../../../docs/json/event.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let event = ended.events().pop().unwrap();
    assert!(event["event"] == "error" && schema.is_valid(&event), "{event}");
    assert!(ended.stderr.contains(event["message"].as_str().unwrap()), "{ended:?}");
    event
}

#[test]
fn each_failure_is_an_event_with_a_code() {
    let sandbox = CliSandbox::new();
    sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "--plan", "plan.json"]);
    sandbox.expect(0, &["link", "Kitchen", "--to", "North Schools", "--yes"]);
    for (exit, code, arguments) in [
        (2, "usage", &["link", "Kitchen"][..]),
        (2, "usage", &["apply", "none.json", "--yes"]),
        (2, "confirmation_required", &["link", "Kitchen", "--to", "Harbor Clinics"]),
        (2, "confirmation_required", &["leave", "Kitchen", "--yes"]),
        (2, "confirmation_required", &["operations", "prune"]),
        (2, "count_differs", &["leave", "Kitchen", "--yes", "--count", "2"]),
        (2, "read_only", &["--read-only", "link", "Kitchen", "--to", "Harbor Clinics", "--yes"]),
        (2, "no_such_instance", &["list", "groups", "--instance", "other"]),
        (2, "no_such_community", &["list", "groups", "--community", "Nowhere"]),
        (2, "no_such_group", &["link", "Nobody", "--to", "Harbor Clinics", "--yes"]),
        (2, "ambiguous_name", &["link", "TWINS", "--to", "Harbor Clinics", "--yes"]),
        (2, "no_such_operation", &["operations", "show", "99"]),
        (1, "plan_changed", &["apply", "plan.json", "--yes"]),
        (1, "state", &["operations", "--state-dir", "plan.json"]),
    ] {
        let event = error(&sandbox.expect(exit, &[arguments, &["--json"]].concat()));
        assert_eq!((&event["code"], &event["retryable"]), (&json!(code), &json!(false)), "{arguments:?}");
    }
}

#[test]
fn an_unreachable_gateway_exits_with_the_code_for_a_later_try() {
    let sandbox = CliSandbox::new();
    let config = sandbox.read("config.toml");
    let address = config.lines().find(|line| line.starts_with("base_url")).unwrap();
    sandbox.write("config.toml", &config.replace(address, "base_url = \"http://127.0.0.1:1\""));
    let ended = sandbox.expect(7, &[&LINK[..], &["--json"]].concat());
    let event = error(&ended);
    assert_eq!((&event["code"], &event["retryable"]), (&json!("unreachable"), &json!(true)));
    sandbox.expect(7, &["list", "groups"]);
}

#[test]
fn a_mistyped_id_of_a_community_is_reported_as_no_such_community() {
    let sandbox = CliSandbox::new();
    let id = "120363400000009999@g.us";
    for arguments in [
        &["link", "Kitchen", "--to", id, "--yes"][..],
        &["link", "Kitchen", "--to", id, "--dry-run"],
        &["unlink", "Reception", "--from", id, "--yes"],
        &["move", "Reception", "--to", id, "--yes"],
        &["leave", "--community", id, "--yes", "--count", "1"],
        &["list", "groups", "--community", id],
    ] {
        let ended = sandbox.expect(2, &[arguments, &["--json"]].concat());
        let event = error(&ended);
        assert_eq!(event["code"], "no_such_community", "{arguments:?}");
        assert!(ended.stderr.contains(&format!("No community has the ID {id}")), "{ended:?}");
        assert!(is_sentence(&ended.stderr) && ended.events().len() == 1, "{ended:?}");
    }
}

#[test]
fn messages_of_a_json_run_are_english() {
    let sandbox = CliSandbox::new();
    let arguments = ["list", "groups", "--community", "Nowhere", "--json"];
    let ended = sandbox.run_in(&arguments, &[("LANG", "pt_BR.UTF-8")]);
    assert!(error(&ended)["message"].as_str().unwrap().starts_with("No community matches"));
}
