//! Connects an instance, and finds the community that a text names.

use super::{Client, Wire, read};
use crate::{
    domain::{
        failure::{Failure, FailureKind},
        id::CommunityId,
        pairing::{Offer, Way},
        private::Private,
    },
    gateway::{
        Reads,
        pairing::{CommunityName, LONGEST, community_name, community_of, connect_unless_connected},
    },
};

impl<W: Wire> Client<W> {
    /// Begins to connect the instance unless it is connected. The requests drop the connection that there is.
    pub(super) async fn begin_connecting(&self, way: &Way) -> Result<Offer, Failure> {
        connect_unless_connected(self, way, self.connect_by(way)).await
    }

    async fn connect_by(&self, way: &Way) -> Result<Offer, Failure> {
        let ask = self.wire.connect(way).ok_or_else(|| Failure::new(FailureKind::Unsupported))?;
        let timeout = self.timeouts.request.max(LONGEST);
        let asked = self.send(ask, timeout, FailureKind::Refused).await;
        let body = asked.map_err(|response| match response.failure.kind {
            // The limit is on connections, not on requests.
            FailureKind::Throttled { .. } => Failure { kind: FailureKind::Refused, ..response.failure },
            _ => response.failure,
        })?;
        self.wire.offer(way, &body).ok_or_else(read::malformed)
    }

    /// The community that a text names. For a link it requests the group.
    pub(super) async fn community_named(&self, given: &Private) -> Result<CommunityId, Failure> {
        match community_name(given)? {
            CommunityName::Id(id) => Ok(id),
            CommunityName::Link(link) => {
                let group = self.invited(&link).await?;
                Ok(community_of(&group.id, group.parent))
            }
        }
    }
}
