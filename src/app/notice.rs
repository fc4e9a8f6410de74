//! Short messages that stay in the footer until the next key.

use super::action::Planned;
use crate::domain::{failure::Failure, id::OperationId, invite::ClosedLinks, message::Message};

/// A message that is shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The theme was switched to this one.
    Theme(&'static str),
    /// Nothing is marked, and no actionable row is under the cursor.
    NothingMarked,
    /// The gateway has no call for this.
    NoCall(Planned, &'static str),
    /// No community is chosen to link to.
    NoCommunityChosen,
    CannotMark,
    /// Communities cannot be marked, only their groups.
    MarkGroups,
    NothingRuns,
    /// The groups of the operation are not in memory yet.
    ReadingJournal,
    /// The operation is still running.
    StillRuns,
    /// No item of the operation may be retried.
    NothingToRetry,
    /// All items of the operation are settled.
    NothingToLookFor,
    /// The items that an operation could not settle are being checked once more.
    LookingAgain(OperationId),
    /// They were checked; the outcomes settled by now are shown.
    LookedAgain(OperationId),
    /// Nothing of the operation can be undone.
    NothingToUndo,
    /// The operation left nothing to continue, and nothing to rejoin.
    NothingToResume,
    /// These groups cannot be rejoined.
    ClosedLinks(ClosedLinks),
    /// It will stop after the request in flight.
    Stopping,
    /// Pressing the same key again quits the program.
    AgainToQuit,
    /// This text was sent to the terminal's clipboard.
    Copied(String),
    /// An invite link was sent to the clipboard; it is not repeated here.
    CopiedLink,
    /// This many lines were sent to the clipboard.
    CopiedLines(usize),
    /// A command line was sent to the clipboard; a window shows it.
    CopiedCommand,
    /// An operation was written to this file.
    Exported(String),
    /// A plan was written to these files, one for each number.
    PlanWritten(Vec<String>),
    /// A plan that cannot run cannot be written.
    NothingToWrite,
    /// The operator requested a community's invite link; only groups have one.
    OnlyGroupsHaveLinks,
    /// The engine rejected the order.
    NotSubmitted(Message),
    /// The connection to the shared store was lost: nothing is sent until it is back.
    StoreAway,
    /// The connection is back.
    StoreBack,
    /// Another Synod took the instance while the connection was lost.
    TakenElsewhere(Message),
    /// The plan was made again and differs.
    PlanChanged,
    /// A risky row cannot be ticked, or no row can be swapped.
    CannotTick,
    /// No community can be chosen for these rows of a plan.
    CannotChangeTarget,
    /// None of these rows of a plan is in another community.
    CannotTurn,
    /// There is only one instance to show.
    OneInstance,
    /// Several numbers are in the community; the operator has to choose the one that leaves.
    SeveralNumbers,
    /// Several numbers are in these groups; the operator has to choose the one that leaves.
    LeaveAlone(usize),
    /// No other number can act on these rows of a plan.
    NoOtherNumber,
    /// No number is in both these groups and the chosen community.
    NoNumberFor(usize),
    /// This many rows of a plan keep their community: no number is in both the group and the one that was chosen.
    TargetKept(usize),
    /// None of these differences can be put into a plan.
    CannotPlanDifference,
    /// A key came faster than a person types, and was ignored.
    Hurried(Hurry),
    /// The mouse was pressed on a key that confirms; only the key itself does.
    OnlyKeysConfirm,
    /// The plan would send nothing.
    NothingToSend,
    /// Every group is known to be ordinary or to be a community.
    NothingToProbe,
    /// The search for communities ended after finding this many.
    Probed(usize),
    /// The search for communities ended early.
    ProbeFailed(Failure),
    /// An instance that is not in the configuration cannot be chosen.
    NotConfigured,
    /// The instance is in the configuration already, so it cannot be ticked.
    IsConfigured,
    /// The entry under the cursor is broken; the window shows why.
    Broken,
    /// About the configuration and its entries.
    Configuration(ConfigurationNotice),
    /// The gateway has no call to connect an instance in this way.
    CannotConnect,
    /// Synod was started in read-only mode.
    ReadOnly,
    /// An instance is connected now; the operator's label for it.
    NowConnected(String),
    /// An instance was already connected, and was left alone; the operator's label for it.
    WasConnected(String),
    /// Suspending would freeze the running operations.
    CannotSuspend,
    /// The demonstration cannot go on in the background.
    CannotDetach,
    Ended(OperationId),
    /// All pasted names and ids were marked; the number of groups.
    Pasted(usize),
}

/// A message about the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigurationNotice {
    /// An entry was written; its label.
    Saved(String),
    /// Entries for this many instances were written.
    Added(usize),
    /// This many entries were added, and others were not.
    AddedSome(usize, Message),
    /// An entry was removed; its label.
    Removed(String),
    /// Nothing was changed.
    NotChanged(Message),
    /// It could not be read again.
    NotRead(Message),
    /// It was read again; the number of instances that can be used.
    Read(usize),
    /// An instance stays as it was, because it has an operation in progress; its label.
    Held(String),
    /// The instance has an operation in progress, so its entry cannot be changed; its label.
    Busy(String),
    /// The program has no configuration that it could change.
    Missing,
    /// The broken entry has no valid name, so it can only be corrected by hand.
    Unnamed,
}

/// An input that was refused because its key came faster than a person types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hurry {
    /// A mark, a plan, or another command.
    Act,
    /// The key that would have confirmed a plan.
    Confirm,
    /// The last character of a typed confirmation.
    Typed,
}
