//! Takes a look: the calls to the gateway, one after the other, until all that the look needs is read.

use std::sync::Arc;

use super::{
    Look,
    shows::{self, Read, Reads},
};
use crate::{
    domain::{
        capability::Capabilities,
        community::GroupList,
        failure::{Failure, FailureKind},
        time::Millis,
    },
    engine::attempt::guarded,
    gateway::Gateway,
};

/// A look that was taken.
#[derive(Debug)]
pub(in crate::engine) struct Taken {
    pub(in crate::engine) look: Look,
    pub(in crate::engine) begun: Millis,
    pub(in crate::engine) reads: Reads,
}

impl Taken {
    /// The first failure that is about the number of requests alone, so that the look tells nothing of its items.
    pub(in crate::engine) fn held(&self) -> Option<&Failure> {
        self.failures().find(|failure| {
            matches!(failure.kind, FailureKind::RateLimited { .. } | FailureKind::Throttled { .. })
        })
    }

    /// The failures of its reads.
    pub(in crate::engine) fn failures(&self) -> impl Iterator<Item = &Failure> {
        let listing = self.reads.listing.as_ref().and_then(|read| read.as_ref().err());
        let groups = self.reads.groups.as_ref().and_then(|read| read.as_ref().err());
        let details = self.reads.details.values().filter_map(|read| read.as_ref().err());
        listing.into_iter().chain(groups).chain(details)
    }
}

/// Reads all that a look needs. The look began `begun`, after every attempt that it serves had ended.
pub(in crate::engine) async fn take(
    gateway: Arc<dyn Gateway>,
    capabilities: Capabilities,
    look: Look,
    begun: Millis,
    earlier_groups: Option<Arc<GroupList>>,
) -> Taken {
    let mut taken = Taken { look, begun, reads: Reads { earlier_groups, ..Reads::default() } };
    while let Some(read) = shows::next_read(&taken.look, &taken.reads, &capabilities) {
        perform(&gateway, read, &mut taken.reads).await;
        // What was refused for its number is not followed by more.
        if taken.held().is_some() {
            break;
        }
    }
    taken
}

async fn perform(gateway: &Arc<dyn Gateway>, read: Read, reads: &mut Reads) {
    let gateway = Arc::clone(gateway);
    match read {
        Read::Listing(community) => {
            let read = guarded(async move { gateway.listing(&community).await }).await;
            reads.listing = Some(read.and_then(|read| read).map(Arc::new));
        }
        Read::Groups => {
            let read = guarded(async move { gateway.groups().await }).await;
            reads.groups = Some(read.and_then(|read| read).map(Arc::new));
        }
        Read::Details(group) => {
            let asked = group.clone();
            let read = guarded(async move { gateway.details(&asked).await }).await;
            reads.details.insert(group, read.and_then(|read| read));
        }
    }
}
