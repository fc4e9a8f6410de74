//! The effects of a change of state on the outside world, as data.

use std::sync::Arc;

use super::{
    entry::{ChosenEntry, EntryValues},
    layout::Dividers,
};

use crate::domain::{
    community::{CommunityRef, Groups},
    directory::{KnownRole, LastRead},
    event::Order,
    history::HistorySubject,
    id::{CommunityId, GroupId, OperationId},
    instance::{EntryPlace, InstanceKey},
    invite::InviteLink,
    operation::{Form, Operation, RunControl},
    pairing::Way,
    plan::{Needs, Plan},
    private::Private,
    reading::{Readings, Scope},
};

/// Identifies a piece of work and its answers. An answer is dropped if nothing waits for its ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Work to be done outside the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Terminal(Terminal),
    Work(Work),
}

impl Effect {
    /// Cancels pieces of work.
    pub fn cancel(tickets: impl IntoIterator<Item = Ticket>) -> Vec<Self> {
        tickets.into_iter().map(|ticket| Self::Work(Work::Cancel(ticket))).collect()
    }
}

/// A request to the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Terminal {
    Repaint,
    /// Release the terminal and stop until the shell resumes the process.
    Suspend,
    /// Copy this text to the terminal's clipboard.
    Copy(String),
    /// Copy an invite link to the clipboard; it appears nowhere else.
    CopySecret(InviteLink),
    /// Show a notification on the desktop: this operation has ended.
    NotifyEnded(OperationId),
    Quit,
    /// Release the terminal; a process in the background continues the running operations.
    Detach,
}

/// A request to the runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Reads everything about an instance.
    Load {
        ticket: Ticket,
        instance: InstanceKey,
        known: Vec<CommunityRef>,
        /// The groups that are shown. If nothing has been read yet, the data that an earlier run read is sent first.
        held: Option<Groups>,
    },
    /// Reads some scopes, and whatever else the plan needs, given their contents.
    Read {
        ticket: Ticket,
        instance: InstanceKey,
        scopes: Vec<Scope>,
        /// Decides what else the plan needs, given the contents of the scopes.
        needs: Option<Box<Needs>>,
    },
    /// Reads the listing of a community that is on the screen, after a moment: somebody who scrolls causes no request.
    ReadListing {
        ticket: Ticket,
        instance: InstanceKey,
        community: CommunityId,
    },
    /// Checks once more the items that an ended operation could not settle.
    LookAgain {
        instance: InstanceKey,
        operation: OperationId,
    },
    /// Ends a read at once, with the data read so far.
    FinishRead(Ticket),
    /// Asks which of these groups are communities.
    Discover {
        ticket: Ticket,
        instance: InstanceKey,
        /// A known community, which is asked about before all others.
        control: Option<GroupId>,
        /// The groups, likeliest first.
        candidates: Vec<GroupId>,
        /// The other instances on the same gateway: the communities stored for them are asked about first.
        siblings: Vec<InstanceKey>,
    },
    /// Reads whether an instance is connected, and its gateway's list of instances if the gateway has one.
    Survey {
        ticket: Ticket,
        instance: InstanceKey,
    },
    /// Connects an instance to `WhatsApp`, and polls until it is connected.
    Connect {
        ticket: Ticket,
        instance: InstanceKey,
        way: Way,
    },
    /// Reads the listing of a community that the operator named.
    FindCommunity {
        ticket: Ticket,
        instance: InstanceKey,
        /// The text typed: an id, or something that leads to one.
        given: Private,
    },
    /// Cancels a piece of work; no more events come from it.
    Cancel(Ticket),
    /// Submits an order to the engine.
    Submit {
        ticket: Ticket,
        instance: InstanceKey,
        order: Order,
        /// The position of the journal before the plan's data was read.
        read_from: Option<u64>,
    },
    /// Controls the running operation, whichever process runs it.
    Control {
        instance: InstanceKey,
        control: RunControl,
    },
    /// Stops the operations of an instance that this process runs.
    StopOwn(InstanceKey),
    /// Stores which groups were found to be communities or ordinary groups.
    Remember {
        instance: InstanceKey,
        communities: Vec<CommunityRef>,
        ordinary: Vec<GroupId>,
    },
    /// Stores the data that was read, to be shown at the next start.
    Keep {
        instance: InstanceKey,
        read: LastRead,
        /// Whether the list of groups may have changed.
        writes_list: bool,
    },
    /// Reads the number's role in a group, once enough of the budget is left.
    ReadRole {
        ticket: Ticket,
        instance: InstanceKey,
        group: GroupId,
    },
    /// Stores roles that were read.
    KeepRoles {
        instance: InstanceKey,
        roles: Vec<KnownRole>,
    },
    /// Reads the journal entries about a group or community.
    ReadHistory {
        ticket: Ticket,
        instance: InstanceKey,
        subject: HistorySubject,
    },
    /// Reads the journal entries about one item.
    ReadTimeline {
        ticket: Ticket,
        instance: InstanceKey,
        operation: OperationId,
        item: usize,
    },
    /// Reads an operation with its groups from the journal.
    ReadOperation {
        instance: InstanceKey,
        operation: OperationId,
    },
    /// Asks the gateway for a group's invite link.
    ReadInvite {
        ticket: Ticket,
        instance: InstanceKey,
        group: GroupId,
    },
    /// Writes new files, or none of them; never overwrites an existing one.
    Write {
        ticket: Ticket,
        /// Their names as typed, and their contents.
        files: Vec<(String, Document)>,
    },
    /// Reads a file that says where groups belong.
    ReadState {
        ticket: Ticket,
        /// Its name as typed.
        file: String,
    },
    /// Stores where the lines between the panes are, for the next start.
    KeepDividers(Dividers),
    /// Reads which groups have a stored invite link.
    ReadLinks(InstanceKey),
    Forget {
        instance: InstanceKey,
        community: CommunityId,
    },
    /// Reads the values of an entry of the configuration.
    ReadEntry {
        ticket: Ticket,
        entry: EntryPlace,
    },
    /// Tries an entry of the configuration, and writes it if the gateway accepts it.
    SaveEntry {
        ticket: Ticket,
        entry: Box<EntryValues>,
        /// The entry that it replaces.
        old: Option<ChosenEntry>,
        /// Writes it even if no phone is connected, or the gateway cannot be reached.
        anyway: bool,
    },
    /// Removes an entry of the configuration. The journal keeps everything.
    RemoveEntry(ChosenEntry),
    /// Adds entries for instances that accounts list: an entry with the account's token, and the instances' names.
    AddListed(Vec<(EntryPlace, Vec<String>)>),
    /// Reads the configuration again.
    ReadConfiguration(Ticket),
}

/// The content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// A plan, as `--plan` writes it.
    Plan {
        /// The operator's label for the instance.
        instance: String,
        plan: Box<Plan>,
        readings: Arc<Readings>,
    },
    /// An operation, as `synod operations export` writes it.
    Operation {
        /// The operator's label for the instance.
        instance: String,
        operation: Box<Operation>,
        form: Form,
        /// The communities that it may name.
        communities: Vec<CommunityRef>,
    },
}
