//! The one form in which names are compared: by the filter, by pastes, commands and files, and when names are sorted. It owns
//! that form. Other modules decide which texts to compare and which match wins.
//!
//! The form is NFKC with case folding (ß = ss). Each run of blanks becomes one blank, blanks at the ends are removed, invisible
//! characters are removed, and typographic dashes and quotes become the plain ones. A second form also lacks accents: a text
//! typed without accents is compared with that one.

use std::sync::OnceLock;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

use super::tables;

/// A text in both forms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Folded {
    plain: String,
    /// Only if it differs from the plain form.
    accented: Option<String>,
}

impl Folded {
    /// Folds a text.
    pub fn new(text: &str) -> Self {
        let (mut plain, mut accented) = (String::new(), String::new());
        fold_into(text, &mut plain, &mut accented);
        Self { accented: (accented != plain).then_some(accented), plain }
    }

    /// Without accents.
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// With accents.
    pub fn accented(&self) -> &str {
        self.accented.as_deref().unwrap_or(&self.plain)
    }

    /// Whether it has any accents.
    pub fn has_accents(&self) -> bool {
        self.accented.is_some()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    /// Whether both are the same name: upper and lower case, blanks and the encoding of letters do not matter, accents do.
    pub fn is_same_name(&self, other: &Self) -> bool {
        self.accented() == other.accented()
    }

    /// Whether it equals the typed text; the accents of words typed without accents do not matter.
    pub fn is(&self, typed: &Self) -> bool {
        self.plain == typed.plain && self.has_accents_of(typed, false)
    }

    /// Whether it begins with the typed text, in the same sense. Numbers are never split: `Sub 1` is not a prefix of `Sub 15`.
    pub fn begins_with(&self, typed: &Self) -> bool {
        let Some(rest) = self.plain.strip_prefix(&typed.plain) else { return false };
        let cuts_number = typed.plain.ends_with(char::is_numeric) && rest.starts_with(char::is_numeric);
        !cuts_number && self.has_accents_of(typed, true)
    }

    /// Whether the words that were typed with accents have the same accents here; the plain forms already match.
    fn has_accents_of(&self, typed: &Self, is_beginning: bool) -> bool {
        let Some(accented) = &typed.accented else { return true };
        let same = |mine: &str, wanted: &str, is_last: bool| {
            if is_beginning && is_last { mine.starts_with(wanted) } else { mine == wanted }
        };
        let count = accented.split(' ').count();
        if typed.plain.split(' ').count() != count {
            return same(self.accented(), accented, true);
        }
        let words = accented.split(' ').zip(typed.plain.split(' '));
        let mut mine = self.accented().split(' ');
        words.enumerate().all(|(at, (accented, plain))| {
            let is_wanted = accented != plain;
            mine.next().is_some_and(|mine| !is_wanted || same(mine, accented, at + 1 == count))
        })
    }
}

/// Appends a text in both forms.
pub fn fold_into(text: &str, plain: &mut String, accented: &mut String) {
    let starts = (plain.len(), accented.len());
    let mut both = (Writer::new(plain), Writer::new(accented));
    for letter in text.chars() {
        match quick(letter) {
            Quick::Nothing => {}
            Quick::Letter(bare, whole) => {
                both.0.push(bare);
                both.1.push(whole);
            }
            Quick::Unknown => {
                plain.truncate(starts.0);
                accented.truncate(starts.1);
                thoroughly(text, plain, accented);
                return;
            }
        }
    }
}

/// The sort key of a text: numbers are compared by value, so that 2 comes before 10.
pub fn sort_key(text: &str) -> String {
    let (mut key, mut folded) = (String::new(), (String::new(), String::new()));
    sort_key_into(text, &mut folded, &mut key);
    key
}

/// The same, appended to `key`, with buffers to reuse.
pub fn sort_key_into(text: &str, (plain, accented): &mut (String, String), key: &mut String) {
    plain.clear();
    accented.clear();
    fold_into(text, plain, accented);
    let mut rest = plain.as_str();
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        key.push_str(&rest[..at]);
        let end = rest[at..].find(|letter: char| !letter.is_ascii_digit()).map_or(rest.len(), |end| at + end);
        let digits = rest[at..end].trim_start_matches('0');
        // A longer number is greater. Its length is written as digits, so it sorts where digits sort.
        let mut length = digits.len();
        while length > 8 {
            key.push('9');
            length -= 9;
        }
        key.push(char::from(b'0' + u8::try_from(length).unwrap_or(8)));
        key.push_str(digits);
        rest = &rest[end..];
    }
    key.push_str(rest);
}

/// The folded form of a character, independent of its neighbours.
#[derive(Clone, Copy)]
enum Quick {
    Nothing,
    /// Without and with its accent.
    Letter(char, char),
    /// It depends on its neighbours, or becomes several characters.
    Unknown,
}

fn quick(letter: char) -> Quick {
    match letter {
        'A'..='Z' => {
            let small = letter.to_ascii_lowercase();
            Quick::Letter(small, small)
        }
        ' '..='_' | 'a'..='~' => Quick::Letter(letter, letter),
        '\u{a1}'..='\u{17f}' => *LATIN[letter as usize - 0xa1].get_or_init(|| thoroughly_alone(letter)),
        '\u{fe0f}' => Quick::Nothing,
        '–' | '—' => Quick::Letter('-', '-'),
        '’' | '‘' | '`' => Quick::Letter('\'', '\''),
        // Ideographs and pictures have neither case nor accents, and nothing is composed with them.
        '\u{2600}'..='\u{27bf}' | '\u{4e00}'..='\u{9fff}' | '\u{1f300}'..='\u{1faff}' => {
            Quick::Letter(letter, letter)
        }
        _ => Quick::Unknown,
    }
}

/// Latin-1 and the block after it, each computed when it is first met.
static LATIN: [OnceLock<Quick>; 0x180 - 0xa1] = [const { OnceLock::new() }; 0x180 - 0xa1];

fn thoroughly_alone(letter: char) -> Quick {
    let (mut plain, mut accented) = (String::new(), String::new());
    thoroughly(letter.encode_utf8(&mut [0; 4]), &mut plain, &mut accented);
    let only = |text: &str| {
        let mut letters = text.chars();
        letters.next().filter(|_| letters.next().is_none())
    };
    only(&plain).zip(only(&accented)).map_or(Quick::Unknown, |(bare, whole)| Quick::Letter(bare, whole))
}

fn thoroughly(text: &str, plain: &mut String, accented: &mut String) {
    const COMPOSED: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
    const APART: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();
    let visible: String = text.chars().filter(|letter| !is_invisible(*letter)).collect();
    let composed = COMPOSED.normalize(&visible);
    let cased: String = composed.chars().flat_map(without_case).collect();
    // A sign that becomes a letter composes with the accent that follows it.
    let written: String = COMPOSED.normalize(&cased).chars().map(typewritten).collect();
    let whole = COMPOSED.normalize(&written);
    let mut writer = Writer::new(accented);
    whole.chars().filter(|letter| !is_invisible(*letter)).for_each(|letter| writer.push(typewritten(letter)));

    let bare: String = APART.normalize(&whole).chars().filter(|letter| !is_accent(*letter)).collect();
    let mut writer = Writer::new(plain);
    for letter in COMPOSED.normalize(&bare).chars().filter(|letter| !is_invisible(*letter)) {
        match letter {
            'æ' => "ae".chars().for_each(|letter| writer.push(letter)),
            'œ' => "oe".chars().for_each(|letter| writer.push(letter)),
            _ => writer.push(without_stroke(typewritten(letter))),
        }
    }
}

/// Full case folding: lower case of the upper case.
fn without_case(letter: char) -> impl Iterator<Item = char> {
    letter.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

fn is_invisible(letter: char) -> bool {
    !tables::is_blank(letter)
        && (tables::is_ignored(letter)
            || tables::is_joiner(letter)
            || tables::is_variation_selector(letter)
            || letter.is_control())
}

/// The marks that people omit when they type: accents, Hebrew points and Arabic vowels. The vowel signs of other scripts count as
/// letters to those who write them.
fn is_accent(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Characters that Unicode does not decompose although people see a letter with something added.
fn without_stroke(letter: char) -> char {
    match letter {
        'ø' => 'o',
        'ł' => 'l',
        'đ' | 'ð' => 'd',
        'ħ' => 'h',
        'ŧ' => 't',
        _ => letter,
    }
}

fn typewritten(letter: char) -> char {
    match letter {
        '‐'..='―' | '−' => '-',
        '‘' | '’' | 'ʼ' | '′' | '`' | '´' => '\'',
        '“' | '”' | '„' | '″' => '"',
        '°' => 'o',
        _ => letter,
    }
}

/// Appends characters, with one blank for each run of blanks between them.
struct Writer<'a> {
    out: &'a mut String,
    is_begun: bool,
    blank: bool,
}

impl<'a> Writer<'a> {
    fn new(out: &'a mut String) -> Self {
        Self { out, is_begun: false, blank: false }
    }

    fn push(&mut self, letter: char) {
        if letter == ' ' || (!letter.is_ascii_graphic() && tables::is_blank(letter)) {
            self.blank = self.is_begun;
            return;
        }
        if std::mem::take(&mut self.blank) {
            self.out.push(' ');
        }
        self.is_begun = true;
        self.out.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[a-zA-Z0-9 ]{1,4}",
            "[ÀÉãçßøŁİıæﬁ½²º°Ωςё]{1,3}",
            "[\u{300}\u{301}\u{327}\u{345}\u{5b4}\u{64b}\u{3099}\u{200d}\u{fe0f}\u{ad}]",
            "[⚽🔥→·®가か中हि\u{1100}\u{1161}\u{11a8}]{1,3}",
            "[ \u{a0}\u{3000}\u{2003}\t´¨`–’]{1,3}",
            ".",
        ];
        prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn property_a_folded_text_is_folded_and_has_no_blanks_at_its_ends(name in names()) {
            let folded = Folded::new(&name);
            for form in [folded.plain(), folded.accented()] {
                prop_assert_eq!(form.trim(), form);
                prop_assert!(!form.contains("  "));
            }
            let again = Folded::new(folded.accented());
            prop_assert_eq!(again.accented(), folded.accented());
            let again = Folded::new(folded.plain());
            prop_assert_eq!(again.plain(), folded.plain());
        }

        #[test]
        fn property_the_quick_way_and_the_thorough_way_agree(name in names()) {
            let folded = Folded::new(&name);
            let (mut plain, mut accented) = (String::new(), String::new());
            thoroughly(&name, &mut plain, &mut accented);
            prop_assert_eq!((folded.plain(), folded.accented()), (plain.as_str(), accented.as_str()));
        }

        #[test]
        fn property_every_form_of_a_name_means_it(name in names()) {
            let folded = Folded::new(&name);
            let apart = DecomposingNormalizerBorrowed::new_nfd().normalize(&name).into_owned();
            let spread = name.replace(' ', "\u{a0} \u{2003}");
            for typed in [&name, &apart, &spread, folded.plain()] {
                prop_assert!(folded.is(&Folded::new(typed)), "{:?} is not {:?}", typed, name);
            }
        }
    }
}
