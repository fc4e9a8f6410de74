//! Which rows match a filter, and in which order.
//!
//! Every typed word must occur in the name, in any order. Names are compared in one folded form: ignoring case, and
//! ignoring accents unless they were typed. Matches at the beginning of the name come first, then matches at the
//! beginning of a word. With a leading `~`, the letters of a word need only occur in that order. A word of at least
//! four characters that contains a digit is also searched for in ids.

mod haystacks;
mod incremental;
mod terms;

use tui_input::Input;

pub use haystacks::Haystacks;
pub use incremental::IncrementalFilter;
pub use terms::Terms;

/// A filter that is typed and then stays.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The text in the field.
    pub input: Input,
    /// Whether the field has the focus.
    pub is_open: bool,
}

impl Filter {
    /// Whether the filter hides nothing.
    pub fn is_empty(&self) -> bool {
        Terms::parse(self.input.value()).is_empty()
    }

    /// Clears the text and closes the field.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Keeps the rows whose name or id matches, best first, equal matches in their original order. An empty filter
    /// keeps all rows in order.
    pub fn keep<T>(&self, rows: Vec<T>, text: impl for<'a> Fn(&'a T) -> (&'a str, &'a str)) -> Vec<T> {
        if self.is_empty() {
            return rows;
        }
        let haystacks: Haystacks = rows.iter().map(text).collect();
        let mut rows: Vec<Option<T>> = rows.into_iter().map(Some).collect();
        let kept = IncrementalFilter::default().keep_matching(self.input.value(), &haystacks).to_vec();
        kept.into_iter().filter_map(|place| rows.get_mut(place as usize)?.take()).collect()
    }

    /// The grapheme clusters of a name that matched, counted from 0, ascending.
    pub fn hits(&self, name: &str) -> Vec<u32> {
        let terms = Terms::parse(self.input.value());
        if terms.is_empty() { Vec::new() } else { terms.hits(name) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::name::fold::Folded;

    fn kept(filter: &str, names: &[&str]) -> Vec<String> {
        let filter = Filter { input: filter.into(), is_open: true };
        let rows = names.iter().map(|name| (*name).to_owned()).collect();
        filter.keep(rows, |name: &String| (name, "120363400000001234@g.us"))
    }

    #[test]
    fn letters_are_found_without_accents_and_in_either_case() {
        assert_eq!(kept("acao", &["Ação Social", "Avisos"]), ["Ação Social"]);
        assert_eq!(kept("ação", &["Acao de Natal", "AÇÃO Social"]), ["AÇÃO Social"]);
        assert_eq!(kept("Acao", &["ação", "Ação"]), ["ação", "Ação"]);
    }

    #[test]
    fn a_match_at_the_beginning_comes_first() {
        let names = ["Spare", "Passagem da rua", "Old park", "Car", "Plants, a rake", "Parking"];
        assert_eq!(kept("par", &names), ["Parking", "Old park", "Spare"]);
        assert_eq!(kept("'par", &names), ["Parking", "Old park", "Spare"]);
    }

    #[test]
    fn scattered_letters_are_found_on_request() {
        let names = ["Spare", "Passagem da rua", "Old park", "Car", "Plants, a rake", "Parking"];
        let found = ["Parking", "Old park", "Spare", "Plants, a rake", "Passagem da rua"];
        assert_eq!(kept("~par", &names), found);
        assert_eq!(kept("old ~pk", &names), ["Old park"]);
        assert_eq!(
            kept("~12", &["Room 1, floor 2", "Room 12"]),
            ["Room 12"],
            "scattered digits stand everywhere"
        );
    }

    #[test]
    fn signs_before_a_name_do_not_hide_its_words() {
        for sign in ["⚽", "🎓", "🔥", "·", "→", "®", "👩‍👩‍👧", "–", "«", "№", "ﷺ", "¿", "☑️", "1️⃣"]
        {
            for name in [format!("{sign} Sub 15"), format!("{sign}Sub 15"), format!("Sub {sign} 15 {sign}")] {
                for typed in ["sub 15", "15 SUB", "15", "'sub", "~sb 15", sign] {
                    assert_eq!(kept(typed, &[&name]), [name.as_str()], "{typed:?}");
                }
            }
        }
    }

    #[test]
    fn a_separate_accent_is_searched_for() {
        assert_eq!(kept("\u{303} ", &["bA ma\u{303}o", "Board"]), Vec::<String>::new());
    }

    #[test]
    fn every_word_has_to_be_found() {
        assert_eq!(kept("park old", &["Parking", "Old park"]), ["Old park"]);
        assert_eq!(kept("  ", &["b", "a"]), ["b", "a"]);
    }

    #[test]
    fn numbers_are_found_only_unchanged_and_long_ones_in_ids() {
        assert_eq!(kept("12", &["Room 12", "Room 1, floor 2"]), ["Room 12"]);
        assert_eq!(kept("1234", &["Room", "Hall"]), ["Room", "Hall"]);
        assert_eq!(kept("0336", &["Room"]), Vec::<String>::new());
        assert_eq!(kept("us", &["Room"]), Vec::<String>::new());
    }

    #[test]
    fn the_matched_clusters_are_reported() {
        let filter = |text: &str| Filter { input: text.into(), is_open: false };
        assert_eq!(filter("cao").hits("Ação Social"), [1, 2, 3]);
        assert_eq!(filter("soc a").hits("👩‍👩‍👧 a  soc"), [2, 5, 6, 7]);
        assert_eq!(filter("strasse").hits("Alte Straße"), [5, 6, 7, 8, 9, 10]);
        assert_eq!(filter("~ps").hits("Spare parts"), [6, 10]);
        assert_eq!(filter("zz").hits("Ação"), Vec::<u32>::new());
    }

    fn names() -> impl Strategy<Value = Vec<String>> {
        let word = prop_oneof![
            "[a-dA-D]{1,4}",
            "[0-9]{1,3}",
            "[áãçÉßøİº]{1,2}[ab]?",
            "a[\u{300}\u{301}\u{303}\u{327}]b?",
            "[⚽🔥🎓→·®№«–☑]\u{fe0f}?",
            "[аёЙω]{1,3}",
            "(שלום|مرحبا|हिन्दी|中文|がか|가족|ไทย)",
        ];
        let name = prop::collection::vec((word, "( |  |\u{a0}|-|)"), 0..6);
        let name = name.prop_map(|words| words.into_iter().map(|(word, gap)| word + &gap).collect());
        prop::collection::vec(name, 1..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Fold both, then check that the one contains the other, word by word.
        #[test]
        fn property_words_match_like_a_naive_search(
            names in names(),
            from in any::<prop::sample::Index>(),
            start in any::<prop::sample::Index>(),
            length in 0usize..6,
            capitals in any::<bool>(),
            other in "[a-d0-9áç⚽ ]{0,3}",
        ) {
            // Part of one of the names, as an operator might type it, and other text.
            let letters: Vec<char> = names[from.index(names.len())].chars().collect();
            let start = start.index(letters.len() + 1);
            let piece: String = letters[start..].iter().take(length).collect();
            let typed = format!("{} {other}", if capitals { piece.to_uppercase() } else { piece });
            prop_assume!(!typed.contains(['~', '\'']));

            let found = |name: &str, word: &str| {
                let (name, word) = (Folded::new(name), Folded::new(word));
                if word.has_accents() {
                    name.accented().contains(word.accented())
                } else {
                    name.plain().contains(word.plain())
                }
            };
            let is_shown = |name: &&String| typed.split_whitespace().all(|word| found(name, word));
            let expected: BTreeSet<&str> = names.iter().filter(is_shown).map(String::as_str).collect();
            let filter = Filter { input: typed.as_str().into(), is_open: true };
            let shown = filter.keep(names.iter().collect(), |name: &&String| (name.as_str(), ""));
            let shown: BTreeSet<&str> = shown.into_iter().map(String::as_str).collect();
            prop_assert_eq!(shown, expected, "{:?}", typed);
        }
    }
}
