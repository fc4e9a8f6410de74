//! The command that does the same as an operation.

use synod::domain::{
    command::{of, quoted},
    community::CommunityRef,
    event::{Order, OrderItem},
    id::{CommunityId, GroupId, OperationId},
    name::Name,
    plan::{Step, Verb},
};

use crate::support::domain::{item, operation, order};

fn community(id: &str) -> CommunityId {
    CommunityId::parse(id).unwrap()
}

fn asked(verb: Verb, target: Option<&str>, items: &[(&str, Vec<Step>)]) -> String {
    let item = |(group, steps): &(&str, Vec<Step>)| OrderItem {
        name: Name::new("$(reboot)"),
        ..item(&GroupId::parse(group).unwrap(), steps.clone())
    };
    let order = Order {
        target: target.map(|id| CommunityRef { id: community(id), name: None }),
        parent: (verb == Verb::Rejoin).then_some(OperationId(4)),
        ..order(verb, items.iter().map(item).collect())
    };
    of(&operation(14, order, []), "ops")
}

#[test]
fn every_verb_is_asked_for_by_ids() {
    let link = |id| vec![Step::Link(community(id))];
    let unlink = |id| vec![Step::Unlink(community(id))];
    let command =
        asked(Verb::Link, Some("9@g.us"), &[("1@g.us", link("9@g.us")), ("2-group", link("9@g.us"))]);
    assert_eq!(command, "synod link 1@g.us 2-group --to 9@g.us --instance ops");
    let command = asked(Verb::Unlink, None, &[("1@g.us", unlink("9@g.us"))]);
    assert_eq!(command, "synod unlink 1@g.us --from 9@g.us --instance ops");
    let two = [("1@g.us", unlink("9@g.us")), ("2@g.us", unlink("8@g.us"))];
    assert_eq!(asked(Verb::Unlink, None, &two), "synod unlink 1@g.us 2@g.us --instance ops");
    let moved = vec![Step::Unlink(community("9@g.us")), Step::Link(community("8@g.us"))];
    let command = asked(Verb::Move, Some("8@g.us"), &[("1@g.us", moved)]);
    assert_eq!(command, "synod move 1@g.us --from 9@g.us --to 8@g.us --instance ops");
    let command = asked(Verb::Leave, None, &[("1@g.us", vec![Step::Leave])]);
    assert_eq!(command, "synod leave 1@g.us --instance ops");
    let whole = [("9@g.us", vec![Step::LeaveCommunity(community("9@g.us"))])];
    let command = asked(Verb::Leave, Some("9@g.us"), &whole);
    assert_eq!(command, "synod leave --community 9@g.us --instance ops");
    let command = asked(Verb::Rejoin, None, &[("1@g.us", vec![Step::Join])]);
    assert_eq!(command, "synod operations rejoin 4 --instance ops");
}

#[test]
fn a_word_is_one_word_for_a_shell_and_nothing_for_a_terminal() {
    for (word, wanted) in [
        ("ops", "ops"),
        ("", "''"),
        ("two words", "'two words'"),
        ("it's $(reboot) `x`;&|", r"'it'\''s $(reboot) `x`;&|'"),
        ("~root", "'~root'"),
    ] {
        assert_eq!(quoted(word), wanted);
    }
    let command = quoted("a\u{1b}]52;c;x\u{7}b\nc\u{202e}");
    assert!(command.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{command:?}");
}
