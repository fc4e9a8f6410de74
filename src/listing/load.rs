//! Loads an instance for the screen: results are reported as they arrive, the quick ones first.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};

use super::{SIDE_BY_SIDE, reserve::wait_for_budget};
use crate::{
    clock::Clock,
    domain::{
        community::{CommunityRef, GroupKind, GroupList, GroupRef, Groups},
        failure::{Failure, FailureKind},
        id::CommunityId,
        name::Name,
        reading::{Loaded, Reading, Scope},
    },
    gateway::{self, Reads},
};

/// Reads the connection, then the communities (if the gateway lists them), the groups, and the listings of the communities that
/// are already known or that these reads show; a community that is still without a name gets one from its details.
///
/// A failure that would affect all the rest ends the load. Dropping the future cancels it; [`Loaded::Done`] is always last.
/// Numerous reads wait while the token's budget is low, so that running writes and their read-backs still fit. The list is
/// prepared to replace the groups that are `held`.
pub async fn load(
    gateway: &dyn Reads,
    clock: Clock,
    (known, which): (Vec<CommunityRef>, WhichListings),
    held: Option<Groups>,
    mut out: impl FnMut(Loaded) + Send,
) {
    let connection = gateway.connection().await;
    let is_over = stops(&connection);
    out(Loaded::Connection(connection));
    if !is_over {
        let mut load = Load::new(gateway, clock, which, &mut out);
        for community in known {
            load.learn(community);
        }
        load.run(held).await;
    }
    out(Loaded::Done);
}

/// Reads the list of groups. A long one is compared with the groups that it replaces on another thread, so that keys are still
/// handled.
async fn groups(gateway: &dyn Reads, held: Option<Groups>) -> Result<Arc<GroupList>, Failure> {
    let mut list = gateway.groups().await?;
    if let Some(held) = held {
        let groups = std::mem::take(&mut list.groups);
        list.groups = if groups.len() <= AT_ONCE {
            groups.replacing(&held)
        } else {
            let prepared = tokio::task::spawn_blocking(move || groups.replacing(&held)).await;
            prepared.map_err(|_| Failure::new(FailureKind::Dropped))?
        };
    }
    Ok(Arc::new(list))
}

fn stops<T>(read: &Result<T, Failure>) -> bool {
    read.as_ref().is_err_and(Failure::stops_everything)
}

/// A longer list of groups is not compared on the thread that handles keys.
const AT_ONCE: usize = 1_000;

/// Whether a name shows anything; otherwise it is looked for elsewhere.
fn is_name(name: &Name) -> bool {
    !name.shown().is_empty()
}

/// One finished read.
enum Ended {
    Read(Reading),
    Name(CommunityId, Option<Name>),
}

/// A community of this load.
struct Entry {
    id: CommunityId,
    has_name: bool,
}

struct Load<'a, Out> {
    gateway: &'a dyn Reads,
    clock: Clock,
    which: WhichListings,
    out: &'a mut Out,
    known: Vec<Entry>,
    /// The position of each, by its id without the suffix.
    places: HashMap<String, usize>,
    to_list: VecDeque<CommunityId>,
    reads: FuturesUnordered<BoxFuture<'a, Ended>>,
    /// Concurrent reads of one community each; only these are limited.
    listings: usize,
    /// Whether the list of groups may make listings unnecessary, and is not there yet.
    awaits_list: bool,
}

/// The listings that a load reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichListings {
    All,
    /// Those that say more than the list of groups: a list may say which groups are in each community, and a listing may show
    /// no more than the groups that the number is in.
    Needed,
}

impl WhichListings {
    /// Whether the list of groups may make listings unnecessary.
    fn depend_on_list(self, gateway: &dyn Reads) -> bool {
        self == Self::Needed && !gateway.capabilities().lists_every_subgroup
    }
}

impl<'a, Out: FnMut(Loaded) + Send> Load<'a, Out> {
    fn new(gateway: &'a dyn Reads, clock: Clock, which: WhichListings, out: &'a mut Out) -> Self {
        Self {
            gateway,
            clock,
            which,
            out,
            known: Vec::new(),
            places: HashMap::new(),
            to_list: VecDeque::new(),
            reads: FuturesUnordered::new(),
            listings: 0,
            awaits_list: false,
        }
    }

    async fn run(mut self, held: Option<Groups>) {
        let gateway = self.gateway;
        // A gateway rarely begins or ceases to give the fields.
        let earlier = held.clone().map(|groups| GroupList { groups, ..GroupList::default() });
        self.awaits_list =
            self.which.depend_on_list(gateway) && earlier.is_none_or(|earlier| earlier.says_places());
        let capabilities = gateway.capabilities();
        if capabilities.lists_communities && !capabilities.listings_from_groups {
            self.reads
                .push(Box::pin(async { Ended::Read(gateway::read_one(gateway, &Scope::Communities).await) }));
        }
        self.reads.push(Box::pin(async { Ended::Read(Reading::Groups(groups(gateway, held).await)) }));
        if self.drain().await {
            self.ask_for_names().await;
        }
    }

    /// Takes results until nothing is left to read; false if a failure ended it early.
    async fn drain(&mut self) -> bool {
        loop {
            self.begin_listings();
            let Some(ended) = self.reads.next().await else { return true };
            if self.take(ended) {
                return false;
            }
        }
    }

    fn begin_listings(&mut self) {
        let (gateway, clock) = (self.gateway, self.clock);
        if gateway.capabilities().listings_from_groups {
            return;
        }
        while self.listings < SIDE_BY_SIDE
            && !self.awaits_list
            && let Some(id) = self.to_list.pop_front()
        {
            self.listings += 1;
            self.reads.push(Box::pin(async move {
                wait_for_budget(gateway, clock).await;
                Ended::Read(gateway::read_one(gateway, &Scope::Community(id)).await)
            }));
        }
    }

    /// Reports a result and learns from it; true if all other reads would meet the same failure.
    fn take(&mut self, ended: Ended) -> bool {
        match ended {
            Ended::Read(Reading::Communities(read)) => {
                let is_over = stops(&read);
                for community in read.iter().flatten() {
                    self.learn(community.clone());
                }
                (self.out)(Loaded::Communities(read));
                is_over
            }
            Ended::Read(Reading::Groups(read)) => {
                let is_over = stops(&read);
                self.awaits_list = false;
                if let Ok(list) = &read {
                    self.learn_from(list);
                }
                (self.out)(Loaded::Groups(read.clone()));
                if self.gateway.capabilities().listings_from_groups {
                    self.derive(&read);
                }
                is_over
            }
            Ended::Read(Reading::Community(id, read)) => {
                self.listings -= 1;
                let is_over = stops(&read);
                let gives_name =
                    read.as_ref().is_ok_and(|listing| listing.name.as_ref().is_some_and(is_name));
                if let Some(at) = self.places.get(id.bare()) {
                    self.known[*at].has_name |= gives_name;
                }
                (self.out)(Loaded::Community(id, read));
                is_over
            }
            // A load reads nothing else.
            Ended::Read(_) => false,
            Ended::Name(id, name) => {
                self.listings -= 1;
                if let Some(name) = name {
                    (self.out)(Loaded::Name(id, name));
                }
                false
            }
        }
    }

    /// Reports what the list of groups says about the communities.
    fn derive(&mut self, groups: &Result<Arc<GroupList>, Failure>) {
        (self.out)(Loaded::Communities(groups.as_ref().map(|list| list.communities()).map_err(Clone::clone)));
        while let Some(id) = self.to_list.pop_front() {
            let listing = groups.as_ref().map_err(Clone::clone).and_then(|list| list.listing(&id));
            (self.out)(Loaded::Community(id, listing.map(Arc::new)));
        }
    }

    /// Makes a community known, once; its listing is read in its turn.
    fn learn(&mut self, community: CommunityRef) {
        let has_name = community.name.as_ref().is_some_and(is_name);
        if let Some(at) = self.places.get(community.id.bare()) {
            self.known[*at].has_name |= has_name;
        } else {
            self.places.insert(community.id.bare().to_owned(), self.known.len());
            self.to_list.push_back(community.id.clone());
            self.known.push(Entry { id: community.id, has_name });
        }
    }

    /// Learns the communities that the list of groups shows, and the names of those that are in it.
    fn learn_from(&mut self, list: &GroupList) {
        for group in list.groups.iter().filter(|group| group.kind() == GroupKind::Community) {
            let id = CommunityId::from(&group.to_id());
            self.learn(CommunityRef { id, name: Some(group.name().to_name()) });
        }
        for parent in list.groups.communities() {
            self.learn(CommunityRef { id: parent.clone(), name: None });
        }
        for known in &mut self.known {
            let own = list.groups.find_same(known.id.as_str());
            known.has_name |= own.is_some_and(|group| !group.name().shown().is_empty());
        }
        if self.which.depend_on_list(self.gateway) && list.says_places() {
            let shown = list.groups.communities().iter().map(CommunityId::bare);
            let shown: HashSet<&str> = shown.collect();
            let is_shown = |id: &CommunityId| {
                let own = list.groups.find_same(id.as_str()).map(GroupRef::kind);
                shown.contains(id.bare()) || own == Some(GroupKind::Community)
            };
            self.to_list.retain(|id| !is_shown(id));
        }
    }

    /// Requests the details of communities without a name; after a failure they stay without one.
    async fn ask_for_names(&mut self) {
        // A group's details can be a community's own only if a community is itself a group.
        if !self.gateway.capabilities().community_may_pass_for_group {
            return;
        }
        let (gateway, clock) = (self.gateway, self.clock);
        let mut nameless: VecDeque<CommunityId> =
            self.known.iter().filter(|entry| !entry.has_name).map(|entry| entry.id.clone()).collect();
        loop {
            while self.listings < SIDE_BY_SIDE
                && let Some(id) = nameless.pop_front()
            {
                self.listings += 1;
                self.reads.push(Box::pin(async move {
                    let group = id.as_group();
                    wait_for_budget(gateway, clock).await;
                    let details = gateway.details(&group).await.ok();
                    let name = details.map(|details| details.name).filter(is_name);
                    Ended::Name(id, name)
                }));
            }
            let Some(ended) = self.reads.next().await else { return };
            self.take(ended);
        }
    }
}
