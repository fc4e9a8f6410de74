//! Numbers, spans and ages in each language.

use std::time::Duration;

use synod::text::{Language, Text, format::*};

#[test]
fn numbers_are_grouped_by_three_as_the_language_does() {
    for (language, shown) in [
        (Language::English, ["0", "999", "1,204", "100,000", "1,000,000"]),
        (Language::Portuguese, ["0", "999", "1.204", "100.000", "1.000.000"]),
        (Language::Spanish, ["0", "999", "1204", "100\u{a0}000", "1\u{a0}000\u{a0}000"]),
    ] {
        let text = Text::of(language);
        assert_eq!([0, 999, 1_204, 100_000, 1_000_000].map(|given| number(&text, given)), shown);
    }
}

#[test]
fn spans_of_time_have_two_units_at_most() {
    let text = Text::english();
    for (millis, shown) in [
        (0, "0 s"),
        (250, "250 ms"),
        (5_900, "5 s"),
        (60_000, "1 min"),
        (80_000, "1 min 20 s"),
        (3_600_000, "1 h"),
        (7_500_000, "2 h 5 min"),
        (86_400_000, "1 d"),
        (273_600_000, "3 d 4 h"),
    ] {
        assert_eq!(duration(&text, Duration::from_millis(millis)), shown);
    }
}

#[test]
fn ages_have_one_unit() {
    let text = Text::english();
    for (seconds, shown) in [
        (0, "just now"),
        (1, "just now"),
        (2, "2 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (119, "1 min ago"),
        (3_599, "59 min ago"),
        (3_600, "1 h ago"),
        (7_500, "2 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 d ago"),
        (90_000, "1 d ago"),
        (172_799, "1 d ago"),
        (200_000, "2 d ago"),
    ] {
        assert_eq!(age(&text, Duration::from_secs(seconds)), shown);
    }
}
