//! Repairs JSON whose strings contain what JSON forbids, so that one bad name does not make the whole list unreadable.
//! Errors outside strings stay as they are.

use std::borrow::Cow;

/// Replaces what cannot be read.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// The same text, in which U+FFFD replaces raw control characters, bytes that are not UTF-8, unpaired surrogates and
/// invalid escapes within strings; `None` if it would become longer than `longest`.
pub(super) fn repair(bytes: &[u8], longest: usize) -> Option<Cow<'_, [u8]>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut repaired = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    let mut is_string = false;
    while let Some(byte) = bytes.get(at) {
        let (length, is_right) = match byte {
            b'"' => {
                is_string = !is_string;
                (1, true)
            }
            _ if !is_string => (1, true),
            b'\\' => escape(&bytes[at..]),
            0..=0x1f => (1, false),
            0x20..=0x7f => (1, true),
            _ => character(&bytes[at..]),
        };
        if !is_right {
            repaired.extend_from_slice(&bytes[copied..at]);
            repaired.extend_from_slice(REPLACEMENT);
            copied = at + length;
            if repaired.len() > longest {
                return None;
            }
        }
        at += length;
    }
    if copied == 0 {
        return Some(Cow::Borrowed(bytes));
    }
    repaired.extend_from_slice(&bytes[copied..]);
    (repaired.len() <= longest).then_some(Cow::Owned(repaired))
}

/// The length of the escape at the start of a text, and whether it is valid.
fn escape(text: &[u8]) -> (usize, bool) {
    match text.get(1) {
        Some(b'u') => match unit(text) {
            Some(0xd800..=0xdbff) => match text.get(6..).and_then(unit) {
                Some(0xdc00..=0xdfff) => (12, true),
                _ => (6, false),
            },
            Some(0xdc00..=0xdfff) => (6, false),
            Some(_) => (6, true),
            None => (2, false),
        },
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => (2, true),
        // Only the backslash: the next byte may end the string, or be wrong itself.
        _ => (1, false),
    }
}

/// The UTF-16 unit of an escape such as `\u0041`.
fn unit(text: &[u8]) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = text else { return None };
    let digits = digits.get(..4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The length of the character at the start of a text, and whether it is valid UTF-8.
fn character(text: &[u8]) -> (usize, bool) {
    let head = &text[..text.len().min(4)];
    match std::str::from_utf8(head) {
        Ok(head) => (head.chars().next().map_or(1, char::len_utf8), true),
        Err(error) if error.valid_up_to() > 0 => {
            let valid = std::str::from_utf8(&head[..error.valid_up_to()]).ok();
            (valid.and_then(|valid| valid.chars().next()).map_or(1, char::len_utf8), true)
        }
        Err(error) => (error.error_len().unwrap_or(head.len()), false),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::Value;

    use super::*;

    #[rstest]
    #[case(br#""\ud83d""#, "\u{fffd}")]
    #[case(br#""\udc00\ud83d x""#, "\u{fffd}\u{fffd} x")]
    #[case(br#""\ud83d\u0041""#, "\u{fffd}A")]
    #[case(br#""\ud83d\ude00""#, "\u{1f600}")]
    #[case(b"\"a\xffb\"", "a\u{fffd}b")]
    #[case(b"\"\xf0\x9f\x98\"", "\u{fffd}")]
    #[case(b"\"\xed\xa0\xbd!\"", "\u{fffd}\u{fffd}\u{fffd}!")]
    #[case(b"\"a\x01\n\x1b[31mb\"", "a\u{fffd}\u{fffd}\u{fffd}[31mb")]
    #[case(br#""\x41 \u12 \\xff""#, "\u{fffd}x41 \u{fffd}12 \\xff")]
    #[case(b"\xef\xbb\xbf\"a\"", "a")]
    fn one_bad_text_is_read_with_replacements(#[case] json: &[u8], #[case] text: &str) {
        let repaired = repair(json, 1_000).unwrap();
        assert_eq!(serde_json::from_slice::<String>(&repaired).unwrap(), text, "{}", json.escape_ascii());
    }

    #[test]
    fn a_text_that_would_exceed_its_limit_is_abandoned() {
        let json = [&b"\""[..], &[0xff; 100], b"\""].concat();
        assert_eq!(repair(&json, 301), None);
        assert_eq!(repair(&json, 302).map(|repaired| repaired.len()), Some(302));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn property_any_bytes_in_a_string_are_repaired(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            // Neither of these ends the string.
            let inside: Vec<u8> = bytes.into_iter().filter(|byte| !b"\"\\".contains(byte)).collect();
            let json = [&b"[1,\""[..], &inside, b"\"]"].concat();
            let repaired = repair(&json, 1_000).unwrap();
            let read: Value = serde_json::from_slice(&repaired).unwrap();
            prop_assert_eq!(read[1].as_str().unwrap(), String::from_utf8_lossy(&inside).replace(|c: char| c < ' ', "\u{fffd}"));
        }

        #[test]
        fn property_valid_json_is_unchanged(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(repair(json.as_bytes(), 0).unwrap(), Cow::Borrowed(json.as_bytes()));
        }

        #[test]
        fn property_any_bytes_are_tolerated(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = repair(&bytes, 100);
        }
    }
}
