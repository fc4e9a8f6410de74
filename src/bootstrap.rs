//! The one place that assembles the program's parts and gives each command the parts that it needs.

mod appearance;
mod arguments;
mod completing;
pub mod configuring;
mod demo;
pub mod faults;
mod headless;
mod init;
pub mod instances;
mod screen;
mod simulate;
mod storing;

use std::{ffi::OsString, path::Path, process::ExitCode, time::Duration};

use color_eyre::eyre::Report;
use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use self::{
    appearance::Appearance, configuring::ConfigurationFile, instances::Clients, screen::ScreenSession,
};
use crate::{
    cli::{
        Fault, FaultCode,
        args::{Arguments, Command, Common},
        out, report,
    },
    clock::Clock,
    config::{Config, Environment, KNOWN_THEMES, ThemeChoice},
    files,
    simulator::World,
    telemetry,
    text::{Language, Text},
    tui::terminal,
};

/// How long pending work may take once the command is done; a hung name look-up must not delay the exit.
const FAREWELL: Duration = Duration::from_millis(50);

/// Parses the arguments, runs the command, and returns the exit code.
pub fn start(words: impl Iterator<Item = OsString>) -> ExitCode {
    if let Some(shell) = completing::shell() {
        return completing::answer(&shell, words);
    }
    let arguments = match arguments::read(words) {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    run(arguments).unwrap_or_else(|error| {
        faults::show(&error);
        ExitCode::FAILURE
    })
}

/// Runs a command to its end and returns the exit code. An error here is an unexpected one.
fn run(arguments: Arguments) -> Result<ExitCode, Report> {
    // One thread is enough: the work is mostly waiting, and a costly start would be noticeable.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let is_json = arguments.command.as_ref().is_some_and(Command::is_json);
    if arguments.common.quiet {
        out::quieten();
    }
    // The words of a failure or a finding are also in its JSON, which is the same in every language.
    let chosen =
        text(arguments.common.lang.as_deref()).map(|text| if is_json { Text::english() } else { text });
    let outcome = match chosen {
        Ok(text) => runtime.block_on(async {
            outlive_limits();
            Box::pin(command(arguments, text)).await
        }),
        Err(fault) => Err(fault),
    };
    runtime.shutdown_timeout(FAREWELL);
    match outcome {
        Ok(code) => Ok(ExitCode::from(code)),
        Err(fault) => {
            report::fault(&fault, Clock::system(), is_json);
            Ok(ExitCode::from(fault.code.exit_code()))
        }
    }
}

/// Prevents the signal for a file that exceeds its size limit from ending the program: the write then fails as on a full disk,
/// and the writer reports it. If the signal cannot be caught, it keeps its effect.
fn outlive_limits() {
    let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
}

/// The texts in the requested language, or else in that of the environment: the only place that chooses the language.
fn text(asked: Option<&str>) -> Result<Text, Fault> {
    let usual = || Text::of(Language::of_environment(|name| std::env::var(name).ok()));
    let Some(asked) = asked else { return Ok(usual()) };
    Language::of_tag(asked).map(Text::of).ok_or_else(|| {
        let known = Language::ALL.map(|language| format!("{} ({})", language.tag(), language.name()));
        let args = [("given", asked.into()), ("known", known.join(", ").into())];
        Fault::new(FaultCode::Usage, usual().with("cli-no-language", &args))
    })
}

async fn command(arguments: Arguments, text: Text) -> Result<u8, Fault> {
    let Arguments { command, common } = arguments;
    match command {
        None => {
            screen::check(&text)?;
            let config = Config::load_or_empty(
                common.config.as_deref(),
                common.state_dir.as_deref(),
                &Environment::of_process(),
            );
            let config = config.map_err(|error| Fault::usage(&text, &error))?;
            if config.entries().is_empty() && common.read_only {
                // Nothing can be added either: this names the missing file.
                load(&common, &text)?;
            }
            let _log = log(&common, config.origin.as_deref(), &config.state_dir, &text)?;
            let look = look(&config, &common, &text)?;
            let clients = Clients::of_network(common.read_only);
            let instances = instances::opened(&config, &clients).await;
            let file = ConfigurationFile::new(
                common.config.clone(),
                common.state_dir.clone(),
                Environment::of_process(),
                clients,
                text.clone(),
            );
            let file = file.map_err(|error| Fault::usage(&text, &error))?;
            let state_dir = &config.state_dir;
            let session = ScreenSession {
                instances,
                file: Some(file),
                look,
                store: config.store.as_ref(),
                origin: config.origin.as_deref(),
                state_dir,
                common: &common,
                outlives_terminal: outlives_terminal(&config, &common),
                text,
            };
            screen::run(session).await
        }
        Some(Command::Demo { world }) => demo::run(&world, &common, text).await,
        Some(Command::Simulate { listen, allow_remote, world, write_config }) => {
            simulate::run(listen, allow_remote, &world, write_config.as_deref(), &text).await
        }
        Some(command) => Box::pin(headless::run(command, &common, &text)).await,
    }
}

/// Whether running operations go on if the terminal goes away.
fn outlives_terminal(config: &Config, common: &Common) -> bool {
    common.on_hangup.unwrap_or(config.on_hangup).finishes(terminal::is_remote())
}

/// The options with which another process of this program finds the same configuration and state.
fn options(common: &Common) -> Vec<OsString> {
    let files = [("--config", &common.config), ("--state-dir", &common.state_dir)].into_iter();
    let files = files.filter_map(|(option, file)| Some([option.into(), file.as_ref()?.into()]));
    let log = ["--log-level".into(), common.log_level.as_str().into()];
    files.chain([log]).flatten().collect()
}

/// The most bytes of a world file.
const LONGEST_WORLD: u64 = 64 * files::MIB;

/// A world of the simulated gateway, by its name or from a file. Mistakes in it are reported in English, like everything that
/// the simulator says.
fn world(name_or_path: &str) -> Result<World, Fault> {
    let read = |path: &Path| {
        let read = files::open(path).and_then(|file| file.text(LONGEST_WORLD));
        read.map_err(|error| Text::english().tell(&error))
    };
    World::load(name_or_path, read).map_err(|error| Fault::new(FaultCode::Usage, error.to_string()))
}

fn load(common: &Common, text: &Text) -> Result<Config, Fault> {
    Config::load(common.config.as_deref(), common.state_dir.as_deref(), &Environment::of_process())
        .map_err(|error| Fault::usage(text, &error))
}

/// How the screen looks and which input it takes, according to the configuration.
fn look(config: &Config, common: &Common, text: &Text) -> Result<Appearance, Fault> {
    let origin = config.origin.clone().unwrap_or_default();
    let mut settings = config.ui.clone();
    if let Some(theme) = &common.theme {
        settings.theme = ThemeChoice::of(theme, |file| file.into()).ok_or_else(|| {
            let args = [("given", theme.as_str().into()), ("known", KNOWN_THEMES.into())];
            Fault::new(FaultCode::Usage, text.with("cli-no-theme", &args))
        })?;
    }
    Appearance::of(&settings, &origin, text, common.ascii)
}

/// Starts the log if one is requested; its first line names the source of the configuration.
fn log(
    common: &Common,
    origin: Option<&Path>,
    state_dir: &Path,
    text: &Text,
) -> Result<Option<telemetry::Guard>, Fault> {
    let log = telemetry::start(&common.log_level, state_dir)
        .map_err(|error| Fault::new(FaultCode::System, text.tell(&error)))?;
    let place = if common.config.is_some() { "--config or SYNOD_CONFIG" } else { "its usual place" };
    if let Some(file) = origin {
        tracing::debug!("configuration from {place}: {}", file.display());
    }
    tracing::debug!("synod {}, state in {}", env!("CARGO_PKG_VERSION"), state_dir.display());
    Ok(log)
}
