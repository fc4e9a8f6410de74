//! The texts of the commands, made from the key table: the lines of the help and the rows of the palette.

use super::context::key_name;
use crate::{
    app::command_catalog::{Command, CommandCatalog, HelpLine},
    text::Text,
    tui::keymap::{Bound, Key, Keymap, Section},
};

/// All commands and the help, with the current keys.
pub fn command_catalog(keys: &Keymap, text: &Text) -> CommandCatalog {
    let mut bindings: Vec<&Bound> = keys.bindings().iter().collect();
    bindings.sort_by_key(|bound| bound.row.section);
    CommandCatalog { commands: commands(&bindings, text), help: help(&bindings, text) }
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

/// The lines of the help: one heading per section of the table, and all keys with the same meaning on one line.
fn help(bindings: &[&Bound], text: &Text) -> Vec<HelpLine> {
    struct Row {
        section: Section,
        meaning: &'static str,
        keys: Vec<Key>,
        names: Vec<&'static str>,
    }
    let mut rows: Vec<Row> = Vec::new();
    for Bound { keys, row } in bindings {
        let meaning = row.help;
        if let Some(known) = rows.iter_mut().find(|known| known.meaning == meaning) {
            // Several rows of the table may have the same key in several contexts.
            let new: Vec<Key> = keys.iter().filter(|key| !known.keys.contains(key)).copied().collect();
            known.keys.extend(new);
            known.names.push(row.name);
        } else {
            rows.push(Row { section: row.section, meaning, keys: keys.clone(), names: vec![row.name] });
        }
    }
    let mut lines = Vec::new();
    let mut section = None;
    for Row { section: part, meaning, keys, names } in rows {
        if section.replace(part) != Some(part) {
            if !lines.is_empty() {
                lines.push(HelpLine::Blank);
            }
            lines.push(HelpLine::Heading(text.say(section_key(part)).into_owned()));
        }
        let keys: Vec<String> = keys.iter().map(|key| key_name(text, *key)).collect();
        let words = text.say(meaning).into_owned();
        lines.push(HelpLine::Keys { keys: keys.join(" "), words, names });
    }
    lines.extend([HelpLine::Blank, HelpLine::Heading(text.say("help-section-terms").into_owned())]);
    lines.extend(TERMS.into_iter().map(|(term, meaning)| {
        let words = text.say(meaning).into_owned();
        HelpLine::Keys { keys: term.to_owned(), words, names: Vec::new() }
    }));
    lines.extend([HelpLine::Blank, HelpLine::Heading(text.say("help-section-signs").into_owned())]);
    lines.extend(SIGNS.into_iter().map(|(sign, meaning)| {
        let words = text.say(meaning).into_owned();
        HelpLine::Keys { keys: sign.to_owned(), words, names: Vec::new() }
    }));
    lines
}

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
