//! Tables that people made with a spreadsheet or by hand: separated by comma, semicolon or tab, with or without quotation marks. It
//! owns how their rows and columns are found; other modules decide what the columns mean.

use std::{borrow::Cow, io::Read};

use ::csv::{ReaderBuilder, Terminator};

use super::csv;

pub(super) const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// A table whose first line names its columns.
pub(super) struct Table {
    /// The names of the columns, in lower case.
    head: Vec<String>,
    /// The rows, each with the number of its first line.
    pub(super) rows: Vec<(usize, Vec<String>)>,
}

impl Table {
    /// Reads a table if its header is one that the caller expects; a first line such as `sep=;` may give the separator.
    pub(super) fn read(content: &str, is_head: impl Fn(&[String]) -> bool) -> Option<Self> {
        let (given, table) =
            separator_line(content).map_or((None, content), |(given, rest)| (Some(given), rest));
        let first = table.lines().next()?;
        let head = |delimiter: char| -> Option<Vec<String>> {
            let (_, cells) = records(first, delimiter).into_iter().next()?;
            Some(cells.iter().map(|cell| cell.trim().to_lowercase()).collect())
        };
        let mut likely = DELIMITERS.into_iter().filter(|delimiter| match given {
            Some(given) => *delimiter == given,
            None => first.contains(*delimiter),
        });
        let (delimiter, head) = likely.find_map(|delimiter| {
            head(delimiter).filter(|head| is_head(head)).map(|head| (delimiter, head))
        })?;
        let mut rows = records(table, delimiter);
        rows.remove(0);
        if given.is_some() {
            for (number, _) in &mut rows {
                *number += 1;
            }
        }
        Some(Self { head, rows })
    }

    /// The first column with one of these names.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        self.head.iter().position(|cell| names.contains(&cell.as_str()))
    }
}

/// The text with line feeds and without a byte order mark: some programs end lines with a carriage return alone.
pub(super) fn with_line_feeds(content: &str) -> Cow<'_, str> {
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    if content.contains('\n') { content.into() } else { content.replace('\r', "\n").into() }
}

/// The separator in a first line such as `sep=;`, which spreadsheets write, and the text after that line.
pub(super) fn separator_line(content: &str) -> Option<(char, &str)> {
    let (line, rest) = content.split_once('\n')?;
    let line = line.trim_end_matches('\r').trim_matches('"');
    let (name, delimiter) = line.split_at_checked(4)?;
    let delimiter = DELIMITERS.into_iter().find(|known| delimiter.strip_prefix(*known) == Some(""))?;
    name.eq_ignore_ascii_case("sep=").then_some((delimiter, rest))
}

/// Adds the possible meanings of a cell: Synod's CSV adds an apostrophe to a name that a spreadsheet would take for a formula.
pub(super) fn add(readings: &mut Vec<String>, cell: &str) {
    let cell = cell.trim();
    let original = csv::original(cell);
    for reading in [Some(cell), Some(&*original), cell.strip_prefix('\'')].into_iter().flatten() {
        if !reading.is_empty() && !readings.iter().any(|known| known == reading) {
            readings.push(reading.to_owned());
        }
    }
}

/// The rows of a table according to RFC 4180, each with the number of its first line. An unclosed quote ends with its line, so
/// that one wrong line does not affect the others.
pub(super) fn records(content: &str, delimiter: char) -> Vec<(usize, Vec<String>)> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter as u8)
        .terminator(Terminator::Any(b'\n'))
        .from_reader(content.as_bytes().chain(&b"\nend"[..]));
    let (mut rows, mut number, mut begin) = (Vec::new(), 1, 0);
    for record in reader.records().flatten() {
        // The reader says where it was before the empty lines that it skipped.
        let position = record.position().and_then(|position| usize::try_from(position.byte()).ok());
        let after = position.and_then(|position| content.get(position..)).unwrap_or_default();
        let at = content.len() - after.trim_start_matches('\n').len();
        number += content[begin..at].matches('\n').count();
        begin = at;
        rows.push((number, record.iter().map(str::to_owned).collect::<Vec<_>>()));
    }
    // An unclosed quote takes in the rest.
    if let Some((number, _)) = rows.pop().filter(|(_, cells)| cells[..] != ["end"]) {
        let (line, rest) = content[begin..].split_once('\n').unwrap_or((&content[begin..], ""));
        rows.push((number, line.split(delimiter).map(str::to_owned).collect()));
        rows.extend(records(rest, delimiter).into_iter().map(|(after, cells)| (number + after, cells)));
    }
    rows.retain(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    rows
}
