//! The texts of the commands: the rows of the palette and the lines of the help. Both are built from the key table and
//! the catalogue, which the state does not know, and passed in at the start. This module only searches them.

use std::cmp::Reverse;

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};

use super::{
    action::Action,
    context::Context,
    filter::{Filter, Terms},
};

/// All commands, and the help.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandCatalog {
    /// Every named action, in the order of the help.
    pub commands: Vec<Command>,
    pub help: Vec<HelpLine>,
}

/// An action that can be run by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub action: Action,
    /// Where it is available.
    pub contexts: Vec<Context>,
    pub name: &'static str,
    pub words: String,
    /// The label of its first key; empty if it has none.
    pub key: String,
}

/// A line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpLine {
    /// An empty line, before a heading.
    Blank,
    Heading(String),
    /// Keys, and what they do.
    Keys {
        keys: String,
        words: String,
        /// The names of the actions in the configuration.
        names: Vec<&'static str>,
    },
}

/// A command in the palette, and which of its characters matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its index in [`CommandCatalog::commands`].
    pub at: usize,
    /// The indices of the matched grapheme clusters in [`Command::text`], ascending.
    pub letters: Vec<u32>,
}

impl Command {
    /// The text to search: the name, two spaces, and what the command does.
    pub fn text(&self) -> String {
        format!("{}  {}", self.name, self.words)
    }

    /// Whether the palette offers the command when opened in a context. A command that confirms with its own key is
    /// never offered, because Enter confirms nothing.
    fn is_offered(&self, from: Context) -> bool {
        let holds = match from {
            // All panes count as one place, whichever has the focus.
            Context::Panes | Context::Operation => {
                self.contexts.iter().any(|context| matches!(context, Context::Panes | Context::Operation))
            }
            _ => self.contexts.contains(&from),
        };
        holds && !matches!(self.action, Action::Confirm | Action::Palette)
    }
}

impl CommandCatalog {
    /// The commands that are available in a context and match a text, best first; all of them if the text is empty.
    pub fn find(&self, from: Context, typed: &str) -> Vec<Found> {
        let offered = self.commands.iter().enumerate().filter(|(_, command)| command.is_offered(from));
        if typed.trim().is_empty() {
            return offered.map(|(at, _)| Found { at, letters: Vec::new() }).collect();
        }
        let pattern = Pattern::new(typed, CaseMatching::Smart, Normalization::Smart, AtomKind::Fuzzy);
        let (mut matcher, mut buffer) = (Matcher::new(Config::DEFAULT), Vec::new());
        let mut found: Vec<(u32, Found)> = offered
            .filter_map(|(at, command)| {
                let (text, mut letters) = (command.text(), Vec::new());
                let score = pattern.indices(Utf32Str::new(&text, &mut buffer), &mut matcher, &mut letters)?;
                letters.sort_unstable();
                letters.dedup();
                Some((score, Found { at, letters }))
            })
            .collect();
        found.sort_by_key(|(score, _)| Reverse(*score));
        found.into_iter().map(|(_, found)| found).collect()
    }

    /// The indices of the help lines that match a filter, each section under its heading.
    pub fn lines(&self, filter: &Filter) -> Vec<usize> {
        if filter.is_empty() {
            return (0..self.help.len()).collect();
        }
        let terms = Terms::parse(filter.input.value());
        let is_found = |line: &HelpLine| {
            let HelpLine::Keys { keys, words, names } = line else { return false };
            terms.are_in(&format!("{keys} {words} {}", names.join(" ")))
        };
        let kept: Vec<usize> = (0..self.help.len()).filter(|at| is_found(&self.help[*at])).collect();
        let mut lines = Vec::new();
        for at in kept {
            let before = self.help[..at].iter().rposition(|line| matches!(line, HelpLine::Heading(_)));
            if let Some(heading) = before.filter(|heading| lines.iter().all(|line| line < heading)) {
                lines.push(heading);
            }
            lines.push(at);
        }
        lines
    }
}
