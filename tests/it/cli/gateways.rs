//! The gateways that people run themselves, from the command line: the real program over a real socket.

use super::sandbox::{CliSandbox, WORLD};

const RYZEAPI: &str = "gateway = \"ryzeapi\"";
const OWN: [&str; 4] = ["wsapi", "whatsmiau", "evolution", "uazapi"];

fn sandbox(gateway: &str) -> CliSandbox {
    assert!(WORLD.contains(RYZEAPI));
    CliSandbox::with(&WORLD.replace(RYZEAPI, &format!("gateway = {gateway:?}")), "")
}

#[test]
fn each_links_unlinks_and_leaves_as_far_as_it_has_the_calls() {
    for gateway in OWN {
        let sandbox = sandbox(gateway);
        if gateway != "evolution" {
            sandbox.expect(0, &["link", "Kitchen", "--to", "Harbor Clinics", "--yes"]);
            assert!(sandbox.members("Harbor Clinics").contains(&"Kitchen".to_owned()), "{gateway}");
            sandbox.expect(0, &["move", "Kitchen", "--to", "North Schools", "--yes"]);
            sandbox.expect(0, &["unlink", "Kitchen", "--yes"]);
            let refused = sandbox.expect(4, &["link", "Parking", "--to", "Harbor Clinics", "--yes"]);
            assert!(refused.stdout.contains("refused"), "{gateway}: {}", refused.stdout);
        }
        sandbox.expect(0, &["leave", "Kitchen", "--yes", "--count", "1"]);
        let listed = sandbox.expect(0, &["list", "groups"]);
        assert!(!listed.stdout.contains("Kitchen") && listed.stdout.contains("Parking"), "{gateway}");
        let doctor = sandbox.expect(0, &["doctor"]);
        assert!(
            doctor.stdout.contains("connected") && !doctor.stdout.contains("canary"),
            "{}",
            doctor.stdout
        );
    }
}

#[test]
fn what_may_be_a_community_is_left_only_by_an_operator() {
    let world = WORLD.replace(RYZEAPI, "gateway = \"uazapi\"");
    let sandbox = CliSandbox::with(&format!("{world}\n[uazapi]\nomits_kind = true\n"), "");
    let ended = sandbox.expect(4, &["leave", "Kitchen", "--yes", "--count", "0"]);
    let said = "the gateway does not say whether it is a community";
    assert!(ended.stdout.contains(said), "{}{}", ended.stdout, ended.stderr);
    assert!(sandbox.expect(0, &["list", "groups"]).stdout.contains("Kitchen"));
}

#[test]
fn a_community_is_not_left_as_a_group_and_no_pane_is_named() {
    for gateway in OWN {
        let sandbox = sandbox(gateway);
        let id = "120363400000000001@g.us";
        let ended = sandbox.expect(3, &["leave", id, "--dry-run"]);
        assert!(ended.stdout.contains("this gateway cannot leave a community"), "{}", ended.stdout);
        assert!(!ended.stdout.contains("pane"), "{}", ended.stdout);
    }
    let ryzeapi = CliSandbox::with(WORLD, "");
    let id = "120363400000000001@g.us";
    let ended = ryzeapi.expect(3, &["leave", id, "--dry-run"]);
    assert!(ended.stdout.contains("this is a community, not a group"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("pane"), "{}", ended.stdout);
}

#[test]
fn the_pace_of_synod_is_not_told_as_the_gateways_quota() {
    let doctor = sandbox("uazapi").expect(0, &["doctor"]).stdout;
    let line = doctor.lines().find(|line| line.contains("per minute")).unwrap_or(&doctor);
    assert!(line.contains("the gateway does not say how many are left"), "{doctor}");
    assert!(line.contains("100 per minute") && !doctor.contains("/100"), "{doctor}");
}

#[test]
fn a_server_for_several_instances_asks_for_the_instance() {
    let sandbox = sandbox("wsapi");
    let config = sandbox.read("config.toml");
    let without: String =
        config.split_inclusive('\n').filter(|line| !line.starts_with("instance = ")).collect();
    assert_ne!(without, config);
    sandbox.write("config.toml", &without);
    let ended = sandbox.expect(1, &["list", "groups"]);
    assert!(ended.stderr.contains("Add the line `instance`"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("case-sensitive"), "{}", ended.stderr);
}

#[test]
fn the_help_says_where_invite_links_name_groups() {
    let help = CliSandbox::alone().expect(0, &["leave", "--help"]).stdout;
    assert!(help.contains("except on Z-API, invite link or code"), "{help}");
}

#[test]
fn evolution_says_that_it_has_no_such_call() {
    let sandbox = sandbox("evolution");
    for (arguments, words) in [
        (
            &["link", "Kitchen", "--to", "Harbor Clinics", "--yes"][..],
            "Evolution API has no call to link groups.",
        ),
        (&["unlink", "Reception", "--yes"], "Evolution API has no call to unlink groups."),
        (
            &["move", "Reception", "--to", "North Schools", "--yes"],
            "Evolution API has no calls to move groups.",
        ),
    ] {
        let ended = sandbox.expect(2, arguments);
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
    assert_eq!(sandbox.expect(0, &["operations"]).stdout, "", "nothing was begun");
}

#[test]
fn an_entry_needs_the_keys_of_its_gateway() {
    let sandbox = CliSandbox::alone();
    let entry = |lines: &str| format!("[[instance]]\nname = \"quay\"\ntoken = \"canary-5511\"\n{lines}\n");
    for (lines, words) in [
        ("gateway = \"wsapi\"", "base_url"),
        ("gateway = \"evolution\"\nbase_url = \"https://evolution.example\"", "instance = \"harbor\""),
        (
            "gateway = \"uazapi\"\nbase_url = \"https://free.uazapi.com\"\ninstance = \"quay\"",
            "uazapi does not take `instance`",
        ),
        ("gateway = \"wsapi\"\nbase_url = \"http://wsapi.example\"", "insecure_http = true"),
        (
            "gateway = \"wsapi\"\nbase_url = \"http://wsapi.example\"\ninsecure_http = 1",
            "insecure_http = true",
        ),
    ] {
        sandbox.write("config.toml", &entry(lines));
        let ended = sandbox.expect(2, &["list", "groups"]);
        assert!(
            ended.stderr.contains(words) && !ended.stderr.contains("canary"),
            "{lines}: {}",
            ended.stderr
        );
    }
}

#[test]
fn init_asks_for_what_the_gateway_takes() {
    for gateway in OWN {
        let sandbox = sandbox(gateway);
        let config = sandbox.read("config.toml");
        let address = config.split_once("base_url = \"").unwrap().1.split_once('"').unwrap().0.to_owned();
        std::fs::remove_file(sandbox.path("config.toml")).unwrap();
        sandbox.write("key", "canary-token-5511");
        let mut arguments = vec!["init", "--gateway", gateway, "--token-file", "key", "--name", "quay"];
        let missing = sandbox.expect(2, &arguments);
        assert!(missing.stderr.contains("--base-url"), "{}", missing.stderr);
        arguments.extend(["--base-url", &address]);
        if gateway == "uazapi" {
            let named = [&arguments[..], &["--instance", "ops"]].concat();
            let refused = sandbox.expect(2, &named);
            assert!(refused.stderr.contains("uazapi does not take `instance`"), "{}", refused.stderr);
        } else {
            arguments.extend(["--instance", "ops"]);
        }
        sandbox.expect(0, &arguments);
        let listed = sandbox.expect(0, &["list", "groups"]);
        assert!(listed.stdout.contains("Kitchen"), "{gateway}: {}", listed.stdout);
    }
}
