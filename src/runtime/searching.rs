//! The search for communities, and the look-up of one that the operator named.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Runtime;
use crate::{
    app::{effect::Ticket, event::AppEvent},
    domain::{
        id::GroupId,
        instance::InstanceKey,
        private::Private,
        reading::{PROBE_PACE, Probe},
    },
    listing,
};

impl Runtime {
    /// Asks which of these groups are communities, first those that are communities for instances on the same gateway.
    pub(super) fn discover(
        &self,
        ticket: Ticket,
        instance: &InstanceKey,
        (control, candidates): (Option<GroupId>, Vec<GroupId>),
        siblings: Vec<InstanceKey>,
    ) {
        let Some(gateway) = self.gateway(instance) else { return };
        let (events, clock, store) = (self.events.clone(), self.parts.clock, self.parts.store.clone());
        let stop = CancellationToken::new();
        self.spawn(ticket, stop.clone(), async move {
            let mut last_failure = None;
            let out = |found: listing::Discovered| {
                last_failure = match &found.probe {
                    Probe::Failed(failure) => Some(failure.clone()),
                    _ => None,
                };
                let _ = events.send(AppEvent::Probed { ticket, group: found.group, probe: found.probe });
            };
            let mut known = Vec::new();
            for sibling in siblings {
                // Without these the search only takes longer.
                known.extend(store.remembered(&sibling).await.unwrap_or_default().communities);
            }
            let likely = listing::known_first(candidates, known.iter().map(|known| &known.id));
            let candidates = control.into_iter().chain(likely).collect();
            let left =
                listing::discover(gateway.reads.as_ref(), clock, candidates, PROBE_PACE, &stop, out).await;
            let failure = last_failure.filter(|_| !left.is_empty());
            let _ = events.send(AppEvent::Discovered { ticket, failure });
        });
    }

    pub(super) fn find_community(&self, ticket: Ticket, instance: &InstanceKey, given: Private) {
        let Some(gateway) = self.gateway(instance) else { return };
        let events = self.events.clone();
        self.spawn(ticket, CancellationToken::new(), async move {
            let result = gateway.find_community(&given).await.map(Arc::new);
            let _ = events.send(AppEvent::CommunityFound { ticket, result });
        });
    }
}
