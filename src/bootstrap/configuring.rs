//! The configuration file for the terminal program: reads an entry, tries it, writes it, and makes the instances ready. `config::check`
//! has the rules of the values, `config::edit` those of the text, and `config::save` writes the file. `synod init` uses them too.

use std::path::PathBuf;

use super::instances::{self, Clients, Opened, Ready};
use crate::{
    app::{
        broken::BrokenEntry,
        entry::{
            EntryField, EntryRefusal, EntryTrouble, EntryValues, GatewayChoice, GivenSecret, SecretOrigin,
        },
    },
    config::{
        BrokenInstance, Config, ConfigEntry, ConfigError, Environment, InstanceFault, check,
        edit::{self, ConfigText, DraftName, EditError, SecretReference},
        keys,
        new_entry::{Given, NewEntry},
        paths,
        save::{self, SaveError},
    },
    domain::{
        failure::FailureKind,
        instance::{Connection, EntryPlace, GatewayKind},
        message::{Message, ToMessage},
        name::Name,
        private::Private,
    },
    gateway::Gateway,
    runtime::{Configuration, OpenedConfiguration, OpenedInstance},
    text::Text,
};
use async_trait::async_trait;

/// The gateways that an entry can name.
pub fn gateways() -> Vec<GatewayChoice> {
    GatewayKind::ALL
        .map(|kind| GatewayChoice {
            word: kind.word(),
            name: kind.label(),
            usual_address: kind.base_url().map(|url| url.as_str().to_owned()),
            fields: keys::of(kind).iter().map(|key| (field_of(key.name), key.help)).collect(),
            needs_instance: keys::key(kind, "instance").is_some_and(|key| key.is_required),
            keeps_name_secret: keys::keeps_name_secret(kind),
            lists_instances: keys::lists_instances(kind),
        })
        .to_vec()
}

/// The field of the form for a key.
fn field_of(key: &str) -> EntryField {
    match key {
        "base_url" => EntryField::Address,
        "token" => EntryField::Token,
        "client_token" => EntryField::ClientToken,
        _ => EntryField::Instance,
    }
}

/// A broken entry, as the screen shows it.
pub(super) fn broken_entry(broken: &BrokenInstance, version: u64, text: &Text) -> BrokenEntry {
    BrokenEntry {
        title: text.tell(&broken.title()),
        place: broken.label.as_ref().map(|label| instances::place(version, broken.line, label)),
        is_valid: broken.is_valid,
        gateway: broken.gateway.map(GatewayKind::label),
        why: broken.fault.message(),
    }
}

/// The configuration file.
pub struct ConfigurationFile {
    /// The requested file (`--config`); `None` is the usual place.
    asked: Option<PathBuf>,
    path: PathBuf,
    state_dir: Option<PathBuf>,
    environment: Environment,
    clients: Clients,
    text: Text,
}

impl ConfigurationFile {
    /// The configuration at a place, which need not exist yet.
    pub fn new(
        asked: Option<PathBuf>,
        state_dir: Option<PathBuf>,
        environment: Environment,
        clients: Clients,
        text: Text,
    ) -> Result<Self, ConfigError> {
        let path = paths::config_file(asked.as_deref(), &environment)?.path;
        Ok(Self { asked, path, state_dir, environment, clients, text })
    }

    async fn current(&self) -> Result<String, Message> {
        let path = self.path.clone();
        blocking(move || save::read(&path)).await.map_err(|error| error.message())
    }

    /// The instances that the token of an entry gives access to, as the reason why an entry that names no instance cannot be written.
    async fn listed(&self, entry: &EntryValues, old: Option<&EntryPlace>) -> EntryRefusal {
        // Any name will do: the request for the list has none.
        const ANY: &str = "synod lists the instances";
        let mut named = entry.clone();
        named.instance = GivenSecret { origin: SecretOrigin::Typed, text: Private::new(ANY) };
        if named.label.is_empty() {
            named.label = old.map_or(ANY, |old| &old.label).to_owned();
        }
        let listed = match self.gateway_of(&named, old).await {
            Ok(gateway) => gateway.instances().await,
            Err(refusal) => return refusal,
        };
        let at_instance = |why| wrong(Some(EntryField::Instance), why);
        match listed {
            Ok(listed) if !listed.is_empty() => {
                let all: Vec<&str> = listed.iter().map(|one| one.name.shown()).collect();
                at_instance(Message::new("entry-listed").put("names", all.join(", ")))
            }
            Err(failure) if failure.kind == FailureKind::TokenRefused => {
                EntryRefusal { field: Some(EntryField::Token), why: EntryTrouble::Refused(failure) }
            }
            Err(failure) if failure.kind == FailureKind::Unreachable => {
                wrong(Some(EntryField::Address), Message::new("entry-unreachable"))
            }
            // The token is an instance's own, and lists nothing.
            Ok(_) => EntryRefusal { field: Some(EntryField::Instance), why: EntryTrouble::Missing },
            Err(failure) if failure.kind == FailureKind::Unsupported => {
                EntryRefusal { field: Some(EntryField::Instance), why: EntryTrouble::Missing }
            }
            Err(failure) => {
                let why = self.text.failure_and_advice(&failure);
                at_instance(Message::new("entry-not-listed").put("why", why))
            }
        }
    }

    /// A client for an entry whose other values do not matter yet.
    async fn gateway_of(
        &self,
        entry: &EntryValues,
        old: Option<&EntryPlace>,
    ) -> Result<Gateway, EntryRefusal> {
        // A new entry depends on no other one; a changed one may keep secrets.
        let text = match old {
            Some(_) => self.current().await.map_err(|why| wrong(None, why))?,
            None => String::new(),
        };
        let current = ConfigText { path: &self.path, text: &text };
        let new = checked(entry, allows_plain(current, old))?;
        let text = new.put(current, old).map_err(|error| of_edit(&error))?;
        self.gateway(&new, &text).await
    }

    /// Tries an entry in a text that is not written yet.
    async fn tried(&self, entry: &NewEntry, text: &str) -> Result<Connection, EntryRefusal> {
        let gateway = self.gateway(entry, text).await?;
        let refused = |failure| EntryRefusal { field: None, why: EntryTrouble::Refused(failure) };
        gateway.connection().await.map_err(refused)
    }

    /// A client for an entry in a text that is not written yet. Nothing can be changed through it.
    async fn gateway(&self, entry: &NewEntry, text: &str) -> Result<Gateway, EntryRefusal> {
        let state_dir = self.state_dir.as_deref();
        let config = Config::of_text(&self.path, text, state_dir, &self.environment);
        let config = config.map_err(|error| wrong(None, error.message()))?;
        let label = entry.label.shown();
        let mut instance = match config.entry(label) {
            Ok(ConfigEntry::Usable(instance)) => instance.clone(),
            Ok(ConfigEntry::Broken(broken)) => return Err(self.broken(broken)),
            Err(error) => return Err(wrong(None, error.message())),
        };
        entry.put_secrets(&mut instance);
        let clients = Clients { read_only: true, ..self.clients.clone() };
        let Opened { ready, broken, .. } =
            instances::opened(&config.with_only(vec![instance]), &clients).await;
        let Some(ready) = ready.into_iter().next() else {
            let broken = broken.first().map(|broken| self.broken(broken));
            return Err(
                broken.unwrap_or_else(|| wrong(None, Message::new("edit-no-entry").put("name", label)))
            );
        };
        Ok(ready.gateway)
    }

    /// Why an entry is broken, at the field to correct.
    fn broken(&self, broken: &BrokenInstance) -> EntryRefusal {
        match &broken.fault {
            InstanceFault::SameInstance { others, .. } => {
                let error = EditError::same_instance(&self.path, others);
                wrong(Some(EntryField::Instance), error.message())
            }
            InstanceFault::SameName { .. } => wrong(Some(EntryField::Name), broken.fault.message()),
            InstanceFault::Unread { key, .. } => wrong(Some(field_of(key)), broken.fault.message()),
            InstanceFault::Invalid(_) | InstanceFault::Unopened(_) => wrong(None, broken.fault.message()),
        }
    }
}

#[async_trait]
impl Configuration for ConfigurationFile {
    async fn entry(&self, entry: &EntryPlace) -> Result<EntryValues, Message> {
        let text = self.current().await?;
        let current = ConfigText { path: &self.path, text: &text };
        let draft = edit::draft_of(current, entry).map_err(|error| error.message())?;
        let kept = || GivenSecret { origin: SecretOrigin::Kept, text: None };
        Ok(EntryValues {
            gateway: draft.gateway.word().to_owned(),
            address: draft.base_url.map(|url| url.as_str().to_owned()).unwrap_or_default(),
            instance: match draft.instance {
                DraftName::Plain(name) => {
                    GivenSecret { origin: SecretOrigin::Typed, text: Private::new(&name) }
                }
                DraftName::Secret(_) => kept(),
                DraftName::Absent => GivenSecret::default(),
            },
            token: kept(),
            client_token: draft.client_token.map(|_| kept()).unwrap_or_default(),
            label: draft.label.shown().to_owned(),
        })
    }

    async fn try_entry(
        &self,
        entry: &EntryValues,
        old: Option<&EntryPlace>,
    ) -> Result<Connection, EntryRefusal> {
        if entry.instance.is_missing() && check::gateway(&entry.gateway).is_ok_and(keys::lists_instances) {
            return Err(self.listed(entry, old).await);
        }
        let text = self.current().await.map_err(|why| wrong(None, why))?;
        let current = ConfigText { path: &self.path, text: &text };
        let new = checked(entry, allows_plain(current, old))?;
        let text = new.put(current, old).map_err(|error| of_edit(&error))?;
        self.tried(&new, &text).await
    }

    async fn save_entry(
        &self,
        entry: &EntryValues,
        old: Option<&EntryPlace>,
    ) -> Result<String, EntryRefusal> {
        let text = self.current().await.map_err(|why| wrong(None, why))?;
        let new = checked(entry, allows_plain(ConfigText { path: &self.path, text: &text }, old))?;
        let label = new.label.shown().to_owned();
        let (path, old) = (self.path.clone(), old.cloned());
        let saved = blocking(move || new.save(&path, old.as_ref()));
        match saved.await {
            Ok(_) => Ok(label),
            Err(SaveError::Edit(error)) => Err(of_edit(&error)),
            Err(error) => Err(wrong(None, error.message())),
        }
    }

    async fn remove_entry(&self, entry: &EntryPlace) -> Result<(), Message> {
        let (path, entry) = (self.path.clone(), entry.clone());
        let removed = blocking(move || save::save(&path, |current| edit::remove(current, &entry))).await;
        removed.map_err(|error| error.message())
    }

    async fn add_like(&self, entry: &EntryPlace, names: &[String]) -> Result<(), Message> {
        let (path, entry, names) = (self.path.clone(), entry.clone(), names.to_vec());
        let instances: Vec<String> =
            names.iter().map(|name| check::instance(name)).collect::<Result<_, Message>>()?;
        let added = blocking(move || {
            save::save(&path, |current| {
                let mut text = current.text.to_owned();
                for instance in &instances {
                    text = added_like(ConfigText { text: &text, ..current }, &entry, instance)?;
                }
                Ok(text)
            })
        });
        added.await.map_err(|error| error.message())
    }

    async fn open(&self) -> Result<OpenedConfiguration, Message> {
        let (asked, state_dir) = (self.asked.clone(), self.state_dir.clone());
        let environment = self.environment.clone();
        let load = move || Config::load_or_empty(asked.as_deref(), state_dir.as_deref(), &environment);
        let config = blocking(load).await.map_err(|error| error.message())?;
        let Opened { ready, broken, version } = instances::opened(&config, &self.clients).await;
        let ready = ready.into_iter().map(|ready| {
            let Ready { profile, gateway, former_keys, stamp, .. } = ready;
            OpenedInstance { profile, gateway, former_keys, stamp }
        });
        let broken = broken.iter().map(|broken| broken_entry(broken, version, &self.text)).collect();
        Ok(OpenedConfiguration { ready: ready.collect(), broken })
    }
}

/// A text with one more entry like another, for an instance of the same account. It is called like the instance, cut and numbered if
/// that is too long or taken.
fn added_like(current: ConfigText<'_>, entry: &EntryPlace, instance: &str) -> Result<String, EditError> {
    const MOST_NAMES: usize = 100;
    /// Characters that leave room for a number.
    const SHORT: usize = 36;
    let mut number = 1;
    loop {
        let short: String = instance.chars().take(SHORT).collect();
        let label = match number {
            1 => check::label(instance).or_else(|_| check::label(short.trim())),
            _ => check::label(&format!("{}-{number}", short.trim())),
        };
        let label = label.unwrap_or_else(|_| Name::new(&format!("instance-{number}")));
        number += 1;
        match edit::add_like(current, entry, &label, instance) {
            Err(EditError::NameTaken { .. }) if number < MOST_NAMES => {}
            ended => return ended,
        }
    }
}

/// Runs work with files beside the other work.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn wrong(field: Option<EntryField>, why: Message) -> EntryRefusal {
    EntryRefusal { field, why: EntryTrouble::Wrong(why) }
}

fn of_edit(error: &EditError) -> EntryRefusal {
    let field = match error {
        EditError::NameTaken { .. } => Some(EntryField::Name),
        EditError::SameInstance { .. } => Some(EntryField::Instance),
        EditError::Unreadable(_)
        | EditError::NoSuchEntry { .. }
        | EditError::ByHand { .. }
        | EditError::Changed { .. }
        | EditError::NoTables { .. } => None,
    };
    wrong(field, error.message())
}

/// Whether the entry that is changed has the operator's consent to plain HTTP. The form does not ask for it.
fn allows_plain(current: ConfigText<'_>, old: Option<&EntryPlace>) -> bool {
    let draft = old.and_then(|entry| edit::draft_of(current, entry).ok());
    draft.and_then(|draft| draft.base_url).is_some_and(|url| url.is_insecure())
}

/// The values of an entry, checked.
fn checked(values: &EntryValues, allows_plain: bool) -> Result<NewEntry, EntryRefusal> {
    let at = |field| move |why| wrong(Some(field), why);
    let gateway = check::gateway(&values.gateway).map_err(at(EntryField::Gateway))?;
    let base_url = match values.address.as_str() {
        "" => None,
        text => Some(check::base_url(text, allows_plain).map_err(at(EntryField::Address))?),
    };
    let typed = values.instance.text.as_ref().map_or("", Private::expose);
    let instance = match keys::key(gateway, "instance") {
        Some(key) if key.is_secret => {
            Some(secret("instance", &values.instance).map_err(at(EntryField::Instance))?)
        }
        Some(key) if key.is_required || !typed.is_empty() => {
            Some(Given::Plain(check::instance(typed).map_err(at(EntryField::Instance))?))
        }
        _ => None,
    };
    let token = secret("token", &values.token).map_err(at(EntryField::Token))?;
    let client_token = Some(&values.client_token)
        .filter(|given| keys::key(gateway, "client_token").is_some() && !given.is_missing())
        .map(|given| secret("client_token", given).map_err(at(EntryField::ClientToken)))
        .transpose()?;
    let label = match (&instance, values.label.as_str()) {
        (Some(Given::Plain(name)), "") => name.as_str(),
        (_, label) => label,
    };
    let label = check::label(label).map_err(at(EntryField::Name))?;
    let base_url = base_url.filter(|url| Some(url) != gateway.base_url().as_ref());
    Ok(NewEntry { label, gateway, base_url, instance, token, client_token })
}

fn secret(key: &'static str, given: &GivenSecret) -> Result<Given, Message> {
    let text = given.text.as_ref().map_or("", Private::expose);
    Ok(match given.origin {
        SecretOrigin::Typed => Given::Secret(check::secret(key, text)?),
        SecretOrigin::Variable => Given::Reference(SecretReference::Variable(check::variable(text)?)),
        SecretOrigin::File => Given::Reference(SecretReference::File(check::path("file", text.into())?)),
        SecretOrigin::Command => Given::Reference(SecretReference::Command(check::command(text)?)),
        SecretOrigin::Kept => Given::Reference(SecretReference::Kept),
    })
}
