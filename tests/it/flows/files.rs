//! Output of the program to a file or the clipboard: plans, exported operations, command lines.

use std::{fs, os::unix::fs::PermissionsExt};

use super::{plain, with};
use crate::support::harness::Harness;

/// A program that linked a standalone group, with the window of operations open.
async fn linked(group: &str) -> Harness {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>/").await.keys(group).await.keys("<enter> l").await;
    synod.confirmed().await;
    synod.keys("<esc>o").await;
    synod
}

#[tokio::test(start_paused = true)]
async fn an_operation_is_exported_as_csv_for_its_owner_alone() {
    let mut synod = linked("parking").await;
    synod.keys("w").await;
    synod.shows("Save operation #1 to a file").shows("File: synod-operation-1.csv").shows("CSV, one line");
    synod.keys("<enter>").await;
    synod.until("The operation was saved to synod-operation-1.csv.").await;
    synod.shows("Operations of ops");
    let file = synod.state_dir().join("synod-operation-1.csv");
    let content = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = content.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "operation,verb,group,name,community,outcome,reason,attempts,last_attempt,operator,host"
    );
    let id = synod.group("Parking");
    let row = format!("1,link,{id},Parking,120363400000000001@g.us,verified,,1,");
    assert!(lines[1].starts_with(&row), "{content}");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn tab_chooses_json_and_the_export_holds_the_events_of_the_command() {
    let mut synod = linked("parking").await;
    synod.keys("w<tab>").await;
    synod.shows("synod-operation-1.json").shows("JSON, one event");
    synod.keys("<enter>").await;
    synod.until("The operation was saved to").await;
    let content = fs::read_to_string(synod.state_dir().join("synod-operation-1.json")).unwrap();
    let lines: Vec<serde_json::Value> =
        content.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["event"], &lines[0]["instance"]), (&"operation".into(), &"ops".into()));
    assert_eq!((&lines[1]["event"], &lines[1]["outcome"]), (&"item".into(), &"verified".into()));
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_ever_overwritten_and_another_name_is_proposed() {
    let mut synod = linked("parking").await;
    let file = synod.state_dir().join("synod-operation-1.csv");
    fs::write(&file, "dear to me").unwrap();
    synod.keys("w<enter>").await;
    synod.until("synod-operation-1.csv already exists").await;
    synod.shows("File: synod-operation-1-2.csv");
    assert_eq!(fs::read_to_string(&file).unwrap(), "dear to me");
    synod.keys("<enter>").await;
    synod.until("The operation was saved to synod-operation-1-2.csv.").await;
    assert_eq!(fs::read_to_string(&file).unwrap(), "dear to me");
    assert!(synod.state_dir().join("synod-operation-1-2.csv").exists());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_unwritable_file_is_reported_with_the_reason() {
    let mut synod = linked("parking").await;
    synod.keys("w<c-u>nowhere/x.csv<enter>").await;
    synod.until_said("The file could not be written: No such file or directory").await;
    synod.keys("<c-u>x.csv<enter>").await;
    synod.until("The operation was saved to x.csv.").await;
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn names_from_strangers_are_not_formulas_in_a_table_and_are_escaped_in_json() {
    let names = "[standalone]\ngroups = [\"=HYPERLINK(1)\", \"+1\", \"@a\", \"-2\", \"a,\\\"b\\u001B]52;c;x\\u0007\\u202Ec\"]\n";
    let head = "seed = 1\n[settings]\nlatency_ms = [100, 100]\n[ryzeapi]\nlist_community_fields = true\n";
    let community = "[[community]]\nname = \"Harbor\"\nid = \"120363400000000001\"\ngroups = [\"Hall\"]\n";
    let mut synod = Harness::toml(&format!("{head}{community}{names}")).start().await;
    synod.loaded().await.keys("<tab><tab>al").await;
    synod.confirmed().await;
    synod.keys("<esc>ow<enter>").await;
    synod.until("The operation was saved to").await;
    synod.keys("w<tab><enter>").await;
    synod.until("The operation was saved to synod-operation-1.json").await;
    let csv = fs::read_to_string(synod.state_dir().join("synod-operation-1.csv")).unwrap();
    for cell in [",'=HYPERLINK(1),", ",'+1,", ",'@a,", ",'-2,"] {
        assert!(csv.contains(cell), "{cell}: {csv}");
    }
    let json = fs::read_to_string(synod.state_dir().join("synod-operation-1.json")).unwrap();
    for content in [csv, json] {
        let is_safe = |c: char| !c.is_control() || matches!(c, '\r' | '\n');
        assert!(content.chars().all(|c| is_safe(c) && c != '\u{202e}'), "{content:?}");
    }
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_written_as_the_command_line_writes_it_and_nothing_is_sent() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter> l").await;
    synod.until("Press [y]").await;
    synod.keys("w").await;
    synod.shows("Save the plan to a file").shows("File: synod-plan-link.json");
    synod.keys("<c-u>my plan.json<enter>").await;
    synod.until_said("`synod apply 'my plan.json'` runs it. Nothing was sent.").await;
    synod.shows("Press [y]");
    let file = synod.state_dir().join("my plan.json");
    let content = fs::read_to_string(&file).unwrap();
    let plan = synod::export::plan_file::PlanFile::parse(&content).unwrap();
    assert_eq!(plan.instance_name(), "ops");
    assert!(content.contains(&synod.group("Parking")) && content.contains("\"send\": 1"), "{content}");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_is_confirmed_by_typing_can_be_written_too() {
    let mut synod = plain().start().await;
    synod.loaded().await.keys("X").await;
    synod.until("Type “Harbor Clinics”").await;
    synod.keys("w").await;
    synod.hides("Save the plan to a file").keys("<c-s>").await;
    synod.shows("Save the plan to a file").keys("<enter>").await;
    synod.until("The plan was saved to synod-plan-leave.json").await;
    assert!(synod.writes().is_empty());
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_command_line_of_an_operation_is_copied_and_shown() {
    let mut synod = linked("parking").await;
    synod.keys("Y").await;
    let wanted = format!("synod link {} --to 120363400000000001@g.us --instance ops", synod.group("Parking"));
    assert_eq!(synod.record().copied, std::slice::from_ref(&wanted));
    synod.shows("The same as a command").shows("Sent to the terminal's clipboard").shows(&wanted);
    synod.keys("Y").await;
    assert_eq!(synod.record().copied.len(), 2);
    synod.keys("<esc>").await;
    synod.shows("Operations of ops");
    synod.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_pasted_file_name_loses_its_control_characters() {
    let mut synod = with("").start().await;
    synod.loaded().await.keys("<tab><tab>/parking<enter> l").await;
    synod.until("Press [y]").await;
    synod.keys("w<c-u>").await.paste("a\u{202e}b\u{1b}[2J.json\nc").await;
    synod.keys("<enter>").await;
    synod.until("The plan was saved to").await;
    synod.end().await;
}
