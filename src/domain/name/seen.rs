//! The characters that a person sees of a text: without blanks and invisible characters, and in their compatibility form, in which
//! full-width and mathematical letters are plain ones. This module owns that form; `scrub` searches it.

use std::sync::LazyLock;

use icu_normalizer::DecomposingNormalizerBorrowed;

use super::{is_unseen, tables};

/// Passes on each visible character of a character's compatibility form (NFKD without marks). A blank has none.
pub fn each_visible(c: char, mut take: impl FnMut(char)) {
    match c {
        // Long runs of the last one come from gateways that send no valid text.
        '\0'..=' ' | '\u{7f}'..='\u{a0}' | '\u{200b}'..='\u{200f}' | char::REPLACEMENT_CHARACTER => {}
        // ASCII, lines, ideographs and most pictures stand for themselves.
        '!'..='~' | '\u{2500}'..='\u{27bf}' | '\u{4e00}'..='\u{9fff}' | '\u{1f300}'..='\u{1faff}' => take(c),
        '\u{a1}'..='\u{17f}' => match LATIN[c as usize - 0xa1] {
            Some(visible) => take(visible),
            None => each_decomposed(c, take),
        },
        _ => each_decomposed(c, take),
    }
}

/// The single visible character of each character of Latin-1 and of the block after it; `None` if it has none or several.
static LATIN: LazyLock<Vec<Option<char>>> = LazyLock::new(|| {
    let only = |c: char| {
        let mut all = Vec::new();
        each_decomposed(c, |visible| all.push(visible));
        <[char; 1]>::try_from(all).ok().map(|[visible]| visible)
    };
    ('\u{a1}'..='\u{17f}').map(only).collect()
});

fn each_decomposed(c: char, mut take: impl FnMut(char)) {
    let normalizer = const { DecomposingNormalizerBorrowed::new_nfkd() };
    for c in normalizer.normalize_iter(std::iter::once(c)) {
        if !is_blank(c) && !is_unseen(c) {
            take(c);
        }
    }
}

/// Whether a character is drawn as nothing but takes room.
pub fn is_blank(c: char) -> bool {
    tables::is_blank(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_invisible_characters_are_dropped_and_dressed_up_letters_are_plain() {
        for (text, expected) in [
            ("a b\u{a0}c\u{2800}d\u{200a}e\t\n", "abcde"),
            ("a\u{200b}b\u{301}c\u{fe0f}d\u{115f}\u{1}", "abcd"),
            ("ＡＢ　ｃ１＋", "ABc1+"),
            ("𝐚𝒃𝓬𝔡𝕖𝖿𝙜ⓗ⑴", "abcdefgh(1)"),
            ("é…‥│█", "e.....│█"),
        ] {
            let mut seen = String::new();
            text.chars().for_each(|c| each_visible(c, |c| seen.push(c)));
            assert_eq!(seen, expected);
        }
    }
}
