//! Invite links in what people type, and what keeps one out of sight when a gateway repeats it.

use crate::domain::{failure::Failure, invite::InviteLink};

/// A failure without its words where they repeat the link, which is a secret.
pub(super) fn unlinked(failure: Failure, link: &InviteLink) -> Failure {
    let code = link.expose().rsplit('/').next().unwrap_or_default();
    if code.is_empty() { failure } else { unsaid(failure, code) }
}

/// An invite link, or the code of one, in what somebody typed; `None` for what can be neither.
pub(super) fn link_code(text: &str) -> Option<InviteLink> {
    const PLACE: &str = "chat.whatsapp.com/";
    let code = text.find(PLACE).map_or(text, |at| &text[at + PLACE.len()..]);
    let code = code.split(['?', '/', '#']).next().unwrap_or_default();
    let is_code = code.len() >= 16 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| InviteLink::new(code)).flatten()
}

/// A failure without its words where they repeat a text that is nobody's affair.
pub(super) fn unsaid(mut failure: Failure, text: &str) -> Failure {
    if failure.words.as_ref().is_some_and(|words| words.exact().contains(text)) {
        failure.words = None;
    }
    failure
}
