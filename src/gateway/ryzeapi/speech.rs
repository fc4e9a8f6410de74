//! `RyzeAPI`'s own words: the meaning of its documented texts (`docs/gateways/ryzeapi.md`, 2, 4 and each endpoint).

use super::wire;
use crate::{domain::failure::FailureKind, gateway::http::Dialect};

/// How `RyzeAPI` reports errors.
pub(super) const DIALECT: Dialect = Dialect {
    not_acceptable: FailureKind::CommunityFull,
    passes_on_refusals: false,
    words: wire::words,
    is_own_limit,
    meaning,
    route,
};

/// Returns `group/list` for `/api/group/list/{instance}?…`.
fn route(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').skip(2).take(2).collect::<Vec<_>>().join("/")
}

fn is_own_limit(words: &str) -> bool {
    words.to_ascii_lowercase().starts_with("rate limit exceeded")
}

/// Whether a text is about the way to the gateway and not about the requested item.
pub(super) fn speaks_of_the_way(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    ["route", "endpoint", "path", "url"].iter().any(|way| words.contains(way))
}

/// The meaning of a text. Texts are an open set: for an undocumented text the status decides.
pub(super) fn meaning(status: u16, words: &str) -> Option<FailureKind> {
    let words = words.trim().to_ascii_lowercase();
    let starts_with = |text: &str| words.starts_with(text);
    // This text comes with 400 and with 503, so the text alone decides.
    if words.contains("instance is not connected to whatsapp") {
        return Some(FailureKind::NotConnected);
    }
    // The request is at fault in spite of the status 500.
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
        // Status 403: the token is valid but belongs to another instance.
        Some(FailureKind::TokenRefused)
    } else if words.ends_with(" is required") || starts_with("invalid request body") {
        Some(FailureKind::WrongRequest)
    } else {
        None
    }
}
