//! Connects an instance, lists the instances of a token, and finds the community that a text names.

use http::Method;

use super::{RyzeApi, read, speech, wire};
use crate::{
    domain::{
        failure::{Failure, FailureKind},
        id::CommunityId,
        instance::{Connection, ConnectionState},
        name::Name,
        pairing::{ListedInstance, Offer, Way},
        private::Private,
    },
    gateway::{
        http::Call,
        invite::unlinked,
        pairing::{CommunityName, LONGEST, community_name, community_of, connect_unless_connected},
    },
};

impl RyzeApi {
    /// All instances that the token gives access to: all of an account, or only one for an instance's own token.
    pub(super) async fn listed_instances(&self) -> Result<Vec<ListedInstance>, Failure> {
        let (body, lists) = self.get_instances("/api/instance/list".to_owned()).await?;
        let listed = read::instances(&body, lists)?.into_iter().map(|(name, connection)| ListedInstance {
            // A masked name no longer identifies anything, so a name that repeats a secret becomes empty.
            name: Name::new(if self.http.scrubber.keeps(&name) { &name } else { "" }),
            connection: self.scrubbed(connection),
        });
        Ok(listed.filter(|instance| !instance.name.exact().is_empty()).collect())
    }

    /// The same connection, with secrets removed from the gateway's word for its state.
    pub(super) fn scrubbed(&self, mut connection: Connection) -> Connection {
        if let ConnectionState::NotConnected(Some(word)) = &mut connection.state {
            *word = Name::new(&self.http.scrubber.clean(word.exact()));
        }
        connection
    }

    /// Begins to connect the instance unless it is connected. The connect request is a `GET` that recreates the session whether
    /// or not there is one (`docs/gateways/ryzeapi.md`, 7.2), so the state is read immediately before.
    pub(super) async fn begin_connecting(&self, way: &Way) -> Result<Offer, Failure> {
        connect_unless_connected(self, way, self.connect_by(way)).await
    }

    async fn connect_by(&self, way: &Way) -> Result<Offer, Failure> {
        let (method, path) = match way {
            Way::Qr => (Method::GET, self.path("instance/connect", &[])),
            Way::Number(number) => {
                (Method::GET, self.path("instance/connect", &[("number", number.expose())]))
            }
            Way::Session => (Method::POST, self.path("instance/reconnect", &[])),
        };
        let call = Call { method, ..Call::get(path, self.timeouts.request.max(LONGEST)) };
        let body = self.http.ask(call, &speech::DIALECT).await?;
        if wire::success(&body) == Some(false) {
            let words = wire::words(&body).unwrap_or_default();
            let kind = self.http.meaning(200, words, &speech::DIALECT).unwrap_or(FailureKind::Refused);
            return Err(self.http.failure(kind, words).with_status(200));
        }
        read::offer(&body, way)
    }

    /// The community that a text names. For a link it requests the group.
    pub(super) async fn community_named(&self, given: &Private) -> Result<CommunityId, Failure> {
        let link = match community_name(given)? {
            CommunityName::Id(id) => return Ok(id),
            CommunityName::Link(link) => link,
        };
        let query = [("identifier", link.expose()), ("participants", "false")];
        let asked = self.get(self.path("group/info", &query), self.timeouts.request).await;
        let body = asked.map_err(|failure| unlinked(failure, &link))?;
        let group = wire::detail(&body).and_then(|group| group.id);
        let group = group.ok_or_else(|| Failure::new(FailureKind::NotFound))?;
        Ok(community_of(&group, read::details(&body, &group, None)?.parent))
    }
}
