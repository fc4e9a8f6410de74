//! The command line: everything that the program can do without its screen. It owns arguments, confirmation without a screen,
//! and the two ways of reporting, for people and as JSON. Planning, sending and conclusions belong to the plan, the engine
//! and the readings, which the screen uses too.

pub mod again;
pub mod apply;
pub mod args;
pub mod change;
mod confirm;
pub mod console;
pub mod doctor;
mod earlier;
mod exit;
mod groups;
pub mod interrupt;
mod invites;
mod json;
pub mod list;
pub mod manual;
pub mod operations;
pub mod out;
mod plan_file;
mod planning;
mod report;
mod run;
mod survey;
mod table;
mod target;
mod wait;

use std::{io, path::PathBuf, sync::Arc};

use crate::{
    clock::Clock,
    domain::{
        capability::Capabilities,
        community::CommunityRef,
        instance::{GatewayKind, InstanceKey},
        message::ToMessage,
        settings::OperationSettings,
    },
    gateway::Gateway,
    store::Store,
    text::Text,
};

/// Why a command did not do what the operator asked, as sentences for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Something in the request or the configuration is wrong: nothing was sent.
    #[error("{0}")]
    Usage(String),
    /// Something that should have worked failed.
    #[error("{0}")]
    Failed(String),
    /// The operator interrupted it before anything was sent.
    #[error("{0}")]
    Interrupted(String),
}

impl Fault {
    /// Something in the request or the configuration is wrong.
    pub fn usage(text: &Text, error: &impl ToMessage) -> Self {
        Self::Usage(text.tell(error))
    }

    /// Something that should have worked failed.
    pub fn failed(text: &Text, error: &impl ToMessage) -> Self {
        Self::Failed(text.tell(error))
    }

    /// The operating system refused something.
    pub fn io(error: &io::Error) -> Self {
        Self::Failed(error.to_string())
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => exit::USAGE,
            Self::Failed(_) => exit::FAILED,
            Self::Interrupted(_) => exit::STOPPED,
        }
    }
}

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
    pub store: Store,
    /// The folder with the locks of the instances.
    pub locks: PathBuf,
    pub clock: Clock,
    pub text: Text,
    /// Whether changes are forbidden.
    pub read_only: bool,
    /// The console that answers questions and receives the data.
    pub console: Arc<dyn console::Console>,
}

impl Session {
    /// The requested instance; if there are several, the operator has to name one.
    pub(crate) fn instance(&self) -> Result<&Instance, Fault> {
        if let [instance] = self.instances.as_slice() {
            return Ok(instance);
        }
        let names: Vec<String> = self.instances.iter().map(|one| format!("\"{}\"", one.label)).collect();
        Err(Fault::Usage(self.text.with("cli-which-instance", &[("names", names.join(", ").into())])))
    }
}
