//! The command line that repeats an operation: words quoted for a shell, with ids only, so that its meaning does not change. It
//! runs nothing.

use super::{
    id::CommunityId,
    name::Name,
    operation::{Item, Operation},
    plan::{Step, Verb},
};

/// The command line that requests what an operation requested, on the instance with this name.
pub fn of(operation: &Operation, instance: &str) -> String {
    let mut words = vec!["synod".to_owned()];
    let number = operation.id.to_string();
    let groups = operation.items.iter().map(|item| item.group.to_string());
    let left = operation.items.iter().find_map(|item| match item.steps.first() {
        Some(Step::LeaveCommunity(community)) => Some(community.to_string()),
        _ => None,
    });
    match (operation.verb, left) {
        (Verb::Leave, Some(community)) => {
            words.extend(["leave".to_owned(), "--community".to_owned(), community]);
        }
        (Verb::Leave, None) => {
            words.push("leave".to_owned());
            words.extend(groups);
        }
        // A rejoin names the operation that left the groups.
        (Verb::Rejoin, _) => {
            let number = operation.parent.map_or(number, |parent| parent.to_string());
            words.extend(["operations".to_owned(), "rejoin".to_owned(), number]);
        }
        (verb @ (Verb::Link | Verb::Unlink | Verb::Move), _) => {
            words.push(name(verb).to_owned());
            words.extend(groups);
            if verb != Verb::Link
                && let Some(source) = only(&operation.items, unlinked)
            {
                words.extend(["--from".to_owned(), source.to_string()]);
            }
            let target = operation.target.as_ref().map(|target| &target.id);
            let target = target.filter(|_| verb != Verb::Unlink).or_else(|| only(&operation.items, linked));
            if let Some(target) = target {
                words.extend(["--to".to_owned(), target.to_string()]);
            }
        }
    }
    words.extend(["--instance".to_owned(), instance.to_owned()]);
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}

fn name(verb: Verb) -> &'static str {
    match verb {
        Verb::Link => "link",
        Verb::Unlink => "unlink",
        Verb::Move => "move",
        Verb::Leave => "leave",
        Verb::Rejoin => "rejoin",
    }
}

/// The one community that all these steps name; `None` if they name none or several.
fn only(items: &[Item], named: fn(&Step) -> Option<&CommunityId>) -> Option<&CommunityId> {
    let mut all = items.iter().flat_map(|item| &item.steps).filter_map(named);
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

fn unlinked(step: &Step) -> Option<&CommunityId> {
    if let Step::Unlink(community) = step { Some(community) } else { None }
}

fn linked(step: &Step) -> Option<&CommunityId> {
    if let Step::Link(community) = step { Some(community) } else { None }
}

/// Quotes a word so that a shell reads exactly one word; terminal control characters are removed first.
pub fn quoted(word: &str) -> String {
    let word = Name::new(word);
    let word = word.shown();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:@%+,/-".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        community::CommunityRef,
        event::{Fate, OperationEvent, Order, OrderItem, Record, SeenBefore},
        id::{GroupId, OperationId},
        instance::InstanceKey,
        time::Millis,
    };

    fn community(id: &str) -> CommunityId {
        CommunityId::parse(id).unwrap()
    }

    fn asked(verb: Verb, target: Option<&str>, items: &[(&str, Vec<Step>)]) -> String {
        let item = |(group, steps): &(&str, Vec<Step>)| OrderItem {
            group: GroupId::parse(group).unwrap(),
            name: Name::new("$(reboot)"),
            steps: steps.clone(),
            done: 0,
            fate: Fate::Send,
            reason: None,
            evidence: SeenBefore::default(),
            sent_before: false,
        };
        let order = Order {
            verb,
            target: target.map(|id| CommunityRef { id: community(id), name: None }),
            parent: (verb == Verb::Rejoin).then_some(OperationId(4)),
            items: items.iter().map(item).collect(),
        };
        let event = OperationEvent::Created(Box::new(order));
        let record = Record {
            instance: InstanceKey::new("ops"),
            operation: OperationId(14),
            sequence: 0,
            at: Millis(0),
            event,
        };
        of(&Operation::begin(&record).unwrap(), "ops")
    }

    #[test]
    fn every_verb_is_asked_for_by_ids() {
        let link = |id| vec![Step::Link(community(id))];
        let unlink = |id| vec![Step::Unlink(community(id))];
        let response =
            asked(Verb::Link, Some("9@g.us"), &[("1@g.us", link("9@g.us")), ("2-group", link("9@g.us"))]);
        assert_eq!(response, "synod link 1@g.us 2-group --to 9@g.us --instance ops");
        let response = asked(Verb::Unlink, None, &[("1@g.us", unlink("9@g.us"))]);
        assert_eq!(response, "synod unlink 1@g.us --from 9@g.us --instance ops");
        let two = [("1@g.us", unlink("9@g.us")), ("2@g.us", unlink("8@g.us"))];
        assert_eq!(asked(Verb::Unlink, None, &two), "synod unlink 1@g.us 2@g.us --instance ops");
        let moved = vec![Step::Unlink(community("9@g.us")), Step::Link(community("8@g.us"))];
        let response = asked(Verb::Move, Some("8@g.us"), &[("1@g.us", moved)]);
        assert_eq!(response, "synod move 1@g.us --from 9@g.us --to 8@g.us --instance ops");
        let response = asked(Verb::Leave, None, &[("1@g.us", vec![Step::Leave])]);
        assert_eq!(response, "synod leave 1@g.us --instance ops");
        let whole = [("9@g.us", vec![Step::LeaveCommunity(community("9@g.us"))])];
        let response = asked(Verb::Leave, Some("9@g.us"), &whole);
        assert_eq!(response, "synod leave --community 9@g.us --instance ops");
        let response = asked(Verb::Rejoin, None, &[("1@g.us", vec![Step::Join])]);
        assert_eq!(response, "synod operations rejoin 4 --instance ops");
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
        let response = quoted("a\u{1b}]52;c;x\u{7}b\nc\u{202e}");
        assert!(response.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{response:?}");
    }
}
