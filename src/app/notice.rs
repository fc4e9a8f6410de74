//! Short remarks that stand in the footer until the next key.

use super::Hurry;
use crate::domain::{failure::Failure, id::OperationId, sentence::Sentence};

/// Something to be told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The screen has this theme now.
    Theme(&'static str),
    /// Nothing is marked, and the cursor is on nothing that can be acted on.
    NothingMarked,
    /// No community is chosen to link to.
    NoCommunityChosen,
    /// The row cannot be marked.
    CannotMark,
    /// Communities are not marked; their groups are.
    MarkGroups,
    /// No operation runs.
    NothingRuns,
    /// The operation has not ended yet.
    StillRuns,
    /// Nothing of the operation may be retried.
    NothingToRetry,
    /// Everything of the operation is settled.
    NothingToLookFor,
    /// What an operation could not settle is looked for once more.
    LookingAgain(OperationId),
    /// It was looked for; what is settled by now is shown.
    LookedAgain(OperationId),
    /// Nothing of the operation can be undone.
    NothingToUndo,
    /// The operation left nothing to go on with, and nothing to join again.
    NothingToResume,
    /// It will stop after the request in flight.
    Stopping,
    /// The same key again leaves the program.
    AgainToQuit,
    /// This was handed to the terminal's clipboard.
    Copied(String),
    /// An invite link was handed to it, which is not repeated here.
    CopiedLink,
    /// So many lines were handed to it.
    CopiedLines(usize),
    /// A command line was handed to it, which a window shows.
    CopiedCommand,
    /// An operation stands in this file.
    Exported(String),
    /// A plan stands in this file.
    PlanWritten(String),
    /// A plan that cannot run is not written.
    NothingToWrite,
    /// A community's invite link was asked for.
    OnlyGroupsHaveLinks,
    /// The engine did not take the order.
    NotSubmitted(Sentence),
    /// The plan was made anew and differs.
    PlanChanged,
    /// A risky row cannot be ticked, or no row can be swapped.
    CannotTick,
    /// A key came faster than a hand, and was not obeyed.
    Hurried(Hurry),
    /// Nothing of the plan would be sent.
    NothingToSend,
    /// All groups are known to be ordinary or to be communities.
    NothingToProbe,
    /// The search for communities ended: how many it found.
    Probed(usize),
    /// The search for communities ended early.
    ProbeFailed(Failure),
    /// An instance that is not in the configuration cannot be chosen.
    NotConfigured,
    /// The gateway has no call to connect an instance so.
    CannotConnect,
    /// Synod was started to write nothing.
    ReadOnly,
    /// An instance is connected now: how the operator calls it.
    NowConnected(String),
    /// An instance was connected already, and was left alone: how the operator calls it.
    WasConnected(String),
    /// Suspending would freeze what runs.
    CannotSuspend,
    /// An operation ended.
    Ended(OperationId),
    /// All pasted names and ids were marked: so many groups.
    Pasted(usize),
}
