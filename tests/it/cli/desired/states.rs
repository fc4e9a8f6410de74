//! State files: the present state, exclusive communities, groups in none, and several instances.

use synod::simulator::{GatewayKind, Kind};

use super::{Desk, WORLD, name};
use crate::support::simulated::BOTH;

fn state(desk: &Desk, kind: GatewayKind) -> String {
    desk.expect_unsent(0, &["list", "state", "--instance", name(kind)]).stdout
}

#[test]
fn the_present_state_is_a_state_file() {
    for kind in BOTH {
        let desk = Desk::new();
        let present = state(&desk, kind);
        desk.sandbox.write("now.toml", &present);
        let applied = desk.expect_unsent(0, &["apply", "now.toml", "-y", "--json"]);
        assert_eq!(applied.events().last().unwrap()["operation"], serde_json::Value::Null);
        assert!(desk.expect_unsent(0, &["diff", "now.toml"]).stdout.contains("Nothing differs"));
        let one = ["list", "state", "--community", "North Schools", "--instance", name(kind)];
        let one = desk.expect_unsent(0, &one).stdout;
        assert!(one.contains("# Class 1A") && !one.contains("Reception"), "{one}");
        let says_none = present.contains("[[standalone]]");
        assert_eq!(says_none, kind == GatewayKind::Ryzeapi, "only RyzeAPI says which groups are in none");
        // Everything is undone by the file that was written before.
        desk.by_hand(kind, "unlink", "120363400000001001", "120363400000001011");
        desk.by_hand(kind, "link", "120363400000000001", "120363400000001011");
        desk.expect(0, &["apply", "now.toml", "-y"]);
        assert_eq!(state(&desk, kind), present);
    }
}

#[test]
fn an_exclusive_community_loses_the_groups_that_the_file_does_not_name() {
    for kind in BOTH {
        let desk = Desk::new();
        let file = state(&desk, kind).replacen("groups = [\n", "only = true\ngroups = [\n", 1);
        let lines: Vec<&str> = file.lines().filter(|line| !line.contains("# Radiology")).collect();
        desk.sandbox.write("only.toml", &lines.join("\n"));
        let differs = desk.expect_unsent(6, &["diff", "only.toml", "--json"]).events();
        assert_eq!((&differs[0]["difference"], &differs[0]["name"]), (&"extra".into(), &"Radiology".into()));
        assert_eq!((&differs[0]["community_name"], differs.len()), (&"Harbor Clinics".into(), 2));
        desk.expect(0, &["apply", "only.toml", "-y"]);
        assert_eq!(desk.groups("Harbor Clinics"), ["Lab results", "Reception"]);
        assert_eq!((desk.groups("North Schools").len(), desk.writes()), (3, 1));
        desk.expect_unsent(0, &["apply", "only.toml", "-y"]);
    }
}

/// All groups of a community are replaced at once, although a community keeps at least one: the new ones come first.
#[test]
fn an_exclusive_community_can_be_filled_with_other_groups() {
    for kind in BOTH {
        let desk = Desk::new();
        let instance = name(kind);
        let file = format!(
            "[[community]]\ninstance = {instance:?}\ncommunity = \"Harbor Clinics\"\ngroups = [\"Kitchen\", \
             \"Class 1B\"]\nonly = true\n"
        );
        desk.sandbox.write("new.toml", &file);
        desk.expect(0, &["apply", "new.toml", "-y"]);
        assert_eq!(desk.groups("Harbor Clinics"), ["Class 1B", "Kitchen"]);
        desk.expect_unsent(0, &["apply", "new.toml", "-y"]);
    }
}

#[test]
fn groups_are_taken_out_of_their_communities() {
    for kind in BOTH {
        let desk = Desk::new();
        let instance = name(kind);
        let file =
            format!("[[standalone]]\ninstance = {instance:?}\ngroups = [\"Radiology\", \"Class 1B\"]\n");
        desk.sandbox.write("none.toml", &file);
        let differs = desk.expect_unsent(6, &["diff", "none.toml"]).stdout;
        assert!(
            differs.starts_with("In no community\n") && differs.contains("in North Schools"),
            "{differs}"
        );
        desk.expect(0, &["apply", "none.toml", "-y"]);
        assert_eq!(desk.groups("Harbor Clinics"), ["Lab results", "Reception"]);
        assert_eq!(desk.groups("North Schools"), ["Class 1A", "Class 1C"]);
        // Z-API never says that a group is in no community.
        let code = if kind == GatewayKind::Zapi { 4 } else { 0 };
        desk.expect_unsent(code, &["apply", "none.toml", "-y"]);
    }
}

/// A row stands under the community that its group belongs in, even if nothing links it, or under none.
#[test]
fn every_row_of_a_plan_with_several_targets_has_a_heading() {
    let desk = Desk::new();
    let table = "group,community,instance\n\
                 Reception,Harbor Clinics,harbor\n\
                 Radiology,,harbor\n\
                 Kitchen,Harbor Clinics,harbor\n\
                 Parking,North Schools,harbor\n\
                 Class 1A,North Schools,harbor\n";
    desk.sandbox.write("places.csv", table);
    let shown = desk.expect_unsent(0, &["apply", "places.csv", "--dry-run"]).stdout;
    let lines: Vec<&str> = shown.lines().skip(1).take(13).collect();
    let expected = [
        "To do (3)",
        "  Harbor Clinics (1)",
        "      Kitchen",
        "  North Schools (1)",
        "      Parking",
        "  (no community) (1)",
        "      Radiology",
        "Already done, nothing to send (2)",
        "  Harbor Clinics (1)",
        "      Reception",
        "  North Schools (1)",
        "      Class 1A",
    ];
    assert!(lines.len() >= expected.len(), "{shown}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line} is not {expected} in {shown}");
    }
}

const BOTH_INSTANCES: &str = r#"
[[community]]
instance = "harbor"
community = "Harbor Clinics"
groups = ["Kitchen", "Parking", "-dash"]

[[community]]
instance = "shop"
community = "North Schools"
groups = ["Night nurses", '=HYPERLINK("x")', 'Board; old, "x"']
"#;

#[test]
fn several_instances_are_one_operation_each_side_by_side() {
    let desk = Desk::with(
        &WORLD
            .replace("link_delay_ms = 0", "link_delay_ms = 60")
            .replace("link_delay_ms = 1", "link_delay_ms = 60"),
    );
    desk.sandbox.write("both.toml", BOTH_INSTANCES);
    let differs = desk.expect_unsent(6, &["diff", "both.toml"]).stdout;
    assert!(differs.contains("Instance harbor") && differs.contains("Instance shop"), "{differs}");
    let applied = desk.expect(0, &["apply", "both.toml", "-y", "--json"]).events();
    let of = |kind: &str| applied.iter().filter(|event| event["event"] == kind).count();
    assert_eq!((of("plan"), of("operation_started"), of("operation_ended"), of("all_ended")), (2, 2, 2, 1));
    let all = applied.last().unwrap();
    assert_eq!((&all["totals"]["verified"], &all["exit_code"]), (&6.into(), &0.into()));
    assert_eq!(desk.operations(), 2);
    // Each instance sends its first request before the other one sends its last.
    let requests = desk.simulator.requests();
    let times = |instance: &str| -> Vec<i64> {
        let of = requests.iter().filter(|one| one.kind == Kind::Write && one.instance == instance);
        of.map(|request| request.received_at).collect()
    };
    let (harbor, shop) = (times("harbor"), times("shop"));
    assert_eq!((harbor.len(), shop.len()), (3, 3));
    assert!(harbor[0] < shop[2] && shop[0] < harbor[2], "{harbor:?} {shop:?}");
    let again = desk.expect_unsent(0, &["apply", "both.toml", "-y"]);
    assert!(again.stdout.contains("This plan sends nothing"), "{again:?}");
}

/// The world with a fault.
fn faulty(fault: &str) -> String {
    WORLD.replacen("[[instance]]", &format!("{fault}\n[[instance]]"), 1)
}

/// The exit code is that of all instances, and a group that is refused in one does not keep the other from its end.
#[test]
fn a_refusal_in_one_instance_does_not_stop_the_other() {
    let fault =
        "[[fault]]\non = \"link\"\ngroup = \"Parking\"\nthen = \"refuse\"\ntext = \"not-authorized\"\n";
    let desk = Desk::with(&faulty(fault));
    desk.sandbox.write("both.toml", BOTH_INSTANCES);
    let applied = desk.expect(3, &["apply", "both.toml", "-y", "--json"]).events();
    let all = applied.last().unwrap();
    assert_eq!((&all["totals"]["verified"], &all["totals"]["refused"]), (&5.into(), &1.into()));
    assert_eq!(all["exit_code"], 3);
    let differs = desk.expect_unsent(6, &["diff", "both.toml"]).stdout;
    assert!(differs.contains("Parking") && differs.contains("1 difference."), "{differs}");
    // An instance can be left out: nothing is asked of it.
    let file = BOTH_INSTANCES.split("[[community]]\ninstance = \"shop\"").next().unwrap();
    desk.sandbox.write("one.toml", &file.replace("instance = \"harbor\"\n", ""));
    desk.expect_unsent(2, &["diff", "one.toml"]);
    desk.expect_unsent(6, &["diff", "one.toml", "--instance", "harbor"]);
}

/// A listing that may be incomplete, or that cannot be read, does not show which groups are extra.
#[test]
fn an_exclusive_community_keeps_its_groups_if_its_listing_is_incomplete() {
    let long = WORLD.replace("\"Radiology\"]", "\"Radiology\", { name = \"Ward\", copies = 96 }]");
    let unread = "[[fault]]\non = \"subgroups\"\ncommunity = \"Harbor Clinics\"\nthen = \"error\"\nstatus = 500\n\
                  text = \"database is locked\"\n";
    let unread = faulty(unread);
    for (world, why) in [(&long, "its list may be incomplete"), (&unread, "database is locked")] {
        for kind in BOTH {
            let desk = Desk::with(world);
            let instance = name(kind);
            let file = format!(
                "[[community]]\ninstance = {instance:?}\ncommunity = \"Harbor Clinics\"\ngroups = \
                 [\"Reception\"]\nonly = true\n\n[[community]]\ninstance = {instance:?}\ncommunity = \"North \
                 Schools\"\ngroups = [\"Class 1A\"]\nonly = true\n"
            );
            desk.sandbox.write("only.toml", &file);
            let differs = desk.expect_unsent(6, &["diff", "only.toml"]).stdout;
            assert!(
                differs.contains("Other groups stay in Harbor Clinics") && differs.contains(why),
                "{differs}"
            );
            let before = desk.groups("Harbor Clinics");
            let applied = desk.expect(3, &["apply", "only.toml", "-y"]).stdout;
            assert!(
                applied.contains("Other groups stay in Harbor Clinics") && applied.contains(why),
                "{applied}"
            );
            assert_eq!(desk.groups("Harbor Clinics"), before);
            assert_eq!(desk.groups("North Schools"), ["Class 1A"], "the other one is complete");
            let told = desk.expect_unsent(3, &["apply", "only.toml", "-y", "--json"]).events();
            let told = told.iter().find(|event| event["event"] == "not_compared").unwrap();
            assert_eq!(told["community_name"], "Harbor Clinics");
        }
    }
}
