//! Z-API: the paths that Synod uses, and the claims of their answers (`docs/gateways/zapi.md`).
//!
//! Every path contains two secrets, the instance and its token, so no path is ever shown. `wire` owns the JSON shapes,
//! `read` the meaning of reads, `speech` the meaning of texts, `paging` the pages; `pair` connects; `status` explains
//! failures.

mod paging;
mod pair;
mod read;
mod speech;
mod status;
mod wire;

use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use futures_util::{StreamExt, stream::FuturesOrdered};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::watch;

use self::paging::{Entry, Pages};
use super::{
    Answer, Reads, Writes,
    http::{Body, Call, Http, Size, Unsuccessful, encoded},
    invite::{SeenLinks, unlinked},
    source::{Lists, Source, within_listed, within_names},
    words::{is_from_the_library, library_meaning},
};
use crate::domain::{
    budget::Budget,
    capability::{Capabilities, LastSubgroup},
    community::{CommunityListing, CommunityRef, GroupDetails, GroupList},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    instance::{Connection, ConnectionState},
    invite::InviteLink,
    name::Name,
    pairing::{Offer, Pairing, Way},
    private::Private,
    reading::Probe,
    settings::Timeouts,
    time::Millis,
    vitals::Vitals,
};

/// A client of one Z-API instance.
pub(crate) struct Zapi {
    http: Http,
    /// `/instances/{instance}/token/{token}`: the prefix of every operation.
    place: SecretString,
    timeouts: Timeouts,
    /// The instance's own number, once it is known.
    own: Mutex<Option<String>>,
    links: SeenLinks,
    /// When an answer last showed that the instance is connected.
    connected: Mutex<Option<Millis>>,
}

/// How long an answer that only a connected instance gives replaces a read of `/status`.
const CONNECTED_FOR: Duration = Duration::from_secs(5);

impl Zapi {
    pub(crate) const CAPABILITIES: Capabilities = Capabilities {
        lists_communities: true,
        links: true,
        unlinks: true,
        listings_from_groups: false,
        announcements_in_listing: false,
        most_listed: None,
        leaves_communities: false,
        community_may_pass_for_group: false,
        lists_every_subgroup: true,
        group_list_shows_membership: false,
        last_subgroup: LastSubgroup::Blocked,
        requests_per_minute: None,
        // One edition of the documentation promises an error text, which nobody has seen.
        gives_reasons: false,
        // 20 s per code, and at most three unused codes (`docs/gateways/zapi.md`, 9.4).
        pairing: Pairing {
            gives_codes: true,
            reconnects: true,
            lists_instances: false,
            qr_lasts: Duration::from_secs(20),
            most_qrs: 3,
        },
    };

    pub(crate) fn new(http: Http, instance: &SecretString, token: &SecretString, timeouts: Timeouts) -> Self {
        let (instance, token) = (encoded(instance.expose_secret()), encoded(token.expose_secret()));
        let place = SecretString::from(format!("/instances/{instance}/token/{token}"));
        Self {
            http,
            place,
            timeouts,
            own: Mutex::default(),
            links: SeenLinks::default(),
            connected: Mutex::default(),
        }
    }

    fn now(&self) -> Millis {
        self.http.clock.now()
    }

    fn path(&self, operation: &str) -> String {
        format!("{}/{operation}", self.place.expose_secret())
    }

    /// Sends a request once. A successful answer that contains an error is a failure.
    async fn ask(&self, call: Call) -> Result<Value, Failure> {
        self.ask_fully(call).await.map_err(|response| response.failure)
    }

    /// Like [`Self::ask`], but a failure includes the body of the answer.
    async fn ask_fully(&self, call: Call) -> Result<Value, Unsuccessful> {
        self.without_error(self.http.ask_fully(call, &speech::DIALECT).await?)
    }

    /// The body, unless it contains an error.
    fn without_error(&self, body: Value) -> Result<Value, Unsuccessful> {
        match wire::error(&body) {
            Some(words) => {
                let kind = self.http.meaning(200, words, &speech::DIALECT).unwrap_or(FailureKind::Refused);
                let failure = self.http.failure(kind, words).with_status(200);
                Err(Unsuccessful { failure, body: Body::Json(body) })
            }
            None => Ok(body),
        }
    }

    /// The answer to a read. If it reports no success it is a failure, whatever else it contains.
    async fn read(&self, operation: &str, timeout: Duration) -> Result<Value, Unsuccessful> {
        self.check_success(self.ask_fully(Call::get(self.path(operation), timeout)).await?)
    }

    fn check_success(&self, body: Value) -> Result<Value, Unsuccessful> {
        if wire::says_no(&body) {
            let words = wire::words(&body).unwrap_or_default();
            let kind = self.http.meaning(200, words, &speech::DIALECT).unwrap_or(FailureKind::GatewayError);
            let failure = self.http.failure(kind, words).with_status(200);
            return Err(Unsuccessful { failure, body: Body::Json(body) });
        }
        Ok(body)
    }

    /// The answer to a read, or an explained failure.
    async fn get(&self, operation: &str, timeout: Duration) -> Result<Value, Failure> {
        match self.read(operation, timeout).await {
            Ok(body) => Ok(body),
            Err(response) => Err(self.explained(response.failure).await),
        }
    }

    /// The answer to a list read without its entries, and the value that `read` made of each entry; or an explained failure.
    async fn get_list<T: Send + 'static>(
        &self,
        operation: &str,
        size: Size,
        place: &'static str,
        read: impl Fn(&Value) -> T + Send + 'static,
    ) -> Result<(Value, Lists<T>), Failure> {
        let read = move |source: &Source<'_>| source.lists(&[place], &read);
        let call = Call { size, ..Call::list(self.path(operation), self.timeouts.list) };
        let asked = self.http.ask_reading(call, &speech::DIALECT, read).await;
        let checked =
            asked.and_then(|(body, lists)| Ok((self.check_success(self.without_error(body)?)?, lists)));
        match checked {
            Ok(response) => Ok(response),
            Err(response) => Err(self.explained(response.failure).await),
        }
    }

    /// Reads a list page by page. The pages are not one snapshot: a group may move between two pages meanwhile.
    async fn pages<T: Send + 'static>(
        &self,
        operation: &str,
        id: &'static str,
        read: fn(&Value) -> T,
    ) -> Result<Pages<T>, Failure> {
        let mut pages = Pages::default();
        let mut bytes = 0;
        let mut numbers = 1..=paging::MOST_PAGES;
        // Several pages are requested concurrently and taken in order; requests past the end are dropped.
        let mut asked = FuturesOrdered::new();
        loop {
            while asked.len() < pages.worth_asking_at_once() {
                let Some(number) = numbers.next() else { break };
                asked.push_back(self.page(operation, number, id, read));
            }
            let Some(page) = asked.next().await else {
                // The list has more pages than the limit, so it would be incomplete.
                return Err(Failure::new(FailureKind::Malformed).with_status(200));
            };
            let page = page?;
            bytes += page.bytes;
            if bytes > Size::List.longest() {
                return Err(Failure::new(FailureKind::TooLong).with_status(200));
            }
            if !pages.take(page.at("")) {
                return Ok(pages);
            }
        }
    }

    async fn page<T: Send + 'static>(
        &self,
        operation: &str,
        number: usize,
        id: &'static str,
        read: fn(&Value) -> T,
    ) -> Result<Lists<Entry<T>>, Failure> {
        let query = format!("{operation}?page={number}&pageSize={}", paging::SIZE);
        match self.get_list(&query, Size::Page, "", move |entry| Entry::of(entry, id, read)).await? {
            (Value::Array(_), page) => Ok(page),
            _ => Err(self.explained(Failure::new(FailureKind::Malformed).with_status(200)).await),
        }
    }

    /// A group's metadata without its invite link; the form with the link is slow.
    async fn light_details(&self, group: &GroupId) -> Result<GroupDetails, Failure> {
        let own = self.own_number().await;
        let operation = format!("light-group-metadata/{}", encoded(group.as_str()));
        let response = match self.read(&operation, self.timeouts.request).await {
            Ok(body) => match read::details(&body, group, own.as_deref()) {
                Ok(details) => return Ok(details),
                Err(failure) => failure.into(),
            },
            Err(response) => response,
        };
        if response.failure.kind != FailureKind::NotFound {
            return Err(self.explained(response.failure).await);
        }
        // The underlying library's "not found" may refer to anything.
        if response.failure.words.as_ref().is_some_and(|words| is_from_the_library(words.exact())) {
            return Err(self.explained(Failure { kind: FailureKind::Refused, ..response.failure }).await);
        }
        // "Group not found" proves a leave. So the gateway itself must say it about the group, while the instance is connected: a
        // proxy does not, and neither does a gateway that does not know the instance.
        if response.body.json().and_then(wire::own_error).is_some_and(speech::says_group_is_missing) {
            let cause = if self.was_just_connected() { None } else { self.cause().await };
            return Err(cause.unwrap_or(response.failure));
        }
        let kind = match response.body {
            Body::Json(_) => FailureKind::Malformed,
            Body::Empty => FailureKind::EmptyAnswer,
            Body::Page(_) => FailureKind::NotJson,
        };
        Err(self.explained(Failure { kind, ..response.failure }).await)
    }

    /// Records that an answer came that only a connected instance gives.
    fn note_connected(&self) {
        if let Ok(mut connected) = self.connected.lock() {
            *connected = Some(self.now());
        }
    }

    fn was_just_connected(&self) -> bool {
        let noted = self.connected.lock().ok().and_then(|connected| *connected);
        noted.is_some_and(|at| self.now().since(at) <= CONNECTED_FOR)
    }

    async fn fetch_invite_link(&self, group: &GroupId) -> Result<Option<InviteLink>, Failure> {
        let operation = format!("group-invitation-link/{}", encoded(group.as_str()));
        match self.get(&operation, self.timeouts.request).await {
            Ok(body) => read::invite_link(&body, group),
            // Only admins get the link.
            Err(failure) if failure.kind == FailureKind::Forbidden => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn post(&self, operation: &str, body: Value) -> Answer {
        let path = self.path(operation);
        self.write(Call::post(path, Some(body), self.timeouts.request)).await
    }

    /// Sends a write once. Only its own answer decides the claim; `/status` may explain a failure.
    async fn write(&self, call: Call) -> Answer {
        let answer = match self.ask(call).await {
            Ok(body) => self.claimed(&body),
            Err(failure) => failed(failure),
        };
        match answer.failure {
            Some(failure) => Answer { failure: Some(self.explained(failure).await), ..answer },
            None => answer,
        }
    }

    /// The claim of the flag in a successful answer; without a flag it is silence.
    fn claimed(&self, body: &Value) -> Answer {
        let words = wire::message(body);
        let because = |kind| self.http.failure(kind, words).with_status(200);
        match wire::outcome(body) {
            Some(true) => {
                self.note_connected();
                Answer::yes()
            }
            Some(false) => {
                let kind = self.http.meaning(200, words, &speech::DIALECT).unwrap_or(FailureKind::Refused);
                Answer::from_failure(because(kind))
            }
            None => Answer::silence(because(FailureKind::Malformed)),
        }
    }

    /// Links or unlinks one group: one group per request, so that the flag is about this group alone.
    async fn change(&self, operation: &str, community: &CommunityId, group: &GroupId) -> Answer {
        let body = json!({ "communityId": community.as_str(), "groupsPhones": [group.as_str()] });
        self.post(operation, body).await
    }
}

/// The claim that a failed write makes. Z-API documents no error texts, so every 5xx is silence, unless it refused the
/// token, asks to wait, or passes on `WhatsApp`'s words.
fn failed(failure: Failure) -> Answer {
    let is_fault = failure.status.is_some_and(|status| status >= 500);
    let is_told = failure.kind == FailureKind::TokenRefused
        || failure.asks_to_wait()
        || failure.words.as_ref().is_some_and(|words| library_meaning(words.exact()).is_some());
    if is_fault && !is_told {
        return Answer::silence(failure);
    }
    Answer::from_failure(failure)
}

#[async_trait]
impl Reads for Zapi {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    fn budget(&self) -> watch::Receiver<Option<Budget>> {
        self.http.budget()
    }

    async fn connection(&self) -> Result<Connection, Failure> {
        let state = self.status(self.timeouts.request).await?;
        // The number is read again: another one may have been connected meanwhile.
        let number = match state {
            ConnectionState::Connected => self.read_own_number().await.ok().flatten(),
            _ => None,
        };
        Ok(Connection { state, number: number.as_deref().map(Name::new) })
    }

    async fn number(&self) -> Result<Option<Name>, Failure> {
        match self.status(self.timeouts.request).await? {
            ConnectionState::Connected => Ok(self.read_own_number().await?.as_deref().map(Name::new)),
            _ => Err(Failure::new(FailureKind::NotConnected)),
        }
    }

    async fn communities(&self) -> Result<Vec<CommunityRef>, Failure> {
        Ok(read::communities(self.pages("communities", "id", read::listed_community).await?.into_items()))
    }

    async fn groups(&self) -> Result<GroupList, Failure> {
        let begun = self.now();
        let pages = self.pages("groups", "phone", read::listed_group).await?;
        let is_cut = pages.may_be_cut();
        within_names(GroupList { is_cut, ..read::groups(pages.into_items(), begun) })
    }

    async fn listing(&self, community: &CommunityId) -> Result<CommunityListing, Failure> {
        let begun = self.now();
        let operation = format!("communities-metadata/{}", encoded(community.as_str()));
        let (body, lists) = self.get_list(&operation, Size::Answer, "subGroups", read::subgroup).await?;
        match read::listing(&body, lists.at("subGroups"), community, begun).and_then(within_listed) {
            Ok(listing) => Ok(listing),
            Err(failure) => Err(self.explained(failure).await),
        }
    }

    async fn probe(&self, _group: &GroupId) -> Probe {
        // On this gateway a community's id is never a group's id, so no group can be a community.
        Probe::Failed(Failure::new(FailureKind::Unsupported))
    }

    async fn details(&self, group: &GroupId) -> Result<GroupDetails, Failure> {
        let details = self.light_details(group).await?;
        let begun = self.now();
        let has_invite_link = self.links.has_link(&details, begun, self.fetch_invite_link(group)).await?;
        Ok(GroupDetails { has_invite_link, ..details })
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
        self.listing(&Self::community_named(given)?).await
    }
}

#[async_trait]
impl Writes for Zapi {
    async fn link(&self, community: &CommunityId, group: &GroupId) -> Answer {
        self.change("communities/link", community, group).await
    }

    async fn unlink(&self, community: &CommunityId, group: &GroupId) -> Answer {
        self.change("communities/unlink", community, group).await
    }

    async fn leave(&self, group: &GroupId) -> Answer {
        self.post("leave-group", json!({ "groupId": group.as_str() })).await
    }

    async fn connect(&self, way: &Way) -> Result<Offer, Failure> {
        self.begin_connecting(way).await
    }

    async fn join(&self, _group: &GroupId, link: &InviteLink) -> Answer {
        // A GET that changes state (`docs/gateways/zapi.md`, 8.6): a write in everything but its method.
        let operation = format!("accept-invite-group?url={}", encoded(link.expose()));
        let answer = self.write(Call::get(self.path(&operation), self.timeouts.request)).await;
        Answer { failure: answer.failure.map(|failure| unlinked(failure, link)), ..answer }
    }
}
