//! Reads and stores the roles that the rows on the screen need.

use tokio_util::sync::CancellationToken;

use super::Runtime;
use crate::{
    app::{effect::Ticket, event::AppEvent, role_reading::ROLE_PACE},
    domain::{directory::KnownRole, id::GroupId, instance::InstanceKey, message::ToMessage},
    listing,
};

impl Runtime {
    pub(super) fn read_role(&self, ticket: Ticket, instance: &InstanceKey, group: GroupId) {
        let Some(gateway) = self.gateway(instance) else { return };
        let (events, clock) = (self.events.clone(), self.parts.clock);
        self.spawn(ticket, CancellationToken::new(), async move {
            tokio::time::sleep(ROLE_PACE).await;
            listing::wait_for_half(gateway.reads.as_ref(), clock).await;
            let begun = clock.now();
            let details = gateway.details(&group).await.map(Box::new);
            let _ = events.send(AppEvent::RoleRead { ticket, begun, details });
        });
    }

    pub(super) fn keep_roles(&self, instance: InstanceKey, roles: Vec<KnownRole>) {
        let (store, events) = (self.parts.store.clone(), self.events.clone());
        let now = self.parts.clock.now();
        self.run_to_end(async move {
            if let Err(error) = store.keep_roles(&instance, roles, now).await {
                let _ = events.send(AppEvent::StoreFailed(error.message()));
            }
        });
    }
}
