//! Changes of the configuration while the program runs: an entry is tried and written, or removed, and the instances follow. It does not
//! know the form of the file: [`Configuration`] does. An instance with an operation in progress stays as it is.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use super::{Counted, Runtime, watch_budget, watch_waits};
use crate::{
    app::{
        broken::BrokenEntry,
        effect::Ticket,
        entry::{EntryRefusal, EntryTrouble, EntryValues},
        event::{AppEvent, ConfigurationEvent},
        instance::Profile,
        reconfigured::Reconfigured,
    },
    domain::{
        instance::{Connection, InstanceKey},
        message::{Message, ToMessage},
    },
    gateway::Gateway,
    store::Renamed,
};

/// The configuration, as the runtime uses it.
#[async_trait]
pub trait Configuration: Send + Sync {
    /// The values of the entry with this label, for a person to change.
    async fn entry(&self, label: &str) -> Result<EntryValues, Message>;

    /// Checks an entry and reads once whether its instance is connected. Writes nothing. `old` is the label of the entry that it
    /// replaces.
    async fn try_entry(&self, entry: &EntryValues, old: Option<&str>) -> Result<Connection, EntryRefusal>;

    /// Writes an entry and its secrets; returns its label.
    async fn save_entry(&self, entry: &EntryValues, old: Option<&str>) -> Result<String, EntryRefusal>;

    /// Removes the entry with this label.
    async fn remove_entry(&self, label: &str) -> Result<(), Message>;

    /// Adds entries for other instances of the account whose token the entry with this label has.
    async fn add_like(&self, label: &str, names: &[String]) -> Result<(), Message>;

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
        // What an old client reports is no longer of interest.
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

    pub(super) fn read_entry(&self, ticket: Ticket, label: String) {
        let Some(Changing { runtime, configuration }) = self.changing() else { return };
        self.spawn(ticket, CancellationToken::new(), async move {
            let result = configuration.entry(&label).await.map(Box::new);
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
        old: Option<(String, Option<InstanceKey>)>,
        anyway: bool,
    ) {
        let Some(changing) = self.changing() else { return };
        let counted = Counted::new(&self.in_flight);
        self.spawn(ticket, CancellationToken::new(), async move {
            let label = old.as_ref().map(|(label, _)| label.as_str());
            let refusal = match changing.configuration.try_entry(&entry, label).await {
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
    pub(super) fn remove_entry(&self, label: String, instance: Option<InstanceKey>) {
        let Some(changing) = self.changing() else { return };
        let counted = Counted::new(&self.in_flight);
        tokio::spawn(async move {
            let _counted = counted;
            let removed = match changing.must_be_free(instance.as_ref()) {
                Ok(()) => changing.configuration.remove_entry(&label).await,
                Err(why) => Err(why),
            };
            if removed.is_ok() {
                changing.reopen(None).await;
            }
            let _ = changing
                .runtime
                .events
                .send(AppEvent::Configuration(ConfigurationEvent::EntryRemoved { label, result: removed }));
        });
    }

    /// Adds entries for other instances of accounts, each account with the label of an entry that has its token.
    pub(super) fn add_listed(&self, listed: Vec<(String, Vec<String>)>) {
        let Some(changing) = self.changing() else { return };
        let counted = Counted::new(&self.in_flight);
        tokio::spawn(async move {
            let _counted = counted;
            let (mut count, mut result) = (0, Ok(()));
            for (label, names) in listed {
                result = changing.configuration.add_like(&label, &names).await;
                if result.is_err() {
                    break;
                }
                count += names.len();
            }
            if count > 0 {
                changing.reopen(None).await;
            }
            let event = ConfigurationEvent::ListedAdded(result.map(|()| count));
            let _ = changing.runtime.events.send(AppEvent::Configuration(event));
        });
    }

    /// Reads the configuration again.
    pub(super) fn read_configuration(&self, ticket: Ticket) {
        let Some(changing) = self.changing() else { return };
        let counted = Counted::new(&self.in_flight);
        tokio::spawn(async move {
            let _counted = counted;
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

    async fn save(
        &self,
        entry: &EntryValues,
        old: Option<(String, Option<InstanceKey>)>,
    ) -> Result<String, EntryRefusal> {
        let (label, instance) = old.map_or((None, None), |(label, instance)| (Some(label), instance));
        let busy = |why| EntryRefusal { field: None, why: EntryTrouble::Wrong(why) };
        self.must_be_free(instance.as_ref()).map_err(busy)?;
        self.configuration.save_entry(entry, label.as_deref()).await
    }

    /// Reads the configuration and replaces what has changed. Reports the instances.
    async fn reopen(&self, ticket: Option<Ticket>) {
        let result = match self.configuration.open().await {
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
