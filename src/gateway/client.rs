//! A client of the gateways that people run themselves. They build on the same library or speak like it, so they share this
//! client. Each has a [`Wire`] with its own paths and names.
//!
//! It owns which request answers which question, and the meaning of answers. Paths, bodies, field names and texts belong to the
//! wires.

mod pair;
mod read;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use http::Method;
use serde_json::Value;
use tokio::sync::{Mutex, watch};

use super::{
    Answer, Reads, Writes,
    fields::{GroupFields, place_of_list},
    http::{Body, Call, Dialect, Http, Size, Unsuccessful},
    invite::{SeenLinks, unlinked},
    json::{Named, named},
    source::{Lists, Source, complete, within_listed, within_names},
    words::is_from_the_library,
};
use crate::domain::{
    budget::Budget,
    capability::Capabilities,
    community::{CommunityListing, CommunityRef, GroupDetails, GroupList},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    instance::Connection,
    invite::InviteLink,
    name::Name,
    pairing::{Offer, Way},
    private::Private,
    reading::Probe,
    settings::Timeouts,
    time::Millis,
    vitals::Vitals,
};

/// A request below the base URL.
pub(super) struct Ask {
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Ask {
    pub(super) fn get(path: String) -> Self {
        Self { method: Method::GET, path, body: None }
    }

    pub(super) fn delete(path: String) -> Self {
        Self { method: Method::DELETE, ..Self::get(path) }
    }

    /// A request to change something, or to read with parameters in a body.
    pub(super) fn post(path: String, body: Value) -> Self {
        Self { method: Method::POST, path, body: Some(body) }
    }

    /// The same without a body.
    pub(super) fn post_nothing(path: String) -> Self {
        Self { method: Method::POST, ..Self::get(path) }
    }

    fn call(self, timeout: Duration, size: Size) -> Call {
        Call { method: self.method, path: self.path, body: self.body, timeout, size }
    }
}

/// A change of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Link,
    Unlink,
}

/// The calls of a gateway, and the names of its fields. A call that it lacks is `None`.
pub(super) trait Wire: Send + Sync + 'static {
    fn capabilities(&self) -> Capabilities;

    fn dialect(&self) -> &'static Dialect;

    fn fields(&self) -> &'static GroupFields;

    /// The request for the state of the instance.
    fn state(&self) -> Ask;

    /// The state in its answer.
    fn connection(&self, body: &Value) -> Result<Connection, Failure>;

    /// The request for the own number, if the state does not contain it.
    fn number(&self) -> Option<Ask> {
        None
    }

    /// The own number in its answer.
    fn read_number(&self, _body: &Value) -> Option<String> {
        None
    }

    /// The request for the list of groups.
    fn groups(&self) -> Ask;

    /// How long the list of groups may take, if that is longer than usual.
    fn slowest_list(&self) -> Duration {
        Duration::ZERO
    }

    /// The request for the list of communities; `None` if they are in the list of groups.
    fn communities(&self) -> Option<Ask> {
        None
    }

    /// The request for a community's subgroups; `None` if they are in the list of groups.
    fn listing(&self, _community: &CommunityId) -> Option<Ask> {
        None
    }

    /// The request that only a community answers with itself.
    fn community(&self, _group: &GroupId) -> Option<Ask> {
        None
    }

    /// The request for a group's details.
    fn details(&self, group: &GroupId) -> Ask;

    /// The request for a group's invite link; `None` if the details contain it.
    fn invite_link(&self, _group: &GroupId) -> Option<Ask> {
        None
    }

    /// The request for the group that an invite code leads to.
    fn invited(&self, code: &str) -> Ask;

    fn change(&self, _change: Change, _community: &CommunityId, _group: &GroupId) -> Option<Ask> {
        None
    }

    /// What an answer to a link or an unlink says about its group; `None` if a success is a yes.
    fn changed(&self, _body: &Value, _group: &GroupId) -> Option<Result<(), FailureKind>> {
        None
    }

    fn leave(&self, group: &GroupId) -> Ask;

    fn join(&self, code: &str) -> Ask;

    /// Whether a change that succeeded is answered without a body.
    fn answers_nothing(&self) -> bool {
        false
    }

    fn connect(&self, way: &Way) -> Option<Ask>;

    /// The offer in the answer to a connect request.
    fn offer(&self, way: &Way, body: &Value) -> Option<Offer>;
}

/// A client of one instance.
pub(super) struct Client<W> {
    http: Http,
    wire: W,
    timeouts: Timeouts,
    own: Mutex<Own>,
    links: SeenLinks,
}

/// The instance's own number, once it has been requested.
#[derive(Default)]
struct Own {
    number: Option<String>,
    was_asked: bool,
}

/// The longest wait for an explanation: the failure itself is already known.
const EXPLANATION: Duration = Duration::from_secs(10);

/// The fields that name the group of a change.
const CHANGED: [&str; 4] = ["groupJid", "groupjid", "groupId", "id"];

impl<W: Wire> Client<W> {
    pub(super) fn new(http: Http, wire: W, timeouts: Timeouts) -> Self {
        Self { http, wire, timeouts, own: Mutex::default(), links: SeenLinks::default() }
    }

    fn now(&self) -> Millis {
        self.http.clock.now()
    }

    /// Sends a request once. A successful answer that contains an error is a failure of this kind.
    async fn send(&self, ask: Ask, timeout: Duration, kind: FailureKind) -> Result<Value, Unsuccessful> {
        let asked = self.http.ask_fully(ask.call(timeout, Size::Answer), self.wire.dialect()).await;
        self.without_error(asked?, kind).map_err(Unsuccessful::from)
    }

    fn without_error(&self, body: Value, kind: FailureKind) -> Result<Value, Failure> {
        match read::error(&body) {
            Some(words) => {
                let kind = self.http.meaning(200, words, self.wire.dialect()).unwrap_or(kind);
                Err(self.http.failure(kind, words).with_status(200))
            }
            None => Ok(body),
        }
    }

    /// The answer to a read, or an explained failure.
    async fn get(&self, ask: Ask) -> Result<Value, Failure> {
        match self.send(ask, self.timeouts.request, FailureKind::GatewayError).await {
            Ok(body) => Ok(body),
            Err(response) => Err(self.explained(sure(response.failure)).await),
        }
    }

    /// The entries of the list in an answer, and the rest of the answer; or an explained failure.
    async fn get_list<T: Send + 'static>(
        &self,
        ask: Ask,
        size: Size,
        read: impl Fn(&Value) -> T + Send + 'static,
    ) -> Result<Vec<T>, Failure> {
        let places = self.wire.fields().lists;
        let stream = move |source: &Source<'_>| source.lists(places, &read);
        let call = ask.call(self.timeouts.list.max(self.wire.slowest_list()), size);
        let asked = self.http.ask_reading(call, self.wire.dialect(), stream).await;
        let checked =
            asked.map_err(|response| response.failure).and_then(|(body, lists): (Value, Lists<T>)| {
                let body = self.without_error(body, FailureKind::GatewayError)?;
                let place = place_of_list(&body, places).ok_or_else(read::malformed)?;
                Ok(lists.at(place))
            });
        match checked {
            Ok(entries) => Ok(entries),
            Err(failure) => Err(self.explained(sure(failure)).await),
        }
    }

    /// Explains a failure that says nothing: if the instance is not connected, that is why.
    async fn explained(&self, failure: Failure) -> Failure {
        use FailureKind::{EmptyAnswer, Forbidden, GatewayError, Malformed, NotFound, Refused, ServerFault};
        let is_vague = matches!(
            failure.kind,
            EmptyAnswer | Forbidden | GatewayError | Malformed | NotFound | Refused | ServerFault
        );
        let is_clear = failure.words.as_ref().is_some_and(|words| is_from_the_library(words.exact()));
        if !is_vague || is_clear {
            return failure;
        }
        match self.fetch_state(self.timeouts.request.min(EXPLANATION)).await {
            Ok(connection) if !connection.is_connected() => Failure::new(FailureKind::NotConnected),
            Err(cause) if cause.stops_everything() => cause,
            _ => failure,
        }
    }

    async fn fetch_state(&self, timeout: Duration) -> Result<Connection, Failure> {
        let asked = self.send(self.wire.state(), timeout, FailureKind::GatewayError).await;
        let body = asked.map_err(|response| sure(response.failure))?;
        self.wire.connection(&body).map(|connection| read::scrubbed(connection, &self.http.scrubber))
    }

    async fn fetch_connection(&self) -> Result<Connection, Failure> {
        let connection = self.fetch_state(self.timeouts.request).await?;
        // Without the number, the instance can still be used.
        let number = self.fetch_number(&connection).await.unwrap_or_default();
        Ok(Connection { number, ..connection })
    }

    /// The number of a connection, from another answer if the state does not contain it.
    async fn fetch_number(&self, connection: &Connection) -> Result<Option<Name>, Failure> {
        let is_asked = connection.number.is_none() && connection.is_connected();
        let Some(ask) = self.wire.number().filter(|_| is_asked) else { return Ok(connection.number.clone()) };
        let asked = self.send(ask, self.timeouts.request, FailureKind::GatewayError).await;
        let body = asked.map_err(|response| sure(response.failure).with_accepted_token())?;
        Ok(self.wire.read_number(&body).map(|number| Name::new(&number)))
    }

    /// The own number for comparing; requested once if nobody has read the connection yet.
    async fn own_number(&self) -> Option<String> {
        let mut own = self.own.lock().await;
        if !own.was_asked {
            own.was_asked = true;
            own.number = self.fetch_connection().await.ok().and_then(|known| read::number_of(&known));
        }
        own.number.clone()
    }

    async fn fetch_invite_link(&self, group: &GroupId) -> Result<Option<InviteLink>, Failure> {
        let ask = self.wire.invite_link(group).unwrap_or_else(|| self.wire.details(group));
        match self.get(ask).await {
            Ok(body) => Ok(self.wire.fields().invite_link(&body)),
            // Only admins get the link.
            Err(failure) if failure.kind == FailureKind::Forbidden => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Sends a write once. Only its own answer decides the claim; the state may explain a failure.
    async fn write(&self, ask: Ask, group: &GroupId, is_change: bool) -> Answer {
        let answer = match self.send(ask, self.timeouts.request, FailureKind::Refused).await {
            Ok(body) => self.claimed(&body, group, is_change),
            Err(response) => {
                let is_nothing = response.failure.kind == FailureKind::EmptyAnswer
                    && response.failure.status == Some(204)
                    && matches!(response.body, Body::Empty);
                if is_nothing && self.wire.answers_nothing() {
                    return Answer::yes();
                }
                Answer::from_failure(response.failure)
            }
        };
        match answer.failure {
            Some(failure) => Answer { failure: Some(self.explained(failure).await), ..answer },
            None => answer,
        }
    }

    /// The claim of a successful answer about its group.
    fn claimed(&self, body: &Value, group: &GroupId, is_change: bool) -> Answer {
        let because = |kind| Failure::new(kind).with_status(200);
        let Some(object) = body.as_object() else { return Answer::silence(because(FailureKind::Malformed)) };
        if let Some(changed) = self.wire.changed(body, group).filter(|_| is_change) {
            return match changed {
                Ok(()) => Answer::yes(),
                Err(kind) => Answer::from_failure(because(kind)),
            };
        }
        let is_asked = |id: &str| GroupId::parse(id).is_ok_and(|id| id.same_as(group));
        if named([object], &CHANGED, is_asked) == Named::Another {
            return Answer::silence(because(FailureKind::Malformed));
        }
        if read::says_no(object) { Answer::no(because(FailureKind::Refused)) } else { Answer::yes() }
    }

    async fn changed(&self, change: Change, community: &CommunityId, group: &GroupId) -> Answer {
        match self.wire.change(change, community, group) {
            Some(ask) => self.write(ask, group, true).await,
            None => Answer::no(Failure::new(FailureKind::Unsupported)),
        }
    }
}

/// The failure, if its kind is sure: "not found" proves something only if the gateway itself says it in words.
fn sure(failure: Failure) -> Failure {
    let is_bare = failure.kind == FailureKind::NotFound && failure.words.is_none();
    Failure { kind: if is_bare { FailureKind::GatewayError } else { failure.kind }, ..failure }
}

#[async_trait]
impl<W: Wire> Reads for Client<W> {
    fn capabilities(&self) -> Capabilities {
        self.wire.capabilities()
    }

    fn budget(&self) -> watch::Receiver<Option<Budget>> {
        self.http.budget()
    }

    async fn connection(&self) -> Result<Connection, Failure> {
        // Other readers of the own number wait for this answer instead of sending another request.
        let mut own = self.own.lock().await;
        let connection = self.fetch_connection().await?;
        *own = Own { number: read::number_of(&connection), was_asked: true };
        Ok(connection)
    }

    async fn number(&self) -> Result<Option<Name>, Failure> {
        let connection = self.fetch_state(self.timeouts.request).await?;
        if !connection.is_connected() {
            return Err(Failure::new(FailureKind::NotConnected));
        }
        self.fetch_number(&connection).await
    }

    async fn communities(&self) -> Result<Vec<CommunityRef>, Failure> {
        let Some(ask) = self.wire.communities() else { return Ok(self.groups().await?.communities()) };
        let fields = self.wire.fields();
        let entries = self.get_list(ask, Size::Members, move |entry| fields.community(entry)).await?;
        read::communities(entries)
    }

    async fn groups(&self) -> Result<GroupList, Failure> {
        let fields = self.wire.fields();
        let own = if fields.lists_members { self.own_number().await } else { None };
        let begun = self.now();
        let size = if fields.lists_members { Size::Members } else { Size::List };
        let read = move |entry: &Value| fields.listed(entry, own.as_deref());
        let entries = self.get_list(self.wire.groups(), size, read).await?;
        within_names(read::group_list(entries, begun, self.wire.capabilities().most_listed))
    }

    async fn listing(&self, community: &CommunityId) -> Result<CommunityListing, Failure> {
        let Some(ask) = self.wire.listing(community) else {
            return self.groups().await?.listing(community).and_then(within_listed);
        };
        let (fields, begun) = (self.wire.fields(), self.now());
        let entries = self.get_list(ask, Size::Answer, move |entry| fields.subgroup(entry)).await?;
        let listing = read::listing(entries, community, begun).and_then(within_listed)?;
        complete(listing, &self.wire.capabilities())
    }

    async fn probe(&self, group: &GroupId) -> Probe {
        let community = CommunityId::from(group);
        if self.wire.listing(&community).is_none() {
            return Probe::Failed(Failure::new(FailureKind::Unsupported));
        }
        let asked = match self.wire.community(group) {
            Some(ask) => self.get(ask).await.map(drop),
            None => Ok(()),
        };
        let read = match asked {
            Ok(()) => self.listing(&community).await,
            Err(failure) => Err(failure),
        };
        match read {
            Ok(listing) => Probe::Community(Arc::new(listing)),
            Err(failure) if failure.kind == FailureKind::NotACommunity => Probe::Nothing(failure),
            Err(failure) => Probe::Failed(failure),
        }
    }

    async fn details(&self, group: &GroupId) -> Result<GroupDetails, Failure> {
        let own = self.own_number().await;
        let begun = self.now();
        let body = self.get(self.wire.details(group)).await?;
        let details = self.wire.fields().details(&body, Some(group), own.as_deref())?;
        if self.wire.invite_link(group).is_none() {
            self.links.note(group, self.wire.fields().invite_link(&body), begun);
            return Ok(details);
        }
        let begun = self.now();
        let has_invite_link = self.links.has_link(&details, begun, self.fetch_invite_link(group)).await?;
        Ok(GroupDetails { has_invite_link, ..details })
    }

    async fn invited(&self, link: &InviteLink) -> Result<GroupDetails, Failure> {
        let own = self.own_number().await;
        let read = self.get(self.wire.invited(read::code_of(link))).await;
        let body = read.map_err(|failure| unlinked(failure, link))?;
        self.wire.fields().details(&body, None, own.as_deref())
    }

    fn vitals(&self) -> Vitals {
        self.http.vitals()
    }

    async fn invite_link(&self, group: &GroupId) -> Result<Option<InviteLink>, Failure> {
        match self.links.take(group, self.now()) {
            Some(seen) => Ok(seen.link),
            None => self.fetch_invite_link(group).await,
        }
    }

    async fn find_community(&self, given: &Private) -> Result<CommunityListing, Failure> {
        let community = self.community_named(given).await?;
        self.listing(&community).await
    }
}

#[async_trait]
impl<W: Wire> Writes for Client<W> {
    async fn link(&self, community: &CommunityId, group: &GroupId) -> Answer {
        self.changed(Change::Link, community, group).await
    }

    async fn unlink(&self, community: &CommunityId, group: &GroupId) -> Answer {
        self.changed(Change::Unlink, community, group).await
    }

    async fn leave(&self, group: &GroupId) -> Answer {
        self.write(self.wire.leave(group), group, false).await
    }

    async fn join(&self, group: &GroupId, link: &InviteLink) -> Answer {
        // An answer that waits for an admin's approval is a yes too; the list of groups shows the result.
        let answer = self.write(self.wire.join(read::code_of(link)), group, false).await;
        Answer { failure: answer.failure.map(|failure| unlinked(failure, link)), ..answer }
    }

    async fn connect(&self, way: &Way) -> Result<Offer, Failure> {
        self.begin_connecting(way).await
    }
}
