//! The events of an operation, as the journal stores them and everyone else receives them.
//!
//! The names that serde writes here are a format: they are needed to read journals of earlier versions.

use serde::{Deserialize, Serialize};

use super::{
    community::{CommunityRef, Subgroup},
    failure::Failure,
    id::{GroupId, OperationId},
    instance::InstanceKey,
    name::Name,
    outcome::{Claim, Outcome, Shows},
    plan::{
        reason::Reason,
        verb::{Step, Verb},
    },
    time::Millis,
    writer::Writer,
};

/// One event with its position in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The instance that the operation belongs to.
    pub instance: InstanceKey,
    pub operation: OperationId,
    /// The event's position within the operation, from 0.
    pub sequence: u64,
    pub at: Millis,
    /// Who wrote it. The store knows it: a record that is not stored yet has none, nor has one of an earlier version.
    #[serde(skip)]
    pub writer: Option<Writer>,
    #[serde(flatten)]
    pub event: OperationEvent,
}

/// The kinds of events in an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum OperationEvent {
    /// The operator confirmed a plan; includes all its groups, also those that will never be sent.
    Created(Box<Order>),
    Started,
    /// A request for an item is about to be sent: the event is durable before it is.
    Sending {
        item: usize,
        /// The index of the step, from 0.
        step: usize,
        /// The number of the attempt at the step, from 1.
        attempt: u32,
        /// The time-out for the answer, in milliseconds: for that long after its start the request may still be in flight.
        /// Earlier versions did not record it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<u64>,
    },
    /// The attempt ended with this claim of the gateway.
    Answered {
        item: usize,
        /// The gateway's claim.
        claim: Claim,
        /// Why it failed, in the gateway's words, if it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
    },
    /// The gateway accepted nothing of the attempt, and the item waits for its turn again.
    PutBack {
        item: usize,
        failure: Failure,
    },
    /// A listing is being read for these items.
    LookBegan {
        items: Vec<usize>,
    },
    /// A listing was read: what it shows of these items.
    Looked {
        /// The items, each with what the listing shows of it.
        seen: Vec<(usize, Shows)>,
    },
    /// All read-backs are done and none shows the wanted state: the item waits for one more attempt.
    TryingAgain {
        item: usize,
    },
    /// A step is verified, and the item waits for its next step.
    StepVerified {
        item: usize,
    },
    /// An item has its outcome; a later event for the same item can only improve it.
    ItemFinished {
        item: usize,
        outcome: Outcome,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<ItemReason>,
    },
    Paused {
        why: PauseReason,
    },
    Resumed,
    /// Sending ends: the operator stopped it, or a failure would affect all the rest. Read-backs continue.
    Stopping {
        why: StopReason,
    },
    /// Nothing more will happen.
    Ended,
}

/// The order that the operator confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub verb: Verb,
    /// The community that groups are linked to, or that is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<CommunityRef>,
    /// The operation that this one follows up, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OperationId>,
    pub items: Vec<OrderItem>,
}

/// One group of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The group; for leaving a community itself, the community's id as a group's.
    pub group: GroupId,
    pub name: Name,
    /// The steps to send for it, one after the other.
    pub steps: Vec<Step>,
    /// How many of the steps the earlier operation has already done, if this one follows one up.
    #[serde(default, skip_serializing_if = "is_none")]
    pub done: usize,
    /// Whether anything is to be sent.
    pub fate: Fate,
    /// Why it is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Evidence that may prove a leave later.
    #[serde(default)]
    pub evidence: SeenBefore,
    /// Whether an earlier operation already sent something for it.
    #[serde(default)]
    pub sent_before: bool,
    /// If a community is left: its groups, which are left with it. Earlier versions did not record them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subgroups: Vec<Subgroup>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// The plan's decision for a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Send,
    /// Nothing needs to be sent.
    AlreadySo,
    /// It is never sent.
    Blocked,
    /// The operator left it out.
    LeftOut,
}

/// Evidence seen of a group before it is left, so that its absence afterwards can be judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenBefore {
    /// The list of groups showed it.
    pub was_listed: bool,
    /// Its details could be read.
    pub had_details: bool,
    /// Its details listed its members without the own number, so that only something else shows whether the number is one.
    #[serde(default, skip_serializing_if = "is_not")]
    pub lacked_own_number: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_not(flag: &bool) -> bool {
    !*flag
}

/// Why an item got its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemReason {
    /// The plan decided so.
    Plan(Reason),
    /// The gateway gave this reason.
    Gateway(Failure),
    /// The gateway gave no reason; this is a guess.
    Guess(Guess),
    /// The gateway said yes; for a link, the community's admins may have to agree first.
    MayAwaitApproval,
    /// The answers read after the attempt contradict each other.
    AnswersDiffer,
    /// No listing could be read after the attempt.
    NoListing(Failure),
    /// The gateway said yes, but has no listing that can show the result.
    CannotBeShown,
    /// The group is in neither the community nor the list of groups, so nothing can be concluded.
    InNeither,
    /// It was unlinked and could not be linked: it is in no community.
    LeftStanding,
    /// It was unlinked, and somebody else has since linked it to this community.
    MovedElsewhere(CommunityRef),
    /// The operator stopped the operation before its turn.
    Stopped,
    /// A failure that would affect all the rest stopped the operation before its turn.
    Halted(Failure),
    /// Synod ended before its turn.
    Interrupted,
}

/// Synod's guess at why a gateway that gives no reasons refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guess {
    CommunityFull,
    /// The group may be in another community, or the number is not its admin.
    ElsewhereOrNotAdmin,
    /// The number may not be an admin of the community.
    NotAdminOfCommunity,
    /// The last ordinary subgroup may have to stay.
    LastSubgroup,
}

/// Why sending is paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    Operator,
    /// The gateway's request limit is used up until the given time.
    Budget {
        until: Millis,
    },
    /// `WhatsApp` asks for fewer requests.
    Throttled {
        until: Millis,
    },
    /// The gateway may still be working on the last request of a Synod process that ended before the answer.
    InFlight {
        /// When the answer can no longer arrive, and sending resumes.
        until: Millis,
    },
}

impl PauseReason {
    /// When the pause ends by itself; `None` if the operator paused.
    pub fn until(&self) -> Option<Millis> {
        match self {
            Self::Operator => None,
            Self::Budget { until } | Self::Throttled { until } | Self::InFlight { until } => Some(*until),
        }
    }
}

/// Why sending ended before all items were sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    Operator,
    /// A failure that would affect all the rest.
    Failure(Failure),
    /// Repeated refusals for the same reason: the rest would be refused too.
    Alike(Failure),
    /// The community accepted no more groups, although the gateway said yes.
    CommunityFull,
    /// The time that the operator gave was over.
    TimeOut,
    /// The journal could not be written.
    Journal,
    /// Synod ended while the operation ran; the next process settled the items under way by reading.
    Interrupted,
}
