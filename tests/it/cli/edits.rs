//! The edits of a plan as options: leaving groups out, moving groups that are elsewhere, and spilling over a limit.

use super::sandbox::{CliSandbox, Ended, QUICK};

const WORLD: &str = r#"
seed = 3

[settings]
latency_ms = [0, 1]
link_delay_ms = 1

[ryzeapi]
not_a_community = "plain_words"
list_community_fields = true

[[instance]]
name = "ops"
gateway = "ryzeapi"
token = "edits-token"

[[community]]
name = "Alpha"
groups = ["Old"]

[[community]]
name = "Beta"
groups = ["Other"]

[[community]]
name = "Gamma"
groups = ["Elsewhere", "Stays"]

[standalone]
groups = ["Kitchen", "Kitchen board", "Parking", "Garage", "Garden"]
"#;

/// A community has room for three groups.
fn sandbox() -> CliSandbox {
    CliSandbox::with(WORLD, &format!("{QUICK}subgroup_limit = 3\n"))
}

fn said(ended: &Ended) -> Vec<(String, String)> {
    let mut outcomes = ended.outcomes();
    outcomes.sort();
    outcomes
}

fn verified(names: &[&str]) -> Vec<(String, String)> {
    names.iter().map(|name| ((*name).to_owned(), "verified".to_owned())).collect()
}

#[test]
fn groups_are_left_out_by_name_and_count_in_no_exit_code() {
    let sandbox = sandbox();
    let link = ["link", "Kitchen", "Parking", "--to", "Alpha", "--exclude", "parking", "-y", "--json"];
    let ended = sandbox.expect(0, &link);
    let groups = ended.events()[0]["groups"].clone();
    assert_eq!((&groups[1]["head"], &groups[1]["send"]), (&"left_out".into(), &false.into()));
    assert_eq!(ended.outcomes()[0], ("Parking".to_owned(), "not_sent".to_owned()), "{ended:?}");
    assert_eq!(sandbox.members("Alpha"), ["Kitchen", "Old"]);
    assert_eq!(sandbox.run(&["operations", "retry", "1", "-y"]).code, Some(2), "nothing is left to retry");
    assert_eq!(sandbox.members("Alpha"), ["Kitchen", "Old"]);
    // A name that nothing has is a mistake, not an empty exclusion.
    sandbox.expect(2, &["link", "Garage", "--to", "Alpha", "--exclude", "nobody", "-y"]);
    sandbox.expect(0, &["link", "Garage", "--to", "Alpha", "--exclude", "Garage", "-y"]);
    assert_eq!(sandbox.members("Alpha"), ["Kitchen", "Old"]);
}

#[test]
fn what_is_elsewhere_is_moved_on_request() {
    let sandbox = sandbox();
    let link = ["link", "Kitchen", "Elsewhere", "--to", "Alpha", "-y", "--json"];
    let shown = sandbox.expect(3, &["link", "Kitchen", "Elsewhere", "--to", "Alpha", "--dry-run", "--json"]);
    assert_eq!(shown.events()[0]["send"], 1);
    let moved = sandbox.expect(0, &[&link[..], &["--move-if-elsewhere"]].concat());
    assert_eq!(said(&moved), verified(&["Elsewhere", "Kitchen"]));
    assert_eq!(sandbox.members("Gamma"), ["Stays"]);
    sandbox.expect(0, &["operations", "undo", "1", "-y"]);
    assert_eq!((sandbox.members("Alpha"), sandbox.members("Gamma").len()), (vec!["Old".to_owned()], 2));
}

#[test]
fn groups_spill_over_to_the_next_community() {
    let sandbox = sandbox();
    let groups = ["link", "Kitchen", "Kitchen board", "Parking", "Garage", "Garden"];
    let to = ["--to", "Alpha", "--to", "Beta", "-y", "--json"];
    let refused = sandbox.expect(2, &[&groups[..], &to].concat());
    assert!(refused.stderr.contains("--spill"), "{refused:?}");
    let spilled = sandbox.expect(3, &[&groups[..], &to, &["--spill"]].concat());
    let plan = &spilled.events()[0];
    assert_eq!((&plan["community"], &plan["send"]), (&serde_json::Value::Null, &4.into()), "{plan}");
    let after: Vec<_> =
        plan["capacities"].as_array().unwrap().iter().map(|one| one["after"].clone()).collect();
    assert_eq!(after, [3, 3]);
    assert_eq!(sandbox.members("Alpha"), ["Kitchen", "Kitchen board", "Old"]);
    assert_eq!(sandbox.members("Beta"), ["Garage", "Other", "Parking"]);
    // An excluded group makes room.
    sandbox.expect(0, &["operations", "undo", "1", "-y"]);
    let more = ["--spill", "--exclude", "Kitchen board"];
    let ended = sandbox.expect(0, &[&groups[..], &to, &more].concat());
    assert_eq!(ended.events()[0]["send"], 4);
    assert_eq!(sandbox.members("Beta"), ["Garage", "Garden", "Other"]);
    let shown = sandbox.expect(0, &["link", "Old", "--to", "Gamma", "--move-if-elsewhere", "--dry-run"]);
    assert!(shown.stdout.contains("Old") && shown.stdout.contains("Alpha → Gamma"), "{}", shown.stdout);
}

/// Many targets survive a plan file.
#[test]
fn a_plan_file_keeps_the_target_of_each_group() {
    let sandbox = sandbox();
    let link = ["link", "Kitchen", "Parking", "Garage", "Elsewhere", "--to", "Alpha", "--to", "Beta"];
    let edits = ["--spill", "--move-if-elsewhere", "--exclude", "Parking", "--plan", "plan.json"];
    sandbox.expect(0, &[&link[..], &edits].concat());
    let applied = sandbox.expect(0, &["apply", "plan.json", "-y", "--json"]);
    assert_eq!(
        applied.outcomes().iter().filter(|(_, outcome)| outcome == "verified").count(),
        3,
        "{applied:?}"
    );
    assert_eq!(sandbox.members("Alpha"), ["Garage", "Kitchen", "Old"]);
    assert_eq!(sandbox.members("Beta"), ["Elsewhere", "Other"]);
    assert_eq!(sandbox.members("Gamma"), ["Stays"]);
    sandbox.expect(0, &["operations", "undo", "1", "-y"]);
    assert_eq!((sandbox.members("Beta").len(), sandbox.members("Gamma").len()), (1, 2));
}

/// A group that the number has left is gone. Its name does not stand for another group whose name only begins with it.
#[test]
fn leaving_again_by_name_never_takes_a_group_that_only_begins_with_it() {
    let sandbox = sandbox();
    for _ in 0..2 {
        sandbox.expect(0, &["leave", "Kitchen", "-y", "--count", "1"]);
    }
    sandbox.expect(2, &["leave", "Kitchen b", "-y", "--count", "1"]);
    let groups = sandbox.expect(0, &["list", "groups"]).stdout;
    assert!(groups.contains("Kitchen board"), "{groups}");
}
