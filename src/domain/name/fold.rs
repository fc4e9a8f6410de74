//! How names are compared by people: without regard to accents, and, where they are sorted, to case.

use nucleo_matcher::chars;

/// Folds a text for matching: a character a grapheme cluster, without accents, in its case.
pub fn fold_into(text: &str, out: &mut Vec<char>) {
    out.clear();
    if text.chars().all(stands_alone) {
        out.extend(text.chars().map(fold));
    } else {
        out.extend(chars::graphemes(text).map(fold));
    }
}

/// A folded letter in its small form.
pub fn small(letter: char) -> char {
    if letter.is_ascii() { letter.to_ascii_lowercase() } else { chars::to_lower_case(letter) }
}

/// A text as it is compared when sorting.
pub fn sort_key(text: &str) -> String {
    let mut folded = Vec::new();
    fold_into(text, &mut folded);
    folded.into_iter().map(small).collect()
}

/// Whether a character is a cluster of its own whatever stands beside it: so are all letters of Western Europe.
fn stands_alone(letter: char) -> bool {
    matches!(letter, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{24f}' | '–' | '—' | '’' | '‘')
}

fn fold(letter: char) -> char {
    match letter {
        '\0'..='~' => letter,
        '–' | '—' => '-',
        'º' | '°' => 'o',
        'ª' => 'a',
        '’' | '‘' => '\'',
        _ => chars::normalize(letter),
    }
}
