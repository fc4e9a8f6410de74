//! What would be done to each marked group, before anything is sent.
//!
//! This module holds the types; `rules` decides, `estimate` counts, `again` turns an earlier operation into a request,
//! `change` says from where to where a group goes, `needs` says what is to be read, `recheck` judges anew what waited for its
//! turn. The rules are those of `docs/operations.md`.

pub mod again;
pub mod change;
pub mod estimate;
mod needs;
pub mod recheck;
mod rules;

pub use needs::Needs;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    capability::Capabilities,
    community::CommunityRef,
    directory::Directory,
    event::{Fate, Order, OrderItem, SeenBefore},
    failure::Failure,
    id::{CommunityId, GroupId, OperationId},
    instance::InstanceKey,
    name::Name,
    reading::Readings,
    time::Millis,
};

/// The four verbs, and what undoes the last of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Link groups to a community.
    Link,
    /// Unlink groups from the communities that they are in.
    Unlink,
    /// Unlink groups from one community, then link them to another.
    Move,
    /// Leave groups, or one community itself.
    Leave,
    /// Join groups again that were left, by the invite links that were kept.
    Rejoin,
}

/// One request's worth of work for a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Link the group to this community.
    Link(CommunityId),
    /// Unlink the group from this community.
    Unlink(CommunityId),
    /// Leave the group.
    Leave,
    /// Leave this community itself, and with it its subgroups.
    LeaveCommunity(CommunityId),
    /// Join the group by the invite link that was kept of it.
    Join,
}

/// A group that the operator marked, with where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The group.
    pub group: GroupId,
    /// Its name.
    pub name: Name,
    /// The community in whose subgroups it was marked; `None` for the other panes.
    pub source: Option<CommunityId>,
    /// What is wanted of this group in particular, where an earlier operation is taken up.
    pub again: Option<Again>,
}

/// What is wanted of one group of a plan that takes up an earlier operation, where groups may differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// What is done with this group.
    pub verb: Verb,
    /// The community to link it to, on a link or a move.
    pub target: Option<CommunityId>,
    /// An earlier operation, which this one retries or resumes, already sent something for it.
    pub sent_before: bool,
    /// The gateway refused what is undone, and it was so all the same: somebody else may have done it.
    pub may_be_others: bool,
}

/// What the operator asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The instance.
    pub instance: InstanceKey,
    /// The verb.
    pub verb: Verb,
    /// The community to link to, or, for leaving a community itself, that community.
    pub target: Option<CommunityId>,
    /// The marked groups; none when a community itself is left.
    pub marks: Vec<Mark>,
    /// Leave the target itself, alone.
    pub leaves_community: bool,
    /// The operation that is retried, resumed or undone.
    pub parent: Option<OperationId>,
}

impl Request {
    /// What is done with a mark.
    pub fn verb_of(&self, mark: &Mark) -> Verb {
        mark.again.as_ref().map_or(self.verb, |again| again.verb)
    }
}

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    /// What was read afresh.
    pub readings: &'a Readings,
    /// What was read before.
    pub directory: &'a Directory,
    /// What the gateway can do.
    pub capabilities: &'a Capabilities,
    /// How many ordinary subgroups a community takes.
    pub subgroup_limit: usize,
    /// Groups in operations that run or wait.
    pub busy: &'a BTreeMap<GroupId, OperationId>,
    /// The operator skipped the checks that were not done yet.
    pub skipped: bool,
    /// Now.
    pub now: Millis,
}

/// What would be done to each marked group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What was asked for.
    pub request: Request,
    /// The target's name where there is a target.
    pub target: Option<CommunityRef>,
    /// One row a marked group, in the order of the marks.
    pub rows: Vec<Row>,
    /// The target's capacity, on links and moves.
    pub capacity: Option<Capacity>,
    /// The capacity of every community that groups would be linked to, where its listing could be read.
    pub capacities: Vec<(CommunityId, Capacity)>,
    /// What keeps the whole plan from running.
    pub obstacle: Option<Obstacle>,
    /// When it was made.
    pub made: Millis,
}

/// One group of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The group.
    pub group: GroupId,
    /// Its name.
    pub name: Name,
    /// What would be sent, after what is done.
    pub steps: Vec<Step>,
    /// How many of the steps an earlier operation, which is taken up, has done.
    pub done: usize,
    /// Under which head it stands.
    pub head: Head,
    /// Why: every reason that was found, the weightiest first.
    pub reasons: Vec<Reason>,
    /// Remarks that change nothing but should be known.
    pub remarks: Vec<Remark>,
    /// For a risky row: the operator ticked it.
    pub ticked: bool,
    /// What may prove a leave later.
    pub evidence: SeenBefore,
    /// An earlier operation, which this one retries or resumes, already sent something for it.
    pub sent_before: bool,
}

/// The four heads of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Head {
    /// It will be sent.
    WillDo,
    /// It is sent only when ticked.
    Risky,
    /// It is never sent.
    Blocked,
    /// There is nothing to send.
    AlreadySo,
}

/// Why a row stands where it stands. The names are a format of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// An announcements group can be neither linked nor unlinked, nor left by itself.
    AnnouncementsGroup,
    /// A community cannot be linked, unlinked or left among groups.
    IsCommunity,
    /// The gateway has no call that leaves a community.
    NoCallToLeaveCommunity,
    /// It is in another community: a move would take it.
    InOtherCommunity(CommunityRef),
    /// Somebody else has moved it to this community since it was marked, or since the operation that is taken up.
    MovedElsewhere(CommunityRef),
    /// It is shown in the community that it is to be linked to and in this one too: the gateway contradicts itself.
    ListedTwice(CommunityRef),
    /// No answer says which community it is in, nor that it is in none.
    PlaceUnknown,
    /// The community would hold more groups than it may.
    OverLimit,
    /// A community keeps at least one ordinary subgroup.
    LastSubgroup,
    /// The last ordinary subgroup may be refused.
    LastSubgroupMayBeRefused,
    /// The number is not an admin of the group.
    NotAdmin,
    /// The number is not an admin of the community: the link may become a suggestion to its admins.
    NotAdminOfCommunity,
    /// The number is the only admin of the group.
    OnlyAdmin,
    /// It is neither in the community nor in the list of groups.
    InNeither,
    /// Another operation that runs or waits holds it.
    InOperation(OperationId),
    /// It is in the community already.
    AlreadyIn,
    /// It is not in the community.
    NotIn,
    /// It is in no community.
    InNoCommunity,
    /// The number is not in it.
    NotMember,
    /// It was not checked: it may be a community, which would take the number out of all its groups.
    NotChecked,
    /// The gateway refused what is to be undone: somebody else may have done it.
    MayBeOthers,
    /// The gateway knows no such group, and nothing has ever shown it.
    NoSuchGroup,
    /// No answer says whether it is an ordinary group or an announcements group.
    KindUnknown,
    /// Whether it is a community could not be read.
    ProbeFailed(Failure),
    /// The gateway says that it is not a community, and there is no known community and no known ordinary group to check that
    /// answer against.
    ProbeUnreliable,
    /// What its details say could not be read.
    DetailsFailed(Failure),
    /// The listing of the community that it is in could not be read.
    SourceUnread(Failure),
    /// The listing of the community that it is to be linked to could not be read.
    TargetUnread(Failure),
    /// The number is in it already.
    AlreadyMember,
    /// No invite link of it was kept.
    NoInviteLink,
    /// The operator did not tick it.
    NotTicked(Box<Reason>),
}

/// A remark on a row that does not decide where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// There is no invite link: there is no way back.
    NoWayBack,
    /// What the number is in the group is not known.
    RoleUnknown,
    /// Its subgroups are left too.
    LeavesSubgroups(usize),
}

/// What keeps a whole plan from running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Synod was told to write nothing.
    ReadOnly,
    /// The gateway would refuse everything.
    Gateway(Failure),
    /// The target's listing could not be read.
    TargetUnread(Failure),
    /// No community was chosen.
    NoTarget,
}

/// How full the target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Ordinary subgroups now.
    pub now: usize,
    /// The listing may not show all of them.
    pub at_least: bool,
    /// How many it takes.
    pub limit: usize,
}

impl Row {
    /// Whether the row is sent as the plan stands.
    pub fn is_sent(&self) -> bool {
        match self.head {
            Head::WillDo => true,
            Head::Risky => self.ticked,
            Head::Blocked | Head::AlreadySo => false,
        }
    }

    /// Whether the mark key on the row may change the plan: [`Plan::can_toggle`] tells whether it does now.
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

    /// Whether a group that is to be linked, and that nothing places, is looked for in all communities first. Where
    /// there are many that would use up the token's budget for minutes, and its place stays unknown.
    pub fn seeks(group: &GroupId, directory: &Directory) -> bool {
        needs::is_unplaced(group, directory) && directory.communities().len() <= needs::MOST_SOUGHT
    }

    /// Puts every marked group under its head.
    pub fn make(request: Request, basis: Basis<'_>) -> Self {
        rules::make(request, basis)
    }

    /// The rows under a head.
    pub fn under(&self, head: Head) -> impl Iterator<Item = (usize, &Row)> {
        self.rows.iter().enumerate().filter(move |(_, row)| row.head == head)
    }

    /// How many groups are sent as the plan stands.
    pub fn sent(&self) -> usize {
        if self.obstacle.is_some() { 0 } else { self.rows.iter().filter(|row| row.is_sent()).count() }
    }

    /// Ticks a risky row, or swaps a row that is blocked only because not all of them fit with the last one that
    /// is sent in its stead.
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
            // What else is risky about it stays so, and swapping it in is the tick.
            self.rows[at].head = if risks.is_empty() { Head::WillDo } else { Head::Risky };
            self.rows[at].ticked = !risks.is_empty();
            self.rows[at].reasons = risks;
            self.rows[other].head = Head::Blocked;
            self.rows[other].reasons.insert(0, rule);
        }
    }

    /// Whether pressing the mark key on a row changes the plan as it stands.
    pub fn can_toggle(&self, at: usize) -> bool {
        let Some(row) = self.rows.get(at).filter(|row| row.can_toggle()) else { return false };
        row.head == Head::Risky || self.gives_way_to(at).is_some()
    }

    /// The last row that is sent and could stay in the stead of a row that does not fit.
    fn gives_way_to(&self, at: usize) -> Option<usize> {
        let row = &self.rows[at];
        let is_last_rule = row.reasons.first() == Some(&Reason::LastSubgroup);
        self.rows.iter().rposition(|other| {
            // The rule of the last subgroup holds for each source by itself, that of the limit for each target.
            let is_alike = if is_last_rule {
                other.steps.first() == row.steps.first()
            } else {
                other.link_target() == row.link_target()
            };
            other.head == Head::WillDo && is_alike
        })
    }

    /// Takes over what the operator ticked and swapped in an older plan for the same request, where it still
    /// applies.
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

    /// Whether this plan would send just what the other would.
    pub fn would_send_the_same(&self, other: &Self) -> bool {
        let sent = |plan: &Self| -> Vec<(GroupId, Vec<Step>)> {
            if plan.obstacle.is_some() {
                return Vec::new();
            }
            let rows = plan.rows.iter().filter(|row| row.is_sent());
            rows.map(|row| (row.group.clone(), row.steps.clone())).collect()
        };
        sent(self) == sent(other)
    }

    /// Whether the community that a row is linked to would hold too many.
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

    /// What the engine is to carry out.
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
        }
    }
}
