//! The plan: what Synod would do to each marked group, computed before it sends anything.
//!
//! This module holds the types of the plan, and `wish` those of the request. `rules` decides, `estimate` counts, `again` turns an
//! earlier operation into a request, `change` gives the origin and the destination of a group, `needs` lists what a plan must read,
//! and `recheck` re-evaluates items that waited for their turn. The rules are those of `docs/operations.md`.

pub mod again;
pub mod change;
pub mod estimate;
mod needs;
pub mod reason;
pub mod recheck;
mod rules;
pub mod verb;
mod wish;

pub use needs::Needs;
pub use reason::Reason;
pub use verb::{Step, Verb};
pub use wish::{Earlier, Mark, Origin, Request, Task, Want, Wish};

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    capability::Capabilities,
    community::{CommunityRef, Subgroup},
    directory::Directory,
    event::{Fate, Order, OrderItem, SeenBefore},
    failure::Failure,
    id::{CommunityId, GroupId, OperationId},
    name::Name,
    reading::Readings,
    time::Millis,
};

/// The inputs of a plan.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    pub readings: &'a Readings,
    pub directory: &'a Directory,
    /// The gateway's capabilities.
    pub capabilities: &'a Capabilities,
    /// How many ordinary subgroups a community can hold.
    pub subgroup_limit: usize,
    /// Groups in operations that are running or waiting.
    pub busy: &'a BTreeMap<GroupId, OperationId>,
    /// The operator skipped the checks that were still outstanding.
    pub skipped: bool,
    pub now: Millis,
}

/// What Synod would do to each marked group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub request: Request,
    /// The target's name, if there is a target.
    pub target: Option<CommunityRef>,
    /// One row per marked group, in the order of the marks.
    pub rows: Vec<Row>,
    /// The target's capacity, for links and moves.
    pub capacity: Option<Capacity>,
    /// The capacity of every community that groups would be linked to, if its listing could be read.
    pub capacities: Vec<(CommunityId, Capacity)>,
    /// The reason why the whole plan cannot run.
    pub obstacle: Option<Obstacle>,
    /// When the plan was made.
    pub made: Millis,
}

/// One group of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub group: GroupId,
    pub name: Name,
    /// The steps of the group, starting with those already done.
    pub steps: Vec<Step>,
    /// How many of the steps the earlier operation has already done, if this plan follows one up.
    pub done: usize,
    /// The heading that the row belongs under.
    pub head: Head,
    /// All the reasons for the heading, most important first.
    pub reasons: Vec<Reason>,
    /// Remarks that do not affect the heading.
    pub remarks: Vec<Remark>,
    /// For a risky row: whether the operator ticked it.
    pub ticked: bool,
    /// Evidence that may prove a leave later.
    pub evidence: SeenBefore,
    /// The earlier operation that this one retries or resumes has already sent something for it.
    pub sent_before: bool,
    /// If a community is left: its groups, which are left with it.
    pub subgroups: Vec<Subgroup>,
}

/// The four headings of a plan. The names are part of the plan file's format and of the JSON output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Head {
    WillDo,
    /// It will be sent only if the operator ticks it.
    Risky,
    /// It is never sent.
    Blocked,
    /// There is nothing to send.
    AlreadySo,
}

/// A remark on a row that does not affect its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// There is no invite link, so there is no way back.
    NoWayBack,
    /// The role of the number in the group is unknown.
    RoleUnknown,
    /// The number also leaves this many subgroups.
    LeavesSubgroups(usize),
}

/// Why a whole plan cannot run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Synod is in read-only mode.
    ReadOnly,
    /// The gateway would refuse everything.
    Gateway(Failure),
    /// The target's listing could not be read.
    TargetUnread(Failure),
}

/// How full a community is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// The current number of ordinary subgroups.
    pub now: usize,
    /// The listing may be incomplete, so the number is a minimum.
    pub at_least: bool,
    pub limit: usize,
}

impl Row {
    /// Whether the plan, as it stands, sends this row.
    pub fn is_sent(&self) -> bool {
        match self.head {
            Head::WillDo => true,
            Head::Risky => self.ticked,
            Head::Blocked | Head::AlreadySo => false,
        }
    }

    /// Whether the mark key may act on this kind of row; [`Plan::can_toggle`] decides whether it does now.
    pub fn can_toggle(&self) -> bool {
        match self.head {
            Head::Risky => true,
            Head::Blocked => {
                matches!(self.reasons.first(), Some(Reason::OverLimit | Reason::LastSubgroup))
            }
            Head::WillDo | Head::AlreadySo => false,
        }
    }
}

impl Plan {
    /// Whether nothing that was read says which community a group is in, or that it is in none.
    pub fn is_unplaced(group: &GroupId, directory: &Directory) -> bool {
        needs::is_unplaced(group, directory)
    }

    /// Whether Synod first searches all communities for a group that is to be linked and whose place is unknown. If there are
    /// many communities, the search would use up the token's budget for minutes, so the place stays unknown.
    pub fn seeks(group: &GroupId, directory: &Directory) -> bool {
        needs::is_unplaced(group, directory) && directory.communities().len() <= needs::MOST_SOUGHT
    }

    /// Puts every marked group under its heading.
    pub fn make(request: Request, basis: Basis<'_>) -> Self {
        rules::make(request, basis)
    }

    /// The verb whose consequences the plan has: if no row that it sends needs both steps of a move, it only links or unlinks.
    pub fn effect(&self) -> Verb {
        let left = self
            .rows
            .iter()
            .filter(|row| row.is_sent())
            .map(|row| &row.steps[row.done.min(row.steps.len())..]);
        let moves = left.clone().any(|steps| matches!(steps, [Step::Unlink(_), Step::Link(_)]));
        match (self.request.verb, left.flatten().next()) {
            (Verb::Move, Some(Step::Link(_))) if !moves => Verb::Link,
            (Verb::Move, Some(Step::Unlink(_))) if !moves => Verb::Unlink,
            (verb, _) => verb,
        }
    }

    /// The rows under a heading.
    pub fn under(&self, head: Head) -> impl Iterator<Item = (usize, &Row)> {
        self.rows.iter().enumerate().filter(move |(_, row)| row.head == head)
    }

    /// How many groups the plan sends as it stands.
    pub fn sent(&self) -> usize {
        if self.obstacle.is_some() { 0 } else { self.rows.iter().filter(|row| row.is_sent()).count() }
    }

    /// How many groups the plan changes as it stands; a community that is left counts with its groups instead of itself.
    pub fn changed(&self) -> usize {
        if self.request.leaves_community() && self.sent() > 0 {
            self.rows.iter().filter(|row| row.is_sent()).map(|row| row.subgroups.len()).sum()
        } else {
            self.sent()
        }
    }

    /// Ticks a risky row, unless its community would exceed the limit, or unticks it. Swaps a row that is blocked only because
    /// not all rows fit with the last *will do* row that can give way.
    pub fn toggle(&mut self, at: usize) {
        let Some(row) = self.rows.get(at).filter(|row| row.can_toggle()) else { return };
        if row.head == Head::Risky {
            self.rows[at].ticked = !self.rows[at].ticked;
            if self.rows[at].ticked && self.overfull(at) {
                self.rows[at].ticked = false;
            }
            return;
        }
        let why = row.reasons.clone();
        if let Some(other) = self.gives_way_to(at) {
            let (rule, risks) = (why[0].clone(), why[1..].to_vec());
            // Its other risks remain; swapping it in counts as ticking it.
            self.rows[at].head = if risks.is_empty() { Head::WillDo } else { Head::Risky };
            self.rows[at].ticked = !risks.is_empty();
            self.rows[at].reasons = risks;
            self.rows[other].head = Head::Blocked;
            self.rows[other].reasons.insert(0, rule);
        }
    }

    /// Whether pressing the mark key on this row changes the plan as it stands.
    pub fn can_toggle(&self, at: usize) -> bool {
        let Some(row) = self.rows.get(at).filter(|row| row.can_toggle()) else { return false };
        row.head == Head::Risky || self.gives_way_to(at).is_some()
    }

    /// The last *will do* row that can give way to a row that does not fit.
    fn gives_way_to(&self, at: usize) -> Option<usize> {
        let row = &self.rows[at];
        let is_last_rule = row.reasons.first() == Some(&Reason::LastSubgroup);
        self.rows.iter().rposition(|other| {
            // The last-subgroup rule applies per source, the limit per target.
            let is_alike = if is_last_rule {
                other.steps.first() == row.steps.first()
            } else {
                other.link_target() == row.link_target()
            };
            other.head == Head::WillDo && is_alike
        })
    }

    /// Copies what the operator ticked and swapped in an older plan for the same request, if it still applies.
    pub fn take_choices(&mut self, older: &Self) {
        for before in &older.rows {
            let Some(at) = self.rows.iter().position(|row| row.group == before.group) else { continue };
            let row = &self.rows[at];
            let was_swapped_in = before.head == Head::WillDo && row.head == Head::Blocked;
            let was_ticked = before.head == Head::Risky
                && row.head == Head::Risky
                && before.ticked != row.ticked
                && before.reasons == row.reasons;
            if was_ticked || (was_swapped_in && row.can_toggle()) {
                self.toggle(at);
            }
        }
    }

    /// Whether this plan would send exactly what the other would.
    pub fn would_send_the_same(&self, other: &Self) -> bool {
        let sent = |plan: &Self| -> Vec<(GroupId, Vec<Step>, usize)> {
            if plan.obstacle.is_some() {
                return Vec::new();
            }
            let rows = plan.rows.iter().filter(|row| row.is_sent());
            rows.map(|row| (row.group.clone(), row.steps.clone(), row.subgroups.len())).collect()
        };
        sent(self) == sent(other)
    }

    /// Whether the community that a row links to would exceed its limit.
    fn overfull(&self, at: usize) -> bool {
        let Some(target) = self.rows[at].link_target() else { return false };
        let links = self.rows.iter().filter(|row| row.is_sent() && row.link_target() == Some(target)).count();
        let capacity = self.capacities.iter().find(|(community, _)| community.same_as(target));
        capacity.is_some_and(|(_, capacity)| capacity.now + links > capacity.limit)
    }

    /// How many groups would be linked.
    pub fn links(&self) -> usize {
        self.rows.iter().filter(|row| row.is_sent() && row.link_target().is_some()).count()
    }

    /// The order that the engine carries out.
    pub fn order(&self) -> Order {
        let items = self.rows.iter().map(Row::order).collect();
        Order { verb: self.request.verb, target: self.target.clone(), parent: self.request.parent, items }
    }

    /// The groups that are sent.
    pub fn sent_groups(&self) -> BTreeSet<&GroupId> {
        self.rows.iter().filter(|row| row.is_sent()).map(|row| &row.group).collect()
    }
}

impl Row {
    /// The community that the row would be linked to.
    pub fn link_target(&self) -> Option<&CommunityId> {
        self.steps.iter().find_map(|step| match step {
            Step::Link(community) => Some(community),
            _ => None,
        })
    }

    fn order(&self) -> OrderItem {
        let first = || self.reasons.first().cloned();
        let (fate, reason) = match self.head {
            Head::AlreadySo => (Fate::AlreadySo, first()),
            Head::Blocked => (Fate::Blocked, first()),
            Head::Risky if !self.ticked => {
                (Fate::Blocked, first().map(|why| Reason::NotTicked(Box::new(why))))
            }
            Head::WillDo | Head::Risky => (Fate::Send, None),
        };
        OrderItem {
            group: self.group.clone(),
            name: self.name.clone(),
            steps: self.steps.clone(),
            done: self.done,
            fate,
            reason,
            evidence: self.evidence,
            sent_before: self.sent_before,
            subgroups: self.subgroups.clone(),
        }
    }
}
