//! Tests for the secrets that scrubbing finds, and the text that it leaves alone.

mod search;

use base64::prelude::{BASE64_STANDARD, Engine};
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::Value;
use synod::scrub::{MASK, Scrubber};

/// The greatest number of characters of an error's text.
const LONGEST: usize = 200;

fn scrubber(secrets: &[&str]) -> Scrubber {
    Scrubber::new(secrets.iter().map(|secret| SecretString::from(*secret)))
}

#[test]
fn secrets_go_in_every_spelling() {
    let scrubber = scrubber(&["ca/na+ry é=1"]);
    for spelling in [
        "ca/na+ry é=1",
        "CA/NA+RY é=1",
        "ca%2Fna%2Bry%20%C3%A9%3D1",
        "ca%2fna%2bry+%c3%a9%3d1",
        "%63%61%2F%6E%61+ry%20é=1",
    ] {
        assert_eq!(scrubber.clean(&format!("no <{spelling}> here")), "no <***> here", "{spelling}");
    }
}

#[test]
fn a_secret_within_another_leaves_nothing_of_it() {
    assert_eq!(scrubber(&["abc", "abcdef"]).clean("x abcdef abc y"), "x *** *** y");
}

#[test]
fn addresses_go_to_the_end_of_their_word() {
    let text = "see <https://chat.whatsapp.com/AbC> or (é:ws://h/a?b) not 1://";
    assert_eq!(scrubber(&[]).clean(text), "see <*** or (é:*** not ***");
    assert_eq!(scrubber(&["c d"]).clean("https://h/a c d/e f"), "*** ***/e f");
}

#[test]
fn no_part_of_a_secret_is_left_where_the_text_is_cut() {
    let text = format!("{}{}", "x".repeat(195), "canary-token");
    let clean = scrubber(&["canary-token"]).clean(&text);
    assert!(!clean.contains("cana"), "{clean}");
}

#[test]
fn long_texts_are_cut_and_lines_joined() {
    let clean = scrubber(&[]).clean(&format!("a\n\tb {}", "é".repeat(500)));
    assert!(clean.starts_with("a b é"));
    assert_eq!(clean.chars().count(), LONGEST + 1);
}

const TOKEN: &str = "canary/7f3a+tok=en";

#[test]
fn a_beginning_with_dots_is_masked_and_one_that_ends_a_sentence_is_not() {
    let scrubber = scrubber(&[TOKEN]);
    for dots in ["...", "..", "…", "****", "•••", "\u{200b}.\u{200b}."] {
        for kept in [10, 12, 17] {
            let text = format!("token {}{dots} is wrong", &TOKEN[..kept]);
            assert_eq!(scrubber.masked(&text), "token *** is wrong", "{text:?}");
        }
    }
    for harmless in ["canary/7f.", "canary/7f3", "canary/7...", "can. ary"] {
        assert_eq!(scrubber.masked(harmless), harmless);
    }
}

#[test]
fn a_secret_goes_out_of_json_and_leaves_json() {
    let scrubber = scrubber(&["quo\"te\\d-secret", TOKEN]);
    let document = serde_json::json!({ "quo": ["a quo\"te\\d-secret b", TOKEN, "x"], "n": 1 });
    let spelled = document.to_string().replace("canary", "\\u0063anary").replace("tok", "\\u200btok");
    for json in [document.to_string(), spelled, format!("{document}\n{document}")] {
        let masked = scrubber.masked_json(&json);
        assert!(!masked.contains("7f3a") && !masked.contains("secret"), "{masked}");
        for line in masked.lines() {
            let read: Value = serde_json::from_str(line).unwrap();
            assert_eq!(read["quo"], serde_json::json!(["a *** b", MASK, "x"]));
        }
    }
    assert_eq!(scrubber.masked_json("{\"a\":\"b\",\"cut"), "{\"a\":\"b\",\"cut");
}

/// Invisible characters that may occur between the letters of a secret.
const UNSEEN: &[&str] = &[
    "",
    "\u{200b}",
    "\u{200d}",
    "\u{ad}",
    "\u{2060}",
    "\u{feff}",
    "\u{202e}",
    "\u{1}",
    "\u{9b}",
    "\u{fe0f}",
    "\u{301}",
    "\u{e0041}",
    "\t",
    "\n",
];

fn for_urls(text: &str) -> String {
    text.replace('+', "-").replace('/', "_")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn property_a_token_shows_in_no_spelling(
        token in "[!-~]{8,40}",
        user in "[a-z@.]{0,9}",
        choice in 0_usize..7,
        between in prop::collection::vec(0..UNSEEN.len(), 1..7),
        is_broken in any::<bool>(),
    ) {
        let pair = format!("{user}:{token}");
        let spelling = match choice {
            0 => token.clone(),
            1 => token.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat(),
            2 => BASE64_STANDARD.encode(&token),
            3 => BASE64_STANDARD.encode(pair.as_bytes()),
            4 => for_urls(&BASE64_STANDARD.encode(pair.as_bytes())),
            5 => for_urls(&BASE64_STANDARD.encode(&token)).trim_end_matches('=').to_owned(),
            _ => BASE64_STANDARD.encode(pair.as_bytes()).trim_end_matches('=').to_owned(),
        };
        let mut unseen = between.iter().cycle();
        let letters = spelling.chars().map(|c| {
            let after = if is_broken { UNSEEN[*unseen.next().unwrap_or(&0)] } else { "" };
            format!("{c}{after}")
        });
        let text = format!("§ {} §", letters.collect::<Vec<_>>().concat());
        let scrubber = Scrubber::new([SecretString::from(token)]);
        for shown in [scrubber.clean(&text), scrubber.masked(&text).into_owned()] {
            // Only the base64 digits of the neighbours remain; the last of them may share bits with the secret.
            let rest = shown.chars().filter(char::is_ascii_graphic).count();
            prop_assert!(shown.contains(MASK) && rest <= MASK.len() + 20, "{:?} of {:?}", shown, text);
        }
    }

    #[test]
    fn property_any_text_and_any_secret_can_be_scrubbed(text in any::<String>(), secret in any::<String>()) {
        let scrubber = Scrubber::new([SecretString::from(secret)]);
        let _ = (scrubber.clean(&text), scrubber.masked(&text), scrubber.masked_json(&text));
    }
}
