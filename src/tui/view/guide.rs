//! The texts of the commands, made from the key table: the lines of the help and the rows of the palette.

use super::key_name;
use crate::{
    app::guide::{Command, Guide, HelpLine},
    text::Text,
    tui::keymap::{Bound, Key, Keymap, Section},
};

/// All commands and the help, with the current keys.
pub fn guide(keys: &Keymap, text: &Text) -> Guide {
    let mut bindings: Vec<&Bound> = keys.bindings().iter().collect();
    bindings.sort_by_key(|bound| bound.row.section);
    Guide { commands: commands(&bindings, text), help: help(&bindings, text) }
}

/// One command per name in the table: several rows with the same name are one action in several contexts.
fn commands(bindings: &[&Bound], text: &Text) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for Bound { keys, row } in bindings {
        let key = keys.first().map(|key| key_name(text, *key)).unwrap_or_default();
        if let Some(known) = commands.iter_mut().find(|command| command.name == row.name) {
            known.contexts.extend(row.contexts);
            if known.key.is_empty() {
                known.key = key;
            }
            continue;
        }
        commands.push(Command {
            action: row.action,
            contexts: row.contexts.to_vec(),
            name: row.name,
            words: text.say(help_key(row.name)).into_owned(),
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
        let meaning = help_key(row.name);
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
    lines
}

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

/// The key of a binding's help text in the catalogue, from its name in the table.
fn help_key(name: &str) -> &'static str {
    const KEYS: &[(&str, &str)] = &[
        ("up", "help-up-down"),
        ("down", "help-up-down"),
        ("page-up", "help-page"),
        ("page-down", "help-page"),
        ("half-page-up", "help-half-page"),
        ("half-page-down", "help-half-page"),
        ("first", "help-first-last"),
        ("last", "help-first-last"),
        ("next-pane", "help-pane"),
        ("previous-pane", "help-pane"),
        ("filter", "help-filter"),
        ("toggle-all-groups", "help-toggle-all-groups"),
        ("sort", "help-sort"),
        ("mark", "help-mark"),
        ("range", "help-range"),
        ("extend-up", "help-extend"),
        ("extend-down", "help-extend"),
        ("mark-all", "help-mark-all"),
        ("invert-marks", "help-invert-marks"),
        ("clear-marks", "help-clear-marks"),
        ("only-marked", "help-only-marked"),
        ("link", "help-link"),
        ("unlink", "help-unlink"),
        ("move", "help-move"),
        ("leave", "help-leave"),
        ("stop", "help-stop"),
        ("pause", "help-pause"),
        ("retry", "help-retry"),
        ("look-again", "help-look-again"),
        ("undo", "help-undo"),
        ("resume", "help-resume"),
        ("open", "help-open"),
        ("details", "help-details"),
        ("invite-link", "help-invite-link"),
        ("next-outcome", "help-next-outcome"),
        ("export", "help-export"),
        ("copy-command", "help-copy-command"),
        ("write-plan", "help-write-plan"),
        ("save", "help-save"),
        ("next-form", "help-next-form"),
        ("operations", "help-operations"),
        ("refresh", "help-refresh"),
        ("find-communities", "help-find-communities"),
        ("add-community", "help-add-community"),
        ("forget-community", "help-forget-community"),
        ("copy", "help-copy"),
        ("tick", "help-tick"),
        ("tick-all", "help-tick-all"),
        ("change-target", "help-change-target"),
        ("confirm", "help-confirm"),
        ("skip-checks", "help-skip-checks"),
        ("confirm-quit", "help-confirm-quit"),
        ("choose", "help-choose"),
        ("instances", "help-instances"),
        ("next-instance", "help-step-instance"),
        ("previous-instance", "help-step-instance"),
        ("connect", "help-connect"),
        ("connect-by-number", "help-connect-by-number"),
        ("reconnect", "help-reconnect"),
        ("take-text", "help-take-text"),
        ("keep-filter", "help-keep-filter"),
        ("palette", "help-palette"),
        ("run", "help-run"),
        ("next-theme", "help-next-theme"),
        ("help", "help-help"),
        ("back", "help-back"),
        ("repaint", "help-repaint"),
        ("suspend", "help-suspend"),
        ("interrupt", "help-interrupt"),
        ("quit", "help-quit"),
    ];
    KEYS.iter().find(|(known, _)| *known == name).map_or("help-help", |(_, key)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_binding_has_its_text() {
        for binding in crate::tui::keymap::BINDINGS {
            assert!(binding.name == "help" || help_key(binding.name) != "help-help", "{}", binding.name);
        }
    }
}
