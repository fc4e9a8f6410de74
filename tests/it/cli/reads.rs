//! How much is read before something is done: no more than what names and plans need.

use synod::simulator::Simulator;

use super::desk::Desk;

/// Twelve communities of two groups each, and a few groups in none. The list of groups tells of no community.
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

/// Runs a command, and gives how many requests of each kind it made, writes left out.
fn reads(desk: &Desk, simulator: &Simulator, arguments: &[&str]) -> (usize, usize) {
    let before = simulator.requests().len();
    desk.expect(0, arguments);
    let requests = simulator.requests().split_off(before);
    let listings = requests.iter().filter(|asked| asked.path.contains("listSubGroups")).count();
    (requests.len(), listings)
}

#[test]
fn what_is_remembered_saves_the_reading_of_every_community() {
    let (desk, simulator) = Desk::watching(&world());
    let plan = |words: &[&'static str]| [words, &["--dry-run"]].concat();
    // Everything is read once: the connection, the list of groups, twelve listings.
    let (whole, listings) = reads(&desk, &simulator, &["list", "communities"]);
    assert_eq!((whole >= 14, listings), (true, 12), "{whole}");
    // The list of groups for the name; then what the plan needs: connection, list, the target's listing.
    let link = plan(&["link", "Kitchen", "--to", "House 3"]);
    assert_eq!(reads(&desk, &simulator, &link), (4, 1));
    // Ids alone need no list for their names.
    let id = desk.id_of("Kitchen");
    let by_id = ["link", &id, "--to", "120363400000003000@g.us", "--dry-run"];
    assert_eq!(reads(&desk, &simulator, &by_id), (3, 1));
    // Where a group was is asked again, and nothing else.
    assert_eq!(reads(&desk, &simulator, &plan(&["unlink", "Attic 7"])), (4, 1));
    assert_eq!(reads(&desk, &simulator, &plan(&["move", "Attic 7", "--to", "House 3"])), (5, 2));
    let (left, listings) = reads(&desk, &simulator, &plan(&["leave", "Cellar 2", "Attic 4"]));
    assert_eq!((left, listings), (7, 2), "the details of two, the listings that vouch for them");
    assert_eq!(reads(&desk, &simulator, &["list", "groups", "--community", "House 9"]), (2, 1));
}

#[test]
fn nothing_remembered_costs_no_more_than_reading_everything_once() {
    let (desk, simulator) = Desk::watching(&world());
    let unlink = ["unlink", "Attic 7", "--dry-run"];
    let (all, listings) = reads(&desk, &simulator, &unlink);
    assert!(listings == 13 && all <= 30, "{all} requests, {listings} of them listings");
    assert_eq!(reads(&desk, &simulator, &unlink), (4, 1));
}

#[test]
fn a_group_that_moved_on_is_sought_and_found() {
    let (desk, simulator) = Desk::watching(&world());
    desk.expect(0, &["list", "communities"]);
    let elsewhere = desk.path("elsewhere");
    let elsewhere = ["--state-dir", elsewhere.to_str().unwrap()];
    desk.expect(0, &[&["move", "Attic 7", "--to", "House 1", "--yes"][..], &elsewhere].concat());
    let planned = desk.expect(0, &["unlink", "Attic 7", "--dry-run", "--json"]).events();
    let steps = &planned[0]["groups"][0]["steps"];
    assert_eq!(steps[0]["community"], "120363400000001000@g.us", "{planned:?}");
    // And a link into it is known to be so from the listing alone, whatever was remembered.
    desk.expect(0, &[&["unlink", "Cellar 5", "--yes"][..], &elsewhere].concat());
    let planned = desk.expect(0, &["link", "Cellar 5", "--to", "House 1", "--dry-run", "--json"]).events();
    assert_eq!(planned[0]["groups"][0]["head"], "will_do", "{planned:?}");
    let planned = desk.expect(3, &["link", "Attic 2", "--to", "House 1", "--dry-run", "--json"]).events();
    assert_eq!(planned[0]["groups"][0]["reasons"][0]["code"], "in_other_community", "{planned:?}");
    assert!(simulator.requests().iter().all(|asked| asked.status == Some(200)));
}

#[test]
fn two_of_one_name_are_told_apart_by_nobody_but_who_asks() {
    let twice = world().replace("\"Parking\"", "\"Parking\", \"Attic 4\"");
    let (desk, _simulator) = Desk::watching(&twice);
    for _ in 0..2 {
        let ended = desk.expect(2, &["link", "Attic 4", "--to", "House 1", "--dry-run"]);
        assert_eq!(ended.stderr.matches("@g.us").count(), 2, "{}", ended.stderr);
        desk.expect(0, &["list", "communities"]);
    }
    let ended = desk.expect(2, &["link", "Attic 4", "--to", "House 1", "--dry-run"]);
    assert!(ended.stderr.contains("in House 4"), "{}", ended.stderr);
    // In the community that was named, one name is one group.
    desk.expect(0, &["unlink", "Attic 4", "--from", "House 4", "--dry-run"]);
}
