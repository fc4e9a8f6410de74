//! The progress of operations that another Synod runs, read from the journal while there are any, and never otherwise.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use super::{Happening, Lane, Shared, journal::JournalError};
use crate::domain::{event::Event, id::OperationId, instance::InstanceKey, operation::Operation};

/// How far apart the looks into the journal are.
const EVERY: Duration = Duration::from_millis(500);

/// The operations that are followed, each with the sequence that its next event bears.
pub(super) type Followed = BTreeMap<OperationId, u64>;

/// The operations of an instance without an end, as they stand.
pub(super) async fn unfinished(
    shared: &Shared,
    instance: &InstanceKey,
) -> Result<Vec<Operation>, JournalError> {
    let mut operations = Vec::new();
    for id in shared.journal.unfinished(instance).await? {
        operations.extend(shared.journal.operation(instance, id).await?);
    }
    Ok(operations)
}

/// Publishes what happens in these operations and in those that begin meanwhile, until all have ended or their runner has.
pub(super) async fn begin(
    shared: &Arc<Shared>,
    lane: &Arc<Lane>,
    instance: &InstanceKey,
    known: &[Operation],
) {
    let mut followed = lane.followed.lock().await;
    if known.is_empty() || *lane.live.borrow() > 0 {
        return;
    }
    let is_followed = !followed.is_empty();
    for operation in known {
        followed.entry(operation.id).or_insert(operation.next_sequence);
    }
    if !is_followed {
        tokio::spawn(follow(Arc::downgrade(shared), Arc::clone(lane), instance.clone()));
    }
}

/// Publishes what is left to be told of the operations that were followed, for this Synod writes from now on.
pub(super) async fn finish(shared: &Shared, lane: &Lane, instance: &InstanceKey) -> Result<(), JournalError> {
    let mut followed = lane.followed.lock().await;
    for (id, from) in &*followed {
        tell(shared, instance, *id, *from).await?;
    }
    followed.clear();
    Ok(())
}

async fn follow(shared: Weak<Shared>, lane: Arc<Lane>, instance: InstanceKey) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(shared) = shared.upgrade() else { return };
        let mut followed = lane.followed.lock().await;
        if *lane.live.borrow() == 0 {
            // A journal that cannot be read now may be read later.
            if let Ok(still) = step(&shared, &instance, &followed).await {
                *followed = still;
            }
        }
        if followed.is_empty() {
            return;
        }
        drop(followed);
        // Unfinished and unlocked: whoever ran them is gone. This Synod settles what was interrupted.
        if let Ok(Some(_)) = shared.recover(&lane, &instance).await {
            lane.followed.lock().await.clear();
            return;
        }
    }
}

/// Publishes what is new, and gives the operations that still go on.
async fn step(
    shared: &Shared,
    instance: &InstanceKey,
    followed: &Followed,
) -> Result<Followed, JournalError> {
    let mut next = followed.clone();
    for id in shared.journal.unfinished(instance).await? {
        next.entry(id).or_insert(0);
    }
    let mut still = Followed::new();
    for (id, from) in next {
        still.extend(tell(shared, instance, id, from).await?.map(|from| (id, from)));
    }
    Ok(still)
}

/// Publishes what happened in an operation from that sequence on; the next sequence, while it has no end.
async fn tell(
    shared: &Shared,
    instance: &InstanceKey,
    id: OperationId,
    mut from: u64,
) -> Result<Option<u64>, JournalError> {
    let mut has_ended = false;
    for record in shared.journal.records(instance, id, from).await? {
        from = record.sequence + 1;
        has_ended |= record.event == Event::Ended;
        let _ = shared.happenings.send(Happening::Recorded(Arc::new(record)));
    }
    Ok((!has_ended).then_some(from))
}
