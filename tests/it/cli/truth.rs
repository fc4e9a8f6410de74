//! The conclusions of commands from lists that end early and from answers that prove nothing.

use rstest::rstest;
use synod::simulator::Kind;

use super::sandbox::CliSandbox;
use crate::support::{simulated::CLINICS, worlds::community};

const BEYOND: &str = "120363400000000777@g.us";

/// Eight groups and a list that ends early; `extra` contains further settings or faults.
fn world(cap: usize, extra: &str) -> String {
    format!(
        r#"seed = 3
[settings]
link_delay_ms = 0
listing_lag_ms = [0, 0]
[ryzeapi]
rate_limit = 100000
list_community_fields = true
list_cap = {cap}
not_a_community = "plain_words"
{extra}
[[instance]]
name = "ops"
token = "canary-token-5511"
{CLINICS}
[standalone]
groups = ["Kitchen", "Parking", {{ name = "Beyond the end", id = "120363400000000777" }}]
"#
    )
}

#[rstest]
#[case::at_six_of_eight(6)]
#[case::at_nearly_nothing(1)]
fn a_group_beyond_the_end_of_the_list_is_left_and_does_not_count_as_left(#[case] cap: usize) {
    let (sandbox, simulator) = CliSandbox::watching(&world(cap, ""));
    let ended = sandbox.expect(0, &["leave", BEYOND, "--yes", "--count", "1", "--json"]);
    let finished = ended.events().into_iter().find(|event| event["event"] == "item_finished").unwrap();
    assert_eq!(finished["outcome"], "verified", "{ended:?}");
    let truth = simulator.truth().instances.into_values().next().unwrap();
    assert!(!truth.is_in(BEYOND));
    // The second time nothing is sent: the group's details say that the number is not in it.
    let writes = || simulator.requests().iter().filter(|asked| asked.kind == Kind::Write).count();
    let before = writes();
    let ended = sandbox.expect(0, &["leave", BEYOND, "--yes", "--count", "0", "--json"]);
    assert_eq!(ended.events()[0]["groups"][0]["head"], "already_so", "{ended:?}");
    assert_eq!(writes(), before);
}

/// "Not found" says that a group was left only if the group existed. The journal says that it did.
#[test]
fn a_group_that_synod_left_counts_as_left_although_the_gateway_no_longer_knows_it() {
    let text = world(100_000, "").replace("[[instance]]", "[[instance]]\ngateway = \"zapi\"");
    let (sandbox, simulator) = CliSandbox::watching(&text);
    let group = "120363400000000777-group";
    let ended = sandbox.expect(0, &["leave", group, "--include-risky", "--yes", "--count", "1", "--json"]);
    assert!(ended.stdout.contains("\"verified\":1"), "{ended:?}");
    let truth = simulator.truth().instances.into_values().next().unwrap();
    assert!(!truth.is_in(BEYOND));
    let ended = sandbox.run(&["leave", group, "--yes", "--count", "0", "--json"]);
    assert_eq!(ended.events()[0]["groups"][0]["head"], "already_so", "{ended:?}");
    let ended = sandbox.run(&["leave", "120363400000000778-group", "--yes", "--count", "0", "--json"]);
    assert_eq!(ended.events()[0]["groups"][0]["head"], "blocked", "{ended:?}");
}

/// The ID of a community that nobody has named, given to `leave` like the ID of a group.
#[rstest]
#[case::timed_out(
    r#"status = 500
then = "error"
text = "info query timed out""#
)]
#[case::not_found(
    r#"status = 404
then = "error"
text = "item-not-found""#
)]
#[case::empty(r#"then = "empty_listing""#)]
fn an_unrecognised_community_given_by_its_id_is_never_left(#[case] fault: &str) {
    let extra = format!("list_parents = false\n[[fault]]\non = \"subgroups\"\n{fault}\n");
    let text =
        world(100_000, &extra).replace("list_community_fields = true", "list_community_fields = false");
    let (sandbox, simulator) = CliSandbox::watching(&text);
    let config = sandbox.read("config.toml");
    let unknown: Vec<&str> = config.lines().filter(|line| !line.starts_with("communities")).collect();
    sandbox.write("config.toml", &unknown.join("\n"));
    let ended = sandbox.run(&["leave", "120363400000000001@g.us", "--yes", "--count", "1", "--json"]);
    assert_ne!(ended.code, Some(0), "{ended:?}");
    let truth = simulator.truth().instances.into_values().next().unwrap();
    assert!(truth.member_of.contains("120363400000000001@g.us"), "{ended:?}");
    assert!(simulator.requests().iter().all(|asked| asked.kind != Kind::Write), "{ended:?}");
}

/// An operation moved a group, and somebody else has moved it on to a third community; no list names a group's community.
#[rstest]
#[case::ryzeapi("list_parents = false", "")]
#[case::zapi("", "gateway = \"zapi\"")]
fn an_undo_without_parent_fields_finds_the_group_in_the_third_community(
    #[case] setting: &str,
    #[case] gateway: &str,
) {
    let communities = [
        community("North Schools", "120363400000001001", &["Class 1A", "Class 2B"]),
        community("Choir", "120363400000002001", &["Altos", "Basses"]),
        "[standalone]".to_owned(),
    ];
    let text = world(100_000, setting)
        .replace("[standalone]", &communities.concat())
        .replace("token = ", &format!("{gateway}\ntoken = "));
    let (sandbox, simulator) = CliSandbox::watching(&text);
    sandbox.expect(0, &["move", "Reception", "--to", "North Schools", "--yes"]);
    // Somebody else, with another state directory.
    let elsewhere = sandbox.path("elsewhere");
    let elsewhere = ["--state-dir", elsewhere.to_str().unwrap()];
    sandbox.expect(0, &[&["move", "Reception", "--to", "Choir", "--yes"][..], &elsewhere].concat());
    let writes = || simulator.requests().iter().filter(|asked| asked.kind == Kind::Write).count();
    let before = writes();
    let ended = sandbox.run(&["operations", "undo", "1", "--yes", "--json"]);
    let row = &ended.events()[0]["groups"][0];
    assert_eq!((row["head"].as_str(), writes()), (Some("blocked"), before), "{ended:?}");
    let from = row["from"].as_str().unwrap_or_default();
    assert!(row["reasons"][0]["code"] == "moved_elsewhere" && from.contains("120363400000002001"), "{row}");
}

/// A listing that ends early lacks the group, and no list names a group's community.
#[test]
fn an_unlink_without_a_source_is_not_done_because_a_listing_ends_early() {
    let fault = "[[fault]]\non = \"subgroups\"\nthen = \"cut\"\nentries = 2\n";
    let text = world(100_000, fault).replace("token = ", "gateway = \"zapi\"\ntoken = ");
    let (sandbox, simulator) = CliSandbox::watching(&text);
    let ended = sandbox.run(&["unlink", "Lab results", "--yes", "--json"]);
    let row = &ended.events()[0]["groups"][0];
    assert_eq!((row["head"].as_str(), ended.code), (Some("blocked"), Some(4)), "{ended:?}");
    assert_eq!(row["reasons"][0]["code"], "place_unknown", "{row}");
    assert!(simulator.requests().iter().all(|asked| asked.kind != Kind::Write));
}

/// The gateway refuses a link because somebody else has just made it. The group is verified, but this operation cannot undo it.
#[test]
fn an_undo_does_not_touch_a_change_that_may_be_somebody_elses() {
    let fault = "[[fault]]\non = \"link\"\nnth = 1\nthen = \"linked_by_another\"\ngroup = \"Kitchen\"\nto = \"Harbor Clinics\"\n";
    let (sandbox, simulator) = CliSandbox::watching(&world(100_000, fault));
    let ended = sandbox.run(&["link", "Kitchen", "Parking", "--to", "Harbor Clinics", "--yes", "--json"]);
    assert!(ended.stdout.contains("\"verified\":2"), "{ended:?}");
    let ended = sandbox.run(&["operations", "undo", "1", "--yes", "--json"]);
    let rows = ended.events()[0]["groups"].as_array().unwrap().clone();
    let heads: Vec<_> = rows.iter().map(|row| (row["name"].clone(), row["head"].clone())).collect();
    assert_eq!(
        heads,
        [("Kitchen".into(), "risky".into()), ("Parking".into(), "will_do".into())],
        "{ended:?}"
    );
    let unlinked = simulator.requests().iter().filter(|asked| asked.kind == Kind::Write).count();
    assert_eq!(unlinked, 3, "two links and one unlink");
}

/// Two writers with the same plan to leave a community: one of them leaves it.
#[test]
fn a_community_that_another_synod_has_left_is_not_left_again() {
    let (sandbox, simulator) = CliSandbox::watching(&world(100_000, ""));
    let leave = ["leave", "--community", "Harbor Clinics", "--yes", "--count", "2"];
    let ended = sandbox.run(&leave);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let writes = || simulator.requests().iter().filter(|asked| asked.kind == Kind::Write).count();
    let before = writes();
    let ended = sandbox.run(&leave);
    assert!(ended.code == Some(0) && writes() == before, "{ended:?}");
}

#[test]
fn an_operation_is_checked_again_and_nothing_is_sent() {
    let lie = "[[fault]]\non = \"link\"\ngroup = \"Kitchen\"\nthen = \"lie\"\nfirst = 1\n";
    let (sandbox, simulator) = CliSandbox::watching(&world(100_000, lie));
    sandbox.expect(3, &["link", "Kitchen", "Parking", "--to", "Harbor Clinics", "--yes"]);
    let writes = || simulator.requests().iter().filter(|asked| asked.kind == Kind::Write).count();
    let before = writes();
    let ended = sandbox.expect(3, &["operations", "look", "1"]);
    assert!(ended.stdout.contains("contradicted"), "{ended:?}");
    // Somebody links it by hand, with another state directory.
    let elsewhere = sandbox.path("elsewhere");
    let elsewhere = ["--state-dir", elsewhere.to_str().unwrap()];
    sandbox.expect(0, &[&["link", "Kitchen", "--to", "Harbor Clinics", "--yes"][..], &elsewhere].concat());
    assert_eq!(writes(), before + 1);
    let ended = sandbox.expect(0, &["operations", "look", "1"]);
    assert!(ended.stdout.contains("verified") && !ended.stdout.contains("contradicted"), "{ended:?}");
    assert_eq!(writes(), before + 1, "checking sends nothing");
    let ended = sandbox.expect(0, &["operations", "look", "1"]);
    assert!(ended.stderr.contains("Every group of operation #1 already has a final result"), "{ended:?}");
    sandbox.expect(2, &["operations", "look", "7"]);
}
