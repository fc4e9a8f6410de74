//! Files that say where groups belong: state files in TOML, and tables with the columns `group`, `community` and, optionally,
//! `instance`. It owns both formats, which `docs/desired-state.md` describes; `domain::desired` decides what the entries mean.

use std::{borrow::Cow, collections::HashMap};

use toml::Value;

use super::{
    csv, state_toml,
    table::{Row, Table, add, separator_line, with_line_feeds},
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
    let (mut begin, mut number) = (0, 1);
    let is_skipped = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    for line in content.split_inclusive('\n').take_while(is_skipped) {
        begin += line.len();
        number += 1;
    }
    let Some(first) = content[begin..].lines().next().map(str::trim) else {
        return StateFile { sections: Vec::new(), faults: vec![(1, Message::new("state-empty"))] };
    };
    let is_toml = first.starts_with('[') || first.contains('=');
    if is_toml && separator_line(&content[begin..]).is_none() {
        let (sections, faults) = state_toml::read(&content);
        StateFile { sections, faults }
    } else {
        of_table(&content[begin..], number)
    }
}

/// The columns of a table.
const GROUP: &str = "group";
const COMMUNITY: &str = "community";
const INSTANCE: &str = "instance";

/// The verbs in Synod's exports of operations whose rows may lack a community although the group does not belong in none.
const PLACELESS: [&str; 3] = ["move", "leave", "rejoin"];

/// Reads a table that begins in line `first` of its file.
fn of_table(content: &str, first: usize) -> StateFile {
    let mut file = StateFile::default();
    let has = |head: &[String], name: &str| head.iter().any(|cell| cell == name);
    let whole = Table::read(content, |head| has(head, GROUP) && has(head, COMMUNITY));
    let Some(table) = whole else {
        let part = Table::read(content, |head| has(head, GROUP) || has(head, COMMUNITY));
        let missing = part.map(|table| if has(&table.head, GROUP) { COMMUNITY } else { GROUP });
        let what = missing.map_or_else(
            || Message::new("state-no-kind"),
            |name| Message::new("state-no-column").put("column", name),
        );
        file.faults.push((first, what));
        return file;
    };
    for name in [GROUP, COMMUNITY, INSTANCE] {
        if table.head.iter().filter(|cell| *cell == name).count() > 1 {
            file.faults.push((first, Message::new("state-column-twice").put("column", name)));
        }
    }
    let columns = [GROUP, COMMUNITY, INSTANCE, "verb"].map(|name| table.column(&[name]));
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for row in table.rows {
        let line = row.line + first - 1;
        if let Some(what) = wrong_form(&row, &table.head) {
            file.faults.push((line, what));
            continue;
        }
        let cell =
            |column: Option<usize>| column.and_then(|at| row.cells.get(at)).map_or("", |cell| cell.trim());
        let [group, community, instance, verb] = columns.map(cell);
        if group.is_empty() {
            file.faults.push((line, Message::new("state-no-group")));
            continue;
        }
        if community.is_empty() && PLACELESS.contains(&verb) {
            file.faults.push((line, Message::new("state-no-place")));
            continue;
        }
        if let Some(rounded) = [group, community].into_iter().find(|cell| is_rounded(cell)) {
            file.faults.push((line, Message::new("state-rounded").put("cell", rounded)));
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

/// Why the cells of a row do not match the header. A missing cell does not mean the same as an empty one.
fn wrong_form(row: &Row, head: &[String]) -> Option<Message> {
    if row.is_misquoted {
        return Some(Message::new("state-misquoted"));
    }
    if row.cells.iter().skip(head.len()).any(|cell| !cell.trim().is_empty()) {
        return Some(Message::new("state-many-cells"));
    }
    let is_missing = |name: &&str| head.iter().position(|cell| cell == name) >= Some(row.cells.len());
    let missing = [GROUP, COMMUNITY].into_iter().find(is_missing)?;
    Some(Message::new("state-few-cells").put("column", missing))
}

/// Whether a cell is a long number that a spreadsheet has rounded, such as `9.81204E+19`.
fn is_rounded(cell: &str) -> bool {
    let Some((number, exponent)) = cell.split_once(['E', 'e']) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    is_number(whole) && is_number(part) && exponent.strip_prefix('+').is_some_and(is_number)
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
            let cells =
                [as_text(group.as_str()), shown.shown().into(), as_text(&id), name.into(), instance.into()];
            cells.map(|cell: Cow<'_, str>| csv::harmless(&cell))
        })
    });
    csv::table(std::iter::once(head).chain(rows))
}

/// An id in a cell. A spreadsheet rounds a long number, unless an apostrophe says that it is text; it is read back without.
fn as_text(id: &str) -> Cow<'_, str> {
    let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { format!("'{id}").into() } else { id.into() }
}
