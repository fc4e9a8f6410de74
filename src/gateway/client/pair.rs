//! Connects an instance, and finds the community that a text names.

use std::time::Duration;

use super::{Client, Wire, read};
use crate::{
    domain::{
        community::Parent,
        failure::{Failure, FailureKind},
        id::CommunityId,
        pairing::{Offer, Way},
        private::Private,
    },
    gateway::{
        Reads,
        fields::group_id,
        invite::{link_code, without_secret},
    },
};

/// How long a code may take to arrive: the gateways wait up to half a minute for one.
const LONGEST: Duration = Duration::from_secs(75);

impl<W: Wire> Client<W> {
    /// Begins to connect the instance unless it is connected; the state is read immediately before. The requests drop the
    /// connection that there is, so each is sent once.
    pub(super) async fn begin_connecting(&self, way: &Way) -> Result<Offer, Failure> {
        let response = self.connect_by(way).await;
        match way {
            Way::Number(number) => response.map_err(|failure| without_secret(failure, number.expose())),
            Way::Qr | Way::Session => response,
        }
    }

    async fn connect_by(&self, way: &Way) -> Result<Offer, Failure> {
        let connection = self.connection().await?;
        if connection.is_connected() {
            return Ok(Offer::Connected(connection));
        }
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

    /// The community that a text names: an id with or without its suffix, or an invite link or code. For a link it requests the
    /// group; if that group is known to be in a community, the link names that community.
    pub(super) async fn community_named(&self, given: &Private) -> Result<CommunityId, Failure> {
        let unknown = || Failure::new(FailureKind::NotFound);
        let text = given.expose();
        if read::is_id(text) {
            return group_id(text).map(|id| CommunityId::from(&id)).ok_or_else(unknown);
        }
        let group = self.invited(&link_code(text).ok_or_else(unknown)?).await?;
        match group.parent {
            Parent::Community(parent) => Ok(parent),
            Parent::None | Parent::Unknown => Ok(CommunityId::from(&group.id)),
        }
    }
}
