//! What scripts do every day: short options, defaults from the environment, and repetitions that are no failures.

use super::sandbox::CliSandbox;

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
