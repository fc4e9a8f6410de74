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
