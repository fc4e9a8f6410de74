//! Files with mistakes: every mistake is reported with its line, all of them at once, and nothing is sent.

use rstest::rstest;

use super::Desk;
use crate::cli::sandbox::is_sentence;

/// The beginnings of the lines of a message that report a mistake.
fn told(stderr: &str) -> Vec<&str> {
    stderr.lines().filter(|line| line.starts_with("Line ")).collect()
}

/// Applies a file and compares it; checks that both refuse it with these mistakes, as text and as JSON.
fn refused(desk: &Desk, file: &str, code: &str, expected: &[&str]) {
    let apply = desk.expect_unsent(2, &["apply", file, "-y"]);
    assert!(is_sentence(&apply.stderr) && apply.stdout.is_empty(), "{apply:?}");
    assert!(apply.stderr.starts_with(&format!("synod: Nothing was changed. {file} has ")), "{apply:?}");
    let found = told(&apply.stderr);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found} is not {expected}");
    }
    let event = desk.expect_unsent(2, &["apply", file, "-y", "--json"]).events().pop().unwrap();
    assert_eq!((&event["event"], &event["code"]), (&"error".into(), &code.into()), "{event}");
    assert_eq!(told(event["message"].as_str().unwrap()), found);
    assert_eq!(desk.operations(), 0);
}

#[test]
fn every_mistake_in_a_table_is_reported_at_once() {
    let desk = Desk::new();
    let table = "group,community,instance\n\
                 Reception,Nowhere,harbor\n\
                 Same,Harbor Clinics,harbor\n\
                 Kitchen,Harbor Clinics,harbor\n\
                 kitchen,North Schools,harbor\n\
                 Nobody,Harbor Clinics,harbor\n\
                 ,Harbor Clinics,harbor\n\
                 Kitchen,Harbor Clinics,office\n\
                 Parking\n\
                 Parking,\n\
                 Board; old, \"x\",Harbor Clinics,harbor\n\
                 \"Night nurses,Harbor Clinics,harbor\n\
                 https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv,Harbor Clinics,harbor\n\
                 Night\0nurses,Harbor Clinics,harbor\n";
    desk.sandbox.write("bad.csv", table);
    let expected = [
        "Line 2: No community matches “Nowhere”. `synod list communities` shows",
        "Line 3: “Same” matches 2 of them: choose one by its ID.",
        "Line 5: Kitchen belongs in another place according to line 4: remove one",
        "Line 6: No group matches “Nobody”. `synod list groups` shows them all.",
        "Line 7: This row names no group. Give the ID or name",
        "Line 8: The configuration has no instance “office”. It has: \"harbor\", \"shop\".",
        "Line 9: This row has no cell in the column “community”.",
        "Line 10: The configuration has several instances. Choose one with --instance, such as --instance",
        "Line 11: This row has more cells than the header.",
        "Line 12: The quotation marks are wrong in this row",
        "Line 13: This matches no group. It looks like an invite link",
        "Line 14: No group matches “Night␀nurses”.",
    ];
    refused(&desk, "bad.csv", "no_such_community", &expected);
    let shown = desk.expect_unsent(2, &["apply", "bad.csv", "-y"]).stderr;
    assert!(shown.contains("\n  120363400250000004@g.us  Same, ") && !shown.contains("AbCdEfGh"), "{shown}");
    // A comparison treats unknown groups as differences, but not the rest.
    let differs = desk.expect_unsent(2, &["diff", "bad.csv"]).stderr;
    assert_eq!(told(&differs).len(), expected.len() - 2, "{differs}");
}

#[test]
fn every_mistake_in_a_state_file_is_reported_at_once() {
    let desk = Desk::new();
    let file = r#"[[community]]
instance = "harbor"
community = "Harbor Clinics"
groups = ["Reception", 5, "", "Nobody"]
only = "yes"
colour = "red"

[[community]]
instance = "office"
community = "North Schools"
groups = ["Kitchen"]

[[community]]
instance = "harbor"
community = "Nowhere"
groups = "Kitchen"

[[standalone]]
instance = "harbor"
groups = ["Reception", "Same"]
only = true

[[standalone]]
groups = ["Parking"]

[[community]]
instance = "shop"

[other]
x = 1
"#;
    desk.sandbox.write("bad.toml", file);
    let expected = [
        "Line 4: “groups” takes names or IDs in quotation marks",
        "Line 4: No group matches “Nobody”",
        "Line 5: “only” is either true or false.",
        "Line 6: There is no key “colour” here. The keys are: instance, community, groups, only.",
        "Line 9: The configuration has no instance “office”",
        "Line 15: No community matches “Nowhere”",
        "Line 16: “groups” takes a list, such as",
        "Line 20: Reception belongs in another place according to line 4",
        "Line 20: “Same” matches 2 of them",
        "Line 21: There is no key “only” here. The keys are: instance, groups.",
        "Line 24: The configuration has several instances",
        "Line 26: This section lacks the key “community”.",
        "Line 26: This section lacks the key “groups”.",
        "Line 29: There is no key “other” here. The keys are: community, standalone.",
    ];
    refused(&desk, "bad.toml", "usage", &expected);
}

/// A statement that is not TOML hides no other mistake, and causes none.
#[test]
fn invalid_toml_affects_only_its_own_statement() {
    let desk = Desk::new();
    let file = r#"# Where the groups belong
[[community]]
instance = "harbor"
community = "Harbor Clinics"
groups = ["Reception", "Nobody"
only = yes
only = true

[[community]]
instance = harbor
community = "North Schools"
groups = [
  "Class 1A"
  "Class 1B",
]

[[community]
colour = 1

[[standalone]]
instance = "harbor"
instance = "shop"
groups = ["Nobody"]
colour = 1
"#;
    desk.sandbox.write("bad.toml", file);
    let expected = [
        "Line 5: This is not valid TOML. Names need quotation marks",
        "Line 6: This is not valid TOML",
        "Line 10: This is not valid TOML",
        "Line 14: This is not valid TOML",
        "Line 17: This is not valid TOML",
        "Line 22: This key is given twice.",
        "Line 23: No group matches “Nobody”",
        "Line 24: There is no key “colour” here.",
    ];
    refused(&desk, "bad.toml", "usage", &expected);
}

#[rstest]
#[case::community_missing("group;place\nA;B\n", "Line 1: The table has no column “community”.")]
#[case::group_missing("name,community\nA,B\n", "Line 1: The table has no column “group”.")]
#[case::column_twice("group,community,Community\n", "Line 1: The table has two columns “community”.")]
#[case::text("hello world\n", "Line 1: This is neither a state file nor a table")]
#[case::html("<html>\n<body>\n", "Line 1: This is neither a state file nor a table")]
#[case::xml("<?xml version=\"1.0\"?>\n", "Line 1: ")]
#[case::json_array("[\"Kitchen\"]\n", "Line 1: ")]
#[case::empty("", "Line 1: The file says nothing about any group.")]
#[case::blank(" \n\n# note\n", "Line 1: The file says nothing about any group.")]
#[case::not_sections("community = \"Harbor Clinics\"\n", "Line 1: Write [[community]] on a line of its own")]
#[case::one_section("[community]\ncommunity = \"x\"\ngroups = []\n", "Line 1: Write [[community]] on a line")]
#[case::twice_in_toml(
    "[[community]]\ninstance = \"harbor\"\ncommunity = \"Harbor Clinics\"\ngroups = [\"Kitchen\"]\n\
     [[standalone]]\ninstance = \"harbor\"\ngroups = [\"kitchen\"]\n",
    "Line 7: Kitchen belongs in another place according to line 4"
)]
#[case::text_after_quotes(
    "group,community,instance\n\"Kit\"chen,Harbor Clinics,harbor\n",
    "Line 2: The quotation marks are wrong in this row"
)]
#[case::rows_in_a_cell(
    "group,community,instance,note\nKitchen,Harbor Clinics,harbor,\"x\nParking,Harbor Clinics,harbor,\"y\"\n",
    "Line 2: The quotation marks are wrong in this row"
)]
fn a_file_with_one_mistake_is_refused(#[case] content: &str, #[case] expected: &str) {
    let desk = Desk::new();
    desk.sandbox.write("file", content);
    refused(&desk, "file", "usage", &[expected]);
    assert!(told(&desk.expect_unsent(2, &["diff", "file"]).stderr)[0].starts_with(expected));
}

/// Input that is no text, or no file, is refused before anything is asked.
#[test]
fn what_cannot_be_read_is_refused_with_advice() {
    let desk = Desk::new();
    let table = "group,community,instance\nFarmácia,Harbor Clinics,harbor\n";
    let latin: Vec<u8> = table.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(table.encode_utf16().flat_map(u16::to_le_bytes));
    let image = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    std::fs::create_dir(desk.sandbox.path("folder")).unwrap();
    for (content, line) in [(latin, 2), (utf16, 1), (image, 1)] {
        std::fs::write(desk.sandbox.path("file"), content).unwrap();
        for command in [&["apply", "file", "-y"][..], &["diff", "file"], &["apply", "file", "-y", "--json"]] {
            let refused = desk.expect_unsent(2, command).stderr;
            assert!(
                refused.contains(&format!("line {line} is not UTF-8 text. Save the file as UTF-8")),
                "{refused}"
            );
        }
    }
    for (file, why) in [("folder", "a directory"), ("nothing.csv", "No such file"), ("/dev/zero", "a device")]
    {
        let refused = desk.expect_unsent(2, &["apply", file, "-y"]).stderr;
        assert!(is_sentence(&refused) && refused.contains(why), "{refused}");
        let event = desk.expect_unsent(2, &["diff", file, "--json"]).events().pop().unwrap();
        assert_eq!((&event["event"], &event["code"]), (&"error".into(), &"usage".into()));
    }
    desk.sandbox.write("file", "{\"v\":1,\"event\":\"group\"}\n");
    let refused = desk.expect_unsent(2, &["apply", "file", "-y"]).stderr;
    assert!(refused.contains("file is not a plan"), "{refused}");
    assert_eq!(desk.simulator.requests(), [], "nothing was asked of the gateway");
}

const MISTAKES: &str = "group,community,instance\n\
                        Reception,Nowhere,harbor\n\
                        Class 1A,North Schools,shop\n\
                        ,Harbor Clinics,shop\n\
                        Kitchen,Harbor Clinics,office\n\
                        Class 1B,Nowhere,shop\n";

/// Replaces a value of an instance in the configuration.
fn replace(desk: &Desk, instance: &str, key: &str, value: &str) {
    let config = desk.sandbox.read("config.toml");
    let name = format!("name = \"{instance}\"");
    let (before, entry) = config.split_once(&name).unwrap();
    let line = entry.lines().find(|line| line.starts_with(key)).unwrap();
    let entry = entry.replacen(line, &format!("{key} = {value}"), 1);
    desk.sandbox.write("config.toml", &format!("{before}{name}{entry}"));
}

/// Nobody can fix a file if an instance that cannot be read hides its mistakes, and trying again does not help.
#[test]
fn an_unreachable_instance_hides_no_mistake_that_is_known() {
    for (dead, known) in [("shop", &[2, 4, 5][..]), ("harbor", &[4, 5, 6])] {
        let desk = Desk::new();
        replace(&desk, dead, "base_url", "\"http://127.0.0.1:1\"");
        desk.sandbox.write("bad.csv", MISTAKES);
        for command in [&["apply", "bad.csv", "-y"][..], &["diff", "bad.csv"]] {
            let refused = desk.expect_unsent(2, command).stderr;
            let lines = told(&refused);
            assert_eq!(lines.len(), known.len(), "{refused}");
            for (line, number) in lines.iter().zip(known) {
                assert!(line.starts_with(&format!("Line {number}: ")), "{refused}");
            }
            assert!(refused.lines().last().unwrap().starts_with(&format!("Instance {dead}: ")), "{refused}");
        }
        let event = desk.expect_unsent(2, &["apply", "bad.csv", "-y", "--json"]).events().pop().unwrap();
        assert_eq!(event["retryable"], false, "{event}");
        // Without mistakes, a later try may succeed.
        desk.sandbox.write(
            "good.csv",
            "group,community,instance\nClass 1A,North Schools,shop\nReception,Harbor Clinics,harbor\n",
        );
        desk.expect_unsent(7, &["apply", "good.csv", "-y"]);
    }
}

#[rstest]
#[case::entry("base_url", "\"https://ana:pw@host\"", "user name or a password")]
#[case::secret("token", "{ env = \"SYNOD_TEST_UNSET\" }", "SYNOD_TEST_UNSET is not set")]
fn a_broken_instance_hides_no_mistake_that_is_known(
    #[case] key: &str,
    #[case] value: &str,
    #[case] why: &str,
) {
    let desk = Desk::new();
    replace(&desk, "shop", key, value);
    desk.sandbox.write("bad.csv", MISTAKES);
    for command in [&["apply", "bad.csv", "-y"][..], &["diff", "bad.csv"]] {
        let refused = desk.expect_unsent(2, command).stderr;
        let lines = told(&refused);
        assert_eq!(lines.len(), 2, "{refused}");
        assert!(lines[0].starts_with("Line 4: ") && lines[1].starts_with("Line 5: "), "{refused}");
        assert!(refused.contains(why), "{refused}");
    }
}

/// A table without rows asks for nothing, as an empty list of groups does.
#[test]
fn a_table_without_rows_is_no_failure() {
    let desk = Desk::new();
    desk.sandbox.write("head.csv", "group,community\r\n\r\n,,\r\n");
    let ended = desk.expect_unsent(0, &["apply", "head.csv", "-y", "--instance", "harbor"]);
    assert!(ended.stderr.contains("names no groups"), "{ended:?}");
    desk.expect_unsent(0, &["diff", "head.csv", "--instance", "harbor"]);
}

/// Two hundred thousand lines, all of them wrong in some way.
#[test]
fn each_of_two_hundred_thousand_lines_is_reported() {
    let desk = Desk::new();
    let mut table = "group,community,instance\n".to_owned();
    for nth in 0..50_000 {
        use std::fmt::Write;
        write!(table, "Nobody {nth},Harbor Clinics,harbor\nKitchen,1203634990{nth:08}@g.us,harbor\n")
            .unwrap();
        write!(table, ",Harbor Clinics,harbor\n\"Kitchen\"x,Place {nth},harbor\n").unwrap();
    }
    desk.sandbox.write("long.csv", &table);
    let refused = desk.expect_unsent(2, &["apply", "long.csv", "-y"]).stderr;
    // The first place of the kitchen may be right.
    assert_eq!(told(&refused).len(), 199_999);
    assert!(told(&refused).last().unwrap().starts_with("Line 200,001: The quotation marks"));
}
