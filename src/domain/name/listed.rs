//! Names in lists that people keep: with bullets, numbers, boxes and columns around them. It owns the parts that may be left out
//! of such a line; the look-ups decide whether the rest is a known name.

/// The possible names in a line, most literal first: the line itself, since a name may begin with anything; then without a
/// leading mark; without a trailing number; without both; and each of them without the quotation marks around it. In columns that
/// are aligned with blanks, the first one is the name.
pub fn readings(line: &str) -> Vec<&str> {
    let line = trimmed(line);
    let mut all = vec![line];
    let bare = without_column(without_mark(line));
    for reading in [without_mark(line), without_column(line), bare] {
        for reading in [reading, without_quotes(reading), without_padding(reading)] {
            if !reading.is_empty() && !all.contains(&reading) {
                all.push(reading);
            }
        }
    }
    all
}

/// Whether a line that names nothing is a comment in the list.
pub fn is_comment(line: &str) -> bool {
    trimmed(line).starts_with('#')
}

fn trimmed(line: &str) -> &str {
    line.trim_matches(super::tables::is_blank)
}

/// Without a bullet, a number and a box at the start, each followed by a blank.
fn without_mark(line: &str) -> &str {
    let mut rest = line;
    for mark in [bullet, number, checkbox] {
        rest = mark(rest).map_or(rest, trimmed);
    }
    rest
}

fn bullet(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['-', '*', '+', '•', '–', '—', '·', '◦', '▪', '‣', '●', '>'])?;
    rest.starts_with(super::tables::is_blank).then_some(rest)
}

fn number(line: &str) -> Option<&str> {
    let opened = line.strip_prefix('(');
    let line = opened.unwrap_or(line);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = Some(&line[digits..]).filter(|_| (1..=6).contains(&digits))?;
    let rest = match opened {
        Some(_) => rest.strip_prefix(')')?,
        // `4 - Name`
        None if rest.starts_with(super::tables::is_blank) => trimmed(rest).strip_prefix(['-', '–', '—'])?,
        None => rest.strip_prefix(['.', ')'])?,
    };
    rest.starts_with(super::tables::is_blank).then_some(rest)
}

fn checkbox(line: &str) -> Option<&str> {
    let boxes = ["[x]", "[X]", "[ ]", "[]", "☐", "☑", "☒", "✅", "✓", "✔"];
    let rest = boxes.iter().find_map(|mark| line.strip_prefix(mark))?;
    let rest = rest.trim_start_matches('\u{fe0f}');
    rest.starts_with(super::tables::is_blank).then_some(rest)
}

/// Without quotation marks around the whole name, as text programs set them.
fn without_quotes(line: &str) -> &str {
    const PAIRS: [(char, &[char]); 6] =
        [('"', &['"']), ('„', &['“', '”']), ('“', &['”']), ('”', &['”']), ('«', &['»']), ('»', &['«'])];
    let inside = PAIRS.iter().find_map(|(opens, closes)| line.strip_prefix(*opens)?.strip_suffix(*closes));
    inside.map_or(line, trimmed)
}

/// The first of several columns with two blanks or more in between.
fn without_padding(line: &str) -> &str {
    line.split_once("  ").map_or(line, |(name, _)| trimmed(name))
}

/// Without empty columns at the end, and without a last column that contains only a number, such as the number of members.
fn without_column(line: &str) -> &str {
    let line = line.trim_end_matches(|c| matches!(c, ';' | '\t' | ',') || super::tables::is_blank(c));
    let Some((name, column)) = line.rsplit_once([';', '\t', ',']) else { return line };
    let column = trimmed(column);
    let is_number = column.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { trimmed(name) } else { line }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Board", &["Board"])]
    #[case("- Board", &["- Board", "Board"])]
    #[case("\t• Board\u{a0}", &["• Board", "Board"])]
    #[case("1. Radiology", &["1. Radiology", "Radiology"])]
    #[case("12) Radiology", &["12) Radiology", "Radiology"])]
    #[case("- [x] Board", &["- [x] Board", "Board"])]
    #[case("☑️ Board", &["☑️ Board", "Board"])]
    #[case("Lab results;41", &["Lab results;41", "Lab results"])]
    #[case("Lab results\t41", &["Lab results\t41", "Lab results"])]
    #[case("1. Lab results;41", &["1. Lab results;41", "Lab results;41", "1. Lab results", "Lab results"])]
    #[case("Board;", &["Board;", "Board"])]
    #[case("- Board;41;; ", &["- Board;41;;", "Board;41;;", "- Board", "Board"])]
    #[case(";;", &[";;"])]
    #[case("(3) Board", &["(3) Board", "Board"])]
    #[case("4 - Board", &["4 - Board", "Board"])]
    #[case("4 – Board;12", &["4 – Board;12", "Board;12", "4 – Board", "Board"])]
    #[case("„Board“", &["„Board“", "Board"])]
    #[case("1. “The Board”", &["1. “The Board”", "“The Board”", "The Board"])]
    #[case("« Board »", &["« Board »", "Board"])]
    #[case("Lab results   41  admin", &["Lab results   41  admin", "Lab results"])]
    #[case("(Board", &["(Board"])]
    #[case("(3 Board", &["(3 Board"])]
    #[case("2024 Board", &["2024 Board"])]
    #[case("-Board", &["-Board"])]
    #[case("3. ", &["3."])]
    #[case("1.5 Radiology", &["1.5 Radiology"])]
    #[case("Room 1, floor 2", &["Room 1, floor 2"])]
    #[case("-", &["-"])]
    #[case("", &[""])]
    fn text_around_a_name_may_be_omitted(#[case] line: &str, #[case] expected: &[&str]) {
        assert_eq!(readings(line), expected, "{line:?}");
    }
}
