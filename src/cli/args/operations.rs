//! The arguments of `operations`.

use clap::{Args, Subcommand, ValueEnum};

use super::{VerbArgs, examples};

/// What can be done with the operations in the journal.
#[derive(Clone, Debug, Subcommand)]
pub enum OperationsCommand {
    /// List the operations, the newest first
    #[command(after_help = examples::OPERATIONS_LIST)]
    List {
        /// What holds for all of these.
        #[command(flatten)]
        common: OperationsArgs,
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 50)]
        newest: usize,
    },
    /// Show what became of each group of an operation
    #[command(after_help = examples::OPERATIONS_SHOW)]
    Show {
        /// Its number
        number: u64,
        /// What holds for all of these.
        #[command(flatten)]
        common: OperationsArgs,
    },
    /// Look once more for what an operation could not settle; nothing is sent
    #[command(after_help = examples::OPERATIONS_LOOK)]
    Look {
        /// Its number
        number: u64,
        /// What holds for all of these.
        #[command(flatten)]
        common: OperationsArgs,
    },
    /// Go on with what an interrupted or stopped operation has left; the newest such one by default
    #[command(after_help = examples::OPERATIONS_RESUME)]
    Resume(AgainArgs),
    /// Try again what may be tried again; of the newest operation that has such by default
    #[command(after_help = examples::OPERATIONS_RETRY)]
    Retry(AgainArgs),
    /// Undo what was verified; of the newest operation that can be undone by default
    #[command(after_help = examples::OPERATIONS_UNDO)]
    Undo(AgainArgs),
    /// Join the groups again that were left and whose invite links were kept
    #[command(after_help = examples::OPERATIONS_REJOIN)]
    Rejoin(AgainArgs),
    /// Write an operation with all its groups to standard output
    #[command(after_help = examples::OPERATIONS_EXPORT)]
    Export {
        /// Its number
        number: u64,
        /// As what
        #[arg(long, value_name = "FORMAT", default_value = "csv")]
        format: ExportFormat,
        /// Only operations of this instance, by its name in the configuration
        #[arg(long, value_name = "NAME")]
        instance: Option<String>,
    },
    /// Remove old operations that have ended from the journal, and the invite links that they kept
    #[command(after_help = examples::OPERATIONS_PRUNE)]
    Prune {
        /// Keep those that ended within this many days
        #[arg(long, value_name = "DAYS", default_value_t = 90)]
        older_than: u64,
        /// Remove them without asking
        #[arg(long)]
        yes: bool,
        /// What holds for all of these.
        #[command(flatten)]
        common: OperationsArgs,
    },
    /// Forget the invite links of groups that were left; these cannot be joined again then
    #[command(after_help = examples::OPERATIONS_FORGET_LINKS)]
    ForgetLinks {
        /// Forget them without asking
        #[arg(long)]
        yes: bool,
        /// What holds for all of these.
        #[command(flatten)]
        common: OperationsArgs,
    },
}

/// The arguments of commands that take up an earlier operation.
#[derive(Clone, Debug, Args)]
pub struct AgainArgs {
    /// Its number
    pub number: Option<u64>,
    /// What every plan takes.
    #[command(flatten)]
    pub verb: VerbArgs,
}

/// What holds for all commands on operations.
#[derive(Clone, Debug, Default, Args)]
pub struct OperationsArgs {
    /// Only operations of this instance, by its name in the configuration
    #[arg(long, value_name = "NAME")]
    pub instance: Option<String>,
    /// One object a line, as JSON
    #[arg(long)]
    pub json: bool,
}

/// As what an operation is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A line a group, with a head
    Csv,
    /// One object a line, as `show --json` writes them
    Json,
}
