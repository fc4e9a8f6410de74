//! An operation as a table for spreadsheets: RFC 4180, with a head. The names of the columns and of the outcomes are a
//! format and are not translated.

use super::json::tag;
use crate::{
    clock,
    domain::operation::{Item, Operation},
    text::Text,
};

const HEAD: &str = "operation,verb,group,name,community,outcome,reason,attempts,last_attempt";

/// The operation as CSV, a line a group.
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

/// A stranger's text that a spreadsheet would take for a formula gets an apostrophe before it.
fn harmless(text: &str) -> String {
    // Some spreadsheets pass over blanks at the beginning.
    if text.trim_start().starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() }
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted("plain"), "plain");
        for inside in ["a \"\" b", "a, b", "a\nb", "a\rb"] {
            assert_eq!(quoted(inside), format!("\"{}\"", inside.replace('"', "\"\"")));
        }
        assert_eq!(harmless("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(harmless(" @SUM(A1)"), "' @SUM(A1)");
        assert_eq!(harmless("Choir"), "Choir");
    }
}
