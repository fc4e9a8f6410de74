//! Opens the store and its locks: files on this machine, or a server that several machines share.

use std::{path::Path, sync::Arc};

use secrecy::{ExposeSecret, SecretString};

use super::instances::Ready;
use crate::{
    cli::Fault,
    config::{SecretSource, StoreConfig},
    domain::writer::Writer,
    engine::{instance_lock::FileLocks, locks::Locks},
    scrub,
    store::{FileStore, Renamed, ServerAddress, ServerStore, Store},
    text::Text,
};

/// The store, and the locks that belong to it.
pub(super) struct Opened {
    pub(super) store: Arc<dyn Store>,
    pub(super) locks: Arc<dyn Locks>,
}

/// Opens the store, and finds what earlier versions recorded about these instances. `origin` is the configuration's file, beside
/// which relative paths in the URL begin.
pub(super) async fn open(
    store: Option<&StoreConfig>,
    origin: Option<&Path>,
    state_dir: &Path,
    instances: impl IntoIterator<Item = &Ready>,
    text: &Text,
) -> Result<Opened, Fault> {
    let former = |ready: &Ready| {
        let key = ready.profile.key.clone();
        let former = ready.former_keys.clone().into_iter();
        former.map(move |from| Renamed { from, to: key.clone() })
    };
    let renamed: Vec<Renamed> = instances.into_iter().flat_map(former).collect();
    let file = FileStore::open_renaming(state_dir, renamed.clone());
    let file = file.map_err(|error| Fault::state(text, &error))?.written_by(writer(store));
    let Some((config, url)) = store.and_then(|config| Some((config, config.url.as_ref()?))) else {
        return Ok(Opened { store: Arc::new(file), locks: FileLocks::new(state_dir.join("locks")) });
    };
    let server = server((config, url), origin, file, text).await?;
    let locks = server.locks();
    server.rename(renamed).await.map_err(|error| Fault::state(text, &error))?;
    Ok(Opened { store: Arc::new(server), locks })
}

/// The store on the server of the configuration.
pub(super) async fn server(
    (config, url): (&StoreConfig, &SecretSource),
    origin: Option<&Path>,
    local: FileStore,
    text: &Text,
) -> Result<ServerStore, Fault> {
    let url = url.read().await.map_err(|error| Fault::usage(text, &error))?;
    let address = ServerAddress::parse(url.expose_secret()).map_err(|error| Fault::usage(text, &error))?;
    let secrets = address.password().map(SecretString::from);
    scrub::keep(secrets.into_iter().chain([url]));
    let address = origin
        .and_then(Path::parent)
        .map_or_else(|| address.clone(), |folder| address.clone().beside(folder));
    Ok(ServerStore::new(address, writer(Some(config)), local))
}

/// Who is recorded: the operator of the configuration, or else the login name, and this machine.
fn writer(config: Option<&StoreConfig>) -> Writer {
    let operator = config.and_then(|config| config.operator.clone()).unwrap_or_else(login);
    Writer::new(&operator, &rustix::system::uname().nodename().to_string_lossy())
}

/// The login name of the user who started the program, or else the user's number.
fn login() -> String {
    let names = ["LOGNAME", "USER"].into_iter().filter_map(|name| std::env::var(name).ok());
    names
        .map(|name| name.trim().to_owned())
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}
