//! Loads an instance for the screen: results are handed on as they come, the quick ones first.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};

use super::{SIDE_BY_SIDE, reserve::wait_for_budget};
use crate::{
    domain::{
        community::{CommunityListing, CommunityRef, GroupKind, GroupList, Parent},
        failure::Failure,
        id::CommunityId,
        instance::Connection,
        name::Name,
    },
    gateway::{Gateway, Now},
};

/// A result of a load, in the order in which they come.
#[derive(Clone, Debug)]
pub enum Loaded {
    /// Whether the instance is connected.
    Connection(Result<Connection, Failure>),
    /// The communities, where the gateway lists them.
    Communities(Result<Vec<CommunityRef>, Failure>),
    /// The list of groups.
    Groups(Result<Arc<GroupList>, Failure>),
    /// A community's listing.
    Community(CommunityId, Result<Arc<CommunityListing>, Failure>),
    /// A name for a community that had none.
    Name(CommunityId, Name),
    /// Nothing more comes.
    Done,
}

/// Reads the connection, then the communities where the gateway lists them, the groups, and the listing of every
/// community that is known already or shown by what was read; a community that is left without a name gets one from
/// its details.
///
/// A failure that would meet all the rest ends it. Dropping the future cancels it; [`Loaded::Done`] is always last.
/// What there are many of waits while the token's budget is low, so that running writes and their looks still fit.
pub async fn load(
    gateway: &Arc<dyn Gateway>,
    now: &Now,
    known: Vec<CommunityRef>,
    mut out: impl FnMut(Loaded) + Send,
) {
    let connection = gateway.connection().await;
    let is_over = stops(&connection);
    out(Loaded::Connection(connection));
    if !is_over {
        let mut load = Load::new(gateway, now, &mut out);
        for community in known {
            load.learn(community);
        }
        load.run().await;
    }
    out(Loaded::Done);
}

fn stops<T>(read: &Result<T, Failure>) -> bool {
    read.as_ref().is_err_and(Failure::stops_everything)
}

/// Whether a name shows anything: one that does not is asked for elsewhere.
fn is_name(name: &Name) -> bool {
    !name.shown().is_empty()
}

/// One read that ended.
enum Ended {
    Communities(Result<Vec<CommunityRef>, Failure>),
    Groups(Result<GroupList, Failure>),
    Community(CommunityId, Result<CommunityListing, Failure>),
    Name(CommunityId, Option<Name>),
}

/// A community of this load.
struct Entry {
    id: CommunityId,
    has_name: bool,
}

struct Load<'a, Out> {
    gateway: &'a Arc<dyn Gateway>,
    now: &'a Now,
    out: &'a mut Out,
    known: Vec<Entry>,
    /// Where each stands, by its id without the suffix.
    places: HashMap<String, usize>,
    to_list: VecDeque<CommunityId>,
    reads: FuturesUnordered<BoxFuture<'a, Ended>>,
    /// Reads of one community each that are under way; only these are bounded.
    listings: usize,
}

impl<'a, Out: FnMut(Loaded) + Send> Load<'a, Out> {
    fn new(gateway: &'a Arc<dyn Gateway>, now: &'a Now, out: &'a mut Out) -> Self {
        Self {
            gateway,
            now,
            out,
            known: Vec::new(),
            places: HashMap::new(),
            to_list: VecDeque::new(),
            reads: FuturesUnordered::new(),
            listings: 0,
        }
    }

    async fn run(mut self) {
        let gateway = self.gateway;
        if gateway.capabilities().lists_communities {
            self.reads.push(Box::pin(async { Ended::Communities(gateway.communities().await) }));
        }
        self.reads.push(Box::pin(async { Ended::Groups(gateway.groups().await) }));
        if self.drain().await {
            self.ask_for_names().await;
        }
    }

    /// Takes results until nothing is left to be read; false when a failure ended it early.
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
        let (gateway, now) = (self.gateway, self.now);
        while self.listings < SIDE_BY_SIDE
            && let Some(id) = self.to_list.pop_front()
        {
            self.listings += 1;
            self.reads.push(Box::pin(async move {
                wait_for_budget(gateway, now).await;
                let listing = gateway.listing(&id).await;
                Ended::Community(id, listing)
            }));
        }
    }

    /// Hands a result on and learns from it; true when everything else would meet the same failure.
    fn take(&mut self, ended: Ended) -> bool {
        match ended {
            Ended::Communities(read) => {
                let is_over = stops(&read);
                for community in read.iter().flatten() {
                    self.learn(community.clone());
                }
                (self.out)(Loaded::Communities(read));
                is_over
            }
            Ended::Groups(read) => {
                let is_over = stops(&read);
                if let Ok(list) = &read {
                    self.learn_from(list);
                }
                (self.out)(Loaded::Groups(read.map(Arc::new)));
                is_over
            }
            Ended::Community(id, read) => {
                self.listings -= 1;
                let is_over = stops(&read);
                let gives_name =
                    read.as_ref().is_ok_and(|listing| listing.name.as_ref().is_some_and(is_name));
                if let Some(at) = self.places.get(id.bare()) {
                    self.known[*at].has_name |= gives_name;
                }
                (self.out)(Loaded::Community(id, read.map(Arc::new)));
                is_over
            }
            Ended::Name(id, name) => {
                self.listings -= 1;
                if let Some(name) = name {
                    (self.out)(Loaded::Name(id, name));
                }
                false
            }
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

    /// Learns the communities that the list of groups shows, and the names of those that stand in it.
    fn learn_from(&mut self, list: &GroupList) {
        for group in &list.groups {
            if group.kind == GroupKind::Community {
                let id = CommunityId::from(&group.id);
                self.learn(CommunityRef { id, name: Some(group.name.clone()) });
            }
            if let Parent::Community(parent) = &group.parent {
                self.learn(CommunityRef { id: parent.clone(), name: None });
            }
        }
        for group in list.groups.iter().filter(|group| is_name(&group.name)) {
            if let Some(at) = self.places.get(group.id.bare()) {
                self.known[*at].has_name = true;
            }
        }
    }

    /// Asks for the details of what still has no name; a failure leaves it without.
    async fn ask_for_names(&mut self) {
        // Only where a community is itself a group can a group's details be its own.
        if !self.gateway.capabilities().community_may_pass_for_group {
            return;
        }
        let (gateway, now) = (self.gateway, self.now);
        let mut nameless: VecDeque<CommunityId> =
            self.known.iter().filter(|entry| !entry.has_name).map(|entry| entry.id.clone()).collect();
        loop {
            while self.listings < SIDE_BY_SIDE
                && let Some(id) = nameless.pop_front()
            {
                self.listings += 1;
                self.reads.push(Box::pin(async move {
                    let group = id.as_group();
                    wait_for_budget(gateway, now).await;
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
