//! The texts of the commands, made from the key table: the lines of the help and the rows of the palette.

use super::{context::key_name, help::KEYS};
use crate::{
    app::{
        Context,
        command_catalog::{Command, CommandCatalog, HelpRow},
        layout::HELP_NARROW,
    },
    text::{Text, width::wrap},
    tui::keymap::{Bound, Key, Keymap, Section},
};

/// All commands and the help, with the current keys.
pub fn command_catalog(keys: &Keymap, text: &Text) -> CommandCatalog {
    let mut bindings: Vec<&Bound> = keys.bindings().iter().collect();
    bindings.sort_by_key(|bound| bound.row.section);
    let places = PLACES.iter().map(|(key, _)| *key).chain([OTHERS, TERMS_HEADING, SIGNS_HEADING]);
    let places = places.map(|key| text.say(key).into_owned()).collect();
    CommandCatalog { commands: commands(&bindings, text), help: help(&bindings, text), places }
}

/// One command per name in the table: several rows with the same name are one action in several contexts.
fn commands(bindings: &[&Bound], text: &Text) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for Bound { keys, row } in bindings {
        let key = keys.first().map(|key| key_name(text, *key)).unwrap_or_default();
        if let Some(known) = commands.iter_mut().find(|command| command.name == row.name) {
            known.contexts.extend(row.contexts.iter());
            if known.key.is_empty() {
                known.key = key;
            }
            continue;
        }
        commands.push(Command {
            action: row.action,
            contexts: row.contexts.iter().collect(),
            name: row.name,
            words: text.say(row.help).into_owned(),
            key,
        });
    }
    commands
}

/// The rows of the help: all keys with the same meaning are one row.
fn help(bindings: &[&Bound], text: &Text) -> Vec<HelpRow> {
    let mut rows: Vec<(&'static str, Vec<Key>, HelpRow)> = Vec::new();
    for Bound { keys, row } in bindings {
        let contexts = row.contexts.iter();
        if let Some((_, known, help)) = rows.iter_mut().find(|(meaning, ..)| *meaning == row.help) {
            // Several rows of the table may have the same key in several contexts.
            let new: Vec<Key> = keys.iter().filter(|key| !known.contains(key)).copied().collect();
            known.extend(new);
            help.names.push(row.name);
            help.contexts.extend(contexts);
            continue;
        }
        let help = HelpRow {
            keys: String::new(),
            lines: in_narrow(&text.say(row.help)),
            words: text.say(row.help).into_owned(),
            names: vec![row.name],
            contexts: contexts.collect(),
            section: text.say(section_key(row.section)).into_owned(),
            place: String::new(),
        };
        rows.push((row.help, keys.to_vec(), help));
    }
    let rows = rows.into_iter().map(|(_, keys, mut row)| {
        let keys: Vec<String> = keys.iter().map(|key| key_name(text, *key)).collect();
        row.keys = keys.join(" ");
        let place = PLACES.iter().find(|(_, contexts)| row.contexts.iter().any(|one| contexts.contains(one)));
        row.place = text.say(place.map_or(OTHERS, |(key, _)| *key)).into_owned();
        row
    });
    let explained = |key: &'static str, all: &'static [(&'static str, &'static str)]| {
        let heading = text.say(key).into_owned();
        all.iter().map(move |(sign, meaning)| HelpRow {
            keys: (*sign).to_owned(),
            lines: in_narrow(&text.say(meaning)),
            words: text.say(meaning).into_owned(),
            names: Vec::new(),
            contexts: vec![Context::Panes, Context::Ended, Context::Filter],
            section: heading.clone(),
            place: heading.clone(),
        })
    };
    rows.chain(explained(TERMS_HEADING, &TERMS)).chain(explained(SIGNS_HEADING, &SIGNS)).collect()
}

/// The lines of a row's words in a narrow column of the help.
fn in_narrow(words: &str) -> Vec<String> {
    // A gap is between the columns.
    wrap(words, usize::from(HELP_NARROW) - KEYS - 1)
}

/// Where keys have a meaning, in the order of the help: the heading, and the contexts.
const PLACES: [(&str, &[Context]); 8] = [
    ("help-place-panes", &[Context::Panes, Context::Ended]),
    ("help-place-operations", &[Context::Operation, Context::Operations, Context::Item]),
    ("help-section-planning", &[Context::Plan, Context::PlanCount, Context::PlanText, Context::Planning]),
    ("help-place-drift", &[Context::Drift]),
    ("help-place-details", &[Context::Details]),
    ("help-place-instances", &[Context::Instances, Context::Connect, Context::Entry, Context::Removal]),
    ("help-place-finding", &[Context::Finding]),
    ("help-place-fields", &[Context::Filter, Context::PlanFilter, Context::HelpFilter, Context::Target]),
];

/// The heading of the rows for all other contexts.
const OTHERS: &str = "help-place-others";
const TERMS_HEADING: &str = "help-section-terms";
const SIGNS_HEADING: &str = "help-section-signs";

/// The signs at the end of a row, and the keys of their texts.
const SIGNS: [(&str, &str); 3] =
    [("★", "help-sign-admin"), ("·", "help-sign-member"), ("?", "help-sign-unknown")];

/// The search terms of a filter, and the keys of their texts.
const TERMS: [(&str, &str); 10] = [
    ("is:standalone", "help-term-standalone"),
    ("is:full", "help-term-full"),
    ("is:duplicate", "help-term-duplicate"),
    ("is:admin", "help-term-admin"),
    ("is:notadmin", "help-term-notadmin"),
    ("is:marked", "help-term-marked"),
    ("in:\"Harbor\"", "help-term-in"),
    ("members:>500", "help-term-members"),
    ("members:100..200", "help-term-range"),
    ("'is:full", "help-term-text"),
];

fn section_key(section: Section) -> &'static str {
    match section {
        Section::Moving => "help-section-moving",
        Section::Marking => "help-section-marking",
        Section::Acting => "help-section-acting",
        Section::Planning => "help-section-planning",
        Section::Instances => "help-section-instances",
        Section::Program => "help-section-program",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_binding_has_its_text() {
        let catalogue = include_str!("../../../assets/text/en.ftl");
        for binding in crate::tui::keymap::BINDINGS {
            let hint = binding.hint.map(|hint| hint.text);
            for key in hint.into_iter().chain([binding.help]) {
                assert!(catalogue.contains(&format!("\n{key} =")), "{key}");
            }
        }
    }
}
