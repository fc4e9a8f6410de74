//! The commands of the palette and of the help.

use tui_input::Input;

use synod::app::action::*;
use synod::app::action::{Marking, Planned};
use synod::app::command_catalog::*;
use synod::app::{Context, filter::Filter};

fn command(action: Action, context: Context, name: &'static str, words: &str) -> Command {
    Command { action, contexts: vec![context], name, words: words.to_owned(), key: String::new() }
}

fn catalog() -> CommandCatalog {
    let keys = |keys: &str, words: &str, section: &str, context: Context| HelpRow {
        keys: keys.to_owned(),
        words: words.to_owned(),
        lines: vec![words.to_owned()],
        names: Vec::new(),
        contexts: vec![context],
        section: section.to_owned(),
        place: format!("In {context:?}"),
    };
    CommandCatalog {
        commands: vec![
            command(Action::Mark(Marking::All), Context::Panes, "mark-all", "mark all that is shown"),
            command(Action::Plan(Planned::Link), Context::Panes, "link", "ligar à comunidade; ação"),
            command(Action::Plan(Planned::Unlink), Context::Panes, "unlink", "unlink them"),
            command(Action::Confirm, Context::Plan, "confirm", "do it"),
            command(Action::ChangeTarget, Context::Plan, "change-target", "another community"),
        ],
        help: vec![
            keys("a", "mark all", "Marking", Context::Panes),
            keys("l", "link", "Acting", Context::Panes),
            keys("u", "unlink", "Acting", Context::Panes),
            keys("t", "another community", "Planning", Context::Plan),
        ],
        places: vec!["In Panes".to_owned(), "In Plan".to_owned()],
    }
}

fn names(found: &[Found]) -> Vec<&'static str> {
    found.iter().map(|found| catalog().commands[found.at].name).collect()
}

#[test]
fn without_a_text_all_available_actions_are_offered_in_order() {
    assert_eq!(names(&catalog().find(Context::Operation, " ")), ["mark-all", "link", "unlink"]);
    assert_eq!(names(&catalog().find(Context::Plan, "")), ["change-target"], "nothing confirms by Enter");
}

#[test]
fn the_best_match_comes_first_with_its_letters() {
    let found = catalog().find(Context::Panes, "link");
    assert_eq!(names(&found), ["link", "unlink"]);
    assert_eq!(found[0].letters, [0, 1, 2, 3]);
    assert_eq!(names(&catalog().find(Context::Panes, "acao")), ["link"], "accents need not be typed");
    assert_eq!(names(&catalog().find(Context::Panes, "mkal")), ["mark-all"], "letters may be left out");
    assert!(catalog().find(Context::Panes, "qqq").is_empty());
}

fn page(from: Context, text: &str) -> Vec<String> {
    let filter = Filter { input: Input::from(text.to_owned()), is_open: true };
    let words = |line: HelpLine| match line {
        HelpLine::Blank => String::new(),
        HelpLine::Heading(words) => words,
        HelpLine::Row(at) => format!("- {}", catalog().help[at].words),
        HelpLine::Part(at, part) => format!("- {} {part}", catalog().help[at].lines[part]),
    };
    catalog().page(from, &filter).into_iter().map(words).collect()
}

#[test]
fn the_help_begins_with_the_place_where_it_was_opened_and_has_each_row_once() {
    let panes =
        ["Marking", "- mark all", "", "Acting", "- link", "- unlink", "", "In Plan", "- another community"];
    assert_eq!(page(Context::Panes, ""), panes);
    let plan = ["Planning", "- another community", "", "In Panes", "- mark all", "- link", "- unlink"];
    assert_eq!(page(Context::Plan, ""), plan);
}

#[test]
fn matching_rows_are_under_their_headings() {
    assert_eq!(page(Context::Panes, "link"), ["Acting", "- link", "- unlink"]);
    assert_eq!(page(Context::Panes, "mark"), ["Marking", "- mark all"]);
    assert!(page(Context::Panes, "qqq").is_empty());
}
