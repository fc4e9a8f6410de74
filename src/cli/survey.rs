//! The knowledge about an instance while a command works on it: the remembered data, and then as little as possible from the
//! gateway. It owns how much is read before a plan; the plan reads afresh what it needs.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Fault, Instance, Session, out};
use crate::{
    domain::{
        community::CommunityRef,
        directory::{Directory, KnownFrom},
        failure::{Failure, FailureKind},
        id::CommunityId,
        instance::InstanceKey,
        plan::Obstacle,
        reading::{Loaded, Readings, Scope},
        time::Millis,
    },
    listing::{self, WhichListings},
    store::{Store, StoreError},
};

/// How many of the newest operations show which groups Synod itself removed from communities.
const OPERATIONS: usize = 20;

/// The knowledge about an instance.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    pub(super) session: &'a Session,
    pub(super) instance: &'a Instance,
    pub(super) directory: Directory,
    /// Nothing will be changed, so a memory that cannot be read or written is no obstacle.
    only_shown: bool,
    has_overview: bool,
    is_whole: bool,
    begun: Millis,
}

/// A directory with everything that the store remembers about an instance from before `now`.
pub(super) async fn remembered(
    store: &dyn Store,
    instance: &InstanceKey,
    now: Millis,
    mut directory: Directory,
) -> Result<Directory, StoreError> {
    directory.remember(store.remembered(instance).await?);
    directory.recall(store.last_read(instance, now).await?);
    Ok(directory)
}

impl<'a> Survey<'a> {
    /// Starts from the remembered data and the configured communities. Sends no request.
    pub(super) async fn recall(
        session: &'a Session,
        instance: &'a Instance,
        only_shown: bool,
    ) -> Result<Self, Fault> {
        let mut survey = Self {
            session,
            instance,
            directory: Directory::default(),
            only_shown,
            has_overview: false,
            is_whole: false,
            begun: session.clock.now(),
        };
        for community in &instance.configured {
            survey.directory.learn(community.clone(), KnownFrom::Configuration);
        }
        if let Some(directory) = survey.tolerate(survey.remembered().await)? {
            survey.directory = directory;
        }
        // Without these, groups that Synod itself removed may be read twice; there is no other effect.
        let newest = session.store.list(&instance.key, OPERATIONS).await.unwrap_or_default();
        for listed in newest.iter().rev().filter(|listed| listed.is_since_reading) {
            if let Ok(Some(operation)) = session.store.fold(&instance.key, listed).await {
                survey.directory.learn_operation(&operation);
            }
        }
        Ok(survey)
    }

    /// The same without the last readings: for a command that shows the current state.
    pub(super) async fn afresh(session: &'a Session, instance: &'a Instance) -> Result<Self, Fault> {
        let mut survey = Self::recall(session, instance, true).await?;
        survey.directory = survey.directory.unread();
        Ok(survey)
    }

    /// The same with the overview. It is read first, so a long response and the remembered data are never in memory together.
    pub(super) async fn overview_afresh(session: &'a Session, instance: &'a Instance) -> Result<Self, Fault> {
        let begun = session.clock.now();
        let read = read_overview(instance).await;
        let mut survey = Self { begun, ..Self::afresh(session, instance).await? };
        survey.take_overview(read)?;
        Ok(survey)
    }

    /// Adds the roles that earlier sessions read, for a list of groups that does not say them.
    pub(super) async fn recall_roles(&mut self) -> Result<(), Fault> {
        let (store, key) = (&self.session.store, &self.instance.key);
        let roles = self.tolerate(store.remembered_roles(key, self.begun).await)?;
        roles.into_iter().flatten().for_each(|known| self.directory.learn_role(known));
        Ok(())
    }

    async fn remembered(&self) -> Result<Directory, StoreError> {
        remembered(&*self.session.store, &self.instance.key, self.begun, self.directory.clone()).await
    }

    /// Whether everything that can be read was read.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Reads the list of groups and, if the gateway lists them, the communities: most names are found there.
    pub(super) async fn overview(&mut self) -> Result<(), Fault> {
        if self.has_overview {
            return Ok(());
        }
        let read = read_overview(self.instance).await;
        self.take_overview(read)
    }

    fn take_overview(&mut self, read: [Loaded; 2]) -> Result<(), Fault> {
        // If only the communities cannot be listed, the remembered data may be enough.
        for part in read {
            take(&mut self.directory, part).map_or(Ok(()), |failure| Err(self.fault(failure)))?;
        }
        self.has_overview = true;
        Ok(())
    }

    /// Reads everything that was not read yet: the listing of every community, and the missing names. Fails if the list of groups
    /// cannot be read, because then no name can be found. If a community's listing cannot be read, the failure is kept with the
    /// community.
    pub(super) async fn whole(&mut self) -> Result<(), Fault> {
        if self.is_whole {
            return Ok(());
        }
        if self.has_overview {
            self.listings().await?;
        } else {
            self.load(WhichListings::All).await?;
        }
        self.confirm().await;
        self.is_whole = true;
        self.has_overview = true;
        self.remember().await
    }

    /// Reads the same, without the listings that would add nothing to the list of groups: for sizes of communities, or a file of places.
    pub(super) async fn needed(&mut self) -> Result<(), Fault> {
        self.load(WhichListings::Needed).await?;
        self.confirm().await;
        self.has_overview = true;
        self.remember().await
    }

    /// After the overview: reads listings only if the list of groups does not say where each group is. Then it reads that of every
    /// community, otherwise those of communities that the list does not show.
    pub(super) async fn places(&mut self) -> Result<(), Fault> {
        if !self.directory.list_says_places() {
            return self.whole().await;
        }
        let directory = &self.directory;
        let others = directory.communities().iter().filter(|known| !directory.is_shown_by_list(known));
        let others: Vec<CommunityId> = others.map(|known| known.id.clone()).collect();
        self.communities(&others).await;
        self.names().await;
        self.confirm().await;
        self.remember().await
    }

    /// Reads again any part that lacks too much of its earlier content.
    pub(super) async fn confirm(&mut self) {
        let suspect = self.directory.suspect();
        if !suspect.is_empty() {
            let mut readings = self.read(suspect).await;
            self.take(&mut readings);
        }
    }

    async fn load(&mut self, which: WhichListings) -> Result<(), Fault> {
        let known = refs(&self.directory).into_iter().map(|(community, _)| community).collect();
        let (directory, mut end) = (&mut self.directory, None);
        let take = |part| {
            let failure = take(directory, part);
            end = end.take().or(failure);
        };
        let wanted = (known, which);
        listing::load(self.instance.gateway.reads.as_ref(), self.session.clock, wanted, None, take).await;
        end.map_or(Ok(()), |failure| Err(self.fault(failure)))
    }

    /// Reads the remaining listings, and the names of communities without one.
    async fn listings(&mut self) -> Result<(), Fault> {
        let is_old = |begun: Option<Millis>| begun.is_none_or(|begun| begun < self.begun);
        let communities = self.directory.communities().iter();
        let old = communities.filter(|known| is_old(known.listing.as_ref().map(|listing| listing.begun)));
        let scopes = old.map(|community| Scope::Community(community.id.clone())).collect();
        let mut readings = self.read(scopes).await;
        self.take(&mut readings);
        self.names().await;
        Ok(())
    }

    /// Reads the names of communities without one.
    async fn names(&mut self) {
        if self.instance.capabilities.community_may_pass_for_group {
            let nameless = self.directory.communities().iter().filter(|known| known.name.is_none());
            let scopes = nameless.map(|community| Scope::Details(community.id.as_group())).collect();
            let all = self.read(scopes).await.details;
            for details in all.into_values().flatten() {
                let community = CommunityRef { id: (&details.id).into(), name: Some(details.name) };
                self.directory.learn(community, KnownFrom::Memory);
            }
        }
    }

    /// Reads the listings of some communities, unless everything was read before.
    pub(super) async fn communities(&mut self, communities: &[CommunityId]) {
        if !self.is_whole && !communities.is_empty() {
            let scopes = communities.iter().cloned().map(Scope::Community).collect();
            let mut readings = self.read(scopes).await;
            self.take(&mut readings);
            self.confirm().await;
        }
    }

    async fn read(&self, scopes: Vec<Scope>) -> Readings {
        let clock = self.session.clock;
        let skip = CancellationToken::new();
        listing::read(self.instance.gateway.reads.as_ref(), clock, scopes, listing::no_more, &skip, |_| ())
            .await
    }

    /// Adds readings.
    pub(super) fn take(&mut self, readings: &mut Readings) {
        self.directory.take_readings(readings);
    }

    /// Stores the readings: the communities, as the screen does, and the content of each part.
    pub(super) async fn remember(&self) -> Result<(), Fault> {
        self.tolerate(self.keep().await).map(drop)
    }

    async fn keep(&self) -> Result<(), StoreError> {
        let (store, key) = (&self.session.store, &self.instance.key);
        let is_fresh = |begun: Millis| begun >= self.begun;
        let writes_list = self.directory.groups().is_some_and(|list| is_fresh(list.begun));
        let read = self.directory.last_read(if writes_list { Millis(i64::MIN) } else { self.begun });
        let communities = self.directory.communities().iter();
        let fresh =
            communities.filter(|known| known.listing.as_ref().is_some_and(|listing| is_fresh(listing.begun)));
        let fresh =
            fresh.map(|known| CommunityRef { id: known.id.clone(), name: known.name.clone() }).collect();
        store.remember(key, fresh, Vec::new()).await?;
        store.keep_directory(key, read, writes_list, self.session.clock.now()).await
    }

    /// The result of a memory operation; if the command only shows data, a failure is printed and otherwise ignored.
    fn tolerate<T>(&self, came: Result<T, StoreError>) -> Result<Option<T>, Fault> {
        match came {
            Ok(came) => Ok(Some(came)),
            Err(error) if self.only_shown => {
                out::tell(&self.session.text.tell(&error));
                Ok(None)
            }
            Err(error) => Err(Fault::state(&self.session.text, &error)),
        }
    }

    /// A failure that leaves nothing to work with.
    fn fault(&self, failure: Failure) -> Fault {
        Fault::obstacle(&self.session.text, &Obstacle::Gateway(failure))
    }
}

/// The communities, if the gateway lists them, and the list of groups.
async fn read_overview(instance: &Instance) -> [Loaded; 2] {
    let gateway = &instance.gateway;
    let capabilities = gateway.capabilities();
    let communities = async {
        if capabilities.lists_communities && !capabilities.listings_from_groups {
            gateway.communities().await
        } else {
            Ok(Vec::new())
        }
    };
    let (mut communities, groups) = tokio::join!(communities, gateway.groups());
    if let Ok(list) = groups.as_ref()
        && capabilities.listings_from_groups
    {
        communities = Ok(list.communities());
    }
    [Loaded::Communities(communities), Loaded::Groups(groups.map(Arc::new))]
}

fn refs(directory: &Directory) -> Vec<(CommunityRef, KnownFrom)> {
    let communities = directory.communities().iter();
    communities
        .map(|known| (CommunityRef { id: known.id.clone(), name: known.name.clone() }, known.known_from))
        .collect()
}

/// Adds a part of a load to the directory; returns a failure that leaves nothing to work with.
fn take(directory: &mut Directory, part: Loaded) -> Option<Failure> {
    match part {
        Loaded::Connection(Err(failure)) | Loaded::Groups(Err(failure)) => return Some(failure),
        Loaded::Connection(Ok(connection)) if !connection.is_connected() => {
            return Some(Failure::new(FailureKind::NotConnected));
        }
        Loaded::Communities(Err(failure)) => return failure.stops_everything().then_some(failure),
        part => directory.take_loaded(part),
    }
    None
}
