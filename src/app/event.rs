//! Events from outside the state.

use std::{collections::BTreeSet, sync::Arc};

use super::effect::Ticket;
use crate::domain::{
    budget::Budget,
    community::{CommunityListing, CommunityRef, GroupList},
    event::Record,
    failure::Failure,
    history::Past,
    id::{GroupId, OperationId},
    instance::{Connection, InstanceKey},
    invite::InviteLink,
    operation::Operation,
    pairing::{ListedInstance, Offer},
    reading::{Loaded, Probe, Readings},
    sentence::Sentence,
    time::Millis,
    wait::Wait,
};

/// An event from outside the state.
#[derive(Clone, Debug)]
pub enum Event {
    /// The terminal was resized, in cells.
    Resized {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
    /// Time passed while the screen shows passing time.
    Ticked,
    /// Earlier runs' records of an instance, from the store.
    Remembered {
        /// The instance.
        instance: InstanceKey,
        /// Its communities.
        communities: Vec<CommunityRef>,
        /// Groups known to be ordinary.
        ordinary: Vec<GroupId>,
        /// Its operations, oldest first.
        operations: Vec<Operation>,
    },
    /// The data that an earlier run last read from an instance, shown until it is read again.
    Recalled {
        /// The instance.
        instance: InstanceKey,
        /// The list of groups.
        groups: Option<Arc<GroupList>>,
        /// The listings of its communities.
        listings: Vec<Arc<CommunityListing>>,
    },
    /// The groups that were left and whose invite links are stored.
    LinksKept {
        /// The instance.
        instance: InstanceKey,
        /// The groups.
        groups: BTreeSet<GroupId>,
    },
    /// The journal entries about a group or community were read, or reading failed.
    HistoryRead {
        /// The read.
        ticket: Ticket,
        /// The operations that name it, newest first.
        past: Result<Vec<Past>, Sentence>,
    },
    /// The journal entries about one item were read, or reading failed.
    TimelineRead {
        /// The read.
        ticket: Ticket,
        /// Its events, in order.
        records: Result<Vec<Record>, Sentence>,
    },
    /// A group's invite link was read, or reading failed.
    InviteRead {
        /// The read.
        ticket: Ticket,
        /// The link, if the gateway gives one.
        link: Result<Option<InviteLink>, Failure>,
    },
    /// A file was written, or writing failed.
    Written {
        /// The write.
        ticket: Ticket,
        /// The file name, quoted for a shell, or why the file was not written.
        result: Result<String, NotWritten>,
    },
    /// The journal could not be opened: Synod can read but not write.
    StoreFailed(Sentence),
    /// A part of a load arrived.
    Loaded {
        /// The load.
        ticket: Ticket,
        /// The part.
        part: Loaded,
    },
    /// A read for a plan progressed.
    ReadProgressed {
        /// The read.
        ticket: Ticket,
        /// How many reads are done.
        done: usize,
        /// How many reads there are in total.
        total: usize,
    },
    /// A read for a plan ended.
    Read {
        /// The read.
        ticket: Ticket,
        /// The data read.
        readings: Box<Readings>,
    },
    /// A probe of one group finished.
    Probed {
        /// The search.
        ticket: Ticket,
        /// The group.
        group: GroupId,
        /// The result.
        probe: Probe,
    },
    /// A search for communities ended.
    Discovered {
        /// The search.
        ticket: Ticket,
        /// Why it ended before all groups were asked, if it did.
        failure: Option<Failure>,
    },
    /// The connection status of an instance was read.
    Surveyed {
        /// The survey.
        ticket: Ticket,
        /// Whether it is connected.
        connection: Result<Connection, Failure>,
        /// The instances that its token can access, if the gateway lists them.
        listed: Option<Result<Vec<ListedInstance>, Failure>>,
    },
    /// Connecting an instance progressed.
    Connecting {
        /// The attempt.
        ticket: Ticket,
        /// The progress.
        step: ConnectStep,
    },
    /// The lookup of a community that the operator named finished.
    CommunityFound {
        /// The lookup.
        ticket: Ticket,
        /// Its listing, or the reason for its absence.
        result: Result<Arc<CommunityListing>, Failure>,
    },
    /// The engine accepted or rejected an order.
    Submitted {
        /// The submission.
        ticket: Ticket,
        /// The operation's number, or why the order was rejected.
        result: Result<OperationId, Sentence>,
    },
    /// An operation's event, already written to the journal.
    Recorded(Arc<Record>),
    /// The engine read a community's listing.
    ListingSeen {
        /// The instance.
        instance: InstanceKey,
        /// The listing.
        listing: Arc<CommunityListing>,
    },
    /// The engine read the list of groups.
    GroupsSeen {
        /// The instance.
        instance: InstanceKey,
        /// The list.
        list: Arc<GroupList>,
    },
    /// The second check of an operation finished, completely or in part.
    LookedAgain {
        /// The instance.
        instance: InstanceKey,
        /// The operation.
        operation: OperationId,
        /// Why it could not be checked, if so.
        result: Result<(), Sentence>,
    },
    /// The journal could not be written, so nothing more is sent.
    JournalFailed {
        /// The instance.
        instance: InstanceKey,
        /// The problem and what to do about it.
        why: Sentence,
    },
    /// The token's budget changed.
    BudgetChanged {
        /// The instance.
        instance: InstanceKey,
        /// The remaining budget.
        budget: Option<Budget>,
    },
    /// A read of the instance started or stopped waiting.
    WaitChanged {
        /// The instance.
        instance: InstanceKey,
        /// What it waits for, if anything.
        wait: Option<Wait>,
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
        /// The offer.
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
