//! Lists over several instances, lists limited by facts, and lists from earlier readings.

use secrecy::SecretString;
use serde_json::Value;
use synod::{
    clock::{Clock, rfc3339},
    config::instance_key,
    domain::{
        base_url::BaseUrl, community::Role, directory::KnownRole, id::GroupId, instance::GatewayKind,
        time::Millis,
    },
    simulator::World,
    store::FileStore,
};

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

/// Whatever is wrong with one number, the others are listed, and the command says which one failed.
#[test]
fn an_instance_that_cannot_be_read_stops_no_other() {
    for (field, wrong, code) in [("token", "wrong", 1), ("base_url", "http://127.0.0.1:9", 7)] {
        let sandbox = three();
        let configuration = sandbox.read("config.toml");
        let (before, entry) = configuration.split_once("name = \"annex\"").unwrap();
        let start = entry.find(&format!("{field} = \"")).unwrap();
        let line = entry[start..].lines().next().unwrap();
        let entry = entry.replacen(line, &format!("{field} = \"{wrong}\""), 1);
        sandbox.write("config.toml", &format!("{before}name = \"annex\"{entry}"));

        let listed = sandbox.expect(code, &["list", "groups", "--all-instances", "--json"]);
        let found = groups(&listed);
        for other in ["ops", "shop"] {
            assert!(found.iter().any(|(of, _)| of == other), "{other}: {listed:?}");
        }
        let events = listed.events();
        let failed: Vec<&Value> = events.iter().filter(|event| event["event"] == "instance_failed").collect();
        assert!(failed.len() == 1 && failed[0]["instance"] == "annex", "{listed:?}");
        assert!(listed.stderr.contains("annex: "), "{listed:?}");
        let alone = sandbox.expect(code, &["list", "groups", "--instance", "annex"]);
        assert!(alone.stdout.is_empty(), "{alone:?}");
    }
}

#[test]
fn a_number_that_does_not_know_the_community_is_no_failure_if_another_does() {
    let sandbox = CliSandbox::with_instances(&format!("{WORLD}{ELSEWHERE}"), "", 3);
    let list =
        |name: &str| ["list", "groups", "--all-instances", "--json", "--community", name].map(str::to_owned);
    let run = |code, name: &str| {
        let arguments = list(name);
        sandbox.expect(code, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let found = groups(&run(0, "Only of annex"));
    assert_eq!(found, pairs(&[("annex", "Its only group")]));
    assert!(run(2, "Nowhere").stderr.contains("Nowhere"));
}

/// A community that only one number is in.
const ELSEWHERE: &str = r#"
[[community]]
name = "Only of annex"
groups = [{ name = "Its only group", roles = { ops = "none", shop = "none" } }]
roles = { ops = "none", shop = "none" }
"#;

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
    for wrong in [
        ["communities", "--standalone"],
        ["communities", "--members=2"],
        ["state", "--not-admin"],
        ["state", "--full"],
    ] {
        let refused = sandbox.expect(2, &["list", wrong[0], "--instance", "ops", wrong[1]]);
        assert!(refused.stderr.contains("list groups"), "{refused:?}");
    }
    sandbox.expect(2, &["list", "groups", "--instance", "ops", "--csv", "--duplicate-names"]);
}

#[test]
fn a_list_is_limited_by_the_number_of_members() {
    let world = WORLD
        .replace("name = \"Parking\"", "name = \"Parking\", members = 500")
        .replace("name = \"parking\"", "name = \"parking\", members = 12")
        .replace("groups = [\"Reception\"", "groups = [{ name = \"Reception\", members = 501 }");
    let sandbox = CliSandbox::with_instances(&world, "", 3);
    let list = |range: &str| {
        let list = ["list", "groups", "--instance", "ops", "--json", "--members", range];
        groups(&sandbox.expect(0, &list)).into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    assert_eq!(list("500"), ["Parking"]);
    assert_eq!(list(">500"), ["Reception"]);
    assert_eq!(list("<=12"), ["parking"]);
    assert_eq!(list("500..501"), ["Parking", "Reception"]);
    for wrong in ["many", ">", "5..2", ""] {
        let refused = sandbox.expect(2, &["list", "groups", "--instance", "ops", "--members", wrong]);
        assert!(refused.stderr.contains("100..200"), "{refused:?}");
    }
}

/// Where the list of groups says which groups are in a community, this needs no listing; elsewhere each is read.
#[test]
fn full_communities_and_their_groups_are_listed_on_every_gateway() {
    let world = WORLD.replace(
        "[standalone]",
        "[[community]]\nname = \"Crowded\"\ngroups = [{ name = \"Ward\", copies = 50 }]\n[standalone]",
    );
    let (sandbox, simulator) = CliSandbox::watching_all(World::parse(&world, "world.toml").unwrap());
    for instance in ["ops", "shop"] {
        let before = simulator.requests().len();
        let full = sandbox.expect(0, &["list", "communities", "--instance", instance, "--full", "--json"]);
        let names: Vec<_> = full.events().iter().map(|event| event["name"].clone()).collect();
        assert_eq!(names, ["Crowded"], "{full:?}");
        assert!(instance != "ops" || simulator.requests().len() - before == 2, "the connection and one list");
        let inside =
            groups(&sandbox.expect(0, &["list", "groups", "--instance", instance, "--full", "--json"]));
        assert_eq!(inside.len(), 50);
        assert!(inside.iter().all(|(_, name)| name.starts_with("Ward ")), "{inside:?}");
    }
}

/// Roles that the screen has read and stored count, with their age.
#[test]
fn roles_of_earlier_sessions_limit_a_list_that_does_not_say_them() {
    let sandbox = three();
    let all = sandbox.expect(0, &["list", "groups", "--instance", "ops", "--json"]).events();
    let of = |name: &str| {
        let group = all.iter().find(|event| event["name"] == name).unwrap();
        GroupId::parse(group["group"].as_str().unwrap()).unwrap()
    };
    let config = sandbox.read("config.toml");
    let address = config.lines().find_map(|line| line.strip_prefix("base_url = ")).unwrap().trim_matches('"');
    let name = SecretString::from("ops".to_owned());
    let key = instance_key(GatewayKind::RyzeApi, &BaseUrl::parse(address).unwrap(), &name);
    let now = Clock::system().now();
    let begun = Millis(now.0 - 2 * 60 * 60 * 1000);
    let role = |name: &str, role: Role| KnownRole { group: of(name), role, begun };
    let roles = vec![role("Parking", Role::Member), role("parking", Role::Admin)];
    let store = FileStore::open(&sandbox.path("state")).unwrap();
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(store.keep_roles(&key, roles, now))
        .unwrap();
    drop(store);
    let list = |flag: &str| sandbox.expect(0, &["list", "groups", "--instance", "ops", flag, "--json"]);
    assert_eq!(groups(&list("--not-admin")), pairs(&[("ops", "Parking")]));
    assert_eq!(groups(&list("--admin")), pairs(&[("ops", "parking")]));
    let listed = list("--admin").events();
    assert_eq!(listed[0]["role"], "admin");
    assert_eq!(listed[0]["role_read_at"], rfc3339(begun).as_str());
    let cached = sandbox.expect(0, &["list", "groups", "--instance", "ops", "--cached", "--not-admin"]);
    assert!(cached.stdout.starts_with("Parking") && cached.stdout.lines().count() == 1, "{cached:?}");
    assert!(cached.stderr.contains("the oldest was read 2 h ago"), "{cached:?}");
    sandbox.expect(2, &["list", "groups", "--instance", "ops", "--admin", "--not-admin"]);
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
