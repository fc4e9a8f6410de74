//! Which names a filter keeps, in which order, and the letters that match.

use std::collections::BTreeSet;

use proptest::prelude::*;
use synod::{app::filter::Filter, domain::name::fold::Folded};

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
