//! Assembles what `synod init` needs: the place of the configuration, and a way to open the new instance for reading.

use std::sync::Arc;

use super::instances::{self, Opened, Ready};
use crate::{
    cli::{
        self, Fault, FaultCode, Instance,
        args::{Common, InitArgs},
        console::StandardStreams,
        init::Surroundings,
        interrupt::Interrupts,
    },
    clock::Clock,
    config::{BrokenInstance, Config, Environment, InstanceFault, paths},
    domain::message::Message,
    text::Text,
};

/// Adds an instance to the configuration.
pub(super) async fn init(args: &InitArgs, common: &Common, text: &Text) -> Result<u8, Fault> {
    if common.read_only {
        return Err(Fault::new(FaultCode::ReadOnly, text.say("init-read-only")));
    }
    let environment = Environment::of_process();
    let place = paths::config_file(common.config.as_deref(), &environment)
        .map_err(|error| Fault::usage(text, &error))?;
    let around = Surroundings {
        text,
        clock: Clock::system(),
        console: Arc::new(StandardStreams),
        place,
        state_dir: common.state_dir.as_deref(),
        environment,
    };
    cli::init::init(&around, args, opened, Interrupts::new(text, common.deadline)?).await
}

/// Opens the only usable instance of a configuration. Nothing can be changed through it.
async fn opened(config: Config) -> Result<Instance, BrokenInstance> {
    let Opened { ready, broken, .. } = instances::of_config(&config, true).await;
    let none = || BrokenInstance {
        label: None,
        line: 1,
        gateway: None,
        is_valid: false,
        fault: InstanceFault::Unopened(Message::new("edit-no-entry")),
    };
    ready
        .into_iter()
        .next()
        .map(Ready::into_instance)
        .ok_or_else(|| broken.into_iter().next().unwrap_or_else(none))
}
