//! Leaving groups and communities from the command line: repetitions, the number to confirm, and what the export lists.

use super::sandbox::CliSandbox;

#[test]
fn leaving_a_group_again_is_no_failure() {
    let sandbox = CliSandbox::new();
    let listed = sandbox.expect(0, &["list", "groups", "--json"]).events();
    let kitchen = listed.iter().find(|group| group["name"] == "Kitchen").unwrap();
    let id = kitchen["group"].as_str().unwrap();
    let leave = |name: &str| sandbox.expect(0, &["leave", name, "-y", "--count", "1", "--json"]);
    assert_eq!(leave("Kitchen").outcomes(), [("Kitchen".to_owned(), "verified".to_owned())]);
    for name in [id, "Kitchen", "kitchen"] {
        let again = leave(name);
        let (kind, end) = (&again.events()[1], again.events().pop().unwrap());
        assert_eq!((&kind["outcome"], &end["operation"]), (&"already_so".into(), &serde_json::Value::Null));
    }
    let more = ["leave", "Kitchen", "Night nurses", "-y", "--count"];
    sandbox.expect(2, &[&more[..], &["3"]].concat());
    sandbox.expect(0, &[&more[..], &["2"]].concat());
    sandbox.expect(2, &["leave", "Kit", "-y", "--count", "1"]);
    sandbox.expect(2, &["link", "Kitchen", "--to", "Harbor Clinics", "-y"]);
    sandbox.expect(0, &["operations", "rejoin", "1", "-y"]);
    assert_eq!(leave("Kitchen").outcomes(), [("Kitchen".to_owned(), "verified".to_owned())]);
}

#[test]
fn leaving_a_community_again_is_no_failure() {
    let sandbox = CliSandbox::new();
    let leave =
        |name: &str| sandbox.expect(0, &["leave", "--community", name, "-y", "--count", "3", "--json"]);
    let first = leave("North Schools");
    assert_eq!(first.outcomes(), [("North Schools".to_owned(), "verified".to_owned())]);
    for name in ["North Schools", "120363400000001001@g.us"] {
        let again = leave(name);
        assert_eq!(again.outcomes(), [("North Schools".to_owned(), "already_so".to_owned())]);
    }
}

#[test]
fn the_number_of_a_community_is_that_of_its_groups() {
    let sandbox = CliSandbox::new();
    let leave = ["leave", "--community", "North Schools", "-y"];
    sandbox.expect(2, &leave);
    for wrong in ["0", "1", "4"] {
        let ended = sandbox.expect(2, &[&leave[..], &["--count", wrong]].concat());
        assert!(ended.stderr.contains("this community has 3 groups"), "{ended:?}");
    }
    assert!(sandbox.expect(0, &["list", "groups"]).stdout.contains("Class 1B"));
    sandbox.expect(0, &[&leave[..], &["--count", "3"]].concat());
    assert!(!sandbox.expect(0, &["list", "groups"]).stdout.contains("Class 1B"));
}

#[test]
fn the_export_lists_the_groups_of_a_community_that_was_left() {
    let sandbox = CliSandbox::new();
    let run = sandbox.expect(0, &["leave", "--community", "North Schools", "-y", "--count", "3", "--json"]);
    let classes = ["Class 1A", "Class 1B", "Class 1C"];
    let names = |item: &serde_json::Value| -> Vec<String> {
        let groups = item["subgroups"].as_array().unwrap();
        groups.iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&run.events()[0]["groups"][0]), classes);
    let json = sandbox.expect(0, &["operations", "export", "1", "--format", "json"]).events();
    assert_eq!(names(&json[1]), classes);
    let csv = sandbox.expect(0, &["operations", "export", "1"]).stdout;
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let shown: Vec<(&str, &str)> = rows.iter().map(|row| (row[3], row[5])).collect();
    let expected = ["North Schools", "Class 1A", "Class 1B", "Class 1C"].map(|name| (name, "verified"));
    assert_eq!(shown, expected);
    assert!(rows.iter().all(|row| row[4] == "120363400000001001@g.us"), "{csv}");
}
