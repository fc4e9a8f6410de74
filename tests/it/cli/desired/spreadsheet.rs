//! Tables: exported, edited in a spreadsheet, and applied.

use csv::{QuoteStyle, ReaderBuilder, Terminator, WriterBuilder};
use rstest::rstest;
use synod::simulator::{GatewayKind, World};

use super::{Desk, name};
use crate::support::simulated::BOTH;

/// The rows of an export: group, name, community, name of the community, instance.
fn rows(export: &str) -> Vec<Vec<String>> {
    let mut reader = ReaderBuilder::new().from_reader(export.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The table as a spreadsheet writes it: in another order, with a column of its own, a byte order mark, and everything quoted.
fn written(rows: &[Vec<String>], delimiter: char) -> String {
    let mut writer = WriterBuilder::new()
        .delimiter(delimiter as u8)
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(["Community", "Notes", "Instance", "GROUP", "name"]).unwrap();
    for row in rows {
        writer.write_record([&row[2], "seen; \"ok\",\n2 of 2", &row[4], &row[0], &row[1]]).unwrap();
    }
    format!("\u{feff}{}", String::from_utf8(writer.into_inner().unwrap()).unwrap())
}

#[rstest]
#[case(GatewayKind::Ryzeapi, ';')]
#[case(GatewayKind::Zapi, ';')]
#[case(GatewayKind::Ryzeapi, '\t')]
#[case(GatewayKind::Zapi, ',')]
fn an_export_is_edited_in_a_spreadsheet_and_applied(#[case] kind: GatewayKind, #[case] delimiter: char) {
    let desk = Desk::new();
    let mut rows = rows(&desk.exported(kind));
    let harbor = rows.iter().find(|row| row[3] == "Harbor Clinics").unwrap()[2].clone();
    let mut put = |group: &str, community: &str| {
        let known = rows.iter_mut().find(|row| row[1] == group);
        match known {
            Some(row) => community.clone_into(&mut row[2]),
            // Z-API does not say which groups are in no community.
            None => rows.push(vec![
                group.into(),
                group.into(),
                community.into(),
                String::new(),
                name(kind).into(),
            ]),
        }
    };
    put("Kitchen", "harbor clinics");
    put("Class 1A", &harbor);
    put("Radiology", "");
    desk.sandbox.write("edited.csv", &written(&rows, delimiter));
    let differs = desk.expect_unsent(6, &["diff", "edited.csv"]).stdout;
    assert!(differs.contains("3 differences"), "{differs}");
    let applied = desk.expect(0, &["apply", "edited.csv", "-y", "--json"]);
    assert_eq!(applied.events().last().unwrap()["totals"]["verified"], 3, "{applied:?}");
    assert_eq!(desk.writes(), 4, "a link, a move and an unlink");
    assert_eq!(desk.groups("Harbor Clinics"), ["Class 1A", "Kitchen", "Lab results", "Reception"]);
    assert_eq!(desk.groups("North Schools"), ["Class 1B", "Class 1C"]);
    // Z-API never says that a group is in no community.
    let code = if kind == GatewayKind::Zapi { 3 } else { 0 };
    desk.expect_unsent(code, &["apply", "edited.csv", "-y"]);
}

/// A line with the separator, as some spreadsheets write and read it.
#[test]
fn a_separator_line_comments_and_blank_lines_may_come_first() {
    let desk = Desk::new();
    desk.sandbox.write(
        "table.csv",
        "\n# by Ana\n\nsep=;\r\ngroup;community;instance\r\nKitchen; North Schools ;harbor\r\n",
    );
    desk.expect(0, &["apply", "table.csv", "-y"]);
    assert!(desk.groups("North Schools").contains(&"Kitchen".to_owned()));
    // A mistake is still reported with its line.
    desk.sandbox
        .write("table.csv", "\n# by Ana\n\nsep=;\ngroup;community;instance\n\nNobody;North Schools;harbor\n");
    assert!(desk.expect_unsent(2, &["apply", "table.csv", "-y"]).stderr.contains("Line 7: No group"));
}

#[test]
fn an_own_export_of_an_unchanged_world_sends_nothing() {
    for world in ["harbor", "hostile_names", "whatsapp_words", "another_admin"] {
        let mut world: toml::Table = World::built_in_text(world).unwrap().parse().unwrap();
        // The answers come at once, and are not counted.
        for (part, key, value) in
            [("settings", "latency_ms", vec![0, 1].into()), ("ryzeapi", "rate_limit", 100_000.into())]
        {
            let part = world.entry(part).or_insert_with(|| toml::Table::new().into());
            part.as_table_mut().unwrap().insert(key.to_owned(), value);
        }
        let desk = Desk::with(&world.to_string());
        for instance in desk.simulator.instances() {
            for list in [&["list", "groups", "--csv"][..], &["list", "state"]] {
                let export = desk.expect_unsent(0, &[list, &["--instance", &instance.name]].concat()).stdout;
                assert!(export.len() > 50, "{export}");
                desk.sandbox.write("export", &export);
                desk.expect_unsent(0, &["diff", "export"]);
                desk.expect_unsent(0, &["apply", "export", "-y"]);
            }
        }
    }
}

/// The exports of operations are the files that the terminal writes too.
#[test]
fn an_exported_operation_sends_nothing_while_its_result_lasts() {
    for kind in BOTH {
        let desk = Desk::new();
        let instance = ["--instance", name(kind), "-y"];
        let link = ["--to", "Harbor Clinics", "--", "Kitchen", "-dash"];
        desk.expect(0, &[&["link"][..], &instance, &link].concat());
        desk.expect(0, &[&["move", "Class 1A", "--to", "Harbor Clinics"][..], &instance].concat());
        desk.expect(0, &[&["unlink", "Class 1B", "--from", "North Schools"][..], &instance].concat());
        // Z-API never says that a group is in no community.
        let shown = if kind == GatewayKind::Zapi { &["1", "2"][..] } else { &["1", "2", "3"] };
        for nth in shown {
            let export = desk.expect_unsent(0, &["operations", "export", nth]).stdout;
            desk.sandbox.write("operation.csv", &export);
            let named = ["--instance", name(kind)];
            desk.expect_unsent(0, &[&["diff", "operation.csv"][..], &named].concat());
            desk.expect_unsent(0, &[&["apply", "operation.csv", "-y"][..], &named].concat());
        }
        // A group that was left cannot be put anywhere: each row says so.
        let ended = desk
            .sandbox
            .run(&[&["leave", "Parking", "--count", "1", "--include-risky"][..], &instance].concat());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        desk.sandbox.write("left.csv", &desk.expect(0, &["operations", "export", "4"]).stdout);
        let left = ["apply", "left.csv", "-y", "--instance", name(kind)];
        assert!(desk.expect_unsent(2, &left).stderr.contains("Line 2: This row of an exported operation"));
    }
}

#[test]
fn a_name_that_a_spreadsheet_takes_for_a_formula_is_a_name() {
    let desk = Desk::new();
    let export = desk.exported(GatewayKind::Ryzeapi);
    assert!(export.contains(",\"'=HYPERLINK(\"\"x\"\")\",") && export.contains(",'-dash,"), "{export}");
    // As it was exported, and as somebody types it.
    desk.sandbox.write("names.csv", "group,community,instance\n\"'=HYPERLINK(\"\"x\"\")\",Harbor Clinics,harbor\n-dash,Harbor Clinics,harbor\n\"Board; old, \"\"x\"\"\",Harbor Clinics,harbor\n");
    desk.expect(0, &["apply", "names.csv", "-y"]);
    let expected =
        ["-dash", "=HYPERLINK(\"x\")", "Board; old, \"x\"", "Lab results", "Radiology", "Reception"];
    assert_eq!(desk.groups("Harbor Clinics"), expected);
    desk.sandbox
        .write("names.csv", "group,community,instance\n\"=HYPERLINK(\"\"x\"\")\",,harbor\n'-dash,,harbor\n");
    desk.expect(0, &["apply", "names.csv", "-y"]);
    assert_eq!(desk.groups("Harbor Clinics").len(), 4);
}

/// Spreadsheets round numbers of more than fifteen digits. Communities on Z-API have such ids.
#[test]
fn a_long_number_is_exported_as_text_and_a_rounded_one_is_refused() {
    let desk = Desk::new();
    let export = desk.exported(GatewayKind::Zapi);
    for row in rows(&export) {
        assert!(!row.iter().any(|cell| cell.parse::<f64>().is_ok_and(|number| number > 1e15)), "{row:?}");
    }
    assert!(export.contains(",'98120363400000000001,"), "{export}");
    desk.sandbox.write("rounded.csv", "group,community,instance\nKitchen,\"9,81204E+19\",shop\n");
    let refused = desk.expect_unsent(2, &["apply", "rounded.csv", "-y"]).stderr;
    assert!(refused.contains("Line 2: A spreadsheet has rounded the ID “9,81204E+19”"), "{refused}");
}

#[test]
fn a_row_that_is_there_twice_counts_once() {
    let desk = Desk::new();
    let row = "Kitchen,Harbor Clinics,harbor\n";
    desk.sandbox
        .write("twice.csv", &format!("group,community,instance\n{row}{row}kitchen,harbor clinics,harbor\n"));
    desk.expect(0, &["apply", "twice.csv", "-y"]);
    assert_eq!((desk.writes(), desk.groups("Harbor Clinics").len()), (1, 4));
}

/// A table may come from another program.
#[test]
fn a_table_comes_from_standard_input() {
    let desk = Desk::new();
    let table = "group\tcommunity\nKitchen\tHarbor Clinics\n";
    let run = |arguments: &[&str]| desk.sandbox.run_with(arguments, table);
    assert_eq!(run(&["diff", "-", "--instance", "harbor"]).code, Some(6));
    assert_eq!(run(&["apply", "-", "--instance", "harbor"]).code, Some(2), "it cannot be confirmed there");
    assert_eq!(run(&["apply", "-", "--instance", "harbor", "-y"]).code, Some(0));
    assert_eq!(run(&["apply", "-", "--instance", "harbor", "-y"]).code, Some(0));
    assert_eq!(desk.writes(), 1);
    let refused = run(&["apply", "-", "-y"]).stderr;
    assert!(
        refused.contains("standard input has one mistake") && refused.contains("--instance"),
        "{refused}"
    );
}
