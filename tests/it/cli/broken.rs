//! A broken entry of the configuration never stops the other instances.

use rstest::rstest;

use super::sandbox::{CliSandbox, Ended, is_sentence};
use crate::support::{pty::Setup, worlds::WORLD};

const OWN: &str = "[[instance]]\nname = \"ops\"\ngateway = \"ryzeapi\"\ntoken = \"canary-token-5511\"\n";

/// A world with the odd instances on one gateway and the even ones on the other.
fn world(count: usize) -> String {
    let instance = |at: usize| {
        let gateway = if at.is_multiple_of(2) {
            "gateway = \"zapi\"\nid = \"canary-id-"
        } else {
            "gateway = \"ryzeapi\"\n# \""
        };
        format!("[[instance]]\nname = \"n{at:02}\"\n{gateway}{at:02}\"\ntoken = \"canary-token-{at:02}\"\n\n")
    };
    assert!(WORLD.contains(OWN));
    WORLD.replace(OWN, &(1..=count).map(instance).collect::<String>())
}

fn named(at: usize) -> String {
    format!("n{at:02}")
}

/// Replaces a text that the configuration has.
fn with(config: &str, from: &str, to: &str) -> String {
    assert!(config.contains(from), "{from} in {config}");
    config.replacen(from, to, 1)
}

/// The configuration with another token for an instance.
fn with_token(config: &str, at: usize, source: &str) -> String {
    with(config, &format!("token = \"canary-token-{at:02}\""), &format!("token = {source}"))
}

fn communities(sandbox: &CliSandbox, at: usize) -> Ended {
    sandbox.run(&["list", "communities", "--instance", &named(at)])
}

#[test]
fn of_ten_instances_seven_work_and_three_say_what_to_do_until_they_are_fixed() {
    let sandbox = CliSandbox::with_instances(&world(10), "", 10);
    let sound = sandbox.read("config.toml");
    let address = sound.lines().find(|line| line.starts_with("base_url")).unwrap().to_owned();
    let mut config = with_token(&sound, 2, "{ env = \"SYNOD_TEST_UNSET\" }");
    config = with_token(&config, 9, "{ file = \"none.token\" }");
    let place = config.find("name = \"n05\"").unwrap();
    config.replace_range(place.., &with(&config[place..], &address, "base_url = \"https://ana:pw@host\""));
    sandbox.write("config.toml", &config);
    let broken =
        [(2, "Set it with `export`"), (5, "user name or a password"), (9, "none.token cannot be read")];
    for at in 1..=10 {
        let ended = communities(&sandbox, at);
        match broken.iter().find(|(broken, _)| *broken == at) {
            Some((_, advice)) => {
                assert_eq!(ended.code, Some(2), "{ended:?}");
                assert!(is_sentence(&ended.stderr) && ended.stderr.contains(advice), "{ended:?}");
                assert!(ended.stderr.contains(&format!("“{}”", named(at))), "{ended:?}");
            }
            None => assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}"),
        }
    }
    // A command about all instances reports them and goes on.
    sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "--instance", "n01", "--yes"]);
    let all = sandbox.expect(0, &["operations"]);
    assert!(all.stdout.contains("#1 link 1 group to Harbor Clinics"), "{all:?}");
    assert!(broken.iter().all(|(_, advice)| all.stderr.contains(advice)), "{all:?}");
    let events = sandbox.expect(0, &["operations", "--json"]).events();
    let names: Vec<&str> = events.iter().filter_map(|event| event["instance"].as_str()).collect();
    assert_eq!(names, ["n02", "n05", "n09", "n01"]);
    assert_eq!(events[0]["event"], "instance_broken");
    let schema = include_str!("../../../docs/json/event.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let listed = sandbox.expect(0, &["list", "instances", "--json"]).events();
    assert!(events.iter().chain(&listed).all(|event| schema.is_valid(event)), "{events:?} {listed:?}");
    let marked: Vec<&str> = listed
        .iter()
        .filter(|event| !event["broken"].is_null())
        .map(|event| event["instance"].as_str().unwrap())
        .collect();
    assert_eq!((listed.len(), marked), (10, vec!["n02", "n05", "n09"]));
    let list = sandbox.expect(0, &["list", "instances"]);
    assert_eq!(list.stdout.matches("✗ broken").count(), 3, "{list:?}");
    let checked = sandbox.expect(1, &["doctor", "--json"]).events();
    let faults: Vec<&str> = checked
        .iter()
        .filter(|finding| finding["level"] == "fault")
        .map(|finding| finding["instance"].as_str().unwrap())
        .collect();
    assert_eq!(faults, ["n02", "n05", "n09"]);
    let well =
        checked.iter().filter(|finding| finding["subject"] == "connection" && finding["level"] == "ok");
    assert_eq!(well.count(), 7);
    sandbox.write("config.toml", &sound);
    (1..=10).for_each(|at| assert_eq!(communities(&sandbox, at).code, Some(0)));
    sandbox.expect(0, &["doctor"]);
    assert!(!sandbox.expect(0, &["list", "instances"]).stdout.contains('✗'));
}

#[rstest]
#[case::missing_variable("token = { env = \"SYNOD_TEST_UNSET\" }", "SYNOD_TEST_UNSET is not set")]
#[case::failing_command("token = { command = [\"false\"] }", "false failed")]
#[case::writable_file("token = { file = \"open.token\" }", "chmod go-w")]
#[case::folder("token = { file = \".\" }", "is not a file")]
#[case::blank("token = { command = [\"echo\", \"a b\"] }", "white space")]
#[case::ca_file("token = \"canary\"\nca_file = \"none.pem\"", "Check ca_file")]
#[case::community("token = \"canary\"\ncommunities = [\"5\"]", "For example: communities")]
#[case::key("token = \"canary\"\npaces = 1", "unknown in [[instance]]")]
#[case::settings("token = \"canary\"\noperations = { subgroup_limit = 0 }", "from 1 to 10000")]
fn each_kind_of_fault_breaks_only_its_own_instance(#[case] lines: &str, #[case] advice: &str) {
    let sandbox = CliSandbox::new();
    sandbox.write("open.token", "canary");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o602);
    std::fs::set_permissions(sandbox.path("open.token"), mode).unwrap();
    let config = sandbox.read("config.toml");
    let bad = format!("\n[[instance]]\nname = \"bad\"\ngateway = \"ryzeapi\"\ninstance = \"bad\"\n{lines}\n");
    sandbox.write("config.toml", &(config + &bad));
    sandbox.expect(0, &["list", "communities", "--instance", "ops"]);
    for arguments in [&["list", "groups", "--instance", "bad"][..], &["operations", "--instance", "bad"]] {
        let ended = sandbox.expect(2, arguments);
        assert!(is_sentence(&ended.stderr) && ended.stderr.contains(advice), "{ended:?}");
        assert!(!ended.stderr.contains("canary"), "{ended:?}");
    }
    let error = sandbox.expect(2, &["list", "groups", "--instance", "bad", "--json"]).events();
    assert_eq!((&error[0]["event"], &error[0]["code"]), (&"error".into(), &"usage".into()));
    assert!(sandbox.expect(0, &["operations"]).stderr.contains(advice));
    // Without a name, the command does not fall back to the instance that works.
    let unnamed = sandbox.expect(2, &["list", "groups"]);
    assert!(unnamed.stderr.contains("\"ops\", \"bad\""), "{unnamed:?}");
    let state = sandbox.expect(0, &["list", "state", "--instance", "ops"]).stdout;
    sandbox.write("bad.toml", &state.replace("\"ops\"", "\"bad\""));
    let applied = sandbox.expect(2, &["apply", "bad.toml", "--dry-run"]);
    assert!(applied.stderr.contains(advice), "{applied:?}");
    sandbox.write("none.toml", &state.replace("instance = \"ops\"\n", ""));
    sandbox.expect(2, &["diff", "none.toml"]);
}

#[test]
fn the_only_instance_fails_with_its_own_message() {
    let sandbox = CliSandbox::new();
    let config = sandbox.read("config.toml");
    let broken = with(&config, "\"canary-token-5511\"", "{ env = \"SYNOD_TEST_UNSET\" }");
    sandbox.write("config.toml", &broken);
    for arguments in [&["list", "groups"][..], &["operations"], &["link", "Kitchen", "--to", "x", "--yes"]] {
        let ended = sandbox.expect(2, arguments);
        assert!(ended.stderr.contains("SYNOD_TEST_UNSET is not set"), "{ended:?}");
    }
    // A file that is not TOML is the one thing that stops everything.
    sandbox.write("config.toml", &(config + "\n= 1\n"));
    assert!(sandbox.expect(2, &["list", "instances"]).stderr.contains("is not valid TOML"));
}

#[test]
fn two_entries_for_one_instance_are_both_refused_with_both_lines() {
    let sandbox = CliSandbox::with_instances(&world(4), "", 4);
    let config = sandbox.read("config.toml");
    let line = |text: &str, name: &str| {
        let at = text.find(&format!("name = {name:?}")).unwrap();
        text[..at].matches('\n').count()
    };
    // The same secret name on Z-API, once in the file and once from a variable; and one name twice.
    let port = config.split_once("\"http://127.0.0.1:").unwrap().1.split_once('"').unwrap().0;
    let twin = format!(
        "\n[[instance]]\nname = \"twin\"\ngateway = \"zapi\"\nbase_url = \"http://localhost:{port}/\"\n\
         instance = {{ env = \"TWIN\" }}\ntoken = \"canary-other\"\n"
    );
    let config = with(&(config + &twin), "name = \"n03\"", "name = \"N01\"");
    sandbox.write("config.toml", &config);
    let lines =
        [("n02", "twin"), ("n01", "N01")].map(|(one, other)| (line(&config, one), line(&config, other)));
    let pairs = [("n02", "twin", lines[0]), ("n01", "N01", lines[1])];
    let twin = [("TWIN", "canary-id-02")];
    for (one, other, lines) in pairs {
        for (name, other_line) in [(one, lines.1), (other, lines.0)] {
            let ended = sandbox.run_in(&["list", "groups", "--instance", name], &twin);
            assert_eq!(ended.code, Some(2), "{ended:?}");
            assert!(ended.stderr.contains(&format!("line {other_line} ")), "{other_line}: {ended:?}");
        }
    }
    let works = sandbox.run_in(&["list", "groups", "--instance", "n04"], &twin);
    assert_eq!(works.code, Some(0), "{works:?}");
    let all = sandbox.run_in(&["operations"], &twin);
    assert_eq!((all.code, all.stderr.matches("Left out: ").count()), (Some(0), 4), "{all:?}");
    assert!(!all.stderr.contains("canary"), "{all:?}");
}

fn screen(sandbox: &CliSandbox) -> Setup {
    let arguments = ["--config", "config.toml", "--state-dir", "state"].map(|word| {
        if word.starts_with("--") { word.to_owned() } else { sandbox.path(word).display().to_string() }
    });
    Setup::program(arguments.to_vec())
}

#[test]
fn the_screen_shows_a_broken_instance_beside_those_that_work() {
    let sandbox = CliSandbox::with_instances(&world(2), "", 2);
    let config = sandbox.read("config.toml");
    sandbox.write("config.toml", &with_token(&config, 2, "{ env = \"SYNOD_TEST_UNSET\" }"));
    let Some(mut pty) = screen(&sandbox).start() else { return };
    pty.until_text("Harbor Clinics");
    pty.until_text("✗ 1 broken");
    pty.types("I");
    pty.until_text("n01 (shown)");
    pty.send("\x1b[B");
    pty.until_text("SYNOD_TEST_UNSET is not set");
    pty.until_text("The other instances are not affected");
    pty.types("\r");
    pty.until_text("This instance is broken");
    pty.types("qq");
    assert_eq!(pty.exit_code(), 0);
    pty.assert_given_back();
}

#[test]
fn the_screen_starts_although_every_instance_is_broken() {
    let sandbox = CliSandbox::new();
    let config = sandbox.read("config.toml");
    sandbox.write("config.toml", &with(&config, "\"canary-token-5511\"", "{ env = \"SYNOD_TEST_UNSET\" }"));
    let Some(mut pty) = screen(&sandbox).start() else { return };
    pty.until_text("SYNOD_TEST_UNSET is not set");
    pty.until_text("✗ 1 broken");
    pty.types("qq");
    assert_eq!(pty.exit_code(), 0);
    pty.assert_given_back();
}

#[test]
fn a_name_given_in_another_spelling_means_the_entry_that_is_most_like_it() {
    let sandbox = CliSandbox::with_instances(&world(3), "", 3);
    let config = sandbox.read("config.toml");
    let config = with(&config, "name = \"n01\"", "name = \"Jos\u{e9}\"");
    let config = with(&config, "name = \"n02\"", "name = \"Jose\"");
    sandbox.write("config.toml", &config);
    let key = |name: &str| {
        let listed = sandbox.expect(0, &["list", "instances", "--json", "--instance", name]).events();
        listed[0]["instance"].as_str().unwrap().to_owned()
    };
    for (given, meant) in [
        ("Jos\u{e9}", "Jos\u{e9}"),
        ("JOS\u{c9}", "Jos\u{e9}"),
        ("Jose\u{301}", "Jos\u{e9}"),
        ("Jose", "Jose"),
        ("JOSE", "Jose"),
        ("jose", "Jose"),
    ] {
        assert_eq!(key(given), meant, "{given}");
    }
    sandbox.write("config.toml", &with(&config, "name = \"Jose\"", "name = \"Jos\u{e8}\""));
    let error = sandbox.expect(2, &["list", "groups", "--instance", "jose", "--json"]).events();
    assert_eq!((&error[0]["event"], &error[0]["code"]), (&"error".into(), &"ambiguous_name".into()));
    let message = error[0]["message"].as_str().unwrap();
    assert!(message.contains("\"Jos\u{e9}\", \"Jos\u{e8}\""), "{message}");
}

#[test]
fn a_finding_of_the_check_up_is_one_line() {
    let sandbox = CliSandbox::with_instances(&world(2), "", 2);
    let config = sandbox.read("config.toml");
    let config = with_token(&config, 1, "{ env = \"SYNOD_TEST_UNSET\" }");
    sandbox.write("config.toml", &with(&config, "gateway = \"zapi\"", "gateway = \"none\""));
    let doctor = sandbox.expect(1, &["doctor"]);
    let faults: Vec<&str> = doctor.stdout.lines().filter(|line| line.contains('✗')).collect();
    assert_eq!(faults.len(), 2, "{doctor:?}");
    assert!(faults[0].contains("Set it with `export`") && !faults[0].contains("configuration"), "{faults:?}");
    assert!(
        faults[1].contains("no such value") && faults[1].contains("run synod doctor again"),
        "{faults:?}"
    );
}
