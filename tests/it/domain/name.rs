//! The hostile names, one by one. The property that holds for all names is beside the code.

mod fold;

use synod::domain::name::Name;
use unicode_segmentation::UnicodeSegmentation;

fn shown(text: &str) -> String {
    Name::new(text).shown().to_owned()
}

#[test]
fn ordinary_names_are_kept_and_shared() {
    for text in ["Harbor Clinics", "Ação & Cuidado", "Școala  2", "", "Lab 🧪 results", "中文群", "Группа"]
    {
        let name = Name::new(text);
        assert_eq!(name.shown(), text);
        assert!(std::ptr::eq(name.exact(), name.shown()), "{text}");
        assert!(!name.was_cleaned());
    }
}

#[test]
fn escape_sequences_become_pictures_and_stay_readable() {
    assert_eq!(shown("\u{1b}]0;x\u{7}"), "␛]0;x␇");
    assert_eq!(shown("\u{1b}]52;c;aGk=\u{7}"), "␛]52;c;aGk=␇");
    assert_eq!(shown("\u{1b}]8;;http://x\u{1b}\\a\u{1b}]8;;\u{1b}\\"), "␛]8;;http://x␛\\a␛]8;;␛\\");
    assert_eq!(shown("\u{1b}[2J"), "␛[2J");
    assert_eq!(shown("\u{1b}P1$r\u{1b}\\"), "␛P1$r␛\\");
    assert_eq!(shown("a\u{1b}]0;never ends"), "a␛]0;never ends");
    assert_eq!(shown("\u{9b}2J"), "\u{fffd}2J");
    assert_eq!(shown("a\u{0}b\u{7f}"), "a␀b␡");
}

#[test]
fn line_ends_and_tabs_become_spaces_that_are_trimmed_at_the_ends() {
    assert_eq!(shown("a\rb\tc\nd\u{85}e"), "a b c d e");
    assert_eq!(shown("  a   b\n"), "a   b");
    assert_eq!(shown("a\u{2028}b\u{2029}c"), "abc");
}

#[test]
fn direction_controls_and_invisible_characters_are_dropped() {
    assert_eq!(shown("abc\u{202e}fdp.exe"), "abcfdp.exe");
    assert_eq!(shown("\u{2066}abc"), "abc");
    assert_eq!(shown("a\u{200b}\u{200b}\u{200b}b\u{feff}c\u{ad}d"), "abcd");
    assert_eq!(shown("x\u{e0041}\u{e007f}\u{fff9}y\u{fffe}\u{fdd0}\u{10ffff}"), "xy");
    assert_eq!(shown("a\u{200d}b\u{200c}c"), "abc");
}

#[test]
fn emoji_sequences_stay_whole() {
    for text in ["👨‍👩‍👧‍👦 família", "❤️‍🔥", "🏳️‍🌈", "🇧🇷 Brasil", "1️⃣ turno", "👩🏽‍⚕️", "🏽"]
    {
        assert_eq!(shown(text), text);
    }
    assert_eq!(shown("👩\u{200d}"), "👩");
    assert_eq!(shown("👩\u{200d}\u{200d}👧"), "👩\u{200d}👧");
    assert_eq!(shown("👩\u{200d}a"), "👩a");
}

#[test]
fn scripts_that_need_joiners_keep_them_between_letters_alone() {
    assert_eq!(shown("می\u{200c}خواهم"), "می\u{200c}خواهم");
    assert_eq!(shown("क्\u{200d}ष"), "क्\u{200d}ष");
    assert_eq!(shown("می\u{200c} \u{200d}خ\u{200d}"), "می خ");
}

#[test]
fn variation_selectors_stay_behind_something_visible() {
    assert_eq!(shown("\u{fe0f}a\u{fe0f}\u{fe0f}b \u{fe0f}c"), "a\u{fe0f}b c");
    assert_eq!(shown("葛\u{e0100}"), "葛\u{e0100}");
}

#[test]
fn a_cluster_holds_eight_marks_and_thirty_two_bytes() {
    let heap = format!("Z{}o", "\u{301}".repeat(40));
    assert_eq!(shown(&heap), format!("Z{}o", "\u{301}".repeat(8)));
    let chain = vec!["👩"; 20].join("\u{200d}");
    let cleaned = shown(&chain);
    assert!(cleaned.graphemes(true).all(|cluster| cluster.len() <= 32), "{cleaned}");
    assert_eq!(shown("\u{301}\u{302}a"), "a");
    assert!(shown(&"\u{1100}".repeat(3_000)).len() <= 512);
}

#[test]
fn a_long_name_is_cut_at_a_cluster() {
    let cut = shown(&"x".repeat(10_000));
    assert_eq!((cut.len(), cut.ends_with("x…")), (512, true));
    let cut = shown(&"👨\u{200d}👩\u{200d}👧".repeat(1_000));
    assert!(cut.len() <= 512 && cut.ends_with("👧…"), "{cut}");
    assert_eq!(Name::new(&"x".repeat(10_000)).exact().len(), 10_000);
}

#[test]
fn a_name_without_visible_characters_is_empty() {
    for text in
        [" ", "\u{3164}", "\u{115f}\u{1160}", "\u{ffa0}", "\u{2800}\u{2800}", "\u{200b}", "\u{a0}", "\n\t"]
    {
        let name = Name::new(text);
        assert_eq!(name.shown(), "", "{text:?}");
        assert!(name.was_cleaned());
        assert_eq!(name.exact(), text);
    }
    assert_eq!(shown("\u{3000}\u{301}\u{fe0f}\u{2800}"), "");
}

#[test]
fn right_to_left_letters_are_detected_without_adding_anything() {
    for text in ["قسم الطوارئ", "מרפאה", "A מ"] {
        let name = Name::new(text);
        assert_eq!(name.shown(), text);
        assert!(name.has_right_to_left());
    }
    assert!(!Name::new("Ação 中文 👩").has_right_to_left());
}

#[test]
fn the_record_keeps_the_exact_text() {
    let name = Name::new("a\u{1b}[2Jb");
    let json = serde_json::to_string(&name).unwrap();
    assert_eq!(json, "\"a\\u001b[2Jb\"");
    assert_eq!(serde_json::from_str::<Name>(&json).unwrap(), name);
}
