//! The output matches the documentation: the schemas of `docs/json` accept every line.

use jsonschema::Validator;
use serde_json::Value;

use super::sandbox::{CliSandbox, Ended, WORLD};

fn validator(schema: &str) -> Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

fn holds(validator: &Validator, ended: &Ended) {
    let events = ended.events();
    assert!(!events.is_empty(), "{ended:?}");
    for event in events {
        let wrong: Vec<String> = validator.iter_errors(&event).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{event}\n{}", wrong.join("\n"));
    }
}

#[test]
fn every_line_matches_the_schema() {
    let sandbox = CliSandbox::new();
    let events = validator(include_str!("../../../docs/json/event.schema.json"));
    for (code, arguments) in [
        (0, &["list", "instances", "--json"][..]),
        (0, &["list", "communities", "--json"]),
        (0, &["list", "groups", "--json"]),
        (3, &["link", "Kitchen", "Class 1A", "--to", "Harbor Clinics", "--dry-run", "--json"]),
        (3, &["link", "Kitchen", "Class 1A", "Parking", "--to", "Harbor Clinics", "--yes", "--json"]),
        (0, &["link", "Kitchen", "--to", "Harbor Clinics", "--yes", "--json"]),
        (0, &["move", "Kitchen", "--to", "North Schools", "--yes", "--json"]),
        (0, &["unlink", "Kitchen", "--yes", "--json"]),
        (0, &["leave", "Kitchen", "--yes", "--count", "1", "--json"]),
        (0, &["operations", "list", "--json"]),
        (0, &["operations", "show", "1", "--json"]),
        (0, &["operations", "export", "2", "--format", "json"]),
        (0, &["operations", "prune", "--yes", "--json"]),
        (0, &["operations", "forget-links", "--yes", "--json"]),
        (0, &["doctor", "--json"]),
    ] {
        holds(&events, &sandbox.expect(code, arguments));
    }
    sandbox.expect(0, &["link", "twins", "--to", "Harbor Clinics", "--plan", "plan.json"]);
    let plan: Value = serde_json::from_str(&sandbox.read("plan.json")).unwrap();
    let plans = validator(include_str!("../../../docs/json/plan.schema.json"));
    let wrong: Vec<String> = plans.iter_errors(&plan).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{plan:#}\n{}", wrong.join("\n"));
    sandbox.expect(0, &["link", "twins", "--to", "North Schools", "--yes"]);
    holds(&events, &sandbox.expect(1, &["apply", "plan.json", "--yes", "--json"]));
    let leave = ["leave", "--community", "North Schools", "--yes", "--count", "4", "--json"];
    holds(&events, &sandbox.expect(0, &leave));
    holds(&events, &sandbox.expect(0, &leave));
    assert!(!events.is_valid(&serde_json::json!({ "v": 1, "event": "item_finished" })));
}

#[test]
fn the_reason_for_a_delay_matches_the_schema() {
    let throttled =
        WORLD.replace("then = \"refuse\"\ntext = \"not-authorized\"", "then = \"throttle\"\nfirst = 1");
    let slow = "pace = { link = \"1ms\", unlink = \"1ms\", leave = \"1ms\", jitter = 0 }\n\
                  read_back = [\"10ms\", \"40ms\"]\nthrottle_pause = { first = \"800ms\", most = \"1s\" }\n";
    let sandbox = CliSandbox::with(&throttled, slow);
    let ended = sandbox.expect(0, &["link", "Parking", "--to", "Harbor Clinics", "--yes", "--json"]);
    holds(&validator(include_str!("../../../docs/json/event.schema.json")), &ended);
    let events = ended.events();
    let paused = events.iter().find(|event| event["event"] == "operation_paused").unwrap();
    assert_eq!(paused["reason"]["code"], "throttled");
    assert!(paused["until"].is_string(), "{paused}");
    assert!(events.iter().any(|event| event["event"] == "operation_resumed"));
}

#[test]
fn the_end_of_an_item_has_its_documented_form() {
    let sandbox = CliSandbox::new();
    let ended = sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "--yes", "--json"]);
    let line = ended.stdout.lines().find(|line| line.contains("\"item_finished\"")).unwrap();
    let event: Value = serde_json::from_str(line).unwrap();
    let (time, group) = (event["time"].as_str().unwrap(), event["group"].as_str().unwrap());
    let expected = format!(
        "{{\"v\":1,\"event\":\"item_finished\",\"time\":\"{time}\",\"operation\":1,\"verb\":\"link\",\
         \"group\":\"{group}\",\"community\":\"120363400000000001@g.us\",\"from\":null,\
         \"to\":\"120363400000000001@g.us\",\"outcome\":\"verified\",\"reason\":null,\"name\":\"Kitchen\",\
         \"community_name\":\"Harbor Clinics\",\"from_name\":null,\"to_name\":\"Harbor Clinics\"}}"
    );
    assert_eq!(line, expected);
}

#[test]
fn a_strangers_name_controls_no_terminal() {
    let hostile = WORLD.replace("\"Kitchen\"", "\"Kit\\u001b[31m\\u202echen\\u009b\", \"=1+1\"");
    let sandbox = CliSandbox::with(&hostile, "");
    for arguments in [&["list", "groups"][..], &["list", "groups", "--json"]] {
        let ended = sandbox.expect(0, arguments);
        let is_wrong = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!ended.stdout.contains(is_wrong), "{:?}", ended.stdout);
    }
    let listed = sandbox.expect(0, &["list", "groups", "--json"]).events();
    assert!(listed.iter().any(|group| group["name"] == "Kit\u{1b}[31m\u{202e}chen\u{9b}"));
}

#[test]
fn every_item_has_the_names_beside_the_ids() {
    let sandbox = CliSandbox::new();
    let moved =
        sandbox.expect(0, &["move", "Class 1A", "--to", "Harbor Clinics", "--yes", "--json"]).events();
    let (north, harbor) = (Value::from("North Schools"), Value::from("Harbor Clinics"));
    let row = &moved[0]["groups"][0];
    assert_eq!((&moved[0]["community_name"], &row["name"]), (&harbor, &"Class 1A".into()), "{row}");
    assert_eq!((&row["from_name"], &row["to_name"]), (&north, &harbor), "{row}");
    let shown = sandbox.expect(0, &["operations", "show", "1", "--json"]).events();
    let exported = sandbox.expect(0, &["operations", "export", "1", "--format", "json"]).events();
    assert_eq!(shown, exported);
    let events: Vec<&Value> = moved.iter().chain(&shown).collect();
    let of = |kind: &str| events.iter().filter(|event| event["event"] == kind).copied().collect::<Vec<_>>();
    for kind in ["item_finished", "item"] {
        let [item] = of(kind)[..] else { panic!("{events:?}") };
        assert_eq!((&item["name"], &item["community_name"]), (&"Class 1A".into(), &harbor), "{item}");
        assert_eq!((&item["from_name"], &item["to_name"]), (&north, &harbor), "{item}");
    }
    let states = of("item_state");
    assert!(states.iter().all(|state| state["name"] == "Class 1A"), "{states:?}");
    assert!(states.iter().any(|state| state["community_name"] == north), "{states:?}");
    for kind in ["operation_started", "operation_ended", "operation"] {
        assert!(of(kind).iter().all(|event| event["community_name"] == harbor), "{kind}");
    }
    let listed = sandbox.expect(0, &["list", "groups", "--json"]).events();
    let class = listed.iter().find(|group| group["name"] == "Class 1B").unwrap();
    assert_eq!(class["community_name"], north, "{class}");
    let again =
        sandbox.expect(0, &["move", "Class 1A", "--to", "Harbor Clinics", "--yes", "--json"]).events();
    let item = again.iter().find(|event| event["event"] == "item_finished").unwrap();
    assert_eq!((&item["name"], &item["to_name"]), (&"Class 1A".into(), &Value::Null), "{item}");
    assert_eq!(item["community_name"], harbor, "{item}");
}
