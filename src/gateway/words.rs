//! The meaning of error texts that several gateways share, whatever their HTTP status.
//!
//! Most gateways build on one library and pass on its error texts, including `WhatsApp`'s refusals. A gateway's own texts
//! belong to its `speech` module.

mod community;

pub(super) use community::says_not_a_community;

use crate::domain::failure::FailureKind;

/// The meaning of the library's words in an error text; `None` if there are none.
///
/// A name in the text, such as that of a group called "Status 429", must not be taken for such words. So words that only
/// the library writes count anywhere. Words that people write too count only outside quotation marks, and only if they make
/// up a whole part of the text.
pub(super) fn library_meaning(text: &str) -> Option<FailureKind> {
    let text = text.to_lowercase();
    let unquoted = without_quotations(&text);
    silence(&text, &unquoted)
        .or_else(|| meaning_of_sentence(&text))
        .or_else(|| code(&text, &unquoted).and_then(meaning_of_code))
        .or_else(|| meaning_of_words(&text, &unquoted))
        .or_else(|| says_not_connected(&text, &unquoted).then_some(FailureKind::NotConnected))
}

/// The meaning of a refusal that `WhatsApp` gave with a status for which [`library_meaning`] has none. Only for gateways that
/// are known to pass on its refusals with any status of their own.
pub(super) fn refusal_meaning(text: &str) -> Option<FailureKind> {
    let text = text.to_lowercase();
    match code(&text, &without_quotations(&text))? {
        405 => Some(FailureKind::Forbidden),
        400..500 => Some(FailureKind::Refused),
        _ => None,
    }
}

/// Whether a text contains an error of the library, known to us or not: then it is not in the gateway's own words.
pub(super) fn is_from_the_library(text: &str) -> bool {
    const GENERIC: [&str; 4] = ["bad-request", "not-allowed", "gone", "locked"];
    let lower = text.to_lowercase();
    library_meaning(text).is_some()
        || lower.contains("info query")
        || code(&lower, &without_quotations(&lower)).is_some()
        || GENERIC
            .iter()
            .any(|word| is_a_part(&lower, word) || (word.contains('-') && has_token(&lower, word)))
}

/// Finds words that leave open whether a request was carried out. They outweigh everything else in the text.
fn silence(text: &str, unquoted: &str) -> Option<FailureKind> {
    if text.contains("websocket disconnected before") {
        Some(FailureKind::Dropped)
    } else if text.contains("context deadline exceeded") || unquoted.contains("timed out") {
        Some(FailureKind::TimedOut)
    } else {
        None
    }
}

/// The status that `WhatsApp` gave, as in `info query returned status 429: rate-overlimit`. A bare `status 429` counts if
/// nothing follows it and only the beginning of an error precedes it.
fn code(text: &str, unquoted: &str) -> Option<u16> {
    let tokens: Vec<&str> = tokens(text).collect();
    let answer = tokens.windows(3).find_map(|window| match window {
        ["returned", "status", code] => number(code),
        _ => None,
    });
    answer.or_else(|| {
        let (before, last) = unquoted.rsplit_once(':').unwrap_or(("", unquoted));
        let edges = |c: char| !c.is_alphanumeric() && c != '…';
        let (before, last) = (before.trim_matches(edges), last.trim_matches(edges));
        let is_beginning = before.is_empty() || before.starts_with("failed") || before.starts_with("error");
        last.strip_prefix("status ").filter(|_| is_beginning).and_then(number)
    })
}

fn number(token: &str) -> Option<u16> {
    (token.len() == 3).then(|| token.parse().ok()).flatten()
}

fn meaning_of_code(code: u16) -> Option<FailureKind> {
    match code {
        401 | 403 => Some(FailureKind::Forbidden),
        404 => Some(FailureKind::NotFound),
        406 => Some(FailureKind::CommunityFull),
        409 => Some(FailureKind::Refused),
        419 => Some(FailureKind::LimitReached),
        429 => Some(FailureKind::Throttled { until: None }),
        463 => Some(FailureKind::NotConnected),
        500..600 => Some(FailureKind::ServerFault),
        _ => None,
    }
}

/// Sentences that only the library writes.
fn meaning_of_sentence(text: &str) -> Option<FailureKind> {
    const SENTENCES: [(&str, FailureKind); 5] = [
        ("that group does not exist", FailureKind::NotFound),
        ("you're not participating in that group", FailureKind::NotMember),
        ("you don't have the permission to get the group's invite link", FailureKind::Forbidden),
        ("that group invite link is not valid", FailureKind::Refused),
        ("that group invite link has been revoked", FailureKind::Refused),
    ];
    SENTENCES.iter().find(|(words, _)| text.contains(words)).map(|(_, kind)| *kind)
}

fn meaning_of_words(text: &str, unquoted: &str) -> Option<FailureKind> {
    /// Words that only the library writes.
    const TOKENS: [(&str, FailureKind); 8] = [
        ("rate-overlimit", FailureKind::Throttled { until: None }),
        ("not-authorized", FailureKind::Forbidden),
        ("item-not-found", FailureKind::NotFound),
        ("not-acceptable", FailureKind::CommunityFull),
        ("resource-limit", FailureKind::LimitReached),
        ("internal-server-error", FailureKind::ServerFault),
        ("service-unavailable", FailureKind::ServerFault),
        ("partial-server-error", FailureKind::ServerFault),
    ];
    /// Words that may mean anything else within a sentence.
    const PARTS: [(&str, FailureKind); 3] = [
        ("too many requests", FailureKind::Throttled { until: None }),
        ("forbidden", FailureKind::Forbidden),
        ("conflict", FailureKind::Refused),
    ];
    let token = TOKENS.iter().find(|(word, _)| has_token(text, word));
    token.or_else(|| PARTS.iter().find(|(words, _)| is_a_part(unquoted, words))).map(|(_, kind)| *kind)
}

fn says_not_connected(text: &str, unquoted: &str) -> bool {
    const ANYWHERE: [&str; 4] =
        ["websocket not connected", "websocket is not connected", "no device jid", "contain a device jid"];
    const UNQUOTED: [&str; 3] = ["device not paired", "device is not paired", "not logged in"];
    ANYWHERE.iter().any(|words| text.contains(words)) || UNQUOTED.iter().any(|words| unquoted.contains(words))
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|token| !token.is_empty())
}

fn has_token(text: &str, word: &str) -> bool {
    tokens(text).any(|token| token == word)
}

/// Whether these words make up a whole part of a text, from one punctuation mark to the next.
fn is_a_part(text: &str, words: &str) -> bool {
    let parts = text.split([':', ';', ',', '.', '(', ')', '[', ']', '{', '}', '<', '>', '!', '\n']);
    parts.map(str::trim).any(|part| part == words)
}

/// The text without its quotations, because they may be names. A text that is one whole quotation, and a text that is JSON,
/// is kept.
fn without_quotations(text: &str) -> String {
    const MARKS: [(char, char); 4] = [('"', '"'), ('“', '”'), ('«', '»'), ('`', '`')];
    let text = text.trim();
    let is_whole = MARKS.iter().any(|(opens, closes)| {
        let within = text.strip_prefix(*opens).and_then(|text| text.strip_suffix(*closes));
        within.is_some_and(|within| !within.contains(*opens))
    });
    if is_whole || text.starts_with('{') {
        return text.replace(['"', '“', '”', '«', '»', '`'], " ");
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let closing = MARKS.iter().find(|(opens, _)| *opens == first).map(|(_, closes)| *closes);
        let quotation = closing.and_then(|closing| after.split_once(closing));
        // The ellipsis marks the gap, so that the text around it does not become a whole part.
        kept.push(if quotation.is_some() { '…' } else { first });
        rest = quotation.map_or(after, |(_, after)| after);
    }
    kept
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const THROTTLED: FailureKind = FailureKind::Throttled { until: None };

    #[rstest]
    #[case("status 429", THROTTLED)]
    #[case("info query returned status 429: rate-overlimit", THROTTLED)]
    #[case("rate-overlimit", THROTTLED)]
    #[case("too many requests", THROTTLED)]
    #[case("info query returned status 401: not-authorized", FailureKind::Forbidden)]
    #[case("status 401", FailureKind::Forbidden)]
    #[case("info query returned status 403: forbidden", FailureKind::Forbidden)]
    #[case("status 403", FailureKind::Forbidden)]
    #[case("not-authorized", FailureKind::Forbidden)]
    #[case("forbidden", FailureKind::Forbidden)]
    #[case("info query returned status 404: item-not-found", FailureKind::NotFound)]
    #[case("status 404", FailureKind::NotFound)]
    #[case("item-not-found", FailureKind::NotFound)]
    #[case("info query returned status 406: not-acceptable", FailureKind::CommunityFull)]
    #[case("status 406", FailureKind::CommunityFull)]
    #[case("not-acceptable", FailureKind::CommunityFull)]
    #[case("info query returned status 409: conflict", FailureKind::Refused)]
    #[case("status 409", FailureKind::Refused)]
    #[case("conflict", FailureKind::Refused)]
    #[case("info query returned status 419: resource-limit", FailureKind::LimitReached)]
    #[case("status 419", FailureKind::LimitReached)]
    #[case("resource-limit", FailureKind::LimitReached)]
    #[case("info query returned status 463", FailureKind::NotConnected)]
    #[case("status 463", FailureKind::NotConnected)]
    #[case("websocket not connected", FailureKind::NotConnected)]
    #[case("device not paired", FailureKind::NotConnected)]
    #[case("not logged in", FailureKind::NotConnected)]
    #[case("no device JID", FailureKind::NotConnected)]
    #[case("the store doesn't contain a device JID", FailureKind::NotConnected)]
    #[case("info query timed out", FailureKind::TimedOut)]
    #[case("context deadline exceeded", FailureKind::TimedOut)]
    #[case("websocket disconnected before info query returned response", FailureKind::Dropped)]
    #[case("info query returned status 500: internal-server-error", FailureKind::ServerFault)]
    #[case("info query returned status 503: service-unavailable", FailureKind::ServerFault)]
    #[case("internal-server-error", FailureKind::ServerFault)]
    fn the_librarys_words_are_known_in_any_case_and_within_other_words(
        #[case] words: &str,
        #[case] kind: FailureKind,
    ) {
        for text in [
            words.to_owned(),
            words.to_uppercase(),
            format!("failed to get groups: {words}"),
            format!("Failed to link \"Northern Schools\" to the community: {words}"),
            format!("{{\"error\": \"{words}\"}}"),
            format!("\"{words}\""),
        ] {
            assert_eq!(library_meaning(&text), Some(kind), "{text}");
        }
    }

    #[rstest]
    #[case("")]
    #[case("Group \"Status 429\" is in another community")]
    #[case("Group Status 429 is in another community")]
    #[case("Group not found: Status 429")]
    #[case("Status 4290")]
    #[case("status 200")]
    #[case("Forbidden Island is in another community")]
    #[case("the group \"forbidden\" is full")]
    #[case("“Conflict” is a group")]
    #[case("\"Forbidden\": the group is full")]
    #[case("the group Conflict is in another community")]
    #[case("the group \"timed out\" is full")]
    #[case("Rate limit exceeded. Try again later.")]
    #[case("Group not found or you are not a member of this group")]
    #[case("Not allowed to leave this group")]
    #[case("Instance token does not match the instance")]
    #[case("info query returned status 400: bad-request")]
    fn other_texts_are_left_to_the_gateways_own_words(#[case] text: &str) {
        assert_eq!(library_meaning(text), None);
    }

    #[test]
    fn an_unknown_result_of_a_request_has_precedence() {
        let text = "status 403 after websocket disconnected before info query returned status 429";
        assert_eq!(library_meaning(text), Some(FailureKind::Dropped));
    }

    #[rstest]
    #[case("info query returned status 400: bad-request", true)]
    #[case("bad-request", true)]
    #[case("failed to get groups: gone", true)]
    #[case("item-not-found", true)]
    #[case("invalid community JID: not a community", false)]
    #[case("Community not found", false)]
    fn a_generic_error_of_the_library_is_known(#[case] text: &str, #[case] is: bool) {
        assert_eq!(is_from_the_library(text), is);
    }
}
