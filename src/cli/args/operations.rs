//! The arguments of `operations`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::{InstanceArg, VerbArgs, examples};
use crate::{clock, config, domain::time::Millis};

/// The commands for the operations in the journal.
#[derive(Clone, Debug, Subcommand)]
pub enum OperationsCommand {
    /// List the operations, the newest first
    #[command(after_help = examples::OPERATIONS_LIST)]
    List(ListOperationsArgs),
    /// Show the result for each group of an operation
    #[command(after_help = examples::OPERATIONS_SHOW)]
    Show {
        /// Number of the operation
        number: u64,
        #[command(flatten)]
        common: OperationsArgs,
    },
    /// Check the unsettled groups of an operation again; sends nothing
    #[command(after_help = examples::OPERATIONS_LOOK)]
    Look {
        /// Number of the operation
        number: u64,
        #[command(flatten)]
        common: OperationsArgs,
    },
    /// Pause a running operation, whichever Synod runs it
    #[command(after_help = examples::OPERATIONS_PAUSE)]
    Pause {
        /// Number of the operation
        number: u64,
        #[command(flatten)]
        common: OperationsArgs,
    },
    /// Stop a running operation after its current request, whichever Synod runs it
    #[command(after_help = examples::OPERATIONS_STOP)]
    Stop {
        /// Number of the operation
        number: u64,
        #[command(flatten)]
        common: OperationsArgs,
    },
    /// Continue a paused, interrupted or stopped operation (default: the newest)
    #[command(after_help = examples::OPERATIONS_RESUME)]
    Resume(AgainArgs),
    /// Retry the groups that can be retried (default: of the newest operation that has any)
    #[command(after_help = examples::OPERATIONS_RETRY)]
    Retry(AgainArgs),
    /// Undo the verified changes (default: of the newest operation that can be undone)
    #[command(after_help = examples::OPERATIONS_UNDO)]
    Undo(AgainArgs),
    /// Rejoin groups that were left and whose invite links were kept
    #[command(after_help = examples::OPERATIONS_REJOIN)]
    Rejoin(AgainArgs),
    /// Print an operation with all its groups
    #[command(after_help = examples::OPERATIONS_EXPORT)]
    Export {
        /// Number of the operation
        number: u64,
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "csv")]
        format: ExportFormat,
        #[command(flatten)]
        instance: InstanceArg,
    },
    /// Remove old finished operations and their kept invite links from the journal
    #[command(after_help = examples::OPERATIONS_PRUNE)]
    Prune {
        /// Keep operations that ended within this many days
        #[arg(long, value_name = "DAYS", default_value_t = 90)]
        older_than: u64,
        /// Remove without asking
        #[arg(short, long)]
        yes: bool,
        #[command(flatten)]
        common: OperationsArgs,
    },
    /// Forget the kept invite links; the groups cannot be rejoined afterwards
    #[command(after_help = examples::OPERATIONS_FORGET_LINKS)]
    ForgetLinks {
        /// Forget without asking
        #[arg(short, long)]
        yes: bool,
        #[command(flatten)]
        common: OperationsArgs,
    },
}

/// The arguments of `operations list`.
#[derive(Clone, Debug, Args)]
pub struct ListOperationsArgs {
    #[command(flatten)]
    pub common: OperationsArgs,
    /// List at most this many
    #[arg(long, value_name = "N", default_value_t = NEWEST)]
    pub newest: usize,
    /// List only what this operator began; also as operator@host
    #[arg(long, value_name = "NAME", value_parser = operator)]
    pub by: Option<String>,
    /// List only what began within an age such as 12h, 1d or 2w, or since a day such as 2026-11-01
    #[arg(long, value_name = "AGE", value_parser = since)]
    pub since: Option<Since>,
}

/// Since when, as the operator says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    Age(Duration),
    Day(Millis),
}

impl Since {
    /// The time that it means at this time.
    pub fn at(self, now: Millis) -> Millis {
        match self {
            Self::Age(age) => {
                Millis(now.0.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX)))
            }
            Self::Day(begin) => begin,
        }
    }
}

fn since(text: &str) -> Result<Since, &'static str> {
    let age = config::age(text).map(Since::Age);
    age.or_else(|| clock::local_midnight(text.trim()).map(Since::Day))
        .ok_or("give an age such as 90m, 12h, 1d or 2w, or a day such as 2026-11-01")
}

fn operator(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    if name.is_empty() { Err("give the name of an operator, or operator@host") } else { Ok(name.to_owned()) }
}

/// How many operations are listed.
const NEWEST: usize = 50;

impl ListOperationsArgs {
    /// Whether an option is given that only the list has.
    pub fn is_given(&self) -> bool {
        self.common.json || self.newest != NEWEST || self.by.is_some() || self.since.is_some()
    }
}

/// The arguments of commands that continue from an earlier operation.
#[derive(Clone, Debug, Args)]
pub struct AgainArgs {
    /// Number of the operation
    pub number: Option<u64>,
    #[command(flatten)]
    pub verb: VerbArgs,
}

/// The options of all commands for operations.
#[derive(Clone, Debug, Default, Args)]
pub struct OperationsArgs {
    #[command(flatten)]
    pub instance: InstanceArg,
    /// Print JSON, one object per line
    #[arg(long)]
    pub json: bool,
}

/// The formats of an exported operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One line per group, with a header line
    Csv,
    /// One object per line, as `show --json` prints them
    Json,
}
