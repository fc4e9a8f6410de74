//! Which names are the same to people, and which are not. The properties of all names are beside the code.

use rstest::rstest;
use synod::domain::name::fold::{Folded, sort_key};

fn is(name: &str, typed: &str) -> bool {
    Folded::new(name).is(&Folded::new(typed))
}

#[rstest]
#[case("Ação Social", "Ac\u{327}a\u{303}o Social")]
#[case("Ação Social", "acao social")]
#[case("Ação Social", "AÇÃO  social")]
#[case("Ação Social", "Ação\u{a0}Social")]
#[case("Ação Social", "\u{3000}Ação\tSocial\u{200b} ")]
#[case("São João", "sao joão")]
#[case("Straße", "STRASSE")]
#[case("STRAẞE", "strasse")]
#[case("Smørrebrød", "smorrebrod")]
#[case("Łódź", "lodz")]
#[case("Læge", "laege")]
#[case("İstanbul", "istanbul")]
#[case("ΣΊΣΥΦΟΣ", "σίσυφος")]
#[case("Ёлка", "елка")]
#[case("ﬁnance ①", "Finance 1")]
#[case("３º B", "3o b")]
#[case("⚽\u{fe0f} Sub 15", "⚽ sub 15")]
#[case("👩\u{200d}👧 Mães", "👩👧 maes")]
#[case("Joana’s – club", "Joana's - club")]
#[case("가족", "\u{1100}\u{1161}\u{110c}\u{1169}\u{11a8}")]
#[case("شركةٌ", "شركة")]
fn these_are_one_name(#[case] name: &str, #[case] typed: &str) {
    assert!(is(name, typed), "{name:?} and {typed:?}");
}

#[rstest]
#[case("Acao Social", "Ação Social")]
#[case("Coco", "Cocó")]
#[case("Ação Social", "acao Sócial")]
#[case("Board", "Boards")]
#[case("Room 1", "Room1")]
#[case("か", "が")]
#[case("हिन्दी", "हन्द")]
#[case("Board", "")]
fn these_are_not(#[case] name: &str, #[case] typed: &str) {
    assert!(!is(name, typed), "{name:?} and {typed:?}");
}

#[test]
fn a_beginning_never_cuts_a_number_and_minds_typed_accents() {
    let begins = |name: &str, typed: &str| Folded::new(name).begins_with(&Folded::new(typed));
    assert!(begins("Sub 15 masculino", "sub 15"));
    assert!(!begins("Sub 15", "Sub 1"));
    assert!(begins("Ação Social", "acao so"));
    assert!(begins("Ação Social", "ação so"));
    assert!(!begins("Acao Social", "ação so"));
    assert!(begins("Ação Sócios", "acao só"));
    assert!(!begins("Ação Socios", "acao só"));
}

#[test]
fn numbers_in_names_are_sorted_as_numbers() {
    let sorted = |names: &[&str]| {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort_by_key(|name| sort_key(name));
        names
    };
    let names = ["Sub 9", "sub 10", "Sub 010 B", "Sub 123456789", "Sub 1234567890", "Sub A", "Subs"];
    let mut mixed = names;
    mixed.reverse();
    assert_eq!(sorted(&mixed), names);
    assert_eq!(sorted(&["Élan", "Eland", "elan b"]), ["Élan", "elan b", "Eland"]);
}

#[test]
fn a_sign_that_becomes_a_letter_composes_with_its_accent() {
    for name in ["°\u{300}", "º\u{303}"] {
        let folded = Folded::new(name);
        assert_eq!(Folded::new(folded.accented()).accented(), folded.accented());
    }
}
