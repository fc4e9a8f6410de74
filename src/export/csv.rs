//! An operation as a table for spreadsheets: RFC 4180, with a header. The names of the columns and of the outcomes are part of
//! the format and are not translated.

use super::json::tag;
use crate::{
    clock,
    domain::operation::{Item, Operation},
    text::Text,
};

const HEAD: &str = "operation,verb,group,name,community,outcome,reason,attempts,last_attempt";

/// The operation as CSV, one line per group.
pub fn csv(text: &Text, operation: &Operation) -> String {
    let mut out = format!("{HEAD}\r\n");
    for item in &operation.items {
        let cells = row(text, operation, item).map(|cell| quoted(&cell));
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn row(text: &Text, operation: &Operation, item: &Item) -> [String; 9] {
    let community = operation.target.as_ref().map(|target| target.id.to_string()).unwrap_or_default();
    let outcome = item.outcome.map_or_else(|| tag(&item.state), |outcome| tag(&outcome));
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
    ]
}

/// The characters that a spreadsheet takes for the beginning of a formula, in both widths.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The characters that separate cells in some spreadsheet, even within quotation marks.
const SEPARATORS: [char; 5] = [',', ';', '\t', '\n', '\r'];

/// A text from outside, with an apostrophe wherever a spreadsheet would see the beginning of a formula: at its start, and after
/// each cell separator.
fn harmless(text: &str) -> String {
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

/// Whether a cell is a formula, or was one before an apostrophe was added: some spreadsheets skip leading blanks.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches(|c: char| c.is_whitespace() || c == '\'').starts_with(SIGNS)
}

fn quoted(cell: &str) -> String {
    if cell.contains('"') || cell.contains(SEPARATORS) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted("plain"), "plain");
        for inside in ["a \"\" b", "a, b", "a; b", "a\tb", "a\nb", "a\rb"] {
            assert_eq!(quoted(inside), format!("\"{}\"", inside.replace('"', "\"\"")));
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
    fn no_cell_of_any_spreadsheet_is_a_formula(#[case] name: &str, #[case] cell: &str) {
        assert_eq!(harmless(name), cell);
        assert_eq!(original(cell), name);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn property_a_name_reads_back_and_no_part_of_it_is_a_formula(name in "([=+@＝＋－＠',;\t\n \u{a0}a\"-]|\\PC){0,12}") {
            let cell = harmless(&name);
            prop_assert_eq!(original(&cell), name);
            for part in cell.split(SEPARATORS) {
                prop_assert!(!part.trim_start().starts_with(SIGNS), "{:?}", cell);
            }
        }
    }
}
