//! The manual pages.

use clap::{Command, CommandFactory};
use synod::cli::args::Arguments;

use super::sandbox::CliSandbox;
use crate::support::process::{self, tool};

/// The names of the pages of a command and its subcommands.
fn names(command: &Command) -> Vec<String> {
    let own = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let below = command.get_subcommands().filter(|one| !one.is_hide_set());
    std::iter::once(own).chain(below.flat_map(names)).collect()
}

#[test]
fn each_command_has_a_page_with_every_section() {
    let sandbox = CliSandbox::alone();
    sandbox.expect(0, &["man", "--dir", "new/pages"]);
    let mut root = Arguments::command();
    root.build();
    let names = names(&root);
    assert!(names.len() > 20 && names.contains(&"synod-operations-show".to_owned()), "{names:?}");
    for name in &names {
        let page = sandbox.read(&format!("new/pages/{name}.1"));
        let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
        for heading in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "EXIT STATUS",
            "ENVIRONMENT",
            "FILES",
            "EXAMPLES",
            "SEE ALSO",
        ] {
            assert!(headings.contains(&heading), "{name} lacks {heading}: {headings:?}");
        }
        let title = page.lines().next().unwrap();
        let words: Vec<&str> = title.split('"').collect();
        assert!(words.len() > 5 && words[3].len() == 10 && words[3].starts_with("20"), "no date: {title}");
    }
    let link = sandbox.read("new/pages/synod-link.1");
    assert!(link.contains("\n\\fB\\-\\-to\\fR \\fICOMMUNITY\\fR"), "the synopsis shows values: {link}");
    assert_eq!(sandbox.expect(0, &["man"]).stdout, sandbox.read("new/pages/synod.1"));
    sandbox.write("taken", "");
    sandbox.expect(1, &["man", "--dir", "taken"]);
}

#[test]
fn mandoc_finds_nothing_wrong() {
    let Some(mandoc) = tool("mandoc") else { return };
    let sandbox = CliSandbox::alone();
    sandbox.expect(0, &["man", "--dir", "pages"]);
    let lint = |file: &str| {
        let mut command = process::command(&mandoc);
        sandbox.dress(&mut command);
        let output = process::run(command.args(["-T", "lint", file]), None);
        String::from_utf8(output.stdout).unwrap()
    };
    for entry in std::fs::read_dir(sandbox.path("pages")).unwrap() {
        let path = entry.unwrap().path();
        let found = lint(path.to_str().unwrap());
        assert_eq!(found, "", "{}", path.display());
    }
    sandbox.write("bad.1", ".TH bad 1\n.SH NAME\nbad \n");
    assert!(lint("bad.1").contains("whitespace"), "it can find something");
}
