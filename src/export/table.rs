//! Tables that people made with a spreadsheet or by hand: separated by comma, semicolon or tab, with or without quotation marks. It
//! owns how their rows and columns are found; other modules decide what the columns mean.

use std::borrow::Cow;

use super::csv;

pub(super) const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// A table whose first line names its columns.
pub(super) struct Table {
    /// The names of the columns, in lower case.
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Row>,
}

impl Table {
    /// Reads a table if its header is one that the caller expects; a first line such as `sep=;` may give the separator.
    pub(super) fn read(content: &str, is_head: impl Fn(&[String]) -> bool) -> Option<Self> {
        let (given, table) =
            separator_line(content).map_or((None, content), |(given, rest)| (Some(given), rest));
        let first = table.lines().next()?;
        let head = |delimiter: char| -> Option<Vec<String>> {
            let row = records(first, delimiter).into_iter().next()?;
            Some(row.cells.iter().map(|cell| cell.trim().to_lowercase()).collect())
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
            for row in &mut rows {
                row.line += 1;
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

/// A row of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The number of its first line.
    pub(super) line: usize,
    pub(super) cells: Vec<String>,
    /// Its quotation marks are wrong: one is not closed, or text follows a closed one. The cells are those of its first line, with
    /// all quotation marks.
    pub(super) is_misquoted: bool,
}

/// The rows of a table according to RFC 4180; blanks around quotation marks are ignored. A row with wrong quotation marks ends with
/// its line, so that it does not affect the others.
pub(super) fn records(content: &str, delimiter: char) -> Vec<Row> {
    let (mut rows, mut line, mut rest) = (Vec::new(), 1, content);
    while !rest.is_empty() {
        let begin = rest;
        let read = record(rest, delimiter);
        let is_misquoted = read.is_none();
        let cells;
        (cells, rest) = read.unwrap_or_else(|| {
            let (first, after) = begin.split_once('\n').unwrap_or((begin, ""));
            (first.split(delimiter).map(str::to_owned).collect(), after)
        });
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(Row { line, cells, is_misquoted });
        }
        line += begin[..begin.len() - rest.len()].matches('\n').count();
    }
    rows
}

/// The cells of the first row, and the content after it; `None` if its quotation marks are wrong.
fn record(content: &str, delimiter: char) -> Option<(Vec<String>, &str)> {
    let is_blank = |c: char| c != delimiter && c != '\n' && c.is_whitespace();
    let (mut cells, mut rest) = (Vec::new(), content);
    loop {
        let quoted = rest.trim_start_matches(is_blank).strip_prefix('"');
        let (cell, after) = if let Some(quoted) = quoted {
            let (cell, after) = quoted_cell(quoted)?;
            (cell, after.trim_start_matches(is_blank))
        } else {
            let (cell, after) = rest.split_at(rest.find([delimiter, '\n']).unwrap_or(rest.len()));
            (cell.to_owned(), after)
        };
        cells.push(cell);
        match after.strip_prefix(delimiter) {
            Some(next) => rest = next,
            None if after.is_empty() => return Some((cells, "")),
            None => return Some((cells, after.strip_prefix('\n')?)),
        }
    }
}

/// The text of a cell after its opening quotation mark, and the content after the closing one.
fn quoted_cell(quoted: &str) -> Option<(String, &str)> {
    let (mut cell, mut rest) = (String::new(), quoted);
    loop {
        let (text, after) = rest.split_once('"')?;
        cell.push_str(text);
        match after.strip_prefix('"') {
            Some(next) => {
                cell.push('"');
                rest = next;
            }
            None => return Some((cell, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str) -> Vec<(usize, Vec<String>, bool)> {
        records(content, ',').into_iter().map(|row| (row.line, row.cells, row.is_misquoted)).collect()
    }

    fn row(line: usize, cells: &[&str], is_misquoted: bool) -> (usize, Vec<String>, bool) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect(), is_misquoted)
    }

    #[test]
    fn rows_keep_their_lines_and_wrong_quotation_marks_affect_one_line() {
        assert_eq!(
            read("a,\"b \"\"c\"\"\"\r\n\n , \nd, \"e\n,f\" ,"),
            [row(1, &["a", "b \"c\""], false), row(4, &["d", "e\n,f", ""], false),]
        );
        assert_eq!(read("\"a,b\nc,d\n"), [row(1, &["\"a", "b"], true), row(2, &["c", "d"], false)]);
        assert_eq!(
            read("\"a,b\nx\n\"c\",d"),
            [row(1, &["\"a", "b"], true), row(2, &["x"], false), row(3, &["c", "d"], false),]
        );
        assert_eq!(read("a \"b\",c"), [row(1, &["a \"b\"", "c"], false)]);
    }
}
