//! Lists over several instances, limited by facts, and of what was read before.

use serde_json::Value;
use synod::simulator::World;

use super::sandbox::{CliSandbox, Ended};

/// Three numbers; each is in some groups alone.
const WORLD: &str = r#"
seed = 1

[settings]
latency_ms = [0, 1]

[ryzeapi]
rate_limit = 1000000
list_community_fields = true
list_parents = true

[[instance]]
name = "ops"
[[instance]]
name = "annex"
[[instance]]
name = "shop"
gateway = "zapi"
id = "canary-id-03"
token = "canary-token-03"

[[community]]
name = "Harbor Clinics"
groups = ["Reception", { name = "Lab results", roles = { shop = "none" } }]

[standalone]
groups = [
  { name = "Parking", roles = { shop = "none", ops = "member" } },
  { name = "parking", roles = { shop = "none", annex = "none" } },
  { name = "Only annex", roles = { ops = "none", shop = "none" } },
  { name = "Only shop", roles = { ops = "none", annex = "none" } },
]
"#;

fn three() -> CliSandbox {
    CliSandbox::with_instances(WORLD, "", 3)
}

#[test]
fn a_gateway_has_the_same_word_in_json_as_in_the_configuration() {
    let sandbox = three();
    let listed = sandbox.expect(0, &["list", "instances", "--json"]).events();
    let words: Vec<&str> = listed.iter().map(|instance| instance["gateway"].as_str().unwrap()).collect();
    assert_eq!(words, ["ryzeapi", "ryzeapi", "zapi"]);
    for word in words {
        assert!(sandbox.read("config.toml").contains(&format!("gateway = \"{word}\"")), "{word}");
    }
}

/// The instances and names of the listed groups.
fn groups(ended: &Ended) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let groups = ended.events().into_iter().filter(|event| event["event"] == "group");
    groups
        .filter(|group| group["kind"] != "announcements" && group["kind"] != "community")
        .map(|group| (text(&group["instance"]), text(&group["name"])))
        .collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(instance, name)| ((*instance).to_owned(), (*name).to_owned())).collect()
}

#[test]
fn a_list_of_all_instances_names_each_and_a_list_of_some_only_those() {
    let sandbox = three();
    let all = sandbox.expect(0, &["list", "groups", "--all-instances", "--json"]);
    for wanted in [("ops", "parking"), ("annex", "Only annex"), ("shop", "Only shop")] {
        assert!(groups(&all).contains(&pairs(&[wanted])[0]), "{wanted:?} in {all:?}");
    }
    let two =
        ["list", "groups", "--instance", "annex", "--instance", "shop", "--instance", "annex", "--json"];
    let two = groups(&sandbox.expect(0, &two));
    assert!(two.iter().all(|(instance, _)| instance != "ops"), "{two:?}");
    assert_eq!(two.iter().filter(|(_, name)| name == "Only annex").count(), 1, "each is listed once");

    let text = sandbox.expect(0, &["list", "communities", "--all-instances"]).stdout;
    let heads: Vec<&str> = text.lines().filter(|line| line.starts_with("Instance ")).collect();
    assert_eq!(heads, ["Instance ops", "Instance annex", "Instance shop"], "{text}");
    let refused = sandbox.expect(2, &["list", "groups"]);
    assert!(refused.stderr.contains("--instance"), "{refused:?}");
    let unknown = sandbox.expect(2, &["list", "groups", "--instance", "ops", "--instance", "nobody"]);
    assert!(unknown.stderr.contains("nobody"), "{unknown:?}");
}

/// The tables of all instances are one table, which `apply` reads.
#[test]
fn a_table_of_all_instances_has_one_header_and_changes_nothing_when_applied() {
    let sandbox = three();
    let table =
        sandbox.expect(0, &["list", "groups", "--instance", "ops", "--instance", "annex", "--csv"]).stdout;
    assert_eq!(table.matches("group,name,community").count(), 1, "{table}");
    assert!(table.contains(",ops") && table.contains(",annex"), "{table}");
    let file = sandbox.write("now.csv", &table);
    let applied = sandbox.run(&["apply", file.to_str().unwrap(), "--yes"]);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let state = sandbox.expect(0, &["list", "state", "--instance", "ops", "--instance", "annex"]).stdout;
    let file = sandbox.write("now.toml", &state);
    sandbox.expect(0, &["diff", file.to_str().unwrap()]);
}

#[test]
fn facts_limit_a_list_and_what_is_not_known_is_not_listed() {
    let sandbox = three();
    let list =
        |flag: &str| groups(&sandbox.expect(0, &["list", "groups", "--instance", "ops", flag, "--json"]));
    assert_eq!(list("--standalone"), pairs(&[("ops", "Parking"), ("ops", "parking")]));
    // The same group of two numbers is no duplicate; two groups of one name are, in whatever case it is written.
    let all = sandbox.expect(0, &["list", "groups", "--all-instances", "--duplicate-names", "--json"]);
    let wanted = pairs(&[("ops", "Parking"), ("ops", "parking"), ("annex", "Parking")]);
    assert_eq!(groups(&all), wanted, "{all:?}");
    // This list does not say the roles.
    assert_eq!(list("--not-admin"), []);
    for wrong in [["communities", "--standalone"], ["state", "--not-admin"]] {
        let refused = sandbox.expect(2, &["list", wrong[0], "--instance", "ops", wrong[1]]);
        assert!(refused.stderr.contains("list groups"), "{refused:?}");
    }
    sandbox.expect(2, &["list", "groups", "--instance", "ops", "--csv", "--duplicate-names"]);
}

#[test]
fn a_cached_list_sends_nothing_and_says_how_old_it_is() {
    let (sandbox, simulator) = CliSandbox::watching_all(World::parse(WORLD, "world.toml").unwrap());
    let never = sandbox.expect(2, &["list", "groups", "--instance", "ops", "--cached"]);
    assert!(never.stderr.contains("Nothing was read from ops before"), "{never:?}");
    let read = groups(&sandbox.expect(0, &["list", "groups", "--instance", "ops", "--json"]));
    let before = simulator.requests().len();
    let cached = sandbox.expect(0, &["list", "groups", "--instance", "ops", "--cached", "--json"]);
    assert_eq!(groups(&cached), read);
    assert_eq!(cached.events()[0]["event"], "remembered");
    let text = sandbox.expect(0, &["list", "groups", "--instance", "ops", "--cached"]);
    assert!(text.stderr.contains("ops: read"), "{text:?}");
    let within =
        ["list", "groups", "--instance", "ops", "--cached", "--community", "Harbor Clinics", "--json"];
    let within = groups(&sandbox.expect(0, &within));
    assert_eq!(within, pairs(&[("ops", "Lab results"), ("ops", "Reception")]));
    assert_eq!(simulator.requests().len(), before);
}
