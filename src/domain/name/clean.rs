//! Cleans a stranger's text, so that it can neither control the terminal nor forge a row. It owns the rules; `tables` classifies
//! the characters.
//!
//! Control characters become their pictures; tabs and line ends become a space. Format characters, separators, tags and
//! noncharacters are dropped. A joiner stays inside emoji and between letters that join; a variation selector stays after a
//! visible character. A grapheme cluster holds at most 8 marks and 32 bytes. The result is trimmed and capped.

use unicode_segmentation::UnicodeSegmentation;

use super::tables;

/// The maximum length of a shown text in bytes, including the ellipsis.
pub(super) const LONGEST: usize = 512;
const LONGEST_CLUSTER: usize = 32;
const MOST_MARKS: usize = 8;
const ELLIPSIS: char = '…';

/// Whether nothing in the text can need cleaning: the cheap test that suffices for most names.
pub(super) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() > LONGEST || bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ') {
        return false;
    }
    if text.is_ascii() {
        return bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
    }
    text.chars().all(|c| matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{24f}'))
}

/// The text in displayable form; cleaning it again changes nothing.
pub(super) fn clean(text: &str) -> String {
    let mut cleaned = once(text);
    // Removing a character can bring its neighbours together, so passes follow until one changes nothing. Each works on at most
    // 512 bytes and removes something.
    loop {
        let again = once(&cleaned);
        if again == cleaned {
            return cleaned;
        }
        cleaned = again;
    }
}

/// A line of any length without terminal control characters.
pub(super) fn line(text: &str) -> String {
    replaced(text).0
}

/// Whether a character is dropped or replaced in some position, or is itself a replacement.
pub(super) fn is_replaced(c: char) -> bool {
    picture(c) != Some(c)
        || tables::is_joiner(c)
        || tables::is_variation_selector(c)
        || matches!(c, '\u{2400}'..='\u{2421}' | char::REPLACEMENT_CHARACTER)
}

fn once(text: &str) -> String {
    let (text, odd) = replaced(text);
    // A cluster that exceeds the limits contains at least five characters that join the one before them.
    let text = if odd < 5 { text } else { limited(&text) };
    let trimmed = text.trim_matches(tables::is_blank);
    let based = without_orphans(trimmed);
    capped(based).unwrap_or_else(|| based.to_owned())
}

/// The text with each character replaced or dropped as its position requires, and the number of remaining characters that may
/// join another.
fn replaced(text: &str) -> (String, usize) {
    let mut out = String::with_capacity(text.len());
    let mut last = None;
    let mut in_emoji = false;
    let mut odd = 0;
    let mut rest = text.chars().filter_map(picture).peekable();
    while let Some(c) = rest.next() {
        if tables::is_joiner(c) {
            let kept = match (last, rest.peek()) {
                (Some(_), Some(&next)) if in_emoji && c == '\u{200d}' => tables::is_picture(next),
                (Some(last), Some(&next)) => tables::join_their_letters(last, next),
                _ => false,
            };
            if !kept {
                continue;
            }
        } else if tables::is_variation_selector(c) {
            let behind_visible = |last: char| {
                !tables::is_blank(last) && !tables::is_joiner(last) && !tables::is_variation_selector(last)
            };
            if !last.is_some_and(behind_visible) {
                continue;
            }
        } else if !tables::is_skin_tone(c) {
            in_emoji = tables::is_picture(c);
        }
        odd += usize::from(!tables::is_simple(c));
        last = Some(c);
        out.push(c);
    }
    (out, odd)
}

/// The replacement of a character in any position; `None` if it is dropped.
fn picture(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\r' | '\u{85}' => Some(' '),
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)),
        '\u{7f}' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}' => Some(char::REPLACEMENT_CHARACTER),
        ' '..='~' => Some(c),
        c => (!tables::is_ignored(c)).then_some(c),
    }
}

/// The text with every grapheme cluster within its limits.
fn limited(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        let mut marks = 0;
        let mut length = 0;
        for (place, c) in cluster.char_indices() {
            marks += usize::from(place > 0 && is_mark(c));
            length += c.len_utf8();
            if length > LONGEST_CLUSTER {
                break;
            }
            if !(is_mark(c) && marks > MOST_MARKS) {
                out.push(c);
            }
        }
    }
    out
}

/// Whether a character that is not the first of its cluster counts as a mark on it.
fn is_mark(c: char) -> bool {
    let joined = tables::is_joiner(c) || tables::is_picture(c) || tables::is_skin_tone(c);
    let syllable = matches!(c, '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}');
    let flag = matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    !(joined || syllable || flag)
}

/// The text without leading characters that need one before them: a mark at the start would be drawn on whatever is to the left.
fn without_orphans(text: &str) -> &str {
    let mut probe = String::with_capacity(8);
    text.trim_start_matches(|c: char| {
        if c.is_ascii() || tables::is_skin_tone(c) {
            return false;
        }
        probe.clear();
        probe.push('a');
        probe.push(c);
        probe.graphemes(true).nth(1).is_none()
    })
}

/// The text cut at a cluster boundary, with an ellipsis; `None` if it is short enough.
fn capped(text: &str) -> Option<String> {
    if text.len() <= LONGEST {
        return None;
    }
    let room = LONGEST - ELLIPSIS.len_utf8();
    let fits = |&(place, cluster): &(usize, &str)| place + cluster.len() <= room;
    let end = text
        .grapheme_indices(true)
        .take_while(fits)
        .last()
        .map_or(0, |(place, cluster)| place + cluster.len());
    let mut cut = text[..end].to_owned();
    cut.push(ELLIPSIS);
    Some(cut)
}
