//! The commands in `docs/desired-state.md`: each block is run as it stands there.

use super::Desk;
use crate::{
    cli::sandbox::{Ended, is_sentence},
    support::documents::blocks,
};

const DOCUMENT: &str = include_str!("../../../../docs/desired-state.md");

/// A block of the document after a heading, in a language.
fn block(heading: &str, language: &str) -> String {
    let section = DOCUMENT.split(&format!("\n### {heading}\n")).nth(1);
    let section = section.unwrap_or_else(|| panic!("no section {heading}"));
    let section = section.split("\n#").next().unwrap();
    let block = section.split(&format!("```{language}\n")).nth(1);
    block.unwrap_or_else(|| panic!("no {language} in {heading}")).split("```").next().unwrap().to_owned()
}

/// The example of a format.
fn example(language: &str) -> &'static str {
    DOCUMENT.split(&format!("```{language}\n")).nth(1).unwrap().split("```").next().unwrap()
}

/// A world with the communities and groups of the examples, on one gateway.
const WORLD: &str = settings!(
    r#"
[[instance]]
name = "ops"

[[community]]
name = "Harbor Clinics"
id = "120363400000000001"
groups = ["Reception", "Old rota"]

[[community]]
name = "North Schools"
id = "120363400000001001"
groups = ["Class 1A", "Lab results"]

[standalone]
groups = ["Kitchen", "Night nurses", { name = "Radiology", id = "120363400000000031" }, "Staff party"]
"#
);

fn desk() -> Desk {
    Desk::with(WORLD)
}

impl Desk {
    /// The names of the groups in a community of the one instance.
    fn members(&self, community: &str) -> Vec<String> {
        self.sandbox.members(community)
    }

    /// Runs a block as a shell would; `synod` is the program.
    fn script(&self, script: &str) -> Ended {
        self.sandbox.shell(&format!("synod() {{ \"$SYNOD\" \"$@\"; }}\n{script}"))
    }
}

#[test]
fn every_block_of_commands_has_a_test_here() {
    let commands = blocks(DOCUMENT).into_iter().filter(|block| matches!(&*block.language, "sh" | "crontab"));
    assert_eq!(commands.count(), 4, "a daily job and its line for cron, a review, a spreadsheet");
}

#[test]
fn the_examples_of_both_formats_can_be_applied() {
    let desk = desk();
    desk.sandbox.write("clinics.toml", example("toml"));
    desk.expect(0, &["apply", "clinics.toml", "-y"]);
    assert_eq!(desk.members("Harbor Clinics"), ["Lab results", "Radiology", "Reception"]);
    desk.expect_unsent(0, &["diff", "clinics.toml"]);
    desk.sandbox.write("clinics.csv", example("csv"));
    desk.expect(0, &["apply", "clinics.csv", "-y"]);
    assert_eq!(desk.members("Harbor Clinics"), ["Lab results", "Night nurses", "Radiology", "Reception"]);
    assert_eq!(desk.members("North Schools"), ["Class 1A", "Kitchen"]);
    desk.expect_unsent(0, &["diff", "clinics.csv"]);
}

#[test]
fn a_daily_job_puts_the_groups_back_and_is_silent_if_nothing_differs() {
    let desk = desk();
    desk.sandbox.write("clinics.toml", example("toml"));
    let job = block("A daily job", "sh");
    let first = desk.script(&job);
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""), "{first:?}");
    assert!(!first.stdout.is_empty(), "what was wrong is reported");
    assert_eq!(desk.members("Harbor Clinics"), ["Lab results", "Radiology", "Reception"]);
    let before = desk.writes();
    let again = desk.script(&job);
    assert_eq!((again.code, again.stdout.as_str(), again.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(desk.writes(), before);
    // A mistake in the file is reported, and nothing is sent.
    desk.sandbox.write("clinics.toml", &example("toml").replace("Reception", "Recepcion desk"));
    let wrong = desk.script(&job);
    assert!(wrong.code == Some(2) && is_sentence(&wrong.stderr), "{wrong:?}");
    assert_eq!(desk.writes(), before);
    // The line for cron runs the same script.
    assert!(block("A daily job", "crontab").contains(" * * * "));
}

#[test]
fn a_colleague_reviews_a_plan_and_applies_it() {
    let desk = desk();
    desk.sandbox.write("clinics.toml", example("toml"));
    let script = block("Review by a colleague", "sh");
    let (made, applied) = script.split_once("\n\n").expect("two blocks: yours and the colleague's");
    let planned = desk.script(made);
    assert_eq!(planned.code, Some(0), "{planned:?}");
    assert_eq!((desk.writes(), desk.sandbox.mode("clinics.plan")), (0, 0o600));
    let ran = desk.script(applied);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(desk.members("Harbor Clinics"), ["Lab results", "Radiology", "Reception"]);
    // The plan is only applied to the situation that was reviewed.
    let late = desk.script(applied);
    assert!(late.code == Some(1) && late.stderr.contains("Lab results"), "{late:?}");
}

#[test]
fn a_spreadsheet_is_edited_and_applied() {
    let desk = desk();
    let script = block("A spreadsheet", "sh");
    let (export, apply) = script.split_once("\n\n").expect("the export, and what follows the edit");
    assert_eq!(desk.script(export).code, Some(0));
    let table = desk.sandbox.read("groups.csv");
    let edited = table.replace(",Kitchen,,", ",Kitchen,Harbor Clinics,").replace(',', ";");
    desk.sandbox.write("groups.csv", &format!("\u{feff}{edited}"));
    let applied = desk.script(apply);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    assert_eq!(desk.members("Harbor Clinics"), ["Kitchen", "Old rota", "Reception"]);
}
