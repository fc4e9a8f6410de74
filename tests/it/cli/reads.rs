//! The number of reads before a change: no more than names and plans need.

use rstest::rstest;
use synod::simulator::{Kind, Simulator};

use super::sandbox::CliSandbox;

/// Twelve communities of two groups each, and a few groups in none. The list of groups names no community.
fn world() -> String {
    let mut world = "seed = 5\n\n[settings]\nlink_delay_ms = 0\nlisting_lag_ms = [0, 0]\n\n[ryzeapi]\n\
         rate_limit = 100000\n\n[[instance]]\nname = \"ops\"\ngateway = \"ryzeapi\"\ntoken = \"canary\"\n\n\
         [standalone]\ngroups = [\"Kitchen\", \"Night nurses\", \"Parking\"]\n"
        .to_owned();
    for at in 1..=12 {
        let community = format!(
            "\n[[community]]\nname = \"House {at}\"\nid = \"1203634000000{at:02}000\"\n\
             groups = [\"Attic {at}\", \"Cellar {at}\"]\n"
        );
        world.push_str(&community);
    }
    world
}

/// Runs a command, and returns its number of requests of each kind, without writes.
fn reads(sandbox: &CliSandbox, simulator: &Simulator, arguments: &[&str]) -> (usize, usize) {
    let before = simulator.requests().len();
    sandbox.expect(0, arguments);
    let requests = simulator.requests().split_off(before);
    let listings = requests.iter().filter(|asked| asked.path.contains("listSubGroups")).count();
    (requests.len(), listings)
}

#[test]
fn remembered_data_saves_reading_every_community() {
    let (sandbox, simulator) = CliSandbox::watching(&world());
    let plan = |words: &[&'static str]| [words, &["--dry-run"]].concat();
    // Everything is read once: the connection, the list of groups, twelve listings.
    let (whole, listings) = reads(&sandbox, &simulator, &["list", "communities"]);
    assert_eq!((whole >= 14, listings), (true, 12), "{whole}");
    // The list of groups for the name; then the reads that the plan needs: connection, list, the target's listing and the
    // number's role in it. Only the listings of all communities can show that a group is
    // in none, so Synod reads them all.
    let link = plan(&["link", "Kitchen", "--to", "House 3"]);
    assert_eq!(reads(&sandbox, &simulator, &link), (5 + 12, 1 + 12));
    // Synod asks the group's last known community first.
    let elsewhere = ["link", "Attic 7", "--to", "House 3", "--dry-run"];
    let before = simulator.requests().len();
    sandbox.expect(3, &elsewhere);
    assert_eq!(
        simulator.requests().len() - before,
        7,
        "one more listing for its old place, and the role there"
    );
    // Synod asks the group's last known community again, and nothing else.
    assert_eq!(reads(&sandbox, &simulator, &plan(&["unlink", "Attic 7"])), (5, 1));
    assert_eq!(reads(&sandbox, &simulator, &plan(&["move", "Attic 7", "--to", "House 3"])), (7, 2));
    let (left, listings) = reads(&sandbox, &simulator, &plan(&["leave", "Cellar 2", "Attic 4"]));
    assert_eq!((left, listings), (7, 2), "the details of two, and the listings that prove they are ordinary");
    assert_eq!(reads(&sandbox, &simulator, &["list", "groups", "--community", "House 9"]), (2, 1));
}

/// The list says everything that the command shows, so the communities are not read. The output is the same as with their listings.
#[test]
fn a_list_of_groups_that_says_where_they_are_needs_one_request() {
    let told = world().replace("[ryzeapi]", "[ryzeapi]\nlist_community_fields = true");
    let (sandbox, simulator) = CliSandbox::watching(&told);
    let list = ["list", "groups", "--json"];
    assert_eq!(reads(&sandbox, &simulator, &list), (1, 0));
    let places = |events: Vec<serde_json::Value>| {
        let place = |event: &serde_json::Value| {
            ["group", "kind", "community", "community_name"].map(|field| event[field].clone())
        };
        events.iter().map(place).collect::<Vec<_>>()
    };
    let short = places(sandbox.expect(0, &list).events());
    assert_eq!(short.len(), 12 * 4 + 3);
    let (sandbox, simulator) = CliSandbox::watching(&world());
    let (requests, listings) = reads(&sandbox, &simulator, &list);
    assert_eq!((listings, requests >= 13), (12, true), "without the fields, the listings say it: {requests}");
    let long = places(sandbox.expect(0, &list).events());
    let of_members = |all: &[[serde_json::Value; 4]]| {
        all.iter().filter(|row| row[1] == "ordinary" && !row[2].is_null()).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_members(&short), of_members(&long));
    assert_eq!(of_members(&short).len(), 24);
}

#[test]
fn without_remembered_data_everything_is_read_once() {
    let (sandbox, simulator) = CliSandbox::watching(&world());
    let unlink = ["unlink", "Attic 7", "--dry-run"];
    let (all, listings) = reads(&sandbox, &simulator, &unlink);
    assert!(listings == 13 && all <= 30, "{all} requests, {listings} of them listings");
    assert_eq!(reads(&sandbox, &simulator, &unlink), (5, 1));
}

#[test]
fn a_group_that_has_moved_is_searched_for_and_found() {
    let (sandbox, simulator) = CliSandbox::watching(&world());
    sandbox.expect(0, &["list", "communities"]);
    let elsewhere = sandbox.path("elsewhere");
    let elsewhere = ["--state-dir", elsewhere.to_str().unwrap()];
    sandbox.expect(0, &[&["move", "Attic 7", "--to", "House 1", "--yes"][..], &elsewhere].concat());
    let planned = sandbox.expect(0, &["unlink", "Attic 7", "--dry-run", "--json"]).events();
    let steps = &planned[0]["groups"][0]["steps"];
    assert_eq!(steps[0]["community"], "120363400000001000@g.us", "{planned:?}");
    // Only the listing shows a link into the community, regardless of the remembered data.
    sandbox.expect(0, &[&["unlink", "Cellar 5", "--yes"][..], &elsewhere].concat());
    let planned = sandbox.expect(0, &["link", "Cellar 5", "--to", "House 1", "--dry-run", "--json"]).events();
    assert_eq!(planned[0]["groups"][0]["head"], "will_do", "{planned:?}");
    let planned = sandbox.expect(3, &["link", "Attic 2", "--to", "House 1", "--dry-run", "--json"]).events();
    assert_eq!(planned[0]["groups"][0]["reasons"][0]["code"], "in_other_community", "{planned:?}");
    assert!(simulator.requests().iter().all(|asked| asked.status == Some(200)));
}

#[rstest]
#[case::ryzeapi("ryzeapi")]
#[case::zapi("zapi")]
fn a_group_in_another_community_is_not_linked_whoever_put_it_there(#[case] gateway: &str) {
    let (sandbox, simulator) = CliSandbox::watching(&world().replace("\"ryzeapi\"", &format!("{gateway:?}")));
    sandbox.expect(0, &["link", "Kitchen", "--to", "House 3", "--yes"]);
    let writes = simulator.requests().iter().filter(|asked| asked.kind == Kind::Write).count();
    for group in ["Kitchen", "Attic 7"] {
        let ended = sandbox.expect(4, &["link", group, "--to", "House 1", "--yes", "--json"]).events();
        let planned = &ended[0]["groups"][0];
        let why = (&planned["head"], &planned["reasons"][0]["code"]);
        assert_eq!(why, (&"blocked".into(), &"in_other_community".into()), "{group}: {planned}");
    }
    assert_eq!(simulator.requests().iter().filter(|asked| asked.kind == Kind::Write).count(), writes);
}

#[rstest]
#[case::ryzeapi("ryzeapi")]
#[case::zapi("zapi")]
fn an_announcement_group_is_recognised_before_anything_is_sent(#[case] gateway: &str) {
    let (sandbox, simulator) = CliSandbox::watching(&world().replace("\"ryzeapi\"", &format!("{gateway:?}")));
    let elsewhere = sandbox.path("elsewhere");
    let listed =
        ["list", "groups", "--community", "House 3", "--json", "--state-dir", elsewhere.to_str().unwrap()];
    let listed = sandbox.expect(0, &listed).events();
    let announcements = listed.iter().find(|group| group["kind"] == "announcements").unwrap();
    let id = announcements["group"].as_str().unwrap();
    let ended = sandbox.expect(4, &["link", id, "--to", "House 12", "--yes", "--json"]).events();
    assert_eq!(ended[0]["groups"][0]["reasons"][0]["code"], "announcements_group", "{ended:?}");
    assert!(simulator.requests().iter().all(|asked| asked.kind == Kind::Read));
}

#[test]
fn only_the_operator_distinguishes_two_groups_with_one_name() {
    let twice = world().replace("\"Parking\"", "\"Parking\", \"Attic 4\"");
    let (sandbox, _simulator) = CliSandbox::watching(&twice);
    for _ in 0..2 {
        let ended = sandbox.expect(2, &["link", "Attic 4", "--to", "House 1", "--dry-run"]);
        assert_eq!(ended.stderr.matches("@g.us").count(), 2, "{}", ended.stderr);
        sandbox.expect(0, &["list", "communities"]);
    }
    let ended = sandbox.expect(2, &["link", "Attic 4", "--to", "House 1", "--dry-run"]);
    assert!(ended.stderr.contains("in House 4"), "{}", ended.stderr);
    // Within the given community, one name means one group.
    sandbox.expect(0, &["unlink", "Attic 4", "--from", "House 4", "--dry-run"]);
}
