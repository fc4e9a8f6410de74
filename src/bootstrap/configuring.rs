//! The configuration file for the terminal program: reads an entry, tries it, writes it, and makes the instances ready. The rules of the
//! values are in `config::check`, those of the text in `config::edit`, the writing in `config::save`; `synod init` uses the same.

use std::path::PathBuf;

use async_trait::async_trait;
use secrecy::SecretString;

use super::instances::{self, Clients, Opened, Ready};
use crate::{
    app::{
        broken::BrokenEntry,
        entry::{
            EntryField, EntryRefusal, EntryTrouble, EntryValues, GatewayChoice, GivenSecret, SecretOrigin,
        },
    },
    config::{
        BrokenInstance, Config, ConfigEntry, ConfigError, Environment, InstanceConfig, InstanceFault,
        InstanceName, SecretSource, check,
        edit::{self, ConfigText, DraftName, EditError, EntryDraft, SecretReference},
        keys, paths,
        save::{self, SaveError, SecretFile, usual_reference},
    },
    domain::{
        base_url::BaseUrl,
        failure::FailureKind,
        instance::{Connection, GatewayKind},
        message::{Message, ToMessage},
        name::Name,
        private::Private,
    },
    gateway::Gateway,
    runtime::{Configuration, OpenedConfiguration, OpenedInstance},
    text::Text,
};

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
pub(super) fn broken_entry(broken: &BrokenInstance, text: &Text) -> BrokenEntry {
    BrokenEntry {
        title: text.tell(&broken.title()),
        label: broken.label.as_ref().map(|label| label.shown().to_owned()),
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

/// A value of an entry.
#[derive(Clone)]
enum Given {
    Plain(String),
    /// The configuration refers to it.
    Reference(SecretReference),
    /// The secret itself, which gets a file.
    Secret(SecretString),
}

/// The checked values of an entry.
#[derive(Clone)]
struct Checked {
    label: Name,
    gateway: GatewayKind,
    base_url: Option<BaseUrl>,
    instance: Option<Given>,
    token: Given,
    client_token: Option<Given>,
}

/// The references to the files of the secrets that an entry brings along.
struct References {
    instance: SecretReference,
    token: SecretReference,
    client_token: SecretReference,
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

    /// Which instances the token of an entry without an instance gives access to, as the reason why it cannot be written.
    async fn listed(&self, entry: &EntryValues, allows_plain: bool) -> EntryRefusal {
        let missing = EntryRefusal { field: Some(EntryField::Instance), why: EntryTrouble::Missing };
        // Any name will do: the request for the list has none.
        let any = || Private::new("account");
        let named = EntryValues {
            instance: GivenSecret { origin: SecretOrigin::Typed, text: any() },
            ..entry.clone()
        };
        let gateway = match Checked::of(&named, allows_plain) {
            Ok(checked) => match edit::add(ConfigText { path: &self.path, text: "" }, &checked.usual_draft())
            {
                Ok(alone) => self.gateway(&checked, &alone).await,
                Err(error) => return of_edit(&error),
            },
            Err(refusal) => return refusal,
        };
        let listed = match gateway {
            Ok(gateway) => gateway.instances().await,
            Err(refusal) => return refusal,
        };
        match listed {
            Ok(listed) if !listed.is_empty() => {
                let all: Vec<&str> = listed.iter().map(|one| one.name.shown()).collect();
                let why = Message::new("entry-listed").put("names", all.join(", "));
                wrong(Some(EntryField::Instance), why)
            }
            Err(failure) if failure.kind == FailureKind::TokenRefused => {
                EntryRefusal { field: Some(EntryField::Token), why: EntryTrouble::Refused(failure) }
            }
            Err(failure) if failure.kind == FailureKind::Unreachable => {
                EntryRefusal { field: None, why: EntryTrouble::Wrong(Message::new("entry-unreachable")) }
            }
            _ => missing,
        }
    }

    /// Tries an entry in a text that is not written yet.
    async fn tried(&self, checked: &Checked, new: &str) -> Result<Connection, EntryRefusal> {
        let gateway = self.gateway(checked, new).await?;
        let refused = |failure| EntryRefusal { field: None, why: EntryTrouble::Refused(failure) };
        gateway.connection().await.map_err(refused)
    }

    /// A client for an entry in a text that is not written yet. Nothing can be changed through it.
    async fn gateway(&self, checked: &Checked, new: &str) -> Result<Gateway, EntryRefusal> {
        let state_dir = self.state_dir.as_deref();
        let config = Config::of_text(&self.path, new, state_dir, &self.environment);
        let config = config.map_err(|error| wrong(None, error.message()))?;
        let label = checked.label.shown();
        let mut instance = match config.entry(label) {
            Some(ConfigEntry::Usable(instance)) => instance.clone(),
            Some(ConfigEntry::Broken(broken)) => return Err(self.broken(broken)),
            None => {
                let error = EditError::NoSuchEntry { label: label.to_owned() };
                return Err(wrong(None, error.message()));
            }
        };
        checked.put_secrets(&mut instance);
        let clients = Clients { read_only: true, ..self.clients.clone() };
        let Opened { ready, broken } = instances::opened(&config.with_only(vec![instance]), &clients).await;
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
    async fn entry(&self, label: &str) -> Result<EntryValues, Message> {
        let text = self.current().await?;
        let current = ConfigText { path: &self.path, text: &text };
        let draft = edit::draft_of(current, label).map_err(|error| match error {
            EditError::NoSuchEntry { label } => Message::new("entry-by-hand").put("name", label),
            error => error.message(),
        })?;
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

    async fn try_entry(&self, entry: &EntryValues, old: Option<&str>) -> Result<Connection, EntryRefusal> {
        let text = self.current().await.map_err(|why| wrong(None, why))?;
        let allows_plain = allows_plain(ConfigText { path: &self.path, text: &text }, old);
        if entry.instance.is_missing() && check::gateway(&entry.gateway).is_ok_and(keys::lists_instances) {
            return Err(self.listed(entry, allows_plain).await);
        }
        let checked = Checked::of(entry, allows_plain)?;
        let current = ConfigText { path: &self.path, text: &text };
        let new = edited(current, old, &checked.usual_draft()).map_err(|error| of_edit(&error))?;
        self.tried(&checked, &new).await
    }

    async fn save_entry(&self, entry: &EntryValues, old: Option<&str>) -> Result<String, EntryRefusal> {
        let text = self.current().await.map_err(|why| wrong(None, why))?;
        let checked = Checked::of(entry, allows_plain(ConfigText { path: &self.path, text: &text }, old))?;
        let label = checked.label.shown().to_owned();
        let (path, old) = (self.path.clone(), old.map(str::to_owned));
        let saved = blocking(move || {
            let label = checked.label.shown();
            save::prepare(&path)?;
            let mut files = Vec::new();
            let mut reference = |given: Option<&Given>, kind: &'static str| match given {
                Some(Given::Secret(secret)) => {
                    let file = SecretFile::create(&path, label, kind, secret)?;
                    let reference = file.reference();
                    files.push(file);
                    Ok::<_, SaveError>(reference)
                }
                _ => Ok(SecretReference::Kept),
            };
            let references = References {
                instance: reference(checked.instance.as_ref(), "instance")?,
                token: reference(Some(&checked.token), "token")?,
                client_token: reference(checked.client_token.as_ref(), "client-token")?,
            };
            let draft = checked.draft(references);
            save::save(&path, |current| edited(current, old.as_deref(), &draft))?;
            files.into_iter().for_each(SecretFile::keep);
            Ok::<_, SaveError>(())
        });
        match saved.await {
            Ok(()) => Ok(label),
            Err(SaveError::Edit(error)) => Err(of_edit(&error)),
            Err(error) => Err(wrong(None, error.message())),
        }
    }

    async fn remove_entry(&self, label: &str) -> Result<(), Message> {
        let (path, label) = (self.path.clone(), label.to_owned());
        let removed = blocking(move || save::save(&path, |current| edit::remove(current, &label))).await;
        removed.map_err(|error| error.message())
    }

    async fn add_like(&self, label: &str, names: &[String]) -> Result<(), Message> {
        let (path, label, names) = (self.path.clone(), label.to_owned(), names.to_vec());
        let labelled = |name: &String| Ok((check::label(name)?, check::instance(name)?));
        let checked: Vec<(Name, String)> = names.iter().map(labelled).collect::<Result<_, Message>>()?;
        let added = blocking(move || {
            save::save(&path, |current| {
                let mut text = current.text.to_owned();
                for (name, instance) in &checked {
                    text = edit::add_like(ConfigText { text: &text, ..current }, &label, name, instance)?;
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
        let Opened { ready, broken } = instances::opened(&config, &self.clients).await;
        let ready = ready.into_iter().map(|ready| {
            let Ready { profile, gateway, former_keys, stamp, .. } = ready;
            OpenedInstance { profile, gateway, former_keys, stamp }
        });
        let broken = broken.iter().map(|broken| broken_entry(broken, &self.text)).collect();
        Ok(OpenedConfiguration { ready: ready.collect(), broken })
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
        EditError::Unreadable(_) | EditError::NoSuchEntry { .. } => None,
    };
    wrong(field, error.message())
}

fn edited(current: ConfigText<'_>, old: Option<&str>, draft: &EntryDraft) -> Result<String, EditError> {
    match old {
        Some(label) => edit::change(current, label, draft),
        None => edit::add(current, draft),
    }
}

/// Whether the entry that is changed has the operator's consent to plain HTTP. The form does not ask for it.
fn allows_plain(current: ConfigText<'_>, old: Option<&str>) -> bool {
    let draft = old.and_then(|label| edit::draft_of(current, label).ok());
    draft.and_then(|draft| draft.base_url).is_some_and(|url| url.is_insecure())
}

impl Checked {
    fn of(values: &EntryValues, allows_plain: bool) -> Result<Self, EntryRefusal> {
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
        Ok(Self { label, gateway, base_url, instance, token, client_token })
    }

    /// The entry as it will most likely be written.
    fn usual_draft(&self) -> EntryDraft {
        let label = self.label.shown();
        self.draft(References {
            instance: usual_reference(label, "instance"),
            token: usual_reference(label, "token"),
            client_token: usual_reference(label, "client-token"),
        })
    }

    fn draft(&self, references: References) -> EntryDraft {
        let of = |given: &Given, reference: SecretReference| match given {
            Given::Reference(own) => own.clone(),
            Given::Plain(_) | Given::Secret(_) => reference,
        };
        EntryDraft {
            label: self.label.clone(),
            gateway: self.gateway,
            base_url: self.base_url.clone(),
            instance: match &self.instance {
                Some(Given::Plain(name)) => DraftName::Plain(name.clone()),
                Some(given) => DraftName::Secret(of(given, references.instance)),
                None => DraftName::Absent,
            },
            token: of(&self.token, references.token),
            client_token: self.client_token.as_ref().map(|given| of(given, references.client_token)),
        }
    }

    /// Secrets that are not in a file yet are used as they were typed.
    fn put_secrets(&self, instance: &mut InstanceConfig) {
        let known = |given: &Given| match given {
            Given::Secret(secret) => Some(SecretSource::known(secret.clone())),
            Given::Plain(_) | Given::Reference(_) => None,
        };
        if let Some(source) = self.instance.as_ref().and_then(known) {
            instance.instance = InstanceName::Secret(source);
        }
        if let Some(source) = known(&self.token) {
            instance.token = source;
        }
        if let Some(source) = self.client_token.as_ref().and_then(known) {
            instance.client_token = Some(source);
        }
    }
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
