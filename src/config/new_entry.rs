//! An entry with checked values that is not in the configuration yet, or replaces one: how it is written, and with it the files of its
//! secrets. `check` makes the values; `synod init` and the form of the terminal program collect them.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::{
    InstanceConfig, InstanceName, SecretSource,
    edit::{self, ConfigText, DraftName, EditError, EntryDraft, SecretReference},
    save::{self, CLIENT_TOKEN, INSTANCE, KINDS, SaveError, SecretFile, TOKEN, usual_reference},
};
use crate::domain::{
    base_url::BaseUrl,
    instance::{EntryPlace, GatewayKind},
    name::Name,
};

/// A value as it was given.
#[derive(Clone, Debug)]
pub enum Given {
    /// It is no secret.
    Plain(String),
    /// The configuration refers to it.
    Reference(SecretReference),
    /// The secret itself, which gets a file.
    Secret(SecretString),
}

/// An entry with checked values.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub label: Name,
    pub gateway: GatewayKind,
    /// `None` if it is the gateway's own.
    pub base_url: Option<BaseUrl>,
    /// `None` if the gateway has none, or it is not given.
    pub instance: Option<Given>,
    pub token: Given,
    pub client_token: Option<Given>,
}

impl NewEntry {
    /// A text with this entry as it will most likely be written; it replaces `old`, or is added.
    pub fn put(&self, current: ConfigText<'_>, old: Option<&EntryPlace>) -> Result<String, EditError> {
        put(current, old, &self.draft(|kind| usual_reference(self.label.shown(), kind)))
    }

    /// Uses the secrets that are not in a file yet as they were given.
    pub fn put_secrets(&self, instance: &mut InstanceConfig) {
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

    /// Writes the secrets and then the configuration; if that fails, the secrets are removed again. Files of secrets that the entry
    /// no longer uses are removed. Returns the new files.
    pub fn save(&self, path: &Path, old: Option<&EntryPlace>) -> Result<Vec<PathBuf>, SaveError> {
        save::prepare(path)?;
        let mut files: Vec<(&str, SecretFile)> = Vec::new();
        let given = [self.instance.as_ref(), Some(&self.token), self.client_token.as_ref()];
        for (kind, given) in KINDS.into_iter().zip(given) {
            if let Some(Given::Secret(secret)) = given {
                files.push((kind, SecretFile::create(path, self.label.shown(), kind, secret)?));
            }
        }
        let reference = |kind| {
            let file = files.iter().find(|(own, _)| *own == kind);
            file.map_or_else(|| usual_reference(self.label.shown(), kind), |(_, file)| file.reference())
        };
        let draft = self.draft(reference);
        let mut unused = Vec::new();
        save::save(path, |current| {
            let new = put(current, old, &draft)?;
            let used = edit::files(&new);
            unused = edit::files(current.text);
            unused.retain(|file| !used.contains(file));
            Ok(new)
        })?;
        save::remove_secrets(path, &unused);
        let keep = |(_, file): (&str, SecretFile)| {
            let path = file.path().to_owned();
            file.keep();
            path
        };
        Ok(files.into_iter().map(keep).collect())
    }

    fn draft(&self, of: impl Fn(&'static str) -> SecretReference) -> EntryDraft {
        let reference = |given: &Given, kind| match given {
            Given::Reference(own) => own.clone(),
            Given::Plain(_) | Given::Secret(_) => of(kind),
        };
        EntryDraft {
            label: self.label.clone(),
            gateway: self.gateway,
            base_url: self.base_url.clone(),
            instance: match &self.instance {
                Some(Given::Plain(name)) => DraftName::Plain(name.clone()),
                Some(given) => DraftName::Secret(reference(given, INSTANCE)),
                None => DraftName::Absent,
            },
            token: reference(&self.token, TOKEN),
            client_token: self.client_token.as_ref().map(|given| reference(given, CLIENT_TOKEN)),
        }
    }
}

fn put(current: ConfigText<'_>, old: Option<&EntryPlace>, draft: &EntryDraft) -> Result<String, EditError> {
    match old {
        Some(entry) => edit::change(current, entry, draft),
        None => edit::add(current, draft),
    }
}
