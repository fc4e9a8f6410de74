//! Turns the configuration into instances that are ready for requests: reads secrets, checks ids, builds clients.

use std::{path::Path, sync::Arc};

use secrecy::{ExposeSecret, SecretString};

use crate::{
    app::instance::{Address, Profile},
    cli::Fault,
    clock::Clock,
    config::{Config, InstanceConfig, Problem, SecretError, former_instance_keys, instance_key},
    domain::{
        community::CommunityRef,
        instance::InstanceKey,
        message::{Message, ToMessage},
    },
    gateway::{
        self, BudgetBook, ClientParts, Gateway, InstanceSpec, SocketOptions, Transport, check_community_id,
    },
    scrub::{self, Scrubber},
    store::{Renamed, Store},
    text::Text,
};

/// An instance that is ready for requests.
pub(super) struct Ready {
    pub(super) profile: Profile,
    /// The keys that earlier versions gave it.
    pub(super) former_keys: Vec<InstanceKey>,
    pub(super) gateway: Gateway,
}

/// An instance whose secrets were read.
struct Unlocked<'a> {
    config: &'a InstanceConfig,
    spec: InstanceSpec,
}

/// Makes every configured instance ready. All secrets are read first, because each client scrubs the secrets of all instances.
pub(super) async fn of_config(config: &Config, read_only: bool, text: &Text) -> Result<Vec<Ready>, Fault> {
    let mut unlocked = Vec::new();
    for instance in &config.instances {
        unlocked.push(unlock(instance, text).await?);
    }
    let secrets: Vec<SecretString> = unlocked.iter().flat_map(|instance| instance.spec.secrets()).collect();
    scrub::keep(secrets.iter().cloned().chain(config.instances.iter().filter_map(proxy_password)));
    let budgets = BudgetBook::new();
    unlocked
        .iter()
        .map(|instance| ready(instance, config, Arc::clone(&budgets), secrets.clone(), read_only, text))
        .collect()
}

/// The password in the URL of an instance's proxy.
fn proxy_password(instance: &InstanceConfig) -> Option<SecretString> {
    let url = instance.proxy.as_ref()?.expose_secret();
    let (user, _) = url.split_once("://").map_or(url, |(_, rest)| rest).rsplit_once('@')?;
    user.split_once(':').map(|(_, password)| SecretString::from(password))
}

async fn unlock<'a>(config: &'a InstanceConfig, text: &Text) -> Result<Unlocked<'a>, Fault> {
    let blame = |key: &str, error: SecretError| {
        let error = error.scrubbed(scrubbed);
        let message = Message::new("instance-unread").put("name", config.label.shown()).put("key", key);
        Fault::usage(text, &message.put("why", error.message()))
    };
    let instance = config.instance.read().await.map_err(|error| blame("instance", error))?;
    let token = config.token.read().await.map_err(|error| blame("token", error))?;
    let client_token = match &config.client_token {
        Some(source) => Some(source.read().await.map_err(|error| blame("client_token", error))?),
        None => None,
    };
    let base_url = config.base_url.clone();
    let spec = InstanceSpec { kind: config.gateway, base_url, instance, token, client_token };
    Ok(Unlocked { config, spec })
}

/// A line from outside, made safe to show.
fn scrubbed(line: &str, secrets: Vec<SecretString>) -> String {
    Scrubber::new(secrets).clean(line)
}

fn ready(
    instance: &Unlocked<'_>,
    whole: &Config,
    budgets: Arc<BudgetBook>,
    other_secrets: Vec<SecretString>,
    read_only: bool,
    text: &Text,
) -> Result<Ready, Fault> {
    let Unlocked { config, spec } = instance;
    let blame = |error: &dyn ToMessage| {
        let message = Message::new("instance-unopened").put("name", config.label.shown());
        Fault::usage(text, &message.put("why", error.message()))
    };
    let mut configured = Vec::new();
    for community in &config.communities {
        let id = check_community_id(config.gateway, &community.value).map_err(|error| {
            let problem = Problem {
                path: whole.origin.clone().unwrap_or_default(),
                line: community.line,
                example: format!("communities = [\"{}\"]", error.example),
                what: error.message(),
            };
            Fault::usage(text, &problem)
        })?;
        configured.push(CommunityRef { id, name: None });
    }
    let transport = transport(config).map_err(|error| blame(&error))?;
    let parts = ClientParts {
        timeouts: config.operations.timeout,
        clock: Clock::system(),
        budgets,
        transport,
        other_secrets,
    };
    let opened = gateway::open(spec, &parts).map_err(|error| blame(&error))?;
    let profile = Profile {
        key: instance_key(config.gateway, &config.base_url, &spec.instance),
        label: config.label.shown().to_owned(),
        gateway: config.gateway.label(),
        capabilities: opened.capabilities(),
        settings: config.operations.clone(),
        configured,
        address: Address {
            gateway: config.gateway.word(),
            base_url: config.base_url.as_str().to_owned(),
            instance: spec.name().map(str::to_owned),
        },
    };
    let reading = opened.retrying(Clock::system());
    let gateway = if read_only { reading.read_only() } else { reading };
    let former_keys = former_instance_keys(config.gateway, &config.base_url, &spec.instance);
    Ok(Ready { profile, former_keys, gateway })
}

/// The store in a directory, which also finds what earlier versions recorded about these instances.
pub(super) fn store<'a>(
    state_dir: &Path,
    instances: impl IntoIterator<Item = &'a Ready>,
    text: &Text,
) -> Result<Store, Fault> {
    let former = |ready: &'a Ready| {
        let key = &ready.profile.key;
        ready.former_keys.iter().map(move |former| Renamed { from: former.clone(), to: key.clone() })
    };
    let renamed = instances.into_iter().flat_map(former).collect();
    Store::open_renaming(state_dir, renamed).map_err(|error| Fault::state(text, &error))
}

fn transport(config: &InstanceConfig) -> Result<Arc<dyn Transport>, gateway::SocketError> {
    let options = SocketOptions {
        connect_timeout: config.operations.timeout.connect,
        proxy: config.proxy.clone(),
        ca_file: config.ca_file.clone(),
    };
    gateway::socket(&config.base_url, &options)
}
