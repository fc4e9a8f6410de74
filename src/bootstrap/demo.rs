//! The demonstration: the terminal program on the simulated gateway, over a real socket on this machine.

use secrecy::SecretString;
use tokio::net::TcpListener;

use super::{
    instances, log,
    screen::{self, ScreenSession},
};
use crate::{
    cli::{
        Fault,
        args::{Common, DEFAULT_WORLD},
    },
    config::{Config, Environment, InstanceConfig, InstanceName, Located, SecretSource, UiSettings, keys},
    domain::base_url::BaseUrl,
    domain::{
        instance::GatewayKind,
        name::Name,
        settings::{OnHangup, OperationSettings},
    },
    simulator::{self, Simulator},
    text::Text,
};

/// Runs the demonstration on a world. Its journal is kept only if a state directory was named.
pub(super) async fn run(name: &str, common: &Common, text: Text) -> Result<u8, Fault> {
    screen::check(&text)?;
    let world = super::world(name)?;
    // A world that somebody chose is shown as it is.
    let world = if name == DEFAULT_WORLD { world.with_every_gateway() } else { world };
    // The demonstration uses the settings of the screen; nothing else in a configuration matters to it.
    let ui = match &common.config {
        Some(file) => {
            Config::ui(file, &Environment::of_process()).map_err(|error| Fault::usage(&text, &error))?
        }
        None => UiSettings::default(),
    };
    let simulator = Simulator::new(world);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| Fault::io(&error))?;
    let address = listener.local_addr().map_err(|error| Fault::io(&error))?;
    let base_url =
        BaseUrl::parse(&format!("http://{address}")).map_err(|error| Fault::state(&text, &error))?;
    let passing = tempfile::tempdir().map_err(|error| Fault::io(&error))?;
    let state_dir = common.state_dir.clone().unwrap_or_else(|| passing.path().join("synod"));
    let config = Config {
        instances: (1..)
            .zip(simulator.instances())
            .map(|(line, instance)| configured(&instance, line, &base_url))
            .collect(),
        broken: Vec::new(),
        others: Vec::new(),
        operations: OperationSettings::default(),
        // The simulated gateway ends with the program.
        on_hangup: OnHangup::Stop,
        store: None,
        ui,
        state_dir: state_dir.clone(),
        origin: common.config.clone(),
        version: 0,
    };
    let _log = log(common, config.origin.as_deref(), &state_dir, &text)?;
    let instances = instances::of_config(&config, common.read_only).await;
    let serving = tokio::spawn(async move { simulator.serve(listener, std::future::pending::<()>()).await });
    let look = super::look(&config, common, &text)?;
    let session = ScreenSession {
        instances,
        file: None,
        look,
        store: None,
        origin: None,
        state_dir: &state_dir,
        common,
        outlives_terminal: false,
        text,
    };
    let code = screen::run(session).await;
    serving.abort();
    code
}

/// The entry of a simulated instance; `line` distinguishes it from the others.
fn configured(instance: &simulator::InstanceInfo, line: usize, base_url: &BaseUrl) -> InstanceConfig {
    let secret = |text: &str| SecretSource::known(SecretString::from(text.to_owned()));
    // Both sides use the same words.
    let gateway = GatewayKind::of_word(instance.gateway.word()).unwrap_or(GatewayKind::RyzeApi);
    let name = match keys::key(gateway, "instance") {
        Some(key) if key.is_secret => InstanceName::Secret(secret(&instance.id)),
        Some(_) => InstanceName::Plain(instance.id.clone()),
        None => InstanceName::Absent,
    };
    InstanceConfig {
        label: Name::new(&instance.name),
        line,
        gateway,
        base_url: base_url.clone(),
        instance: name,
        token: secret(&instance.token),
        client_token: instance.client_token.as_deref().map(secret),
        communities: instance.communities.iter().map(|id| Located { value: id.clone(), line: 0 }).collect(),
        proxy: None,
        ca_file: None,
        operations: OperationSettings::default(),
    }
}
