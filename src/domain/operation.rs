//! The state of an operation, built from its events. [`Operation::apply`] is the one fold that screen, command line, store and
//! recovery share; no other code computes totals. A [`Summary`] is the fold without the groups.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};

use super::{
    community::{CommunityRef, Subgroup},
    event::{
        Fate, ItemReason, OperationEvent, Order, OrderItem, PauseReason, Record, SeenBefore, StopReason,
    },
    failure::Failure,
    id::{GroupId, OperationId},
    instance::InstanceKey,
    name::Name,
    outcome::{Claim, Outcome, Shows},
    plan::{Reason, Step, Verb},
    time::Millis,
    writer::Writer,
};

/// The order, and the results so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Everything besides its groups; an operation can be used as its summary.
    pub summary: Summary,
    /// Its groups, in the order of the plan.
    pub items: Vec<Item>,
}

/// An operation without its groups: enough for a list of operations. The store keeps it, so the names that serde writes are a
/// format; if their meaning changes, a migration has to remove the kept ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Its number in the journal.
    pub id: OperationId,
    pub instance: InstanceKey,
    pub verb: Verb,
    /// The community that groups are linked to, or that is left.
    pub target: Option<CommunityRef>,
    /// The operation that this one follows up.
    pub parent: Option<OperationId>,
    /// When it was confirmed.
    pub created: Millis,
    /// Who confirmed it; `None` if an earlier version recorded it. The store has this beside the summary.
    #[serde(skip)]
    pub begun_by: Option<Writer>,
    /// How many groups it has.
    pub count: usize,
    /// Whether a community itself is left.
    pub leaves_community: bool,
    /// The progress of the operation.
    pub phase: Phase,
    pub ended: Option<Millis>,
    /// How many items have which outcome; maintained by the fold.
    pub totals: Totals,
    /// The sequence number of the next event.
    pub next_sequence: u64,
}

impl Deref for Operation {
    type Target = Summary;

    fn deref(&self) -> &Summary {
        &self.summary
    }
}

impl DerefMut for Operation {
    fn deref_mut(&mut self) -> &mut Summary {
        &mut self.summary
    }
}

/// The progress of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Another operation of the instance runs first.
    Waiting,
    /// It sends and reads back.
    Running,
    /// Sending is paused; read-backs continue.
    Paused(PauseReason),
    /// Nothing more is sent; read-backs continue.
    Stopping(StopReason),
    /// Nothing more will happen. Holds the reason if it stopped before everything was sent.
    Ended(Option<StopReason>),
}

/// A request of the operator to an instance's operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunControl {
    /// Finish the request in flight and send nothing else, including waiting operations; read-backs continue.
    Stop,
    /// The same, because the operator's time limit is over.
    TimeOut,
    /// Send nothing until resumed; read-backs continue.
    Pause,
    Resume,
}

/// The formats of an exported operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A table for spreadsheets.
    Csv,
    /// One event per line.
    Json,
}

/// One group of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub group: GroupId,
    pub name: Name,
    pub steps: Vec<Step>,
    /// The index of the current step.
    pub step: usize,
    pub state: ItemState,
    pub attempts: u32,
    /// Attempts at this step that ended in silence.
    pub silent_attempts: u32,
    /// The gateway's claim about the last attempt at this step.
    pub claim: Option<Claim>,
    /// Why the last attempt failed, in the gateway's words.
    pub failure: Option<Failure>,
    /// When the last attempt at this step ended; before that, when it began.
    pub attempted: Option<Millis>,
    /// The result of the last read-back.
    pub shows: Option<Shows>,
    /// Whether anything was ever sent for it, in this operation or those that it follows up.
    pub was_sent: bool,
    /// Evidence that may prove a leave.
    pub evidence: SeenBefore,
    pub outcome: Option<Outcome>,
    pub reason: Option<ItemReason>,
    /// If a community is left: its groups, which are left with it.
    pub subgroups: Vec<Subgroup>,
}

/// The progress of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// It waits for its turn.
    Queued,
    /// A request for it is under way.
    Sending,
    /// The attempt ended; a read-back is due.
    Accepted,
    /// A listing is being read, or was read and another read-back is due.
    Checking,
    // No event names this state: an event of its own reports the end.
    #[cfg_attr(test, schemars(skip))]
    Finished,
}

/// How many items have which outcome, and how many have none yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    outcomes: [usize; Outcome::ALL.len()],
    /// Items that wait for their turn.
    pub queued: usize,
    /// Items that were sent and have no outcome yet.
    pub under_way: usize,
    /// Items that a later listing may change to a better outcome.
    improvable: usize,
    /// Items that are left to be resumed if the operation ended early.
    pub resumable: usize,
}

impl Totals {
    /// How many items have this outcome.
    pub fn of(&self, outcome: Outcome) -> usize {
        self.outcomes[outcome as usize]
    }

    fn add(&mut self, item: &Item) {
        *self.place(item) += 1;
        self.improvable += usize::from(item.may_improve());
        self.resumable += usize::from(item.is_resumable());
    }

    fn remove(&mut self, item: &Item) {
        *self.place(item) -= 1;
        self.improvable -= usize::from(item.may_improve());
        self.resumable -= usize::from(item.is_resumable());
    }

    /// Adds the items of another operation.
    pub fn extend(&mut self, other: &Self) {
        for (mine, theirs) in self.outcomes.iter_mut().zip(other.outcomes) {
            *mine += theirs;
        }
        self.queued += other.queued;
        self.under_way += other.under_way;
        self.improvable += other.improvable;
        self.resumable += other.resumable;
    }

    fn place(&mut self, item: &Item) -> &mut usize {
        match (item.outcome, item.state) {
            (Some(outcome), _) => &mut self.outcomes[outcome as usize],
            (None, ItemState::Queued) => &mut self.queued,
            (None, _) => &mut self.under_way,
        }
    }

    /// How many items there are; `None` if a changed file names more than can be counted.
    fn all(&self) -> Option<usize> {
        let counts = self.outcomes.iter().chain([&self.queued, &self.under_way]);
        let all = counts.copied().try_fold(0_usize, usize::checked_add)?;
        u32::try_from(all).is_ok().then_some(all)
    }

    /// How many items have an outcome.
    pub fn finished(&self) -> usize {
        self.outcomes.iter().sum()
    }
}

impl Item {
    /// An item as ordered.
    pub(crate) fn from_order(ordered: OrderItem) -> Self {
        let outcome = match ordered.fate {
            Fate::Send => None,
            // The request that an earlier operation sent made it so.
            Fate::AlreadySo if ordered.sent_before => Some(Outcome::Verified),
            Fate::AlreadySo => Some(Outcome::AlreadySo),
            Fate::Blocked => Some(Outcome::Blocked),
            Fate::LeftOut => Some(Outcome::NotSent),
        };
        Self {
            group: ordered.group,
            name: ordered.name,
            steps: ordered.steps,
            step: ordered.done,
            state: if outcome.is_some() { ItemState::Finished } else { ItemState::Queued },
            attempts: 0,
            silent_attempts: 0,
            claim: None,
            failure: None,
            attempted: None,
            shows: None,
            was_sent: ordered.sent_before,
            evidence: ordered.evidence,
            outcome,
            reason: ordered.reason.map(ItemReason::Plan),
            subgroups: ordered.subgroups,
        }
    }

    fn look_began(&mut self) {
        if self.state == ItemState::Accepted {
            self.state = ItemState::Checking;
        }
    }

    fn sending(&mut self, step: usize, attempt: u32, at: Millis) {
        self.state = ItemState::Sending;
        self.step = step;
        self.attempts = attempt;
        self.attempted = Some(at);
        self.claim = None;
        self.failure = None;
        self.shows = None;
        self.was_sent = true;
    }

    fn step_verified(&mut self) {
        self.step += 1;
        self.state = ItemState::Queued;
        self.attempts = 0;
        self.silent_attempts = 0;
        self.claim = None;
        self.failure = None;
        self.attempted = None;
        self.shows = None;
    }

    /// The current step.
    pub fn current_step(&self) -> Option<&Step> {
        self.steps.get(self.step)
    }

    /// Whether an earlier step took it out of its community, so that it may be in none now.
    pub fn was_unlinked(&self) -> bool {
        matches!(self.step.checked_sub(1).and_then(|before| self.steps.get(before)), Some(Step::Unlink(_)))
    }

    /// Whether a later listing may still change it to a better outcome.
    pub fn may_improve(&self) -> bool {
        self.outcome.is_some_and(Outcome::may_improve) && !self.has_next_step()
    }

    /// Whether it was not sent, or its result is unknown and something may still show it.
    pub fn is_resumable(&self) -> bool {
        match self.outcome {
            Some(Outcome::NotSent) => !self.was_left_out(),
            Some(Outcome::Unknown) => self.reason != Some(ItemReason::CannotBeShown),
            _ => false,
        }
    }

    /// Whether somebody has to look at it: it failed, or it was not sent although the operator chose to send it.
    pub fn needs_somebody(&self) -> bool {
        match self.outcome {
            Some(Outcome::Refused | Outcome::Contradicted | Outcome::Unknown) => true,
            Some(Outcome::NotSent) => !self.was_left_out(),
            Some(Outcome::Blocked) => !matches!(self.reason, Some(ItemReason::Plan(Reason::NotTicked(_)))),
            Some(Outcome::Verified | Outcome::AlreadySo) | None => false,
        }
    }

    /// Whether the operator left it out of the plan.
    pub fn was_left_out(&self) -> bool {
        self.reason == Some(ItemReason::Plan(Reason::LeftOut))
    }

    /// Whether a step follows the current one.
    pub fn has_next_step(&self) -> bool {
        self.step + 1 < self.steps.len()
    }
}

impl Phase {
    /// The phase after this event; `None` if the phase does not change.
    pub fn after(&self, event: &OperationEvent) -> Option<Self> {
        let is_open = !matches!(self, Self::Stopping(_) | Self::Ended(_));
        match event {
            OperationEvent::Started | OperationEvent::Resumed if is_open => Some(Self::Running),
            OperationEvent::Paused { why } if is_open => Some(Self::Paused(why.clone())),
            OperationEvent::Stopping { why } => Some(Self::Stopping(why.clone())),
            OperationEvent::Ended => Some(Self::Ended(match self {
                Self::Stopping(why) => Some(why.clone()),
                _ => None,
            })),
            _ => None,
        }
    }
}

/// Calls `change` for each item that an event changes, with the item's position and the change.
pub fn changes(event: &OperationEvent, at: Millis, mut change: impl FnMut(usize, &dyn Fn(&mut Item))) {
    match event {
        OperationEvent::LookBegan { items } => items.iter().for_each(|item| change(*item, &Item::look_began)),
        OperationEvent::Looked { seen } => {
            for (item, shows) in seen {
                change(*item, &|item| item.shows = Some(*shows));
            }
        }
        OperationEvent::Sending { item, step, attempt, .. } => {
            change(*item, &|item| item.sending(*step, *attempt, at));
        }
        OperationEvent::Answered { item, claim, failure } => change(*item, &|item| {
            item.state = ItemState::Accepted;
            item.claim = Some(*claim);
            item.failure.clone_from(failure);
            item.silent_attempts += u32::from(*claim == Claim::Silence);
            item.attempted = Some(at);
        }),
        OperationEvent::PutBack { item, failure } => change(*item, &|item| {
            item.state = ItemState::Queued;
            item.failure = Some(failure.clone());
        }),
        OperationEvent::TryingAgain { item } => change(*item, &|item| item.state = ItemState::Queued),
        OperationEvent::StepVerified { item } => change(*item, &Item::step_verified),
        OperationEvent::ItemFinished { item, outcome, reason } => change(*item, &|item| {
            item.state = ItemState::Finished;
            item.outcome = Some(*outcome);
            item.reason.clone_from(reason);
        }),
        OperationEvent::Created(_)
        | OperationEvent::Started
        | OperationEvent::Paused { .. }
        | OperationEvent::Resumed
        | OperationEvent::Stopping { .. }
        | OperationEvent::Ended => {}
    }
}

impl Operation {
    /// The operation that a `Created` event begins; `None` for any other event.
    pub fn begin(record: &Record) -> Option<Self> {
        let OperationEvent::Created(order) = &record.event else { return None };
        let Order { verb, target, parent, items } = order.as_ref().clone();
        let items: Vec<Item> = items.into_iter().map(Item::from_order).collect();
        let mut totals = Totals::default();
        for item in &items {
            totals.add(item);
        }
        let leaves = |item: &Item| matches!(item.steps.first(), Some(Step::LeaveCommunity(_)));
        let summary = Summary {
            id: record.operation,
            instance: record.instance.clone(),
            verb,
            target,
            parent,
            created: record.at,
            begun_by: record.writer.clone(),
            count: items.len(),
            leaves_community: items.iter().any(leaves),
            phase: Phase::Waiting,
            ended: None,
            totals,
            next_sequence: record.sequence + 1,
        };
        Some(Self { summary, items })
    }

    /// Applies the next event. Ignores events for items that it does not have. Takes time proportional to the items that the
    /// event names, not to all items of the operation. Ignores events that it has already applied, so the same event may arrive
    /// twice.
    pub fn apply(&mut self, record: &Record) {
        if record.sequence < self.next_sequence {
            return;
        }
        self.next_sequence = record.sequence + 1;
        if let Some(phase) = self.phase.after(&record.event) {
            self.phase = phase;
        }
        if record.event == OperationEvent::Ended {
            self.ended = Some(record.at);
        }
        let Self { items, summary } = self;
        changes(&record.event, record.at, |at, change| {
            if let Some(item) = items.get_mut(at) {
                summary.totals.remove(item);
                change(item);
                summary.totals.add(item);
            }
        });
    }

    /// Whether it holds this group and may still send something for it or read it back.
    pub fn holds(&self, group: &GroupId) -> bool {
        self.is_live() && self.items.iter().any(|item| item.outcome.is_none() && item.group == *group)
    }
}

impl Summary {
    /// Whether its counts fit each other, as those of a changed file may not.
    pub fn is_plausible(&self) -> bool {
        self.totals.all() == Some(self.count)
    }

    /// Whether somebody has to look at it: it is paused, or it has ended with items that were not done.
    pub fn needs_attention(&self) -> bool {
        let failed = [Outcome::Refused, Outcome::Contradicted, Outcome::Unknown];
        let has_failed = failed.into_iter().any(|outcome| self.totals.of(outcome) > 0);
        match self.phase {
            Phase::Paused(_) => true,
            Phase::Ended(_) => has_failed || self.totals.resumable > 0,
            Phase::Waiting | Phase::Running | Phase::Stopping(_) => false,
        }
    }

    /// Whether it has an item that a later listing may change to a better outcome.
    pub fn may_improve(&self) -> bool {
        self.totals.improvable > 0
    }

    /// Whether more events may follow.
    pub fn is_live(&self) -> bool {
        !matches!(self.phase, Phase::Ended(_))
    }

    /// Whether it ended because Synod did, or because the journal could not be written: another operation can resume the items
    /// that it did not send.
    pub fn was_interrupted(&self) -> bool {
        matches!(self.phase, Phase::Ended(Some(StopReason::Interrupted | StopReason::Journal)))
    }
}
