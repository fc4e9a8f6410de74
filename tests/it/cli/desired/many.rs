//! Five hundred groups in one table.

use std::fmt::Write;

use synod::simulator::{GatewayKind, World};

use super::{Desk, name};
use crate::support::simulated::group_id;

/// The id of a group or community in the world.
fn id(nth: usize) -> String {
    format!("{}", 120_363_400_250_000_000_u64 + nth as u64)
}

fn community(nth: usize) -> String {
    format!("1203634000000{nth:02}001")
}

/// Fifty groups for each of ten communities: half of them by name, half by id.
fn table(kind: GatewayKind) -> String {
    let mut table = "group,community,instance\n".to_owned();
    for nth in 1..=500 {
        let group = if nth % 2 == 0 { format!("Group {nth}") } else { group_id(kind, &id(nth)) };
        writeln!(table, "{group},District {},{}", (nth - 1) / 50 + 1, name(kind)).unwrap();
    }
    table
}

/// With the quick paces this takes some ten seconds: most of it is the wait for the first read-back of each group.
fn are_put_in_place_and_kept_there(kind: GatewayKind) {
    let desk = Desk::of(World::built_in("five_hundred").unwrap());
    desk.sandbox.write("districts.csv", &table(kind));
    let apply = ["apply", "districts.csv", "-y", "--json"];
    let first = desk.expect(0, &apply);
    let events = first.events();
    let of = |kind: &str| events.iter().filter(|event| event["event"] == kind).collect::<Vec<_>>();
    assert_eq!(of("plan").len(), 1);
    assert_eq!(
        (&of("plan")[0]["send"], of("plan")[0]["capacities"].as_array().unwrap().len()),
        (&500.into(), 10)
    );
    assert_eq!(of("operation_ended")[0]["totals"]["verified"], 500);
    assert_eq!((of("operation_ended").len(), desk.operations(), desk.writes()), (1, 1, 500));
    for (community, groups) in desk.places() {
        let district: usize = community.trim_start_matches("District ").parse().unwrap();
        let mut expected: Vec<String> =
            (district * 50 - 49..=district * 50).map(|nth| format!("Group {nth}")).collect();
        expected.sort();
        assert_eq!(groups, expected, "{community}");
    }
    desk.expect_unsent(0, &apply);
    desk.expect_unsent(0, &["diff", "districts.csv"]);
    assert_eq!(desk.operations(), 1);

    // Somebody moves three groups. Two of the communities are full again, so that each group needs the room of the next.
    desk.by_hand(kind, "unlink", &community(1), &id(7));
    desk.by_hand(kind, "unlink", &community(2), &id(60));
    desk.by_hand(kind, "link", &community(1), &id(60));
    desk.by_hand(kind, "unlink", &community(3), &id(120));
    desk.by_hand(kind, "link", &community(2), &id(120));
    let differs = desk.expect_unsent(6, &["diff", "districts.csv", "--json"]).events();
    let mut found: Vec<(&str, &str, Option<&str>)> = differs
        .iter()
        .filter(|event| event["event"] == "difference")
        .map(|event| {
            let text = |key: &str| event[key].as_str();
            (text("name").unwrap(), text("difference").unwrap(), text("from_name"))
        })
        .collect();
    found.sort_unstable();
    let expected = [
        ("Group 120", "elsewhere", Some("District 2")),
        ("Group 60", "elsewhere", Some("District 1")),
        ("Group 7", "missing", None),
    ];
    assert_eq!(found, expected);
    let compared = differs.last().unwrap();
    assert_eq!((&compared["differences"], &compared["exit_code"]), (&3.into(), &6.into()));
    let before = desk.writes();
    let again = desk.expect(0, &apply);
    assert_eq!(again.events().last().unwrap()["totals"]["verified"], 3, "{again:?}");
    assert_eq!(desk.writes() - before, 5, "two moves and a link");
    desk.expect_unsent(0, &["diff", "districts.csv"]);
}

#[test]
fn five_hundred_groups_are_put_in_place_on_ryzeapi() {
    are_put_in_place_and_kept_there(GatewayKind::Ryzeapi);
}

#[test]
fn five_hundred_groups_are_put_in_place_on_zapi() {
    are_put_in_place_and_kept_there(GatewayKind::Zapi);
}
