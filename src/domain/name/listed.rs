//! Names in lists that people keep: with bullets, numbers, boxes and columns around them. It owns the parts that may be left out
//! of such a line; the look-ups decide whether the rest is a known name.

/// The possible names in a line, most literal first: the line itself, since a name may begin with anything; then without a
/// leading mark; without a trailing number; and without both.
pub fn readings(line: &str) -> Vec<&str> {
    let line = trimmed(line);
    let mut all = vec![line];
    for reading in [without_mark(line), without_column(line), without_column(without_mark(line))] {
        if !reading.is_empty() && !all.contains(&reading) {
            all.push(reading);
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
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line[digits..].strip_prefix(['.', ')']).filter(|_| (1..=6).contains(&digits))?;
    rest.starts_with(super::tables::is_blank).then_some(rest)
}

fn checkbox(line: &str) -> Option<&str> {
    let boxes = ["[x]", "[X]", "[ ]", "[]", "☐", "☑", "☒", "✅", "✓", "✔"];
    let rest = boxes.iter().find_map(|mark| line.strip_prefix(mark))?;
    let rest = rest.trim_start_matches('\u{fe0f}');
    rest.starts_with(super::tables::is_blank).then_some(rest)
}

/// Without a last column that contains only a number, such as the number of members.
fn without_column(line: &str) -> &str {
    let Some((name, column)) = line.rsplit_once([';', '\t', ',']) else { return line };
    let column = trimmed(column);
    let is_number = !column.is_empty() && column.bytes().all(|byte| byte.is_ascii_digit());
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
    #[case("-Board", &["-Board"])]
    #[case("3. ", &["3."])]
    #[case("1.5 Radiology", &["1.5 Radiology"])]
    #[case("Room 1, floor 2", &["Room 1, floor 2"])]
    #[case("-", &["-"])]
    #[case("", &[""])]
    fn what_stands_around_a_name_may_be_left_out(#[case] line: &str, #[case] expected: &[&str]) {
        assert_eq!(readings(line), expected, "{line:?}");
    }
}
