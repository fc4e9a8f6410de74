//! What every gateway does alike when it connects an instance, and when a text names a community.

use std::time::Duration;

use super::{
    Reads,
    fields::group_id,
    invite::{link_code, without_secret},
};
use crate::domain::{
    community::Parent,
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    invite::InviteLink,
    pairing::{Offer, Way},
    private::Private,
};

/// How long a code may take to arrive: a minute at worst.
pub(super) const LONGEST: Duration = Duration::from_secs(75);

/// Begins to connect an instance unless it is connected; the state is read immediately before, and the request is sent once.
pub(super) async fn connect_unless_connected(
    reads: &impl Reads,
    way: &Way,
    request: impl Future<Output = Result<Offer, Failure>>,
) -> Result<Offer, Failure> {
    let connection = reads.connection().await;
    let response = match connection {
        Ok(connection) if connection.is_connected() => Ok(Offer::Connected(connection)),
        Ok(_) => request.await,
        Err(failure) => Err(failure),
    };
    without_number(response, way)
}

/// The response, without words that repeat the number.
pub(super) fn without_number(response: Result<Offer, Failure>, way: &Way) -> Result<Offer, Failure> {
    match way {
        Way::Number(number) => response.map_err(|failure| without_secret(failure, number.expose())),
        Way::Qr | Way::Session => response,
    }
}

/// What names a community.
pub(super) enum CommunityName {
    Id(CommunityId),
    /// A link to it or to one of its groups.
    Link(InviteLink),
}

/// What a text names: an id with or without its suffix, or an invite link or code.
pub(super) fn community_name(given: &Private) -> Result<CommunityName, Failure> {
    let text = given.expose();
    let bare = text.strip_suffix("@g.us").unwrap_or(text);
    let named = if bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        group_id(text).map(|id| CommunityName::Id(CommunityId::from(&id)))
    } else {
        link_code(text).map(CommunityName::Link)
    };
    named.ok_or_else(|| Failure::new(FailureKind::NotFound))
}

/// The community that the link to a group names: the one that the group is in, or the group itself.
pub(super) fn community_of(group: &GroupId, parent: Parent) -> CommunityId {
    match parent {
        Parent::Community(parent) => parent,
        Parent::None | Parent::Unknown => CommunityId::from(group),
    }
}
