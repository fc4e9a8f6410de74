//! The commands without a screen: this module assembles what each command needs, and the command does the rest.

use std::{path::Path, sync::Arc};

use super::{
    instances::{self, Ready},
    load, log,
};
use crate::{
    cli::{
        self, Fault, FaultCode, Instance, Session,
        args::{ApplyArgs, Command, Common, DiffArgs, ListArgs, Listed, OperationsCommand, StateArgs},
        change::Change,
        console::StandardStreams,
        desired::{self, Content, State},
        doctor::{Examination, InstanceCheck},
        interrupt::{self, Interrupts},
    },
    clock::Clock,
    config::{Config, InstanceConfig},
    domain::desired::StateFile,
    text::Text,
};

/// Runs a command that needs no screen; returns the exit code.
pub(super) async fn run(command: Command, common: &Common, text: &Text) -> Result<u8, Fault> {
    match command {
        Command::List(args) => list(&args, common, text).await,
        Command::Link(args) => change(args.into(), common, text).await,
        Command::Unlink(args) => change(args.into(), common, text).await,
        Command::Move(args) => change(args.into(), common, text).await,
        Command::Leave(args) => change(args.into(), common, text).await,
        Command::Apply(args) => Box::pin(apply(&args, common, text)).await,
        Command::Operations { list, command: Some(_) } if list.is_given() => {
            Err(Fault::new(FaultCode::Usage, text.say("cli-operations-options")))
        }
        Command::Diff(args) => diff(&args, common, text).await,
        Command::Operations { list, command } => {
            operations(&command.unwrap_or(OperationsCommand::List(list)), common, text).await
        }
        Command::Doctor { instance, json } => doctor(instance.named(), json, common, text).await,
        Command::Completions { shell } => Ok(cli::manual::completions(shell)?),
        Command::Man { dir } => Ok(cli::manual::man(dir.as_deref(), text)?),
        // These two are programs of their own and never reach this function.
        Command::Demo { .. } | Command::Simulate { .. } => Ok(0),
    }
}

/// Keeps only the named instance, so that no other instance's secrets are read.
fn only(mut config: Config, name: Option<&str>, text: &Text) -> Result<Config, Fault> {
    let Some(name) = name else { return Ok(config) };
    let Some(meant) = config.instance(name).cloned() else {
        let names: Vec<String> =
            config.instances.iter().map(|one| format!("\"{}\"", one.label.shown())).collect();
        let args = [("name", name.into()), ("names", names.join(", ").into())];
        return Err(Fault::new(FaultCode::NoSuchInstance, text.with("cli-no-instance", &args)));
    };
    config.instances = vec![meant];
    Ok(config)
}

/// Opens the instances of a configuration and collects everything that a command works with.
async fn session(config: &Config, common: &Common, text: &Text) -> Result<Session, Fault> {
    let ready = instances::of_config(config, common.read_only, text).await?;
    let kinds = config.instances.iter();
    let store = instances::store(&config.state_dir, &ready, text)?;
    Ok(Session {
        instances: ready.into_iter().zip(kinds).map(|(ready, config)| instance(ready, config)).collect(),
        store,
        locks: config.state_dir.join("locks"),
        clock: Clock::system(),
        text: text.clone(),
        read_only: common.read_only,
        deadline: common.deadline,
        wait_lock_until: common.wait_lock.map(|span| tokio::time::Instant::now() + span),
        console: Arc::new(StandardStreams),
    })
}

fn instance(Ready { profile, former_keys, gateway }: Ready, config: &InstanceConfig) -> Instance {
    Instance {
        key: profile.key,
        former_keys,
        label: profile.label,
        kind: config.gateway,
        capabilities: profile.capabilities,
        settings: profile.settings,
        configured: profile.configured,
        gateway,
    }
}

/// If several instances exist, a name is required; this is checked before any secret is read.
fn one_of(config: Config, name: Option<&str>, text: &Text) -> Result<Config, Fault> {
    let config = only(config, name, text)?;
    if config.instances.len() > 1 {
        let names: Vec<String> =
            config.instances.iter().map(|one| format!("\"{}\"", one.label.shown())).collect();
        let args = [("names", names.join(", ").into())];
        return Err(Fault::new(FaultCode::Usage, text.with("cli-which-instance", &args)));
    }
    Ok(config)
}

async fn list(args: &ListArgs, common: &Common, text: &Text) -> Result<u8, Fault> {
    let config = load(common, text)?;
    if args.what == Listed::Instances {
        let config = only(config, args.instance.named(), text)?;
        return cli::list::instances(&config, Clock::system(), args.json);
    }
    let config = one_of(config, args.instance.named(), text)?;
    let _log = log(common, config.origin.as_deref(), &config.state_dir, text)?;
    let list = Box::pin(async { cli::list::list(&session(&config, common, text).await?, args).await });
    interrupt::within(text, common.deadline, list).await
}

async fn change(change: Change, common: &Common, text: &Text) -> Result<u8, Fault> {
    let config = one_of(load(common, text)?, change.instance(), text)?;
    let _log = log(common, config.origin.as_deref(), &config.state_dir, text)?;
    let mut interrupts = Interrupts::new(text, common.deadline)?;
    let session = interrupts.end(session(&config, common, text)).await?;
    cli::change::change(&session, change, interrupts).await
}

async fn apply(args: &ApplyArgs, common: &Common, text: &Text) -> Result<u8, Fault> {
    let file = match content(&args.state, common, text).await? {
        Content::Plan(plan) => plan,
        Content::State(file) => {
            let (state, config) = instances_of(file, &args.state, common, text)?;
            let _log = log(common, config.origin.as_deref(), &config.state_dir, text)?;
            let mut interrupts = Interrupts::new(text, common.deadline)?;
            let session = interrupts.end(session(&config, common, text)).await?;
            return cli::apply::state(&session, &state, args, interrupts).await;
        }
    };
    let config = one_of(load(common, text)?, Some(file.instance_name()), text)?;
    let _log = log(common, config.origin.as_deref(), &config.state_dir, text)?;
    let mut interrupts = Interrupts::new(text, common.deadline)?;
    let session = interrupts.end(session(&config, common, text)).await?;
    cli::apply::apply(&session, &file, args, interrupts).await
}

async fn diff(args: &DiffArgs, common: &Common, text: &Text) -> Result<u8, Fault> {
    let Content::State(file) = content(&args.state, common, text).await? else {
        return Err(Fault::new(FaultCode::Usage, text.say("diff-plan")));
    };
    let (state, config) = instances_of(file, &args.state, common, text)?;
    let _log = log(common, config.origin.as_deref(), &config.state_dir, text)?;
    let mut interrupts = Interrupts::new(text, common.deadline)?;
    let session = interrupts.end(session(&config, common, text)).await?;
    cli::diff::diff(&session, &state, args, interrupts).await
}

async fn content(args: &StateArgs, common: &Common, text: &Text) -> Result<Content, Fault> {
    interrupt::within(text, common.deadline, desired::read(Path::new(&args.file), text)).await
}

/// The state of a file, and the configuration with only its instances.
fn instances_of(
    file: StateFile,
    args: &StateArgs,
    common: &Common,
    text: &Text,
) -> Result<(State, Config), Fault> {
    let config = load(common, text)?;
    let (state, instances) = State::of(&args.file, file, &config, args.instance(), text)?;
    Ok((state, Config { instances, ..config }))
}

async fn operations(command: &OperationsCommand, common: &Common, text: &Text) -> Result<u8, Fault> {
    let config = only(load(common, text)?, command.instance(), text)?;
    let _log = log(common, config.origin.as_deref(), &config.state_dir, text)?;
    let session = session(&config, common, text);
    if command.plans() {
        let session = Interrupts::new(text, common.deadline)?.end(session).await?;
        return cli::operations::operations(&session, command).await;
    }
    let work = async { cli::operations::operations(&session.await?, command).await };
    interrupt::within(text, common.deadline, work).await
}

async fn doctor(name: Option<&str>, is_json: bool, common: &Common, text: &Text) -> Result<u8, Fault> {
    let loaded = load(common, text);
    let config = match loaded {
        Ok(config) => Ok(only(config, name, text)?),
        Err(complaint) => Err(complaint.to_string()),
    };
    let _log = match &config {
        Ok(config) => log(common, config.origin.as_deref(), &config.state_dir, text)?,
        Err(_) => None,
    };
    let mut instances = Vec::new();
    for one in config.iter().flat_map(|config| config.instances.iter().map(move |one| (config, one))) {
        instances.push(instance_check(one.0, one.1, text).await);
    }
    let config = config.as_ref().map_err(Clone::clone);
    let examination = Examination { config, instances, free_space, clock: Clock::system(), text };
    interrupt::within(text, common.deadline, cli::doctor::doctor(&examination, is_json)).await
}

/// How many bytes can still be written in a directory.
fn free_space(directory: &Path) -> Option<u64> {
    let room = rustix::fs::statvfs(directory).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

/// Opens one instance separately, so that a fault of another does not hide it. A check-up changes nothing.
async fn instance_check(config: &Config, one: &InstanceConfig, text: &Text) -> InstanceCheck {
    let alone = Config { instances: vec![one.clone()], ..config.clone() };
    let opened = instances::of_config(&alone, true, text).await.map_err(|error| error.to_string());
    let opened = opened.and_then(|ready| ready.into_iter().next().ok_or_else(String::new));
    InstanceCheck {
        label: one.label.shown().to_owned(),
        is_encrypted: one.base_url.is_https(),
        opened: opened.map(|ready| instance(ready, one)),
    }
}
