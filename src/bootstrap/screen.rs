//! The terminal program: takes the terminal, runs the loop, gives the terminal back.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    appearance::Appearance,
    configuring::{self, ConfigurationFile},
    instances::{self, Opened, Ready},
};
use crate::{
    app::State,
    cli::{Fault, FaultCode, out},
    clock::Clock,
    engine::Engine,
    export::Exporter,
    runtime::{self, Configuration, Runtime, RuntimeParts},
    text::Text,
    tui::{
        event_loop::{self, Exit, Sources},
        input,
        program::Ui,
        signals,
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

/// Runs the terminal program on these instances until it ends; it shows the broken ones as broken.
pub(super) async fn run(
    instances: Opened,
    file: Option<ConfigurationFile>,
    look: Appearance,
    state_dir: &Path,
    read_only: bool,
    text: Text,
) -> Result<u8, Fault> {
    let clock = Clock::system();
    let Opened { ready: instances, broken } = instances;
    let store = instances::store(state_dir, &instances, &text)?;
    let (engine, engine_events) = Engine::sharing(Arc::new(store.clone()), clock, state_dir.join("locks"));
    let mut gateways = HashMap::new();
    let mut profiles = Vec::new();
    let mut stamps = HashMap::new();
    let broken = broken.iter().map(|broken| configuring::broken_entry(broken, &text));
    for Ready { profile, gateway, stamp, .. } in instances {
        stamps.insert(profile.key.clone(), stamp);
        engine.add_instance(profile.key.clone(), gateway.clone(), profile.settings.clone());
        gateways.insert(profile.key.clone(), gateway);
        profiles.push(profile);
    }
    let exporter = Exporter::new(Text::english());
    let is_first_start = !store.file().exists();
    let store_folder = store.file().parent().map(Path::to_owned);
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
        configuration: file.map(|file| Arc::new(file) as Arc<dyn Configuration>),
    };
    let (runtime, events) = Runtime::new(parts, engine_events);
    terminal::install_panic_hook();
    let signals = signals::listen().map_err(|error| Fault::io(&error))?;
    let mut screen = TerminalScreen::take(look.reports).map_err(|error| Fault::io(&error))?;
    let input = input::spawn_reader().map_err(|error| Fault::io(&error))?;
    let size = event_loop::Screen::size(&screen);
    let mut state = State::new(profiles, (size.width, size.height), read_only, clock.now());
    state.broken = broken.collect();
    state.reads_roles = look.reads_roles;
    if let (false, Some(folder)) = (is_first_start, store_folder) {
        state.sizes.dividers = runtime::remembered_dividers(&folder);
    }
    state.gateways = gateway_choices;
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
    farewell(&engine, &exit, &text).await;
    Ok(exit.code())
}

/// Ends the running work: after a quit it waits for the request in flight. If the terminal line is lost or a signal arrives, it
/// ends at once, and the journal has the request in flight as being sent.
async fn farewell(engine: &Engine, exit: &Exit, text: &Text) {
    if !matches!(exit, Exit::Quit(_)) || !engine.is_busy() {
        return;
    }
    let ended = engine.shutdown();
    tokio::pin!(ended);
    if tokio::time::timeout(QUIET, &mut ended).await.is_err() {
        out::tell(&text.say("quit-waiting"));
        ended.await;
    }
}
