//! Reads what a plan needs afresh, each part with its own success.

use std::{collections::BTreeSet, sync::Arc};

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{SIDE_BY_SIDE, reserve::wait_for_budget};
use crate::{
    domain::{
        community::{CommunityListing, CommunityRef, GroupDetails, GroupList},
        failure::{Failure, FailureKind},
        id::{CommunityId, GroupId},
        instance::Connection,
        reading::{Probe, Readings, Scope},
    },
    gateway::{Gateway, Now},
};

/// How far a reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Reads that ended, well or not.
    pub done: usize,
    /// All reads.
    pub total: usize,
}

/// Reads the scopes, at most four side by side, begun in their order; each may fail by itself.
///
/// When a failure would meet all the rest too, or the instance turns out not to be connected, the rest is not asked
/// for and bears the same failure. When `skip` is cancelled the result holds what was read by then, and what was not
/// is absent. Dropping the future ends it too. Details and probes, of which there are as many as groups, wait while the
/// token's budget is low.
pub async fn read(
    gateway: &Arc<dyn Gateway>,
    now: &Now,
    scopes: Vec<Scope>,
    skip: &CancellationToken,
    mut progress: impl FnMut(Progress) + Send,
) -> Readings {
    let mut open = BTreeSet::new();
    let scopes: Vec<Scope> = scopes.into_iter().filter(|scope| open.insert(scope.clone())).collect();
    let total = scopes.len();
    let mut readings = Readings { begun: now(), ..Readings::default() };
    let mut reads = stream::iter(scopes)
        .map(|scope| async {
            let part = read_one(gateway, now, &scope).await;
            (scope, part)
        })
        .buffer_unordered(SIDE_BY_SIDE);
    progress(Progress { done: 0, total });
    loop {
        let next = tokio::select! {
            biased;
            () = skip.cancelled() => return readings,
            next = reads.next() => next,
        };
        let Some((scope, part)) = next else { return readings };
        let end = part.end_of_all();
        part.store(&mut readings);
        open.remove(&scope);
        progress(Progress { done: total - open.len(), total });
        if let Some(failure) = end {
            for scope in open {
                Part::failed(&scope, &failure).store(&mut readings);
            }
            return readings;
        }
    }
}

/// One part of the readings, on its way into them.
enum Part {
    Connection(Result<Connection, Failure>),
    Groups(Result<GroupList, Failure>),
    Communities(Result<Vec<CommunityRef>, Failure>),
    Community(CommunityId, Result<CommunityListing, Failure>),
    Details(GroupId, Result<GroupDetails, Failure>),
    Probe(GroupId, Probe),
}

async fn read_one(gateway: &Arc<dyn Gateway>, now: &Now, scope: &Scope) -> Part {
    // There are as many of these as groups were marked.
    if matches!(scope, Scope::Details(_) | Scope::Probe(_)) {
        wait_for_budget(gateway, now).await;
    }
    match scope {
        Scope::Connection => Part::Connection(gateway.connection().await),
        Scope::Groups => Part::Groups(gateway.groups().await),
        Scope::Communities => Part::Communities(gateway.communities().await),
        Scope::Community(id) => Part::Community(id.clone(), gateway.listing(id).await),
        Scope::Details(id) => Part::Details(id.clone(), gateway.details(id).await),
        Scope::Probe(id) => Part::Probe(id.clone(), gateway.probe(id).await),
    }
}

impl Part {
    fn failed(scope: &Scope, failure: &Failure) -> Self {
        let failure = failure.clone();
        match scope {
            Scope::Connection => Self::Connection(Err(failure)),
            Scope::Groups => Self::Groups(Err(failure)),
            Scope::Communities => Self::Communities(Err(failure)),
            Scope::Community(id) => Self::Community(id.clone(), Err(failure)),
            Scope::Details(id) => Self::Details(id.clone(), Err(failure)),
            Scope::Probe(id) => Self::Probe(id.clone(), Probe::Failed(failure)),
        }
    }

    /// The failure that everything still to be read would meet.
    fn end_of_all(&self) -> Option<Failure> {
        let failure = match self {
            Self::Connection(Ok(connection)) if !connection.is_connected() => {
                return Some(Failure::new(FailureKind::NotConnected));
            }
            Self::Connection(read) => read.as_ref().err(),
            Self::Groups(read) => read.as_ref().err(),
            Self::Communities(read) => read.as_ref().err(),
            Self::Community(_, read) => read.as_ref().err(),
            Self::Details(_, read) => read.as_ref().err(),
            Self::Probe(_, Probe::Failed(failure)) => Some(failure),
            Self::Probe(..) => None,
        };
        failure.filter(|failure| failure.stops_everything()).cloned()
    }

    fn store(self, readings: &mut Readings) {
        match self {
            Self::Connection(read) => readings.connection = Some(read),
            Self::Groups(read) => readings.groups = Some(read.map(Arc::new)),
            Self::Communities(read) => readings.listed = Some(read),
            Self::Community(id, read) => {
                readings.communities.insert(id, read.map(Arc::new));
            }
            Self::Details(id, read) => {
                readings.details.insert(id, read);
            }
            Self::Probe(id, probe) => {
                readings.probes.insert(id, probe);
            }
        }
    }
}
