//! Groups given by their invite links: Synod reads the link's group, and never shows or keeps the link.

use super::sandbox::{CliSandbox, QUICK, is_sentence};

const CODE: &str = "Kx7SecretCodeAbCdEfGh9";
const LINK: &str = "https://chat.whatsapp.com/Kx7SecretCodeAbCdEfGh9";

fn world(gateway: &str) -> String {
    super::sandbox::WORLD
        .replace("gateway = \"ryzeapi\"", gateway)
        .replace("\"Kitchen\"", &format!("{{ name = \"Kitchen\", code = \"{CODE}\" }}"))
}

/// Everything on disk after a command, and its output.
fn everywhere(sandbox: &CliSandbox) -> Vec<u8> {
    let state = std::fs::read_dir(sandbox.path("state")).unwrap().flatten();
    let files = state.filter(|entry| entry.path().is_file());
    files.flat_map(|entry| std::fs::read(entry.path()).unwrap()).collect()
}

#[test]
fn a_group_is_named_by_its_invite_link_or_code() {
    // Links that Synod keeps on purpose, for rejoining, are not a leak.
    let sandbox =
        CliSandbox::with(&world("gateway = \"ryzeapi\""), &format!("{QUICK}keep_invite_links = false\n"));
    let mut said = String::new();
    for name in [LINK, CODE] {
        let planned = sandbox.expect(0, &["leave", name, "--dry-run", "--json", "--plan", "plan.json"]);
        assert_eq!(planned.events()[0]["groups"][0]["name"], "Kitchen");
        said += &(planned.stdout + &planned.stderr + &sandbox.read("plan.json"));
    }
    let listed = sandbox.run_with(&["link", "--groups-from", "-", "--to", "Harbor Clinics", "--yes"], LINK);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let left = sandbox.expect(0, &["leave", LINK, "--yes", "--count", "1", "--log-level", "debug", "--json"]);
    said += &(listed.stdout + &listed.stderr + &left.stdout + &left.stderr);
    said += &sandbox.expect(0, &["operations", "show", "2", "--json"]).stdout;
    said += &String::from_utf8_lossy(&everywhere(&sandbox));
    assert!(said.contains("Kitchen") && !said.contains(CODE), "a link was shown or kept");
    // A number outside the group can still find out which group it is.
    let again = sandbox.expect(0, &["leave", LINK, "--yes", "--count", "0", "--json"]);
    assert_eq!(again.outcomes(), [("Kitchen".to_owned(), "already_so".to_owned())]);
}

/// Two groups are left, one after the other. Returns the codes of their links, and a function that says whether a state file contains them.
fn left_two() -> (CliSandbox, impl Fn(&CliSandbox, &str) -> bool) {
    let world = world("gateway = \"ryzeapi\"")
        .replace("\"Parking\",", "{ name = \"Parking\", code = \"Qm4OtherCodeZyXwVuTs2\" },");
    let sandbox = CliSandbox::with(&world, "");
    for name in ["Kitchen", "Parking"] {
        sandbox.expect(0, &["leave", name, "--yes", "--count", "1"]);
    }
    let holds =
        |sandbox: &CliSandbox, code: &str| String::from_utf8_lossy(&everywhere(sandbox)).contains(code);
    assert!(holds(&sandbox, CODE) && holds(&sandbox, "Qm4Other"), "links are kept");
    (sandbox, holds)
}

#[test]
fn links_go_with_their_operation_and_leave_nothing_in_the_files() {
    let (sandbox, holds) = left_two();
    // An operation that is kept keeps its links.
    sandbox.expect(0, &["operations", "prune", "--yes"]);
    assert!(holds(&sandbox, CODE) && holds(&sandbox, "Qm4Other"));
    let ended = sandbox.expect(0, &["operations", "prune", "--older-than", "0", "--yes"]);
    assert!(ended.stdout.contains("Removed 2 operations"), "{ended:?}");
    assert!(!holds(&sandbox, CODE) && !holds(&sandbox, "Qm4Other") && !holds(&sandbox, "Kitchen"));
    assert_eq!(
        sandbox.expect(0, &["operations", "forget-links", "--yes"]).stdout,
        "No invite link is kept.\n"
    );
}

#[test]
fn links_can_be_forgotten_and_the_history_stays() {
    let (sandbox, holds) = left_two();
    sandbox.expect(2, &["operations", "forget-links"]);
    assert!(holds(&sandbox, CODE), "nobody was asked");
    let json = sandbox.expect(0, &["operations", "forget-links", "--instance", "ops", "--yes", "--json"]);
    assert_eq!(json.events()[0]["removed"], 2, "{json:?}");
    assert!(!holds(&sandbox, CODE) && !holds(&sandbox, "Qm4Other") && holds(&sandbox, "Kitchen"));
    assert!(sandbox.expect(0, &["operations"]).stdout.contains("leave 1 group"));
    let again = sandbox.expect(2, &["operations", "rejoin", "1", "--yes"]);
    assert!(is_sentence(&again.stderr), "{again:?}");
    assert!(!sandbox.expect(0, &["list", "groups"]).stdout.contains("Kitchen"));
}

#[test]
fn a_link_that_leads_nowhere_is_reported_by_its_position() {
    let sandbox = CliSandbox::with(&world("gateway = \"ryzeapi\""), "");
    for name in
        [LINK.replace("Kx7", "Kx8"), CODE.replace("Kx7", "Kx8"), "https://chat.whatsapp.com/".to_owned()]
    {
        let ended = sandbox.expect(2, &["link", "Parking", &name, "--to", "Harbor Clinics", "--yes"]);
        assert!(is_sentence(&ended.stderr) && ended.stderr.contains("Entry 2"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("Secret") && !ended.stderr.contains("chat."), "{}", ended.stderr);
    }
    let ended = sandbox.expect(2, &["link", "Parking", "--to", LINK, "--yes"]);
    assert!(is_sentence(&ended.stderr) && !ended.stderr.contains("Secret"), "{}", ended.stderr);
}

#[test]
fn a_gateway_that_cannot_resolve_links_says_so() {
    let sandbox = CliSandbox::with(&world("gateway = \"zapi\""), "");
    for name in [LINK, CODE] {
        let ended = sandbox.expect(2, &["leave", name, "--yes", "--count", "1"]);
        assert!(
            is_sentence(&ended.stderr) && ended.stderr.contains("this gateway cannot"),
            "{}",
            ended.stderr
        );
        assert!(!ended.stderr.contains("Secret"), "{}", ended.stderr);
    }
}
