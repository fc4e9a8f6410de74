//! The arguments, as people type them. Every command's help ends with an example.

mod examples;
mod operations;
mod verbs;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use self::{
    operations::{AgainArgs, ExportFormat, OperationsArgs, OperationsCommand},
    verbs::{ApplyArgs, ConfirmArgs, GroupArgs, LeaveArgs, LinkArgs, MoveArgs, UnlinkArgs, VerbArgs},
};

/// See the communities and groups of an instance, link, unlink or leave many groups, and watch the verified result of
/// each.
#[derive(Debug, Parser)]
#[command(name = "synod", bin_name = "synod", version, about, disable_help_subcommand = true, after_help = examples::SYNOD)]
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
        env = "SYNOD_CONFIG",
        hide_env_values = true
    )]
    pub config: Option<PathBuf>,
    /// Where the journal and what is remembered are kept
    #[arg(
        help = "Where the journal and what is remembered are kept [default: $XDG_STATE_HOME/synod or ~/.local/state/synod]",
        long,
        global = true,
        value_name = "DIR",
        env = "SYNOD_STATE_DIR",
        hide_env_values = true
    )]
    pub state_dir: Option<PathBuf>,
    /// Refuse everything that would change something
    #[arg(long, global = true)]
    pub read_only: bool,
    /// The language of what people read: en, pt-BR or es
    #[arg(
        help = "The language of what people read: en, pt-BR or es [default: that of LC_ALL, LC_MESSAGES or LANG]",
        long,
        global = true,
        value_name = "TAG"
    )]
    pub lang: Option<String>,
    /// Draw the terminal program with ASCII signs alone
    #[arg(
        help = "Draw the terminal program with ASCII signs alone [default: where the locale has no UTF-8]",
        long,
        global = true
    )]
    pub ascii: bool,
    /// How much is written to the log in the state directory
    #[arg(long, global = true, value_name = "LEVEL", default_value = "off", env = "SYNOD_LOG", hide_env_values = true,
          value_parser = ["off", "error", "warn", "info", "debug"])]
    pub log_level: String,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The terminal program on the built-in simulated gateway; nothing to configure
    #[command(after_help = examples::DEMO)]
    Demo {
        /// A built-in world, or a file with one
        #[arg(long, value_name = "WORLD", default_value = "harbor")]
        world: String,
    },
    /// List instances, communities or groups
    #[command(after_help = examples::LIST)]
    List(ListArgs),
    /// Link groups to a community, and verify each
    #[command(after_help = examples::LINK)]
    Link(LinkArgs),
    /// Unlink groups from their communities, and verify each
    #[command(after_help = examples::UNLINK)]
    Unlink(UnlinkArgs),
    /// Unlink groups from one community, link them to another, and verify each
    #[command(after_help = examples::MOVE)]
    Move(MoveArgs),
    /// Leave groups, or one community itself, and verify each
    #[command(after_help = examples::LEAVE)]
    Leave(LeaveArgs),
    /// Run a plan that was written with --plan, if nothing that matters changed since
    #[command(after_help = examples::APPLY)]
    Apply(ApplyArgs),
    /// What was done: list, show, resume, retry, undo, rejoin, export and prune operations, forget links
    #[command(after_help = examples::OPERATIONS, disable_help_subcommand = true)]
    Operations {
        /// What to do with them; list them by default.
        #[command(subcommand)]
        command: Option<OperationsCommand>,
    },
    /// The simulated gateway alone, for anyone's tests
    #[command(after_help = examples::SIMULATE)]
    Simulate {
        /// Where to listen; port 0 takes any that is free
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Listen where other machines can reach it, with random tokens instead of the world's
        #[arg(long)]
        allow_remote: bool,
        /// A built-in world, or a file with one
        #[arg(long, value_name = "WORLD", default_value = "harbor")]
        world: String,
    },
    /// Check the configuration, the gateway and this machine, and say what to do about each fault
    #[command(after_help = examples::DOCTOR)]
    Doctor {
        /// Only this instance, by its name in the configuration
        #[arg(long, value_name = "NAME")]
        instance: Option<String>,
        /// One finding a line, as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the completions of a shell to standard output
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual page to standard output, or a page a command into a directory
    #[command(after_help = examples::MAN)]
    Man {
        /// The directory; it is made where it does not exist
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// The instances of the configuration
    Instances,
    /// The communities of an instance
    Communities,
    /// The groups of an instance
    Groups,
}

/// The arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// What to list
    pub what: Listed,
    /// Only the groups of this community, by id or name
    #[arg(long, value_name = "COMMUNITY")]
    pub community: Option<String>,
    /// The instance, by its name in the configuration; needed where there are several
    #[arg(long, value_name = "NAME")]
    pub instance: Option<String>,
    /// One object a line, as JSON
    #[arg(long)]
    pub json: bool,
}
