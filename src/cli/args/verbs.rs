//! The arguments of the commands that change something.

use std::path::PathBuf;

use clap::Args;

use super::InstanceArg;

/// The groups to change.
#[derive(Clone, Debug, Default, Args)]
pub struct GroupArgs {
    /// Groups: ID, name or, except on Z-API, invite link or code; - reads standard input, one group per line
    #[arg(value_name = "GROUP")]
    pub groups: Vec<String>,
    /// Read more groups from a file, one per line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub groups_from: Option<PathBuf>,
}

/// How a plan is confirmed and reported.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[derive(Clone, Debug, Default, Args)]
pub struct ConfirmArgs {
    /// Run the plan without asking; leaves out risky groups
    #[arg(short, long)]
    pub yes: bool,
    /// Number of groups you expect to leave, for a community the number of its groups; `leave --yes` runs only if it matches
    #[arg(long, value_name = "N")]
    pub count: Option<usize>,
    /// Show the plan and exit (code 0, or 3 if something is blocked or left out)
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Start the operation, print its number, and let it run in the background
    #[arg(long, conflicts_with = "dry_run")]
    pub detach: bool,
    /// Print JSON, one event per line
    #[arg(long)]
    pub json: bool,
}

/// The options of the commands that make a plan.
#[derive(Clone, Debug, Default, Args)]
pub struct VerbArgs {
    #[command(flatten)]
    pub confirm: ConfirmArgs,
    /// Include risky groups
    #[arg(long)]
    pub include_risky: bool,
    /// Leave this group out of the plan (ID or name); can be repeated
    #[arg(long, value_name = "GROUP")]
    pub exclude: Vec<String>,
    /// Write the plan to a file (- is standard output) instead of running it; `synod apply` runs it
    #[arg(long, value_name = "FILE", conflicts_with = "yes")]
    pub plan: Option<PathBuf>,
    #[command(flatten)]
    pub instance: InstanceArg,
}

/// The communities that groups are put into.
#[derive(Clone, Debug, Default, Args)]
pub struct TargetArgs {
    /// The community to put the groups into (ID or name); with --spill several, in order of preference
    #[arg(long, value_name = "COMMUNITY", required = true)]
    pub to: Vec<String>,
    /// Put groups for which a community has no room into the next one
    #[arg(long)]
    pub spill: bool,
}

/// The arguments of `link`.
#[derive(Clone, Debug, Args)]
pub struct LinkArgs {
    #[command(flatten)]
    pub groups: GroupArgs,
    #[command(flatten)]
    pub to: TargetArgs,
    /// Move groups that are in another community instead of leaving them there
    #[arg(long)]
    pub move_if_elsewhere: bool,
    #[command(flatten)]
    pub verb: VerbArgs,
}

/// The arguments of `unlink`.
#[derive(Clone, Debug, Args)]
pub struct UnlinkArgs {
    #[command(flatten)]
    pub groups: GroupArgs,
    /// The community to unlink from (ID or name) [default: each group's own]
    #[arg(long, value_name = "COMMUNITY")]
    pub from: Option<String>,
    #[command(flatten)]
    pub verb: VerbArgs,
}

/// The arguments of `move`.
#[derive(Clone, Debug, Args)]
pub struct MoveArgs {
    #[command(flatten)]
    pub groups: GroupArgs,
    #[command(flatten)]
    pub to: TargetArgs,
    /// The community that the groups must be in (ID or name) [default: each group's own]
    #[arg(long, value_name = "COMMUNITY")]
    pub from: Option<String>,
    #[command(flatten)]
    pub verb: VerbArgs,
}

/// The arguments of `leave`.
#[derive(Clone, Debug, Args)]
pub struct LeaveArgs {
    #[command(flatten)]
    pub groups: GroupArgs,
    /// Leave this community (ID or name) and all its groups
    #[arg(long, value_name = "COMMUNITY", conflicts_with_all = ["groups", "groups_from"])]
    pub community: Option<String>,
    #[command(flatten)]
    pub verb: VerbArgs,
}

/// A file that says where groups belong.
#[derive(Clone, Debug, Args)]
pub struct StateArgs {
    /// A state file, a table with the columns group and community, or for apply a plan; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[arg(
        help = "The instance of all entries that name none (its name in the configuration)",
        long = "instance",
        value_name = "NAME",
        env = "SYNOD_INSTANCE",
        hide_env_values = true
    )]
    instance: Option<String>,
}

impl StateArgs {
    /// The name of the instance; an empty environment variable names none.
    pub fn instance(&self) -> Option<&str> {
        self.instance.as_deref().filter(|name| !name.is_empty())
    }
}

/// The arguments of `apply`.
#[derive(Clone, Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub confirm: ConfirmArgs,
    /// Include risky groups; not for a plan, which says which of them to include
    #[arg(long)]
    pub include_risky: bool,
    /// Write the plan for a state file or table to a file (- is standard output) instead of running it
    #[arg(long, value_name = "PLAN", conflicts_with = "yes")]
    pub plan: Option<PathBuf>,
}

/// The arguments of `diff`.
#[derive(Clone, Debug, Args)]
pub struct DiffArgs {
    #[command(flatten)]
    pub state: StateArgs,
    /// Print JSON, one event per line
    #[arg(long)]
    pub json: bool,
}
