//! Events from outside the state.

use std::sync::Arc;

use super::{
    effect::Ticket,
    entry::{EntryRefusal, EntryValues},
    reconfigured::Reconfigured,
};
use crate::domain::{
    budget::Budget,
    community::{CommunityListing, GroupDetails, GroupList},
    desired::StateFile,
    directory::{KnownRole, LastRead, Remembered},
    event::Record,
    failure::Failure,
    history::Past,
    id::{GroupId, OperationId},
    instance::{Connection, InstanceKey},
    invite::{InviteLink, StoredLinks},
    message::Message,
    operation::{Operation, Summary},
    pairing::{ListedInstance, Offer},
    reading::{Loaded, Probe, Readings},
    time::Millis,
    wait::Wait,
};

/// An event from outside the state.
#[derive(Clone, Debug)]
pub enum AppEvent {
    /// The terminal was resized, in cells.
    Resized {
        columns: u16,
        rows: u16,
    },
    /// The terminal got or lost the focus.
    Focused(bool),
    /// Time passed while the screen shows passing time.
    Ticked,
    /// Earlier runs' records of an instance, from the store.
    Remembered {
        instance: InstanceKey,
        remembered: Remembered,
    },
    /// Operations of an instance, from the journal.
    JournalRead {
        instance: InstanceKey,
        summaries: Vec<Summary>,
        /// Those that were folded.
        operations: Vec<Operation>,
        /// Whether no more will follow.
        is_all: bool,
    },
    /// An operation was read from the journal, or reading failed.
    OperationRead {
        instance: InstanceKey,
        id: OperationId,
        /// The operation, if it is still there.
        result: Result<Option<Box<Operation>>, Message>,
    },
    /// The data that an earlier run last read from an instance, shown until it is read again.
    Recalled {
        instance: InstanceKey,
        read: LastRead,
    },
    /// The roles that earlier runs read from an instance.
    RolesRecalled {
        instance: InstanceKey,
        roles: Vec<KnownRole>,
    },
    /// The details of a group whose role was not known were read, or reading failed.
    RoleRead {
        ticket: Ticket,
        /// When the read began.
        begun: Millis,
        details: Result<Box<GroupDetails>, Failure>,
    },
    /// The groups that were left and whose invite links are stored.
    LinksKept {
        instance: InstanceKey,
        links: StoredLinks,
    },
    /// The journal entries about a group or community were read, or reading failed.
    HistoryRead {
        ticket: Ticket,
        /// The operations that name it, newest first.
        past: Result<Vec<Past>, Message>,
    },
    /// The journal entries about one item were read, or reading failed.
    TimelineRead {
        ticket: Ticket,
        /// Its events, in order.
        records: Result<Vec<Record>, Message>,
    },
    /// A group's invite link was read, or reading failed.
    InviteRead {
        ticket: Ticket,
        /// The link, if the gateway gives one.
        link: Result<Option<InviteLink>, Failure>,
    },
    /// Files were written, or writing failed.
    Written {
        ticket: Ticket,
        /// The file names, quoted for a shell, or why no file was written.
        result: Result<Vec<String>, NotWritten>,
    },
    /// A file that says where groups belong was read, or reading failed.
    StateRead {
        ticket: Ticket,
        result: Result<Box<StateFile>, Message>,
    },
    /// The journal could not be opened: Synod can read but not write.
    StoreFailed(Message),
    Loaded {
        ticket: Ticket,
        part: Loaded,
    },
    ReadProgressed {
        ticket: Ticket,
        done: usize,
        total: usize,
    },
    /// A read for a plan ended.
    Read {
        ticket: Ticket,
        readings: Box<Readings>,
    },
    /// A probe of one group finished.
    Probed {
        ticket: Ticket,
        group: GroupId,
        probe: Probe,
    },
    /// A search for communities ended.
    Discovered {
        ticket: Ticket,
        /// Why it ended before all groups were asked, if it did.
        failure: Option<Failure>,
    },
    /// The connection status of an instance was read.
    Surveyed {
        ticket: Ticket,
        connection: Result<Connection, Failure>,
        /// The instances that its token can access, if the gateway lists them.
        listed: Option<Result<Vec<ListedInstance>, Failure>>,
    },
    /// Connecting an instance progressed.
    Connecting {
        ticket: Ticket,
        step: ConnectStep,
    },
    /// The lookup of a community that the operator named finished.
    CommunityFound {
        ticket: Ticket,
        result: Result<Arc<CommunityListing>, Failure>,
    },
    /// The engine accepted or rejected an order.
    Submitted {
        ticket: Ticket,
        /// The operation's number, or why the order was rejected.
        result: Result<OperationId, Message>,
    },
    /// An operation's event, already written to the journal.
    Recorded(Arc<Record>),
    /// The engine read a community's listing.
    ListingSeen {
        instance: InstanceKey,
        listing: Arc<CommunityListing>,
    },
    /// The engine read the list of groups.
    GroupsSeen {
        instance: InstanceKey,
        list: Arc<GroupList>,
    },
    /// The second check of an operation finished, completely or in part.
    LookedAgain {
        instance: InstanceKey,
        operation: OperationId,
        /// Why it could not be checked, if so.
        result: Result<(), Message>,
    },
    /// The journal could not be written, so nothing more is sent.
    JournalFailed {
        instance: InstanceKey,
        /// The problem and what to do about it.
        why: Message,
    },
    /// The connection to the shared store was lost; it is tried again.
    StoreAway,
    /// The connection is back.
    StoreBack,
    /// Another Synod took the instance while the connection was lost.
    TakenElsewhere(Message),
    /// Another Synod uses the number under another name; nothing is sent until that ends.
    NumberInUse(Message),
    /// The token's budget changed.
    BudgetChanged {
        instance: InstanceKey,
        budget: Option<Budget>,
    },
    /// A read of the instance started or stopped waiting.
    WaitChanged {
        instance: InstanceKey,
        /// What it waits for, if anything.
        wait: Option<Wait>,
    },
    /// Something about the configuration.
    Configuration(ConfigurationEvent),
}

/// An event of the configuration.
#[derive(Clone, Debug)]
pub enum ConfigurationEvent {
    /// The values of an entry of the configuration were read.
    EntryRead { ticket: Ticket, result: Result<Box<EntryValues>, Message> },
    /// An entry of the configuration was written, or refused. The instances were reported before.
    EntrySaved {
        ticket: Ticket,
        /// Its label.
        result: Result<String, Box<EntryRefusal>>,
    },
    /// An entry of the configuration was removed, or not.
    EntryRemoved { label: String, result: Result<(), Message> },
    /// Entries for instances that accounts list were added.
    ListedAdded {
        added: usize,
        /// Why not all of them, if so.
        why: Option<Message>,
    },
    /// The configuration was read again.
    ReadAgain {
        /// Identifies the request to read it, if it was one.
        ticket: Option<Ticket>,
        result: Result<Box<Reconfigured>, Message>,
    },
}

/// Why a file was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotWritten {
    /// A file of that name already exists, and is not changed.
    Exists,
    /// The system's error message.
    Failed(String),
}

/// A step in connecting an instance.
#[derive(Clone, Debug)]
pub enum ConnectStep {
    /// The gateway was asked to connect.
    Asked,
    /// The gateway offered something to the phone.
    Offered {
        offer: Offer,
        /// When it expires, if that is documented.
        until: Option<Millis>,
    },
    /// The instance was polled, and is not connected yet.
    Seen(Result<Connection, Failure>),
    /// The offer has expired, and the phone seems to have accepted it.
    TakenUp,
    /// Nobody used the offer.
    Unused,
    /// The gateway could not be reached, or refused.
    Failed(Failure),
    /// The instance was already connected.
    WasConnected(Connection),
    /// The instance is connected now.
    Connected(Connection),
}
