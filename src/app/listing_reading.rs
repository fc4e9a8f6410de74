//! Which listing is read because the screen shows its community: one at a time, and each once until everything is refreshed.

use std::{collections::HashSet, time::Duration};

use super::effect::Ticket;
use crate::domain::id::CommunityId;

/// How long a community is on the screen before its listing is read: somebody who scrolls causes no request.
pub const LISTING_PACE: Duration = Duration::from_millis(300);

/// The reading of the listings that an instance shows.
#[derive(Clone, Debug, Default)]
pub struct ListingReading {
    running: Option<(Ticket, CommunityId)>,
    /// The communities whose listings were read, successfully or not.
    asked: HashSet<CommunityId>,
}

impl ListingReading {
    /// Whether this read is running.
    pub fn waits_for(&self, ticket: Ticket) -> bool {
        self.running.as_ref().is_some_and(|(running, _)| *running == ticket)
    }

    /// Whether the listing of a community is being read.
    pub fn is_reading(&self, community: &CommunityId) -> bool {
        self.running.as_ref().is_some_and(|(_, running)| running == community)
    }

    /// Whether the listing of a community was read since everything was refreshed.
    pub fn was_read(&self, community: &CommunityId) -> bool {
        self.asked.contains(community)
    }

    pub(super) fn begin(&mut self, ticket: Ticket, community: CommunityId) {
        self.running = Some((ticket, community));
    }

    /// Ends the running read before its answer.
    pub(super) fn stop(&mut self) -> Option<Ticket> {
        self.running.take().map(|(ticket, _)| ticket)
    }

    /// Records that the running read has ended.
    pub(super) fn end(&mut self) {
        self.asked.extend(self.running.take().map(|(_, community)| community));
    }

    /// Reads all listings again. Returns the read that was running.
    pub(super) fn reset(&mut self) -> Option<Ticket> {
        self.asked.clear();
        self.stop()
    }
}
