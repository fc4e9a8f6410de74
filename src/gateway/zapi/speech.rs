//! Z-API's own words: what its texts mean (`docs/gateways/zapi.md`, 4). Hardly any is documented, so that what is not
//! recognised here is explained by `/status`, or left to the HTTP status.

use super::wire;
use crate::{domain::failure::FailureKind, gateway::http::Dialect};

/// How Z-API says what went wrong.
pub(super) const DIALECT: Dialect = Dialect { words: wire::words, is_own_limit, meaning };

/// Z-API documents no limit of its own, so that every 429 is `WhatsApp`'s.
fn is_own_limit(_words: &str) -> bool {
    false
}

/// What a text means; the two documented statuses speak for themselves.
pub(super) fn meaning(status: u16, words: &str) -> Option<FailureKind> {
    // A wrong method or content type says so by its status, whatever its text: "Method not allowed" locks nobody out.
    if matches!(status, 405 | 415) {
        return None;
    }
    let words = words.trim().trim_end_matches('.').to_ascii_lowercase();
    if is_not_allowed(&words) || words.contains("client-token is not configured") {
        Some(FailureKind::TokenRefused)
    } else if words == "you are not connected" || words == "you need to restore the session" {
        Some(FailureKind::NotConnected)
    } else if words.starts_with("unable to find matching target resource") {
        // An unknown path, told with a 200: not a group that is not found.
        Some(FailureKind::WrongRequest)
    } else if words == "forbidden" || words == "not-authorized" {
        Some(FailureKind::Forbidden)
    } else if words == "too many requests" {
        Some(FailureKind::Throttled { until: None })
    } else if words == "not_found" || words.ends_with("not found") {
        Some(FailureKind::NotFound)
    } else {
        None
    }
}

/// `null not allowed` for a missing client token, and an address in its place for one that is locked out. What was
/// rejected stands there as one word.
fn is_not_allowed(words: &str) -> bool {
    words.strip_suffix(" not allowed").is_some_and(|rejected| !rejected.trim().contains(' '))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("null not allowed", Some(FailureKind::TokenRefused))]
    #[case("203.0.113.7 not allowed", Some(FailureKind::TokenRefused))]
    #[case("your client-token is not configured", Some(FailureKind::TokenRefused))]
    #[case("Leaving this group is not allowed", None)]
    #[case("You are not connected.", Some(FailureKind::NotConnected))]
    #[case("Unable to find matching target resource method", Some(FailureKind::WrongRequest))]
    #[case("Group not found", Some(FailureKind::NotFound))]
    #[case("Invalid phone", None)]
    fn texts_are_known_by_their_form(#[case] words: &str, #[case] kind: Option<FailureKind>) {
        assert_eq!(meaning(400, words), kind);
    }
}
