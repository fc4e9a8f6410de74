//! `synod init`: adds an instance to the configuration. It owns the order (nothing is written before the token was tried) and the
//! outcome; `answers` collects the values, `config::edit` and `config::save` change the files.

mod answers;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::SecretString;
use serde::Serialize;

use self::answers::Answers;
use super::{
    Fault, FaultCode, Instance, args::InitArgs, console::Console, interrupt::Interrupts, json, out,
    wait::telling,
};
use crate::{
    clock::Clock,
    config::{
        BrokenInstance, Config, ConfigEntry, Environment, InstanceFault,
        edit::{ConfigText, EditError},
        new_entry::{Given, NewEntry},
        paths::ConfigPlace,
        save::{self, SaveError},
    },
    domain::{
        failure::{Failure, FailureKind},
        instance::Connection,
        name::Name,
    },
    files::{self, FileError},
    text::Text,
};

/// How often a person may correct a value that the gateway refuses.
const MOST_TRIES: usize = 3;
/// The most bytes that are read from standard input: more than any secret.
const LONGEST_INPUT: u64 = 8192;

/// The surroundings of `init`: the person, the places and the clock.
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
    let (entry, connection) = interrupts.end(gathered(around, args, open)).await?;
    // From here on nothing waits for anybody, and an interruption must not leave a secret without its entry.
    let (path, added) = (around.place.path.clone(), entry.clone());
    let secrets = blocking(around.text, move || added.save(&path, None)).await?;
    report(around, args, &entry, connection.as_ref(), &secrets)
}

/// The values of the new entry, and the gateway's answer about them. Writes nothing.
async fn gathered(
    around: &Surroundings<'_>,
    args: &InitArgs,
    open: impl AsyncFn(Config) -> Result<Instance, BrokenInstance>,
) -> Result<(NewEntry, Option<Connection>), Fault> {
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
    for tries in 1.. {
        let entry = answers.complete(text)?;
        let new = entry.put(ConfigText { path: &around.place.path, text: &current }, None);
        let new = new.map_err(|error| Fault::usage(text, &error))?;
        if args.no_check {
            return Ok((entry, None));
        }
        match tried(around, &entry, &new, &open).await {
            Ok(connection) => return Ok((entry, Some(connection))),
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
    Err(Fault::new(FaultCode::Usage, text.say("init-interrupted")))
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
        // Its owner has to make the place safe, as with a file that is read.
        SaveError::Unwritten { why, .. } if why.is_unsafe() => Fault::usage(text, error),
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

/// Tries the token: one read of the connection. Nothing is written for it.
async fn tried(
    around: &Surroundings<'_>,
    entry: &NewEntry,
    new: &str,
    open: &impl AsyncFn(Config) -> Result<Instance, BrokenInstance>,
) -> Result<Connection, Refusal> {
    let (text, path) = (around.text, &around.place.path);
    let usage = |error: &dyn crate::domain::message::ToMessage| Fault::usage(text, &error.message());
    let config = Config::of_text(path, new, around.state_dir, &around.environment);
    let config = config.map_err(|error| usage(&error))?;
    let mut instance = match config.entry(entry.label.shown()) {
        Ok(ConfigEntry::Usable(instance)) => instance.clone(),
        Ok(ConfigEntry::Broken(broken)) => return Err(usage(broken).into()),
        Err(error) => return Err(usage(&error).into()),
    };
    entry.put_secrets(&mut instance);
    let opened = open(config.with_only(vec![instance])).await;
    let opened = opened.map_err(|broken| match &broken.fault {
        InstanceFault::SameInstance { others, .. } => usage(&EditError::same_instance(path, others)),
        _ => usage(&broken),
    })?;
    let read = telling(text, around.clock, &opened, opened.gateway.connection()).await;
    read.map_err(Refusal::Gateway)
}

fn not_added(text: &Text, failure: &Failure) -> Fault {
    let (key, why) = match failure.kind {
        FailureKind::TokenRefused => ("init-token-refused", text.failure(failure)),
        FailureKind::UnknownInstance => ("init-instance-unknown", text.failure(failure)),
        FailureKind::Unreachable => ("init-not-tried", text.say("entry-unreachable").into_owned()),
        _ => ("init-not-tried", text.failure_and_advice(failure)),
    };
    Fault::new(FaultCode::Gateway(failure.kind), text.with(key, &[("why", why.into())]))
}

fn report(
    around: &Surroundings<'_>,
    args: &InitArgs,
    entry: &NewEntry,
    connection: Option<&Connection>,
    secrets: &[PathBuf],
) -> Result<u8, Fault> {
    let text = around.text;
    let mut out = around.console.output();
    let (name, file) = (entry.label.shown(), around.place.path.display().to_string());
    let is_connected = connection.map(Connection::is_connected);
    if args.json {
        let gateway = entry.gateway.word();
        let body = AddedBody { instance: name, gateway, file, connected: is_connected };
        json::write(&mut out, "instance_added", around.clock.now(), body);
        return out.finish(0);
    }
    if out::is_quiet() {
        return out.finish(0);
    }
    out.line(&text.with("init-added", &[("name", name.into()), ("path", file.into())]));
    for path in secrets {
        out.line(&text.with("init-secret-file", &[("path", path.display().to_string().into())]));
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
