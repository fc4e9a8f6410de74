//! The window with the keys, made from the key table.

use ratatui::{buffer::Buffer, text::Span};

use super::Look;
use crate::{
    app::{
        layout::{HELP_SIZE, Layout},
        modal::Help,
    },
    text::width::pad,
    tui::{
        keymap::{Binding, Bound, Key, Keymap, Section},
        widget::{
            pane::{line_of, row},
            window::open,
        },
    },
};

enum HelpLine {
    Blank,
    Section(Section),
    Keys { keys: Vec<Key>, name: &'static str },
}

/// The lines of the help: a heading for each part of the table, the keys of one name on one line.
fn lines(map: &Keymap) -> Vec<HelpLine> {
    let mut lines: Vec<HelpLine> = Vec::new();
    let mut section = None;
    let mut bindings: Vec<&Bound> = map.bindings().iter().collect();
    bindings.sort_by_key(|bound| bound.row.section);
    for Bound { keys, row: Binding { name, section: part, .. } } in bindings {
        if section != Some(*part) {
            if section.is_some() {
                lines.push(HelpLine::Blank);
            }
            lines.push(HelpLine::Section(*part));
            section = Some(*part);
        }
        let same = lines.iter_mut().find_map(|line| match line {
            HelpLine::Keys { keys, name: known } if help_key(known) == help_key(name) => Some(keys),
            _ => None,
        });
        match same {
            Some(known) => known.extend(keys),
            None => lines.push(HelpLine::Keys { keys: keys.clone(), name }),
        }
    }
    lines
}

/// How many lines the help has.
pub fn length() -> usize {
    lines(&Keymap::default()).len()
}

pub(super) fn draw(window: &Help, look: Look<'_>, layout: &Layout, buffer: &mut Buffer) {
    let Look { theme, text, .. } = look;
    let inside = open(layout, HELP_SIZE, &text.say("help-title"), theme, buffer);
    let lines = lines(look.keys);
    let below = lines.len().saturating_sub(window.lines.offset() + usize::from(inside.height));
    if below > 0 {
        let words = format!(" {} ", text.with("plan-more", &[("count", below.into())]));
        buffer.set_stringn(inside.x, inside.bottom(), words, usize::from(inside.width), theme.dim);
    }
    for (at, _) in window.lines.visible() {
        let Some(line) = lines.get(at) else { break };
        let area = line_of(inside, at - window.lines.offset());
        match line {
            HelpLine::Blank => {}
            HelpLine::Section(section) => {
                row(area, &[], &[Span::styled(text.say(section_key(*section)), theme.title)], None, buffer);
            }
            HelpLine::Keys { keys, name } => {
                let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
                let keys = pad(&format!("  {}", keys.join(" ")), 22);
                let words = text.say(help_key(name));
                row(area, &[Span::styled(keys, theme.key)], &[Span::styled(words, theme.text)], None, buffer);
            }
        }
    }
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

/// The text of a binding, by its name in the table.
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
        ("undo", "help-undo"),
        ("resume", "help-resume"),
        ("open", "help-open"),
        ("next-outcome", "help-next-outcome"),
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
