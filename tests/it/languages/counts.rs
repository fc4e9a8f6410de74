//! Counts in messages: none, one, and several read naturally.

use rstest::rstest;
use synod::text::{Arg, Language, Text};

/// Messages with their counts; the values of all other variables do not matter.
const COUNTED: [(&str, &[&str]); 6] = [
    ("finding-offer", &["count", "requests"]),
    ("finding-running", &["asked", "total", "found"]),
    ("finding-paused", &["asked", "total", "found", "requests"]),
    ("finding-ended", &["asked", "found"]),
    ("plan-costs", &["requests"]),
    ("cli-ask-count", &["count"]),
];

fn said(language: Language, key: &'static str, counted: &[&'static str], count: u64) -> String {
    let mut args: Vec<(&'static str, Arg<'_>)> = vec![("span", "5 s".into()), ("key", "p".into())];
    args.extend(counted.iter().map(|name| (*name, Arg::from(count))));
    Text::of(language).with(key, &args)
}

#[rstest]
fn singular_and_plural_differ(
    #[values(Language::English, Language::Portuguese, Language::Spanish)] language: Language,
) {
    for (key, counted) in COUNTED {
        // Some languages use the same text for one and for several, if it contains only the number.
        if key == "cli-ask-count" && language != Language::English {
            continue;
        }
        if key == "finding-ended" && language == Language::English {
            continue;
        }
        let (one, two) = (said(language, key, counted, 1), said(language, key, counted, 2));
        assert_ne!(one.replace('1', "2"), two, "{key} in {language:?}");
        assert!(!one.contains('{') && !two.contains('{'), "{key} in {language:?}: {one}");
    }
}

#[test]
fn english_counts_read_naturally() {
    let say = |key, counted: &[&'static str], count| said(Language::English, key, counted, count);
    assert_eq!(
        say("finding-offer", &["count", "requests"], 1),
        "1 group might be a community. Asking it takes 1 request, about 5 s. Press [p] to start; you can close this window meanwhile."
    );
    assert_eq!(say("finding-ended", &["asked", "found"], 0), "The search asked no group and found none.");
    assert_eq!(say("finding-ended", &["asked", "found"], 1), "The search asked 1 group and found 1.");
    assert!(
        say("finding-paused", &["asked", "total", "found", "requests"], 1).contains("takes 1 request, about")
    );
    assert_eq!(
        say("finding-ended-early", &["asked"], 0).split(':').next(),
        Some("The search ended early, before any group was asked")
    );
    let text = Text::english();
    let admins = |admins: u64| {
        text.with("fact-members-admins", &[("members", "12".into()), ("admins", admins.into())])
    };
    assert_eq!((admins(0), admins(1)), ("12, no admins".to_owned(), "12, 1 admin".to_owned()));
}
