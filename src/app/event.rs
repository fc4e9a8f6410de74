//! What happened outside the state.

use std::{collections::BTreeSet, sync::Arc};

use super::effect::Ticket;
use crate::domain::{
    budget::Budget,
    community::{CommunityListing, CommunityRef, GroupList},
    event::Record,
    failure::Failure,
    history::Past,
    id::{CommunityId, GroupId, OperationId},
    instance::{Connection, InstanceKey},
    invite::InviteLink,
    name::Name,
    operation::Operation,
    pairing::{ListedInstance, Offer},
    reading::{Probe, Readings},
    sentence::Sentence,
    time::Millis,
    wait::Wait,
};

/// Something that happened outside the state.
#[derive(Clone, Debug)]
pub enum Event {
    /// The terminal has another size, in cells.
    Resized {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
    /// Time passed while something that shows time is on the screen.
    Ticked,
    /// What was remembered of an instance from earlier runs.
    Remembered {
        /// The instance.
        instance: InstanceKey,
        /// Its communities.
        communities: Vec<CommunityRef>,
        /// Groups that are known to be ordinary.
        ordinary: Vec<GroupId>,
        /// Its operations, the oldest first.
        operations: Vec<Operation>,
    },
    /// What an earlier run last read of an instance: shown until it is read again.
    Recalled {
        /// The instance.
        instance: InstanceKey,
        /// The list of groups.
        groups: Option<Arc<GroupList>>,
        /// The listings of its communities.
        listings: Vec<Arc<CommunityListing>>,
    },
    /// The groups that were left and whose invite links are kept.
    LinksKept {
        /// The instance.
        instance: InstanceKey,
        /// The groups.
        groups: BTreeSet<GroupId>,
    },
    /// What the journal has of a group or community was read, or could not be.
    HistoryRead {
        /// The read.
        ticket: Ticket,
        /// The operations that name it, the newest first.
        past: Result<Vec<Past>, Sentence>,
    },
    /// What the journal has of one item was read, or could not be.
    TimelineRead {
        /// The read.
        ticket: Ticket,
        /// What happened to it, in its order.
        records: Result<Vec<Record>, Sentence>,
    },
    /// A group's invite link was read, or could not be.
    InviteRead {
        /// The read.
        ticket: Ticket,
        /// The link, where the gateway gives one.
        link: Result<Option<InviteLink>, Failure>,
    },
    /// A file was written, or could not be.
    Written {
        /// The writing.
        ticket: Ticket,
        /// The file as it can be named to a shell, or why there is none.
        result: Result<String, NotWritten>,
    },
    /// The journal could not be opened; reading goes on, writing cannot.
    StoreFailed(Sentence),
    /// A part of a load arrived.
    Loaded {
        /// The load.
        ticket: Ticket,
        /// The part.
        part: Loaded,
    },
    /// A read for a plan went on.
    ReadProgressed {
        /// The read.
        ticket: Ticket,
        /// How many reads are done.
        done: usize,
        /// Of how many.
        total: usize,
    },
    /// A read for a plan ended.
    Read {
        /// The read.
        ticket: Ticket,
        /// What it gave.
        readings: Box<Readings>,
    },
    /// A probe of one group ended.
    Probed {
        /// The search.
        ticket: Ticket,
        /// The group.
        group: GroupId,
        /// What came of it.
        probe: Probe,
    },
    /// A search for communities ended.
    Discovered {
        /// The search.
        ticket: Ticket,
        /// Why it ended before all was asked, where it did.
        failure: Option<Failure>,
    },
    /// It was read whether an instance is connected.
    Surveyed {
        /// The survey.
        ticket: Ticket,
        /// Whether it is connected.
        connection: Result<Connection, Failure>,
        /// The instances that its token may speak for, where the gateway lists them.
        listed: Option<Result<Vec<ListedInstance>, Failure>>,
    },
    /// Connecting an instance went on.
    Connecting {
        /// The attempt.
        ticket: Ticket,
        /// How.
        step: ConnectStep,
    },
    /// A community that somebody named was looked up.
    CommunityFound {
        /// The look-up.
        ticket: Ticket,
        /// Its listing, or why there is none.
        result: Result<Arc<CommunityListing>, Failure>,
    },
    /// The engine took an order, or could not.
    Submitted {
        /// The submission.
        ticket: Ticket,
        /// The operation's number, or why there is none.
        result: Result<OperationId, Sentence>,
    },
    /// Something happened in an operation, and is in the journal.
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
    /// An operation was looked at once more, as far as that went.
    LookedAgain {
        /// The instance.
        instance: InstanceKey,
        /// The operation.
        operation: OperationId,
        /// Why it could not be looked for, where that was so.
        result: Result<(), Sentence>,
    },
    /// The journal could not be written: nothing more is sent.
    JournalFailed {
        /// The instance.
        instance: InstanceKey,
        /// What went wrong and what to do.
        why: Sentence,
    },
    /// The token's budget changed.
    BudgetChanged {
        /// The instance.
        instance: InstanceKey,
        /// What is left.
        budget: Option<Budget>,
    },
    /// A read of the instance waits, or nothing waits any more.
    WaitChanged {
        /// The instance.
        instance: InstanceKey,
        /// What it waits for.
        wait: Option<Wait>,
    },
}

/// Why a file was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotWritten {
    /// Something of that name is there already, and stays as it is.
    Exists,
    /// The system said no, in these words.
    Failed(String),
}

/// How connecting an instance went on.
#[derive(Clone, Debug)]
pub enum ConnectStep {
    /// The gateway is asked.
    Asked,
    /// It offered something to the phone.
    Offered {
        /// What it offered.
        offer: Offer,
        /// Until when it is good, where that is documented.
        until: Option<Millis>,
    },
    /// The instance was looked at, and is not connected yet.
    Seen(Result<Connection, Failure>),
    /// What was offered is no longer good, and the phone seems to have taken it up.
    TakenUp,
    /// Nobody used what was offered.
    Unused,
    /// The gateway could not be asked, or did not do it.
    Failed(Failure),
    /// It was connected before anything was asked for.
    WasConnected(Connection),
    /// It is connected now.
    Connected(Connection),
}

/// A part of a load.
#[derive(Clone, Debug)]
pub enum Loaded {
    /// Whether the instance is connected.
    Connection(Result<Connection, Failure>),
    /// The communities that a call lists.
    Communities(Result<Vec<CommunityRef>, Failure>),
    /// The list of groups.
    Groups(Result<Arc<GroupList>, Failure>),
    /// A community's listing.
    Community(CommunityId, Result<Arc<CommunityListing>, Failure>),
    /// A community's name, found elsewhere.
    Name(CommunityId, Name),
    /// Nothing more will come.
    Done,
}
