//! What keeps an invite link out of sight when a gateway repeats it.

use crate::domain::{failure::Failure, invite::InviteLink};

/// A failure without its words where they repeat the link, which is a secret.
pub(super) fn unlinked(mut failure: Failure, link: &InviteLink) -> Failure {
    let code = link.expose().rsplit('/').next().unwrap_or_default();
    if failure.words.as_ref().is_some_and(|words| !code.is_empty() && words.exact().contains(code)) {
        failure.words = None;
    }
    failure
}
