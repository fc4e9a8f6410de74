//! Widths in terminal cells, by grapheme cluster: one measure for drawing, cutting and padding, which agrees with ratatui's
//! drawing. It expects cleaned text; ratatui draws nothing for a control character, so its width here is zero.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

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

/// The most cells that terminals give this cluster: some show ambiguous symbols as wide, as in East Asian fonts, or the
/// parts of a cluster one after the other.
pub fn most_cells(cluster: &str) -> usize {
    let is_narrow = |c: char| c.is_ascii() || matches!(c.width_cjk(), Some(0 | 1)) && !is_half_flag(c);
    cluster.chars().map(|c| if is_narrow(c) { 1 } else { 2 }).sum()
}

/// Whether a character is one of the two letters of a flag. Some terminals show such a letter as wide, even alone.
pub fn is_half_flag(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
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
