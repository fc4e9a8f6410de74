//! What Synod knows about instances without asking a gateway: the configuration, and the data that it remembers. It runs no program,
//! and creates nothing.

use std::{collections::BTreeSet, path::PathBuf};

use super::values::{Offer, Subject};
use crate::{
    cli::survey,
    clock::Clock,
    config::{Config, ConfigEntry, Environment, InstanceConfig, instance_key},
    domain::{
        directory::Directory,
        id::{CommunityId, GroupId},
        instance::InstanceKey,
        lookup::{Candidate, Lookup},
        name::{Name, fold::sort_key},
        operation::Summary,
    },
    store::{FileStore, Store},
    text::Text,
};

/// How many operations are offered.
const NEWEST: usize = 30;

/// The known facts.
pub struct Known {
    config: Option<Config>,
    /// The instance that the command line names.
    named: Option<String>,
    text: Text,
}

impl Known {
    /// Reads the configuration that a command line would use.
    pub fn of(words: &[String], text: Text) -> Self {
        let environment = Environment::of_process();
        let [file, state_dir] =
            ["--config", "--state-dir"].map(|long| option(words, long).map(PathBuf::from));
        let config = Config::load_or_empty(file.as_deref(), state_dir.as_deref(), &environment).ok();
        let variable = || std::env::var("SYNOD_INSTANCE").ok().filter(|name| !name.is_empty());
        Self { config, named: option(words, "--instance").or_else(variable), text }
    }

    /// The values for what an argument names.
    pub async fn offers(&self, subject: Subject) -> Vec<Offer> {
        let Some(config) = &self.config else { return Vec::new() };
        match subject {
            Subject::Instance => {
                let offer = |instance: &InstanceConfig| Offer {
                    value: instance.label.shown().to_owned(),
                    id: None,
                    help: instance.gateway.label().to_owned(),
                };
                config.instances.iter().map(offer).collect()
            }
            Subject::Community => self.remembered(config, communities).await,
            Subject::Group => self.remembered(config, groups).await,
            Subject::Operation => self.operations(config).await.unwrap_or_default(),
            Subject::Operator => self.operators(config).await,
            Subject::World | Subject::Theme | Subject::Language => Vec::new(),
        }
    }

    /// The keys of the instances that the command is about, as far as no program has to run for them.
    async fn keys(&self, config: &Config) -> Vec<InstanceKey> {
        let entry = self.named.as_deref().and_then(|name| config.entry(name).ok());
        let named = if let Some(ConfigEntry::Usable(instance)) = entry { Some(instance) } else { None };
        let mut keys = Vec::new();
        for instance in config.instances.iter().filter(|one| named.is_none_or(|named| named.line == one.line))
        {
            if !instance.needs_command_for_identity()
                && let Ok(name) = instance.identity().await
            {
                keys.push(instance_key(instance.gateway, &instance.base_url, &name));
            }
        }
        keys
    }

    /// The store, if there is one.
    fn store(config: &Config) -> Option<FileStore> {
        FileStore::open(&config.state_dir).ok().filter(|store| !store.is_new())
    }

    async fn remembered(&self, config: &Config, offers: fn(&Directory, &Text) -> Vec<Offer>) -> Vec<Offer> {
        let Some(store) = Self::store(config) else { return Vec::new() };
        let mut all: Vec<Offer> = Vec::new();
        for key in self.keys(config).await {
            let read = survey::remembered(&store, &key, Clock::system().now(), Directory::default()).await;
            let Ok(directory) = read else { continue };
            all.extend(offers(&directory, &self.text));
        }
        all.sort_by_cached_key(|offer| sort_key(&offer.value));
        all.dedup_by(|one, other| one.value == other.value);
        all
    }

    /// The operators of the newest operations, and the one of the configuration.
    async fn operators(&self, config: &Config) -> Vec<Offer> {
        let own = config.store.as_ref().and_then(|store| store.operator.clone());
        let all = self.newest(config).await.unwrap_or_default();
        let writers = all.iter().filter_map(|operation| operation.begun_by.as_ref());
        let names = writers.map(|writer| writer.operator.shown().to_owned());
        let names: BTreeSet<String> = names.chain(own).collect();
        names.into_iter().map(|value| Offer { value, id: None, help: String::new() }).collect()
    }

    async fn newest(&self, config: &Config) -> Option<Vec<Summary>> {
        let store = Self::store(config)?;
        let mut all = Vec::new();
        for key in self.keys(config).await {
            all.extend(store.summaries(&key, NEWEST).await.ok()?);
        }
        Some(all)
    }

    async fn operations(&self, config: &Config) -> Option<Vec<Offer>> {
        let mut all = self.newest(config).await?;
        all.sort_by_key(|operation| std::cmp::Reverse(operation.id));
        all.truncate(NEWEST);
        let offer = |operation: Summary| {
            let (target, leaves_community) = (operation.target.as_ref(), operation.leaves_community);
            let help = self.text.task(operation.verb, operation.count, target, leaves_community);
            Offer { value: operation.id.to_string(), id: None, help }
        };
        Some(all.into_iter().map(offer).collect())
    }
}

fn communities(directory: &Directory, _: &Text) -> Vec<Offer> {
    let offer = |(community, text): (&Candidate<CommunityId>, &str)| {
        let id = community.id.to_string();
        Offer { value: typed(text, &id), id: Some(id.clone()), help: id }
    };
    Lookup::communities(directory).texts().map(offer).collect()
}

fn groups(directory: &Directory, text: &Text) -> Vec<Offer> {
    let offer = |(group, text_of_it): (&Candidate<GroupId>, &str)| {
        let id = group.id.to_string();
        let value = typed(text_of_it, &id);
        let community = group.community.as_ref().map(|community| text.community_name(community));
        // Beside an id, the name says which group it is.
        let name = Some(group.name.shown().to_owned()).filter(|name| *name != value && !name.is_empty());
        let help = name.into_iter().chain(community).collect::<Vec<_>>().join(" · ");
        Offer { value, id: Some(id), help }
    };
    Lookup::groups(directory, None).texts().map(offer).collect()
}

/// The text that names something, or its id if the text would be taken for an option.
fn typed(text: &str, id: &str) -> String {
    if text.starts_with('-') { id.to_owned() } else { text.to_owned() }
}

/// The value of an option in a command line.
fn option(words: &[String], long: &str) -> Option<String> {
    let apart = words.iter().position(|word| word == long).and_then(|at| words.get(at + 1));
    let joined = words.iter().find_map(|word| word.strip_prefix(long)?.strip_prefix('='));
    joined.or(apart.map(String::as_str)).map(|value| Name::new(value).exact().to_owned())
}
