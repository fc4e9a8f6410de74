//! The command line: what can be asked of the program without its screen. It owns arguments, confirmation without a
//! screen, and the two ways of telling what happens, for people and as JSON. What is planned, sent and concluded it
//! leaves to the plan, the engine and the readings that the screen uses too.

pub mod again;
pub mod apply;
pub mod args;
pub mod change;
mod confirm;
pub mod console;
pub mod doctor;
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

use std::{path::PathBuf, sync::Arc};

use crate::{
    clock::Clock,
    domain::{
        capability::Capabilities,
        community::CommunityRef,
        instance::{GatewayKind, InstanceKey},
        sentence::Tell,
        settings::OperationSettings,
    },
    gateway::{Gateway, Now},
    store::Store,
    text::Text,
};

/// Why a command did not do what was asked, as sentences for the person who asked; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Something in what was asked is not right.
    #[error("{0}")]
    Usage(String),
    /// Something that should have worked did not.
    #[error("{0}")]
    Failed(String),
    /// The operator interrupted it.
    #[error("{0}")]
    Interrupted(String),
}

impl Fault {
    /// What should have worked did not, in words.
    fn failed(text: &Text, error: &impl Tell) -> Self {
        Self::Failed(text.tell(error))
    }
}

/// An instance that is ready to be asked.
#[derive(Clone)]
pub struct Instance {
    /// What it is known by.
    pub key: InstanceKey,
    /// What earlier versions knew it by; plan files may hold it.
    pub former_keys: Vec<InstanceKey>,
    /// How the operator calls it.
    pub label: String,
    /// The gateway that it is on; only handed on to those who may choose by it.
    pub kind: GatewayKind,
    /// What the gateway can do.
    pub capabilities: Capabilities,
    /// How operations run on it.
    pub settings: OperationSettings,
    /// The communities that the configuration names.
    pub configured: Vec<CommunityRef>,
    /// What asks the gateway.
    pub gateway: Arc<dyn Gateway>,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance").field("key", &self.key).field("label", &self.label).finish_non_exhaustive()
    }
}

/// What every command works with.
#[derive(Debug)]
pub struct Session {
    /// The instances that were asked for; all of the configuration where none was named.
    pub instances: Vec<Instance>,
    /// The journal, and what is remembered.
    pub store: Store,
    /// Where the locks of the instances are.
    pub locks: PathBuf,
    /// Tells the time.
    pub clock: Clock,
    /// All that people read.
    pub text: Text,
    /// Nothing is to be changed.
    pub read_only: bool,
    /// Who answers questions and reads the data.
    pub console: Arc<dyn console::Console>,
}

impl Session {
    /// The one instance that is meant; where there are several, one has to be named.
    pub(crate) fn instance(&self) -> Result<&Instance, Fault> {
        if let [instance] = self.instances.as_slice() {
            return Ok(instance);
        }
        let names: Vec<String> = self.instances.iter().map(|one| format!("\"{}\"", one.label)).collect();
        Err(Fault::Usage(self.text.with("cli-which-instance", &[("names", names.join(", ").into())])))
    }

    pub(crate) fn now(&self) -> Now {
        let clock = self.clock;
        Arc::new(move || clock.now())
    }
}
