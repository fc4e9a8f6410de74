//! Widths in cells, and cutting and wrapping to them.

use proptest::prelude::*;
use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use synod::text::width::*;

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
fn terminals_give_a_cluster_at_most_so_many_cells() {
    for (cluster, cells) in [
        ("a", 1),
        ("é", 1),
        ("│", 2),
        ("…", 2),
        ("中", 2),
        ("e\u{301}", 2),
        ("❤\u{fe0f}", 2),
        ("👩\u{200d}🔬", 5),
    ] {
        assert_eq!(most_cells(cluster), cells, "{cluster}");
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
