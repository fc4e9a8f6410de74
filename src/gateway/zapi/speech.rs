//! Z-API's own words: the meaning of its texts (`docs/gateways/zapi.md`, 4). Few are documented, so `/status` or the HTTP
//! status has to explain the texts that this module does not recognise.

use super::wire;
use crate::{domain::failure::FailureKind, gateway::http::Dialect};

/// How Z-API reports errors.
pub(super) const DIALECT: Dialect = Dialect {
    not_acceptable: FailureKind::CommunityFull,
    passes_on_refusals: false,
    words: wire::words,
    is_own_limit,
    meaning,
    route,
};

/// Returns `communities/link` for `/instances/{instance}/token/{token}/communities/link`; ids are left out.
fn route(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let is_word = |part: &&str| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    path.split('/').skip(5).take_while(is_word).collect::<Vec<_>>().join("/")
}

/// Z-API documents no limit of its own, so every 429 is `WhatsApp`'s.
fn is_own_limit(_words: &str) -> bool {
    false
}

/// The meaning of a text; the two documented statuses need no text.
pub(super) fn meaning(status: u16, words: &str) -> Option<FailureKind> {
    // A wrong method or content type is clear from the status, whatever the text: "Method not allowed" does not block access.
    if matches!(status, 405 | 415) {
        return None;
    }
    let words = words.trim().trim_end_matches('.').to_ascii_lowercase();
    if is_not_allowed(&words) || words.contains("client-token is not configured") {
        Some(FailureKind::TokenRefused)
    } else if words == "you are not connected" || words == "you need to restore the session" {
        Some(FailureKind::NotConnected)
    } else if words.starts_with("unable to find matching target resource") {
        // An unknown path, reported with status 200; it does not mean that a group was not found.
        Some(FailureKind::WrongRequest)
    } else if status < 500 && (says_group_is_missing(&words) || words == "community not found") {
        Some(FailureKind::NotFound)
    } else {
        None
    }
}

/// Whether one of the gateway's own texts says that the requested group does not exist, or that the number is not in it. Much
/// else may be "not found": the instance, a route, a session.
pub(super) fn says_group_is_missing(words: &str) -> bool {
    const GROUP: [&str; 5] = ["group", "groupid", "chat", "phone", "participant"];
    const ANOTHER: [&str; 17] = [
        "instance",
        "instances",
        "route",
        "routes",
        "path",
        "resource",
        "endpoint",
        "url",
        "method",
        "page",
        "api",
        "server",
        "service",
        "session",
        "token",
        "client",
        "cache",
    ];
    const ABSENT: [&str; 7] = [
        "not found",
        "does not exist",
        "doesn t exist",
        "not a member",
        "not a participant",
        "not in the group",
        "not in this group",
    ];
    let words = words.to_ascii_lowercase();
    let tokens: Vec<&str> =
        words.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()).collect();
    let speaks_of = |subjects: &[&str]| tokens.iter().any(|token| subjects.contains(token));
    let text = tokens.join(" ");
    speaks_of(&GROUP) && !speaks_of(&ANOTHER) && ABSENT.iter().any(|absent| text.contains(absent))
}

/// Whether a text says that the instance does not exist.
pub(super) fn says_instance_is_missing(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    words.contains("instance") && (words.contains("not found") || words.contains("not exist"))
}

/// Matches `null not allowed` for a missing client token, and an address instead of `null` for a blocked caller. The
/// rejected value is always one word.
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
    #[case("GROUP_NOT_FOUND", Some(FailureKind::NotFound))]
    #[case("Chat does not exist", Some(FailureKind::NotFound))]
    #[case("You are not a member of this group", Some(FailureKind::NotFound))]
    #[case("Instance not found", None)]
    #[case("Group route not found", None)]
    #[case("Group session not found in cache", None)]
    #[case("NOT_FOUND", None)]
    #[case("Not found", None)]
    fn texts_are_known_by_their_form(#[case] words: &str, #[case] kind: Option<FailureKind>) {
        assert_eq!(meaning(400, words), kind);
    }
}
