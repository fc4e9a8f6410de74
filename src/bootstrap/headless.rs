//! The commands without a screen: this module assembles what each command needs, and the command does the rest.

use std::{path::Path, sync::Arc};

use super::{
    init,
    instances::{self, Opened, Ready},
    load, log, outlives_terminal, storing,
};
use crate::{
    cli::{
        self, Fault, FaultCode, Session,
        args::{
            ApplyArgs, Command, Common, DiffArgs, ListArgs, Listed, OperationsCommand, StateArgs,
            StoreCommand,
        },
        change::Change,
        console::StandardStreams,
        desired::{self, Content, State},
        doctor::{Examination, InstanceCheck},
        interrupt::{self, Interrupts},
        store::Copying,
    },
    clock::Clock,
    config::{BrokenInstance, Config, ConfigEntry},
    domain::{desired::StateFile, message::ToMessage, name::Name},
    store::ServerVitals,
    text::Text,
};

/// Runs a command that needs no screen; returns the exit code.
pub(super) async fn run(command: Command, common: &Common, text: &Text) -> Result<u8, Fault> {
    match command {
        Command::Init(args) => Box::pin(init::init(&args, common, text)).await,
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
        Command::Store { command: StoreCommand::Key { file } } => cli::store::key(&file, text),
        Command::Store { command: StoreCommand::Copy { dry_run } } => copy(dry_run, common, text).await,
        Command::Continue { instances } => continued(&instances, common, text).await,
        Command::Doctor { instance, json } => doctor(instance.named(), json, common, text).await,
        Command::Completions { shell, dir } => cli::completions::script(shell, dir.as_deref(), text),
        Command::Man { dir } => cli::manual::man(dir.as_deref(), text),
        // These two are programs of their own and never reach this function.
        Command::Demo { .. } | Command::Simulate { .. } => Ok(0),
    }
}

/// Keeps only the named entry, so that no other instance's secrets are read.
fn only(config: Config, name: Option<&str>, text: &Text) -> Result<Config, Fault> {
    let Some(name) = name else { return Ok(config) };
    match config.entry(name) {
        Ok(ConfigEntry::Usable(instance)) => {
            let instance = instance.clone();
            Ok(config.with_only(vec![instance]))
        }
        Ok(ConfigEntry::Broken(broken)) => {
            let broken = vec![broken.clone()];
            Ok(Config { broken, ..config.with_only(Vec::new()) })
        }
        Err(error) => Err(Fault::no_entry(text, &error)),
    }
}

/// Keeps only the named entries, or all if none is named.
fn those(config: Config, names: &[&str], text: &Text) -> Result<Config, Fault> {
    if names.is_empty() {
        return Ok(config);
    }
    let mut all = config.clone().with_only(Vec::new());
    for name in names {
        let one = only(config.clone(), Some(name), text)?;
        for instance in one.instances {
            if !all.instances.iter().any(|known| known.label == instance.label) {
                all.instances.push(instance);
            }
        }
        all.broken.extend(one.broken);
    }
    Ok(all)
}

/// Opens the instances of a configuration and collects everything that a command works with. Fails if one of them is broken.
async fn session(config: &Config, common: &Common, text: &Text) -> Result<Session, Fault> {
    let session = unannounced(config, common, text).await?;
    cli::interrupted::tell(&session).await;
    Ok(session)
}

/// The same without a report of interrupted operations.
async fn unannounced(config: &Config, common: &Common, text: &Text) -> Result<Session, Fault> {
    let ready = instances::of_config(config, common.read_only).await.all(text)?;
    assembled(ready, config, common, text).await
}

/// The same for a command about all instances: it reports the broken ones and works with the others. Fails if all are broken.
async fn session_of_all(
    config: &Config,
    common: &Common,
    is_json: bool,
    text: &Text,
) -> Result<Session, Fault> {
    let opened = instances::of_config(config, common.read_only).await;
    if opened.ready.is_empty() {
        let ready = opened.all(text)?;
        return assembled(ready, config, common, text).await;
    }
    for broken in &opened.broken {
        cli::broken::report(text, Clock::system(), broken, is_json);
    }
    let session = assembled(opened.ready, config, common, text).await?;
    cli::interrupted::tell(&session).await;
    Ok(session)
}

async fn assembled(
    ready: Vec<Ready>,
    config: &Config,
    common: &Common,
    text: &Text,
) -> Result<Session, Fault> {
    let (store, origin) = (config.store.as_ref(), config.origin.as_deref());
    let opened = storing::open(store, origin, &config.state_dir, &ready, text).await?;
    Ok(Session {
        instances: ready.into_iter().map(Ready::into_instance).collect(),
        store: opened.store,
        locks: opened.locks,
        clock: Clock::system(),
        text: text.clone(),
        read_only: common.read_only,
        outlives_terminal: outlives_terminal(config, common),
        options: super::options(common),
        deadline: common.deadline,
        wait_lock_until: common.wait_lock.map(|span| tokio::time::Instant::now() + span),
        console: Arc::new(StandardStreams),
    })
}

/// If several instances exist, a name is required; this is checked before any secret is read.
fn one_of(config: Config, name: Option<&str>, text: &Text) -> Result<Config, Fault> {
    let config = only(config, name, text)?;
    if config.entries().len() > 1 {
        let entries = config.entries();
        let names = entries.iter().filter_map(ConfigEntry::label).map(Name::shown);
        return Err(Fault::which_instance(text, names));
    }
    Ok(config)
}

async fn list(args: &ListArgs, common: &Common, text: &Text) -> Result<u8, Fault> {
    let config = load(common, text)?;
    if args.what == Listed::Instances {
        let config = those(config, &args.instances.named(), text)?;
        let list = async {
            let broken = broken_of(&config).await;
            cli::list::instances(&config, &broken, Clock::system(), args.json, text)
        };
        return interrupt::within(text, common.deadline, list).await;
    }
    let names = args.instances.named();
    let config = match names.as_slice() {
        _ if args.instances.all => config,
        [] => one_of(config, None, text)?,
        names => those(config, names, text)?,
    };
    let _log = log(common, config.origin.as_deref(), &config.state_dir, text)?;
    let list = async {
        let session = if args.instances.all {
            session_of_all(&config, common, args.json, text).await?
        } else {
            session(&config, common, text).await?
        };
        cli::list::list(&session, args).await
    };
    interrupt::within(text, common.deadline, Box::pin(list)).await
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
            let session = interrupts.end(session(&config, common, text)).await;
            let session = session.map_err(|fault| state.unread(fault, text))?;
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
    let session = interrupts.end(session(&config, common, text)).await;
    let session = session.map_err(|fault| state.unread(fault, text))?;
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
    Ok((state, config.with_only(instances)))
}

/// The broken entries, as far as they are found without running a program.
async fn broken_of(config: &Config) -> Vec<BrokenInstance> {
    let (tried, others) = config.instances.iter().cloned().partition(|one| !one.needs_command());
    let tried = Config { instances: tried, others, ..config.clone() };
    instances::of_config(&tried, true).await.broken
}

async fn operations(command: &OperationsCommand, common: &Common, text: &Text) -> Result<u8, Fault> {
    let config = only(load(common, text)?, command.instance(), text)?;
    let _log = log(common, config.origin.as_deref(), &config.state_dir, text)?;
    // If there is only one instance, the command is about that one.
    let is_about_all = command.instance().is_none() && config.entries().len() > 1;
    let session = async {
        if is_about_all {
            session_of_all(&config, common, command.is_json(), text).await
        } else {
            session(&config, common, text).await
        }
    };
    if command.plans() {
        // This command itself reports interrupted operations.
        let session =
            async { if is_about_all { session.await } else { unannounced(&config, common, text).await } };
        let session = Interrupts::new(text, common.deadline)?.end(session).await?;
        return cli::operations::operations(&session, command).await;
    }
    let work = async { cli::operations::operations(&session.await?, command).await };
    interrupt::within(text, common.deadline, work).await
}

async fn continued(names: &[String], common: &Common, text: &Text) -> Result<u8, Fault> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let config = those(load(common, text)?, &names, text)?;
    let _log = log(common, config.origin.as_deref(), &config.state_dir, text)?;
    let session = unannounced(&config, common, text).await?;
    cli::continued::continued(&session).await
}

/// Copies the journal of this machine into the shared store.
async fn copy(is_dry: bool, common: &Common, text: &Text) -> Result<u8, Fault> {
    let config = load(common, text)?;
    let _log = log(common, config.origin.as_deref(), &config.state_dir, text)?;
    if common.read_only && !is_dry {
        return Err(Fault::new(FaultCode::ReadOnly, text.say("cli-read-only")));
    }
    let copy = async {
        let shared = storing::shared(&config, text).await?;
        let Some((journal, server)) = shared else {
            return Err(Fault::new(FaultCode::Usage, text.say("cli-copy-no-store")));
        };
        let copying = Copying {
            journal: &journal,
            server: &server,
            locks: [storing::file_locks(&config.state_dir), server.locks()],
            keeps_links: config.operations.keep_invite_links,
            is_dry,
            clock: Clock::system(),
            text,
        };
        copying.run().await
    };
    interrupt::within(text, common.deadline, Box::pin(copy)).await
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
    let instances = match &config {
        Ok(config) => instance_checks(config, text).await,
        Err(_) => Vec::new(),
    };
    let server = match &config {
        Ok(config) => server_vitals(config, &instances, text).await,
        Err(_) => None,
    };
    let config = config.as_ref().map_err(Clone::clone);
    let examination = Examination { server, config, instances, free_space, clock: Clock::system(), text };
    interrupt::within(text, common.deadline, cli::doctor::doctor(&examination, is_json)).await
}

/// What the server with the journal says of itself, or why it cannot be used; `None` if there is no server.
async fn server_vitals(
    config: &Config,
    instances: &[InstanceCheck],
    text: &Text,
) -> Option<Result<ServerVitals, String>> {
    let (_, server) = match storing::shared(config, text).await.transpose()? {
        Ok(shared) => shared,
        Err(fault) => return Some(Err(fault.words)),
    };
    let opened = instances.iter().filter_map(|checked| checked.opened.as_ref().ok());
    let keys: Vec<&str> = opened.map(|opened| opened.key.as_str()).collect();
    Some(server.vitals(&keys).await.map_err(|error| text.tell(&error)))
}

/// How many bytes can still be written in a directory.
fn free_space(directory: &Path) -> Option<u64> {
    let room = rustix::fs::statvfs(directory).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

/// Opens each entry of the configuration, in its order. A check-up changes nothing.
async fn instance_checks(config: &Config, text: &Text) -> Vec<InstanceCheck> {
    let Opened { ready, broken, .. } = instances::of_config(config, true).await;
    let is_encrypted = |line| config.instances.iter().any(|one| one.line == line && one.base_url.is_https());
    let ready = ready.into_iter().map(|ready| {
        let (line, label) = (ready.line, ready.profile.label.clone());
        (line, InstanceCheck { label, is_encrypted: is_encrypted(line), opened: Ok(ready.into_instance()) })
    });
    let broken = broken.iter().map(|broken| {
        let label = text.tell(&broken.title());
        let check =
            InstanceCheck { label, is_encrypted: false, opened: Err(text.tell(&broken.fault.message())) };
        (broken.line, check)
    });
    let mut checks: Vec<(usize, InstanceCheck)> = ready.chain(broken).collect();
    checks.sort_by_key(|(line, _)| *line);
    checks.into_iter().map(|(_, check)| check).collect()
}
