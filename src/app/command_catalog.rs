//! The texts of the commands: the rows of the palette and the lines of the help. Both are built from the key table and
//! the catalogue, which the state does not know, and passed in at the start. This module only searches them.

use std::{cmp::Reverse, sync::LazyLock};

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
    /// The rows of the help, those of each section and of each place together.
    pub help: Vec<HelpRow>,
    /// The places of the help's rows, in the order in which they are shown.
    pub places: Vec<String>,
}

/// The same, built when the help or the palette is first opened.
pub type LazyCatalog = LazyLock<CommandCatalog, Box<dyn FnOnce() -> CommandCatalog + Send>>;

/// A catalogue that is built by this function.
pub fn lazily(build: impl FnOnce() -> CommandCatalog + Send + 'static) -> LazyCatalog {
    LazyLock::new(Box::new(build))
}

/// An action that can be run by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub action: Action,
    /// The contexts in which it is available.
    pub contexts: Vec<Context>,
    pub name: &'static str,
    pub words: String,
    /// The label of its first key; empty if it has none.
    pub key: String,
}

/// A row of the help: keys, and what they do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpRow {
    pub keys: String,
    pub words: String,
    /// The same in the lines of a narrow column.
    pub lines: Vec<String>,
    /// The names of the actions in the configuration.
    pub names: Vec<&'static str>,
    /// Where the keys have this meaning.
    pub contexts: Vec<Context>,
    /// The heading of the row in the help of one of these contexts.
    pub section: String,
    /// The heading of the row in the help of any other context.
    pub place: String,
}

/// A line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpLine {
    /// An empty line, before a heading.
    Blank,
    Heading(String),
    /// A row, by its index in [`CommandCatalog::help`].
    Row(usize),
    /// A line of the row with this index in a narrow column.
    Part(usize, usize),
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
            Context::Panes | Context::Ended | Context::Operation => {
                self.contexts.iter().any(|context| context.is_panes() || *context == Context::Operation)
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

    /// The help for a context: first the keys that work there, by section, and then the other keys, by the place in which they
    /// work. Each row occurs once. With a filter, the help has only the rows that match it.
    pub fn page(&self, from: Context, filter: &Filter) -> Vec<HelpLine> {
        let terms = (!filter.is_empty()).then(|| Terms::parse(filter.input.value()));
        let is_found = |row: &HelpRow| {
            let text = || format!("{} {} {}", row.keys, row.words, row.names.join(" "));
            terms.as_ref().is_none_or(|terms| terms.are_in(&text()))
        };
        let found: Vec<usize> = (0..self.help.len()).filter(|at| is_found(&self.help[*at])).collect();
        let (here, elsewhere): (Vec<usize>, Vec<usize>) =
            found.into_iter().partition(|at| self.help[*at].contexts.contains(&from));
        let mut page = Page::default();
        for at in here {
            page.add(&self.help[at].section, at);
        }
        for place in &self.places {
            for at in elsewhere.iter().filter(|at| self.help[**at].place == *place) {
                page.add(place, *at);
            }
        }
        page.lines
    }

    /// The lines of a page in a narrow column.
    pub fn wrapped(&self, page: &[HelpLine]) -> Vec<HelpLine> {
        let parts = |line: &HelpLine| match line {
            HelpLine::Row(at) => {
                let lines = self.help.get(*at).map_or(0, |row| row.lines.len());
                (0..lines).map(|part| HelpLine::Part(*at, part)).collect()
            }
            line => vec![line.clone()],
        };
        page.iter().flat_map(parts).collect()
    }
}

/// The lines of the help, as they are collected.
#[derive(Default)]
struct Page<'a> {
    lines: Vec<HelpLine>,
    heading: Option<&'a str>,
}

impl<'a> Page<'a> {
    fn add(&mut self, heading: &'a str, row: usize) {
        if self.heading.replace(heading) != Some(heading) {
            if !self.lines.is_empty() {
                self.lines.push(HelpLine::Blank);
            }
            self.lines.push(HelpLine::Heading(heading.to_owned()));
        }
        self.lines.push(HelpLine::Row(row));
    }
}
