//! The names that people give for groups, communities and instances.

use super::sandbox::{CliSandbox, is_sentence};

#[test]
fn an_ambiguous_name_lists_its_matches_and_sends_nothing() {
    let sandbox = CliSandbox::new();
    let exact = sandbox.expect(0, &["link", "Twins", "--to", "harbor clinics", "--dry-run", "--json"]);
    let id = exact.events()[0]["groups"][0]["group"].as_str().unwrap().to_owned();
    let several = sandbox.expect(2, &["link", "TWINS", "--to", "harbor clinics", "--yes"]);
    assert!(several.stderr.contains(&id) && several.stderr.contains("  twins"), "{}", several.stderr);
    assert_eq!(several.stdout, "");
    sandbox.expect(0, &["link", &id, "--to", "120363400000000001@g.us", "--yes"]);
    assert!(sandbox.members("Harbor Clinics").contains(&"Twins".to_owned()));
}

#[test]
fn unknown_names_are_reported_all_at_once() {
    let sandbox = CliSandbox::new();
    let ended =
        sandbox.expect(2, &["link", "Kitchen", "Nowhere", "Pharmcy", "--to", "Harbor Clinics", "--yes"]);
    assert!(is_sentence(&ended.stderr), "{}", ended.stderr);
    for words in ["“Nowhere”", "“Pharmcy”", "Pharmacy night shift"] {
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
    let ended = sandbox.expect(2, &["link", "Kitchen", "--to", "Harbour", "--yes"]);
    assert!(ended.stderr.contains("“Harbour”"), "{}", ended.stderr);
    let ended =
        sandbox.expect(2, &["move", "Kitchen", "--from", "North Schools", "--to", "Harbor Clinics", "--yes"]);
    assert!(ended.stderr.contains("not in North Schools"), "{}", ended.stderr);
    sandbox.expect(2, &["link", "--to", "Harbor Clinics", "--yes"]);
}

/// The listing of the named source lacks the group once; with and without a list of groups that names its community.
#[test]
fn a_move_believes_its_named_source_although_one_listing_lacks_the_group() {
    for names_parents in [true, false] {
        let lacks = "[[fault]]\non = \"subgroups\"\ncommunity = \"North Schools\"\ngroup = \"Class 1A\"\n\
                     times = 1\nthen = \"incomplete\"\n\n[[community]]";
        let world = super::sandbox::WORLD
            .replacen("[[community]]", lacks, 1)
            .replace("list_community_fields = true", &format!("list_community_fields = {names_parents}"));
        let sandbox = CliSandbox::with(&world, "");
        let args = ["move", "Class 1A", "--from", "North Schools", "--to", "Harbor Clinics", "--yes"];
        sandbox.expect(0, &args);
        let ended = sandbox
            .expect(2, &["move", "Kitchen", "--from", "North Schools", "--to", "Harbor Clinics", "--yes"]);
        assert!(ended.stderr.contains("not in North Schools"), "{}", ended.stderr);
    }
}

#[test]
fn groups_come_from_arguments_files_and_standard_input() {
    let sandbox = CliSandbox::new();
    sandbox.write("groups.txt", "\u{feff}Night nurses\r\n\nKitchen\n");
    let groups = |ended: super::sandbox::Ended| {
        let events = ended.events();
        let names = events[0]["groups"].as_array().unwrap().iter();
        names.map(|group| group["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let plan = ["link", "Parking", "--to", "Harbor Clinics", "--dry-run", "--json"];
    let from_file = sandbox.expect(0, &[&plan[..], &["--groups-from", "groups.txt"]].concat());
    assert_eq!(groups(from_file), ["Parking", "Night nurses", "Kitchen"]);
    for stdin in [&["--groups-from", "-"][..], &["-"][..]] {
        let ended = sandbox.run_with(&[&plan[..], stdin].concat(), "Kitchen\nParking\n");
        assert_eq!(groups(ended), ["Parking", "Kitchen"]);
    }
    let ended = sandbox.run_with(&["link", "-", "--to", "Harbor Clinics"], "Kitchen\n");
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let missing = sandbox.expect(2, &[&plan[..], &["--groups-from", "none.txt"]].concat());
    assert!(is_sentence(&missing.stderr), "{}", missing.stderr);
}

/// The names of the groups in a plan.
fn planned(sandbox: &CliSandbox, list: &str) -> Vec<String> {
    sandbox.write("groups.txt", list);
    let plan = ["link", "--to", "Harbor Clinics", "--dry-run", "--json", "--groups-from", "groups.txt"];
    let ended = sandbox.run(&plan);
    assert!(matches!(ended.code, Some(0 | 3)), "{list:?}: {ended:?}");
    let groups = ended.events()[0]["groups"].as_array().unwrap().clone();
    groups.iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn lists_are_accepted_as_people_keep_them_and_as_synod_writes_them() {
    let sandbox = CliSandbox::with(
        &super::sandbox::WORLD.replace("\"Kitchen\"", "\"Kitchen\", \"=1+1\", \"Ação Social\""),
        "",
    );
    let list =
        "# the clinics\n- Kitchen\n1. Parking\n[x] Night nurses;41\n\"Class 1A\",12\n=1+1\nacao  social\n";
    let names = ["Kitchen", "Parking", "Night nurses", "Class 1A", "=1+1", "Ação Social"];
    assert_eq!(planned(&sandbox, list), names);
    let table = "Name;Members\r\nKitchen;3\r\n\"Parking\";4\r\n'=1+1;2\r\n";
    assert_eq!(planned(&sandbox, table), ["Kitchen", "Parking", "=1+1"]);

    let spreadsheet = "sep=;\r\nGrupo;Membros\r\nKitchen;3\r\n";
    assert_eq!(planned(&sandbox, spreadsheet), ["Kitchen"]);
    assert_eq!(planned(&sandbox, "[\"Kitchen\", {\"name\": \"Parking\"}]"), ["Kitchen", "Parking"]);
    let decorated = "(3) Kitchen\n4 - Parking\n„Night nurses“\n«Class 1A»\n";
    assert_eq!(planned(&sandbox, decorated), ["Kitchen", "Parking", "Night nurses", "Class 1A"]);

    // Synod can read its own output: the lines of a list, the lines of an operation, and its table.
    let text = sandbox.expect(0, &["list", "groups", "--community", "North Schools"]).stdout;
    let subgroups: String =
        text.split_inclusive('\n').filter(|line| !line.contains("announcements")).collect();
    assert_eq!(planned(&sandbox, &subgroups), ["Class 1A", "Class 1B", "Class 1C"], "{text}");
    let lines = sandbox.expect(0, &["list", "groups", "--community", "North Schools", "--json"]).stdout;
    assert_eq!(planned(&sandbox, &lines), ["Class 1A", "Class 1B", "Class 1C"]);
    let sent =
        sandbox.expect(0, &["link", "Kitchen", "=1+1", "--to", "Harbor Clinics", "--yes", "--json"]).stdout;
    assert_eq!(planned(&sandbox, &sent), ["Kitchen", "=1+1"]);
    for format in ["csv", "json"] {
        let export = sandbox.expect(0, &["operations", "export", "1", "--format", format]).stdout;
        assert_eq!(planned(&sandbox, &export), ["Kitchen", "=1+1"], "{export}");
    }
}

#[test]
fn a_name_that_looks_decorated_takes_priority_over_the_name_within_it() {
    let names = "\"Kitchen\", \"4 - Parking\", \"(3) Kitchen\", \"“Kitchen”\"";
    let sandbox = CliSandbox::with(&super::sandbox::WORLD.replace("\"Kitchen\"", names), "");
    let list = "4 - Parking\n(3) Kitchen\n“Kitchen”\n5 - Kitchen\n";
    assert_eq!(planned(&sandbox, list), ["4 - Parking", "(3) Kitchen", "“Kitchen”", "Kitchen"]);
}

#[test]
fn all_unknown_lines_of_a_list_are_reported_with_their_numbers() {
    let sandbox = CliSandbox::new();
    sandbox.write(
        "groups.txt",
        "# a comment\nKitchen\n- Nowhere\n\nTWINS\n{\"event\":\"plan\"}\n\"Else, where\",3\n",
    );
    let ended =
        sandbox.expect(2, &["link", "--to", "Harbor Clinics", "--yes", "--groups-from", "groups.txt"]);
    for words in
        ["Line 3: No group matches “- Nowhere”", "Line 5: “TWINS” matches 2", "Line 7: No group matches"]
    {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    assert!(ended.stderr.contains(" members"), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("Line ").count(), 3, "{}", ended.stderr);
    assert_eq!(sandbox.members("Harbor Clinics").len(), 3, "nothing was sent");
}

#[test]
fn names_are_found_however_they_are_typed() {
    let world =
        super::sandbox::WORLD.replace("\"Kitchen\"", "\"Ação  Social\", \"Große Straße\", \"⚽️ Sub 15\"");
    let sandbox = CliSandbox::with(&world, "");
    let plan = |name: &str, to: &str| {
        let ended = sandbox.expect(0, &["link", name, "--to", to, "--dry-run", "--json"]);
        ended.events()[0]["groups"][0]["name"].as_str().unwrap().to_owned()
    };
    for typed in ["Ac\u{327}a\u{303}o Social", "Ação\u{a0}Social", "acao   social", "AÇÃO SOCIAL", "acao"]
    {
        assert_eq!(plan(typed, "harbor\u{2003}clinics"), "Ação  Social", "{typed:?}");
    }
    assert_eq!(plan("grosse strasse", "Harbor"), "Große Straße");
    assert_eq!(plan("⚽ sub 15", "HARBOR CLINICS"), "⚽️ Sub 15");
    sandbox.expect(2, &["link", "⚽ sub 1", "--to", "Harbor Clinics", "--yes"]);
}

#[test]
fn a_list_of_lines_that_look_like_comments_may_name_groups() {
    let sandbox = CliSandbox::with(&super::sandbox::WORLD.replace("\"Kitchen\"", "\"#hash\""), "");
    assert_eq!(planned(&sandbox, "#hash\n"), ["#hash"]);
    assert_eq!(planned(&sandbox, "# a comment\r#hash\rParking;\r"), ["#hash", "Parking"]);
    for list in ["# a comment\n", "\n"] {
        sandbox.write("groups.txt", list);
        let from = ["link", "--to", "Harbor Clinics", "--dry-run", "--groups-from", "groups.txt"];
        let ended = sandbox.expect(0, &from);
        assert!(ended.stderr.contains("The list names no groups"), "{}", ended.stderr);
    }
}

#[test]
fn a_list_of_groups_that_is_too_long_is_refused_and_not_cut() {
    let sandbox = CliSandbox::new();
    let from = ["link", "--to", "Harbor Clinics", "--yes", "--groups-from", "groups.txt"];
    sandbox.write("groups.txt", &format!("Kitchen\n{}", "\n".repeat(16 * 1024 * 1024)));
    let ended = sandbox.expect(2, &from);
    assert!(ended.stderr.contains("16 MiB"), "{}", ended.stderr);
    sandbox.write("groups.txt", &format!("Kitchen\n{}\n", "x".repeat(1024 * 1024)));
    let ended = sandbox.expect(2, &from);
    assert!(ended.stderr.contains("Entry 2") && ended.stderr.len() < 300, "{}", ended.stderr);
    let long = "x".repeat(5000);
    sandbox.write("groups.txt", &format!("{long}\nKitchen\n{long}\n"));
    let ended = sandbox.expect(2, &from);
    assert!(ended.stderr.contains("Entry 1") && ended.stderr.contains("Entry 3"), "{}", ended.stderr);
    let unknown: Vec<String> = (0..1_000).map(|at| format!("Nowhere {at}")).collect();
    sandbox.write("groups.txt", &unknown.join("\n"));
    let ended = sandbox.expect(2, &from);
    assert_eq!(ended.stderr.matches("No group matches").count(), 20, "{}", ended.stderr);
    assert!(ended.stderr.ends_with("And 980 more that match nothing.\n"), "{}", ended.stderr);
}

#[test]
fn an_instance_must_be_named_if_there_are_several() {
    let night =
        "[[instance]]\nname = \"night\"\ngateway = \"ryzeapi\"\ntoken = \"canary-night\"\n\n[[fault]]";
    let world = super::sandbox::WORLD.replacen("[[fault]]", night, 1);
    let sandbox = CliSandbox::with_instances(&world, "", 2);
    let ended = sandbox.expect(2, &["list", "groups"]);
    assert!(ended.stderr.contains("\"ops\", \"night\""), "{}", ended.stderr);
    sandbox.expect(0, &["list", "groups", "--instance", "Night"]);
    let ended = sandbox.expect(2, &["list", "groups", "--instance", "day"]);
    assert!(is_sentence(&ended.stderr), "{}", ended.stderr);
    assert_eq!(sandbox.expect(0, &["list", "instances"]).stdout.lines().count(), 2);
}

#[test]
fn a_group_without_a_name_is_shown_by_the_end_of_its_id() {
    let world = super::sandbox::WORLD.replace("\"Kitchen\"", "{ name = \"\", id = \"120363499900000011\" }");
    let sandbox = CliSandbox::with(&world, "");
    let (id, name) = ("120363499900000011@g.us", "(no name) …0011");
    let listed = sandbox.expect(0, &["list", "groups"]).stdout;
    assert!(listed.contains(name), "{listed}");
    let planned = sandbox.run(&["link", id, "--to", "Harbor Clinics", "--dry-run"]).stdout;
    assert!(planned.contains(name), "{planned}");
    let elsewhere =
        sandbox.expect(2, &["move", id, "--from", "North Schools", "--to", "Harbor Clinics", "--yes"]).stderr;
    assert!(elsewhere.contains(name), "{elsewhere}");
    sandbox.run(&["link", id, "--to", "Harbor Clinics", "--yes"]);
    let shown = sandbox.expect(0, &["operations", "show", "1"]).stdout;
    assert!(shown.contains(name), "{shown}");
}
