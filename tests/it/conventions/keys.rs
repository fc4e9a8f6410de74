//! The keys: mistakes in their configuration, their documentation, and the keys that everyone tries.

use rstest::rstest;
use synod::{
    app::Context,
    tui::keymap::{BINDINGS, Keymap},
};
use tempfile::TempDir;

use crate::support::pty::{Setup, contains};

#[rstest]
#[case::unknown("keys.lnik = \"f2\"", 2, "There is no action “lnik”")]
#[case::no_key("keys.link = \"hyper-x\"", 2, "is not a key")]
#[case::taken("keys.copy = \"f2\"\nkeys.link = \"u\"", 3, "already")]
#[case::two_of_ours("keys.link = \"f2\"\nkeys.unlink = \"f2\"", 3, "already")]
#[case::twice("keys.link = [\n  \"f2\",\n  \"f2\",\n]", 4, "is listed twice")]
#[case::unreachable("keys.link = \"ctrl-i\"", 2, "never arrives")]
#[case::typed("keys.choose = \"x\"", 2, "is needed while text is typed")]
#[case::second_line("keys.link = \"f2\"\nkeys.link = \"f3\"", 3, "defined twice")]
fn a_mistake_in_the_keys_is_reported_with_its_line_before_the_screen_is_used(
    #[case] ui: &str,
    #[case] line: usize,
    #[case] what: &str,
) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, format!("[ui]\n{ui}\n")).unwrap();
    let arguments = ["demo", "--config"].map(str::to_owned).into_iter().chain([path.display().to_string()]);
    let Some(mut pty) = Setup::program(arguments.collect()).start() else { return };
    assert_eq!(pty.exit_code(), 2);
    // Lines of the terminal end in the middle of words.
    let said = pty.text().replace('\n', "");
    assert!(said.contains(&format!("config.toml, line {line}: ")), "{said}");
    assert!(said.contains(what) && said.contains("For example: "), "{said}");
    assert!(!contains(pty.bytes(), "\x1b["), "the terminal was left alone");
}

#[test]
fn a_dumb_terminal_is_refused_with_the_commands() {
    let Some(mut pty) = Setup::demo().variable("TERM", "dumb").start() else { return };
    assert_eq!(pty.exit_code(), 2);
    assert!(pty.text().replace('\n', "").contains("synod --help"), "{}", pty.text());
    assert!(!contains(pty.bytes(), "\x1b"));
}

#[test]
fn the_documentation_has_every_action_with_its_keys() {
    let page = include_str!("../../../docs/keys.md");
    for row in BINDINGS {
        let name = format!("`{}`", row.name);
        let line = page.lines().find(|line| line.starts_with('|') && line.contains(&name));
        let line = line.unwrap_or_else(|| panic!("{name} is not documented"));
        for key in row.keys {
            assert!(line.contains(&key.to_string()), "{name}: {key} is not documented in {line}");
        }
    }
}

/// Keys that users of similar programs press without reading anything.
#[rstest]
#[case("j", "down")]
#[case("k", "up")]
#[case("down", "down")]
#[case("pagedown", "page-down")]
#[case("ctrl-d", "half-page-down")]
#[case("g", "first")]
#[case("G", "last")]
#[case("home", "first")]
#[case("end", "last")]
#[case("tab", "next-pane")]
#[case("shift-tab", "previous-pane")]
#[case("space", "mark")]
#[case("v", "range")]
#[case("shift-down", "extend-down")]
#[case("a", "mark-all")]
#[case("i", "details")]
#[case("enter", "enter")]
#[case("h", "previous-pane")]
#[case("left", "previous-pane")]
#[case("+", "zoom")]
#[case("V", "invert-marks")]
#[case("c", "clear-marks")]
#[case("*", "only-marked")]
#[case("/", "filter")]
#[case("esc", "back")]
#[case("l", "link")]
#[case("u", "unlink")]
#[case("m", "move")]
#[case("X", "leave")]
#[case("S", "stop")]
#[case("p", "pause")]
#[case("r", "refresh")]
#[case("o", "operations")]
#[case("Y", "copy")]
#[case(":", "palette")]
#[case("ctrl-p", "palette")]
#[case("?", "help")]
#[case("ctrl-l", "repaint")]
#[case("ctrl-z", "suspend")]
#[case("q", "quit")]
#[case("ctrl-c", "interrupt")]
fn the_keys_that_everyone_tries_do_what_they_expect(#[case] key: &str, #[case] name: &str) {
    let mut keys = Keymap::default();
    // If an action needs the key of another one, the message names the other one.
    keys.rebind("next-theme", &[key]).unwrap();
    let (names, _) = keys.check().expect_err(key);
    assert!(names.contains(&name), "{key} does {names:?}");
    let in_panes = BINDINGS.iter().find(|row| row.name == name && row.contexts.contains(Context::Panes));
    assert!(in_panes.is_some(), "{name} holds in the panes");
}
