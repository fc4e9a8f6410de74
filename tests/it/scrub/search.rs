//! The scrubbing finds a secret among other signs and in long texts, and leaves ordinary names as they are. The property that no
//! disguise gets a secret past it is beside the code.

use proptest::prelude::*;
use secrecy::SecretString;
use synod::scrub::{MASK, Scrubber};

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn property_ordinary_names_stay_as_they_are(
        token in "[!-~]{10,44}",
        words in prop::collection::vec("[A-Za-zÀ-ÿ0-9&%().…-]{1,12}", 1..6),
        start in 0_usize..35,
    ) {
        let scrubber = Scrubber::new([SecretString::from(token.clone())]);
        let name = words.join(" ");
        prop_assert_eq!(scrubber.masked(&name), name.as_str());
        // A short piece of a token is an ordinary word.
        let start = start.min(token.len() - 9);
        let piece = format!("§ {}", &token[start..start + 9].replace('.', "x"));
        prop_assert_eq!(scrubber.masked(&piece), piece.as_str());
    }
}

#[test]
fn what_a_secret_itself_looks_like_does_not_matter() {
    for token in [
        "ab%41cd&amp;ef",
        "[abc...def***]",
        "%25%25%25%25",
        "&#65;&#66;&#67;",
        "\\x41\\x42\\x43",
        "1234567890",
        "........",
    ] {
        let scrubber = Scrubber::new([SecretString::from(token)]);
        for shown in
            [token.to_owned(), percent(token), percent(&percent(token)), format!("%4{}", percent(token))]
        {
            let masked = scrubber.masked(&shown).into_owned();
            assert!(masked.len() <= MASK.len() + 2, "{token} as {shown}: {masked}");
        }
    }
}

#[test]
fn signs_between_the_letters_do_not_hide_a_secret() {
    let scrubber = Scrubber::new([SecretString::from("canary/7f3a+token")]);
    for text in [
        "c-a-n-a-r-y-7-f-3-a-t-o-k-e-n",
        "[c][a][n][a][r][y][/][7][f][3][a][+][t][o][k][e][n]",
        "canary 7f3a (token)",
        "c, a, n, a, r, y, /, 7, f, 3, a, +, t, o, k, e, n",
        "63:61:6e:61:72:79:2f:37:66:33:61:2b:74:6f:6b:65:6e",
        "%63-%61-%6e-%61-%72-%79-%2f-%37-%66-%33-%61-%2b-%74-%6f-%6b-%65-%6e",
        "\\ud835\\udc1c\\ud835\\udc1a\\ud835\\udc27ary/7f3a+token",
    ] {
        let masked = scrubber.masked(text).into_owned();
        assert!(masked.contains(MASK) && masked.len() <= MASK.len() + 2, "{text}: {masked}");
    }
    let short = Scrubber::new([SecretString::from("sub-groups")]);
    assert_eq!(short.masked("s-u-b-g-r-o-u-p-s"), "s-u-b-g-r-o-u-p-s", "a word");
}

#[test]
fn a_short_secret_is_found_only_with_its_own_blanks() {
    let scrubber = Scrubber::new(["abcd", "e f g h i"].map(SecretString::from));
    assert_eq!(scrubber.clean("a bcd abcd efghi e f g h i"), "a bcd *** efghi ***");
}

#[test]
fn a_secret_is_found_anywhere_in_a_long_text() {
    let token = "canary-7f3a-token";
    let scrubber = Scrubber::new([SecretString::from(token)]);
    for before in (65_000..66_000).step_by(97).chain([40_000, 200_000]) {
        let text = format!("{}{}{}", "é ".repeat(before / 3), percent(token), "x%".repeat(40_000));
        let masked = scrubber.masked(&text);
        assert!(masked.contains(MASK) && !masked.contains("%63"), "{before}");
    }
}
