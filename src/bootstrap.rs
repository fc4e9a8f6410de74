//! The one place that puts the parts together, and hands each command what it needs.

mod arguments;
mod demo;
pub mod faults;
mod headless;
mod instances;
mod look;
mod screen;
mod simulate;

use std::{ffi::OsString, path::Path, process::ExitCode, time::Duration};

use color_eyre::eyre::Report;
use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use self::look::Look;
use crate::{
    cli::{
        args::{Arguments, Command, Common},
        out,
    },
    config::{Config, Environment},
    domain::sentence::Tell,
    files,
    simulator::World,
    telemetry,
    text::{Language, Text},
};

/// How long what is still under way may take once everything is decided; a hung name look-up must not keep the program.
const FAREWELL: Duration = Duration::from_millis(50);

/// Why a command did not do what was asked, as sentences for the person who asked.
#[derive(Debug, thiserror::Error)]
pub enum Complaint {
    /// Something in what was asked, or in the configuration, is not right: nothing was sent.
    #[error("{0}")]
    Usage(String),
    /// Something that should have worked did not.
    #[error("{0}")]
    Failed(String),
    /// The operator interrupted it before anything was sent.
    #[error("{0}")]
    Interrupted(String),
}

impl Complaint {
    fn usage(text: &Text, error: &impl Tell) -> Self {
        Self::Usage(text.tell(error))
    }

    fn failed(error: &std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }

    fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Failed(_) => 1,
            Self::Interrupted(_) => 5,
        }
    }
}

/// Reads the arguments, does what they ask for, and gives the exit code.
pub fn start(words: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match arguments::read(words) {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    run(arguments).unwrap_or_else(|error| {
        faults::show(&error);
        ExitCode::FAILURE
    })
}

/// Runs a command to its end, and gives the exit code. An error is one that nobody foresaw.
fn run(arguments: Arguments) -> Result<ExitCode, Report> {
    // One thread: the work is waiting, and what a start costs is seen.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = match text(arguments.common.lang.as_deref()) {
        Ok(text) => runtime.block_on(async {
            outlive_limits();
            Box::pin(command(arguments, text)).await
        }),
        Err(complaint) => Err(complaint),
    };
    runtime.shutdown_timeout(FAREWELL);
    match outcome {
        Ok(code) => Ok(ExitCode::from(code)),
        Err(complaint) => {
            out::tell(&complaint.to_string());
            Ok(ExitCode::from(complaint.code()))
        }
    }
}

/// Keeps the signal of a file that would grow beyond its limit from ending the program: the write then fails as on a
/// full disk, which whoever writes tells. Where the signal cannot be taken, it stays as it is.
fn outlive_limits() {
    let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
}

/// The texts in the language that was asked for, else in that of the environment: the one place where it is chosen.
fn text(asked: Option<&str>) -> Result<Text, Complaint> {
    let usual = || Text::of(Language::of_environment(|name| std::env::var(name).ok()));
    let Some(asked) = asked else { return Ok(usual()) };
    Language::of_tag(asked).map(Text::of).ok_or_else(|| {
        let known = Language::ALL.map(|language| format!("{} ({})", language.tag(), language.name()));
        let args = [("given", asked.into()), ("known", known.join(", ").into())];
        Complaint::Usage(usual().with("cli-no-language", &args))
    })
}

async fn command(arguments: Arguments, text: Text) -> Result<u8, Complaint> {
    let Arguments { command, common } = arguments;
    match command {
        None => {
            screen::check(&text)?;
            let config = load(&common, &text)?;
            let _log = log(&common, config.origin.as_deref(), &config.state_dir, &text)?;
            let look = look(&config, &text, common.ascii)?;
            let instances = instances::of_config(&config, common.read_only, &text).await?;
            screen::run(instances, look, &config.state_dir, common.read_only, text).await
        }
        Some(Command::Demo { world }) => demo::run(&world, &common, text).await,
        Some(Command::Simulate { listen, allow_remote, world }) => {
            simulate::run(listen, allow_remote, &world, &text).await
        }
        Some(command) => Box::pin(headless::run(command, &common, &text)).await,
    }
}

/// How many bytes a world's file has at most.
const LONGEST_WORLD: u64 = 64 * files::MIB;

/// A world of the simulated gateway, by its name or from a file. What is wrong with it is said in English, as it is all
/// that the simulator says.
fn world(name_or_path: &str) -> Result<World, Complaint> {
    let read = |path: &Path| {
        let read = files::open(path).and_then(|file| file.text(LONGEST_WORLD));
        read.map_err(|error| Text::english().tell(&error))
    };
    World::load(name_or_path, read).map_err(|error| Complaint::Usage(error.to_string()))
}

fn load(common: &Common, text: &Text) -> Result<Config, Complaint> {
    Config::load(common.config.as_deref(), common.state_dir.as_deref(), &Environment::of_process())
        .map_err(|error| Complaint::usage(text, &error))
}

/// How the screen looks and listens, as the configuration says it.
fn look(config: &Config, text: &Text, ascii: bool) -> Result<Look, Complaint> {
    let origin = config.origin.clone().unwrap_or_default();
    Look::of(&config.ui, &origin, text, ascii)
}

/// Starts the log where one is asked for, with where the configuration came from as its first line.
fn log(
    common: &Common,
    origin: Option<&Path>,
    state_dir: &Path,
    text: &Text,
) -> Result<Option<telemetry::Guard>, Complaint> {
    let log = telemetry::start(&common.log_level, state_dir)
        .map_err(|error| Complaint::Failed(text.tell(&error)))?;
    let told = if common.config.is_some() { "--config or SYNOD_CONFIG" } else { "its usual place" };
    if let Some(file) = origin {
        tracing::debug!("configuration from {told}: {}", file.display());
    }
    tracing::debug!("synod {}, state in {}", env!("CARGO_PKG_VERSION"), state_dir.display());
    Ok(log)
}
