//! The arguments of the commands that change something.

use std::path::PathBuf;

use clap::Args;

/// The groups that are meant.
#[derive(Clone, Debug, Default, Args)]
pub struct GroupArgs {
    /// The groups, by id, name or, on RyzeAPI, invite link or code; - reads them from standard input, one a line
    #[arg(value_name = "GROUP")]
    pub groups: Vec<String>,
    /// Read more groups from a file, one a line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub groups_from: Option<PathBuf>,
}

/// How a plan is confirmed and told.
#[derive(Clone, Debug, Default, Args)]
pub struct ConfirmArgs {
    /// Run the plan without asking; risky groups are left out
    #[arg(long)]
    pub yes: bool,
    /// The number of groups that the plan would leave: `leave --yes` runs only when it is so
    #[arg(long, value_name = "N")]
    pub count: Option<usize>,
    /// Show the plan and end; 0 when nothing is blocked, 3 otherwise
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// One event a line, as JSON
    #[arg(long)]
    pub json: bool,
}

/// What the commands that make a plan have in common.
#[derive(Clone, Debug, Default, Args)]
pub struct VerbArgs {
    /// How it is confirmed and told.
    #[command(flatten)]
    pub confirm: ConfirmArgs,
    /// Send what is risky too
    #[arg(long)]
    pub include_risky: bool,
    /// Write the plan to a file, or with - to standard output, instead of running it; `synod apply` runs it
    #[arg(long, value_name = "FILE", conflicts_with = "yes")]
    pub plan: Option<PathBuf>,
    /// The instance, by its name in the configuration; needed where there are several
    #[arg(long, value_name = "NAME")]
    pub instance: Option<String>,
}

/// The arguments of `link`.
#[derive(Clone, Debug, Args)]
pub struct LinkArgs {
    /// The groups.
    #[command(flatten)]
    pub groups: GroupArgs,
    /// The community to link to, by id or name
    #[arg(long, value_name = "COMMUNITY")]
    pub to: String,
    /// What every plan takes.
    #[command(flatten)]
    pub verb: VerbArgs,
}

/// The arguments of `unlink`.
#[derive(Clone, Debug, Args)]
pub struct UnlinkArgs {
    /// The groups.
    #[command(flatten)]
    pub groups: GroupArgs,
    /// The community to unlink from, by id or name; by default the one that each group is in
    #[arg(long, value_name = "COMMUNITY")]
    pub from: Option<String>,
    /// What every plan takes.
    #[command(flatten)]
    pub verb: VerbArgs,
}

/// The arguments of `move`.
#[derive(Clone, Debug, Args)]
pub struct MoveArgs {
    /// The groups.
    #[command(flatten)]
    pub groups: GroupArgs,
    /// The community to move to, by id or name
    #[arg(long, value_name = "COMMUNITY")]
    pub to: String,
    /// The community that the groups must be in, by id or name; by default the one that each is in
    #[arg(long, value_name = "COMMUNITY")]
    pub from: Option<String>,
    /// What every plan takes.
    #[command(flatten)]
    pub verb: VerbArgs,
}

/// The arguments of `leave`.
#[derive(Clone, Debug, Args)]
pub struct LeaveArgs {
    /// The groups.
    #[command(flatten)]
    pub groups: GroupArgs,
    /// Leave this community itself, by id or name, and with it all its groups
    #[arg(long, value_name = "COMMUNITY", conflicts_with_all = ["groups", "groups_from"])]
    pub community: Option<String>,
    /// What every plan takes.
    #[command(flatten)]
    pub verb: VerbArgs,
}

/// The arguments of `apply`.
#[derive(Clone, Debug, Args)]
pub struct ApplyArgs {
    /// The file that --plan wrote
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// How it is confirmed and told.
    #[command(flatten)]
    pub confirm: ConfirmArgs,
}
