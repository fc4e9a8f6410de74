//! The terminal program: takes the terminal, runs the loop, gives the terminal back.

use std::{
    collections::HashMap,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    appearance::Appearance,
    configuring::{self, ConfigurationFile},
    instances::{Opened, Ready},
    storing,
};
use crate::{
    app::{State, Survival},
    cli::{
        Fault, FaultCode,
        args::Common,
        detach::{self, Successor},
        exit::{FAILED, STOPPED},
        interrupt::Interrupts,
        out,
    },
    clock::Clock,
    config::StoreConfig,
    domain::message::Message,
    engine::Engine,
    export::Exporter,
    runtime::{self, Configuration, Runtime, RuntimeParts},
    text::Text,
    tui::{
        event_loop::{self, Exit, Sources},
        input,
        program::Ui,
        signals::{self, Signal},
        terminal::{self, TerminalScreen},
    },
};

/// How long to wait for a request in flight before printing a message.
const QUIET: Duration = Duration::from_millis(400);

/// Whether the terminal can be used, before anything else is done.
pub(super) fn check(text: &Text) -> Result<(), Fault> {
    terminal::check().map_err(|error| {
        Fault::new(FaultCode::Usage, text.with("terminal-unusable", &[("why", text.tell(&error).into())]))
    })
}

/// What the terminal program works with.
pub(super) struct ScreenSession<'a> {
    pub(super) instances: Opened,
    /// The configuration, if it can be changed; the demonstration has none, and cannot go on in the background.
    pub(super) file: Option<ConfigurationFile>,
    pub(super) look: Appearance,
    /// The server with the journal, if it is not a file on this machine.
    pub(super) store: Option<&'a StoreConfig>,
    /// The configuration's file.
    pub(super) origin: Option<&'a Path>,
    pub(super) state_dir: &'a Path,
    pub(super) common: &'a Common,
    /// Whether running operations go on if the terminal goes away.
    pub(super) outlives_terminal: bool,
    pub(super) text: Text,
}

/// Runs the terminal program on these instances until it ends; it shows the broken ones as broken.
pub(super) async fn run(session: ScreenSession<'_>) -> Result<u8, Fault> {
    let ScreenSession { instances, file, look, store, origin, state_dir, common, outlives_terminal, text } =
        session;
    let read_only = common.read_only;
    let clock = Clock::system();
    let Opened { ready: instances, broken, version } = instances;
    let opened = storing::open(store, origin, state_dir, &instances, &text).await?;
    let store = opened.store;
    let (engine, engine_events) = Engine::sharing(store.clone(), clock, opened.locks);
    let mut gateways = HashMap::new();
    let mut profiles = Vec::new();
    let mut stamps = HashMap::new();
    let broken = broken.iter().map(|broken| configuring::broken_entry(broken, version, &text));
    for Ready { profile, gateway, stamp, .. } in instances {
        stamps.insert(profile.key.clone(), stamp);
        engine.add_instance(profile.key.clone(), gateway.clone(), profile.settings.clone());
        gateways.insert(profile.key.clone(), gateway);
        profiles.push(profile);
    }
    let exporter = Exporter::new(Text::english());
    let is_first_start = store.is_new();
    if !is_first_start {
        // The terminal is taken meanwhile.
        store.open_ahead();
    }
    let gateway_choices = if file.is_some() { configuring::gateways() } else { Vec::new() };
    let parts = RuntimeParts {
        gateways,
        stamps,
        engine: engine.clone(),
        store,
        clock,
        exporter,
        directory: PathBuf::new(),
        state_dir: state_dir.to_owned(),
        configuration: file.map(|file| Arc::new(file) as Arc<dyn Configuration>),
    };
    let can_detach = parts.configuration.is_some();
    let (runtime, events) = Runtime::new(parts, engine_events);
    terminal::install_panic_hook();
    let signals = signals::listen().map_err(|error| Fault::io(&error))?;
    let mut screen = TerminalScreen::take(look.reports).map_err(|error| Fault::io(&error))?;
    let input = input::spawn_reader().map_err(|error| Fault::io(&error))?;
    let size = event_loop::Screen::size(&screen);
    let mut state = State::new(profiles, (size.width, size.height), read_only, clock.now());
    state.broken = broken.collect();
    state.reads_roles = look.reads_roles;
    if !is_first_start {
        state.sizes.dividers = runtime::remembered_dividers(state_dir);
    }
    state.gateways = gateway_choices;
    state.survival = Survival { outlives_terminal, can_detach };
    if is_first_start {
        state.expect_nothing();
    }
    let mut ui = Ui::new(state, look.themes, text.clone(), look.keys, clock, |work| runtime.begin(work))
        .in_ascii(look.is_ascii)
        .with_mouse(look.reports.mouse)
        .notifying(look.reports.focus);
    ui.start();
    let sources = Sources { input, events, signals };
    let exit = event_loop::run(&mut ui, &mut screen, sources).await;
    drop(screen);
    let labels = ui.state().instances.iter().map(|instance| instance.profile.label.clone()).collect();
    let options = super::options(common);
    Farewell { engine: &engine, text: &text, labels, options, outlives_terminal }.say(&exit).await
}

/// The end of the screen, while the engine may still be at work.
struct Farewell<'a> {
    engine: &'a Engine,
    text: &'a Text,
    labels: Vec<String>,
    options: Vec<OsString>,
    outlives_terminal: bool,
}

impl Farewell<'_> {
    /// Ends the running work, or lets it go on without the screen; returns the exit code.
    async fn say(&self, exit: &Exit) -> Result<u8, Fault> {
        if !self.engine.is_busy() {
            return Ok(exit.code());
        }
        match exit {
            Exit::Quit(_) => self.stop().await,
            Exit::Detach => return self.detach().await,
            Exit::Signal(Signal::Hangup | Signal::TerminalLost) if self.outlives_terminal => {
                return Ok(self.go_on().await?.unwrap_or(exit.code()));
            }
            Exit::Signal(Signal::Hangup | Signal::TerminalLost) => self.stop_unless_asked_again().await?,
            Exit::Signal(Signal::Terminate | Signal::Quit | Signal::Interrupt) => {
                out::tell(&self.text.say("quit-stopping"));
                self.stop_unless_asked_again().await?;
                return Ok(STOPPED);
            }
            Exit::Signal(Signal::Continue | Signal::Panicked) | Exit::Failed(_) => {}
        }
        Ok(exit.code())
    }

    /// Lets the request in flight end; the rest is not sent.
    async fn stop(&self) {
        let ended = self.engine.shutdown();
        tokio::pin!(ended);
        if tokio::time::timeout(QUIET, &mut ended).await.is_err() {
            out::tell(&self.text.say("quit-waiting"));
            ended.await;
        }
    }

    /// The same; a further signal ends the program at once.
    async fn stop_unless_asked_again(&self) -> Result<(), Fault> {
        let mut interrupts = Interrupts::new(self.text, None)?;
        tokio::select! {
            biased;
            () = interrupts.by_operator() => {}
            () = self.engine.shutdown() => {}
        }
        Ok(())
    }

    /// Goes on without a terminal until everything has ended, or until a signal stops it; then returns the exit code.
    async fn go_on(&self) -> Result<Option<u8>, Fault> {
        let mut interrupts = Interrupts::new(self.text, None)?;
        tokio::select! {
            biased;
            () = interrupts.by_operator() => {}
            () = self.engine.until_all_idle() => return Ok(None),
        }
        self.stop_unless_asked_again().await?;
        Ok(Some(STOPPED))
    }

    /// Says why no process in the background can take the work, and goes on in the foreground.
    async fn stay(&self, why: &Message) -> Result<u8, Fault> {
        let why = self.text.tell(why);
        let end = if why.ends_with('.') { "" } else { "." };
        let args = [("why", format!("{why}{end}").into())];
        out::tell(&self.text.with("detach-failed", &args));
        Ok(self.go_on().await?.unwrap_or(0))
    }

    /// Gives the running work to a process in the background. If none can start, goes on in the foreground.
    async fn detach(&self) -> Result<u8, Fault> {
        let successor = match Successor::start(&self.options, &self.labels).await {
            Ok(successor) => successor,
            Err(why) => return self.stay(&why).await,
        };
        let handed_over = successor.take_over(self.engine);
        tokio::pin!(handed_over);
        let detached = if let Ok(detached) = tokio::time::timeout(QUIET, &mut handed_over).await {
            detached
        } else {
            out::tell(&self.text.say("quit-waiting"));
            handed_over.await
        };
        let detached = match detached {
            Ok(detached) => detached,
            // The journal cannot record it now.
            Err(why) if self.engine.is_busy() => return self.stay(&why).await,
            Err(why) => return Err(Fault::state(self.text, &why)),
        };
        if detached.operations.is_empty() {
            return Ok(0);
        }
        out::tell(&detach::sentence(self.text, &detached));
        Ok(if detached.left.is_empty() { 0 } else { FAILED })
    }
}
