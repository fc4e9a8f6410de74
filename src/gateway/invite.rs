//! Invite links in what people type, and what keeps one out of sight when a gateway repeats it.

use crate::domain::{failure::Failure, invite::InviteLink};

/// A failure without its words where they repeat the link, which is a secret.
pub(super) fn unlinked(mut failure: Failure, link: &InviteLink) -> Failure {
    let code = link.expose().rsplit('/').next().unwrap_or_default();
    if failure.words.as_ref().is_some_and(|words| !code.is_empty() && words.exact().contains(code)) {
        failure.words = None;
    }
    failure
}

/// An invite link, or the code of one, in what somebody typed; `None` for what can be neither.
pub(super) fn link_code(text: &str) -> Option<InviteLink> {
    const PLACE: &str = "chat.whatsapp.com/";
    let code = text.find(PLACE).map_or(text, |at| &text[at + PLACE.len()..]);
    let code = code.split(['?', '/', '#']).next().unwrap_or_default();
    let is_code = code.len() >= 16 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| InviteLink::new(code)).flatten()
}
