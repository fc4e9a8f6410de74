//! What people call groups, communities and instances.

use super::desk::{Desk, is_sentence};

#[test]
fn a_name_that_fits_several_lists_them_and_sends_nothing() {
    let desk = Desk::new();
    let exact = desk.expect(0, &["link", "Twins", "--to", "harbor clinics", "--dry-run", "--json"]);
    let id = exact.events()[0]["groups"][0]["group"].as_str().unwrap().to_owned();
    let several = desk.expect(2, &["link", "TWINS", "--to", "harbor clinics", "--yes"]);
    assert!(several.stderr.contains(&id) && several.stderr.contains("  twins"), "{}", several.stderr);
    assert_eq!(several.stdout, "");
    desk.expect(0, &["link", &id, "--to", "120363400000000001@g.us", "--yes"]);
    assert!(desk.members("Harbor Clinics").contains(&"Twins".to_owned()));
}

#[test]
fn what_nothing_is_called_is_told_all_at_once() {
    let desk = Desk::new();
    let ended = desk.expect(2, &["link", "Kitchen", "Nowhere", "Pharm", "--to", "Harbor Clinics", "--yes"]);
    assert!(is_sentence(&ended.stderr), "{}", ended.stderr);
    for words in ["“Nowhere”", "“Pharm”", "Pharmacy night shift"] {
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
    let ended = desk.expect(2, &["link", "Kitchen", "--to", "Harbour", "--yes"]);
    assert!(ended.stderr.contains("“Harbour”"), "{}", ended.stderr);
    let ended =
        desk.expect(2, &["move", "Kitchen", "--from", "North Schools", "--to", "Harbor Clinics", "--yes"]);
    assert!(ended.stderr.contains("not in North Schools"), "{}", ended.stderr);
    desk.expect(2, &["link", "--to", "Harbor Clinics", "--yes"]);
}

#[test]
fn groups_come_from_arguments_files_and_standard_input() {
    let desk = Desk::new();
    desk.write("groups.txt", "\u{feff}Night nurses\r\n\nKitchen\n");
    let groups = |ended: super::desk::Ended| {
        let events = ended.events();
        let names = events[0]["groups"].as_array().unwrap().iter();
        names.map(|group| group["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let plan = ["link", "Parking", "--to", "Harbor Clinics", "--dry-run", "--json"];
    let from_file = desk.expect(0, &[&plan[..], &["--groups-from", "groups.txt"]].concat());
    assert_eq!(groups(from_file), ["Parking", "Night nurses", "Kitchen"]);
    for stdin in [&["--groups-from", "-"][..], &["-"][..]] {
        let ended = desk.run_with(&[&plan[..], stdin].concat(), "Kitchen\nParking\n");
        assert_eq!(groups(ended), ["Parking", "Kitchen"]);
    }
    let ended = desk.run_with(&["link", "-", "--to", "Harbor Clinics"], "Kitchen\n");
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let missing = desk.expect(2, &[&plan[..], &["--groups-from", "none.txt"]].concat());
    assert!(is_sentence(&missing.stderr), "{}", missing.stderr);
}

#[test]
fn a_list_of_groups_that_is_too_long_is_refused_and_not_cut() {
    let desk = Desk::new();
    let from = ["link", "--to", "Harbor Clinics", "--yes", "--groups-from", "groups.txt"];
    desk.write("groups.txt", &format!("Kitchen\n{}", "\n".repeat(16 * 1024 * 1024)));
    let ended = desk.expect(2, &from);
    assert!(ended.stderr.contains("16 MiB"), "{}", ended.stderr);
    desk.write("groups.txt", &format!("Kitchen\n{}\n", "x".repeat(1024 * 1024)));
    let ended = desk.expect(2, &from);
    assert!(ended.stderr.contains("Entry 2") && ended.stderr.len() < 300, "{}", ended.stderr);
    let unknown: Vec<String> = (0..1_000).map(|at| format!("Nowhere {at}")).collect();
    desk.write("groups.txt", &unknown.join("\n"));
    let ended = desk.expect(2, &from);
    assert_eq!(ended.stderr.matches("No group is called").count(), 20, "{}", ended.stderr);
    assert!(ended.stderr.ends_with("And 980 more that nothing was found for.\n"), "{}", ended.stderr);
}

#[test]
fn an_instance_is_named_where_there_are_several() {
    let desk = Desk::new();
    let config = desk.read("config.toml");
    let (_, instance) = config.split_once("[[instance]]").unwrap();
    let other = instance.replace("name = \"ops\"", "name = \"night\"");
    desk.write("config.toml", &format!("{config}\n[[instance]]{other}"));
    let ended = desk.expect(2, &["list", "groups"]);
    assert!(ended.stderr.contains("\"ops\", \"night\""), "{}", ended.stderr);
    desk.expect(0, &["list", "groups", "--instance", "Night"]);
    let ended = desk.expect(2, &["list", "groups", "--instance", "day"]);
    assert!(is_sentence(&ended.stderr), "{}", ended.stderr);
    assert_eq!(desk.expect(0, &["list", "instances"]).stdout.lines().count(), 2);
}

#[test]
fn a_group_without_a_name_is_told_by_the_end_of_its_id() {
    let world = super::desk::WORLD.replace("\"Kitchen\"", "{ name = \"\", id = \"120363499900000011\" }");
    let desk = Desk::with(&world, "");
    let (id, name) = ("120363499900000011@g.us", "(no name) …0011");
    let listed = desk.expect(0, &["list", "groups"]).stdout;
    assert!(listed.contains(name), "{listed}");
    let planned = desk.run(&["link", id, "--to", "Harbor Clinics", "--dry-run"]).stdout;
    assert!(planned.contains(name), "{planned}");
    let elsewhere =
        desk.expect(2, &["move", id, "--from", "North Schools", "--to", "Harbor Clinics", "--yes"]).stderr;
    assert!(elsewhere.contains(name), "{elsewhere}");
    desk.run(&["link", id, "--to", "Harbor Clinics", "--yes"]);
    let shown = desk.expect(0, &["operations", "show", "1"]).stdout;
    assert!(shown.contains(name), "{shown}");
}
