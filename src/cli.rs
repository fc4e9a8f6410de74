//! The command line: everything that the program can do without its screen. It owns arguments, confirmation without a screen,
//! and the two ways of reporting, for people and as JSON. Planning, sending and conclusions belong to the plan, the engine
//! and the readings, which the screen uses too.

pub mod again;
pub mod apply;
pub mod args;
pub mod broken;
pub mod change;
pub mod completions;
mod confirm;
pub mod console;
pub mod continued;
pub mod desired;
pub mod detach;
pub mod diff;
pub mod doctor;
mod earlier;
pub mod exit;
mod fault;
mod groups;
pub mod init;
pub mod interrupt;
pub mod interrupted;
mod invites;
mod json;
pub mod list;
mod lock;
pub mod manual;
pub mod operations;
pub mod out;
mod plan_file;
mod planning;
pub mod report;
mod run;
mod sending;
mod steer;
pub mod store;
mod survey;
mod table;
mod target;
mod wait;

use std::{ffi::OsString, sync::Arc};

use tokio::time::Instant;

pub use self::fault::{Fault, FaultCode};

use crate::{
    clock::Clock,
    domain::{
        capability::Capabilities,
        community::CommunityRef,
        instance::{GatewayKind, InstanceKey},
        settings::OperationSettings,
    },
    engine::locks::Locks,
    gateway::Gateway,
    store::Store,
    text::Text,
};

/// An instance that is ready for requests.
#[derive(Clone)]
pub struct Instance {
    pub key: InstanceKey,
    /// The keys that earlier versions gave it; plan files may contain them.
    pub former_keys: Vec<InstanceKey>,
    /// The operator's name for it.
    pub label: String,
    /// Its gateway; only passed on to code that may depend on it.
    pub kind: GatewayKind,
    /// What the gateway can do.
    pub capabilities: Capabilities,
    /// Whether requests go over the network unencrypted.
    pub is_insecure: bool,
    /// How operations run on it.
    pub settings: OperationSettings,
    /// The communities that the configuration names.
    pub configured: Vec<CommunityRef>,
    pub gateway: Gateway,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance").field("key", &self.key).field("label", &self.label).finish_non_exhaustive()
    }
}

/// The resources that every command works with.
#[derive(Debug)]
pub struct Session {
    /// The requested instances; all instances of the configuration if none was named.
    pub instances: Vec<Instance>,
    /// The journal and the remembered data.
    pub store: Arc<dyn Store>,
    /// The locks of the instances.
    pub locks: Arc<dyn Locks>,
    pub clock: Clock,
    pub text: Text,
    /// Whether changes are forbidden.
    pub read_only: bool,
    /// Whether running operations go on if the terminal goes away.
    pub outlives_terminal: bool,
    /// The options with which another process finds the same configuration and state.
    pub options: Vec<OsString>,
    /// When the whole command has to be over.
    pub deadline: Option<Instant>,
    /// Until when to wait for the lock of an instance.
    pub wait_lock_until: Option<Instant>,
    /// The console that answers questions and receives the data.
    pub console: Arc<dyn console::Console>,
}

impl Session {
    /// The requested instance; if there are several, the operator has to name one.
    pub(crate) fn instance(&self) -> Result<&Instance, Fault> {
        if let [instance] = self.instances.as_slice() {
            return Ok(instance);
        }
        Err(Fault::which_instance(&self.text, self.instances.iter().map(|one| one.label.as_str())))
    }
}
