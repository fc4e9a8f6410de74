//! Changes of the configuration while the program runs: tries and writes an entry, or removes one, and updates the instances. It does
//! not know the form of the file: [`Configuration`] does. An instance with an operation in progress stays as it is.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use tokio::{sync::Mutex, task::AbortHandle};
use tokio_util::sync::CancellationToken;

use super::{Counted, Runtime, watch_budget, watch_waits};
use crate::{
    app::{
        broken::BrokenEntry,
        effect::Ticket,
        entry::{ChosenEntry, EntryRefusal, EntryTrouble, EntryValues},
        event::{AppEvent, ConfigurationEvent},
        instance::Profile,
        reconfigured::Reconfigured,
    },
    domain::{
        instance::{Connection, EntryPlace, InstanceKey},
        message::{Message, ToMessage},
    },
    gateway::Gateway,
    store::Renamed,
};

/// The configuration, as the runtime uses it.
#[async_trait]
pub trait Configuration: Send + Sync {
    /// The values of an entry, for a person to change.
    async fn entry(&self, entry: &EntryPlace) -> Result<EntryValues, Message>;

    /// Checks an entry and reads once whether its instance is connected. Writes nothing. `old` is the entry that it replaces.
    async fn try_entry(
        &self,
        entry: &EntryValues,
        old: Option<&EntryPlace>,
    ) -> Result<Connection, EntryRefusal>;

    /// Writes an entry and its secrets; returns its label.
    async fn save_entry(&self, entry: &EntryValues, old: Option<&EntryPlace>)
    -> Result<String, EntryRefusal>;

    /// Removes an entry.
    async fn remove_entry(&self, entry: &EntryPlace) -> Result<(), Message>;

    /// Adds entries for other instances of the account whose token this entry has.
    async fn add_like(&self, entry: &EntryPlace, names: &[String]) -> Result<(), Message>;

    /// Reads the configuration and makes its instances ready.
    async fn open(&self) -> Result<OpenedConfiguration, Message>;
}

/// The instances of a configuration.
pub struct OpenedConfiguration {
    pub ready: Vec<OpenedInstance>,
    pub broken: Vec<BrokenEntry>,
}

/// An instance that is ready for requests.
pub struct OpenedInstance {
    pub profile: Profile,
    pub gateway: Gateway,
    /// The keys that earlier versions gave it.
    pub former_keys: Vec<InstanceKey>,
    /// Changes if anything changes that the gateway's client or the operations depend on.
    pub stamp: u64,
}

/// An instance whose client is in use.
pub(super) struct InUse {
    pub(super) gateway: Gateway,
    stamp: Option<u64>,
    watchers: [AbortHandle; 2],
}

impl Drop for InUse {
    fn drop(&mut self) {
        // The reports of an old client no longer matter.
        self.watchers.iter().for_each(AbortHandle::abort);
    }
}

/// The instances in use.
pub(super) type Instances = HashMap<InstanceKey, InUse>;

/// Uses a client from now on, and reports its budget and its waits.
pub(super) fn in_use(
    key: &InstanceKey,
    gateway: Gateway,
    stamp: Option<u64>,
    events: &tokio::sync::mpsc::UnboundedSender<AppEvent>,
) -> InUse {
    let budget = tokio::spawn(watch_budget(key.clone(), gateway.clone(), events.clone()));
    let waits = tokio::spawn(watch_waits(key.clone(), gateway.waits().follow(), events.clone()));
    InUse { gateway, stamp, watchers: [budget.abort_handle(), waits.abort_handle()] }
}

/// The order of the reads of the configuration. A read may take as long as the commands that print secrets, and a later one may be
/// done before it.
#[derive(Default)]
pub(super) struct Reloads {
    /// How many were begun.
    begun: AtomicU64,
    /// The number of the latest one whose result is in use.
    used: Mutex<u64>,
}

/// The parts needed to change the instances.
#[derive(Clone)]
struct Changing {
    runtime: Runtime,
    configuration: Arc<dyn Configuration>,
}

impl Runtime {
    fn changing(&self) -> Option<Changing> {
        let configuration = self.parts.configuration.clone()?;
        Some(Changing { runtime: self.clone(), configuration })
    }

    pub(super) fn read_entry(&self, ticket: Ticket, entry: EntryPlace) {
        let Some(Changing { runtime, configuration }) = self.changing() else { return };
        self.spawn(ticket, CancellationToken::new(), async move {
            let result = configuration.entry(&entry).await.map(Box::new);
            let _ = runtime
                .events
                .send(AppEvent::Configuration(ConfigurationEvent::EntryRead { ticket, result }));
        });
    }

    /// Tries an entry and writes it. Trying can be cancelled, writing cannot.
    pub(super) fn save_entry(
        &self,
        ticket: Ticket,
        entry: Box<EntryValues>,
        old: Option<ChosenEntry>,
        anyway: bool,
    ) {
        let Some(changing) = self.changing() else { return };
        let counted = Counted::new(&self.in_flight);
        self.spawn(ticket, CancellationToken::new(), async move {
            let place = old.as_ref().map(|old| &old.place);
            let refusal = match changing.configuration.try_entry(&entry, place).await {
                Ok(connection) if connection.is_connected() || anyway => None,
                Ok(connection) => {
                    Some(EntryRefusal { field: None, why: EntryTrouble::NotConnected(connection) })
                }
                Err(refusal) if anyway && refusal.may_pass() => None,
                Err(refusal) => Some(refusal),
            };
            if let Some(refusal) = refusal {
                let result = Err(Box::new(refusal));
                let _ = changing
                    .runtime
                    .events
                    .send(AppEvent::Configuration(ConfigurationEvent::EntrySaved { ticket, result }));
                return;
            }
            tokio::spawn(async move {
                let _counted = counted;
                let result = changing.save(&entry, old).await.map_err(Box::new);
                let is_saved = result.is_ok();
                if is_saved {
                    changing.reopen(None).await;
                }
                let _ = changing
                    .runtime
                    .events
                    .send(AppEvent::Configuration(ConfigurationEvent::EntrySaved { ticket, result }));
            });
        });
    }

    /// Removes an entry. This cannot be cancelled.
    pub(super) fn remove_entry(&self, entry: ChosenEntry) {
        let Some(changing) = self.changing() else { return };
        self.run_to_end(async move {
            let removed = match changing.must_be_free(entry.instance.as_ref()) {
                Ok(()) => changing.configuration.remove_entry(&entry.place).await,
                Err(why) => Err(why),
            };
            if removed.is_ok() {
                changing.reopen(None).await;
            }
            let event = ConfigurationEvent::EntryRemoved { label: entry.place.label, result: removed };
            let _ = changing.runtime.events.send(AppEvent::Configuration(event));
        });
    }

    /// Adds entries for other instances of accounts, each account with an entry that has its token.
    pub(super) fn add_listed(&self, listed: Vec<(EntryPlace, Vec<String>)>) {
        let Some(changing) = self.changing() else { return };
        self.run_to_end(async move {
            let (mut added, mut why) = (0, None);
            for (entry, names) in listed {
                match changing.configuration.add_like(&entry, &names).await {
                    Ok(()) => added += names.len(),
                    // The other accounts do not depend on it.
                    Err(fault) => why = Some(fault),
                }
            }
            if added > 0 {
                changing.reopen(None).await;
            }
            let event = ConfigurationEvent::ListedAdded { added, why };
            let _ = changing.runtime.events.send(AppEvent::Configuration(event));
        });
    }

    /// Reads the configuration again.
    pub(super) fn read_configuration(&self, ticket: Ticket) {
        let Some(changing) = self.changing() else { return };
        self.run_to_end(async move {
            changing.reopen(Some(ticket)).await;
        });
    }
}

impl Changing {
    /// Refuses while an instance has an operation in progress.
    fn must_be_free(&self, instance: Option<&InstanceKey>) -> Result<(), Message> {
        let is_in_use = instance.is_some_and(|key| self.runtime.parts.engine.is_in_use(key));
        if is_in_use { Err(Message::new("entry-busy")) } else { Ok(()) }
    }

    async fn save(&self, entry: &EntryValues, old: Option<ChosenEntry>) -> Result<String, EntryRefusal> {
        let busy = |why| EntryRefusal { field: None, why: EntryTrouble::Wrong(why) };
        self.must_be_free(old.as_ref().and_then(|old| old.instance.as_ref())).map_err(busy)?;
        self.configuration.save_entry(entry, old.as_ref().map(|old| &old.place)).await
    }

    /// Reads the configuration and replaces the instances that have changed. Reports them, unless a later read has done so already.
    async fn reopen(&self, ticket: Option<Ticket>) {
        let reloads = &self.runtime.reloads;
        let number = reloads.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let opened = self.configuration.open().await;
        let mut used = reloads.used.lock().await;
        if *used > number {
            return;
        }
        *used = number;
        let result = match opened {
            Ok(opened) => Ok(Box::new(self.replace(opened).await)),
            Err(why) => Err(why),
        };
        let _ = self
            .runtime
            .events
            .send(AppEvent::Configuration(ConfigurationEvent::ReadAgain { ticket, result }));
    }

    async fn replace(&self, opened: OpenedConfiguration) -> Reconfigured {
        let OpenedConfiguration { ready, broken } = opened;
        let engine = &self.runtime.parts.engine;
        let renamed = |one: &OpenedInstance| {
            let to = one.profile.key.clone();
            let former = one.former_keys.clone().into_iter();
            former.map(move |from| Renamed { from, to: to.clone() }).collect::<Vec<_>>()
        };
        let renamed = ready.iter().flat_map(renamed).collect();
        if let Err(error) = self.runtime.parts.store.rename(renamed).await {
            let _ = self.runtime.events.send(AppEvent::StoreFailed(error.message()));
        }
        let (mut renewed, mut held) = (Vec::new(), Vec::new());
        let mut instances = self.runtime.instances();
        let gone: Vec<InstanceKey> = instances
            .keys()
            .filter(|key| ready.iter().all(|one| one.profile.key != **key))
            .cloned()
            .collect();
        for key in gone {
            if engine.remove_instance(&key) {
                instances.remove(&key);
            } else {
                held.push(key);
            }
        }
        let mut profiles = Vec::new();
        for OpenedInstance { profile, gateway, stamp, .. } in ready {
            let key = profile.key.clone();
            let known = instances.get(&key);
            if known.is_some_and(|known| known.stamp == Some(stamp)) {
                profiles.push(profile);
            } else if known.is_some() && !engine.remove_instance(&key) {
                held.push(key);
            } else {
                engine.add_instance(key.clone(), gateway.clone(), profile.settings.clone());
                let in_use = in_use(&key, gateway, Some(stamp), &self.runtime.events);
                instances.insert(key.clone(), in_use);
                renewed.push(key);
                profiles.push(profile);
            }
        }
        Reconfigured { profiles, broken, renewed, held }
    }
}
