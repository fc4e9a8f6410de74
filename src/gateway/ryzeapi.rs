//! `RyzeAPI`: the paths that Synod uses, and the claims of their answers (`docs/gateways/ryzeapi.md`).
//!
//! Ten routes and no more: instance list, connect and reconnect, group list, group info, listSubGroups, community link and
//! unlink, leave, join.
//! `wire` owns the JSON shapes, `read` the meaning of reads, `speech` the meaning of texts; `pair` connects and finds.

mod pair;
mod read;
mod speech;
mod wire;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use http::Method;
use serde_json::{Value, json};
use tokio::sync::{Mutex, watch};

use super::{
    Answer, Reads, Writes,
    http::{Body, Call, Http, Unsuccessful, encoded},
    invite::{SeenLinks, unlinked},
    json::Named,
    source::{Lists, Source, complete, within_listed, within_names},
    words::is_from_the_library,
};
use crate::domain::{
    budget::Budget,
    capability::{Capabilities, LastSubgroup},
    community::{CommunityListing, CommunityRef, GroupDetails, GroupList},
    failure::{Failure, FailureKind},
    id::{CommunityId, GroupId},
    instance::Connection,
    invite::InviteLink,
    pairing::{ListedInstance, Offer, Pairing, Way},
    private::Private,
    reading::Probe,
    settings::Timeouts,
    time::Millis,
    vitals::Vitals,
};

/// A client of one `RyzeAPI` instance.
pub(crate) struct RyzeApi {
    http: Http,
    /// The instance's name, as the list of instances gives it.
    name: String,
    path_name: String,
    timeouts: Timeouts,
    own: Mutex<Own>,
    links: SeenLinks,
}

/// The places where the list of subgroups may be.
const SUBGROUPS: [&str; 3] = ["subgroups", "data", "data.subgroups"];

/// The places where the list of instances may be.
const INSTANCES: [&str; 3] = ["instances", "data", "data.instances"];

/// The instance's own number, once it has been requested.
#[derive(Default)]
struct Own {
    number: Option<String>,
    was_asked: bool,
}

impl RyzeApi {
    pub(crate) const CAPABILITIES: Capabilities = Capabilities {
        lists_communities: false,
        links: true,
        unlinks: true,
        listings_from_groups: false,
        announcements_in_listing: true,
        most_listed: None,
        leaves_communities: true,
        community_may_pass_for_group: true,
        lists_every_subgroup: false,
        group_list_shows_membership: true,
        last_subgroup: LastSubgroup::Risky,
        requests_per_minute: Some(100),
        gives_reasons: false,
        // A QR code is replaced after about 20 s (`docs/gateways/ryzeapi.md`, 7.2); no limit on codes is documented.
        pairing: Pairing {
            gives_codes: true,
            reconnects: true,
            lists_instances: true,
            qr_lasts: Duration::from_secs(20),
            most_qrs: 6,
        },
    };

    pub(crate) fn new(http: Http, name: String, timeouts: Timeouts) -> Self {
        Self {
            http,
            path_name: encoded(&name),
            name,
            timeouts,
            own: Mutex::default(),
            links: SeenLinks::default(),
        }
    }

    fn now(&self) -> Millis {
        self.http.clock.now()
    }

    /// The path of a module's action on this instance, with its query parameters.
    fn path(&self, action: &str, query: &[(&str, &str)]) -> String {
        let mut path = format!("/api/{action}/{}", self.path_name);
        for (at, (name, value)) in query.iter().enumerate() {
            path.push(if at == 0 { '?' } else { '&' });
            path.push_str(name);
            path.push('=');
            path.push_str(&encoded(value));
        }
        path
    }

    /// The answer to a read. A body that reports no success is a failure, whatever the status.
    async fn get(&self, path: String, timeout: Duration) -> Result<Value, Failure> {
        self.get_fully(path, timeout).await.map_err(|response| response.failure)
    }

    /// Like [`Self::get`], but a failure includes the body of the answer.
    async fn get_fully(&self, path: String, timeout: Duration) -> Result<Value, Unsuccessful> {
        self.check_success(self.http.ask_fully(Call::get(path, timeout), &speech::DIALECT).await?)
    }

    /// Like [`Self::get`] for a list: the answer without its entries, and the value that `read` made of each entry.
    async fn get_list<T: Send + 'static>(
        &self,
        call: Call,
        places: [&'static str; 3],
        read: fn(&Value) -> T,
    ) -> Result<(Value, Lists<T>), Unsuccessful> {
        let read = move |source: &Source<'_>| source.lists(&places, read);
        let (body, lists) = self.http.ask_reading(call, &speech::DIALECT, read).await?;
        Ok((self.check_success(body)?, lists))
    }

    /// The list of instances.
    async fn get_instances(
        &self,
        path: String,
    ) -> Result<(Value, Lists<Option<wire::WireInstance>>), Failure> {
        let listed = self.get_list(Call::list(path, self.timeouts.request), INSTANCES, wire::instance).await;
        listed.map_err(|response| response.failure)
    }

    /// The body, unless it reports no success, or contains an error without reporting success.
    fn check_success(&self, body: Value) -> Result<Value, Unsuccessful> {
        let success = wire::success(&body);
        if success == Some(false) || (success.is_none() && wire::has_error(&body)) {
            let words = wire::words(&body).unwrap_or_default();
            let kind = self.http.meaning(200, words, &speech::DIALECT).unwrap_or(FailureKind::GatewayError);
            let failure = self.http.failure(kind, words).with_status(200);
            return Err(Unsuccessful { failure, body: Body::Json(body) });
        }
        Ok(body)
    }

    async fn fetch_connection(&self) -> Result<Connection, Failure> {
        // This path has no instance in it: the name is a filter, which an instance's own token ignores.
        let path = format!("/api/instance/list?instanceName={}", self.path_name);
        let (body, lists) = self.get_instances(path).await.map_err(|mut failure| {
            // If the gateway itself said "not found", it can only mean the requested name.
            if failure.kind == FailureKind::NotFound && failure.status == Some(404) && failure.words.is_some()
            {
                failure.kind = FailureKind::UnknownInstance;
            }
            failure
        })?;
        Ok(self.scrubbed(read::connection(&body, lists, &self.name)?))
    }

    /// The own number for comparing; requested once if nobody has read the connection yet.
    async fn own_number(&self) -> Option<String> {
        let mut own = self.own.lock().await;
        if !own.was_asked {
            own.was_asked = true;
            own.number = self.fetch_connection().await.ok().and_then(|response| number_of(&response));
        }
        own.number.clone()
    }

    async fn subgroups(&self, community: &CommunityId) -> Result<read::Subgroups, Unsuccessful> {
        let begun = self.now();
        let path = self.path("community/listSubGroups", &[("communityJid", community.as_str())]);
        // The gateway seems to fetch all groups for it, so it may take as long as the list of groups.
        let (body, lists) =
            self.get_list(Call::get(path, self.timeouts.list), SUBGROUPS, read::subgroup).await?;
        let read::Subgroups { entries, listing } = read::subgroups(&body, lists, community, begun)?;
        Ok(read::Subgroups { entries, listing: within_listed(listing)? })
    }

    /// Links or unlinks one group: one group per request, so that the answer is about this group alone.
    async fn change(&self, action: &str, community: &CommunityId, group: &GroupId) -> Answer {
        let body = json!({ "communityJid": community.as_str(), "groupJid": [group.as_str()] });
        let call = Call::post(self.path(action, &[]), Some(body), self.timeouts.request);
        match self.http.ask(call, &speech::DIALECT).await {
            Ok(body) => self.change_claim(&body, group),
            Err(failure) => Answer::from_failure(failure),
        }
    }

    /// The claim that the answer to a link or an unlink makes about its group: yes if the group is only in `linked`, no if it
    /// is only in `failed`, otherwise silence. The status and `success` alone claim nothing.
    fn change_claim(&self, body: &Value, group: &GroupId) -> Answer {
        let moved = wire::moved(body, group);
        match (moved.is_in_linked, moved.is_in_failed) {
            (true, false) => Answer::yes(),
            (false, true) => self.refused(moved.reason.as_deref().unwrap_or_default()),
            (false, false) => match wire::error_text(body).filter(|_| wire::success(body) != Some(true)) {
                Some(words) => self.refused(words),
                // The message is about all requested groups, and would be taken for one about this group.
                None => Answer::silence(Failure::new(FailureKind::Unmentioned).with_status(200)),
            },
            (true, true) => self.silence(body),
        }
    }

    /// The claim that the answer to a leave or a join makes about its group.
    fn one_group_claim(&self, body: &Value, group: &GroupId) -> Answer {
        let is_another = wire::named_in_a_claim(body, group) == Named::Another;
        match wire::success(body) {
            Some(true) if is_another => self.silence(body),
            Some(true) => Answer::yes(),
            // For a single group this is a plain no.
            Some(false) => self.refused(wire::words(body).unwrap_or_default()),
            None => self.error_or_silence(body),
        }
    }

    fn error_or_silence(&self, body: &Value) -> Answer {
        match wire::error_text(body) {
            Some(words) => self.refused(words),
            None => self.silence(body),
        }
    }

    /// A no within a successful answer, unless its words leave open whether the request was carried out.
    fn refused(&self, words: &str) -> Answer {
        let kind = self.http.meaning(200, words, &speech::DIALECT).unwrap_or(FailureKind::Refused);
        Answer::from_failure(self.http.failure(kind, words).with_status(200))
    }

    fn silence(&self, body: &Value) -> Answer {
        Answer::silence(self.http.failure(FailureKind::Malformed, wire::message(body)).with_status(200))
    }
}

fn number_of(connection: &Connection) -> Option<String> {
    connection.number.as_ref().map(|number| number.exact().to_owned())
}

#[async_trait]
impl Reads for RyzeApi {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    fn budget(&self) -> watch::Receiver<Option<Budget>> {
        self.http.budget()
    }

    async fn connection(&self) -> Result<Connection, Failure> {
        // Other readers of the own number wait for this answer instead of sending another request.
        let mut own = self.own.lock().await;
        let connection = self.fetch_connection().await?;
        *own = Own { number: number_of(&connection), was_asked: true };
        Ok(connection)
    }

    async fn communities(&self) -> Result<Vec<CommunityRef>, Failure> {
        Err(Failure::new(FailureKind::Unsupported))
    }

    async fn groups(&self) -> Result<GroupList, Failure> {
        let begun = self.now();
        let path = self.path("group/list", &[("includeMembers", "false")]);
        // This makes no extra request for the number: the caller did not ask for the members.
        let own = self.own.lock().await.number.clone();
        let stream_lists = move |source: &Source<'_>| read::stream_groups(source, own.as_deref());
        let asked =
            self.http.ask_reading(Call::list(path, self.timeouts.list), &speech::DIALECT, stream_lists).await;
        let (body, lists) = asked.map_err(|response| response.failure)?;
        let body = self.check_success(body).map_err(|response| response.failure)?;
        lists.list(&body, begun).and_then(within_names)
    }

    async fn listing(&self, community: &CommunityId) -> Result<CommunityListing, Failure> {
        let read = self.subgroups(community).await.map_err(|response| response.failure)?;
        complete(read.listing, &Self::CAPABILITIES)
    }

    async fn probe(&self, group: &GroupId) -> Probe {
        match self.subgroups(&CommunityId::from(group)).await {
            Ok(read) if read.listing.announcements.is_some() => Probe::Community(Arc::new(read.listing)),
            Ok(read) => {
                let failure = Failure::new(FailureKind::NoListing).with_status(200);
                if read.entries == Some(0) { Probe::Nothing(failure) } else { Probe::Failed(failure) }
            }
            Err(response) if says_no_community(&response) => Probe::Nothing(response.failure),
            Err(response) => Probe::Failed(response.failure),
        }
    }

    async fn details(&self, group: &GroupId) -> Result<GroupDetails, Failure> {
        let own = self.own_number().await;
        let query = [("identifier", group.as_str()), ("participants", "true")];
        let begun = self.now();
        let body = self.get(self.path("group/info", &query), self.timeouts.request).await?;
        let details = read::details(&body, group, own.as_deref())?;
        self.links.note(group, read::invite_link(&body, group)?, begun);
        Ok(details)
    }

    async fn invited(&self, link: &InviteLink) -> Result<GroupDetails, Failure> {
        let own = self.own_number().await;
        let query = [("identifier", link.expose()), ("participants", "true")];
        let read = self.get(self.path("group/info", &query), self.timeouts.request).await;
        let body = read.map_err(|failure| unlinked(failure, link))?;
        read::invited(&body, own.as_deref())
    }

    fn vitals(&self) -> Vitals {
        self.http.vitals()
    }

    async fn invite_link(&self, group: &GroupId) -> Result<Option<InviteLink>, Failure> {
        if let Some(seen) = self.links.take(group, self.now()) {
            return Ok(seen.link);
        }
        let query = [("identifier", group.as_str()), ("participants", "false")];
        let body = self.get(self.path("group/info", &query), self.timeouts.request).await?;
        read::invite_link(&body, group)
    }

    async fn instances(&self) -> Result<Vec<ListedInstance>, Failure> {
        self.listed_instances().await
    }

    async fn find_community(&self, given: &Private) -> Result<CommunityListing, Failure> {
        let community = self.community_named(given).await?;
        self.listing(&community).await
    }
}

#[async_trait]
impl Writes for RyzeApi {
    async fn link(&self, community: &CommunityId, group: &GroupId) -> Answer {
        self.change("community/link", community, group).await
    }

    async fn unlink(&self, community: &CommunityId, group: &GroupId) -> Answer {
        self.change("community/unlink", community, group).await
    }

    async fn leave(&self, group: &GroupId) -> Answer {
        let path = self.path("group/leave", &[("identifier", group.as_str())]);
        let call = Call { method: Method::DELETE, ..Call::get(path, self.timeouts.request) };
        match self.http.ask(call, &speech::DIALECT).await {
            Ok(body) => self.one_group_claim(&body, group),
            Err(failure) => Answer::from_failure(failure),
        }
    }

    async fn leave_community(&self, community: &CommunityId) -> Answer {
        self.leave(&community.as_group()).await
    }

    async fn connect(&self, way: &Way) -> Result<Offer, Failure> {
        self.begin_connecting(way).await
    }

    async fn join(&self, group: &GroupId, link: &InviteLink) -> Answer {
        let body = json!({ "identifier": link.expose() });
        let call = Call::post(self.path("group/join", &[]), Some(body), self.timeouts.request);
        match self.http.ask(call, &speech::DIALECT).await {
            // An answer that waits for an admin's approval is a yes too; the list of groups shows the result.
            Ok(body) => {
                let Answer { claim, failure } = self.one_group_claim(&body, group);
                Answer { claim, failure: failure.map(|failure| unlinked(failure, link)) }
            }
            Err(failure) => Answer::from_failure(unlinked(failure, link)),
        }
    }
}

/// Whether a failed probe is the gateway's way of saying that this is not a community. The gateway must have said it, in its
/// own error envelope: a proxy's answer with the same status, a page or JSON, proves nothing.
///
/// General errors of the underlying library, such as a time-out or an item not found, prove nothing either.
fn says_no_community(response: &Unsuccessful) -> bool {
    let Some(words) = response.body.json().and_then(wire::own_error) else { return false };
    let is_no = match response.failure.kind {
        FailureKind::Refused => response.failure.status == Some(400),
        FailureKind::NotFound | FailureKind::NotMember => response.failure.status == Some(404),
        // In plain words.
        FailureKind::NotACommunity => matches!(response.failure.status, Some(200 | 400 | 404)),
        _ => false,
    };
    is_no && !speech::speaks_of_the_way(words) && !is_from_the_library(words)
}
