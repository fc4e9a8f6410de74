//! The `[[instance]]` tables: their types, their checks, and the key that identifies an instance everywhere else. A mistake in a
//! table breaks only its instance; two tables with the same name, or for the same instance, break both.
//! Ids of communities are kept with their lines; the caller checks whether they have the gateway's form.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::domain::{
    base_url::BaseUrl,
    instance::{GatewayKind, InstanceKey},
    message::Message,
    name::{Name, fold::Folded},
    settings::OperationSettings,
};

use super::{
    BrokenInstance, ConfigError, InstanceFault, Located, Problem, SecretError, SecretSource, check, keys,
    operations,
    reader::{Table, Value},
    secrets,
};

const INSTANCE: &str = "[[instance]]";
const NAME: &str = "name = \"ops\"";
const GATEWAY: &str = "gateway = \"ryzeapi\", or gateway = \"zapi\"";
const INSECURE: &str = "insecure_http = true";
const COMMUNITIES: &str = "communities = [\"120363400000000001@g.us\"]";
const PROXY: &str = "proxy = \"http://proxy.example:3128\"";
const CA_FILE: &str = "ca_file = \"company-ca.pem\"";
const KNOWN: [&str; 11] = [
    "name",
    "gateway",
    "base_url",
    "insecure_http",
    "instance",
    "token",
    "client_token",
    "communities",
    "proxy",
    "ca_file",
    "operations",
];

/// One configured instance; its secrets are not resolved yet.
#[derive(Clone, Debug)]
pub struct InstanceConfig {
    /// The operator's name for it.
    pub label: Name,
    pub line: usize,
    pub gateway: GatewayKind,
    /// The gateway's address; by default the gateway's own.
    pub base_url: BaseUrl,
    /// The instance's name on the gateway, or the source of the name.
    pub instance: InstanceName,
    pub token: SecretSource,
    /// The source of the account's token, on Z-API.
    pub client_token: Option<SecretSource>,
    /// Communities that the gateway cannot list, as the operator wrote them.
    pub communities: Vec<Located<String>>,
    /// An HTTP proxy's URL, which may contain a password.
    pub proxy: Option<SecretString>,
    /// A file with certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// How operations run on it.
    pub operations: OperationSettings,
}

impl InstanceConfig {
    /// The sources of its secrets.
    fn secrets(&self) -> impl Iterator<Item = &SecretSource> {
        let name = if let InstanceName::Secret(source) = &self.instance { Some(source) } else { None };
        name.into_iter().chain([&self.token]).chain(&self.client_token)
    }

    /// Whether a program has to run to find out which instance it is.
    pub fn needs_command_for_identity(&self) -> bool {
        match &self.instance {
            InstanceName::Secret(source) => source.is_command(),
            InstanceName::Absent if keys::is_known_by_token(self.gateway) => self.token.is_command(),
            InstanceName::Plain(_) | InstanceName::Absent => false,
        }
    }

    /// What distinguishes the instance from others at the same address: its name, or else its token if only that names it. With
    /// the key whose value could not be read.
    pub async fn identity(&self) -> Result<SecretString, (&'static str, SecretError)> {
        match &self.instance {
            InstanceName::Plain(name) => Ok(SecretString::from(name.as_str())),
            InstanceName::Secret(source) => source.read().await.map_err(|error| ("instance", error)),
            InstanceName::Absent if keys::is_known_by_token(self.gateway) => {
                self.token.read().await.map_err(|error| ("token", error))
            }
            InstanceName::Absent => Ok(SecretString::default()),
        }
    }

    /// Whether a program has to run before it can be used.
    pub fn needs_command(&self) -> bool {
        self.secrets().any(SecretSource::is_command)
    }

    /// Whether another entry has the same gateway and address, in any spelling.
    pub fn shares_gateway(&self, other: &Self) -> bool {
        self.gateway == other.gateway && self.base_url.canonical() == other.base_url.canonical()
    }

    /// Whether another entry is the same instance, as far as the file alone shows that.
    fn is_surely(&self, other: &Self) -> bool {
        let is_same_name = match (&self.instance, &other.instance) {
            (InstanceName::Plain(one), InstanceName::Plain(other)) => one == other,
            (InstanceName::Secret(one), InstanceName::Secret(other)) => one.is_surely(other),
            (InstanceName::Absent, InstanceName::Absent) => {
                !keys::is_known_by_token(self.gateway) || self.token.is_surely(&other.token)
            }
            _ => false,
        };
        is_same_name && self.shares_gateway(other)
    }

    fn secrets_mut(&mut self) -> impl Iterator<Item = &mut SecretSource> {
        let name = if let InstanceName::Secret(source) = &mut self.instance { Some(source) } else { None };
        name.into_iter().chain([&mut self.token]).chain(&mut self.client_token)
    }
}

/// The instance's name on the gateway. On some gateways it is a secret, because it is part of the authorization; others have none.
#[derive(Clone, Debug)]
pub enum InstanceName {
    Plain(String),
    Secret(SecretSource),
    Absent,
}

/// Reads the address from the file, or takes the gateway's own.
fn base_url(table: &Table<'_>, gateway: GatewayKind) -> Result<BaseUrl, ConfigError> {
    let example = keys::example(gateway, "base_url");
    let allows_plain = match table.get("insecure_http") {
        Some(value) => value.switch(INSECURE)?,
        None => false,
    };
    match (table.get("base_url"), gateway.base_url()) {
        (None, Some(usual)) => Ok(usual),
        (value, _) => {
            let value = value.map_or_else(|| table.need("base_url", example), Ok)?;
            let url = check::base_url(value.text(example)?, allows_plain);
            url.map_err(|what| value.problem(what, example))
        }
    }
}

/// The key of an instance in events, locks and the journal: the gateway and the first 16 hexadecimal digits of a digest of
/// gateway, base URL and instance. None of these can be read from it.
///
/// All spellings of an address give the same key, so that each number has one journal and one lock.
pub fn instance_key(gateway: GatewayKind, base_url: &BaseUrl, instance: &SecretString) -> InstanceKey {
    spelled_key(gateway, &base_url.canonical(), instance)
}

/// The keys that earlier versions gave an instance; they derived them from the address as it was spelled.
pub fn former_instance_keys(
    gateway: GatewayKind,
    base_url: &BaseUrl,
    instance: &SecretString,
) -> Vec<InstanceKey> {
    base_url.spellings().iter().map(|spelling| spelled_key(gateway, spelling, instance)).collect()
}

fn spelled_key(gateway: GatewayKind, base_url: &BaseUrl, instance: &SecretString) -> InstanceKey {
    let kind = gateway.word();
    let mut digest = Sha256::new();
    // No part contains a zero byte, so two different triples never give the same text.
    for part in ["synod instance key 1", kind, base_url.as_str(), instance.expose_secret()] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let mut key = format!("{kind}-");
    for byte in &digest.finalize()[..8] {
        // Writing to a String does not fail.
        let _ = write!(key, "{byte:02x}");
    }
    InstanceKey::new(&key)
}

/// An entry whose lines have been read.
struct ReadEntry<'a> {
    table: Table<'a>,
    /// The operator's name for it, if the entry has a valid one.
    label: Option<Name>,
    instance: Result<InstanceConfig, Problem>,
}

/// The lines of all entries, in the order of the file.
fn entries<'a>(root: &Table<'a>, operations: &OperationSettings) -> Result<Vec<ReadEntry<'a>>, ConfigError> {
    let mut entries: Vec<ReadEntry<'_>> = Vec::new();
    let Some(list) = root.get("instance") else { return Ok(entries) };
    let shape = || list.problem(Message::new("config-instance-head"), INSTANCE);
    // An empty list would be in the way of the first heading.
    for value in list.as_list().filter(|list| !list.is_empty()).ok_or_else(shape)? {
        let table = value.as_table().ok_or_else(shape)?;
        let label = table.get("name").and_then(|name| read_label(&name).ok());
        let instance = match read_one(&table, operations) {
            Ok(instance) => Ok(instance),
            Err(ConfigError::Invalid(problem)) => Err(problem),
            Err(error) => return Err(error),
        };
        entries.push(ReadEntry { table, label, instance });
    }
    Ok(entries)
}

/// Every entry in the order of the file, whatever other entries say; `None` if its own lines are invalid.
pub(super) fn each(root: &Table<'_>) -> Result<Vec<Option<InstanceConfig>>, ConfigError> {
    let entries = entries(root, &OperationSettings::default())?;
    Ok(entries.into_iter().map(|entry| entry.instance.ok()).collect())
}

/// Reads all entries; `operations` holds the settings that they start from. Returns the usable ones and the broken ones.
pub(super) fn read(
    root: &Table<'_>,
    operations: &OperationSettings,
) -> Result<(Vec<InstanceConfig>, Vec<BrokenInstance>), ConfigError> {
    let entries = entries(root, operations)?;
    let secrets: Vec<SecretSource> = entries.iter().flat_map(|entry| sources(&entry.table)).collect();
    let faults: Vec<Option<InstanceFault>> = (0..entries.len()).map(|at| fault(&entries, at)).collect();
    let (mut usable, mut broken) = (Vec::new(), Vec::new());
    for (ReadEntry { table, label, instance }, fault) in entries.into_iter().zip(faults) {
        match (instance, fault) {
            (Ok(mut instance), None) => {
                instance.secrets_mut().for_each(|source| source.keep_from(&secrets));
                usable.push(instance);
            }
            (Ok(instance), Some(fault)) => broken.push(BrokenInstance::new(&instance, fault)),
            (Err(problem), _) => {
                let gateway = table.get("gateway").and_then(|gateway| read_gateway(&gateway).ok());
                let fault = InstanceFault::Invalid(problem);
                let line = table.line;
                broken.push(BrokenInstance { label, line, gateway, is_valid: false, fault });
            }
        }
    }
    Ok((usable, broken))
}

/// The secrets of an entry that no program has to get, as far as they can be read.
fn sources(table: &Table<'_>) -> Vec<SecretSource> {
    let read = |key| secrets::read(key, &table.get(key)?).ok();
    let sources = ["instance", "token", "client_token"].into_iter().filter_map(read);
    sources.filter(|source| !source.is_command()).collect()
}

/// Why an entry whose own lines are valid cannot be used: another entry has its name, or is the same instance.
fn fault(entries: &[ReadEntry<'_>], at: usize) -> Option<InstanceFault> {
    let (entry, own) = (&entries[at], entries[at].instance.as_ref().ok()?);
    let lines_of = |is_same: &dyn Fn(&ReadEntry<'_>) -> bool| {
        let others = entries.iter().enumerate().filter(|(other, entry)| *other != at && is_same(entry));
        others.map(|(_, other)| other.table.line).collect::<Vec<usize>>()
    };
    let label = Folded::new(own.label.shown());
    let has_name = |other: &ReadEntry<'_>| {
        other.label.as_ref().is_some_and(|other| Folded::new(other.shown()).is_same_name(&label))
    };
    let others = lines_of(&has_name);
    if !others.is_empty() {
        let line = entry.table.get("name").map_or(entry.table.line, |name| name.line);
        let problem = duplicate(entry.table.source.path, line, "config-same-name", &others, NAME);
        return Some(InstanceFault::SameName { problem, others });
    }
    let others = lines_of(&|other| other.instance.as_ref().is_ok_and(|other| other.is_surely(own)));
    (!others.is_empty()).then(|| InstanceFault::same_instance(entry.table.source.path, own.line, others))
}

fn duplicate(path: &Path, line: usize, key: &'static str, others: &[usize], example: &str) -> Problem {
    let lines: Vec<String> = others.iter().map(ToString::to_string).collect();
    let what = Message::new(key).put("other", lines.join(", "));
    Problem { path: path.to_owned(), line, what, example: example.to_owned() }
}

impl InstanceFault {
    /// The entry in this line is the same instance as the entries in other lines.
    pub fn same_instance(path: &Path, line: usize, others: Vec<usize>) -> Self {
        let problem = duplicate(path, line, "config-same-instance", &others, "instance = \"another\"");
        Self::SameInstance { problem, others }
    }
}

fn read_one(table: &Table<'_>, operations: &OperationSettings) -> Result<InstanceConfig, ConfigError> {
    table.refuse_unknown(INSTANCE, &KNOWN)?;
    let gateway = read_gateway(&table.need("gateway", GATEWAY)?)?;
    Ok(InstanceConfig {
        label: read_label(&table.need("name", NAME)?)?,
        line: table.line,
        gateway,
        base_url: base_url(table, gateway)?,
        instance: read_name(table, gateway)?,
        token: secrets::read("token", &table.need("token", keys::example(gateway, "token"))?)?,
        client_token: read_client_token(table, gateway)?,
        communities: read_communities(table)?,
        proxy: table.get("proxy").map(|proxy| read_proxy(&proxy)).transpose()?,
        ca_file: table.get("ca_file").map(|file| read_path(&file)).transpose()?,
        operations: operations::read(table, operations)?,
    })
}

fn read_label(value: &Value<'_>) -> Result<Name, ConfigError> {
    check::label(value.text(NAME)?).map_err(|what| value.problem(what, NAME))
}

fn read_gateway(value: &Value<'_>) -> Result<GatewayKind, ConfigError> {
    check::gateway(value.text(GATEWAY)?).map_err(|what| value.problem(what, GATEWAY))
}

fn read_name(table: &Table<'_>, gateway: GatewayKind) -> Result<InstanceName, ConfigError> {
    let given = table.get("instance");
    let Some(key) = keys::key(gateway, "instance") else {
        return match given {
            Some(value) => Err(value.problem(not_taken("instance", gateway), "gateway = \"ryzeapi\"")),
            None => Ok(InstanceName::Absent),
        };
    };
    if given.is_none() && !key.is_required {
        return Ok(InstanceName::Absent);
    }
    let example = key.example;
    let value = given.map_or_else(|| table.need("instance", example), Ok)?;
    if key.is_secret {
        return secrets::read("instance", &value).map(InstanceName::Secret);
    }
    let Some(text) = value.as_text() else {
        return secrets::read("instance", &value).map(InstanceName::Secret);
    };
    check::instance(text).map(InstanceName::Plain).map_err(|what| value.problem(what, example))
}

/// A key that only other gateways take.
fn not_taken(key: &'static str, gateway: GatewayKind) -> Message {
    Message::new("config-key-not-taken").put("key", key).put("gateway", gateway.label())
}

fn read_client_token(table: &Table<'_>, gateway: GatewayKind) -> Result<Option<SecretSource>, ConfigError> {
    let Some(value) = table.get("client_token") else { return Ok(None) };
    if keys::key(gateway, "client_token").is_none() {
        return Err(value.problem(not_taken("client_token", gateway), "gateway = \"zapi\""));
    }
    secrets::read("client_token", &value).map(Some)
}

fn read_communities(table: &Table<'_>) -> Result<Vec<Located<String>>, ConfigError> {
    let Some(value) = table.get("communities") else { return Ok(Vec::new()) };
    let mut communities = Vec::new();
    for id in value.list(COMMUNITIES)? {
        let wrong = || id.problem(Message::new("config-communities"), COMMUNITIES);
        let text = id.as_text().ok_or_else(wrong)?;
        communities.push(Located { value: text.to_owned(), line: id.line });
    }
    Ok(communities)
}

fn read_proxy(value: &Value<'_>) -> Result<SecretString, ConfigError> {
    let text = value.text(PROXY)?;
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    if host.is_none_or(str::is_empty) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(value.problem(Message::new("config-proxy"), PROXY));
    }
    if text.contains('@') && !value.source.is_private {
        let what = Message::new("config-proxy-password").put("quoted", value.source.quoted());
        return Err(value.problem(what, PROXY));
    }
    Ok(SecretString::from(text))
}

fn read_path(value: &Value<'_>) -> Result<PathBuf, ConfigError> {
    let path = value.text(CA_FILE)?;
    if path.is_empty() {
        return Err(value.problem(value.about("config-path"), CA_FILE));
    }
    Ok(value.source.resolve(path))
}
