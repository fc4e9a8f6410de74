//! What happens in an operation, as the journal keeps it and everyone else hears it.
//!
//! The names that serde writes here are a format: journals of earlier versions are read with them.

use serde::{Deserialize, Serialize};

use super::{
    community::CommunityRef,
    failure::Failure,
    id::{GroupId, OperationId},
    instance::InstanceKey,
    name::Name,
    outcome::{Claim, Outcome, Shows},
    plan::{Reason, Step, Verb},
    time::Millis,
};

/// One event with its place in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The instance that the operation belongs to.
    pub instance: InstanceKey,
    /// The operation.
    pub operation: OperationId,
    /// The event's place within the operation, from 0.
    pub sequence: u64,
    /// When it happened.
    pub at: Millis,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What can happen in an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The operator confirmed a plan; all its groups, with those that will never be sent.
    Created(Box<Order>),
    /// Its turn came.
    Started,
    /// A request for an item is about to leave: durable before it does.
    Sending {
        /// The item.
        item: usize,
        /// Which of its steps, from 0.
        step: usize,
        /// Which attempt at the step, from 1.
        attempt: u32,
        /// How long its answer is waited for, in milliseconds: that long after it began it may still be in flight.
        /// Earlier versions did not record it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<u64>,
    },
    /// The attempt ended: what the gateway claims.
    Answered {
        /// The item.
        item: usize,
        /// What the gateway said.
        claim: Claim,
        /// Why it failed, in the gateway's words, where it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
    },
    /// The gateway took nothing of the attempt, and the item waits for its turn again.
    PutBack {
        /// The item.
        item: usize,
        /// Why.
        failure: Failure,
    },
    /// A listing is being read for these items.
    LookBegan {
        /// The items that wait for it.
        items: Vec<usize>,
    },
    /// A listing was read: what it shows of these items.
    Looked {
        /// The items, each with what the listing shows of it.
        seen: Vec<(usize, Shows)>,
    },
    /// All looks are taken, nothing shows the wanted state: the item waits for one more attempt.
    TryingAgain {
        /// The item.
        item: usize,
    },
    /// A step is verified, and the item waits for its next one.
    StepVerified {
        /// The item.
        item: usize,
    },
    /// What became of an item; a later one of the same item only improves it.
    ItemFinished {
        /// The item.
        item: usize,
        /// What became of it.
        outcome: Outcome,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<ItemReason>,
    },
    /// Sending is held back.
    Paused {
        /// Why.
        why: PauseReason,
    },
    /// Sending goes on.
    Resumed,
    /// The operator, or a failure that would hit all the rest, ends the sending; looks go on.
    Stopping {
        /// Why.
        why: StopReason,
    },
    /// Nothing more will happen.
    Ended,
}

/// What the operator confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What is done.
    pub verb: Verb,
    /// The community that groups are linked to, or that is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<CommunityRef>,
    /// The operation that this one takes up again, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OperationId>,
    /// Every marked group.
    pub items: Vec<OrderItem>,
}

/// One group of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The group; for leaving a community itself, the community's id as a group's.
    pub group: GroupId,
    /// Its name.
    pub name: Name,
    /// What is to be sent for it, one step after the other.
    pub steps: Vec<Step>,
    /// How many of the steps an earlier operation, which this one takes up, has done.
    #[serde(default, skip_serializing_if = "is_none")]
    pub done: usize,
    /// Whether anything is to be sent.
    pub fate: Fate,
    /// Why, for what is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What may prove a leave later.
    #[serde(default)]
    pub evidence: SeenBefore,
    /// Whether an earlier operation already sent something for it.
    #[serde(default)]
    pub sent_before: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// What the plan decided for a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is sent.
    Send,
    /// Nothing needs to be sent.
    AlreadySo,
    /// It is never sent.
    Blocked,
}

/// What was seen of a group before it is left, so that its absence afterwards can be judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenBefore {
    /// The list of groups showed it.
    pub was_listed: bool,
    /// Its details could be read.
    pub had_details: bool,
}

/// Why an item ended as it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemReason {
    /// The plan decided so.
    Plan(Reason),
    /// The gateway said so.
    Gateway(Failure),
    /// The gateway gave no reason; this is a guess.
    Guess(Guess),
    /// The gateway said yes; on a link the community's admins may have to agree first.
    MayAwaitApproval,
    /// The answers read after the attempt contradict each other.
    AnswersDiffer,
    /// No listing could be read after the attempt.
    NoListing(Failure),
    /// The gateway said yes, and has no listing that can show it.
    CannotBeShown,
    /// The group is in neither the community nor the list of groups, so nothing can be concluded.
    InNeither,
    /// It was unlinked and could not be linked: it stands in no community.
    LeftStanding,
    /// It was unlinked, and somebody else has linked it to this community since.
    MovedElsewhere(CommunityRef),
    /// The operator stopped the operation before its turn.
    Stopped,
    /// A failure that would hit all the rest stopped the operation before its turn.
    Halted(Failure),
    /// Synod ended before its turn.
    Interrupted,
}

/// Our guess at why a gateway that gives no reasons refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guess {
    /// The community holds as many groups as it may.
    CommunityFull,
    /// The group may be in another community, or the number is not its admin.
    ElsewhereOrNotAdmin,
    /// The number may not be an admin of the community.
    NotAdminOfCommunity,
    /// The last ordinary subgroup may have to stay.
    LastSubgroup,
}

/// Why sending is held back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// The operator asked for it.
    Operator,
    /// The gateway's limit of requests is used up until then.
    Budget {
        /// When sending goes on.
        until: Millis,
    },
    /// `WhatsApp` asks for fewer requests.
    Throttled {
        /// When sending goes on.
        until: Millis,
    },
    /// The gateway may still work on the last request of a Synod that ended before it was answered.
    InFlight {
        /// When its answer cannot come any more, and sending goes on.
        until: Millis,
    },
}

impl PauseReason {
    /// When the pause ends by itself; never, where the operator asked for it.
    pub fn until(&self) -> Option<Millis> {
        match self {
            Self::Operator => None,
            Self::Budget { until } | Self::Throttled { until } | Self::InFlight { until } => Some(*until),
        }
    }
}

/// Why sending ends before all items were sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The operator asked for it.
    Operator,
    /// A failure that would hit all the rest.
    Failure(Failure),
    /// Refused for the same reason so often that the rest would be too.
    Alike(Failure),
    /// The community took no more although the gateway said yes.
    CommunityFull,
    /// The journal could not be written.
    Journal,
    /// Synod ended while it ran; the next one settled what was under way by reading.
    Interrupted,
}
