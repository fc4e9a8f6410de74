//! Turns the configuration into instances that are ready for requests: reads secrets, checks ids, builds clients. An entry for which
//! that fails is broken, with its fault; the others are ready.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    sync::Arc,
};

use secrecy::{ExposeSecret, SecretString};

use crate::{
    app::instance::{Address, Profile},
    cli::{Fault, Instance},
    clock::Clock,
    config::{
        BrokenInstance, Config, InstanceConfig, InstanceFault, InstanceName, Problem, SecretError,
        former_instance_keys, instance_key, keys,
    },
    domain::{
        community::CommunityRef,
        instance::{EntryPlace, GatewayKind, InstanceKey},
        message::ToMessage,
        name::Name,
    },
    gateway::{
        self, BudgetBook, ClientParts, Gateway, InstanceSpec, SocketError, SocketOptions, Transport,
        check_community_id,
    },
    scrub::{self, Scrubber},
    text::Text,
};

/// An instance that is ready for requests.
pub(super) struct Ready {
    /// The line of its heading in the configuration.
    pub(super) line: usize,
    pub(super) kind: GatewayKind,
    pub(super) profile: Profile,
    /// The keys that earlier versions gave it.
    pub(super) former_keys: Vec<InstanceKey>,
    pub(super) gateway: Gateway,
    /// Changes if anything changes that its client or its operations depend on.
    pub(super) stamp: u64,
}

impl Ready {
    /// The same as a command sees it.
    pub(super) fn into_instance(self) -> Instance {
        let Self { kind, profile, former_keys, gateway, .. } = self;
        Instance {
            key: profile.key,
            former_keys,
            label: profile.label,
            kind,
            capabilities: profile.capabilities,
            is_insecure: profile.address.is_insecure,
            settings: profile.settings,
            configured: profile.configured,
            gateway,
        }
    }
}

/// The instances of a configuration: each is either ready or broken.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) ready: Vec<Ready>,
    /// In the order of the file.
    pub(super) broken: Vec<BrokenInstance>,
    /// Stands for the text of the configuration.
    pub(super) version: u64,
}

impl Opened {
    /// Every instance, for a command that needs each of them.
    pub(super) fn all(self, text: &Text) -> Result<Vec<Ready>, Fault> {
        let faults = self.broken.iter().map(|broken| Fault::usage(text, broken)).collect();
        Fault::all(faults).map_or(Ok(self.ready), Err)
    }
}

/// An instance whose secrets were read.
struct Unlocked<'a> {
    config: &'a InstanceConfig,
    spec: InstanceSpec,
    /// What distinguishes it from others at the same address.
    identity: SecretString,
}

/// Makes the connection to the gateway of an instance.
pub type MakeTransport =
    Arc<dyn Fn(&InstanceConfig) -> Result<Arc<dyn Transport>, SocketError> + Send + Sync>;

/// How clients are made.
#[derive(Clone)]
pub struct Clients {
    pub clock: Clock,
    /// The budgets of the tokens. They outlive a change of the configuration.
    pub budgets: Arc<BudgetBook>,
    pub transport: MakeTransport,
    pub read_only: bool,
}

impl Clients {
    /// Clients over the network.
    pub fn of_network(read_only: bool) -> Self {
        Self { clock: Clock::system(), budgets: BudgetBook::new(), transport: Arc::new(transport), read_only }
    }
}

/// The same over the network, for a command that does not change the configuration.
pub(super) async fn of_config(config: &Config, read_only: bool) -> Opened {
    opened(config, &Clients::of_network(read_only)).await
}

/// Makes each configured instance ready, or finds out why it cannot be. All secrets are read first, because each client scrubs the
/// secrets of all instances.
pub(super) async fn opened(config: &Config, clients: &Clients) -> Opened {
    let mut broken = config.broken.clone();
    let mut unlocked = Vec::new();
    for (instance, name) in named(config, &mut broken).await {
        match unlock(instance, name).await {
            Ok(instance) => unlocked.push(instance),
            Err(fault) => broken.push(BrokenInstance::new(instance, fault)),
        }
    }
    let secrets: Vec<SecretString> = unlocked.iter().flat_map(|instance| instance.spec.secrets()).collect();
    scrub::keep(secrets.iter().cloned().chain(config.instances.iter().filter_map(proxy_password)));
    let scrubber = Arc::new(Scrubber::new(secrets));
    let mut ready = Vec::new();
    for instance in &unlocked {
        match open(instance, config, clients, Arc::clone(&scrubber)) {
            Ok(instance) => ready.push(instance),
            Err(fault) => broken.push(BrokenInstance::new(instance.config, fault)),
        }
    }
    broken.sort_by_key(|broken| broken.line);
    Opened { ready, broken, version: config.version }
}

/// The instances with their names on the gateway. Those whose name cannot be read, or that are the same instance as another entry,
/// are broken.
async fn named<'a>(
    config: &'a Config,
    broken: &mut Vec<BrokenInstance>,
) -> Vec<(&'a InstanceConfig, SecretString)> {
    let mut named = Vec::new();
    for instance in &config.instances {
        match instance.identity().await {
            Ok(name) => named.push((instance, name)),
            Err((key, error)) => broken.push(BrokenInstance::new(instance, unread(key, error))),
        }
    }
    let mut all: Vec<(usize, InstanceKey)> =
        named.iter().map(|(instance, name)| (instance.line, key_of(instance, name))).collect();
    for other in &config.others {
        // No program is run for an instance that the command does not use.
        if !other.needs_command_for_identity()
            && config.instances.iter().any(|one| one.shares_gateway(other))
            && let Ok(name) = other.identity().await
        {
            all.push((other.line, key_of(other, &name)));
        }
    }
    named.retain(|(instance, name)| {
        let key = key_of(instance, name);
        let same = all.iter().filter(|(line, other)| *line != instance.line && *other == key);
        let mut others: Vec<usize> = same.map(|(line, _)| *line).collect();
        if others.is_empty() {
            return true;
        }
        others.sort_unstable();
        let path = config.origin.as_deref().unwrap_or(Path::new(""));
        let fault = InstanceFault::same_instance(path, instance.line, others);
        broken.push(BrokenInstance::new(instance, fault));
        false
    });
    named
}

fn key_of(config: &InstanceConfig, name: &SecretString) -> InstanceKey {
    instance_key(config.gateway, &config.base_url, name)
}

/// The password in the URL of an instance's proxy.
fn proxy_password(instance: &InstanceConfig) -> Option<SecretString> {
    let url = instance.proxy.as_ref()?.expose_secret();
    let (user, _) = url.split_once("://").map_or(url, |(_, rest)| rest).rsplit_once('@')?;
    user.split_once(':').map(|(_, password)| SecretString::from(password))
}

async fn unlock(config: &InstanceConfig, identity: SecretString) -> Result<Unlocked<'_>, InstanceFault> {
    let token = if keys::is_known_by_token(config.gateway) {
        identity.clone()
    } else {
        config.token.read().await.map_err(|error| unread("token", error))?
    };
    let client_token = match &config.client_token {
        Some(source) => Some(source.read().await.map_err(|error| unread("client_token", error))?),
        None => None,
    };
    let base_url = config.base_url.clone();
    let instance = Some(identity.clone()).filter(|_| !matches!(config.instance, InstanceName::Absent));
    let spec = InstanceSpec { kind: config.gateway, base_url, instance, token, client_token };
    Ok(Unlocked { config, spec, identity })
}

fn unread(key: &'static str, error: SecretError) -> InstanceFault {
    InstanceFault::Unread { key, why: error.scrubbed(scrubbed).message() }
}

/// A line from outside, made safe to show.
fn scrubbed(line: &str, secrets: Vec<SecretString>) -> String {
    Scrubber::new(secrets).clean(line)
}

fn open(
    instance: &Unlocked<'_>,
    whole: &Config,
    clients: &Clients,
    scrubber: Arc<Scrubber>,
) -> Result<Ready, InstanceFault> {
    let Unlocked { config, spec, identity } = instance;
    let blame = |error: &dyn ToMessage| InstanceFault::Unopened(error.message());
    let mut configured = Vec::new();
    for community in &config.communities {
        let id = check_community_id(config.gateway, &community.value).map_err(|error| {
            InstanceFault::Invalid(Problem {
                path: whole.origin.clone().unwrap_or_default(),
                line: community.line,
                example: format!("communities = [\"{}\"]", error.example),
                what: error.message(),
            })
        })?;
        configured.push(CommunityRef { id, name: None });
    }
    let transport = (clients.transport)(config).map_err(|error| blame(&error))?;
    let parts = ClientParts {
        timeouts: config.operations.timeout,
        clock: clients.clock,
        budgets: Arc::clone(&clients.budgets),
        transport,
        scrubber,
    };
    let opened = gateway::open(spec, &parts).map_err(|error| blame(&error))?;
    let profile = Profile {
        key: key_of(config, identity),
        label: config.label.shown().to_owned(),
        entry: place(whole.version, config.line, &config.label),
        gateway: config.gateway.label(),
        capabilities: opened.capabilities(),
        settings: config.operations.clone(),
        configured,
        address: Address {
            gateway: config.gateway.word(),
            base_url: config.base_url.as_str().to_owned(),
            instance: spec.name().map(str::to_owned),
            is_insecure: config.base_url.is_insecure(),
        },
    };
    let reading = opened.retrying(clients.clock);
    let gateway = if clients.read_only { reading.read_only() } else { reading };
    let former_keys = former_instance_keys(config.gateway, &config.base_url, identity);
    Ok(Ready {
        line: config.line,
        kind: config.gateway,
        profile,
        former_keys,
        gateway,
        stamp: stamp(config, spec),
    })
}

/// Where an entry is in a configuration with this version.
pub(super) fn place(version: u64, line: usize, label: &Name) -> EntryPlace {
    EntryPlace { label: label.exact().to_owned(), line, version }
}

/// A number for everything that a client and its operations depend on. It stays in this process, because it depends on secrets.
fn stamp(config: &InstanceConfig, spec: &InstanceSpec) -> u64 {
    let mut hasher = DefaultHasher::new();
    spec.secrets().iter().for_each(|secret| secret.expose_secret().hash(&mut hasher));
    config.proxy.as_ref().map(ExposeSecret::expose_secret).hash(&mut hasher);
    config.ca_file.hash(&mut hasher);
    config.communities.iter().for_each(|community| community.value.hash(&mut hasher));
    format!("{:?} {:?}", config.base_url, config.operations).hash(&mut hasher);
    hasher.finish()
}

fn transport(config: &InstanceConfig) -> Result<Arc<dyn Transport>, SocketError> {
    let options = SocketOptions {
        connect_timeout: config.operations.timeout.connect,
        proxy: config.proxy.clone(),
        ca_file: config.ca_file.clone(),
    };
    gateway::socket(&config.base_url, &options)
}
