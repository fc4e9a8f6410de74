//! `synod init`: adds an instance to the configuration. It owns the order (nothing is written before the token was tried) and the
//! outcome; `answers` collects the values, `config::edit` and `config::save` change the files.

mod answers;

use std::{path::Path, sync::Arc};

use secrecy::SecretString;
use serde::Serialize;

use self::answers::{Answers, Given};
use super::{
    Fault, FaultCode, Instance, args::InitArgs, console::Console, interrupt::Interrupts, json, out,
    wait::telling,
};
use crate::{
    clock::Clock,
    config::{
        BrokenInstance, Config, ConfigEntry, Environment, InstanceConfig, InstanceFault, InstanceName,
        SecretSource,
        edit::{self, ConfigText, DraftName, EditError, EntryDraft, SecretReference},
        paths::ConfigPlace,
        save::{self, SaveError, SecretFile, usual_reference},
    },
    domain::{
        failure::{Failure, FailureKind},
        instance::Connection,
        name::Name,
    },
    files::{self, FileError},
    text::Text,
};

/// How often a person may correct what the gateway refuses.
const MOST_TRIES: usize = 3;
/// The most bytes that are read from standard input: more than any secret.
const LONGEST_INPUT: u64 = 8192;

/// What `init` works with.
#[derive(Debug)]
pub struct Surroundings<'a> {
    pub text: &'a Text,
    pub clock: Clock,
    pub console: Arc<dyn Console>,
    /// The place of the configuration.
    pub place: ConfigPlace,
    pub state_dir: Option<&'a Path>,
    pub environment: Environment,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct AddedBody<'a> {
    instance: &'a str,
    gateway: &'a str,
    /// The configuration.
    file: String,
    /// Whether the instance is connected; null if it was not asked.
    connected: Option<bool>,
}

/// Why an instance was not added.
enum Refusal {
    Fault(Fault),
    /// The gateway refused the token or does not know the instance, which a person can correct.
    Gateway(Failure),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Adds an instance. `open` opens the only usable instance of a configuration, for reading.
pub async fn init(
    around: &Surroundings<'_>,
    args: &InitArgs,
    open: impl AsyncFn(Config) -> Result<Instance, BrokenInstance>,
    mut interrupts: Interrupts,
) -> Result<u8, Fault> {
    let (answers, connection) = interrupts.end(gathered(around, args, open)).await?;
    // From here on nothing waits for anybody, and an interruption must not leave a secret without its entry.
    let secrets = written(around, &answers).await?;
    report(around, args, &answers, connection.as_ref(), &secrets)
}

/// The values of the new entry, and what the gateway said about them. Nothing is written.
async fn gathered(
    around: &Surroundings<'_>,
    args: &InitArgs,
    open: impl AsyncFn(Config) -> Result<Instance, BrokenInstance>,
) -> Result<(Answers, Option<Connection>), Fault> {
    let (text, console) = (around.text, around.console.as_ref());
    let current = read(around).await?;
    let asks = console.can_ask() && !args.json;
    if asks && args.gateway.is_none() {
        let path = around.place.path.display().to_string();
        out::note(&text.with("init-begin", &[("path", path.into())]));
    }
    let mut answers = Answers::given(text, args)?;
    if asks {
        answers.ask(text, console).await?;
    } else if answers.token.is_none() && !console.is_terminal() {
        answers.token = Some(Given::Secret(token_of_input(text).await?));
    }
    answers.complete(text)?;
    let mut connection = None;
    for tries in 1.. {
        let draft = usual_draft(&answers);
        let new = edit::add(ConfigText { path: &around.place.path, text: &current }, &draft);
        let new = new.map_err(|error| Fault::usage(text, &error))?;
        if args.no_check {
            break;
        }
        match tried(around, &answers, &new, &open).await {
            Ok(known) => {
                connection = Some(known);
                break;
            }
            Err(Refusal::Gateway(failure))
                if asks && tries < MOST_TRIES && answers.may_ask_again(failure.kind) =>
            {
                out::tell(&text.with("init-again", &[("why", text.failure(&failure).into())]));
                answers.ask_again(text, console, failure.kind).await?;
            }
            Err(Refusal::Gateway(failure)) => return Err(not_added(text, &failure)),
            Err(Refusal::Fault(fault)) => return Err(fault),
        }
    }
    Ok((answers, connection))
}

async fn read(around: &Surroundings<'_>) -> Result<String, Fault> {
    let path = around.place.path.clone();
    blocking(around.text, move || save::read(&path)).await
}

/// Runs work with files beside the other work.
async fn blocking<T: Send + 'static>(
    text: &Text,
    work: impl FnOnce() -> Result<T, SaveError> + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| Fault::new(FaultCode::System, error.to_string()))?;
    done.map_err(|error| save_fault(text, &error))
}

fn save_fault(text: &Text, error: &SaveError) -> Fault {
    match error {
        SaveError::Edit(_) | SaveError::Unread { .. } => Fault::usage(text, error),
        SaveError::Unwritten { .. } | SaveError::Busy { .. } => {
            Fault::new(FaultCode::System, text.tell(error))
        }
    }
}

/// The token on standard input.
async fn token_of_input(text: &Text) -> Result<SecretString, Fault> {
    let read = tokio::task::spawn_blocking(|| files::text_of_input(Path::new("-"), LONGEST_INPUT)).await;
    let read = read.map_err(|error| Fault::new(FaultCode::System, error.to_string()))?;
    match read {
        Ok(token) if token.trim().is_empty() => Err(Fault::new(FaultCode::Usage, text.say("init-no-token"))),
        Ok(token) => answers::secret(text, "init-field-input", "token", &token),
        Err(FileError::System(error)) => Err(Fault::io(&error)),
        Err(_) => answers::secret(text, "init-field-input", "token", ""),
    }
}

/// The entry as it will most likely be written.
fn usual_draft(answers: &Answers) -> EntryDraft {
    let label = answers.label();
    let usual = |kind: &'static str| move |_: &SecretString| usual_reference(label.shown(), kind);
    draft(answers, usual("instance"), usual("token"), usual("client-token"))
}

fn draft(
    answers: &Answers,
    instance: impl FnOnce(&SecretString) -> SecretReference,
    token: impl FnOnce(&SecretString) -> SecretReference,
    client_token: impl FnOnce(&SecretString) -> SecretReference,
) -> EntryDraft {
    let nothing = || SecretReference::Variable(String::new());
    EntryDraft {
        label: answers.label().clone(),
        gateway: answers.gateway(),
        base_url: answers.base_url.clone(),
        instance: match &answers.instance {
            Some(Given::Plain(name)) => DraftName::Plain(name.clone()),
            Some(given) => DraftName::Secret(given.reference(instance)),
            None => DraftName::Absent,
        },
        token: answers.token.as_ref().map_or_else(nothing, |given| given.reference(token)),
        client_token: answers.client_token.as_ref().map(|given| given.reference(client_token)),
    }
}

/// Tries the token: one read of the connection. Nothing is written for it.
async fn tried(
    around: &Surroundings<'_>,
    answers: &Answers,
    new: &str,
    open: &impl AsyncFn(Config) -> Result<Instance, BrokenInstance>,
) -> Result<Connection, Refusal> {
    let (text, path) = (around.text, &around.place.path);
    let usage = |error: &dyn crate::domain::message::ToMessage| Fault::usage(text, &error.message());
    let config = Config::of_text(path, new, around.state_dir, &around.environment);
    let config = config.map_err(|error| usage(&error))?;
    let mut instance = match config.entry(answers.label().shown()) {
        Some(ConfigEntry::Usable(instance)) => instance.clone(),
        Some(ConfigEntry::Broken(broken)) => return Err(usage(broken).into()),
        None => {
            return Err(usage(&EditError::NoSuchEntry { label: answers.label().shown().to_owned() }).into());
        }
    };
    put_secrets(&mut instance, answers);
    let opened = open(config.with_only(vec![instance])).await;
    let opened = opened.map_err(|broken| match &broken.fault {
        InstanceFault::SameInstance { others, .. } => usage(&EditError::same_instance(path, others)),
        _ => usage(&broken),
    })?;
    let read = telling(text, around.clock, &opened, opened.gateway.connection()).await;
    read.map_err(Refusal::Gateway)
}

/// Secrets that are not in a file yet are used as they were given.
fn put_secrets(instance: &mut InstanceConfig, answers: &Answers) {
    let known = |given: &Option<Given>| match given {
        Some(Given::Secret(secret)) => Some(SecretSource::known(secret.clone())),
        _ => None,
    };
    if let Some(source) = known(&answers.instance) {
        instance.instance = InstanceName::Secret(source);
    }
    if let Some(source) = known(&answers.token) {
        instance.token = source;
    }
    if let Some(source) = known(&answers.client_token) {
        instance.client_token = Some(source);
    }
}

fn not_added(text: &Text, failure: &Failure) -> Fault {
    let (key, why) = match failure.kind {
        FailureKind::TokenRefused => ("init-token-refused", text.failure(failure)),
        FailureKind::UnknownInstance => ("init-instance-unknown", text.failure(failure)),
        _ => ("init-not-tried", text.failure_and_advice(failure)),
    };
    Fault::new(FaultCode::Gateway(failure.kind), text.with(key, &[("why", why.into())]))
}

/// Writes the secrets and then the configuration; if that fails, the secrets are removed again. Returns the files of the secrets.
async fn written(around: &Surroundings<'_>, answers: &Answers) -> Result<Vec<String>, Fault> {
    let (path, answers) = (around.place.path.clone(), answers.clone());
    blocking(around.text, move || {
        let label = answers.label().shown().to_owned();
        let create = |given: &Option<Given>, kind| match given {
            Some(Given::Secret(secret)) => SecretFile::create(&path, &label, kind, secret).map(Some),
            _ => Ok(None),
        };
        save::prepare(&path)?;
        let instance = create(&answers.instance, "instance")?;
        let token = create(&answers.token, "token")?;
        let client_token = create(&answers.client_token, "client-token")?;
        let of = |file: &Option<SecretFile>, kind: &'static str| {
            let reference = file.as_ref().map(SecretFile::reference);
            let label = label.clone();
            move |_: &SecretString| reference.unwrap_or_else(|| usual_reference(&label, kind))
        };
        let draft = draft(
            &answers,
            of(&instance, "instance"),
            of(&token, "token"),
            of(&client_token, "client-token"),
        );
        save::save(&path, |current| edit::add(current, &draft))?;
        let files = [instance, token, client_token].into_iter().flatten();
        Ok(files
            .map(|file| {
                let path = file.path().display().to_string();
                file.keep();
                path
            })
            .collect())
    })
    .await
}

fn report(
    around: &Surroundings<'_>,
    args: &InitArgs,
    answers: &Answers,
    connection: Option<&Connection>,
    secrets: &[String],
) -> Result<u8, Fault> {
    let text = around.text;
    let mut out = around.console.output();
    let (name, file) = (answers.label().shown(), around.place.path.display().to_string());
    let is_connected = connection.map(Connection::is_connected);
    if args.json {
        let gateway = answers.gateway().word();
        let body = AddedBody { instance: name, gateway, file, connected: is_connected };
        json::write(&mut out, "instance_added", around.clock.now(), body);
        return out.finish(0);
    }
    if out::is_quiet() {
        return out.finish(0);
    }
    out.line(&text.with("init-added", &[("name", name.into()), ("path", file.into())]));
    for path in secrets {
        out.line(&text.with("init-secret-file", &[("path", path.as_str().into())]));
    }
    match connection {
        Some(connection) => {
            let number = connection.number.as_ref().map(Name::shown).unwrap_or_default();
            let state = text.connection(&connection.state);
            let number = if number.is_empty() { String::new() } else { format!(" · {number}") };
            out.line(&text.with("init-state", &[("state", format!("{state}{number}").into())]));
            if !connection.is_connected() {
                out.line(&text.say("init-not-connected"));
            }
        }
        None => out.line(&text.say("init-unchecked")),
    }
    out.line(&text.say("init-next"));
    out.finish(0)
}
