//! Invite links: finding them in typed text, caching them from details, and hiding them when a gateway repeats them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::domain::{
    community::{GroupDetails, Role},
    failure::Failure,
    id::GroupId,
    invite::InviteLink,
    time::Millis,
};

/// How long a link from a group's details replaces another request.
const KEPT: Duration = Duration::from_secs(600);

/// The invite links, or their absence, that details showed, kept until they are taken. In memory only.
#[derive(Default)]
pub(super) struct SeenLinks(Mutex<HashMap<Box<str>, Seen>>);

/// The link information in a group's details.
pub(super) struct Seen {
    at: Millis,
    /// The link; `None` if there was none.
    pub(super) link: Option<InviteLink>,
}

impl Seen {
    fn is_fresh(&self, now: Millis) -> bool {
        // If the clock was set back, its age is unknown.
        self.at <= now && now.since(self.at) <= KEPT
    }
}

impl SeenLinks {
    /// Records what an answer said about a group's link.
    pub(super) fn note(&self, group: &GroupId, link: Option<InviteLink>, now: Millis) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, seen| seen.is_fresh(now));
        seen.insert(group.bare().into(), Seen { at: now, link });
    }

    /// Whether the gateway gives an invite link, which `fetch` requests and this records. Only admins get one, so there is no request
    /// if the number is a plain member or has left the group. Without a link that can be read, the number cannot rejoin the group.
    pub(super) async fn has_link(
        &self,
        details: &GroupDetails,
        begun: Millis,
        fetch: impl Future<Output = Result<Option<InviteLink>, Failure>>,
    ) -> Result<bool, Failure> {
        if details.own_number_listed == Some(false) || details.role == Role::Member {
            self.note(&details.id, None, begun);
            return Ok(false);
        }
        match fetch.await {
            Ok(link) => {
                let has_link = link.is_some();
                self.note(&details.id, link, begun);
                Ok(has_link)
            }
            // The caller must wait or stop before any further request.
            Err(failure) if failure.stops_everything() || failure.asks_to_wait() => Err(failure),
            // Nothing is recorded, so the link is requested again when it is needed.
            Err(_) => Ok(false),
        }
    }

    /// Removes and returns the recorded information on a group's link.
    pub(super) fn take(&self, group: &GroupId, now: Millis) -> Option<Seen> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.remove(group.bare()).filter(|seen| seen.is_fresh(now))
    }
}

/// The failure, without its words if they repeat the link, which is a secret.
pub(super) fn unlinked(failure: Failure, link: &InviteLink) -> Failure {
    let code = link.expose().rsplit('/').next().unwrap_or_default();
    if code.is_empty() { failure } else { without_secret(failure, code) }
}

/// An invite link, or the code of one, in typed text; `None` if the text can be neither.
pub(super) fn link_code(text: &str) -> Option<InviteLink> {
    const PLACE: &str = "chat.whatsapp.com/";
    let code = text.find(PLACE).map_or(text, |at| &text[at + PLACE.len()..]);
    let code = code.split(['?', '/', '#']).next().unwrap_or_default();
    let is_code = code.len() >= 16 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| InviteLink::new(code)).flatten()
}

/// The failure, without its words if they repeat a secret text.
pub(super) fn without_secret(mut failure: Failure, text: &str) -> Failure {
    if failure.words.as_ref().is_some_and(|words| words.exact().contains(text)) {
        failure.words = None;
    }
    failure
}
