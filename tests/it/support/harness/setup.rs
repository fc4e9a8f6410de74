//! Assembles a program for a test like `bootstrap` does, except for the clock, the screen and the network.

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::PermissionsExt,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use secrecy::SecretString;
use synod::{
    app::{
        State,
        broken::BrokenEntry,
        instance::{Address, Profile},
    },
    bootstrap::{
        configuring::{ConfigurationFile, gateways as gateways_to_choose},
        instances::Clients,
    },
    clock::Clock,
    config::{Environment, instance_key, keys},
    domain::{
        base_url::BaseUrl,
        community::CommunityRef,
        id::CommunityId,
        instance::{EntryPlace, GatewayKind},
        message::Message,
        settings::OperationSettings,
        time::Millis,
    },
    engine::Engine,
    export::Exporter,
    gateway::{BudgetBook, ClientParts, Gateway, InstanceSpec, open},
    runtime::{self, Configuration, OpenedInstance, Runtime},
    simulator::{self, InstanceInfo, Simulator, World},
    store::FileStore,
    text::{Language, Text},
    tui::{
        event_loop::{Sources, run},
        keymap::Keymap,
        program::Ui,
        theme::{Depth, Theme},
    },
};
use tempfile::TempDir;
use tokio::sync::{mpsc::unbounded_channel, watch};

use super::{
    Harness, Weather,
    network::Network,
    slow::Slow,
    watched::{Frames, Kept, Watched, panics},
};
use crate::support::{gateway::EPOCH, screen::TestScreen};

const BASE_URL: &str = "https://gateway.test";

/// A token of another instance, which must not appear anywhere either.
pub(crate) const WRONG_TOKEN: &str = "canary-5d1e-wrong";

pub(super) fn built_in(name: &str) -> World {
    World::built_in(name).unwrap_or_else(|| panic!("no world is called {name:?}"))
}

pub(super) fn written(text: &str) -> World {
    World::parse(text, "test.toml").unwrap_or_else(|error| panic!("{error}"))
}

/// The settings with which a program starts.
#[expect(clippy::struct_excessive_bools, reason = "each is one way in which a program is started")]
pub(crate) struct Setup {
    world: World,
    size: (u16, u16),
    token: Option<&'static str>,
    instance: Option<&'static str>,
    connection: Option<&'static str>,
    communities: Vec<String>,
    settings: OperationSettings,
    weather: Weather,
    read_only: bool,
    theme: Theme,
    depth: Depth,
    keys: Keymap,
    state_is_blocked: bool,
    state_dir: Option<Arc<TempDir>>,
    later: Duration,
    language: Language,
    broken: Vec<BrokenEntry>,
    has_all_instances: bool,
    is_account: bool,
    is_insecure: bool,
    begins_on: simulator::GatewayKind,
    is_ascii: bool,
    reads_roles: bool,
    configuration: Option<String>,
    slow_read: Duration,
}

impl Setup {
    pub(super) fn new(world: World) -> Self {
        let mut settings = OperationSettings::default();
        settings.pace.jitter = 0.0;
        Self {
            world,
            size: (120, 40),
            token: None,
            instance: None,
            connection: None,
            communities: Vec::new(),
            settings,
            weather: Weather::Fine,
            read_only: false,
            theme: Theme::default(),
            depth: Depth::True,
            keys: Keymap::default(),
            state_is_blocked: false,
            state_dir: None,
            later: Duration::ZERO,
            language: Language::English,
            broken: Vec::new(),
            has_all_instances: false,
            is_account: false,
            begins_on: simulator::GatewayKind::Ryzeapi,
            is_insecure: false,
            is_ascii: false,
            reads_roles: false,
            configuration: None,
            slow_read: Duration::ZERO,
        }
    }

    /// All instances of the world are configured, with one on each gateway, as in the demonstration.
    pub(crate) fn every_gateway(self) -> Self {
        let world = self.world.clone().with_every_gateway();
        Self { world, ..self }.all_instances()
    }

    /// All instances of the world are configured, the first one first.
    pub(crate) fn all_instances(self) -> Self {
        Self { has_all_instances: true, ..self }
    }

    /// The configuration also has an entry that cannot be used.
    pub(crate) fn broken(mut self, title: &str, gateway: Option<&'static str>, why: Message) -> Self {
        self.broken.push(BrokenEntry {
            title: title.to_owned(),
            place: Some(EntryPlace { label: title.to_owned(), line: 1, version: 0 }),
            is_valid: true,
            gateway,
            why,
        });
        self
    }

    /// The instances are those of this configuration file, which can be changed; without a text, there is no file.
    pub(crate) fn configuration(self, text: &str) -> Self {
        Self { configuration: Some(text.to_owned()), ..self }
    }

    /// The first time that the configuration is read again, its secrets take this long.
    pub(crate) fn slow_read(self, slow_read: Duration) -> Self {
        Self { slow_read, ..self }
    }

    /// The configuration has the account's token instead of the instance's own.
    pub(crate) fn account_token(self) -> Self {
        Self { is_account: true, ..self }
    }

    /// The requests go over the network unencrypted.
    pub(crate) fn insecure(self) -> Self {
        Self { is_insecure: true, ..self }
    }

    /// The first instance on Z-API comes first.
    pub(crate) fn on_zapi(self) -> Self {
        self.on(simulator::GatewayKind::Zapi)
    }

    /// The first instance on this gateway comes first.
    pub(crate) fn on(self, begins_on: simulator::GatewayKind) -> Self {
        Self { begins_on, ..self }
    }

    /// A terminal of this size.
    pub(crate) fn size(self, columns: u16, rows: u16) -> Self {
        Self { size: (columns, rows), ..self }
    }

    /// A token that the gateway does not know.
    pub(crate) fn wrong_token(self) -> Self {
        Self { token: Some(WRONG_TOKEN), ..self }
    }

    /// An instance name that the gateway does not know.
    pub(crate) fn unknown_instance(self) -> Self {
        Self { instance: Some("nobody"), ..self }
    }

    /// The instance's connection, as the gateway calls it.
    pub(crate) fn connection(self, state: &'static str) -> Self {
        Self { connection: Some(state), ..self }
    }

    /// Communities that the configuration names.
    pub(crate) fn communities(self, ids: &[impl AsRef<str>]) -> Self {
        Self { communities: ids.iter().map(|id| id.as_ref().to_owned()).collect(), ..self }
    }

    /// A network that misbehaves from the start.
    pub(crate) fn weather(self, weather: Weather) -> Self {
        Self { weather, ..self }
    }

    /// `--read-only`.
    pub(crate) fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    /// `NO_COLOR`.
    pub(crate) fn colourless(self) -> Self {
        Self { depth: Depth::None, ..self }
    }

    /// Another theme, on a terminal with this number of colours.
    pub(crate) fn theme(self, name: &str, depth: Depth) -> Self {
        let theme = Theme::named(name).unwrap_or_else(|| panic!("no theme is called {name:?}"));
        Self { theme, depth, ..self }
    }

    /// Other keys.
    pub(crate) fn bindings(self, keys: Keymap) -> Self {
        Self { keys, ..self }
    }

    /// The roles of the rows on the screen are read in the background. Most tests count requests, so it is off there.
    pub(crate) fn reading_roles(self) -> Self {
        Self { reads_roles: true, ..self }
    }

    /// `--ascii`.
    pub(crate) fn in_ascii(self) -> Self {
        Self { is_ascii: true, ..self }
    }

    /// Another language than English.
    pub(crate) fn language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// The parent of the state directory is a file, so the program can write nothing.
    pub(crate) fn unwritable_journal(self) -> Self {
        Self { state_is_blocked: true, ..self }
    }

    /// The data that an earlier program left behind, and the time since its start.
    pub(crate) fn after(self, earlier: Arc<TempDir>, later: Duration) -> Self {
        Self { state_dir: Some(earlier), later, ..self }
    }

    /// Other settings.
    pub(crate) fn settings(mut self, change: impl FnOnce(&mut OperationSettings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Starts the program; it has drawn its first frame and has begun to read.
    pub(crate) async fn start(self) -> Harness {
        let before = panics();
        let epoch = EPOCH + self.later;
        let clock = Clock::fixed(epoch);
        let simulator = Simulator::with_epoch(self.world.clone(), epoch.0);
        let infos = self.infos(&simulator);
        let info = infos[0].clone();
        if let Some(state) = self.connection {
            assert!(simulator.set_state(&info.name, state));
        }
        let network = Network::default();
        network.set(self.weather);
        let state_dir = self.state_dir.clone().unwrap_or_else(|| Arc::new(tempfile::tempdir().unwrap()));
        let store = self.store(state_dir.path());
        let (engine, engine_events) = Engine::new(Arc::new(store.clone()), clock);
        let (mut profiles, mut gateways) = (Vec::new(), HashMap::new());
        let (mut stamps, mut broken) = (HashMap::new(), self.broken.clone());
        let file = self.file(state_dir.path(), &network, &simulator, clock);
        if let Some(file) = &file {
            let opened = file.open().await.unwrap();
            broken = opened.broken;
            for OpenedInstance { profile, gateway, stamp, .. } in opened.ready {
                engine.add_instance(profile.key.clone(), gateway.clone(), profile.settings.clone());
                stamps.insert(profile.key.clone(), stamp);
                gateways.insert(profile.key.clone(), gateway);
                profiles.push(profile);
            }
        }
        for known in infos.iter().filter(|_| file.is_none()) {
            let label = if *known == info { "ops" } else { &known.name };
            let (profile, gateway) = self.instance(known, label, &network, &simulator, clock);
            engine.add_instance(profile.key.clone(), gateway.clone(), profile.settings.clone());
            gateways.insert(profile.key.clone(), gateway);
            profiles.push(profile);
        }
        let parts = runtime::RuntimeParts {
            gateways,
            stamps,
            engine: engine.clone(),
            store: Arc::new(store),
            clock,
            exporter: Exporter::new(Text::english()),
            directory: state_dir.path().to_owned(),
            state_dir: state_dir.path().to_owned(),
            configuration: file.clone(),
        };
        let dividers = runtime::remembered_dividers(&parts.state_dir);
        let (runtime, events) = Runtime::new(parts, engine_events);
        let mut state = State::new(profiles, self.size, self.read_only, clock.now());
        state.sizes.dividers = dividers;
        state.broken = broken;
        state.reads_roles = self.reads_roles;
        state.gateways = if file.is_some() { gateways_to_choose() } else { Vec::new() };
        let words = Text::of(self.language);
        let mut ui = Ui::new(
            state,
            self.theme.with_others(self.depth),
            words.clone(),
            self.keys.clone(),
            clock,
            move |work| runtime.begin(work),
        )
        .in_ascii(self.is_ascii)
        .with_mouse(true)
        .notifying(true)
        .telling_time(time_in_utc);
        ui.start();
        let folded = Arc::new(AtomicUsize::new(0));
        let mut program = Watched { program: ui, folded: Arc::clone(&folded) };
        let (screen, view) = TestScreen::new(self.size.0, self.size.1);
        let frames = Frames::without(self.secrets(&simulator));
        let (shown, folded_receiver) = watch::channel(0);
        let mut screen = Kept { screen, frames: frames.clone(), folded, shown };
        let (input, input_receiver) = unbounded_channel();
        let (signals, signals_receiver) = unbounded_channel();
        let sources = Sources { input: input_receiver, events, signals: signals_receiver };
        let program = tokio::spawn(async move { run(&mut program, &mut screen, sources).await });
        let mut harness = Harness {
            words,
            simulator,
            engine,
            instance: info.name,
            network,
            view,
            frames,
            folded: folded_receiver,
            sent: 0,
            pressed: tokio::time::Instant::now(),
            input,
            signals,
            program: Some(program),
            state_dir,
            panics: before,
            done: 0,
            has_ended: false,
        };
        harness.until("synod").await;
        harness
    }

    /// The configuration file, if there is to be one.
    fn file(
        &self,
        state_dir: &std::path::Path,
        network: &Network,
        simulator: &Simulator,
        clock: Clock,
    ) -> Option<Arc<dyn Configuration>> {
        let text = self.configuration.as_ref()?;
        let home = state_dir.join("config");
        let path = home.join("synod/config.toml");
        if !text.is_empty() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let (network, simulator) = (network.clone(), simulator.clone());
        let clients = Clients {
            clock,
            budgets: BudgetBook::new(),
            transport: Arc::new(move |_| Ok(network.to(&simulator))),
            read_only: self.read_only,
        };
        let environment = Environment { config_home: Some(home), ..Environment::default() };
        let state = Some(state_dir.join("state"));
        let text = Text::of(self.language);
        let file = ConfigurationFile::new(None, state, environment, clients, text);
        Some(Arc::new(Slow::new(file.unwrap(), self.slow_read)))
    }

    fn store(&self, state_dir: &std::path::Path) -> FileStore {
        let parent = state_dir.join("state");
        if self.state_is_blocked {
            fs::write(&parent, "in the way").unwrap();
        }
        FileStore::open(&parent.join("synod")).unwrap()
    }

    fn instance(
        &self,
        info: &InstanceInfo,
        label: &str,
        network: &Network,
        simulator: &Simulator,
        clock: Clock,
    ) -> (Profile, Gateway) {
        let name = SecretString::from(self.instance.unwrap_or(&info.id));
        let kind = GatewayKind::of_word(info.gateway.word()).unwrap();
        let own = info.account_token.as_ref().filter(|_| self.is_account).unwrap_or(&info.token);
        let spec = InstanceSpec {
            kind,
            base_url: BaseUrl::parse(BASE_URL).unwrap(),
            instance: keys::key(kind, "instance").map(|_| name.clone()),
            token: SecretString::from(self.token.unwrap_or(own)),
            client_token: info.client_token.clone().map(SecretString::from),
        };
        let parts = ClientParts {
            timeouts: self.settings.timeout,
            clock,
            budgets: BudgetBook::new(),
            transport: network.to(simulator),
            scrubber: Arc::default(),
        };
        let opened = open(&spec, &parts).unwrap();
        let configured = self
            .communities
            .iter()
            .map(|id| CommunityRef { id: CommunityId::parse(id).unwrap(), name: None });
        let profile = Profile {
            key: instance_key(kind, &BaseUrl::parse(BASE_URL).unwrap(), &name),
            label: label.to_owned(),
            entry: EntryPlace { label: "ops".to_owned(), line: 1, version: 0 },
            gateway: kind.label(),
            capabilities: opened.capabilities(),
            settings: self.settings.clone(),
            configured: configured.collect(),
            address: Address {
                gateway: kind.word(),
                base_url: BASE_URL.to_owned(),
                instance: spec.name().map(str::to_owned),
                is_insecure: self.is_insecure,
            },
        };
        let reading = opened.retrying(clock);
        (profile, if self.read_only { reading.read_only() } else { reading })
    }

    /// The configured instances, the shown one first.
    fn infos(&self, simulator: &Simulator) -> Vec<InstanceInfo> {
        let mut infos = simulator.instances();
        let first = infos.iter().position(|instance| instance.gateway == self.begins_on);
        let first = infos.remove(first.expect("the world has an instance on this gateway"));
        let others = if self.has_all_instances { infos } else { Vec::new() };
        std::iter::once(first).chain(others).collect()
    }

    fn secrets(&self, simulator: &Simulator) -> Vec<String> {
        let of = |info: InstanceInfo| [Some(info.token), info.account_token, info.client_token];
        let tokens = simulator.instances().into_iter().flat_map(of);
        tokens.chain([self.token.map(str::to_owned)]).flatten().collect()
    }
}

/// The same time of day on every machine.
fn time_in_utc(time: Millis) -> String {
    synod::clock::rfc3339(time)[11..19].to_owned()
}
