//! Reads lists of groups back: text with one group per line, Synod's own output in each form, JSON arrays, and other tables. It owns the
//! possible meanings of a line; the look-ups find the group. It rejects nothing: a name may look like anything, so the line
//! itself is always the first meaning.

use serde_json::Value;

use super::table::{DELIMITERS, Row, Table, add, records, separator_line, with_line_feeds};
use crate::domain::{lookup::is_surely_id, name::listed};

/// A line that names a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its line number, counted from 1.
    pub number: usize,
    /// Its possible meanings, the most literal first; none if it is about something other than a group.
    pub readings: Vec<String>,
    /// It may also be a comment or a heading, so it need not name anything.
    pub is_optional: bool,
}

/// The columns that hold an id, and those that hold a name.
const ID_COLUMNS: [&str; 4] = ["group", "group_id", "id", "jid"];
const NAME_COLUMNS: [&str; 8] =
    ["name", "group name", "nome", "nombre", "grupo", "nome do grupo", "nombre del grupo", "subject"];

/// The groups that a list names, in order.
pub fn read(content: &str) -> Vec<Line> {
    let content = with_line_feeds(content);
    if let Some(lines) = of_array(&content).or_else(|| of_table(&content)) {
        return lines;
    }
    if let Some((_, rest)) = separator_line(&content) {
        return read(rest).into_iter().map(|line| Line { number: line.number + 1, ..line }).collect();
    }
    let lines = (1..).zip(content.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| of_text(number, line)).collect()
}

/// A JSON array of names, or of objects with an id or a name; `None` if it is anything else.
fn of_array(content: &str) -> Option<Vec<Line>> {
    let opens = content.find(|c: char| !c.is_whitespace()).filter(|at| content[*at..].starts_with('['))?;
    let mut at = opens + 1;
    let mut lines = Vec::new();
    loop {
        at += content[at..].find(|c: char| !c.is_whitespace())?;
        if content[at..].starts_with(']') {
            break;
        }
        let number = content[..at].matches('\n').count() + 1;
        let mut values = serde_json::Deserializer::from_str(&content[at..]).into_iter::<Value>();
        match values.next()?.ok()? {
            Value::String(name) if name.trim().is_empty() => {}
            Value::String(name) => lines.push(Line { number, readings: vec![name], is_optional: false }),
            Value::Object(object) => lines.push(of_json(number, &Value::Object(object))),
            _ => return None,
        }
        at += values.byte_offset();
        at += content[at..].find(|c: char| !c.is_whitespace())?;
        match content[at..].chars().next()? {
            ',' => at += 1,
            ']' => break,
            _ => return None,
        }
    }
    content[at + 1..].trim().is_empty().then_some(lines)
}

fn of_text(number: usize, line: &str) -> Line {
    if line.trim_start().starts_with('{')
        && let Ok(Value::Object(object)) = serde_json::from_str(line)
    {
        return of_json(number, &Value::Object(object));
    }
    let mut readings: Vec<String> = listed::readings(line).into_iter().map(str::to_owned).collect();
    // Synod's own lists for people have the id in a column of its own.
    let mut padded = line.split("  ").map(str::trim).filter(|cell| cell.len() < line.trim().len());
    if let Some(id) = padded.find(|cell| is_surely_id(cell)) {
        readings.insert(1.min(readings.len()), id.to_owned());
    }
    let opens = line.trim_start().starts_with('"');
    for delimiter in DELIMITERS.into_iter().filter(|mark| line.contains(*mark) || (opens && *mark == ',')) {
        let mut bare = line.split(delimiter).map(|cell| cell.trim().trim_matches('"'));
        let rows = if opens { records(line, delimiter) } else { Vec::new() };
        let quoted = rows.first().map(|row| &row.cells).filter(|cells| cells.len() > 1 || delimiter == ',');
        let name = quoted.and_then(|cells| cells.first()).filter(|name| !name.trim().is_empty());
        for cell in [bare.find(|cell| is_surely_id(cell)), name.map(String::as_str)].into_iter().flatten() {
            add(&mut readings, cell);
        }
    }
    let bare = listed::readings(line).last().copied().unwrap_or_default().to_lowercase();
    let is_head = number == 1 && ID_COLUMNS.iter().chain(&NAME_COLUMNS).any(|column| bare == *column);
    Line { number, readings, is_optional: is_head || listed::is_comment(line) }
}

/// A line of `--json`: an event about one group names it; an event about a community or about many groups names none. Other objects,
/// and the event that a command failed, are no part of a list of groups: they remain as they are, and name nothing.
fn of_json(number: usize, object: &Value) -> Line {
    let text = |key: &str| object.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let is_other = text("kind").is_some_and(|kind| matches!(kind, "community" | "announcements"));
    let id = text("group").or_else(|| text("id"));
    let named = id.or_else(|| text("name").filter(|_| object.get("event").is_none()));
    let event = text("event");
    let readings = match named.filter(|_| !is_other) {
        _ if event == Some("error") => vec![object.to_string()],
        Some(named) => vec![named.to_owned()],
        None if event.is_some() || is_other => Vec::new(),
        None => vec![object.to_string()],
    };
    Line { number, is_optional: readings.is_empty(), readings }
}

/// The groups of a table, if its header names a column of groups.
fn of_table(content: &str) -> Option<Vec<Line>> {
    let is_head = |head: &[String]| has_any(head, &ID_COLUMNS) || has_any(head, &NAME_COLUMNS);
    let table = Table::read(content, is_head)?;
    let (id, name) = (table.column(&ID_COLUMNS), table.column(&NAME_COLUMNS));
    let line = |Row { line: number, cells, .. }: Row| {
        let cell = |column: Option<usize>| cells.get(column?).filter(|cell| !cell.trim().is_empty());
        let mut readings = Vec::new();
        if let Some(id) = cell(id) {
            add(&mut readings, id);
        }
        // An id means exactly its group, and no other group with the same name.
        if let Some(name) = cell(name).filter(|_| !readings.iter().any(|id| is_surely_id(id))) {
            add(&mut readings, name);
        }
        let is_comment = cells.first().is_some_and(|cell| listed::is_comment(cell));
        (!readings.is_empty()).then_some(Line { number, readings, is_optional: is_comment })
    };
    Some(table.rows.into_iter().filter_map(line).collect())
}

fn has_any(head: &[String], names: &[&str]) -> bool {
    head.iter().any(|cell| names.contains(&cell.as_str()))
}
