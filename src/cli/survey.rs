//! What an instance has, read once before a command: the same load as the screen's, folded into one directory.

use std::sync::{Mutex, PoisonError};

use super::{Fault, Instance, Session};
use crate::{
    domain::{
        community::CommunityRef,
        directory::{Directory, KnownFrom},
        failure::{Failure, FailureKind},
        plan::Obstacle,
    },
    listing::{self, Loaded},
    store::StoreError,
};

/// What is remembered of an instance.
#[derive(Debug, Default)]
pub(super) struct Memory {
    communities: Vec<CommunityRef>,
    ordinary: Vec<crate::domain::id::GroupId>,
}

/// Reads what is remembered of an instance.
pub(super) async fn recall(session: &Session, instance: &Instance) -> Result<Memory, StoreError> {
    Ok(Memory {
        communities: session.store.remembered_communities(&instance.key).await?,
        ordinary: session.store.remembered_ordinary(&instance.key).await?,
    })
}

/// Reads the communities and groups of an instance. Fails when the list of groups cannot be had, for then nothing
/// that people name can be found; a community whose listing cannot be read bears its failure.
pub(super) async fn survey(
    session: &Session,
    instance: &Instance,
    memory: Memory,
) -> Result<Directory, Fault> {
    let mut directory = Directory::default();
    for community in &instance.configured {
        directory.learn(community.clone(), KnownFrom::Configuration);
    }
    for community in memory.communities {
        directory.learn(community, KnownFrom::Memory);
    }
    for group in memory.ordinary {
        directory.learn_ordinary(group);
    }
    let known = directory.communities().iter();
    let known =
        known.map(|community| CommunityRef { id: community.id.clone(), name: community.name.clone() });
    let known: Vec<CommunityRef> = known.collect();
    let parts = Mutex::new(Vec::new());
    let keep = |part| parts.lock().unwrap_or_else(PoisonError::into_inner).push(part);
    listing::load(&instance.gateway, &session.now(), known, keep).await;
    let mut end = None;
    for part in parts.into_inner().unwrap_or_else(PoisonError::into_inner) {
        end = end.or(take(&mut directory, part));
    }
    match end {
        Some(failure) => Err(Fault::Failed(session.text.obstacle(&Obstacle::Gateway(failure)))),
        None => Ok(directory),
    }
}

/// Puts a part of a load into the directory; a failure that leaves nothing to work with is given back.
fn take(directory: &mut Directory, part: Loaded) -> Option<Failure> {
    match part {
        Loaded::Connection(Err(failure)) | Loaded::Groups(Err(failure)) => return Some(failure),
        Loaded::Connection(Ok(connection)) if !connection.is_connected() => {
            return Some(Failure::new(FailureKind::NotConnected));
        }
        Loaded::Connection(Ok(_)) | Loaded::Done => {}
        Loaded::Communities(Err(failure)) => return failure.stops_everything().then_some(failure),
        Loaded::Communities(Ok(communities)) => {
            for community in communities {
                directory.learn(community, KnownFrom::Listing);
            }
        }
        Loaded::Groups(Ok(list)) => directory.take_groups(list),
        Loaded::Community(_, Ok(listing)) => directory.take_listing(listing),
        Loaded::Community(community, Err(failure)) => directory.take_listing_failure(&community, failure),
        Loaded::Name(id, name) => {
            let known_from = directory.community(&id).map_or(KnownFrom::Listing, |known| known.known_from);
            directory.learn(CommunityRef { id, name: Some(name) }, known_from);
        }
    }
    None
}

/// Remembers the communities whose listing could be read, as the screen does.
pub(super) async fn remember(
    session: &Session,
    instance: &Instance,
    directory: &Directory,
) -> Result<(), StoreError> {
    for community in directory.communities().iter().filter(|community| community.listing.is_some()) {
        let community = CommunityRef { id: community.id.clone(), name: community.name.clone() };
        session.store.remember_community(&instance.key, &community).await?;
    }
    Ok(())
}
