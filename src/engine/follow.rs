//! Follows the operations that another Synod runs: reads their progress from the journal, only while there are any.

use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use super::{
    instance_queue::{Followed, InstanceQueue, Shared},
    journal::JournalError,
};
use crate::domain::{instance::InstanceKey, operation::Operation};

/// The interval between reads of the journal.
const EVERY: Duration = Duration::from_millis(500);

/// Publishes the events of these operations, and of those that begin meanwhile, until all have ended or their process has.
pub(super) async fn begin(
    shared: &Arc<Shared>,
    queue: &Arc<InstanceQueue>,
    instance: &InstanceKey,
    known: &[Operation],
) {
    let mut followed = queue.followed.lock().await;
    // An operation of this engine may have begun meanwhile. If it were followed too, its events would only be published twice.
    if known.is_empty() || *queue.live.borrow() > 0 || queue.is_removed.load(Ordering::SeqCst) {
        return;
    }
    let is_followed = !followed.is_empty();
    for operation in known {
        followed.entry(operation.id).or_insert(operation.next_sequence);
    }
    if !is_followed {
        tokio::spawn(follow(Arc::downgrade(shared), Arc::clone(queue), instance.clone()));
    }
}

async fn follow(shared: Weak<Shared>, queue: Arc<InstanceQueue>, instance: InstanceKey) {
    let mut seen = 0;
    loop {
        let Some(journal) = shared.upgrade().map(|shared| Arc::clone(&shared.journal)) else { return };
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            changes = journal.changed(&instance, seen) => seen = changes,
        }
        drop(journal);
        let is_open = |shared: &Arc<Shared>| !shared.is_closed.load(Ordering::SeqCst);
        let Some(shared) = shared.upgrade().filter(is_open) else { return };
        let mut followed = queue.followed.lock().await;
        if *queue.live.borrow() == 0 {
            // A journal that cannot be read now may be readable later.
            if let Ok(still) = step(&shared, &instance, &followed).await {
                *followed = still;
            }
        }
        if followed.is_empty() {
            return;
        }
        drop(followed);
        // If they are unfinished and unlocked, the process that ran them is gone: this Synod settles them and forgets that they
        // were followed. If they have ended meanwhile, the next round publishes their last events.
        let _ = shared.recover(&queue, &instance).await;
    }
}

/// Publishes new events, and returns the operations that are still in progress.
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
        still.extend(shared.publish(instance, id, from).await?.map(|from| (id, from)));
    }
    Ok(still)
}
