//! The command line's arguments. Every command's help ends with an example.

mod examples;
mod init;
mod operations;
mod verbs;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum, builder::ValueHint};
use clap_complete::Shell;
use tokio::time::Instant;

use crate::{
    config,
    domain::{count_range::CountRange, settings::OnHangup},
};

pub use self::{
    init::InitArgs,
    operations::{AgainArgs, ExportFormat, ListOperationsArgs, OperationsArgs, OperationsCommand},
    verbs::{
        ApplyArgs, ConfirmArgs, DiffArgs, GroupArgs, LeaveArgs, LinkArgs, MoveArgs, StateArgs, TargetArgs,
        UnlinkArgs, VerbArgs,
    },
};

/// The world that is simulated if none is named.
pub const DEFAULT_WORLD: &str = "harbor";

/// See the communities and groups of an instance, link, unlink or leave many groups, and watch the verified result for
/// each group.
#[derive(Debug, Parser)]
#[command(name = "synod", bin_name = "synod", version, about, disable_help_subcommand = true, after_help = examples::SYNOD)]
pub struct Arguments {
    /// The command; without one, Synod starts the terminal program on the configured instances.
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub common: Common,
}

/// The arguments of a start without a command. Clap prepares them in a fraction of the time that all commands take.
#[derive(Debug, Parser)]
#[command(name = "synod", bin_name = "synod", disable_help_flag = true)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
}

/// The options of every command.
#[derive(Debug, Args)]
pub struct Common {
    #[arg(
        help = "The configuration file [default: config.toml in $XDG_CONFIG_HOME/synod or ~/.config/synod]",
        long,
        global = true,
        value_name = "FILE",
        env = "SYNOD_CONFIG",
        hide_env_values = true
    )]
    pub config: Option<PathBuf>,
    #[arg(
        help = "Directory for the journal and remembered data [default: $XDG_STATE_HOME/synod or ~/.local/state/synod]",
        long,
        global = true,
        value_name = "DIR",
        env = "SYNOD_STATE_DIR",
        hide_env_values = true
    )]
    pub state_dir: Option<PathBuf>,
    /// Refuse all changes
    #[arg(long, global = true)]
    pub read_only: bool,
    #[arg(
        help = "Language: en, pt-BR or es [default: from LC_ALL, LC_MESSAGES or LANG]",
        long,
        global = true,
        value_name = "TAG"
    )]
    pub lang: Option<String>,
    #[arg(
        help = "Theme of the terminal program: terminal, dark, light, contrast, mono, auto or a file [default: from the configuration]",
        long,
        global = true,
        value_name = "THEME"
    )]
    pub theme: Option<String>,
    #[arg(
        help = "Draw the terminal program with ASCII characters only [default: if the locale is not UTF-8]",
        long,
        global = true
    )]
    pub ascii: bool,
    #[arg(
        help = "Give up after this time, such as 90s or 10m (exit code 7); an operation stops after its current request",
        long = "timeout",
        global = true,
        value_name = "DURATION",
        value_parser = deadline
    )]
    pub deadline: Option<Instant>,
    #[arg(
        help = "What running operations do if the terminal goes away: auto (finish over SSH, else stop), finish or stop [default: on_hangup in the configuration]",
        long,
        global = true,
        value_name = "HOW",
        value_parser = on_hangup
    )]
    pub on_hangup: Option<OnHangup>,
    /// Wait this long, such as 60s, while another Synod uses the instance, instead of failing
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub wait_lock: Option<Duration>,
    /// Print only failures, questions, and the data that you asked for
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Log level (the log is in the state directory)
    #[arg(long, global = true, value_name = "LEVEL", default_value = "off", env = "SYNOD_LOG", hide_env_values = true,
          value_parser = ["off", "error", "warn", "info", "debug"])]
    pub log_level: String,
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    config::duration(text).ok_or("give a whole number with ms, s, m or h, at most 24h, such as 90s")
}

fn on_hangup(text: &str) -> Result<OnHangup, &'static str> {
    OnHangup::named(text).ok_or("give auto, finish or stop")
}

/// The time of a command begins when its arguments are read.
fn deadline(text: &str) -> Result<Instant, &'static str> {
    duration(text).map(|span| Instant::now() + span)
}

/// The instance that a command is about.
#[derive(Clone, Debug, Default, Args)]
pub struct InstanceArg {
    #[arg(
        help = "Only this instance (its name in the configuration); required to plan a change if there are several",
        long = "instance",
        value_name = "NAME",
        env = "SYNOD_INSTANCE",
        hide_env_values = true
    )]
    name: Option<String>,
}

impl InstanceArg {
    /// The name of the instance; an empty environment variable names none.
    pub fn named(&self) -> Option<&str> {
        self.name.as_deref().filter(|name| !name.is_empty())
    }
}

/// The instances that a list is about.
#[derive(Clone, Debug, Default, Args)]
pub struct InstancesArg {
    #[arg(
        help = "Only this instance (its name in the configuration); may be given several times",
        long = "instance",
        value_name = "NAME",
        env = "SYNOD_INSTANCE",
        hide_env_values = true
    )]
    names: Vec<String>,
    /// All instances, whatever --instance says
    #[arg(long = "all-instances")]
    pub all: bool,
}

impl InstancesArg {
    /// The names of the instances; an empty environment variable names none.
    pub fn named(&self) -> Vec<&str> {
        let names = self.names.iter().map(String::as_str);
        names.filter(|name| !name.is_empty() && !self.all).collect()
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try the terminal program on the built-in simulated gateway; needs no configuration
    #[command(after_help = examples::DEMO)]
    Demo {
        /// Simulated data: a built-in world (such as harbor) or a TOML file
        #[arg(long, value_name = "WORLD", default_value = DEFAULT_WORLD)]
        world: String,
    },
    /// Add an instance to the configuration, after trying its token; asks for everything in a terminal
    #[command(after_help = examples::INIT)]
    Init(Box<InitArgs>),
    /// List instances, communities, groups, or where the groups are
    #[command(after_help = examples::LIST)]
    List(ListArgs),
    /// Link groups to a community, and verify each result
    #[command(after_help = examples::LINK)]
    Link(LinkArgs),
    /// Unlink groups from their communities, and verify each result
    #[command(after_help = examples::UNLINK)]
    Unlink(UnlinkArgs),
    /// Unlink groups from one community, link them to another, and verify each result
    #[command(after_help = examples::MOVE)]
    Move(MoveArgs),
    /// Leave groups, or a whole community, and verify each result
    #[command(after_help = examples::LEAVE)]
    Leave(LeaveArgs),
    /// Put groups where a file says that they belong, or run a plan that was written with --plan
    #[command(after_help = examples::APPLY)]
    Apply(ApplyArgs),
    /// Show which groups are not where a file says that they belong; changes nothing
    #[command(after_help = examples::DIFF)]
    Diff(DiffArgs),
    /// List, show, check, pause, resume, stop, retry, undo, rejoin, export and prune operations; forget invite links
    #[command(
        after_help = examples::OPERATIONS,
        disable_help_subcommand = true
    )]
    Operations {
        #[command(flatten)]
        list: ListOperationsArgs,
        /// The action; the default is to list operations.
        #[command(subcommand)]
        command: Option<OperationsCommand>,
    },
    /// Copy the journal of this machine into the shared store, or make the key for the invite links there
    #[command(after_help = examples::STORE, disable_help_subcommand = true)]
    Store {
        /// The action
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// Continue operations that another Synod hands over
    #[command(hide = true, after_help = examples::CONTINUE)]
    Continue {
        /// The instances of the operations
        #[arg(long = "instance", value_name = "NAME")]
        instances: Vec<String>,
    },
    /// Run only the simulated gateway, for tests of your own
    #[command(after_help = examples::SIMULATE)]
    Simulate {
        /// Address to listen on; port 0 means any free port
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Allow an address that other machines can reach; uses random tokens instead of the world's
        #[arg(long)]
        allow_remote: bool,
        /// Simulated data: a built-in world (such as harbor) or a TOML file
        #[arg(long, value_name = "WORLD", default_value = DEFAULT_WORLD)]
        world: String,
        /// Write the configuration of its instances to this file, which only you can read, instead of printing it
        #[arg(long, value_name = "FILE")]
        write_config: Option<PathBuf>,
    },
    /// Check the configuration, the gateway and this machine, and explain how to fix each fault
    #[command(after_help = examples::DOCTOR)]
    Doctor {
        #[command(flatten)]
        instance: InstanceArg,
        /// Print JSON, one finding per line
        #[arg(long)]
        json: bool,
    },
    /// Print the completion script for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
        /// Write the script into this directory, which is created if it does not exist
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Print the manual page, or write one page per command into a directory
    #[command(after_help = examples::MAN)]
    Man {
        /// The directory; it is created if it does not exist
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

impl Command {
    /// Whether its output is for programs.
    pub fn is_json(&self) -> bool {
        match self {
            Self::List(args) => args.json,
            Self::Link(LinkArgs { verb, .. })
            | Self::Unlink(UnlinkArgs { verb, .. })
            | Self::Move(MoveArgs { verb, .. })
            | Self::Leave(LeaveArgs { verb, .. }) => verb.confirm.json,
            Self::Apply(args) => args.confirm.json,
            Self::Diff(args) => args.json,
            Self::Operations { list, command } => {
                command.as_ref().map_or(list.common.json, OperationsCommand::is_json)
            }
            Self::Doctor { json, .. } => *json,
            Self::Init(args) => args.json,
            Self::Demo { .. }
            | Self::Store { .. }
            | Self::Continue { .. }
            | Self::Simulate { .. }
            | Self::Completions { .. }
            | Self::Man { .. } => false,
        }
    }
}

/// The commands for a shared store.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Make the key that encrypts the invite links in a shared store
    #[command(after_help = examples::STORE_KEY)]
    Key {
        /// The new file, which only you can read; every operator of the store needs a copy
        #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
        file: PathBuf,
    },
    /// Copy all operations of this machine's journal into the shared store; those that were copied before are not copied again
    #[command(after_help = examples::STORE_COPY)]
    Copy {
        /// Say what would be copied, and copy nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// The kinds of things that `list` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// The instances of the configuration
    Instances,
    /// The communities of an instance
    Communities,
    /// The groups of an instance
    Groups,
    /// Where the groups of an instance are, as a state file for `synod apply`
    State,
}

/// The facts that limit a list of groups; most of them are search terms on the screen too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent option")]
pub struct OnlyArgs {
    /// List only groups that are known to be in no community
    #[arg(long)]
    pub standalone: bool,
    /// List only communities that are known to be full, or the groups in them
    #[arg(long)]
    pub full: bool,
    /// List only groups in which the number is known to be an admin
    #[arg(long, conflicts_with = "not_admin")]
    pub admin: bool,
    /// List only groups in which the number is known to be no admin
    #[arg(long)]
    pub not_admin: bool,
    /// List only groups that share their name with another group
    #[arg(long)]
    pub duplicate_names: bool,
    #[arg(
        help = "List only groups with this many members, such as 500, '>500', '<=20' or 100..200",
        long,
        value_name = "RANGE",
        value_parser = count_range
    )]
    pub members: Option<CountRange>,
}

fn count_range(text: &str) -> Result<CountRange, &'static str> {
    CountRange::parse(text.trim())
        .map_err(|_| "give a number or a range, such as 500, '>500', '<=20' or 100..200")
}

impl OnlyArgs {
    /// Whether this kind of list can be limited so.
    pub fn suit(self, what: Listed) -> bool {
        match what {
            Listed::Groups => true,
            Listed::Communities => Self { full: false, ..self } == Self::default(),
            Listed::Instances | Listed::State => self == Self::default(),
        }
    }

    /// Whether they ask about the number's role.
    pub fn ask_about_roles(self) -> bool {
        self.admin || self.not_admin
    }
}

/// The arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// What to list
    pub what: Listed,
    /// List only the groups of this community (ID or name)
    #[arg(long, value_name = "COMMUNITY")]
    pub community: Option<String>,
    #[command(flatten)]
    pub instances: InstancesArg,
    #[command(flatten)]
    pub only: OnlyArgs,
    /// Show what an earlier command or session read, and print how old it is; sends no request
    #[arg(long)]
    pub cached: bool,
    /// Print JSON, one object per line
    #[arg(long)]
    pub json: bool,
    /// Print where groups are as a table for spreadsheets and `synod apply`
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}
