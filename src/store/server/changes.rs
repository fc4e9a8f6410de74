//! Notifies the processes on other machines of new records. The notification is not part of the append: the server gives all
//! notifications one order, and commits that contain one wait for each other.

use std::{
    collections::{BTreeSet, HashMap},
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::sleep};

use super::Link;
use crate::domain::instance::InstanceKey;

/// Notifies of changes to these instances. A lost notification harms nothing, so its commit does not wait for the disk.
const TELL: &str = "
    SELECT set_config('synchronous_commit', 'off', true), pg_notify('synod', instance) FROM unnest($1::text[]) AS instance";

/// The interval between two notifications.
const EVERY: Duration = Duration::from_millis(250);

/// Counts the possible new records of other processes.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    /// For all instances: after a connection was lost, anything may have been recorded.
    all: u64,
    of: HashMap<String, u64>,
}

impl Changes {
    pub(super) fn of(&self, instance: &InstanceKey) -> u64 {
        self.all + self.of.get(instance.as_str()).copied().unwrap_or_default()
    }

    pub(super) fn heard(changes: &watch::Sender<Self>, instance: &str) {
        changes.send_modify(|changes| *changes.of.entry(instance.to_owned()).or_default() += 1);
    }

    pub(super) fn lost(changes: &watch::Sender<Self>) {
        changes.send_modify(|changes| changes.all += 1);
    }
}

/// The instances whose changes a connection has not notified the others of yet.
#[derive(Debug, Default)]
pub(super) struct Untold(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    instances: BTreeSet<String>,
    has_task: bool,
}

impl Untold {
    fn add(&self, instance: &InstanceKey) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.instances.insert(instance.as_str().to_owned());
        !mem::replace(&mut waiting.has_task, true)
    }

    /// The waiting instances; if there are none, the next one needs a new task.
    fn take(&self) -> Vec<String> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.has_task = !waiting.instances.is_empty();
        mem::take(&mut waiting.instances).into_iter().collect()
    }
}

/// Notifies the other processes soon, after all earlier statements of the connection.
pub(super) fn tell(link: &Arc<Link>, instance: &InstanceKey) {
    if !link.untold.add(instance) {
        return;
    }
    let link = Arc::clone(link);
    tokio::spawn(async move {
        loop {
            let instances = link.untold.take();
            if instances.is_empty() {
                return;
            }
            // Those who follow also look by themselves from time to time.
            if let Ok(statement) = link.prepared(TELL).await {
                let _ = link.client.query(&statement, &[&instances]).await;
            }
            sleep(EVERY).await;
        }
    });
}
