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
