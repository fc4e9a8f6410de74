//! `RyzeAPI`: the paths that Synod uses, and what their answers claim (`docs/gateways/ryzeapi.md`).
//!
//! Ten routes and no more: instance list, connect and reconnect, group list, group info, listSubGroups, community link and
//! unlink, leave, join.
//! Shapes of JSON are `wire`'s, the meaning of reads is `read`'s, of texts `speech`'s; `pair` connects and finds.

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
    Answer, Gateway,
    http::{Body, Call, Http, Unsuccessful},
    invite::{SeenLinks, unlinked},
    json::Named,
    open::encoded,
    source::{Lists, Source, within_names},
    words::{is_from_the_library, says_not_a_community},
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
    /// The same for a path.
    path_name: String,
    timeouts: Timeouts,
    own: Mutex<Own>,
    links: SeenLinks,
}

/// Where the list of subgroups may stand.
const SUBGROUPS: [&str; 3] = ["subgroups", "data", "data.subgroups"];

/// Where the list of instances may stand.
const INSTANCES: [&str; 3] = ["instances", "data", "data.instances"];

/// The instance's own number, as far as it was asked for.
#[derive(Default)]
struct Own {
    number: Option<String>,
    was_asked: bool,
}

impl RyzeApi {
    pub(crate) const CAPABILITIES: Capabilities = Capabilities {
        lists_communities: false,
        leaves_communities: true,
        community_may_pass_for_group: true,
        lists_every_subgroup: false,
        group_list_shows_membership: true,
        last_subgroup: LastSubgroup::Risky,
        requests_per_minute: Some(100),
        gives_reasons: false,
        // A QR code is replaced after about 20 s (`docs/gateways/ryzeapi.md`, 7.2); how many may be asked for is not said.
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
        (self.http.now)()
    }

    /// A path of a module's action on this instance, with one parameter where there is one.
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

    /// A read's answer. A body that says that it is no success is a failure, whatever the status.
    async fn get(&self, path: String, timeout: Duration) -> Result<Value, Failure> {
        self.get_fully(path, timeout).await.map_err(|told| told.failure)
    }

    /// The same, with the body of an answer that is no success.
    async fn get_fully(&self, path: String, timeout: Duration) -> Result<Value, Unsuccessful> {
        self.said_well(self.http.ask_fully(Call::get(path, timeout), &speech::DIALECT).await?)
    }

    /// The same for a list: the answer without its entries, and what `read` made of each of them.
    async fn get_list<T: Send + 'static>(
        &self,
        path: String,
        timeout: Duration,
        places: [&'static str; 3],
        read: fn(&Value) -> T,
    ) -> Result<(Value, Lists<T>), Unsuccessful> {
        let read = move |source: &Source<'_>| source.lists(&places, read);
        let (body, lists) = self.http.ask_reading(Call::list(path, timeout), &speech::DIALECT, read).await?;
        Ok((self.said_well(body)?, lists))
    }

    /// The list of instances.
    async fn get_instances(
        &self,
        path: String,
    ) -> Result<(Value, Lists<Option<wire::WireInstance>>), Failure> {
        let listed = self.get_list(path, self.timeouts.request, INSTANCES, wire::instance).await;
        listed.map_err(|told| told.failure)
    }

    /// A body, unless it says that it is no success, or bears an error without saying that it is one.
    fn said_well(&self, body: Value) -> Result<Value, Unsuccessful> {
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
        // This path bears no instance: the name is a filter, which an instance's own token ignores.
        let path = format!("/api/instance/list?instanceName={}", self.path_name);
        let (body, lists) = self.get_instances(path).await.map_err(|mut failure| {
            // Only the name that was asked for can be what is not found, provided that the gateway itself said so.
            if failure.kind == FailureKind::NotFound && failure.status == Some(404) && failure.words.is_some()
            {
                failure.kind = FailureKind::UnknownInstance;
            }
            failure
        })?;
        Ok(self.scrubbed(read::connection(&body, lists, &self.name)?))
    }

    /// The own number for comparing, asked for once where nobody has read the connection yet.
    async fn own_number(&self) -> Option<String> {
        let mut own = self.own.lock().await;
        if !own.was_asked {
            own.was_asked = true;
            own.number = self.fetch_connection().await.ok().and_then(|told| number_of(&told));
        }
        own.number.clone()
    }

    async fn subgroups(&self, community: &CommunityId) -> Result<read::Subgroups, Unsuccessful> {
        let begun = self.now();
        let path = self.path("community/listSubGroups", &[("communityJid", community.as_str())]);
        // The gateway seems to fetch all groups for it, so that it may take as long as their list.
        let (body, lists) = self.get_list(path, self.timeouts.list, SUBGROUPS, read::subgroup).await?;
        Ok(read::subgroups(&body, lists, community, begun)?)
    }

    /// Links or unlinks one group: one a request, so that what comes back is this group's alone.
    async fn change(&self, action: &str, community: &CommunityId, group: &GroupId) -> Answer {
        let body = json!({ "communityJid": community.as_str(), "groupJid": [group.as_str()] });
        let call = Call::post(self.path(action, &[]), Some(body), self.timeouts.request);
        match self.http.ask(call, &speech::DIALECT).await {
            Ok(body) => self.change_claim(&body, group),
            Err(failure) => Answer::from_failure(failure),
        }
    }

    /// What a link or an unlink claims of its group: in `linked` alone it is done, in `failed` alone it is not, and
    /// anything else is silence. The status and `success` claim nothing by themselves.
    fn change_claim(&self, body: &Value, group: &GroupId) -> Answer {
        let moved = wire::moved(body, group);
        match (moved.is_in_linked, moved.is_in_failed) {
            (true, false) => Answer::yes(),
            (false, true) => self.refused(moved.reason.as_deref().unwrap_or_default()),
            (false, false) => match wire::error_text(body).filter(|_| wire::success(body) != Some(true)) {
                Some(words) => self.refused(words),
                // The message speaks of all that were asked for, and would pass for this group's own.
                None => Answer::silence(Failure::new(FailureKind::Unmentioned).with_status(200)),
            },
            (true, true) => self.silence(body),
        }
    }

    /// What a leave or a join claims of its group.
    fn one_group_claim(&self, body: &Value, group: &GroupId) -> Answer {
        let is_another = wire::named_in_a_claim(body, group) == Named::Another;
        match wire::success(body) {
            Some(true) if is_another => self.silence(body),
            Some(true) => Answer::yes(),
            // Of one group it is a plain no.
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

    /// A no within an answer that came well, unless its words leave open what became of the request.
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
impl Gateway for RyzeApi {
    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    fn budget(&self) -> watch::Receiver<Option<Budget>> {
        self.http.budget()
    }

    async fn connection(&self) -> Result<Connection, Failure> {
        // Whoever needs the own number meanwhile waits for this answer instead of asking too.
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
        // No request of its own for the number: the members that it would be sought among were not asked for.
        let own = self.own.lock().await.number.clone();
        let sift = move |source: &Source<'_>| read::sift_groups(source, own.as_deref());
        let asked = self.http.ask_reading(Call::list(path, self.timeouts.list), &speech::DIALECT, sift).await;
        let (body, lists) = asked.map_err(|told| told.failure)?;
        let body = self.said_well(body).map_err(|told| told.failure)?;
        lists.list(&body, begun).and_then(within_names)
    }

    async fn listing(&self, community: &CommunityId) -> Result<CommunityListing, Failure> {
        let denied = |told: Unsuccessful| {
            if says_no_community(&told) { not_a_community(told.failure) } else { told.failure }
        };
        let listing = self.subgroups(community).await.map_err(denied)?.listing;
        if listing.announcements.is_none() {
            return Err(Failure::new(FailureKind::NoListing).with_status(200));
        }
        Ok(listing)
    }

    async fn probe(&self, group: &GroupId) -> Probe {
        match self.subgroups(&CommunityId::from(group)).await {
            Ok(read) if read.listing.announcements.is_some() => Probe::Community(Arc::new(read.listing)),
            Ok(read) => {
                let failure = Failure::new(FailureKind::NoListing).with_status(200);
                if read.entries == Some(0) { Probe::Nothing(failure) } else { Probe::Failed(failure) }
            }
            Err(told) if says_no_community(&told) => Probe::Nothing(not_a_community(told.failure)),
            Err(told) => Probe::Failed(told.failure),
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

    async fn connect(&self, way: &Way) -> Result<Offer, Failure> {
        self.begin_connecting(way).await
    }

    async fn find_community(&self, given: &Private) -> Result<CommunityListing, Failure> {
        let community = self.community_named(given).await?;
        self.listing(&community).await
    }

    async fn join(&self, group: &GroupId, link: &InviteLink) -> Answer {
        let body = json!({ "identifier": link.expose() });
        let call = Call::post(self.path("group/join", &[]), Some(body), self.timeouts.request);
        match self.http.ask(call, &speech::DIALECT).await {
            // An answer that waits for an admin's consent is a yes too: what came of it the list of groups shows.
            Ok(body) => {
                let Answer { claim, failure } = self.one_group_claim(&body, group);
                Answer { claim, failure: failure.map(|failure| unlinked(failure, link)) }
            }
            Err(failure) => Answer::from_failure(unlinked(failure, link)),
        }
    }
}

/// The failure of a probe, with the kind of one whose words say that there is no community.
fn not_a_community(failure: Failure) -> Failure {
    let is_said = failure.words.as_ref().is_some_and(|words| says_not_a_community(words.exact()));
    Failure { kind: if is_said { FailureKind::NotACommunity } else { failure.kind }, ..failure }
}

/// Whether a failed probe is the gateway's way of saying that it is no community. It must be the gateway's, in the
/// envelope of its errors: what a proxy answers with the same status, a page or JSON, proves nothing.
///
/// Nor does what the library underneath says in general, such as that it timed out or found no item.
fn says_no_community(told: &Unsuccessful) -> bool {
    let Some(words) = told.body.json().and_then(wire::own_error) else { return false };
    let is_no = match told.failure.kind {
        FailureKind::Refused => told.failure.status == Some(400),
        FailureKind::NotFound | FailureKind::NotMember => told.failure.status == Some(404),
        FailureKind::GatewayError => told.failure.status == Some(200) && says_not_a_community(words),
        _ => false,
    };
    is_no && !speech::speaks_of_the_way(words) && !is_from_the_library(words)
}
