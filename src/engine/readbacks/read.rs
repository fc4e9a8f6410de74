//! Performs a read-back: calls the gateway, one call after the other, until everything the read-back needs is read.

use std::sync::Arc;

use super::{
    Readback, ReadbackPlace,
    shows::{self, ReadbackData},
};
use crate::{
    domain::{
        capability::Capabilities,
        community::{CommunityListing, GroupList},
        failure::Failure,
        reading::{Reading, Readings},
        time::Millis,
    },
    engine::attempt::guarded,
    gateway::{self, Reads},
};

/// A read-back that was done.
#[derive(Debug)]
pub(in crate::engine) struct Taken {
    pub(in crate::engine) look: Readback,
    pub(in crate::engine) begun: Millis,
    pub(in crate::engine) reads: ReadbackData,
}

impl Taken {
    /// The listing of the community that it read, if any.
    pub(in crate::engine) fn listing(&self) -> Option<&CommunityListing> {
        let ReadbackPlace::Community(community) = &self.look.place else { return None };
        self.reads.fresh.community(community)?.as_ref().ok().map(AsRef::as_ref)
    }

    /// The first failure that concerns only the number of requests, so that the read-back shows nothing about its items.
    pub(in crate::engine) fn held(&self) -> Option<&Failure> {
        self.failures().find(|failure| failure.asks_to_wait())
    }

    /// The failures of its reads.
    pub(in crate::engine) fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.reads.fresh.failures()
    }
}

/// Reads everything a read-back needs. `begun` is its start, after the end of every attempt that it serves.
pub(in crate::engine) async fn take(
    gateway: Arc<dyn Reads>,
    capabilities: Capabilities,
    look: Readback,
    begun: Millis,
    earlier_groups: Option<Arc<GroupList>>,
) -> Taken {
    let is_list_withheld = look.is_list_withheld;
    let reads = ReadbackData { fresh: Readings::default(), earlier_groups, is_list_withheld };
    let mut taken = Taken { look, begun, reads };
    while let Some(scope) = shows::next_read(&taken.look, &taken.reads, &capabilities) {
        let (gateway, asked) = (gateway.clone(), scope.clone());
        let read = guarded(async move { gateway::read(gateway.as_ref(), &asked).await }).await;
        let read = read.unwrap_or_else(|failure| vec![Reading::failed(&scope, &failure)]);
        for reading in read {
            taken.reads.fresh.take(reading);
        }
        // A refusal because of the number of requests ends the read-back.
        if taken.held().is_some() {
            break;
        }
    }
    taken
}
