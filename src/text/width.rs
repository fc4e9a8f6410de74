//! Widths in terminal cells, by grapheme cluster: one measure for drawing, cutting and padding, which agrees with ratatui's
//! drawing. It expects cleaned text; ratatui draws nothing for a control character, so its width here is zero.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

const ELLIPSIS: &str = "…";

/// The width of a text in cells.
pub fn width(text: &str) -> usize {
    if is_simple(text) {
        return text.len();
    }
    text.graphemes(true).map(cells).sum()
}

/// The text, cut to at most `most` cells, with `…` at its end if something was cut.
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if width(text) <= most {
        return Cow::Borrowed(text);
    }
    let Some(room) = most.checked_sub(1) else { return Cow::Borrowed("") };
    let mut out = String::with_capacity(text.len().min(4 * most));
    out.push_str(start(text, room));
    out.push_str(ELLIPSIS);
    Cow::Owned(out)
}

/// The text cut or padded with spaces on its right to exactly `cells` cells.
pub fn pad(text: &str, cells: usize) -> String {
    let mut out = cut(text, cells).into_owned();
    let missing = cells.saturating_sub(width(&out));
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// The text cut or padded with spaces on its left to exactly `cells` cells: for numbers in a column.
pub fn pad_left(text: &str, cells: usize) -> String {
    let shown = cut(text, cells);
    let missing = cells.saturating_sub(width(&shown));
    let mut out = " ".repeat(missing);
    out.push_str(&shown);
    out
}

/// The longest start of the text, in whole clusters, that takes at most `most` cells.
pub fn start(text: &str, most: usize) -> &str {
    let mut taken = 0;
    for (place, cluster) in text.grapheme_indices(true) {
        taken += cells(cluster);
        if taken > most {
            return &text[..place];
        }
    }
    text
}

/// The text in lines of at most `columns` cells, broken between words, and within words that are longer than a line. The
/// spaces between two words of one line stay.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let (mut lines, mut line, mut taken, mut gap) = (Vec::new(), String::new(), 0, 0);
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (mut word, after) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
        let mut cells = width(word);
        if taken > 0 && taken + gap + cells > columns {
            lines.push(std::mem::take(&mut line));
            taken = 0;
        }
        while cells > columns {
            // A cluster that is wider than a line has to go somewhere all the same.
            let cluster = word.graphemes(true).next().unwrap_or(word);
            let piece = Some(start(word, columns)).filter(|piece| !piece.is_empty()).unwrap_or(cluster);
            lines.push(piece.to_owned());
            word = &word[piece.len()..];
            cells = width(word);
        }
        if taken > 0 {
            line.extend(std::iter::repeat_n(' ', gap));
            taken += gap;
        }
        line.push_str(word);
        taken += cells;
        rest = after.trim_start();
        gap = width(&after[..after.len() - rest.len()]).max(1);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

fn is_simple(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn cells(cluster: &str) -> usize {
    if cluster.contains(char::is_control) {
        return 0;
    }
    // ratatui gives each halfwidth sound mark one cell more than unicode-width does; ratatui's drawing decides.
    let marks = cluster.chars().filter(|c| matches!(c, '\u{ff9e}' | '\u{ff9f}')).count();
    cluster.width() + marks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::{buffer::Buffer, layout::Rect, style::Style};

    use super::*;

    #[test]
    fn text_is_broken_between_words_and_within_long_ones() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a 1234567890 b", 4), ["a", "1234", "5678", "90 b"]);
        assert_eq!(wrap(" a  b   c ", 4), ["a  b", "c"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("写真部", 1), ["写", "真", "部"]);
        for columns in 0..9 {
            for line in wrap("Lab results of 写真部 and 👨‍👩‍👧", columns) {
                assert!(width(&line) <= columns.max(2), "{line:?} in {columns}");
            }
        }
    }

    /// How many cells ratatui advances when it draws the text.
    fn drawn(text: &str) -> usize {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 2_000, 1));
        let (end, _) = buffer.set_stringn(0, 0, text, usize::MAX, Style::new());
        usize::from(end)
    }

    #[test]
    fn widths_are_those_of_clusters() {
        for (text, cells) in [
            ("", 0),
            ("Choir", 5),
            ("Ação", 4),
            ("Ac\u{327}a\u{303}o", 4),
            ("中文", 4),
            ("👨\u{200d}👩\u{200d}👧", 2),
            ("🇧🇷", 2),
            ("❤\u{fe0f}", 2),
            ("ｶﾞ", 3),
            ("קהל", 3),
        ] {
            assert_eq!((width(text), drawn(text)), (cells, cells), "{text}");
        }
    }

    #[test]
    fn cutting_never_parts_a_cluster_nor_passes_the_edge() {
        assert_eq!(cut("Choir", 5), "Choir");
        assert_eq!(cut("Choirs", 5), "Choi…");
        assert_eq!(cut("中文字", 4), "中…");
        assert_eq!(cut("👨\u{200d}👩\u{200d}👧👧", 3), "👨\u{200d}👩\u{200d}👧…");
        assert_eq!((cut("ab", 1).as_ref(), cut("ab", 0).as_ref()), ("…", ""));
    }

    #[test]
    fn filling_reaches_the_edge_exactly() {
        assert_eq!(pad("中文字", 6), "中文字");
        assert_eq!(pad("中文字", 5), "中文…");
        assert_eq!(pad("中文字", 4), "中… ");
        assert_eq!(pad_left("7", 3), "  7");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn property_it_measures_what_ratatui_draws(text in "\\PC{0,60}", most in 0usize..40) {
            prop_assert_eq!(width(&text), drawn(&text));
            prop_assert!(width(&cut(&text, most)) <= most);
            prop_assert_eq!(width(&pad(&text, most)), most);
        }
    }
}
