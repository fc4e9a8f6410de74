//! Invite links: in what people type, as details showed them, and what keeps one out of sight when a gateway repeats it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::domain::{failure::Failure, id::GroupId, invite::InviteLink, time::Millis};

/// For how long what details showed stands for another request.
const KEPT: Duration = Duration::from_secs(600);

/// The invite links that details showed, or that there was none, until somebody asks for them. In memory alone.
#[derive(Default)]
pub(super) struct SeenLinks(Mutex<HashMap<Box<str>, Seen>>);

/// What details showed of a group's link.
pub(super) struct Seen {
    at: Millis,
    /// The link; `None` if there was none.
    pub(super) link: Option<InviteLink>,
}

impl Seen {
    fn is_fresh(&self, now: Millis) -> bool {
        // Where the clock was set back, nobody knows how old it is.
        self.at <= now && now.since(self.at) <= KEPT
    }
}

impl SeenLinks {
    /// Takes note of what an answer said of a group's link.
    pub(super) fn note(&self, group: &GroupId, link: Option<InviteLink>, now: Millis) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, seen| seen.is_fresh(now));
        seen.insert(group.bare().into(), Seen { at: now, link });
    }

    /// Takes out what was said of a group's link.
    pub(super) fn take(&self, group: &GroupId, now: Millis) -> Option<Seen> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.remove(group.bare()).filter(|seen| seen.is_fresh(now))
    }
}

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
