//! Takes the configured secrets out of what a server says, and bounds its length.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// What stands in place of a secret.
const MASK: &str = "***";

/// The longest text of a server that is kept, in characters.
const LONGEST: usize = 200;

/// Knows the secrets that no text may show.
pub(crate) struct Scrubber {
    secrets: Vec<SecretString>,
}

impl Scrubber {
    pub(crate) fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        let mut secrets: Vec<SecretString> =
            secrets.into_iter().filter(|secret| !secret.expose_secret().is_empty()).collect();
        // A secret that holds another must go first, or its remains would stay.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        Self { secrets }
    }

    /// The text on one line, without secrets and addresses, and no longer than is worth keeping.
    pub(crate) fn clean(&self, text: &str) -> String {
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let clean = without_addresses(&self.mask(&one_line));
        match clean.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &clean[..end]),
            None => clean,
        }
    }

    /// The text with every secret masked, whether it stands as it is, percent-encoded, or as a form encodes it.
    fn mask(&self, text: &str) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let found = self
                .secrets
                .iter()
                .find_map(|secret| match_length(rest.as_bytes(), secret.expose_secret().as_bytes()));
            let taken = match found {
                Some(length) if rest.is_char_boundary(length) => {
                    masked.push_str(MASK);
                    length
                }
                _ => {
                    masked.push(first);
                    first.len_utf8()
                }
            };
            rest = &rest[taken..];
        }
        masked
    }
}

/// The text with every address masked to the end of its word: one may grant access, as an invite link does.
fn without_addresses(text: &str) -> String {
    let masked = text.split(' ').map(|word| match word.find("://") {
        Some(at) => {
            let scheme = word[..at]
                .rfind(|c: char| !c.is_ascii_alphanumeric())
                .map_or(0, |before| before + word[before..].chars().next().map_or(0, char::len_utf8));
            format!("{}{MASK}", &word[..scheme])
        }
        None => word.to_owned(),
    });
    masked.collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scrubber({})", self.secrets.len())
    }
}

/// How many bytes of the text's beginning spell the secret, in any mixture of plain and encoded characters.
fn match_length(text: &[u8], secret: &[u8]) -> Option<usize> {
    let mut at = 0;
    for wanted in secret {
        let rest = &text[at..];
        at += match rest {
            [b'%', high, low, ..] if decoded(*high, *low) == Some(*wanted) => 3,
            [byte, ..] if byte.eq_ignore_ascii_case(wanted) => 1,
            [b'+', ..] if *wanted == b' ' => 1,
            _ => return None,
        };
    }
    Some(at)
}

fn decoded(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
