//! Groups named by their invite links: followed by a read, and never shown or kept.

use super::desk::{Desk, QUICK, is_sentence};

const CODE: &str = "Kx7SecretCodeAbCdEfGh9";
const LINK: &str = "https://chat.whatsapp.com/Kx7SecretCodeAbCdEfGh9";

fn world(gateway: &str) -> String {
    super::desk::WORLD
        .replace("gateway = \"ryzeapi\"", gateway)
        .replace("\"Kitchen\"", &format!("{{ name = \"Kitchen\", code = \"{CODE}\" }}"))
}

/// Everything that is on disk after a command, and what it said.
fn everywhere(desk: &Desk) -> Vec<u8> {
    let state = std::fs::read_dir(desk.path("state")).unwrap().flatten();
    let files = state.filter(|entry| entry.path().is_file());
    files.flat_map(|entry| std::fs::read(entry.path()).unwrap()).collect()
}

#[test]
fn a_group_is_named_by_its_invite_link_or_code() {
    // What is kept on purpose, to join again, is no leak.
    let desk = Desk::with(&world("gateway = \"ryzeapi\""), &format!("{QUICK}keep_invite_links = false\n"));
    let mut said = String::new();
    for name in [LINK, CODE] {
        let planned = desk.expect(0, &["leave", name, "--dry-run", "--json", "--plan", "plan.json"]);
        assert_eq!(planned.events()[0]["groups"][0]["name"], "Kitchen");
        said += &(planned.stdout + &planned.stderr + &desk.read("plan.json"));
    }
    let listed = desk.run_with(&["link", "--groups-from", "-", "--to", "Harbor Clinics", "--yes"], LINK);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let left = desk.expect(0, &["leave", LINK, "--yes", "--count", "1", "--log-level", "debug", "--json"]);
    said += &(listed.stdout + &listed.stderr + &left.stdout + &left.stderr);
    said += &desk.expect(0, &["operations", "show", "2", "--json"]).stdout;
    said += &String::from_utf8_lossy(&everywhere(&desk));
    assert!(said.contains("Kitchen") && !said.contains(CODE), "a link was shown or kept");
    // Whoever is out of the group can still be told which one it is.
    let again = desk.expect(0, &["leave", LINK, "--yes", "--count", "0", "--json"]);
    assert_eq!(again.outcomes(), [("Kitchen".to_owned(), "already_so".to_owned())]);
}

/// Two groups are left, one by one; the codes of their links, and whether a file of the state holds them.
fn left_two() -> (Desk, impl Fn(&Desk, &str) -> bool) {
    let world = world("gateway = \"ryzeapi\"")
        .replace("\"Parking\",", "{ name = \"Parking\", code = \"Qm4OtherCodeZyXwVuTs2\" },");
    let desk = Desk::with(&world, "");
    for name in ["Kitchen", "Parking"] {
        desk.expect(0, &["leave", name, "--yes", "--count", "1"]);
    }
    let holds = |desk: &Desk, code: &str| String::from_utf8_lossy(&everywhere(desk)).contains(code);
    assert!(holds(&desk, CODE) && holds(&desk, "Qm4Other"), "links are kept");
    (desk, holds)
}

#[test]
fn links_go_with_their_operation_and_leave_nothing_in_the_files() {
    let (desk, holds) = left_two();
    // An operation that is kept keeps its links.
    desk.expect(0, &["operations", "prune", "--yes"]);
    assert!(holds(&desk, CODE) && holds(&desk, "Qm4Other"));
    let ended = desk.expect(0, &["operations", "prune", "--older-than", "0", "--yes"]);
    assert!(ended.stdout.contains("Removed 2 operations"), "{ended:?}");
    assert!(!holds(&desk, CODE) && !holds(&desk, "Qm4Other") && !holds(&desk, "Kitchen"));
    assert_eq!(desk.expect(0, &["operations", "forget-links", "--yes"]).stdout, "No invite link is kept.\n");
}

#[test]
fn links_can_be_forgotten_and_what_was_done_is_still_told() {
    let (desk, holds) = left_two();
    desk.expect(2, &["operations", "forget-links"]);
    assert!(holds(&desk, CODE), "nobody was asked");
    let json = desk.expect(0, &["operations", "forget-links", "--instance", "ops", "--yes", "--json"]);
    assert_eq!(json.events()[0]["removed"], 2, "{json:?}");
    assert!(!holds(&desk, CODE) && !holds(&desk, "Qm4Other") && holds(&desk, "Kitchen"));
    assert!(desk.expect(0, &["operations"]).stdout.contains("leave 1 group"));
    let again = desk.expect(2, &["operations", "rejoin", "1", "--yes"]);
    assert!(is_sentence(&again.stderr), "{again:?}");
    assert!(!desk.expect(0, &["list", "groups"]).stdout.contains("Kitchen"));
}

#[test]
fn a_link_that_leads_nowhere_is_told_by_its_place() {
    let desk = Desk::with(&world("gateway = \"ryzeapi\""), "");
    for name in
        [LINK.replace("Kx7", "Kx8"), CODE.replace("Kx7", "Kx8"), "https://chat.whatsapp.com/".to_owned()]
    {
        let ended = desk.expect(2, &["link", "Parking", &name, "--to", "Harbor Clinics", "--yes"]);
        assert!(is_sentence(&ended.stderr) && ended.stderr.contains("umber 2"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("Secret") && !ended.stderr.contains("chat."), "{}", ended.stderr);
    }
    let ended = desk.expect(2, &["link", "Parking", "--to", LINK, "--yes"]);
    assert!(is_sentence(&ended.stderr) && !ended.stderr.contains("Secret"), "{}", ended.stderr);
}

#[test]
fn a_gateway_that_cannot_tell_says_so() {
    let desk = Desk::with(&world("gateway = \"zapi\""), "");
    for name in [LINK, CODE] {
        let ended = desk.expect(2, &["leave", name, "--yes", "--count", "1"]);
        assert!(
            is_sentence(&ended.stderr) && ended.stderr.contains("this gateway cannot"),
            "{}",
            ended.stderr
        );
        assert!(!ended.stderr.contains("Secret"), "{}", ended.stderr);
    }
}
