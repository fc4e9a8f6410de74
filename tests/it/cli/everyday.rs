//! What scripts do every day: short options, defaults from the environment, and repetitions that are no failures.

use super::sandbox::{CliSandbox, is_sentence};

#[test]
fn a_short_option_confirms() {
    let sandbox = CliSandbox::new();
    sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "-y"]);
    sandbox.expect(0, &["operations", "prune", "--older-than", "0", "-y"]);
}

#[test]
fn the_environment_names_the_instance() {
    let sandbox = CliSandbox::new();
    let config = sandbox.read("config.toml");
    let instance = &config[config.find("[[instance]]").unwrap()..];
    sandbox.write("config.toml", &format!("{config}\n{}", instance.replace("\"ops\"", "\"spare\"")));
    let list = ["list", "groups"];
    assert!(sandbox.expect(2, &list).stderr.contains("--instance"));
    let named =
        |name: &str, more: &[&str]| sandbox.run_in(&[&list[..], more].concat(), &[("SYNOD_INSTANCE", name)]);
    assert_eq!(named("ops", &[]).code, Some(0));
    assert_eq!(named("other", &[]).code, Some(2));
    assert_eq!(named("other", &["--instance", "ops"]).code, Some(0));
    let shown = sandbox.run_in(&["operations", "show", "9"], &[("SYNOD_INSTANCE", "ops")]);
    assert_eq!(shown.code, Some(2));
    let help = sandbox.run_in(&["link", "--help"], &[("SYNOD_INSTANCE", "canary")]);
    assert!(help.stdout.contains("SYNOD_INSTANCE") && !help.stdout.contains("canary"), "{}", help.stdout);
}

#[test]
fn operations_without_a_command_are_listed_as_json_too() {
    let sandbox = CliSandbox::new();
    sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "-y"]);
    sandbox.expect(0, &["unlink", "Kitchen", "-y"]);
    let listed = sandbox.expect(0, &["operations", "--json"]);
    assert_eq!(listed.events().len(), 2);
    assert_eq!(sandbox.expect(0, &["operations", "list", "--json"]).stdout, listed.stdout);
    assert_eq!(sandbox.expect(0, &["operations", "--json", "--newest", "1"]).events().len(), 1);
    let shown = sandbox.expect(0, &["operations", "show", "1", "--json"]).events();
    assert_eq!((&shown[0]["event"], &shown[1]["event"]), (&"operation".into(), &"item".into()));
}

#[test]
fn an_empty_list_is_no_failure_and_is_reported() {
    let sandbox = CliSandbox::new();
    sandbox.write("comments.txt", "# nobody today\n\n");
    let link = ["link", "-", "--to", "Harbor Clinics", "-y"];
    for (arguments, input) in [
        (&link[..], ""),
        (&link, "\n# nobody\n"),
        (&["link", "--groups-from", "comments.txt", "--to", "Harbor Clinics", "-y"], ""),
        (&["leave", "-", "-y", "--count", "0"], ""),
    ] {
        let ended = sandbox.run_with(arguments, input);
        assert!(ended.code == Some(0) && ended.stderr.contains("The list names no groups"), "{ended:?}");
    }
    // A list of something else, or the report that a list failed, is no empty list.
    let failed = "{\"v\":1,\"event\":\"error\",\"code\":\"unreachable\",\"message\":\"gone\"}\n";
    let finding = "{\"v\":1,\"event\":\"finding\"}\n";
    for input in [failed, finding, "{}", "[{\"foo\": 1}]", "[]\n{}"] {
        let ended = sandbox.run_with(&link, input);
        assert_eq!(ended.code, Some(2), "{input} {ended:?}");
    }
    let end = sandbox.run_with(&[&link[..], &["--json"]].concat(), "").events().pop().unwrap();
    assert_eq!((&end["event"], &end["exit_code"]), (&"operation_ended".into(), &0.into()), "{end}");
    let plan = sandbox.run_with(&["link", "-", "--to", "Harbor Clinics", "--plan", "plan.json"], "");
    assert_eq!(plan.code, Some(0), "{plan:?}");
    sandbox.expect(0, &["apply", "plan.json", "-y"]);
    assert_eq!(sandbox.run_with(&["leave", "-", "-y", "--count", "1"], "").code, Some(2));
    sandbox.expect(2, &["link", "--to", "Harbor Clinics", "-y"]);
}

#[test]
fn a_plan_can_come_from_standard_input() {
    let sandbox = CliSandbox::new();
    let plan = sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "--plan", "-"]).stdout;
    assert_eq!(sandbox.run_with(&["apply", "-"], &plan).code, Some(2), "it cannot be confirmed there");
    assert_eq!(sandbox.run_with(&["apply", "-", "--dry-run"], &plan).code, Some(0));
    let applied = sandbox.run_with(&["apply", "-", "-y"], &plan);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    assert!(sandbox.members("Harbor Clinics").contains(&"Kitchen".to_owned()));
    assert_eq!(sandbox.run_with(&["apply", "-", "-y"], "").code, Some(2));
}

#[test]
fn a_quiet_command_prints_only_what_went_wrong() {
    let sandbox = CliSandbox::new();
    let link = ["link", "Kitchen", "--to", "Harbor Clinics", "-y", "-q"];
    for arguments in [
        &link[..],
        &link,
        &["operations", "retry", "-y", "-q"],
        &["operations", "prune", "--older-than", "0", "-y", "--quiet"],
        &["link", "twins", "--to", "Harbor Clinics", "--plan", "plan.json", "-q"],
    ] {
        let ended = sandbox.expect(0, arguments);
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""), "{arguments:?}");
    }
    let some = sandbox.expect(3, &["link", "Night nurses", "Parking", "--to", "Harbor Clinics", "-y", "-q"]);
    assert!(some.stdout.contains("Parking") && !some.stdout.contains("Night nurses"), "{some:?}");
    let none = sandbox.expect(4, &["link", "Class 1A", "--to", "Harbor Clinics", "-y", "-q"]);
    assert!(none.stdout.contains("in North Schools"), "{none:?}");
    let failed = sandbox.expect(2, &["link", "Nobody", "--to", "Harbor Clinics", "-y", "-q"]);
    assert!(is_sentence(&failed.stderr), "{failed:?}");
    let dry = sandbox.expect(0, &["link", "twins", "--to", "Harbor Clinics", "--dry-run", "-q"]);
    assert!(dry.stdout.contains("twins"), "the plan was asked for: {dry:?}");
    assert!(sandbox.expect(0, &["list", "groups", "-q"]).stdout.contains("Kitchen"));
    assert!(!sandbox.expect(0, &[&link[..], &["--json"]].concat()).events().is_empty());
}
