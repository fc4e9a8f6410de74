//! The scrubbing finds a secret in every disguise, among other signs and in long texts, and leaves ordinary names as they are.

use base64::prelude::{BASE64_STANDARD, Engine};
use proptest::prelude::*;
use secrecy::SecretString;
use synod::scrub::{MASK, Scrubber};

/// Invisible or blank characters between the letters of a secret.
const BETWEEN: &[&str] = &[
    "\u{2800}", "\u{200a}", "\u{a0}", " ", "\u{200b}", "\u{3000}", "\u{2060}", "\u{115f}", "\t", "\u{202f}",
    "  ", "\u{301}",
];

/// Signs that replace the rest of a secret.
const DOTS: &[&str] = &["[...]", " ...", "…", "██", "***", "(…)", " [ … ]", "••••", "...", "‥"];

const ENTITIES: &[(char, &str)] =
    &[('&', "&amp;"), ('<', "&lt;"), ('/', "&sol;"), ('=', "&equals;"), ('+', "&plus;")];

fn each(text: &str, disguise: impl Fn(char) -> String) -> String {
    text.chars().map(disguise).collect()
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat()
}

fn wide(c: char) -> char {
    if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xfee0).unwrap() } else { c }
}

fn mathematical(c: char) -> char {
    let from = |base: u32, first: char| char::from_u32(base + u32::from(c) - u32::from(first)).unwrap();
    match c {
        'A'..='Z' => from(0x1d400, 'A'),
        'a'..='z' => from(0x1d41a, 'a'),
        '0'..='9' => from(0x1d7ce, '0'),
        _ => c,
    }
}

/// One of the disguises of a text.
fn disguised(text: &str, choice: usize, between: &str) -> String {
    match choice {
        0 => each(text, |c| format!("{c}{between}")),
        1 => each(text, |c| wide(c).to_string()),
        2 => each(text, |c| mathematical(c).to_string()),
        3 => percent(text),
        4 => percent(&percent(text)),
        5 => percent(&percent(&percent(text))),
        6 => each(text, |c| format!("&#{};", u32::from(c))),
        7 => each(text, |c| format!("&#x{:04X};", u32::from(c))),
        8 => each(text, |c| format!("&#{}", u32::from(c))),
        9 => each(text, |c| {
            ENTITIES.iter().find(|one| one.0 == c).map_or(c.to_string(), |one| one.1.to_owned())
        }),
        10 => {
            each(text, |c| if c <= '\u{ffff}' { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() })
        }
        11 => hex(text),
        12 => BASE64_STANDARD.encode(text).trim_end_matches('=').to_owned(),
        13 => BASE64_STANDARD.encode(format!("user:{text}")),
        14 => each(text, |c| {
            c.encode_utf16(&mut [0; 2]).iter().map(|u| format!("\\u{u:04x}")).collect::<Vec<_>>().concat()
        }),
        15 => each(text, |c| format!("\\u{{{:x}}}", u32::from(c))),
        16 => text.bytes().map(|byte| format!("\\{byte:03o}")).collect::<Vec<_>>().concat(),
        17 => text.bytes().map(|byte| format!("={byte:02X}")).collect::<Vec<_>>().concat(),
        18 => each(text, |c| format!("{c}<b>")),
        _ => text.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn property_no_disguise_hides_a_secret(
        token in "[!-~]{10,44}",
        first in 0_usize..20,
        second in prop_oneof![0_usize..11, 15_usize..19],
        unseen in 0..BETWEEN.len(),
        dots in prop::option::of((0..DOTS.len(), any::<bool>())),
    ) {
        let shown = match dots {
            Some((dots, true)) => format!("{}{}", &token[..10], DOTS[dots]),
            Some((dots, false)) => format!("{}{}", DOTS[dots], &token[token.len() - 10..]),
            None => token.clone(),
        };
        // Pieces in base64 can begin anywhere: they are searched only in plain text.
        let first = if dots.is_some() && (11..14).contains(&first) { 19 } else { first };
        // One disguise upon another, but only invisible characters may separate base64 from its neighbours.
        let disguise = disguised(&shown, first, BETWEEN[unseen]);
        let between = if (12..14).contains(&first) { "\u{200b}" } else { BETWEEN[unseen] };
        let disguise = disguised(&disguise, if first > 5 && second > 5 { 0 } else { second }, between);
        let scrubber = Scrubber::new([SecretString::from(token)]);
        let text = format!("§ {disguise} §");
        // A longer text is cut.
        let clean = if text.chars().count() < 200 { scrubber.clean(&text) } else { MASK.to_owned() };
        for shown in [scrubber.masked(&text).into_owned(), clean] {
            // At most a part of the signs beside it is left.
            let rest = shown.replace("<b>", "").replace(['§', '*'], "").chars().count();
            let is_gone = rest < 10 || rest * 4 < disguise.chars().count();
            prop_assert!(shown.contains(MASK) && is_gone, "{:?} of {:?}", shown, text);
        }
    }

    #[test]
    fn property_ordinary_names_stay_as_they_are(
        token in "[!-~]{10,44}",
        words in prop::collection::vec("[A-Za-zÀ-ÿ0-9&%=<>().…-]{1,12}", 1..6),
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
fn the_few_letters_of_a_secret_of_signs_are_a_word() {
    let scrubber = Scrubber::new([SecretString::from("[:!!!Board")]);
    assert_eq!(scrubber.masked("Board [:!!!Board"), "Board ***");
}

#[test]
fn escapes_and_tags_do_not_hide_a_secret() {
    let scrubber = Scrubber::new([SecretString::from("Tk7qX2mZ9wLpR4sV8nB3")]);
    for text in [
        "\\u{54}\\u{6b}7q\\u{000058}2mZ9wLpR4sV8nB3",
        "\\124\\153\\067qX2mZ9wLpR4sV8nB3",
        "=54=6B=37qX2=\nmZ9wLpR4sV8nB=33",
        "Tk7qX2mZ9w<b>LpR4sV8nB3</b>",
        "T<i class=\"a b c\">k7qX2m</i >Z9&lt;br/&gt;wLp%3Cu%3ER4sV8nB3",
        "T<b>k7q<<i>u>X2mZ9wLpR4sV8nB3",
    ] {
        let masked = scrubber.masked(text).into_owned();
        assert!(masked.contains(MASK) && masked.len() <= MASK.len() + 4, "{text}: {masked}");
    }
    let name = "a < b, x = 20 > 10 <b>\\u{1f600}</b> \\123";
    assert_eq!(scrubber.masked(name), name);
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
