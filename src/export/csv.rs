//! An operation as a table for spreadsheets: RFC 4180, with a header. The names of the columns and of the outcomes are part of
//! the format and are not translated.

use ::csv::{Terminator, WriterBuilder};

use super::json::tag;
use crate::{
    clock,
    domain::{
        operation::{Item, Operation},
        plan::Step,
    },
    text::Text,
};

const HEAD: [&str; 11] = [
    "operation",
    "verb",
    "group",
    "name",
    "community",
    "outcome",
    "reason",
    "attempts",
    "last_attempt",
    "operator",
    "host",
];

/// The columns that differ between a community that was left and its groups.
const GROUP: usize = 2;
const NAME: usize = 3;

/// The operation as CSV, one line per group. The groups of a community that was left have lines of their own.
pub fn csv(text: &Text, operation: &Operation) -> String {
    let rows = operation.items.iter().flat_map(|item| {
        let subgroups = item.subgroups.iter().map(|subgroup| {
            let mut row = row(text, operation, item);
            row[GROUP] = subgroup.id.to_string();
            row[NAME] = harmless(subgroup.name.shown());
            row
        });
        std::iter::once(row(text, operation, item)).chain(subgroups)
    });
    table([HEAD.map(str::to_owned)].into_iter().chain(rows))
}

/// Rows as CSV.
pub(super) fn table<const COLUMNS: usize>(rows: impl Iterator<Item = [String; COLUMNS]>) -> String {
    // Some spreadsheets separate cells with `;`. The writer quotes a cell that contains the mark of comments.
    let mut writer =
        WriterBuilder::new().terminator(Terminator::CRLF).comment(Some(b';')).from_writer(Vec::new());
    for row in rows {
        // Memory takes all that is written.
        let _ = writer.write_record(row);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn row(text: &Text, operation: &Operation, item: &Item) -> [String; 11] {
    let linked = item.steps.iter().find_map(|step| match step {
        Step::Link(community) => Some(community),
        _ => None,
    });
    let community = linked.or(operation.target.as_ref().map(|target| &target.id));
    let community = community.map(ToString::to_string).unwrap_or_default();
    let outcome = item.outcome.map_or_else(|| tag(&item.state), |outcome| tag(&outcome));
    let [operator, host] = match &operation.begun_by {
        Some(writer) => [harmless(writer.operator.shown()), harmless(writer.host.shown())],
        None => [String::new(), String::new()],
    };
    let reason = item.reason.as_ref().map(|reason| text.item_reason(reason)).unwrap_or_default();
    [
        operation.id.to_string(),
        tag(&operation.verb),
        item.group.to_string(),
        harmless(item.name.shown()),
        community,
        outcome,
        harmless(&reason),
        item.attempts.to_string(),
        item.attempted.map(clock::rfc3339).unwrap_or_default(),
        operator,
        host,
    ]
}

/// The characters that a spreadsheet takes for the beginning of a formula, in both widths.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The characters that separate cells in some spreadsheet, even within quotation marks.
const SEPARATORS: [char; 5] = [',', ';', '\t', '\n', '\r'];

/// A text from outside, with an apostrophe wherever a spreadsheet would see the beginning of a formula: at its start, and after
/// each cell separator.
pub(super) fn harmless(text: &str) -> String {
    let cells = text.split_inclusive(SEPARATORS);
    cells
        .map(|cell| if is_formula(cell) { format!("'{cell}") } else { cell.to_owned() })
        .collect::<Vec<_>>()
        .concat()
}

/// The original of a text that went through `harmless`: the added apostrophes are removed.
pub fn original(text: &str) -> String {
    let cells = text.split_inclusive(SEPARATORS);
    cells
        .map(|cell| cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell))
        .collect::<Vec<_>>()
        .concat()
}

/// Whether a cell is a formula, or was one before an apostrophe was added. Some spreadsheets skip leading blanks, and one that
/// separates elsewhere takes a quotation mark for the beginning of a quoted cell.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\'' | '"')).starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let written = |cell: &str| table([["1".to_owned(), cell.to_owned()]].into_iter());
        assert_eq!(written("plain"), "1,plain\r\n");
        for cell in ["a \"b\", c", "a \"\" b", "a, b", "a; b", "a\nb", "a\rb"] {
            assert_eq!(written(cell), format!("1,\"{}\"\r\n", cell.replace('"', "\"\"")));
        }
        assert_eq!(harmless("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(harmless(" @SUM(A1)"), "' @SUM(A1)");
        assert_eq!(harmless("Choir"), "Choir");
    }

    #[rstest]
    #[case("x;=cmd|'/c calc'!A0;y", "x;'=cmd|'/c calc'!A0;y")]
    #[case("＝1+1", "'＝1+1")]
    #[case("a,＠SUM(1)\t－2;b", "a,'＠SUM(1)\t'－2;b")]
    #[case("; +1", ";' +1")]
    #[case("'=1", "''=1")]
    #[case("' =1", "'' =1")]
    #[case("a-b;c=d", "a-b;c=d")]
    #[case("'twas", "'twas")]
    #[case("x;\"=cmd|'/c calc'!A0;y", "x;'\"=cmd|'/c calc'!A0;y")]
    #[case("\"' \"＋1", "'\"' \"＋1")]
    #[case("\"Board\"; \"-\"", "\"Board\";' \"-\"")]
    #[case("\"Board\"", "\"Board\"")]
    fn no_cell_of_any_spreadsheet_is_a_formula(#[case] name: &str, #[case] cell: &str) {
        assert_eq!(harmless(name), cell);
        assert_eq!(original(cell), name);
    }

    /// The cells of a line for a spreadsheet with this separator. A quotation mark at the beginning of a cell begins a quoted cell.
    fn cells(line: &str, separator: char) -> Vec<String> {
        let (mut cells, mut is_quoted) = (vec![String::new()], false);
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            let cell = cells.last_mut().unwrap();
            match letter {
                '"' if is_quoted && letters.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' if is_quoted || cell.trim().is_empty() => is_quoted = !is_quoted,
                _ if !is_quoted && (letter == separator || letter == '\n' || letter == '\r') => {
                    cells.push(String::new());
                }
                _ => cell.push(letter),
            }
        }
        cells
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn property_a_name_reads_back_and_no_part_of_it_is_a_formula(
            names in prop::collection::vec("([=+@＝＋－＠',;\t\n \u{a0}a\"-]|\\PC){0,12}", 1..4),
        ) {
            let written: Vec<String> = names.iter().map(|name| harmless(name)).collect();
            for (name, cell) in names.iter().zip(&written) {
                prop_assert_eq!(&original(cell), name);
            }
            // A quotation mark that is open for one separator may reach into the next line.
            let rows = written.iter().map(|cell| ["1", "link", cell, "done"].map(str::to_owned));
            let table = table(rows);
            let beginnings = [',', ';', '\t'].into_iter().flat_map(|separator| {
                cells(&table, separator).into_iter().chain(table.split(separator).map(str::to_owned))
            });
            for cell in beginnings {
                let begin = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '"');
                prop_assert!(!begin.starts_with(SIGNS), "{:?} in {:?}", cell, table);
            }
            let read: Vec<String> = cells(&table, ',').into_iter().skip(2).step_by(5).collect();
            prop_assert_eq!(read, written);
        }
    }
}
