//! The checks of single values of an `[[instance]]` table. The reader of the file uses them, and so does everything that lets a
//! person type a value. No message repeats the value, because it may be a secret.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::domain::{
    base_url::BaseUrl,
    instance::GatewayKind,
    message::{Message, ToMessage},
    name::Name,
};

/// The most bytes of a secret: more than any token; a longer value is something else.
pub const LONGEST_SECRET: u64 = 4096;

/// A gateway, by its word in the configuration.
pub fn gateway(text: &str) -> Result<GatewayKind, Message> {
    GatewayKind::of_word(text).ok_or_else(|| {
        let known = GatewayKind::ALL.map(GatewayKind::word).join(", ");
        Message::new("config-no-such-value").put("key", "gateway").put("known", known)
    })
}

/// The operator's name for an instance.
pub fn label(text: &str) -> Result<Name, Message> {
    let label = Name::new(text);
    let is_valid = !label.shown().is_empty() && !label.was_cleaned() && label.shown().chars().count() <= 40;
    if is_valid { Ok(label) } else { Err(Message::new("config-name")) }
}

/// A gateway's address; `allows_plain` is the operator's consent to send the token unencrypted.
pub fn base_url(text: &str, allows_plain: bool) -> Result<BaseUrl, Message> {
    BaseUrl::parse_allowing(text, allows_plain).map_err(|error| error.message())
}

/// The name of an instance on a gateway that does not keep it secret.
pub fn instance(text: &str) -> Result<String, Message> {
    let fits = |c: char| !c.is_control() && !matches!(c, '/' | '\\' | '?' | '#');
    let is_valid = text.trim() == text
        && !text.is_empty()
        && text.len() <= 128
        && text.chars().all(fits)
        && !text.starts_with('.');
    if is_valid { Ok(text.to_owned()) } else { Err(Message::new("config-instance")) }
}

/// The name of an environment variable.
pub fn variable(text: &str) -> Result<String, Message> {
    let begins = text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
    let is_valid = begins && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
    if is_valid { Ok(text.to_owned()) } else { Err(Message::new("config-secret-env")) }
}

/// The path of the file with the secret that `key` needs. The configuration may contain only text.
pub fn path(key: &'static str, path: PathBuf) -> Result<String, Message> {
    let text = path.into_os_string().into_string().ok();
    let is_valid = |text: &String| !text.is_empty() && !text.chars().any(char::is_control);
    text.filter(is_valid).ok_or_else(|| Message::new("config-path").put("key", key))
}

/// Why a text is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoSecret {
    Empty,
    /// It is longer than any token.
    TooLong,
    /// It contains a character that no token has.
    NotAToken,
}

/// The secret in a text. Blanks around it do not count.
pub(super) fn secret_in(text: &str) -> Result<SecretString, NoSecret> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NoSecret::Empty);
    }
    if text.len() as u64 > LONGEST_SECRET {
        return Err(NoSecret::TooLong);
    }
    // The secret is sent in a header or in a path, which may contain only visible ASCII.
    let is_token = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_token { Ok(SecretString::from(text)) } else { Err(NoSecret::NotAToken) }
}

/// A secret itself, which somebody types for a key.
pub fn secret(key: &'static str, text: &str) -> Result<SecretString, Message> {
    secret_in(text).map_err(|_| Message::new("config-secret-strange").put("key", key))
}

/// A command line as its words, without a shell: blanks separate words, and quotation marks keep blanks together.
pub fn command(text: &str) -> Result<Vec<String>, Message> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None::<char>);
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    let has_program = words.first().is_some_and(|program| !program.is_empty());
    let is_valid = quote.is_none() && has_program && !text.chars().any(char::is_control);
    if is_valid { Ok(words) } else { Err(Message::new("config-secret-command")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_split_as_a_shell_would_split_plain_words() {
        let words = |text: &str| command(text).unwrap();
        assert_eq!(words("pass show ryze"), ["pass", "show", "ryze"]);
        assert_eq!(
            words("  op read 'op://My vault/ryze' \"\" a\"b c\"d "),
            ["op", "read", "op://My vault/ryze", "", "ab cd"]
        );
        for bad in ["", "  ", "pass 'show", "'' show", "pass\nshow"] {
            assert!(command(bad).is_err(), "{bad:?}");
        }
    }
}
