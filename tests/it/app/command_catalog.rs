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
    let keys = |keys: &str, words: &str| HelpLine::Keys {
        keys: keys.to_owned(),
        words: words.to_owned(),
        names: Vec::new(),
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
            HelpLine::Heading("Marking".to_owned()),
            keys("a", "mark all"),
            HelpLine::Blank,
            HelpLine::Heading("Acting".to_owned()),
            keys("l", "link"),
            keys("u", "unlink"),
        ],
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

#[test]
fn matching_lines_are_under_their_headings() {
    let typed = |text: &str| Filter { input: Input::from(text.to_owned()), is_open: true };
    assert_eq!(catalog().lines(&typed("")).len(), 6);
    assert_eq!(catalog().lines(&typed("link")), [3, 4, 5]);
    assert_eq!(catalog().lines(&typed("a")), [0, 1]);
    assert!(catalog().lines(&typed("qqq")).is_empty());
}
