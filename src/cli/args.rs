//! The arguments, as people type them.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// See the communities and groups of an instance, link, unlink or leave many groups, and watch the verified result of
/// each.
#[derive(Debug, Parser)]
#[command(name = "synod", version, about, disable_help_subcommand = true)]
pub struct Arguments {
    /// What to do; without a command, the terminal program on the configured instances.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What holds for every command.
    #[command(flatten)]
    pub common: Common,
}

/// What holds for every command.
#[derive(Debug, Args)]
pub struct Common {
    /// The configuration file
    #[arg(
        help = "The configuration file [default: config.toml in $XDG_CONFIG_HOME/synod or ~/.config/synod]",
        long,
        global = true,
        value_name = "FILE",
        env = "SYNOD_CONFIG"
    )]
    pub config: Option<PathBuf>,
    /// Where the journal and what is remembered are kept
    #[arg(
        help = "Where the journal and what is remembered are kept [default: $XDG_STATE_HOME/synod or ~/.local/state/synod]",
        long,
        global = true,
        value_name = "DIR",
        env = "SYNOD_STATE_DIR"
    )]
    pub state_dir: Option<PathBuf>,
    /// Refuse everything that would change something
    #[arg(long, global = true)]
    pub read_only: bool,
    /// How much is written to the log in the state directory
    #[arg(long, global = true, value_name = "LEVEL", default_value = "off", env = "SYNOD_LOG",
          value_parser = ["off", "error", "warn", "info", "debug"])]
    pub log_level: String,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The terminal program on the built-in simulated gateway; nothing to configure
    Demo {
        /// A built-in world, or a file with one
        #[arg(long, value_name = "WORLD", default_value = "harbor")]
        world: String,
    },
    /// The simulated gateway alone, for anyone's tests
    Simulate {
        /// Where to listen; port 0 takes any that is free
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// A built-in world, or a file with one
        #[arg(long, value_name = "WORLD", default_value = "harbor")]
        world: String,
    },
}
