//! `RyzeAPI`'s own words: what its documented texts mean (`docs/gateways/ryzeapi.md`, 2, 4 and each endpoint).

use super::wire;
use crate::{domain::failure::FailureKind, gateway::http::Dialect};

/// How `RyzeAPI` says what went wrong.
pub(super) const DIALECT: Dialect = Dialect { words: wire::words, is_own_limit, meaning, route };

/// `group/list` of `/api/group/list/{instance}?…`.
fn route(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').skip(2).take(2).collect::<Vec<_>>().join("/")
}

fn is_own_limit(words: &str) -> bool {
    words.to_ascii_lowercase().starts_with("rate limit exceeded")
}

/// Whether a text is about the way to the gateway and not about what was asked for.
pub(super) fn speaks_of_the_way(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    ["route", "endpoint", "path", "url"].iter().any(|way| words.contains(way))
}

/// What a text means. Texts are an open set: what is not documented is left to the status.
pub(super) fn meaning(status: u16, words: &str) -> Option<FailureKind> {
    let words = words.trim().to_ascii_lowercase();
    let starts_with = |text: &str| words.starts_with(text);
    // It comes as 400 and as 503, so that the text decides alone.
    if words.contains("instance is not connected to whatsapp") {
        return Some(FailureKind::NotConnected);
    }
    // The fault is the request's in spite of the 500 that it comes with.
    if starts_with("error parse community jid") {
        return Some(FailureKind::WrongRequest);
    }
    if status >= 500 {
        let is_documented = starts_with("failed to get groups") || starts_with("failed to get instance");
        return is_documented.then_some(FailureKind::GatewayError);
    }
    if starts_with("group not found or you are not a member") {
        Some(FailureKind::NotMember)
    } else if starts_with("instance not found") {
        Some(FailureKind::UnknownInstance)
    } else if starts_with("instance token does not") {
        // A 403: the token is valid, and belongs to another instance.
        Some(FailureKind::TokenRefused)
    } else if words.ends_with(" is required") || starts_with("invalid request body") {
        Some(FailureKind::WrongRequest)
    } else {
        None
    }
}
