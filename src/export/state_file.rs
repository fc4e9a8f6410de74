//! Files that say where groups belong: state files in TOML, and tables with the columns `group`, `community` and, optionally,
//! `instance`. It owns both formats, which `docs/desired-state.md` describes; `domain::desired` decides what the entries mean.

use std::{collections::HashMap, ops::Range};

use toml::{
    Spanned, Value,
    de::{DeArray, DeTable, DeValue},
};

use super::{
    csv,
    table::{DELIMITERS, Table, add, separator_line, with_line_feeds},
};
use crate::domain::{
    desired::{Given, PlacedGroups, Section, StateFile},
    lookup::is_surely_id,
    message::Message,
    name::Name,
};

/// Whether a file contains a plan instead of a state: only a plan is JSON.
pub fn is_plan(content: &str) -> bool {
    content.trim_start_matches('\u{feff}').trim_start().starts_with('{')
}

/// Reads a state file or a table.
pub fn read(content: &str) -> StateFile {
    let content = with_line_feeds(content);
    let lines = || content.lines().map(str::trim).zip(1..);
    let mut first = lines().filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    let Some((first, number)) = first.next() else {
        return StateFile { sections: Vec::new(), faults: vec![(1, Message::new("state-empty"))] };
    };
    let is_toml = first.starts_with('[') || first.contains('=');
    if is_toml && separator_line(&content).is_none() { of_toml(&content) } else { of_table(&content, number) }
}

/// The columns of a table.
const GROUP: &str = "group";
const COMMUNITY: &str = "community";
const INSTANCE: &str = "instance";

/// The verbs in Synod's exports of operations whose rows may lack a community although the group does not belong in none.
const PLACELESS: [&str; 3] = ["move", "leave", "rejoin"];

fn of_table(content: &str, first: usize) -> StateFile {
    let mut file = StateFile::default();
    let has = |head: &[String], name: &str| head.iter().any(|cell| cell == name);
    let whole = Table::read(content, |head| has(head, GROUP) && has(head, COMMUNITY));
    let Some(table) = whole else {
        let part = Table::read(content, |head| has(head, GROUP) || has(head, COMMUNITY));
        let has = |name: &str| match &part {
            Some(table) => table.column(&[name]).is_some(),
            None => content.lines().nth(first - 1).is_some_and(|head| {
                head.split(DELIMITERS).any(|cell| cell.trim_matches(['"', ' ']).eq_ignore_ascii_case(name))
            }),
        };
        let missing = [GROUP, COMMUNITY].into_iter().filter(|name| !has(name));
        file.faults.extend(missing.map(|name| (first, Message::new("state-no-column").put("column", name))));
        return file;
    };
    let columns = [GROUP, COMMUNITY, INSTANCE, "verb"].map(|name| table.column(&[name]));
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for (line, cells) in table.rows {
        let cell = |column: Option<usize>| column.and_then(|at| cells.get(at)).map_or("", |cell| cell.trim());
        let [group, community, instance, verb] = columns.map(cell);
        if group.is_empty() {
            file.faults.push((line, Message::new("state-no-group")));
            continue;
        }
        if community.is_empty() && PLACELESS.contains(&verb) {
            file.faults.push((line, Message::new("state-no-place")));
            continue;
        }
        let place = (instance.to_owned(), community.to_owned());
        let at = *places.entry(place).or_insert_with(|| {
            let (instance, community) = (given(line, instance), given(line, community));
            file.sections.push(Section { instance, community, groups: Vec::new(), is_only: false });
            file.sections.len() - 1
        });
        file.sections[at].groups.extend(given(line, group));
    }
    file
}

/// The possible meanings of a cell; `None` if it is empty.
fn given(line: usize, cell: &str) -> Option<Given> {
    let mut readings = Vec::new();
    add(&mut readings, cell);
    if readings.first().is_some_and(|id| is_surely_id(id)) {
        readings.truncate(1);
    }
    (!readings.is_empty()).then_some(Given { line, readings })
}

/// The keys of a state file.
const KEYS: [&str; 2] = ["community", "standalone"];
const COMMUNITY_KEYS: [&str; 4] = ["instance", "community", "groups", "only"];
const STANDALONE_KEYS: [&str; 2] = ["instance", "groups"];

fn of_toml(content: &str) -> StateFile {
    let (table, errors) = DeTable::parse_recoverable(content);
    let line_ends = content.match_indices('\n').map(|(end, _)| end).collect();
    let mut reader = Reader { line_ends, file: StateFile::default() };
    for error in errors {
        // The parser's own message repeats the file.
        let key = if error.message().contains("duplicate") { "state-twice" } else { "state-no-toml" };
        reader.fault(&error.span().unwrap_or_default(), Message::new(key));
    }
    let root = table.get_ref();
    reader.refuse_unknown(root, &KEYS);
    for key in KEYS {
        let Some(value) = root.get(key) else { continue };
        let DeValue::Array(sections) = value.get_ref() else {
            reader.fault(&value.span(), Message::new("state-want-tables").put("key", key));
            continue;
        };
        for section in sections {
            match section.get_ref() {
                DeValue::Table(table) => reader.section(table, &section.span(), key == "community"),
                _ => reader.fault(&section.span(), Message::new("state-want-tables").put("key", key)),
            }
        }
    }
    let mut file = reader.file;
    // A mistake may confuse the parser more than once in the same line.
    file.faults.sort_by_key(|(line, _)| *line);
    file.faults.dedup();
    file
}

struct Reader {
    /// Where the lines end.
    line_ends: Vec<usize>,
    file: StateFile,
}

impl Reader {
    fn line(&self, span: &Range<usize>) -> usize {
        self.line_ends.partition_point(|end| *end < span.start) + 1
    }

    fn fault(&mut self, span: &Range<usize>, what: Message) {
        self.file.faults.push((self.line(span), what));
    }

    fn refuse_unknown(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let given = Name::new(key.get_ref());
            let what =
                Message::new("state-unknown-key").put("key", given.shown()).put("known", known.join(", "));
            self.fault(&key.span(), what);
        }
    }

    fn section(&mut self, table: &DeTable<'_>, span: &Range<usize>, is_community: bool) {
        self.refuse_unknown(table, if is_community { &COMMUNITY_KEYS } else { &STANDALONE_KEYS });
        let instance = table.get("instance").map(|value| self.text(value, "instance"));
        let community =
            table.get("community").filter(|_| is_community).map(|value| self.text(value, "community"));
        if is_community && community.is_none() {
            self.fault(span, Message::new("state-missing-key").put("key", "community"));
        }
        let is_only =
            match table.get("only").filter(|_| is_community).map(|only| (only.get_ref(), only.span())) {
                None => false,
                Some((DeValue::Boolean(only), _)) => *only,
                Some((_, span)) => {
                    self.fault(&span, Message::new("state-want-bool").put("key", "only"));
                    false
                }
            };
        let groups = match table.get("groups").map(|groups| (groups.get_ref(), groups.span())) {
            None => {
                self.fault(span, Message::new("state-missing-key").put("key", "groups"));
                return;
            }
            Some((DeValue::Array(groups), _)) => self.groups(groups),
            Some((_, span)) => {
                self.fault(&span, Message::new("state-want-groups").put("key", "groups"));
                return;
            }
        };
        // What cannot be read has been reported, and the rest of the section would mean something else without it.
        let (Ok(instance), Ok(community)) = (instance.transpose(), community.transpose()) else { return };
        if !is_community || community.is_some() {
            self.file.sections.push(Section { instance, community, groups, is_only });
        }
    }

    fn groups(&mut self, groups: &DeArray<'_>) -> Vec<Given> {
        groups.iter().filter_map(|group| self.text(group, "groups").ok()).collect()
    }

    /// A text that is not empty.
    fn text(&mut self, value: &Spanned<DeValue<'_>>, key: &'static str) -> Result<Given, ()> {
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => {
                Ok(Given { line: self.line(&value.span()), readings: vec![text.as_ref().to_owned()] })
            }
            _ => {
                self.fault(&value.span(), Message::new("state-want-text").put("key", key));
                Err(())
            }
        }
    }
}

/// The present state of an instance as a state file. Ids say which groups are meant; names are comments.
pub fn toml(instance: &str, places: &[PlacedGroups]) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let with_name = |line: String, name: &str| {
        if name.is_empty() { format!("{line}\n") } else { format!("{line}  # {name}\n") }
    };
    let section = |place: &PlacedGroups| {
        let mut lines = match &place.community {
            Some(community) => {
                let name = community.name.as_ref().map_or("", Name::shown);
                let community = format!("community = {}", quoted(community.id.as_str()));
                format!("[[community]]\ninstance = {}\n{}", quoted(instance), with_name(community, name))
            }
            None => format!("[[standalone]]\ninstance = {}\n", quoted(instance)),
        };
        lines.push_str("groups = [\n");
        for (id, name) in &place.groups {
            lines.push_str(&with_name(format!("  {},", quoted(id.as_str())), name.shown()));
        }
        lines + "]\n"
    };
    places.iter().map(section).collect::<Vec<_>>().join("\n")
}

/// The present state of an instance as a table.
pub fn table(instance: &str, places: &[PlacedGroups]) -> String {
    let head = [GROUP, "name", COMMUNITY, "community_name", INSTANCE].map(str::to_owned);
    let rows = places.iter().flat_map(|place| {
        let community = place.community.as_ref();
        let id = community.map(|community| community.id.to_string()).unwrap_or_default();
        let name = community.and_then(|community| community.name.as_ref()).map_or("", Name::shown);
        place.groups.iter().map(move |(group, shown)| {
            let cells = [group.as_str(), shown.shown(), &id, name, instance];
            cells.map(csv::harmless)
        })
    });
    csv::table(std::iter::once(head).chain(rows))
}
